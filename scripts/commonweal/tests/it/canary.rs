//! Personal data is nowhere but where it belongs: a voter whose every detail is unmistakable uses every part of the service, and
//! afterwards neither the log (at `debug`) nor any queue message ever sent holds a trace of them.

use std::{sync::Arc, time::Duration};

use ports::Undeclared;
use serde_json::{Value, json};
use store::{Database, Sql, params, sql};
use testkit::TestDb;

use crate::host::Host;

/// Keeps a copy of each row of the outbox and the queues, which are deleted once sent and worked off.
const WITNESS: &str = "
    create table public.witness (what text not null);
    create function public.note() returns trigger language plpgsql security definer as
        $$ begin insert into public.witness values (tg_table_name || ' ' || new::text); return new; end $$;
    create trigger note after insert or update on platform.outbox for each row execute function public.note();
    create trigger note after insert or update on local.message for each row execute function public.note()";
const WITNESSED: Sql = sql!("select what from public.witness");

/// In lower case; what identifies the voter in any spelling. The identity number is the strictest of them.
const TRACES: &[&str] = &[
    "qanary",
    "5550143",
    "555-0143",
    "1987-06-05",
    "06/05/1987",
    "june 5, 1987",
    "s55443322",
];

fn voter() -> Value {
    json!({
        "title": "Mx", "first_name": "Qanaryfirst", "middle_name": "Qanarymiddle", "last_name": "Qanarylast",
        "address1": "77 Qanary Street", "address2": "Flat Qanary", "city": "Qanaryville", "state": "MA", "zipcode": "02142",
        "date_of_birth": "1987-06-05", "email": "qanary.voter@example.org", "phone": "617-555-0143", "sms_opt_in": true,
    })
}

fn with(fields: &Value) -> Value {
    let mut body = voter();
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    body
}

fn traces(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let line = |trace: &&str| {
        text.lines()
            .find(|line| line.contains(*trace))
            .map(|line| line.chars().take(500).collect::<String>())
    };
    TRACES
        .iter()
        .filter_map(|trace| Some(format!("{trace}: {}", line(trace)?)))
        .collect()
}

