//! Reader, workers, writer: each batch goes to the next worker in turn and its results are fetched in the same turn, so order is
//! kept, and no more batches are in memory than the channels hold.

use std::borrow::Cow;
use std::sync::mpsc::sync_channel;

use domain::expungement::Options;
use domain::expungement::batch::{self, Entry, Problem};
use domain::expungement::report::{About, Report};
use expungement::papers::report;

use crate::lines::Item;

/// Batches that wait before and behind each worker.
const WAITING: usize = 2;

/// What is made of each record.
#[derive(Clone, Copy)]
pub(crate) struct Job {
    pub options: Options,
    /// A PDF for each record.
    pub summaries: bool,
}

/// The results of a batch, ready to be written.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub table: Vec<u8>,
    pub lines: Vec<u8>,
    /// Names without ending, and files.
    pub summaries: Vec<(String, Vec<u8>)>,
    pub totals: Totals,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub records: u64,
    pub charges: u64,
    pub problems: u64,
}

/// Works off all batches with so many workers; `write` gets the results in order.
///
/// # Errors
/// What reading and writing answer.
pub(crate) fn run(
    batches: impl Iterator<Item = Result<Vec<Item>, String>> + Send,
    job: Job,
    jobs: usize,
    mut write: impl FnMut(Made) -> Result<(), String>,
) -> Result<Totals, String> {
    std::thread::scope(|scope| {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for _ in 0..jobs.max(1) {
            let (input, received) = sync_channel::<Vec<Item>>(WAITING);
            let (sent, output) = sync_channel::<Made>(WAITING);
            scope.spawn(move || {
                for batch in received {
                    if sent.send(make(batch, job)).is_err() {
                        break; // writing failed: nobody wants more
                    }
                }
            });
            inputs.push(input);
            outputs.push(output);
        }
        let reader = scope.spawn(move || {
            for (batch, input) in batches.zip(inputs.iter().cycle()) {
                if input.send(batch?).is_err() {
                    break;
                }
            }
            Ok::<(), String>(())
        });
        let mut totals = Totals::default();
        let mut written = Ok(());
        for output in outputs.iter().cycle() {
            // The first worker without results had the batch after the last.
            let Ok(made) = output.recv() else { break };
            totals.records += made.totals.records;
            totals.charges += made.totals.charges;
            totals.problems += made.totals.problems;
            written = write(made);
            if written.is_err() {
                break;
            }
        }
        drop(outputs);
        let read = reader
            .join()
            .unwrap_or_else(|_| Err("reading broke down".to_owned()));
        written.and(read).map(|()| totals)
    })
}

fn make(items: Vec<Item>, job: Job) -> Made {
    let mut made = Made::default();
    let mut table = csv::Writer::from_writer(Vec::with_capacity(64 << 10));
    for item in items {
        let (name, entry) = read(item);
        made.totals.records += 1;
        let judged = entry.and_then(|entry| {
            let name = if entry.id.is_empty() {
                name.as_str()
            } else {
                entry.id.as_str()
            };
            entry.judge(job.options, |record| {
                for row in batch::rows(name, record) {
                    made.totals.charges += 1;
                    write_row(&mut table, &row);
                }
                made.lines
                    .extend_from_slice(batch::json_line(name, record).as_bytes());
                if job.summaries
                    && let Ok(pdf) = report::draw(&Report::of(record, About::Lines(&[name.to_owned()])))
                {
                    made.summaries.push((name.to_owned(), pdf));
                }
            })
        });
        if let Err(problem) = judged {
            made.totals.problems += 1;
            write_row(&mut table, &batch::problem_row(&name, &problem));
            made.lines
                .extend_from_slice(batch::problem_line(&name, &problem).as_bytes());
        }
        made.lines.push(b'\n');
    }
    made.table = table.into_inner().unwrap_or_default();
    made
}

fn read(item: Item) -> (String, Result<Box<Entry>, Problem>) {
    match item {
        Item::Entry(name, entry) => (name, entry),
        Item::Line { number, text } => {
            let name = format!("line {number}");
            let text = match std::str::from_utf8(&text) {
                Ok(text) => text,
                Err(_) => return (name, Err(Problem("the line is not UTF-8".into()))),
            };
            (name, Entry::read(text).map(Box::new))
        }
    }
}

fn write_row(table: &mut csv::Writer<Vec<u8>>, row: &[Cow<'_, str>]) {
    // Memory takes every row.
    let _ = table.write_record(row.iter().map(|cell| cell.as_bytes()));
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::lines::batches;

    #[test]
    fn results_come_in_the_order_of_the_records_from_any_number_of_threads() {
        let text: String = (0..3_000)
            .map(|index| {
                if index % 7 == 0 {
                    "nonsense\n".to_owned()
                } else {
                    format!("{{\"id\":\"r{index}\",\"cases\":[]}}\n")
                }
            })
            .collect();
        let job = Job {
            options: Options::on(date(2026, 7, 1)),
            summaries: true,
        };
        let mut first = None;
        for jobs in [1, 2, 5] {
            let (mut lines, mut pdfs) = (Vec::new(), 0);
            let totals = run(batches(text.as_bytes()), job, jobs, |made| {
                lines.extend(made.lines);
                pdfs += made.summaries.len();
                Ok(())
            });
            assert_eq!(
                totals,
                Ok(Totals {
                    records: 3_000,
                    charges: 0,
                    problems: 429
                })
            );
            assert_eq!(pdfs, 3_000 - 429);
            assert_eq!(lines.iter().filter(|&&byte| byte == b'\n').count(), 3_000);
            assert_eq!(first.get_or_insert_with(|| lines.clone()), &lines);
        }
    }

    #[test]
    fn a_writer_that_fails_and_a_reader_that_fails_end_the_run() {
        let job = Job {
            options: Options::on(date(2026, 7, 1)),
            summaries: false,
        };
        let text = "{\"cases\":[]}\n".repeat(20_000);
        let full = run(batches(text.as_bytes()), job, 2, |_| {
            Err("the disk is full".to_owned())
        });
        assert_eq!(full, Err("the disk is full".to_owned()));
        let broken = std::iter::once(Err("unreadable".to_owned()));
        assert_eq!(run(broken, job, 2, |_| Ok(())), Err("unreadable".to_owned()));
    }
}
