//! A stand-in for the court's site, spoken to by real HTTP: log-in, search form, list of results, case pages. Its records are
//! those of the demonstration people, written by [`writer`] in the site's own structure.
//!
//! Two accounts log in: `demo-clerk` with `set-aside-2022`, and `demo-lawyer` with `motion-granted`. `demo-leaver` with
//! `last-day-2023` logs in once and is refused from then on; `maintenance` finds the site in maintenance. These last names are what
//! a caller must be ready for: `Toomany` has 301 cases, `Outage` is answered by 503, `Maintenance` by the site's page of that, the
//! pages of `Flaky` fail at first, that of `Broken` always, those of `Hostile` are not what they should be, `Slow` takes its time.
//!
//! With a file of recorded pages (JSON lines, plain or gzipped: `{"kind": "case_page", "html": …}`) their cases are those of the
//! last name `Recorded`.

mod writer;

use std::{
    collections::{HashMap, HashSet},
    io::Read,
    path::Path as FilePath,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::expungement::{Case, demo, when::parse_us_date};
use jiff::{civil::Date, tz::TimeZone};
use ports::{Clock, Error, Result};
use serde_json::Value;

use crate::host::Host;

/// Where it is, below the host's address.
pub(crate) const PATH: &str = "/_local/providers/court-site";

const ACCOUNTS: [(&str, &str); 3] = [
    ("demo-clerk", "set-aside-2022"),
    ("demo-lawyer", "motion-granted"),
    (LEAVER, "last-day-2023"),
];
/// Its account is closed after one log-in: credentials that were good when a session here began.
const LEAVER: &str = "demo-leaver";
const SLOW: Duration = Duration::from_secs(3);
/// How often a page of `Flaky` fails before it is there.
const FAILURES: usize = 2;
const ALL_COURTS: &str = "101100,102100,103100";
const VIEW_STATE: &str = "dDwtMTIzNDU2Nzg5Ozs+";
const EVENT_VALIDATION: &str = "/wEWAgLx3vHlDgKM54rGBg==";

/// What it remembers.
#[derive(Default)]
pub(crate) struct CourtSite {
    /// How often each page of `Flaky` was asked for, and which accounts have logged in.
    asked: Mutex<HashMap<String, usize>>,
    signed_in: Mutex<HashSet<&'static str>>,
    recorded: Vec<String>,
}

impl CourtSite {
    /// With recorded pages to show, besides its own.
    ///
    /// # Errors
    /// `Internal` where the file cannot be read.
    pub(crate) fn with_pages(file: &FilePath) -> Result<Self> {
        let bytes = std::fs::read(file).map_err(Error::internal)?;
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::MultiGzDecoder::new(bytes.as_slice())
                .read_to_string(&mut text)
                .map_err(Error::internal)?;
        } else {
            text = String::from_utf8(bytes).map_err(Error::internal)?;
        }
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let pages = lines.filter(|line| line["kind"] == "case_page");
        Ok(Self {
            recorded: pages
                .filter_map(|line| line["html"].as_str().map(str::to_owned))
                .collect(),
            ..Self::default()
        })
    }
}

pub(crate) fn routes(host: &Arc<Host>) -> Router {
    let at = |page: &str| format!("{PATH}/{page}");
    Router::new()
        .route(&at("login.aspx"), get(login_page).post(log_in))
        .route(&at("default.aspx"), get(landing))
        .route(&at("Search.aspx"), post(search))
        .route(&at("CaseDetail.aspx"), get(case_detail))
        .with_state(Arc::clone(host))
}

type HostState = State<Arc<Host>>;
type Fields = HashMap<String, String>;

async fn login_page() -> Html<String> {
    Html(writer::page(
        "Login",
        "<form method=\"post\" action=\"login.aspx\"><input type=\"hidden\" name=\"ValidateUser\" value=\"1\">\
         <input type=\"hidden\" name=\"dbKeyAuth\" value=\"JusticePA\"><label>User ID <input name=\"UserName\"></label>\
         <label>Password <input type=\"password\" name=\"Password\"></label><input type=\"submit\" name=\"SignOn\" value=\"Sign On\"></form>",
    ))
}

