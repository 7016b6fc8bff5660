//! `GET /expungement/api/case_detail_page/{id}`: the court's page of a case, as the session's own search fetched it. Its words and
//! tables only; it links to nowhere. The court's site is not asked.

use app::{Context, OpenApiRouter, routes};
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use ports::{Error, Kind};

use crate::court::{found, sanitise, session::Session};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(page))
}

/// The court's page of a case.
///
/// `id` is the number in the case's `case_detail_link`.
#[utoipa::path(get, path = "/expungement/api/case_detail_page/{id}", params(("id" = String, Path)),
    responses((status = 200, content_type = "text/html"), (status = 401),
              (status = 404, description = "This session has not fetched it")))]
async fn page(State(cx): State<Context>, session: Session, Path(id): Path<String>) -> app::Result<Response> {
    let good = (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if !good {
        return Err(Error::not_found().into());
    }
    let found = found::page(&cx, &session, &id).await.map_err(|error| {
        if error.kind() == Kind::NotFound {
            error.with_member(
                "message",
                format!("Case detail page with ID of {id} does not exist."),
            )
        } else {
            error
        }
    })?;
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Case {id}</title>\
         <meta name=\"robots\" content=\"noindex\"></head><body>{}</body></html>",
        sanitise(&found)
    );
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response())
}
