//! `GET /voting/v1/apikey/check`: does this key work, and whose is it?

use app::{Answer, ApiKey, Context, OpenApiRouter, routes};
use axum::extract::State;
use serde_json::json;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(check))
}

/// Check an API key.
#[utoipa::path(get, path = "/voting/v1/apikey/check",
    responses((status = 200, description = "`{ok: true, subscriber}`"), (status = 401), (status = 403), (status = 429)),
    security(("api_key" = [])))]
async fn check(key: ApiKey, State(cx): State<Context>) -> app::Result<Answer> {
    let tenant = key.tenant(&cx).await?;
    Ok(Answer::ok(json!({"ok": true, "subscriber": tenant.slug})))
}
