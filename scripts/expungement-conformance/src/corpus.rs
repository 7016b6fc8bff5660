//! Reading a corpus: JSON lines, plain or gzipped.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use jiff::civil::Date;
use serde_json::Value;

#[derive(Default)]
pub(crate) struct Corpus {
    pub lines: Vec<Line>,
    /// Where the record of an id stands in `lines`: packets refer to it.
    records: HashMap<String, usize>,
}

pub(crate) struct Line {
    pub kind: String,
    /// What the line calls itself, for messages.
    pub id: String,
    pub number: usize,
    pub value: Value,
    /// As written: the order of edits counts.
    pub text: String,
}

impl Corpus {
    pub(crate) fn read(&mut self, path: &str) -> Result<(), String> {
        let file = BufReader::new(File::open(path).map_err(|error| error.to_string())?);
        let source: Box<dyn Read> = if path.ends_with(".gz") {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        for (index, text) in BufReader::new(source).lines().enumerate() {
            let text = text.map_err(|error| format!("line {}: {error}", index + 1))?;
            if text.trim().is_empty() {
                continue;
            }
            let value: Value =
                serde_json::from_str(&text).map_err(|error| format!("line {}: {error}", index + 1))?;
            let kind = value["kind"]
                .as_str()
                .ok_or_else(|| format!("line {}: no kind", index + 1))?
                .to_owned();
            let name = [
                "id",
                "record_id",
                "source",
                "name",
                "ruling",
                "text",
                "charge_type_class",
            ];
            let id = name
                .iter()
                .find_map(|key| value[key].as_str())
                .unwrap_or_default()
                .to_owned();
            if kind == "record" {
                self.records.insert(id.clone(), self.lines.len());
            }
            self.lines.push(Line {
                kind,
                id,
                number: index + 1,
                value,
                text,
            });
        }
        Ok(())
    }

    /// The day on which everything was recorded.
    pub(crate) fn clock(&self) -> Option<Date> {
        let meta = self.lines.iter().find(|line| line.kind == "meta")?;
        meta.value["clock"].as_str()?.parse().ok()
    }

    pub(crate) fn record(&self, id: &str) -> Option<&Line> {
        self.records.get(id).and_then(|&index| self.lines.get(index))
    }
}
