//! What lives short: sessions, idempotency records, rate-limit buckets, cached provider answers. DynamoDB is the model.
//!
//! Every entry expires; an expired one is never returned, whether or not the store has already swept it.

use jiff::Timestamp;
use serde_json::Value;

use crate::{BoxFuture, Result};

/// A value and when it ends. At most 300 KiB as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub value: Value,
    pub expires: Timestamp,
}

/// Keys are `<kind>#<id>`, at most 1,024 bytes, and never hold personal data.
pub trait KeyValue: Send + Sync {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Entry>>>;

    /// Writes, replacing what was there.
    fn put<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<()>>;

    /// Writes only where nothing unexpired is; `false` where something is. Of many callers at once exactly one gets `true`.
    fn put_if_absent<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<bool>>;

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Adds `by` to a counter and returns its new value. A new or expired counter starts at 0 and ends at `expires`; a
    /// running one keeps its end. Atomic.
    fn add<'a>(&'a self, key: &'a str, by: i64, expires: Timestamp) -> BoxFuture<'a, Result<i64>>;
}
