//! The events that AWS would send, as JSON text: API Gateway (HTTP API, payload 2.0), SQS, EventBridge.

use std::{collections::BTreeMap, net::IpAddr};

use axum::http::{header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use ports::Delivery;
use serde_json::{Value, json};
use uuid::Uuid;

/// A request as API Gateway tells it to the function of `pattern`.
pub(crate) fn http(parts: &Parts, body: &[u8], pattern: &str, from: IpAddr, now: Timestamp) -> String {
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    let mut headers: BTreeMap<&str, String> = BTreeMap::new();
    let mut cookies = Vec::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        if name == header::COOKIE {
            cookies.extend(value.split("; ").map(str::to_owned));
            continue;
        }
        headers
            .entry(name.as_str())
            .and_modify(|known| {
                known.push(',');
                known.push_str(&value);
            })
            .or_insert(value);
    }
    headers.insert("x-forwarded-for", from.to_string());
    headers.insert("x-forwarded-proto", "http".to_owned());
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|known| {
                known.push(',');
                known.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    let (text, encoded) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (STANDARD.encode(body), true),
    };
    let mut event = json!({
        "version": "2.0",
        "routeKey": format!("ANY {pattern}"),
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": headers.get("host"),
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": from.to_string(),
                "userAgent": headers.get("user-agent"),
            },
            "requestId": Uuid::new_v4().to_string(),
            "routeKey": format!("ANY {pattern}"),
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": encoded,
    });
    let members = [
        ("cookies", json!(cookies), cookies.is_empty()),
        ("queryStringParameters", json!(parameters), parameters.is_empty()),
        ("body", Value::String(text), body.is_empty()),
    ];
    for (name, value, empty) in members {
        if !empty {
            event[name] = value;
        }
    }
    event.to_string()
}

/// A batch of one queue.
pub(crate) fn sqs(queue: &str, batch: &[Delivery], now: Timestamp) -> String {
    let records: Vec<Value> = batch
        .iter()
        .map(|delivery| {
            json!({
                "messageId": delivery.message_id,
                "receiptHandle": delivery.receipt,
                "body": delivery.body,
                "attributes": {
                    "ApproximateReceiveCount": delivery.attempt.to_string(),
                    "SentTimestamp": now.as_millisecond().to_string(),
                    "SenderId": "local",
                    "ApproximateFirstReceiveTimestamp": now.as_millisecond().to_string(),
                },
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": format!("arn:aws:sqs:local:000000000000:commonweal-local-{queue}"),
                "awsRegion": "local",
            })
        })
        .collect();
    json!({ "Records": records }).to_string()
}

/// A schedule that has come.
pub(crate) fn scheduled(function: &str, at: Timestamp) -> String {
    json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": "local",
        "resources": [format!("arn:aws:events:local:000000000000:rule/{function}")],
        "detail": {},
    })
    .to_string()
}
