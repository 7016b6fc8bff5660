//! Sessions: on our side in the key-value store, under a digest of the token that only the browser holds.
//!
//! A token is made anew whenever its holder gains or changes rights (sign-in, second factor, new password, another
//! organisation), so that one planted or seen before is worth nothing after. The database keeps a row per session as well
//! (device, start, end), by which it is listed and revoked; what ended there is refused whatever the key-value store says.

use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Entry, Error, KeyValue, Random, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Token;

/// A session ends when it was not used for this long.
pub const IDLE_LIFE: SignedDuration = SignedDuration::from_hours(2);
/// And after this long in any case.
pub const ABSOLUTE_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// How long a password may wait for its one-time code.
pub const PENDING_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How long after proving who they are (all factors) somebody may change how they do it.
pub const PROOF_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Use is noted at most this often: not every page view is a write.
const TOUCH: SignedDuration = SignedDuration::from_mins(1);

/// How far somebody has come in signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The password was right; the one-time code is still asked for. Opens nothing else.
    Password,
    Complete,
}

/// What is kept of a session. Ids only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The id of its row in the database; the same through all rotations.
    pub id: Uuid,
    pub account: Uuid,
    /// The organisation that is worked in.
    pub tenant: Option<Uuid>,
    pub stage: Stage,
    pub created: Timestamp,
    pub seen: Timestamp,
    /// When they last proved again, in this session, who they are.
    #[serde(default)]
    pub proven: Option<Timestamp>,
    /// Where somebody else said who this is.
    #[serde(default)]
    pub provider: Option<ProviderSession>,
}

/// The sign-in at a provider of OpenID Connect that a session stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSession {
    /// The provider's id in our configuration.
    pub id: String,
    /// `sid`, by which the provider ends it.
    pub session: Option<String>,
    /// It asked for a second factor, and is trusted in that.
    pub has_second_factor: bool,
}

impl Session {
    /// Did its owner prove within [`PROOF_LIFE`] who they are, by signing in or again since? Whoever finds an open browser did
    /// not.
    #[must_use]
    pub fn is_proven(&self, now: Timestamp) -> bool {
        self.stage == Stage::Complete && now.duration_since(self.proven.unwrap_or(self.created)) < PROOF_LIFE
    }

    /// Was a second factor proven by the provider of this sign-in? It does for this session as one's own does.
    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.provider
            .as_ref()
            .is_some_and(|provider| provider.has_second_factor)
    }

    fn expires(&self) -> Timestamp {
        let (idle, absolute) = match self.stage {
            Stage::Password => (PENDING_LIFE, PENDING_LIFE),
            Stage::Complete => (IDLE_LIFE, ABSOLUTE_LIFE),
        };
        (self.seen + idle).min(self.created + absolute)
    }
}

/// The sessions of the key-value store.
pub struct Sessions<'a> {
    pub key_value: &'a dyn KeyValue,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
}

fn key(digest: &str) -> String {
    format!("session#{digest}")
}

