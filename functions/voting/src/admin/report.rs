//! Reports: tables of voters that staff asked for, and what became of them. They are asked for on `/voting/manage/reports`.

use admin::{Column, Filter, Model, Words, words};
use app::{Context, OpenApiRouter};

use super::shared::has_data;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const KINDS: &[(&str, Words)] = &[
    ("register", words("Registrations", "Registros")),
    ("verify", words("Verifications", "Verificaciones")),
    ("remind", words("Reminder sign-ups", "Altas de recordatorios")),
];
const STATUSES: &[(&str, Words)] = &[
    ("pending", words("Being made", "En preparación")),
    ("ready", words("Made", "Hecho")),
    ("failed", words("Failed", "Fallido")),
];

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "report",
    table: "voting.report",
    label: words("Report", "Informe"),
    plural: words("Reports", "Informes"),
    about: words(
        "Tables of voters that staff asked for, and what became of them.",
        "Tablas de votantes que pidió el personal, y qué fue de ellas.",
    ),
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("created_at", "Asked", "Pedido").sortable(),
        Column::choice("kind", "Of", "De", KINDS),
        Column::choice("status", "Status", "Situación", STATUSES),
        Column::integer("row_count", "Rows", "Filas").range(0, i64::MAX),
        Column::text("author", "Asked by", "Pedido por").computed("platform.actor_name(t.author_id)"),
        Column::timestamp("since", "From", "Desde"),
        Column::timestamp("before", "Until", "Hasta"),
        Column::timestamp("finished_at", "Finished", "Terminado"),
        Column::text("failure", "Why it failed", "Por qué falló"),
        Column::timestamp("downloaded_at", "First fetched", "Primera descarga")
            .computed("select f.first_download_at from voting.stored_file f where f.id = t.file_id"),
        Column::timestamp("purged_at", "File removed", "Archivo borrado")
            .computed("select f.purged_at from voting.stored_file f where f.id = t.file_id"),
    ],
    title: "t.kind || ' ' || t.id",
    list_display: &[
        "created_at",
        "kind",
        "status",
        "row_count",
        "author",
        "finished_at",
    ],
    list_filter: &[
        Filter::Column("kind"),
        Filter::Column("status"),
        Filter::Date("created_at"),
    ],
    date_hierarchy: Some("created_at"),
    is_for: has_data,
    audit_kind: "report",
    ..Model::READ_ONLY
};
