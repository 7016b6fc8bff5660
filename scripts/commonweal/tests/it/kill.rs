//! A thousand registrations while the process is killed fifty times at random moments: nothing accepted is lost, nothing is
//! done twice.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ports::{Random, SystemRandom};
use testkit::TestDb;

use crate::host::{Host, whole};

const REGISTRATIONS: usize = 1_000;
const KILLS: usize = 50;
const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn every_registration_has_exactly_one_notification() {
    let db = TestDb::create().await;
    let mut host = Host::start(&db.url()).await;
    let url = host.url("/voting/v1/registration/register?subscriber=demo");
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let (http, url, next) = (host.http.clone(), url.clone(), Arc::clone(&next));
        clients.push(tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= REGISTRATIONS {
                    return;
                }
                register(&http, &url, n).await;
            }
        }));
    }
    for kill in 0..KILLS {
        // Some die early in their life, some later; the clients go on calling.
        let wait = 30 + (SystemRandom.unit() * 400.0) as u64;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        host.kill();
        host.spawn();
        if kill == KILLS - 1 {
            println!(
                "{} of {REGISTRATIONS} registrations were begun when the last kill came",
                next.load(Ordering::Relaxed)
            );
        }
    }
    for client in clients {
        client.await.unwrap();
    }
    // What the kills left in flight shows up again after its visibility time-out, what they left in the outbox is relayed.
    for _ in 0..20 {
        host.advance(400).await;
        if queues(&host).await.0 == 0 {
            break;
        }
    }
    let (waiting, dead) = queues(&host).await;
    assert_eq!((waiting, dead), (0, 0), "messages waiting, messages dead");

    let mut ready: BTreeMap<String, usize> = BTreeMap::new();
    for mail in host.outbox().await {
        if mail["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("registration-ready/"))
        {
            *ready.entry(mail["to"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    assert_eq!(ready.len(), REGISTRATIONS, "voters with a notification");
    let twice: Vec<_> = ready.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "more than one notification: {twice:?}");
}

/// One voter, who tries until the service has answered: the key makes that harmless.
async fn register(http: &reqwest::Client, url: &str, n: usize) {
    let body = whole(&format!("voter{n:04}@example.org"));
    loop {
        let sent = http
            .post(url)
            .header("idempotency-key", format!("voter-{n}"))
            .json(&body)
            .send()
            .await;
        match sent {
            Ok(response) if response.status() == 200 => return,
            Ok(response) => assert!(
                matches!(response.status().as_u16(), 409 | 500..=599),
                "{} {}",
                response.status(),
                response.text().await.unwrap_or_default()
            ),
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Messages waiting and dead in all queues together.
async fn queues(host: &Host) -> (u64, u64) {
    let queues = host.get("/_local/queues.json").await;
    let list: Vec<&serde_json::Value> = match &queues {
        serde_json::Value::Array(list) => list.iter().collect(),
        serde_json::Value::Object(map) => map.values().collect(),
        other => panic!("not a list of queues: {other}"),
    };
    let sum = |names: &[&str]| -> u64 {
        list.iter()
            .map(|queue| names.iter().find_map(|name| queue[*name].as_u64()).unwrap_or(0))
            .sum()
    };
    (sum(&["waiting", "depth"]), sum(&["dead"]))
}
