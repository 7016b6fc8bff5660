//! `/expungement/search`: whom to search for. Several names, each with a birth date of its own or none.

use app::{
    Context, Fields, Locale, OpenApiRouter, Page, SameSite,
    page::{html, pick},
};
use askama::Template;
use axum::{
    extract::{Query, State as Cx},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use domain::{
    expungement::{Alias, AliasProblem, MAX_ALIASES, when::parse_us_date},
    person::Language,
};
use serde::Deserialize;

use super::{record, source, state::State};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/expungement/search", get(form).post(search))
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    demo: bool,
    /// There is a session with the court's site, or none is needed.
    may_search: bool,
    names: Vec<NameView>,
    more: bool,
    today: String,
    today_error: Option<String>,
    /// For the summary at the top: the id of the input, and what is wrong.
    errors: Vec<(String, String)>,
}

/// The inputs of one name.
#[derive(Default)]
struct NameView {
    alias: Alias,
    errors: Vec<(&'static str, String)>,
}

impl NameView {
    fn inputs(&self, language: Language) -> [Input<'_>; 4] {
        let t = |english, spanish| pick(language, english, spanish);
        let error = |field: &str| {
            let found = self.errors.iter().find(|(name, _)| *name == field);
            found.map(|(_, text)| text.as_str())
        };
        let input = |field, label, hint, value, required| Input {
            field,
            label,
            hint,
            value,
            required,
            error: error(field),
        };
        [
            input(
                "first_name",
                t("First name", "Nombre"),
                "",
                &self.alias.first_name,
                true,
            ),
            input(
                "middle_name",
                t("Middle name", "Segundo nombre"),
                "",
                &self.alias.middle_name,
                false,
            ),
            input(
                "last_name",
                t("Last name", "Apellido"),
                "",
                &self.alias.last_name,
                true,
            ),
            input(
                "birth_date",
                t("Date of birth", "Fecha de nacimiento"),
                t("For example: 4/28/1986", "Por ejemplo: 4/28/1986"),
                &self.alias.birth_date,
                false,
            ),
        ]
    }
}

struct Input<'n> {
    field: &'static str,
    label: &'static str,
    hint: &'static str,
    value: &'n str,
    required: bool,
    error: Option<&'n str>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    demo: bool,
}

