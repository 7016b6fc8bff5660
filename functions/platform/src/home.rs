//! `/`: the platform and its services.

use app::{Context, Locale, OpenApiRouter, Page, page::html};
use askama::Template;
use axum::{http::StatusCode, response::Response, routing::get};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/", get(home))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
}

async fn home(Locale(language): Locale) -> app::Result<Response> {
    let title = app::page::pick(
        language,
        "Backends for civic organisations",
        "Servicios para organizaciones cívicas",
    );
    html(
        StatusCode::OK,
        &HomePage {
            page: Page::new(language, title),
        },
    )
}
