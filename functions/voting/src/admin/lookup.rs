//! Verifications: voters who looked up whether they are registered, and what the voter file said.

use admin::{Column, Fieldset, Filter, Model, Words, join, words};
use app::{Context, OpenApiRouter};

use super::shared::{
    ACTION, ADDRESS, ADDRESS_SET, CONSENT, NAME, SEARCHED, SOURCE, SOURCE_SET, VISIBLE, VOTER, has_data,
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const STATUSES: &[(&str, Words)] = &[
    ("Active", words("Active", "Activo")),
    ("Inactive", words("Inactive", "Inactivo")),
    ("Unknown", words("Unknown", "Desconocido")),
];

const LOOKED_UP: &[Column] = &[
    Column::uuid("id", "Id", "Id"),
    Column::timestamp("created_at", "Asked", "Consultada").sortable(),
    Column::reference("action_id", "Action", "Acción", &ACTION),
    Column::integer("age", "Age", "Edad").personal(),
    Column::boolean("registered", "Registered", "Registrado"),
    Column::choice("voter_status", "Voter status", "Situación del votante", STATUSES),
    Column::boolean("too_many", "Several voters fit", "Coinciden varios votantes"),
    Column::timestamp("last_updated", "Voter file of", "Padrón del"),
];

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "lookup",
    table: "voting.lookup",
    label: words("Verification", "Verificación"),
    plural: words("Verifications", "Verificaciones"),
    about: words(
        "Voters who looked up whether they are registered.",
        "Votantes que consultaron si están registrados.",
    ),
    columns: &join::<30>(&[LOOKED_UP, VOTER, ADDRESS, CONSENT, SOURCE]),
    title: NAME,
    list_display: &[
        "created_at",
        "first_name",
        "last_name",
        "email",
        "state",
        "registered",
        "voter_status",
    ],
    list_filter: &[
        Filter::Column("registered"),
        Filter::Column("voter_status"),
        Filter::Column("state"),
        Filter::Date("created_at"),
    ],
    search_fields: SEARCHED,
    date_hierarchy: Some("created_at"),
    fieldsets: &[
        Fieldset {
            label: words("Answer", "Respuesta"),
            columns: &[
                "registered",
                "voter_status",
                "too_many",
                "last_updated",
                "created_at",
                "action_id",
                "id",
            ],
            is_collapsed: false,
        },
        Fieldset {
            label: words("Voter", "Votante"),
            columns: &[
                "first_name",
                "last_name",
                "date_of_birth",
                "age",
                "email",
                "phone",
                "sms_opt_in",
                "sms_opt_in_subscriber",
            ],
            is_collapsed: false,
        },
        ADDRESS_SET,
        SOURCE_SET,
    ],
    only: Some(VISIBLE),
    is_for: has_data,
    audit_kind: "lookup",
    ..Model::READ_ONLY
};
