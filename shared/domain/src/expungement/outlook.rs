//! What is to come: the days on which something of a record becomes eligible, and the same as a calendar (RFC 5545).
//!
//! The record is judged again on each of those days, as if nothing else happened until then. What hangs on an open charge has no
//! day and is not foretold.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Serialize;

use super::money::Dollars;
use super::phrase::{Phrase, phrase};
use super::record::Record;
use super::verdict::ChargeStatus;
use super::when::When;
use super::{Case, Options, Refusal};
use crate::person::Language;

/// Days that are looked at. Real records have a handful.
const MAX_DAYS: usize = 200;

/// The days to come, earliest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlook {
    /// The day from which is looked ahead.
    pub today: Date,
    pub days: Vec<Turn>,
    /// Charges whose day hangs on an open charge, by id.
    pub waiting_for_open_charge: Vec<String>,
    #[serde(skip)]
    clock: Date,
}

/// A day on which something becomes eligible.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Turn {
    pub date: Date,
    /// The charges that become eligible.
    pub charges: Vec<TurningCharge>,
    /// The cases that can be filed from this day on, for none of their charges has still to wait.
    pub cases: Vec<TurningCase>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TurningCharge {
    pub ambiguous_charge_id: String,
    pub case_number: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TurningCase {
    pub case_number: String,
    pub county: String,
    /// Charges that can then be set aside.
    pub charges: usize,
    /// In dollars: what must be paid first.
    pub balance_due: f64,
    #[serde(skip)]
    balance_in_cents: i64,
}

/// What is eligible on one day.
#[derive(Default)]
struct Standing<'a> {
    charges: BTreeSet<&'a str>,
    cases: BTreeSet<&'a str>,
    /// The first day after this on which a wait may end.
    next: Option<Date>,
}

impl<'a> Standing<'a> {
    fn of(record: &Record<'a>) -> Self {
        let today = record.options.today;
        let mut standing = Self::default();
        for case in record.cases.iter().filter(|case| !case.is_deleted()) {
            let case: &super::record::JudgedCase<'a> = case;
            let (mut eligible, mut waits) = (false, false);
            for charge in case.charges.iter().filter(|charge| !charge.is_deleted()) {
                match charge.verdict.status {
                    ChargeStatus::EligibleNow => {
                        eligible = true;
                        standing.charges.insert(&charge.charge.ambiguous_charge_id);
                    }
                    ChargeStatus::WillBeEligible => waits = true,
                    _ => {}
                }
                for time in &charge.times {
                    if let When::Day(day) = time.date
                        && day > today
                        && day < When::LAST_DAY
                        && standing.next.is_none_or(|next| day < next)
                    {
                        standing.next = Some(day);
                    }
                }
            }
            if eligible && !waits {
                standing.cases.insert(&case.case.case_number);
            }
        }
        standing
    }
}

impl Outlook {
    /// Looks ahead from `options.today`. The cases are with their edits.
    ///
    /// # Errors
    /// As [`Record::judge`].
    pub fn of<C: AsRef<Case>>(cases: &[C], options: Options) -> Result<Self, Refusal> {
        let first = Record::judge(cases, options)?;
        let waiting_for_open_charge = first
            .charges()
            .filter(|(_, charge)| !charge.is_deleted())
            .filter(|(_, charge)| charge.verdict.sort_date.is_some_and(When::is_future))
            .map(|(_, charge)| charge.charge.ambiguous_charge_id.clone())
            .collect();
        let mut before = Standing::of(&first);
        let mut days = Vec::new();
        for _ in 0..MAX_DAYS {
            let Some(date) = before.next else { break };
            let record = Record::judge(
                cases,
                Options {
                    today: date,
                    ..options
                },
            )?;
            let now = Standing::of(&record);
            let turn = Turn::between(&before, &now, &record, date);
            if !(turn.charges.is_empty() && turn.cases.is_empty()) {
                days.push(turn);
            }
            before = now;
        }
        Ok(Self {
            today: options.today,
            days,
            waiting_for_open_charge,
            clock: options.clock,
        })
    }
}

