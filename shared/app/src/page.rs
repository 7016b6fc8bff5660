//! Pages: the shared layout (`templates/layout.html`), parts of the U.S. Web Design System, and the error page.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use domain::person::Language;
use ports::{Error, FieldError, Kind};

use crate::problem;

/// What the layout needs of every page.
#[derive(Debug, Clone)]
pub struct Page {
    pub language: Language,
    pub title: String,
    /// The path of this page in the other language, e.g. `?lang=es`.
    pub other_language: String,
    /// Stands in a frame of another site: without our header and footer.
    pub embedded: bool,
}

impl Page {
    pub fn new(language: Language, title: impl Into<String>) -> Self {
        let other = match language {
            Language::En => "?lang=es",
            Language::Es => "?lang=en",
        };
        Self {
            language,
            title: title.into(),
            other_language: other.to_owned(),
            embedded: false,
        }
    }

    /// Keeps the page's own query when the language is switched, e.g. `subscriber=demo`.
    #[must_use]
    pub fn with_query(mut self, query: &str) -> Self {
        if !query.is_empty() {
            self.other_language.push('&');
            self.other_language.push_str(query);
        }
        self
    }

    /// Shows the page as a part of another site, and keeps it so when the language is switched.
    #[must_use]
    pub fn embedded(mut self, embedded: bool) -> Self {
        if embedded && !self.other_language.contains("embed=true") {
            self.other_language.push_str("&embed=true");
        }
        Self { embedded, ..self }
    }

    /// The text in the page's language. Both stand side by side in the template, so that none is forgotten.
    pub fn t<'a>(&self, english: &'a str, spanish: &'a str) -> &'a str {
        pick(self.language, english, spanish)
    }
}

/// The text in one of the two languages.
pub fn pick<'a>(language: Language, english: &'a str, spanish: &'a str) -> &'a str {
    match language {
        Language::En => english,
        Language::Es => spanish,
    }
}

/// `12345` as `12,345`, in both languages of the United States.
pub fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Renders a template as an HTML answer.
///
/// # Errors
/// `Internal` where the template fails.
pub fn html(status: StatusCode, template: &impl Template) -> problem::Result<Response> {
    let text = template.render().map_err(Error::internal)?;
    Ok((status, Html(text)).into_response())
}

/// A form as it is shown: the first time, or again with what is wrong. The template `fields.html` writes it.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pub fields: Vec<FormField>,
    /// For the summary at the top: the id of the field, and the same words that stand beside it.
    pub errors: Vec<(String, String)>,
}

/// One input of a form with what was typed and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct FormField {
    pub name: &'static str,
    pub label: String,
    pub hint: String,
    pub value: String,
    pub error: Option<String>,
    /// `autocomplete` token (WCAG 2.2, 1.3.5).
    pub autocomplete: &'static str,
    pub inputmode: &'static str,
    /// `text`, `url`, `email`, `tel`, `password`, `textarea`, `select`, `checkbox`, `day` (a calendar) or `date` (three inputs, for
    /// dates that people know by heart).
    pub kind: &'static str,
    pub required: bool,
    /// Value and label of each choice of a select.
    pub options: Vec<(String, String)>,
}

/// One of the three inputs of a date.
pub struct DatePart {
    pub name: String,
    pub english: &'static str,
    pub spanish: &'static str,
    pub value: String,
    pub length: u8,
    pub autocomplete: &'static str,
    pub class: &'static str,
}

impl FormField {
    /// The ids of hint and error, for `aria-describedby`.
    pub fn described_by(&self) -> Option<String> {
        match (self.hint.is_empty(), self.error.is_some()) {
            (true, false) => None,
            (true, true) => Some(format!("{}-error", self.name)),
            (false, false) => Some(format!("{}-hint", self.name)),
            (false, true) => Some(format!("{0}-hint {0}-error", self.name)),
        }
    }

