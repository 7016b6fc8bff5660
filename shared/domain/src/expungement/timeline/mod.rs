//! A record over time: what happened to each charge, what holds it back from when to when, the day it becomes eligible.
//!
//! The model is made of a judged [`Record`]; [`Timeline::to_svg`] draws it, and the texts of [`Row`] say the same in words,
//! for those who do not see the picture. Deleted charges are left out.

mod svg;

pub use svg::Width;

use std::borrow::Cow;

use jiff::ToSpan;
use jiff::civil::Date;

use super::badge::{Badge, Tone, label_of};
use super::disposition::DispositionStatus;
use super::phrase::{Phrase, phrase};
use super::record::{JudgedCase, JudgedCharge, Record};
use super::time::{TimeReason, TimeVerdict};
use super::verdict::ChargeStatus;
use super::when::{Period, When, display_day};
use crate::person::Language;

/// The charges of a record over time, in the record's order.
#[derive(Debug)]
pub struct Timeline<'r> {
    pub today: Date,
    pub language: Language,
    pub rows: Vec<Row<'r>>,
}

/// One charge.
#[derive(Debug)]
pub struct Row<'r> {
    pub case_number: &'r str,
    pub ambiguous_charge_id: &'r str,
    pub name: &'r str,
    pub tone: Tone,
    /// The verdict in full, e.g. `Eligible Jan 2, 2030`.
    pub label: Cow<'r, str>,
    /// Earliest first.
    pub events: Vec<Event>,
    /// What holds the charge back; several where it is not decided what the charge is.
    pub waits: Vec<Wait>,
    pub outcomes: Vec<Outcome>,
    language: Language,
}

/// Something that happened in court.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    pub date: Date,
    pub kind: EventKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventKind {
    Charged,
    Convicted,
    /// Dismissed, diverted, or no complaint was filed.
    Dismissed,
    ProbationRevoked,
}

/// A waiting period: from the day it is counted from to the day it is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wait {
    pub from: Date,
    pub until: Date,
    /// The rule, e.g. `Five years from date of conviction (137.225(1)(b))`.
    pub reason: String,
}

/// When the charge can be set aside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// On this day, which may have passed.
    EligibleOn(Date),
    /// So long after an undecided charge is convicted, if it is.
    AfterConviction(Period),
    Never,
    /// A person must look at it.
    Undecided,
}

impl<'r> Timeline<'r> {
    #[must_use]
    pub fn of(record: &'r Record<'r>) -> Self {
        let rows = record
            .charges()
            .filter(|(case, charge)| !case.is_deleted() && !charge.is_deleted())
            .map(|(case, charge)| row(record, case, charge))
            .collect();
        Self {
            today: record.options.today,
            language: record.options.language,
            rows,
        }
    }

    /// One or two sentences that say what the picture shows.
    #[must_use]
    pub fn description(&self) -> String {
        let count = |tone| self.rows.iter().filter(|row| row.tone == tone).count();
        let next = self
            .rows
            .iter()
            .filter(|row| row.tone == Tone::Later)
            .flat_map(|row| &row.outcomes)
            .filter_map(|outcome| match outcome {
                Outcome::EligibleOn(date) if *date > self.today => Some(*date),
                _ => None,
            })
            .min();
        let mut text = DESCRIPTION.filled(
            self.language,
            &[
                &self.rows.len(),
                &count(Tone::Now),
                &count(Tone::Later),
                &count(Tone::Never),
                &count(Tone::Undecided),
            ],
        );
        if let Some(next) = next {
            text += &NEXT.filled(self.language, &[&display_day(next, self.language)]);
        }
        text
    }
}

static DESCRIPTION: Phrase = phrase(
    "Charges: {}. Eligible now: {}; later or once a balance is paid: {}; never: {}; not decided: {}.",
    "Cargos: {}. Elegibles ahora: {}; más adelante o al pagar un saldo: {}; nunca: {}; sin decidir: {}.",
);
static NEXT: Phrase = phrase(" Next date: {}.", " Próxima fecha: {}.");

fn row<'r>(record: &'r Record<'r>, case: &'r JudgedCase<'r>, charge: &'r JudgedCharge<'r>) -> Row<'r> {
    let language = record.options.language;
    let mut events = vec![Event {
        date: charge.charge.date,
        kind: EventKind::Charged,
    }];
    let ended = match charge.disposition.status {
        DispositionStatus::Convicted => Some(EventKind::Convicted),
        status if status.is_dismissed() => Some(EventKind::Dismissed),
        _ => None,
    };
    // What is not decided cannot end before today.
    let mut ended_on = record.options.today;
    if let (Some(kind), When::Day(date)) = (ended, charge.disposition.date) {
        events.push(Event { date, kind });
        ended_on = date;
    }
    if let Some(date) = charge.charge.probation_revoked {
        events.push(Event {
            date,
            kind: EventKind::ProbationRevoked,
        });
    }
    events.sort_by_key(|event| event.date);

    let waits = charge
        .times
        .iter()
        .filter_map(|time| wait(record, charge, time))
        .collect();
    Row {
        case_number: &case.case.case_number,
        ambiguous_charge_id: &charge.charge.ambiguous_charge_id,
        name: &charge.charge.name,
        tone: Badge::of(&charge.verdict, case.case.balance_due_in_cents).tone,
        label: label_of(&charge.verdict, case.case.balance_due_in_cents, language),
        events,
        waits,
        outcomes: outcomes(charge, ended_on),
        language,
    }
}

