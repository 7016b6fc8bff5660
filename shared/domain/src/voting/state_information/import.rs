//! Reads state information from files: our own CSV, and the JSON that public election APIs of this field serve (spec 2.9).
//!
//! Nothing is taken from a file with a problem in it, and all problems are told at once, with row and column.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{FieldType, check};
use crate::Invalid;
use crate::person::{Line, Slug, StateCode};
use crate::voting::codes::FieldFormat;

/// Largest file, in bytes: about six times the full public data of the field.
pub const MAX_BYTES: usize = 16 << 20;
/// Most texts in one file: 56 states with 500 fields.
const MAX_TEXTS: usize = 28_000;
/// Most problems told; more do not help anyone.
const MAX_PROBLEMS: usize = 100;

/// What a file holds: kinds of information, texts, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    pub fields: Vec<FieldType>,
    pub texts: Vec<StateText>,
}

/// One text of one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateText {
    pub state: StateCode,
    pub field: Slug,
    pub text: String,
    /// The line of a CSV file, or the number of the item in a JSON list, from 1.
    pub row: usize,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// As [`StateText::row`]; 0 where the whole file is meant.
    pub row: usize,
    pub column: String,
    pub message: String,
}

impl Import {
    /// Checks each text against its field, among `known` and the file's own. Empty: all is well.
    #[must_use]
    pub fn check(&self, known: &[FieldType]) -> Vec<Problem> {
        let formats: BTreeMap<&str, FieldFormat> = known
            .iter()
            .chain(&self.fields)
            .map(|f| (f.slug.as_str(), f.format))
            .collect();
        let problem = |text: &StateText| {
            let message = match formats.get(text.field.as_str()) {
                None => "There is no such field.".to_owned(),
                Some(&format) => check(format, &text.text).err()?.to_string(),
            };
            Some(Problem {
                row: text.row,
                column: text.field.to_string(),
                message,
            })
        };
        self.texts.iter().filter_map(problem).take(MAX_PROBLEMS).collect()
    }
}

/// Reads a CSV file in one of three forms, told apart by its header:
/// * `slug,long_name,format` — kinds of information;
/// * `state,field,text` — one text a row; an empty text clears what is there;
/// * `state,<slug>,<slug>,…` — one state a row; an empty cell leaves what is there.
///
/// # Errors
/// All problems found, up to 100.
pub fn parse_csv(bytes: &[u8]) -> Result<Import, Vec<Problem>> {
    let mut reading = Reading::of(bytes)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut csv = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header: Vec<String> = match csv.headers() {
        Ok(header) => header.iter().map(str::to_owned).collect(),
        Err(error) => return Err(vec![whole_file(error.to_string())]),
    };
    let names: Vec<&str> = header.iter().map(String::as_str).collect();
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        reading.problem(1, "header", "A column is there twice.");
    }
    for record in csv.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let row = error
                    .position()
                    .map_or(0, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
                reading.problem(row, "", &error.to_string());
                continue;
            }
        };
        let row = record
            .position()
            .map_or(0, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
        let cell = |at: usize| record.get(at).unwrap_or_default();
        match names.as_slice() {
            ["slug", "long_name", "format"] => reading.field(row, cell(0), cell(1), cell(2)),
            ["state", "field", "text"] => reading.text(row, cell(0), cell(1), cell(2)),
            ["state", slugs @ ..] if !slugs.is_empty() => {
                for (slug, text) in slugs
                    .iter()
                    .zip(record.iter().skip(1))
                    .filter(|(_, text)| !text.is_empty())
                {
                    reading.text(row, cell(0), slug, text);
                }
            }
            _ => {
                reading.problem(
                    1,
                    "header",
                    "The header must be: state,<field>,… or state,field,text or slug,long_name,format.",
                );
                break;
            }
        }
        if reading.is_full() {
            break;
        }
    }
    reading.finish()
}

