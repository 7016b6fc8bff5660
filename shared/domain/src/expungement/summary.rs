//! The panel beside the record: charges by what can be done with them, and what is owed where.

use std::borrow::Cow;
use std::fmt;

use super::case::Case;
use super::money::Dollars;
use super::phrase::{Phrase, phrase};
use super::policy::Deviation;
use super::record::{JudgedCase, JudgedCharge, Record};
use super::verdict::ChargeStatus;
use super::when::{When, display_day};
use crate::person::Language;

/// What can be done with the charges of a group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// Can be set aside; where a balance is owed, once that is paid.
    Now,
    /// Not yet: the date is the latest of the case, for its charges are set aside together.
    Later(When),
    /// Perhaps: the law depends on facts that the record does not show.
    Possibly,
    /// A question is open, or a person must look at it.
    Undecided,
    /// Not while restitution may be owed.
    Restitution,
    Never,
}

/// Charges of one label, by case.
#[derive(Debug)]
pub struct Group<'r> {
    pub label: Cow<'r, str>,
    pub standing: Standing,
    /// A balance must be paid first.
    pub if_paid: bool,
    /// Another charge of the case can never be set aside.
    pub in_part: bool,
    pub cases: Vec<Section<'r>>,
}

/// The charges of one case within a group.
#[derive(Debug)]
pub struct Section<'r> {
    case: &'r JudgedCase<'r>,
    /// The label says that a balance must be paid first.
    if_paid: bool,
    pub charges: Vec<ChargeLine<'r>>,
}

#[derive(Clone, Copy, Debug)]
pub struct ChargeLine<'r> {
    charge: &'r JudgedCharge<'r>,
    language: Language,
}

/// What is owed in one county.
#[derive(Debug)]
pub struct CountyFines<'r> {
    pub county: &'r str,
    /// Case number and cents, in the order of the record; cases that owe nothing are left out.
    pub cases: Vec<(&'r str, i64)>,
}

impl CountyFines<'_> {
    /// In cents.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.cases
            .iter()
            .fold(0_i64, |sum, (_, cents)| sum.saturating_add(*cents))
    }
}

#[derive(Debug)]
pub struct Summary<'r> {
    pub total_charges: usize,
    pub total_cases: usize,
    pub groups: Vec<Group<'r>>,
    pub county_fines: Vec<CountyFines<'r>>,
    /// In cents.
    pub total_fines_due: i64,
}

static ON_CASE_WITH_INELIGIBLE: Phrase = phrase(
    " on case with Ineligible charge",
    " en un caso con un cargo inelegible",
);
pub(super) static IF_BALANCE_PAID: Phrase = phrase(" If Balance Paid", " si paga el saldo");

struct Entry<'r> {
    rank: u8,
    label: Cow<'r, str>,
    standing: Standing,
    in_part: bool,
    if_paid: bool,
    case: &'r JudgedCase<'r>,
    charge: &'r JudgedCharge<'r>,
}

/// Sums a record up.
#[must_use]
pub fn summarize<'r>(record: &'r Record<'r>) -> Summary<'r> {
    let language = record.options.language;
    let skip_deleted = record.options.policy.allows(Deviation::DeletedIsGone);
    let cases = || {
        record
            .cases
            .iter()
            .filter(move |case| !(skip_deleted && case.is_deleted()))
    };
    let counted = move |charge: &&JudgedCharge| !(skip_deleted && charge.is_deleted());

    let mut entries = Vec::new();
    for case in cases() {
        enter(case, counted, language, &mut entries);
    }
    entries.sort_by(|a: &Entry, b| {
        (a.rank, &*a.label, a.case.case.case_number.as_str()).cmp(&(
            b.rank,
            &*b.label,
            &b.case.case.case_number,
        ))
    });

    let mut groups: Vec<Group<'r>> = Vec::new();
    for entry in entries {
        if groups.last().is_none_or(|group| group.label != entry.label) {
            groups.push(Group {
                label: entry.label,
                standing: entry.standing,
                if_paid: entry.if_paid,
                in_part: entry.in_part,
                cases: Vec::new(),
            });
        }
        let Some(group) = groups.last_mut() else { continue };
        let same_case = |section: &Section| section.case.case.case_number == entry.case.case.case_number;
        if !group.cases.last().is_some_and(same_case) {
            group.cases.push(Section {
                case: entry.case,
                if_paid: entry.if_paid,
                charges: Vec::new(),
            });
        }
        if let Some(section) = group.cases.last_mut()
            && !entry.charge.is_deleted()
        {
            section.charges.push(ChargeLine {
                charge: entry.charge,
                language,
            });
        }
    }

    let mut county_fines: Vec<CountyFines<'r>> = Vec::new();
    let mut total_fines_due = 0_i64;
    for case in cases() {
        let county = case.case.location.as_str();
        let index = match county_fines.binary_search_by(|fines| fines.county.cmp(county)) {
            Ok(index) => index,
            Err(index) => {
                county_fines.insert(
                    index,
                    CountyFines {
                        county,
                        cases: Vec::new(),
                    },
                );
                index
            }
        };
        let cents = case.case.balance_due_in_cents;
        if cents != 0 {
            county_fines[index].cases.push((&case.case.case_number, cents));
            total_fines_due = total_fines_due.saturating_add(cents);
        }
    }

    Summary {
        total_charges: cases().flat_map(|case| &case.charges).filter(counted).count(),
        total_cases: cases().count(),
        groups,
        county_fines,
        total_fines_due,
    }
}

