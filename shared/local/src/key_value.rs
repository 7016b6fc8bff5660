//! The key-value store as a table. Expiry is by the clock port, so that a moved clock ends sessions and leases too.

use std::sync::Arc;

use jiff::Timestamp;
use ports::{BoxFuture, Clock, Entry, Error, KeyValue, Result};
use store::{Database, Sql, params, sql};

const MOST_VALUE: usize = 300 * 1024;
const MOST_KEY: usize = 1024;

const GET: Sql = sql!("select value, expires_at from local.entry where key = $1 and expires_at > $2");
const PUT: Sql = sql!(
    "insert into local.entry (key, value, expires_at) values ($1, $2, $3)
     on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at"
);
const PUT_IF_ABSENT: Sql = sql!(
    "insert into local.entry as e (key, value, expires_at) values ($1, $2, $3)
     on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at where e.expires_at <= $4
     returning key"
);
const DELETE: Sql = sql!("delete from local.entry where key = $1");
const ADD: Sql = sql!(
    "insert into local.entry as e (key, value, expires_at) values ($1, to_jsonb($2), $3)
     on conflict (key) do update
        set value = case when e.expires_at <= $4 then excluded.value else to_jsonb(e.value::bigint + $2) end,
            expires_at = case when e.expires_at <= $4 then excluded.expires_at else e.expires_at end
     returning value::bigint as count"
);
const SWEEP: Sql = sql!("delete from local.entry where expires_at <= $1");

pub struct LocalKeyValue {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl LocalKeyValue {
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    /// Removes what has ended, as DynamoDB does in its own time.
    ///
    /// # Errors
    /// As any statement.
    pub async fn sweep(&self) -> Result<()> {
        self.database
            .rows(SWEEP, params![self.clock.now()])
            .await
            .map(drop)
    }
}

fn check(key: &str, entry: Option<&Entry>) -> Result<()> {
    if key.is_empty() || key.len() > MOST_KEY {
        return Err(Error::internal("a key must have 1 to 1,024 bytes"));
    }
    if entry.is_some_and(|entry| entry.value.to_string().len() > MOST_VALUE) {
        return Err(Error::internal("an entry must not be over 300 KiB"));
    }
    Ok(())
}

impl KeyValue for LocalKeyValue {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Entry>>> {
        Box::pin(async move {
            let row = self
                .database
                .optional(GET, params![key, self.clock.now()])
                .await?;
            row.map(|row| {
                Ok(Entry {
                    value: row.get("value")?,
                    expires: row.get("expires_at")?,
                })
            })
            .transpose()
        })
    }

    fn put<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            check(key, Some(&entry))?;
            self.database
                .rows(PUT, params![key, entry.value, entry.expires])
                .await
                .map(drop)
        })
    }

    fn put_if_absent<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            check(key, Some(&entry))?;
            let now = self.clock.now();
            let row = self
                .database
                .optional(PUT_IF_ABSENT, params![key, entry.value, entry.expires, now])
                .await?;
            Ok(row.is_some())
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.database.rows(DELETE, params![key]).await.map(drop) })
    }

    fn add<'a>(&'a self, key: &'a str, by: i64, expires: Timestamp) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async move {
            check(key, None)?;
            let now = self.clock.now();
            self.database
                .one(ADD, params![key, by, expires, now])
                .await?
                .get("count")
        })
    }
}
