use super::Invalid;
use super::text::Line;

/// An identity number or another text that must never be stored, queued or logged. It can be read from JSON but not
/// written to it, and only [`Secret::expose`] shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Line);

impl Secret {
    /// # Errors
    /// As for a line of text: `blank`, `too_long`, or `unprintable`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Line::parse(text).map(Self)
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::newtype::deserialize_text(deserializer, Self::parse)
    }
}
