//! Paperwork through the whole house: packets at once and packets by the queue, with and without a session of the court's site.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE, LOCATION};
use serde_json::{Map, Value, json};
use testkit::TestDb;

use crate::{court, host::Host};

const PACKET: &str = "/expungement/api/expungement-packet";
const WAIVERS: &str = "/expungement/api/waiver-packet";
const PDF: &str = "/expungement/api/pdf";

fn person(first: &str, last: &str, demo: bool) -> Value {
    json!({
        "demo": demo, "today": "7/1/2026",
        "aliases": [{"first_name": first, "last_name": last, "middle_name": "", "birth_date": ""}],
        "userInformation": {"full_name": "Zebedee Unmistakable", "date_of_birth": "1/1/1970", "mailing_address": "1 A St",
            "city": "Salem", "state": "OR", "zip_code": "97301", "phone_number": "", "email_address": ""},
        "waiverInformation": {"explain": "a", "explain2": "b", "snap": true, "ssi": false, "tanf": false, "ohp": false,
            "custody": false},
    })
}

/// So many cases that can be filed, added by the user.
fn added(count: usize) -> Value {
    let case = |index: usize| {
        let number = format!("ADDED{index:02}");
        let charge = json!({"edit_status": "ADD", "charge_type": "DismissedCharge", "level": "Misdemeanor Class A",
            "date": "2/1/2010", "name": "Theft II", "statute": "164045",
            "disposition": {"date": "6/1/2010", "ruling": "Dismissed"}});
        let mut charges = Map::new();
        charges.insert(format!("{number}-1"), charge);
        let summary = json!({"edit_status": "ADD", "case_number": number, "current_status": "Closed", "location": "Lane",
            "name": "ADDED PERSON", "birth_year": "1970", "date": "2/1/2010", "balance_due": "0"});
        (number, json!({"summary": summary, "charges": charges}))
    };
    Value::Object((0..count).map(case).collect())
}

