use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Invalid;
use super::newtype::deserialize_text;

/// Reads `YYYY-MM-DD` and nothing else. No plausibility check: the year 1737 is a date.
///
/// # Errors
/// `date` for another form, or a day the calendar does not have.
pub fn parse_date(text: &str) -> Result<Date, Invalid> {
    const NOT_A_DATE: Invalid = Invalid::new("date", "Enter a date as YYYY-MM-DD.");
    let text = text.trim();
    let number = |from: usize, to: usize| -> Option<i16> {
        let part = text.get(from..to)?;
        if part.bytes().all(|b| b.is_ascii_digit()) {
            part.parse().ok()
        } else {
            None
        }
    };
    let well_formed = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let parts = (
        number(0, 4),
        number(5, 7).and_then(|m| i8::try_from(m).ok()),
        number(8, 10).and_then(|d| i8::try_from(d).ok()),
    );
    match parts {
        (Some(year @ 1..), Some(month), Some(day)) if well_formed => {
            Date::new(year, month, day).map_err(|_| NOT_A_DATE)
        }
        _ => Err(NOT_A_DATE),
    }
}

/// A day of birth. Personal: `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDate(pub Date);

impl BirthDate {
    /// # Errors
    /// As [`parse_date`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        parse_date(text).map(Self)
    }

    #[must_use]
    pub fn date(self) -> Date {
        self.0
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(…)")
    }
}

impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for BirthDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BirthDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, Self::parse)
    }
}
