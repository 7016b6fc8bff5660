//! Form packs: official forms that are installed, with how their fields are filled. Installed by a command, which checks them.

use admin::{Column, Fieldset, Filter, Model, Scope, words};
use app::{Context, OpenApiRouter};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "form-pack",
    table: "platform.form_pack",
    label: words("Form pack", "Paquete de formulario"),
    plural: words("Form packs", "Paquetes de formularios"),
    about: words(
        "Official forms that are installed: scripts/forms import adds one.",
        "Formularios oficiales instalados: scripts/forms import añade uno.",
    ),
    scope: Scope::Operator,
    columns: &[
        Column::uuid("id", "Id", "Id"),
        Column::text("title", "Title", "Título"),
        Column::text("service", "Service", "Servicio"),
        Column::text("purpose", "Purpose", "Finalidad"),
        Column::text("jurisdiction", "Jurisdiction", "Jurisdicción"),
        Column::integer("version", "Version", "Versión"),
        Column::text("edition", "Edition", "Edición"),
        Column::text("sha256", "SHA-256", "SHA-256"),
        Column::text("file_key", "File", "Archivo"),
        Column::text_area("mapping", "Mapping", "Correspondencia"),
        Column::timestamp("created_at", "Installed", "Instalado").sortable(),
    ],
    title: "t.title",
    list_display: &[
        "title",
        "service",
        "purpose",
        "jurisdiction",
        "version",
        "edition",
        "created_at",
    ],
    list_filter: &[Filter::Date("created_at")],
    search_fields: &["title", "service", "jurisdiction"],
    date_hierarchy: Some("created_at"),
    fieldsets: &[
        Fieldset {
            label: words("", ""),
            columns: &[
                "title",
                "service",
                "purpose",
                "jurisdiction",
                "version",
                "edition",
                "sha256",
                "file_key",
                "created_at",
                "id",
            ],
            is_collapsed: false,
        },
        Fieldset {
            label: words("How its fields are filled", "Cómo se rellenan sus campos"),
            columns: &["mapping"],
            is_collapsed: true,
        },
    ],
    audit_kind: "form_pack",
    ..Model::READ_ONLY
};
