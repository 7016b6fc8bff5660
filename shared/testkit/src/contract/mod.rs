//! The contract of each port as a suite of checks. Every adapter passes the same: the one on AWS over an emulator, the
//! local twin over its own store. A failed check panics with the promise that was broken.
//!
//! Each suite uses names of its own in what it is given, made by [`unique`], so that it can run twice.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken promise ends the test"
)]

mod fetch;
mod files;
mod key_value;
mod mailer;
mod queue;
mod secrets;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

pub use fetch::{Fetched, http_get};
pub use files::{LinkChecks, files_contract};
use jiff::Timestamp;
pub use key_value::key_value_contract;
pub use mailer::{mailer_contract, sample_mail};
use ports::{BoxFuture, Clock, Random, SystemRandom};
pub use queue::queue_contract;
pub use secrets::secrets_contract;

/// How a suite follows a signed link.
pub type Fetch<'a> = &'a (dyn Fn(String) -> BoxFuture<'static, Fetched> + Sync);

/// A clock that stands still until it is moved.
pub struct StandingClock(Mutex<Timestamp>);

impl StandingClock {
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name that no other run uses.
pub fn unique(stem: &str) -> String {
    format!("{stem}-{}", SystemRandom.uuid().simple())
}
