//! `Idempotency-Key`: the same POST sent again has no second effect and gets the first answer.
//!
//! For effects that are rows: the record is part of the effect's own transaction, so there is no moment in which one is
//! there without the other. A second request with the same key waits for the first to end (at most the lock time-out, then
//! 409). The same key with another body is refused.

use jiff::SignedDuration;
use ports::{Error, Kind, Result};
use serde_json::Value;

use crate::{Sql, Tx, params, sql};

/// How long an answer is kept. At least a day (Stripe's promise, which clients know).
const LIFE: SignedDuration = SignedDuration::from_hours(48);

/// A client's key, bound to the route it was sent to and to what was sent.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// Route and key: `POST /voting/v1/…#<key>`.
    pub scope: String,
    /// SHA-256 of the body.
    pub body_hash: Vec<u8>,
}

/// What the record says.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Go on, then [`Tx::remember`] the answer.
    New,
    /// It was done before: this was the answer.
    Done(Value),
}

const CLAIM: Sql = sql!(
    "insert into platform.idempotency (scope, body_hash, created_at, expires_at) values ($1, $2, $3, $4)
     on conflict (scope) do update
        set body_hash = excluded.body_hash, created_at = excluded.created_at, expires_at = excluded.expires_at, answer = null
      where platform.idempotency.expires_at <= $3
     returning scope"
);
const READ: Sql = sql!("select body_hash, answer from platform.idempotency where scope = $1");
const REMEMBER: Sql = sql!("update platform.idempotency set answer = $2 where scope = $1");

impl Tx {
    /// Claims a key for this transaction.
    ///
    /// # Errors
    /// `Unprocessable` where the key was used with another body; `Conflict` where the first request still runs.
    pub async fn claim(&mut self, key: &IdempotencyKey) -> Result<Claim> {
        let now = self.now();
        if self
            .optional(CLAIM, params![key.scope, key.body_hash, now, now + LIFE])
            .await?
            .is_some()
        {
            return Ok(Claim::New);
        }
        let row = self.one(READ, params![key.scope]).await?;
        if row.get::<Vec<u8>>("body_hash")? != key.body_hash {
            return Err(Error::new(
                Kind::Unprocessable,
                "idempotency_key_reused",
                "This Idempotency-Key was sent before with another body.",
            ));
        }
        match row.get::<Option<Value>>("answer")? {
            Some(answer) => Ok(Claim::Done(answer)),
            None => Err(Error::new(
                Kind::Conflict,
                "in_progress",
                "The first request with this key has not ended yet.",
            )),
        }
    }

    /// Keeps the answer with the effect.
    pub async fn remember(&mut self, key: &IdempotencyKey, answer: &Value) -> Result<()> {
        self.execute(REMEMBER, params![key.scope, answer.clone()]).await
    }
}
