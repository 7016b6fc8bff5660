//! `POST /expungement/api/expungement-packet`: the motions of a record, the police request and the summary, as a ZIP.

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

/// The paperwork to set aside what is eligible now.
///
/// The body is a search with `userInformation`, an object of eight texts, each of which may be empty: `full_name`,
/// `date_of_birth`, `mailing_address`, `city`, `state`, `zip_code`, `phone_number`, `email_address`. Needs the session of a
/// login, unless `demo` is true.
#[utoipa::path(post, path = "/expungement/api/expungement-packet", request_body = request::PacketIn,
    params(("lang" = Option<String>, Query, description = "`en` or `es`: of our own pages; the forms are the court's")),
    responses((status = 200, description = "`expungement_packet.zip`", content_type = "application/zip"),
              (status = 202, description = "A large packet: `Location` says where to ask for it"),
              (status = 400), (status = 401, description = "No session of the court's site")))]
async fn packet(
    State(cx): State<Context>,
    ApiLanguage(language): ApiLanguage,
    request: Request,
) -> app::Result<Response> {
    let headers = request.headers().clone();
    let body = json_body(request, MAX_SEARCH).await?;
    let (search, user) = request::packet(&body)?;
    let options = search.options(&cx, language);
    let found = request::found(&cx, &headers, &search, options).await?;
    let (packet, summary) = make::motions(&found, &search, &user, options)?;
    let order = || kept::Order::new(kept::Wanted::Motions, &body, found.clone(), options);
    respond::packet_or_order(
        &cx,
        kept::Wanted::Motions,
        &packet,
        Some(summary),
        order,
        language,
    )
    .await
}
