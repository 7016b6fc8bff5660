//! The page of a row: read, changed, added.

use app::{Context, Fields, Menu, Page, Posted, page::html, see_other};
use askama::Template;
use axum::{extract::RawQuery, http::StatusCode, response::Response};
use ports::{Error, Kind as Trouble, Result};
use store::Tx;

use crate::{
    form::{self, Group, Open, Typed, Wrong},
    list::{self, Cell, cell},
    model::{Column, Model, Row, Words, words},
    params::Params,
    reader::{Entry, Reader},
    sql,
    value::{Value, address, from_address},
};

/// Rows of an inline; its own list has them all.
const MOST_CHILDREN: i64 = 50;

pub(crate) struct InlineShown {
    label: &'static str,
    id: &'static str,
    headers: Vec<&'static str>,
    rows: Vec<(String, Vec<Cell>)>,
    add: Option<(String, String)>,
    /// All of them, where there are more.
    all: Option<String>,
}

#[derive(Template)]
#[template(path = "change.html")]
struct ChangePage {
    page: Page,
    menu: Menu,
    crumbs: Vec<(String, String)>,
    message: Option<(String, Option<(String, String)>)>,
    warning: Option<String>,
    heading: String,
    kind: &'static str,
    /// Label of the field, id of its input, and what is wrong.
    errors: Vec<(String, String)>,
    /// Fields that somebody else changed meanwhile: label and what it is now.
    conflict: Vec<(&'static str, String)>,
    groups: Vec<Group>,
    version: String,
    may_save: bool,
    may_add_another: bool,
    list: String,
    delete: Option<String>,
    /// The page that changes it, where that is not this one.
    elsewhere: Option<String>,
    history: Option<String>,
    actions: Vec<(&'static str, &'static str)>,
    address: String,
    inlines: Vec<InlineShown>,
    form_token: String,
}

/// The row of an address, if this reader may see it.
pub(crate) async fn find(
    model: &'static Model,
    reader: &Reader,
    tx: &mut Tx,
    id: &str,
    for_update: bool,
) -> Result<(Vec<Value>, Row)> {
    let kinds: Vec<_> = sql::key_columns(model)
        .iter()
        .map(|column| &column.kind)
        .collect();
    let key = from_address(id, &kinds)?;
    let rows = tx
        .query(&sql::find(model, reader.tenant_id(), &key, for_update))
        .await?;
    let columns: Vec<&'static Column> = model.columns.iter().collect();
    let row = rows.first().ok_or_else(Error::not_found)?;
    Ok((key, sql::read(row, &columns)?))
}

fn open_for(model: &'static Model, reader: &Reader, row: &Row) -> Open {
    let may = reader.may_at_all(model.change) && (model.may_change)(&reader.person, row);
    Open {
        columns: if may { form::changed(model) } else { Vec::new() },
    }
}

/// What a page is shown with, beside the row.
#[derive(Default)]
struct Said<'a> {
    wrong: Wrong,
    sent: Option<&'a Fields>,
    conflict: Vec<(&'static str, String)>,
    params: Params,
}

pub(crate) async fn show(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    id: String,
    query: RawQuery,
) -> app::Result<Response> {
    let mut tx = reader.begin(&cx).await?;
    let (_, row) = find(model, &reader, &mut tx, &id, false).await?;
    let said = Said {
        params: Params::read(query),
        ..Said::default()
    };
    page(model, &reader, &mut tx, Some(&row), said, StatusCode::OK).await
}

async fn page(
    model: &'static Model,
    reader: &Reader,
    tx: &mut Tx,
    row: Option<&Row>,
    said: Said<'_>,
    status: StatusCode,
) -> app::Result<Response> {
    let language = reader.person.language;
    let empty = Row::default();
    let open = match row {
        Some(row) => open_for(model, reader, row),
        None => Open {
            columns: form::typed_on_add(model),
        },
    };
    let given = |name: &str| said.params.get(name).map(str::to_owned);
    let typed = match (said.sent, row) {
        (Some(sent), _) => Typed::Sent(sent),
        (None, Some(_)) => Typed::Row,
        (None, None) => Typed::New(&given),
    };
    let groups = form::groups(
        model,
        reader,
        tx,
        row.unwrap_or(&empty),
        &open,
        typed,
        &said.wrong,
    )
    .await?;
    let errors = said
        .wrong
        .iter()
        .map(|(name, problem)| match model.column(name) {
            Some(column) => (
                (*name).to_owned(),
                format!("{}: {}", column.label.of(language), problem.of(language)),
            ),
            None => ("main-content".to_owned(), problem.of(language).to_owned()),
        })
        .collect();
    let address = row.map(|row| list::row_address(model, row)).unwrap_or_default();
    let own = format!("{}/{address}", model.path());
    let kind = model.label.of(language);
    let heading = match row {
        Some(row) if row.title.is_empty() => kind.to_owned(),
        Some(row) => row.title.clone(),
        None => list::add_label(model, reader),
    };
    let inlines = match row {
        Some(row) => inlines(model, reader, tx, row).await?,
        None => Vec::new(),
    };
    let view = ChangePage {
        page: Page::new(language, format!("{heading} · {kind}"))
            .with_query(&said.params.with(&[("lang", None)])),
        menu: reader.person.menu("/admin")?,
        crumbs: list::crumbs(model, reader),
        message: crate::message(model, reader, &said.params),
        warning: None,
        heading,
        kind,
        errors,
        conflict: said.conflict,
        groups,
        version: row.map(|row| form::version(row, &open)).unwrap_or_default(),
        may_save: !open.columns.is_empty(),
        may_add_another: reader.may_at_all(model.add),
        list: model.path(),
        delete: row
            .filter(|row| reader.may_at_all(model.delete) && (model.may_change)(&reader.person, row))
            .map(|_| format!("{own}/delete")),
        elsewhere: model.elsewhere.map(|path| format!("{path}/{address}")),
        history: row.map(|_| format!("{own}/history")),
        actions: model
            .actions
            .iter()
            .filter(|action| row.is_some() && reader.may(action.permission))
            .map(|action| (action.name, action.label.of(language)))
            .collect(),
        address,
        inlines,
        form_token: reader.person.token.form_token()?,
    };
    html(status, &view)
}

async fn inlines(model: &'static Model, reader: &Reader, tx: &mut Tx, row: &Row) -> Result<Vec<InlineShown>> {
    let language = reader.person.language;
    let mut shown = Vec::new();
    let Some(key) = model.key.first().map(|name| row.get(name)) else {
        return Ok(shown);
    };
    for inline in model.inlines {
        let child = inline.model;
        let Some(column) = child.column(inline.column).filter(|_| reader.may(child.view)) else {
            continue;
        };
        let columns: Vec<&'static Column> = child.columns.iter().collect();
        let found = tx
            .query(&sql::children(
                child,
                reader.tenant_id(),
                column,
                key,
                MOST_CHILDREN + 1,
            ))
            .await?;
        let more = found.len() > MOST_CHILDREN as usize;
        let listed: Vec<&'static Column> = child
            .list_display
            .iter()
            .filter(|name| **name != inline.column)
            .filter_map(|name| child.column(name))
            .collect();
        let mut rows = Vec::new();
        for found in found.iter().take(MOST_CHILDREN as usize) {
            let row = sql::read(found, &columns)?;
            let cells = listed.iter().map(|column| cell(&row, column, reader)).collect();
            rows.push((
                format!("{}/{}/change", child.path(), list::row_address(child, &row)),
                cells,
            ));
        }
        shown.push(InlineShown {
            label: child.plural.of(language),
            id: child.name,
            headers: listed.iter().map(|column| column.label.of(language)).collect(),
            rows,
            add: reader.may_at_all(child.add).then(|| {
                let given = form_urlencoded::Serializer::new(String::new())
                    .append_pair(inline.column, &key.plain())
                    .finish();
                (
                    list::add_label(child, reader),
                    format!("{}/add?{given}", child.path()),
                )
            }),
            all: more.then(|| child.path()),
        });
    }
    Ok(shown)
}

pub(crate) async fn show_add(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    query: RawQuery,
) -> app::Result<Response> {
    reader.require_some(model.add)?;
    let mut tx = reader.begin(&cx).await?;
    let said = Said {
        params: Params::read(query),
        ..Said::default()
    };
    page(model, &reader, &mut tx, None, said, StatusCode::OK).await
}

const ALREADY_THERE: Words = words(
    "There is one with these values already.",
    "Ya existe uno con estos valores.",
);
const STILL_NEEDED: Words = words(
    "Something else still refers to this, or this refers to something that is gone.",
    "Otra cosa todavía se refiere a esto, o esto se refiere a algo que ya no existe.",
);

/// What the database refused, in words for the form; any other error is passed on.
fn refused(error: Error) -> Result<Words> {
    match (error.kind(), error.code()) {
        (Trouble::Conflict, "already_exists") => Ok(ALREADY_THERE),
        (Trouble::Conflict, "referenced") => Ok(STILL_NEEDED),
        _ => Err(error),
    }
}

pub(crate) async fn add(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    Posted(sent): Posted,
) -> app::Result<Response> {
    reader.require_some(model.add)?;
    let mut tx = reader.begin(&cx).await?;
    let open = Open {
        columns: form::typed_on_add(model),
    };
    let is_search = !sent.text("_find").is_empty();
    let zone = reader.person.account.time_zone.clone();
    let (mut values, mut wrong) = form::read(&sent, &open, reader.tenant_id(), &mut tx, &zone).await?;
    let (id, now) = (tx.random_id(), tx.now());
    for column in model.columns {
        if let Some(what) = column.on_add {
            values.push((column, sql::on_add(what, id, now, reader.id())));
        }
    }
    let row = Row {
        values: values
            .iter()
            .map(|(column, value)| (column.name, value.clone()))
            .collect(),
        ..Row::default()
    };
    if wrong.is_empty() && !is_search {
        wrong = check(model, &mut tx, &row).await?;
    }
    if wrong.is_empty() && !is_search {
        match tx.query(&sql::insert(model, reader.tenant_id(), &values)).await {
            Ok(_) => {
                let address = address(model.key.iter().map(|name| row.get(name)));
                let after = form::logged(model, row.values.iter().map(|(name, value)| (*name, value)));
                let entry = Entry {
                    action: "admin.add",
                    object: address.clone(),
                    before: None,
                    after: Some(after),
                };
                reader.audit(&mut tx, model, Some(&row), entry).await?;
                tx.commit().await?;
                return Ok(after_saving(model, &sent, &address, "added"));
            }
            Err(error) => wrong = vec![("", refused(error)?)],
        }
        tx = reader.begin(&cx).await?;
    }
    if is_search {
        wrong.clear();
    }
    let said = Said {
        wrong,
        sent: Some(&sent),
        ..Said::default()
    };
    let status = status_of(is_search, StatusCode::BAD_REQUEST);
    page(model, &reader, &mut tx, None, said, status).await
}

fn status_of(is_search: bool, otherwise: StatusCode) -> StatusCode {
    if is_search { StatusCode::OK } else { otherwise }
}

async fn check(model: &'static Model, tx: &mut Tx, row: &Row) -> Result<Wrong> {
    match model.check {
        Some(check) => check(tx, row).await,
        None => Ok(Wrong::new()),
    }
}

/// Where Django's three buttons lead.
fn after_saving(model: &'static Model, sent: &Fields, address: &str, done: &str) -> Response {
    let path = model.path();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("done", done)
        .append_pair("object", address)
        .finish();
    if !sent.text("_continue").is_empty() {
        see_other(&format!("{path}/{address}/change?{query}"))
    } else if !sent.text("_addanother").is_empty() {
        see_other(&format!("{path}/add?{query}"))
    } else {
        see_other(&format!("{path}?{query}"))
    }
}

pub(crate) async fn change(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    id: String,
    Posted(sent): Posted,
) -> app::Result<Response> {
    reader.require_some(model.change)?;
    let mut tx = reader.begin(&cx).await?;
    let (key, row) = find(model, &reader, &mut tx, &id, true).await?;
    let open = open_for(model, &reader, &row);
    if open.columns.is_empty() {
        return Err(
            app::forbidden(reader.t("This one cannot be changed.", "Este no se puede cambiar.")).into(),
        );
    }
    let is_search = !sent.text("_find").is_empty();
    let zone = reader.person.account.time_zone.clone();
    let (values, mut wrong) = form::read(&sent, &open, reader.tenant_id(), &mut tx, &zone).await?;
    let is_stale = sent.text("_version") != form::version(&row, &open);
    if is_stale && !is_search {
        let conflict = conflict(&row, &values, &reader);
        let said = Said {
            wrong,
            sent: Some(&sent),
            conflict,
            ..Said::default()
        };
        return page(model, &reader, &mut tx, Some(&row), said, StatusCode::CONFLICT).await;
    }
    let mut new = row.clone();
    for (column, value) in &values {
        for (name, present) in &mut new.values {
            if *name == column.name {
                *present = value.clone();
            }
        }
    }
    if wrong.is_empty() && !is_search {
        wrong = check(model, &mut tx, &new).await?;
    }
    if wrong.is_empty() && !is_search {
        let changed: Vec<(&'static Column, Value)> = values
            .into_iter()
            .filter(|(column, value)| row.get(column.name) != value)
            .collect();
        if changed.is_empty() {
            return Ok(after_saving(model, &sent, &id, "unchanged"));
        }
        let now = tx.now();
        let statement = sql::update(model, reader.tenant_id(), &key, &changed, now);
        match tx.query(&statement).await {
            Ok(_) => {
                let names = || changed.iter().map(|(column, _)| column.name);
                let entry = Entry {
                    action: "admin.change",
                    object: id.clone(),
                    before: Some(form::logged(model, names().map(|name| (name, row.get(name))))),
                    after: Some(form::logged(model, names().map(|name| (name, new.get(name))))),
                };
                reader.audit(&mut tx, model, Some(&new), entry).await?;
                tx.commit().await?;
                return Ok(after_saving(model, &sent, &id, "changed"));
            }
            Err(error) => wrong = vec![("", refused(error)?)],
        }
        tx = reader.begin(&cx).await?;
    }
    if is_search {
        wrong.clear();
    }
    let said = Said {
        wrong,
        sent: Some(&sent),
        ..Said::default()
    };
    let status = status_of(is_search, StatusCode::BAD_REQUEST);
    page(model, &reader, &mut tx, Some(&row), said, status).await
}

/// What is different now from what was sent.
fn conflict(row: &Row, sent: &[(&'static Column, Value)], reader: &Reader) -> Vec<(&'static str, String)> {
    let language = reader.person.language;
    sent.iter()
        .filter(|(column, value)| row.get(column.name) != value)
        .map(|(column, _)| (column.label.of(language), cell(row, column, reader).text))
        .collect()
}
