//! Sessions: where people are signed in.

use admin::{Action, Column, Deed, Filter, Model, Scope, words};
use app::{Context, OpenApiRouter, Permission};
use ports::{BoxFuture, Result};
use store::{Sql, params, sql};

use super::shared::ACCOUNT;
use crate::accounts;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const END: Sql = sql!(
    "update platform.session set ended_at = $2 where id = $1 and ended_at is null returning token_digest"
);

fn end<'a>(deed: &'a mut Deed<'_>) -> BoxFuture<'a, Result<bool>> {
    Box::pin(async move {
        let admin::Value::Uuid(id) = deed.row.get("id") else {
            return Ok(false);
        };
        let now = deed.tx.now();
        let Some(row) = deed.tx.optional(END, params![*id, now]).await? else {
            return Ok(false);
        };
        let (digest, cx) = (row.get::<String>("token_digest")?, deed.cx.clone());
        deed.afterwards.push(Box::pin(
            async move { accounts::drop_tokens(&cx, &[digest]).await },
        ));
        Ok(true)
    })
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "session",
    table: "platform.session",
    label: words("Session", "Sesión"),
    plural: words("Sessions", "Sesiones"),
    about: words(
        "Where people are signed in.",
        "Dónde tienen sesión abierta las personas.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::reference("account_id", "Account", "Cuenta", &ACCOUNT),
        Column::text("device", "Device", "Dispositivo"),
        Column::timestamp("created_at", "Begun", "Iniciada").sortable(),
        // Else it waits, ten minutes at most, for its second factor.
        Column::boolean("is_complete", "Signed in", "Sesión completa"),
        Column::timestamp("ended_at", "Ended", "Cerrada"),
    ],
    title: "t.device",
    list_display: &["created_at", "account_id", "device", "is_complete", "ended_at"],
    list_filter: &[
        Filter::Column("is_complete"),
        Filter::Present("ended_at"),
        Filter::Date("created_at"),
    ],
    date_hierarchy: Some("created_at"),
    actions: &[Action {
        name: "end",
        label: words("End", "Cerrar"),
        question: words("These sessions are signed out.", "Se cierran estas sesiones."),
        permission: Permission::Edit,
        run: end,
        audit: "account.end_session",
    }],
    audit_kind: "session",
    ..Model::READ_ONLY
};
