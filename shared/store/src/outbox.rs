//! The outbox: work queued as rows of the transaction that causes it.
//!
//! After the commit the rows are sent to the queue and removed. What a crash leaves behind, and what falls due later than
//! the queue's longest delay, the relay sends: every minute, from `platform-outbox-relay`. A crash between sending and
//! removing sends twice, which consumers expect.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ports::{Error, MAX_BATCH, MAX_BODY, MAX_DELAY, Outgoing, Result};
use uuid::Uuid;

use crate::{Database, Envelope, Job, Sql, TenantId, Tx, job::VERSION, params, sql};

/// How long a sender has for its rows before the relay may take them.
const CLAIM: SignedDuration = SignedDuration::from_secs(30);

/// A row of the outbox.
pub(crate) struct Pending {
    id: Uuid,
    queue: &'static str,
    body: String,
    due: Timestamp,
}

impl Pending {
    pub(crate) fn new<J: Job>(id: Uuid, tenant: Option<TenantId>, job: &J, due: Timestamp) -> Result<Self> {
        let args = serde_json::to_value(job).map_err(Error::internal)?;
        let envelope = Envelope {
            id,
            tenant,
            job: J::QUEUE.to_owned(),
            v: VERSION,
            args,
        };
        let body = serde_json::to_string(&envelope).map_err(Error::internal)?;
        if body.len() > MAX_BODY {
            return Err(Error::internal("a job's arguments are too large for a message"));
        }
        Ok(Self {
            id,
            queue: J::QUEUE,
            body,
            due,
        })
    }
}

const INSERT: Sql = sql!(
    "insert into platform.outbox (id, queue, body, due_at, created_at, claimed_until) values ($1, $2, $3, $4, $5, $6)"
);
const REMOVE: Sql = sql!("delete from platform.outbox where id = any($1)");
const CLAIM_DUE: Sql = sql!(
    "update platform.outbox set claimed_until = $2, attempts = attempts + 1
      where id in (select id from platform.outbox
                    where due_at <= $3 and claimed_until <= $1
                    order by due_at limit $4 for update skip locked)
  returning id, queue, body, due_at"
);
const FORGET_DONE: Sql = sql!("delete from platform.job_done where done_at < $1");
const FORGET_ANSWERS: Sql = sql!("delete from platform.idempotency where expires_at <= $1");

pub(crate) async fn insert(tx: &mut Tx, row: &Pending) -> Result<()> {
    let now = tx.now();
    let claimed = if is_sendable(row.due, now) {
        now + CLAIM
    } else {
        now
    };
    tx.execute(
        INSERT,
        params![row.id, row.queue, row.body, row.due, now, claimed],
    )
    .await
}

/// Is it due within the longest delay that the queue itself can keep?
fn is_sendable(due: Timestamp, now: Timestamp) -> bool {
    due.duration_since(now) <= SignedDuration::try_from(MAX_DELAY).unwrap_or(SignedDuration::ZERO)
}

fn delay(due: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now))
        .unwrap_or_default()
        .min(MAX_DELAY)
}

/// Sends what a transaction queued. Never fails: what could not be sent stays for the relay.
pub(crate) async fn send_now(database: &Database, rows: &[Pending]) {
    let now = database.clock().now();
    let messages: Vec<(Uuid, Outgoing)> = rows
        .iter()
        .filter(|row| is_sendable(row.due, now))
        .map(|row| {
            let outgoing = Outgoing {
                queue: row.queue.to_owned(),
                body: row.body.clone(),
                delay: delay(row.due, now),
            };
            (row.id, outgoing)
        })
        .collect();
    if !messages.is_empty()
        && let Err(error) = send(database, messages).await
    {
        tracing::warn!(
            code = error.code(),
            cause = error.cause(),
            "queued work was left to the relay"
        );
    }
}

/// Sends each queue's messages in batches and removes the rows that were taken. Returns how many were.
async fn send(database: &Database, mut messages: Vec<(Uuid, Outgoing)>) -> Result<usize> {
    messages.sort_by(|a, b| a.1.queue.cmp(&b.1.queue));
    let mut sent = Vec::with_capacity(messages.len());
    let mut failed = None;
    for same_queue in messages.chunk_by(|a, b| a.1.queue == b.1.queue) {
        for batch in same_queue.chunks(MAX_BATCH) {
            let outgoing: Vec<Outgoing> = batch.iter().map(|(_, message)| message.clone()).collect();
            match database.queue().send(&outgoing).await {
                Ok(results) => {
                    for ((id, _), result) in batch.iter().zip(results) {
                        match result {
                            Ok(()) => sent.push(*id),
                            Err(error) => failed = Some(error),
                        }
                    }
                }
                Err(error) => failed = Some(error),
            }
        }
    }
    if !sent.is_empty() {
        database.rows(REMOVE, params![sent]).await?;
    }
    match failed {
        Some(error) if sent.is_empty() => Err(error),
        Some(error) => {
            tracing::warn!(
                code = error.code(),
                cause = error.cause(),
                "some queued work was left to the relay"
            );
            Ok(sent.len())
        }
        None => Ok(sent.len()),
    }
}

/// What one run of the relay did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Relayed {
    pub sent: usize,
}

/// Rows taken at a time, and the most of one run: bounded, so that a run ends well within its minute.
const PAGE: i64 = 200;
const MOST: usize = 20_000;
/// How long the ids of finished jobs are kept: longer than any queue keeps a message (14 days).
const REMEMBER_DONE: SignedDuration = SignedDuration::from_hours(24 * 21);

/// Sends everything that is due or falls due within the queue's longest delay. Several relays at once share the work.
///
/// # Errors
/// Where the database or the queue does not answer; what was claimed is tried again after a short while.
pub async fn relay(database: &Database) -> Result<Relayed> {
    let mut relayed = Relayed::default();
    while relayed.sent < MOST {
        let now = database.clock().now();
        let horizon = now + SignedDuration::try_from(MAX_DELAY).map_err(Error::internal)?;
        let rows = database
            .rows(CLAIM_DUE, params![now, now + CLAIM, horizon, PAGE])
            .await?;
        if rows.is_empty() {
            break;
        }
        let messages = rows
            .iter()
            .map(|row| {
                let due: Timestamp = row.get("due_at")?;
                let outgoing = Outgoing {
                    queue: row.get("queue")?,
                    body: row.get("body")?,
                    delay: delay(due, now),
                };
                Ok((row.get("id")?, outgoing))
            })
            .collect::<Result<Vec<_>>>()?;
        let claimed = messages.len();
        let sent = send(database, messages).await?;
        relayed.sent += sent;
        if sent < claimed {
            break; // the rest is claimed for a while: the next run tries it again
        }
    }
    let now = database.clock().now();
    database.rows(FORGET_DONE, params![now - REMEMBER_DONE]).await?;
    database.rows(FORGET_ANSWERS, params![now]).await?;
    Ok(relayed)
}
