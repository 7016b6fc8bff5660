//! The connections of one process: one in a Lambda, a few in the local host.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ports::{Clock, Error, Queue, Random, Result};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{Client, Config, NoTls, Statement, config::SslMode, types::ToSql, types::Type};

use crate::{
    DatabaseSettings, Param, Query, Row, Sql,
    failure::{failure, is_connection_lost},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a request waits for a free connection of this process.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);
/// Set for each session beside the role's own settings; a local log-in user does not have those.
const SESSION: &str = "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC";

/// The database of one process. Cloning shares it.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    config: Config,
    settings: DatabaseSettings,
    tls: Option<tokio_postgres_rustls::MakeRustlsConnect>,
    idle: Mutex<Vec<Session>>,
    permits: Arc<Semaphore>,
    queue: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A connection and the statements it knows.
struct Session {
    client: Client,
    /// By the statement's text: `None` after its first use here, prepared from the second on. A cold start pays one round trip
    /// for a statement, a warm function gets a prepared plan.
    known: HashMap<Cow<'static, str>, Option<Statement>>,
}

/// Statements that a connection knows at most: those of the program are fewer, lists can be narrowed in any number of ways.
const MOST_KNOWN: usize = 256;

impl Session {
    /// The statement as it is prepared here; `None`: it is asked for the first time, and better sent as it stands.
    async fn prepared(
        &mut self,
        text: Cow<'static, str>,
        params: &[&dyn Param],
    ) -> Result<Option<Statement>, tokio_postgres::Error> {
        match self.known.get(&text) {
            None => {
                if self.known.len() >= MOST_KNOWN {
                    self.known.clear();
                }
                self.known.insert(text, None);
                Ok(None)
            }
            Some(Some(statement)) => Ok(Some(statement.clone())),
            Some(None) => {
                let types: Vec<Type> = params.iter().map(|p| p.sql_type()).collect();
                let statement = self.client.prepare_typed(&text, &types).await?;
                self.known.insert(text, Some(statement.clone()));
                Ok(Some(statement))
            }
        }
    }
}

/// Sends one statement, prepared or as it stands.
async fn send(
    client: &Client,
    text: &str,
    prepared: Option<&Statement>,
    params: &[&dyn Param],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let rows = match prepared {
        Some(statement) => {
            let values: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| *p as &(dyn ToSql + Sync)).collect();
            client.query(statement, &values).await?
        }
        None => {
            let typed: Vec<(&(dyn ToSql + Sync), Type)> = params
                .iter()
                .map(|p| (*p as &(dyn ToSql + Sync), p.sql_type()))
                .collect();
            client.query_typed(text, &typed).await?
        }
    };
    Ok(rows.into_iter().map(Row).collect())
}