async fn log_in(State(host): HostState, Form(sent): Form<Fields>) -> Response {
    let field = |name: &str| sent.get(name).map_or("", String::as_str);
    if field("UserName") == "maintenance" {
        return maintenance();
    }
    let whole = field("ValidateUser") == "1" && field("dbKeyAuth") == "JusticePA";
    let account = ACCOUNTS
        .iter()
        .find(|(name, password)| field("UserName") == *name && field("Password") == *password);
    match account {
        Some((name, _)) if whole => {
            let is_first = lock(&host.court.signed_in).insert(name);
            if *name == LEAVER && !is_first {
                return refusal();
            }
            let cookie = format!("ASP.NET_SessionId={name}; path=/; HttpOnly");
            (
                [(header::SET_COOKIE, cookie)],
                Redirect::to(&format!("{PATH}/default.aspx")),
            )
                .into_response()
        }
        _ => refusal(),
    }
}

fn refusal() -> Response {
    Html(writer::page("Login", "<p>Invalid user ID or password.</p>")).into_response()
}

fn maintenance() -> Response {
    let text = "<p>Oregon eCourt is temporarily unavailable due to maintenance.</p>";
    Html(writer::page("Maintenance", text)).into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has this client logged in?
fn is_signed_in(host: &Host, headers: &HeaderMap) -> bool {
    let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
    let name = cookies
        .into_iter()
        .flat_map(|cookies| cookies.split("; "))
        .find_map(|pair| pair.strip_prefix("ASP.NET_SessionId="));
    name.is_some_and(|name| lock(&host.court.signed_in).contains(name))
}

async fn landing(State(host): HostState, headers: HeaderMap) -> Response {
    if !is_signed_in(&host, &headers) {
        return login_page().await.into_response();
    }
    let courts = format!(
        "<div>Case Records</div><select><option value=\"{ALL_COURTS}\">All Locations</option><option value=\"101100\">Baker</option></select>"
    );
    Html(writer::page("Search", &courts)).into_response()
}

async fn search(State(host): HostState, headers: HeaderMap, Form(sent): Form<Fields>) -> Response {
    if !is_signed_in(&host, &headers) {
        return login_page().await.into_response();
    }
    let field = |name: &str| sent.get(name).map_or("", |text| text.trim());
    if field("NodeID") != ALL_COURTS {
        return (StatusCode::INTERNAL_SERVER_ERROR, "no such location").into_response();
    }
    if !sent.contains_key("LastName") {
        return Html(form()).into_response();
    }
    // What an ASP.NET page checks.
    let whole = field("__VIEWSTATE") == VIEW_STATE
        && field("__EVENTVALIDATION") == EVENT_VALIDATION
        && field("SearchBy") == "1"
        && field("ExactName") == "on"
        && field("RequireFirstName") == "True";
    if !whole {
        return (
            StatusCode::INTERNAL_SERVER_ERROR,
            "validation of viewstate failed",
        )
            .into_response();
    }
    match field("LastName") {
        "Outage" => return (StatusCode::SERVICE_UNAVAILABLE, "down").into_response(),
        "Maintenance" => return maintenance(),
        "Slow" => tokio::time::sleep(SLOW).await,
        _ => {}
    }
    let found = find(&host, field("FirstName"), field("LastName"), field("DateOfBirth"));
    Html(writer::results(&found)).into_response()
}

fn form() -> String {
    let field =
        |name: &str, value: &str| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    let fields: String = [
        ("__EVENTTARGET", ""),
        ("__EVENTARGUMENT", ""),
        ("__VIEWSTATE", VIEW_STATE),
        ("__VIEWSTATEGENERATOR", "BBBC20B8"),
        ("__EVENTVALIDATION", EVENT_VALIDATION),
        ("NodeID", ALL_COURTS),
    ]
    .iter()
    .map(|(name, value)| field(name, value))
    .collect();
    let body = format!(
        "<form method=\"post\" action=\"Search.aspx?ID=100\">{fields}<input name=\"LastName\"><input name=\"FirstName\"></form>"
    );
    writer::page("Search", &body)
}

/// Does a name fit what was searched for? `*` at the end stands for anything.
fn fits(term: &str, name: &str) -> bool {
    let (term, name) = (term.to_lowercase(), name.to_lowercase());
    match term.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == term,
    }
}

/// The day in Oregon, where the court is, by the rule for its clocks since 2007 (15 U.S.C. 260a).
fn today(host: &Host) -> Date {
    let zone = TimeZone::posix("PST8PDT,M3.2.0,M11.1.0").unwrap_or(TimeZone::UTC);
    host.twins.clock.now().to_zoned(zone).date()
}

/// Numbers of the site: 1,000 for each person. Beyond the demonstration people are those of what goes wrong.
fn number(person: usize, case: usize) -> String {
    (1_000 * (person + 1) + case).to_string()
}

const TROUBLE: usize = 90;
const RECORDED: usize = 95;
const TROUBLED: [&str; 5] = ["Toomany", "Flaky", "Hostile", "Broken", "Slow"];

