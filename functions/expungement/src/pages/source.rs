//! Where the cases of a record come from: the invented people, or the court's site through the visitor's session.

use std::time::Duration;

use app::{
    Context, Error, Kind, Page,
    page::{html, pick},
};
use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    expungement::{Case, demo},
    person::Language,
};
use jiff::civil::Date;

use super::state::State;
use crate::{
    analysis::oregon_date,
    court::{found, session::Session, site, trouble::Trouble},
};

/// How long a page waits for a search at the court's site: API Gateway gives up after 30 s.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Today, where the courts are.
pub(super) fn today(cx: &Context) -> Date {
    oregon_date(cx.clock().now())
}

/// Whether the visitor has a session with the court's site.
///
/// # Errors
/// What the stores answer.
pub(super) async fn has_session(cx: &Context, headers: &HeaderMap) -> Result<bool, Error> {
    match Session::of(cx, headers).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == Kind::Unauthenticated => Ok(false),
        Err(error) => Err(error),
    }
}

/// The cases that the aliases have; or the page to show instead: sign in, wait, or what the court's site said.
///
/// # Errors
/// What the stores answer, and too many searches.
pub(super) async fn found(
    cx: &Context,
    headers: &HeaderMap,
    state: &State,
    language: Language,
) -> app::Result<Result<Vec<Case>, Response>> {
    if state.demo {
        return Ok(Ok(demo::find(&state.aliases, today(cx))));
    }
    let cases = match Session::of(cx, headers).await {
        Ok(session) => found::cases(cx, &session, &state.aliases, LONGEST_WAIT).await,
        Err(error) => Err(error),
    };
    let instead = match cases {
        Ok(Some(found)) if found.errors.is_empty() => return Ok(Ok(found.cases)),
        Ok(Some(found)) => Interlude::failed(language, state, &found.errors),
        Ok(None) => Interlude::waiting(language, state),
        Err(error) if error.kind() == Kind::Unauthenticated => Interlude::sign_in(language, state),
        Err(error) if error.code() == site::OFFLINE => {
            Interlude::failed(language, state, &[Trouble::Offline])
        }
        // It was there a moment ago: the session has just ended.
        Err(error) if error.kind() == Kind::NotFound => Interlude::sign_in(language, state),
        Err(error) => return Err(error.into()),
    };
    Ok(Err(instead?))
}

/// A page between the search and its record. It carries the visitor's state along.
#[derive(Template)]
#[template(path = "interlude.html")]
pub(super) struct Interlude {
    page: Page,
    state: String,
    text: &'static str,
    errors: Vec<String>,
    action: &'static str,
    button: &'static str,
}

impl Interlude {
    fn waiting(language: Language, state: &State) -> app::Result<Response> {
        let t = |english, spanish| pick(language, english, spanish);
        html(
            StatusCode::ACCEPTED,
            &Self {
                page: Page::new(language, t("Still searching", "Seguimos buscando")),
                state: state.write(),
                text: t(
                    "The court's site has many cases to show. The search goes on while you wait; look again in a few seconds.",
                    "El sitio del tribunal tiene muchos casos que mostrar. La búsqueda sigue mientras espera; mire de nuevo en unos segundos.",
                ),
                errors: Vec::new(),
                action: "/expungement/record",
                button: t("Look again", "Mirar de nuevo"),
            },
        )
    }

    fn failed(language: Language, state: &State, troubles: &[Trouble]) -> app::Result<Response> {
        let t = |english, spanish| pick(language, english, spanish);
        html(
            StatusCode::OK,
            &Self {
                page: Page::new(language, t("The search failed", "La búsqueda falló")),
                state: state.write(),
                text: t(
                    "No record could be put together:",
                    "No se pudo reunir un historial:",
                ),
                errors: troubles.iter().map(|trouble| trouble.text(language)).collect(),
                action: "/expungement/record",
                button: t("Search again", "Buscar de nuevo"),
            },
        )
    }

    fn sign_in(language: Language, state: &State) -> app::Result<Response> {
        let t = |english, spanish| pick(language, english, spanish);
        html(
            StatusCode::UNAUTHORIZED,
            &Self {
                page: Page::new(
                    language,
                    t("Sign in to the court's site", "Entre en el sitio del tribunal"),
                ),
                state: state.write(),
                text: t(
                    "This search needs a session with the court's site, and a session lasts an hour. Nothing that you changed is lost.",
                    "Esta búsqueda necesita una sesión con el sitio del tribunal, y una sesión dura una hora. No se pierde nada de lo que cambió.",
                ),
                errors: Vec::new(),
                action: "/expungement/login",
                button: t("Sign in", "Entrar"),
            },
        )
    }

    /// After signing in: back to the record.
    pub(super) fn signed_in(language: Language, state: &State) -> app::Result<Response> {
        let t = |english, spanish| pick(language, english, spanish);
        html(
            StatusCode::OK,
            &Self {
                page: Page::new(language, t("You are signed in", "Ha entrado")),
                state: state.write(),
                text: t("Go on where you were.", "Siga donde estaba."),
                errors: Vec::new(),
                action: "/expungement/record",
                button: t("Continue", "Continuar"),
            },
        )
    }
}
