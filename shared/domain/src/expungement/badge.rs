//! A verdict at a glance: a short label and a tone, and which charges the view "without traffic" leaves out.
//!
//! The peer's client works these out for itself (spec 1.4); here they are part of the answer, so that every client shows
//! the same.

use std::borrow::Cow;

use super::phrase::{Phrase, phrase};
use super::record::JudgedCharge;
use super::statute;
use super::summary::IF_BALANCE_PAID;
use super::verdict::{ChargeStatus, Verdict};
use crate::person::Language;

/// The colour of a verdict, as what it means. Never shown without the words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Green: eligible, and nothing is owed.
    Now,
    /// Blue: eligible later, or once a balance is paid.
    Later,
    /// Red: ineligible.
    Never,
    /// Purple: a question is open, or a person must look at it.
    Undecided,
}

/// What stands beside a charge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Badge {
    pub tone: Tone,
    pub text: &'static Phrase,
}

static NOW: Phrase = phrase("Eligible Now", "Elegible ahora");
static ONCE_PAID: Phrase = phrase("Eligible", "Elegible");
static LATER: Phrase = phrase("Eligible Future", "Elegible más adelante");
static NEVER: Phrase = phrase("Ineligible", "Inelegible");
static PERHAPS: Phrase = phrase("Eligible?", "¿Elegible?");
static NEEDS_ANALYSIS: Phrase = phrase("Needs Analysis", "Requiere análisis");
static IF_RESTITUTION: Phrase = phrase("Ineligible If Restitution Owed", "Inelegible si debe restitución");

impl Badge {
    /// `balance` is what the charge's case owes, in cents; a credit is no debt.
    #[must_use]
    pub fn of(verdict: &Verdict, balance: i64) -> Self {
        let owes = balance > 0;
        let (tone, text) = match verdict.status {
            ChargeStatus::EligibleNow if owes => (Tone::Later, &ONCE_PAID),
            ChargeStatus::EligibleNow => (Tone::Now, &NOW),
            ChargeStatus::WillBeEligible => (Tone::Later, &LATER),
            ChargeStatus::Ineligible => (Tone::Never, &NEVER),
            ChargeStatus::NeedsMoreAnalysis => (Tone::Undecided, &NEEDS_ANALYSIS),
            ChargeStatus::IneligibleIfRestitutionOwed => (Tone::Undecided, &IF_RESTITUTION),
            ChargeStatus::Unknown | ChargeStatus::PossiblyEligible | ChargeStatus::PossiblyWillBeEligible => {
                (Tone::Undecided, &PERHAPS)
            }
        };
        Self { tone, text }
    }
}

/// The verdict in full, e.g. `Eligible Jan 2, 2030`; it says so where a balance must be paid first.
#[must_use]
pub fn label_of(verdict: &Verdict, balance: i64, language: Language) -> Cow<'_, str> {
    let is_eligible = matches!(
        verdict.status,
        ChargeStatus::EligibleNow | ChargeStatus::WillBeEligible
    );
    if is_eligible && balance > 0 {
        Cow::Owned(format!(
            "{}{}",
            verdict.label,
            IF_BALANCE_PAID.in_language(language)
        ))
    } else {
        Cow::Borrowed(&verdict.label)
    }
}

/// Whether the view "without traffic" leaves the charge out: jaywalking, infractions, and the traffic chapters (481–483,
/// 801–826 but for 813, driving under the influence) at any level below a crime.
#[must_use]
pub fn is_minor_traffic(charge: &JudgedCharge) -> bool {
    let (name, level) = (
        charge.charge.name.to_lowercase(),
        charge.charge.level.to_lowercase(),
    );
    if name.contains("pedestrian j-walking") || level.contains("infraction") {
        return true;
    }
    let statute = statute::normalise(&charge.charge.statute);
    let chapter = statute.get(..3).and_then(|digits| digits.parse::<u16>().ok());
    let in_traffic_code = matches!(chapter, Some(481..=483 | 801..=812 | 814..=826));
    in_traffic_code && !level.contains("felony") && !level.contains("misdemeanor")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::expungement::tests::case;
    use crate::expungement::{Options, Record};

    fn verdict(status: ChargeStatus) -> Verdict {
        Verdict {
            status,
            ..Verdict::undecided(Language::En)
        }
    }

    #[test]
    fn a_debt_takes_the_green_away_and_a_credit_does_not() {
        let now = verdict(ChargeStatus::EligibleNow);
        for (cents, tone, text) in [
            (0, Tone::Now, "Eligible Now"),
            (-100, Tone::Now, "Eligible Now"),
            (1, Tone::Later, "Eligible"),
        ] {
            let badge = Badge::of(&now, cents);
            assert_eq!((badge.tone, badge.text.en), (tone, text));
        }
        assert_eq!(label_of(&now, 0, Language::En), now.label);
        assert!(label_of(&now, 1, Language::En).ends_with(" If Balance Paid"));
        let future = Badge::of(&verdict(ChargeStatus::WillBeEligible), 0);
        assert_eq!((future.tone, future.text.en), (Tone::Later, "Eligible Future"));
        let owed = Badge::of(&verdict(ChargeStatus::IneligibleIfRestitutionOwed), 0);
        assert_eq!(owed.tone, Tone::Undecided);
    }

    #[test]
    fn minor_traffic_is_told_by_chapter_and_level() {
        let is_minor = |statute: &str, level: &str| {
            let cases = [case("A", statute, level, Some("Convicted"), date(2020, 1, 1))];
            let record = Record::judge(&cases, Options::on(date(2026, 7, 1))).unwrap();
            record.charges().all(|(_, charge)| is_minor_traffic(charge))
        };
        assert!(is_minor("811.135", "Violation Class B"));
        assert!(is_minor("826.001", "Violation Class B"));
        assert!(is_minor("164.045", "Infraction Unclassified"));
        assert!(!is_minor("813.010", "Violation Unclassified"));
        assert!(!is_minor("811.140", "Misdemeanor Class A"));
        assert!(!is_minor("827.001", "Violation Class B"));
        assert!(!is_minor("", "Violation"));
    }
}
