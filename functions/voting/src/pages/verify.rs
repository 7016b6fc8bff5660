//! `/voting/verify`: a voter looks up a registration.

use app::{
    Context, Embedded, Fields, Locale, OpenApiRouter, Page, SameSite, Tenant,
    page::{Form, html, pick},
};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response, routing::get};
use domain::person::Language;
use ports::{FieldError, Kind};
use serde_json::{Map, Value, json};

use super::{basics, body, consent_by_phone};
use crate::{subscriber::texting_of, verify};

pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/voting/verify", get(form).post(look_up))
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    page: Page,
    form: Form,
    organization: String,
}

#[derive(Template)]
#[template(path = "verify_answer.html")]
struct AnswerPage {
    page: Page,
    registered: bool,
    register: String,
}

async fn form_page(
    cx: &Context,
    language: Language,
    embedded: Embedded,
    tenant: &Tenant,
    sent: &Map<String, Value>,
    errors: &[FieldError],
) -> app::Result<Response> {
    let mut page = Page::new(
        language,
        pick(language, "Check your registration", "Compruebe su inscripción"),
    )
    .with_query(&format!("subscriber={}", tenant.slug))
    .embedded(embedded.0);
    let texting = texting_of(cx, tenant, language).await?;
    let form = basics(language, "", &texting, sent, errors);
    let status = if form.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    if status != StatusCode::OK {
        page.title = format!("Error: {}", page.title);
    }
    html(
        status,
        &VerifyPage {
            page,
            form,
            organization: tenant.name.clone(),
        },
    )
}

async fn form(
    State(cx): State<Context>,
    tenant: Tenant,
    Locale(language): Locale,
    embedded: Embedded,
) -> app::Result<Response> {
    form_page(&cx, language, embedded, &tenant, &Map::new(), &[]).await
}

async fn look_up(
    State(cx): State<Context>,
    tenant: Tenant,
    Locale(language): Locale,
    embedded: Embedded,
    _: SameSite,
    fields: Fields,
) -> app::Result<Response> {
    let mut sent = body(fields.values());
    consent_by_phone(&mut sent, &texting_of(&cx, &tenant, language).await?);
    sent.insert("language".to_owned(), json!(language.as_str()));
    let input = match Fields::new(sent.clone()).into_input() {
        Ok(input) => input,
        Err(error) if error.kind() == Kind::Invalid => {
            return form_page(&cx, language, embedded, &tenant, &sent, error.fields()).await;
        }
        Err(error) => return Err(error.into()),
    };
    let (registered, _) = verify::check(&cx, &tenant, input).await?;
    let title = match registered {
        true => pick(language, "You are registered", "Usted está inscrito"),
        false => pick(language, "We did not find you", "No le encontramos"),
    };
    let page = Page::new(language, title)
        .with_query(&format!("subscriber={}", tenant.slug))
        .embedded(embedded.0);
    let register = format!(
        "/voting/register?subscriber={}&lang={}{}",
        tenant.slug,
        language.as_str(),
        embedded.query()
    );
    html(
        StatusCode::OK,
        &AnswerPage {
            page,
            registered,
            register,
        },
    )
}
