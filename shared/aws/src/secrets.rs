//! Secrets in SSM Parameter Store, as `SecureString` parameters under one prefix.

use aws_sdk_ssm::{Client, operation::get_parameter::GetParameterError};
use aws_types::SdkConfig;
use ports::{BoxFuture, Error, Result, Secret, Secrets};

use crate::failure::failure;

/// Reads anew at each call; wrap it in [`ports::CachedSecrets`].
pub struct SsmSecrets {
    client: Client,
    prefix: String,
}

impl SsmSecrets {
    /// `prefix` ends in a slash, e.g. `/commonweal/dev/`.
    pub fn new(config: &SdkConfig, prefix: String) -> Self {
        Self {
            client: Client::new(config),
            prefix,
        }
    }
}

impl Secrets for SsmSecrets {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Secret>> {
        Box::pin(async move {
            let path = format!("{}{name}", self.prefix);
            let missing = || Error::internal(format!("the SSM parameter {path} does not exist"));
            let answer = self
                .client
                .get_parameter()
                .name(&path)
                .with_decryption(true)
                .send()
                .await;
            match answer {
                Ok(found) => found
                    .parameter
                    .and_then(|p| p.value)
                    .map(Secret::new)
                    .ok_or_else(missing),
                Err(error)
                    if matches!(
                        error.as_service_error(),
                        Some(GetParameterError::ParameterNotFound(_))
                    ) =>
                {
                    Err(missing())
                }
                Err(error) => Err(failure("SSM GetParameter", error)),
            }
        })
    }
}
