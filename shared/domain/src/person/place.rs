//! Where people live: states and ZIP codes of the United States Postal Service.

use std::fmt;

use super::Invalid;
use super::newtype::checked_text;

/// A five-digit ZIP code. ZIP+4 is refused, as the field's APIs do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zip5(String);

impl Zip5 {
    /// # Errors
    /// `zip5` unless the text, trimmed, is exactly five ASCII digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("zip5", "Enter a ZIP code of 5 digits."))
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
checked_text!(Zip5, redacted);

/// One of the 56 states, districts and territories whose people the services know, as its two-letter postal code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateCode(u8);

impl StateCode {
    /// All 56, by code.
    pub const ALL: [Self; STATES.len()] = {
        let mut all = [Self(0); STATES.len()];
        let mut i = 0;
        while i < STATES.len() {
            all[i] = Self(i as u8);
            i += 1;
        }
        all
    };

    /// # Errors
    /// `invalid_choice` unless the text is one of the codes in capital letters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Invalid::choice(text))
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        STATES[usize::from(self.0)].0
    }

    /// The English name: `Massachusetts`.
    #[must_use]
    pub fn name(self) -> &'static str {
        STATES[usize::from(self.0)].1
    }

    /// Whether it is one of the five inhabited territories. The District of Columbia is not: its people vote for President.
    #[must_use]
    pub fn is_territory(self) -> bool {
        matches!(self.as_str(), "AS" | "GU" | "MP" | "PR" | "VI")
    }
}

impl fmt::Debug for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

checked_text!(@common StateCode);

/// Codes and names, by code (USPS Publication 28, appendix B).
const STATES: [(&str, &str); 56] = [
    ("AK", "Alaska"),
    ("AL", "Alabama"),
    ("AR", "Arkansas"),
    ("AS", "American Samoa"),
    ("AZ", "Arizona"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DC", "District of Columbia"),
    ("DE", "Delaware"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("GU", "Guam"),
    ("HI", "Hawaii"),
    ("IA", "Iowa"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("MA", "Massachusetts"),
    ("MD", "Maryland"),
    ("ME", "Maine"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MO", "Missouri"),
    ("MP", "Northern Mariana Islands"),
    ("MS", "Mississippi"),
    ("MT", "Montana"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("NE", "Nebraska"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NV", "Nevada"),
    ("NY", "New York"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("PR", "Puerto Rico"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VA", "Virginia"),
    ("VI", "U.S. Virgin Islands"),
    ("VT", "Vermont"),
    ("WA", "Washington"),
    ("WI", "Wisconsin"),
    ("WV", "West Virginia"),
    ("WY", "Wyoming"),
];
