use super::Invalid;
use super::newtype::checked_text;

/// The languages we write in.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    #[default]
    En,
    Es,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// Reads a language tag (BCP 47): only its first part counts, so `es-MX` and `ES` are Spanish.
    ///
    /// # Errors
    /// `invalid_choice` for a language we do not write in.
    pub fn parse(tag: &str) -> Result<Self, Invalid> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.as_str()))
            .ok_or_else(|| Invalid::choice(tag))
    }

    /// As [`Self::parse`], but English for everything else.
    #[must_use]
    pub fn or_default(tag: &str) -> Self {
        Self::parse(tag).unwrap_or_default()
    }

    /// The best of an `Accept-Language` header (RFC 9110 §12.5.4): the highest weight wins, the earlier of equals;
    /// English where none is ours. At most 32 entries are read.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best = (0.0_f32, Self::default());
        for entry in accept_language.split(',').take(32) {
            let (tag, parameters) = entry.split_once(';').unwrap_or((entry, ""));
            let weight = parameters
                .trim()
                .strip_prefix("q=")
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0_f32));
            if let Ok(language) = Self::parse(tag.trim())
                && weight > best.0
                && weight <= 1.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The tag: `en` or `es`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}
checked_text!(Language, shown);
