//! The results of many records, one after another: a table, JSON lines, summaries. What `scripts/expunge` and the bulk service
//! have in common.

use domain::expungement::{
    Options,
    batch::{self, Entry, Problem, Row},
    report::{About, Report},
};

use super::{archive::File, report};

/// What is made of each record.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    pub options: Options,
    /// A PDF for each record.
    pub summaries: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub records: u64,
    pub charges: u64,
    /// Records without an answer.
    pub problems: u64,
}

/// Results, ready to be written.
#[derive(Debug, Default)]
pub struct Made {
    /// Rows of [`batch::COLUMNS`] as CSV, without a header.
    pub table: Vec<u8>,
    /// A line of JSON for each record.
    pub lines: Vec<u8>,
    /// One PDF for each record that has an answer, named after it.
    pub summaries: Vec<File>,
    pub totals: Totals,
}

/// Takes records and makes their results.
pub struct Maker {
    job: Job,
    table: csv::Writer<Vec<u8>>,
    made: Made,
}

impl Maker {
    #[must_use]
    pub fn new(job: Job) -> Self {
        Self {
            job,
            table: csv::Writer::from_writer(Vec::with_capacity(64 << 10)),
            made: Made::default(),
        }
    }

    /// A record that was read, or could not be; `name` is what it is called where it has no id.
    pub fn add(&mut self, name: &str, entry: Result<&Entry, Problem>) {
        let Self { job, table, made } = self;
        made.totals.records += 1;
        let mut called = name;
        let judged = entry.and_then(|entry| {
            if !entry.id.is_empty() {
                called = &entry.id;
            }
            entry.judge(job.options, |record| {
                for row in batch::rows(called, record) {
                    made.totals.charges += 1;
                    write(table, &row);
                }
                made.lines
                    .extend_from_slice(batch::json_line(called, record).as_bytes());
                let about = [called.to_owned()];
                if job.summaries
                    && let Ok(bytes) = report::draw(&Report::of(record, About::Lines(&about)))
                {
                    let name = file_name(called);
                    made.summaries.push(File { name, bytes });
                }
            })
        });
        if let Err(problem) = judged {
            made.totals.problems += 1;
            write(table, &batch::problem_row(called, &problem));
            made.lines
                .extend_from_slice(batch::problem_line(called, &problem).as_bytes());
        }
        made.lines.push(b'\n');
    }

    #[must_use]
    pub fn finish(self) -> Made {
        Made {
            table: self.table.into_inner().unwrap_or_default(),
            ..self.made
        }
    }
}

fn write(table: &mut csv::Writer<Vec<u8>>, row: &Row) {
    // Memory takes every row.
    let _ = table.write_record(row.iter().map(|cell| cell.as_bytes()));
}

/// A record's name as a file name: letters, digits, `-_.` and blanks, at most 80 characters.
fn file_name(name: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || "-_ .".contains(c) {
            c
        } else {
            '_'
        }
    };
    let stem: String = name.trim_start_matches('.').chars().take(80).map(safe).collect();
    format!("{stem}.pdf")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_record_has_its_line_and_its_rows() {
        let mut maker = Maker::new(Job {
            options: Options::on(date(2026, 7, 1)),
            summaries: true,
        });
        let entry = Entry::read(r#"{"id": "../a", "cases": []}"#);
        maker.add("line 1", entry.as_ref().map_err(Clone::clone));
        maker.add("line 2", Err(Problem("why".into())));
        let made = maker.finish();
        assert_eq!(
            made.totals,
            Totals {
                records: 2,
                charges: 0,
                problems: 1
            }
        );
        assert_eq!(
            made.summaries
                .iter()
                .map(|file| file.name.as_str())
                .collect::<Vec<_>>(),
            ["_a.pdf"]
        );
        assert_eq!(made.table, b"line 2,why,,,,,,,,,,,,,,\n");
        let lines = String::from_utf8(made.lines).unwrap();
        assert!(
            lines.starts_with(r#"{"id":"../a","record":"#)
                && lines.ends_with("{\"id\":\"line 2\",\"problem\":\"why\"}\n")
        );
    }
}
