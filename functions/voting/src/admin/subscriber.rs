//! An organisation's settings for the voting tools: one row.

use admin::{Column, Model, Ordering, Words, words};
use app::{Context, OpenApiRouter, Permission};
use domain::person::{Email, WebUrl};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

fn address(text: &str) -> Option<Words> {
    WebUrl::parse(text).err().map(|_| {
        words(
            "Write an address such as https://example.org.",
            "Escriba una dirección como https://example.org.",
        )
    })
}

fn email(text: &str) -> Option<Words> {
    Email::parse(text).err().map(|_| {
        words(
            "Write an address such as name@example.org.",
            "Escriba una dirección como nombre@example.org.",
        )
    })
}

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "subscriber",
    table: "voting.subscriber",
    label: words("Voting settings", "Ajustes de votación"),
    plural: words("Voting settings", "Ajustes de votación"),
    about: words(
        "What voters see of the organization: its site, its terms, its text messages.",
        "Lo que los votantes ven de la organización: su sitio, sus condiciones, sus mensajes de texto.",
    ),
    key: &["tenant_id"],
    columns: &[
        Column::uuid("tenant_id", "Organization", "Organización")
            .read_only()
            .sortable(),
        Column::text("url", "Web site", "Sitio web")
            .blank()
            .check(address),
        Column::text("email", "E-mail", "Correo electrónico")
            .blank()
            .max(254)
            .check(email),
        Column::text("privacy_policy", "Privacy policy", "Política de privacidad")
            .blank()
            .check(address),
        Column::text("terms_of_service", "Terms of service", "Condiciones de servicio")
            .blank()
            .check(address),
        Column::boolean(
            "sms_enabled",
            "Text messages are used",
            "Se usan mensajes de texto",
        ),
        Column::boolean(
            "sms_checkbox",
            "Voters are asked for consent",
            "Se pide consentimiento a los votantes",
        ),
        Column::boolean(
            "sms_checkbox_default",
            "The consent begins ticked",
            "El consentimiento empieza marcado",
        ),
        Column::text_area(
            "sms_disclaimer",
            "Words beside the consent",
            "Texto junto al consentimiento",
        )
        .blank()
        .max(2_000),
    ],
    title: "coalesce(nullif(t.url, ''), t.tenant_id::text)",
    list_display: &["url", "email", "sms_enabled"],
    ordering: Ordering::ascending("tenant_id"),
    change: Some(Permission::Edit),
    audit_kind: "subscriber",
    ..Model::READ_ONLY
};
