//! The one word per charge: from type and time verdicts to status, label and the date to sort by.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::charge_types::EligibilityStatus;
use super::phrase::{Phrase, phrase};
use super::time::TimeVerdict;
use super::when::When;
use crate::person::Language;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChargeStatus {
    Unknown,
    EligibleNow,
    PossiblyEligible,
    WillBeEligible,
    PossiblyWillBeEligible,
    Ineligible,
    NeedsMoreAnalysis,
    IneligibleIfRestitutionOwed,
}

impl ChargeStatus {
    /// As the wire writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::EligibleNow => "Eligible Now",
            Self::PossiblyEligible => "Possibly Eligible",
            Self::WillBeEligible => "Will Be Eligible",
            Self::PossiblyWillBeEligible => "Possibly Will Be Eligible",
            Self::Ineligible => "Ineligible",
            Self::NeedsMoreAnalysis => "Needs More Analysis",
            Self::IneligibleIfRestitutionOwed => "Ineligible If Restitution Owed",
        }
    }
}

/// What a person is told about a charge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    pub status: ChargeStatus,
    pub label: Cow<'static, str>,
    /// The first date still to come.
    pub sort_date: Option<When>,
}

static POSSIBLY_ELIGIBLE: Phrase = phrase("Possibly Eligible", "Quizá elegible");
static POSSIBLY_ELIGIBLE_NOW: Phrase = phrase("Possibly Eligible Now", "Quizá elegible ahora");
static INELIGIBLE: Phrase = phrase("Ineligible", "Inelegible");
static ELIGIBLE_NOW: Phrase = phrase("Eligible Now", "Elegible ahora");
static NEEDS_MORE_ANALYSIS: Phrase = phrase("Needs More Analysis", "Requiere más análisis");
static RESTITUTION: Phrase = phrase("Ineligible If Restitution Owed", "Inelegible si debe restitución");
static POSSIBLY_NOW_OR: Phrase = phrase("Possibly Eligible Now or ", "Quizá elegible ahora o ");
static POSSIBLY_THEN: Phrase = phrase("Possibly Eligible ", "Quizá elegible ");
static NOW_OR: Phrase = phrase("Eligible Now or ", "Elegible ahora o ");
static THEN: Phrase = phrase("Eligible ", "Elegible ");
static OR: Phrase = phrase(" or ", " o ");
static OPEN_CHARGE: Phrase = phrase(
    "Eligibility date dependent on open charge: ",
    "La fecha depende de un cargo pendiente: ",
);

impl Verdict {
    fn plain(status: ChargeStatus, label: &'static Phrase, language: Language) -> Self {
        Self {
            status,
            label: Cow::Borrowed(label.in_language(language)),
            sort_date: None,
        }
    }

    /// For a charge with an open question.
    #[must_use]
    pub fn undecided(language: Language) -> Self {
        Self::plain(ChargeStatus::NeedsMoreAnalysis, &NEEDS_MORE_ANALYSIS, language)
    }

    /// For a charge of a case where restitution may be owed: 137.225 asks that the sentence is complied with.
    #[must_use]
    pub fn restitution_owed(language: Language) -> Self {
        Self::plain(ChargeStatus::IneligibleIfRestitutionOwed, &RESTITUTION, language)
    }

    /// Decides from the merged type status, the time verdicts sorted by date, and whether the young-offender exception of
    /// 137.225(6)(f) may apply.
    #[must_use]
    pub fn decide(
        type_status: EligibilityStatus,
        times: &[TimeVerdict],
        young_offender: bool,
        language: Language,
    ) -> Self {
        let plain = |status, label| Self::plain(status, label, language);
        if young_offender {
            return plain(ChargeStatus::PossiblyEligible, &POSSIBLY_ELIGIBLE);
        }
        if type_status == EligibilityStatus::Ineligible {
            return plain(ChargeStatus::Ineligible, &INELIGIBLE);
        }
        if times.is_empty() {
            return plain(ChargeStatus::Unknown, &POSSIBLY_ELIGIBLE);
        }
        let is_never = |time: &&TimeVerdict| time.date == When::Never && !time.eligible;
        let never = times.iter().filter(is_never).count();
        let now = times.iter().filter(|time| time.eligible).count();
        let later = times.len() - never - now;
        let then = |status, prefix: &'static Phrase| {
            let dates = times
                .iter()
                .filter(|time| !time.eligible && !is_never(time))
                .map(|time| time.date);
            Self::then(status, prefix, dates, language)
        };
        match (never > 0, now > 0, later > 0) {
            (true, false, false) => plain(ChargeStatus::Ineligible, &INELIGIBLE),
            (true, true, false) => plain(ChargeStatus::PossiblyEligible, &POSSIBLY_ELIGIBLE_NOW),
            (true, true, true) => then(ChargeStatus::PossiblyWillBeEligible, &POSSIBLY_NOW_OR),
            (true, false, true) => then(ChargeStatus::PossiblyWillBeEligible, &POSSIBLY_THEN),
            (false, _, false) => plain(ChargeStatus::EligibleNow, &ELIGIBLE_NOW),
            (false, true, true) => then(ChargeStatus::WillBeEligible, &NOW_OR),
            (false, false, true) => then(ChargeStatus::WillBeEligible, &THEN),
        }
    }

    fn then(
        status: ChargeStatus,
        prefix: &'static Phrase,
        dates: impl Iterator<Item = When>,
        language: Language,
    ) -> Self {
        let mut dates = dates.peekable();
        let sort_date = dates.peek().copied();
        let mut label = String::with_capacity(32);
        label.push_str(prefix.in_language(language));
        for (index, date) in dates.enumerate() {
            if index > 0 {
                label.push_str(OR.in_language(language));
            }
            // Writing to a String cannot fail.
            let _ = write!(label, "{}", date.display(language));
        }
        Self {
            status,
            label: Cow::Owned(label),
            sort_date,
        }
    }

    /// Says so where a date depends on a charge that is still open.
    #[must_use]
    pub fn noting_open_charge(mut self, times: &[TimeVerdict], language: Language) -> Self {
        if self.sort_date.is_some() && times.iter().any(|time| time.date.is_future()) {
            self.label
                .to_mut()
                .insert_str(0, OPEN_CHARGE.in_language(language));
        }
        self
    }
}
