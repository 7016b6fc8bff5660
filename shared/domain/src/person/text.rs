//! Free text: one word, one line, or many.

use super::Invalid;
use super::newtype::checked_text;

/// A name of a person, or a part of one: trimmed, 1 to 256 characters, in any script.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Most characters a name may have.
    pub const MAX: usize = 256;

    /// # Errors
    /// `blank`, `too_long`, or `unprintable`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        single_line(text, Self::MAX).map(Self)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
checked_text!(Name, redacted);

/// One line of an address or another short free text: the same rules as a [`Name`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(String);

impl Line {
    /// Most characters a line may have.
    pub const MAX: usize = 256;

    /// # Errors
    /// `blank`, `too_long`, or `unprintable`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        single_line(text, Self::MAX).map(Self)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
checked_text!(Line, redacted);

/// A longer free text: trimmed, 1 to 10,000 characters. Line ends become `\n`; tabs are welcome.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Most characters a text may have.
    pub const MAX: usize = 10_000;

    /// # Errors
    /// `blank`, `too_long`, or `unprintable`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().replace("\r\n", "\n").replace('\r', "\n");
        printable(&text, Self::MAX, |c| matches!(c, '\n' | '\t')).map(|()| Self(text))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
checked_text!(Text, redacted);

fn single_line(text: &str, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    printable(text, max, |_| false)?;
    Ok(text.to_owned())
}

fn printable(text: &str, max: usize, allowed: fn(char) -> bool) -> Result<(), Invalid> {
    if text.is_empty() {
        return Err(Invalid::BLANK);
    }
    // Bytes first, so that a very long text is refused without walking it.
    if text.len() > max * 4 || text.chars().count() > max {
        return Err(Invalid::too_long(max));
    }
    if text
        .chars()
        .any(|c| reorders_or_breaks(c) || (c.is_control() && !allowed(c)))
    {
        return Err(Invalid::UNPRINTABLE);
    }
    Ok(())
}

/// Line and paragraph separators, and the marks that reorder what follows (they can make a name read as another text).
fn reorders_or_breaks(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