async fn form(
    Cx(cx): Cx<Context>,
    Locale(language): Locale,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> app::Result<Response> {
    let may_search = asked.demo || source::has_session(&cx, &headers).await?;
    page(
        language,
        SearchForm {
            demo: asked.demo,
            may_search,
            names: vec![NameView::default()],
            today: String::new(),
            today_error: None,
        },
    )
}

struct SearchForm {
    demo: bool,
    may_search: bool,
    names: Vec<NameView>,
    today: String,
    today_error: Option<String>,
}

fn page(language: Language, form: SearchForm) -> app::Result<Response> {
    let mut errors = Vec::new();
    for (index, name) in form.names.iter().enumerate() {
        for (field, text) in &name.errors {
            let which = pick(language, "Name", "Nombre");
            errors.push((
                format!("{field}-{index}"),
                format!("{which} {}: {text}", index + 1),
            ));
        }
    }
    if let Some(text) = &form.today_error {
        errors.push(("today".to_owned(), text.clone()));
    }
    let mut title = pick(language, "Search for a record", "Buscar un historial").to_owned();
    let mut status = StatusCode::OK;
    if !errors.is_empty() {
        title = format!("Error: {title}");
        status = StatusCode::BAD_REQUEST;
    }
    let query = if form.demo { "demo=true" } else { "" };
    html(
        status,
        &SearchPage {
            page: Page::new(language, title).with_query(query),
            demo: form.demo,
            may_search: form.may_search,
            more: form.names.len() < MAX_ALIASES,
            names: form.names,
            today: form.today,
            today_error: form.today_error,
            errors,
        },
    )
}

async fn search(
    Cx(cx): Cx<Context>,
    Locale(language): Locale,
    _: SameSite,
    headers: HeaderMap,
    fields: Fields,
) -> app::Result<Response> {
    let demo = fields.text("demo") == "true";
    let today = fields.text("today").trim().to_owned();
    let mut form = SearchForm {
        demo,
        may_search: true,
        names: typed_names(&fields),
        today_error: None,
        today,
    };
    match fields.text("do") {
        // From a search that found too much, or nothing: the names again.
        "change" => {
            let state = State::read(&fields, language)?;
            form.demo = state.demo;
            form.may_search = state.demo || source::has_session(&cx, &headers).await?;
            form.today = state.today;
            form.names = state
                .aliases
                .into_iter()
                .map(|alias| NameView {
                    alias,
                    errors: Vec::new(),
                })
                .collect();
            return page(language, form);
        }
        "add" => {
            if form.names.len() < MAX_ALIASES {
                form.names.push(NameView::default());
            }
            return page(language, form);
        }
        action => {
            if let Some(index) = action
                .strip_prefix("remove:")
                .and_then(|n| n.parse::<usize>().ok())
            {
                if index < form.names.len() && form.names.len() > 1 {
                    form.names.remove(index);
                }
                return page(language, form);
            }
        }
    }
    // Further names that were left empty are no names.
    let mut index = 0;
    form.names.retain(|name| {
        index += 1;
        index == 1 || name.alias != Alias::default()
    });
    for name in &mut form.names {
        let problems: Vec<AliasProblem> = name.alias.problems().collect();
        for problem in problems {
            name.errors.push((problem.field, message(problem, language)));
        }
    }
    if !form.today.is_empty() && parse_us_date(&form.today).is_none() {
        let text = pick(
            language,
            "Day of the analysis: enter a date such as 4/28/2026.",
            "Día del análisis: escriba una fecha como 4/28/2026.",
        );
        form.today_error = Some(text.to_owned());
    }
    if form.today_error.is_some() || form.names.iter().any(|name| !name.errors.is_empty()) {
        return page(language, form);
    }
    let state = State {
        demo,
        aliases: form.names.into_iter().map(|name| name.alias).collect(),
        today: form.today,
        ..State::default()
    };
    let found = match source::found(&cx, &headers, &state, language).await? {
        Ok(cases) => cases,
        Err(instead) => return Ok(instead),
    };
    let options = state.options(source::today(&cx), language);
    record::show(&state, &found, options, Vec::new(), &[])
}

/// The names in the order of the form, at least one.
fn typed_names(fields: &Fields) -> Vec<NameView> {
    let mut names: Vec<NameView> = (0..MAX_ALIASES)
        .filter(|index| fields.values().contains_key(&format!("first_name-{index}")))
        .map(|index| {
            let text = |field: &str| fields.text(&format!("{field}-{index}")).to_owned();
            let alias = Alias {
                first_name: text("first_name"),
                last_name: text("last_name"),
                middle_name: text("middle_name"),
                birth_date: text("birth_date"),
            };
            NameView {
                alias: alias.trimmed(),
                errors: Vec::new(),
            }
        })
        .collect();
    if names.is_empty() {
        names.push(NameView::default());
    }
    names
}

fn message(problem: AliasProblem, language: Language) -> String {
    let field = match problem.field {
        "first_name" => pick(language, "First name", "Nombre"),
        "last_name" => pick(language, "Last name", "Apellido"),
        "middle_name" => pick(language, "Middle name", "Segundo nombre"),
        _ => pick(language, "Date of birth", "Fecha de nacimiento"),
    };
    let text = match (problem.code, problem.field) {
        ("required", _) => pick(language, "this is needed.", "hace falta este dato."),
        ("wildcard", _) => pick(
            language,
            "a * may only end a name, after one letter of a first or middle name or two of a last name.",
            "un * solo puede terminar un nombre, tras una letra del nombre o dos del apellido.",
        ),
        (_, "birth_date") => pick(
            language,
            "enter a real date such as 4/28/1986.",
            "escriba una fecha que exista, como 4/28/1986.",
        ),
        _ => pick(
            language,
            "at most 100 ordinary characters.",
            "como máximo 100 caracteres normales.",
        ),
    };
    format!("{field}: {text}")
}