/// Reads a JSON list, or one item of it: states as `{code, state_information: [{field_type, text}]}`, fields as
/// `{slug, long_name, field_format, states?: [{state, text}]}`. Other members are ignored.
///
/// # Errors
/// All problems found, up to 100.
pub fn parse_json(bytes: &[u8]) -> Result<Import, Vec<Problem>> {
    let mut reading = Reading::of(bytes)?;
    let items = match serde_json::from_slice(bytes) {
        Ok(Json::Array(items)) => items,
        Ok(one @ Json::Object(_)) => vec![one],
        Ok(_) => return Err(vec![whole_file("The file must hold a list.")]),
        Err(error) => return Err(vec![whole_file(error.to_string())]),
    };
    for (row, item) in (1..).zip(&items) {
        let text = |item: &Json, key: &str| {
            item.get(key)
                .and_then(Json::as_str)
                .map(str::to_owned)
                .ok_or_else(|| key.to_owned())
        };
        let mut read = || -> Result<(), String> {
            if let Some(list) = item.get("state_information") {
                let code = text(item, "code")?;
                for part in list.as_array().ok_or("state_information")? {
                    reading.text(row, &code, &text(part, "field_type")?, &text(part, "text")?);
                }
            } else {
                let slug = text(item, "slug")?;
                reading.field(
                    row,
                    &slug,
                    &text(item, "long_name")?,
                    &text(item, "field_format")?,
                );
                for part in item.get("states").and_then(Json::as_array).into_iter().flatten() {
                    reading.text(row, &text(part, "state")?, &slug, &text(part, "text")?);
                }
            }
            Ok(())
        };
        if let Err(key) = read() {
            reading.problem(row, &key, "This member is missing, or of another type.");
        }
        if reading.is_full() {
            break;
        }
    }
    reading.finish()
}

/// A file half read.
#[derive(Default)]
struct Reading {
    import: Import,
    problems: Vec<Problem>,
    seen: BTreeSet<(StateCode, Slug)>,
}

impl Reading {
    fn of(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        if bytes.len() > MAX_BYTES {
            return Err(vec![whole_file(format!(
                "The file is larger than {MAX_BYTES} bytes."
            ))]);
        }
        Ok(Self::default())
    }

    fn problem(&mut self, row: usize, column: &str, message: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem {
                row,
                column: column.to_owned(),
                message: message.to_owned(),
            });
        }
    }

    fn is_full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS || self.import.texts.len() > MAX_TEXTS
    }

    fn ok<T>(&mut self, row: usize, column: &str, parsed: Result<T, Invalid>) -> Option<T> {
        parsed
            .map_err(|invalid| self.problem(row, column, &invalid.message))
            .ok()
    }

    fn field(&mut self, row: usize, slug: &str, long_name: &str, format: &str) {
        let slug = self.ok(row, "slug", Slug::parse(slug));
        let long_name = self.ok(row, "long_name", Line::parse(long_name));
        let format = self.ok(row, "format", FieldFormat::parse(format));
        let (Some(slug), Some(long_name), Some(format)) = (slug, long_name, format) else {
            return;
        };
        if self.import.fields.iter().any(|field| field.slug == slug) {
            self.problem(row, "slug", "This field is there twice.");
            return;
        }
        self.import.fields.push(FieldType {
            slug,
            long_name: long_name.to_string(),
            format,
        });
    }

    fn text(&mut self, row: usize, state: &str, field: &str, text: &str) {
        let state = self.ok(row, "state", StateCode::parse(state));
        let slug = self.ok(row, field, Slug::parse(field));
        let (Some(state), Some(slug)) = (state, slug) else {
            return;
        };
        if self.seen.insert((state, slug.clone())) {
            self.import.texts.push(StateText {
                state,
                field: slug,
                text: text.to_owned(),
                row,
            });
        } else {
            self.problem(row, field, "This state has a text for this field already.");
        }
    }

    fn finish(mut self) -> Result<Import, Vec<Problem>> {
        if self.import.texts.len() > MAX_TEXTS {
            self.problem(0, "", "The file holds too many texts.");
        }
        if self.problems.is_empty() {
            Ok(self.import)
        } else {
            Err(self.problems)
        }
    }
}

