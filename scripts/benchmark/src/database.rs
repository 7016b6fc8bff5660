//! A database to measure against, with the one row that is read, and the bare driver beside which we are measured.

use store::DatabaseSettings;
use testkit::TestDb;
use tokio_postgres::{Client, Config, Statement, config::SslMode};
use voting::subscriber::FIND;

/// The role that the function works in.
const ROLE: &str = "commonweal_voting";
/// The organisation that a new installation has.
const SLUG: &str = "default";

pub(crate) struct Measured {
    database: TestDb,
    ca: String,
}

impl Measured {
    /// # Panics
    /// Where the test server cannot be reached or speaks no TLS (`DATABASE_CA` names its authority).
    #[expect(clippy::disallowed_methods, reason = "a setting of the command")]
    pub(crate) async fn create() -> Self {
        let ca = std::env::var("DATABASE_CA").expect("DATABASE_CA names the authority of the test server");
        Self {
            database: TestDb::create().await,
            ca,
        }
    }

    /// Where the function finds it. The token of `iam` is signed here and the test server asks for none.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let DatabaseSettings { host, port, name, .. } = self.database.settings(None);
        vec![
            ("DATABASE_HOST", host),
            ("DATABASE_PORT", port.to_string()),
            ("DATABASE_NAME", name),
            ("DATABASE_USER", ROLE.to_owned()),
            ("DATABASE_AUTH", "iam".to_owned()),
            ("DATABASE_CA", self.ca.clone()),
        ]
    }

    /// The sample asks for an organisation of the demonstration; this database has the one of every installation.
    pub(crate) fn adapt(&self, event: &str) -> String {
        event.replace("/id/demo", &format!("/id/{SLUG}"))
    }

    /// A connection of its own, with the statement of the function prepared.
    pub(crate) async fn bare(&self) -> Bare {
        let DatabaseSettings { host, port, name, .. } = self.database.settings(None);
        let mut config = Config::new();
        config
            .host(host)
            .port(port)
            .dbname(name)
            .user(ROLE)
            .ssl_mode(SslMode::Require);
        let authority = std::fs::read(&self.ca).expect("DATABASE_CA can be read");
        let tls = store::trust(&authority).expect("DATABASE_CA holds a certificate");
        let (client, connection) = config.connect(tls).await.expect("the test server answers");
        #[expect(clippy::disallowed_methods, reason = "the driver's own task")]
        tokio::spawn(connection);
        let statement = client
            .prepare(FIND.0)
            .await
            .expect("the statement fits the schema");
        Bare { client, statement }
    }
}

pub(crate) struct Bare {
    client: Client,
    statement: Statement,
}

impl Bare {
    pub(crate) async fn read(&self) {
        let row = self
            .client
            .query_one(&self.statement, &[&SLUG])
            .await
            .expect("the row is there");
        assert!(!row.get::<_, &str>("name").is_empty());
    }
}
