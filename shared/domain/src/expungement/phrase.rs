use std::fmt;

use crate::person::Language;

/// One text in the two languages we write in. The English of everything that travels in the search response is part of
/// the wire contract: clients compare it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Phrase {
    pub en: &'static str,
    pub es: &'static str,
}

/// Shorthand for the tables of texts.
pub(super) const fn phrase(en: &'static str, es: &'static str) -> Phrase {
    Phrase { en, es }
}

impl Phrase {
    #[must_use]
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Es => self.es,
        }
    }

    /// Writes the text with `{}` replaced by each of `values` in turn; what has no value stays empty.
    pub(super) fn fill(
        &self,
        language: Language,
        values: &[&dyn fmt::Display],
        out: &mut impl fmt::Write,
    ) -> fmt::Result {
        let mut pieces = self.in_language(language).split("{}");
        out.write_str(pieces.next().unwrap_or_default())?;
        for (index, piece) in pieces.enumerate() {
            if let Some(value) = values.get(index) {
                write!(out, "{value}")?;
            }
            out.write_str(piece)?;
        }
        Ok(())
    }

    pub(super) fn filled(&self, language: Language, values: &[&dyn fmt::Display]) -> String {
        let mut text = String::with_capacity(self.en.len() + 32);
        // Writing to a String cannot fail.
        let _ = self.fill(language, values, &mut text);
        text
    }
}
