//! The fields of a form (ISO 32000-1, 12.7): found once when the file is opened, tolerant of what real forms get wrong.

use std::collections::{BTreeMap, HashMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId};

use crate::document::{Document, Limits, name_text, text_of};
use crate::error::PdfError;

/// What kind of thing a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    Checkbox,
    Radio,
    Choice,
    Button,
    Signature,
    /// No type, or one the standard does not know.
    Unknown,
}

/// A field: one value, shown in one or several boxes.
#[derive(Clone, Debug)]
pub struct Field {
    /// Fully qualified name, the names of its parents and its own joined with dots.
    pub name: String,
    pub kind: FieldKind,
    pub read_only: bool,
    pub required: bool,
    pub multiline: bool,
    /// One cell per character; only together with `max_length`.
    pub comb: bool,
    /// In characters.
    pub max_length: Option<usize>,
    /// What a choice field offers, as (value, shown text).
    pub options: Vec<(String, String)>,
    /// Whether a choice field also takes a text that it does not offer.
    pub editable: bool,
    /// The description that viewers show and screen readers speak.
    pub tooltip: Option<String>,
    /// The value in the file; for check boxes and radio buttons the name of the state.
    pub value: String,
    pub widgets: Vec<Widget>,
    /// Dictionaries that carry the value; more than one where a file has two fields of one name.
    pub(crate) holders: Vec<ObjectId>,
    pub(crate) appearance: Option<String>,
    pub(crate) quadding: i64,
}

impl Field {
    /// The states other than `Off` that its boxes can take, without repetition. Empty where the file draws none.
    #[must_use]
    pub fn on_states(&self) -> Vec<&str> {
        let mut states: Vec<&str> = Vec::new();
        for state in self
            .widgets
            .iter()
            .filter_map(|widget| widget.on_state.as_deref())
        {
            if !states.contains(&state) {
                states.push(state);
            }
        }
        states
    }
}

/// One box of a field on a page.
#[derive(Clone, Debug)]
pub struct Widget {
    /// Counted from 1; `None` for a box that no page shows.
    pub page: Option<usize>,
    /// Left, bottom, right, top, in points from the bottom left.
    pub rect: [f32; 4],
    /// The state that ticks this box.
    pub on_state: Option<String>,
    pub(crate) id: ObjectId,
    /// The `/AP /N` key of `on_state` as written in the file.
    pub(crate) on_name: Option<Vec<u8>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub(crate) fields: Vec<Field>,
    pub(crate) by_name: HashMap<String, usize>,
}

impl Form {
    pub(crate) fn read(document: &Document, limits: &Limits) -> Result<Form, PdfError> {
        let mut reader = Reader {
            document,
            limits,
            page_of: pages_of_annotations(document),
            seen: HashSet::new(),
            form: Form::default(),
            boxes: 0,
        };
        let mut defaults = Inherited::default();
        if let Some(form) = document
            .catalog()
            .and_then(|catalog| document.get_dict(catalog, b"AcroForm"))
        {
            defaults = defaults.with(document, form);
            let roots = document.get_array(form, b"Fields").unwrap_or_default();
            reader.walk(
                roots.iter().filter_map(|root| root.as_reference().ok()).collect(),
                &defaults,
            )?;
        }
        // Boxes on pages that the form's own list forgot; sorted, so that the order does not depend on hashing.
        let pages = reader
            .page_of
            .iter()
            .map(|(&id, &page)| (page, id))
            .collect::<BTreeMap<_, _>>();
        let orphans: Vec<_> = pages
            .into_values()
            .filter(|id| !reader.seen.contains(id))
            .filter(|&id| {
                document
                    .dict(id)
                    .is_some_and(|dict| is_widget(document, dict) && dict.has(b"T") && dict.has(b"FT"))
            })
            .collect();
        reader.walk(orphans, &defaults)?;
        Ok(reader.form)
    }

    pub(crate) fn reindex(&mut self) {
        self.by_name = self
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| (field.name.clone(), index))
            .collect();
    }
}

