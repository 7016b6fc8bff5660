//! A transaction and the tenant it belongs to.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use ports::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Database, Job, Param, Query, Row, Sql,
    connection::Lease,
    failure::{failure, is_connection_lost},
    outbox::{self, Pending},
};

/// Whose rows these are. Row-level security compares it with each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub Uuid);

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A transaction. Dropped without [`Tx::commit`] it is rolled back, and what it enqueued is never sent.
pub struct Tx {
    lease: Option<Lease>,
    tenant: Option<TenantId>,
    pending: Vec<Pending>,
    database: Database,
}

/// Whose rows a transaction sees.
#[derive(Clone, Copy)]
enum Whose {
    Tenant(TenantId),
    Operator,
    Nobody,
}

impl Database {
    /// Begins a transaction that sees and writes this tenant's rows only.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer, even on a new connection.
    pub async fn begin(&self, tenant: TenantId) -> Result<Tx> {
        self.start(Whose::Tenant(tenant)).await
    }

    /// Begins a transaction of no tenant: it sees only tables that belong to none.
    ///
    /// # Errors
    /// As [`Database::begin`].
    pub async fn begin_untenanted(&self) -> Result<Tx> {
        self.start(Whose::Nobody).await
    }

    /// Begins a transaction of an operator: it sees the rows of all organisations in the tables that operators work with. Ask
    /// first whether somebody is one.
    ///
    /// # Errors
    /// As [`Database::begin`].
    pub async fn begin_operator(&self) -> Result<Tx> {
        self.start(Whose::Operator).await
    }

    async fn start(&self, whose: Whose) -> Result<Tx> {
        // One round trip. `set_config(…, true)` ends with the transaction; a UUID's text needs no quoting.
        let text = match whose {
            Whose::Tenant(TenantId(id)) => format!("begin; select set_config('app.tenant', '{id}', true)"),
            Whose::Operator => "begin; select set_config('app.operator', 'on', true)".to_owned(),
            Whose::Nobody => "begin".to_owned(),
        };
        let tenant = match whose {
            Whose::Tenant(tenant) => Some(tenant),
            Whose::Operator | Whose::Nobody => None,
        };
        let mut tx = self.hold(self.lease().await?, tenant);
        if let Err(error) = tx.lease()?.batch(&text).await {
            if !(tx.lease()?.reused && is_connection_lost(&error)) {
                return Err(failure(&error));
            }
            drop(tx);
            tx = self.hold(self.fresh().await?, tenant);
            tx.lease()?.batch(&text).await.map_err(|error| failure(&error))?;
        }
        Ok(tx)
    }

    /// The transaction exists before its first statement is sent: whoever gives up waiting for that one drops it, and it is
    /// rolled back rather than left, with its tenant, to the connection's next user.
    fn hold(&self, lease: Lease, tenant: Option<TenantId>) -> Tx {
        Tx {
            lease: Some(lease),
            tenant,
            pending: Vec::new(),
            database: self.clone(),
        }
    }
}

impl Tx {
    fn lease(&mut self) -> Result<&mut Lease> {
        self.lease
            .as_mut()
            .ok_or_else(|| Error::internal("the transaction has ended"))
    }

    /// All rows of a statement.
    pub async fn rows(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<Vec<Row>> {
        self.lease()?
            .query(sql, params)
            .await
            .map_err(|error| failure(&error))
    }

    /// All rows of a statement that was put together of declared parts.
    pub async fn query(&mut self, query: &Query) -> Result<Vec<Row>> {
        let mut answers = self.query_all(std::slice::from_ref(query)).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// The rows of several such statements, which are sent together: what one asks may not depend on another's answer.
    pub async fn query_all(&mut self, queries: &[Query]) -> Result<Vec<Vec<Row>>> {
        self.lease()?
            .query_all(queries)
            .await
            .map_err(|error| failure(&error))
    }

    /// The only row.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub async fn one(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<Row> {
        self.optional(sql, params).await?.ok_or_else(Error::not_found)
    }

    /// The first row, if any.
    pub async fn optional(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<Option<Row>> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// Runs a statement whose rows do not matter. To learn whether it changed anything, let it return something and ask
    /// with [`Tx::optional`].
    pub async fn execute(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<()> {
        self.rows(sql, params).await.map(drop)
    }

    /// Whose rows it sees.
    pub fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    /// The time by the clock port: tables take it as a parameter, so that a moved clock moves them too.
    pub fn now(&self) -> Timestamp {
        self.database.clock().now()
    }

    pub fn random_id(&self) -> Uuid {
        self.database.random().uuid()
    }

    /// Queues a job with this transaction: it is sent after the commit, or not at all.
    pub async fn enqueue<J: Job>(&mut self, job: &J) -> Result<()> {
        let now = self.now();
        self.enqueue_at(job, now).await
    }

    /// Queues a job to be delivered after `delay`.
    pub async fn enqueue_after<J: Job>(&mut self, job: &J, delay: SignedDuration) -> Result<()> {
        let due = self.now() + delay;
        self.enqueue_at(job, due).await
    }

    /// Queues a job to be delivered at `due`, or soon after.
    pub async fn enqueue_at<J: Job>(&mut self, job: &J, due: Timestamp) -> Result<()> {
        let pending = Pending::new(self.random_id(), self.tenant, job, due)?;
        outbox::insert(self, &pending).await?;
        self.pending.push(pending);
        Ok(())
    }

    /// Notes that this job is done, and says whether that is new: `false` means that an earlier delivery did it.
    ///
    /// # Errors
    /// As any statement.
    pub async fn first_time(&mut self, job: Uuid) -> Result<bool> {
        const NOTE: Sql = crate::sql!(
            "insert into platform.job_done (job_id, done_at) values ($1, $2) on conflict do nothing returning job_id"
        );
        let now = self.now();
        Ok(self.optional(NOTE, crate::params![job, now]).await?.is_some())
    }

    /// Makes everything lasting, then sends what was queued. A queue that does not answer is no error: the relay sends
    /// within a minute.
    ///
    /// # Errors
    /// Where the database does not confirm. After `Unavailable` the outcome is unknown.
    pub async fn commit(mut self) -> Result<()> {
        // Still held while it commits: where that fails or nobody waits for it, dropping rolls back what is left.
        self.lease()?
            .batch("commit")
            .await
            .map_err(|error| failure(&error))?;
        self.lease = None;
        let pending = std::mem::take(&mut self.pending);
        outbox::send_now(&self.database, &pending).await;
        Ok(())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut lease) = self.lease.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            // Nobody waits for a rollback. Only a clean connection goes back to the idle ones.
            Ok(runtime) => drop(runtime.spawn(async move {
                if lease.batch("rollback").await.is_err() {
                    lease.discard();
                }
            })),
            Err(_) => lease.discard(),
        }
    }
}
