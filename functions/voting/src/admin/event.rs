//! Events: what happened in an action.

use admin::{Column, Filter, Model, words};
use app::{Context, OpenApiRouter};

use super::shared::{ACTION, VISIBLE, has_data};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "event",
    table: "voting.event",
    label: words("Event", "Evento"),
    plural: words("Events", "Eventos"),
    about: words(
        "What happened in each action: a form made, a mail sent, a link followed.",
        "Lo que pasó en cada acción: un formulario hecho, un correo enviado, un enlace seguido.",
    ),
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("created_at", "At", "Momento").sortable(),
        Column::text("event_type", "Event", "Evento"),
        Column::reference("action_id", "Action", "Acción", &ACTION),
    ],
    title: "t.event_type",
    list_display: &["created_at", "event_type", "action_id"],
    list_filter: &[Filter::Date("created_at")],
    date_hierarchy: Some("created_at"),
    only: Some(VISIBLE),
    is_for: has_data,
    audit_kind: "event",
    ..Model::READ_ONLY
};
