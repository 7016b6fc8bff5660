//! `POST /expungement/api/logout`: ends the session and deletes what was kept for it.

use app::{Context, OpenApiRouter, routes};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ports::{Kind, Result};

use crate::court::{
    found,
    session::{Session, no_cookie},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(log_out))
}

/// Log out.
///
/// Without a session it does nothing, and says so in the same way.
#[utoipa::path(post, path = "/expungement/api/logout",
    responses((status = 204, description = "The session and everything found in it are gone")))]
async fn log_out(State(cx): State<Context>, headers: HeaderMap) -> app::Result<Response> {
    let cookie = end(&cx, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Ends the session of a request, if it has one: the cookie to set.
///
/// # Errors
/// What the stores answer.
pub async fn end(cx: &Context, headers: &HeaderMap) -> Result<HeaderValue> {
    match Session::of(cx, headers).await {
        Ok(session) => found::forget(cx, &session).await?,
        Err(error) if error.kind() == Kind::Unauthenticated => {}
        Err(error) => return Err(error),
    }
    no_cookie(cx)
}