impl Turn {
    fn between(before: &Standing, now: &Standing, record: &Record, date: Date) -> Self {
        let live = record.cases.iter().filter(|case| !case.is_deleted());
        let (mut charges, mut cases) = (Vec::new(), Vec::new());
        for case in live {
            let number = case.case.case_number.as_str();
            let eligible = || {
                let live = case.charges.iter().filter(|charge| !charge.is_deleted());
                live.map(|charge| charge.charge)
                    .filter(|charge| now.charges.contains(charge.ambiguous_charge_id.as_str()))
            };
            charges.extend(
                eligible()
                    .filter(|charge| !before.charges.contains(charge.ambiguous_charge_id.as_str()))
                    .map(|charge| TurningCharge {
                        ambiguous_charge_id: charge.ambiguous_charge_id.clone(),
                        case_number: number.to_owned(),
                        name: charge.name.clone(),
                    }),
            );
            if now.cases.contains(number) && !before.cases.contains(number) {
                let owed = case.case.balance_due_in_cents.max(0);
                cases.push(TurningCase {
                    case_number: number.to_owned(),
                    county: case.case.location.clone(),
                    charges: eligible().count(),
                    balance_due: Dollars(owed).as_f64(),
                    balance_in_cents: owed,
                });
            }
        }
        Self { date, charges, cases }
    }
}

static CALENDAR: Phrase = phrase("When cases can be set aside", "Cuándo se pueden anular los casos");
static SUMMARY: Phrase = phrase(
    "Case {}: can be set aside from today",
    "Caso {}: se puede anular desde hoy",
);
static DESCRIPTION: Phrase = phrase(
    "{} County. Charges of this case that become eligible: {}. Check the record again before you file.",
    "Condado de {}. Cargos de este caso que pasan a ser elegibles: {}. Revise el historial otra vez antes de presentar la moción.",
);
static BALANCE: Phrase = phrase(
    " First pay what is owed: ${}.",
    " Primero pague lo que se debe: ${}.",
);

impl Outlook {
    /// The calendar: an event of a whole day for each case that can be filed from then on. It names case and county, never a
    /// person or a charge. Its bytes depend on the record, the days and the language alone, and an event keeps its `UID`, so
    /// that importing it again changes what is there.
    #[must_use]
    pub fn to_ics(&self, language: Language) -> String {
        let mut out = Calendar(String::new());
        out.line("BEGIN", "VCALENDAR");
        out.line("VERSION", "2.0");
        out.line("PRODID", "-//Commonweal//Expungement//EN");
        out.line("CALSCALE", "GREGORIAN");
        out.line("METHOD", "PUBLISH");
        out.line("X-WR-CALNAME", &text(CALENDAR.in_language(language)));
        let stamp = format!("{}T000000Z", compact(self.clock));
        for turn in &self.days {
            for case in &turn.cases {
                let mut description = DESCRIPTION.filled(language, &[&case.county, &case.charges]);
                if case.balance_in_cents > 0 {
                    description.push_str(&BALANCE.filled(language, &[&Dollars(case.balance_in_cents)]));
                }
                out.line("BEGIN", "VEVENT");
                out.line(
                    "UID",
                    &format!("set-aside-{}@commonweal", uid(&case.county, &case.case_number)),
                );
                out.line("DTSTAMP", &stamp);
                out.line("DTSTART;VALUE=DATE", &compact(turn.date));
                if let Ok(end) = turn.date.tomorrow() {
                    out.line("DTEND;VALUE=DATE", &compact(end));
                }
                out.line("SUMMARY", &text(&SUMMARY.filled(language, &[&case.case_number])));
                out.line("DESCRIPTION", &text(&description));
                out.line("TRANSP", "TRANSPARENT");
                out.line("END", "VEVENT");
            }
        }
        out.line("END", "VCALENDAR");
        out.0
    }
}

/// `20310102`.
fn compact(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// Letters and digits stay; what else is in the numbers of a county becomes its code point.
fn uid(county: &str, number: &str) -> String {
    let mut out = String::new();
    for c in county.chars().chain(['-']).chain(number.chars()).take(120) {
        if c.is_ascii_alphanumeric() || c == '-' {
            out.push(c.to_ascii_lowercase());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, ".{:x}", u32::from(c));
        }
    }
    out
}

/// A TEXT value (RFC 5545, 3.3.11).
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Content lines, ended by CRLF and folded at 75 octets (RFC 5545, 3.1).
struct Calendar(String);

const LINE_OCTETS: usize = 75;

