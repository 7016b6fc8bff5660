//! Calls to providers outside: every one has a time-out, few retries, and a circuit that opens when the provider is down.
//!
//! The circuit's state lives in the key-value store, since a Lambda's own memory knows only its own calls: after
//! [`FAILURES`] failures in a row within a minute nobody calls for half a minute, and answers are quick and clear.

use std::{sync::LazyLock, time::Duration};

use jiff::SignedDuration;
use ports::{Entry, Error, Result, Secret};
use serde_json::{Value, json};

use crate::Context;

/// The whole of one attempt.
const ATTEMPT: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(2);
/// Tries of one call, the first included, and the pause between.
const ATTEMPTS: u32 = 2;
const PAUSE: Duration = Duration::from_millis(500);
/// Bytes of an answer.
const MAX_ANSWER: usize = 4 << 20;
/// Failures in a row that open the circuit, within what time, and for how long.
pub const FAILURES: i64 = 5;
const WINDOW: SignedDuration = SignedDuration::from_secs(60);
const OPEN: SignedDuration = SignedDuration::from_secs(30);

static CLIENT: LazyLock<Result<reqwest::Client, String>> = LazyLock::new(|| {
    // One crypto provider for the whole process; a second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(ATTEMPT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("commonweal")
        .build()
        .map_err(|error| error.to_string())
});

/// A provider: its name for circuit and log, its address and key.
pub struct Provider<'a> {
    pub name: &'static str,
    pub url: &'a str,
    /// Header and secret that authenticate us.
    pub key: (&'static str, Secret),
}

impl Provider<'_> {
    /// GET of a JSON document. Parameters are personal data: they are sent, and never logged.
    ///
    /// # Errors
    /// `Unavailable` with the code `provider_unavailable` where it does not answer with 200 and JSON in time, or the circuit
    /// is open.
    pub async fn get(&self, cx: &Context, path: &str, parameters: &[(&str, String)]) -> Result<Value> {
        let open = format!("circuit-open#{}", self.name);
        if cx.key_value().get(&open).await?.is_some() {
            return Err(self.failed("the circuit is open"));
        }
        let mut last = "no attempt";
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            match self.attempt(path, parameters).await {
                Ok(value) => {
                    cx.key_value().delete(&self.failures()).await?;
                    return Ok(value);
                }
                Err((what, again)) => {
                    last = what;
                    if !again {
                        break;
                    }
                }
            }
        }
        let now = cx.clock().now();
        if cx.key_value().add(&self.failures(), 1, now + WINDOW).await? >= FAILURES {
            cx.key_value()
                .put(
                    &open,
                    Entry {
                        value: json!(true),
                        expires: now + OPEN,
                    },
                )
                .await?;
            tracing::error!(provider = self.name, "the circuit opened");
        }
        Err(self.failed(last))
    }

    fn failures(&self) -> String {
        format!("circuit-failures#{}", self.name)
    }

    #[track_caller]
    fn failed(&self, what: &'static str) -> Error {
        Error::unavailable("provider_unavailable", format!("{}: {what}", self.name))
    }

    /// One attempt; on failure what it was, and whether another may do better.
    async fn attempt(
        &self,
        path: &str,
        parameters: &[(&str, String)],
    ) -> Result<Value, (&'static str, bool)> {
        let client = CLIENT.as_ref().map_err(|_| ("the client did not start", false))?;
        let request = client
            .get(format!("{}{path}", self.url))
            .query(parameters)
            .header(self.key.0, self.key.1.expose());
        let mut response = request.send().await.map_err(|error| match error.is_timeout() {
            // A slow provider is not asked twice: the voter waits for us.
            true => ("timed out", false),
            false => ("could not be reached", true),
        })?;
        match response.status().as_u16() {
            200 => {}
            429 | 500..=599 => return Err(("answered with a server error", true)),
            _ => return Err(("refused the request", false)),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|_| ("broke off its answer", true))?
        {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(("answered too much", false));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| ("did not answer with JSON", false))
    }
}

