//! `POST /expungement/api/waiver-packet`: one motion on fines and fees for each case that owes money outside Multnomah, as a ZIP.

use app::{Context, OpenApiRouter, routes};
use axum::{
    extract::{Request, State},
    response::Response,
};

use super::{kept, make, request, respond};
use crate::analysis::{ApiLanguage, MAX_SEARCH, json_body};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(packet))
}

/// The paperwork to ask that fines and fees be waived.
///
/// The body is a search with `userInformation` (as for an expungement packet; `email_address` may be left out) and
/// `waiverInformation`: the texts `explain` and `explain2`, and `snap`, `ssi`, `tanf`, `ohp`, `custody`, each true or false.
/// Needs the session of a login, unless `demo` is true.
#[utoipa::path(post, path = "/expungement/api/waiver-packet", request_body = request::WaiverIn,
    params(("lang" = Option<String>, Query, description = "`en` or `es`: of our own pages; the forms are the court's")),
    responses((status = 200, description = "`waiver_packet.zip`, empty where nothing is owed", content_type = "application/zip"),
              (status = 202, description = "A large packet: `Location` says where to ask for it"),
              (status = 400), (status = 401, description = "No session of the court's site")))]
async fn packet(
    State(cx): State<Context>,
    ApiLanguage(language): ApiLanguage,
    request: Request,
) -> app::Result<Response> {
    let headers = request.headers().clone();
    let body = json_body(request, MAX_SEARCH).await?;
    let (search, user, waiver) = request::waiver(&body)?;
    let options = search.options(&cx, language);
    let found = request::found(&cx, &headers, &search, options).await?;
    let packet = make::waivers(&found, &search, &user, &waiver, options)?;
    let order = || kept::Order::new(kept::Wanted::Waivers, &body, found.clone(), options);
    respond::packet_or_order(&cx, kept::Wanted::Waivers, &packet, None, order, language).await
}
