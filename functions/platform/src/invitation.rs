//! `/account/invitation/{id}`: the link of an invitation. Whoever has no account makes one here; whoever has one signs in and
//! accepts.

use app::{
    Context, Form, Locale, OpenApiRouter, PathId, Posted, SignedIn, TenantId, Visitor, page::pick, see_other,
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use domain::person::{Language, Name};
use identity::{
    Role,
    password::{self, Cost},
};
use jiff::Timestamp;
use ports::{Error, FieldError, Result};
use serde_json::json;
use store::{
    Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::{
    account_mail::{self, MailKind},
    accounts::{
        self, Credentials, FormPage, field, new_password_fields, offered_zone, own_change, time_zone_field,
        translated,
    },
    organizations::role_name,
    password_reset::{LinkToken, dead_link},
    sign_in,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/account/invitation/{id}", get(form).post(accept))
}

const TENANT: Sql = sql!("select tenant_id from platform.invitation_by_id($1)");
const FIND: Sql = sql!(
    "select i.email, i.role, t.name from platform.invitation i join platform.tenant t on t.id = i.tenant_id
      where i.id = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2 and t.status = 'active'"
);
const ACCEPT: Sql = sql!(
    "update platform.invitation set accepted_at = $2
      where id = $1 and accepted_at is null and revoked_at is null and expires_at > $2 returning id"
);
// Accepting an invitation never lowers a role; one that a provider gave is by hand from here on.
const JOIN: Sql = sql!(
    "insert into platform.membership (tenant_id, account_id, role, created_at) values ($1, $2, $3, $4)
     on conflict (tenant_id, account_id) do update set issuer = null"
);
const CREATE: Sql = sql!(
    "insert into platform.account (id, email, name, language, time_zone, password_hash, last_tenant_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (lower(email)) do nothing returning id"
);
const REMEMBER: Sql = sql!("update platform.account set last_tenant_id = $2 where id = $1");

/// An open invitation whose link was followed.
struct Invited {
    mail: Uuid,
    invitation: Uuid,
    tenant: TenantId,
    organization: String,
    email: String,
    role: Role,
}

async fn follow(cx: &Context, mail: Uuid, token: &str) -> Result<Option<Invited>> {
    let keys = accounts::keys(cx).await?;
    let followed = account_mail::follow(cx, &keys, MailKind::Invitation, mail, token).await?;
    let Some(invitation) = followed.and_then(|followed| followed.invitation) else {
        return Ok(None);
    };
    let tenant = TenantId(cx.db.one(TENANT, params![invitation]).await?.get("tenant_id")?);
    let mut tx = cx.db.begin(tenant).await?;
    let now: Timestamp = tx.now();
    let row = tx.optional(FIND, params![invitation, now]).await?;
    row.map(|row| {
        Ok(Invited {
            mail,
            invitation,
            tenant,
            organization: row.get("name")?,
            email: row.get("email")?,
            role: Role::parse(row.get("role")?).ok_or_else(|| Error::internal("an unknown role"))?,
        })
    })
    .transpose()
}

fn heading(language: Language, invited: &Invited) -> String {
    pick(language, "Work with {}", "Trabajar con {}").replace("{}", &invited.organization)
}

fn invitation_page(language: Language, invited: &Invited) -> FormPage {
    FormPage::new(language, &heading(language, invited))
        .intro(&format!(
            "{}: {}",
            pick(language, "Your role", "Su función"),
            role_name(language, invited.role)
        ))
        .intro(&format!(
            "{}: {}",
            pick(language, "E-mail", "Correo electrónico"),
            invited.email
        ))
}

/// The form of somebody without an account.
fn new_account_page(
    language: Language,
    invited: &Invited,
    token: &str,
    typed: &dyn Fn(&str) -> String,
    errors: &[FieldError],
    visitor: &Visitor,
) -> app::Result<Response> {
    let mut form = Form::default();
    let name = field("name", pick(language, "Your name", "Su nombre"), "text", "name");
    for field in [name, time_zone_field(language)]
        .into_iter()
        .chain(new_password_fields(language))
    {
        form.push(field, typed, errors);
    }
    let button = pick(language, "Make my account", "Crear mi cuenta");
    let mut page = invitation_page(language, invited).form(form, button, visitor.form_token()?);
    page.hidden.push(("token", token.to_owned()));
    page.respond()
}

async fn form(
    State(cx): State<Context>,
    Locale(language): Locale,
    PathId(id): PathId,
    Query(query): Query<LinkToken>,
    headers: HeaderMap,
    visitor: Visitor,
) -> app::Result<Response> {
    let token = query.token.unwrap_or_default();
    let Some(invited) = follow(&cx, id, &token).await? else {
        return dead_link(language, None);
    };
    let Some(account) = Credentials::by_email(&cx, &invited.email).await? else {
        let page = new_account_page(language, &invited, &token, &|_| String::new(), &[], &visitor)?;
        return Ok(visitor.remember(&cx, page)?);
    };
    match SignedIn::find(&cx, &headers, None).await? {
        Some(person) if person.account.id == account.id => {
            let button = pick(language, "Accept", "Aceptar");
            let mut page =
                invitation_page(language, &invited).form(Form::default(), button, person.token.form_token()?);
            page.hidden.push(("token", token));
            page.respond()
        }
        _ => {
            let next = format!("/account/invitation/{id}?token={token}");
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("next", &next)
                .finish();
            invitation_page(language, &invited)
                .intro(pick(
                    language,
                    "You have an account with this address. Sign in to accept.",
                    "Tiene una cuenta con esta dirección. Inicie sesión para aceptar.",
                ))
                .link(
                    pick(language, "Sign in", "Iniciar sesión"),
                    &format!("/account/sign-in?{query}"),
                )
                .respond()
        }
    }
}

/// Makes somebody a member, and uses the invitation and its link up. `false` where another request did.
async fn join(tx: &mut Tx, invited: &Invited, account: Uuid) -> Result<bool> {
    let now = tx.now();
    let is_first = account_mail::use_up(tx, invited.mail).await?
        && tx
            .optional(ACCEPT, params![invited.invitation, now])
            .await?
            .is_some();
    if !is_first {
        return Ok(false);
    }
    let role = invited.role.as_str();
    tx.execute(JOIN, params![invited.tenant.0, account, role, now])
        .await?;
    tx.execute(REMEMBER, params![account, invited.tenant.0]).await?;
    tx.audit(Change {
        actor: Actor::Account(account),
        action: "membership.create",
        object_kind: "membership",
        object_id: account.to_string(),
        before: None,
        after: Some(json!({"email": invited.email, "role": role, "invitation": invited.invitation})),
    })
    .await?;
    Ok(true)
}

async fn accept(
    State(cx): State<Context>,
    Locale(language): Locale,
    PathId(id): PathId,
    headers: HeaderMap,
    visitor: Visitor,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let token = sent.text("token");
    let Some(invited) = follow(&cx, id, token).await? else {
        return dead_link(language, None);
    };
    if let Some(account) = Credentials::by_email(&cx, &invited.email).await? {
        let person = SignedIn::find(&cx, &headers, None).await?;
        if person.is_none_or(|person| person.account.id != account.id) {
            return Ok(see_other(&format!("/account/invitation/{id}?token={token}")));
        }
        let mut tx = cx.db.begin(invited.tenant).await?;
        if !join(&mut tx, &invited, account.id).await? {
            return dead_link(language, None);
        }
        tx.commit().await?;
        return Ok(see_other("/platform/organizations"));
    }

    let password = sent.text("password");
    let mut errors = accounts::check_password(
        language,
        password,
        sent.text("password_again"),
        &[&invited.email, sent.text("name"), &invited.organization],
    );
    let name = Name::parse(sent.text("name"))
        .map_err(|invalid| errors.push(FieldError::new("name", invalid.code, invalid.message)))
        .ok();
    let zone = offered_zone(sent.text("time_zone"));
    if zone.is_none() {
        let message = pick(language, "Choose a time zone.", "Elija una zona horaria.");
        errors.push(FieldError::new("time_zone", "time_zone", message.to_owned()));
    }
    let (Some(name), Some(zone), []) = (name, zone, errors.as_slice()) else {
        let typed = |name: &str| sent.text(name).to_owned();
        let errors = translated(language, &errors);
        return new_account_page(language, &invited, token, &typed, &errors, &visitor);
    };
    let account = cx.random().uuid();
    let hash = password::hash(password, Cost::PRESENT, cx.random())?;
    let mut tx = cx.db.begin(invited.tenant).await?;
    let now = tx.now();
    let created = tx
        .optional(
            CREATE,
            params![
                account,
                invited.email,
                name.as_str(),
                language.as_str(),
                zone.name,
                hash,
                invited.tenant.0,
                now
            ],
        )
        .await?;
    if created.is_none() || !join(&mut tx, &invited, account).await? {
        return dead_link(language, None);
    }
    let after = json!({"email": invited.email, "name": name.as_str()});
    tx.audit_account(account, own_change(account, "account.create", None, Some(after)))
        .await?;
    tx.commit().await?;
    let account = Credentials::by_id(&cx, account).await?;
    sign_in::enter(
        &cx,
        &headers,
        &account,
        accounts::Shown::Password,
        "/account/second-factor?required=true",
    )
    .await
}
