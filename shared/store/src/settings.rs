//! Where the database is and how to log in.

use std::sync::Arc;

use ports::{BoxFuture, Result, Secret};

/// Gives the password for a new connection: a secret, or a token that is signed anew each time (RDS IAM, 15 minutes).
pub trait Password: Send + Sync {
    fn password(&self) -> BoxFuture<'_, Result<Secret>>;
}

#[derive(Clone)]
pub struct DatabaseSettings {
    pub host: String,
    pub port: u16,
    pub name: String,
    pub user: String,
    /// The role to work as, where the log-in user is another one: the service's role on a developer's machine.
    pub role: Option<String>,
    /// `None` where the server trusts the connection (a private local server).
    pub password: Option<Arc<dyn Password>>,
    /// PEM certificates to trust. With it TLS is required and the host name is verified; without it there is no TLS.
    pub ca: Option<Arc<[u8]>>,
    /// Connections at once: 1 in a Lambda, which serves one event at a time; more where one process hosts all functions.
    pub connections: usize,
}
