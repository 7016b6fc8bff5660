//! What the models of voters have alike.

use admin::{Column, Fieldset, Kind, Reference, Words, words};
use app::Tenant;

/// An organisation of the free plan has its voters' confirmations, not their data (spec 2.18).
pub(super) fn has_data(tenant: &Tenant) -> bool {
    tenant.plan != "free"
}

/// Rows that an organisation may see: those whose voter came by it.
pub(super) const VISIBLE: &str =
    "exists (select from voting.action a where a.id = t.action_id and a.visible_to_subscriber)";

pub(super) static STATE: Reference = Reference {
    table: "voting.state",
    key: "code",
    key_kind: Kind::Text,
    label: "r.name",
    search: "r.name",
    has_tenant: false,
    path: "",
};
pub(super) static FIELD: Reference = Reference {
    table: "voting.state_field",
    key: "slug",
    key_kind: Kind::Text,
    label: "r.long_name",
    search: "r.long_name",
    has_tenant: false,
    path: "/admin/voting/state-field",
};
pub(super) static ACTION: Reference = Reference {
    table: "voting.action",
    key: "id",
    key_kind: Kind::Uuid,
    label: "r.tool || ' ' || r.id",
    search: "r.id::text",
    has_tenant: true,
    path: "/admin/voting/action",
};

pub(super) const LANGUAGES: &[(&str, Words)] = &[
    ("en", words("English", "Inglés")),
    ("es", words("Spanish", "Español")),
];

/// Who it is, and what a list is searched by.
pub(super) const VOTER: &[Column] = &[
    Column::text("first_name", "First name", "Nombre").personal(),
    Column::text("last_name", "Last name", "Apellido").personal(),
    Column::date("date_of_birth", "Date of birth", "Fecha de nacimiento").personal(),
    Column::text("email", "E-mail", "Correo electrónico").personal(),
    Column::text("phone", "Phone", "Teléfono").personal(),
];
pub(super) const SEARCHED: &[&str] = &["email", "last_name", "first_name"];

pub(super) const ADDRESS: &[Column] = &[
    Column::text("address1", "Street address", "Dirección").personal(),
    Column::text("address2", "Apartment or unit", "Apartamento o unidad").personal(),
    Column::text("city", "City", "Ciudad").personal(),
    Column::reference("state", "State", "Estado", &STATE),
    Column::text("zipcode", "ZIP code", "Código postal").personal(),
];

pub(super) const ADDRESS_SET: Fieldset = Fieldset {
    label: words("Address", "Dirección"),
    columns: &["address1", "address2", "city", "state", "zipcode"],
    is_collapsed: false,
};

/// How somebody may be written to.
pub(super) const CONSENT: &[Column] = &[
    Column::boolean("sms_opt_in", "Texts from the house", "Mensajes de la casa"),
    Column::boolean(
        "sms_opt_in_subscriber",
        "Texts from the organization",
        "Mensajes de la organización",
    ),
];

/// Where somebody came from.
pub(super) const SOURCE: &[Column] = &[
    Column::text("source", "Source", "Origen"),
    Column::text("utm_source", "utm_source", "utm_source"),
    Column::text("utm_medium", "utm_medium", "utm_medium"),
    Column::text("utm_campaign", "utm_campaign", "utm_campaign"),
    Column::text("utm_term", "utm_term", "utm_term"),
    Column::text("utm_content", "utm_content", "utm_content"),
    Column::text("embed_url", "Embedding page", "Página que lo incluye"),
    Column::text("email_referrer", "Referred by mail of", "Referido por correo de"),
    Column::text(
        "mobile_referrer",
        "Referred by text of",
        "Referido por mensaje de",
    ),
    Column::uuid("session_id", "Session", "Sesión"),
];
pub(super) const SOURCE_SET: Fieldset = Fieldset {
    label: words("Source", "Origen"),
    columns: &[
        "source",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
        "embed_url",
        "email_referrer",
        "mobile_referrer",
        "session_id",
    ],
    is_collapsed: true,
};

/// A voter's whole name; where there is none yet, the id.
pub(super) const NAME: &str = "coalesce(nullif(concat_ws(' ', t.first_name, t.last_name), ''), t.id::text)";
