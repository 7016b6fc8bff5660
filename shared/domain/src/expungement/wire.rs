//! The search response as JSON. Nothing is copied on the way: each part writes itself from the judged record.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::banners::banners;
use super::case::EditStatus;
use super::money::Dollars;
use super::policy::Deviation;
use super::questions::QuestionsOut;
use super::record::{JudgedCase, JudgedCharge, Options, Record};
use super::summary::{ChargeLine, CountyFines, Group, Section, Summary, summarize};
use super::when::{DisplayWhen, display_day};

/// A judged record with its banners and summary: the `record` member of the response.
pub struct Response<'r> {
    record: &'r Record<'r>,
    banners: Vec<String>,
    summary: Summary<'r>,
    asked: Option<&'r RawValue>,
}

impl<'r> Response<'r> {
    #[must_use]
    pub fn of(record: &'r Record<'r>) -> Self {
        Self {
            record,
            banners: banners(record),
            summary: summarize(record),
            asked: None,
        }
    }

    /// With these texts instead of the banners: why a search found nothing.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<String>) -> Self {
        self.banners = errors;
        self
    }

    /// With the questions as the client knows them instead of those that the record raises: an answered question is raised no
    /// more, but its answer may be changed.
    #[must_use]
    pub fn with_questions(mut self, questions: Option<&'r RawValue>) -> Self {
        self.asked = questions;
        self
    }

    #[must_use]
    pub fn banners(&self) -> &[String] {
        &self.banners
    }

    #[must_use]
    pub fn summary(&self) -> &Summary<'r> {
        &self.summary
    }

    /// The JSON text of `{"record": …}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(serde::Serialize)]
        struct Body<'s, 'r> {
            record: &'s Response<'r>,
        }
        let charges: usize = self.record.cases.iter().map(|case| case.charges.len()).sum();
        let mut text = Vec::with_capacity(1024 + charges * 2048);
        // No map has keys other than texts and no writer can fail.
        let _ = serde_json::to_writer(&mut text, &Body { record: self });
        String::from_utf8(text).unwrap_or_default()
    }
}

/// Writes whatever can be displayed as a JSON text.
struct Text<T>(T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Writes an iterator as a JSON array, an item at a time.
struct Array<F>(F);

impl<F, I> Serialize for Array<F>
where
    F: Fn() -> I,
    I: Iterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Writes an iterator of pairs as a JSON object.
pub(super) struct Entries<F>(pub(super) F);

impl<F, I, K, V> Serialize for Entries<F>
where
    F: Fn() -> I,
    I: Iterator<Item = (K, V)>,
    K: Serialize,
    V: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl Serialize for Response<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            record,
            banners,
            summary,
            asked,
        } = self;
        let skip_deleted = record.options.policy.allows(Deviation::DeletedIsGone);
        let owed = record
            .cases
            .iter()
            .filter(|case| !(skip_deleted && case.is_deleted()));
        let total = owed.fold(0_i64, |sum, case| {
            sum.saturating_add(case.case.balance_due_in_cents)
        });
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("total_balance_due", &Dollars(total))?;
        map.serialize_entry(
            "cases",
            &Array(|| record.cases.iter().map(|case| CaseOut::of(case, record.options))),
        )?;
        map.serialize_entry("errors", banners)?;
        map.serialize_entry("summary", summary)?;
        match asked {
            Some(questions) => map.serialize_entry("questions", questions)?,
            None => map.serialize_entry("questions", &QuestionsOut(record))?,
        }
        map.end()
    }
}

#[derive(Serialize)]
struct CaseOut<'r, C> {
    name: &'r str,
    birth_year: YearOrEmpty,
    case_number: &'r str,
    citation_number: &'r str,
    location: &'r str,
    date: Text<DisplayWhen>,
    violation_type: &'r str,
    current_status: Text<StatusLine<'r>>,
    balance_due: Dollars,
    case_detail_link: &'r str,
    district_attorney_number: &'r str,
    sid: &'r str,
    restitution: bool,
    edit_status: &'static str,
    charges: C,
}

impl<'r> CaseOut<'r, ()> {
    fn of(judged: &'r JudgedCase<'r>, options: Options) -> impl Serialize {
        let case = judged.case;
        CaseOut {
            name: &case.name,
            birth_year: YearOrEmpty(case.birth_year),
            case_number: &case.case_number,
            citation_number: &case.citation_number,
            location: &case.location,
            date: Text(display_day(case.date, options.language)),
            violation_type: &case.violation_type,
            current_status: Text(StatusLine(judged)),
            balance_due: Dollars(case.balance_due_in_cents),
            case_detail_link: &case.case_detail_link,
            district_attorney_number: &case.district_attorney_number,
            sid: &case.sid,
            restitution: case.restitution,
            edit_status: case.edit_status.as_str(),
            charges: Array(move || {
                judged
                    .charges
                    .iter()
                    .map(move |charge| charge_out(judged, charge, options))
            }),
        }
    }
}

/// A missing year is an empty text on the wire.
struct YearOrEmpty(Option<i16>);

impl Serialize for YearOrEmpty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(year) => serializer.serialize_i16(year),
            None => serializer.serialize_str(""),
        }
    }
}

/// The court's status, with what it comes down to where the word does not say it.
struct StatusLine<'r>(&'r JudgedCase<'r>);

impl fmt::Display for StatusLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let case = self.0.case;
        f.write_str(&case.current_status)?;
        match &case.current_status {
            plain if plain.eq_ignore_ascii_case("closed") || plain.eq_ignore_ascii_case("open") => Ok(()),
            _ if case.is_closed() => f.write_str(" (Closed)"),
            _ => f.write_str(" (Open)"),
        }
    }
}

