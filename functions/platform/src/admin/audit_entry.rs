//! The audit log of all organisations, accounts and the installation: read, never changed (the database refuses).

use admin::{Column, Filter, Model, Ordering, Scope, Words, words};
use app::{Context, OpenApiRouter};

use super::shared::{ACCOUNT, ORGANIZATION};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const ACTORS: &[(&str, Words)] = &[
    ("account", words("A person", "Una persona")),
    ("api_key", words("An API key", "Una clave de API")),
    ("system", words("The system", "El sistema")),
    (
        "provider",
        words("A provider of sign-in", "Un proveedor de acceso"),
    ),
];

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "audit-entry",
    table: "platform.audit_entry",
    label: words("Audit entry", "Apunte del registro"),
    plural: words("Audit log", "Registro de cambios"),
    about: words(
        "Who changed what, of all organizations. Personal values are kept as an outline.",
        "Quién cambió qué, en todas las organizaciones. De los datos personales solo queda el contorno.",
    ),
    scope: Scope::Operator,
    key: &["chain_id", "position"],
    columns: &[
        Column::timestamp("at", "At", "Momento").sortable(),
        Column::text("action", "Action", "Acción"),
        Column::text("object_kind", "Kind of object", "Tipo de objeto"),
        Column::text("object_id", "Object", "Objeto"),
        Column::choice("actor_kind", "Kind of actor", "Tipo de autor", ACTORS),
        Column::reference("actor_id", "Account", "Cuenta", &ACCOUNT),
        Column::reference("tenant_id", "Organization", "Organización", &ORGANIZATION),
        Column::text_area("before", "Before", "Antes"),
        Column::text_area("after", "After", "Después"),
        Column::uuid("chain_id", "Chain", "Cadena"),
        Column::integer("position", "Position", "Posición").range(0, i64::MAX),
    ],
    title: "t.action",
    list_display: &[
        "at",
        "action",
        "object_kind",
        "object_id",
        "actor_id",
        "tenant_id",
    ],
    list_filter: &[
        Filter::Column("actor_kind"),
        Filter::Column("tenant_id"),
        Filter::Date("at"),
    ],
    search_fields: &["action", "object_id"],
    date_hierarchy: Some("at"),
    ordering: Ordering::descending("at"),
    audit_kind: "audit_entry",
    ..Model::READ_ONLY
};
