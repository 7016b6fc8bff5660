//! Bulk uploads: how many records an organisation's programs sent to be judged, and whether the results are there.

use admin::{Column, Filter, Model, Words, words};
use app::{Context, OpenApiRouter};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const STATES: &[(&str, Words)] = &[
    ("running", words("Being judged", "En curso")),
    ("done", words("Done", "Terminada")),
    (
        "lapsed",
        words("Not finished in its day", "Sin terminar en su día"),
    ),
];
const LANGUAGES: &[(&str, Words)] = &[
    ("en", words("English", "Inglés")),
    ("es", words("Spanish", "Español")),
];

pub(super) static MODEL: Model = Model {
    service: "expungement",
    name: "bulk-job",
    table: "expungement.bulk_job",
    label: words("Bulk upload", "Envío masivo"),
    plural: words("Bulk uploads", "Envíos masivos"),
    about: words(
        "Records that programs sent by the thousand, and whether the results are there. The records themselves are kept for a day.",
        "Historiales que los programas enviaron por miles, y si los resultados están. Los historiales se guardan un día.",
    ),
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("created_at", "Sent", "Enviado").sortable(),
        Column::choice("state", "State", "Estado", STATES).computed(
            "case when t.finished_at is not null then 'done'
                  when t.created_at < now() - interval '1 day' then 'lapsed' else 'running' end",
        ),
        Column::integer("records", "Records", "Historiales"),
        Column::integer("chunks", "Parts", "Partes"),
        Column::boolean("with_summaries", "With summaries", "Con resúmenes"),
        Column::date("judged_for", "Judged for", "Evaluado para"),
        Column::choice("language", "Language", "Idioma", LANGUAGES),
        Column::timestamp("finished_at", "Finished", "Terminado"),
    ],
    list_display: &["created_at", "state", "records", "chunks", "finished_at"],
    list_filter: &[Filter::Column("state"), Filter::Date("created_at")],
    date_hierarchy: Some("created_at"),
    audit_kind: "bulk_job",
    ..Model::READ_ONLY
};
