//! `POST /expungement/api/search` and `GET /expungement/api/search/{id}`: the record of a person, from the court's site.
//!
//! A crawl takes longer than a request may. The first request of some aliases queues it and is answered by 202 with where to ask;
//! with `Prefer: wait=20` (RFC 7240) it waits, and mostly gets the record itself, as the peer's clients expect. Every later request
//! with the same aliases (edits, answers, another day) is answered at once from what this session found.

use std::time::Duration;

use app::{Answer, Context, OpenApiRouter, PathId, routes};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::expungement::{Alias, Options};
use ports::{Error, FieldError};
use serde_json::json;
use uuid::Uuid;

use crate::{
    analysis::{self, ApiLanguage, SearchIn, answer},
    court::{
        found::{self, Search},
        session::Session,
    },
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(status))
}

const PREFER: HeaderName = HeaderName::from_static("prefer");
/// The longest that a request waits: API Gateway gives up after 30 s.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// Search the court's site and analyse the record.
#[utoipa::path(post, path = "/expungement/api/search", request_body = SearchIn,
    params(("lang" = Option<String>, Query, description = "`en` or `es`"),
           ("Prefer" = Option<String>, Header, description = "`wait=20`: wait so many seconds for the record, at most 25")),
    responses((status = 200, description = "`{record}`: cases with their charges and verdicts, banners, summary, questions"),
              (status = 202, description = "`{id, status, progress: {found, fetched}}`; `Location` says where to ask"),
              (status = 400), (status = 401, description = "No session, or the court's site refuses the credentials"),
              (status = 404, description = "The court's site is in maintenance"), (status = 429)))]
async fn search(
    State(cx): State<Context>,
    session: Session,
    ApiLanguage(language): ApiLanguage,
    headers: HeaderMap,
    request: SearchIn,
) -> app::Result<Response> {
    let options = request.options(&cx, language);
    if request.aliases.is_empty() {
        return answer(&[], &request, options);
    }
    searchable(&request.aliases)?;
    let (id, _) = found::search(&cx, &session, &request.aliases, request.today).await?;
    let search = found::wait(&cx, &session, id, preferred_wait(&headers)).await?;
    finish(&cx, &session, id, &search, &request, options).await
}

/// How a search stands, or its record.
///
/// The record is without edits: those are posted, with the same aliases, to `/expungement/api/search`.
#[utoipa::path(get, path = "/expungement/api/search/{id}",
    params(("id" = String, Path), ("lang" = Option<String>, Query, description = "`en` or `es`"),
           ("Prefer" = Option<String>, Header, description = "`wait=20`: wait so many seconds for the record, at most 25")),
    responses((status = 200, description = "`{record}`"),
              (status = 202, description = "`{id, status, progress: {found, fetched}}`"),
              (status = 401), (status = 404, description = "No such search of this session, or the court's site is in maintenance")))]
async fn status(
    State(cx): State<Context>,
    session: Session,
    PathId(id): PathId,
    ApiLanguage(language): ApiLanguage,
    headers: HeaderMap,
) -> app::Result<Response> {
    let search = found::wait(&cx, &session, id, preferred_wait(&headers)).await?;
    let request = SearchIn {
        today: search.today,
        ..SearchIn::default()
    };
    let options = request.options(&cx, language);
    finish(&cx, &session, id, &search, &request, options).await
}

/// The record of a search that has ended; how far it is otherwise.
async fn finish(
    cx: &Context,
    session: &Session,
    id: Uuid,
    search: &Search,
    request: &SearchIn,
    options: Options,
) -> app::Result<Response> {
    if !search.status.has_ended() {
        return under_way(id, search);
    }
    let found = found::of(cx, session, id, search).await?;
    if found.errors.is_empty() {
        answer(&found.cases, request, options)
    } else {
        let texts = found.errors.iter().map(|trouble| trouble.text(options.language));
        analysis::failed(texts.collect(), options)
    }
}

fn under_way(id: Uuid, search: &Search) -> app::Result<Response> {
    let body = json!({
        "id": id, "status": search.status,
        "progress": {"found": search.found, "fetched": search.fetched},
    });
    let mut response = Answer(StatusCode::ACCEPTED, body).into_response();
    let location = format!("/expungement/api/search/{id}");
    let headers = response.headers_mut();
    headers.insert(
        header::LOCATION,
        HeaderValue::from_str(&location).map_err(Error::internal)?,
    );
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    Ok(response)
}

/// What the court's site takes.
///
/// # Errors
/// `Invalid`, naming each field as `aliases.0.first_name`.
pub fn searchable(aliases: &[Alias]) -> ports::Result<()> {
    let problems: Vec<FieldError> = aliases
        .iter()
        .enumerate()
        .filter_map(|(index, alias)| {
            let problem = alias.problem()?;
            Some(FieldError::new(
                format!("aliases.{index}.{}", problem.field),
                problem.code,
                problem.message,
            ))
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(problems))
    }
}

/// `Prefer: wait=20`, bounded; nothing else of that header means something here.
fn preferred_wait(headers: &HeaderMap) -> Duration {
    let preferences = headers.get_all(PREFER).into_iter();
    let wait = preferences
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .find_map(|preference| preference.trim().strip_prefix("wait=")?.trim().parse().ok());
    Duration::from_secs(wait.unwrap_or(0)).min(LONGEST_WAIT)
}
