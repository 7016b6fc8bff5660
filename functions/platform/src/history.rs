//! `/platform/history`: who changed what in the organisation, newest first.

use app::{
    Context, Menu, OpenApiRouter, Page, Permission, Staff,
    page::{html, pick},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use domain::person::Language;
use jiff::Timestamp;
use ports::Result;
use serde::Deserialize;
use serde_json::Value;
use store::{Sql, params, sql};

use crate::accounts::local_time;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/platform/history", get(list))
}

/// Entries of a page.
const PAGE: usize = 50;

const LIST: Sql = sql!(
    "select e.position, e.at, e.actor_kind, e.action, e.object_id, e.before, e.after, a.name as account, k.description as key
       from platform.audit_entry e
       left join platform.account a on e.actor_kind = 'account' and a.id = e.actor_id
       left join platform.api_key k on e.actor_kind = 'api_key' and k.id = e.actor_id
      where e.chain_id = $1 and e.position < $2
      order by e.position desc limit $3"
);

/// What was done, as people read it; the code itself where it is none of these.
pub(crate) fn action_name(language: Language, action: &str) -> String {
    let (english, spanish) = match action {
        "account.create" => ("Account made", "Cuenta creada"),
        "account.sign_in" => ("Signed in", "Sesión iniciada"),
        "account.sign_out" => ("Signed out", "Sesión cerrada"),
        "account.end_session" => ("Session ended elsewhere", "Sesión cerrada en otro lugar"),
        "account.change_profile" => ("Profile changed", "Perfil cambiado"),
        "account.change_email" => ("E-mail changed", "Correo cambiado"),
        "account.change_password" => ("Password changed", "Contraseña cambiada"),
        "account.recover" => (
            "Second factor and password removed by the operator",
            "Segundo factor y contraseña quitados por el operador",
        ),
        "account.change_operator" => ("Operator's rights changed", "Derechos de operador cambiados"),
        "account.reset_password" => ("Password reset by mail", "Contraseña restablecida por correo"),
        "account.add_second_factor" => ("Second factor turned on", "Segundo factor activado"),
        "account.remove_second_factor" => ("Second factor turned off", "Segundo factor desactivado"),
        "account.add_passkey" => ("Passkey added", "Llave de acceso añadida"),
        "account.rename_passkey" => ("Passkey renamed", "Llave de acceso renombrada"),
        "account.remove_passkey" => ("Passkey removed", "Llave de acceso quitada"),
        "account.prove" => ("Proved again who it is", "Se comprobó de nuevo quién es"),
        "account.renew_recovery_codes" => ("New recovery codes", "Códigos de recuperación nuevos"),
        "account.link_identity" => (
            "Sign-in by a provider connected",
            "Acceso con un proveedor conectado",
        ),
        "account.unlink_identity" => (
            "Sign-in by a provider disconnected",
            "Acceso con un proveedor desconectado",
        ),
        "membership.create" => ("Joined", "Se unió"),
        "membership.change_role" => ("Role changed", "Función cambiada"),
        "membership.remove" => ("Member removed", "Miembro quitado"),
        "invitation.create" => ("Invited", "Invitación enviada"),
        "invitation.revoke" => ("Invitation taken back", "Invitación retirada"),
        "organization.create" => ("Organization made", "Organización creada"),
        "organization.change" => (
            "Organization changed by an operator",
            "Organización cambiada por un operador",
        ),
        "lead.reject" => ("A request to join refused", "Petición de unirse rechazada"),
        "subscriber.change" => ("Voting settings changed", "Configuración de votar cambiada"),
        "report.create" => ("Report of voters asked for", "Informe de votantes pedido"),
        "report.finish" => ("Report of voters made", "Informe de votantes hecho"),
        "api_key.create" => ("Key made", "Clave creada"),
        "api_key.revoke" => ("Key revoked", "Clave revocada"),
        other => return other.to_owned(),
    };
    pick(language, english, spanish).to_owned()
}

struct Listed {
    at: String,
    actor: String,
    action: String,
    /// Field, before, after.
    fields: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    page: Page,
    menu: Option<Menu>,
    organization: String,
    entries: Vec<Listed>,
    /// The position that the next page lies below.
    older: Option<i64>,
}

/// The fields that an entry speaks of, each with its value before and after.
pub(crate) fn fields(before: Option<&str>, after: Option<&str>) -> Vec<(String, String, String)> {
    let read = |text: Option<&str>| match text.and_then(|text| serde_json::from_str(text).ok()) {
        Some(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (read(before), read(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let shown = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    names
        .into_iter()
        .map(|name| (name.clone(), shown(before.get(name)), shown(after.get(name))))
        .collect()
}

#[derive(Deserialize)]
struct Below {
    below: Option<i64>,
}

async fn list(staff: Staff, State(cx): State<Context>, Query(query): Query<Below>) -> app::Result<Response> {
    staff.require(Permission::ViewHistory)?;
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let (below, limit) = (query.below.unwrap_or(i64::MAX), PAGE as i64 + 1);
    let rows = tx.rows(LIST, params![staff.tenant.id.0, below, limit]).await?;
    let entries = rows
        .iter()
        .take(PAGE)
        .map(|row| {
            let actor: Option<String> = match row.get("actor_kind")? {
                "account" => row.get("account")?,
                "api_key" => row.get("key")?,
                "provider" => Some(
                    staff
                        .t("A provider of sign-in", "Un proveedor de acceso")
                        .to_owned(),
                ),
                _ => Some(staff.t("The operator", "El operador").to_owned()),
            };
            Ok(Listed {
                at: local_time(row.get::<Timestamp>("at")?, &staff.account.time_zone),
                actor: actor.unwrap_or_else(|| staff.t("Somebody who left", "Alguien que se fue").to_owned()),
                action: action_name(staff.language, row.get("action")?),
                fields: fields(row.get("before")?, row.get("after")?),
            })
        })
        .collect::<Result<_>>()?;
    let older = match rows.len() > PAGE {
        true => Some(rows[PAGE - 1].get("position")?),
        false => None,
    };
    let title = staff.t("History", "Historial");
    html(
        StatusCode::OK,
        &HistoryPage {
            page: Page::new(staff.language, title),
            menu: Some(staff.menu("/platform/history")?),
            organization: staff.tenant.name.clone(),
            entries,
            older,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_and_after_stand_side_by_side() {
        let fields = fields(
            Some(r#"{"role":"admin","email":"m…@a.example"}"#),
            Some(r#"{"role":"owner","n":2}"#),
        );
        let plain: Vec<_> = fields
            .iter()
            .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
            .collect();
        assert_eq!(
            plain,
            [
                ("email", "m…@a.example", "–"),
                ("n", "–", "2"),
                ("role", "admin", "owner")
            ]
        );
        assert!(super::fields(None, Some("broken")).is_empty());
    }
}
