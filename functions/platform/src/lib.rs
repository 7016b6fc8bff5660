//! Platform: what all services share. For now: the front page, health, the outbox relay, migrations, the smoke check.
//!
//! [`FUNCTIONS`] is the table of contents.

mod docs;
mod health;
mod home;
mod migrate;
mod relay;
mod smoke;
#[cfg(test)]
mod test_context;

use app::{Access, Function, Need, run};

pub const HOME: Function = Function::http("platform-home", &["/"], Access::Anyone, home::routes);
pub const DOCS: Function = Function::http(
    "platform-docs",
    &["/platform/docs", "/platform/openapi.json"],
    Access::Anyone,
    docs::routes,
);
pub const HEALTH: Function = Function::http(
    "platform-health",
    &["/-/alive", "/-/health"],
    Access::Anyone,
    health::routes,
)
.needs(&[Need::Database]);
pub const OUTBOX_RELAY: Function =
    Function::schedule("platform-outbox-relay", "rate(1 minute)", run!(relay::relay))
        .needs(&[Need::Database, Need::AllQueues]);
pub const MIGRATE: Function = Function::operation("platform-migrate", |cx, event| {
    Box::pin(migrate::migrate(cx, event))
})
.needs(&[Need::DatabaseOwner])
.timeout(900);
pub const SMOKE: Function =
    Function::operation("platform-smoke", |cx, event| Box::pin(smoke::smoke(cx, event)))
        .needs(&[Need::Deployment])
        .timeout(120);

/// Every function of the service.
pub const FUNCTIONS: &[Function] = &[HOME, DOCS, HEALTH, OUTBOX_RELAY, MIGRATE, SMOKE];

/// The OpenAPI document of the service.
pub fn openapi() -> utoipa::openapi::OpenApi {
    app::openapi(
        "Commonweal Platform",
        "What all services share: health and, in time, accounts.",
        FUNCTIONS,
    )
}
