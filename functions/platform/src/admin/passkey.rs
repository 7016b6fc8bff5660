//! Passkeys: what people sign in with instead of a password. A key's id and public half are of use to nobody here, and stay out.

use admin::{Column, Filter, Model, Scope, words};
use app::{Context, OpenApiRouter};

use super::shared::ACCOUNT;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "passkey",
    table: "platform.passkey",
    label: words("Passkey", "Llave de acceso"),
    plural: words("Passkeys", "Llaves de acceso"),
    about: words(
        "What people sign in with instead of a password. They add and remove their own.",
        "Con qué inician sesión las personas en lugar de una contraseña. Cada una añade y quita las suyas.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::reference("account_id", "Account", "Cuenta", &ACCOUNT),
        Column::text("name", "Name", "Nombre").personal(),
        Column::boolean(
            "backed_up",
            "Synced by its provider",
            "Sincronizada por su proveedor",
        ),
        Column::integer("sign_count", "Times used, as it says", "Usos, según ella").range(0, u32::MAX as i64),
        Column::timestamp("created_at", "Added", "Añadida").sortable(),
        Column::timestamp("last_used_at", "Last used", "Último uso"),
    ],
    title: "t.name",
    list_display: &["created_at", "account_id", "name", "backed_up", "last_used_at"],
    list_filter: &[
        Filter::Column("backed_up"),
        Filter::Present("last_used_at"),
        Filter::Date("created_at"),
    ],
    audit_kind: "passkey",
    ..Model::READ_ONLY
};
