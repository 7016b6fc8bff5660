//! What was done to a row, by whom: the audit log's entries of it, newest first, with what changed.

use std::collections::BTreeMap;

use app::{Context, Menu, Page, page::html, time_zone::local_time};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::person::Language;
use jiff::Timestamp;
use ports::Result;
use serde_json::Value as Json;
use store::{Sql, params, sql};
use uuid::Uuid;

use crate::{
    change::find,
    diff::{self, Piece},
    list,
    model::{Model, words},
    reader::Reader,
};

// Row-level security says whose entries are seen: the organisation's own, or for operators all.
pub(crate) const ENTRIES: Sql = sql!(
    "select at, actor_kind, actor_id, action, before, after from platform.audit_entry
      where object_kind = $1 and object_id = $2 order by at desc, position desc limit $3"
);
pub(crate) const NAMES: Sql = sql!("select id, name from platform.account_names($1)");

/// Entries that are shown.
const MOST: i64 = 200;

struct Changed {
    label: String,
    pieces: Vec<Piece>,
}

struct Listed {
    at: String,
    actor: String,
    action: String,
    fields: Vec<Changed>,
}

#[derive(Template)]
#[template(path = "history_of.html")]
struct HistoryPage {
    page: Page,
    menu: Menu,
    crumbs: Vec<(String, String)>,
    title: String,
    back: String,
    entries: Vec<Listed>,
    is_cut: bool,
}

fn action_name(model: &'static Model, action: &str, language: Language) -> String {
    let known = match action {
        "admin.add" => words("Added", "Añadido"),
        "admin.change" => words("Changed", "Cambiado"),
        "admin.delete" => words("Deleted", "Eliminado"),
        other => match model.actions.iter().find(|known| known.audit == other) {
            Some(action) => action.label,
            None => return other.to_owned(),
        },
    };
    known.of(language).to_owned()
}

fn object(text: Option<&str>) -> BTreeMap<String, Json> {
    match text.and_then(|text| serde_json::from_str(text).ok()) {
        Some(Json::Object(fields)) => fields.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}

fn said(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn changes(
    model: &'static Model,
    before: Option<&str>,
    after: Option<&str>,
    language: Language,
) -> Vec<Changed> {
    let (before, after) = (object(before), object(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| {
            let (was, is) = (
                before.get(name).map(said).unwrap_or_default(),
                after.get(name).map(said).unwrap_or_default(),
            );
            // Empty before and after says nothing.
            (!was.is_empty() || !is.is_empty()).then(|| {
                // Masked names stand beside the model's own: see `form::logged`.
                let own = name.strip_prefix(model.name).map_or(name.as_str(), str::trim);
                let label = model.columns.iter().find(|column| column.name == own);
                Changed {
                    label: label.map_or_else(|| name.clone(), |column| column.label.of(language).to_owned()),
                    pieces: diff::words(&was, &is),
                }
            })
        })
        .collect()
}

pub(crate) async fn show(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    id: String,
) -> app::Result<Response> {
    let language = reader.person.language;
    let mut tx = reader.begin(&cx).await?;
    let (_, row) = find(model, &reader, &mut tx, &id, false).await?;
    let rows = tx
        .rows(ENTRIES, params![model.audit_kind, id.as_str(), MOST])
        .await?;
    let mut ids: Vec<Uuid> = Vec::new();
    for row in &rows {
        if row.get::<&str>("actor_kind")? == "account" {
            ids.extend(row.get::<Option<Uuid>>("actor_id")?);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let mut names = BTreeMap::new();
    for row in tx.rows(NAMES, params![ids]).await? {
        names.insert(row.get::<Uuid>("id")?, row.get::<String>("name")?);
    }
    let zone = &reader.person.account.time_zone;
    let entries = rows
        .iter()
        .map(|row| {
            let actor = match row.get("actor_kind")? {
                "account" => row
                    .get::<Option<Uuid>>("actor_id")?
                    .and_then(|id| names.get(&id).cloned())
                    .unwrap_or_else(|| reader.t("Somebody who left", "Alguien que se fue").to_owned()),
                "api_key" => reader.t("An API key", "Una clave de API").to_owned(),
                "provider" => reader
                    .t("A provider of sign-in", "Un proveedor de acceso")
                    .to_owned(),
                _ => reader.t("The system", "El sistema").to_owned(),
            };
            Ok(Listed {
                at: local_time(row.get::<Timestamp>("at")?, zone),
                actor,
                action: action_name(model, row.get("action")?, language),
                fields: changes(model, row.get("before")?, row.get("after")?, language),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let heading = reader.t("History", "Historial");
    html(
        StatusCode::OK,
        &HistoryPage {
            page: Page::new(language, heading),
            menu: reader.person.menu("/admin")?,
            crumbs: list::crumbs(model, &reader),
            title: row.title.clone(),
            back: format!("{}/{id}/change", model.path()),
            is_cut: i64::try_from(entries.len()).is_ok_and(|count| count == MOST),
            entries,
        },
    )
}
