//! Whose account a provider's person is, and which roles their claims give.
//!
//! A person is known by issuer and subject, never by an address, which may pass to somebody else. An address only leads to an account
//! for the first time, and only where the provider alone gives out addresses of that domain; else the owner of the account
//! connects the two by hand, signed in (see [`super::connections`]).

use std::collections::BTreeMap;

use app::{Context, TenantId, page::pick};
use axum::{http::StatusCode, response::Response};
use domain::person::{Email, Language, Name};
use identity::{
    Role, Token,
    jwt::Claims,
    oidc::Provider,
    password::{self, Cost},
};
use ports::{Error, Kind, Result};
use serde_json::json;
use store::{
    Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::accounts::{Credentials, FormPage, offered_zone, own_change};

const KNOWN: Sql = sql!(
    "update platform.external_identity set last_used_at = $3 where issuer = $1 and subject = $2 returning account_id"
);
const CONNECT: Sql = sql!(
    "insert into platform.external_identity (issuer, subject, account_id, created_at, last_used_at)
     values ($1, $2, $3, $4, $4) on conflict (issuer, subject) do nothing returning account_id"
);
const CREATE: Sql = sql!(
    "insert into platform.account (id, email, name, language, time_zone, password_hash, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (lower(email)) do nothing returning id"
);

/// Why somebody whom a provider vouches for does not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nobody {
    /// An account has their address, and only its owner can connect it.
    Unconnected,
    /// No account, and the provider makes none; or no verified address to make it with.
    Unknown,
    Disabled,
}

/// The page for somebody who does not get in.
pub(super) fn nobody(language: Language, provider: &Provider, why: Nobody) -> app::Result<Response> {
    tracing::info!(
        metric = "OpenIdNobody",
        provider = provider.id,
        why = ?why,
        "whom a provider vouches for has no account here"
    );
    let t = |english, spanish| pick(language, english, spanish).replace("{}", &provider.name);
    let (heading, text) = match why {
        Nobody::Unconnected => (
            t(
                "Connect {} to your account first",
                "Primero conecte {} a su cuenta",
            ),
            t(
                "An account with your address exists. Sign in to it as you did so far; after that you can connect {}.",
                "Existe una cuenta con su dirección. Inicie sesión como hasta ahora; después podrá conectar {}.",
            ),
        ),
        Nobody::Unknown => (
            t("You have no account here yet", "Aún no tiene una cuenta aquí"),
            t(
                "{} told us who you are, but nobody has invited you. Ask your organization for an invitation.",
                "{} nos dijo quién es usted, pero nadie le ha invitado. Pida una invitación a su organización.",
            ),
        ),
        Nobody::Disabled => (
            t("Your account is disabled", "Su cuenta está desactivada"),
            t("Ask your organization.", "Pregunte a su organización."),
        ),
    };
    let mut page = FormPage::new(language, &heading).intro(&text);
    page = match why {
        Nobody::Unconnected => {
            let next = format!("/account/openid/{}?connect=true", provider.id);
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("next", &next)
                .finish();
            page.link(
                &t("Sign in and connect", "Iniciar sesión y conectar"),
                &format!("/account/sign-in?{query}"),
            )
        }
        _ => page.link(
            &t("Other ways to sign in", "Otras formas de iniciar sesión"),
            "/account/sign-in",
        ),
    };
    let mut response = page.respond()?;
    *response.status_mut() = StatusCode::FORBIDDEN;
    Ok(response)
}

/// The subject, which was checked with the token.
pub(super) fn subject(claims: &Claims) -> Result<&str> {
    claims
        .subject()
        .map_err(|_| Error::internal("a token without a subject was taken"))
}

