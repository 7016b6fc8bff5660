//! Judges a file of records on this machine, on all its cores and in bounded memory:
//!
//! `./scripts/expunge <records.jsonl[.gz]|charges.csv> [--out <prefix>] [--summaries] [--today YYYY-MM-DD] [--language es] [--jobs N]`
//!
//! Writes `<prefix>.results.csv` (a row for each charge), `<prefix>.results.jsonl` (a line for each record, as a search answers it)
//! and with `--summaries` ZIPs of one PDF for each record. The prefix is the input's name without its ending. Records come out in
//! the order in which they went in. Formats: `domain::expungement::batch` for JSON lines, [`charges`] for a table of charges.
//!
//! Ends with 0 when every record was judged, 1 when some could not be (the results say which and why), 2 when the files
//! cannot be read or written.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command")]

mod charges;
mod lines;
mod pipeline;
mod results;

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use domain::expungement::Options;
use domain::person::Language;
use expungement::papers::batch::Job;
use flate2::read::MultiGzDecoder;
use jiff::civil::Date;

use crate::results::Results;

const USAGE: &str = "usage: expunge <records.jsonl[.gz]|charges.csv> [--out <prefix>] [--summaries] [--today YYYY-MM-DD] \
                     [--language en|es] [--jobs <threads>]";

struct Arguments {
    input: PathBuf,
    prefix: PathBuf,
    summaries: bool,
    options: Options,
    jobs: usize,
}

fn main() -> ExitCode {
    let arguments = match arguments(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("expunge: {problem}");
            ExitCode::from(2)
        }
    }
}

fn arguments(words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut options = Options::on(this_day());
    let (mut input, mut prefix, mut summaries) = (None, None, false);
    let mut jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut words = words;
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--out" => prefix = Some(PathBuf::from(value()?)),
            "--summaries" => summaries = true,
            "--today" => {
                let day: Date = value()?
                    .parse()
                    .map_err(|_| "--today takes a day such as 2026-07-01")?;
                options.today = day;
                options.clock = day;
            }
            "--language" => {
                options.language = Language::parse(&value()?).map_err(|_| "--language is en or es")?;
            }
            "--jobs" => {
                let threads = value()?.parse().ok().filter(|jobs| (1..=64).contains(jobs));
                jobs = threads.ok_or("--jobs takes a number from 1 to 64")?;
            }
            other if other.starts_with('-') => return Err(format!("{other} is not known")),
            path if input.is_none() => input = Some(PathBuf::from(path)),
            _ => return Err("one file at a time".to_owned()),
        }
    }
    let input = input.ok_or("which file?")?;
    let prefix = prefix.unwrap_or_else(|| stem(&input));
    Ok(Arguments {
        input,
        prefix,
        summaries,
        options,
        jobs,
    })
}

#[expect(clippy::disallowed_methods, reason = "a command asks the machine for the day")]
fn this_day() -> Date {
    jiff::Zoned::now().date()
}

/// The path without `.gz`, `.jsonl`, `.csv`.
fn stem(path: &Path) -> PathBuf {
    let mut stem = path.to_owned();
    for ending in ["gz", "jsonl", "csv"] {
        if stem.extension().is_some_and(|found| found == ending) {
            stem.set_extension("");
        }
    }
    stem
}

/// How many records could not be judged.
fn run(arguments: &Arguments) -> Result<u64, String> {
    let start = Instant::now();
    let shown = arguments.input.display();
    let file = File::open(&arguments.input).map_err(|error| format!("{shown}: {error}"))?;
    let zipped = arguments.input.extension().is_some_and(|ending| ending == "gz");
    let source: Box<dyn Read + Send> = if zipped {
        Box::new(MultiGzDecoder::new(BufReader::new(file)))
    } else {
        Box::new(file)
    };
    let mut results = Results::create(&arguments.prefix, arguments.summaries)?;
    let is_table = stem_ending(&arguments.input) == Some("csv");
    let batches: Box<dyn Iterator<Item = Result<Vec<lines::Item>, String>> + Send> = if is_table {
        Box::new(charges::batches(source))
    } else {
        Box::new(lines::batches(BufReader::with_capacity(1 << 20, source)))
    };
    let job = Job {
        options: arguments.options,
        summaries: arguments.summaries,
    };
    let totals = pipeline::run(batches, job, arguments.jobs, |made| results.write(made))?;
    results.finish()?;
    let seconds = start.elapsed().as_secs_f64();
    // Whoever reads our words may stop after the first: the files are written.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(
        out,
        "{} records ({} without an answer), {} charges in {seconds:.1} s: {:.0} records/s on {} threads{}",
        totals.records,
        totals.problems,
        totals.charges,
        totals.records as f64 / seconds.max(1e-9),
        arguments.jobs,
        peak_memory().map_or_else(String::new, |mib| format!(", at most {mib} MiB of memory")),
    );
    for path in results.paths() {
        let _ = writeln!(out, "{}", path.display());
    }
    Ok(totals.problems)
}

/// The ending below `.gz`.
fn stem_ending(path: &Path) -> Option<&str> {
    let path = if path.extension().is_some_and(|ending| ending == "gz") {
        Path::new(path.file_stem()?)
    } else {
        path
    };
    path.extension()?.to_str()
}

/// The most memory this process ever held, in MiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024)
}
