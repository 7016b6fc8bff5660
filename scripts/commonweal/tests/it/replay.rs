//! Every recorded exchange with the service that the expungement service replaces, sent to the running house at its paths here.
//!
//! Each part of an answer (status, content type, message, cookie, file, body) is either the recorded one or stands in
//! [`DIFFERENCES`] with what is answered here and why. A difference that is not listed fails, and so does one that is listed and
//! is none any more. `scripts/conformance` compares the same lines with the rules alone.

use std::{collections::BTreeSet, io::Write as _};

use reqwest::{
    Method, Response,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE, SET_COOKIE},
};
use serde_json::{Value, json};
use testkit::TestDb;

use crate::{
    court::{PASSWORD, recorded, session, session_of},
    host::Host,
    none,
};

/// A part of an answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Part {
    Status,
    ContentType,
    /// `message` of a JSON body.
    Message,
    /// `Set-Cookie`: the name, then the attributes in their order in the alphabet.
    Cookie,
    /// `Content-Disposition`.
    File,
    /// Plain text as it is; of a record what was recorded of it; of a file how it begins.
    Body,
}

use Part::{Body, ContentType, Cookie, Message, Status};

const PARTS: [Part; 6] = [Status, ContentType, Message, Cookie, Part::File, Body];

type Difference = (&'static [&'static str], Part, &'static str, &'static str);

/// Where we differ on purpose: lines, the part, what is answered here, why.
const DIFFERENCES: &[Difference] = &[
    (
        &["hello"],
        ContentType,
        "text/plain; charset=utf-8",
        "plain text says that it is plain",
    ),
    (
        &["hello"],
        Body,
        "ok",
        "the platform's check of all services answers",
    ),
    (
        &[
            "demo ok",
            "demo unknown name",
            "demo case-insensitive and trimmed",
            "demo bad today",
            "demo empty alias list",
            "search too many cases",
            "search ok",
            CACHED,
        ],
        ContentType,
        "application/json",
        "a browser must not read the names in a record as markup",
    ),
    (
        &[
            "demo no aliases",
            "demo alias field missing",
            "demo GET",
            "search no cookie",
            "search no aliases",
            "search bad cookie",
            "login no body",
            "login missing field",
            "login rejected",
            "search rejected by court site",
            "login court site offline",
            "search court site offline",
            "case page not cached",
            "case page cached",
            "case page css",
            "packet without userInformation",
            "unknown POST",
            "edit crash",
        ],
        ContentType,
        "application/problem+json",
        "every error is a problem document (RFC 9457)",
    ),
    (
        &["demo GET"],
        Status,
        "405",
        "the path is known, the method is not (RFC 9110, 15.5.6)",
    ),
    (&["search no aliases"], Status, "401", WITHOUT_SESSION),
    (
        &[
            "search no aliases",
            "search bad cookie",
            "case page not cached",
            "case page cached",
        ],
        Message,
        "Missing login credentials to OECI.",
        WITHOUT_SESSION,
    ),
    (
        &["search bad cookie"],
        Status,
        "401",
        "a token that means nothing is no session, and no failure of the server",
    ),
    (
        &["login ok"],
        ContentType,
        "",
        "nothing is sent that could be of a type",
    ),
    (
        &["login ok"],
        Cookie,
        "oeci_token; HttpOnly; Max-Age=3600; Path=/; SameSite=Strict",
        "no script may read it, and a session ends after an hour",
    ),
    (
        &["case page not cached", "case page cached"],
        Status,
        "401",
        CASE_PAGES,
    ),
    (
        &["case page not cached", "case page cached"],
        Body,
        "",
        CASE_PAGES,
    ),
    (
        &["case page css"],
        Status,
        "404",
        "a court's page is shown without its styles",
    ),
    (
        &["packet without userInformation", "edit crash"],
        Status,
        "400",
        THE_CALLERS_MISTAKE,
    ),
    (
        &["packet without userInformation"],
        Message,
        "missing one or more required fields: ['userInformation']",
        THE_CALLERS_MISTAKE,
    ),
    (
        &["edit crash"],
        Message,
        "charge 100000-1 was dismissed and cannot be of type Felony Class C",
        THE_CALLERS_MISTAKE,
    ),
];

const CACHED: &str = "search cached: login not attempted again";
const WITHOUT_SESSION: &str = "without a session nothing else of a request is looked at";
const CASE_PAGES: &str = "a case's page is for the session that fetched it, not for everybody";
const THE_CALLERS_MISTAKE: &str =
    "what a caller did wrong is said to the caller, not a failure of the server";

/// One exchange: what to send, and who is to be logged in.
struct Exchange<'l> {
    name: &'l str,
    method: Method,
    path: String,
    body: Value,
    cookie: Option<String>,
}

