//! The main function of every bin: settings, ports, one loop of events.

use std::{fmt::Write, process::ExitCode, sync::Arc};

use app::{Context, Function, Need, Trigger};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use jiff::{SignedDuration, Timestamp};
use lambda_http::service_fn;
use lambda_runtime::LambdaEvent;
use ports::Result;
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::Database;
use subtle::ConstantTimeEq;

use crate::{http, log, operation, queue, schedule, settings::Environment};

/// Runs one function until Lambda ends the process.
///
/// A start that cannot succeed says why in one line and exits with 1.
pub fn main(function: &'static Function) -> ExitCode {
    let environment = Environment::new();
    log::init(
        log::Format::Json,
        log::Identity {
            service: function.service().to_owned(),
            function_name: environment
                .optional("AWS_LAMBDA_FUNCTION_NAME")
                .unwrap_or_else(|| function.name.to_owned()),
            function_memory_size: environment
                .optional("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
                .unwrap_or_default(),
        },
        &environment
            .optional("LOG_LEVEL")
            .unwrap_or_else(|| "info".to_owned()),
    );
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        tracing::error!("the async runtime did not start");
        return ExitCode::FAILURE;
    };
    let origin = Origin(environment.optional("ORIGIN_SECRET_SHA256"));
    runtime.block_on(async {
        let cx = match open(function, environment).await {
            Ok(cx) => cx,
            Err(error) => {
                tracing::error!(
                    code = error.code(),
                    cause = error.cause(),
                    "the function could not start"
                );
                return ExitCode::FAILURE;
            }
        };
        match serve(function, cx, origin).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!(%error, "the event loop ended");
                ExitCode::FAILURE
            }
        }
    })
}

/// Opens what the function needs, and only that.
async fn open(function: &Function, mut environment: Environment) -> Result<Context> {
    let settings = environment.app(function);
    let aws = environment.aws(function);
    let ports = aws::open(&aws)?;
    let database = environment.database(function, &aws.connection, &ports.secrets)?;
    environment.check()?;
    let database = Database::new(
        database,
        ports.queue.clone(),
        ports.clock.clone(),
        ports.random.clone(),
    )?;
    if function.is_needed(Need::Database)
        && let Err(error) = database.warm().await
    {
        // A database that is briefly away must not keep the function from starting: requests answer 503 and reconnect.
        tracing::warn!(
            code = error.code(),
            cause = error.cause(),
            "the database does not answer yet"
        );
    }
    Ok(Context::new(database, ports, settings))
}

async fn serve(
    function: &'static Function,
    cx: Context,
    origin: Origin,
) -> Result<(), lambda_runtime::Error> {
    match function.trigger {
        Trigger::Http { .. } => {
            let service = app::router(function, cx);
            let origin = Arc::new(origin);
            lambda_http::run(service_fn(move |request: lambda_http::Request| {
                let (service, origin) = (service.clone(), Arc::clone(&origin));
                async move {
                    let response = match origin.admits(request.headers()) {
                        true => http::call(&service, request).await,
                        false => http::forbidden(),
                    };
                    log::end_cold_start();
                    Ok::<_, std::convert::Infallible>(response)
                }
            }))
            .await
        }
        Trigger::Queue { .. } => {
            lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| {
                let cx = cx.clone();
                async move {
                    let deadline = deadline(event.context.deadline);
                    let failed = queue::records(function, &cx, event.payload, deadline).await;
                    log::end_cold_start();
                    let mut response = SqsBatchResponse::default();
                    response.batch_item_failures = failed
                        .into_iter()
                        .map(|id| {
                            let mut failure = BatchItemFailure::default();
                            failure.item_identifier = id;
                            failure
                        })
                        .collect();
                    Ok::<_, std::convert::Infallible>(response)
                }
            }))
            .await
        }
        Trigger::Schedule { .. } => {
            lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
                let cx = cx.clone();
                async move {
                    let result = schedule::run(function, &cx, &event.payload.to_string())
                        .await
                        .map_err(|error| error.code());
                    log::end_cold_start();
                    result
                }
            }))
            .await
        }
        Trigger::Operation { .. } => {
            lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
                let cx = cx.clone();
                async move {
                    let result = operation::run(function, &cx, &event.payload.to_string())
                        .await
                        .map_err(|error| error.code());
                    log::end_cold_start();
                    result
                }
            }))
            .await
        }
    }
}

/// The secret that the CDN adds to each request, as the hex of its SHA-256: what comes around the CDN, and so around its firewall,
/// is refused. Off where it is not set.
struct Origin(Option<String>);

impl Origin {
    fn admits(&self, headers: &lambda_http::http::HeaderMap) -> bool {
        let Some(expected) = &self.0 else { return true };
        let sent = headers
            .get("x-origin-secret")
            .map(|value| Sha256::digest(value.as_bytes()))
            .unwrap_or_default();
        let hex = sent.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        hex.as_bytes()
            .ct_eq(expected.to_ascii_lowercase().as_bytes())
            .into()
    }
}

/// Lambda says when it will end the invocation, in milliseconds.
fn deadline(milliseconds: u64) -> Timestamp {
    i64::try_from(milliseconds)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .unwrap_or_else(|| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 200))
}

#[cfg(test)]
mod tests {
    use lambda_http::http::{HeaderMap, HeaderName};

    use super::*;

    /// `printf %s 'from the CDN' | sha256sum`, as the deployment makes it.
    const HASH: &str = "57a6fc10ed667ffd79e538423a108dcfb95fcfb75e5a8fa6986a2a0572704212";

    fn admits(expected: Option<&str>, sent: Option<&'static str>) -> bool {
        let headers: HeaderMap = sent
            .map(|sent| (HeaderName::from_static("x-origin-secret"), sent.parse().unwrap()))
            .into_iter()
            .collect();
        Origin(expected.map(str::to_owned)).admits(&headers)
    }

    #[test]
    fn only_what_comes_through_the_cdn_is_served() {
        assert!(admits(Some(HASH), Some("from the CDN")));
        assert!(admits(Some(&HASH.to_ascii_uppercase()), Some("from the CDN")));
        assert!(!admits(Some(HASH), Some("from elsewhere")));
        assert!(!admits(Some(HASH), Some(HASH)));
        assert!(!admits(Some(HASH), Some("")));
        assert!(!admits(Some(HASH), None));
        assert!(!admits(Some("cut off"), None));
    }

    #[test]
    fn without_a_secret_it_is_off() {
        assert!(admits(None, None));
    }
}
