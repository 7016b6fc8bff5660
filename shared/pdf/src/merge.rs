//! Joining documents: cover, form and envelope sheet become one file.
//!
//! Clones of one form share what none of them changed — fonts, images, the printed page — so that twenty filled copies of a
//! form of 600 KB joined are still a file of little more than that.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use lopdf::{Dictionary, Object, ObjectId, dictionary};

use crate::document::{Base, Document, Limits, Objects, as_dict, text_of};
use crate::error::PdfError;
use crate::save::references;

/// How top fields of equal names are kept apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// Only the later one is renamed, by its document's number.
    WhereTaken,
    /// Every one is renamed, by its running number.
    Numbered,
}

impl Document {
    /// One document with the pages of all in order. Form fields are kept; where a later document has a top field of a name
    /// already taken, it is renamed with the document's number ("city" → "city (2)"). Title and language are those
    /// of the first. Outlines, named places and structure of the parts are dropped.
    ///
    /// # Errors
    /// [`PdfError::Damaged`] for no documents; [`PdfError::TooMuch`] where the whole passes the default [`Limits`] times the
    /// number of documents.
    pub fn merge(documents: &[Document]) -> Result<Document, PdfError> {
        Document::join(documents, Naming::WhereTaken)
    }

    /// As [`Document::merge`], with every top field renamed to its name and its place among the top fields of all documents,
    /// counted from 0 ("city" → "city_7"): no viewer takes two of them for one.
    ///
    /// # Errors
    /// As [`Document::merge`].
    pub fn merge_numbered(documents: &[Document]) -> Result<Document, PdfError> {
        Document::join(documents, Naming::Numbered)
    }

