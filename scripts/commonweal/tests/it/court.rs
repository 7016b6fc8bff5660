//! The expungement service against the court site's twin, with nothing but HTTP: log in, search, wait, edit, log out; and each
//! hole that a service like this may have.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use reqwest::{
    RequestBuilder, Response,
    header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE},
};
use serde_json::{Value, json};
use testkit::TestDb;

use crate::host::Host;

const LOGIN: &str = "/expungement/api/oeci_login";
const LOGOUT: &str = "/expungement/api/logout";
const SEARCH: &str = "/expungement/api/search";
pub(crate) const PASSWORD: &str = "set-aside-2022";

fn alias(first: &str, last: &str, birth: &str) -> Value {
    json!({"first_name": first, "last_name": last, "middle_name": "", "birth_date": birth})
}

fn request(first: &str, last: &str) -> Value {
    json!({"aliases": [alias(first, last, "")]})
}

async fn log_in(host: &Host, username: &str, password: &str) -> Response {
    let body = json!({"oeci_username": username, "oeci_password": password});
    host.http.post(host.url(LOGIN)).json(&body).send().await.unwrap()
}

/// The cookie of a new session, as a browser sends it back.
pub(crate) async fn session(host: &Host) -> String {
    session_of(host, "demo-clerk", PASSWORD).await
}

pub(crate) async fn session_of(host: &Host, username: &str, password: &str) -> String {
    let answer = log_in(host, username, password).await;
    assert_eq!(answer.status(), 201);
    let set = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    set.split(';').next().unwrap().to_owned()
}

