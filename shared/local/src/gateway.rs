//! API Gateway and Lambda between a request and its function: routes, limits, time-outs, and their plain answers.

use std::{net::IpAddr, net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ports::Clock;
use serde_json::json;

use crate::{event, host::Host};

/// Bytes of a request's body that API Gateway takes.
const MOST_BODY: usize = 10 << 20;
/// Bytes of an event or an answer that Lambda takes, 6 MiB: a body that is not text counts by a third more.
const MOST_PAYLOAD: usize = 6 << 20;

/// Hands any request that is not the host's own to the function of its path.
pub(crate) async fn answer(State(host): State<Arc<Host>>, request: Request) -> Response {
    let Some(route) = host.template.route(request.uri().path()) else {
        return plain(StatusCode::NOT_FOUND, "Not Found");
    };
    let Some(installed) = host.installed(&route.function) else {
        tracing::warn!(
            function = route.function,
            "the function of this path is not built"
        );
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let Some(service) = &installed.service else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MOST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return too_large(),
        Err(_) => return plain(StatusCode::BAD_REQUEST, "Bad Request"),
    };
    let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let event = event::http(&parts, &body, &route.pattern, from, host.twins.clock.now());
    if event.len() > MOST_PAYLOAD {
        return too_large();
    }
    let limit = Duration::from_secs(installed.function.timeout.into());
    let Ok(response) = tokio::time::timeout(limit, runtime::http::answer(service, &event)).await else {
        tracing::error!(function = installed.function.name, "timed out");
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    if response.body().len() > MOST_PAYLOAD {
        tracing::error!(
            function = installed.function.name,
            "the answer is larger than Lambda takes"
        );
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    }
    response.map(Body::from)
}

fn too_large() -> Response {
    let mut response = plain(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    // What is left of the body is not read.
    response
        .headers_mut()
        .insert(header::CONNECTION, axum::http::HeaderValue::from_static("close"));
    response
}

fn plain(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
