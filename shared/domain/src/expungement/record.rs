//! The analysis of a whole record: every charge as everything it may be, judged together, merged into one answer each.

use std::borrow::Cow;

use jiff::civil::Date;

use super::case::{Case, Charge, EditStatus};
use super::charge_types::{
    ChargeType, EligibilityStatus, Evidence, Possibility, Question, TypeEligibility, UnlistedLevel, classify,
};
use super::disposition::{DispositionStatus, Ruled};
use super::policy::{Deviation, Policy};
use super::statute;
use super::time::{Convictions, TimeVerdict, Timing};
use super::verdict::Verdict;
use super::when::When;
use crate::person::Language;

/// Beyond so many combinations of what the charges may be, no analysis is made. Bounds time and memory.
pub const MAX_COMBINATIONS: u128 = 128;

/// What an analysis depends on besides the cases.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The day the answer is for; may lie in the future.
    pub today: Date,
    /// The real day: dates what has no date (a missing disposition, the dismissal that may come).
    pub clock: Date,
    pub language: Language,
    pub policy: Policy,
}

impl Options {
    /// For today, in English.
    #[must_use]
    pub fn on(today: Date) -> Self {
        Self {
            today,
            clock: today,
            language: Language::En,
            policy: Policy::RIGHT,
        }
    }
}

/// Why there is no answer. Each is the request's fault: a 4xx with this reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The edit gives a charge that did not end in conviction a type that only convictions have.
    ImpossibleType { charge: String, charge_type: ChargeType },
    /// The edit is about a case or charge that is not there.
    NotFound { id: String },
    /// The edit lacks a field, or its value cannot be read.
    Unreadable { id: String, field: &'static str },
    /// Only as the peer: see [`Deviation::UnlistedLevel`].
    UnlistedLevel { charge: String },
    /// Only as the peer: see [`Deviation::MultnomahUndecided`].
    UndecidedInMultnomah { case_number: String },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ImpossibleType { charge, charge_type } => {
                write!(
                    f,
                    "charge {charge} was dismissed and cannot be of type {}",
                    charge_type.facts().name.en
                )
            }
            Self::NotFound { id } => write!(f, "the edit of {id} finds nothing to edit"),
            Self::Unreadable { id, field } => write!(f, "the edit of {id} has no readable {field}"),
            Self::UnlistedLevel { charge } => write!(f, "charge {charge} has an unlisted level"),
            Self::UndecidedInMultnomah { case_number } => {
                write!(f, "case {case_number} has an undecided charge")
            }
        }
    }
}

impl std::error::Error for Refusal {}

/// One thing a charge may be.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    pub charge_type: ChargeType,
    /// Of this charge: [`ChargeType::MarijuanaEligible`] takes its severity from the old level.
    pub severity: Option<super::charge_types::Severity>,
    pub disposition: Ruled<'a>,
    pub eligibility: TypeEligibility,
    timing: Option<Timing<'a>>,
}

/// The question a charge raises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChargeQuestion {
    /// What the charge is.
    Type(Question),
    /// How it ended; each ending may raise a question of its own.
    Disposition {
        dismissed: Option<Question>,
        convicted: Option<Question>,
    },
}

/// One charge with its answer.
#[derive(Debug)]
pub struct JudgedCharge<'a> {
    pub charge: &'a Charge,
    /// Normalised.
    pub statute: Cow<'a, str>,
    /// Never empty. The first is the one whose facts the charge shows.
    pub readings: Vec<Reading<'a>>,
    pub question: Option<ChargeQuestion>,
    pub disposition: Ruled<'a>,
    pub type_status: EligibilityStatus,
    /// Distinct, earliest first; empty where the time rules do not apply.
    pub times: Vec<TimeVerdict<'a>>,
    pub verdict: Verdict,
}

impl JudgedCharge<'_> {
    #[must_use]
    pub fn charge_type(&self) -> ChargeType {
        self.readings
            .first()
            .map_or(ChargeType::UnclassifiedCharge, |reading| reading.charge_type)
    }

    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.charge.edit_status == EditStatus::Delete
    }

    /// The names of what the charge may be, each once.
    pub fn distinct_types(&self) -> impl Iterator<Item = &Reading<'_>> {
        self.readings.iter().enumerate().filter_map(|(index, reading)| {
            let name = &reading.charge_type.facts().name;
            let seen = self.readings[..index]
                .iter()
                .any(|before| before.charge_type.facts().name == *name);
            (!seen).then_some(reading)
        })
    }
}

