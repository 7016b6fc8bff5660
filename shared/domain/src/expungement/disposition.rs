//! What a court's ruling means: from the text on the page to convicted, dismissed, or not known.

use serde::Serialize;

use super::when::When;

/// The meaning of a ruling; the serialised names are the wire's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize)]
pub enum DispositionStatus {
    Convicted,
    Dismissed,
    #[serde(rename = "No Complaint")]
    NoComplaint,
    Diverted,
    /// No disposition yet.
    Unknown,
    /// A ruling whose words we do not know.
    Unrecognized,
}

impl DispositionStatus {
    pub const ALL: [Self; 6] = [
        Self::Convicted,
        Self::Dismissed,
        Self::NoComplaint,
        Self::Diverted,
        Self::Unknown,
        Self::Unrecognized,
    ];

    #[must_use]
    pub fn is_convicted(self) -> bool {
        self == Self::Convicted
    }

    /// Ended without a conviction: ORS 137.225(1)(b) treats dismissal, no complaint and diversion alike, but for the wait.
    #[must_use]
    pub fn is_dismissed(self) -> bool {
        matches!(self, Self::Dismissed | Self::NoComplaint | Self::Diverted)
    }

    /// As the wire writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Convicted => "Convicted",
            Self::Dismissed => "Dismissed",
            Self::NoComplaint => "No Complaint",
            Self::Diverted => "Diverted",
            Self::Unknown => "Unknown",
            Self::Unrecognized => "Unrecognized",
        }
    }

    /// As the summary lines write it.
    #[must_use]
    pub const fn in_capitals(self) -> &'static str {
        match self {
            Self::Convicted => "CONVICTED",
            Self::Dismissed => "DISMISSED",
            Self::NoComplaint => "NO_COMPLAINT",
            Self::Diverted => "DIVERTED",
            Self::Unknown => "UNKNOWN",
            Self::Unrecognized => "UNRECOGNIZED",
        }
    }
}

/// Words of a ruling, in the order they are tried: a count convicted only of a lesser charge is dismissed as charged.
const DISMISSED: [&str; 11] = [
    "acquitted",
    "acquittal",
    "dismissed",
    "discharged",
    "dismissal",
    "finding - not guilty",
    "lesser charge",
    "accusatory instrument filed",
    "reduced",
    "removed from charging instrument",
    "plea lesser charge",
];
const CONVICTED: [&str; 10] = [
    "convicted",
    "conviction",
    "finding - guilty",
    "finding - contempt",
    "conversion",
    "converted",
    "bail forfeiture",
    "extradited",
    "forfeiture allowed",
    "found in contempt",
];
const UNDECIDED: [&str; 3] = ["missing", "conditional discharge", "deferred"];

/// The count was reduced to another one on the same case.
const LESSER_CHARGE: &str = "lesser charge";

/// Reads a ruling. Letter case does not matter; an empty or foreign text is [`DispositionStatus::Unrecognized`].
#[must_use]
pub fn status_of(ruling: &str) -> DispositionStatus {
    status_of_lower(&lower(ruling))
}

fn status_of_lower(ruling: &str) -> DispositionStatus {
    let says = |words: &[&str]| words.iter().any(|word| contains(ruling, word));
    match ruling {
        // The common ones, answered without the search.
        "convicted" => DispositionStatus::Convicted,
        "dismissed" => DispositionStatus::Dismissed,
        _ if says(&DISMISSED) => DispositionStatus::Dismissed,
        _ if says(&CONVICTED) => DispositionStatus::Convicted,
        _ if contains(ruling, "diverted") => DispositionStatus::Diverted,
        _ if contains(ruling, "no complaint") => DispositionStatus::NoComplaint,
        _ if UNDECIDED.contains(&ruling) => DispositionStatus::Unknown,
        _ => DispositionStatus::Unrecognized,
    }
}

fn lower(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.to_lowercase()
    }
}

/// `str::contains` for the short texts of a docket: no searcher is built.
pub(super) fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some((&first, rest)) = word.split_first() else {
        return true;
    };
    let Some(last_start) = text.len().checked_sub(word.len()) else {
        return false;
    };
    // Byte by byte: words are too short for a call of memcmp to pay.
    (0..=last_start)
        .any(|start| text[start] == first && text[start + 1..].iter().zip(rest).all(|(a, b)| a == b))
}

/// A disposition as analysis uses it: possibly a hypothetical one ("if convicted").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ruled<'a> {
    pub date: When,
    pub ruling: &'a str,
    pub status: DispositionStatus,
    pub amended: bool,
    pub lesser_charge: bool,
}

impl<'a> Ruled<'a> {
    #[must_use]
    pub fn new(date: When, ruling: &'a str, amended: bool) -> Self {
        let lower = lower(ruling);
        Self {
            date,
            ruling,
            status: status_of_lower(&lower),
            amended,
            lesser_charge: contains(&lower, LESSER_CHARGE),
        }
    }

    /// What stands where the page has no disposition.
    #[must_use]
    pub const fn missing(clock: jiff::civil::Date) -> Ruled<'static> {
        Ruled {
            date: When::Day(clock),
            ruling: "missing",
            status: DispositionStatus::Unknown,
            amended: false,
            lesser_charge: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_matching_meaning_wins() {
        use DispositionStatus::*;
        for (ruling, status) in [
            ("Convicted - Lesser Charge", Dismissed),
            ("Dismissed - No Complaint", Dismissed),
            ("NO COMPLAINT", NoComplaint),
            ("Finding - Guilty", Convicted),
            ("Finding - Guilty/Reduced", Dismissed),
            ("conditional discharge", Unknown),
            ("conditional discharge - granted", Unrecognized),
            ("conditionally discharged", Dismissed),
            ("Guilty", Unrecognized),
            ("Guilty Except for Insanity", Unrecognized),
            ("Diverted", Diverted),
            ("", Unrecognized),
        ] {
            assert_eq!(status_of(ruling), status, "{ruling}");
        }
        let reduced = Ruled::new(When::Never, "Plea LESSER Charge", false);
        assert!(reduced.lesser_charge && reduced.status == Dismissed);
    }
}