async fn send(request: RequestBuilder, cookie: &str) -> (u16, Value) {
    let response = request.header(COOKIE, cookie).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

/// A search whose answer is waited for.
async fn search(host: &Host, cookie: &str, body: &Value) -> (u16, Value) {
    let post = host.http.post(host.url(SEARCH)).header("prefer", "wait=25");
    send(post.json(body), cookie).await
}

fn numbers(body: &Value) -> Vec<String> {
    let cases = body["record"]["cases"].as_array().cloned().unwrap_or_default();
    cases
        .iter()
        .filter_map(|case| case["case_number"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_login_to_record_to_logout() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;

    let answer = log_in(&host, "demo-clerk", PASSWORD).await;
    assert_eq!(answer.status(), 201);
    let set = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=3600"] {
        assert!(set.contains(attribute), "{attribute} is not in the cookie");
    }
    assert!(answer.text().await.unwrap().is_empty());
    let cookie = set.split(';').next().unwrap().to_owned();

    // Queued, then asked for until it is there.
    let body = request("John", "Common");
    let first = host
        .http
        .post(host.url(SEARCH))
        .header(COOKIE, &cookie)
        .json(&body);
    let first = first.send().await.unwrap();
    assert_eq!(first.status(), 202);
    let location = first.headers()[LOCATION].to_str().unwrap().to_owned();
    let under_way: Value = first.json().await.unwrap();
    assert_eq!(
        location,
        format!("{SEARCH}/{}", under_way["id"].as_str().unwrap())
    );
    assert!(under_way["progress"]["found"].is_u64());
    let began = Instant::now();
    let record = loop {
        let (status, body) = send(host.http.get(host.url(&location)), &cookie).await;
        match status {
            200 => break body,
            202 => assert!(began.elapsed() < Duration::from_secs(30), "{body}"),
            other => panic!("{other}: {body}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(
        numbers(&record),
        ["200000", "210000", "100000", "110000", "120000"]
    );

    // The same as in the demonstration, but for where each case's page is.
    let (_, demo) = host.post("/expungement/api/demo", body.clone()).await;
    let without_links = |mut record: Value| {
        for case in record["record"]["cases"].as_array_mut().unwrap() {
            case["case_detail_link"].take();
        }
        record
    };
    assert_eq!(without_links(record.clone()), without_links(demo));

    // An edit is answered without asking the court again.
    let asked = |printed: &str| printed.matches("a crawl ended").count();
    let crawls = asked(&host.printed.lock().unwrap());
    let mut edited = body.clone();
    edited["edits"] = json!({"210000": {"summary": {"edit_status": "UNCHANGED"},
        "charges": {"210000-1": {"charge_type": "FelonyClassC", "level": "Felony Class C"}}}});
    edited["questions"] = record["record"]["questions"].clone();
    let (status, answer) = send(host.http.post(host.url(SEARCH)).json(&edited), &cookie).await;
    assert_eq!(status, 200, "answered at once: {answer}");
    assert!(answer.to_string().contains("Felony Class C"));
    assert_eq!(answer["record"]["questions"], record["record"]["questions"]);
    assert_eq!(asked(&host.printed.lock().unwrap()), crawls);

    // A case's page, for this session only, and safe to look at.
    let link = record["record"]["cases"][0]["case_detail_link"].as_str().unwrap();
    let id = link.rsplit('=').next().unwrap();
    let page = format!("/expungement/api/case_detail_page/{id}");
    let seen = host
        .http
        .get(host.url(&page))
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(seen.status(), 200);
    assert!(
        seen.headers()[CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let html = seen.text().await.unwrap();
    assert!(html.contains("Obstruction of search warrant"), "{html}");
    assert!(!html.contains("aspx"), "a link is left: {html}");

    // After the log-out the cookie opens nothing, and nothing is left to open.
    let out = host
        .http
        .post(host.url(LOGOUT))
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), 204);
    assert!(out.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    for path in [page.as_str(), location.as_str()] {
        assert_eq!(
            send(host.http.get(host.url(path)), &cookie).await.0,
            401,
            "{path}"
        );
    }
    let left: i64 = db
        .open(None, std::sync::Arc::new(ports::Undeclared))
        .one(
            store::sql!(
                "select count(*) as n from local.entry where key ~ '^court-(session|found|order|search)#'"
            ),
            store::params![],
        )
        .await
        .unwrap()
        .get("n")
        .unwrap();
    assert_eq!(left, 0, "something is left of the session");

    // Whom it was about, and with what, is in no log line.
    let printed = host.printed.lock().unwrap().clone();
    let token = cookie.trim_start_matches("oeci_token=");
    for personal in [
        PASSWORD,
        "demo-clerk",
        "John",
        "COMMON A",
        "Obstruction",
        "210000-1",
        token,
    ] {
        assert!(!printed.contains(personal), "{personal} was logged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_what_another_session_found() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let (mine, theirs) = (session(&host).await, session(&host).await);
    assert_ne!(mine, theirs);
    let body = request("Single", "Conviction");
    let (status, record) = search(&host, &mine, &body).await;
    assert_eq!(status, 200, "{record}");
    let link = record["record"]["cases"][0]["case_detail_link"].as_str().unwrap();
    let page = format!(
        "/expungement/api/case_detail_page/{}",
        link.rsplit('=').next().unwrap()
    );

    // The other session has to ask the court itself: no answer at once, no page, no state of the search.
    assert_eq!(send(host.http.get(host.url(&page)), &mine).await.0, 200);
    let (status, problem) = send(host.http.get(host.url(&page)), &theirs).await;
    assert_eq!(status, 404);
    assert!(problem["message"].as_str().unwrap().ends_with("does not exist."));
    let (status, other) = send(host.http.post(host.url(SEARCH)).json(&body), &theirs).await;
    assert_eq!(status, 202, "the cache of one session answered another");
    let searched = format!("{SEARCH}/{}", other["id"].as_str().unwrap());
    assert_eq!(send(host.http.get(host.url(&searched)), &mine).await.0, 404);

    // Without a session, with a made-up one, with one that has ended.
    for cookie in [
        "",
        "oeci_token=",
        "oeci_token=x",
        "oeci_token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "other=1",
    ] {
        assert_eq!(
            send(host.http.get(host.url(&page)), cookie).await.0,
            401,
            "{cookie}"
        );
        let (status, problem) = search(&host, cookie, &body).await;
        assert_eq!(
            (status, &problem["message"]),
            (401, &json!("Missing login credentials to OECI."))
        );
    }
    host.advance(3601).await;
    assert_eq!(
        search(&host, &mine, &body).await.0,
        401,
        "a session ends after an hour"
    );
    assert_eq!(send(host.http.get(host.url(&page)), &mine).await.0, 401);

    // What lies in the store is sealed: no name, case number or password in it.
    let cookie = session(&host).await;
    assert_eq!(search(&host, &cookie, &body).await.0, 200);
    let stored: String = db
        .open(None, std::sync::Arc::new(ports::Undeclared))
        .one(
            store::sql!(
                "select string_agg(key || value::text, ' ') || coalesce((select string_agg(body, ' ') from local.message), '') as text from local.entry"
            ),
            store::params![],
        )
        .await
        .unwrap()
        .get("text")
        .unwrap();
    for personal in [
        "OFFENSE",
        "Identity Theft",
        "demo-clerk",
        PASSWORD,
        "Conviction",
        cookie.trim_start_matches("oeci_token="),
    ] {
        assert!(!stored.contains(personal), "{personal} lies open in the store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_court_may_refuse_and_fail() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;

    // Log-ins that do not begin a session.
    for (user, password, status, message) in [
        ("demo-clerk", "wrong", 401, "Invalid OECI username or password."),
        ("nobody", PASSWORD, 401, "Invalid OECI username or password."),
        ("maintenance", "x", 404, "The eCourt site is offline"),
    ] {
        let answer = log_in(&host, user, password).await;
        assert_eq!(answer.status(), status, "{user}");
        assert!(answer.headers().get(SET_COOKIE).is_none());
        let problem: Value = answer.json().await.unwrap();
        assert!(
            problem["message"].as_str().unwrap().starts_with(message),
            "{problem}"
        );
    }
    let (status, problem) = host.post(LOGIN, json!({"oeci_username": "a"})).await;
    assert_eq!(
        (status, &problem["message"]),
        (
            400,
            &json!("missing one or more required fields: ['oeci_username', 'oeci_password']")
        )
    );
    for turn in 0..12 {
        let status = log_in(&host, "guessed", "x").await.status();
        assert_eq!(status, if turn < 10 { 401 } else { 429 }, "try {turn}");
    }

    let cookie = session(&host).await;
    let errors = |body: &Value| body["record"]["errors"].to_string();

    // Searches that end without a record say why; asked again, they are tried again.
    for (last, says) in [
        (
            "Toomany",
            "Found 301 matching cases, exceeding the limit of 300. Please add a date of birth to your search.",
        ),
        ("Outage", "does not answer"),
        (
            "Broken",
            "Failed to fetch case detail page. Please rerun the search.",
        ),
        ("Hostile", "cannot be read"),
    ] {
        let (status, body) = search(&host, &cookie, &request("Any", last)).await;
        assert_eq!(status, 200, "{last}: {body}");
        assert!(errors(&body).contains(says), "{last}: {body}");
        assert!(numbers(&body).is_empty());
        let (status, _) = send(
            host.http.post(host.url(SEARCH)).json(&request("Any", last)),
            &cookie,
        )
        .await;
        assert_eq!(status, 202, "{last}: what failed is asked for again");
    }
    // Half of a person is worse than nothing.
    let both = json!({"aliases": [alias("Single", "Conviction", ""), alias("Any", "Outage", "")]});
    let (status, body) = search(&host, &cookie, &both).await;
    assert_eq!((status, numbers(&body).len()), (200, 0));

    // Pages that fail at first are there at last.
    let (status, body) = search(&host, &cookie, &request("Any", "Flaky")).await;
    assert_eq!((status, numbers(&body).len()), (200, 2), "{body}");

    // What happens between the log-in and the search.
    let (status, problem) = search(&host, &cookie, &request("Any", "Maintenance")).await;
    assert_eq!((status, &problem["code"]), (404, &json!("court_site_offline")));
    let leaver = session_of(&host, "demo-leaver", "last-day-2023").await;
    let (status, problem) = search(&host, &leaver, &request("Single", "Conviction")).await;
    assert_eq!((status, &problem["code"]), (401, &json!("court_login_refused")));

    // Nobody, somebody by wildcard, two names at once.
    let (status, body) = search(&host, &cookie, &request("Nobody", "Known")).await;
    assert_eq!(
        (status, numbers(&body).len(), errors(&body).as_str()),
        (200, 0, "[]")
    );
    let (_, body) = search(&host, &cookie, &request("s*", "Conv*")).await;
    assert_eq!(numbers(&body), ["100000"]);
    let two = json!({"aliases": [alias("John", "Common", "2/2/1985"), alias("Contempt", "One", "")]});
    let (_, body) = search(&host, &cookie, &two).await;
    assert_eq!(numbers(&body).len(), 3, "{body}");

    // What no search can be: named before the court is asked.
    for (body, field) in [
        (request("*", "Doe"), "aliases.0.first_name"),
        (request("Jo", "D*"), "aliases.0.last_name"),
        (request("", "Doe"), "aliases.0.first_name"),
        (
            json!({"aliases": [alias("a", "bb", ""), alias("a", "bb", "1970")]}),
            "aliases.1.birth_date",
        ),
    ] {
        let (status, problem) = search(&host, &cookie, &body).await;
        assert_eq!(
            (status, &problem["errors"][0]["field"]),
            (400, &json!(field)),
            "{problem}"
        );
    }
    let (status, body) = search(&host, &cookie, &json!({"aliases": []})).await;
    assert_eq!((status, numbers(&body).len()), (200, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_while_the_court_is_asked_leaves_nothing() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let cookie = session(&host).await;
    let post = host.http.post(host.url(SEARCH)).json(&request("Any", "Slow"));
    let (status, _) = send(post, &cookie).await;
    assert_eq!(status, 202);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let out = host.http.post(host.url(LOGOUT)).header(COOKIE, &cookie);
    assert_eq!(out.send().await.unwrap().status(), 204);
    let database = db.open(None, std::sync::Arc::new(ports::Undeclared));
    let left =
        store::sql!("select count(*) as n from local.entry where key ~ '^court-(session|found|order)#'");
    let waiting = store::sql!("select count(*) as n from local.message where dead_reason is null");
    let began = Instant::now();
    loop {
        let rows = database.one(waiting, store::params![]).await.unwrap();
        if rows.get::<i64>("n").unwrap() == 0 {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "the crawl does not end"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let rows = database.one(left, store::params![]).await.unwrap();
    assert_eq!(
        rows.get::<i64>("n").unwrap(),
        0,
        "the crawl kept something after the log-out"
    );
}

/// The lines of these kinds in a recorded file beside the checkout; `None`, and said so, where there is none.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
pub(crate) fn recorded(file: &str, kinds: &[&str]) -> Option<(PathBuf, Vec<Value>)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpus")
        .join(file);
    let Ok(bytes) = std::fs::read(&file) else {
        println!("skipped: {} is not beside the checkout", file.display());
        return None;
    };
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_kinds = lines.filter(|line| kinds.iter().any(|kind| line["kind"] == *kind));
    Some((file, of_kinds.collect()))
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_pages_are_crawled_charge_by_charge() {
    let Some((file, pages)) = recorded("expungement_pages.jsonl.gz", &["case_page"]) else {
        return;
    };
    let db = TestDb::create().await;
    let file: &'static str = Box::leak(file.to_str().unwrap().to_owned().into_boxed_str());
    let host = Host::start_with(&db.url(), &[("COURT_SITE_PAGES", file)]).await;
    let cookie = session(&host).await;
    let (status, body) = search(&host, &cookie, &request("Any", "Recorded")).await;
    assert_eq!(status, 200, "{body}");
    let cases = body["record"]["cases"].as_array().unwrap();
    assert!(!pages.is_empty());
    assert_eq!(cases.len(), pages.len());
    for (index, page) in pages.iter().enumerate() {
        let (name, expected) = (&page["name"], &page["expected"]);
        let number = format!("R{index:04}");
        let case = cases.iter().find(|case| case["case_number"] == number).unwrap();
        let cents = (case["balance_due"].as_f64().unwrap() * 100.0).round();
        assert_eq!(Some(cents), expected["balance_due_in_cents"].as_f64(), "{name}");
        assert_eq!(
            case["district_attorney_number"], expected["district_attorney_number"],
            "{name}"
        );
        let charges = case["charges"].as_array().unwrap();
        let wanted = expected["charges"].as_object().unwrap();
        assert_eq!(charges.len(), wanted.len(), "{name}");
        for (charge_number, wanted) in wanted {
            let id = format!("{number}-{charge_number}");
            let charge = charges
                .iter()
                .find(|charge| charge["ambiguous_charge_id"] == id)
                .unwrap_or_else(|| panic!("{name} lacks {id}: {charges:?}"));
            // A recorded page may hold an entity, which a browser reads as its character.
            let text = wanted["name"].as_str().unwrap().replace("&amp;", "&");
            assert_eq!(charge["name"], text, "{name} {id}");
            assert_eq!(charge["level"], wanted["level"], "{name} {id}");
            if let Some(ruling) = expected["dispositions"][charge_number]["ruling"].as_str() {
                assert_eq!(charge["disposition"]["ruling"], ruling, "{name} {id}");
            }
        }
        // The court's page itself, cleaned, for this session.
        let link = case["case_detail_link"].as_str().unwrap();
        let id = link.split("CaseID=").nth(1).unwrap();
        let shown = host
            .http
            .get(host.url(&format!("/expungement/api/case_detail_page/{id}")))
            .header(COOKIE, &cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(shown.status(), 200, "{name}");
    }
}
