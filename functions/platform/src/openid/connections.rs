//! Which providers somebody signs in with: see, connect, disconnect.
//!
//! To connect, somebody who is signed in goes to the provider and comes back to a page that says whom it named. Only the button on
//! that page connects, so that nobody is made to connect a stranger's identity by a link.
//!
//! Both change who gets in: as with passkeys, they take a session whose owner proved lately that it is them, end the other sessions,
//! and are told by mail.

use app::{
    Context, Cookie, Form, Menu, Page, Posted, SignedIn,
    page::{html, pick},
    see_other,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use identity::{jwt::Claims, oidc::Provider};
use jiff::{SignedDuration, Timestamp};
use ports::{Entry, Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Sql, Tx, audit::Actor, params, sql};
use uuid::Uuid;

use super::{identity as people, provider, providers};
use crate::{
    account_mail::MailKind,
    accounts::{self, FormPage, local_time, own_change},
    passkeys::to_confirm,
};

/// How long the question waits for its answer.
const OFFER_LIFE: SignedDuration = SignedDuration::from_mins(10);

const LIST: Sql = sql!(
    "select issuer, created_at, last_used_at from platform.external_identity where account_id = $1 limit 100"
);
const DISCONNECT: Sql =
    sql!("delete from platform.external_identity where account_id = $1 and issuer = $2 returning subject");

struct Listed {
    id: String,
    name: String,
    /// Since when, and when last. `None`: not connected.
    connected: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "openid.html")]
struct ConnectionsPage {
    page: Page,
    menu: Option<Menu>,
    form_token: String,
    providers: Vec<Listed>,
}

pub(super) async fn list(person: SignedIn, State(cx): State<Context>) -> app::Result<Response> {
    let rows = cx.db.rows(LIST, params![person.account.id]).await?;
    let mut listed = Vec::new();
    for provider in providers(&cx).await? {
        let mut connected = None;
        for row in &rows {
            if row.get::<&str>("issuer")? == provider.issuer {
                let at = |name| -> Result<String> {
                    Ok(local_time(row.get::<Timestamp>(name)?, &person.account.time_zone))
                };
                connected = Some((at("created_at")?, at("last_used_at")?));
            }
        }
        listed.push(Listed {
            id: provider.id,
            name: provider.name,
            connected,
        });
    }
    let title = person.t("Sign-in by providers", "Acceso con proveedores");
    html(
        StatusCode::OK,
        &ConnectionsPage {
            page: Page::new(person.language, title),
            menu: Some(person.menu("/account/openid")?),
            form_token: person.token.form_token()?,
            providers: listed,
        },
    )
}

/// Whom a provider named to somebody who wants to connect it.
#[derive(Serialize, Deserialize)]
struct Offer {
    provider: String,
    subject: String,
}

fn place(session: Uuid) -> String {
    format!("openid-offer#{session}")
}

/// The provider's answer to somebody who wants to connect it: kept until they say yes.
pub(super) async fn offer(
    cx: &Context,
    headers: &HeaderMap,
    provider: &Provider,
    session: Uuid,
    claims: &Claims,
) -> app::Result<Response> {
    let person = SignedIn::find(cx, headers, None).await?;
    if person.is_none_or(|person| person.session.id != session) {
        return Ok(see_other("/account/sign-in"));
    }
    let offer = Offer {
        provider: provider.id.clone(),
        subject: people::subject(claims)?.to_owned(),
    };
    let entry = Entry {
        value: serde_json::to_value(offer).map_err(Error::internal)?,
        expires: cx.clock().now() + OFFER_LIFE,
    };
    cx.key_value().put(&place(session), entry).await?;
    Ok(see_other(&format!("/account/openid/{}/connect", provider.id)))
}

