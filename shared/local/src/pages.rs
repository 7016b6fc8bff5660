//! The pages and calls under `/_local/`: the outbox, the clock, the queues, schedules on demand, the providers' twins.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use ports::{Clock, Error, Kind, Queue};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{court_site, files, files::file_routes, host::Host, openid_provider, outbox, voter_file};

pub(crate) fn routes(host: &Arc<Host>) -> Router {
    Router::new()
        .route("/_local", get(|| async { Redirect::to("/_local/outbox") }))
        .route("/_local/", get(|| async { Redirect::to("/_local/outbox") }))
        .route("/_local/outbox", get(outbox_page))
        .route("/_local/outbox.json", get(outbox_json))
        .route("/_local/outbox/attachments/{number}", get(attachment))
        .route("/_local/clock", get(clock).post(advance))
        .route("/_local/run/{function}", post(run))
        .route("/_local/queues.json", get(queues))
        .route(
            "/_local/providers/voter-file/voter/voter-registration-check",
            get(voter_file::registration_check),
        )
        .route("/_local/{*rest}", get(|| async { StatusCode::NOT_FOUND }))
        .with_state(Arc::clone(host))
        .merge(court_site::routes(host))
        .merge(openid_provider::routes(host))
        .merge(file_routes(Arc::clone(&host.twins.files)))
        .layer(from_fn(own_machine_only))
}

/// A web page elsewhere may not move the clock or read the outbox through the developer's browser, neither by a form nor
/// by a name that it lets point here.
async fn own_machine_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let own = |authority: &str| {
        let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name);
        matches!(name, "127.0.0.1" | "localhost" | "[::1]")
    };
    let host_is_own = text(header::HOST).is_none_or(own);
    let origin_is_own =
        text(header::ORIGIN).is_none_or(|origin| origin.strip_prefix("http://").is_some_and(own));
    if host_is_own && origin_is_own {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "only from this machine").into_response()
    }
}

/// An error of a local call: here the developer is the client, so its cause is shown.
struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = match error.kind() {
            Kind::Invalid => StatusCode::BAD_REQUEST,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let body = json!({
            "code": error.code(), "detail": error.detail(), "errors": error.fields(), "cause": error.cause(),
        });
        (status, Json(body)).into_response()
    }
}

type Answer<T = Json<Value>> = Result<T, Failed>;
type HostState = State<Arc<Host>>;

async fn outbox_page(State(host): HostState) -> Answer<Html<String>> {
    let entries = outbox::list(&host.twins.owner).await?;
    let now = host.twins.clock.now().strftime("%Y-%m-%d %H:%M UTC").to_string();
    Ok(Html(outbox::page(&entries, &now)))
}

async fn outbox_json(State(host): HostState) -> Answer {
    Ok(Json(outbox::list(&host.twins.owner).await?.into()))
}

async fn attachment(State(host): HostState, Path(number): Path<i64>) -> Answer<Response> {
    let attached = outbox::attachment(&host.twins.owner, number).await?;
    let headers = [
        (header::CONTENT_TYPE, attached.content_type),
        (header::CONTENT_DISPOSITION, files::attachment(&attached.name)),
    ];
    Ok((headers, attached.bytes).into_response())
}

async fn clock(State(host): HostState) -> Json<Value> {
    let clock = &host.twins.clock;
    Json(json!({ "now": clock.now().to_string(), "offset_seconds": clock.offset() }))
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: i64,
}

async fn advance(State(host): HostState, body: Bytes) -> Answer {
    let wanted: Advance = serde_json::from_slice(&body).map_err(|_| {
        Error::field(
            "advance_seconds",
            "invalid",
            "Send {\"advance_seconds\": <whole number>} as JSON.",
        )
    })?;
    let (now, settled) = host.advance(wanted.advance_seconds).await?;
    Ok(Json(json!({
        "now": now.to_string(), "offset_seconds": host.twins.clock.offset(), "settled": settled,
    })))
}

async fn run(State(host): HostState, Path(function): Path<String>, _: HeaderMap, body: Bytes) -> Answer {
    let event = if body.is_empty() {
        "{}".into()
    } else {
        String::from_utf8_lossy(&body)
    };
    let result = host.run_now(&function, &event).await?;
    Ok(Json(
        json!({ "function": function, "result": result, "settled": host.settle().await }),
    ))
}

async fn queues(State(host): HostState) -> Answer {
    let mut all = BTreeMap::new();
    for queue in host.template.queues.keys() {
        let depth = host.twins.queue.depth(queue).await?;
        let dead: Vec<Value> = host
            .twins
            .queue
            .dead(queue)
            .await?
            .into_iter()
            .map(|dead| json!({ "id": dead.id, "reason": dead.reason, "attempts": dead.attempts }))
            .collect();
        all.insert(
            queue,
            json!({ "waiting": depth.waiting, "dead": depth.dead, "dead_letters": dead }),
        );
    }
    Ok(Json(json!(all)))
}