/// The numbers and the county of the recorded crawl, and those that the court's twin gives to the same pages. They stand in
/// the order in which the cases are shown.
const CRAWLED: [(&str, &str); 4] = [
    ("R0000", "X0003"),
    ("R0001", "X0002"),
    ("R0002", "X0001"),
    ("Deschutes", "Multnomah"),
];

impl<'l> Exchange<'l> {
    /// The recorded one, with those accounts and names for which the court's twin does what the court's site did then.
    async fn of(host: &Host, cookie: &str, line: &'l Value) -> Self {
        let request = &line["request"];
        let name = line["name"].as_str().unwrap();
        let mut body = request["json"].clone();
        let mut cookie = (request["cookie"] == true).then(|| cookie.to_owned());
        match name {
            "login ok" => body = json!({"oeci_username": "demo-clerk", "oeci_password": PASSWORD}),
            "login court site offline" => body["oeci_username"] = json!("maintenance"),
            "search bad cookie" => cookie = Some("oeci_token=bad".to_owned()),
            "search rejected by court site" => {
                cookie = Some(session_of(host, "demo-leaver", "last-day-2023").await);
            }
            "search court site offline" => body["aliases"][0]["last_name"] = json!("Maintenance"),
            "search too many cases" => body["aliases"][0]["last_name"] = json!("Toomany"),
            "search ok" | CACHED => {
                body["aliases"][0]["last_name"] = json!("Recorded");
            }
            _ => {}
        }
        let path = match request["path"].as_str().unwrap() {
            // Whether it runs is asked of the platform.
            "/api/hello" => "/-/alive".to_owned(),
            path => format!("/expungement{path}"),
        };
        Self {
            name,
            method: request["method"].as_str().unwrap().parse().unwrap(),
            path,
            body,
            cookie,
        }
    }

    async fn send(&self, host: &Host) -> Answer {
        let mut request = host
            .http
            .request(self.method.clone(), host.url(&self.path))
            .header("prefer", "wait=25");
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if !self.body.is_null() {
            request = request.json(&self.body);
        }
        Answer::read(request.send().await.unwrap()).await
    }
}

/// The parts of an answer as texts; what is not there is empty.
#[derive(Default)]
struct Answer([String; 6]);

impl Answer {
    fn part(&self, part: Part) -> &str {
        &self.0[part as usize]
    }

    fn set(&mut self, part: Part, text: impl Into<String>) {
        self.0[part as usize] = text.into();
    }

    fn recorded(response: &Value) -> Self {
        let text = |key: &str| response[key].as_str().unwrap_or_default();
        let mut answer = Self::default();
        answer.set(Status, response["status"].to_string());
        answer.set(ContentType, text("content_type"));
        answer.set(Cookie, cookie(text("set_cookie")));
        answer.set(Part::File, text("content_disposition"));
        let json = &response["json"];
        answer.set(Message, json["message"].as_str().unwrap_or_default());
        let is_error = response["status"].as_u64() >= Some(400);
        answer.set(
            Body,
            match text("content_type") {
                "application/pdf" => "%PDF".to_owned(),
                "application/zip" => "PK".to_owned(),
                // What an error says is its message; a page of one says nothing.
                _ if is_error => String::new(),
                _ if json.is_null() => text("text").to_owned(),
                _ => without_unrecorded(in_any_order(json.clone())).to_string(),
            },
        );
        answer
    }

