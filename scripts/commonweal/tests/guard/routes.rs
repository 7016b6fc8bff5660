//! Every route that the house answers, read from the routers themselves.

use app::{
    Access, Function, Trigger,
    axum::{body::Body, http::Request},
};

use crate::test_context;

/// A method on a path, as the routers declare them.
pub(crate) struct Route {
    /// `POST /platform/members/{id}/role`
    pub(crate) name: String,
    pub(crate) access: Access,
    pub(crate) function: &'static str,
}

/// All routes of these functions, by name.
pub(crate) async fn of(functions: &[Function]) -> Vec<Route> {
    // Nothing can be reached from it: asking for methods runs no handler.
    let cx = test_context::context(None);
    let mut found = Vec::new();
    for function in functions {
        let Trigger::Http { access, routes, .. } = function.trigger else {
            continue;
        };
        let mut service = app::router(function, cx.clone());
        for path in routes().paths() {
            // A method that nothing has: the answer says which there are (RFC 9110 §15.5.6).
            let request = Request::builder()
                .method("TRACE")
                .uri(path.replace(['{', '}', '*'], ""))
                .body(Body::empty())
                .unwrap();
            let answer = tower_call(&mut service, request).await;
            let allowed = answer
                .headers()
                .get("allow")
                .unwrap_or_else(|| panic!("{path} does not say which methods it has"));
            for method in allowed.to_str().unwrap().split(',').filter(|one| *one != "HEAD") {
                found.push(Route {
                    name: format!("{method} {path}"),
                    access,
                    function: function.name,
                });
            }
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup_by(|one, other| one.name == other.name);
    found
}

async fn tower_call(service: &mut app::HttpService, request: Request<Body>) -> app::axum::response::Response {
    use tower::ServiceExt;
    match service.oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}
