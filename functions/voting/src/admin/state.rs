//! States and territories: as many as there are.

use admin::{Column, Filter, Inline, Model, Ordering, Scope, words};
use app::{Context, OpenApiRouter, Permission};

use super::state_information;

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "state",
    table: "voting.state",
    label: words("State", "Estado"),
    plural: words("States", "Estados"),
    about: words(
        "States and territories, each with all that is said of it.",
        "Estados y territorios, cada uno con todo lo que se dice de él.",
    ),
    scope: Scope::Operator,
    key: &["code"],
    columns: &[
        Column::text("code", "Code", "Código").read_only().sortable(),
        Column::text("name", "Name", "Nombre").max(60).sortable(),
        Column::boolean("territory", "Territory", "Territorio").read_only(),
        Column::integer("texts", "Texts", "Textos").computed(
            "select count(*) from voting.state_information i where i.state = t.code and i.text <> ''",
        ),
    ],
    title: "t.name",
    list_display: &["name", "code", "territory", "texts"],
    list_filter: &[Filter::Column("territory")],
    search_fields: &["name", "code"],
    ordering: Ordering::ascending("name"),
    inlines: &[Inline {
        model: &state_information::MODEL,
        column: "state",
    }],
    change: Some(Permission::Edit),
    audit_kind: "state",
    ..Model::READ_ONLY
};
