//! A table of charges, one a row, as a clerk's office or a spreadsheet gives it. Rows of one `record` stand together.
//!
//! Columns by name, in any order; those in brackets may be missing: `record`, `case_number`, `county`, `case_type`,
//! `case_status`, `filed`, [`name`], [`birth_year`], [`sid`], [`case_balance`], [`restitution`], `charge_number`, `charge`,
//! `statute`, `level`, `charged`, [`outcome`], [`outcome_date`], [`probation_revoked`]. Days are `2026-07-01` or `7/1/2026`,
//! money `1,234.56`, restitution `yes` or `no`. A row without `outcome` is a charge that is not decided.

use std::collections::HashMap;
use std::io::Read;

use domain::expungement::batch::{Entry, Problem};
use domain::expungement::money::parse_cents;
use domain::expungement::when::parse_us_date;
use domain::expungement::{Case, Charge, Disposition, EditStatus, Policy};
use jiff::civil::Date;

use crate::lines::Item;

/// Records of a batch, and rows of one record.
const BATCH: usize = 64;
const MAX_ROWS: usize = 10_000;

const REQUIRED: [&str; 11] = [
    "record",
    "case_number",
    "county",
    "case_type",
    "case_status",
    "filed",
    "charge_number",
    "charge",
    "statute",
    "level",
    "charged",
];

/// The records of a table in batches.
pub(crate) fn batches(source: Box<dyn Read + Send>) -> impl Iterator<Item = Result<Vec<Item>, String>> {
    let mut table = Table::open(source);
    std::iter::from_fn(move || {
        let reader = match &mut table {
            Ok(reader) => reader,
            Err(problem) => {
                let problem = std::mem::take(problem);
                return (!problem.is_empty()).then_some(Err(problem));
            }
        };
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            match reader.next_record() {
                Ok(Some(item)) => batch.push(item),
                Ok(None) => break,
                Err(problem) => {
                    table = Err(String::new());
                    return Some(Err(problem));
                }
            }
        }
        (!batch.is_empty()).then_some(Ok(batch))
    })
}

struct Table {
    reader: csv::Reader<Box<dyn Read + Send>>,
    columns: HashMap<String, usize>,
    /// The first row of the next record.
    ahead: Option<csv::StringRecord>,
}

impl Table {
    fn open(source: Box<dyn Read + Send>) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(source);
        let header = reader.headers().map_err(|error| error.to_string())?;
        let columns: HashMap<String, usize> = header
            .iter()
            .enumerate()
            .map(|(place, name)| (name.trim_start_matches('\u{FEFF}').to_lowercase(), place))
            .collect();
        let missing: Vec<&str> = REQUIRED
            .into_iter()
            .filter(|name| !columns.contains_key(*name))
            .collect();
        if !missing.is_empty() {
            return Err(format!("the table has no column {}", missing.join(", ")));
        }
        Ok(Self {
            reader,
            columns,
            ahead: None,
        })
    }

    fn row(&mut self) -> Result<Option<csv::StringRecord>, String> {
        if let Some(row) = self.ahead.take() {
            return Ok(Some(row));
        }
        let mut row = csv::StringRecord::new();
        // The error of the reader may show what the row holds; where it is does not.
        match self.reader.read_record(&mut row) {
            Ok(true) => Ok(Some(row)),
            Ok(false) => Ok(None),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                Err(format!("the table cannot be read at line {line}"))
            }
        }
    }

    fn next_record(&mut self) -> Result<Option<Item>, String> {
        let Some(first) = self.row()? else { return Ok(None) };
        let name = self.cell(&first, "record").to_owned();
        let mut rows = vec![first];
        let mut too_many = false;
        while let Some(row) = self.row()? {
            if self.cell(&row, "record") != name {
                self.ahead = Some(row);
                break;
            }
            if rows.len() < MAX_ROWS {
                rows.push(row);
            } else {
                too_many = true;
            }
        }
        let entry = if too_many {
            Err(Problem("the record has too many rows".into()))
        } else {
            self.cases(&rows)
                .map(|cases| Box::new(Entry::of(name.clone(), cases)))
        };
        Ok(Some(Item::Entry(name, entry)))
    }

    fn cell<'r>(&self, row: &'r csv::StringRecord, column: &str) -> &'r str {
        self.columns
            .get(column)
            .and_then(|&place| row.get(place))
            .unwrap_or_default()
    }

    fn cases(&self, rows: &[csv::StringRecord]) -> Result<Vec<Case>, Problem> {
        let mut cases: Vec<Case> = Vec::new();
        for row in rows {
            let number = self.cell(row, "case_number");
            let index = match cases.iter().position(|case| case.case_number == number) {
                Some(index) => index,
                None => {
                    cases.push(self.case(row)?);
                    cases.len() - 1
                }
            };
            let charge = self.charge(row)?;
            if let Some(case) = cases.get_mut(index) {
                case.charges.push(charge);
            }
        }
        Ok(cases)
    }

    fn case(&self, row: &csv::StringRecord) -> Result<Case, Problem> {
        let text = |column| self.cell(row, column).to_owned();
        let birth_year = match self.cell(row, "birth_year") {
            "" => None,
            year => Some(year.parse().map_err(|_| unreadable(row, "birth_year"))?),
        };
        let balance_due_in_cents = match self.cell(row, "case_balance") {
            "" => 0,
            balance => parse_cents(balance.trim_start_matches('$'), Policy::RIGHT)
                .ok_or_else(|| unreadable(row, "case_balance"))?,
        };
        let restitution = match self.cell(row, "restitution").to_lowercase().as_str() {
            "" | "no" | "false" | "0" => false,
            "yes" | "true" | "1" => true,
            _ => return Err(unreadable(row, "restitution")),
        };
        Ok(Case {
            case_number: text("case_number"),
            name: text("name"),
            birth_year,
            citation_number: String::new(),
            district_attorney_number: String::new(),
            sid: text("sid"),
            location: text("county"),
            date: self.day(row, "filed")?.ok_or_else(|| unreadable(row, "filed"))?,
            violation_type: text("case_type"),
            current_status: text("case_status"),
            case_detail_link: String::new(),
            restitution,
            balance_due_in_cents,
            charges: Vec::new(),
            edit_status: EditStatus::Unchanged,
        })
    }

    fn charge(&self, row: &csv::StringRecord) -> Result<Charge, Problem> {
        let text = |column| self.cell(row, column).to_owned();
        let disposition = match self.cell(row, "outcome") {
            "" => None,
            ruling => Some(Disposition {
                date: self
                    .day(row, "outcome_date")?
                    .ok_or_else(|| unreadable(row, "outcome_date"))?,
                ruling: ruling.to_owned(),
                amended: false,
            }),
        };
        Ok(Charge {
            ambiguous_charge_id: format!("{}-{}", text("case_number"), text("charge_number")),
            name: text("charge"),
            statute: text("statute"),
            level: text("level"),
            date: self
                .day(row, "charged")?
                .ok_or_else(|| unreadable(row, "charged"))?,
            disposition,
            probation_revoked: self.day(row, "probation_revoked")?,
            edit_status: EditStatus::Unchanged,
            chosen_type: None,
        })
    }

    fn day(&self, row: &csv::StringRecord, column: &'static str) -> Result<Option<Date>, Problem> {
        match self.cell(row, column) {
            "" => Ok(None),
            text => {
                let day = text.parse().ok().or_else(|| parse_us_date(text));
                day.map(Some).ok_or_else(|| unreadable(row, column))
            }
        }
    }
}