fn find(host: &Host, first: &str, last: &str, birth_date: &str) -> Vec<(String, Case)> {
    let today = today(host);
    let sample = || demo::PEOPLE[3].cases(today);
    let mut found = Vec::new();
    for (person, known) in demo::PEOPLE.iter().enumerate() {
        // Who is born when does not matter where nobody asks: the entry without a birth date has all of that name.
        let born = match (birth_date, known.birth_date) {
            ("", known) => known.is_empty(),
            (asked, known) => parse_us_date(asked).is_some() && parse_us_date(asked) == parse_us_date(known),
        };
        if born && fits(first, known.first_name) && fits(last, known.last_name) {
            let cases = known.cases(today).into_iter().enumerate();
            found.extend(cases.map(|(index, case)| (number(person, index), case)));
        }
    }
    if let Some(trouble) = TROUBLED.iter().position(|name| fits(last, name)) {
        let many = if TROUBLED[trouble] == "Toomany" { 301 } else { 2 };
        for index in 0..many {
            let mut case = sample().remove(0);
            case.case_number = format!("T{index:04}");
            for charge in &mut case.charges {
                charge.ambiguous_charge_id = format!("{}-1", case.case_number);
            }
            found.push((number(TROUBLE + trouble, index), case));
        }
    }
    if fits(last, "Recorded") {
        for index in 0..host.court.recorded.len() {
            let mut case = sample().remove(0);
            case.case_number = format!("R{index:04}");
            found.push((number(RECORDED, index), case));
        }
    }
    found
}

async fn case_detail(State(host): HostState, headers: HeaderMap, Query(asked): Query<Fields>) -> Response {
    if !is_signed_in(&host, &headers) {
        return login_page().await.into_response();
    }
    let id = asked.get("CaseID").and_then(|id| id.parse::<usize>().ok());
    let Some((person, index)) = id.and_then(|id| Some(((id / 1_000).checked_sub(1)?, id % 1_000))) else {
        return (StatusCode::NOT_FOUND, "").into_response();
    };
    if person == RECORDED {
        return match host.court.recorded.get(index) {
            Some(page) => Html(page.clone()).into_response(),
            None => (StatusCode::NOT_FOUND, "").into_response(),
        };
    }
    let trouble = person
        .checked_sub(TROUBLE)
        .and_then(|at| TROUBLED.get(at))
        .copied();
    let case = match trouble {
        Some(name) => find(&host, "Any", name, "")
            .into_iter()
            .nth(index)
            .map(|(_, case)| case),
        None => demo::PEOPLE
            .get(person)
            .and_then(|known| known.cases(today(&host)).into_iter().nth(index)),
    };
    let Some(case) = case else {
        return (StatusCode::NOT_FOUND, "").into_response();
    };
    match trouble {
        Some("Flaky") => {
            let mut asked = lock(&host.court.asked);
            let count = asked.entry(index.to_string()).or_default();
            *count += 1;
            if *count <= FAILURES {
                return (StatusCode::BAD_GATEWAY, "").into_response();
            }
        }
        Some("Broken") => return (StatusCode::INTERNAL_SERVER_ERROR, "").into_response(),
        Some("Slow") => tokio::time::sleep(SLOW).await,
        Some("Hostile") => return Html(hostile(index)).into_response(),
        _ => {}
    }
    Html(writer::case_page(&case)).into_response()
}

/// Pages that no court would send.
fn hostile(index: usize) -> String {
    match index {
        0 => "<table><caption><div class=\"ssCaseDetailSectionTitle\">Charge Information</div></caption>\
              <tr><td>1.</td><td><script>alert(1)</script></td><td></td><td>x</td><td>y</td><td>31/31/31</td></tr>"
            .to_owned(),
        _ => "<table><tr><td>".repeat(50_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_as_on_the_site() {
        assert!(fits("john", "John") && fits("Jo*", "John") && fits("J*", "john"));
        assert!(!fits("Jo", "John") && !fits("Joh*x", "John") && !fits("", "John"));
    }

    #[test]
    fn recorded_pages_are_read() {
        let folder = std::env::temp_dir().join(format!("court-pages-{}", std::process::id()));
        let lines =
            "{\"kind\":\"case_page\",\"html\":\"<p>1</p>\"}\n{\"kind\":\"search_form\",\"html\":\"\"}\n";
        std::fs::write(&folder, lines).unwrap();
        let site = CourtSite::with_pages(&folder).unwrap();
        std::fs::remove_file(&folder).unwrap();
        assert_eq!(site.recorded, ["<p>1</p>"]);
    }
}