/// Ranks the charges of one case. One charge that is not eligible yet moves the others of its case to its date, for they are
/// set aside together.
fn enter<'r>(
    case: &'r JudgedCase<'r>,
    counted: impl Fn(&&JudgedCharge) -> bool + Copy,
    language: Language,
    entries: &mut Vec<Entry<'r>>,
) {
    let charges = || case.charges.iter().filter(move |charge| counted(charge));
    let has_ineligible = charges().any(|charge| charge.verdict.status == ChargeStatus::Ineligible);
    let owes = case.case.balance_due_in_cents != 0;
    let mut latest: Option<&JudgedCharge> = None;
    for charge in charges().filter(|charge| charge.verdict.sort_date.is_some()) {
        if latest.is_none_or(|other| other.verdict.sort_date < charge.verdict.sort_date) {
            latest = Some(charge);
        }
    }
    for charge in charges().filter(|charge| !charge.charge_type().facts().hidden_in_summary) {
        let own: &'r str = &charge.verdict.label;
        let standing = match (
            charge.verdict.status,
            latest.and_then(|one| one.verdict.sort_date),
        ) {
            (ChargeStatus::NeedsMoreAnalysis, _) => Standing::Undecided,
            (ChargeStatus::IneligibleIfRestitutionOwed, _) => Standing::Restitution,
            (ChargeStatus::Ineligible, _) => Standing::Never,
            (_, Some(date)) => Standing::Later(date),
            (ChargeStatus::EligibleNow, None) => Standing::Now,
            (_, None) => Standing::Possibly,
        };
        let (rank, label, if_paid) = match standing {
            Standing::Undecided | Standing::Restitution => (0, own.into(), false),
            Standing::Never => (1, own.into(), false),
            _ => {
                let rank = match (latest.is_some(), owes, has_ineligible) {
                    (false, owes, ineligible) => 2 + 2 * u8::from(owes) + u8::from(ineligible),
                    (true, owes, ineligible) => 6 + 2 * u8::from(ineligible) + u8::from(owes),
                };
                let base: &'r str = latest.map_or(own, |charge| &charge.verdict.label);
                let paid = if owes {
                    IF_BALANCE_PAID.in_language(language)
                } else {
                    ""
                };
                let ineligible = if has_ineligible {
                    ON_CASE_WITH_INELIGIBLE.in_language(language)
                } else {
                    ""
                };
                let label = if owes || has_ineligible {
                    [base, paid, ineligible].concat().into()
                } else {
                    base.into()
                };
                (rank, label, owes)
            }
        };
        entries.push(Entry {
            in_part: has_ineligible && rank > 1,
            rank,
            label,
            standing,
            if_paid,
            case,
            charge,
        });
    }
}

impl<'r> Section<'r> {
    #[must_use]
    pub fn case(&self) -> &'r Case {
        self.case.case
    }

    /// What is owed on the case, where that stands in the way; else empty.
    #[must_use]
    pub fn case_line(&self) -> Option<impl fmt::Display> {
        let case = self.case.case;
        self.if_paid.then(|| {
            let line = move |f: &mut fmt::Formatter<'_>| {
                write!(
                    f,
                    "{} {} – ${}",
                    case.location,
                    case.case_number,
                    Dollars(case.balance_due_in_cents)
                )
            };
            fmt::from_fn(line)
        })
    }
}

impl<'r> ChargeLine<'r> {
    #[must_use]
    pub fn charge(&self) -> &'r JudgedCharge<'r> {
        self.charge
    }

    #[must_use]
    pub fn ambiguous_charge_id(&self) -> &str {
        &self.charge.charge.ambiguous_charge_id
    }
}

impl fmt::Display for ChargeLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let charge = self.charge.charge;
        // What stands in brackets is a note of the court's; the blank before it stays, as in the peer's text.
        f.write_str(charge.name.split('(').next().unwrap_or_default())?;
        f.write_str(" (")?;
        f.write_str(self.charge.disposition.status.in_capitals())?;
        f.write_str(match self.language {
            Language::En => ") Charged ",
            Language::Es => ") Cargo del ",
        })?;
        write!(f, "{}", display_day(charge.date, self.language))
    }
}
