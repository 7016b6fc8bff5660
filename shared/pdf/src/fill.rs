//! Putting values into fields.

use lopdf::Object;

use crate::appearance::{Style, draw_mark, draw_states, draw_text};
use crate::document::Document;
use crate::error::PdfError;
use crate::form::{Field, FieldKind};
use crate::text::{clean, win_ansi};

/// What goes into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// For text and choice fields.
    Text(&'a str),
    /// For a check box with one on-state.
    Check(bool),
    /// The state of a radio button or of a check box with several, or what a choice field offers. Empty clears it.
    Choice(&'a str),
}

/// How strict [`Document::fill`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FillOptions {
    /// Pass over names that the form does not have, instead of refusing them.
    pub ignore_unknown: bool,
}

impl Document {
    /// Sets fields and draws them. Texts are cleaned ([`clean`]) and cut to the field's length. An XFA twin of the form, usage
    /// rights and the viewer's own redrawing are switched off, so that what was drawn here is what every viewer shows.
    ///
    /// # Errors
    /// [`PdfError::UnknownFields`] with every unknown name, [`PdfError::WrongValue`] for the first value that does not suit.
    /// Nothing is changed then.
    pub fn fill<'a>(
        &mut self,
        values: impl IntoIterator<Item = (&'a str, Value<'a>)>,
        options: FillOptions,
    ) -> Result<(), PdfError> {
        let mut unknown = Vec::new();
        let mut work = Vec::new();
        for (name, value) in values {
            match self.form.by_name.get(name) {
                Some(&index) => work.push((index, value)),
                None if options.ignore_unknown => {}
                None => unknown.push(name.to_owned()),
            }
        }
        if !unknown.is_empty() {
            return Err(PdfError::UnknownFields(unknown));
        }
        let form = self.form.clone();
        let mut checked = Vec::with_capacity(work.len());
        for (index, value) in work {
            if let Some(field) = form.fields.get(index) {
                checked.push((field, check(field, value)?));
            }
        }
        self.settle_form();
        for (field, entry) in checked {
            self.enter(field, entry);
        }
        Ok(())
    }

    /// Takes out what would make a viewer show something else than the fields' drawn values.
    pub(crate) fn settle_form(&mut self) {
        let Some(catalog) = self.catalog() else { return };
        let usage_rights = catalog.has(b"Perms");
        let stale = |form: &lopdf::Dictionary| form.has(b"XFA") || form.has(b"NeedAppearances");
        match catalog.get(b"AcroForm") {
            Ok(Object::Reference(id)) => {
                let id = *id;
                if self.dict(id).is_some_and(stale)
                    && let Some(form) = self.dict_mut(id)
                {
                    form.remove(b"XFA");
                    form.remove(b"NeedAppearances");
                }
            }
            Ok(Object::Dictionary(form)) if stale(form) => {
                let root = self.root;
                if let Some(Object::Dictionary(form)) = self
                    .dict_mut(root)
                    .and_then(|root| root.get_mut(b"AcroForm").ok())
                {
                    form.remove(b"XFA");
                    form.remove(b"NeedAppearances");
                }
            }
            _ => {}
        }
        if usage_rights {
            let root = self.root;
            if let Some(root) = self.dict_mut(root) {
                root.remove(b"Perms");
            }
        }
    }

    fn enter(&mut self, field: &Field, entry: Entry) {
        match entry {
            Entry::Text { text, codes } => {
                self.set_value(field, &lopdf::text_string(&text));
                let style = Style::parse(field.appearance.as_deref());
                for widget in &field.widgets {
                    draw_text(self, field, &style, widget.id, widget.rect, &codes);
                }
            }
            Entry::State(state) => {
                let drawn = field.widgets.iter().any(|widget| widget.on_name.is_some());
                self.set_value(field, &Object::Name(state.clone()));
                for widget in &field.widgets {
                    let ticked = match &widget.on_name {
                        Some(name) => *name == state,
                        None if drawn => false,
                        None => {
                            let name = if state == b"Off" { b"On".as_slice() } else { &state };
                            draw_states(self, widget.id, widget.rect, name);
                            state != b"Off"
                        }
                    };
                    if ticked && widget.on_name.is_some() {
                        draw_mark(self, widget.id, &state);
                    }
                    let name = if ticked { state.clone() } else { b"Off".to_vec() };
                    if let Some(dict) = self.dict_mut(widget.id) {
                        dict.set("AS", Object::Name(name));
                    }
                }
            }
        }
    }

    fn set_value(&mut self, field: &Field, value: &Object) {
        for &holder in &field.holders {
            if let Some(dict) = self.dict_mut(holder) {
                dict.set("V", value.clone());
                // A rich-text twin would win over the value in some viewers.
                dict.remove(b"RV");
            }
        }
        for widget in field
            .widgets
            .iter()
            .filter(|widget| !field.holders.contains(&widget.id))
        {
            if self.dict(widget.id).is_some_and(|dict| dict.has(b"V"))
                && let Some(dict) = self.dict_mut(widget.id)
            {
                dict.remove(b"V");
            }
        }
    }
}

