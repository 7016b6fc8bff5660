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

/// Reads a ruling. Letter case does not matter; an empty or foreign text is [`DispositionStatus::Unrecognized`].
#[must_use]
pub fn status_of(ruling: &str) -> DispositionStatus {
    let lower = ruling.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| contains(&lower, word));
    match lower.as_str() {
        // The common ones, answered without the search.
        "convicted" => DispositionStatus::Convicted,
        "dismissed" => DispositionStatus::Dismissed,
        _ if says(&DISMISSED) => DispositionStatus::Dismissed,
        _ if says(&CONVICTED) => DispositionStatus::Convicted,
        _ if lower.contains("diverted") => DispositionStatus::Diverted,
        _ if lower.contains("no complaint") => DispositionStatus::NoComplaint,
        _ if UNDECIDED.contains(&lower.as_str()) => DispositionStatus::Unknown,
        _ => DispositionStatus::Unrecognized,
    }
}

/// The count was reduced to another one on the same case.
#[must_use]
pub fn is_lesser_charge(ruling: &str) -> bool {
    ruling.len() >= "lesser charge".len() && contains(&ruling.to_lowercase(), "lesser charge")
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
    (0..=last_start).any(|start| text[start] == first && &text[start + 1..start + word.len()] == rest)
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
        Self {
            date,
            ruling,
            status: status_of(ruling),
            amended,
            lesser_charge: is_lesser_charge(ruling),
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
        assert!(is_lesser_charge("Plea LESSER Charge"));
    }
}
