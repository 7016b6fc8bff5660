//! The ports on AWS: S3, SQS, SSM Parameter Store, DynamoDB and SES, over one shared [`SdkConfig`].
//!
//! The only crate that names `aws_sdk_*`. Each port is opened only where [`Settings`] describe it; the rest stay
//! undeclared. Credentials and region are given, as the Lambda environment gives them: there is no provider chain, no
//! profile file and no metadata service to wait for. One crypto provider (ring) serves every connection.

mod config;
mod deployment;
mod failure;
mod files;
mod key_value;
mod mail;
mod queue;
mod rds;
mod secrets;

use std::sync::Arc;

pub use aws_credential_types::Credentials;
pub use aws_types::SdkConfig;
pub use config::{Connection, sdk_config};
pub use deployment::CodeDeployments;
pub use files::{Buckets, S3Files};
pub use key_value::DynamoKeyValue;
pub use mail::{SesMailer, mime};
use ports::{CachedSecrets, Ports, Result};
pub use queue::SqsQueue;
pub use rds::rds_iam_token;
pub use secrets::SsmSecrets;

/// What one process opens: a port is there where its setting is.
#[derive(Debug, Clone)]
pub struct Settings {
    pub connection: Connection,
    pub files: Option<Buckets>,
    /// Prefix of every queue's URL, e.g. `https://sqs.us-west-2.amazonaws.com/123456789012/commonweal-dev-`.
    pub queue_url_base: Option<String>,
    /// Prefix of every parameter's path, e.g. `/commonweal/dev/`.
    pub secrets_prefix: Option<String>,
    pub key_value_table: Option<String>,
    pub mail: bool,
    /// The check before traffic moves.
    pub deployments: bool,
}

impl Settings {
    /// Opens nothing yet.
    pub fn new(connection: Connection) -> Self {
        Self {
            connection,
            files: None,
            queue_url_base: None,
            secrets_prefix: None,
            key_value_table: None,
            mail: false,
            deployments: false,
        }
    }

    fn opens_nothing(&self) -> bool {
        self.files.is_none()
            && self.queue_url_base.is_none()
            && self.secrets_prefix.is_none()
            && self.key_value_table.is_none()
            && !self.mail
    }
}

/// Opens the ports that the settings describe. No call leaves the process yet.
///
/// # Errors
/// `Internal` where a client does not start.
pub fn open(settings: &Settings) -> Result<Ports> {
    let mut ports = Ports::undeclared();
    if settings.deployments {
        ports.deployments = Arc::new(CodeDeployments::new(settings.connection.clone())?);
    }
    if settings.opens_nothing() {
        return Ok(ports);
    }
    let config = sdk_config(&settings.connection);
    if let Some(buckets) = &settings.files {
        ports.files = Arc::new(S3Files::new(&config, buckets.clone()));
    }
    if let Some(base) = &settings.queue_url_base {
        ports.queue = Arc::new(SqsQueue::new(&config, base.clone()));
    }
    if let Some(prefix) = &settings.secrets_prefix {
        let secrets = SsmSecrets::new(&config, prefix.clone());
        ports.secrets = Arc::new(CachedSecrets::new(secrets, ports.clock.clone()));
    }
    if let Some(table) = &settings.key_value_table {
        ports.key_value = Arc::new(DynamoKeyValue::new(&config, table.clone(), ports.clock.clone()));
    }
    if settings.mail {
        ports.mailer = Arc::new(SesMailer::new(&config, ports.clock.clone()));
    }
    Ok(ports)
}
