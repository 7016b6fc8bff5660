//! `/voting/reminder`: a voter asks to be reminded of elections.

use app::{
    Context, Embedded, Fields, Idempotency, Locale, OpenApiRouter, Page, SameSite, Tenant,
    page::{Form, html, pick},
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::person::Language;
use ports::{FieldError, Kind};
use serde_json::{Map, Value, json};

use super::{basics, body, consent_by_phone, kept, once};
use crate::{reminder_signup, subscriber::texting_of};

pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/voting/reminder", get(form).post(sign_up))
        .route("/voting/reminder/done", get(done))
}

#[derive(Template)]
#[template(path = "reminder.html")]
struct ReminderPage {
    page: Page,
    form: Form,
    organization: String,
    /// What tells a form sent twice from two forms.
    once: String,
    is_done: bool,
    /// Where to go on.
    again: String,
}

/// How this request came: what a page shown again keeps of it.
struct Came {
    tenant: Tenant,
    language: Language,
    query: Option<String>,
    embedded: Embedded,
}

async fn form_page(
    cx: &Context,
    came: Came,
    sent: &Map<String, Value>,
    errors: &[FieldError],
) -> app::Result<Response> {
    let Came {
        tenant,
        language,
        query,
        embedded,
    } = came;
    let title = pick(
        language,
        "Get election reminders",
        "Reciba recordatorios de las elecciones",
    );
    let mut page = Page::new(language, title)
        .with_query(&kept(query))
        .embedded(embedded.0);
    let texting = texting_of(cx, &tenant, language).await?;
    let form = basics(language, "", &texting, sent, errors);
    let status = match form.errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    if status != StatusCode::OK {
        page.title = format!("Error: {}", page.title);
    }
    let shown = ReminderPage {
        page,
        form,
        organization: tenant.name,
        once: cx.random().uuid().to_string(),
        is_done: false,
        again: String::new(),
    };
    html(status, &shown)
}

async fn form(
    State(cx): State<Context>,
    tenant: Tenant,
    Locale(language): Locale,
    embedded: Embedded,
    RawQuery(query): RawQuery,
) -> app::Result<Response> {
    let came = Came {
        tenant,
        language,
        query,
        embedded,
    };
    form_page(&cx, came, &Map::new(), &[]).await
}

async fn sign_up(
    State(cx): State<Context>,
    tenant: Tenant,
    Locale(language): Locale,
    embedded: Embedded,
    RawQuery(query): RawQuery,
    _: SameSite,
    fields: Fields,
) -> app::Result<Response> {
    let mut sent = body(fields.values());
    let once: Idempotency = once("/voting/reminder", &mut sent);
    consent_by_phone(&mut sent, &texting_of(&cx, &tenant, language).await?);
    sent.insert("language".to_owned(), json!(language.as_str()));
    let voter = match Fields::new(sent.clone()).into_input() {
        Ok(voter) => voter,
        Err(error) if error.kind() == Kind::Invalid => {
            let came = Came {
                tenant,
                language,
                query,
                embedded,
            };
            return form_page(&cx, came, &sent, error.fields()).await;
        }
        Err(error) => return Err(error.into()),
    };
    reminder_signup::sign_up(&cx, &tenant, &voter, &once).await?;
    let embed = embedded.query();
    let query = format!("subscriber={}&lang={}{embed}", tenant.slug, language.as_str());
    Ok(Redirect::to(&format!("/voting/reminder/done?{query}")).into_response())
}

async fn done(tenant: Tenant, Locale(language): Locale, embedded: Embedded) -> app::Result<Response> {
    let title = pick(language, "You are signed up", "Ya está en la lista");
    let embed = embedded.query();
    let query = format!("subscriber={}", tenant.slug);
    let shown = ReminderPage {
        page: Page::new(language, title).with_query(&query).embedded(embedded.0),
        form: Form::default(),
        organization: tenant.name,
        once: String::new(),
        is_done: true,
        again: format!("/voting/verify?{query}&lang={}{embed}", language.as_str()),
    };
    html(StatusCode::OK, &shown)
}
