//! Accounts: people who sign in. No password and no authenticator secret is shown or set: a person resets their own.

use admin::{Action, Column, Deed, Dependent, Fate, Filter, Inline, Model, Scope, words};
use app::{Context, OpenApiRouter, Permission};
use domain::person::Language;
use ports::{BoxFuture, Result};

use super::{
    external_identity, membership, passkey, session,
    shared::{LANGUAGES, STATUSES},
};
use crate::{
    account_mail::{self, MailKind, To},
    accounts,
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

fn end_sessions<'a>(deed: &'a mut Deed<'_>) -> BoxFuture<'a, Result<bool>> {
    Box::pin(async move {
        let admin::Value::Uuid(account) = deed.row.get("id") else {
            return Ok(false);
        };
        let digests = accounts::end_sessions(deed.tx, *account, None).await?;
        let (ended, cx) = (!digests.is_empty(), deed.cx.clone());
        deed.afterwards.push(Box::pin(
            async move { accounts::drop_tokens(&cx, &digests).await },
        ));
        Ok(ended)
    })
}

/// Mails the same link as the sign-in page's "forgot my password".
fn send_reset<'a>(deed: &'a mut Deed<'_>) -> BoxFuture<'a, Result<bool>> {
    Box::pin(async move {
        if deed.row.text("status") != "active" {
            return Ok(false);
        }
        let to = To {
            email: deed.row.text("email"),
            language: Language::or_default(deed.row.text("language")),
            ..To::default()
        };
        account_mail::ask(deed.tx, MailKind::PasswordReset, &to).await?;
        Ok(true)
    })
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "account",
    table: "platform.account",
    label: words("Account", "Cuenta"),
    plural: words("Accounts", "Cuentas"),
    about: words(
        "People who sign in. Invite new ones from an organization's page.",
        "Personas que inician sesión. Las nuevas se invitan desde la página de una organización.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id").read_only(),
        Column::text("email", "E-mail", "Correo electrónico")
            .read_only()
            .personal(),
        Column::text("name", "Name", "Nombre").personal(),
        Column::choice("status", "Status", "Situación", STATUSES),
        Column::choice("language", "Language", "Idioma", LANGUAGES),
        Column::text("time_zone", "Time zone", "Zona horaria").read_only(),
        Column::boolean("has_second_factor", "Second factor", "Segundo factor").computed(
            "t.totp_secret is not null or exists (select from platform.passkey p where p.account_id = t.id)",
        ),
        Column::boolean("is_operator", "Operator", "Operador").read_only(),
        Column::timestamp("created_at", "Since", "Desde")
            .read_only()
            .sortable(),
        Column::timestamp("last_signed_in", "Last sign-in", "Último inicio de sesión").computed(
            "select max(s.created_at) from platform.session s where s.account_id = t.id and s.is_complete",
        ),
    ],
    title: "t.name || ' <' || t.email || '>'",
    list_display: &[
        "email",
        "name",
        "status",
        "has_second_factor",
        "last_signed_in",
        "created_at",
    ],
    list_filter: &[
        Filter::Column("status"),
        Filter::Column("has_second_factor"),
        Filter::Column("is_operator"),
        Filter::Date("created_at"),
    ],
    search_fields: &["email", "name"],
    date_hierarchy: Some("created_at"),
    inlines: &[
        Inline {
            model: &membership::MODEL,
            column: "account_id",
        },
        Inline {
            model: &session::MODEL,
            column: "account_id",
        },
        Inline {
            model: &passkey::MODEL,
            column: "account_id",
        },
        Inline {
            model: &external_identity::MODEL,
            column: "account_id",
        },
    ],
    dependents: &[
        Dependent {
            table: "platform.membership",
            column: "account_id",
            label: words("Memberships", "Pertenencias"),
            fate: Fate::Goes,
        },
        Dependent {
            table: "platform.session",
            column: "account_id",
            label: words("Sessions", "Sesiones"),
            fate: Fate::Goes,
        },
        Dependent {
            table: "platform.external_identity",
            column: "account_id",
            label: words("Sign-ins by providers", "Accesos con proveedores"),
            fate: Fate::Goes,
        },
        Dependent {
            table: "platform.recovery_code",
            column: "account_id",
            label: words("Recovery codes", "Códigos de recuperación"),
            fate: Fate::Goes,
        },
        Dependent {
            table: "platform.passkey",
            column: "account_id",
            label: words("Passkeys", "Llaves de acceso"),
            fate: Fate::Goes,
        },
        Dependent {
            table: "platform.account_mail",
            column: "account_id",
            label: words("Account mails", "Correos de la cuenta"),
            fate: Fate::Goes,
        },
        Dependent {
            table: "platform.api_key",
            column: "created_by",
            label: words("API keys that they made", "Claves de API que creó"),
            fate: Fate::LosesIt,
        },
        Dependent {
            table: "platform.invitation",
            column: "invited_by",
            label: words("Invitations that they sent", "Invitaciones que envió"),
            fate: Fate::LosesIt,
        },
        Dependent {
            table: "platform.lead",
            column: "decided_by",
            label: words(
                "Requests to join that they decided",
                "Peticiones de unirse que decidió",
            ),
            fate: Fate::LosesIt,
        },
    ],
    actions: &[
        Action {
            name: "end-sessions",
            label: words("End all sessions", "Cerrar todas las sesiones"),
            question: words(
                "These people are signed out everywhere.",
                "Se cierra la sesión de estas personas en todas partes.",
            ),
            permission: Permission::Edit,
            run: end_sessions,
            audit: "account.end_sessions",
        },
        Action {
            name: "send-reset",
            label: words(
                "Mail a link to reset the password",
                "Enviar un enlace para restablecer la contraseña",
            ),
            question: words(
                "Each gets a mail with a link that works once, within an hour.",
                "Cada una recibe un correo con un enlace que funciona una vez, durante una hora.",
            ),
            permission: Permission::Edit,
            run: send_reset,
            audit: "account.send_reset",
        },
    ],
    change: Some(Permission::Edit),
    delete: Some(Permission::Edit),
    // Nobody locks themselves out.
    may_change: |person, row| *row.get("id") != admin::Value::Uuid(person.account.id),
    audit_kind: "account",
    ..Model::READ_ONLY
};
