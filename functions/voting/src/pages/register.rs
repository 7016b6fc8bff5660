//! `/voting/register`: registration as two pages and an end.
//!
//! The first page creates the registration; the second, at its id, completes it. The identity number is typed on the second
//! page only, is never shown again, and never stands in an address.

use app::{
    Context, Embedded, Fields, Locale, OpenApiRouter, Page, PathId, SameSite, Tenant,
    page::{Form, FormField, html, pick},
};
use askama::Template;
use axum::{
    extract::{Query, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::person::Language;
use ports::{Error, FieldError, Kind};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::{Sql, params, sql};

use super::{basics, body, consent_by_phone, kept, once, translated};
use crate::{
    actions::{self, Held},
    register,
    subscriber::texting_of,
    token,
};

pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/voting/register", get(begin).post(create))
        .route("/voting/register/resume", get(resume))
        .route("/voting/register/{id}", get(second).post(complete))
        .route("/voting/register/{id}/done", get(done))
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    page: Page,
    form: Form,
    heading: String,
    intro: String,
    step: u8,
    button: String,
    organization: String,
    /// The state's own site, offered before the form on paper.
    online: Option<String>,
    /// What tells a form sent twice from two forms.
    once: String,
    /// Where to begin anew.
    again: String,
}

impl RegisterPage {
    fn respond(mut self) -> app::Result<Response> {
        let status = if self.form.errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        };
        if status != StatusCode::OK {
            self.page.title = format!("{}: {}", self.page.t("Error", "Error"), self.page.title);
        }
        html(status, &self)
    }
}

fn page(language: Language, heading: &str, query: Option<String>) -> Page {
    let Embedded(embedded) = Embedded::of(query.as_deref());
    Page::new(language, heading)
        .with_query(&kept(query))
        .embedded(embedded)
}

async fn first_page(
    cx: &Context,
    language: Language,
    tenant: &Tenant,
    query: Option<String>,
    sent: &Map<String, Value>,
    errors: &[FieldError],
) -> app::Result<Response> {
    let heading = pick(language, "Register to vote", "Inscríbase para votar").to_owned();
    let intro = pick(
        language,
        "We fill in your state's form for you. It takes about two minutes.",
        "Llenamos el formulario de su estado por usted. Toma unos dos minutos.",
    );
    let email_hint = pick(
        language,
        "We send your form to this address.",
        "Enviamos su formulario a esta dirección.",
    );
    let texting = texting_of(cx, tenant, language).await?;
    RegisterPage {
        page: page(language, &heading, query),
        form: basics(language, email_hint, &texting, sent, errors),
        heading,
        intro: intro.to_owned(),
        step: 1,
        button: pick(language, "Continue", "Continuar").to_owned(),
        organization: tenant.name.clone(),
        online: None,
        once: cx.random().uuid().to_string(),
        again: String::new(),
    }
    .respond()
}

async fn begin(
    State(cx): State<Context>,
    tenant: Tenant,
    Locale(language): Locale,
    RawQuery(query): RawQuery,
) -> app::Result<Response> {
    first_page(&cx, language, &tenant, query, &Map::new(), &[]).await
}

