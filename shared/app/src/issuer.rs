//! Issuers of tokens that are checked here: where their endpoints are, their keys, and the tokens themselves.
//!
//! What an issuer publishes is kept in the process, and for all processes in the key-value store, for as long as it says (between five
//! minutes and a day; an hour where it says nothing). A token signed with a key that is not among those kept asks for the keys
//! again, once a minute at most: an issuer may change keys at any time, and nobody makes us call it for each wrong token.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use identity::{
    jwt::{self, Claims, Expected, KeySet, Refused},
    oidc::Discovery,
};
use jiff::{SignedDuration, Timestamp};
use ports::{Entry, Error, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Context, outbound};

const USUAL_LIFE: i64 = 3_600;
const SHORTEST_LIFE: i64 = 300;
const LONGEST_LIFE: i64 = 86_400;
/// How often a document is asked for again before it is old.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// Documents of this process. An installation has a handful of issuers.
const MOST_KEPT: usize = 64;

/// A document with the moment until which it is believed.
type Kept = HashMap<String, (Value, Timestamp)>;
static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

fn digest(address: &str) -> String {
    Sha256::digest(address)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn keep(address: &str, document: &Value, until: Timestamp) {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(address.to_owned(), (document.clone(), until));
}

/// What stands at this address, at most a day old.
async fn published(cx: &Context, address: &str) -> Result<Value> {
    let now = cx.clock().now();
    let here = KEPT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(address)
        .filter(|(_, until)| *until > now)
        .map(|(document, _)| document.clone());
    if let Some(document) = here {
        return Ok(document);
    }
    if let Some(entry) = cx.key_value().get(&place(address)).await? {
        keep(address, &entry.value, entry.expires);
        return Ok(entry.value);
    }
    fetch(cx, address).await
}

fn place(address: &str) -> String {
    format!("issuer-document#{}", digest(address))
}

async fn fetch(cx: &Context, address: &str) -> Result<Value> {
    let (document, life) = outbound::get_json(address, None).await?;
    let life = life.unwrap_or(USUAL_LIFE).clamp(SHORTEST_LIFE, LONGEST_LIFE);
    let expires = cx.clock().now() + SignedDuration::from_secs(life);
    keep(address, &document, expires);
    let entry = Entry {
        value: document.clone(),
        expires,
    };
    cx.key_value().put(&place(address), entry).await?;
    Ok(document)
}

/// Where the endpoints of an issuer are.
///
/// # Errors
/// `Unavailable` where it does not answer, or says that it is another one.
pub async fn discover(cx: &Context, issuer: &str) -> Result<Discovery> {
    let document = published(cx, &Discovery::address(issuer)).await?;
    Discovery::read(document, issuer).ok_or_else(|| {
        Error::unavailable(
            "provider_unavailable",
            "the issuer's document is of another issuer or names an unsafe address",
        )
    })
}

/// Checks a token with the keys at this address.
///
/// # Errors
/// `Unavailable` where the keys cannot be had; within, why the token is refused.
pub async fn verify(
    cx: &Context,
    keys: &str,
    token: &str,
    expected: &Expected<'_>,
) -> Result<Result<Claims, Refused>> {
    let now = cx.clock().now();
    let known = KeySet::read(&published(cx, keys).await?);
    let outcome = jwt::verify(token, &known, expected, now);
    if !matches!(outcome, Err(Refused::UnknownKey)) {
        return Ok(outcome);
    }
    let asked = Entry {
        value: json!(true),
        expires: now + AGAIN,
    };
    let is_first = cx
        .key_value()
        .put_if_absent(&format!("issuer-asked#{}", digest(keys)), asked)
        .await?;
    let document = match is_first {
        true => fetch(cx, keys).await?,
        // Another process may have got the new keys already.
        false => match cx.key_value().get(&place(keys)).await? {
            Some(entry) => {
                keep(keys, &entry.value, entry.expires);
                entry.value
            }
            None => return Ok(outcome),
        },
    };
    Ok(jwt::verify(token, &KeySet::read(&document), expected, now))
}
