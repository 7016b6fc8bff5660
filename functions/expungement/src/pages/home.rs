//! `/expungement`: what the service does, and for whom.

use app::{
    Context, Locale, OpenApiRouter, Page,
    page::{html, pick},
};
use askama::Template;
use axum::{http::StatusCode, response::Response, routing::get};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/expungement", get(home))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
}

async fn home(Locale(language): Locale) -> app::Result<Response> {
    let title = pick(
        language,
        "Clear an Oregon record",
        "Limpiar un historial de Oregón",
    );
    html(
        StatusCode::OK,
        &HomePage {
            page: Page::new(language, title),
        },
    )
}
