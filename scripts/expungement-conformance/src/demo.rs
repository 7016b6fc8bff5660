//! The demonstration people are the recorded ones.

use domain::expungement::{Alias, demo};

use crate::corpus::Corpus;
use crate::records::RecordLine;

/// `demo/john-common-1_1_1970@today+5y`
fn alias_of(id: &str) -> Alias {
    let name = id
        .trim_start_matches("demo/")
        .split('@')
        .next()
        .unwrap_or_default();
    let mut parts = name.splitn(3, '-');
    let mut part = || parts.next().unwrap_or_default().replace('_', "/");
    Alias {
        first_name: part(),
        last_name: part(),
        birth_date: part(),
        middle_name: String::new(),
    }
}

#[test]
fn recorded_people_are_ours() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/expungement.jsonl.gz"
    );
    if !std::path::Path::new(path).exists() {
        println!("skipped: {path} is not here");
        return;
    }
    let mut corpus = Corpus::default();
    corpus.read(path).unwrap();
    let mut compared = 0;
    for line in corpus
        .lines
        .iter()
        .filter(|line| line.kind == "record" && line.value["source"] == "demo")
    {
        let recorded: RecordLine = serde_json::from_str(&line.text).unwrap();
        let ours = demo::find(&[alias_of(&line.id)], recorded.clock);
        assert_eq!(ours, recorded.input.cases, "{}", line.id);
        compared += 1;
    }
    assert!(compared >= 10, "{compared} records are too few to mean anything");
}
