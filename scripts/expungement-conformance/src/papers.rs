//! Packets and waivers: file names, order, page counts and field values, as far as they can be told without a PDF.

use domain::expungement::edits::{self, InOrder};
use domain::expungement::paperwork::{
    FEE_WAIVER_FIELDS, FieldValue, Packet, UserInformation, WaiverInformation, expungement_packet,
    fee_waivers,
};
use domain::expungement::{Policy, Record, Refusal};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value, json};

use crate::checks::text;
use crate::corpus::Line;
use crate::records::{RecordLine, refused};

fn read<T: DeserializeOwned + Default>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

/// Judges the record that a packet is about and hands it on.
fn with_record(
    line: &Line,
    policy: Policy,
    papers: impl FnOnce(&Record) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let Ok(parsed) = serde_json::from_str::<RecordLine>(&line.text) else {
        return Ok(Value::Null);
    };
    let options = parsed.options(policy);
    let cases = edits::apply(&parsed.input.cases, &parsed.input.edits, options)?;
    papers(&Record::judge(&cases, options)?)
}

fn answer(ours: Result<Value, Refusal>, theirs: Value) -> (Value, Value) {
    match ours {
        Ok(ours) => (ours, theirs),
        Err(refusal) => refused(&refusal, theirs),
    }
}

pub(crate) fn packet(record: &Line, line: &Line, policy: Policy) -> (Value, Value) {
    let value = &line.value;
    let user: UserInformation = read(&value["user_information"]);
    // The searched name is not recorded; it was the user's.
    let mut names = user.full_name.split_whitespace();
    let (first, last) = (
        names.next().unwrap_or_default(),
        names.next_back().unwrap_or_default(),
    );
    let ours = with_record(record, policy, |record| {
        let packet = expungement_packet(record, &user, (first, last))?;
        let mut files = files(&packet);
        if let Some(compiled) = packet.compiled {
            files.push((compiled.to_owned(), json!({"pages": packet.compiled_pages()})));
        }
        if let Some(summary) = &packet.summary {
            files.push((summary.clone(), json!({"fields": {}})));
        }
        Ok(in_order(packet.zip_name, files))
    });
    let mut theirs = value["expected"].clone();
    for (name, file) in theirs["files"].as_object_mut().into_iter().flatten() {
        // How long the summary gets is a matter of its typesetting.
        if name.ends_with("_record_summary.pdf")
            && let Some(file) = file.as_object_mut()
        {
            file.remove("pages");
        }
    }
    on_as_checked(&mut theirs);
    theirs["order"] = order(line);
    answer(ours, theirs)
}

/// The names of the files in the order in which they are written.
fn order(line: &Line) -> Value {
    #[derive(Deserialize)]
    struct Written {
        expected: Files,
    }
    #[derive(Deserialize)]
    struct Files {
        #[serde(default)]
        files: InOrder<IgnoredAny>,
    }
    serde_json::from_str::<Written>(&line.text)
        .map(|written| {
            written
                .expected
                .files
                .0
                .into_iter()
                .map(|(name, _)| json!(name))
                .collect()
        })
        .unwrap_or_default()
}

pub(crate) fn waiver(record: &Line, line: &Line, policy: Policy) -> (Value, Value) {
    let value = &line.value;
    let user: UserInformation = read(&value["user_information"]);
    let waiver: WaiverInformation = read(&value["waiver_information"]);
    let ours = with_record(record, policy, |record| {
        let packet = fee_waivers(record, &user, &waiver);
        let mut files = files(&packet);
        if let Some(compiled) = packet.compiled {
            // Joined, every field is renamed to its name and its place among all fields.
            let fields: Map<String, Value> = packet
                .papers
                .iter()
                .enumerate()
                .flat_map(|(index, paper)| {
                    paper.fields.iter().map(move |(name, value)| {
                        let place = FEE_WAIVER_FIELDS
                            .iter()
                            .position(|field| field == name)
                            .unwrap_or_default();
                        (
                            format!("{name}_{}", index * FEE_WAIVER_FIELDS.len() + place),
                            shown(value),
                        )
                    })
                })
                .collect();
            files.push((
                compiled.to_owned(),
                json!({"pages": packet.compiled_pages(), "fields": fields}),
            ));
        }
        Ok(in_order(packet.zip_name, files))
    });
    let mut theirs = value["expected"].clone();
    on_as_checked(&mut theirs);
    theirs["order"] = order(line);
    answer(ours, theirs)
}

fn files(packet: &Packet) -> Vec<(String, Value)> {
    let file = |paper: &domain::expungement::paperwork::Paper| {
        let fields: Map<String, Value> = paper
            .fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), shown(value)))
            .collect();
        (
            paper.file_name.clone(),
            json!({"pages": paper.pages(), "fields": fields}),
        )
    };
    packet.papers.iter().map(file).collect()
}

fn shown(value: &FieldValue) -> Value {
    match value {
        FieldValue::Text(text) => json!(text),
        FieldValue::On => json!(CHECKED),
    }
}

const CHECKED: &str = "/On";

/// Forms name the "on" of a check box either way.
fn on_as_checked(theirs: &mut Value) {
    for (_, file) in theirs["files"].as_object_mut().into_iter().flatten() {
        for (_, field) in file["fields"].as_object_mut().into_iter().flatten() {
            if text(field) == "/Yes" {
                *field = json!(CHECKED);
            }
        }
        if file["fields"].is_null()
            && let Some(file) = file.as_object_mut()
        {
            file.remove("fields");
        }
    }
}

fn in_order(zip_name: &str, files: Vec<(String, Value)>) -> Value {
    let order: Vec<&String> = files.iter().map(|(name, _)| name).collect();
    let order = json!(order);
    json!({"zip_name": zip_name, "order": order, "files": Value::Object(files.into_iter().collect())})
}
