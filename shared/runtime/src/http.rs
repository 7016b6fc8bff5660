//! API Gateway HTTP API events (payload 2.0) to a function's routes, and back.

use std::{sync::Arc, time::Instant};

use app::{ClientAddress, HttpService, RequestId, Route};
use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use ports::{Error, Kind};
use tower::ServiceExt;

/// Answers one event given as JSON.
pub async fn answer(service: &HttpService, event: &str) -> http::Response<Bytes> {
    match lambda_http::request::from_str(event) {
        Ok(request) => {
            let (parts, body) = call(service, request).await.into_parts();
            let bytes = body
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default();
            http::Response::from_parts(parts, bytes)
        }
        Err(error) => {
            tracing::error!(%error, "the event is not one of API Gateway");
            let mut response = http::Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::BAD_REQUEST;
            response
        }
    }
}

/// Answers one decoded event, and logs it in one wide line: the route's pattern, never the path or the body.
pub(crate) async fn call(service: &HttpService, request: lambda_http::Request) -> http::Response<Body> {
    let began = Instant::now();
    let (request_id, source) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            (context.request_id.clone(), context.http.source_ip.clone())
        }
        _ => (None, None),
    };
    let method = request.method().clone();
    // lambda_http decodes the path for routing in its own extension; the URI keeps it as it was sent.
    let (mut parts, body) = request.into_parts();
    if let Some(id) = request_id.clone() {
        parts.extensions.insert(RequestId(id));
    }
    if let Some(address) = ClientAddress::read(&parts.headers, source.as_deref()) {
        parts.extensions.insert(address);
    }
    let body = match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    };
    let Ok(response) = service
        .clone()
        .oneshot(http::Request::from_parts(parts, body))
        .await;
    let error = response.extensions().get::<Arc<Error>>();
    let status = response.status().as_u16();
    let route = response
        .extensions()
        .get::<Route>()
        .map_or("", |route| route.0.as_str());
    let duration_ms = began.elapsed().as_secs_f64() * 1e3;
    let (code, cause, at) = match error {
        Some(error) => (Some(error.code()), error.cause(), Some(error.at().to_string())),
        None => (None, None, None),
    };
    let request_id = request_id.as_deref();
    if error.is_some_and(|error| matches!(error.kind(), Kind::Internal)) {
        tracing::error!(request_id, %method, route, status, duration_ms, code, cause, at, "request failed");
    } else if error.is_some_and(|error| matches!(error.kind(), Kind::Unavailable(_))) {
        tracing::warn!(request_id, %method, route, status, duration_ms, code, cause, at, "request could not be served");
    } else {
        tracing::info!(request_id, %method, route, status, duration_ms, code, "request");
    }
    response
}

/// The answer to what did not come through the CDN: a problem document (RFC 9457). Logged without a path, as every request.
#[cfg(feature = "aws")]
pub(crate) fn forbidden() -> http::Response<Body> {
    tracing::info!(status = 403, code = "not_through_cdn", "request");
    let problem = serde_json::json!({
        "type": "about:blank", "title": "Forbidden", "status": 403, "code": "not_through_cdn",
        "detail": "This address is not for direct use.", "errors": [],
    });
    let mut response = http::Response::new(Body::from(problem.to_string()));
    *response.status_mut() = http::StatusCode::FORBIDDEN;
    for (name, value) in [
        (http::header::CONTENT_TYPE, "application/problem+json"),
        (http::header::CACHE_CONTROL, "no-store"),
    ] {
        response
            .headers_mut()
            .insert(name, http::HeaderValue::from_static(value));
    }
    response
}
