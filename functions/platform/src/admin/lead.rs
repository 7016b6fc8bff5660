//! Leads: organisations that ask to join. Here they are found and read; they are let in or refused on `/platform/leads`.

use admin::{Column, Filter, Model, Scope, Words, words};
use app::{Context, OpenApiRouter};

use super::shared::{ACCOUNT, LANGUAGES, ORGANIZATION};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const STATUSES: &[(&str, Words)] = &[
    ("pending", words("Waiting", "En espera")),
    ("active", words("Let in", "Admitida")),
    ("rejected", words("Refused", "Rechazada")),
];
const PLANS: &[(&str, Words)] = &[
    ("premium", words("Premium", "Premium")),
    ("nonprofit", words("Nonprofit", "Sin ánimo de lucro")),
];
const SMS_MODES: &[(&str, Words)] = &[
    ("none", words("No text messages", "Sin mensajes de texto")),
    (
        "auto_opt_in",
        words("Consent without a box", "Consentimiento sin casilla"),
    ),
    (
        "box_unchecked",
        words("A box, not ticked", "Una casilla, sin marcar"),
    ),
    ("box_checked", words("A box, ticked", "Una casilla, marcada")),
];

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "lead",
    table: "platform.lead",
    label: words("Request to join", "Petición de unirse"),
    plural: words("Requests to join", "Peticiones de unirse"),
    about: words(
        "Organizations that ask to join. They are let in or refused on the page “Who asks to join”.",
        "Organizaciones que piden unirse. Se admiten o rechazan en la página «Quién pide unirse».",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("created_at", "Asked", "Pedida").sortable(),
        Column::text("organization", "Organization", "Organización"),
        Column::text("website", "Web site", "Sitio web"),
        Column::choice("plan", "Plan", "Plan", PLANS),
        Column::choice("status", "Status", "Situación", STATUSES),
        Column::text("first_name", "First name", "Nombre").personal(),
        Column::text("last_name", "Last name", "Apellido").personal(),
        Column::text("email", "E-mail", "Correo electrónico").personal(),
        Column::text("phone", "Phone", "Teléfono").personal(),
        Column::choice("language", "Language", "Idioma", LANGUAGES),
        Column::text("ein", "EIN", "EIN"),
        Column::choice("sms_mode", "Text messages", "Mensajes de texto", SMS_MODES),
        Column::text("reject_reason", "Why it was refused", "Por qué se rechazó"),
        Column::reference("organization_id", "Became", "Pasó a ser", &ORGANIZATION),
        Column::reference("decided_by", "Decided by", "Decidida por", &ACCOUNT),
        Column::timestamp("decided_at", "Decided", "Decidida"),
    ],
    title: "t.organization",
    list_display: &["created_at", "organization", "plan", "status", "decided_at"],
    list_filter: &[
        Filter::Column("status"),
        Filter::Column("plan"),
        Filter::Date("created_at"),
    ],
    search_fields: &["organization", "email", "last_name"],
    date_hierarchy: Some("created_at"),
    audit_kind: "lead",
    ..Model::READ_ONLY
};
