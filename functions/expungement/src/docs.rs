//! `/expungement/docs` and `/expungement/openapi.json`.

use app::{Context, Locale, OpenApiRouter, docs};
use axum::{Json, http::header, response::IntoResponse, response::Response, routing::get};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/expungement/docs", get(reference))
        .route("/expungement/openapi.json", get(document))
}

async fn reference(Locale(language): Locale) -> app::Result<Response> {
    docs::page(&crate::openapi(), language, "/expungement/openapi.json")
}

async fn document() -> Response {
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json(crate::openapi()),
    )
        .into_response()
}
