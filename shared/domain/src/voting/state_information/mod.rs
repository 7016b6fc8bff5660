//! What the states ask and offer: about ninety texts per state, edited by election staff and read by the tools, the mails
//! and the public (spec 2.9, 5.8).
//!
//! The catalogue of fields is data, not code: staff add fields while the service runs. Code names only the few slugs it
//! acts on.

use std::collections::BTreeMap;

use super::codes::FieldFormat;
use crate::Invalid;
use crate::person::{Language, Slug, StateCode, WebUrl, parse_date};

pub mod import;
mod ovr_link;
pub use ovr_link::{OvrPartner, knows_partners};

/// One kind of information, such as the deadline to register by mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldType {
    pub slug: Slug,
    pub long_name: String,
    pub format: FieldFormat,
}

/// Most characters one text may have.
pub const MAX_TEXT: usize = 100_000;

/// Checks a text against its field's format. The empty text means "not known" and suits every format.
///
/// # Errors
/// `too_long`; `boolean` unless `True` or `False`; `url`; `date` unless `YYYY-MM-DD`; `unprintable` for a NUL.
pub fn check(format: FieldFormat, text: &str) -> Result<(), Invalid> {
    if text.is_empty() {
        return Ok(());
    }
    if text.len() > MAX_TEXT * 4 || text.chars().count() > MAX_TEXT {
        return Err(Invalid::too_long(MAX_TEXT));
    }
    if text.contains('\0') {
        return Err(Invalid::UNPRINTABLE);
    }
    match format {
        FieldFormat::Markdown => Ok(()),
        FieldFormat::Boolean if matches!(text, "True" | "False") => Ok(()),
        FieldFormat::Boolean => Err(Invalid::new("boolean", "Use True, False or nothing.")),
        FieldFormat::Url => WebUrl::parse(text).map(drop),
        FieldFormat::Date => parse_date(text).map(drop),
    }
}

/// The typed `value` the public API adds to a boolean field; nothing for other formats. Unknown is false.
#[must_use]
pub fn boolean_value(format: FieldFormat, text: &str) -> Option<bool> {
    (format == FieldFormat::Boolean).then_some(text == "True")
}

/// All texts of one state, by slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateInformation {
    pub state: StateCode,
    pub texts: BTreeMap<String, String>,
}

impl StateInformation {
    /// A text, trimmed; nothing where it is missing or empty.
    #[must_use]
    pub fn text(&self, slug: &str) -> Option<&str> {
        self.texts
            .get(slug)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    }

    /// Whether a boolean field is `True`, in any case of letters.
    #[must_use]
    pub fn is_true(&self, slug: &str) -> bool {
        self.text(slug)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Whether the state mails a ballot to everyone.
    #[must_use]
    pub fn vbm_universal(&self) -> bool {
        self.is_true("vbm_universal")
    }

    /// When a mailed registration form is due, as a sentence to print (spec 5.4). The state's own words are quoted in
    /// English, the only language they are kept in.
    #[must_use]
    pub fn registration_deadline_sentence(&self, language: Language) -> String {
        let Some(text) = self.text("registration_deadline_mail") else {
            return match language {
                Language::En => "Mail your form as soon as possible.".to_owned(),
                Language::Es => "Envíe su formulario lo antes posible.".to_owned(),
            };
        };
        let deadline = text.trim_end_matches('.');
        let (first, rest) = deadline.split_once(char::is_whitespace).unwrap_or((deadline, ""));
        let rest = rest.trim();
        match (first.to_lowercase().as_str(), language) {
            (word @ ("postmarked" | "received"), Language::En) => {
                format!("Your form must be {}.", format!("{word} {rest}").trim())
            }
            ("postmarked", Language::Es) => {
                format!("Su formulario debe llevar matasellos a más tardar: {rest}.")
            }
            ("received", Language::Es) => format!("Su formulario debe recibirse a más tardar: {rest}."),
            (_, Language::En) => format!("Your form must arrive by {deadline}."),
            (_, Language::Es) => format!("Su formulario debe llegar a más tardar: {deadline}."),
        }
    }

    /// Where to mail the registration form, line by line; empty where the state names no address.
    #[must_use]
    pub fn mail_to_lines(&self) -> Vec<&str> {
        let address = self
            .text("registration_nvrf_submission_address")
            .unwrap_or_default();
        address
            .lines()
            .map(|line| line.trim().trim_end_matches('\\').trim_end())
            .filter(|line| !line.is_empty())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn information(slug: &str, text: &str) -> StateInformation {
        let texts = BTreeMap::from([(slug.to_owned(), text.to_owned())]);
        StateInformation {
            state: StateCode::parse("MA").unwrap(),
            texts,
        }
    }

    #[test]
    fn texts_suit_their_format_or_are_empty() {
        use FieldFormat as F;
        for (format, text, ok) in [
            (F::Boolean, "True", true),
            (F::Boolean, "true", false),
            (F::Boolean, "", true),
            (F::Url, "https://vote.example.gov", true),
            (F::Url, "vote.example.gov", false),
            (F::Date, "2026-10-05", true),
            (F::Date, "October 5", false),
            (F::Markdown, "**Bring** an ID", true),
            (F::Markdown, "a\0b", false),
        ] {
            assert_eq!(check(format, text).is_ok(), ok, "{format} {text}");
        }
        assert!(check(F::Markdown, &"é".repeat(MAX_TEXT)).is_ok());
        assert!(check(F::Markdown, &"é".repeat(MAX_TEXT + 1)).is_err());
        assert_eq!(boolean_value(F::Boolean, "True"), Some(true));
        assert_eq!(boolean_value(F::Boolean, ""), Some(false));
        assert_eq!(boolean_value(F::Markdown, "True"), None);
    }

    #[test]
    fn the_deadline_reads_as_a_sentence() {
        for (text, sentence) in [
            (
                "Postmarked 15 days before Election Day.",
                "Your form must be postmarked 15 days before Election Day.",
            ),
            (
                "received 29 days before Election Day",
                "Your form must be received 29 days before Election Day.",
            ),
            (
                "10 days before Election Day",
                "Your form must arrive by 10 days before Election Day.",
            ),
            ("Received", "Your form must be received."),
            ("  ", "Mail your form as soon as possible."),
        ] {
            assert_eq!(
                information("registration_deadline_mail", text).registration_deadline_sentence(Language::En),
                sentence
            );
        }
        let spanish = information("registration_deadline_mail", "Postmarked October 5")
            .registration_deadline_sentence(Language::Es);
        assert_eq!(
            spanish,
            "Su formulario debe llevar matasellos a más tardar: October 5."
        );
    }

    #[test]
    fn the_address_is_cut_into_lines() {
        let ma = information(
            "registration_nvrf_submission_address",
            "Elections Division\\\r\n\r\n One Example Place \nBoston, MA 02108",
        );
        assert_eq!(
            ma.mail_to_lines(),
            ["Elections Division", "One Example Place", "Boston, MA 02108"]
        );
        assert!(information("x", "y").mail_to_lines().is_empty());
    }
}
