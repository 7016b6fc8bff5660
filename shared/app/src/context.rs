//! What a handler is given: the database and the ports of its process, opened once.

use std::{collections::BTreeMap, ops::Deref, sync::Arc};

use ports::{Address, Clock, Error, Files, KeyValue, Mail, Mailer, Ports, Random, Result, Secrets};
use store::Database;

/// Plain settings, read once from the environment (or given by the local host).
#[derive(Clone, Debug)]
pub struct Settings {
    /// `local`, `dev`, `stage` or `prod`.
    pub environment: String,
    /// Where people reach us, without a slash at the end: links in mails start with it.
    pub public_url: String,
    pub mail_from: Address,
    /// Further settings that a need names, e.g. `VOTER_FILE_URL`.
    pub variables: BTreeMap<String, String>,
}

impl Settings {
    /// # Errors
    /// `Internal`, naming the variable that is not set.
    pub fn variable(&self, name: &str) -> Result<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| Error::internal(format!("the setting {name} is missing")))
    }

    /// An absolute link to one of our own paths.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}

/// Cheap to clone; the same for all events of a process.
#[derive(Clone)]
pub struct Context(Arc<Parts>);

pub struct Parts {
    pub db: Database,
    pub ports: Ports,
    pub settings: Settings,
}

impl Context {
    pub fn new(db: Database, ports: Ports, settings: Settings) -> Self {
        Self(Arc::new(Parts { db, ports, settings }))
    }

    pub fn files(&self) -> &dyn Files {
        &*self.ports.files
    }

    pub fn secrets(&self) -> &dyn Secrets {
        &*self.ports.secrets
    }

    pub fn key_value(&self) -> &dyn KeyValue {
        &*self.ports.key_value
    }

    pub fn mailer(&self) -> &dyn Mailer {
        &*self.ports.mailer
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.ports.clock
    }

    pub fn random(&self) -> &dyn Random {
        &*self.ports.random
    }

    /// Sends a mail unless one with its id was sent: see [`ports::send_once`].
    ///
    /// # Errors
    /// What the provider or the key-value store answers.
    pub async fn send_once(&self, mail: &Mail) -> Result<bool> {
        ports::send_once(self.mailer(), self.key_value(), self.clock(), mail).await
    }
}

impl Deref for Context {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
