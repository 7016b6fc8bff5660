//! Every route that the house answers, read from the routers themselves.

use std::{collections::BTreeMap, sync::Arc};

use app::{
    Access, Context, Function, Settings, Trigger,
    axum::{body::Body, http::Request},
};
use ports::{Address, Ports};
use store::{Database, DatabaseSettings};

/// A method on a path, as the routers declare them.
pub(crate) struct Route {
    /// `POST /platform/members/{id}/role`
    pub(crate) name: String,
    pub(crate) access: Access,
    pub(crate) function: &'static str,
}

/// All routes of these functions, by name.
pub(crate) async fn of(functions: &[Function]) -> Vec<Route> {
    let cx = nowhere();
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

/// A context in which nothing can be reached: asking for methods runs no handler.
fn nowhere() -> Context {
    let ports = Ports::undeclared();
    let database = DatabaseSettings {
        host: "127.0.0.1".to_owned(),
        port: 1,
        name: "none".to_owned(),
        user: "none".to_owned(),
        role: None,
        password: None,
        ca: None,
        connections: 1,
    };
    let database = Database::new(
        database,
        Arc::clone(&ports.queue),
        Arc::clone(&ports.clock),
        Arc::clone(&ports.random),
    )
    .unwrap();
    let settings = Settings {
        environment: "test".to_owned(),
        public_url: "https://commonweal.example".to_owned(),
        mail_from: Address {
            name: None,
            email: "no-reply@commonweal.example".to_owned(),
        },
        variables: BTreeMap::new(),
    };
    Context::new(database, ports, settings)
}
