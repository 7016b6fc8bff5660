//! Each message delivered twice and in the wrong order leads where one delivery in order leads.

use std::process::Command;

use app::{Function, Idempotency, Tenant, Trigger};
use jiff::SignedDuration;
use local::{Home, Twins, database_settings};
use ports::{Clock, Queue};
use serde_json::{Value, json};
use store::{Sql, params, sql};
use testkit::TestDb;

use crate::host::{basics, whole};

const WAIT: std::time::Duration = std::time::Duration::ZERO;
const VISIBILITY: std::time::Duration = std::time::Duration::from_secs(3_600);

/// Everything that the work changes, without ids and times: statuses, events by type, ends, mails by kind and reader.
const STATE: Sql = sql!(
    "select jsonb_build_object(
        'registrations', (select jsonb_agg(status order by email) from voting.registration),
        'events', (select jsonb_agg(jsonb_build_array(event_type, n) order by event_type)
                     from (select event_type, count(*) as n from voting.event group by event_type) e),
        'finished', (select count(*) from voting.action where finished_at is not null),
        'mails', (select jsonb_agg(jsonb_build_array(split_part(id, '/', 1), recipient) order by recipient, split_part(id, '/', 1))
                    from local.outbox)) as state"
);

#[tokio::test(flavor = "multi_thread")]
async fn twice_and_backwards_is_as_once_and_in_order() {
    let once = run(false).await;
    let twice = run(true).await;
    assert_eq!(once, twice);
    assert_eq!(once["finished"], 2, "{once:#}");
    assert_eq!(
        once["mails"].as_array().unwrap().len(),
        4,
        "ready, reminder, nudge, confirmation: {once:#}"
    );
}

async fn run(hostile: bool) -> Value {
    let db = TestDb::create().await;
    let folder = tempfile::tempdir().unwrap();
    let demo = Command::new(env!("CARGO_BIN_EXE_commonweal"))
        .arg("demo")
        .env("DATABASE_URL", db.url())
        .env("COMMONWEAL_HOME", folder.path())
        .output()
        .unwrap();
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let home = Home::open(folder.path()).unwrap();
    let twins = Twins::open(home, database_settings(&db.url()).unwrap(), "http://127.0.0.1:1")
        .await
        .unwrap();

    // One registration completed, one left unfinished, one sign-up for reminders.
    let cx = twins.context(&voting::REGISTER).unwrap();
    let tenant = Tenant::resolve(&cx, Some("demo")).await.unwrap();
    for (body, incomplete) in [
        (whole("done@example.org"), false),
        (basics("open@example.org"), true),
    ] {
        let body = body.as_object().unwrap().clone();
        voting::register::create(&cx, &tenant, &body, incomplete, &Idempotency::default())
            .await
            .unwrap();
    }
    let service = app::router(
        &voting::REMINDER_SIGNUP,
        twins.context(&voting::REMINDER_SIGNUP).unwrap(),
    );
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/voting/v1/reminder/signup", "rawQueryString": "",
        "headers": {"content-type": "application/json"}, "isBase64Encoded": false,
        "body": basics("remind@example.org").to_string(),
        "requestContext": {"http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
            "userAgent": "test"}, "requestId": "1", "stage": "$default", "timeEpoch": 0, "time": "", "accountId": "",
            "apiId": "", "domainName": "127.0.0.1", "domainPrefix": "", "routeKey": "$default"},
    });
    assert_eq!(
        runtime::http::answer(&service, &event.to_string()).await.status(),
        200
    );

    // Two days on everything is due, the reminder of the next day too.
    twins.clock.advance(2 * 86_400).unwrap();
    let relay = twins.context(&platform::OUTBOX_RELAY).unwrap();
    store::relay(&relay.db).await.unwrap();
    twins.clock.advance(900).unwrap();
    let mut functions: Vec<&Function> = voting::FUNCTIONS
        .iter()
        .filter(|function| matches!(function.trigger, Trigger::Queue { .. }))
        .collect();
    if hostile {
        functions.reverse();
    }
    let mut delivered = 0;
    let mut batches = Vec::new();
    for function in functions {
        let mut records: Vec<Value> = Vec::new();
        for delivery in twins
            .queue
            .receive(function.name, 10, WAIT, VISIBILITY)
            .await
            .unwrap()
        {
            delivered += 1;
            records.push(json!({
                "messageId": delivery.message_id, "receiptHandle": delivery.receipt, "body": delivery.body,
                "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
            }));
        }
        if hostile {
            records.reverse();
        }
        batches.push((function, json!({"Records": records}).to_string()));
    }
    assert_eq!(delivered, 6, "notify, reminder, two checks, two ends");
    for round in 0..if hostile { 2 } else { 1 } {
        for (function, event) in &batches {
            let cx = twins.context(function).unwrap();
            let deadline = twins.clock.now() + SignedDuration::from_secs(60);
            let failed = runtime::queue::batch(function, &cx, event, deadline).await;
            assert_eq!(failed, Vec::<String>::new(), "{} in round {round}", function.name);
        }
    }
    twins
        .owner
        .one(STATE, params![])
        .await
        .unwrap()
        .get("state")
        .unwrap()
}
