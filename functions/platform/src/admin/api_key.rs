//! API keys: made by an organisation's staff, who alone see them once. Here they are limited, described and revoked.

use admin::{Action, Column, Deed, Filter, Model, Scope, Words, words};
use app::{Context, OpenApiRouter, Permission};
use ports::{BoxFuture, Result};
use store::{Sql, params, sql};

use super::shared::{ACCOUNT, ORGANIZATION};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const KINDS: &[(&str, Words)] = &[("live", words("Live", "Real")), ("test", words("Test", "Prueba"))];

const REVOKE: Sql = sql!(
    "update platform.api_key set deactivated_at = $2 where id = $1 and deactivated_at is null returning id"
);

fn revoke<'a>(deed: &'a mut Deed<'_>) -> BoxFuture<'a, Result<bool>> {
    Box::pin(async move {
        let admin::Value::Uuid(id) = deed.row.get("id") else {
            return Ok(false);
        };
        let now = deed.tx.now();
        Ok(deed.tx.optional(REVOKE, params![*id, now]).await?.is_some())
    })
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "api-key",
    table: "platform.api_key",
    label: words("API key", "Clave de API"),
    plural: words("API keys", "Claves de API"),
    about: words(
        "The keys of organizations' programs. A key itself is shown once, to who makes it.",
        "Las claves de los programas de las organizaciones. La clave se muestra una vez, a quien la crea.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id").read_only(),
        Column::text("description", "Description", "Descripción")
            .max(256)
            .blank(),
        Column::reference("tenant_id", "Organization", "Organización", &ORGANIZATION).read_only(),
        Column::choice("kind", "Kind", "Tipo", KINDS).read_only(),
        Column::text("hint", "Begins with", "Empieza por").read_only(),
        Column::texts("scopes", "Scopes", "Ámbitos").read_only(),
        Column::integer("daily_quota", "Calls a day", "Llamadas al día").range(1, 10_000_000),
        Column::reference("created_by", "Made by", "Creada por", &ACCOUNT).read_only(),
        Column::timestamp("created_at", "Made", "Creada")
            .read_only()
            .sortable(),
        Column::timestamp("last_used_at", "Last used", "Último uso").read_only(),
        Column::timestamp("deactivated_at", "Revoked", "Revocada").read_only(),
    ],
    title: "coalesce(nullif(t.description, ''), t.hint, t.id::text)",
    list_display: &[
        "description",
        "tenant_id",
        "kind",
        "daily_quota",
        "created_at",
        "last_used_at",
        "deactivated_at",
    ],
    list_filter: &[
        Filter::Column("kind"),
        Filter::Present("deactivated_at"),
        Filter::Column("tenant_id"),
    ],
    search_fields: &["description", "hint"],
    date_hierarchy: Some("created_at"),
    actions: &[Action {
        name: "revoke",
        label: words("Revoke", "Revocar"),
        question: words(
            "Programs that use these keys are refused from now on.",
            "Los programas que usan estas claves serán rechazados desde ahora.",
        ),
        permission: Permission::Edit,
        run: revoke,
        audit: "api_key.revoke",
    }],
    change: Some(Permission::Edit),
    audit_kind: "api_key",
    audit_tenant: Some("tenant_id"),
    ..Model::READ_ONLY
};
