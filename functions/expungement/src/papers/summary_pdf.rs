//! `POST /expungement/api/pdf`: the summary of a record, to print and to keep.

use app::{Context, OpenApiRouter, routes};
use axum::{
    extract::{Request, State},
    response::Response,
};

use super::respond::{Disposition, file};
use super::{make, request};
use crate::analysis::{ApiLanguage, MAX_SEARCH, SearchIn, json_body};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(summary))
}

/// The summary of a record as a PDF.
///
/// Needs the session of a login, unless `demo` is true.
#[utoipa::path(post, path = "/expungement/api/pdf", request_body = SearchIn,
    params(("lang" = Option<String>, Query, description = "`en` or `es`")),
    responses((status = 200, description = "The PDF, shown in the browser", content_type = "application/pdf"),
              (status = 400), (status = 401, description = "No session of the court's site")))]
async fn summary(
    State(cx): State<Context>,
    ApiLanguage(language): ApiLanguage,
    request: Request,
) -> app::Result<Response> {
    let headers = request.headers().clone();
    let search = SearchIn::read(&json_body(request, MAX_SEARCH).await?)?;
    let options = search.options(&cx, language);
    let found = request::found(&cx, &headers, &search, options).await?;
    let summary = make::summary(&found, &search, options)?;
    file(
        "application/pdf",
        Disposition::Inline,
        &summary.name,
        summary.bytes,
    )
}