/// One case with its charges, sorted by id.
#[derive(Debug)]
pub struct JudgedCase<'a> {
    pub case: &'a Case,
    pub charges: Vec<JudgedCharge<'a>>,
}

impl JudgedCase<'_> {
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.case.is_deleted()
    }
}

/// A judged record: cases newest first.
#[derive(Debug)]
pub struct Record<'a> {
    pub cases: Vec<JudgedCase<'a>>,
    /// In how many ways the record may be read; beyond [`MAX_COMBINATIONS`] there are no cases.
    pub combinations: u128,
    pub options: Options,
    too_large: Vec<JudgedCase<'a>>,
}

impl<'a> Record<'a> {
    /// Judges the cases as they are, edits already applied ([`super::edits::apply`]). The order of the cases decides only
    /// which of several convictions of one date is named as the reason for a wait.
    ///
    /// # Errors
    /// [`Refusal::ImpossibleType`] for a type chosen by an edit that the disposition contradicts.
    pub fn judge<C: AsRef<Case>>(cases: &'a [C], options: Options) -> Result<Self, Refusal> {
        let mut judged = Vec::with_capacity(cases.len());
        let mut scratch = Scratch::default();
        let mut combinations = 1_u128;
        for case in cases {
            let case = case.as_ref();
            let mut reader = CaseReader::new(case, &mut scratch, options);
            let mut charges = Vec::with_capacity(case.charges.len());
            for charge in &case.charges {
                let judged = reader.read(charge)?;
                combinations = combinations.saturating_mul(judged.readings.len() as u128);
                charges.push(judged);
            }
            judged.push(JudgedCase { case, charges });
        }
        let mut record = Self {
            cases: judged,
            combinations,
            options,
            too_large: Vec::new(),
        };
        if combinations > MAX_COMBINATIONS {
            record.too_large = std::mem::take(&mut record.cases);
            return Ok(record);
        }
        record.judge_times();
        for case in &mut record.cases {
            for charge in &mut case.charges {
                charge.merge(case.case, options);
            }
            case.charges
                .sort_by(|a, b| a.charge.ambiguous_charge_id.cmp(&b.charge.ambiguous_charge_id));
        }
        record
            .cases
            .sort_by_key(|judged| std::cmp::Reverse(judged.case.date));
        Ok(record)
    }

