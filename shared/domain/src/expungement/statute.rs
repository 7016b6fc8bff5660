//! Statute numbers as the analysis compares them.

use std::borrow::Cow;

use super::policy::{Deviation, Policy};

/// Upper case, letters, digits and `*` only: `163.165(1)(h)` becomes `1631651H`. Borrows where nothing changes.
#[must_use]
pub fn normalise(printed: &str) -> Cow<'_, str> {
    let kept = |c: &char| c.is_ascii_alphanumeric() || *c == '*';
    if printed
        .bytes()
        .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'*')
    {
        Cow::Borrowed(printed)
    } else {
        Cow::Owned(
            printed
                .chars()
                .filter(kept)
                .map(|c| c.to_ascii_uppercase())
                .collect(),
        )
    }
}

/// The section without its subsections: seven characters in the lettered chapters (`475B349`), else six; empty where the
/// statute is shorter than six. Takes a normalised statute.
#[must_use]
pub fn section(statute: &str) -> &str {
    let lettered = statute.as_bytes().get(3).is_some_and(u8::is_ascii_alphabetic);
    match statute.len() {
        0..=5 => "",
        6 => statute,
        _ => statute.get(..if lettered { 7 } else { 6 }).unwrap_or_default(),
    }
}

/// Whether a normalised statute is `listed` or one of its subsections ([`Deviation::StatuteSubsections`]).
#[must_use]
pub fn is_under(statute: &str, listed: &str, policy: Policy) -> bool {
    let (found, listed) = (statute.as_bytes(), listed.as_bytes());
    // The last digit of a section tells most apart.
    listed
        .len()
        .checked_sub(1)
        .is_some_and(|last| found.get(last) == listed.get(last))
        && (found.len() == listed.len() || policy.allows(Deviation::StatuteSubsections))
        && found.starts_with(listed)
}

/// As [`is_under`], for a list.
#[must_use]
pub fn is_under_any(statute: &str, listed: &[&str], policy: Policy) -> bool {
    listed.iter().any(|one| is_under(statute, one, policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statutes_lose_their_punctuation() {
        assert_eq!(normalise("163.165(1)(h)"), "1631651H");
        assert_eq!(normalise("Ünknown 4*"), "NKNOWN4*");
        assert!(matches!(normalise("475B349"), Cow::Borrowed(_)));
        for (statute, expected) in [
            ("475B3493C", "475B349"),
            ("1631651H", "163165"),
            ("97981", ""),
            ("163165", "163165"),
        ] {
            assert_eq!(section(statute), expected);
        }
    }

    #[test]
    fn a_subsection_is_still_the_statute() {
        assert!(is_under("1634271A", "163427", Policy::RIGHT));
        assert!(!is_under("1634271A", "163427", Policy::AS_PEER));
        assert!(!is_under("16342", "163427", Policy::RIGHT));
    }
}
