//! Reader, workers, writer: each batch goes to the next worker in turn and its results are fetched in the same turn, so order is
//! kept, and no more batches are in memory than the channels hold.

use std::sync::mpsc::sync_channel;

use domain::expungement::batch::{Entry, Problem};
use expungement::papers::batch::{Job, Made, Maker, Totals};

use crate::lines::Item;

/// Batches that wait before and behind each worker.
const WAITING: usize = 2;

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
    let mut maker = Maker::new(job);
    for item in items {
        let (name, entry) = read(item);
        match entry {
            Ok(entry) => maker.add(&name, Ok(&entry)),
            Err(problem) => maker.add(&name, Err(problem)),
        }
    }
    maker.finish()
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

#[cfg(test)]
mod tests {
    use domain::expungement::Options;
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
