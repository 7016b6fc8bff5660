//! From the SDK's errors to ours.

use std::{error::Error as StdError, fmt};

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use ports::Error;

/// Codes by which a service says "later" with a status below 500.
const LATER: &[&str] = &[
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TooManyUpdates",
    "TransactionInProgressException",
];

/// `Unavailable` where a later try may help: no answer, a time-out, throttling, a status of 500 or more. Else
/// `Internal`. The SDK's error is the source. `operation` names the call, e.g. `S3 PutObject`.
#[track_caller]
pub(crate) fn failure<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let later = is_later(&error);
    raise(
        later,
        Failed {
            operation,
            source: Some(Box::new(error)),
            code: None,
        },
    )
}

/// The same without the service's own sentence, which may repeat an address; its code is kept.
#[track_caller]
pub(crate) fn failure_without_message<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata,
{
    let code = error.as_service_error().and_then(|e| e.code());
    let code = code.unwrap_or("no answer").to_owned();
    raise(
        is_later(error),
        Failed {
            operation,
            source: None,
            code: Some(code),
        },
    )
}

fn is_later<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(context) => {
            context.raw().status().as_u16() >= 500
                || context.raw().status().as_u16() == 429
                || context.err().code().is_some_and(|code| LATER.contains(&code))
        }
        _ => false,
    }
}

#[track_caller]
fn raise(later: bool, failed: Failed) -> Error {
    if later {
        Error::unavailable("dependency_unavailable", failed)
    } else {
        Error::internal(failed)
    }
}

#[derive(Debug)]
struct Failed {
    operation: &'static str,
    code: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.operation)?;
        self.code
            .as_ref()
            .map_or(Ok(()), |code| write!(f, " with {code}"))
    }
}

impl StdError for Failed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