fn outcomes(charge: &JudgedCharge, ended_on: Date) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    if charge.verdict.status == ChargeStatus::Ineligible {
        return vec![Outcome::Never];
    }
    // The young offender's exception (137.225(6)(f)) is possible although the type is ineligible.
    let judged = charge.verdict.status != ChargeStatus::PossiblyEligible;
    for time in charge.times.iter().filter(|_| judged) {
        let outcome = match time.date {
            // A dismissal counts from the charge, but nothing is set aside before it has ended.
            When::Day(date) => Outcome::EligibleOn(date.max(ended_on)),
            When::AfterConviction(period) => Outcome::AfterConviction(period),
            When::Never => Outcome::Never,
        };
        if !outcomes.contains(&outcome) {
            outcomes.push(outcome);
        }
    }
    if outcomes.is_empty() {
        outcomes.push(Outcome::Undecided);
    }
    outcomes
}

/// The waiting period behind a verdict; `None` where nothing is waited for, or no day is known.
fn wait(record: &Record, charge: &JudgedCharge, time: &TimeVerdict) -> Option<Wait> {
    let When::Day(until) = time.date else { return None };
    let own_conviction = || {
        charge
            .readings
            .iter()
            .filter(|reading| reading.disposition.status.is_convicted())
            .find_map(|reading| day_of(reading.disposition.date))
    };
    let from = match time.wait {
        TimeReason::OwnConviction { .. } | TimeReason::MarijuanaUnder21 => own_conviction(),
        TimeReason::OtherConviction {
            years, case_number, ..
        } => conviction_in(record, case_number, Period::years(years), until)
            .or_else(|| until.checked_sub(i32::from(years).years()).ok()),
        TimeReason::NoComplaint => until.checked_sub(60.days()).ok(),
        TimeReason::ProbationRevoked => charge.charge.probation_revoked,
        TimeReason::EligibleNow
        | TimeReason::FelonyClassA
        | TimeReason::UnrecognizedLevel { .. }
        | TimeReason::Dismissal
        | TimeReason::TypeIneligible
        | TimeReason::MarijuanaViolation => None,
    }?;
    (from < until).then(|| Wait {
        from,
        until,
        reason: time.wait.text(record.options.language),
    })
}

fn day_of(when: When) -> Option<Date> {
    match when {
        When::Day(day) => Some(day),
        _ => None,
    }
}

/// The day of the conviction in that case from which the wait until `until` is counted.
fn conviction_in(record: &Record, case_number: &str, period: Period, until: Date) -> Option<Date> {
    record
        .charges()
        .filter(|(case, _)| case.case.case_number == case_number)
        .flat_map(|(_, charge)| &charge.readings)
        .filter(|reading| reading.disposition.status.is_convicted())
        .filter(|reading| reading.disposition.date.plus(period) == When::Day(until))
        .find_map(|reading| day_of(reading.disposition.date))
}

impl EventKind {
    #[must_use]
    pub const fn name(self) -> &'static Phrase {
        static CHARGED: Phrase = phrase("Charged", "Acusado");
        static CONVICTED: Phrase = phrase("Convicted", "Condenado");
        static DISMISSED: Phrase = phrase("Dismissed", "Desestimado");
        static REVOKED: Phrase = phrase("Probation revoked", "Libertad condicional revocada");
        match self {
            Self::Charged => &CHARGED,
            Self::Convicted => &CONVICTED,
            Self::Dismissed => &DISMISSED,
            Self::ProbationRevoked => &REVOKED,
        }
    }
}

static FROM_TO: Phrase = phrase("{} to {}: {}", "Del {} al {}: {}");

impl Row<'_> {
    /// What happened, a line each: `Charged Jan 2, 2020`.
    pub fn event_lines(&self) -> impl Iterator<Item = String> {
        self.events.iter().map(|event| {
            let name = event.kind.name().in_language(self.language);
            format!("{name} {}", display_day(event.date, self.language))
        })
    }

    /// What holds the charge back, a line each: `Jan 2, 2020 to Jan 2, 2025: Five years from …`.
    pub fn wait_lines(&self) -> impl Iterator<Item = String> {
        self.waits.iter().map(|wait| {
            let (from, until) = (
                display_day(wait.from, self.language),
                display_day(wait.until, self.language),
            );
            FROM_TO.filled(self.language, &[&from, &until, &wait.reason])
        })
    }

    /// When the charge can be set aside, a line for each thing that it may turn out to be.
    pub fn outcome_lines(&self) -> impl Iterator<Item = String> {
        static NEVER: Phrase = phrase("Never", "Nunca");
        static UNDECIDED: Phrase = phrase(
            "Not decided: needs a closer look",
            "Sin decidir: hay que revisarlo",
        );
        static AT_CONVICTION: Phrase = phrase(
            "When the open charge is convicted",
            "Al haber condena del cargo pendiente",
        );
        let language = self.language;
        self.outcomes.iter().map(move |outcome| match outcome {
            Outcome::EligibleOn(date) => display_day(*date, language).to_string(),
            Outcome::AfterConviction(period) if *period == Period::default() => {
                AT_CONVICTION.in_language(language).to_owned()
            }
            Outcome::AfterConviction(period) => When::AfterConviction(*period).display(language).to_string(),
            Outcome::Never => NEVER.in_language(language).to_owned(),
            Outcome::Undecided => UNDECIDED.in_language(language).to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
