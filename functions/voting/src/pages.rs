//! The pages for voters. They need no JavaScript, speak English and Spanish, and go through the same code as the API.

pub mod docs;
pub mod home;
pub mod register;
pub mod verify;

use app::page::{Form, FormField, pick};
use domain::person::{Language, StateCode};
use ports::FieldError;
use serde_json::{Map, Value};

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
fn basics(language: Language, email_hint: &str, sent: &Map<String, Value>, errors: &[FieldError]) -> Form {
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
            hint: email_hint.to_owned(),
            ..field("email", t("E-mail", "Correo electrónico"), "email", "email", true)
        },
        field("phone", t("Phone", "Teléfono"), "tel", "tel-national", false),
    ];
    let errors = translated(language, errors);
    for field in fields {
        form.push(field, &typed, &errors);
    }
    form.push_others(&errors);
    form
}

/// The common messages in Spanish; what has no translation stays as it is.
fn translated(language: Language, errors: &[FieldError]) -> Vec<FieldError> {
    errors
        .iter()
        .map(|error| {
            let spanish = match error.code.as_ref() {
                "required" | "null" | "blank" => "Este dato es obligatorio.",
                "date" => "Escriba una fecha que exista, como 4 28 1986.",
                "must_be_true" => "Debe ser verdad para continuar.",
                _ => {
                    return FieldError {
                        message: error.message.clone(),
                        ..error.clone()
                    };
                }
            };
            match language {
                // The API's words name its own notation; a form has three inputs.
                Language::En if error.code == "date" => FieldError {
                    message: "Enter a real date, such as 4 28 1986.".into(),
                    ..error.clone()
                },
                Language::En => error.clone(),
                Language::Es => FieldError {
                    message: spanish.into(),
                    ..error.clone()
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_in_the_summary() {
        let error = |field: &'static str, code: &'static str| FieldError {
            field: field.into(),
            code: code.into(),
            message: "Wrong.".into(),
        };
        let errors = [error("date_of_birth", "date"), error("not_shown", "choice")];
        let form = basics(Language::En, "", &Map::new(), &errors);
        let targets: Vec<&str> = form.errors.iter().map(|(target, _)| target.as_str()).collect();
        assert_eq!(targets, ["date_of_birth-month", "main-content"]);
        assert!(form.errors[0].1.contains("real date"), "{}", form.errors[0].1);
    }
}
