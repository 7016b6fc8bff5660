//! `/platform/organizations`: the organisations of a person, and which of them they work in now.

use app::{
    Context, Cookie, Menu, OpenApiRouter, Page, PathId, Posted, Role, SignedIn, page::html, page::pick,
    see_other,
};
use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::Response,
    routing::{get, post},
};
use domain::person::Language;
use ports::Error;
use store::{Sql, params, sql};
use uuid::Uuid;

use crate::accounts;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/platform/organizations", get(list))
        .route("/platform/organizations/{id}/enter", post(enter))
}

const LIST: Sql =
    sql!("select tenant_id, name, slug, role from platform.organizations_of($1) order by name, tenant_id");
const DISABLED: Sql = sql!("select name from platform.disabled_organizations_of($1) order by name");
const REMEMBER: Sql = sql!("update platform.account set last_tenant_id = $2 where id = $1");

struct Listed {
    id: Uuid,
    name: String,
    slug: String,
    role: &'static str,
    is_present: bool,
}

#[derive(Template)]
#[template(path = "organizations.html")]
struct OrganizationsPage {
    page: Page,
    menu: Option<Menu>,
    form_token: String,
    organizations: Vec<Listed>,
    /// Names of those that are disabled.
    disabled: Vec<String>,
}

/// A role as people read it.
pub(crate) fn role_name(language: Language, role: Role) -> &'static str {
    match role {
        Role::Viewer => pick(language, "Viewer", "Lector"),
        Role::Editor => pick(language, "Editor", "Editor"),
        Role::Admin => pick(language, "Administrator", "Administrador"),
        Role::Owner => pick(language, "Owner", "Propietario"),
    }
}

async fn list(person: SignedIn, State(cx): State<Context>) -> app::Result<Response> {
    let present = person.organization.as_ref().map(|(tenant, _)| tenant.id.0);
    let rows = cx.db.rows(LIST, params![person.account.id]).await?;
    let organizations = rows
        .iter()
        .map(|row| {
            let id: Uuid = row.get("tenant_id")?;
            let role = Role::parse(row.get("role")?).ok_or_else(|| Error::internal("an unknown role"))?;
            Ok(Listed {
                id,
                name: row.get("name")?,
                slug: row.get::<Option<String>>("slug")?.unwrap_or_default(),
                role: role_name(person.language, role),
                is_present: present == Some(id),
            })
        })
        .collect::<ports::Result<_>>()?;
    let disabled = cx.db.rows(DISABLED, params![person.account.id]).await?;
    let disabled = disabled
        .iter()
        .map(|row| row.get("name"))
        .collect::<ports::Result<_>>()?;
    let title = person.t("Your organizations", "Sus organizaciones");
    html(
        StatusCode::OK,
        &OrganizationsPage {
            page: Page::new(person.language, title),
            menu: Some(person.menu("/platform/organizations")?),
            form_token: person.token.form_token()?,
            organizations,
            disabled,
        },
    )
}

/// Works in another organisation from here on, under a new token: other rights, another session.
async fn enter(
    person: SignedIn,
    State(cx): State<Context>,
    PathId(id): PathId,
    _: Posted,
) -> app::Result<Response> {
    let account = person.account.id;
    let rows = cx.db.rows(LIST, params![account]).await?;
    let is_member = rows
        .iter()
        .map(|row| row.get::<Uuid>("tenant_id"))
        .collect::<ports::Result<Vec<_>>>()?
        .contains(&id);
    if !is_member {
        return Err(Error::not_found().into());
    }
    let mut session = person.session.clone();
    session.tenant = Some(id);
    let mut tx = cx.db.begin_untenanted().await?;
    tx.execute(REMEMBER, params![account, id]).await?;
    let token = accounts::rotate_session(&cx, &mut tx, &person.token, session).await?;
    tx.commit().await?;
    let mut response = see_other("/platform/organizations");
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.set(&cx.settings, &token)?);
    Ok(response)
}
