//! Migrations, before new code takes traffic: a custom resource of the stack, on which all else depends, or a call by hand.

use std::time::Duration;

use app::{Context, outbound};
use ports::{Error, Result};
use serde_json::{Value, json};

/// The function ends after 15 minutes: what takes longer is given up while there is still time to say so.
const LIMIT: Duration = Duration::from_secs(14 * 60);
/// Characters of a reason: CloudFormation takes no more than 4 KB for a whole answer.
const MAX_REASON: usize = 500;

/// Applies what is missing. As a custom resource it answers CloudFormation in every case, for otherwise the stack would wait an
/// hour; deleting the stack deletes no schema.
pub(crate) async fn migrate(cx: Context, event: Value) -> Result<Value> {
    let result = match event["RequestType"].as_str() {
        Some("Delete") => Ok(Vec::new()),
        _ => tokio::time::timeout(LIMIT, store::migrations::migrate(cx.db.settings().clone()))
            .await
            .unwrap_or_else(|_| {
                Err(Error::unavailable(
                    "migrations_slow",
                    "the migrations took longer than 14 minutes",
                ))
            }),
    };
    let Some(url) = event["ResponseURL"].as_str() else {
        return result.map(|applied| json!({"applied": applied}));
    };
    outbound::put_json(url, &answer(&event, result.as_ref().err())).await?;
    // The stack has its answer: an error now would only have Lambda run this again.
    match result {
        Ok(applied) => Ok(json!({"applied": applied})),
        Err(error) => {
            tracing::error!(
                code = error.code(),
                cause = error.cause(),
                "the migrations failed"
            );
            Ok(json!({"failed": error.code()}))
        }
    }
}

/// "Custom resource response objects" of the CloudFormation User Guide.
fn answer(event: &Value, error: Option<&Error>) -> Value {
    let (status, reason) = match error {
        None => ("SUCCESS", "The schema is up to date.".to_owned()),
        // The cause names statements and parameters, never values.
        Some(error) => ("FAILED", error.cause().unwrap_or_else(|| error.code().to_owned())),
    };
    json!({
        "Status": status,
        "Reason": reason.chars().take(MAX_REASON).collect::<String>(),
        "PhysicalResourceId": event["PhysicalResourceId"].as_str().unwrap_or("migrations"),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread::JoinHandle,
    };

    use super::*;
    use crate::test_context::context;

    /// Takes one request, answers with this status, and returns the request's body.
    fn answered(status: u16) -> (String, JoinHandle<Value>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/answer?signature=x", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut text, mut chunk) = (Vec::new(), [0; 4096]);
            loop {
                let count = stream.read(&mut chunk).unwrap();
                text.extend_from_slice(&chunk[..count]);
                let request = String::from_utf8_lossy(&text).into_owned();
                let Some((head, body)) = request.split_once("\r\n\r\n") else {
                    continue;
                };
                if let Ok(document) = serde_json::from_str(body) {
                    assert!(head.starts_with("PUT /answer?signature=x "), "{head}");
                    write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n").unwrap();
                    return document;
                }
                assert!(count > 0, "the request broke off");
            }
        });
        (url, server)
    }

    fn event(kind: &str, url: &str) -> Value {
        json!({"RequestType": kind, "ResponseURL": url, "StackId": "stack", "RequestId": "request",
               "LogicalResourceId": "Migrations"})
    }

    #[tokio::test]
    async fn a_failure_is_answered_with_its_reason_and_does_not_run_again() {
        let (url, server) = answered(200);
        let result = migrate(context(None), event("Create", &url)).await.unwrap();
        let sent = server.join().unwrap();
        assert_eq!(sent["Status"], "FAILED");
        assert_ne!(sent["Reason"], "");
        assert_ne!(sent["Reason"], "The schema is up to date.");
        assert_eq!(
            (&sent["StackId"], &sent["RequestId"], &sent["LogicalResourceId"]),
            (&json!("stack"), &json!("request"), &json!("Migrations"))
        );
        assert_eq!(result, json!({"failed": "database_unavailable"}));
    }

    #[tokio::test]
    async fn deleting_touches_no_database() {
        let (url, server) = answered(200);
        let result = migrate(context(None), event("Delete", &url)).await.unwrap();
        assert_eq!(server.join().unwrap()["Status"], "SUCCESS");
        assert_eq!(result, json!({"applied": []}));
    }

    #[tokio::test]
    async fn an_answer_that_is_not_taken_is_an_error_so_that_lambda_tries_again() {
        let (url, server) = answered(403);
        let error = migrate(context(None), event("Delete", &url)).await.unwrap_err();
        server.join().unwrap();
        assert_eq!(error.code(), "answer_refused");
    }

    #[tokio::test]
    async fn by_hand_a_failure_is_an_error() {
        let error = migrate(context(None), json!({})).await.unwrap_err();
        assert_eq!(error.code(), "database_unavailable");
    }

    #[tokio::test]
    async fn nothing_is_answered_in_the_clear_to_another_machine() {
        for url in [
            "http://example.org/",
            "http://127.0.0.1.example.org/",
            "http://127.0.0.1:80@example.org/",
            "file:///etc/passwd",
        ] {
            let error = migrate(context(None), event("Delete", url)).await.unwrap_err();
            assert_eq!(error.code(), "internal", "{url}");
        }
    }

    #[test]
    fn a_reason_fits_the_answer() {
        let long = Error::internal("x".repeat(10_000));
        let said = answer(&json!({}), Some(&long));
        assert_eq!(said["Reason"].as_str().unwrap().len(), MAX_REASON);
        let silent = Error::field("event", "x", "y");
        assert_eq!(answer(&json!({}), Some(&silent))["Reason"], "invalid");
    }
}
