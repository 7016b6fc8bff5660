//! `/platform/invitations`: invite somebody to the organisation by mail, and take it back.
//!
//! An invitation ends after seven days and works once. Inviting somebody again replaces the open one; its link is dead.

use app::{
    Context, Form, FormField, Menu, OpenApiRouter, Page, PathId, Permission, Posted, Role, Staff, TenantId,
    forbidden, page::html, see_other,
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::person::{Email, Language};
use identity::limit::INVITATIONS;
use jiff::{SignedDuration, Timestamp};
use ports::{Error, FieldError, Result};
use serde_json::json;
use store::{
    Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::{
    account_mail::{self, MailKind, To},
    accounts::{field, local_time, translated},
    organizations::role_name,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/platform/invitations", get(list).post(create))
        .route("/platform/invitations/{id}/revoke", post(revoke))
}

/// How long an invitation waits.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

const LIST: Sql = sql!(
    "select id, email, role, expires_at from platform.invitation
      where tenant_id = $1 and accepted_at is null and revoked_at is null and expires_at > $2
      order by created_at desc limit 500"
);
const REPLACE: Sql = sql!(
    "update platform.invitation set revoked_at = $3
      where tenant_id = $1 and lower(email) = lower($2) and accepted_at is null and revoked_at is null"
);
const INSERT: Sql = sql!(
    "insert into platform.invitation (id, tenant_id, email, role, invited_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)"
);
const IS_MEMBER: Sql = sql!(
    "select m.account_id from platform.membership m join platform.account a on a.id = m.account_id
      where m.tenant_id = $1 and lower(a.email) = lower($2)"
);
const REVOKE: Sql = sql!(
    "update platform.invitation set revoked_at = $3
      where tenant_id = $1 and id = $2 and accepted_at is null and revoked_at is null returning email, role"
);

/// Invites somebody in this transaction, which must be the organisation's.
pub(crate) async fn invite(
    tx: &mut Tx,
    tenant: TenantId,
    email: &Email,
    role: Role,
    language: Language,
    by: Actor,
) -> Result<Uuid> {
    let (id, now) = (tx.random_id(), tx.now());
    let invited_by = match by {
        Actor::Account(account) => Some(account),
        Actor::ApiKey(_) | Actor::System | Actor::Provider => None,
    };
    tx.execute(REPLACE, params![tenant.0, email.as_str(), now])
        .await?;
    tx.execute(
        INSERT,
        params![
            id,
            tenant.0,
            email.as_str(),
            role.as_str(),
            invited_by,
            now,
            now + LIFE
        ],
    )
    .await?;
    let to = To {
        email: email.as_str(),
        language,
        invitation: Some(id),
        ..To::default()
    };
    account_mail::ask(tx, MailKind::Invitation, &to).await?;
    tx.audit_of(
        tenant,
        Change {
            actor: by,
            action: "invitation.create",
            object_kind: "invitation",
            object_id: id.to_string(),
            before: None,
            after: Some(json!({"email": email.as_str(), "role": role.as_str()})),
        },
    )
    .await?;
    Ok(id)
}

struct Listed {
    id: Uuid,
    email: String,
    role: &'static str,
    expires: String,
}

#[derive(Template)]
#[template(path = "invitations.html")]
struct InvitationsPage {
    page: Page,
    menu: Option<Menu>,
    form: Form,
    form_token: String,
    invitations: Vec<Listed>,
}

async fn page(
    cx: &Context,
    staff: &Staff,
    typed: &(dyn Fn(&str) -> String + Sync),
    errors: &[FieldError],
) -> Result<InvitationsPage> {
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let now = tx.now();
    let rows = tx.rows(LIST, params![staff.tenant.id.0, now]).await?;
    let invitations = rows
        .iter()
        .map(|row| {
            let role = Role::parse(row.get("role")?).ok_or_else(|| Error::internal("an unknown role"))?;
            Ok(Listed {
                id: row.get("id")?,
                email: row.get("email")?,
                role: role_name(staff.language, role),
                expires: local_time(row.get::<Timestamp>("expires_at")?, &staff.account.time_zone),
            })
        })
        .collect::<Result<_>>()?;
    let mut form = Form::default();
    let roles = FormField {
        options: Role::ALL
            .into_iter()
            .filter(|role| staff.role.may_grant(*role))
            .map(|role| (role.as_str().to_owned(), role_name(staff.language, role).to_owned()))
            .collect(),
        hint: staff
            .t(
                "Viewers see, editors change, administrators manage members and keys, owners do all",
                "Los lectores ven, los editores cambian, los administradores gestionan miembros y claves, los propietarios todo",
            )
            .to_owned(),
        ..field("role", staff.t("Role", "Función"), "select", "off")
    };
    for field in [
        field("email", staff.t("E-mail", "Correo electrónico"), "email", "off"),
        roles,
    ] {
        form.push(field, typed, errors);
    }
    let title = staff.t("Invite somebody", "Invitar a alguien");
    Ok(InvitationsPage {
        page: Page::new(staff.language, title),
        menu: Some(staff.menu("/platform/members")?),
        form,
        form_token: staff.token.form_token()?,
        invitations,
    })
}

async fn list(staff: Staff, State(cx): State<Context>) -> app::Result<Response> {
    staff.require(Permission::ManageMembers)?;
    html(StatusCode::OK, &page(&cx, &staff, &|_| String::new(), &[]).await?)
}

async fn create(staff: Staff, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    staff.require(Permission::ManageMembers)?;
    let mut errors = Vec::new();
    let email = Email::parse(sent.text("email"))
        .map_err(|invalid| errors.push(FieldError::new("email", invalid.code, invalid.message)))
        .ok();
    let role = Role::parse(sent.text("role"));
    if role.is_none() {
        let message = staff.t("Choose a role.", "Elija una función.").to_owned();
        errors.push(FieldError::new("role", "role", message));
    }
    let tenant = staff.tenant.id;
    if let (Some(email), Some(role)) = (&email, role) {
        if !staff.role.may_grant(role) {
            return Err(forbidden(staff.t(
                "You cannot give a role above your own.",
                "No puede dar una función superior a la suya.",
            ))
            .into());
        }
        INVITATIONS
            .take(cx.key_value(), cx.clock(), &tenant.0.simple().to_string())
            .await?;
        let mut tx = cx.db.begin(tenant).await?;
        if tx
            .optional(IS_MEMBER, params![tenant.0, email.as_str()])
            .await?
            .is_none()
        {
            let by = Actor::Account(staff.account.id);
            invite(&mut tx, tenant, email, role, staff.language, by).await?;
            tx.commit().await?;
            return Ok(see_other("/platform/invitations"));
        }
        let message = staff.t("This person is a member already.", "Esta persona ya es miembro.");
        errors.push(FieldError::new("email", "member", message.to_owned()));
    }
    let errors = translated(staff.language, &errors);
    let typed = |name: &str| sent.text(name).to_owned();
    html(
        StatusCode::BAD_REQUEST,
        &page(&cx, &staff, &typed, &errors).await?,
    )
}

async fn revoke(
    staff: Staff,
    State(cx): State<Context>,
    PathId(id): PathId,
    _: Posted,
) -> app::Result<Response> {
    staff.require(Permission::ManageMembers)?;
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let now = tx.now();
    let row = tx.one(REVOKE, params![staff.tenant.id.0, id, now]).await?;
    let before = json!({"email": row.get::<String>("email")?, "role": row.get::<String>("role")?});
    tx.audit(Change {
        actor: Actor::Account(staff.account.id),
        action: "invitation.revoke",
        object_kind: "invitation",
        object_id: id.to_string(),
        before: Some(before),
        after: None,
    })
    .await?;
    tx.commit().await?;
    Ok(see_other("/platform/invitations"))
}
