//! The end of a session that stands on a provider: ours tells where to leave there, and the provider tells us to end ours.

use std::collections::BTreeMap;

use app::{Context, Fields, Locale, issuer, page::pick};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use identity::{
    jwt::{Expected, SKEW},
    oidc::Logout,
};
use ports::{Error, Kind};
use serde_json::json;
use store::{
    Sql,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use super::{provider, with_query};
use crate::accounts::{self, FormPage};

/// After a sign-out: the session there lives on, and is ended by a link (RP-Initiated Logout 1.0). We keep no ID token to hint
/// with, so the provider may ask whether it is meant.
pub(super) async fn page(
    State(cx): State<Context>,
    Locale(language): Locale,
    Path(id): Path<String>,
) -> app::Result<Response> {
    let provider = provider(&cx, &id).await?;
    let t = |english, spanish| pick(language, english, spanish).replace("{}", &provider.name);
    let mut page = FormPage::new(language, &t("You are signed out here", "Cerró la sesión aquí"));
    // Who leaves is not kept for a provider that does not answer.
    let endpoint = match issuer::discover(&cx, &provider.issuer).await {
        Ok(endpoints) => endpoints.end_session_endpoint,
        Err(_) => None,
    };
    page = page.intro(&t(
        "You may still be signed in at {}. Sign out there as well where others use this computer.",
        "Es posible que su sesión siga abierta en {}. Ciérrela allí también si otras personas usan esta computadora.",
    ));
    if let Some(endpoint) = endpoint {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &provider.client_id)
            .append_pair("post_logout_redirect_uri", &cx.settings.link("/account/sign-in"))
            .finish();
        page = page.link(
            &t("Sign out at {}", "Cerrar la sesión en {}"),
            &with_query(&endpoint, &query),
        );
    }
    page.link(&t("Sign in again", "Iniciar sesión de nuevo"), "/account/sign-in")
        .respond()
}

// A token that is sent again later ends none that began since.
const END: Sql = sql!(
    "update platform.session s set ended_at = $1
      where s.provider = $2 and s.ended_at is null and s.created_at <= $3
        and ($4::text is null or s.provider_session = $4)
        and ($5::text is null or exists (select from platform.external_identity i
                                          where i.issuer = $6 and i.subject = $5 and i.account_id = s.account_id))
     returning s.account_id, s.token_digest"
);

/// The provider's own call: it sends a signed log-out token (Back-Channel Logout 1.0 §2.5).
pub(super) async fn backchannel(
    State(cx): State<Context>,
    Path(id): Path<String>,
    sent: Fields,
) -> app::Result<Response> {
    let provider = provider(&cx, &id).await?;
    let refused = |code: &'static str| {
        tracing::warn!(
            metric = "OpenIdRefused",
            provider = provider.id,
            code,
            "a log-out was refused"
        );
        Error::new(
            Kind::Invalid,
            "invalid_request",
            "This is no log-out token for us.",
        )
    };
    let endpoints = issuer::discover(&cx, &provider.issuer).await?;
    let expected = Expected {
        issuer: &provider.issuer,
        audience: &provider.client_id,
        types: &["jwt", "logout+jwt"],
    };
    let claims = issuer::verify(&cx, &endpoints.jwks_uri, sent.text("logout_token"), &expected)
        .await?
        .map_err(|why| refused(why.code()))?;
    let logout = Logout::of(&claims).map_err(|why| refused(why.code()))?;
    let issued = claims
        .moment("iat")
        .ok()
        .flatten()
        .ok_or_else(|| refused("claim"))?;
    let mut tx = cx.db.begin_untenanted().await?;
    let now = tx.now();
    let rows = tx
        .rows(
            END,
            params![
                now,
                provider.id,
                issued + SKEW,
                logout.session,
                logout.subject,
                provider.issuer
            ],
        )
        .await?;
    let mut ended: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for row in &rows {
        ended
            .entry(row.get("account_id")?)
            .or_default()
            .push(row.get("token_digest")?);
    }
    for (account, sessions) in &ended {
        let change = Change {
            actor: Actor::Provider,
            action: "account.end_session",
            object_kind: "account",
            object_id: account.to_string(),
            before: Some(json!({"sessions": sessions.len(), "provider": provider.id})),
            after: None,
        };
        tx.audit_account(*account, change).await?;
    }
    tx.commit().await?;
    for tokens in ended.values() {
        accounts::drop_tokens(&cx, tokens).await?;
    }
    Ok(StatusCode::OK.into_response())
}
