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
