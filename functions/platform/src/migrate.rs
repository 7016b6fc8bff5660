//! Migrations, before new code takes traffic: a custom resource of the stack, on which all else depends, or a call by hand.

use app::{Context, outbound};
use ports::{Error, Result};
use serde_json::{Value, json};

/// Applies what is missing. As a custom resource it answers CloudFormation in every case, for otherwise the stack would wait an
/// hour; deleting the stack deletes no schema.
pub(crate) async fn migrate(cx: Context, event: Value) -> Result<Value> {
    let result = match event["RequestType"].as_str() {
        Some("Delete") => Ok(Vec::new()),
        _ => store::migrations::migrate(cx.db.settings().clone()).await,
    };
    if let Some(url) = event["ResponseURL"].as_str() {
        outbound::put_json(url, &answer(&event, result.as_ref().err())).await?;
    }
    // The stack has its answer: an error now would only have Lambda run this again.
    match (result, event["ResponseURL"].is_string()) {
        (Ok(applied), _) => Ok(json!({"applied": applied})),
        (Err(error), true) => {
            tracing::error!(
                code = error.code(),
                cause = error.cause(),
                "the migrations failed"
            );
            Ok(json!({"failed": error.code()}))
        }
        (Err(error), false) => Err(error),
    }
}

/// "Custom resource response objects" of the CloudFormation User Guide.
fn answer(event: &Value, error: Option<&Error>) -> Value {
    json!({
        "Status": if error.is_some() { "FAILED" } else { "SUCCESS" },
        "Reason": error.and_then(Error::cause).unwrap_or_else(|| "The schema is up to date.".to_owned()),
        "PhysicalResourceId": event["PhysicalResourceId"].as_str().unwrap_or("migrations"),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    })
}
