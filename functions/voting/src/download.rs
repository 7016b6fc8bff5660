//! `GET /voting/download/{id}?token=`: the link that a mail carries. It always redirects: to a signed address of the file that
//! lives five minutes, or to a page that says why not and mails a new link on request.

use std::time::Duration;

use app::{
    Context, Locale, OpenApiRouter, Page, PathId,
    page::{html, pick},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::voting::{
    codes::{EventType, FileType},
    schedule::{FileLink as Link, TokenState},
};
use jiff::Timestamp;
use ports::{Area, Error, FileKey};
use serde::Deserialize;
use store::{Sql, params, sql};
use uuid::Uuid;

use crate::{
    actions::{self, Held},
    storage::{self, Reset},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(app::routes!(download))
        .route("/voting/download/{id}/expired", get(expired).post(mail_new_link))
        .route("/voting/download/{id}/purged", get(purged))
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

/// How long the signed address lives: enough to begin a download.
const SIGNED_FOR: Duration = Duration::from_secs(300);

const FIND: Sql = sql!(
    "select kind, action_id, token, expires_at, purged_at, file_key, first_download_at from voting.stored_file where id = $1"
);
const FIRST: Sql =
    sql!("update voting.stored_file set first_download_at = $2 where id = $1 and first_download_at is null");

fn found(location: &str) -> Result<Response, Error> {
    let mut response = StatusCode::FOUND.into_response();
    response.headers_mut().insert(
        header::LOCATION,
        HeaderValue::from_str(location).map_err(Error::internal)?,
    );
    Ok(response)
}

/// Download a file by its link.
#[utoipa::path(get, path = "/voting/download/{id}", params(("id" = String, Path), ("token" = String, Query)),
    responses((status = 302, description = "To the file, or to a page that offers a new link"), (status = 404)))]
async fn download(
    method: Method,
    State(cx): State<Context>,
    PathId(id): PathId,
    Query(query): Query<Token>,
) -> app::Result<Response> {
    let tenant = actions::tenant_of(&cx, Held::File(id)).await?;
    let mut tx = cx.db.begin(tenant).await?;
    let row = tx.one(FIND, params![id]).await?;
    let (token, expires): (String, Timestamp) = (row.get("token")?, row.get("expires_at")?);
    let purged = row.get::<Option<Timestamp>>("purged_at")?.is_some();
    let (link, now) = (
        Link {
            token: &token,
            expires,
            purged,
        },
        tx.now(),
    );
    match link.judge(query.token.as_deref().unwrap_or_default(), now) {
        TokenState::Valid => {}
        TokenState::Purged => return Ok(found(&cx.settings.link(&storage::purged_path(id)))?),
        state @ (TokenState::Expired | TokenState::Wrong) => {
            tracing::info!(wrong = state == TokenState::Wrong, "a download link was refused");
            return Ok(found(
                &cx.settings.link(&format!("/voting/download/{id}/expired")),
            )?);
        }
    }
    if row.get::<&str>("kind")? == FileType::Report.as_str() {
        storage::check_author(&mut tx, id).await?;
    }
    let key = FileKey::new(row.get::<String>("file_key")?)?;
    let address = cx.files().signed_url(Area::Private, &key, SIGNED_FOR).await?;
    // Mail programs look at links by HEAD: that is no download, and must not keep the reminder from the voter.
    if method != Method::HEAD {
        tx.execute(FIRST, params![id, now]).await?;
        if let Some(action) = row.get::<Option<Uuid>>("action_id")? {
            actions::track(&mut tx, tenant, action, EventType::Download).await?;
        }
        tx.commit().await?;
    }
    Ok(found(&address)?)
}

#[derive(Template)]
#[template(path = "download.html")]
struct DownloadPage<'a> {
    page: Page,
    heading: &'a str,
    text: &'a str,
    /// Offer to mail a new link.
    offer: bool,
}

async fn expired(PathId(_): PathId, Locale(language): Locale) -> app::Result<Response> {
    let heading = pick(language, "This link has expired", "Este enlace ha caducado");
    let text = pick(
        language,
        "We can send a new link to the e-mail address that you gave us.",
        "Podemos enviar un enlace nuevo a la dirección de correo electrónico que nos dio.",
    );
    html(
        StatusCode::OK,
        &DownloadPage {
            page: Page::new(language, heading),
            heading,
            text,
            offer: true,
        },
    )
}

async fn mail_new_link(
    State(cx): State<Context>,
    PathId(id): PathId,
    Locale(language): Locale,
) -> app::Result<Response> {
    if let Reset::Purged = storage::reset(&cx, id).await? {
        return Ok(found(&cx.settings.link(&storage::purged_path(id)))?);
    }
    let heading = pick(
        language,
        "A new link is on its way",
        "Un enlace nuevo está en camino",
    );
    let text = pick(
        language,
        "Look for our e-mail in your inbox within a few minutes.",
        "Busque nuestro correo en su bandeja de entrada en unos minutos.",
    );
    html(
        StatusCode::OK,
        &DownloadPage {
            page: Page::new(language, heading),
            heading,
            text,
            offer: false,
        },
    )
}

async fn purged(PathId(_): PathId, Locale(language): Locale) -> app::Result<Response> {
    let heading = pick(language, "This file was deleted", "Este archivo fue eliminado");
    let text = pick(
        language,
        "We delete forms and reports after sixty days to protect the data in them. A form can be filled in again.",
        "Eliminamos los formularios e informes después de sesenta días para proteger sus datos. Puede llenar un formulario de nuevo.",
    );
    html(
        StatusCode::GONE,
        &DownloadPage {
            page: Page::new(language, heading),
            heading,
            text,
            offer: false,
        },
    )
}