    /// The id that the summary's link leads to: an input, as only that takes the focus.
    fn first_input(&self) -> String {
        match self.kind {
            "date" => format!("{}-month", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// Month, day and year of a date whose value is `YYYY-MM-DD` or whatever was typed into the three, joined alike.
    pub fn parts(&self) -> [DatePart; 3] {
        let mut typed = self.value.splitn(3, '-').map(str::to_owned);
        let year = typed.next().unwrap_or_default();
        let month = typed.next().unwrap_or_default();
        let day = typed.next().unwrap_or_default();
        let part = |suffix, english, spanish, value, length, autocomplete, class| DatePart {
            name: format!("{}-{suffix}", self.name),
            english,
            spanish,
            value,
            length,
            autocomplete,
            class,
        };
        [
            part(
                "month",
                "Month",
                "Mes",
                month,
                2,
                "bday-month",
                "usa-form-group--month",
            ),
            part("day", "Day", "Día", day, 2, "bday-day", "usa-form-group--day"),
            part(
                "year",
                "Year",
                "Año",
                year,
                4,
                "bday-year",
                "usa-form-group--year",
            ),
        ]
    }
}

impl Form {
    /// Adds a field with what was typed and its messages.
    pub fn push(&mut self, mut field: FormField, typed: &dyn Fn(&str) -> String, errors: &[FieldError]) {
        // A password is never sent back.
        if field.kind != "password" {
            field.value = typed(field.name);
        }
        if let Some(error) = errors.iter().find(|error| error.field == field.name) {
            let text = format!("{}: {}", field.label, error.message);
            self.errors.push((field.first_input(), text.clone()));
            field.error = Some(text);
        }
        self.fields.push(field);
    }

    /// Adds to the summary what is wrong with none of the fields shown, so that no refusal is silent. After the last `push`.
    pub fn push_others(&mut self, errors: &[FieldError]) {
        for error in errors {
            if !self.fields.iter().any(|field| error.field == field.name) {
                self.errors
                    .push(("main-content".to_owned(), error.message.to_string()));
            }
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page,
    heading: &'a str,
    text: &'a str,
    request_id: &'a str,
}

/// The accessible page of an error.
pub(crate) fn error_page(error: &Error, language: Language, request_id: &str) -> Response {
    let (heading, text) = match error.kind() {
        Kind::NotFound => (
            pick(language, "Page not found", "Página no encontrada"),
            pick(
                language,
                "If you typed the address, check that it is correct. If you followed a link, it may be out of date.",
                "Si escribió la dirección, revise que sea correcta. Si siguió un enlace, puede que ya no sea válido.",
            ),
        ),
        Kind::TooMany(_) => (
            pick(language, "Too many attempts", "Demasiados intentos"),
            pick(
                language,
                "Wait a few minutes, then try again. If this was not you, nothing needs to be done.",
                "Espere unos minutos e inténtelo de nuevo. Si no fue usted, no tiene que hacer nada.",
            ),
        ),
        Kind::Unavailable(_) => (
            pick(
                language,
                "Please try again in a moment",
                "Inténtelo de nuevo en un momento",
            ),
            pick(
                language,
                "The service is briefly unavailable. Nothing you sent before was lost.",
                "El servicio no está disponible por un momento. No se ha perdido nada de lo que envió antes.",
            ),
        ),
        Kind::Internal => (
            pick(language, "Something went wrong", "Algo salió mal"),
            pick(
                language,
                "The fault is ours and has been noted. Please try again.",
                "El fallo es nuestro y ha quedado registrado. Inténtelo de nuevo.",
            ),
        ),
        _ => (
            pick(language, "There is a problem", "Hay un problema"),
            error.detail(),
        ),
    };
    let page = Page::new(language, heading);
    let rendered = ErrorPage {
        page,
        heading,
        text,
        request_id,
    }
    .render();
    let mut response = match rendered {
        Ok(text) => (problem::status(error.kind()), Html(text)).into_response(),
        Err(_) => problem::render(error, request_id),
    };
    problem::decorate(error, &mut response);
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups_of_three() {
        let read: Vec<_> = [0, 7, 999, 1_000, 12_345, 1_234_567].map(grouped).into();
        assert_eq!(read, ["0", "7", "999", "1,000", "12,345", "1,234,567"]);
    }
}
