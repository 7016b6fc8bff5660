//! EventBridge schedules: an event in, nothing out.

use app::{Context, Function, Trigger};
use ports::{Error, Result};

/// Runs a scheduled function. What the event says does not matter: it is the clock.
///
/// # Errors
/// What the run answers; Lambda retries and then alarms.
pub async fn run(function: &Function, cx: &Context, _event: &str) -> Result<()> {
    let Trigger::Schedule { run, .. } = function.trigger else {
        return Err(Error::internal("not a scheduled function"));
    };
    let result = run(cx.clone()).await;
    match &result {
        Ok(()) => tracing::info!(function = function.name, "schedule"),
        Err(error) => tracing::error!(
            function = function.name,
            code = error.code(),
            cause = error.cause(),
            at = %error.at(),
            "schedule failed"
        ),
    }
    result
}