    async fn read(response: Response) -> Self {
        let header = |name| {
            let value = response.headers().get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        let (status, kind) = (response.status(), header(CONTENT_TYPE));
        let mut answer = Self::default();
        answer.set(Status, status.as_u16().to_string());
        answer.set(Cookie, cookie(&header(SET_COOKIE)));
        answer.set(Part::File, header(CONTENT_DISPOSITION));
        let bytes = response.bytes().await.unwrap();
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        for (ours, theirs) in CRAWLED {
            text = text.replace(ours, theirs);
        }
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        answer.set(Message, json["message"].as_str().unwrap_or_default());
        answer.set(
            Body,
            match kind.as_str() {
                "application/pdf" => text.get(..4).unwrap_or_default().to_owned(),
                "application/zip" => text.get(..2).unwrap_or_default().to_owned(),
                _ if status.is_client_error() || status.is_server_error() => String::new(),
                "application/json" => without_unrecorded(parts(&json)).to_string(),
                _ => text,
            },
        );
        answer.set(ContentType, kind);
        answer
    }
}

/// Without the token, and whatever the order of the attributes.
fn cookie(set: &str) -> String {
    let mut attributes = set.split("; ");
    let name = attributes
        .next()
        .and_then(|pair| pair.split('=').next())
        .unwrap_or_default();
    let attributes: BTreeSet<&str> = attributes.collect();
    [name]
        .into_iter()
        .chain(attributes)
        .collect::<Vec<_>>()
        .join("; ")
}

/// What was recorded of a body: of a record its keys, banners, cases and summary, of the rules the names.
fn parts(body: &Value) -> Value {
    if let Some(types) = body["charge_types"].as_array() {
        let name = |one: &Value| json!([one["charge_type_class_name"], one["charge_type_name"]]);
        return types.iter().map(name).collect();
    }
    let keys = |value: &Value| {
        value
            .as_object()
            .map(|fields| fields.keys().cloned().collect::<Vec<_>>())
    };
    let record = &body["record"];
    let cases = record["cases"].as_array().cloned().unwrap_or_default();
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

/// The order of keys is free, and so is whether a sum has decimals.
fn in_any_order(mut value: Value) -> Value {
    for list in ["keys", "case_keys", "charge_keys"] {
        if let Some(keys) = value.get_mut(list).and_then(Value::as_array_mut) {
            keys.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
    }
    decimal(&mut value);
    value.sort_all_objects();
    value
}

/// Which charges the recorded crawl found is known from no page: their groups cannot be compared. Numbers, order and balances of
/// its cases can.
fn without_unrecorded(mut parts: Value) -> Value {
    let is_crawl = parts["cases"][0]
        .as_str()
        .is_some_and(|number| number.starts_with('X'));
    if is_crawl && let Some(summary) = parts["summary"].as_object_mut() {
        summary.remove("charges_grouped_by_eligibility_and_case");
    }
    parts
}

fn decimal(value: &mut Value) {
    match value {
        Value::Number(number) => *value = json!(number.as_f64()),
        Value::Array(values) => values.iter_mut().for_each(decimal),
        Value::Object(fields) => fields.values_mut().for_each(decimal),
        _ => {}
    }
}

/// A page with the balance and the number of charges of the recorded crawl's, as often as it had cases.
fn pages_of_the_crawl() -> Option<tempfile::NamedTempFile> {
    let (_, pages) = recorded("expungement_pages.jsonl.gz", &["case_page"])?;
    let page = pages.iter().find(|page| page["name"] == "x1").unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for _ in 0..3 {
        writeln!(file, "{page}").unwrap();
    }
    Some(file)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_there_is_answered_here() {
    let Some((_, lines)) = recorded("expungement.jsonl.gz", &["http"]) else {
        return;
    };
    let Some(pages) = pages_of_the_crawl() else { return };
    let pages: &'static str = Box::leak(pages.path().to_str().unwrap().to_owned().into_boxed_str());
    let db = TestDb::create().await;
    // Noon in Oregon on the day of the recording: what the demonstration people did is told from today.
    let now = "2026-07-01T19:00:00Z".parse().unwrap();
    let host = Host::start_at(now, &db.url(), &[("COURT_SITE_PAGES", pages)]).await;
    let ours = session(&host).await;
    let crawls = || host.printed.lock().unwrap().matches("a crawl ended").count();

    let mut problems = Vec::new();
    let mut unused: BTreeSet<(&str, Part)> = DIFFERENCES
        .iter()
        .flat_map(|(lines, part, ..)| lines.iter().map(move |line| (*line, *part)))
        .collect();
    let listed: usize = DIFFERENCES.iter().map(|(lines, ..)| lines.len()).sum();
    assert_eq!(listed, unused.len(), "a difference is listed twice");
    assert!(
        lines.len() >= 30,
        "{} exchanges are too few to mean anything",
        lines.len()
    );
    for line in &lines {
        let before = crawls();
        let exchange = Exchange::of(&host, &ours, line).await;
        let (theirs, ours) = (Answer::recorded(&line["response"]), exchange.send(&host).await);
        let name = exchange.name;
        if name == CACHED {
            assert_eq!(crawls(), before, "the court was asked again");
        }
        for part in PARTS {
            let (theirs, ours) = (theirs.part(part), ours.part(part));
            let known = DIFFERENCES
                .iter()
                .find(|(lines, of, ..)| *of == part && lines.contains(&name));
            unused.remove(&(name, part));
            match known {
                None if ours == theirs => {}
                None => problems.push(format!("{name}: {part:?}: ours {ours:?}, theirs {theirs:?}")),
                Some(_) if ours == theirs => {
                    problems.push(format!("{name}: {part:?} is listed and no difference any more"));
                }
                Some((_, _, wanted, why)) if ours != *wanted => {
                    problems.push(format!(
                        "{name}: {part:?}: ours {ours:?}, but {wanted:?}, as {why}"
                    ));
                }
                Some(_) => {}
            }
        }
    }
    let unused = unused
        .iter()
        .map(|(name, part)| format!("{name}: {part:?} is listed, and no such line is here"));
    problems.extend(unused);
    none(&problems);
}
