//! A deployment under way: which new version it brings, whether that answers, and what we say of it. CodeDeploy's hooks are the
//! model.

use serde_json::Value;

use crate::{BoxFuture, Result};

/// A new version of a function that no traffic reaches yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    pub function: String,
    pub version: String,
}

pub trait Deployments: Send + Sync {
    /// What a deployment brings.
    fn new_versions<'a>(&'a self, deployment: &'a str) -> BoxFuture<'a, Result<Vec<NewVersion>>>;

    /// Invokes a version and returns its answer.
    ///
    /// # Errors
    /// `Unavailable` where it cannot be invoked; `Internal` where the function itself fails.
    fn invoke<'a>(&'a self, version: &'a NewVersion, event: &'a Value) -> BoxFuture<'a, Result<Value>>;

    /// Lets the deployment go on, or ends it.
    fn report<'a>(&'a self, deployment: &'a str, hook: &'a str, succeeded: bool)
    -> BoxFuture<'a, Result<()>>;
}
