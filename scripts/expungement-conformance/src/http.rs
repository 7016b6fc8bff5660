//! Requests with their recorded answers, as far as the rules alone decide those: the list of charge types, and what a record says.

use domain::expungement::edits::{self, Edits};
use domain::expungement::when::parse_us_date;
use domain::expungement::{Alias, Case, ChargeType, Options, Policy, Record, Response, demo};
use domain::person::Language;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::checks::{Compared, Uncompared, text};
use crate::corpus::{Corpus, Line};
use crate::records::{RecordLine, refused};

/// The body of a search. Read from the line as written: the order of edits counts.
#[derive(Deserialize)]
struct Search {
    aliases: Vec<Alias>,
    #[serde(default)]
    today: Option<String>,
    #[serde(default)]
    edits: Edits,
}

#[derive(Deserialize)]
struct Exchange {
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    json: Search,
}

pub(crate) fn http(corpus: &Corpus, line: &Line, policy: Policy) -> Result<Compared, Uncompared> {
    let (request, response) = (&line.value["request"], &line.value["response"]);
    let path = (text(&request["method"]), text(&request["path"]));
    if path == ("GET", "/api/rules") {
        return Ok(rules(response));
    }
    // A search that is refused as it stands, or does not reach a record, is a matter of the HTTP layer.
    let decided = match path {
        ("POST", "/api/demo") => response["status"] == 200 || response["status"] == 500,
        ("POST", "/api/search") => response["json"]["cases"][0].is_string(),
        _ => false,
    };
    let Some(Exchange { request }) = serde_json::from_str(&line.text).ok().filter(|_| decided) else {
        return Err(Uncompared::HttpLayer);
    };
    let Request { json: search } = request;
    let clock = corpus.clock().ok_or(Uncompared::NoClock)?;
    let cases = match path.1 {
        "/api/demo" => demo::find(&search.aliases, clock),
        _ => crawled(corpus, &response["json"]).ok_or(Uncompared::NoRecord)?,
    };
    let options = Options {
        today: search.today.as_deref().and_then(parse_us_date).unwrap_or(clock),
        clock,
        language: Language::En,
        policy,
    };
    let theirs = match response["status"].as_u64() {
        Some(200) => in_any_order(response["json"].clone()),
        _ => json!({"exception": "an answer of status 500"}),
    };
    let ours = edits::apply(&cases, &search.edits, options)
        .and_then(|cases| Record::judge(&cases, options).map(|record| Response::of(&record).to_json()));
    Ok(match ours {
        Ok(body) => (parts(&body), theirs),
        Err(refusal) => refused(&refusal, theirs),
    })
}

/// What a crawl found: the answer names the cases only. A record for which the same was answered has the same cases.
fn crawled(corpus: &Corpus, answer: &Value) -> Option<Vec<Case>> {
    let mut of_pages = corpus.lines.iter().filter(|line| line.id.starts_with("fixture/"));
    let same = |line: &&Line| line.value["expected"]["summary"] == answer["summary"];
    let recorded: RecordLine = serde_json::from_str(&of_pages.find(same)?.text).ok()?;
    Some(recorded.input.cases)
}

/// The parts of an answer that are recorded: the whole would repeat what records say.
fn parts(body: &str) -> Value {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let record = &body["record"];
    let keys = |value: &Value| {
        value
            .as_object()
            .map(|fields| fields.keys().cloned().collect::<Vec<_>>())
    };
    let cases = record["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
    let numbers: Vec<&Value> = cases.iter().map(|case| &case["case_number"]).collect();
    in_any_order(json!({
        "keys": keys(record),
        "errors": record["errors"],
        "cases": numbers,
        "summary": record["summary"],
        "case_keys": cases.first().and_then(keys),
        "charge_keys": cases.first().and_then(|case| keys(&case["charges"][0])),
    }))
}

/// The order of keys is free.
fn in_any_order(mut parts: Value) -> Value {
    for list in ["keys", "case_keys", "charge_keys"] {
        if let Some(keys) = parts[list].as_array_mut() {
            keys.sort_by(|a, b| text(a).cmp(text(b)));
        }
    }
    parts
}

fn rules(response: &Value) -> Compared {
    let ours: Vec<Value> = ChargeType::ALL
        .iter()
        .map(|one| json!([one.facts().class, one.facts().name.en]))
        .collect();
    (Value::Array(ours), response["json"].clone())
}
