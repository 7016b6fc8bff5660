use email_address::{EmailAddress, Options};

use super::Invalid;
use super::newtype::checked_text;

/// An e-mail address: the bare address (no display name), at most 254 characters (RFC 5321 §4.5.3.1), its domain in
/// lower case and with a dot. The part before the `@` keeps its letters' case: a mail server may tell them apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Most bytes an address may have.
    pub const MAX: usize = 254;

    /// # Errors
    /// `blank`, `too_long`, or `email`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const NOT_AN_ADDRESS: Invalid =
            Invalid::new("email", "Enter an e-mail address such as name@example.org.");
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::BLANK);
        }
        if text.len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(NOT_AN_ADDRESS);
        }
        let strict = Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        EmailAddress::parse_with_options(text, strict).map_err(|_| NOT_AN_ADDRESS)?;
        let (local, domain) = text.rsplit_once('@').ok_or(NOT_AN_ADDRESS)?;
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
checked_text!(Email, redacted);
