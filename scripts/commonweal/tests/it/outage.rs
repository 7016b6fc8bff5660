//! Postgres stops for ten seconds under load: 503 with `Retry-After`, nothing accepted is lost, and the service comes back by
//! itself. The server is one of the test's own.

use std::{process::Command, time::Duration};

use serde_json::Value;

use crate::host::{Host, whole};

fn postgres(home: &std::path::Path, action: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
    let output = Command::new(script)
        .args([action, "--test"])
        .env("COMMONWEAL_HOME", home)
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "scripts/postgres {action}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_outage_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    // The server's user must be able to reach the folder.
    std::fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let url = postgres(home.path(), "start");
    let host = Host::start(&url).await;
    let path = host.url("/voting/v1/registration/register?subscriber=demo");

    let (http, target) = (host.http.clone(), path.clone());
    let load = tokio::spawn(async move {
        let (mut accepted, mut refused) = (Vec::new(), 0);
        for n in 0..400 {
            let email = format!("load{n:04}@example.org");
            let response = http.post(&target).json(&whole(&email)).send().await.unwrap();
            match response.status().as_u16() {
                200 => accepted.push(email),
                503 => {
                    assert!(
                        response.headers().contains_key("retry-after"),
                        "503 without Retry-After"
                    );
                    let body: Value = response.json().await.unwrap();
                    assert_eq!(body["code"], "database_unavailable");
                    refused += 1;
                }
                other => panic!("answered {other}"),
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        (accepted, refused)
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    postgres(home.path(), "stop");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(
        postgres(home.path(), "start"),
        url,
        "the server came back where it was"
    );
    let (accepted, refused) = load.await.unwrap();
    assert!(refused > 0, "the outage was noticed");

    // It serves again without a restart.
    let (status, body) = host
        .post(
            "/voting/v1/registration/register?subscriber=demo",
            whole("after@example.org"),
        )
        .await;
    assert_eq!(status, 200, "{body}");
    for _ in 0..10 {
        host.advance(400).await;
    }
    let outbox = host.outbox().await;
    for email in accepted.iter().chain(["after@example.org".to_owned()].iter()) {
        let ready = outbox.iter().filter(|mail| {
            mail["to"].as_str() == Some(email.as_str())
                && mail["id"]
                    .as_str()
                    .is_some_and(|id| id.starts_with("registration-ready/"))
        });
        assert_eq!(ready.count(), 1, "{email} was accepted");
    }
    drop(host);
    postgres(home.path(), "stop");
}