impl Database {
    /// Opens nothing yet: the first use connects, or [`Database::warm`].
    ///
    /// # Errors
    /// `Internal` where the CA bundle holds no certificate.
    pub fn new(
        settings: DatabaseSettings,
        queue: Arc<dyn Queue>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        let mut options = SESSION.to_owned();
        if let Some(role) = &settings.role {
            options.push_str(" -c role=");
            options.push_str(role);
        }
        let mut config = Config::new();
        config
            .host(&settings.host)
            .port(settings.port)
            .dbname(&settings.name)
            .user(&settings.user)
            .application_name("commonweal")
            .options(&options)
            .connect_timeout(CONNECT_TIMEOUT)
            .keepalives_idle(Duration::from_secs(60))
            .ssl_mode(if settings.ca.is_some() {
                SslMode::Require
            } else {
                SslMode::Disable
            });
        let tls = settings.ca.as_deref().map(trust).transpose()?;
        Ok(Self(Arc::new(Inner {
            config,
            tls,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(settings.connections)),
            settings,
            queue,
            clock,
            random,
        })))
    }

    /// Connects ahead of the first event.
    ///
    /// # Errors
    /// `Unavailable` where the server does not answer.
    pub async fn warm(&self) -> Result<()> {
        self.lease().await.map(drop)
    }

    /// Where it is: for migrations, which need a session of their own.
    pub fn settings(&self) -> &DatabaseSettings {
        &self.0.settings
    }

    pub(crate) fn queue(&self) -> &dyn Queue {
        &*self.0.queue
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.0.random
    }

    /// A free connection: an idle one that still lives, or a new one.
    pub(crate) async fn lease(&self) -> Result<Lease> {
        let permit = tokio::time::timeout(WAIT_FOR_CONNECTION, Arc::clone(&self.0.permits).acquire_owned())
            .await
            .map_err(|_| Error::unavailable("database_busy", "no free connection in time"))?
            .map_err(Error::internal)?;
        let idle = loop {
            match self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
                Some(session) if session.client.is_closed() => {}
                other => break other,
            }
        };
        let (session, reused) = match idle {
            Some(session) => (session, true),
            None => (self.connect().await?, false),
        };
        Ok(Lease {
            session: Some(session),
            reused,
            database: self.clone(),
            _permit: permit,
        })
    }

    async fn connect(&self) -> Result<Session> {
        let mut config = self.0.config.clone();
        if let Some(password) = &self.0.settings.password {
            config.password(password.password().await?.expose());
        }
        let client = tokio::time::timeout(CONNECT_TIMEOUT, async {
            match &self.0.tls {
                Some(tls) => config.connect(tls.clone()).await.map(|(client, connection)| {
                    drive(connection);
                    client
                }),
                None => config.connect(NoTls).await.map(|(client, connection)| {
                    drive(connection);
                    client
                }),
            }
        })
        .await
        .map_err(|_| Error::unavailable("database_unavailable", "connecting took too long"))?
        .map_err(|error| failure(&error))?;
        Ok(Session {
            client,
            known: HashMap::new(),
        })
    }

    /// All rows of a statement outside a transaction. For reads and statements that may run twice: where the connection
    /// turns out dead, it is tried once more on a new one.
    pub async fn rows(&self, sql: Sql, params: &[&dyn Param]) -> Result<Vec<Row>> {
        let mut lease = self.lease().await?;
        match lease.query(sql, params).await {
            Err(error) if lease.reused && is_connection_lost(&error) => {
                drop(lease);
                self.fresh()
                    .await?
                    .query(sql, params)
                    .await
                    .map_err(|error| failure(&error))
            }
            other => other.map_err(|error| failure(&error)),
        }
    }

    /// The only row.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub async fn one(&self, sql: Sql, params: &[&dyn Param]) -> Result<Row> {
        self.optional(sql, params).await?.ok_or_else(Error::not_found)
    }

    /// The first row, if any.
    pub async fn optional(&self, sql: Sql, params: &[&dyn Param]) -> Result<Option<Row>> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// Runs statements without parameters or answer, such as DDL: for commands and tests. Never put a value of a request into
    /// the text.
    ///
    /// # Errors
    /// As any statement.
    pub async fn batch(&self, text: &str) -> Result<()> {
        self.lease()
            .await?
            .batch(text)
            .await
            .map_err(|error| failure(&error))
    }

    /// After a lost connection every idle one is suspect.
    pub(crate) async fn fresh(&self) -> Result<Lease> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.lease().await
    }
}

/// TLS to a server whose authority is in `pem`.
///
/// # Errors
/// `Internal` where the bundle holds no certificate.
pub fn trust(pem: &[u8]) -> Result<tokio_postgres_rustls::MakeRustlsConnect> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots
            .add(certificate.map_err(Error::internal)?)
            .map_err(Error::internal)?;
    }
    if roots.is_empty() {
        return Err(Error::internal("the database's CA bundle holds no certificate"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the driver's own task; it holds no work of a request"
)]
fn drive<S, T>(connection: tokio_postgres::Connection<S, T>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(lost = is_connection_lost(&error), "the database connection ended");
        }
    });
}

/// A connection in use; it goes back to the idle ones when dropped.
pub(crate) struct Lease {
    session: Option<Session>,
    pub(crate) reused: bool,
    database: Database,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn session(&mut self) -> &mut Session {
        #[expect(
            clippy::expect_used,
            reason = "taken out only in `drop` and `discard`, which end the lease"
        )]
        self.session
            .as_mut()
            .expect("a lease has its session until it ends")
    }

    pub(crate) async fn query(
        &mut self,
        sql: Sql,
        params: &[&dyn Param],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let session = self.session();
        let prepared = session.prepared(Cow::Borrowed(sql.0), params).await?;
        send(&session.client, sql.0, prepared.as_ref(), params).await
    }

    /// Statements that were put together, sent together: one round trip for all. Answers in their order.
    pub(crate) async fn query_all(
        &mut self,
        queries: &[Query],
    ) -> Result<Vec<Vec<Row>>, tokio_postgres::Error> {
        let session = self.session();
        let mut sent = Vec::with_capacity(queries.len());
        for query in queries {
            let params = query.params();
            let prepared = if query.is_planned_anew {
                None
            } else {
                session
                    .prepared(Cow::Owned(query.text().to_owned()), &params)
                    .await?
            };
            sent.push((query.text(), params, prepared));
        }
        let client = &session.client;
        let sent = sent
            .iter()
            .map(|(text, params, prepared)| send(client, text, prepared.as_ref(), params));
        futures_util::future::try_join_all(sent).await
    }

    /// Several statements without parameters in one round trip.
    pub(crate) async fn batch(&mut self, text: &str) -> Result<(), tokio_postgres::Error> {
        self.session().client.batch_execute(text).await
    }
}

impl Lease {
    /// Ends the lease and its connection with it.
    pub(crate) fn discard(&mut self) {
        self.session = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(session) = self.session.take()
            && !session.client.is_closed()
        {
            self.database
                .0
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(session);
        }
    }
}
