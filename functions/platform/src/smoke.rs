//! The check before traffic moves to a new version of a task: CodeDeploy calls it, it invokes the new version, and says whether
//! the deployment may go on.
//!
//! What it sends is a batch without messages: a queue function starts, opens all that it needs, and works off nothing; a
//! scheduled one runs once, which all of ours may do at any time.

use std::time::Duration;

use app::Context;
use ports::{Error, Result};
use serde_json::{Value, json};

/// The whole check. The function has two minutes: enough is left to report.
const LIMIT: Duration = Duration::from_secs(90);

pub(crate) async fn smoke(cx: Context, event: Value) -> Result<Value> {
    let text = |name: &'static str| {
        event[name]
            .as_str()
            .ok_or_else(|| Error::field(name, "required", "The event of a deployment hook has it."))
    };
    let (deployment, hook) = (text("DeploymentId")?, text("LifecycleEventHookExecutionId")?);
    let checked = tokio::time::timeout(LIMIT, check(&cx, deployment))
        .await
        .unwrap_or_else(|_| Err(Error::internal("the check took longer than 90 s")));
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use ports::{BoxFuture, Deployments, NewVersion};

    use super::*;
    use crate::test_context::context;

    /// A deployment of one version each; what they answer is given.
    struct Deployment {
        answers: Vec<Result<Value, &'static str>>,
        hangs: bool,
        invoked: Mutex<Vec<(String, Value)>>,
        reported: Mutex<Vec<(String, String, bool)>>,
    }

    impl Deployments for Deployment {
        fn new_versions<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<NewVersion>>> {
            let versions = (0..self.answers.len()).map(|number| NewVersion {
                function: "queue-function".to_owned(),
                version: number.to_string(),
            });
            Box::pin(std::future::ready(Ok(versions.collect())))
        }
        fn invoke<'a>(&'a self, version: &'a NewVersion, event: &'a Value) -> BoxFuture<'a, Result<Value>> {
            Box::pin(async move {
                if self.hangs {
                    std::future::pending::<()>().await;
                }
                let mut invoked = self.invoked.lock().unwrap();
                invoked.push((version.version.clone(), event.clone()));
                self.answers[invoked.len() - 1].clone().map_err(Error::internal)
            })
        }
        fn report<'a>(
            &'a self,
            deployment: &'a str,
            hook: &'a str,
            succeeded: bool,
        ) -> BoxFuture<'a, Result<()>> {
            let report = (deployment.to_owned(), hook.to_owned(), succeeded);
            self.reported.lock().unwrap().push(report);
            Box::pin(std::future::ready(Ok(())))
        }
    }

    async fn checked(answers: Vec<Result<Value, &'static str>>, hangs: bool) -> Arc<Deployment> {
        let deployment = Arc::new(Deployment {
            answers,
            hangs,
            invoked: Mutex::default(),
            reported: Mutex::default(),
        });
        let event = json!({"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "hook"});
        smoke(context(Some(deployment.clone())), event).await.unwrap();
        deployment
    }

    async fn succeeded(answers: Vec<Result<Value, &'static str>>) -> bool {
        let deployment = checked(answers, false).await;
        let reported = deployment.reported.lock().unwrap();
        let [(id, hook, succeeded)] = reported.as_slice() else {
            panic!("one report, not {}", reported.len())
        };
        assert_eq!((id.as_str(), hook.as_str()), ("d-1", "hook"));
        *succeeded
    }

    #[tokio::test]
    async fn queue_and_schedule_functions_that_answer_may_go_on() {
        assert!(succeeded(vec![Ok(json!({"batchItemFailures": []}))]).await);
        assert!(succeeded(vec![Ok(Value::Null)]).await);
    }

    #[tokio::test]
    async fn each_version_is_sent_a_batch_without_messages() {
        let deployment = checked(vec![Ok(Value::Null), Ok(Value::Null)], false).await;
        let batch = json!({"Records": []});
        assert_eq!(
            *deployment.invoked.lock().unwrap(),
            [("0".to_owned(), batch.clone()), ("1".to_owned(), batch)]
        );
    }

    #[tokio::test]
    async fn a_failure_ends_the_deployment() {
        assert!(!succeeded(vec![]).await);
        assert!(!succeeded(vec![Err("it failed")]).await);
        assert!(!succeeded(vec![Ok(Value::Null), Err("it failed")]).await);
        assert!(!succeeded(vec![Ok(json!({"batchItemFailures": [{"itemIdentifier": ""}]}))]).await);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_is_reported_in_time() {
        let deployment = checked(vec![Ok(Value::Null)], true).await;
        assert!(!deployment.reported.lock().unwrap()[0].2);
    }

    #[tokio::test]
    async fn an_event_without_ids_reports_nothing() {
        let error = smoke(context(None), json!({"DeploymentId": "d-1"}))
            .await
            .unwrap_err();
        assert_eq!(error.fields()[0].field, "LifecycleEventHookExecutionId");
    }
}
