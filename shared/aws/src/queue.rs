//! Queues in SQS. A queue's URL is a base and its name; its dead-letter queue has `-dead` after it.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    config::{Config, timeout::TimeoutConfig},
    types::{
        Message, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
        SendMessageBatchRequestEntry,
    },
};
use aws_types::SdkConfig;
use ports::{
    BoxFuture, Delivery, Error, MAX_BATCH, MAX_BODY, MAX_DELAY, Outgoing, Queue, QueueDepth, Result,
};

use crate::{config::OPERATION, failure::failure};

/// SQS answers a receive after 20 s at the latest.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// SQS hides a message for 12 h at the longest.
const LONGEST_HIDING: Duration = Duration::from_secs(12 * 3600);
/// Bytes of a reason that are kept.
const LONGEST_REASON: usize = 1000;

pub struct SqsQueue {
    client: Client,
    url_base: String,
}

impl SqsQueue {
    /// `url_base` is what comes before each queue's name in its URL.
    pub fn new(config: &SdkConfig, url_base: String) -> Self {
        Self {
            client: Client::new(config),
            url_base,
        }
    }

    fn url(&self, queue: &str) -> String {
        format!("{}{queue}", self.url_base)
    }

    fn dead_url(&self, queue: &str) -> String {
        format!("{}{queue}-dead", self.url_base)
    }

    async fn count(&self, url: &str, names: &[QueueAttributeName]) -> Result<u64> {
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|e| failure("SQS GetQueueAttributes", e))?;
        let attributes = answer.attributes.unwrap_or_default();
        names
            .iter()
            .map(|name| {
                attributes
                    .get(name)
                    .and_then(|digits| digits.parse::<u64>().ok())
                    .ok_or_else(|| Error::internal(format!("SQS told no {}", name.as_str())))
            })
            .sum()
    }
}

impl Queue for SqsQueue {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Result<Vec<Result<()>>>> {
        Box::pin(async move {
            let Some(first) = messages.first() else {
                return Ok(Vec::new());
            };
            if messages.len() > MAX_BATCH || messages.iter().any(|message| message.queue != first.queue) {
                return Err(Error::internal("a batch is at most ten messages of one queue"));
            }
            let mut results: Vec<Result<()>> = messages.iter().map(check).collect();
            let entries = messages
                .iter()
                .enumerate()
                .filter(|(index, _)| results.get(*index).is_some_and(Result::is_ok))
                .map(|(index, message)| {
                    SendMessageBatchRequestEntry::builder()
                        .id(index.to_string())
                        .message_body(&message.body)
                        .delay_seconds(seconds(message.delay))
                        .build()
                        .map_err(Error::internal)
                })
                .collect::<Result<Vec<_>>>()?;
            if entries.is_empty() {
                return Ok(results);
            }
            let answer = self
                .client
                .send_message_batch()
                .queue_url(self.url(&first.queue))
                .set_entries(Some(entries))
                .send()
                .await
                .map_err(|e| failure("SQS SendMessageBatch", e))?;
            for failed in answer.failed() {
                let index = failed.id().parse().unwrap_or(usize::MAX);
                if let Some(result) = results.get_mut(index) {
                    let what = format!("SQS refused one message of a batch with {}", failed.code());
                    *result = Err(if failed.sender_fault() {
                        Error::internal(what)
                    } else {
                        Error::unavailable("dependency_unavailable", what)
                    });
                }
            }
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
            let wait = wait.min(LONGEST_WAIT);
            // A long poll is no slow answer.
            let patience = TimeoutConfig::builder()
                .operation_attempt_timeout(wait + OPERATION)
                .operation_timeout(wait + OPERATION)
                .build();
            let answer = self
                .client
                .receive_message()
                .queue_url(self.url(queue))
                .max_number_of_messages(i32::try_from(max.clamp(1, MAX_BATCH)).unwrap_or(1))
                .wait_time_seconds(seconds(wait))
                .visibility_timeout(seconds(visibility.min(LONGEST_HIDING)))
                .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
                .customize()
                .config_override(Config::builder().timeout_config(patience))
                .send()
                .await
                .map_err(|e| failure("SQS ReceiveMessage", e))?;
            answer
                .messages
                .unwrap_or_default()
                .into_iter()
                .map(delivery)
                .collect()
        })
    }

    fn delete<'a>(&'a self, queue: &'a str, receipt: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.client
                .delete_message()
                .queue_url(self.url(queue))
                .receipt_handle(receipt)
                .send()
                .await
                .map_err(|e| failure("SQS DeleteMessage", e))?;
            Ok(())
        })
    }

    fn retry<'a>(&'a self, queue: &'a str, receipt: &'a str, after: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.client
                .change_message_visibility()
                .queue_url(self.url(queue))
                .receipt_handle(receipt)
                .visibility_timeout(seconds(after.min(LONGEST_HIDING)))
                .send()
                .await
                .map_err(|e| failure("SQS ChangeMessageVisibility", e))?;
            Ok(())
        })
    }

    fn bury<'a>(
        &'a self,
        queue: &'a str,
        delivery: &'a Delivery,
        reason: &'a str,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let reason = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(sendable(reason))
                .build()
                .map_err(Error::internal)?;
            // In this order a crash leaves the message twice, never not at all.
            self.client
                .send_message()
                .queue_url(self.dead_url(queue))
                .message_body(&delivery.body)
                .message_attributes("reason", reason)
                .send()
                .await
                .map_err(|e| failure("SQS SendMessage", e))?;
            self.delete(queue, &delivery.receipt).await
        })
    }

    fn depth<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueDepth>> {
        Box::pin(async move {
            let everywhere = [
                QueueAttributeName::ApproximateNumberOfMessages,
                QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
                QueueAttributeName::ApproximateNumberOfMessagesDelayed,
            ];
            let (url, dead_url) = (self.url(queue), self.dead_url(queue));
            let (waiting, dead) = futures_util::future::try_join(
                self.count(&url, &everywhere),
                self.count(&dead_url, &everywhere),
            )
            .await?;
            Ok(QueueDepth { waiting, dead })
        })
    }
}

fn check(message: &Outgoing) -> Result<()> {
    if message.body.is_empty() || message.body.len() > MAX_BODY {
        return Err(Error::internal("a message's body is 1 byte to 64 KiB"));
    }
    if message.delay > MAX_DELAY {
        return Err(Error::internal("a message's delay is at most 900 s"));
    }
    Ok(())
}

fn delivery(message: Message) -> Result<Delivery> {
    let attempt = message
        .attributes
        .as_ref()
        .and_then(|known| known.get(&MessageSystemAttributeName::ApproximateReceiveCount))
        .and_then(|digits| digits.parse().ok());
    let (Some(message_id), Some(receipt), Some(body), Some(attempt)) =
        (message.message_id, message.receipt_handle, message.body, attempt)
    else {
        return Err(Error::internal(
            "SQS delivered a message without id, receipt, body or receive count",
        ));
    };
    Ok(Delivery {
        message_id,
        receipt,
        body,
        attempt,
    })
}

/// Whole seconds, rounded up: never earlier than asked.
fn seconds(duration: Duration) -> i32 {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i32::try_from(whole).unwrap_or(i32::MAX)
}

/// An attribute may not be empty and may hold no control characters.
fn sendable(reason: &str) -> String {
    let mut text: String = reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.truncate(text.floor_char_boundary(LONGEST_REASON));
    if text.is_empty() {
        "none given".to_owned()
    } else {
        text
    }
}
