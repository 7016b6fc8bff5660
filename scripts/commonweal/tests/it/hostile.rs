//! Bad input of every kind to every documented operation: a 4xx that says what is wrong, never a 500.

use serde_json::{Map, Value, json};
use testkit::TestDb;

use crate::{
    host::{Host, basics},
    services,
};

/// Values that no field takes in earnest.
fn monsters() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("x".repeat(20_000)),
        json!("\u{202e}\u{feff}"),
        json!([]),
        json!([[[[[[[[]]]]]]]]),
        json!({}),
        json!({"a": {"b": "\u{0}"}}),
        json!("'; drop table voting.registration; --"),
        json!("9999-99-99"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_never_our_fault() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let mut documents = Vec::new();
    for (service, _) in services::apis() {
        documents.push(host.get(&format!("/{service}/openapi.json")).await);
    }
    let mut calls = 0;
    for (path, operations) in documents.iter().flat_map(|api| api["paths"].as_object().unwrap()) {
        let concrete = path
            .replace("{uuid}", "00000000-0000-4000-8000-000000000000")
            .replace("{id}", "not-an-id")
            .replace("{code}", "Z%00")
            .replace("{slug}", "%00%ff");
        for method in operations.as_object().unwrap().keys() {
            let method: reqwest::Method = method.to_uppercase().parse().unwrap();
            let url = host.url(&format!(
                "{concrete}?token=%00&uuid=%00&subscriber=%00&tool=%ff&upload_type=Signature"
            ));
            for body in bodies() {
                let response = host
                    .http
                    .request(method.clone(), &url)
                    .header("content-type", body.0)
                    .body(body.1)
                    .send()
                    .await;
                let status = response.unwrap().status().as_u16();
                assert!(status < 500, "{method} {path} with {}: {status}", body.2);
                calls += 1;
            }
        }
    }
    assert!(calls > 100, "{calls} calls are too few to mean anything");
}

fn bodies() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    vec![
        ("application/json", b"{".to_vec(), "half an object"),
        ("application/json", b"[1,2]".to_vec(), "a list"),
        ("application/json", b"\xff\xfe".to_vec(), "no UTF-8"),
        ("application/json", b"".to_vec(), "nothing"),
        ("application/json", vec![b'['; 200_000], "deep nesting"),
        (
            "application/json",
            format!("{{\"a\":\"{}\"}}", "x".repeat(2_000_000)).into_bytes(),
            "2 MB",
        ),
        (
            "application/x-www-form-urlencoded",
            b"%ff=%00&first_name=%00".to_vec(),
            "a form of NULs",
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nnonsense".to_vec(),
            "half a multipart",
        ),
        (
            "multipart/form-data",
            b"".to_vec(),
            "a multipart without boundary",
        ),
        ("text/xml", b"<a/>".to_vec(), "another type"),
        ("image/png", b"\x89PNG".to_vec(), "half an image"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_field_is_named() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let fields = [
        "first_name",
        "address1",
        "city",
        "state",
        "zipcode",
        "date_of_birth",
        "email",
        "phone",
        "title",
        "gender",
        "party",
        "race_ethnicity",
        "session_id",
        "sms_opt_in",
        "embed_url",
        "initial_events",
    ];
    for path in [
        "/voting/v1/registration/register?incomplete=true",
        "/voting/v1/reminder/signup",
        "/voting/v1/verification/verify",
    ] {
        for field in fields {
            for monster in monsters() {
                let mut body: Map<String, Value> = basics("m@example.org").as_object().unwrap().clone();
                body.insert(field.to_owned(), monster.clone());
                let (status, answer) = host.post(path, Value::Object(body)).await;
                assert!(
                    status < 500 || (status == 503 && path.contains("verify")),
                    "{path} {field} {monster}: {status}"
                );
                if status == 400 {
                    let named = answer["errors"].as_array().unwrap().iter().any(|error| {
                        error["field"]
                            .as_str()
                            .is_some_and(|name| name.starts_with(field))
                    });
                    assert!(named, "{path} {field} {monster} is not named: {answer}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_a_body_is_refused() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    for path in [
        "/voting/v1/registration/register",
        "/voting/v1/storage/secure_upload?upload_type=Signature",
    ] {
        let sent = host
            .http
            .post(host.url(path))
            .header("content-type", "image/png")
            .body(vec![0x89; 10_500_000])
            .send();
        // The server may answer before it has read everything, which some clients see as a broken pipe.
        if let Ok(response) = sent.await {
            assert!(
                matches!(response.status().as_u16(), 413 | 415),
                "{path}: {}",
                response.status()
            );
        }
    }
    let (status, _) = host
        .post(
            "/voting/v1/registration/register",
            json!({"first_name": "x".repeat(300_000)}),
        )
        .await;
    assert_eq!(status, 413);
}
