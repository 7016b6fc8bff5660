//! Reminder requests: voters who asked to be reminded of elections.

use admin::{Column, Fieldset, Filter, Model, join, words};
use app::{Context, OpenApiRouter};

use super::shared::{
    ACTION, ADDRESS, ADDRESS_SET, CONSENT, NAME, SEARCHED, SOURCE, SOURCE_SET, VISIBLE, VOTER, has_data,
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const REQUEST: &[Column] = &[
    Column::uuid("id", "Id", "Id"),
    Column::timestamp("created_at", "Asked", "Pedido").sortable(),
    Column::reference("action_id", "Action", "Acción", &ACTION),
];

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "reminder-request",
    table: "voting.reminder_request",
    label: words("Reminder request", "Petición de recordatorio"),
    plural: words("Reminder requests", "Peticiones de recordatorio"),
    about: words(
        "Voters who asked to be reminded of elections.",
        "Votantes que pidieron que se les recuerden las elecciones.",
    ),
    columns: &join::<25>(&[REQUEST, VOTER, ADDRESS, CONSENT, SOURCE]),
    title: NAME,
    list_display: &["created_at", "first_name", "last_name", "email", "phone", "state"],
    list_filter: &[Filter::Column("state"), Filter::Date("created_at")],
    search_fields: SEARCHED,
    date_hierarchy: Some("created_at"),
    fieldsets: &[
        Fieldset {
            label: words("Voter", "Votante"),
            columns: &[
                "first_name",
                "last_name",
                "date_of_birth",
                "email",
                "phone",
                "sms_opt_in",
                "sms_opt_in_subscriber",
                "created_at",
                "action_id",
                "id",
            ],
            is_collapsed: false,
        },
        ADDRESS_SET,
        SOURCE_SET,
    ],
    only: Some(VISIBLE),
    is_for: has_data,
    audit_kind: "reminder_request",
    ..Model::READ_ONLY
};