async fn create(
    State(cx): State<Context>,
    tenant: Tenant,
    Locale(language): Locale,
    RawQuery(query): RawQuery,
    _: SameSite,
    fields: Fields,
) -> app::Result<Response> {
    let mut sent = body(fields.values());
    let once = once("/voting/register", &mut sent);
    consent_by_phone(&mut sent, &texting_of(&cx, &tenant, language).await?);
    sent.insert("language".to_owned(), json!(language.as_str()));
    match register::create(&cx, &tenant, &sent, true, &once).await {
        Ok(answer) => {
            let id = answer["uuid"].as_str().unwrap_or_default();
            let embed = Embedded::of(query.as_deref()).query();
            let query = format!("subscriber={}&lang={}{embed}", tenant.slug, language.as_str());
            Ok(Redirect::to(&format!("/voting/register/{id}?{query}")).into_response())
        }
        Err(error) if error.kind() == Kind::Invalid => {
            first_page(&cx, language, &tenant, query, &sent, error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct Link {
    token: Option<String>,
}

const BY_ACTION: Sql = sql!("select id from voting.registration where action_id = $1");

/// The link that a partner of the Action API shows.
async fn resume(State(cx): State<Context>, Query(link): Query<Link>) -> app::Result<Response> {
    let key = cx.secrets().get(token::KEY).await?;
    let text = link.token.unwrap_or_default();
    let action = token::verify(&key, &cx.settings.public_url, &text, cx.clock().now())?;
    let tenant = actions::tenant_of(&cx, Held::Action(action)).await?;
    let mut tx = cx.db.begin(tenant).await?;
    let id: uuid::Uuid = tx.one(BY_ACTION, params![action]).await?.get("id")?;
    Ok(Redirect::to(&format!("/voting/register/{id}")).into_response())
}

const STATE_SITE: Sql = sql!(
    "select text from voting.state_information where state = $1 and field = 'external_tool_ovr' and text <> ''"
);

async fn second_page(
    cx: &Context,
    id: uuid::Uuid,
    language: Language,
    query: Option<String>,
    sent: &Map<String, Value>,
    errors: &[FieldError],
) -> app::Result<Response> {
    let found = register::find(cx, id).await?;
    let state = found.voter.state.ok_or_else(Error::not_found)?;
    let online = match (
        found.custom_ovr_link,
        cx.db.optional(STATE_SITE, params![state.as_str()]).await?,
    ) {
        (Some(ours), Some(_)) => Some(ours),
        (None, Some(row)) => Some(row.get("text")?),
        (_, None) => None,
    };
    let kept = kept(query.clone());
    let again = format!("/voting/register?lang={}&{kept}", language.as_str());
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let errors = translated(language, errors);
    // The number that was typed is not sent back.
    let typed = |name: &str| match sent.get(name) {
        Some(Value::String(text)) if name != "state_id_number" => text.clone(),
        _ => String::new(),
    };
    let mut form = Form::default();
    form.push(
        FormField {
            name: "state_id_number",
            label: t(
                "Driver's license, state ID, or last four digits of your Social Security number",
                "Licencia de conducir, identificación estatal o los últimos cuatro dígitos de su Seguro Social",
            ),
            hint: t(
                "Write NONE if you have none of them. It goes onto your form only: we never store it.",
                "Escriba NONE si no tiene ninguno. Solo va en su formulario: nunca lo guardamos.",
            ),
            kind: "text",
            autocomplete: "off",
            required: true,
            ..FormField::default()
        },
        &typed,
        &errors,
    );
    for (name, label) in [
        (
            "us_citizen",
            t(
                "I am a citizen of the United States",
                "Soy ciudadano de los Estados Unidos",
            ),
        ),
        (
            "is_18_or_over",
            t(
                "I will be 18 or older on election day",
                "Tendré 18 años o más el día de las elecciones",
            ),
        ),
    ] {
        form.push(
            FormField {
                name,
                label,
                kind: "checkbox",
                required: true,
                ..FormField::default()
            },
            &typed,
            &errors,
        );
    }
    form.push_others(&errors);
    let heading = t("Complete your form", "Complete su formulario");
    RegisterPage {
        page: page(language, &heading, query),
        form,
        heading,
        intro: t(
            "These last answers are needed on the form for ",
            "Estas últimas respuestas hacen falta en el formulario de ",
        ) + state.name()
            + ".",
        step: 2,
        button: t("Make my form", "Crear mi formulario"),
        organization: String::new(),
        online,
        once: String::new(),
        again: again.trim_end_matches('&').to_owned(),
    }
    .respond()
}

async fn second(
    State(cx): State<Context>,
    PathId(id): PathId,
    Locale(language): Locale,
    RawQuery(query): RawQuery,
) -> app::Result<Response> {
    second_page(&cx, id, language, query, &Map::new(), &[]).await
}

async fn complete(
    State(cx): State<Context>,
    PathId(id): PathId,
    Locale(language): Locale,
    RawQuery(query): RawQuery,
    _: SameSite,
    fields: Fields,
) -> app::Result<Response> {
    let sent = body(fields.values());
    match register::change(&cx, id, &sent, false, false).await {
        Ok(_) => {
            let embed = Embedded::of(query.as_deref()).query();
            let query = format!("lang={}{embed}", language.as_str());
            Ok(Redirect::to(&format!("/voting/register/{id}/done?{query}")).into_response())
        }
        Err(error) if error.kind() == Kind::Invalid => {
            second_page(&cx, id, language, query, &sent, error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "register_done.html")]
struct DonePage {
    page: Page,
    heading: String,
    /// With all but its first letter and its domain hidden.
    email: String,
}

async fn done(
    State(cx): State<Context>,
    PathId(id): PathId,
    Locale(language): Locale,
    embedded: Embedded,
) -> app::Result<Response> {
    let found = register::find(&cx, id).await?;
    if found.is_incomplete {
        let query = format!("lang={}{}", language.as_str(), embedded.query());
        return Ok(Redirect::to(&format!("/voting/register/{id}?{query}")).into_response());
    }
    let heading = pick(
        language,
        "Your form is on its way",
        "Su formulario está en camino",
    )
    .to_owned();
    let email = found
        .voter
        .email
        .as_ref()
        .map(|email| masked(email.as_str()))
        .unwrap_or_default();
    html(
        StatusCode::OK,
        &DonePage {
            page: Page::new(language, heading.clone()).embedded(embedded.0),
            heading,
            email,
        },
    )
}

fn masked(email: &str) -> String {
    match email.split_once('@') {
        Some((local, domain)) => format!("{}…@{domain}", local.chars().next().unwrap_or_default()),
        None => String::new(),
    }
}
