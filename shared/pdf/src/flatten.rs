//! Turning fields into page content.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use lopdf::{Object, ObjectId};

use crate::appearance::{Style, draw_text};
use crate::document::Document;
use crate::error::PdfError;
use crate::fill::{Entry, Value, check};
use crate::form::{Field, FieldKind, Widget};

/// Operators for a page, and the XObjects they name.
type Drawing = (Vec<u8>, Vec<(String, ObjectId)>);

/// Which fields [`Document::flatten`] turns into page content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flatten<'a> {
    All,
    Only(&'a [&'a str]),
}

impl Document {
    /// Draws fields into their pages and takes them out of the form, so that they can no longer be edited. What a field shows
    /// stays exactly as it was; hidden boxes vanish.
    ///
    /// # Errors
    /// [`PdfError::UnknownFields`] for names the form does not have; nothing is changed then.
    pub fn flatten(&mut self, which: Flatten<'_>) -> Result<(), PdfError> {
        let form = self.form.clone();
        let chosen: Vec<usize> = match which {
            Flatten::All => (0..form.fields.len()).collect(),
            Flatten::Only(names) => {
                let unknown: Vec<_> = names
                    .iter()
                    .filter(|name| !form.by_name.contains_key(**name))
                    .map(ToString::to_string)
                    .collect();
                if !unknown.is_empty() {
                    return Err(PdfError::UnknownFields(unknown));
                }
                names
                    .iter()
                    .filter_map(|name| form.by_name.get(*name).copied())
                    .collect()
            }
        };
        let mut gone = HashSet::new();
        let mut by_page: BTreeMap<usize, Drawing> = BTreeMap::new();
        for field in chosen.iter().filter_map(|&index| form.fields.get(index)) {
            gone.extend(field.holders.iter().copied());
            for widget in &field.widgets {
                gone.insert(widget.id);
                let Some(page) = widget.page else { continue };
                if let Some((look, matrix)) = self.look(field, widget) {
                    let (operators, xobjects) = by_page.entry(page).or_default();
                    let name = format!("Flat{}", look.0);
                    let [a, b, c, d, e, f] = matrix;
                    operators
                        .extend_from_slice(format!("q {a} {b} {c} {d} {e} {f} cm /{name} Do Q\n").as_bytes());
                    xobjects.push((name, look));
                }
            }
        }
        for (page, (operators, xobjects)) in by_page {
            if let Ok(id) = self.page_id(page) {
                self.draw(id, &operators, &[], &xobjects);
            }
        }
        self.remove_fields(&gone, which == Flatten::All);
        let form = Arc::make_mut(&mut self.form);
        let mut index = 0;
        let chosen: HashSet<usize> = chosen.into_iter().collect();
        form.fields.retain(|_| {
            index += 1;
            !chosen.contains(&(index - 1))
        });
        form.reindex();
        Ok(())
    }