    /// Collects each charge's distinct time verdicts over all combinations; the last charge varies fastest.
    fn judge_times(&mut self) {
        let today = self.options.today;
        let readings: Vec<&[Reading<'a>]> = self
            .cases
            .iter()
            .flat_map(|case| &case.charges)
            .map(|charge| charge.readings.as_slice())
            .collect();
        let mut chosen = vec![0_usize; readings.len()];
        let mut timings: Vec<Option<&Timing<'a>>> = readings
            .iter()
            .map(|readings| readings.first()?.timing.as_ref())
            .collect();
        let mut times: Vec<Vec<TimeVerdict<'a>>> = vec![Vec::new(); readings.len()];
        for combination in 0.. {
            let convictions = Convictions::of(
                timings
                    .iter()
                    .enumerate()
                    .filter_map(|(index, timing)| Some((index, (*timing)?))),
            );
            for (index, timing) in timings.iter().enumerate() {
                let Some(timing) = timing else { continue };
                // What is certain and depends on nothing is judged once.
                if combination > 0 && readings[index].len() == 1 && !timing.depends_on_others() {
                    continue;
                }
                let verdict = convictions.judge(index, timing, today);
                if !times[index].iter().any(|seen| seen.says_the_same(&verdict)) {
                    times[index].push(verdict);
                }
            }
            // The next combination, as an odometer turns.
            let turned = (0..readings.len()).rev().any(|index| {
                let next = chosen[index] + 1;
                let carries = next >= readings[index].len();
                chosen[index] = if carries { 0 } else { next };
                timings[index] = readings[index]
                    .get(chosen[index])
                    .and_then(|reading| reading.timing.as_ref());
                !carries
            });
            if !turned {
                break;
            }
        }
        let charges = self.cases.iter_mut().flat_map(|case| &mut case.charges);
        for (charge, times) in charges.zip(times) {
            charge.times = times;
        }
    }

    /// Every charge with all that it may be, also where the record is too large to judge.
    pub fn readings(&self) -> impl Iterator<Item = (&str, &[Reading<'a>])> {
        let charges = self
            .cases
            .iter()
            .chain(&self.too_large)
            .flat_map(|case| &case.charges);
        charges.map(|charge| {
            (
                charge.charge.ambiguous_charge_id.as_str(),
                charge.readings.as_slice(),
            )
        })
    }

    /// Every case, also where the record is too large to judge: there each charge has its readings and its question, and no
    /// verdict. Answers and edits make such a record small enough.
    pub fn every_case(&self) -> impl Iterator<Item = &JudgedCase<'a>> {
        self.cases.iter().chain(&self.too_large)
    }

    /// Every charge of the record, case by case.
    pub fn charges(&self) -> impl Iterator<Item = (&JudgedCase<'a>, &JudgedCharge<'a>)> {
        self.cases
            .iter()
            .flat_map(|case| case.charges.iter().map(move |charge| (case, charge)))
    }
}

impl JudgedCharge<'_> {
    /// From all readings to one answer.
    fn merge(&mut self, case: &Case, options: Options) {
        self.times.sort_by_key(|time| time.date);
        let language = options.language;
        let mut statuses = self.readings.iter().map(|reading| reading.eligibility.status);
        let first = statuses.next().unwrap_or(EligibilityStatus::NeedsMoreAnalysis);
        self.type_status = if statuses.all(|status| status == first) {
            first
        } else {
            EligibilityStatus::NeedsMoreAnalysis
        };

        // Two different endings leave the ending open.
        if let [first, rest @ ..] = self.readings.as_slice()
            && let Some(second) = rest
                .iter()
                .find(|reading| reading.disposition != first.disposition)
            && rest
                .iter()
                .all(|one| one.disposition == first.disposition || one.disposition == second.disposition)
        {
            self.disposition = Ruled::missing(options.clock);
        }

        let young_offender = self
            .readings
            .iter()
            .any(|one| one.charge_type == ChargeType::RomeoAndJulietNMASexCrime);
        self.verdict = if self.question.is_some() {
            Verdict::undecided(language)
        } else {
            Verdict::decide(self.type_status, &self.times, young_offender, language)
                .noting_open_charge(&self.times, language)
        };
        if case.restitution && self.verdict.status != super::verdict::ChargeStatus::Ineligible {
            self.verdict = Verdict::restitution_owed(language);
        }
    }
}

/// Lower-case copies of a case's texts, reused from charge to charge.
#[derive(Default)]
struct Scratch {
    case_type: String,
    county: String,
    name: String,
    level: String,
}

fn lower_into(target: &mut String, text: &str) {
    target.clear();
    if text.is_ascii() {
        target.push_str(text);
        target.make_ascii_lowercase();
    } else {
        target.push_str(&text.to_lowercase());
    }
}

/// Reads the charges of one case: what may each of them be?
struct CaseReader<'a, 's> {
    case: &'a Case,
    scratch: &'s mut Scratch,
    options: Options,
}

impl<'a, 's> CaseReader<'a, 's> {
    fn new(case: &'a Case, scratch: &'s mut Scratch, options: Options) -> Self {
        lower_into(&mut scratch.case_type, &case.violation_type);
        lower_into(&mut scratch.county, &case.location);
        Self {
            case,
            scratch,
            options,
        }
    }

