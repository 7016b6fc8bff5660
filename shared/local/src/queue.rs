//! The queues as a table, with SQS's rules: hidden while in flight, five deliveries, then the dead-letter queue.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use ports::{
    BoxFuture, Clock, Delivery, Error, MAX_BATCH, MAX_BODY, MAX_DELAY, Outgoing, Queue, QueueDepth, Result,
};
use store::{Database, Row, Sql, params, sql};
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

/// Deliveries before a message is dead: `maxReceiveCount` in the templates.
const MOST_DELIVERIES: i32 = 5;
/// How often a waiting receive looks again: a message may fall due without anybody sending.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

const SEND: Sql =
    sql!("insert into local.message (id, queue, body, visible_at, sent_at) values ($1, $2, $3, $4, $5)");
const GIVE_UP: Sql = sql!(
    "update local.message set dead_reason = 'delivered too often', dead_at = $2, receipt = null
      where queue = $1 and dead_reason is null and visible_at <= $2 and attempts >= $3"
);
const RECEIVE: Sql = sql!(
    "with due as (select id from local.message
                   where queue = $1 and dead_reason is null and visible_at <= $2
                   order by visible_at limit $3 for update skip locked)
     update local.message m
        set attempts = attempts + 1, visible_at = $4, receipt = gen_random_uuid()::text
       from due where m.id = due.id
  returning m.id, m.body, m.receipt, m.attempts"
);
const DELETE: Sql = sql!("delete from local.message where queue = $1 and receipt = $2");
const RETRY: Sql =
    sql!("update local.message set visible_at = $3 where queue = $1 and receipt = $2 returning id");
const BURY: Sql = sql!(
    "update local.message set dead_reason = $3, dead_at = $4, receipt = null
      where queue = $1 and receipt = $2 returning id"
);
const DEPTH: Sql = sql!(
    "select count(*) filter (where dead_reason is null) as waiting, count(dead_reason) as dead
       from local.message where queue = $1"
);
const DUE: Sql = sql!(
    "select distinct queue from local.message where dead_reason is null and visible_at <= $1 order by queue"
);
const DEAD: Sql = sql!(
    "select id, dead_reason, attempts from local.message
      where queue = $1 and dead_reason is not null order by dead_at limit 1000"
);
const REDRIVE: Sql = sql!(
    "update local.message set dead_reason = null, dead_at = null, attempts = 0, visible_at = $2
      where queue = $1 and dead_reason is not null returning id"
);

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    pub id: Uuid,
    pub reason: String,
    pub attempts: i32,
}

pub struct LocalQueue {
    database: Database,
    clock: Arc<dyn Clock>,
    sent: Notify,
}

impl LocalQueue {
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self {
            database,
            clock,
            sent: Notify::new(),
        }
    }

    /// Ends when this process has sent something since the last call.
    pub(crate) async fn sent(&self) {
        self.sent.notified().await;
    }

    /// The queues that have something to deliver now.
    ///
    /// # Errors
    /// As any statement.
    pub(crate) async fn due(&self) -> Result<Vec<String>> {
        let rows = self.database.rows(DUE, params![self.clock.now()]).await?;
        rows.iter().map(|row| row.get("queue")).collect()
    }

    /// The oldest dead messages of a queue, at most 1,000.
    ///
    /// # Errors
    /// As any statement.
    pub async fn dead(&self, queue: &str) -> Result<Vec<Dead>> {
        let rows = self.database.rows(DEAD, params![queue]).await?;
        rows.iter()
            .map(|row| {
                Ok(Dead {
                    id: row.get("id")?,
                    reason: row.get("dead_reason")?,
                    attempts: row.get("attempts")?,
                })
            })
            .collect()
    }

    /// Puts all dead messages of a queue back to the living, as if never delivered. Returns how many.
    ///
    /// # Errors
    /// As any statement.
    pub async fn redrive(&self, queue: &str) -> Result<usize> {
        let rows = self
            .database
            .rows(REDRIVE, params![queue, self.clock.now()])
            .await?;
        self.sent.notify_one();
        Ok(rows.len())
    }

    async fn take(&self, queue: &str, max: usize, visibility: Duration) -> Result<Vec<Delivery>> {
        let now = self.clock.now();
        self.database
            .rows(GIVE_UP, params![queue, now, MOST_DELIVERIES])
            .await?;
        let most = i64::try_from(max.min(MAX_BATCH)).map_err(Error::internal)?;
        let rows = self
            .database
            .rows(RECEIVE, params![queue, now, most, now + span(visibility)?])
            .await?;
        rows.iter().map(delivery).collect()
    }
}

