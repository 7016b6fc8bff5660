use std::borrow::Cow;
use std::fmt;

/// Why a text could not become a value: a stable `code` for programs and translations, a sentence for people.
///
/// The message never quotes personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub code: &'static str,
    pub message: Cow<'static, str>,
}

impl Invalid {
    /// A refusal with a fixed sentence.
    #[must_use]
    pub const fn new(code: &'static str, message: &'static str) -> Self {
        Self {
            code,
            message: Cow::Borrowed(message),
        }
    }

    /// The refusal of a value outside a closed list, worded as API clients of the field know it: `"ZZ" is not a valid choice.`
    /// At most 40 characters of the given text are repeated.
    #[must_use]
    pub fn choice(given: &str) -> Self {
        const SHOWN: usize = 40;
        let mut shown: String = given.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
        if given.chars().nth(SHOWN).is_some() {
            shown.push('…');
        }
        Self {
            code: "invalid_choice",
            message: Cow::Owned(format!("\"{shown}\" is not a valid choice.")),
        }
    }

    /// The refusal of a text with nothing in it.
    pub(crate) const BLANK: Self = Self::new("blank", "This field may not be blank.");
    /// The refusal of a text with NUL, escape or other characters that do not print.
    pub(crate) const UNPRINTABLE: Self = Self::new("unprintable", "Remove the characters that do not print.");

    /// The refusal of a text that is longer than `max` characters.
    pub(crate) fn too_long(max: usize) -> Self {
        Self {
            code: "too_long",
            message: Cow::Owned(format!("Use at most {max} characters.")),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}
