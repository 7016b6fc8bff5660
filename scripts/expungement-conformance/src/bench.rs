//! Speed on one core.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::expungement::court_pages::CasePage;
use domain::expungement::{Case, Edits, Options, Policy, Record, edits};

use crate::corpus::Corpus;
use crate::records::RecordLine;

/// Measures each set for about this long.
const MEASURED: Duration = Duration::from_secs(2);

pub(crate) fn run(corpus: &Corpus) {
    for set in ["demo", "random"] {
        let records: Vec<(Vec<Case>, Options)> = corpus
            .lines
            .iter()
            .filter(|line| {
                line.kind == "record"
                    && line.value["source"] == set
                    && line.value["expected"]["exception"].is_null()
            })
            .filter_map(|line| {
                let parsed: RecordLine = serde_json::from_str(&line.text).ok()?;
                let options = parsed.options(Policy::RIGHT);
                Some((parsed.input.cases, options))
            })
            .filter(|(cases, options)| {
                Record::judge(cases, *options).is_ok_and(|record| record.combinations <= 128)
            })
            .collect();
        if records.is_empty() {
            continue;
        }
        let no_edits = Edits::default();
        let charges: usize = records
            .iter()
            .flat_map(|(cases, _)| cases)
            .map(|case| case.charges.len())
            .sum();
        let per_record =
            |total: Duration, rounds: usize| total.as_secs_f64() / (rounds * records.len()) as f64;
        let judged = measure(|| {
            for (cases, options) in &records {
                if let Ok(cases) = edits::apply(cases, &no_edits, *options) {
                    let _ = black_box(Record::judge(&cases, *options));
                }
            }
        });
        let mut bytes = 0;
        let whole = measure(|| {
            bytes = 0;
            for (cases, options) in &records {
                if let Ok(json) = domain::expungement::respond(cases, &no_edits, *options) {
                    bytes += black_box(json).len();
                }
            }
        });
        let judge = per_record(judged.0, judged.1) * 1e6;
        let total = per_record(whole.0, whole.1) * 1e6;
        println!(
            "{set}: {} records, {charges} charges, {bytes} bytes of JSON: {:.0} records/s ({total:.1} µs each, {judge:.1} µs of it judging)",
            records.len(),
            1e6 / total,
        );
    }
    let pages: Vec<&str> = corpus
        .lines
        .iter()
        .filter(|line| line.kind == "case_page")
        .filter_map(|line| line.value["html"].as_str())
        .collect();
    if pages.is_empty() {
        return;
    }
    let (time, rounds) = measure(|| {
        for page in &pages {
            let _ = black_box(CasePage::read(page, Policy::RIGHT));
        }
    });
    let bytes: usize = pages.iter().map(|page| page.len()).sum();
    println!(
        "case pages: {} pages of {} bytes on average: {:.0} µs each",
        pages.len(),
        bytes / pages.len(),
        time.as_secs_f64() * 1e6 / (rounds * pages.len()) as f64,
    );
}

/// Runs once to warm up, then until time is up: the time and how many rounds.
fn measure(mut round: impl FnMut()) -> (Duration, usize) {
    round();
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < MEASURED {
        round();
        rounds += 1;
    }
    (start.elapsed(), rounds)
}