fn whole_file(message: impl Into<String>) -> Problem {
    Problem {
        row: 0,
        column: String::new(),
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn triples(import: &Import) -> Vec<(&str, &str, &str)> {
        import
            .texts
            .iter()
            .map(|t| (t.state.as_str(), t.field.as_str(), t.text.as_str()))
            .collect()
    }

    #[test]
    fn both_csv_forms_say_the_same() {
        let wide = parse_csv(b"\xef\xbb\xbfstate,a,b\nMA,\"x, \"\"y\"\"\",\nCA,1,2\n").unwrap();
        let long = parse_csv(b"state,field,text\nMA,a,\"x, \"\"y\"\"\"\nCA,a,1\nCA,b,2\n").unwrap();
        assert_eq!(
            triples(&wide),
            [("MA", "a", "x, \"y\""), ("CA", "a", "1"), ("CA", "b", "2")]
        );
        assert_eq!(triples(&wide), triples(&long));
    }

    #[test]
    fn all_problems_are_told_with_their_place() {
        let problems = parse_csv(b"state,a\nZZ,1\nMA,2\nMA,3\nMA\n").unwrap_err();
        let places: Vec<_> = problems.iter().map(|p| (p.row, p.column.as_str())).collect();
        assert_eq!(places, [(2, "state"), (4, "a"), (5, "")]);
        assert!(
            parse_csv(b"place,a\nMA,1\n").unwrap_err()[0]
                .message
                .contains("header")
        );
        assert_eq!(parse_csv(b"state,a,a\nMA,1,2\n").unwrap_err()[0].column, "header");
        let many = format!("state,a\n{}", "ZZ,1\n".repeat(500));
        assert_eq!(parse_csv(many.as_bytes()).unwrap_err().len(), 100);
        assert!(parse_csv(&vec![b'a'; MAX_BYTES + 1]).is_err());
    }

    #[test]
    fn both_json_shapes_are_read() {
        let states = br#"[{"code":"MA","name":"Massachusetts","state_information":[{"text":"True","field_type":"a","modified_at":"x","value":true}]}]"#;
        assert_eq!(triples(&parse_json(states).unwrap()), [("MA", "a", "True")]);
        let fields = br#"[{"slug":"a","long_name":"A","field_format":"Boolean","states":[{"state":"MA","text":"Yes"}]}]"#;
        let import = parse_json(fields).unwrap();
        assert_eq!(import.fields[0].format, FieldFormat::Boolean);
        assert_eq!(import.check(&[])[0].column, "a");
        let bad = parse_json(
            br#"[{"code":"MA","state_information":7},{"slug":"b","long_name":"B","field_format":"Hex"},5]"#,
        )
        .unwrap_err();
        assert_eq!(
            bad.iter().map(|p| (p.row, p.column.as_str())).collect::<Vec<_>>(),
            [(1, "state_information"), (2, "format"), (3, "slug")]
        );
        assert_eq!(parse_json(b"7").unwrap_err().len(), 1);
    }

    /// The data every new installation starts with must read clean.
    #[test]
    fn the_seed_is_whole() {
        let seed = |name: &str| {
            std::fs::read(format!(
                "{}/../../functions/voting/data/{name}",
                env!("CARGO_MANIFEST_DIR")
            ))
            .unwrap()
        };
        let fields = parse_csv(&seed("fields.csv")).unwrap().fields;
        let import = parse_csv(&seed("state_information.csv")).unwrap();
        assert_eq!(import.check(&fields), []);
        let states_with = |slug: &str, text: Option<&str>| -> BTreeSet<&str> {
            let same = import
                .texts
                .iter()
                .filter(|t| t.field.as_str() == slug && text.is_none_or(|text| t.text == text));
            same.map(|t| t.state.as_str()).collect()
        };
        assert_eq!(states_with("registration_directions", None).len(), 56);
        assert_eq!(
            states_with("vbm_universal", Some("True")),
            BTreeSet::from(["CA", "CO", "DC", "HI", "NV", "OR", "UT", "VT", "WA"])
        );
        for state in ["ND", "NH", "WY"] {
            assert!(!states_with("external_tool_ovr", None).contains(state));
        }
        for slug in [
            "external_tool_ovr",
            "external_tool_verify_status",
            "registration_rules",
            "vbm_deadline_mail",
            "warnings_registration",
        ] {
            assert!(fields.iter().any(|field| field.slug.as_str() == slug), "{slug}");
        }
    }

    proptest! {
        #[test]
        fn garbage_is_refused_without_panic(bytes in any::<Vec<u8>>()) {
            let _ = (parse_csv(&bytes), parse_json(&bytes));
        }

        #[test]
        fn near_misses_are_refused_without_panic(text in "(state|slug)(,[a-z]{0,3}){0,3}\n(([A-Z]{2}|\"),?[a-z,\"\n]{0,9}\n){0,4}") {
            let _ = parse_csv(text.as_bytes());
        }
    }
}
