//! `/account/sessions`: where somebody is signed in, and a button to end it there.

use app::{Context, Menu, OpenApiRouter, Page, PathId, Posted, SignedIn, page::html, see_other};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use identity::ABSOLUTE_LIFE;
use jiff::Timestamp;
use ports::Error;
use serde_json::json;
use store::{Sql, params, sql};
use uuid::Uuid;

use crate::accounts::{self, local_time, own_change};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/account/sessions", get(list).post(end_others))
        .route("/account/sessions/{id}/end", post(end))
}

const LIST: Sql = sql!(
    "select id, device, created_at from platform.session
      where account_id = $1 and ended_at is null and is_complete and created_at > $2 order by created_at desc limit 100"
);

struct Listed {
    id: Uuid,
    device: String,
    began: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    page: Page,
    menu: Option<Menu>,
    form_token: String,
    sessions: Vec<Listed>,
}

async fn list(person: SignedIn, State(cx): State<Context>) -> app::Result<Response> {
    let since = cx.clock().now() - ABSOLUTE_LIFE;
    let rows = cx.db.rows(LIST, params![person.account.id, since]).await?;
    let sessions = rows
        .iter()
        .map(|row| {
            let (id, began): (Uuid, Timestamp) = (row.get("id")?, row.get("created_at")?);
            Ok(Listed {
                id,
                device: row.get("device")?,
                began: local_time(began, &person.account.time_zone),
                is_this: id == person.session.id,
            })
        })
        .collect::<ports::Result<_>>()?;
    let title = person.t("Where you are signed in", "Dónde tiene la sesión abierta");
    html(
        StatusCode::OK,
        &SessionsPage {
            page: Page::new(person.language, title),
            menu: Some(person.menu("/account/sessions")?),
            form_token: person.token.form_token()?,
            sessions,
        },
    )
}

async fn end(
    person: SignedIn,
    State(cx): State<Context>,
    PathId(id): PathId,
    _: Posted,
) -> app::Result<Response> {
    let account = person.account.id;
    if !accounts::end_session(&cx, account, id).await? {
        return Err(Error::not_found().into());
    }
    let mut tx = cx.db.begin_untenanted().await?;
    let before = json!({"session": id});
    tx.audit_account(
        account,
        own_change(account, "account.end_session", Some(before), None),
    )
    .await?;
    tx.commit().await?;
    Ok(see_other("/account/sessions"))
}

async fn end_others(person: SignedIn, State(cx): State<Context>, _: Posted) -> app::Result<Response> {
    let account = person.account.id;
    let mut tx = cx.db.begin_untenanted().await?;
    let ended = accounts::end_sessions(&mut tx, account, Some(person.session.id)).await?;
    let before = json!({"sessions": ended.len()});
    tx.audit_account(
        account,
        own_change(account, "account.end_session", Some(before), None),
    )
    .await?;
    tx.commit().await?;
    accounts::drop_tokens(&cx, &ended).await?;
    Ok(see_other("/account/sessions"))
}
