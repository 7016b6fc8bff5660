//! A database for each test: a copy of a migrated template, made when first needed.
//!
//! The server is the one of `DATABASE_URL`, or the private one of `scripts/postgres start --test`.

use std::{process::Command, sync::Arc};

use ports::{Queue, SystemClock, SystemRandom, Undeclared};
use store::{Database, DatabaseSettings, Sql, params, sql};

use crate::contract::unique;

/// A database of one test, dropped with it.
pub struct TestDb {
    name: String,
    server: DatabaseSettings,
}

/// Two tests that start at once do not make the template twice. (A lock of the session: it ends with its connection.)
const LOCK: Sql = sql!("select pg_advisory_lock(7022)");
const UNLOCK: Sql = sql!("select pg_advisory_unlock(7022)");
const EXISTS: Sql = sql!("select exists (select from pg_database where datname = $1) as found");

impl TestDb {
    /// # Panics
    /// Where the server cannot be reached: a test cannot go on without.
    pub async fn create() -> Self {
        let server = server();
        let template = format!("commonweal_template_{}", store::migrations::fingerprint());
        // One connection, so that lock and unlock are of one session.
        let admin = open(
            DatabaseSettings {
                connections: 1,
                ..server.clone()
            },
            Arc::new(Undeclared),
        );
        admin
            .rows(LOCK, params![])
            .await
            .expect("the test server answers");
        let found = admin
            .one(EXISTS, params![template])
            .await
            .and_then(|row| row.get::<bool>("found"));
        if !found.expect("pg_database can be read") {
            let making = format!("{template}_making");
            execute(&admin, &format!("drop database if exists {making}")).await;
            execute(&admin, &format!("create database {making}")).await;
            let mut settings = server.clone();
            settings.name.clone_from(&making);
            store::migrations::migrate(settings)
                .await
                .expect("the migrations apply");
            execute(&admin, &format!("alter database {making} rename to {template}")).await;
        }
        let name = unique("test").replace('-', "_");
        execute(&admin, &format!("create database {name} template {template}")).await;
        admin
            .rows(UNLOCK, params![])
            .await
            .expect("the lock is given back");
        Self { name, server }
    }

    /// As `postgres://…`, for a process.
    pub fn url(&self) -> String {
        let DatabaseSettings { host, port, user, .. } = &self.server;
        format!("postgres://{user}@{host}:{port}/{}", self.name)
    }

    /// How to connect, as the owner or in a service's role.
    pub fn settings(&self, role: Option<&str>) -> DatabaseSettings {
        DatabaseSettings {
            name: self.name.clone(),
            role: role.map(str::to_owned),
            ..self.server.clone()
        }
    }

    /// Opens it with a queue for what is enqueued.
    pub fn open(&self, role: Option<&str>, queue: Arc<dyn Queue>) -> Database {
        open(self.settings(role), queue)
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        // Not awaited: `drop` cannot. A left-over of a killed run does no harm.
        let DatabaseSettings { host, port, user, .. } = &self.server;
        let _ = Command::new("psql")
            .args([
                "-X",
                "-q",
                "-h",
                host,
                "-p",
                &port.to_string(),
                "-U",
                user,
                "-d",
                "postgres",
                "-c",
            ])
            .arg(format!("drop database if exists {} with (force)", self.name))
            .output();
    }
}

fn open(settings: DatabaseSettings, queue: Arc<dyn Queue>) -> Database {
    Database::new(settings, queue, Arc::new(SystemClock), Arc::new(SystemRandom))
        .expect("the settings are complete")
}

async fn execute(admin: &Database, statement: &str) {
    admin
        .batch(statement)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
}

/// The settings of the test server: of `DATABASE_URL` (`postgres://user@host:port/name`), or of the one that is started now.
#[expect(clippy::disallowed_methods, reason = "a test's own setting")]
fn server() -> DatabaseSettings {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
        let output = Command::new(script)
            .args(["start", "--test"])
            .output()
            .expect("scripts/postgres runs");
        assert!(
            output.status.success(),
            "scripts/postgres: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    });
    let parts = || {
        let (login, rest) = url.split_once("://")?.1.split_once('@')?;
        let (server, name) = rest.split_once('/')?;
        let (host, port) = server.split_once(':').unwrap_or((server, "5432"));
        Some((
            login.to_owned(),
            host.to_owned(),
            port.parse().ok()?,
            name.to_owned(),
        ))
    };
    let (user, host, port, name) =
        parts().unwrap_or_else(|| panic!("DATABASE_URL is not postgres://user@host:port/name"));
    DatabaseSettings {
        host,
        port,
        name,
        user,
        role: None,
        password: None,
        ca: None,
        connections: 4,
    }
}
