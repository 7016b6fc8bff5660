//! Challenges: what an authenticator must sign, so that no answer of another time or another browser is taken.

use data_encoding::BASE64URL_NOPAD;
use jiff::SignedDuration;
use ports::{Clock, Entry, Error, KeyValue, Random, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Token;

/// How long a challenge waits for its answer.
pub const CHALLENGE_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// What a challenge is for: one for signing in makes no passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    Register,
    Authenticate,
}

impl Ceremony {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Authenticate => "authenticate",
        }
    }
}

/// 256 random bits, and whose passkey is asked for, where that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    challenge: String,
    pub account: Option<Uuid>,
}

impl Challenge {
    /// As it travels: base64url without padding.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.challenge
    }

    /// # Errors
    /// `Internal` where what was stored is no challenge.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        BASE64URL_NOPAD
            .decode(self.challenge.as_bytes())
            .map_err(|_| Error::internal("a challenge of another shape"))
    }
}

/// The challenges in the key-value store: the last one of each ceremony, for the holder of a token.
pub struct Challenges<'a> {
    pub key_value: &'a dyn KeyValue,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
}

impl Challenges<'_> {
    /// # Errors
    /// What the store answers.
    pub async fn begin(&self, ceremony: Ceremony, token: &Token, account: Option<Uuid>) -> Result<Challenge> {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        let challenge = Challenge {
            challenge: BASE64URL_NOPAD.encode(&bytes),
            account,
        };
        let entry = Entry {
            value: serde_json::to_value(&challenge).map_err(Error::internal)?,
            expires: self.clock.now() + CHALLENGE_LIFE,
        };
        self.key_value.put(&key(ceremony, token), entry).await?;
        Ok(challenge)
    }

    /// Takes the challenge away: of any number of callers one gets it, whatever its answer turns out to be worth.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn take(&self, ceremony: Ceremony, token: &Token) -> Result<Option<Challenge>> {
        let key = key(ceremony, token);
        let Some(entry) = self.key_value.get(&key).await? else {
            return Ok(None);
        };
        let challenge: Challenge = serde_json::from_value(entry.value)
            .map_err(|_| Error::internal("a challenge of another shape"))?;
        // Two may have read it before one deletes it.
        let used = Entry {
            value: serde_json::Value::Bool(true),
            expires: self.clock.now() + CHALLENGE_LIFE,
        };
        let mark = format!("passkey-challenge-used#{}", challenge.expose());
        if !self.key_value.put_if_absent(&mark, used).await? {
            return Ok(None);
        }
        self.key_value.delete(&key).await?;
        Ok(Some(challenge))
    }
}

fn key(ceremony: Ceremony, token: &Token) -> String {
    format!("passkey-challenge#{}#{}", ceremony.as_str(), token.digest())
}
