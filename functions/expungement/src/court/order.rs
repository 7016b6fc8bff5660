//! The order of a crawl: what the worker needs and no queue message may carry. Sealed under our secret and the search's id, for
//! as long as the crawl may take.

use app::Context;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use domain::expungement::Alias;
use jiff::{SignedDuration, Timestamp};
use ports::{Entry, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    KEY,
    seal::Key,
    session::{Credentials, Session},
    vault::Vault,
};

/// How long a crawl that somebody waits for may take: three deliveries of its message, with their waits.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_mins(15);

#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) credentials: Credentials,
    pub(crate) aliases: Vec<Alias>,
    /// The session's name and end.
    pub(crate) session: String,
    pub(crate) ends: Timestamp,
    /// Base64 of the key under which the session reads.
    found_key: String,
}

fn place(search: Uuid) -> String {
    format!("court-order#{search}")
}

async fn key(cx: &Context, search: Uuid) -> Result<Key> {
    let secret = cx.secrets().get(KEY).await?;
    Key::derive(&secret, search.as_bytes(), "order")
}

impl Order {
    /// Places an order of this session, which lapses then.
    ///
    /// # Errors
    /// What the store answers.
    pub(crate) async fn place(
        cx: &Context,
        session: &Session,
        search: Uuid,
        aliases: &[Alias],
        lapses: Timestamp,
    ) -> Result<()> {
        let order = Self {
            credentials: session.credentials.clone(),
            aliases: aliases.to_vec(),
            session: session.name.clone(),
            ends: session.ends,
            found_key: STANDARD_NO_PAD.encode(session.key.bytes()),
        };
        let text = serde_json::to_vec(&order).map_err(Error::internal)?;
        let sealed = key(cx, search).await?.seal(cx.random(), &place(search), &text)?;
        let entry = Entry {
            value: json!({ "sealed": STANDARD_NO_PAD.encode(sealed) }),
            expires: lapses,
        };
        cx.key_value().put(&place(search), entry).await
    }

    /// The order of a search; `None` where it was done, has lapsed, or was never placed.
    ///
    /// # Errors
    /// What the store answers.
    pub(crate) async fn take(cx: &Context, search: Uuid) -> Result<Option<Self>> {
        let Some(entry) = cx.key_value().get(&place(search)).await? else {
            return Ok(None);
        };
        let sealed = STANDARD_NO_PAD
            .decode(entry.value["sealed"].as_str().unwrap_or_default())
            .map_err(Error::internal)?;
        let opened = key(cx, search).await?.open(&place(search), &sealed);
        opened
            .map(|text| serde_json::from_slice(&text).map_err(Error::internal))
            .transpose()
    }

    pub(crate) async fn done(cx: &Context, search: Uuid) -> Result<()> {
        cx.key_value().delete(&place(search)).await
    }

    /// Where the session will look.
    ///
    /// # Errors
    /// `Internal` where the key has another length.
    pub(crate) fn vault<'c>(&self, cx: &'c Context) -> Result<Vault<'c>> {
        let key = STANDARD_NO_PAD.decode(&self.found_key).map_err(Error::internal)?;
        Ok(Vault {
            cx,
            key: Key::from_bytes(&key)?,
            session: self.session.clone(),
            ends: self.ends,
        })
    }
}
