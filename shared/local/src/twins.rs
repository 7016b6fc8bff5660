//! The twins of one machine, and the context that each function gets of them: what it declared, and nothing else.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use app::{Context, Function, Need, Settings, Trigger};
use percent_encoding::percent_decode_str;
use ports::{
    Address, BoxFuture, Delivery, Error, Outgoing, Ports, Queue, QueueDepth, Result, Secret, Secrets,
    SystemRandom, Undeclared,
};
use serde_json::Value;
use store::{Database, DatabaseSettings, Password};

use crate::{
    Home, LocalFiles, LocalKeyValue, LocalMailer, LocalQueue, LocalSecrets, MovableClock, openid_provider,
    schema,
};

/// Connections at once of each function: as in a Lambda, so that a handler which waits for a second one while it holds the
/// first is noticed here.
const CONNECTIONS: usize = 1;
/// Connections of the host itself.
const OWN_CONNECTIONS: usize = 8;

/// Everything that AWS would be.
#[derive(Clone)]
pub struct Twins {
    pub home: Home,
    /// As the log-in user, which owns everything. Its queue is the local one.
    pub owner: Database,
    pub clock: Arc<MovableClock>,
    pub files: Arc<LocalFiles>,
    pub queue: Arc<LocalQueue>,
    pub secrets: Arc<LocalSecrets>,
    pub key_value: Arc<LocalKeyValue>,
    pub mailer: Arc<LocalMailer>,
    /// Of each function.
    pub settings: DatabaseSettings,
    /// `http://127.0.0.1:4000`.
    pub base: String,
}

impl Twins {
    /// Opens them and makes their tables.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer, `Internal` where the state folder cannot be written.
    pub async fn open(home: Home, mut settings: DatabaseSettings, base: impl Into<String>) -> Result<Self> {
        let base = base.into();
        let clock = Arc::new(MovableClock::open(&home));
        let mut owner = settings.clone();
        owner.connections = OWN_CONNECTIONS;
        settings.connections = CONNECTIONS;
        let own = |queue: Arc<dyn Queue>| {
            Database::new(owner.clone(), queue, clock.clone(), Arc::new(SystemRandom))
        };
        let plain = own(Arc::new(Undeclared))?;
        schema::prepare(&plain).await?;
        let queue = Arc::new(LocalQueue::new(plain.clone(), clock.clone()));
        Ok(Self {
            files: Arc::new(LocalFiles::open(&home, base.clone(), clock.clone())?),
            secrets: Arc::new(LocalSecrets::open(&home)),
            key_value: Arc::new(LocalKeyValue::new(plain.clone(), clock.clone())),
            mailer: Arc::new(LocalMailer::new(plain, clock.clone())),
            owner: own(queue.clone())?,
            queue,
            clock,
            home,
            settings,
            base,
        })
    }

    /// The context of one function. What it did not declare answers each call with an error that says so, as it would be
    /// refused in AWS.
    ///
    /// # Errors
    /// `Internal` where a need names a variable that nothing here provides.
    pub fn context(&self, function: &Function) -> Result<Context> {
        let mut ports = Ports {
            clock: self.clock.clone(),
            ..Ports::undeclared()
        };
        let mut queues = Vec::new();
        let mut any_queue = false;
        let mut secrets = Vec::new();
        let mut variables = BTreeMap::new();
        let mut database = None;
        for need in function.needs {
            match need {
                Need::Database => database = Some(Some(format!("commonweal_{}", function.service()))),
                Need::DatabaseOwner => database = Some(None),
                Need::Files => ports.files = self.files.clone(),
                Need::Queue(name) => queues.push(*name),
                Need::AllQueues => any_queue = true,
                Need::Secret(name) => secrets.push(*name),
                Need::KeyValue => ports.key_value = self.key_value.clone(),
                Need::Mail => ports.mailer = self.mailer.clone(),
                Need::Internet(name) => {
                    let value = self.variable(name).ok_or_else(|| {
                        Error::internal(format!("{}: nothing here stands in for {name}", function.name))
                    })?;
                    variables.insert((*name).to_owned(), value);
                }
                Need::ConfiguredProviders | Need::Deployment => {}
            }
        }
        let consumes = matches!(function.trigger, Trigger::Queue { .. }).then_some(function.name);
        if any_queue || !queues.is_empty() || consumes.is_some() {
            ports.queue = Arc::new(DeclaredQueues {
                inner: self.queue.clone(),
                sends_to: (!any_queue).then_some(queues),
                consumes,
            });
        }
        if !secrets.is_empty() {
            ports.secrets = Arc::new(DeclaredSecrets {
                inner: self.secrets.clone(),
                names: secrets,
            });
        }
        let mut settings = self.settings.clone();
        match database {
            Some(role) => settings.role = role,
            None => {
                // A port that nobody listens on: a function that uses the database must say so.
                settings.port = 1;
                settings.name = "undeclared".to_owned();
            }
        }
        let database = Database::new(
            settings,
            ports.queue.clone(),
            ports.clock.clone(),
            ports.random.clone(),
        )?;
        let settings = Settings {
            environment: "local".to_owned(),
            public_url: self.base.clone(),
            mail_from: Address {
                name: Some("Commonweal".to_owned()),
                email: "no-reply@commonweal.example".to_owned(),
            },
            variables,
        };
        Ok(Context::new(database, ports, settings))
    }

