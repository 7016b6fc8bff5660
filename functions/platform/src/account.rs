//! `/account`: what somebody can do about their own account, and what was done lately.

use app::{Context, Menu, OpenApiRouter, Page, SignedIn, page::html};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response, routing::get};
use jiff::Timestamp;
use store::{Sql, params, sql};

use crate::{accounts::local_time, history};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/account", get(overview))
}

const EVENTS: Sql =
    sql!("select at, action from platform.audit_entry where chain_id = $1 order by position desc limit 10");

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    menu: Option<Menu>,
    person: SignedIn,
    /// When and what.
    events: Vec<(String, String)>,
}

async fn overview(person: SignedIn, State(cx): State<Context>) -> app::Result<Response> {
    let mut tx = cx.db.begin_untenanted().await?;
    let rows = tx.rows(EVENTS, params![person.account.id]).await?;
    let events = rows
        .iter()
        .map(|row| {
            let at: Timestamp = row.get("at")?;
            let action = history::action_name(person.language, row.get("action")?);
            Ok((local_time(at, &person.account.time_zone), action))
        })
        .collect::<ports::Result<_>>()?;
    let title = person.t("Your account", "Su cuenta");
    html(
        StatusCode::OK,
        &AccountPage {
            page: Page::new(person.language, title),
            menu: Some(person.menu("/account")?),
            events,
            person,
        },
    )
}
