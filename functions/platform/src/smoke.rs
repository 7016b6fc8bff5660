//! The check before traffic moves to a new version of a task: CodeDeploy calls it, it invokes the new version, and says whether
//! the deployment may go on.
//!
//! What it sends is a batch without messages: a queue function starts, opens all that it needs, and works off nothing; a
//! scheduled one runs once, which all of ours may do at any time.

use app::Context;
use ports::{Error, Result};
use serde_json::{Value, json};

pub(crate) async fn smoke(cx: Context, event: Value) -> Result<Value> {
    let text = |name: &'static str| {
        event[name]
            .as_str()
            .ok_or_else(|| Error::field(name, "required", "The event of a deployment hook has it."))
    };
    let (deployment, hook) = (text("DeploymentId")?, text("LifecycleEventHookExecutionId")?);
    let checked = check(&cx, deployment).await;
    if let Err(error) = &checked {
        tracing::error!(
            code = error.code(),
            cause = error.cause(),
            "the new version failed its check"
        );
    }
    cx.ports
        .deployments
        .report(deployment, hook, checked.is_ok())
        .await?;
    Ok(json!({"succeeded": checked.is_ok()}))
}

async fn check(cx: &Context, deployment: &str) -> Result<()> {
    let versions = cx.ports.deployments.new_versions(deployment).await?;
    if versions.is_empty() {
        return Err(Error::internal("the deployment brings no version"));
    }
    for version in &versions {
        let answer = cx
            .ports
            .deployments
            .invoke(version, &json!({"Records": []}))
            .await?;
        let failures = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
        if failures > 0 {
            return Err(Error::internal("the new version failed an empty batch"));
        }
    }
    Ok(())
}