    /// The drawing a widget shows now, and the matrix that puts it on the page (ISO 32000-1, 12.5.5).
    fn look(&mut self, field: &Field, widget: &Widget) -> Option<(ObjectId, [f32; 6])> {
        const HIDDEN: i64 = 2;
        const NO_VIEW: i64 = 32;
        let dict = self.dict(widget.id)?;
        let flags = self
            .get(dict, b"F")
            .and_then(|flags| flags.as_i64().ok())
            .unwrap_or(0);
        if flags & (HIDDEN | NO_VIEW) != 0 {
            return None;
        }
        if !self.get_dict(dict, b"AP").is_some_and(|looks| looks.has(b"N"))
            && matches!(field.kind, FieldKind::Text | FieldKind::Choice)
            && !field.value.is_empty()
            && let Ok(Entry::Text { codes, .. }) = check(field, Value::Text(&field.value))
        {
            draw_text(
                self,
                field,
                &Style::parse(field.appearance.as_deref()),
                widget.id,
                widget.rect,
                &codes,
            );
        }
        let dict = self.dict(widget.id)?;
        let looks = self.get_dict(dict, b"AP")?;
        let mut look = looks.get(b"N").ok()?;
        if let Some(Object::Dictionary(states)) = self.resolve(look) {
            let state = self
                .get(dict, b"AS")
                .and_then(|state| state.as_name().ok())
                .unwrap_or(b"Off");
            look = states.get(state).ok()?;
        }
        let id = look.as_reference().ok()?;
        let Some(Object::Stream(stream)) = self.object(id) else {
            return None;
        };
        let bbox = stream
            .dict
            .get(b"BBox")
            .ok()
            .and_then(|bbox| self.rectangle(bbox))?;
        let matrix: [f32; 6] = self
            .get_array(&stream.dict, b"Matrix")
            .and_then(|parts| {
                parts
                    .iter()
                    .map(|part| part.as_float().ok())
                    .collect::<Option<Vec<_>>>()
            })
            .and_then(|parts| parts.try_into().ok())
            .unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let corners = [
            (bbox[0], bbox[1]),
            (bbox[2], bbox[1]),
            (bbox[0], bbox[3]),
            (bbox[2], bbox[3]),
        ]
        .map(|(x, y)| {
            (
                matrix[0] * x + matrix[2] * y + matrix[4],
                matrix[1] * x + matrix[3] * y + matrix[5],
            )
        });
        let edge = |pick: fn(f32, f32) -> f32, of: fn(&(f32, f32)) -> f32| {
            corners.iter().map(of).reduce(pick).unwrap_or(0.0)
        };
        let (left, right) = (
            edge(f32::min, |corner| corner.0),
            edge(f32::max, |corner| corner.0),
        );
        let (bottom, top) = (
            edge(f32::min, |corner| corner.1),
            edge(f32::max, |corner| corner.1),
        );
        let [x0, y0, x1, y1] = widget.rect;
        let scale_x = if right - left > f32::EPSILON {
            (x1 - x0) / (right - left)
        } else {
            1.0
        };
        let scale_y = if top - bottom > f32::EPSILON {
            (y1 - y0) / (top - bottom)
        } else {
            1.0
        };
        Some((
            id,
            [
                scale_x,
                0.0,
                0.0,
                scale_y,
                x0 - left * scale_x,
                y0 - bottom * scale_y,
            ],
        ))
    }

    /// Takes fields and their boxes out of the pages and out of the form.
    fn remove_fields(&mut self, gone: &HashSet<ObjectId>, all: bool) {
        for page in self.pages.clone().iter() {
            let Some(kept) = self.without(*page, b"Annots", gone) else {
                continue;
            };
            if let Some(dict) = self.dict_mut(*page) {
                if kept.is_empty() {
                    dict.remove(b"Annots");
                } else {
                    dict.set("Annots", kept);
                }
            }
        }
        let root = self.root;
        if all {
            if let Some(root) = self.dict_mut(root) {
                root.remove(b"AcroForm");
            }
            return;
        }
        // A parent that loses its last child goes too, and so on upwards; each round has fewer left to go.
        let mut gone = gone.clone();
        let mut fresh: Vec<ObjectId> = gone.iter().copied().collect();
        while !fresh.is_empty() {
            let parents: BTreeSet<_> = fresh
                .drain(..)
                .filter_map(|id| self.dict(id)?.get(b"Parent").and_then(Object::as_reference).ok())
                .filter(|parent| !gone.contains(parent))
                .collect();
            for parent in parents {
                let Some(kept) = self.without(parent, b"Kids", &gone) else {
                    continue;
                };
                if kept.is_empty() && gone.insert(parent) {
                    fresh.push(parent);
                }
                if let Some(dict) = self.dict_mut(parent) {
                    dict.set("Kids", kept);
                }
            }
        }
        let form = self
            .catalog()
            .and_then(|catalog| self.get_dict(catalog, b"AcroForm"))
            .cloned();
        if let Some(mut form) = form {
            let roots = self.get_array(&form, b"Fields").unwrap_or_default();
            let kept: Vec<_> = roots
                .iter()
                .filter(|root| !names_one_of(root, &gone))
                .cloned()
                .collect();
            form.set("Fields", kept);
            let form = self.add(form);
            if let Some(root) = self.dict_mut(root) {
                root.set("AcroForm", form);
            }
        }
    }

    /// A list of references without those in `gone`; `None` if there is no list or none of them is in it.
    fn without(&self, owner: ObjectId, list: &[u8], gone: &HashSet<ObjectId>) -> Option<Vec<Object>> {
        let items = self.get_array(self.dict(owner)?, list)?;
        let kept: Vec<_> = items
            .iter()
            .filter(|item| !names_one_of(item, gone))
            .cloned()
            .collect();
        (kept.len() < items.len()).then_some(kept)
    }
}

fn names_one_of(item: &Object, ids: &HashSet<ObjectId>) -> bool {
    item.as_reference().is_ok_and(|id| ids.contains(&id))
}
