//! The admin: a model is declared once as a `static MODEL: Model`, and has a list, a page for each row, forms, history and CSV.
//!
//! ```ignore
//! static MODEL: Model = Model {
//!     service: "voting",
//!     name: "reminder-request",
//!     table: "voting.reminder_request",
//!     list_display: &["created_at", "email", "state"],
//!     list_filter: &[Filter::Column("state"), Filter::Date("created_at")],
//!     search_fields: &["email", "last_name"],
//!     date_hierarchy: Some("created_at"),
//!     ..Model::READ_ONLY
//! };
//!
//! pub(crate) fn routes() -> OpenApiRouter<Context> {
//!     admin::routes(&MODEL)
//! }
//! ```
//!
//! SQL is made of the declaration's texts alone ([`store::Query`] takes no other); what people type travels as parameters. Every
//! statement of an organisation's model names its tenant beside the row-level security of its transaction. Pages go on from
//! the last row's values (no offset), rows are counted up to a thousand and estimated beyond, so that a list of millions
//! opens as fast as one of ten.

mod act;
mod change;
mod delete;
mod diff;
mod export;
mod facets;
mod filter;
mod form;
mod history;
mod index;
mod list;
mod lookup;
mod model;
mod paging;
mod params;
mod reader;
mod sql;
mod value;

use app::{Access, Context, Function, Need, OpenApiRouter, Posted};
use axum::{
    extract::{Path, RawQuery, State},
    routing::get,
};

pub use index::service_names;
pub use model::{
    Action, Check, Column, Deed, Dependent, Fate, Fieldset, Filter, Inline, Kind, Model, NamedFilter, OnAdd,
    Ordering, Reference, Row, Run, Scope, Words, join, words,
};
pub use sql::statements;
pub use value::Value;

use params::Params;
use reader::{Insider, Reader};

/// The function of a model's pages, or of a service's front page.
pub const fn function(
    name: &'static str,
    paths: &'static [&'static str],
    access: Access,
    routes: fn() -> OpenApiRouter<Context>,
) -> Function {
    Function::http(name, paths, access, routes).needs(&[Need::Database, Need::KeyValue])
}

/// Every page of a model.
pub fn routes(model: &'static Model) -> OpenApiRouter<Context> {
    let path = model.path();
    let below = |rest: &str| format!("{path}/{rest}");
    OpenApiRouter::new()
        .route(
            &path,
            get(move |Insider(person): Insider, State(cx): State<Context>, query: RawQuery| async move {
                list::show(model, Reader::admit(person, model)?, cx, query).await
            })
            .post(
                move |Insider(person): Insider, State(cx): State<Context>, posted: Posted| async move {
                    act::act(model, Reader::admit(person, model)?, cx, posted).await
                },
            ),
        )
        .route(
            &below("export.csv"),
            get(move |Insider(person): Insider, State(cx): State<Context>, query: RawQuery| async move {
                export::all(model, Reader::admit(person, model)?, cx, query).await
            }),
        )
        .route(
            &below("autocomplete"),
            get(move |Insider(person): Insider, State(cx): State<Context>, query: RawQuery| async move {
                lookup::find(model, Reader::admit(person, model)?, cx, query).await
            }),
        )
        .route(
            &below("add"),
            get(move |Insider(person): Insider, State(cx): State<Context>, query: RawQuery| async move {
                change::show_add(model, Reader::admit(person, model)?, cx, query).await
            })
            .post(
                move |Insider(person): Insider, State(cx): State<Context>, posted: Posted| async move {
                    change::add(model, Reader::admit(person, model)?, cx, posted).await
                },
            ),
        )
        .route(
            &below("{id}/change"),
            get(
                move |Insider(person): Insider,
                      State(cx): State<Context>,
                      Path(id): Path<String>,
                      query: RawQuery| async move {
                    change::show(model, Reader::admit(person, model)?, cx, id, query).await
                },
            )
            .post(
                move |Insider(person): Insider,
                      State(cx): State<Context>,
                      Path(id): Path<String>,
                      posted: Posted| async move {
                    change::change(model, Reader::admit(person, model)?, cx, id, posted).await
                },
            ),
        )
        .route(
            &below("{id}/delete"),
            get(
                move |Insider(person): Insider, State(cx): State<Context>, Path(id): Path<String>| async move {
                    delete::ask(model, Reader::admit(person, model)?, cx, id).await
                },
            )
            .post(
                move |Insider(person): Insider,
                      State(cx): State<Context>,
                      Path(id): Path<String>,
                      posted: Posted| async move {
                    delete::delete(model, Reader::admit(person, model)?, cx, id, posted).await
                },
            ),
        )
        .route(
            &below("{id}/history"),
            get(
                move |Insider(person): Insider, State(cx): State<Context>, Path(id): Path<String>| async move {
                    history::show(model, Reader::admit(person, model)?, cx, id).await
                },
            ),
        )
}

/// The page of a service: its models.
pub fn index(service: &'static str, models: &'static [&'static Model]) -> OpenApiRouter<Context> {
    OpenApiRouter::new().route(
        &format!("/admin/{service}"),
        get(move |insider: Insider, State(cx): State<Context>| async move {
            index::models(service, models, insider, cx).await
        }),
    )
}

/// The front page of the admin: the services.
pub fn front() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/admin", get(index::services))
}

/// What was just done, as the address says it: text, and a link to what it was done to.
fn message(
    model: &'static Model,
    reader: &Reader,
    params: &Params,
) -> Option<(String, Option<(String, String)>)> {
    let language = reader.person.language;
    let label = model.label.of(language);
    let lower = label.to_lowercase();
    let object = params.get("object").map(|address| {
        let open = reader.t("Open it", "Abrir").to_owned();
        let safe: String = address
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || "-_.,~".contains(*c))
            .collect();
        (open, format!("{}/{safe}/change", model.path()))
    });
    let text = match params.get("done")? {
        "added" => match language {
            domain::person::Language::En => format!("The {lower} was added."),
            domain::person::Language::Es => format!("Añadido: {lower}."),
        },
        "changed" => match language {
            domain::person::Language::En => format!("The {lower} was changed."),
            domain::person::Language::Es => format!("Cambiado: {lower}."),
        },
        "unchanged" => reader
            .t("Nothing was changed.", "No se ha cambiado nada.")
            .to_owned(),
        "deleted" => match language {
            domain::person::Language::En => format!("The {lower} was deleted."),
            domain::person::Language::Es => format!("Eliminado: {lower}."),
        },
        "nothing" => reader
            .t(
                "Tick at least one row first.",
                "Marque primero al menos una fila.",
            )
            .to_owned(),
        "noaction" => reader.t("Choose what to do.", "Elija qué hacer.").to_owned(),
        name => {
            let action = model.actions.iter().find(|action| action.name == name)?;
            let number = |name: &str| params.get(name).and_then(|text| text.parse::<u32>().ok());
            let (done, skipped) = (number("n").unwrap_or(0), number("skipped").unwrap_or(0));
            let label = action.label.of(language);
            let mut text = format!("{label}: {done}.");
            if skipped > 0 {
                let words = reader.t("There was nothing to do for", "No había nada que hacer para");
                text.push_str(&format!(" {words} {skipped}."));
            }
            return Some((text, None));
        }
    };
    Some((text, object))
}