fn holds(zip: &[u8], name: &str) -> bool {
    zip.windows(name.len()).any(|window| window == name.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_packet_comes_at_once_and_a_large_one_by_a_link_that_ends() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;

    let body = person("John", "Common", true);
    let answer = host.http.post(host.url(PACKET)).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/zip");
    assert_eq!(
        answer.headers()[CONTENT_DISPOSITION],
        "attachment; filename=expungement_packet.zip"
    );
    let zip = answer.bytes().await.unwrap();
    for name in ["OSP_Form.pdf", "COMPILED.pdf", "JOHN_COMMON_record_summary.pdf"] {
        assert!(holds(&zip, name), "{name} is not in the packet");
    }

    let mut large = body.clone();
    large["edits"] = added(14);
    let answer = host
        .http
        .post(host.url(PACKET))
        .json(&large)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    let link = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(link.starts_with("/expungement/api/paperwork/"), "{link}");
    let began = Instant::now();
    let file = loop {
        let answer = host.http.get(host.url(&link)).send().await.unwrap();
        match answer.status().as_u16() {
            302 => break answer.headers()[LOCATION].to_str().unwrap().to_owned(),
            // The client may follow redirects by itself.
            200 => break answer.url().to_string(),
            202 => assert!(began.elapsed() < Duration::from_secs(60), "it takes too long"),
            other => panic!("{other}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let zip = host.http.get(&file).send().await.unwrap().bytes().await.unwrap();
    for index in 0..14 {
        assert!(holds(
            &zip,
            &format!("ADDED PERSON_ADDED{index:02}_lane_arrest.pdf")
        ));
    }

    // Whoever lacks the token learns nothing, and after a day nobody has one that works.
    let without = link.split('?').next().unwrap();
    for wrong in [
        without.to_owned(),
        format!("{without}?token=x"),
        format!("{link}x"),
    ] {
        assert_eq!(
            host.http.get(host.url(&wrong)).send().await.unwrap().status(),
            404,
            "{wrong}"
        );
    }
    // The ledger says that a packet was kept, and neither whose nor under which token.
    let owner = db.open(None, std::sync::Arc::new(ports::Undeclared));
    let noted = loop {
        let row = owner
            .one(
                store::sql!("select to_jsonb(p) as row from expungement.packet p"),
                store::params![],
            )
            .await
            .unwrap();
        let row: Value = row.get("row").unwrap();
        if row["state"] != "queued" {
            break row;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it takes too long");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let mut columns: Vec<&String> = noted.as_object().unwrap().keys().collect();
    columns.sort();
    assert_eq!(columns, ["created_at", "finished_at", "id", "kind", "state"]);
    assert_eq!(
        (&noted["kind"], &noted["state"]),
        (&json!("motions"), &json!("ready"))
    );
    let printed = host.printed.lock().unwrap().clone();
    assert!(!printed.contains("Unmistakable"), "a name is in the log");
    let token = link.split("token=").nth(1).unwrap();
    assert!(!printed.contains(token), "a token is in the log");
    host.advance(25 * 3_600).await;
    assert_eq!(host.http.get(host.url(&link)).send().await.unwrap().status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_logged_in_gets_the_paperwork_of_what_the_search_found() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let cookie = court::session(&host).await;
    for (path, kind) in [
        (PDF, "application/pdf"),
        (PACKET, "application/zip"),
        (WAIVERS, "application/zip"),
    ] {
        let body = person("John", "Common", false);
        let stranger = host.http.post(host.url(path)).json(&body).send().await.unwrap();
        assert_eq!(stranger.status(), 401, "{path}");
        let answer = host
            .http
            .post(host.url(path))
            .header(COOKIE, &cookie)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(
            (
                answer.status().as_u16(),
                answer.headers()[CONTENT_TYPE].to_str().unwrap()
            ),
            (200, kind),
            "{path}"
        );
    }
    let outlook = host
        .http
        .post(host.url("/expungement/api/outlook"))
        .header(COOKIE, &cookie);
    let outlook = outlook
        .json(&person("Single", "Conviction", false))
        .send()
        .await
        .unwrap();
    let outlook: Value = outlook.json().await.unwrap();
    assert_eq!(
        outlook["outlook"]["days"].as_array().map(Vec::len),
        Some(1),
        "{outlook}"
    );
}

/// A record line with one charge that ended so many years ago.
fn line(id: usize) -> String {
    let number = format!("B{id}");
    json!({"id": format!("r{id}"), "cases": [{
        "case_number": number, "name": "UNMISTAKABLE BULK", "birth_year": 1980, "citation_number": "", "district_attorney_number": "",
        "sid": "", "location": "Lane", "date": "2010-02-01", "violation_type": "Offense Misdemeanor",
        "current_status": "Closed", "case_detail_link": "", "restitution": false, "balance_due_in_cents": 0,
        "charges": [{"ambiguous_charge_id": format!("{number}-1"), "name": "Theft II", "statute": "164045",
            "level": "Misdemeanor Class A", "date": "2010-02-01", "probation_revoked": null,
            "disposition": {"date": "2010-06-01", "ruling": "Convicted", "amended": false}}],
    }]})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_records_are_worked_off_in_chunks_and_come_back_in_order() {
    const BULK: &str = "/expungement/api/bulk?today=7/1/2026&summaries=true";
    // Two chunks; what is wrong is in the second.
    const RECORDS: usize = 1_200;
    const WRONG: usize = 1_100;
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let demo: Value =
        serde_json::from_str(&std::fs::read_to_string(host.home().join("demo.json")).unwrap()).unwrap();
    let keys: Vec<(String, String)> = demo["api_keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["key"].as_str().unwrap().split_once(':').unwrap())
        .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
        .collect();
    let mut lines: Vec<String> = (0..RECORDS).map(line).collect();
    lines[WRONG] = "nonsense".to_owned();
    let body = lines.join("\n");
    let post = |key: &(String, String), body: String| {
        host.http
            .post(host.url(BULK))
            .basic_auth(&key.0, Some(&key.1))
            .body(body)
            .send()
    };

    assert_eq!(
        host.http
            .post(host.url(BULK))
            .body(body.clone())
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    let owner = db.open(None, std::sync::Arc::new(ports::Undeclared));
    owner
        .batch("update platform.api_key set scopes = '{voting}'")
        .await
        .unwrap();
    assert_eq!(
        post(&keys[0], body.clone()).await.unwrap().status(),
        403,
        "the key is for another service"
    );
    owner
        .batch("update platform.api_key set scopes = '{voting,expungement}'")
        .await
        .unwrap();
    for bad in [String::new(), "\n\n".to_owned()] {
        assert_eq!(post(&keys[0], bad).await.unwrap().status(), 400);
    }

    let answer = post(&keys[0], body).await.unwrap();
    assert_eq!(answer.status(), 202);
    let location = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    let queued: Value = answer.json().await.unwrap();
    assert_eq!(
        queued["progress"],
        json!({"records": RECORDS, "chunks": 2, "done": 0})
    );
    let look = |key: &(String, String)| {
        host.http
            .get(host.url(&location))
            .basic_auth(&key.0, Some(&key.1))
            .send()
    };
    let began = Instant::now();
    let results = loop {
        let state: Value = look(&keys[0]).await.unwrap().json().await.unwrap();
        if state["status"] == "done" {
            break state["results"].clone();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{state}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let fetch = async |name: &str| {
        host.http
            .get(results[name].as_str().unwrap())
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
    };
    let table = String::from_utf8(fetch("csv").await.to_vec()).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), RECORDS + 1);
    // The ledger says how much and when, and nothing of whom.
    let noted = owner
        .one(
            store::sql!("select records, chunks, finished_at is not null as done from expungement.bulk_job"),
            store::params![],
        )
        .await
        .unwrap();
    let noted: (i32, i32, bool) = (
        noted.get("records").unwrap(),
        noted.get("chunks").unwrap(),
        noted.get("done").unwrap(),
    );
    assert_eq!(noted, (i32::try_from(RECORDS).unwrap(), 2, true));
    assert!(rows[0].starts_with("record,problem,case_number"));
    let wrong = rows[WRONG + 1];
    assert!(wrong.starts_with("line 1101,not a record"), "{wrong}");
    for (index, row) in rows[1..].iter().enumerate().filter(|(index, _)| *index != WRONG) {
        assert!(
            row.starts_with(&format!("r{index},,B{index},Lane,")) && row.contains("Eligible Now"),
            "{row}"
        );
    }
    assert_eq!(
        fetch("jsonl").await.iter().filter(|&&byte| byte == b'\n').count(),
        RECORDS
    );
    assert!(holds(&fetch("summaries").await, "r999.pdf"));
    assert_eq!(
        look(&keys[1]).await.unwrap().status(),
        404,
        "another organisation's upload"
    );
    assert!(
        !host.printed.lock().unwrap().contains("UNMISTAKABLE"),
        "a name is in the log"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_people_is_searched_for_under_the_session() {
    const PEOPLE: &str = "/expungement/api/bulk-people";
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let cookie = court::session(&host).await;
    let table = "First Name,Middle,Last Name,Birth Date,Officer\nJohn,,Common,1/1/1970,SMITH\nNobody,,Unmistakable,,SMITH\n,,X,,\n";
    let post = |cookie: &str, kind: &str| {
        let request = host
            .http
            .post(host.url(PEOPLE))
            .header(COOKIE, cookie)
            .header(CONTENT_TYPE, kind);
        request.body(table).send()
    };
    assert_eq!(post("", "text/csv").await.unwrap().status(), 401);
    assert_eq!(post(&cookie, "text/plain").await.unwrap().status(), 415);
    let answer = post(&cookie, "text/csv").await.unwrap();
    assert_eq!(answer.status(), 202);
    let location = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    let stranger = court::session(&host).await;
    let look = |cookie: &str| host.http.get(host.url(&location)).header(COOKIE, cookie).send();
    assert_eq!(
        look(&stranger).await.unwrap().status(),
        404,
        "another session's list"
    );
    let began = Instant::now();
    let results = loop {
        let state: Value = look(&cookie).await.unwrap().json().await.unwrap();
        if state["status"] == "done" {
            break state["results"].clone();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{state}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let fetch = async |name: &str| {
        host.http
            .get(results[name].as_str().unwrap())
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
    };
    let table = String::from_utf8(fetch("csv").await.to_vec()).unwrap();
    assert!(table.contains("COMMON_JOHN_SMITH,,110000,Baker,"), "{table}");
    assert!(
        table.contains("UNMISTAKABLE_NOBODY_SMITH,no cases were found"),
        "{table}"
    );
    assert!(table.contains("X,first_name: This field is required."), "{table}");
    assert!(holds(&fetch("summaries").await, "COMMON_JOHN_SMITH.pdf"));
    assert!(
        !host
            .printed
            .lock()
            .unwrap()
            .to_lowercase()
            .contains("unmistakable"),
        "a name is in the log"
    );
}
