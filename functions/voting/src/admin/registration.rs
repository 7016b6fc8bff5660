//! Registrations: what voters gave to register. Only read: a voter's application is the voter's.

use admin::{Column, Fieldset, Filter, Model, Words, join, words};
use app::{Context, OpenApiRouter};

use super::shared::{
    ACTION, ADDRESS, ADDRESS_SET, CONSENT, NAME, SEARCHED, SOURCE, SOURCE_SET, STATE, VISIBLE, VOTER,
    has_data,
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const STATUSES: &[(&str, Words)] = &[
    ("Incomplete", words("Incomplete", "Incompleta")),
    ("Pending", words("Pending", "Pendiente")),
    ("SentPDF", words("Form sent", "Formulario enviado")),
    ("ReferOVR", words("Referred to the state", "Remitida al estado")),
];

const APPLICATION: &[Column] = &[
    Column::uuid("id", "Id", "Id"),
    Column::timestamp("created_at", "Begun", "Iniciada").sortable(),
    Column::timestamp("modified_at", "Last changed", "Último cambio"),
    Column::choice("status", "Status", "Estado del trámite", STATUSES),
    Column::timestamp("finished_at", "Finished", "Terminada")
        .computed("select a.finished_at from voting.action a where a.id = t.action_id"),
    Column::reference("action_id", "Action", "Acción", &ACTION),
    Column::text("title", "Title", "Tratamiento").personal(),
    Column::text("middle_name", "Middle name", "Segundo nombre").personal(),
    Column::text("suffix", "Suffix", "Sufijo").personal(),
    Column::text("gender", "Gender", "Género").personal(),
    Column::text("race_ethnicity", "Race or ethnicity", "Raza u origen étnico").personal(),
    Column::text("party", "Party", "Partido").personal(),
    Column::boolean(
        "us_citizen",
        "Says to be a U.S. citizen",
        "Dice ser ciudadano de EE. UU.",
    ),
    Column::text("previous_first_name", "Previous first name", "Nombre anterior").personal(),
    Column::text("previous_last_name", "Previous last name", "Apellido anterior").personal(),
    Column::text(
        "previous_address1",
        "Previous street address",
        "Dirección anterior",
    )
    .personal(),
    Column::text("previous_city", "Previous city", "Ciudad anterior").personal(),
    Column::reference("previous_state", "Previous state", "Estado anterior", &STATE),
    Column::text("previous_zipcode", "Previous ZIP code", "Código postal anterior").personal(),
    Column::text("mailing_address1", "Mailing address", "Dirección postal").personal(),
    Column::text("mailing_city", "Mailing city", "Ciudad postal").personal(),
    Column::reference("mailing_state", "Mailing state", "Estado postal", &STATE),
    Column::text("mailing_zipcode", "Mailing ZIP code", "Código postal de envío").personal(),
    Column::boolean("has_form", "Has a form", "Tiene formulario").computed("t.file_id is not null"),
    Column::text("referring_tool", "Referring tool", "Herramienta de origen"),
];

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "registration",
    table: "voting.registration",
    label: words("Registration", "Registro"),
    plural: words("Registrations", "Registros"),
    about: words(
        "What voters gave to register, newest first.",
        "Lo que los votantes dieron para registrarse; primero lo más nuevo.",
    ),
    columns: &join::<47>(&[APPLICATION, VOTER, ADDRESS, CONSENT, SOURCE]),
    title: NAME,
    list_display: &[
        "created_at",
        "first_name",
        "last_name",
        "email",
        "state",
        "status",
    ],
    list_filter: &[
        Filter::Column("status"),
        Filter::Column("state"),
        Filter::Date("created_at"),
    ],
    search_fields: SEARCHED,
    date_hierarchy: Some("created_at"),
    fieldsets: &[
        Fieldset {
            label: words("Application", "Solicitud"),
            columns: &[
                "status",
                "created_at",
                "modified_at",
                "finished_at",
                "has_form",
                "action_id",
                "id",
            ],
            is_collapsed: false,
        },
        Fieldset {
            label: words("Voter", "Votante"),
            columns: &[
                "title",
                "first_name",
                "middle_name",
                "last_name",
                "suffix",
                "date_of_birth",
                "email",
                "phone",
                "gender",
                "race_ethnicity",
                "party",
                "us_citizen",
                "sms_opt_in",
                "sms_opt_in_subscriber",
            ],
            is_collapsed: false,
        },
        ADDRESS_SET,
        Fieldset {
            label: words("Mailing address", "Dirección postal"),
            columns: &[
                "mailing_address1",
                "mailing_city",
                "mailing_state",
                "mailing_zipcode",
            ],
            is_collapsed: true,
        },
        Fieldset {
            label: words("Previous registration", "Registro anterior"),
            columns: &[
                "previous_first_name",
                "previous_last_name",
                "previous_address1",
                "previous_city",
                "previous_state",
                "previous_zipcode",
            ],
            is_collapsed: true,
        },
        SOURCE_SET,
    ],
    only: Some(VISIBLE),
    is_for: has_data,
    audit_kind: "registration",
    ..Model::READ_ONLY
};
