//! The HTTP side of a function: its routes, and what is the same for all of them — slashes, ids, errors, headers.

use std::{convert::Infallible, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use ports::Error;
use tower::util::{BoxCloneSyncService, MapRequestLayer};
use tower::{Layer, ServiceExt};
use utoipa::openapi::OpenApi;

use crate::{
    Accepts, Context, Function, Trigger, page,
    problem::{self},
    request::{Embedded, language_of, method_not_allowed},
};

/// The id of this request: in the log, in problem documents, on error pages.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Which route answered, as its pattern: for the log, where a path would carry ids.
#[derive(Debug, Clone)]
pub struct Route(pub String);

/// The service of one function's routes.
pub type HttpService = BoxCloneSyncService<Request, Response, Infallible>;

/// Everything that answers this function's paths. Functions of other triggers have none.
pub fn router(function: &Function, cx: Context) -> HttpService {
    let (routes, embeddable) = match function.trigger {
        Trigger::Http {
            routes, embeddable, ..
        } => (routes().split_for_parts().0, embeddable),
        _ => (Router::new(), false),
    };
    let routes = routes
        .route_layer(from_fn(note_route))
        .fallback(|| async { problem::Problem(Error::not_found()) })
        .method_not_allowed_fallback(
            |method: Method| async move { problem::Problem(method_not_allowed(&method)) },
        )
        .layer(from_fn_with_state((cx.clone(), embeddable), edge))
        .with_state(cx);
    let service = MapRequestLayer::new(without_trailing_slash).layer(routes);
    BoxCloneSyncService::new(service.map_err(|never: Infallible| match never {}))
}

/// The OpenAPI 3.1 document of a service: what its functions' routes say of themselves.
pub fn openapi(title: &str, description: &str, functions: &[Function]) -> OpenApi {
    let mut api = OpenApi::default();
    for function in functions {
        if let Trigger::Http { routes, .. } = function.trigger {
            let (_, part) = routes().split_for_parts();
            api.merge(part);
        }
    }
    api.info.title = title.to_owned();
    api.info.version = "1".to_owned();
    api.info.description = Some(description.to_owned());
    api
}

/// `/a/b/` is `/a/b`: the peers' clients send both.
fn without_trailing_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    if path.len() > 1 && path.ends_with('/') {
        let trimmed = path.trim_end_matches('/');
        let trimmed = if trimmed.is_empty() { "/" } else { trimmed };
        let with_query = match request.uri().query() {
            Some(query) => format!("{trimmed}?{query}"),
            None => trimmed.to_owned(),
        };
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = with_query.parse().ok();
        if let Ok(uri) = parts.try_into() {
            *request.uri_mut() = uri;
        }
    }
    request
}

async fn note_route(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| Route(path.as_str().to_owned()));
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// The outermost layer: a panic or an error becomes an answer, every answer gets its headers.
async fn edge(
    axum::extract::State((cx, embeddable)): axum::extract::State<(Context, bool)>,
    request: Request,
    next: Next,
) -> Response {
    let frames = embeddable && Embedded::of(request.uri().query()).0;
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .map_or_else(|| cx.random().uuid().to_string(), |id| id.0.clone());
    let accepts = Accepts::of(request.headers());
    let language = language_of(request.uri().query(), request.headers());
    if request.method() == Method::OPTIONS {
        return with_headers(preflight(), &request_id, false);
    }
    let head = request.method() == Method::HEAD;
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => problem::Problem(Error::internal("the handler panicked")).into_response(),
    };
    if let Some(error) = response.extensions().get::<Arc<Error>>().cloned() {
        let route = response.extensions().get::<Route>().cloned();
        let allowed = response.headers_mut().remove(header::ALLOW);
        // JSON APIs answer problem documents whatever a browser would accept.
        response = match accepts {
            Accepts::Html if !route.as_ref().is_some_and(|route| is_api(&route.0)) => {
                page::error_page(&error, language, &request_id)
            }
            _ => problem::render(&error, &request_id),
        };
        response.extensions_mut().insert(error);
        if let Some(route) = route {
            response.extensions_mut().insert(route);
        }
        // RFC 9110 §15.5.6: a 405 says which methods there are.
        if let Some(allowed) = allowed {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
    }
    if head {
        *response.body_mut() = axum::body::Body::empty();
    }
    with_headers(response, &request_id, frames)
}

fn is_api(route: &str) -> bool {
    route.contains("/v1/") || route.contains("/api/")
}

/// The public APIs take no cookies, so any origin may call them: organisations embed the tools in pages of their own.
fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, idempotency-key"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

macro_rules! policy {
    ($ancestors:literal) => {
        concat!(
            "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ",
            $ancestors
        )
    };
}
const POLICY: &str = policy!("'none'");
/// Voters meet our tools on pages of organisations, which have as many sites as they like.
const EMBEDDED_POLICY: &str = policy!("*");

/// `frames`: whether other sites may show the page in a frame.
fn with_headers(mut response: Response, request_id: &str, frames: bool) -> Response {
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"));
    let headers = response.headers_mut();
    let fixed: &[(&'static str, &'static str)] = &[
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ];
    for &(name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if html {
        let policy = match frames {
            false => POLICY,
            true => EMBEDDED_POLICY,
        };
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    } else {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
    response
}