impl Document {
    /// The fields in the order of the file.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.form.fields
    }

    /// The field with this fully qualified name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.form
            .by_name
            .get(name)
            .and_then(|&index| self.form.fields.get(index))
    }
}

fn is_widget(document: &Document, dict: &Dictionary) -> bool {
    document
        .get(dict, b"Subtype")
        .and_then(|name| name.as_name().ok())
        == Some(b"Widget")
}

fn pages_of_annotations(document: &Document) -> BTreeMap<ObjectId, (usize, usize)> {
    let mut out = BTreeMap::new();
    for (index, &page) in document.pages.iter().enumerate() {
        let annotations = document
            .dict(page)
            .and_then(|page| document.get_array(page, b"Annots"))
            .unwrap_or_default();
        for (position, annotation) in annotations.iter().enumerate() {
            if let Ok(id) = annotation.as_reference() {
                out.entry(id).or_insert((index + 1, position));
            }
        }
    }
    out
}

/// What a field has from its parents (ISO 32000-1, 12.7.3.1).
#[derive(Clone, Default)]
struct Inherited {
    name: String,
    kind: Option<Vec<u8>>,
    flags: i64,
    value: String,
    max_length: Option<usize>,
    options: Vec<(String, String)>,
    appearance: Option<String>,
    quadding: i64,
    tooltip: Option<String>,
}

impl Inherited {
    fn with(&self, document: &Document, dict: &Dictionary) -> Inherited {
        let mut own = self.clone();
        if let Some(part) = document.get(dict, b"T").and_then(text_of) {
            if !own.name.is_empty() {
                own.name.push('.');
            }
            own.name.push_str(&part);
        }
        let integer = |key| document.get(dict, key).and_then(|value| value.as_i64().ok());
        if let Some(kind) = document.get(dict, b"FT").and_then(|kind| kind.as_name().ok()) {
            own.kind = Some(kind.to_vec());
        }
        own.flags = integer(b"Ff").unwrap_or(own.flags);
        own.quadding = integer(b"Q").unwrap_or(own.quadding);
        if let Some(length) = integer(b"MaxLen") {
            own.max_length = usize::try_from(length).ok().filter(|&length| length > 0);
        }
        if let Some(value) = document.get(dict, b"V").and_then(text_of) {
            own.value = value;
        }
        if let Some(appearance) = document.get(dict, b"DA").and_then(text_of) {
            own.appearance = Some(appearance);
        }
        if let Some(tooltip) = document.get(dict, b"TU").and_then(text_of) {
            own.tooltip = Some(tooltip);
        }
        if let Some(options) = document.get_array(dict, b"Opt") {
            own.options = options
                .iter()
                .take(4096)
                .filter_map(|option| pair(document, option))
                .collect();
        }
        own
    }

    fn flag(&self, bit: u32) -> bool {
        self.flags >> (bit - 1) & 1 == 1
    }

    fn field(self, id: ObjectId) -> Field {
        let kind = match self.kind.as_deref() {
            Some(b"Tx") => FieldKind::Text,
            Some(b"Ch") => FieldKind::Choice,
            Some(b"Sig") => FieldKind::Signature,
            Some(b"Btn") if self.flag(17) => FieldKind::Button,
            Some(b"Btn") if self.flag(16) => FieldKind::Radio,
            Some(b"Btn") => FieldKind::Checkbox,
            _ => FieldKind::Unknown,
        };
        let text = kind == FieldKind::Text;
        Field {
            read_only: self.flag(1),
            required: self.flag(2),
            multiline: text && self.flag(13),
            comb: text && self.flag(25) && self.max_length.is_some() && !self.flag(13),
            editable: kind == FieldKind::Choice && self.flag(19),
            name: self.name,
            kind,
            max_length: self.max_length,
            options: self.options,
            tooltip: self.tooltip,
            value: self.value,
            widgets: Vec::new(),
            holders: vec![id],
            appearance: self.appearance,
            quadding: self.quadding,
        }
    }
}

