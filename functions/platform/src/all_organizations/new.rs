//! `/platform/all-organizations/new`: an operator makes an organisation. The form holds the new one's id: sent twice, it makes one.

use app::{Context, Operator, Page, Posted, TenantId, page::html, see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::voting::{
    codes::{SmsOption, SubscriberPlan},
    subscriber::SmsSettings,
};
use ports::{Error, FieldError, Kind};
use serde_json::json;
use store::{audit::Actor, params};
use uuid::Uuid;

use super::{EditPage, HOLD, LIST, New, PATH, create, form, slug_taken, text_of};

pub(super) async fn show(operator: Operator, State(cx): State<Context>) -> app::Result<Response> {
    let once = cx.random().uuid().to_string();
    let typed = |name: &str| match name {
        "plan" => "nonprofit".to_owned(),
        _ => String::new(),
    };
    page(&operator, &typed, &[], once)
}

fn page(
    operator: &Operator,
    typed: &dyn Fn(&str) -> String,
    errors: &[FieldError],
    once: String,
) -> app::Result<Response> {
    let heading = operator.t("New organization", "Nueva organización");
    let mut page = Page::new(operator.language, heading);
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    if !errors.is_empty() {
        page.title = format!("Error: {}", page.title);
    }
    html(
        status,
        &EditPage {
            page,
            heading: heading.to_owned(),
            menu: Some(operator.menu(LIST)?),
            form_token: operator.token.form_token()?,
            seen: once,
            form: form::form(operator, true, typed, errors),
            button: operator.t("Make the organization", "Crear la organización"),
            saved: false,
            changes: None,
            slug: String::new(),
        },
    )
}

pub(super) async fn make(
    operator: Operator,
    State(cx): State<Context>,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let once = Uuid::try_parse(sent.text("seen")).unwrap_or_else(|_| cx.random().uuid());
    let typed = |name: &str| sent.text(name).to_owned();
    let facts = match form::read(&operator, &sent, true) {
        Ok(facts) => facts,
        Err(error) if error.kind() == Kind::Invalid => {
            return page(&operator, &typed, error.fields(), once.to_string());
        }
        Err(error) => return Err(error.into()),
    };
    let new = New {
        name: text_of(&facts, "organization"),
        website: text_of(&facts, "website"),
        slug: text_of(&facts, "slugs"),
        plan: SubscriberPlan::parse(&text_of(&facts, "plan"))
            .map_err(|_| Error::internal("an unknown plan"))?,
        sms: SmsSettings::from(SmsOption::BoxUnchecked),
        is_first_party: facts.get("is_first_party") == Some(&json!(true)),
    };
    let there = see_other(&format!("{PATH}/{once}?saved=true"));
    let mut tx = cx.db.begin(TenantId(once)).await?;
    // A double click: the first one made it.
    if tx.optional(HOLD, params![once]).await?.is_some() {
        return Ok(there);
    }
    if !create(&mut tx, TenantId(once), &new, Actor::Account(operator.account.id)).await? {
        drop(tx);
        return page(
            &operator,
            &typed,
            &[slug_taken(&operator, "slugs")],
            once.to_string(),
        );
    }
    tx.commit().await?;
    Ok(there)
}
