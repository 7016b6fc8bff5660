//! Whole records, and the time rules alone.

use domain::expungement::charge_types::EligibilityStatus;
use domain::expungement::disposition::{DispositionStatus, Ruled};
use domain::expungement::edits::{self, Edits};
use domain::expungement::record::JudgedCharge;
use domain::expungement::time::{Convictions, Timing};
use domain::expungement::when::When;
use domain::expungement::{Case, ChargeType, EditStatus, Options, Policy, Record, Refusal, Response};
use domain::person::Language;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::checks::{day, from_iso, iso, severity, text};
use crate::corpus::Line;

/// The part of a record line that goes into the engine.
#[derive(Deserialize)]
pub(crate) struct RecordLine {
    pub input: Input,
    pub clock: jiff::civil::Date,
    pub today: jiff::civil::Date,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    pub cases: Vec<Case>,
    #[serde(default)]
    pub edits: Edits,
}

impl RecordLine {
    pub(crate) fn options(&self, policy: Policy) -> Options {
        Options {
            today: self.today,
            clock: self.clock,
            language: Language::En,
            policy,
        }
    }
}

pub(crate) fn record(line: &Line, policy: Policy) -> (Value, Value) {
    let mut theirs = line.value["expected"].clone();
    if let Some(ids) = theirs["question_ids"].as_array_mut() {
        // Keys of an object: their order is free.
        ids.sort_by(|a, b| text(a).cmp(text(b)));
    }
    let parsed: RecordLine = match serde_json::from_str(&line.text) {
        Ok(parsed) => parsed,
        Err(error) => return (json!({"unreadable": error.to_string()}), theirs),
    };
    let options = parsed.options(policy);
    let ours = edits::apply(&parsed.input.cases, &parsed.input.edits, options).and_then(|cases| {
        let record = Record::judge(&cases, options)?;
        Ok(if theirs["form"] == "slim" {
            slim(&record)
        } else {
            full(&record)
        })
    });
    match ours {
        Ok(ours) => (ours, theirs),
        Err(refusal) => refused(&refusal, theirs),
    }
}

/// Where the peer failed, any refusal with a reason is right.
pub(crate) fn refused(refusal: &Refusal, theirs: Value) -> (Value, Value) {
    if theirs["exception"].is_string() {
        (theirs.clone(), theirs)
    } else {
        (json!({"refused": refusal.to_string()}), theirs)
    }
}

fn response(record: &Record) -> Value {
    let mut body: Value = serde_json::from_str(&Response::of(record).to_json()).unwrap_or_default();
    body["record"].take()
}

fn possible(record: &Record) -> Value {
    let by_charge = record.readings().map(|(id, readings)| {
        let readings = readings.iter().map(|one| {
            json!([
                one.charge_type.facts().class,
                severity(one.severity),
                one.disposition.status.as_str()
            ])
        });
        (id.to_owned(), readings.collect())
    });
    Value::Object(by_charge.collect())
}

fn first_date(charge: &JudgedCharge) -> Value {
    json!(charge.times.first().map(|time| iso(time.date)))
}

fn combinations(record: &Record) -> Value {
    // Above the limit the peer records what it counted, too.
    json!(u64::try_from(record.combinations).unwrap_or(u64::MAX))
}

