//! The queue: at least once, in no order, with a visibility time-out and a dead-letter queue. SQS is the model.

use std::time::Duration;

use crate::{BoxFuture, Result};

/// SQS delays end here; longer ones wait in the outbox until they fall due.
pub const MAX_DELAY: Duration = Duration::from_secs(900);
/// Messages in one send or receive.
pub const MAX_BATCH: usize = 10;
/// Bytes of one message's body. SQS takes 1 MiB; ids travel, not documents.
pub const MAX_BODY: usize = 64 * 1024;

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The queue's name in FUNCTIONS, e.g. `voting-registration-notify`.
    pub queue: String,
    pub body: String,
    /// 0 to [`MAX_DELAY`].
    pub delay: Duration,
}

/// A message that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The transport's own id. Not for de-duplication: a redrive changes it.
    pub message_id: String,
    /// Proof of this delivery, for delete, retry and bury.
    pub receipt: String,
    pub body: String,
    /// How many times it was delivered, this one included.
    pub attempt: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Ready, delayed and in flight.
    pub waiting: u64,
    pub dead: u64,
}

pub trait Queue: Send + Sync {
    /// Sends up to [`MAX_BATCH`] messages of one queue; the result tells each apart, in order.
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Result<Vec<Result<()>>>>;

    /// Takes up to `max` messages, hidden from others for `visibility`. Waits up to `wait` for the first.
    fn receive<'a>(
        &'a self,
        queue: &'a str,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Delivery>>>;

    /// Done with.
    fn delete<'a>(&'a self, queue: &'a str, receipt: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Shows the message again after `after` (0 s to 12 h).
    fn retry<'a>(&'a self, queue: &'a str, receipt: &'a str, after: Duration) -> BoxFuture<'a, Result<()>>;

    /// Moves the message to the dead-letter queue with a reason, at once. The reason holds no personal data.
    fn bury<'a>(
        &'a self,
        queue: &'a str,
        delivery: &'a Delivery,
        reason: &'a str,
    ) -> BoxFuture<'a, Result<()>>;

    fn depth<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueDepth>>;
}
