//! What the states say: fields by state and states by field, for anyone. Territories have texts but are not listed.
//!
//! The answers are put together in the database and passed through; they may be cached for a minute, and carry cache tags by
//! which a CDN can drop them sooner.

use std::collections::BTreeMap;

use app::{Context, OpenApiRouter, routes};
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::person::StateCode;
use ports::{Error, Result};
use store::{Sql, Tx, params, sql};

pub(crate) fn state_routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_states))
        .routes(routes!(find_state))
}

pub(crate) fn field_routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_fields))
        .routes(routes!(find_field))
}

const STATES: Sql = sql!(
    "select json_agg(json_build_object('code', s.code, 'name', s.name, 'state_information', coalesce(i.list, '[]'::json))
                     order by s.code)::text as body
       from voting.state s
       left join lateral (
            select json_agg(case f.field_format when 'Boolean'
                       then json_build_object('text', v.text, 'field_type', v.field, 'modified_at', v.modified_at,
                                              'value', lower(v.text) = 'true')
                       else json_build_object('text', v.text, 'field_type', v.field, 'modified_at', v.modified_at)
                   end order by v.field) as list
              from voting.state_information v join voting.state_field f on f.slug = v.field
             where v.state = s.code) i on true
      where not s.territory and ($1 = '' or s.code = $1)"
);
const FIELDS: Sql = sql!(
    "select coalesce(json_agg(json_build_object('slug', slug, 'long_name', long_name, 'field_format', field_format)
                              order by slug), '[]'::json)::text as body
       from voting.state_field"
);
const FIELD: Sql = sql!(
    "select json_build_object('slug', f.slug, 'long_name', f.long_name, 'field_format', f.field_format,
                'states', coalesce(i.list, '[]'::json))::text as body
       from voting.state_field f
       left join lateral (
            select json_agg(case f.field_format when 'Boolean'
                       then json_build_object('state', v.state, 'text', v.text, 'modified_at', v.modified_at,
                                              'value', lower(v.text) = 'true')
                       else json_build_object('state', v.state, 'text', v.text, 'modified_at', v.modified_at)
                   end order by v.state) as list
              from voting.state_information v join voting.state s on s.code = v.state
             where v.field = f.slug and not s.territory) i on true
      where f.slug = $1"
);
const TEXTS: Sql = sql!("select field, text from voting.state_information where state = $1");

/// All texts of a state, by field.
pub(crate) async fn texts(tx: &mut Tx, state: StateCode) -> Result<BTreeMap<String, String>> {
    tx.rows(TEXTS, params![state.as_str()])
        .await?
        .iter()
        .map(|row| Ok((row.get("field")?, row.get("text")?)))
        .collect()
}

/// A published answer: JSON as the database wrote it.
fn published(body: String, tags: &str) -> Response {
    (
        [
            (header::CONTENT_TYPE.as_str(), "application/json"),
            (
                header::CACHE_CONTROL.as_str(),
                "public, max-age=60, stale-while-revalidate=600",
            ),
            ("cache-tag", tags),
        ],
        body,
    )
        .into_response()
}

/// Every state with all its texts.
#[utoipa::path(get, path = "/voting/v1/election/state",
    responses((status = 200, description = "`[{code, name, state_information: [{text, field_type, modified_at, value?}]}]`")))]
async fn list_states(State(cx): State<Context>) -> app::Result<Response> {
    let row = cx.db.one(STATES, params![""]).await?;
    Ok(published(
        row.get::<Option<String>>("body")?
            .unwrap_or_else(|| "[]".to_owned()),
        "election,state",
    ))
}

/// One state.
#[utoipa::path(get, path = "/voting/v1/election/state/{code}", params(("code" = String, Path)),
    responses((status = 200), (status = 404)))]
async fn find_state(State(cx): State<Context>, Path(code): Path<String>) -> app::Result<Response> {
    let state = StateCode::parse(&code).map_err(|_| Error::not_found())?;
    let row = cx.db.one(STATES, params![state.as_str()]).await?;
    let list: Option<String> = row.get("body")?;
    // A list of one, for the statement is the same.
    let one = list
        .as_deref()
        .and_then(|list| list.strip_prefix('[')?.strip_suffix(']'))
        .ok_or_else(Error::not_found)?;
    Ok(published(
        one.trim().to_owned(),
        &format!("election,state,{}", state.as_str().to_lowercase()),
    ))
}

/// Every field.
#[utoipa::path(get, path = "/voting/v1/election/field",
    responses((status = 200, description = "`[{slug, long_name, field_format}]`")))]
async fn list_fields(State(cx): State<Context>) -> app::Result<Response> {
    Ok(published(
        cx.db.one(FIELDS, params![]).await?.get("body")?,
        "election,field",
    ))
}

/// One field in all states.
#[utoipa::path(get, path = "/voting/v1/election/field/{slug}", params(("slug" = String, Path)),
    responses((status = 200, description = "`{slug, long_name, field_format, states: [{state, text, modified_at, value?}]}`"),
              (status = 404)))]
async fn find_field(State(cx): State<Context>, Path(slug): Path<String>) -> app::Result<Response> {
    if slug.contains('\0') {
        return Err(Error::not_found().into());
    }
    Ok(published(
        cx.db.one(FIELD, params![slug]).await?.get("body")?,
        "election,field",
    ))
}
