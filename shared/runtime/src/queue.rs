//! SQS batches: each message on its own, one bad one never takes its neighbours along.
//!
//! The body is read per record (never while the event is decoded, where one malformed message would fail the batch). What
//! the work says becomes: `Done` → not reported; `Retry` → made visible after a back-off and reported as failed;
//! `Dead` → moved to the dead-letter queue with its reason, not reported.

use std::{panic::AssertUnwindSafe, time::Duration};

use app::{Context, Function, Outcome, Trigger};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use ports::{Delivery, Error, Random};
use store::Envelope;

use crate::metrics;

/// Time kept back at the end of an invocation: no further message is begun within it.
const RESERVE: SignedDuration = SignedDuration::from_secs(2);
/// The first back-off, and the longest. With five deliveries of a message the back-offs add up to two minutes at least: as
/// long as a database takes to fail over.
const FIRST_RETRY: Duration = Duration::from_secs(15);
const LONGEST_RETRY: Duration = Duration::from_secs(15 * 60);

/// Works off one event and returns the ids of the messages that failed (`batchItemFailures`).
pub async fn batch(function: &Function, cx: &Context, event: &str, deadline: Timestamp) -> Vec<String> {
    match serde_json::from_str::<SqsEvent>(event) {
        Ok(event) => records(function, cx, event, deadline).await,
        Err(error) => {
            tracing::error!(%error, "the event is not one of SQS");
            // An empty id fails the whole batch.
            vec![String::new()]
        }
    }
}

pub(crate) async fn records(
    function: &Function,
    cx: &Context,
    event: SqsEvent,
    deadline: Timestamp,
) -> Vec<String> {
    let mut failed = Vec::new();
    let (mut done, mut retried, mut dead) = (0_u32, 0_u32, 0_u32);
    for message in event.records {
        let id = message.message_id.clone().unwrap_or_default();
        if cx.clock().now() + RESERVE >= deadline {
            failed.push(id);
            retried += 1;
            continue;
        }
        let delivery = delivery(message);
        let outcome = match AssertUnwindSafe(work(function, cx, &delivery.body))
            .catch_unwind()
            .await
        {
            Ok(outcome) => outcome,
            Err(_) => {
                tracing::error!(function = function.name, "the work on a message panicked");
                Outcome::Retry(Duration::ZERO)
            }
        };
        match outcome {
            Outcome::Done => done += 1,
            Outcome::Retry(at_least) => {
                let after = back_off(delivery.attempt, cx.random()).max(at_least);
                // Where this fails the message shows up again by its visibility time-out: later, but not lost.
                if let Err(error) = cx
                    .ports
                    .queue
                    .retry(function.name, &delivery.receipt, after)
                    .await
                {
                    tracing::warn!(
                        code = error.code(),
                        cause = error.cause(),
                        "a back-off could not be set"
                    );
                }
                failed.push(id);
                retried += 1;
            }
            Outcome::Dead(reason) => {
                tracing::error!(
                    function = function.name,
                    reason,
                    "a message went to the dead-letter queue"
                );
                match cx.ports.queue.bury(function.name, &delivery, &reason).await {
                    Ok(()) => dead += 1,
                    // The queue's own redrive policy buries it in the end.
                    Err(_) => failed.push(id),
                }
            }
        }
    }
    tracing::info!(function = function.name, done, retried, dead, "batch");
    metrics::batch(function, done, retried, dead, cx.clock().now());
    failed
}

fn delivery(message: SqsMessage) -> Delivery {
    let attempt = message
        .attributes
        .get("ApproximateReceiveCount")
        .and_then(|count| count.parse().ok())
        .unwrap_or(1);
    Delivery {
        message_id: message.message_id.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        attempt,
    }
}

async fn work(function: &Function, cx: &Context, body: &str) -> Outcome {
    let Trigger::Queue { work } = function.trigger else {
        return Outcome::Dead("not_a_queue_function".to_owned());
    };
    let Ok(envelope) = serde_json::from_str::<Envelope>(body) else {
        return Outcome::Dead("malformed_message".to_owned());
    };
    let job_id = envelope.id;
    match work(cx.clone(), envelope).await {
        Ok(outcome) => outcome,
        Err(error) => {
            log_failure(function, job_id, &error);
            error.into()
        }
    }
}

fn log_failure(function: &Function, job_id: impl std::fmt::Display, error: &Error) {
    tracing::warn!(
        function = function.name,
        %job_id,
        code = error.code(),
        cause = error.cause(),
        at = %error.at(),
        "a job failed"
    );
}

/// Exponential with jitter: even between half of `15 s × 2^(attempt − 1)` and the whole, at most 15 minutes.
fn back_off(attempt: u32, random: &dyn Random) -> Duration {
    let exponent = attempt.saturating_sub(1).min(16);
    let ceiling = FIRST_RETRY.saturating_mul(1 << exponent).min(LONGEST_RETRY);
    ceiling.mul_f64(0.5 + random.unit() / 2.0)
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;

    #[test]
    fn back_off_grows_and_ends() {
        for attempt in 0..40 {
            assert!(back_off(attempt, &SystemRandom) <= LONGEST_RETRY);
        }
        let four: Duration = (1..5).map(|attempt| back_off(attempt, &SystemRandom)).sum();
        assert!(
            four >= Duration::from_secs(112),
            "five deliveries outlast a fail-over"
        );
        assert!(back_off(1, &SystemRandom) <= FIRST_RETRY);
    }
}
