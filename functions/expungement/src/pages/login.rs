//! `/expungement/login` and `/expungement/logout`: a session with the court's site, by the visitor's own account there.

use app::{
    Context, Error, Fields, Kind, Locale, OpenApiRouter, Page, SameSite,
    page::{Form, FormField, html, pick},
};
use askama::Template;
use axum::{
    extract::State as Cx,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::person::Language;
use ports::FieldError;

use super::{source::Interlude, state::State};
use crate::{court::session::Credentials, login, logout};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/expungement/login", get(form).post(sign_in))
        .route("/expungement/logout", get(form).post(sign_out))
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    form: Form,
    /// The hidden field of a visitor who was in the middle of a record; else empty.
    state: String,
}

async fn form(Locale(language): Locale) -> app::Result<Response> {
    page(language, StatusCode::OK, String::new(), &Fields::default(), &[])
}

fn page(
    language: Language,
    status: StatusCode,
    state: String,
    fields: &Fields,
    errors: &[FieldError],
) -> app::Result<Response> {
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let mut form = Form::default();
    // The password is never sent back.
    let typed = |name: &str| match name {
        "oeci_username" => fields.text(name).chars().take(200).collect(),
        _ => String::new(),
    };
    for (name, label, kind, autocomplete) in [
        (
            "oeci_username",
            t(
                "User name at the court's site",
                "Usuario en el sitio del tribunal",
            ),
            "text",
            "username",
        ),
        (
            "oeci_password",
            t(
                "Password at the court's site",
                "Contraseña en el sitio del tribunal",
            ),
            "password",
            "current-password",
        ),
    ] {
        let field = FormField {
            name,
            label,
            kind,
            autocomplete,
            required: true,
            ..FormField::default()
        };
        form.push(field, &typed, errors);
    }
    form.push_others(errors);
    let mut title = t("Sign in to the court's site", "Entrar en el sitio del tribunal");
    if !form.errors.is_empty() {
        title = format!("Error: {title}");
    }
    html(
        status,
        &LoginPage {
            page: Page::new(language, title),
            form,
            state,
        },
    )
}

async fn sign_in(
    Cx(cx): Cx<Context>,
    Locale(language): Locale,
    _: SameSite,
    headers: HeaderMap,
    fields: Fields,
) -> app::Result<Response> {
    // Whoever comes from a record carries it along; what is no state is not carried.
    let state = State::read(&fields, language).ok();
    let carried = || state.as_ref().map(State::write).unwrap_or_default();
    if !fields.values().contains_key("oeci_password") {
        return page(language, StatusCode::OK, carried(), &fields, &[]);
    }
    let credentials = Credentials {
        username: fields.text("oeci_username").trim().to_owned(),
        password: fields.text("oeci_password").to_owned(),
    };
    let missing = missing(&credentials, language);
    if !missing.is_empty() {
        return page(language, StatusCode::BAD_REQUEST, carried(), &fields, &missing);
    }
    match login::begin(&cx, &headers, credentials).await {
        Ok(cookie) => {
            let answer = match &state {
                Some(state) => Interlude::signed_in(language, state)?,
                None => {
                    let to = format!("/expungement/search?lang={}", language.as_str());
                    Redirect::to(&to).into_response()
                }
            };
            Ok(with_cookie(answer, cookie))
        }
        Err(error) => {
            let (status, message) = refusal(&error, language);
            let error = FieldError::new("form", "refused", message);
            page(language, status, carried(), &fields, &[error])
        }
    }
}

fn missing(credentials: &Credentials, language: Language) -> Vec<FieldError> {
    let message = pick(language, "this is needed.", "hace falta este dato.");
    [
        ("oeci_username", &credentials.username),
        ("oeci_password", &credentials.password),
    ]
    .into_iter()
    .filter(|(_, text)| text.is_empty())
    .map(|(name, _)| FieldError::new(name, "required", message))
    .collect()
}

/// Why no session could begin, in the visitor's language.
fn refusal(error: &Error, language: Language) -> (StatusCode, &'static str) {
    match error.kind() {
        Kind::Unauthenticated => (
            StatusCode::UNAUTHORIZED,
            pick(
                language,
                "The court's site does not take this user name and password.",
                "El sitio del tribunal no acepta este usuario y contraseña.",
            ),
        ),
        Kind::NotFound => (
            StatusCode::SERVICE_UNAVAILABLE,
            pick(
                language,
                "The court's site is in maintenance: on the fourth weekend of each month from Friday 6 p.m. to Sunday noon.",
                "El sitio del tribunal está en mantenimiento: el cuarto fin de semana de cada mes, del viernes a las 6 p. m. al domingo a mediodía.",
            ),
        ),
        Kind::TooMany(_) => (
            StatusCode::TOO_MANY_REQUESTS,
            pick(
                language,
                "Too many tries with this user name. Please wait a quarter of an hour.",
                "Demasiados intentos con este usuario. Espere un cuarto de hora.",
            ),
        ),
        Kind::Invalid => (
            StatusCode::BAD_REQUEST,
            pick(
                language,
                "User name and password have at most 200 characters.",
                "El usuario y la contraseña tienen como máximo 200 caracteres.",
            ),
        ),
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            pick(
                language,
                "The court's site does not answer. Please try again in a few minutes.",
                "El sitio del tribunal no responde. Inténtelo de nuevo en unos minutos.",
            ),
        ),
    }
}

async fn sign_out(
    Cx(cx): Cx<Context>,
    Locale(language): Locale,
    _: SameSite,
    headers: HeaderMap,
) -> app::Result<Response> {
    let cookie = logout::end(&cx, &headers).await?;
    let to = format!("/expungement?lang={}", language.as_str());
    Ok(with_cookie(Redirect::to(&to).into_response(), cookie))
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}