impl Calendar {
    fn line(&mut self, name: &str, value: &str) {
        let line = format!("{name}:{value}");
        let mut rest = line.as_str();
        let mut room = LINE_OCTETS;
        while rest.len() > room {
            let (head, tail) = rest.split_at(rest.floor_char_boundary(room));
            self.0.push_str(head);
            self.0.push_str("\r\n ");
            rest = tail;
            room = LINE_OCTETS - 1; // the blank counts
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::expungement::{Alias, Edits, demo, edits};

    fn person(first: &str, last: &str) -> Vec<Case> {
        let alias = Alias {
            first_name: first.into(),
            last_name: last.into(),
            ..Alias::default()
        };
        demo::find(&[alias], date(2026, 7, 1))
    }

    fn outlook(cases: &[Case]) -> Outlook {
        Outlook::of(cases, Options::on(date(2026, 7, 1))).unwrap()
    }

    #[test]
    fn the_day_that_is_foretold_is_the_day_on_which_it_comes_true() {
        let mut seen = 0;
        for person in &demo::PEOPLE {
            let cases = person.cases(date(2026, 7, 1));
            for turn in outlook(&cases).days {
                for charge in &turn.charges {
                    let status = |today| {
                        let options = Options {
                            today,
                            ..Options::on(date(2026, 7, 1))
                        };
                        let found = edits::apply(&cases, &Edits::default(), options).unwrap();
                        let record = Record::judge(&found, options).unwrap();
                        record
                            .charges()
                            .find(|(_, one)| one.charge.ambiguous_charge_id == charge.ambiguous_charge_id)
                            .map(|(_, one)| one.verdict.status)
                    };
                    assert_ne!(
                        status(turn.date.yesterday().unwrap()),
                        Some(ChargeStatus::EligibleNow),
                        "{}",
                        person.label()
                    );
                    assert_eq!(
                        status(turn.date),
                        Some(ChargeStatus::EligibleNow),
                        "{}",
                        person.label()
                    );
                    seen += 1;
                }
            }
        }
        assert!(seen > 0, "no demonstration person has anything to come");
    }

    #[test]
    fn days_are_in_order_and_a_case_that_owes_says_so() {
        let mut cases = person("Single", "Conviction");
        cases[0].balance_due_in_cents = 12_350;
        let outlook = outlook(&cases);
        let days: Vec<Date> = outlook.days.iter().map(|turn| turn.date).collect();
        assert!(days.is_sorted() && days.iter().all(|day| *day > outlook.today));
        assert_eq!(outlook.days[0].cases[0].balance_due, 123.5);
        assert!(
            outlook
                .to_ics(Language::En)
                .replace("\r\n ", "")
                .contains("First pay what is owed: $123.5.")
        );
    }

    #[test]
    fn the_calendar_keeps_to_the_rules_of_the_format() {
        let mut cases = person("Single", "Conviction");
        cases[0].name = "Peña, Secret".into();
        cases[0].location = "Ñandú; \"Coös\", \\ \r\nBEGIN:VALARM".repeat(3);
        cases[0].case_number = "10CR/1\u{7}".into();
        let calendar = outlook(&cases).to_ics(Language::Es);
        assert!(calendar.ends_with("END:VCALENDAR\r\n") && calendar.starts_with("BEGIN:VCALENDAR\r\n"));
        for line in calendar.split_terminator("\r\n") {
            assert!(line.len() <= 75, "{line:?} has {} octets", line.len());
            assert!(!line.contains(['\n', '\r', '\u{7}']));
        }
        let unfolded = calendar.replace("\r\n ", "");
        assert_eq!(
            unfolded.matches("BEGIN:").count(),
            1 + unfolded.matches("\r\nBEGIN:VEVENT").count() + 3,
            "an injected line stays text"
        );
        assert_eq!(unfolded.matches("\r\nBEGIN:VALARM").count(), 0);
        assert!(unfolded.contains("\\; \"Coös\"\\, \\\\ "), "{unfolded}");
        assert!(!unfolded.contains("Secret"), "no person is named");
        assert_eq!(
            calendar,
            outlook(&cases).to_ics(Language::Es),
            "the same record, the same bytes"
        );
        let uid = unfolded.lines().find(|line| line.starts_with("UID:")).unwrap();
        assert!(uid.is_ascii() && uid.ends_with("@commonweal"), "{uid}");
    }

    #[test]
    fn nothing_to_come_is_an_empty_calendar() {
        let empty = outlook(&[]);
        assert_eq!(empty.days, []);
        assert!(!empty.to_ics(Language::En).contains("VEVENT"));
    }
}
