//! Secrets by name. In AWS the name is a path in SSM Parameter Store, `/commonweal/<environment>/<name>`.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::{BoxFuture, Clock, Result};

/// A secret text: shown by nothing but [`Secret::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

pub trait Secrets: Send + Sync {
    /// The secret of this name, e.g. `token-key` or `voter-file/api-key`.
    ///
    /// # Errors
    /// A missing one is `Internal` and its source names the full path.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret>>;
}

/// How long a secret is believed before it is read again: a rotation is seen within this time.
const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// Reads each secret once and keeps it for five minutes.
pub struct CachedSecrets<S> {
    inner: S,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<String, (Secret, Timestamp)>>,
}

impl<S: Secrets> CachedSecrets<S> {
    pub fn new(inner: S, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            clock,
            known: Mutex::default(),
        }
    }
}

impl<S: Secrets> Secrets for CachedSecrets<S> {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret>> {
        Box::pin(async move {
            let now = self.clock.now();
            if let Some((secret, read)) = self
                .known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(name)
                && now.duration_since(*read) < LIFE
            {
                return Ok(secret.clone());
            }
            let secret = self.inner.get(name).await?;
            self.known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(name.to_owned(), (secret.clone(), now));
            Ok(secret)
        })
    }
}
