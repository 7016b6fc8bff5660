//! The key-value store in one DynamoDB table: partition key `key`, the value as JSON text in `value`, a counter in
//! `count`, the end in `expires` (whole seconds since 1970, rounded up, which is what DynamoDB's own sweeper reads).

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    operation::{put_item::PutItemError, update_item::UpdateItemError},
    types::{AttributeValue, ReturnValue},
};
use aws_types::SdkConfig;
use jiff::Timestamp;
use ports::{BoxFuture, Clock, Entry, Error, KeyValue, Result};

use crate::failure::failure;

/// The longest partition key is 2,048 bytes; the port promises half.
const MAX_KEY: usize = 1024;
/// An item ends at 400 KiB; the port promises 300.
const MAX_VALUE: usize = 300 * 1024;
/// A counter is added to or begun anew in turn; each failure means that another caller did something in between.
const MAX_TURNS: usize = 8;
const ABSENT: &str = "attribute_not_exists(#key) OR #expires <= :now";
const PRESENT: &str = "attribute_exists(#key) AND #expires > :now";

pub struct DynamoKeyValue {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
}

type Item = HashMap<String, AttributeValue>;

impl DynamoKeyValue {
    pub fn new(config: &SdkConfig, table: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            client: Client::new(config),
            table,
            clock,
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// Adds to a running counter; `None` where none runs.
    async fn increase(&self, key: &str, by: i64) -> Result<Option<i64>> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("key", text(key)?)
            .update_expression("ADD #count :by")
            .condition_expression(PRESENT)
            .expression_attribute_names("#key", "key")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":now", number(self.now()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        counted(answer.map(|done| done.attributes))
    }

    /// Begins a counter where none runs; `None` where one does.
    async fn begin(&self, key: &str, by: i64, expires: Timestamp) -> Result<Option<i64>> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("key", text(key)?)
            .update_expression("SET #count = :by, #expires = :expires REMOVE #value")
            .condition_expression(ABSENT)
            .expression_attribute_names("#key", "key")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#value", "value")
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":expires", number(end(expires)))
            .expression_attribute_values(":now", number(self.now()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        counted(answer.map(|done| done.attributes))
    }
}

impl KeyValue for DynamoKeyValue {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Entry>>> {
        Box::pin(async move {
            let found = self
                .client
                .get_item()
                .table_name(&self.table)
                .key("key", text(key)?)
                .consistent_read(true)
                .send()
                .await
                .map_err(|e| failure("DynamoDB GetItem", e))?;
            let Some(item) = found.item else { return Ok(None) };
            let entry = entry(&item)?;
            Ok((entry.expires.as_second() > self.now()).then_some(entry))
        })
    }

    fn put<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item(key, &entry)?))
                .send()
                .await
                .map_err(|e| failure("DynamoDB PutItem", e))?;
            Ok(())
        })
    }

    fn put_if_absent<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let answer = self
                .client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item(key, &entry)?))
                .condition_expression(ABSENT)
                .expression_attribute_names("#key", "key")
                .expression_attribute_names("#expires", "expires")
                .expression_attribute_values(":now", number(self.now()))
                .send()
                .await;
            match answer {
                Ok(_) => Ok(true),
                Err(error)
                    if matches!(
                        error.as_service_error(),
                        Some(PutItemError::ConditionalCheckFailedException(_))
                    ) =>
                {
                    Ok(false)
                }
                Err(error) => Err(failure("DynamoDB PutItem", error)),
            }
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.client
                .delete_item()
                .table_name(&self.table)
                .key("key", text(key)?)
                .send()
                .await
                .map_err(|e| failure("DynamoDB DeleteItem", e))?;
            Ok(())
        })
    }

    fn add<'a>(&'a self, key: &'a str, by: i64, expires: Timestamp) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async move {
            for _ in 0..MAX_TURNS {
                if let Some(count) = self.increase(key, by).await? {
                    return Ok(count);
                }
                if let Some(count) = self.begin(key, by, expires).await? {
                    return Ok(count);
                }
            }
            Err(Error::unavailable(
                "dependency_unavailable",
                "a counter that others keep changing",
            ))
        })
    }
}

fn counted(
    answer: std::result::Result<Option<Item>, aws_sdk_dynamodb::error::SdkError<UpdateItemError>>,
) -> Result<Option<i64>> {
    match answer {
        Ok(attributes) => {
            let attributes = attributes.unwrap_or_default();
            Ok(Some(integer(&attributes, "count")?))
        }
        Err(error)
            if matches!(
                error.as_service_error(),
                Some(UpdateItemError::ConditionalCheckFailedException(_))
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(failure("DynamoDB UpdateItem", error)),
    }
}

fn text(key: &str) -> Result<AttributeValue> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Error::internal("a key-value key of no length that is allowed"));
    }
    Ok(AttributeValue::S(key.to_owned()))
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Rounded up: an entry may not end before its time.
fn end(expires: Timestamp) -> i64 {
    expires.as_second() + i64::from(expires.subsec_nanosecond() > 0)
}

fn item(key: &str, entry: &Entry) -> Result<Item> {
    let value = entry.value.to_string();
    if value.len() > MAX_VALUE {
        return Err(Error::internal("a key-value entry over 300 KiB"));
    }
    Ok(HashMap::from([
        ("key".to_owned(), text(key)?),
        ("value".to_owned(), AttributeValue::S(value)),
        ("expires".to_owned(), number(end(entry.expires))),
    ]))
}

/// A counter reads as its number.
fn entry(item: &Item) -> Result<Entry> {
    let value = match item.get("value") {
        Some(AttributeValue::S(json)) => serde_json::from_str(json).map_err(Error::internal)?,
        _ => integer(item, "count")?.into(),
    };
    let expires = Timestamp::from_second(integer(item, "expires")?).map_err(Error::internal)?;
    Ok(Entry { value, expires })
}

fn integer(item: &Item, name: &str) -> Result<i64> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| Error::internal(format!("a key-value item without a number `{name}`")))
}