fn full(record: &Record) -> Value {
    let mut ours = response(record);
    ours["form"] = json!("full");
    ours["combinations"] = combinations(record);
    ours["possible"] = possible(record);
    for (case, judged) in ours["cases"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .zip(&record.cases)
    {
        for (charge, judged) in case["charges"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .zip(&judged.charges)
        {
            if let Some(fields) = charge.as_object_mut() {
                fields.remove("expungement_rules");
            }
            charge["charge_type_class"] = json!(judged.charge_type().facts().class);
            charge["date_will_be_eligible_iso"] = first_date(judged);
            charge["date_to_sort_label_by_iso"] = json!(judged.verdict.sort_date.map(iso));
        }
    }
    ours
}

/// The derived fields only, as arrays; the columns stand in the corpus' `meta` line.
fn slim(record: &Record) -> Value {
    let mut whole = response(record);
    let cases: Vec<Value> = whole["cases"]
        .as_array()
        .into_iter()
        .flatten()
        .zip(&record.cases)
        .map(|(case, judged)| {
            let charges: Vec<Value> = case["charges"]
                .as_array()
                .into_iter()
                .flatten()
                .zip(&judged.charges)
                .map(|(charge, judged)| {
                    let result = &charge["expungement_result"];
                    let (type_, time, verdict) = (
                        &result["type_eligibility"],
                        &result["time_eligibility"],
                        &result["charge_eligibility"],
                    );
                    json!([
                        charge["ambiguous_charge_id"],
                        judged.charge_type().facts().class,
                        charge["type_name"],
                        charge["disposition"]["status"],
                        charge["disposition"]["ruling"],
                        charge["disposition"]["date"],
                        type_["status"],
                        type_["reason"],
                        time["status"],
                        time["reason"],
                        first_date(judged),
                        time["unique_date"],
                        verdict["status"],
                        verdict["label"],
                        judged.verdict.sort_date.map(iso),
                        charge["edit_status"],
                    ])
                })
                .collect();
            json!([
                case["case_number"],
                case["current_status"],
                case["balance_due"],
                case["edit_status"],
                charges
            ])
        })
        .collect();
    let questions: Vec<&String> = whole["questions"]
        .as_object()
        .map(Map::keys)
        .into_iter()
        .flatten()
        .collect();
    let questions = json!(questions);
    json!({
        "form": "slim",
        "total_balance_due": whole["total_balance_due"].take(),
        "errors": whole["errors"].take(),
        "cases": cases,
        "summary": whole["summary"].take(),
        "question_ids": questions,
        "combinations": combinations(record),
        "possible": possible(record),
    })
}

/// Charges whose types are given: the time rules alone.
pub(crate) fn time_only(value: &Value, policy: Policy) -> (Value, Value) {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let cases: Vec<Case> = list(&value["input"]["cases"]).iter().map(typed_case).collect();
    let severities: Vec<Value> = list(&value["input"]["cases"])
        .iter()
        .flat_map(|case| list(&case["charges"]))
        .map(|charge| charge["severity_level"].clone())
        .collect();
    // Not read with the case: an undecided charge's hypothetical conviction has no calendar date.
    let dispositions: Vec<(When, String)> = list(&value["input"]["cases"])
        .iter()
        .flat_map(|case| list(&case["charges"]))
        .map(|charge| {
            let disposition = &charge["disposition"];
            (
                from_iso(text(&disposition["date"])),
                text(&disposition["ruling"]).to_owned(),
            )
        })
        .collect();
    let mut timings = Vec::new();
    for (case, charge) in cases
        .iter()
        .flat_map(|case| case.charges.iter().map(move |charge| (case, charge)))
    {
        let one = charge.chosen_type.unwrap_or(ChargeType::UnclassifiedCharge);
        let (date, ruling) = &dispositions[timings.len()];
        let ruled = Ruled::new(*date, ruling, false);
        let severity = ChargeType::ALL
            .iter()
            .filter_map(|any| any.facts().severity)
            .find(|level| Some(level.as_str()) == severities.get(timings.len()).and_then(Value::as_str));
        let timing = one
            .eligibility(ruled.status)
            .filter(|eligibility| eligibility.status != EligibilityStatus::NeedsMoreAnalysis)
            .filter(|_| ruled.status != DispositionStatus::Unknown)
            .and_then(|eligibility| Timing::new(case, charge, (one, severity), eligibility, &ruled, policy));
        timings.push((charge.ambiguous_charge_id.clone(), timing));
    }
    let convictions = Convictions::of(
        timings
            .iter()
            .enumerate()
            .filter_map(|(index, (_, timing))| Some((index, timing.as_ref()?))),
    );
    let ours = timings.iter().enumerate().filter_map(|(index, (id, timing))| {
        let verdict = convictions.judge(index, timing.as_ref()?, day(&value["today"]));
        let status = if verdict.eligible {
            "Eligible"
        } else {
            "Ineligible"
        };
        let reason = verdict.reason.text(Language::En);
        Some((
            id.clone(),
            json!({"status": status, "reason": reason, "date": iso(verdict.date)}),
        ))
    });
    (Value::Object(ours.collect()), value["expected"].clone())
}

fn typed_case(value: &Value) -> Case {
    let charges =
        value["charges"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|charge| domain::expungement::Charge {
                ambiguous_charge_id: text(&charge["ambiguous_charge_id"]).to_owned(),
                name: String::new(),
                statute: String::new(),
                level: text(&charge["level"]).to_owned(),
                date: day(&charge["date"]),
                disposition: None,
                probation_revoked: text(&charge["probation_revoked"]).parse().ok(),
                edit_status: serde_json::from_value(charge["edit_status"].clone())
                    .unwrap_or(EditStatus::Unchanged),
                chosen_type: ChargeType::named(text(&charge["charge_type_class"])),
            });
    Case {
        case_number: text(&value["case_number"]).to_owned(),
        name: String::new(),
        birth_year: None,
        citation_number: String::new(),
        district_attorney_number: String::new(),
        sid: String::new(),
        location: String::new(),
        date: When::LAST_DAY,
        violation_type: String::new(),
        current_status: if value["closed"] == true { "Closed" } else { "Open" }.to_owned(),
        case_detail_link: String::new(),
        restitution: false,
        balance_due_in_cents: 0,
        charges: charges.collect(),
        edit_status: EditStatus::Unchanged,
    }
}
