//! Hourly counts: how often each tool was begun and finished, as a schedule counts them for the staff's figures.

use admin::{Column, Filter, Model, Ordering, Words, words};
use app::{Context, OpenApiRouter};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const TOOLS: &[(&str, Words)] = &[
    ("register", words("Register", "Registrarse")),
    ("verify", words("Verify", "Verificar")),
    ("absentee", words("Vote by mail", "Votar por correo")),
    (
        "locate",
        words("Find a polling place", "Buscar lugar de votación"),
    ),
    ("remind", words("Reminders", "Recordatorios")),
];

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "hourly-count",
    table: "voting.hourly_count",
    label: words("Hourly count", "Recuento por hora"),
    plural: words("Hourly counts", "Recuentos por hora"),
    about: words(
        "How often each tool was begun and finished, by the hour.",
        "Cuántas veces se empezó y se terminó cada herramienta, por hora.",
    ),
    key: &["hour", "tool"],
    columns: &[
        Column::timestamp("hour", "Hour", "Hora").sortable(),
        Column::choice("tool", "Tool", "Herramienta", TOOLS),
        Column::integer("started", "Begun", "Empezadas").range(0, i64::MAX),
        Column::integer("finished", "Finished", "Terminadas").range(0, i64::MAX),
    ],
    title: "t.tool || ' ' || to_char(t.hour at time zone 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"')",
    list_display: &["hour", "tool", "started", "finished"],
    list_filter: &[Filter::Column("tool"), Filter::Date("hour")],
    date_hierarchy: Some("hour"),
    ordering: Ordering::descending("hour"),
    audit_kind: "hourly_count",
    ..Model::READ_ONLY
};
