//! A job as its handler sees it.

use std::time::Duration;

use ports::{Error, Kind, Outgoing, Result};
use store::{Envelope, Job, TenantId};
use uuid::Uuid;

use crate::Context;

/// What becomes of one message. It never decides over its neighbours in the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Not now: show it again after this time at least. The adapter waits longer the more attempts there were, with jitter.
    Retry(Duration),
    /// Never: to the dead-letter queue, with a reason that holds no personal data.
    Dead(String),
}

impl From<Error> for Outcome {
    /// Transient errors are retried, the others would fail again.
    fn from(error: Error) -> Self {
        match error.kind() {
            Kind::TooMany(after) | Kind::Unavailable(after) => Self::Retry(after),
            _ if error.is_transient() => Self::Retry(Duration::ZERO),
            _ => Self::Dead(error.code().to_owned()),
        }
    }
}

/// A job with its typed arguments.
#[derive(Debug)]
pub struct Work<J> {
    /// The job's own id, the same for every delivery: what makes a handler idempotent.
    pub id: Uuid,
    pub tenant: TenantId,
    pub args: J,
}

impl<J: Job> Work<J> {
    /// # Errors
    /// `Invalid` where the message is of another job or shape, or lacks its tenant: it will never fit.
    pub fn open(envelope: Envelope) -> Result<Self> {
        let (id, tenant) = (envelope.id, envelope.tenant);
        let args = arguments(envelope)?;
        let tenant = tenant.ok_or_else(|| misfit("no_tenant"))?;
        Ok(Self { id, tenant, args })
    }
}

/// The arguments of a job that belongs to no tenant.
///
/// # Errors
/// `Invalid` where the message is of another job or shape: it will never fit.
pub fn arguments<J: Job>(envelope: Envelope) -> Result<J> {
    if envelope.job != J::QUEUE {
        return Err(misfit("other_job"));
    }
    serde_json::from_value(envelope.args).map_err(|_| misfit("other_arguments"))
}

fn misfit(code: &'static str) -> Error {
    Error::new(Kind::Invalid, code, "The message does not fit this queue.")
}

/// Sends a job of no tenant at once, for functions without a database: what it works on lies in the key-value store. Where
/// there is a transaction, `Tx::enqueue` sends with the commit, or not at all.
///
/// # Errors
/// What the queue answers: nothing was sent then.
pub async fn send<J: Job>(cx: &Context, job: &J) -> Result<()> {
    send_after(cx, job, Duration::ZERO).await
}

/// The same, delivered only then: at most 15 minutes from now.
///
/// # Errors
/// As [`send`].
pub async fn send_after<J: Job>(cx: &Context, job: &J, delay: Duration) -> Result<()> {
    let body = Envelope::untenanted(cx.random().uuid(), job)?;
    let message = Outgoing {
        queue: J::QUEUE.to_owned(),
        body: serde_json::to_string(&body).map_err(Error::internal)?,
        delay,
    };
    cx.ports.queue.send(&[message]).await?.into_iter().collect()
}

/// Makes `async fn(Context, Work<J>) -> ports::Result<Outcome>` the work of a queue function.
#[macro_export]
macro_rules! work {
    ($handler:path) => {
        |cx, envelope| Box::pin(async move { $handler(cx, $crate::Work::open(envelope)?).await })
    };
}

/// Makes an `async fn(Context) -> ports::Result<()>` the run of a schedule.
#[macro_export]
macro_rules! run {
    ($handler:path) => {
        |cx| Box::pin($handler(cx))
    };
}
