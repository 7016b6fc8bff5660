//! Account mails: links and notices that were asked for, and what became of them. The links themselves are kept nowhere.

use admin::{Column, Filter, Model, Scope, Words, words};
use app::{Context, OpenApiRouter};

use super::shared::{ACCOUNT, LANGUAGES};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const KINDS: &[(&str, Words)] = &[
    (
        "password_reset",
        words("Password reset", "Restablecer contraseña"),
    ),
    ("email_change", words("E-mail change", "Cambio de correo")),
    ("email_changed", words("E-mail changed", "Correo cambiado")),
    (
        "password_changed",
        words("Password changed", "Contraseña cambiada"),
    ),
    ("invitation", words("Invitation", "Invitación")),
    ("passkey_added", words("Passkey added", "Llave de acceso añadida")),
    (
        "passkey_removed",
        words("Passkey removed", "Llave de acceso quitada"),
    ),
    (
        "provider_connected",
        words("Provider connected", "Proveedor conectado"),
    ),
    (
        "provider_disconnected",
        words("Provider disconnected", "Proveedor desconectado"),
    ),
];

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "account-mail",
    table: "platform.account_mail",
    label: words("Account mail", "Correo de cuenta"),
    plural: words("Account mails", "Correos de cuentas"),
    about: words(
        "Links and notices that were asked for, and whether they were sent and used.",
        "Enlaces y avisos que se pidieron, y si se enviaron y se usaron.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("created_at", "Asked", "Pedido").sortable(),
        Column::choice("kind", "Kind", "Tipo", KINDS),
        Column::text("email", "To", "Para").personal(),
        Column::choice("language", "Language", "Idioma", LANGUAGES),
        Column::reference("account_id", "Account", "Cuenta", &ACCOUNT),
        Column::timestamp("expires_at", "Works until", "Vale hasta"),
        Column::timestamp("sent_at", "Sent", "Enviado"),
        Column::timestamp("used_at", "Used", "Usado"),
    ],
    title: "t.kind || ' ' || t.email",
    list_display: &["created_at", "kind", "email", "expires_at", "sent_at", "used_at"],
    list_filter: &[
        Filter::Column("kind"),
        Filter::Present("sent_at"),
        Filter::Present("used_at"),
        Filter::Date("created_at"),
    ],
    date_hierarchy: Some("created_at"),
    audit_kind: "account_mail",
    ..Model::READ_ONLY
};