    fn join(documents: &[Document], naming: Naming) -> Result<Document, PdfError> {
        let mut objects = Objects::new();
        let mut next = 1_u32;
        let (catalog_id, tree_id, form_id) = ((next, 0), (next + 1, 0), (next + 2, 0));
        next += 3;
        let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => tree_id };
        let mut pages: Vec<Object> = Vec::new();
        let mut roots: Vec<Object> = Vec::new();
        let mut fonts = Dictionary::new();
        let mut taken: HashSet<String> = HashSet::new();
        let mut info = None;
        if documents.is_empty() {
            return Err(PdfError::Damaged("there is nothing to merge".into()));
        }
        let mut shared: HashMap<*const Base, BTreeMap<ObjectId, ObjectId>> = HashMap::new();
        for (position, document) in documents.iter().enumerate() {
            let reachable = document.reachable();
            let own = document.own(&reachable);
            let known = shared.entry(Arc::as_ptr(&document.base)).or_default();
            let mut numbers: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
            for old in reachable {
                let mut fresh = || {
                    next += 1;
                    (next - 1, 0)
                };
                let new = if own.contains(&old) {
                    fresh()
                } else {
                    *known.entry(old).or_insert_with(fresh)
                };
                numbers.insert(old, new);
            }
            let moved = |object: &Object| renumber(object, &numbers);
            for &page in document.pages.iter() {
                let (Some(dict), Some(&id)) = (document.dict(page), numbers.get(&page)) else {
                    continue;
                };
                let mut dict = dict.clone();
                for key in ["Resources", "MediaBox", "CropBox", "Rotate"] {
                    if let Some(value) = document.inherited(page, key.as_bytes()) {
                        dict.set(key, value.clone());
                    }
                }
                dict.remove(b"StructParents");
                dict.remove(b"Parent");
                let mut dict = moved(&Object::Dictionary(dict));
                if let Object::Dictionary(dict) = &mut dict {
                    dict.set("Parent", tree_id);
                }
                objects.insert(id, dict);
                pages.push(id.into());
            }
            let source = document.catalog().cloned().unwrap_or_default();
            // The old tree and catalog stay behind: nothing of the new document leads there.
            for (&old, &new) in &numbers {
                if old != document.root
                    && !objects.contains_key(&new)
                    && let Some(object) = document.object(old)
                {
                    objects.insert(new, moved(object));
                }
            }
            if let Some(form) = document.get_dict(&source, b"AcroForm") {
                for root in document.get_array(form, b"Fields").unwrap_or_default() {
                    let Some(&id) = root.as_reference().ok().as_ref().and_then(|id| numbers.get(id)) else {
                        continue;
                    };
                    if let Some(Object::Dictionary(field)) = objects.get_mut(&id) {
                        let name = field.get(b"T").ok().and_then(text_of).unwrap_or_default();
                        if naming == Naming::Numbered {
                            field.set("T", lopdf::text_string(&format!("{name}_{}", roots.len())));
                        } else if !taken.insert(name.clone()) {
                            let renamed = (position + 1..)
                                .map(|number| format!("{name} ({number})"))
                                .find(|name| !taken.contains(name));
                            let renamed = renamed.unwrap_or(name);
                            field.set("T", lopdf::text_string(&renamed));
                            taken.insert(renamed);
                        }
                        // Defaults of the form that the merged one may not share.
                        for key in ["DA", "Q"] {
                            if let (false, Ok(value)) = (field.has(key.as_bytes()), form.get(key.as_bytes()))
                            {
                                field.set(key, renumber(value, &numbers));
                            }
                        }
                    }
                    roots.push(id.into());
                }
                let resources = document
                    .get_dict(form, b"DR")
                    .and_then(|resources| document.get_dict(resources, b"Font"));
                for (name, font) in resources.into_iter().flat_map(Dictionary::iter) {
                    if !fonts.has(name) {
                        fonts.set(name.clone(), moved(font));
                    }
                }
            }
            if position == 0 {
                info = document.info.and_then(|id| numbers.get(&id)).copied();
                for key in ["Lang", "ViewerPreferences"] {
                    if let Some(value) = document.get(&source, key.as_bytes()) {
                        catalog.set(key, moved(value));
                    }
                }
            }
        }
        objects.insert(
            tree_id,
            Object::Dictionary(
                dictionary! { "Type" => "Pages", "Count" => pages.len() as i64, "Kids" => pages },
            ),
        );
        if !roots.is_empty() {
            let form = dictionary! { "Fields" => roots, "DR" => dictionary! { "Font" => fonts }, "DA" => Object::string_literal("/Helv 0 Tf 0 g") };
            objects.insert(form_id, Object::Dictionary(form));
            catalog.set("AcroForm", form_id);
        }
        objects.insert(catalog_id, Object::Dictionary(catalog));
        // Each part was within the limits when it was opened.
        let (one, count) = (Limits::default(), documents.len());
        let limits = Limits {
            objects: one.objects * count,
            pages: one.pages * count,
            fields: one.fields * count,
            ..one
        };
        Document::from_objects(objects, catalog_id, info, &limits)
    }

    /// What cannot be shared with another clone: what was changed, pages, fields and the catalog, and all that leads there.
    fn own(&self, reachable: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
        let mut leads_here: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
        for &id in reachable {
            if let Some(object) = self.object(id) {
                references(object, &mut |to| leads_here.entry(to).or_default().push(id));
            }
        }
        let fields = &self.form.fields;
        let mut stack: Vec<ObjectId> = self.changed.keys().copied().collect();
        stack.push(self.root);
        stack.extend(self.pages.iter());
        stack.extend(fields.iter().flat_map(|field| &field.holders));
        stack.extend(
            fields
                .iter()
                .flat_map(|field| field.widgets.iter().map(|widget| widget.id)),
        );
        let mut own = BTreeSet::new();
        while let Some(id) = stack.pop() {
            if own.insert(id) {
                stack.extend(leads_here.get(&id).into_iter().flatten());
            }
        }
        own
    }
}

fn renumber(object: &Object, numbers: &BTreeMap<ObjectId, ObjectId>) -> Object {
    let dict = |dict: &Dictionary| {
        dict.iter()
            .map(|(key, value)| (key.clone(), renumber(value, numbers)))
            .collect::<Dictionary>()
    };
    match object {
        Object::Reference(id) => numbers.get(id).map_or(Object::Null, |&id| Object::Reference(id)),
        Object::Array(items) => Object::Array(items.iter().map(|item| renumber(item, numbers)).collect()),
        Object::Dictionary(inner) => Object::Dictionary(dict(inner)),
        Object::Stream(stream) => {
            let mut copy = stream.clone();
            copy.dict = as_dict(object).map(dict).unwrap_or_default();
            Object::Stream(copy)
        }
        other => other.clone(),
    }
}
