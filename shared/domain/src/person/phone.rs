//! Phone numbers, by the rules of the North American Numbering Plan and ITU-T E.164.
//!
//! A number that a plan could assign is accepted; whether it *is* assigned only a call can tell. Tables of assigned
//! prefixes are left out on purpose: they weigh megabytes, and every cold start would pay for them.

use super::Invalid;
use super::newtype::checked_text;

/// A phone number, kept in E.164 (`+16175551234`). Without a leading `+` or `011` it is read as one of the North
/// American plan, which the United States share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

impl Phone {
    /// # Errors
    /// `blank`, or `phone` for whatever cannot be dialled: letters, extensions, too few or too many digits, an area code
    /// or exchange the plan cannot assign.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const NOT_A_NUMBER: Invalid = Invalid::new(
            "phone",
            "Enter a phone number with its area code, such as (617) 555-1234.",
        );
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::BLANK);
        }
        let digits = digits(text).ok_or(NOT_A_NUMBER)?;
        let international = if text.starts_with('+') {
            Some(digits.as_str())
        } else {
            digits.strip_prefix("011")
        };
        let (country, national) = match international {
            Some(number) => number.split_at(usize::from(number.starts_with('1'))),
            None if digits.len() == 11 && digits.starts_with('1') => digits.split_at(1),
            None => ("1", digits.as_str()),
        };
        let valid = if country == "1" {
            is_north_american(national)
        } else {
            is_e164(national)
        };
        if valid {
            Ok(Self(format!("+{country}{national}")))
        } else {
            Err(NOT_A_NUMBER)
        }
    }

    /// The number in E.164: `+16175551234`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as people at home write it: `(617) 555-1234`. Numbers of other plans stay in E.164.
    #[must_use]
    pub fn national(&self) -> String {
        match self
            .0
            .strip_prefix("+1")
            .and_then(|n| Some((n.get(..3)?, n.get(3..6)?, n.get(6..)?)))
        {
            Some((area, exchange, line)) => format!("({area}) {exchange}-{line}"),
            None => self.0.clone(),
        }
    }
}
checked_text!(Phone, redacted);

/// The digits of a number written with the usual separators; nothing if anything else is in it.
fn digits(text: &str) -> Option<String> {
    const LONGEST: usize = 40;
    if text.len() > LONGEST {
        return None;
    }
    let mut digits = String::new();
    for c in text.strip_prefix('+').unwrap_or(text).chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '\u{a0}' | '-' | '‐' | '‑' | '–' | '.' | '(' | ')' | '/' => {}
            _ => return None,
        }
    }
    Some(digits)
}

/// Ten digits `NXX NXX XXXX`, N from 2 to 9; neither area code nor exchange of the form N11, which are service codes.
fn is_north_american(national: &str) -> bool {
    let code = |at: usize| {
        national.get(at..at + 3).is_some_and(|code| {
            code.starts_with(|first| ('2'..='9').contains(&first)) && !code.ends_with("11")
        })
    };
    national.len() == 10 && code(0) && code(3)
}

/// 8 to 15 digits that start with a country code (ITU-T E.164 §6.1; no country code starts with 0).
fn is_e164(number: &str) -> bool {
    (8..=15).contains(&number.len()) && !number.starts_with('0')
}
