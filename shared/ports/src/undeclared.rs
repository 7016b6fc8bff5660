//! The port that a function did not declare: every call says so.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    Area, BoxFuture, Delivery, Deployments, Entry, Error, FileKey, Files, KeyValue, Mail, Mailer, NewVersion,
    Outgoing, PutFile, Queue, QueueDepth, Result, Secret, Secrets, StoredFile, Upload,
};

/// Stands in for each port that is not among a function's `needs`.
pub struct Undeclared;

fn refuse<'a, T: Send + 'a>(port: &'static str) -> BoxFuture<'a, Result<T>> {
    Box::pin(async move {
        Err(Error::internal(format!(
            "this function does not declare that it needs {port}"
        )))
    })
}

impl Files for Undeclared {
    fn put<'a>(&'a self, _: Area, _: &'a FileKey, _: Bytes, _: PutFile) -> BoxFuture<'a, Result<()>> {
        refuse("Files")
    }
    fn get<'a>(&'a self, _: Area, _: &'a FileKey, _: usize) -> BoxFuture<'a, Result<Option<StoredFile>>> {
        refuse("Files")
    }
    fn begin<'a>(&'a self, _: Area, _: &'a FileKey, _: PutFile) -> BoxFuture<'a, Result<Box<dyn Upload>>> {
        refuse("Files")
    }
    fn delete<'a>(&'a self, _: Area, _: &'a FileKey) -> BoxFuture<'a, Result<()>> {
        refuse("Files")
    }
    fn signed_url<'a>(&'a self, _: Area, _: &'a FileKey, _: Duration) -> BoxFuture<'a, Result<String>> {
        refuse("Files")
    }
}

impl Queue for Undeclared {
    fn send<'a>(&'a self, _: &'a [Outgoing]) -> BoxFuture<'a, Result<Vec<Result<()>>>> {
        refuse("Queue")
    }
    fn receive<'a>(
        &'a self,
        _: &'a str,
        _: usize,
        _: Duration,
        _: Duration,
    ) -> BoxFuture<'a, Result<Vec<Delivery>>> {
        refuse("Queue")
    }
    fn delete<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<()>> {
        refuse("Queue")
    }
    fn retry<'a>(&'a self, _: &'a str, _: &'a str, _: Duration) -> BoxFuture<'a, Result<()>> {
        refuse("Queue")
    }
    fn bury<'a>(&'a self, _: &'a str, _: &'a Delivery, _: &'a str) -> BoxFuture<'a, Result<()>> {
        refuse("Queue")
    }
    fn depth<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<QueueDepth>> {
        refuse("Queue")
    }
}

impl Secrets for Undeclared {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Secret>> {
        refuse("Secrets")
    }
}

impl KeyValue for Undeclared {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Entry>>> {
        refuse("KeyValue")
    }
    fn put<'a>(&'a self, _: &'a str, _: Entry) -> BoxFuture<'a, Result<()>> {
        refuse("KeyValue")
    }
    fn put_if_absent<'a>(&'a self, _: &'a str, _: Entry) -> BoxFuture<'a, Result<bool>> {
        refuse("KeyValue")
    }
    fn delete<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<()>> {
        refuse("KeyValue")
    }
    fn add<'a>(&'a self, _: &'a str, _: i64, _: Timestamp) -> BoxFuture<'a, Result<i64>> {
        refuse("KeyValue")
    }
}

impl Mailer for Undeclared {
    fn send<'a>(&'a self, _: &'a Mail) -> BoxFuture<'a, Result<()>> {
        refuse("Mail")
    }
}

impl Deployments for Undeclared {
    fn new_versions<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<NewVersion>>> {
        refuse("Deployment")
    }
    fn invoke<'a>(&'a self, _: &'a NewVersion, _: &'a Value) -> BoxFuture<'a, Result<Value>> {
        refuse("Deployment")
    }
    fn report<'a>(&'a self, _: &'a str, _: &'a str, _: bool) -> BoxFuture<'a, Result<()>> {
        refuse("Deployment")
    }
}
