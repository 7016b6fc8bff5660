//! Actions: each use of a tool by a voter, from its beginning to its end.

use admin::{Column, Filter, Inline, Model, Words, words};
use app::{Context, OpenApiRouter};

use super::{
    event,
    shared::{LANGUAGES, has_data},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const TOOLS: &[(&str, Words)] = &[
    ("register", words("Register", "Registrarse")),
    ("verify", words("Verify", "Verificar")),
    ("absentee", words("Mail ballot", "Voto por correo")),
    ("locate", words("Locate", "Localizar")),
    ("remind", words("Remind", "Recordar")),
];

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "action",
    table: "voting.action",
    label: words("Action", "Acción"),
    plural: words("Actions", "Acciones"),
    about: words(
        "Each use of a tool by a voter, from its beginning to its end.",
        "Cada uso de una herramienta por un votante, de principio a fin.",
    ),
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::choice("tool", "Tool", "Herramienta", TOOLS),
        Column::choice("language", "Language", "Idioma", LANGUAGES),
        Column::timestamp("created_at", "Begun", "Iniciada").sortable(),
        Column::timestamp("finished_at", "Finished", "Terminada"),
    ],
    title: "t.tool || ' ' || t.id",
    list_display: &["created_at", "tool", "language", "finished_at"],
    list_filter: &[
        Filter::Column("tool"),
        Filter::Column("language"),
        Filter::Present("finished_at"),
        Filter::Date("created_at"),
    ],
    date_hierarchy: Some("created_at"),
    inlines: &[Inline {
        model: &event::MODEL,
        column: "action_id",
    }],
    only: Some("t.visible_to_subscriber"),
    is_for: has_data,
    audit_kind: "action",
    ..Model::READ_ONLY
};
