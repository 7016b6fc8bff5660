//! Errors on the wire: `application/problem+json` (RFC 9457) for programs, a page for people.
//!
//! Beside the standard members a problem carries `code` (stable), `errors` (a list of `{field, code, message}`),
//! `request_id`, and — since clients of the peers read those — each field's messages under the field's own name, and `detail`.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ports::{Error, Kind};
use serde_json::{Map, Value, json};

/// What a handler returns.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// An error on its way to the client. It is rendered at the edge, where the request's id and the wanted form are known.
#[derive(Debug)]
pub struct Problem(pub Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// A JSON answer with its status.
pub struct Answer(pub StatusCode, pub Value);

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self(StatusCode::OK, body)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.0, axum::Json(self.1)).into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status(self.0.kind()).into_response();
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

pub(crate) fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The problem document of an error.
pub(crate) fn document(error: &Error, request_id: &str) -> Value {
    let status = status(error.kind());
    let mut body: Map<String, Value> = Map::new();
    for field in error.fields() {
        let messages = body.entry(field.field.as_ref()).or_insert_with(|| json!([]));
        if let Value::Array(messages) = messages {
            messages.push(json!(field.message));
        }
    }
    for (name, value) in error.members() {
        body.insert(name.clone(), value.clone());
    }
    body.insert("type".into(), json!("about:blank"));
    body.insert(
        "title".into(),
        json!(status.canonical_reason().unwrap_or("Error")),
    );
    body.insert("status".into(), json!(status.as_u16()));
    body.insert("code".into(), json!(error.code()));
    body.insert("detail".into(), json!(error.detail()));
    body.insert("errors".into(), json!(error.fields()));
    body.insert("request_id".into(), json!(request_id));
    Value::Object(body)
}

/// Renders an error as a problem document.
pub(crate) fn render(error: &Error, request_id: &str) -> Response {
    let mut response = (status(error.kind()), document(error, request_id).to_string()).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    decorate(error, &mut response);
    response
}

/// Headers that belong to the kind of error in whatever form it is shown.
pub(crate) fn decorate(error: &Error, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match error.kind() {
        Kind::TooMany(after) | Kind::Unavailable(after) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        // `unauthenticated` asks for an API key. Whoever lacks a session is not asked by the browser's own dialogue.
        Kind::Unauthenticated => {
            let challenge = match error.code() {
                "invalid_token" => "Bearer error=\"invalid_token\"",
                "unauthenticated" => "Basic realm=\"api\"",
                _ => "Cookie realm=\"session\"",
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        _ => {}
    }
}
