//! `/account/profile`: name, language, time zone.

use app::{Context, Fields, Form, FormField, OpenApiRouter, Posted, SignedIn, input, page::pick, see_other};
use axum::{extract::State, response::Response, routing::get};
use domain::person::{Language, Name};
use ports::FieldError;
use serde_json::{Map, json};
use store::{Sql, params, sql};

use crate::accounts::{FormPage, field, is_invalid, offered_zone, own_change, time_zone_field, translated};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/account/profile", get(form).post(save))
}

input! {
    /// What somebody may change of themselves.
    pub struct ProfileIn {
        pub name: Name,
        pub language: Language,
        pub time_zone: Name,
    }
}

const SAVE: Sql = sql!("update platform.account set name = $2, language = $3, time_zone = $4 where id = $1");

fn page(person: &SignedIn, sent: &Fields, errors: &[FieldError]) -> app::Result<Response> {
    let languages = FormField {
        options: vec![
            ("en".to_owned(), "English".to_owned()),
            ("es".to_owned(), "Español".to_owned()),
        ],
        ..field(
            "language",
            person.t("Language of pages and mails", "Idioma de páginas y correos"),
            "select",
            "language",
        )
    };
    let mut form = Form::default();
    let typed = |name: &str| sent.text(name).to_owned();
    let errors = translated(person.language, errors);
    for field in [
        field("name", person.t("Name", "Nombre"), "text", "name"),
        languages,
        time_zone_field(person.language),
    ] {
        form.push(field, &typed, &errors);
    }
    let heading = person.t("Name, language and time zone", "Nombre, idioma y zona horaria");
    let button = person.t("Save", "Guardar");
    let mut page = FormPage::new(person.language, heading).form(form, button, person.token.form_token()?);
    page.menu = Some(person.menu("/account/profile")?);
    page.respond()
}

async fn form(person: SignedIn) -> app::Result<Response> {
    let account = &person.account;
    let known = json!({
        "name": account.name, "language": account.language.as_str(), "time_zone": account.time_zone,
    });
    let known: Map<_, _> = known.as_object().cloned().unwrap_or_default();
    page(&person, &Fields::new(known), &[])
}

async fn save(person: SignedIn, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    let again = Fields::new(sent.values().clone());
    let input = match sent.into_input::<ProfileIn>() {
        Ok(input) => input,
        Err(error) if is_invalid(&error) => return page(&person, &again, error.fields()),
        Err(error) => return Err(error.into()),
    };
    if offered_zone(input.time_zone.as_str()).is_none() {
        let message = pick(
            person.language,
            "Choose one of the list.",
            "Elija una de la lista.",
        );
        let error = FieldError::new("time_zone", "invalid_choice", message.to_owned());
        return page(&person, &again, &[error]);
    }
    let mut tx = cx.db.begin_untenanted().await?;
    let (name, language, zone) = (
        input.name.as_str(),
        input.language.as_str(),
        input.time_zone.as_str(),
    );
    tx.execute(SAVE, params![person.account.id, name, language, zone])
        .await?;
    let old = &person.account;
    let change = own_change(
        old.id,
        "account.change_profile",
        Some(json!({"name": old.name, "language": old.language.as_str(), "time_zone": old.time_zone})),
        Some(json!({"name": name, "language": language, "time_zone": zone})),
    );
    tx.audit_account(old.id, change).await?;
    tx.commit().await?;
    Ok(see_other("/account"))
}