    /// Lists the local provider of OpenID Connect in the secrets that list providers, where they have no value yet. Where it
    /// is listed already its address is made the present one: another port is another issuer.
    ///
    /// # Errors
    /// `Internal` where the secrets cannot be written.
    pub async fn offer_providers(&self) -> Result<()> {
        let ours = openid_provider::PATH;
        for (name, listed) in [
            (
                identity::oidc::PROVIDERS,
                openid_provider::configuration(&self.base),
            ),
            (
                identity::token_issuer::SECRET,
                openid_provider::token_configuration(&self.base),
            ),
        ] {
            let Ok(known) = self.secrets.get(name).await else {
                self.secrets.set(name, &listed.to_string())?;
                continue;
            };
            // What is no list was written by somebody, who is told by whatever reads it.
            let Ok(mut wanted) = serde_json::from_str::<Value>(known.expose()) else {
                continue;
            };
            for entry in wanted.as_array_mut().into_iter().flatten() {
                if entry["issuer"]
                    .as_str()
                    .is_some_and(|issuer| issuer.ends_with(ours))
                {
                    entry["issuer"] = Value::from(format!("{}{ours}", self.base));
                }
            }
            if serde_json::from_str::<Value>(known.expose()).ok().as_ref() != Some(&wanted) {
                self.secrets.set(name, &wanted.to_string())?;
            }
        }
        Ok(())
    }

    /// Where the twins of providers are.
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "VOTER_FILE_URL" => Some(format!("{}/_local/providers/voter-file", self.base)),
            "OECI_URL" => Some(format!("{}{}", self.base, crate::court_site::PATH)),
            _ => None,
        }
    }
}

/// The queues that a function declared: it may send to some, and works off the one of its own name.
struct DeclaredQueues {
    inner: Arc<LocalQueue>,
    /// `None`: to all.
    sends_to: Option<Vec<&'static str>>,
    consumes: Option<&'static str>,
}

impl DeclaredQueues {
    fn check_consumer(&self, queue: &str) -> Result<()> {
        if self.consumes == Some(queue) {
            return Ok(());
        }
        Err(Error::internal(format!(
            "this function does not work off the queue {queue}"
        )))
    }
}

impl Queue for DeclaredQueues {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Result<Vec<Result<()>>>> {
        let undeclared = messages.iter().find(|message| {
            self.sends_to
                .as_ref()
                .is_some_and(|names| !names.contains(&message.queue.as_str()))
        });
        match undeclared {
            Some(message) => {
                let what = format!(
                    "this function does not declare that it needs the queue {}",
                    message.queue
                );
                Box::pin(async move { Err(Error::internal(what)) })
            }
            None => self.inner.send(messages),
        }
    }
    fn receive<'a>(
        &'a self,
        queue: &'a str,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Delivery>>> {
        Box::pin(async move {
            self.check_consumer(queue)?;
            self.inner.receive(queue, max, wait, visibility).await
        })
    }
    fn delete<'a>(&'a self, queue: &'a str, receipt: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.check_consumer(queue)?;
            self.inner.delete(queue, receipt).await
        })
    }
    fn retry<'a>(&'a self, queue: &'a str, receipt: &'a str, after: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.check_consumer(queue)?;
            self.inner.retry(queue, receipt, after).await
        })
    }
    fn bury<'a>(
        &'a self,
        queue: &'a str,
        delivery: &'a Delivery,
        reason: &'a str,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.check_consumer(queue)?;
            self.inner.bury(queue, delivery, reason).await
        })
    }
    fn depth<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueDepth>> {
        self.inner.depth(queue)
    }
}

struct DeclaredSecrets {
    inner: Arc<LocalSecrets>,
    names: Vec<&'static str>,
}

impl Secrets for DeclaredSecrets {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret>> {
        if self.names.contains(&name) {
            return self.inner.get(name);
        }
        Box::pin(async move {
            Err(Error::internal(format!(
                "this function does not declare that it needs the secret {name}"
            )))
        })
    }
}

/// Reads `postgres://user:password@host:port/name`.
///
/// # Errors
/// `Internal` where it is of another form.
pub fn database_settings(url: &str) -> Result<DatabaseSettings> {
    let wrong = || Error::internal("DATABASE_URL must be postgres://user:password@host:port/name");
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"))
        .ok_or_else(wrong)?;
    let rest = rest.split('?').next().unwrap_or(rest);
    let (authority, name) = rest.split_once('/').ok_or_else(wrong)?;
    let (login, server) = authority.rsplit_once('@').ok_or_else(wrong)?;
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (login, None),
    };
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
        None => (server, 5432),
    };
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    if user.is_empty() || host.is_empty() || name.is_empty() {
        return Err(wrong());
    }
    Ok(DatabaseSettings {
        host: plain(host.trim_matches(['[', ']'])),
        port,
        name: plain(name),
        user: plain(user),
        role: None,
        password: password.map(|text| Arc::new(Fixed(Secret::new(plain(text)))) as Arc<dyn Password>),
        ca: None,
        connections: OWN_CONNECTIONS,
    })
}

/// The password of the address itself.
struct Fixed(Secret);

impl Password for Fixed {
    fn password(&self) -> BoxFuture<'_, Result<Secret>> {
        let secret = self.0.clone();
        Box::pin(async move { Ok(secret) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let settings =
            database_settings("postgres://me:p%40ss@db.local:6000/common?sslmode=disable").unwrap();
        assert_eq!(
            (
                settings.user.as_str(),
                settings.host.as_str(),
                settings.port,
                settings.name.as_str()
            ),
            ("me", "db.local", 6000, "common")
        );
        assert!(settings.password.is_some());
        assert_eq!(
            database_settings("postgresql://me@localhost/x").unwrap().port,
            5432
        );
        for wrong in [
            "",
            "mysql://a@b/c",
            "postgres://host/name",
            "postgres://a@b",
            "postgres://a@b:x/c",
        ] {
            assert!(database_settings(wrong).is_err(), "{wrong}");
        }
    }
}
