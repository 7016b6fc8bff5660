//! Many records at once: a line of JSON in, rows of a table and a line of JSON out. Nothing of one record reaches another.
//!
//! A line is `{"id": "…", "today": "2026-07-01", "input": {"cases": […], "edits": {…}}}`; `id`, `today` and `edits` may be left
//! out, and `cases` and `edits` may stand at the top. Cases are as [`Case`] has them, dates ISO 8601.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::Deserialize;

use super::money::Dollars;
use super::record::{JudgedCase, JudgedCharge, MAX_COMBINATIONS};
use super::when::When;
use super::{Case, Edits, Options, Record, Response, edits};
use crate::spreadsheet_text;

/// One record to judge.
#[derive(Debug, Deserialize)]
pub struct Entry {
    /// What the caller calls it: comes back with every result.
    #[serde(default)]
    pub id: String,
    /// The day that the answer is for.
    #[serde(default)]
    today: Option<Date>,
    #[serde(default)]
    input: Option<Input>,
    #[serde(default)]
    cases: Option<Vec<Case>>,
    #[serde(default)]
    edits: Edits,
}

#[derive(Debug, Default, Deserialize)]
struct Input {
    #[serde(default)]
    cases: Option<Vec<Case>>,
    #[serde(default)]
    edits: Edits,
}

/// Characters of an id.
const MAX_ID: usize = 200;

/// Why a line has no answer. Never repeats what the line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(pub Cow<'static, str>);

impl Entry {
    /// Reads a line.
    ///
    /// # Errors
    /// A [`Problem`] that says where the line breaks.
    pub fn read(line: &str) -> Result<Self, Problem> {
        let entry: Self = serde_json::from_str(line)
            .map_err(|error| Problem(format!("not a record: see column {}", error.column()).into()))?;
        if entry.id.chars().count() > MAX_ID {
            return Err(Problem("the id is too long".into()));
        }
        if entry.part().0.is_none() {
            return Err(Problem("there are no cases".into()));
        }
        Ok(entry)
    }

    /// A record of these cases.
    #[must_use]
    pub fn of(id: String, cases: Vec<Case>) -> Self {
        Self {
            id,
            today: None,
            input: None,
            cases: Some(cases),
            edits: Edits::default(),
        }
    }

    fn part(&self) -> (Option<&[Case]>, &Edits) {
        match &self.input {
            Some(input) => (input.cases.as_deref(), &input.edits),
            None => (self.cases.as_deref(), &self.edits),
        }
    }

    /// Judges the record for its own day, else for that of `options`, and hands it on.
    ///
    /// # Errors
    /// A [`Problem`] where the edits cannot be applied or the record is too large.
    pub fn judge<T>(&self, options: Options, then: impl FnOnce(&Record) -> T) -> Result<T, Problem> {
        let options = Options {
            today: self.today.unwrap_or(options.today),
            ..options
        };
        let refused = |refusal: super::Refusal| Problem(refusal.to_string().into());
        let (cases, edits) = self.part();
        let cases = edits::apply(cases.unwrap_or_default(), edits, options).map_err(refused)?;
        let record = Record::judge(&cases, options).map_err(refused)?;
        if record.combinations > MAX_COMBINATIONS {
            return Err(Problem("too many ways to read the record".into()));
        }
        Ok(then(&record))
    }
}

/// The columns of the table of results. A record without an answer has one row: its id and the problem.
pub const COLUMNS: [&str; 16] = [
    "record",
    "problem",
    "case_number",
    "county",
    "case_status",
    "case_balance",
    "charge_id",
    "charge",
    "statute",
    "level",
    "charged",
    "outcome",
    "type",
    "status",
    "label",
    "eligible_on",
];

/// One row of the table.
pub type Row<'r> = [Cow<'r, str>; COLUMNS.len()];

/// The row of a record without an answer.
#[must_use]
pub fn problem_row<'r>(id: &'r str, problem: &'r Problem) -> Row<'r> {
    let mut row = [const { Cow::Borrowed("") }; COLUMNS.len()];
    row[0] = spreadsheet_text(id);
    row[1] = Cow::Borrowed(&problem.0);
    row
}

/// A row for each charge. `eligible_on` is the day it becomes eligible, today's or an earlier one where it is; empty where there
/// is none or it hangs on an open charge.
pub fn rows<'r>(id: &'r str, record: &'r Record<'r>) -> impl Iterator<Item = Row<'r>> {
    record
        .charges()
        .filter(|(case, charge)| !case.is_deleted() && !charge.is_deleted())
        .map(move |(case, charge)| row(id, case, charge))
}