/// Bytes of a document of a provider's own: what it can do, its keys, a token.
const MAX_DOCUMENT: usize = 256 << 10;

/// The client, for an address that is reached over TLS or is on this machine. Parsed, not compared as text:
/// `http://127.0.0.1:80@elsewhere/` is an address of elsewhere.
fn client_for(url: &str) -> Result<&'static reqwest::Client> {
    let allowed = reqwest::Url::parse(url).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")),
        _ => false,
    });
    if !allowed {
        return Err(Error::internal("an address to call that is not https"));
    }
    CLIENT
        .as_ref()
        .map_err(|_| Error::internal("the HTTP client did not start"))
}

/// GET of a JSON document, with a bearer token where one is asked for; and for how many seconds its sender lets it be kept.
///
/// # Errors
/// `Unavailable` with the code `provider_unavailable` where it does not answer with 200 and JSON in time, `Internal` for an
/// address that is not allowed.
pub async fn get_json(url: &str, bearer: Option<&Secret>) -> Result<(Value, Option<i64>)> {
    let client = client_for(url)?;
    let mut last = Error::unavailable("provider_unavailable", "no attempt");
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let mut request = client.get(url).header("accept", "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token.expose());
        }
        match document(request).await {
            Ok((200, body, life)) => return Ok((body, life)),
            Ok((status, ..)) => {
                last = Error::unavailable("provider_unavailable", format!("answered with {status}"));
                if status < 500 {
                    break;
                }
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// POST of a form, with HTTP Basic where there is a secret; the answer's status and JSON. Never tried again: a code works once.
///
/// # Errors
/// As [`get_json`], but for the status.
pub async fn post_form(
    url: &str,
    fields: &[(&str, &str)],
    basic: Option<(&str, &Secret)>,
) -> Result<(u16, Value)> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut request = client_for(url)?
        .post(url)
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    if let Some((user, password)) = basic {
        // RFC 6749 §2.3.1: both are encoded as in a form first.
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        request = request.basic_auth(encoded(user), Some(encoded(password.expose())));
    }
    let (status, body, _) = document(request).await?;
    Ok((status, body))
}

/// Status, body and life of an answer; no JSON is `null`.
async fn document(request: reqwest::RequestBuilder) -> Result<(u16, Value, Option<i64>)> {
    // What reqwest says of an error may carry the address with its parameters.
    let failed = |what: &'static str| Error::unavailable("provider_unavailable", what);
    let mut response = request.send().await.map_err(|error| match error.is_timeout() {
        true => failed("timed out"),
        false => failed("could not be reached"),
    })?;
    let life = response
        .headers()
        .get("cache-control")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| {
            let mut parts = text.split(',').map(str::trim);
            parts.find_map(|part| part.strip_prefix("max-age=")?.parse().ok())
        });
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| failed("broke off its answer"))?
    {
        if body.len() + chunk.len() > MAX_DOCUMENT {
            return Err(failed("answered too much"));
        }
        body.extend_from_slice(&chunk);
    }
    let value = serde_json::from_slice(&body).unwrap_or_default();
    Ok((response.status().as_u16(), value, life))
}

/// PUTs a JSON document to an address that was given to us for it, such as a presigned one. Never elsewhere than over TLS, but for
/// a server on this machine.
///
/// # Errors
/// `Unavailable` where it does not answer with success within the time-out, `Internal` for an address that is not allowed.
pub async fn put_json(url: &str, document: &Value) -> Result<()> {
    let client = client_for(url)?;
    // A presigned address is signed without a content type.
    let sent = client
        .put(url)
        .header("content-type", "")
        .body(document.to_string())
        .send()
        .await;
    match sent {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(Error::unavailable(
            "answer_refused",
            format!("refused with {}", response.status().as_u16()),
        )),
        Err(_) => Err(Error::unavailable("answer_refused", "could not be reached")),
    }
}