async fn witnessed(owner: &Database) -> String {
    let rows = owner.rows(WITNESSED, params![]).await.unwrap();
    rows.iter()
        .map(|row| row.get::<&str>("what").unwrap().to_owned() + "\n")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_log_nor_queue_knows_a_person() {
    let db = TestDb::create().await;
    let host = Host::start_with(&db.url(), &[("LOG_LEVEL", "debug")]).await;
    let owner = db.open(None, Arc::new(Undeclared));
    owner.batch(WITNESS).await.unwrap();
    let secret_links = use_everything(&host).await;
    host.advance(901).await;
    host.advance(2 * 86_400).await;
    tokio::time::sleep(Duration::from_millis(500)).await;

    let log = host.printed.lock().unwrap().clone();
    let queued = witnessed(&owner).await;
    assert!(
        log.lines().count() > 30,
        "the log is too short to mean anything:\n{log}"
    );
    assert!(
        queued.contains("voting-registration-notify") && queued.contains("voting-action-finish"),
        "{queued}"
    );
    assert_eq!(traces(&log), Vec::<String>::new(), "in the log");
    assert_eq!(traces(&queued), Vec::<String>::new(), "in the queues");
    for link in secret_links {
        let token = link.split("token=").nth(1).unwrap();
        assert!(
            token.len() >= 16 && !log.contains(token),
            "a link's token was logged"
        );
        assert!(!queued.contains(token), "a link's token was queued");
    }
}

/// Every way in, with good input and with input that fails; gives the tokened links that were mailed.
async fn use_everything(host: &Host) -> Vec<String> {
    let register = "/voting/v1/registration/register";
    let (status, begun) = host
        .post(&format!("{register}?incomplete=true&subscriber=demo"), voter())
        .await;
    assert_eq!(status, 200, "{begun}");
    let uuid = begun["uuid"].as_str().unwrap();
    let own = format!("{register}/{uuid}");
    // Errors speak of fields, never of what was in them.
    for wrong in &[
        json!({"state": "Qanaryland"}),
        json!({"email": "qanary at example.org"}),
        json!({"phone": "5550143 qanary"}),
        json!({"date_of_birth": "06/05/1987 qanary"}),
        json!({"zipcode": "qanary"}),
        json!({"state_id_number": ["S55443322"]}),
        json!({"us_citizen": "qanary"}),
    ] {
        let (status, answer) = host.post(register, with(wrong)).await;
        assert_eq!(status, 400, "{answer}");
    }
    let done = json!({"state_id_number": "S55443322", "us_citizen": true, "is_18_or_over": true});
    let (status, answer) = host.patch(&own, done).await;
    assert_eq!(status, 200, "{answer}");
    let mail = host.mail("qanary.voter@example.org", "/voting/download/").await;
    let links: Vec<String> = mail["links"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .filter(|link| link.contains("/voting/download/") && link.contains("token="))
        .map(str::to_owned)
        .collect();
    assert!(!links.is_empty(), "{mail}");
    for link in &links {
        host.http.get(link).send().await.unwrap();
        host.http
            .get(link.replace("token=", "token=qanary"))
            .send()
            .await
            .unwrap();
    }
    // One that stays unfinished is followed up.
    let other = with(&json!({"email": "qanary.unfinished@example.org"}));
    assert_eq!(
        host.post(&format!("{register}?incomplete=true"), other).await.0,
        200
    );

    for last_name in ["Qanarylast", "Known", "Outage"] {
        host.post(
            "/voting/v1/verification/verify",
            with(&json!({"last_name": last_name})),
        )
        .await;
    }
    let (status, answer) = host
        .post("/voting/v1/reminder/signup?subscriber=demo", voter())
        .await;
    assert_eq!(status, 200, "{answer}");
    let (status, _) = host
        .post(
            "/voting/v1/storage/reset",
            json!({"id": uuid, "email": "qanary.voter@example.org"}),
        )
        .await;
    assert!(status < 500);
    external(host).await;
    odd_requests(host, uuid).await;
    pages(host).await;
    links
}

/// A partner with its key.
async fn external(host: &Host) {
    let demo: Value =
        serde_json::from_str(&std::fs::read_to_string(host.home().join("demo.json")).unwrap()).unwrap();
    let key = demo["api_keys"][0]["key"].as_str().unwrap().to_owned();
    let (id, secret) = key.split_once(':').unwrap();
    for (secret, expected) in [(secret, 200), ("qanary-secret", 401)] {
        let answer = host
            .http
            .post(host.url("/voting/v1/registration/external/request"))
            .basic_auth(id, Some(secret))
            .json(&voter())
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        assert_eq!(status, expected, "{}", answer.text().await.unwrap());
    }
    assert!(
        !host.printed.lock().unwrap().contains(&format!("\"{secret}\"")),
        "a key's secret was logged"
    );
}

/// Personal data in places where nobody expects it.
async fn odd_requests(host: &Host, uuid: &str) {
    for path in [
        "/voting/v1/registration/status/qanary?email=qanary@example.org",
        "/voting/qanary/1987-06-05",
        "/voting/v1/subscriber/id/qanary",
        "/voting/v1/registration/resume_token?token=qanary.qanary&uuid=qanary",
        "/voting/register?subscriber=qanary&first_name=qanary",
        "/qanary@example.org",
    ] {
        let answer = host
            .http
            .get(host.url(path))
            .header("referer", "https://qanary.example/qanary")
            .send()
            .await
            .unwrap();
        assert!(answer.status().as_u16() < 500, "{path}");
    }
    for body in [
        "{\"first_name\": \"Qanary",
        "\"qanary\"",
        "{\"email\": qanary}",
        "{\"qanary\": {\"qanary\": [\"qanary\"]}}",
    ] {
        let answer = host
            .http
            .post(host.url("/voting/v1/reminder/signup"))
            .header("content-type", "application/json")
            .header("idempotency-key", "qanary-once")
            .header("cookie", "qanary=qanary")
            .header("user-agent", "Qanary/1.0")
            .header("x-forwarded-for", "198.51.100.7, qanary")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{body}");
    }
    let (status, _) = host
        .post(
            "/voting/v1/event/track",
            json!({"action": uuid, "event_type": "Qanary"}),
        )
        .await;
    assert_eq!(status, 400);
    let upload = host
        .http
        .post(host.url("/voting/v1/storage/secure_upload?upload_type=Signature"))
        .header("content-type", "image/png; name=qanary.png")
        .body("qanary, not an image")
        .send()
        .await
        .unwrap();
    assert!(upload.status().is_client_error());
}

/// The same by forms.
async fn pages(host: &Host) {
    let form = [
        ("first_name", "Qanaryfirst"),
        ("last_name", "Qanarylast"),
        ("address1", "77 Qanary Street"),
        ("city", "Qanaryville"),
        ("state", "MA"),
        ("zipcode", "02142"),
        ("email", "qanary.page@example.org"),
        ("phone", "617-555-0143"),
        ("date_of_birth-month", "6"),
        ("date_of_birth-day", "5"),
        ("date_of_birth-year", "1987"),
    ];
    for path in [
        "/voting/register?subscriber=demo",
        "/voting/verify?subscriber=demo",
    ] {
        let body: String = form
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "+").replace('@', "%40")))
            .collect::<Vec<_>>()
            .join("&");
        let answer = host
            .http
            .post(host.url(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().as_u16() < 500, "{path}");
        assert!(
            answer.status().is_success() || answer.status().is_redirection(),
            "{path}: {}",
            answer.status()
        );
    }
}

/// The test would notice: a log line and a message with the voter's details are found.
#[test]
fn traces_are_found() {
    assert_eq!(
        traces("{\"message\":\"sent to Qanary.Voter@example.org\"}").len(),
        1
    );
    assert_eq!(traces("born 1987-06-05, licence S55443322").len(), 2);
    assert!(traces("{\"message\":\"request\",\"status\":200}").is_empty());
}