impl EditStatus {
    /// As the wire writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "UNCHANGED",
            Self::Update => "UPDATE",
            Self::Add => "ADD",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Serialize)]
struct ChargeOut<'r, I, T, R> {
    ambiguous_charge_id: &'r str,
    case_number: &'r str,
    date: Text<DisplayWhen>,
    disposition: DispositionOut<'r>,
    expungement_result: R,
    expungement_rules: &'static str,
    id: I,
    level: &'r str,
    name: &'r str,
    probation_revoked: Option<Text<DisplayWhen>>,
    statute: &'r str,
    type_name: T,
    edit_status: &'static str,
}

#[derive(Serialize)]
struct DispositionOut<'r> {
    date: Text<DisplayWhen>,
    ruling: &'r str,
    status: &'static str,
    amended: bool,
    lesser_charge: bool,
}

#[derive(Serialize)]
struct ResultOut<'r, R, T> {
    type_eligibility: TypeOut<R>,
    time_eligibility: Option<T>,
    charge_eligibility: VerdictOut<'r>,
}

#[derive(Serialize)]
struct TypeOut<R> {
    status: &'static str,
    reason: R,
}

#[derive(Serialize)]
struct TimeOut<R> {
    status: &'static str,
    reason: R,
    date_will_be_eligible: Text<DisplayWhen>,
    unique_date: bool,
}

#[derive(Serialize)]
struct VerdictOut<'r> {
    status: &'static str,
    label: &'r str,
    date_to_sort_label_by: Option<Text<DisplayWhen>>,
}

fn charge_out<'r>(
    case: &'r JudgedCase<'r>,
    charge: &'r JudgedCharge<'r>,
    options: Options,
) -> impl Serialize {
    let language = options.language;
    let found = charge.charge;
    let id = &found.ambiguous_charge_id;
    let disposition = &charge.disposition;
    ChargeOut {
        ambiguous_charge_id: id,
        case_number: &case.case.case_number,
        date: Text(display_day(found.date, language)),
        disposition: DispositionOut {
            date: Text(disposition.date.display(language)),
            ruling: disposition.ruling,
            status: disposition.status.as_str(),
            amended: disposition.amended,
            lesser_charge: disposition.lesser_charge,
        },
        expungement_result: ResultOut {
            type_eligibility: TypeOut {
                status: charge.type_status.as_str(),
                reason: Text(fmt::from_fn(move |f| {
                    joined(f, charge.distinct_types(), |f, reading| {
                        f.write_str(reading.charge_type.facts().name.in_language(language))?;
                        f.write_str(" – ")?;
                        f.write_str(reading.eligibility.reason.in_language(language))
                    })
                })),
            },
            time_eligibility: charge.times.first().map(|first| TimeOut {
                status: if charge.times.iter().all(|time| time.eligible) {
                    "Eligible"
                } else {
                    "Ineligible"
                },
                reason: Text(fmt::from_fn(move |f| {
                    let distinct = charge.times.iter().enumerate().filter_map(|(index, time)| {
                        let seen = charge.times[..index]
                            .iter()
                            .any(|before| before.reason == time.reason);
                        (!seen).then_some(time)
                    });
                    joined(f, distinct, |f, time| time.reason.write(language, f))
                })),
                date_will_be_eligible: Text(first.date.display(language)),
                unique_date: charge.times.iter().all(|time| time.date == first.date),
            }),
            charge_eligibility: VerdictOut {
                status: charge.verdict.status.as_str(),
                label: &charge.verdict.label,
                date_to_sort_label_by: charge.verdict.sort_date.map(|date| Text(date.display(language))),
            },
        },
        expungement_rules: charge.charge_type().facts().explanation.in_language(language),
        id: Text(fmt::from_fn(move |f| {
            f.write_str(id)?;
            f.write_str("-0")
        })),
        level: &found.level,
        name: &found.name,
        probation_revoked: found
            .probation_revoked
            .map(|date| Text(display_day(date, language))),
        statute: &charge.statute,
        type_name: Text(fmt::from_fn(move |f| {
            joined(f, charge.distinct_types(), |f, reading| {
                f.write_str(reading.charge_type.facts().name.in_language(language))
            })
        })),
        edit_status: found.edit_status.as_str(),
    }
}

/// Writes the items with ` OR ` between them.
fn joined<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = T>,
    write: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.enumerate() {
        if index > 0 {
            f.write_str(" OR ")?;
        }
        write(f, item)?;
    }
    Ok(())
}

impl Serialize for Summary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("total_charges", &self.total_charges)?;
        map.serialize_entry("total_cases", &self.total_cases)?;
        map.serialize_entry("charges_grouped_by_eligibility_and_case", &self.groups)?;
        map.serialize_entry("county_fines", &self.county_fines)?;
        map.serialize_entry("total_fines_due", &Dollars(self.total_fines_due))?;
        map.end()
    }
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.label, &self.cases).serialize(serializer)
    }
}

impl Serialize for Section<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.case_line() {
            Some(line) => (Text(line), &self.charges).serialize(serializer),
            None => ("", &self.charges).serialize(serializer),
        }
    }
}

impl Serialize for ChargeLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.ambiguous_charge_id(), Text(self)).serialize(serializer)
    }
}

impl Serialize for CountyFines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct CaseFine<'r> {
            case_number: &'r str,
            balance: Dollars,
        }
        let fines = || {
            self.cases.iter().map(|(case_number, cents)| CaseFine {
                case_number,
                balance: Dollars(*cents),
            })
        };
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("county_name", self.county)?;
        map.serialize_entry("case_fines", &Array(fines))?;
        map.serialize_entry("total_fines_due", &Dollars(self.total()))?;
        map.end()
    }
}
