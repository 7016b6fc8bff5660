//! `POST /voting/v1/storage/reset`: a new link to a file, mailed to whom the file was made for. Nobody else learns anything.

use app::{Answer, Context, Fields, OpenApiRouter, routes};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    person::SmallUuid,
    voting::{
        codes::FileType,
        schedule::{FILE_EXPIRATION_HOURS, FileLink as Link, REPORT_EXPIRATION_HOURS, file_expires},
    },
};
use jiff::Timestamp;
use ports::{Error, Result};
use store::{Sql, Tx, params, sql};
use uuid::Uuid;

use crate::{
    actions::{self, Held},
    jobs::FileLink,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(reset_link))
}

const FIND: Sql =
    sql!("select kind, token, expires_at, purged_at from voting.stored_file where id = $1 for update");
const RENEW: Sql = sql!("update voting.stored_file set token = $2, expires_at = $3 where id = $1");

/// Whether there was still something to link to.
pub(crate) enum Reset {
    Mailed,
    Purged,
}

/// Mails the file's link: the living one again, or a new one where it had expired.
pub(crate) async fn reset(cx: &Context, file: Uuid) -> Result<Reset> {
    let tenant = actions::tenant_of(cx, Held::File(file)).await?;
    let mut tx = cx.db.begin(tenant).await?;
    let row = tx.one(FIND, params![file]).await?;
    if row.get::<Option<Timestamp>>("purged_at")?.is_some() {
        return Ok(Reset::Purged);
    }
    let hours = match row.get::<&str>("kind")? {
        kind if kind == FileType::Report.as_str() => {
            check_author(&mut tx, file).await?;
            REPORT_EXPIRATION_HOURS
        }
        _ => FILE_EXPIRATION_HOURS,
    };
    let (token, expires): (String, Timestamp) = (row.get("token")?, row.get("expires_at")?);
    let now = tx.now();
    if (Link {
        token: &token,
        expires,
        purged: false,
    })
    .needs_new_token(now)
    {
        let token = tx.random_id().simple().to_string();
        tx.execute(RENEW, params![file, token, file_expires(now, hours)])
            .await?;
    }
    tx.enqueue(&FileLink { file }).await?;
    tx.commit().await?;
    Ok(Reset::Mailed)
}

const AUTHOR: Sql = sql!(
    "select m.email from voting.report r cross join lateral platform.member(r.author_id) m where r.file_id = $1"
);

/// A report is for who asked for it, as long as they belong to the organisation.
///
/// # Errors
/// `NotFound` where they left.
pub(crate) async fn check_author(tx: &mut Tx, file: Uuid) -> Result<()> {
    tx.one(AUTHOR, params![file]).await.map(drop)
}

/// Where a purged file's links lead.
pub(crate) fn purged_path(file: Uuid) -> String {
    format!("/voting/download/{file}/purged")
}

/// Ask for a new download link.
#[utoipa::path(post, path = "/voting/v1/storage/reset",
    responses((status = 201, description = "The link was mailed"), (status = 302, description = "The file is gone for good"),
              (status = 400), (status = 404)))]
async fn reset_link(State(cx): State<Context>, fields: Fields) -> app::Result<Response> {
    // The peer's clients read a bare text here, not a list.
    let refused = |code, text: &'static str| Error::field("id", code, text).with_member("id", text);
    let id = fields.text("id");
    if id.is_empty() {
        return Err(refused("required", "Required").into());
    }
    let id = SmallUuid::parse_any(id).map_err(|_| refused("uuid", "Must be a uuid or smalluuid"))?;
    Ok(match reset(&cx, id).await? {
        Reset::Mailed => Answer(StatusCode::CREATED, serde_json::json!({})).into_response(),
        Reset::Purged => {
            let mut response = Redirect::to(&cx.settings.link(&purged_path(id))).into_response();
            *response.status_mut() = StatusCode::FOUND;
            response
        }
    })
}
