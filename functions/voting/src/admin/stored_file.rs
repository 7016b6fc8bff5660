//! Stored files: forms and reports that were made. What they hold, and the tokens of their links, stay out.

use admin::{Column, Filter, Model, Words, words};
use app::{Context, OpenApiRouter};

use super::shared::{ACTION, has_data};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const KINDS: &[(&str, Words)] = &[
    ("RegForm", words("Registration form", "Formulario de registro")),
    ("AbsForm", words("Ballot request", "Petición de boleta")),
    ("Report", words("Report", "Informe")),
    ("BlankRegForms", words("Blank forms", "Formularios en blanco")),
];

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "stored-file",
    table: "voting.stored_file",
    label: words("Stored file", "Archivo guardado"),
    plural: words("Stored files", "Archivos guardados"),
    about: words(
        "Forms and reports that were made, and when they were fetched and removed.",
        "Formularios e informes que se hicieron, y cuándo se descargaron y se borraron.",
    ),
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::timestamp("created_at", "Made", "Hecho").sortable(),
        Column::choice("kind", "Kind", "Tipo", KINDS),
        Column::text("name", "Name", "Nombre"),
        Column::text("email", "For", "Para").personal(),
        Column::timestamp("expires_at", "Link works until", "El enlace vale hasta"),
        Column::timestamp("first_download_at", "First fetched", "Primera descarga"),
        Column::timestamp("purged_at", "Removed", "Borrado"),
        Column::reference("action_id", "Action", "Acción", &ACTION),
    ],
    title: "t.name",
    list_display: &[
        "created_at",
        "kind",
        "email",
        "expires_at",
        "first_download_at",
        "purged_at",
    ],
    list_filter: &[
        Filter::Column("kind"),
        Filter::Present("first_download_at"),
        Filter::Present("purged_at"),
        Filter::Date("created_at"),
    ],
    date_hierarchy: Some("created_at"),
    only: Some(
        "t.action_id is null or exists (select from voting.action a where a.id = t.action_id and a.visible_to_subscriber)",
    ),
    is_for: has_data,
    audit_kind: "stored_file",
    ..Model::READ_ONLY
};