/// The account of this person: the one that is connected, the one of their address where that may be, or a new one.
pub(super) async fn find_or_make(
    cx: &Context,
    provider: &Provider,
    claims: &Claims,
    language: Language,
) -> Result<Result<Credentials, Nobody>> {
    let subject = subject(claims)?;
    let now = cx.clock().now();
    // Of two first sign-ins at once, the second finds at its second look what the first wrote.
    for is_second_look in [false, true] {
        if let Some(row) = cx
            .db
            .optional(KNOWN, params![provider.issuer, subject, now])
            .await?
        {
            return by_id(cx, row.get("account_id")?).await;
        }
        let Some(email) = provider
            .verified_email(&claims.all)
            .and_then(|text| Email::parse(text).ok())
        else {
            return Ok(Err(Nobody::Unknown));
        };
        if let Some(account) = Credentials::by_email(cx, email.as_str()).await? {
            if !provider.owns(email.as_str()) {
                if is_second_look {
                    return Ok(Err(Nobody::Unconnected));
                }
                continue;
            }
            let mut tx = cx.db.begin_untenanted().await?;
            if connect(&mut tx, provider, subject, account.id).await? {
                tx.commit().await?;
                return Ok(Ok(account));
            }
        } else if !provider.just_in_time {
            return Ok(Err(Nobody::Unknown));
        } else if let Some(id) = make(cx, provider, claims, subject, &email, language).await? {
            return by_id(cx, id).await;
        }
    }
    Ok(Err(Nobody::Disabled))
}

async fn by_id(cx: &Context, id: Uuid) -> Result<Result<Credentials, Nobody>> {
    match Credentials::by_id(cx, id).await {
        Ok(account) => Ok(Ok(account)),
        Err(error) if error.kind() == Kind::NotFound => Ok(Err(Nobody::Disabled)),
        Err(error) => Err(error),
    }
}

/// Writes that this is whom the provider means. `false` where it already means somebody else.
pub(super) async fn connect(tx: &mut Tx, provider: &Provider, subject: &str, account: Uuid) -> Result<bool> {
    let now = tx.now();
    let row = tx
        .optional(CONNECT, params![provider.issuer, subject, account, now])
        .await?;
    if row.is_none() {
        return Ok(false);
    }
    let after = json!({"provider": provider.id});
    tx.audit_account(
        account,
        own_change(account, "account.link_identity", None, Some(after)),
    )
    .await?;
    Ok(true)
}

/// An account for somebody who has none. Its password is one that nobody knows: a reset by mail gives another. `None` where the
/// address or the person has an account after all: a disabled one, or one that was made just now.
async fn make(
    cx: &Context,
    provider: &Provider,
    claims: &Claims,
    subject: &str,
    email: &Email,
    language: Language,
) -> Result<Option<Uuid>> {
    let local = email.as_str().split('@').next().unwrap_or_default();
    let name = claims
        .text("name")
        .and_then(|text| Name::parse(text).ok())
        .or_else(|| Name::parse(local).ok())
        .ok_or_else(|| Error::internal("an address without a local part"))?;
    let language = claims
        .text("locale")
        .and_then(|tag| Language::parse(tag.get(..2)?).ok())
        .unwrap_or(language);
    let zone = claims
        .text("zoneinfo")
        .and_then(offered_zone)
        .map_or("America/New_York", |zone| zone.name);
    let id = cx.random().uuid();
    let hash = password::hash(Token::new(cx.random()).expose(), Cost::PRESENT, cx.random())?;
    let mut tx = cx.db.begin_untenanted().await?;
    let now = tx.now();
    let created = tx
        .optional(
            CREATE,
            params![
                id,
                email.as_str(),
                name.as_str(),
                language.as_str(),
                zone,
                hash,
                now
            ],
        )
        .await?;
    if created.is_none() {
        return Ok(None);
    }
    let after = json!({"email": email.as_str(), "name": name.as_str(), "provider": provider.id});
    tx.audit_account(id, own_change(id, "account.create", None, Some(after)))
        .await?;
    if !connect(&mut tx, provider, subject, id).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(id))
}

