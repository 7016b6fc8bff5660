//! The three paperwork routes: what they refuse, and what comes of the demonstration people. Packets need a database for the
//! installed forms; they are tested whole where there is one.

use domain::person::Language;
use serde_json::{Value, json};

use crate::test_context::{plain, post};
use crate::{PACKET, PDF, WAIVER_PACKET};

const PDF_PATH: &str = "/expungement/api/pdf";
const PACKET_PATH: &str = "/expungement/api/expungement-packet";
const WAIVER_PATH: &str = "/expungement/api/waiver-packet";

fn search(first: &str, last: &str) -> Value {
    json!({"demo": true, "today": "7/1/2026",
           "aliases": [{"first_name": first, "last_name": last, "middle_name": "", "birth_date": ""}]})
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn user() -> Value {
    json!({"full_name": "Ana Peña", "date_of_birth": "4/30/1985", "mailing_address": "12 Río Street", "city": "Salem",
           "state": "OR", "zip_code": "97301", "phone_number": "503", "email_address": "a@example.org"})
}

fn waiver() -> Value {
    json!({"explain": "I lost my job.", "explain2": "", "snap": true, "ssi": false, "tanf": false, "ohp": false, "custody": false})
}

fn named(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap().iter();
    errors
        .map(|one| one["field"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_summary_of_a_demonstration_person_is_a_pdf_of_its_name() {
    let answer = post(&PDF, &plain(), PDF_PATH, search("josé \"/", "Common").to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/pdf");
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert_eq!(
        disposition,
        "inline; filename=JOS_____COMMON_record_summary.pdf; filename*=UTF-8''JOS%C3%89%20___COMMON_record_summary.pdf"
    );
    let plain_name = post(&PDF, &plain(), PDF_PATH, search("John", "Common").to_string()).await;
    assert_eq!(
        plain_name.headers["content-disposition"],
        "inline; filename=JOHN_COMMON_record_summary.pdf"
    );
    assert!(plain_name.text.starts_with("%PDF-"));
}

#[tokio::test]
async fn without_a_session_only_the_demonstration_is_answered() {
    for (function, path, body) in [
        (&PDF, PDF_PATH, search("John", "Common")),
        (
            &PACKET,
            PACKET_PATH,
            with(search("John", "Common"), "userInformation", user()),
        ),
        (
            &WAIVER_PACKET,
            WAIVER_PATH,
            with(
                with(search("John", "Common"), "userInformation", user()),
                "waiverInformation",
                waiver(),
            ),
        ),
    ] {
        for demo in [json!(false), json!(null)] {
            let answer = post(
                function,
                &plain(),
                path,
                with(body.clone(), "demo", demo).to_string(),
            )
            .await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.json()["message"], "Missing login credentials to OECI.");
        }
    }
}

#[tokio::test]
async fn missing_unknown_and_wrong_fields_are_named() {
    let packet = |user: Value| with(search("John", "Common"), "userInformation", user).to_string();
    let mut without = user();
    without
        .as_object_mut()
        .unwrap()
        .retain(|key, _| key != "city" && key != "email_address");
    for (body, fields) in [
        (search("John", "Common").to_string(), vec!["userInformation"]),
        (packet(json!([])), vec!["userInformation"]),
        (packet(json!(null)), vec!["userInformation"]),
        (
            packet(without),
            vec!["userInformation.city", "userInformation.email_address"],
        ),
        (
            packet(with(user(), "city", json!(3))),
            vec!["userInformation.city"],
        ),
        (
            packet(with(user(), "city", json!("x".repeat(201)))),
            vec!["userInformation.city"],
        ),
        (packet(with(user(), "ssn", json!("1"))), vec!["userInformation"]),
        ("{}".to_owned(), vec!["aliases"]),
        ("".to_owned(), vec!["body"]),
    ] {
        let answer = post(&PACKET, &plain(), PACKET_PATH, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(named(&answer.json()), fields, "{body}");
        assert!(!answer.text.contains("ssn"), "what was sent is not repeated");
    }
    let ask = |waiver: Value| {
        with(
            with(search("More", "Categories"), "userInformation", user()),
            "waiverInformation",
            waiver,
        )
        .to_string()
    };
    let mut incomplete = waiver();
    incomplete.as_object_mut().unwrap().remove("tanf");
    for (body, fields) in [
        (ask(incomplete), vec!["waiverInformation.tanf"]),
        (
            ask(with(waiver(), "snap", json!("yes"))),
            vec!["waiverInformation.snap"],
        ),
        (
            ask(with(waiver(), "explain2", json!("abcd ".repeat(100)))),
            vec!["waiverInformation.explain2"],
        ),
        (
            ask(with(waiver(), "explain", json!("a".repeat(1_001)))),
            vec!["waiverInformation.explain"],
        ),
    ] {
        let answer = post(&WAIVER_PACKET, &plain(), WAIVER_PATH, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), named(&answer.json())),
            (400, fields.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_edit_that_cannot_be_applied_is_refused() {
    let edits = json!({"1": {"summary": {"edit_status": "UPDATE"}}});
    let answer = post(
        &PDF,
        &plain(),
        PDF_PATH,
        with(search("John", "Common"), "edits", edits).to_string(),
    )
    .await;
    assert_eq!(
        (answer.status.as_u16(), named(&answer.json())),
        (400, vec!["edits".to_owned()])
    );
}

#[test]
fn an_empty_packet_is_an_empty_zip() {
    let packet = domain::expungement::paperwork::Packet {
        zip_name: "waiver_packet.zip",
        papers: Vec::new(),
        compiled: None,
        summary: None,
    };
    let files = super::packet::files(&packet, &super::forms::Blanks::default(), None, Language::En).unwrap();
    assert!(super::archive::zip(&files).unwrap().starts_with(b"PK\x05\x06"));
}
