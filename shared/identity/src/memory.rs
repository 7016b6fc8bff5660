//! A key-value store and a clock in memory, for the tests of this crate.

use std::{collections::HashMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};
use ports::{BoxFuture, Clock, Entry, KeyValue, Result};
use serde_json::json;

pub(crate) struct Memory {
    now: Mutex<Timestamp>,
    pub(crate) entries: Mutex<HashMap<String, Entry>>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            now: Mutex::new(Timestamp::from_second(1_800_000_000).unwrap()),
            entries: Mutex::default(),
        }
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.now.lock().unwrap() += by;
    }

    fn unexpired(&self, key: &str) -> Option<Entry> {
        let entry = self.entries.lock().unwrap().get(key).cloned()?;
        (entry.expires > self.now()).then_some(entry)
    }

    fn insert(&self, key: &str, entry: Entry) {
        self.entries.lock().unwrap().insert(key.to_owned(), entry);
    }
}

impl Clock for Memory {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

impl KeyValue for Memory {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Entry>>> {
        Box::pin(async move { Ok(self.unexpired(key)) })
    }
    fn put<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.insert(key, entry);
            Ok(())
        })
    }
    fn put_if_absent<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let is_free = self.unexpired(key).is_none();
            if is_free {
                self.insert(key, entry);
            }
            Ok(is_free)
        })
    }
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.entries.lock().unwrap().remove(key);
            Ok(())
        })
    }
    fn add<'a>(&'a self, key: &'a str, by: i64, expires: Timestamp) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async move {
            let running = self.unexpired(key);
            let count = running
                .as_ref()
                .and_then(|entry| entry.value.as_i64())
                .unwrap_or(0)
                + by;
            let expires = running.map_or(expires, |entry| entry.expires);
            self.insert(
                key,
                Entry {
                    value: json!(count),
                    expires,
                },
            );
            Ok(count)
        })
    }
}
