//! The front pages: `/admin` with the services, `/admin/<service>` with its models.

use app::{Context, Menu, Page, page::html};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::person::Language;
use ports::Error;

use crate::{
    model::{Model, Words, words},
    reader::{Insider, Reader},
};

/// The services that have an admin, and whether only operators find something there.
const SERVICES: &[(&str, Words, bool)] = &[
    ("platform", words("Platform", "Plataforma"), true),
    ("voting", words("Voting", "Votación"), false),
    (
        "expungement",
        words("Clearing records", "Limpiar historiales"),
        false,
    ),
];

/// Names of the services that the front page lists.
pub fn service_names() -> Vec<&'static str> {
    SERVICES.iter().map(|(name, ..)| *name).collect()
}

pub(crate) fn service_label(service: &str, language: Language) -> &'static str {
    SERVICES
        .iter()
        .find(|(name, ..)| *name == service)
        .map_or("", |(_, label, _)| label.of(language))
}

struct Entry {
    label: &'static str,
    path: String,
    about: &'static str,
    add: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage {
    page: Page,
    menu: Menu,
    crumbs: Vec<(String, String)>,
    entries: Vec<Entry>,
}

/// All services.
pub(crate) async fn services(Insider(person): Insider) -> app::Result<Response> {
    let language = person.language;
    let title = person.t("Admin", "Administración");
    let entries = SERVICES
        .iter()
        .filter(|(.., for_operators)| !for_operators || person.account.is_operator)
        .map(|(name, label, _)| Entry {
            label: label.of(language),
            path: format!("/admin/{name}"),
            about: "",
            add: None,
        })
        .collect();
    html(
        StatusCode::OK,
        &IndexPage {
            page: Page::new(language, title),
            menu: person.menu("/admin")?,
            crumbs: Vec::new(),
            entries,
        },
    )
}

/// The models of a service that this person may see.
pub(crate) async fn models(
    service: &'static str,
    models: &'static [&'static Model],
    Insider(person): Insider,
    _: Context,
) -> app::Result<Response> {
    let language = person.language;
    let label = SERVICES
        .iter()
        .find(|(name, ..)| *name == service)
        .map(|(_, label, _)| label.of(language))
        .ok_or_else(Error::not_found)?;
    let mut entries = Vec::new();
    for model in models {
        let Ok(reader) = Reader::admit(person.clone(), model) else {
            continue;
        };
        entries.push(Entry {
            label: model.plural.of(language),
            path: model.path(),
            about: model.about.of(language),
            add: crate::list::add(model, &reader),
        });
    }
    html(
        StatusCode::OK,
        &IndexPage {
            page: Page::new(language, label),
            menu: person.menu("/admin")?,
            crumbs: vec![(
                person.t("Admin", "Administración").to_owned(),
                "/admin".to_owned(),
            )],
            entries,
        },
    )
}