fn row<'r>(id: &'r str, case: &'r JudgedCase<'r>, judged: &'r JudgedCharge<'r>) -> Row<'r> {
    let (case, charge) = (case.case, judged.charge);
    let eligible_on = match judged
        .verdict
        .sort_date
        .or_else(|| judged.times.first().map(|time| time.date))
    {
        Some(When::Day(day)) => Cow::Owned(day.to_string()),
        _ => Cow::Borrowed(""),
    };
    [
        spreadsheet_text(id),
        Cow::Borrowed(""),
        spreadsheet_text(&case.case_number),
        spreadsheet_text(&case.location),
        spreadsheet_text(&case.current_status),
        Cow::Owned(Dollars(case.balance_due_in_cents).to_string()),
        spreadsheet_text(&charge.ambiguous_charge_id),
        spreadsheet_text(&charge.name),
        spreadsheet_text(&judged.statute),
        spreadsheet_text(&charge.level),
        Cow::Owned(charge.date.to_string()),
        Cow::Borrowed(judged.disposition.status.as_str()),
        Cow::Borrowed(judged.charge_type().facts().class),
        Cow::Borrowed(judged.verdict.status.as_str()),
        spreadsheet_text(&judged.verdict.label),
        eligible_on,
    ]
}

/// A record's line of JSON: `{"id": …, "record": …}`, the record as a search answers it. Ends without a line break.
#[must_use]
pub fn json_line(id: &str, record: &Record) -> String {
    let id = serde_json::Value::from(id);
    let answer = Response::of(record).to_json();
    format!(r#"{{"id":{id},{}"#, answer.strip_prefix('{').unwrap_or_default())
}

/// The line of a record without an answer: `{"id": …, "problem": …}`.
#[must_use]
pub fn problem_line(id: &str, problem: &Problem) -> String {
    serde_json::json!({"id": id, "problem": problem.0}).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;
    use crate::expungement::{Alias, demo};

    fn options() -> Options {
        Options::on(date(2026, 7, 1))
    }

    fn person() -> Vec<Case> {
        let alias = Alias {
            first_name: "John".into(),
            last_name: "Common".into(),
            ..Alias::default()
        };
        demo::find(&[alias], date(2026, 7, 1))
    }

    #[test]
    fn a_line_gives_a_row_for_each_charge_and_the_answer_of_a_search() {
        let cases = person();
        let charges: usize = cases.iter().map(|case| case.charges.len()).sum();
        for line in [
            json!({"id": "a", "cases": cases}),
            json!({"id": "a", "input": {"cases": cases}, "kind": "record", "expected": {}}),
        ] {
            let entry = Entry::read(&line.to_string()).unwrap();
            let (rows, text) = entry
                .judge(options(), |record| {
                    let rows: Vec<Vec<String>> = rows(&entry.id, record)
                        .map(|row| row.map(Cow::into_owned).to_vec())
                        .collect();
                    (rows, json_line(&entry.id, record))
                })
                .unwrap();
            assert_eq!(rows.len(), charges);
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(
                (&value["id"], value["record"]["cases"].as_array().map(Vec::len)),
                (&json!("a"), Some(cases.len()))
            );
            let eligible = rows.iter().find(|row| row[13] == "Eligible Now").unwrap();
            assert!(eligible[15].parse::<Date>().unwrap() <= date(2026, 7, 1));
        }
    }

    #[test]
    fn the_day_of_a_line_is_its_own() {
        let status = |line: Value| {
            let entry = Entry::read(&line.to_string()).unwrap();
            entry.judge(options(), |record| record.options.today).unwrap()
        };
        assert_eq!(status(json!({"cases": []})), date(2026, 7, 1));
        assert_eq!(
            status(json!({"cases": [], "today": "2031-01-02"})),
            date(2031, 1, 2)
        );
    }

    #[test]
    fn what_cannot_be_read_is_a_problem_that_repeats_nothing() {
        for line in [
            "",
            "[]",
            "{",
            r#"{"cases": 7}"#,
            r#"{"id": "x"}"#,
            r#"{"cases": [{"name": "secret"}]}"#,
        ] {
            let problem = Entry::read(line).unwrap_err();
            assert!(!problem.0.contains("secret"), "{problem:?}");
        }
        let edits = json!({"cases": [], "edits": {"1": {"summary": {"edit_status": "UPDATE"}}}});
        let entry = Entry::read(&edits.to_string()).unwrap();
        assert!(entry.judge(options(), |_| ()).is_err());
        let problem = Problem("why".into());
        assert_eq!(problem_row("=1+1", &problem)[..2], ["'=1+1", "why"]);
        assert_eq!(problem_line("a\"", &problem), r#"{"id":"a\"","problem":"why"}"#);
    }
}
