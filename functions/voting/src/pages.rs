//! The pages for voters. They need no JavaScript, speak English and Spanish, and go through the same code as the API.

pub mod docs;
pub mod home;
pub mod register;
pub mod verify;

use app::{
    Error, Kind,
    page::{Form, FormField, pick},
};
use axum::http::{HeaderMap, header};
use domain::person::{Language, StateCode};
use ports::FieldError;
use serde_json::{Map, Value};

/// The form posts of other sites are refused. There is no session to ride on; it keeps strangers from filing in a voter's name
/// from the voter's own browser.
fn same_site(headers: &HeaderMap, public_url: &str) -> app::Result<()> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let cross = header("sec-fetch-site").is_some_and(|site| site == "cross-site");
    let origin = header(header::ORIGIN.as_str()).is_some_and(|origin| {
        let host = |url: &str| {
            url.split("://")
                .nth(1)
                .unwrap_or(url)
                .split('/')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let own = header(header::HOST.as_str()).unwrap_or_default().to_owned();
        host(origin) != host(public_url) && host(origin) != own
    });
    if cross || origin {
        return Err(Error::new(
            Kind::Forbidden,
            "cross_site",
            "This form may only be sent from our own pages.",
        )
        .into());
    }
    Ok(())
}

/// What the form sent, with the three inputs of the birth date joined and blank ones left out.
fn body(sent: &Map<String, Value>) -> Map<String, Value> {
    let text = |name: &str| {
        sent.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let mut body: Map<String, Value> = sent
        .iter()
        .filter(|(name, value)| !name.starts_with("date_of_birth-") && value.as_str() != Some(""))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let (year, month, day) = (
        text("date_of_birth-year"),
        text("date_of_birth-month"),
        text("date_of_birth-day"),
    );
    if !(year.is_empty() && month.is_empty() && day.is_empty()) {
        body.insert(
            "date_of_birth".to_owned(),
            format!("{year}-{month:0>2}-{day:0>2}").into(),
        );
    }
    body
}

/// Name, address, birth date and contact: the fields that all tools for voters begin with.
fn basics(language: Language, sent: &Map<String, Value>, errors: &[FieldError]) -> Form {
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let typed = |name: &str| match sent.get(name) {
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let mut form = Form::default();
    let states = StateCode::ALL
        .iter()
        .map(|state| (state.as_str().to_owned(), state.name().to_owned()))
        .collect();
    let field = |name, label: String, kind, autocomplete, required| FormField {
        name,
        label,
        kind,
        autocomplete,
        required,
        ..FormField::default()
    };
    let fields = [
        field(
            "first_name",
            t("First name", "Nombre"),
            "text",
            "given-name",
            true,
        ),
        field(
            "last_name",
            t("Last name", "Apellido"),
            "text",
            "family-name",
            true,
        ),
        FormField {
            hint: t("For example: 4 28 1986", "Por ejemplo: 4 28 1986"),
            ..field(
                "date_of_birth",
                t("Date of birth", "Fecha de nacimiento"),
                "date",
                "bday",
                true,
            )
        },
        FormField {
            hint: t("House number and street", "Número y calle"),
            ..field(
                "address1",
                t("Home address", "Dirección"),
                "text",
                "address-line1",
                true,
            )
        },
        field(
            "address2",
            t("Apartment or unit", "Apartamento o unidad"),
            "text",
            "address-line2",
            false,
        ),
        field(
            "city",
            t("City or town", "Ciudad o pueblo"),
            "text",
            "address-level2",
            true,
        ),
        FormField {
            options: states,
            ..field(
                "state",
                t("State or territory", "Estado o territorio"),
                "select",
                "address-level1",
                true,
            )
        },
        FormField {
            inputmode: "numeric",
            hint: t("Five digits", "Cinco dígitos"),
            ..field(
                "zipcode",
                t("ZIP code", "Código postal"),
                "text",
                "postal-code",
                true,
            )
        },
        FormField {
            hint: t(
                "We send your form to this address.",
                "Enviamos su formulario a esta dirección.",
            ),
            ..field("email", t("E-mail", "Correo electrónico"), "email", "email", true)
        },
        field("phone", t("Phone", "Teléfono"), "tel", "tel-national", false),
    ];
    for field in fields {
        form.push(field, &typed, &translated(language, errors));
    }
    form
}

/// The common messages in Spanish; what has no translation stays as it is.
fn translated(language: Language, errors: &[FieldError]) -> Vec<FieldError> {
    errors
        .iter()
        .map(|error| {
            let spanish = match error.code.as_ref() {
                "required" | "null" | "blank" => "Este dato es obligatorio.",
                "must_be_true" => "Debe ser verdad para continuar.",
                _ => {
                    return FieldError {
                        message: error.message.clone(),
                        ..error.clone()
                    };
                }
            };
            match language {
                Language::En => error.clone(),
                Language::Es => FieldError {
                    message: spanish.into(),
                    ..error.clone()
                },
            }
        })
        .collect()
}