impl Sessions<'_> {
    /// Begins a session under a new token.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn begin(
        &self,
        id: Uuid,
        account: Uuid,
        tenant: Option<Uuid>,
        stage: Stage,
    ) -> Result<(Token, Session)> {
        self.begin_at(id, account, tenant, stage, None).await
    }

    /// [`Sessions::begin`], of somebody who signed in at a provider.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn begin_at(
        &self,
        id: Uuid,
        account: Uuid,
        tenant: Option<Uuid>,
        stage: Stage,
        provider: Option<ProviderSession>,
    ) -> Result<(Token, Session)> {
        let now = self.clock.now();
        let session = Session {
            id,
            account,
            tenant,
            stage,
            created: now,
            seen: now,
            proven: None,
            provider,
        };
        let token = Token::new(self.random);
        self.write(&token, &session).await?;
        Ok((token, session))
    }

    /// The session of a token, if it has not ended; its use is noted.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn find(&self, token: &Token) -> Result<Option<Session>> {
        let Some(entry) = self.key_value.get(&key(&token.digest())).await? else {
            return Ok(None);
        };
        let mut session: Session =
            serde_json::from_value(entry.value).map_err(|_| Error::internal("a session of another shape"))?;
        let now = self.clock.now();
        if session.expires() <= now {
            return Ok(None);
        }
        if session.stage == Stage::Complete && now.duration_since(session.seen) >= TOUCH {
            session.seen = now;
            self.write(token, &session).await?;
        }
        Ok(Some(session))
    }

    /// Puts a session under a new token and ends the old one. A session that completes its sign-in starts its time anew.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn rotate(&self, old: &Token, mut session: Session, stage: Stage) -> Result<(Token, Session)> {
        let now = self.clock.now();
        if session.stage != stage {
            session.created = now;
        }
        session.stage = stage;
        session.seen = now;
        let token = Token::new(self.random);
        self.write(&token, &session).await?;
        self.end(&old.digest()).await?;
        Ok((token, session))
    }

    /// Ends the session of this digest.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn end(&self, digest: &str) -> Result<()> {
        self.key_value.delete(&key(digest)).await
    }

    async fn write(&self, token: &Token, session: &Session) -> Result<()> {
        let entry = Entry {
            value: serde_json::to_value(session).map_err(Error::internal)?,
            expires: session.expires(),
        };
        self.key_value.put(&key(&token.digest()), entry).await
    }
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;
    use crate::memory::Memory;

    fn sessions(memory: &Memory) -> Sessions<'_> {
        Sessions {
            key_value: memory,
            clock: memory,
            random: &SystemRandom,
        }
    }

    async fn begin(memory: &Memory, stage: Stage) -> (Token, Session) {
        sessions(memory)
            .begin(Uuid::from_u128(1), Uuid::from_u128(2), None, stage)
            .await
            .unwrap()
    }

    async fn lives(memory: &Memory, token: &Token) -> bool {
        sessions(memory).find(token).await.unwrap().is_some()
    }

    #[tokio::test]
    async fn the_token_itself_is_stored_nowhere() {
        let memory = Memory::new();
        let (token, _) = begin(&memory, Stage::Complete).await;
        let stored = format!("{:?}", memory.entries.lock().unwrap());
        assert!(!stored.contains(token.expose()));
        assert!(stored.contains(&token.digest()));
    }

    #[tokio::test]
    async fn it_ends_when_idle() {
        let memory = Memory::new();
        let (token, _) = begin(&memory, Stage::Complete).await;
        memory.advance(IDLE_LIFE - SignedDuration::from_secs(1));
        assert!(lives(&memory, &token).await);
        memory.advance(IDLE_LIFE - SignedDuration::from_secs(1));
        assert!(lives(&memory, &token).await, "use keeps it");
        memory.advance(IDLE_LIFE);
        assert!(!lives(&memory, &token).await);
    }

    #[tokio::test]
    async fn it_ends_after_half_a_day_however_busy() {
        let memory = Memory::new();
        let (token, _) = begin(&memory, Stage::Complete).await;
        for _ in 0..11 {
            memory.advance(SignedDuration::from_hours(1));
            assert!(lives(&memory, &token).await);
        }
        memory.advance(SignedDuration::from_hours(1));
        assert!(!lives(&memory, &token).await);
    }

    #[tokio::test]
    async fn a_password_waits_ten_minutes_for_its_code() {
        let memory = Memory::new();
        let (token, session) = begin(&memory, Stage::Password).await;
        memory.advance(PENDING_LIFE - SignedDuration::from_secs(1));
        assert!(lives(&memory, &token).await);
        let rotated = sessions(&memory)
            .rotate(&token, session, Stage::Complete)
            .await
            .unwrap();
        assert!(!lives(&memory, &token).await, "the old token is worth nothing");
        memory.advance(SignedDuration::from_hours(1));
        assert!(lives(&memory, &rotated.0).await);
        assert_eq!(rotated.1.id, Uuid::from_u128(1));

        let (pending, _) = begin(&memory, Stage::Password).await;
        memory.advance(PENDING_LIFE);
        assert!(!lives(&memory, &pending).await);
    }

    #[tokio::test]
    async fn what_is_ended_is_gone() {
        let memory = Memory::new();
        let (token, _) = begin(&memory, Stage::Complete).await;
        sessions(&memory).end(&token.digest()).await.unwrap();
        assert!(!lives(&memory, &token).await);
    }
}
