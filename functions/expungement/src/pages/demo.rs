//! `/expungement/demo`: the invented people, one press of a button each.

use app::{
    Context, Locale, OpenApiRouter, Page,
    page::{html, pick},
};
use askama::Template;
use axum::{http::StatusCode, response::Response, routing::get};
use domain::expungement::{Alias, demo::PEOPLE};

use super::state::State;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/expungement/demo", get(people))
}

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage {
    page: Page,
    /// Name, what the record shows, and the hidden field that opens it.
    people: Vec<(String, &'static str, String)>,
}

async fn people(Locale(language): Locale) -> app::Result<Response> {
    let people = PEOPLE
        .iter()
        .map(|person| {
            let state = State {
                demo: true,
                aliases: vec![Alias {
                    first_name: person.first_name.to_owned(),
                    last_name: person.last_name.to_owned(),
                    middle_name: String::new(),
                    birth_date: person.birth_date.to_owned(),
                }],
                ..State::default()
            };
            (person.label(), person.shows.in_language(language), state.write())
        })
        .collect();
    let title = pick(language, "Invented people", "Personas inventadas");
    html(
        StatusCode::OK,
        &DemoPage {
            page: Page::new(language, title),
            people,
        },
    )
}
