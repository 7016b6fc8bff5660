//! State information: what each state says of registering and voting, a text for each field. Mails, pages and the open API read it.

use admin::{Column, Filter, Model, OnAdd, Ordering, Row, Scope, Words, words};
use app::{Context, OpenApiRouter, Permission};
use domain::voting::{codes::FieldFormat, state_information};
use ports::{BoxFuture, Error, Result};
use store::{Sql, Tx, params, sql};

use super::{
    shared::{FIELD, STATE},
    state_field::FORMATS,
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const FORMAT: Sql = sql!("select field_format from voting.state_field where slug = $1");

/// A text fits its field's form (spec 5.8): `True` or `False`, an address, a date; an empty one always does.
fn check<'a>(tx: &'a mut Tx, row: &'a Row) -> BoxFuture<'a, Result<Vec<(&'static str, Words)>>> {
    Box::pin(async move {
        let found = tx.one(FORMAT, params![row.text("field")]).await?;
        let format = FieldFormat::parse(found.get("field_format")?)
            .map_err(|_| Error::internal("a field of an unknown format is stored"))?;
        Ok(match state_information::check(format, row.text("text")) {
            Ok(()) => Vec::new(),
            Err(_) => vec![("text", form_of(format))],
        })
    })
}

fn form_of(format: FieldFormat) -> Words {
    match format {
        FieldFormat::Boolean => words(
            "Write True or False, or leave it empty.",
            "Escriba True o False, o déjelo vacío.",
        ),
        FieldFormat::Url => words(
            "Write an address such as https://example.gov, or leave it empty.",
            "Escriba una dirección como https://example.gov, o déjela vacía.",
        ),
        FieldFormat::Date => words(
            "Write a date such as 2026-11-03, or leave it empty.",
            "Escriba una fecha como 2026-11-03, o déjela vacía.",
        ),
        FieldFormat::Markdown => words("This text does not fit.", "Este texto no vale."),
    }
}

pub(super) static MODEL: Model = Model {
    service: "voting",
    name: "state-information",
    table: "voting.state_information",
    label: words("State information", "Información estatal"),
    plural: words("State information", "Información estatal"),
    about: words(
        "What each state says of registering and voting. Mails, pages and the open API read it at once.",
        "Lo que cada estado dice sobre registrarse y votar. Los correos, las páginas y la API abierta lo leen enseguida.",
    ),
    scope: Scope::Operator,
    key: &["state", "field"],
    columns: &[
        Column::reference("state", "State", "Estado", &STATE)
            .fixed()
            .sortable(),
        Column::reference("field", "Field", "Campo", &FIELD)
            .fixed()
            .sortable(),
        Column::choice("format", "Form", "Forma", FORMATS)
            .computed("select f.field_format from voting.state_field f where f.slug = t.field"),
        Column::text_area("help", "Help", "Ayuda")
            .computed("select f.help_text from voting.state_field f where f.slug = t.field"),
        Column::text_area("text", "Text", "Texto").blank().max(50_000),
        Column::text_area("notes", "Notes", "Notas").blank().hint(
            "For editors; not published",
            "Para quienes editan; no se publican",
        ),
        Column::timestamp("modified_at", "Last changed", "Último cambio").on_add(OnAdd::Now),
    ],
    title: "(select s.name from voting.state s where s.code = t.state) || ': ' || \
            (select f.long_name from voting.state_field f where f.slug = t.field)",
    list_display: &["field", "state", "text", "modified_at"],
    list_filter: &[
        Filter::Column("state"),
        Filter::Column("field"),
        Filter::Column("format"),
        Filter::Date("modified_at"),
    ],
    search_fields: &["text", "field"],
    ordering: Ordering::ascending("state"),
    add: Some(Permission::Edit),
    change: Some(Permission::Edit),
    delete: Some(Permission::Edit),
    check: Some(check),
    audit_kind: "state_information",
    touched: Some("modified_at"),
    ..Model::READ_ONLY
};