    fn read(&mut self, charge: &'a Charge) -> Result<JudgedCharge<'a>, Refusal> {
        let disposition = match &charge.disposition {
            Some(found) => Ruled::new(When::Day(found.date), &found.ruling, found.amended),
            None => Ruled::missing(self.options.clock),
        };
        let mut judged = JudgedCharge {
            charge,
            statute: statute::normalise(&charge.statute),
            readings: Vec::new(),
            question: None,
            disposition,
            type_status: EligibilityStatus::NeedsMoreAnalysis,
            times: Vec::new(),
            verdict: Verdict::undecided(self.options.language),
        };
        if let Some(chosen) = charge.chosen_type {
            // The severity of a chosen type is the type's own.
            let possibility = (chosen, chosen.facts().severity);
            // Nothing was classified, so the statute is shown as printed.
            judged.statute = Cow::Borrowed(&charge.statute);
            judged
                .readings
                .push(self.reading(charge, possibility, disposition)?);
            return Ok(judged);
        }
        lower_into(&mut self.scratch.name, &charge.name);
        lower_into(&mut self.scratch.level, &charge.level);
        if disposition.status == DispositionStatus::Unknown {
            self.read_undecided(charge, &mut judged)?;
        } else {
            judged.question = self
                .read_as(charge, disposition, &mut judged)?
                .map(ChargeQuestion::Type);
        }
        if let Some(first) = judged.readings.first()
            && judged.readings.len() == 1
        {
            judged.disposition = first.disposition;
        }
        Ok(judged)
    }

    /// An undecided charge may be dismissed today, or convicted some day. Where that makes no difference, nobody is asked.
    fn read_undecided(&mut self, charge: &'a Charge, judged: &mut JudgedCharge<'a>) -> Result<(), Refusal> {
        let undecided = judged.disposition;
        let if_dismissed = Ruled {
            date: When::Day(self.options.clock),
            ruling: "dismissed",
            status: DispositionStatus::Dismissed,
            amended: false,
            lesser_charge: false,
        };
        let if_convicted = Ruled {
            date: When::CONVICTION_OF_OPEN_CHARGE,
            ruling: "convicted",
            status: DispositionStatus::Convicted,
            ..if_dismissed
        };
        let dismissed = self.read_as(charge, if_dismissed, judged)?;
        let endings_start = judged.readings.len();
        let convicted = self.read_as(charge, if_convicted, judged)?;
        if let [a, b] = judged.readings.as_slice()
            && (a.charge_type, a.severity) == (b.charge_type, b.severity)
            && !a.charge_type.facts().blocks_other_charges
        {
            let possibility = (a.charge_type, a.severity);
            judged.readings.truncate(1);
            if self.options.policy.allows(Deviation::UndecidedStaysUndecided) {
                judged.readings = vec![self.reading(charge, possibility, undecided)?];
            }
            return Ok(());
        }
        debug_assert!(endings_start > 0);
        judged.question = Some(ChargeQuestion::Disposition { dismissed, convicted });
        Ok(())
    }

    fn read_as(
        &self,
        charge: &'a Charge,
        disposition: Ruled<'a>,
        judged: &mut JudgedCharge<'a>,
    ) -> Result<Option<Question>, Refusal> {
        let evidence = Evidence {
            case_type: &self.scratch.case_type,
            name: &self.scratch.name,
            statute: &judged.statute,
            section: statute::section(&judged.statute),
            level: &self.scratch.level,
            county: &self.scratch.county,
            birth_year: self.case.birth_year,
            disposition,
            policy: self.options.policy,
        };
        let classified = classify(&evidence).map_err(|UnlistedLevel| Refusal::UnlistedLevel {
            charge: charge.ambiguous_charge_id.clone(),
        })?;
        let mut refusal = None;
        classified.possibilities(
            |possibility| match self.reading(charge, possibility, disposition) {
                Ok(reading) => judged.readings.push(reading),
                Err(impossible) => refusal = Some(impossible),
            },
        );
        refusal.map_or(Ok(classified.question()), Err)
    }

    fn reading(
        &self,
        charge: &'a Charge,
        possibility: Possibility,
        disposition: Ruled<'a>,
    ) -> Result<Reading<'a>, Refusal> {
        let (charge_type, severity) = possibility;
        let eligibility =
            charge_type
                .eligibility(disposition.status)
                .ok_or_else(|| Refusal::ImpossibleType {
                    charge: charge.ambiguous_charge_id.clone(),
                    charge_type,
                })?;
        let timing = Timing::new(
            self.case,
            charge,
            possibility,
            eligibility,
            &disposition,
            self.options.policy,
        );
        Ok(Reading {
            charge_type,
            severity,
            disposition,
            eligibility,
            timing,
        })
    }
}
