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
        'reports', (select jsonb_agg(jsonb_build_array(status, failure, row_count, file_id is not null) order by created_at)
                      from voting.report),
        'files', (select count(*) from voting.stored_file where kind = 'Report'),
        'made', (select count(*) from platform.audit_entry where action = 'report.finish'),
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
        5,
        "ready, reminder, nudge, confirmation, report: {once:#}"
    );
    assert_eq!(
        once["reports"],
        json!([["ready", null, 2, true], ["failed", "author_left", null, false]]),
        "one of a colleague, one of somebody who left"
    );
    assert_eq!((&once["files"], &once["made"]), (&json!(1), &json!(1)));
}

const COLLEAGUE: Sql =
    sql!("select account_id from platform.membership where tenant_id = $1 and role = 'editor'");
const REPORT: Sql = sql!(
    "insert into voting.report (id, tenant_id, kind, before, author_id, created_at) values ($1, $2, 'register', $3, $4, $3)"
);

/// A report of a colleague, and one of somebody who belongs to the organisation no more.
async fn ask_for_reports(twins: &Twins, cx: &app::Context, tenant: &Tenant) {
    let colleague = twins.owner.one(COLLEAGUE, params![tenant.id.0]).await.unwrap();
    for author in [colleague.get("account_id").unwrap(), uuid::Uuid::new_v4()] {
        twins.clock.advance(1).unwrap();
        let mut tx = cx.db.begin(tenant.id).await.unwrap();
        let (report, now) = (tx.random_id(), tx.now());
        tx.execute(REPORT, params![report, tenant.id.0, now, author])
            .await
            .unwrap();
        tx.enqueue(&voting::jobs::VotingReport { report }).await.unwrap();
        tx.commit().await.unwrap();
    }
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

    ask_for_reports(&twins, &cx, &tenant).await;

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
    assert_eq!(
        delivered, 8,
        "notify, reminder, two checks, two ends, two reports"
    );
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
