//! Deleting a row: first what goes with it and what holds it back, then the deed.

use app::{Context, Menu, Page, Posted, page::html, see_other};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use ports::{Error, Kind as Trouble, Result};
use store::Tx;

use crate::{
    change::find,
    form,
    list::{self, Count},
    model::{Fate, Model, Row},
    reader::{Entry, Reader},
    sql::{self, COUNTED},
    value::Value,
};

#[derive(Template)]
#[template(path = "delete.html")]
struct DeletePage {
    page: Page,
    menu: Menu,
    crumbs: Vec<(String, String)>,
    title: String,
    back: String,
    /// What goes with it, what stays and loses it, what holds it back: label and number.
    goes: Vec<(&'static str, String)>,
    loses: Vec<(&'static str, String)>,
    holds: Vec<(&'static str, String)>,
    form_token: String,
}

async fn page(
    model: &'static Model,
    reader: &Reader,
    tx: &mut Tx,
    id: &str,
    key: &[Value],
    row: &Row,
) -> Result<DeletePage> {
    let language = reader.person.language;
    let (mut goes, mut loses, mut holds) = (Vec::new(), Vec::new(), Vec::new());
    for dependent in model.dependents {
        let (Some(column), Some(value)) = (sql::key_columns(model).first().copied(), key.first()) else {
            continue;
        };
        let query = sql::dependents(dependent.table, dependent.column, &column.kind, value);
        let counted: i64 = match tx.query(&query).await?.first() {
            Some(row) => row.get("n")?,
            None => 0,
        };
        if counted > 0 {
            let number = if counted > COUNTED {
                let more = reader.t("more than", "más de");
                format!("{more} {}", Count::Exactly(COUNTED).say(language))
            } else {
                Count::Exactly(counted).say(language)
            };
            let named = (dependent.label.of(language), number);
            match dependent.fate {
                Fate::Goes => goes.push(named),
                Fate::LosesIt => loses.push(named),
                Fate::HoldsBack => holds.push(named),
            }
        }
    }
    let heading = reader.t("Delete this?", "¿Eliminar esto?");
    Ok(DeletePage {
        page: Page::new(language, heading),
        menu: reader.person.menu("/admin")?,
        crumbs: list::crumbs(model, reader),
        title: format!("{}: {}", model.label.of(language), row.title),
        back: format!("{}/{id}/change", model.path()),
        goes,
        loses,
        holds,
        form_token: reader.person.token.form_token()?,
    })
}

fn allowed(model: &'static Model, reader: &Reader, row: &Row) -> Result<()> {
    if (model.may_change)(&reader.person, row) {
        return Ok(());
    }
    Err(app::forbidden(
        reader.t("This one cannot be deleted.", "Este no se puede eliminar."),
    ))
}

pub(crate) async fn ask(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    id: String,
) -> app::Result<Response> {
    reader.require_some(model.delete)?;
    let mut tx = reader.begin(&cx).await?;
    let (key, row) = find(model, &reader, &mut tx, &id, false).await?;
    allowed(model, &reader, &row)?;
    html(
        StatusCode::OK,
        &page(model, &reader, &mut tx, &id, &key, &row).await?,
    )
}

pub(crate) async fn delete(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    id: String,
    _: Posted,
) -> app::Result<Response> {
    reader.require_some(model.delete)?;
    let mut tx = reader.begin(&cx).await?;
    let (key, row) = find(model, &reader, &mut tx, &id, true).await?;
    allowed(model, &reader, &row)?;
    let asked = page(model, &reader, &mut tx, &id, &key, &row).await?;
    if !asked.holds.is_empty() {
        return html(StatusCode::CONFLICT, &asked);
    }
    match tx.query(&sql::delete(model, reader.tenant_id(), &key)).await {
        Ok(_) => {}
        // Something came to refer to it just now: the page says what.
        Err(error) if matches!(error.kind(), Trouble::Conflict) => {
            let mut tx = reader.begin(&cx).await?;
            let asked = page(model, &reader, &mut tx, &id, &key, &row).await?;
            return html(StatusCode::CONFLICT, &asked);
        }
        Err(error) => return Err(Error::into(error)),
    }
    let columns = row.values.iter().filter(|(name, _)| {
        model
            .column(name)
            .is_some_and(|column| column.expression.is_none())
    });
    let entry = Entry {
        action: "admin.delete",
        object: id,
        before: Some(form::logged(model, columns.map(|(name, value)| (*name, value)))),
        after: None,
    };
    reader.audit(&mut tx, model, Some(&row), entry).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{}?done=deleted", model.path())))
}
