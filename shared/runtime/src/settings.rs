//! Settings from the environment: the one place that reads it. What a function must have follows from its needs.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use app::{Function, Need, Settings};
use aws::{Buckets, Connection, Credentials, rds_iam_token};
use ports::{Address, BoxFuture, Clock, Error, Result, Secret, Secrets, SystemClock};
use store::{DatabaseSettings, Password};

/// Reads variables and remembers which were missing, so that one start names them all.
pub(crate) struct Environment {
    missing: Vec<String>,
}

impl Environment {
    pub(crate) fn new() -> Self {
        Self { missing: Vec::new() }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.missing.push(name.to_owned());
            String::new()
        })
    }

    /// # Errors
    /// `Internal`, naming every variable that is missing.
    pub(crate) fn check(self) -> Result<()> {
        if self.missing.is_empty() {
            Ok(())
        } else {
            Err(Error::internal(format!(
                "these environment variables are missing: {}",
                self.missing.join(", ")
            )))
        }
    }

    pub(crate) fn app(&mut self, function: &Function) -> Settings {
        let mut variables = BTreeMap::new();
        for need in function.needs {
            if let Need::Internet(name) = need {
                variables.insert((*name).to_owned(), self.required(name));
            }
        }
        let mail_from = if function.is_needed(Need::Mail) {
            self.required("MAIL_FROM")
        } else {
            String::new()
        };
        Settings {
            environment: self.required("COMMONWEAL_ENVIRONMENT"),
            public_url: self.required("PUBLIC_URL").trim_end_matches('/').to_owned(),
            mail_from: Address {
                name: Some("Commonweal".to_owned()),
                email: mail_from,
            },
            variables,
        }
    }

    pub(crate) fn aws(&mut self, function: &Function) -> aws::Settings {
        let needs = |wanted: fn(&Need) -> bool| function.needs.iter().any(wanted);
        let consumes = matches!(function.trigger, app::Trigger::Queue { .. });
        let needs_anything =
            consumes || needs(|need| !matches!(need, Need::Internet(_) | Need::ConfiguredProviders));
        let mut settings = aws::Settings::new(Connection {
            region: if needs_anything {
                self.required("AWS_REGION")
            } else {
                String::new()
            },
            credentials: Credentials::new(
                self.optional("AWS_ACCESS_KEY_ID").unwrap_or_default(),
                self.optional("AWS_SECRET_ACCESS_KEY").unwrap_or_default(),
                self.optional("AWS_SESSION_TOKEN"),
                None,
                "environment",
            ),
            endpoint_url: self.optional("AWS_ENDPOINT_URL"),
            dual_stack: self
                .optional("AWS_USE_DUALSTACK_ENDPOINT")
                .is_some_and(|value| value == "true"),
        });
        if needs(|need| matches!(need, Need::Files)) {
            settings.files = Some(Buckets {
                private: self.required("FILES_PRIVATE_BUCKET"),
                public: self.required("FILES_PUBLIC_BUCKET"),
            });
        }
        if consumes || needs(|need| matches!(need, Need::Queue(_) | Need::AllQueues)) {
            settings.queue_url_base = Some(self.required("QUEUE_URL_BASE"));
        }
        let password = self.optional("DATABASE_AUTH").is_some_and(|auth| auth != "iam");
        let database = needs(|need| matches!(need, Need::Database | Need::DatabaseOwner));
        if needs(|need| matches!(need, Need::Secret(_))) || (database && password) {
            settings.secrets_prefix = Some(self.required("SECRETS_PREFIX"));
        }
        if needs(|need| matches!(need, Need::KeyValue)) {
            settings.key_value_table = Some(self.required("KEY_VALUE_TABLE"));
        }
        settings.deployments = function.is_needed(Need::Deployment);
        settings.mail = function.is_needed(Need::Mail);
        settings
    }

    /// The database's settings; those of a function that needs none point nowhere.
    ///
    /// # Errors
    /// `Internal` where the CA bundle cannot be read.
    pub(crate) fn database(
        &mut self,
        function: &Function,
        connection: &Connection,
        secrets: &Arc<dyn Secrets>,
    ) -> Result<DatabaseSettings> {
        let mut settings = DatabaseSettings {
            host: "127.0.0.1".to_owned(),
            port: 5432,
            name: String::new(),
            user: String::new(),
            role: None,
            password: None,
            ca: None,
            connections: 1,
        };
        if !(function.is_needed(Need::Database) || function.is_needed(Need::DatabaseOwner)) {
            return Ok(settings);
        }
        settings.host = self.required("DATABASE_HOST");
        settings.port = self
            .optional("DATABASE_PORT")
            .and_then(|port| port.parse().ok())
            .unwrap_or(5432);
        settings.name = self.required("DATABASE_NAME");
        settings.user = self.required("DATABASE_USER");
        settings.role = self.optional("DATABASE_ROLE");
        settings.password = match self.required("DATABASE_AUTH").as_str() {
            "trust" | "" => None,
            "iam" => Some(Arc::new(IamToken {
                host: settings.host.clone(),
                port: settings.port,
                user: settings.user.clone(),
                connection: connection.clone(),
            })),
            name => Some(Arc::new(SecretPassword {
                name: name.to_owned(),
                secrets: Arc::clone(secrets),
            })),
        };
        if let Some(path) = self.optional("DATABASE_CA").map(PathBuf::from) {
            let pem = std::fs::read(&path)
                .map_err(|error| Error::internal(format!("DATABASE_CA ({}): {error}", path.display())))?;
            settings.ca = Some(pem.into());
        }
        Ok(settings)
    }
}

/// A password that is signed anew for each connection; RDS takes it for 15 minutes.
struct IamToken {
    host: String,
    port: u16,
    user: String,
    connection: Connection,
}

impl Password for IamToken {
    fn password(&self) -> BoxFuture<'_, Result<Secret>> {
        Box::pin(async move {
            let Self {
                host,
                port,
                user,
                connection,
            } = self;
            let token = rds_iam_token(
                host,
                *port,
                user,
                &connection.region,
                &connection.credentials,
                SystemClock.now(),
            )?;
            Ok(Secret::new(token))
        })
    }
}

struct SecretPassword {
    name: String,
    secrets: Arc<dyn Secrets>,
}

impl Password for SecretPassword {
    fn password(&self) -> BoxFuture<'_, Result<Secret>> {
        self.secrets.get(&self.name)
    }
}
