//! Which blank a paper is filled into: the installed pack of its form, else a worksheet of our own.

use std::sync::Arc;

use app::Context;
use domain::{
    expungement::paperwork::{FieldValue, Form, Paper},
    person::Language,
};
use pdf::{
    Document, PdfError,
    pack::{Answer, Answers, Pack},
};
use ports::Result;

use super::worksheet;

/// Every form, in the order of [`Form`].
pub const FORMS: [Form; 5] = [
    Form::StatewideMotion,
    Form::MultnomahConviction,
    Form::MultnomahArrest,
    Form::PoliceRequest,
    Form::FeeWaiver,
];

/// What a form's pack calls its purpose (see `packs/README.md`).
#[must_use]
pub const fn purpose(form: Form) -> &'static str {
    match form {
        Form::StatewideMotion => "statewide-motion",
        Form::MultnomahConviction => "multnomah-conviction",
        Form::MultnomahArrest => "multnomah-arrest",
        Form::PoliceRequest => "police-request",
        Form::FeeWaiver => "fee-waiver",
    }
}

/// The blanks at hand. A clone shares them.
#[derive(Clone, Debug, Default)]
pub struct Blanks([Option<Arc<Pack>>; FORMS.len()]);

impl Blanks {
    /// The installed packs of these forms.
    ///
    /// # Errors
    /// As [`packs::newest`].
    pub async fn installed(cx: &Context, forms: &[Form]) -> Result<Self> {
        let mut blanks = Self::default();
        if forms.is_empty() {
            return Ok(blanks);
        }
        let mut tx = cx.db.begin_untenanted().await?;
        for &form in forms {
            if blanks.0[form as usize].is_none() {
                blanks.0[form as usize] =
                    packs::newest(&mut tx, cx.files(), "expungement", purpose(form), "OR").await?;
            }
        }
        Ok(blanks)
    }

    /// With a pack for a form.
    #[must_use]
    pub fn with(mut self, form: Form, pack: Arc<Pack>) -> Self {
        self.0[form as usize] = Some(pack);
        self
    }

    /// The paper's form with its values: the official one where its pack is installed, else our worksheet.
    ///
    /// # Errors
    /// [`PdfError`], which names fields and sizes, never values.
    pub fn fill(&self, paper: &Paper, language: Language) -> Result<Document, PdfError> {
        match &self.0[paper.form as usize] {
            Some(pack) => pack.fill_document(&answers(paper), None),
            None => worksheet::draw(paper, language),
        }
    }
}

fn answers(paper: &Paper) -> Answers {
    let answer = |(field, value): &(&str, FieldValue)| {
        let value = match value {
            FieldValue::Text(text) => Answer::Text(text.clone()),
            FieldValue::On => Answer::Flag(true),
        };
        (key(field), value)
    };
    paper.fields.iter().map(answer).collect()
}

/// A field's name as mappings write it: small letters, and every run of other characters but digits as one `_`.
#[must_use]
pub fn key(field: &str) -> String {
    let mut key = String::with_capacity(field.len());
    for c in field.chars() {
        if c.is_ascii_alphanumeric() {
            key.push(c.to_ascii_lowercase());
        } else if !key.ends_with('_') {
            key.push('_');
        }
    }
    key.truncate(key.trim_end_matches('_').len());
    key
}