fn unreadable(row: &csv::StringRecord, column: &str) -> Problem {
    let line = row.position().map_or(0, csv::Position::line);
    Problem(format!("line {line} has no readable {column}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "record,case_number,county,case_type,case_status,filed,charge_number,charge,statute,level,charged,outcome,outcome_date,case_balance\n";

    fn read(rows: &str) -> Vec<Item> {
        let text = format!("{HEADER}{rows}");
        batches(Box::new(std::io::Cursor::new(text.into_bytes())))
            .flat_map(Result::unwrap)
            .collect()
    }

    #[test]
    fn rows_become_records_cases_and_charges() {
        let items = read(
            "p1,10CR1,Lane,Offense Misdemeanor,Closed,2010-01-02,1,Theft II,164.045,Misdemeanor Class A,1/2/2010,Dismissed,2010-06-01,\"1,234.50\"\n\
             p1,10CR1,Lane,Offense Misdemeanor,Closed,2010-01-02,2,Theft III,164.043,Misdemeanor Class C,1/2/2010,,,\n\
             p2,11CR1,Lane,Offense Misdemeanor,Closed,2011-01-02,1,Theft II,164.045,Misdemeanor Class A,2011-01-02,Convicted,2011-06-01,\n",
        );
        let sizes: Vec<(&str, usize)> = items
            .iter()
            .map(|item| match item {
                Item::Entry(name, Ok(entry)) => {
                    let options = domain::expungement::Options::on(jiff::civil::date(2026, 7, 1));
                    (
                        name.as_str(),
                        entry.judge(options, |record| record.charges().count()).unwrap(),
                    )
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(sizes, [("p1", 2), ("p2", 1)]);
    }

    #[test]
    fn a_bad_cell_spoils_its_record_alone_and_a_missing_column_the_file() {
        let items = read(
            "p1,10CR1,Lane,x,Closed,someday,1,Theft II,164.045,x,1/2/2010,,,\n\
             p2,10CR1,Lane,x,Closed,2010-01-01,1,Theft II,164.045,x,1/2/2010,,,\n",
        );
        assert!(
            matches!(&items[0], Item::Entry(_, Err(problem)) if problem.0 == "line 2 has no readable filed")
        );
        assert!(matches!(&items[1], Item::Entry(_, Ok(_))));
        let all: Vec<_> = batches(Box::new(std::io::Cursor::new(
            b"record,county\n1,Lane\n".to_vec(),
        )))
        .collect();
        assert!(matches!(all.as_slice(), [Err(problem)] if problem.contains("case_number")));
    }
}
