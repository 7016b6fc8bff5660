//! `POST /expungement/api/oeci_login`: the user's log-in at the court's site is tried there, and begins a session here.

use std::time::Duration;

use app::{Context, OpenApiRouter, routes};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use ports::{Error, Kind, Result};
use serde::Deserialize;

use crate::{
    analysis::{document, json_body, missing},
    court::{
        URL, found, name_of_user,
        session::{Credentials, Session},
        site::{Site, SiteError},
    },
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(log_in))
}

/// Bytes of the body: two short texts.
const MAX_LOGIN: usize = 8 * 1024;
/// Characters of each.
const MAX_TEXT: usize = 200;
/// Tries of one user name in a quarter of an hour: the court's site locks accounts, and we are no tool to guess with.
const MAX_TRIES: i64 = 10;
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// What the user logs in with.
#[derive(Deserialize, utoipa::ToSchema)]
struct LoginIn {
    oeci_username: Option<String>,
    oeci_password: Option<String>,
}

/// Log in to the court's site.
///
/// The cookie `oeci_token` that is set ends after an hour. Scripts cannot read it.
#[utoipa::path(post, path = "/expungement/api/oeci_login", request_body = LoginIn,
    responses((status = 201, description = "The session's cookie; no body"), (status = 400),
              (status = 401, description = "The court's site refuses the credentials"),
              (status = 404, description = "The court's site is in maintenance"), (status = 429),
              (status = 503, description = "The court's site does not answer")))]
async fn log_in(State(cx): State<Context>, request: Request) -> app::Result<Response> {
    let headers = request.headers().clone();
    let body = json_body(request, MAX_LOGIN).await?;
    let body: LoginIn = document(&body)?;
    let (Some(username), Some(password)) = (body.oeci_username, body.oeci_password) else {
        return Err(missing(&["oeci_username", "oeci_password"]).into());
    };
    let cookie = begin(&cx, &headers, Credentials { username, password }).await?;
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Tries credentials at the court's site and begins a session: the cookie to set. A session that the browser still has ends.
///
/// # Errors
/// 400 for texts that no account has; 401, 404 and 503 as the court's site answers; 429 after too many tries.
pub async fn begin(cx: &Context, headers: &HeaderMap, credentials: Credentials) -> Result<HeaderValue> {
    for (field, text) in [
        ("oeci_username", &credentials.username),
        ("oeci_password", &credentials.password),
    ] {
        if text.is_empty() || text.chars().count() > MAX_TEXT {
            return Err(Error::field(field, "invalid", "Must have 1 to 200 characters."));
        }
    }
    let tries = format!("court-login#{}", name_of_user(cx, &credentials.username).await?);
    let now = cx.clock().now();
    if cx.key_value().add(&tries, 1, now + WINDOW).await? > MAX_TRIES {
        let text = "Too many tries with this user name. Please wait a quarter of an hour.";
        let after = Duration::try_from(WINDOW).unwrap_or_default();
        return Err(Error::new(Kind::TooMany(after), "too_many_logins", text));
    }
    let site = Site::new(cx.settings.variable(URL)?, cx.random())?;
    site.sign_in(&credentials).await.map_err(SiteError::into_error)?;
    if let Ok(before) = Session::of(cx, headers).await {
        found::forget(cx, &before).await?;
    }
    Session::begin(cx, &credentials).await
}