const TENANTS: Sql = sql!("select slug, tenant_id from platform.tenant_slug where slug = any($1)");
const ROLES: Sql = sql!("select tenant_id, role, issuer from platform.roles_of($1)");
const JOIN: Sql = sql!(
    "insert into platform.membership (tenant_id, account_id, role, created_at, issuer) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, account_id) do nothing returning account_id"
);
const CHANGE: Sql = sql!(
    "update platform.membership set role = $3 where tenant_id = $1 and account_id = $2 and issuer = $4
     returning account_id"
);
const LEAVE: Sql = sql!(
    "delete from platform.membership where tenant_id = $1 and account_id = $2 and issuer = $3 returning account_id"
);

/// Makes memberships what the claims of this sign-in say: gives, changes and takes away what this issuer gave. What was given by
/// hand, or by another issuer, stays as it is, be it more or less.
pub(super) async fn apply_roles(
    cx: &Context,
    provider: &Provider,
    account: Uuid,
    claims: &Claims,
) -> Result<()> {
    let by_slug = provider.roles(&claims.all);
    let slugs: Vec<&str> = by_slug.keys().copied().collect();
    let mut wanted: BTreeMap<Uuid, Role> = BTreeMap::new();
    for row in cx.db.rows(TENANTS, params![slugs]).await? {
        if let Some(role) = by_slug.get(row.get::<&str>("slug")?) {
            let entry = wanted.entry(row.get("tenant_id")?).or_insert(*role);
            *entry = (*entry).max(*role);
        }
    }
    give(cx, Actor::Provider, &provider.issuer, account, &wanted).await
}

/// Takes away every role that this issuer's claims gave: the account is its no more.
pub(crate) async fn take_roles(cx: &Context, actor: Actor, issuer: &str, account: Uuid) -> Result<()> {
    give(cx, actor, issuer, account, &BTreeMap::new()).await
}

/// Makes what this issuer gave to be these roles, by organisation.
async fn give(
    cx: &Context,
    actor: Actor,
    issuer: &str,
    account: Uuid,
    wanted: &BTreeMap<Uuid, Role>,
) -> Result<()> {
    let mut present: BTreeMap<Uuid, (Role, bool)> = BTreeMap::new();
    for row in cx.db.rows(ROLES, params![account]).await? {
        let role = Role::parse(row.get("role")?)
            .ok_or_else(|| Error::internal("an unknown role in the database"))?;
        let is_theirs = row.get::<Option<&str>>("issuer")? == Some(issuer);
        present.insert(row.get("tenant_id")?, (role, is_theirs));
    }
    let mut tenants: Vec<Uuid> = wanted.keys().chain(present.keys()).copied().collect();
    tenants.sort();
    tenants.dedup();
    for tenant in tenants {
        match (present.get(&tenant), wanted.get(&tenant)) {
            (None, Some(role)) => set(cx, actor, issuer, account, tenant, None, Some(*role)).await?,
            (Some((old, true)), Some(new)) if old == new => {}
            (Some((old, true)), new) => {
                set(cx, actor, issuer, account, tenant, Some(*old), new.copied()).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn set(
    cx: &Context,
    actor: Actor,
    issuer: &str,
    account: Uuid,
    tenant: Uuid,
    before: Option<Role>,
    after: Option<Role>,
) -> Result<()> {
    let mut tx = cx.db.begin(TenantId(tenant)).await?;
    let now = tx.now();
    let (action, changed) = match (before, after) {
        (None, Some(role)) => (
            "membership.create",
            tx.optional(JOIN, params![tenant, account, role.as_str(), now, issuer])
                .await?,
        ),
        (Some(_), Some(role)) => (
            "membership.change_role",
            tx.optional(CHANGE, params![tenant, account, role.as_str(), issuer])
                .await?,
        ),
        _ => (
            "membership.remove",
            tx.optional(LEAVE, params![tenant, account, issuer]).await?,
        ),
    };
    if changed.is_none() {
        return Ok(());
    }
    let shown = |role: Option<Role>| role.map(|role| json!({"role": role.as_str(), "issuer": issuer}));
    tx.audit(Change {
        actor,
        action,
        object_kind: "membership",
        object_id: account.to_string(),
        before: shown(before),
        after: shown(after),
    })
    .await?;
    tx.commit().await
}
