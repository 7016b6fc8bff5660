//! A job: what a queue message says. Ids travel, not people.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::TenantId;

/// The arguments of one kind of background work. `QUEUE` is the name of the function that does it.
pub trait Job: Serialize + DeserializeOwned + Send + Sync {
    const QUEUE: &'static str;
}

/// The message on the wire: `{"id", "tenant", "job", "v", "args"}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope {
    /// The job's own id: the same for every delivery and redrive of it.
    pub id: Uuid,
    pub tenant: Option<TenantId>,
    /// The queue it was meant for.
    pub job: String,
    /// The version of `args`. Old code may read new messages for some minutes after a deployment.
    pub v: u32,
    pub args: serde_json::Value,
}

impl Envelope {
    /// Of a job that belongs to no tenant.
    ///
    /// # Errors
    /// `Internal` where the arguments cannot be written as JSON.
    pub fn untenanted<J: Job>(id: Uuid, job: &J) -> ports::Result<Self> {
        Ok(Self {
            id,
            tenant: None,
            job: J::QUEUE.to_owned(),
            v: VERSION,
            args: serde_json::to_value(job).map_err(ports::Error::internal)?,
        })
    }
}

/// The present version of the envelope.
pub(crate) const VERSION: u32 = 1;
