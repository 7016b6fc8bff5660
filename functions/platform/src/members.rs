//! `/platform/members`: who works for the organisation, and as what.
//!
//! Nobody changes themselves, nobody reaches above their own role, and the last owner stays.

use app::{
    Context, Menu, OpenApiRouter, Page, PathId, Permission, Posted, Role, Staff, forbidden, page::html,
    see_other,
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use jiff::Timestamp;
use ports::{Error, Kind, Result};
use serde_json::json;
use store::{
    Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::{accounts::local_time, organizations::role_name};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/platform/members", get(list))
        .route("/platform/members/{id}/role", post(change_role))
        .route("/platform/members/{id}/remove", post(remove))
}

const LIST: Sql = sql!(
    "select m.account_id, m.role, m.created_at, a.name, a.email, 
            a.totp_secret is not null or exists (select from platform.passkey p where p.account_id = a.id) as has_second_factor
       from platform.membership m join platform.account a on a.id = m.account_id
      where m.tenant_id = $1 order by lower(a.name), a.id limit 1000"
);
// Locks all of the organisation's owners: of two who lower each other at once, one stays.
const OWNERS: Sql = sql!(
    "select account_id from platform.membership where tenant_id = $1 and role = 'owner' order by account_id for update"
);
const FIND: Sql = sql!(
    "select m.role, a.name, a.email from platform.membership m join platform.account a on a.id = m.account_id
      where m.tenant_id = $1 and m.account_id = $2 for update of m"
);
// By hand from here on: no provider takes it back.
const CHANGE: Sql =
    sql!("update platform.membership set role = $3, issuer = null where tenant_id = $1 and account_id = $2");
const REMOVE: Sql = sql!("delete from platform.membership where tenant_id = $1 and account_id = $2");

struct Listed {
    id: Uuid,
    name: String,
    email: String,
    role: &'static str,
    since: String,
    has_second_factor: bool,
    /// The roles that this reader may give to this member: code, name, whether it is the present one. Empty: hands off.
    roles: Vec<(&'static str, &'static str, bool)>,
}

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    page: Page,
    menu: Option<Menu>,
    form_token: String,
    organization: String,
    may_manage: bool,
    members: Vec<Listed>,
}

async fn list(staff: Staff, State(cx): State<Context>) -> app::Result<Response> {
    staff.require(Permission::View)?;
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let rows = tx.rows(LIST, params![staff.tenant.id.0]).await?;
    let members = rows
        .iter()
        .map(|row| {
            let (id, since): (Uuid, Timestamp) = (row.get("account_id")?, row.get("created_at")?);
            let role = role(row.get("role")?)?;
            let roles = match staff.role.may_grant(role) && id != staff.account.id {
                true => Role::ALL
                    .into_iter()
                    .filter(|other| staff.role.may_grant(*other))
                    .map(|other| (other.as_str(), role_name(staff.language, other), other == role))
                    .collect(),
                false => Vec::new(),
            };
            Ok(Listed {
                id,
                name: row.get("name")?,
                email: row.get("email")?,
                role: role_name(staff.language, role),
                since: local_time(since, &staff.account.time_zone),
                has_second_factor: row.get("has_second_factor")?,
                roles,
            })
        })
        .collect::<Result<_>>()?;
    let title = staff.t("Members", "Miembros");
    html(
        StatusCode::OK,
        &MembersPage {
            page: Page::new(staff.language, title),
            menu: Some(staff.menu("/platform/members")?),
            form_token: staff.token.form_token()?,
            organization: staff.tenant.name.clone(),
            may_manage: staff.role.may(Permission::ManageMembers),
            members,
        },
    )
}

fn role(code: &str) -> Result<Role> {
    Role::parse(code).ok_or_else(|| Error::internal("an unknown role"))
}

/// A member whom this person may change, in a transaction that holds the row.
async fn changeable(cx: &Context, staff: &Staff, member: Uuid) -> Result<(Tx, Role, serde_json::Value)> {
    staff.require(Permission::ManageMembers)?;
    let tenant = staff.tenant.id;
    let mut tx = cx.db.begin(tenant).await?;
    let owners = tx.rows(OWNERS, params![tenant.0]).await?;
    let row = tx.one(FIND, params![tenant.0, member]).await?;
    let present = role(row.get("role")?)?;
    if member == staff.account.id {
        return Err(forbidden(staff.t(
            "You cannot change your own membership. Ask another owner or administrator.",
            "No puede cambiar su propia pertenencia. Pregunte a otro propietario o administrador.",
        )));
    }
    if !staff.role.may_grant(present) {
        return Err(forbidden(staff.t(
            "This member's role is above yours.",
            "La función de este miembro está por encima de la suya.",
        )));
    }
    if present == Role::Owner && owners.len() < 2 {
        return Err(Error::new(
            Kind::Conflict,
            "last_owner",
            "An organization keeps one owner at least.",
        ));
    }
    let before = json!({
        "name": row.get::<String>("name")?, "email": row.get::<String>("email")?, "role": present.as_str(),
    });
    Ok((tx, present, before))
}

async fn change_role(
    staff: Staff,
    State(cx): State<Context>,
    PathId(member): PathId,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let (mut tx, present, before) = changeable(&cx, &staff, member).await?;
    let new = Role::parse(sent.text("role"))
        .ok_or_else(|| Error::field("role", "invalid_choice", "Choose a role of the list."))?;
    if !staff.role.may_grant(new) {
        return Err(forbidden(staff.t(
            "You cannot give a role above your own.",
            "No puede dar una función superior a la suya.",
        ))
        .into());
    }
    if new != present {
        tx.execute(CHANGE, params![staff.tenant.id.0, member, new.as_str()])
            .await?;
        tx.audit(Change {
            actor: Actor::Account(staff.account.id),
            action: "membership.change_role",
            object_kind: "membership",
            object_id: member.to_string(),
            before: Some(before),
            after: Some(json!({"role": new.as_str()})),
        })
        .await?;
        tx.commit().await?;
    }
    Ok(see_other("/platform/members"))
}

async fn remove(
    staff: Staff,
    State(cx): State<Context>,
    PathId(member): PathId,
    _: Posted,
) -> app::Result<Response> {
    let (mut tx, _, before) = changeable(&cx, &staff, member).await?;
    tx.execute(REMOVE, params![staff.tenant.id.0, member]).await?;
    tx.audit(Change {
        actor: Actor::Account(staff.account.id),
        action: "membership.remove",
        object_kind: "membership",
        object_id: member.to_string(),
        before: Some(before),
        after: None,
    })
    .await?;
    tx.commit().await?;
    Ok(see_other("/platform/members"))
}
