//! `GET /-/alive` answers as long as the function runs; `GET /-/health` asks the database and compares its schema.

use app::{Answer, Context, OpenApiRouter, routes};
use axum::{extract::State, http::StatusCode};
use ports::Kind;
use serde_json::json;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(health))
}

/// Does the function run?
#[utoipa::path(get, path = "/-/alive", responses((status = 200, description = "`ok`")))]
async fn alive() -> &'static str {
    "ok"
}

/// Is the service ready: does the database answer, and has it every migration of this build?
#[utoipa::path(get, path = "/-/health",
    responses((status = 200, description = "`{healthy: true}`"), (status = 503, description = "`{healthy: false, errors}`")))]
async fn health(State(cx): State<Context>) -> app::Result<Answer> {
    let errors = match store::migrations::pending(&cx.db).await {
        Ok(pending) if pending.is_empty() => return Ok(Answer::ok(json!({"healthy": true}))),
        Ok(pending) => vec![format!("{} migrations are not applied", pending.len())],
        Err(error) if matches!(error.kind(), Kind::Unavailable(_)) => {
            tracing::warn!(code = error.code(), cause = error.cause(), "unhealthy");
            vec!["the database does not answer".to_owned()]
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Answer(
        StatusCode::SERVICE_UNAVAILABLE,
        json!({"healthy": false, "errors": errors}),
    ))
}
