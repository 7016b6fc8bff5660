//! Actions: one thing done to the rows that were ticked.

use app::{Context, Fields, Menu, Page, Posted, page::html, see_other};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use ports::{BoxFuture, Result};

use crate::{
    change::find,
    export, form,
    list::{self, PAGE},
    model::{Deed, Model, Row},
    reader::{Entry, Reader},
};

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    page: Page,
    menu: Menu,
    crumbs: Vec<(String, String)>,
    question: &'static str,
    path: String,
    action: &'static str,
    label: &'static str,
    /// Address and title.
    rows: Vec<(String, String)>,
    form_token: String,
}

/// The addresses of the rows that were ticked.
fn ticked(sent: &Fields) -> Vec<String> {
    sent.names()
        .filter_map(|name| name.strip_prefix("select-"))
        .take(PAGE * 2)
        .map(str::to_owned)
        .collect()
}

pub(crate) async fn act(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let ticked = ticked(&sent);
    let back = |done: &str| see_other(&format!("{}?done={done}", model.path()));
    if ticked.is_empty() {
        return Ok(back("nothing"));
    }
    if sent.text("_action") == "export" {
        return export::ticked(model, reader, cx, &ticked).await;
    }
    let Some(action) = model
        .actions
        .iter()
        .find(|action| action.name == sent.text("_action"))
    else {
        return Ok(back("noaction"));
    };
    reader.require(action.permission)?;
    let language = reader.person.language;
    if !action.question.english.is_empty() && sent.text("_confirmed").is_empty() {
        let mut tx = reader.begin(&cx).await?;
        let mut rows = Vec::new();
        for id in ticked {
            let (_, row) = find(model, &reader, &mut tx, &id, false).await?;
            rows.push((id, row.title));
        }
        let label = action.label.of(language);
        return html(
            StatusCode::OK,
            &ConfirmPage {
                page: Page::new(language, label),
                menu: reader.person.menu("/admin")?,
                crumbs: list::crumbs(model, &reader),
                question: action.question.of(language),
                path: model.path(),
                action: action.name,
                label,
                rows,
                form_token: reader.person.token.form_token()?,
            },
        );
    }
    let mut tx = reader.begin(&cx).await?;
    let mut afterwards: Vec<BoxFuture<'static, Result<()>>> = Vec::new();
    let (mut done, mut skipped) = (0, 0);
    for id in &ticked {
        let (_, before) = find(model, &reader, &mut tx, id, true).await?;
        let mut deed = Deed {
            cx: &cx,
            tx: &mut tx,
            person: &reader.person,
            row: &before,
            afterwards: &mut afterwards,
        };
        if !(action.run)(&mut deed).await? {
            skipped += 1;
            continue;
        }
        done += 1;
        // A row that the action removed has no after.
        let after = match find(model, &reader, &mut tx, id, false).await {
            Ok((_, after)) => Some(after),
            Err(error) if matches!(error.kind(), ports::Kind::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let (was, is) = differences(model, &before, after.as_ref());
        let entry = Entry {
            action: action.audit,
            object: id.clone(),
            before: was,
            after: is,
        };
        reader.audit(&mut tx, model, Some(&before), entry).await?;
    }
    tx.commit().await?;
    for after in afterwards {
        after.await?;
    }
    Ok(see_other(&format!(
        "{}?done={}&n={done}&skipped={skipped}",
        model.path(),
        action.name
    )))
}

/// What is different after an action.
fn differences(
    model: &'static Model,
    before: &Row,
    after: Option<&Row>,
) -> (Option<serde_json::Value>, Option<serde_json::Value>) {
    let changed = before.values.iter().filter(|(name, value)| {
        model
            .column(name)
            .is_some_and(|column| column.expression.is_none())
            && after.is_none_or(|after| after.get(name) != value)
    });
    let names: Vec<&'static str> = changed.map(|(name, _)| *name).collect();
    let of = |row: &Row| {
        let values = names.iter().map(|name| (*name, row.get(name)));
        form::logged(model, values)
    };
    (Some(of(before)), after.map(of))
}
