//! What a service needs of the world, as object-safe traits: files, queue, secrets, key-value store, mail, clock, random.
//!
//! Each port has two adapters that pass one contract suite (`testkit::contract`): AWS (`shared/aws`) and a local twin
//! (`shared/local`). Methods return boxed futures, so that an SDK's generics are compiled once in its adapter and not in
//! each of a hundred binaries. [`Error`] is the one error type of the house; it knows nothing of HTTP.

mod clock;
mod deployment;
mod error;
mod files;
mod key_value;
mod mail;
mod queue;
mod random;
mod secrets;
mod undeclared;

use std::{future::Future, pin::Pin, sync::Arc};

pub use clock::{Clock, SystemClock};
pub use deployment::{Deployments, NewVersion};
pub use error::{BoxError, Error, FieldError, Kind, Result};
pub use files::{Area, FileKey, Files, PART, PutFile, StoredFile, Upload};
pub use key_value::{Entry, KeyValue};
pub use mail::{Address, Attachment, Mail, Mailer, send_once};
pub use queue::{Delivery, MAX_BATCH, MAX_BODY, MAX_DELAY, Outgoing, Queue, QueueDepth};
pub use random::{Random, SystemRandom};
pub use secrets::{CachedSecrets, Secret, Secrets};
pub use undeclared::Undeclared;

/// A boxed future: what every port method returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The ports of one process. A port that a function did not declare in its `needs` is [`Undeclared`] and answers each
/// call with an error that names it.
#[derive(Clone)]
pub struct Ports {
    pub files: Arc<dyn Files>,
    pub queue: Arc<dyn Queue>,
    pub secrets: Arc<dyn Secrets>,
    pub key_value: Arc<dyn KeyValue>,
    pub mailer: Arc<dyn Mailer>,
    pub deployments: Arc<dyn Deployments>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl Ports {
    /// Real clock and random, everything else undeclared: where each adapter starts from.
    pub fn undeclared() -> Self {
        Self {
            files: Arc::new(Undeclared),
            queue: Arc::new(Undeclared),
            secrets: Arc::new(Undeclared),
            key_value: Arc::new(Undeclared),
            mailer: Arc::new(Undeclared),
            deployments: Arc::new(Undeclared),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}
