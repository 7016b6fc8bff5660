//! Memberships: who works for which organisation, and as what.

use admin::{Column, Filter, Model, OnAdd, Scope, words};
use app::{Context, OpenApiRouter, Permission};

use super::shared::{ACCOUNT, ORGANIZATION, ROLES};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "membership",
    table: "platform.membership",
    label: words("Membership", "Pertenencia"),
    plural: words("Memberships", "Pertenencias"),
    about: words(
        "Who works for which organization, and as what.",
        "Quién trabaja para qué organización, y con qué función.",
    ),
    scope: Scope::Operator,
    key: &["tenant_id", "account_id"],
    columns: &[
        Column::reference("tenant_id", "Organization", "Organización", &ORGANIZATION).fixed(),
        Column::reference("account_id", "Account", "Cuenta", &ACCOUNT).fixed(),
        Column::choice("role", "Role", "Función", ROLES).initial("viewer"),
        Column::text(
            "issuer",
            "Given by the provider with this issuer",
            "Dada por el proveedor con este emisor",
        )
        .hint(
            "Left empty, the role is one by hand, and no provider changes it or takes it away.",
            "Si queda vacío, la función se dio a mano y ningún proveedor la cambia ni la quita.",
        )
        .nullable(),
        Column::timestamp("created_at", "Since", "Desde")
            .on_add(OnAdd::Now)
            .sortable(),
    ],
    title: "(select a.name from platform.account a where a.id = t.account_id) || ', ' || \
            (select o.name from platform.tenant o where o.id = t.tenant_id)",
    list_display: &["account_id", "tenant_id", "role", "created_at"],
    list_filter: &[Filter::Column("role"), Filter::Column("tenant_id")],
    date_hierarchy: Some("created_at"),
    add: Some(Permission::Edit),
    change: Some(Permission::Edit),
    delete: Some(Permission::Edit),
    audit_kind: "membership",
    audit_tenant: Some("tenant_id"),
    ..Model::READ_ONLY
};
