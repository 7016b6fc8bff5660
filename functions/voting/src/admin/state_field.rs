//! Fields of state information: what may be said of each state, and in which form.

use admin::{Column, Dependent, Fate, Filter, Inline, Model, Ordering, Scope, Words, words};
use app::{Context, OpenApiRouter, Permission};
use domain::person::Slug;

use super::state_information;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

pub(super) const FORMATS: &[(&str, Words)] = &[
    ("Markdown", words("Text (Markdown)", "Texto (Markdown)")),
    ("Boolean", words("Yes or no", "Sí o no")),
    ("URL", words("Link", "Enlace")),
    ("Date", words("Date", "Fecha")),
];

fn slug(text: &str) -> Option<Words> {
    let fits = Slug::parse(text).is_ok() && !text.contains('-');
    (!fits).then_some(words(
        "Use small letters, digits and _.",
        "Use letras minúsculas, cifras y _.",
    ))
}

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "state-field",
    table: "voting.state_field",
    label: words("Field of state information", "Campo de información estatal"),
    plural: words("Fields of state information", "Campos de información estatal"),
    about: words(
        "What may be said of each state, and in which form.",
        "Lo que se puede decir de cada estado, y en qué forma.",
    ),
    scope: Scope::Operator,
    key: &["slug"],
    columns: &[
        Column::text("slug", "Slug", "Identificador")
            .fixed()
            .max(50)
            .check(slug)
            .hint(
                "Programs know the field by it; it never changes",
                "Los programas conocen el campo por él; nunca cambia",
            )
            .sortable(),
        Column::text("long_name", "Name", "Nombre").max(200).sortable(),
        Column::text_area(
            "help_text",
            "Help for who writes it",
            "Ayuda para quien lo escribe",
        )
        .blank()
        .max(2_000),
        Column::choice("field_format", "Form", "Forma", FORMATS),
        Column::integer("states", "States with a text", "Estados con texto").computed(
            "select count(*) from voting.state_information i where i.field = t.slug and i.text <> ''",
        ),
    ],
    title: "t.long_name",
    list_display: &["long_name", "slug", "field_format", "states"],
    list_filter: &[Filter::Column("field_format")],
    search_fields: &["slug", "long_name"],
    ordering: Ordering::ascending("slug"),
    inlines: &[Inline {
        model: &state_information::MODEL,
        column: "field",
    }],
    dependents: &[Dependent {
        table: "voting.state_information",
        column: "field",
        label: words("Texts of states", "Textos de estados"),
        fate: Fate::HoldsBack,
    }],
    add: Some(Permission::Edit),
    change: Some(Permission::Edit),
    delete: Some(Permission::Edit),
    audit_kind: "state_field",
    ..Model::READ_ONLY
};
