//! The one configuration that every client shares: where, as whom, how long, how often.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_s3::config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::{SdkConfig, region::Region};

/// Establishing a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// One attempt, from the request to the head of the answer.
const ATTEMPT: Duration = Duration::from_secs(4);
/// All attempts of a call together.
pub(crate) const OPERATION: Duration = Duration::from_secs(10);
/// Tries of one call, the first included.
const ATTEMPTS: u32 = 3;

/// Where AWS is and who calls.
#[derive(Debug, Clone)]
pub struct Connection {
    pub region: String,
    /// Those of the execution environment: Lambda replaces the environment before they end.
    pub credentials: Credentials,
    /// An emulator's address; `None` is AWS itself.
    pub endpoint_url: Option<String>,
    /// Endpoints that answer over IPv6 too, for subnets without a NAT gateway.
    pub dual_stack: bool,
}

/// Builds the shared configuration: 10 s per call in at most 3 attempts, 2 s to connect, TLS by ring.
///
/// This costs 0.1 ms. The first client made of it reads the machine's root certificates, about 2.4 ms for the usual
/// 145; `SSL_CERT_FILE` naming a bundle of fewer makes it shorter (0.05 ms for the five of Amazon Trust Services).
pub fn sdk_config(connection: &Connection) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(connection.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(connection.credentials.clone()))
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .use_dual_stack(connection.dual_stack);
    config.set_endpoint_url(connection.endpoint_url.clone());
    config.build()
}