pub(crate) enum Entry {
    Text { text: String, codes: Vec<u8> },
    State(Vec<u8>),
}

/// Whether a value suits a field, and what is to be entered.
pub(crate) fn check(field: &Field, value: Value<'_>) -> Result<Entry, PdfError> {
    let wrong = |why: String| PdfError::WrongValue {
        field: field.name.clone(),
        why,
    };
    match (field.kind, value) {
        (FieldKind::Text | FieldKind::Unknown, Value::Text(text)) => {
            let mut text = clean(text);
            if !field.multiline {
                text = text.replace('\n', " ");
            }
            if let Some(length) = field.max_length
                && let Some((cut, _)) = text.char_indices().nth(length)
            {
                text.truncate(cut);
            }
            let codes = win_ansi(&text);
            Ok(Entry::Text { text, codes })
        }
        (FieldKind::Choice, Value::Text(text) | Value::Choice(text)) => {
            let text = clean(text).replace('\n', " ");
            let offered = field
                .options
                .iter()
                .find(|(value, shown)| *value == text || *shown == text);
            match offered {
                Some((value, shown)) => Ok(Entry::Text {
                    text: value.clone(),
                    codes: win_ansi(&clean(shown)),
                }),
                None if field.editable || field.options.is_empty() || text.is_empty() => {
                    let codes = win_ansi(&text);
                    Ok(Entry::Text { text, codes })
                }
                None => Err(wrong("the value is not among its options".into())),
            }
        }
        (FieldKind::Checkbox | FieldKind::Radio, Value::Check(false)) => Ok(Entry::State(b"Off".to_vec())),
        (FieldKind::Checkbox | FieldKind::Radio, Value::Choice("")) => Ok(Entry::State(b"Off".to_vec())),
        (FieldKind::Checkbox | FieldKind::Radio, Value::Check(true)) => match field.on_states().as_slice() {
            [] => Ok(Entry::State(b"On".to_vec())),
            [_] => Ok(Entry::State(
                field
                    .widgets
                    .iter()
                    .find_map(|widget| widget.on_name.clone())
                    .unwrap_or_default(),
            )),
            states => Err(wrong(format!("has {} states; name one of them", states.len()))),
        },
        (FieldKind::Checkbox | FieldKind::Radio, Value::Choice(state)) => {
            let export = field.options.iter().position(|(value, _)| value == state);
            let found = field
                .widgets
                .iter()
                .find(|widget| widget.on_state.as_deref() == Some(state))
                .or_else(|| export.and_then(|index| field.widgets.get(index)))
                .and_then(|widget| widget.on_name.clone());
            found
                .map(Entry::State)
                .ok_or_else(|| wrong("it has no such state".into()))
        }
        (kind, _) => Err(wrong(format!(
            "a {} does not take this kind of value",
            kind_name(kind)
        ))),
    }
}

pub(crate) fn kind_name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text field",
        FieldKind::Checkbox => "check box",
        FieldKind::Radio => "radio button",
        FieldKind::Choice => "choice field",
        FieldKind::Button => "push button",
        FieldKind::Signature => "signature field",
        FieldKind::Unknown => "field of unknown type",
    }
}