async fn offered(cx: &Context, person: &SignedIn, provider: &Provider) -> Result<Option<String>> {
    let Some(entry) = cx.key_value().get(&place(person.session.id)).await? else {
        return Ok(None);
    };
    let offer: Offer =
        serde_json::from_value(entry.value).map_err(|_| Error::internal("an offer of another shape"))?;
    Ok((offer.provider == provider.id).then_some(offer.subject))
}

pub(super) async fn confirm(
    person: SignedIn,
    State(cx): State<Context>,
    Path(id): Path<String>,
) -> app::Result<Response> {
    let provider = provider(&cx, &id).await?;
    if offered(&cx, &person, &provider).await?.is_none() {
        return Ok(see_other("/account/openid"));
    }
    let heading = person
        .t("Connect {} to your account?", "¿Conectar {} a su cuenta?")
        .replace("{}", &provider.name);
    let intro = pick(
        person.language,
        "From then on, whoever signs in there as you just did gets into this account.",
        "A partir de entonces, quien inicie sesión allí como usted acaba de hacerlo entrará en esta cuenta.",
    );
    let mut page = FormPage::new(person.language, &heading)
        .intro(intro)
        .form(
            Form::default(),
            person.t("Connect", "Conectar"),
            person.token.form_token()?,
        )
        .link(person.t("Do not connect", "No conectar"), "/account/openid");
    page.menu = Some(person.menu("/account/openid")?);
    page.respond()
}

pub(super) async fn connect(
    person: SignedIn,
    State(cx): State<Context>,
    Path(id): Path<String>,
    _: Posted,
) -> app::Result<Response> {
    let provider = provider(&cx, &id).await?;
    let Some(subject) = offered(&cx, &person, &provider).await? else {
        return Ok(see_other("/account/openid"));
    };
    // Whoever finds an open browser does not.
    if !person.session.is_proven(cx.clock().now()) {
        return Ok(to_confirm(&format!("/account/openid/{id}/connect")));
    }
    cx.key_value().delete(&place(person.session.id)).await?;
    let mut tx = cx.db.begin_untenanted().await?;
    if !people::connect(&mut tx, &provider, &subject, person.account.id).await? {
        return Err(Error::new(
            Kind::Conflict,
            "identity_taken",
            person
                .t(
                    "This sign-in is connected to an account already.",
                    "Este acceso ya está conectado a una cuenta.",
                )
                .to_owned(),
        )
        .into());
    }
    changed(&cx, tx, &person, MailKind::ProviderConnected).await
}

/// What follows from a change of who gets in: the session goes under a new token, the others end, the owner is told.
async fn changed(cx: &Context, mut tx: Tx, person: &SignedIn, kind: MailKind) -> app::Result<Response> {
    let token = accounts::rotate_session(cx, &mut tx, &person.token, person.session.clone()).await?;
    let ended = accounts::tell_and_end_others(&mut tx, person, kind).await?;
    tx.commit().await?;
    accounts::drop_tokens(cx, &ended).await?;
    let mut response = see_other("/account/openid");
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.set(&cx.settings, &token)?);
    Ok(response)
}

/// The roles go first: where the rest fails, the next sign-in gives them back.
pub(super) async fn disconnect(
    person: SignedIn,
    State(cx): State<Context>,
    Path(id): Path<String>,
    _: Posted,
) -> app::Result<Response> {
    let provider = provider(&cx, &id).await?;
    if !person.session.is_proven(cx.clock().now()) {
        return Ok(to_confirm("/account/openid"));
    }
    let account = person.account.id;
    people::take_roles(&cx, Actor::Account(account), &provider.issuer, account).await?;
    let mut tx = cx.db.begin_untenanted().await?;
    let gone = tx.rows(DISCONNECT, params![account, provider.issuer]).await?;
    if gone.is_empty() {
        return Ok(see_other("/account/openid"));
    }
    let before = json!({"provider": provider.id});
    tx.audit_account(
        account,
        own_change(account, "account.unlink_identity", Some(before), None),
    )
    .await?;
    changed(&cx, tx, &person, MailKind::ProviderDisconnected).await
}
