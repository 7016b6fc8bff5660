//! Operations that the deployment invokes: JSON in, JSON out.

use app::{Context, Function, Trigger};
use ports::{Error, Result};
use serde_json::Value;

/// Runs an operation.
///
/// # Errors
/// What it answers.
pub async fn run(function: &Function, cx: &Context, event: &str) -> Result<Value> {
    let Trigger::Operation { run } = function.trigger else {
        return Err(Error::internal("not an operation"));
    };
    let event =
        serde_json::from_str(event).map_err(|_| Error::field("event", "malformed_json", "Must be JSON."))?;
    let result = run(cx.clone(), event).await;
    if let Err(error) = &result {
        tracing::error!(
            function = function.name,
            code = error.code(),
            cause = error.cause(),
            at = %error.at(),
            "operation failed"
        );
    }
    result
}
