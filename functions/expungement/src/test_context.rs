//! A context without a database, for tests of the routes.

use std::{collections::BTreeMap, sync::Arc};

use app::{Context, Function, Settings};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use ports::{Address, Clock, Ports};
use serde_json::Value;
use std::sync::Mutex;
use store::{Database, DatabaseSettings};
use tower::ServiceExt;

/// 1 July 2026, noon in Oregon; moved by [`TestClock::advance`].
pub(crate) struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new("2026-07-01T19:00:00Z".parse().unwrap())))
    }

    #[cfg(test)]
    #[allow(dead_code, reason = "for tests of what expires")]
    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) fn context(ports: Ports, variables: BTreeMap<String, String>) -> Context {
    let database = DatabaseSettings {
        host: "127.0.0.1".to_owned(),
        port: 1,
        name: "none".to_owned(),
        user: "none".to_owned(),
        role: None,
        password: None,
        ca: None,
        connections: 1,
    };
    let database = Database::new(
        database,
        ports.queue.clone(),
        ports.clock.clone(),
        ports.random.clone(),
    )
    .unwrap();
    let settings = Settings {
        environment: "test".to_owned(),
        public_url: "https://commonweal.example".to_owned(),
        mail_from: Address {
            name: None,
            email: "no-reply@commonweal.example".to_owned(),
        },
        variables,
    };
    Context::new(database, ports, settings)
}

/// A context of functions that need nothing but the time.
pub(crate) fn plain() -> Context {
    let ports = Ports {
        clock: TestClock::new(),
        ..Ports::undeclared()
    };
    context(ports, BTreeMap::new())
}

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// One request to a function, through its real router.
pub(crate) async fn ask(function: &Function, cx: &Context, request: Request<Body>) -> Answered {
    let Ok(response) = app::router(function, cx.clone()).oneshot(request).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answered {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

pub(crate) async fn post(function: &Function, cx: &Context, path: &str, body: impl Into<Body>) -> Answered {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap();
    ask(function, cx, request).await
}

pub(crate) async fn get(function: &Function, cx: &Context, path: &str) -> Answered {
    ask(function, cx, Request::get(path).body(Body::empty()).unwrap()).await
}
