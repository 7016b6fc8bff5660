//! Compares `domain::expungement` with recorded answers of the service it replaces.
//!
//! `./scripts/conformance <corpus.jsonl[.gz]> [--as-peer]` checks every line of the corpus, prints what differs, and counts.
//! Differences that [`Deviation`] lists are counted by rule and are no failures; `--as-peer` turns them off, so that the rest
//! can be compared exactly. `--bench` measures speed on one core instead, and `--fuzz [count] [seed]` needs no corpus: it feeds
//! damaged pages, rulings and records to the rules (ten million by default) and counts panics.
//!
//! Ends with 0 when nothing failed, 1 when something did, 2 when the corpus cannot be read.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command")]

mod bench;
mod checks;
mod compare;
mod corpus;
#[cfg(test)]
mod demo;
mod fuzz;
mod http;
mod pages;
mod papers;
mod records;

use std::collections::BTreeMap;
use std::process::ExitCode;

use domain::expungement::{Deviation, Policy};

use crate::checks::Uncompared;
use crate::corpus::Corpus;

/// A mismatch longer than this is cut: the first lines say enough.
const SHOWN_DIFFERENCES: usize = 4;
/// Inputs of a fuzz run without a count.
const FUZZED: u64 = 10_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((first, rest)) = arguments.split_first()
        && first == "--fuzz"
    {
        let number =
            |index: usize, default| rest.get(index).map_or(Ok(default), |text: &String| text.parse());
        return match (number(0, FUZZED), number(1, 20_260_701)) {
            (Ok(count), Ok(seed)) => ExitCode::from(u8::from(!fuzz::run(count, seed))),
            _ => usage(),
        };
    }
    let mut paths = Vec::new();
    let (mut as_peer, mut benchmark, mut quiet) = (false, false, false);
    for argument in &arguments {
        match argument.as_str() {
            "--as-peer" => as_peer = true,
            "--bench" => benchmark = true,
            "--quiet" => quiet = true,
            other if other.starts_with('-') => return usage(),
            path => paths.push(path.to_owned()),
        }
    }
    if paths.is_empty() {
        return usage();
    }
    let mut corpus = Corpus::default();
    for path in &paths {
        if let Err(problem) = corpus.read(path) {
            eprintln!("{path}: {problem}");
            return ExitCode::from(2);
        }
    }
    if benchmark {
        bench::run(&corpus);
        return ExitCode::SUCCESS;
    }
    let tally = check(&corpus, as_peer, quiet);
    tally.print();
    ExitCode::from(u8::from(tally.failed() > 0))
}

fn usage() -> ExitCode {
    eprintln!(
        "usage: conformance <corpus.jsonl[.gz]>... [--as-peer] [--bench] [--quiet] | --fuzz [count] [seed]"
    );
    ExitCode::from(2)
}

#[derive(Default)]
struct Tally {
    /// Passed, deviating, failed.
    kinds: BTreeMap<String, [usize; 3]>,
    deviations: BTreeMap<String, usize>,
    uncompared: BTreeMap<(String, Uncompared), usize>,
}

impl Tally {
    fn failed(&self) -> usize {
        self.kinds.values().map(|counts| counts[2]).sum()
    }

    fn print(&self) {
        println!();
        for (kind, [passed, deviating, failed]) in &self.kinds {
            println!("{kind}: {passed} passed, {deviating} deviating, {failed} failed");
        }
        for ((kind, reason), count) in &self.uncompared {
            println!("{kind}: {count} {}", reason.as_str());
        }
        for (rule, count) in &self.deviations {
            println!("  {rule}: {count}");
        }
        println!("deviations: {}", self.deviations.values().sum::<usize>());
        let passed: usize = self.kinds.values().map(|counts| counts[0]).sum();
        println!("{passed} passed, {} failed", self.failed());
    }
}

fn check(corpus: &Corpus, as_peer: bool, quiet: bool) -> Tally {
    let mut tally = Tally::default();
    let policy = if as_peer { Policy::AS_PEER } else { Policy::RIGHT };
    for line in &corpus.lines {
        let differences = match checks::check(corpus, line, policy) {
            Ok(differences) => differences,
            Err(reason) => {
                *tally.uncompared.entry((line.kind.clone(), reason)).or_default() += 1;
                continue;
            }
        };
        let counts = tally.kinds.entry(line.kind.clone()).or_default();
        if differences.is_empty() {
            counts[0] += 1;
            continue;
        }
        if !as_peer && let Some(rule) = explain(|policy| checks::check(corpus, line, policy).ok()) {
            counts[1] += 1;
            *tally.deviations.entry(rule).or_default() += 1;
            continue;
        }
        counts[2] += 1;
        if !quiet {
            println!("{} {} (line {})", line.kind, line.id, line.number);
            for difference in differences.iter().take(SHOWN_DIFFERENCES) {
                println!("    {difference}");
            }
            if differences.len() > SHOWN_DIFFERENCES {
                println!("    and {} more", differences.len() - SHOWN_DIFFERENCES);
            }
        }
    }
    tally
}

/// Which listed deviation makes the difference: the one that, left out alone, makes it vanish; or several together.
fn explain(check: impl Fn(Policy) -> Option<Vec<String>>) -> Option<String> {
    let vanishes = |policy| check(policy).is_some_and(|differences| differences.is_empty());
    let one = Deviation::ALL
        .into_iter()
        .find(|deviation| vanishes(Policy::RIGHT.without(*deviation)));
    match one {
        Some(deviation) => Some(format!("{deviation:?}")),
        None if vanishes(Policy::AS_PEER) => Some("several of these together".to_owned()),
        None => None,
    }
}
