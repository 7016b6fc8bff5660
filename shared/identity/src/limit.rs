//! Limits of how often: fixed windows, counted in the key-value store.
//!
//! A window starts at a multiple of its length, so across its border up to twice the limit may pass; every number here is
//! chosen so that twice of it is still harmless.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Error, KeyValue, Kind, Result};

/// So many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Part of the counter's key.
    pub name: &'static str,
    pub most: i64,
    /// Whole seconds, at least one.
    pub window: SignedDuration,
}

/// Wrong passwords of one account.
pub const SIGN_IN_ACCOUNT: Limit = Limit::new("sign-in-account", 10, SignedDuration::from_mins(15));
/// Attempts to sign in from one address: an office may sit behind it.
pub const SIGN_IN_ADDRESS: Limit = Limit::new("sign-in-address", 100, SignedDuration::from_mins(15));
/// Challenges for passkeys asked for from one address: each is an entry of five minutes.
pub const PASSKEY_OPTIONS: Limit = Limit::new("passkey-options", 100, SignedDuration::from_mins(15));
/// Wrong one-time codes of one account. Ten in an hour find one of a million (three are valid at a time) in centuries.
pub const SECOND_FACTOR: Limit = Limit::new("second-factor", 10, SignedDuration::from_hours(1));
/// Mails to one address that somebody asked for.
pub const MAIL_ACCOUNT: Limit = Limit::new("mail-account", 3, SignedDuration::from_hours(1));
/// Mails asked for from one address.
pub const MAIL_ADDRESS: Limit = Limit::new("mail-address", 30, SignedDuration::from_hours(1));
/// Invitations of one organisation.
pub const INVITATIONS: Limit = Limit::new("invitations", 50, SignedDuration::from_hours(1));
/// Calls with one API key.
pub const API_KEY_MINUTE: Limit = Limit::new("api-key-minute", 300, SignedDuration::from_mins(1));

impl Limit {
    #[must_use]
    pub const fn new(name: &'static str, most: i64, window: SignedDuration) -> Self {
        Self { name, most, window }
    }

    /// Counts one for a subject, which must be no personal data (see [`crate::Purpose::LimitSubject`]).
    ///
    /// # Errors
    /// `TooMany` with the time to the end of the window where the limit is passed; what the store answers.
    pub async fn take(&self, kv: &dyn KeyValue, clock: &dyn Clock, subject: &str) -> Result<()> {
        let now = clock.now();
        let (key, ends) = self.counter(subject, now)?;
        if kv.add(&key, 1, ends).await? <= self.most {
            return Ok(());
        }
        let wait = Duration::try_from(ends.duration_since(now)).unwrap_or_default();
        Err(Error::new(
            Kind::TooMany(wait.max(Duration::from_secs(1))),
            "too_many",
            "Too many attempts. Please try again later.",
        ))
    }

    /// Forgets what was counted for a subject in the present window.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn forget(&self, kv: &dyn KeyValue, clock: &dyn Clock, subject: &str) -> Result<()> {
        let (key, _) = self.counter(subject, clock.now())?;
        kv.delete(&key).await
    }

    fn counter(&self, subject: &str, now: Timestamp) -> Result<(String, Timestamp)> {
        let window = self.window.as_secs().max(1);
        let index = now.as_second().div_euclid(window);
        let ends = Timestamp::from_second((index + 1) * window).map_err(Error::internal)?;
        Ok((format!("limit#{}#{subject}#{index}", self.name), ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    const FEW: Limit = Limit::new("few", 3, SignedDuration::from_mins(10));

    #[tokio::test]
    async fn the_limit_holds_for_its_window_and_subject() {
        let memory = Memory::new();
        let take = async |subject| FEW.take(&memory, &memory, subject).await;
        for _ in 0..3 {
            take("a").await.unwrap();
        }
        let error = take("a").await.unwrap_err();
        let Kind::TooMany(wait) = error.kind() else {
            panic!("{error:?}")
        };
        assert!(wait <= Duration::from_secs(600) && wait >= Duration::from_secs(1));
        take("b").await.unwrap();
        memory.advance(SignedDuration::try_from(wait).unwrap());
        take("a").await.unwrap();
    }

    #[tokio::test]
    async fn what_is_forgotten_counts_anew() {
        let memory = Memory::new();
        for _ in 0..5 {
            let _ = FEW.take(&memory, &memory, "a").await;
        }
        FEW.forget(&memory, &memory, "a").await.unwrap();
        FEW.take(&memory, &memory, "a").await.unwrap();
    }
}