fn span(duration: Duration) -> Result<SignedDuration> {
    SignedDuration::try_from(duration).map_err(Error::internal)
}

fn delivery(row: &Row) -> Result<Delivery> {
    Ok(Delivery {
        message_id: row.get::<Uuid>("id")?.to_string(),
        receipt: row.get("receipt")?,
        body: row.get("body")?,
        attempt: u32::try_from(row.get::<i32>("attempts")?).map_err(Error::internal)?,
    })
}

fn unknown_receipt() -> Error {
    Error::internal("no message in flight has this receipt")
}

impl Queue for LocalQueue {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Result<Vec<Result<()>>>> {
        Box::pin(async move {
            let Some(first) = messages.first() else {
                return Ok(Vec::new());
            };
            if messages.len() > MAX_BATCH || messages.iter().any(|other| other.queue != first.queue) {
                return Err(Error::internal("a batch is up to ten messages of one queue"));
            }
            let now = self.clock.now();
            let mut results = Vec::with_capacity(messages.len());
            for message in messages {
                if message.body.len() > MAX_BODY || message.delay > MAX_DELAY {
                    results.push(Err(Error::internal(
                        "a message that is too large or delayed too long",
                    )));
                    continue;
                }
                let due = now + span(message.delay)?;
                results.push(
                    self.database
                        .rows(
                            SEND,
                            params![Uuid::now_v7(), message.queue, message.body, due, now],
                        )
                        .await
                        .map(drop),
                );
            }
            self.sent.notify_one();
            Ok(results)
        })
    }

    fn receive<'a>(
        &'a self,
        queue: &'a str,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Delivery>>> {
        Box::pin(async move {
            let end = Instant::now() + wait;
            loop {
                let taken = self.take(queue, max, visibility).await?;
                let left = end.saturating_duration_since(Instant::now());
                if !taken.is_empty() || left.is_zero() {
                    return Ok(taken);
                }
                tokio::time::sleep(left.min(LOOK_AGAIN)).await;
            }
        })
    }

    fn delete<'a>(&'a self, queue: &'a str, receipt: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.database
                .rows(DELETE, params![queue, receipt])
                .await
                .map(drop)
        })
    }

    fn retry<'a>(&'a self, queue: &'a str, receipt: &'a str, after: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let due = self.clock.now() + span(after)?;
            self.database
                .optional(RETRY, params![queue, receipt, due])
                .await?
                .map(drop)
                .ok_or_else(unknown_receipt)
        })
    }

    fn bury<'a>(
        &'a self,
        queue: &'a str,
        delivery: &'a Delivery,
        reason: &'a str,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.database
                .optional(BURY, params![queue, delivery.receipt, reason, self.clock.now()])
                .await?
                .map(drop)
                .ok_or_else(unknown_receipt)
        })
    }

    fn depth<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueDepth>> {
        Box::pin(async move {
            let row = self.database.one(DEPTH, params![queue]).await?;
            let count = |name| u64::try_from(row.get::<i64>(name)?).map_err(Error::internal);
            Ok(QueueDepth {
                waiting: count("waiting")?,
                dead: count("dead")?,
            })
        })
    }
}