fn pair(document: &Document, option: &Object) -> Option<(String, String)> {
    match document.resolve(option)? {
        Object::Array(both) => {
            let value = text_of(document.resolve(both.first()?)?)?;
            let shown = both
                .get(1)
                .and_then(|shown| document.resolve(shown))
                .and_then(text_of);
            Some((value.clone(), shown.unwrap_or(value)))
        }
        single => text_of(single).map(|value| (value.clone(), value)),
    }
}

struct Reader<'a> {
    document: &'a Document,
    limits: &'a Limits,
    page_of: BTreeMap<ObjectId, (usize, usize)>,
    seen: HashSet<ObjectId>,
    form: Form,
    boxes: usize,
}

impl Reader<'_> {
    fn walk(&mut self, roots: Vec<ObjectId>, defaults: &Inherited) -> Result<(), PdfError> {
        let mut stack: Vec<_> = roots
            .into_iter()
            .rev()
            .map(|id| (id, defaults.clone(), 0))
            .collect();
        while let Some((id, inherited, depth)) = stack.pop() {
            if depth > self.limits.depth {
                return Err(PdfError::TooMuch {
                    what: "levels of fields",
                    limit: self.limits.depth,
                });
            }
            let Some(dict) = self.document.dict(id).filter(|_| self.seen.insert(id)) else {
                continue;
            };
            let own = inherited.with(self.document, dict);
            let kids: Vec<_> = self
                .document
                .get_array(dict, b"Kids")
                .unwrap_or_default()
                .iter()
                .filter_map(|kid| kid.as_reference().ok())
                .collect();
            let (fields, boxes): (Vec<_>, Vec<_>) = kids
                .into_iter()
                .partition(|&kid| self.document.dict(kid).is_some_and(|kid| kid.has(b"T")));
            if fields.is_empty() {
                let boxes = if boxes.is_empty() { vec![id] } else { boxes };
                self.add(id, own, &boxes)?;
            } else {
                stack.extend(fields.into_iter().rev().map(|kid| (kid, own.clone(), depth + 1)));
                if stack.len() > self.limits.objects {
                    return Err(PdfError::TooMuch {
                        what: "fields",
                        limit: self.limits.fields,
                    });
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, id: ObjectId, own: Inherited, boxes: &[ObjectId]) -> Result<(), PdfError> {
        let mut field = own.field(id);
        if field.name.is_empty() {
            return Ok(());
        }
        for &widget in boxes {
            if widget != id && !self.seen.insert(widget) {
                continue;
            }
            let Some(dict) = self.document.dict(widget) else {
                continue;
            };
            let Some(rect) = dict
                .get(b"Rect")
                .ok()
                .and_then(|rect| self.document.rectangle(rect))
            else {
                continue;
            };
            // A child box may bring its own look; the first one speaks for the field.
            if widget != id && field.appearance.is_none() {
                field.appearance = self.document.get(dict, b"DA").and_then(text_of);
            }
            let on_name = self.on_name(dict);
            field.widgets.push(Widget {
                page: self.page_of.get(&widget).map(|&(page, _)| page),
                rect,
                on_state: on_name.as_deref().map(name_text),
                id: widget,
                on_name,
            });
        }
        self.boxes += field.widgets.len().max(1);
        if self.boxes > self.limits.fields {
            return Err(PdfError::TooMuch {
                what: "fields",
                limit: self.limits.fields,
            });
        }
        match self
            .form
            .by_name
            .get(&field.name)
            .and_then(|&index| self.form.fields.get_mut(index))
        {
            Some(same) => {
                same.widgets.append(&mut field.widgets);
                same.holders.append(&mut field.holders);
            }
            None => {
                self.form
                    .by_name
                    .insert(field.name.clone(), self.form.fields.len());
                self.form.fields.push(field);
            }
        }
        Ok(())
    }

    fn on_name(&self, widget: &Dictionary) -> Option<Vec<u8>> {
        let looks = self.document.get_dict(widget, b"AP")?;
        let state_of = |key: &[u8]| {
            let Some(Object::Dictionary(states)) = self.document.get(looks, key) else {
                return None;
            };
            states
                .iter()
                .map(|(name, _)| name)
                .find(|name| name.as_slice() != b"Off")
                .cloned()
        };
        state_of(b"N").or_else(|| state_of(b"D"))
    }
}
