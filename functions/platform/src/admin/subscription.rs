//! Subscriptions: whom to reach of each organisation, and what operators noted of it. Changed on the organisation's page.

use admin::{Column, Kind, Model, Ordering, Reference, Scope, words};
use app::{Context, OpenApiRouter};

use super::shared::{LANGUAGES, ORGANIZATION};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

static LEAD: Reference = Reference {
    table: "platform.lead",
    key: "id",
    key_kind: Kind::Uuid,
    label: "r.organization",
    search: "r.organization",
    has_tenant: false,
    path: "/admin/platform/lead",
};

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "subscription",
    table: "platform.subscription",
    label: words("Subscription", "Suscripción"),
    plural: words("Subscriptions", "Suscripciones"),
    about: words(
        "Whom to reach of each organization, and notes. They are changed on the organization's page.",
        "A quién dirigirse en cada organización, y notas. Se cambian en la página de la organización.",
    ),
    scope: Scope::Operator,
    key: &["tenant_id"],
    columns: &[
        Column::reference("tenant_id", "Organization", "Organización", &ORGANIZATION).sortable(),
        Column::text("first_name", "First name", "Nombre").personal(),
        Column::text("last_name", "Last name", "Apellido").personal(),
        Column::text("email", "E-mail", "Correo electrónico").personal(),
        Column::text("phone", "Phone", "Teléfono").personal(),
        Column::text("ein", "EIN", "EIN"),
        Column::choice("language", "Language", "Idioma", LANGUAGES),
        Column::reference("lead_id", "Asked to join by", "Pidió unirse con", &LEAD),
        Column::text_area("internal_notes", "Internal notes", "Notas internas"),
    ],
    title: "(select o.name from platform.tenant o where o.id = t.tenant_id)",
    list_display: &["tenant_id", "first_name", "last_name", "email", "phone"],
    search_fields: &["email", "last_name"],
    ordering: Ordering::ascending("tenant_id"),
    audit_kind: "subscription",
    audit_tenant: Some("tenant_id"),
    ..Model::READ_ONLY
};
