//! Sessions: somebody who logged in to the court's site through us, for an hour at most.
//!
//! The cookie holds 256 random bits and nothing else. It is `HttpOnly` (no script reads it), `SameSite=Strict` (no other site
//! makes a browser send it), `Secure` wherever we are reached by HTTPS, and ends with the session.

use std::time::Duration;

use app::{Context, Problem};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ports::{Entry, Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    KEY, order,
    seal::{Key, hex},
    vault::Vault,
};

/// The cookie's name: the peer's.
pub const COOKIE: &str = "oeci_token";
/// How long a session lasts. The court's own sessions are shorter; each crawl logs in anew.
pub const LIFE: SignedDuration = SignedDuration::from_hours(1);
/// What a session may ask the court's site for, and how long it may take. Each kind of search has its own, so that a list of clients
/// leaves the person who sent it free to search.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// Part of the names of what is kept.
    pub(crate) name: &'static str,
    /// Searches of one session.
    pub(crate) most: i64,
    /// How long after its begin a search may still be worked on.
    pub(crate) life: SignedDuration,
    /// How much later than the one before each is begun: whoever waits for a search must not wait for a whole list.
    pub(crate) apart: Duration,
}

/// Searches that somebody asked for and waits for.
pub(crate) const TYPED: Allowance = Allowance {
    name: "court-searches",
    most: 60,
    life: order::LIFE,
    apart: Duration::ZERO,
};
/// Searches of lists of people, which wait for each other.
pub(crate) const LISTED: Allowance = Allowance {
    name: "court-listed",
    most: 300,
    life: LIFE,
    apart: Duration::from_secs(1),
};

/// What the user logs in to the court's site with.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A session that lives.
#[derive(Clone)]
pub struct Session {
    /// The hash of the token: names the session's records, opens nothing.
    pub(crate) name: String,
    pub(crate) ends: Timestamp,
    /// Opens what was found for this session.
    pub(crate) key: Key,
    pub(crate) credentials: Credentials,
}

fn place(name: &str) -> String {
    format!("court-session#{name}")
}

/// The token's hash. SHA-256 is enough: 256 random bits cannot be guessed.
fn name_of(token: &str) -> String {
    let mut text = b"court session ".to_vec();
    text.extend_from_slice(token.as_bytes());
    hex(ring::digest::digest(&ring::digest::SHA256, &text).as_ref())
}

fn not_logged_in() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "not_logged_in",
        "Log in to the court's site first.",
    )
    .with_member("message", "Missing login credentials to OECI.")
}

impl Session {
    /// Begins a session for credentials that the court's site took, and returns the cookie to set.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn begin(cx: &Context, credentials: &Credentials) -> Result<HeaderValue> {
        let mut token = [0; 32];
        cx.random().fill(&mut token);
        let token = URL_SAFE_NO_PAD.encode(token);
        let name = name_of(&token);
        let secret = cx.secrets().get(KEY).await?;
        let key = Key::derive(&secret, token.as_bytes(), "credentials")?;
        let text = serde_json::to_vec(credentials).map_err(Error::internal)?;
        let sealed = key.seal(cx.random(), &place(&name), &text)?;
        let entry = Entry {
            value: json!({ "sealed": URL_SAFE_NO_PAD.encode(sealed) }),
            expires: cx.clock().now() + LIFE,
        };
        cx.key_value().put(&place(&name), entry).await?;
        cookie(cx, &token, LIFE.as_secs())
    }

    /// The session of a request.
    ///
    /// # Errors
    /// `Unauthenticated` without a cookie, or with one whose session has ended or never was.
    pub async fn of(cx: &Context, headers: &HeaderMap) -> Result<Self> {
        let token = token(headers).ok_or_else(not_logged_in)?;
        let name = name_of(&token);
        let entry = cx
            .key_value()
            .get(&place(&name))
            .await?
            .ok_or_else(not_logged_in)?;
        let secret = cx.secrets().get(KEY).await?;
        let sealed = entry.value["sealed"].as_str().unwrap_or_default();
        let text = URL_SAFE_NO_PAD
            .decode(sealed)
            .ok()
            .and_then(|sealed| {
                let key = Key::derive(&secret, token.as_bytes(), "credentials").ok()?;
                key.open(&place(&name), &sealed)
            })
            // The secret was changed since: the session cannot be used any more.
            .ok_or_else(not_logged_in)?;
        Ok(Self {
            ends: entry.expires,
            key: Key::derive(&secret, token.as_bytes(), "found")?,
            credentials: serde_json::from_slice(&text).map_err(Error::internal)?,
            name,
        })
    }

    pub(crate) fn vault<'c>(&self, cx: &'c Context) -> Vault<'c> {
        Vault {
            cx,
            key: self.key.clone(),
            session: self.name.clone(),
            ends: self.ends,
        }
    }

    /// Ends the session. What it found is deleted by [`super::found::forget`].
    ///
    /// # Errors
    /// What the store answers.
    pub(crate) async fn end(&self, cx: &Context) -> Result<()> {
        cx.key_value().delete(&place(&self.name)).await
    }
}

/// Does the session of this name still live? What the worker asks before it keeps anything.
///
/// # Errors
/// What the store answers.
pub(crate) async fn lives(cx: &Context, name: &str) -> Result<bool> {
    Ok(cx.key_value().get(&place(name)).await?.is_some())
}

/// The cookie that ends the one before.
///
/// # Errors
/// None in practice.
pub(crate) fn no_cookie(cx: &Context) -> Result<HeaderValue> {
    cookie(cx, "", 0)
}

fn cookie(cx: &Context, token: &str, seconds: i64) -> Result<HeaderValue> {
    // Plain HTTP is for one's own machine.
    let secure = if cx.settings.public_url.starts_with("http://") {
        ""
    } else {
        "; Secure"
    };
    let text = format!("{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::from_str(&text).map_err(Error::internal)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The token in the request's cookies; only what has the form of one.
fn token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    let mut pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let token = pairs.find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    let good = token.len() == 43
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    good.then(|| token.to_owned())
}

impl FromRequestParts<Context> for Session {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Problem> {
        Ok(Self::of(cx, &parts.headers).await?)
    }
}
