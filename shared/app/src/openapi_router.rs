//! The router of a function: utoipa's, which also remembers its paths.
//!
//! axum does not tell which routes a router has. Operations of an API stand in the OpenAPI document, pages do not; and a page that
//! no list knows is a page whose authorization no test looks at. So paths are noted where they are declared.

use axum::{Router, routing::MethodRouter};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter as Documented, UtoipaMethodRouter};

/// Routes of pages ([`Self::route`]) and of documented operations ([`Self::routes`]).
pub struct OpenApiRouter<S = ()> {
    inner: Documented<S>,
    paths: Vec<String>,
}

impl<S: Clone + Send + Sync + 'static> OpenApiRouter<S> {
    #[allow(
        clippy::new_without_default,
        reason = "an empty router is only the beginning of one"
    )]
    pub fn new() -> Self {
        Self {
            inner: Documented::new(),
            paths: Vec::new(),
        }
    }

    /// A page, or whatever else is not in the OpenAPI document.
    #[must_use]
    pub fn route(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.paths.push(path.to_owned());
        self.inner = self.inner.route(path, methods);
        self
    }

    /// Documented operations of one path, as [`crate::routes!`] writes them.
    #[must_use]
    pub fn routes(mut self, operations: UtoipaMethodRouter<S>) -> Self {
        self.paths.extend(operations.1.paths.keys().cloned());
        self.inner = self.inner.routes(operations);
        self
    }

    /// These routes and those.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        self.inner = self.inner.merge(other.inner);
        self
    }

    /// The paths of all routes, as they were declared.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    pub fn split_for_parts(self) -> (Router<S>, OpenApi) {
        self.inner.split_for_parts()
    }
}
