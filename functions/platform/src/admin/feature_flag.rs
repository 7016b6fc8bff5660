//! Feature flags: what is switched on. What is absent is off.

use admin::{Column, Filter, Model, OnAdd, Ordering, Scope, Words, words};
use app::{Context, OpenApiRouter, Permission};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

fn name(text: &str) -> Option<Words> {
    let fits = text
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.');
    (!fits).then_some(words(
        "Use small letters, digits, _ and dots.",
        "Use letras minúsculas, cifras, _ y puntos.",
    ))
}

pub(super) static MODEL: Model = Model {
    service: "platform",
    name: "feature-flag",
    table: "platform.feature_flag",
    label: words("Feature flag", "Opción"),
    plural: words("Feature flags", "Opciones"),
    about: words(
        "What is switched on, and with which variables. What is not here is off.",
        "Lo que está activado, y con qué variables. Lo que no está aquí, está apagado.",
    ),
    scope: Scope::Operator,
    key: &["name"],
    columns: &[
        Column::text("name", "Name", "Nombre")
            .fixed()
            .max(100)
            .check(name)
            .sortable(),
        Column::boolean("enabled", "On", "Activada"),
        Column::json("variables", "Variables", "Variables").initial("{}"),
        Column::timestamp("modified_at", "Last changed", "Último cambio").on_add(OnAdd::Now),
    ],
    title: "t.name",
    list_display: &["name", "enabled", "modified_at"],
    list_filter: &[Filter::Column("enabled")],
    search_fields: &["name"],
    ordering: Ordering::ascending("name"),
    add: Some(Permission::Edit),
    change: Some(Permission::Edit),
    delete: Some(Permission::Edit),
    audit_kind: "feature_flag",
    touched: Some("modified_at"),
    ..Model::READ_ONLY
};
