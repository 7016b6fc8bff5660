//! Sign-ins by providers: which account a provider of OpenID Connect knows under which subject.

use admin::{Column, Filter, Model, Scope, words};
use app::{Context, OpenApiRouter};

use super::shared::ACCOUNT;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "external-identity",
    table: "platform.external_identity",
    label: words("Sign-in by a provider", "Acceso con proveedor"),
    plural: words("Sign-ins by providers", "Accesos con proveedores"),
    about: words(
        "Which account a provider's user is. People connect and disconnect their own.",
        "Qué cuenta es la de un usuario de un proveedor. Cada persona conecta y desconecta las suyas.",
    ),
    scope: Scope::Operator,
    key: &["issuer", "subject"],
    columns: &[
        Column::reference("account_id", "Account", "Cuenta", &ACCOUNT),
        Column::text("issuer", "Issuer", "Emisor"),
        Column::text("subject", "Known there as", "Conocido allí como").personal(),
        Column::timestamp("created_at", "Connected", "Conectado").sortable(),
        Column::timestamp("last_used_at", "Last used", "Último uso").sortable(),
    ],
    title: "t.issuer || ', ' || t.subject",
    list_display: &["created_at", "account_id", "issuer", "subject", "last_used_at"],
    list_filter: &[Filter::Date("created_at"), Filter::Date("last_used_at")],
    search_fields: &["issuer", "subject"],
    audit_kind: "external_identity",
    ..Model::READ_ONLY
};
