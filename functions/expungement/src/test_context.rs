//! A context without a database, for tests of the routes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use app::{Context, Function, Settings};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use ports::{
    Address, Area, BoxFuture, Clock, Entry, Error, FileKey, Files, KeyValue, Outgoing, Ports, PutFile, Queue,
    QueueDepth, Result, Secret, Secrets, StoredFile,
};
use serde_json::Value;
use store::{Database, DatabaseSettings};
use tower::ServiceExt;

/// 1 July 2026, noon in Oregon; moved by [`TestClock::advance`].
pub(crate) struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new("2026-07-01T19:00:00Z".parse().unwrap())))
    }

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

/// Everything that a session needs, in memory.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) entries: Mutex<HashMap<String, Entry>>,
    pub(crate) files: Mutex<HashMap<String, bytes::Bytes>>,
    pub(crate) sent: Mutex<Vec<Outgoing>>,
    clock: Mutex<Option<Arc<TestClock>>>,
}

impl Memory {
    /// A context over it, with the court's site at `site`.
    pub(crate) fn context(self: &Arc<Self>, clock: &Arc<TestClock>, site: &str) -> Context {
        *self.clock.lock().unwrap() = Some(Arc::clone(clock));
        let ports = Ports {
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            key_value: Arc::clone(self) as Arc<dyn KeyValue>,
            files: Arc::clone(self) as Arc<dyn Files>,
            secrets: Arc::clone(self) as Arc<dyn Secrets>,
            queue: Arc::clone(self) as Arc<dyn Queue>,
            ..Ports::undeclared()
        };
        let variables = [(crate::court::URL.to_owned(), site.to_owned())];
        context(ports, variables.into())
    }

    fn now(&self) -> Timestamp {
        self.clock.lock().unwrap().as_ref().unwrap().now()
    }

    fn living(&self, key: &str) -> Option<Entry> {
        let entry = self.entries.lock().unwrap().get(key).cloned();
        entry.filter(|entry| entry.expires > self.now())
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
    Box::pin(async move { value })
}

impl KeyValue for Memory {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Entry>>> {
        ready(Ok(self.living(key)))
    }
    fn put<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<()>> {
        assert!(
            entry.value.to_string().len() <= 300 * 1024,
            "over what the port promises"
        );
        self.entries.lock().unwrap().insert(key.to_owned(), entry);
        ready(Ok(()))
    }
    fn put_if_absent<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<bool>> {
        let absent = self.living(key).is_none();
        if absent {
            self.entries.lock().unwrap().insert(key.to_owned(), entry);
        }
        ready(Ok(absent))
    }
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        self.entries.lock().unwrap().remove(key);
        ready(Ok(()))
    }
    fn add<'a>(&'a self, key: &'a str, by: i64, expires: Timestamp) -> BoxFuture<'a, Result<i64>> {
        let before = self.living(key);
        let (count, expires) = match before {
            Some(entry) => (entry.value.as_i64().unwrap() + by, entry.expires),
            None => (by, expires),
        };
        let value = count.into();
        self.entries
            .lock()
            .unwrap()
            .insert(key.to_owned(), Entry { value, expires });
        ready(Ok(count))
    }
}

impl Files for Memory {
    fn put<'a>(
        &'a self,
        _: Area,
        key: &'a FileKey,
        bytes: bytes::Bytes,
        _: PutFile,
    ) -> BoxFuture<'a, Result<()>> {
        self.files.lock().unwrap().insert(key.as_str().to_owned(), bytes);
        ready(Ok(()))
    }
    fn get<'a>(&'a self, _: Area, key: &'a FileKey, _: usize) -> BoxFuture<'a, Result<Option<StoredFile>>> {
        let bytes = self.files.lock().unwrap().get(key.as_str()).cloned();
        ready(Ok(bytes.map(|bytes| StoredFile {
            bytes,
            content_type: String::new(),
        })))
    }
    fn begin<'a>(
        &'a self,
        _: Area,
        _: &'a FileKey,
        _: PutFile,
    ) -> BoxFuture<'a, Result<Box<dyn ports::Upload>>> {
        ready(Err(Error::internal("not here")))
    }
    fn delete<'a>(&'a self, _: Area, key: &'a FileKey) -> BoxFuture<'a, Result<()>> {
        self.files.lock().unwrap().remove(key.as_str());
        ready(Ok(()))
    }
    fn signed_url<'a>(
        &'a self,
        _: Area,
        _: &'a FileKey,
        _: std::time::Duration,
    ) -> BoxFuture<'a, Result<String>> {
        ready(Err(Error::internal("not here")))
    }
}

impl Secrets for Memory {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Secret>> {
        ready(Ok(Secret::new("a secret of tests, long enough")))
    }
}

impl Queue for Memory {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Result<Vec<Result<()>>>> {
        self.sent.lock().unwrap().extend_from_slice(messages);
        ready(Ok(messages.iter().map(|_| Ok(())).collect()))
    }
    fn receive<'a>(
        &'a self,
        _: &'a str,
        _: usize,
        _: std::time::Duration,
        _: std::time::Duration,
    ) -> BoxFuture<'a, Result<Vec<ports::Delivery>>> {
        ready(Ok(Vec::new()))
    }
    fn delete<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<()>> {
        ready(Ok(()))
    }
    fn retry<'a>(&'a self, _: &'a str, _: &'a str, _: std::time::Duration) -> BoxFuture<'a, Result<()>> {
        ready(Ok(()))
    }
    fn bury<'a>(&'a self, _: &'a str, _: &'a ports::Delivery, _: &'a str) -> BoxFuture<'a, Result<()>> {
        ready(Ok(()))
    }
    fn depth<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<QueueDepth>> {
        ready(Ok(QueueDepth::default()))
    }
}
