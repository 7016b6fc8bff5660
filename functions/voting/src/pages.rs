//! The pages for voters. They need no JavaScript, speak English and Spanish, and go through the same code as the API.

pub mod docs;
pub mod home;
pub mod register;
pub mod reminder;
pub mod verify;

use app::{
    Idempotency,
    page::{Form, FormField, pick},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::person::{Language, StateCode};
use ports::FieldError;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::IdempotencyKey;

use crate::subscriber::Texting;

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

/// The query without the language, so that switching keeps the rest.
fn kept(query: Option<String>) -> String {
    let query = query.unwrap_or_default();
    query
        .split('&')
        .filter(|part| !part.is_empty() && !part.starts_with("lang="))
        .collect::<Vec<_>>()
        .join("&")
}

/// A form that is sent twice by a double click makes one registration. One that was changed before it was sent again is another.
fn once(path: &str, sent: &mut Map<String, Value>) -> Idempotency {
    let Some(Value::String(once)) = sent.remove("once") else {
        return Idempotency::default();
    };
    let body_hash = Sha256::digest(Value::Object(sent.clone()).to_string()).to_vec();
    let shown: String = once.chars().take(64).collect();
    let hash = BASE64_URL_SAFE_NO_PAD.encode(&body_hash);
    Idempotency(Some(IdempotencyKey {
        scope: format!("POST {path}#{shown}#{hash}"),
        body_hash,
    }))
}

/// The box that consents to text messages of the organisation.
const CONSENT: &str = "sms_opt_in_subscriber";

/// Where the organisation has no box, giving a phone number is the consent; the page says so beside it.
fn consent_by_phone(sent: &mut Map<String, Value>, texting: &Texting) {
    if texting.sms.enabled && !texting.sms.checkbox && sent.contains_key("phone") {
        sent.insert(CONSENT.to_owned(), true.into());
    }
}

/// Name, address, birth date and contact: the fields that all tools for voters begin with.
fn basics(
    language: Language,
    email_hint: &str,
    texting: &Texting,
    sent: &Map<String, Value>,
    errors: &[FieldError],
) -> Form {
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let typed = |name: &str| match sent.get(name) {
        Some(Value::String(text)) => text.clone(),
        None if name == CONSENT && sent.is_empty() && texting.sms.checkbox_default => "true".to_owned(),
        _ => String::new(),
    };
    let (boxed, unboxed) = match texting.sms.checkbox {
        true => (texting.disclaimer.clone(), String::new()),
        false => (String::new(), texting.disclaimer.clone()),
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
        FormField {
            hint: unboxed,
            ..field("phone", t("Phone", "Teléfono"), "tel", "tel-national", false)
        },
    ];
    let consent = FormField {
        hint: boxed,
        ..field(
            CONSENT,
            t(
                "Send me text messages about voting",
                "Envíenme mensajes de texto sobre las elecciones",
            ),
            "checkbox",
            "off",
            false,
        )
    };
    let errors = translated(language, errors);
    for field in fields {
        form.push(field, &typed, &errors);
    }
    if texting.sms.enabled && texting.sms.checkbox {
        form.push(consent, &typed, &errors);
    }
    form.push_others(&errors);
    form
}

/// The messages as a form speaks them: in its language, and of its inputs instead of the API's notation.
fn translated(language: Language, errors: &[FieldError]) -> Vec<FieldError> {
    errors
        .iter()
        .map(|error| match form_message(language, &error.code) {
            Some(message) => FieldError {
                message: message.into(),
                ..error.clone()
            },
            None => error.clone(),
        })
        .collect()
}

/// `None` where the API's own words do.
fn form_message(language: Language, code: &str) -> Option<&'static str> {
    let (english, spanish) = match code {
        "date" => (
            Some("Enter a real date, such as 4 28 1986."),
            "Escriba una fecha que exista, como 4 28 1986.",
        ),
        "required" | "null" | "blank" => (None, "Este dato es obligatorio."),
        "must_be_true" => (None, "Debe ser verdad para continuar."),
        "zip5" => (None, "Escriba un código postal de 5 dígitos."),
        "email" => (None, "Escriba un correo electrónico como nombre@example.org."),
        "phone" => (
            None,
            "Escriba un número de teléfono de los Estados Unidos, como 617-555-0123.",
        ),
        "invalid_choice" => (None, "Elija una de las opciones."),
        "too_long" => (None, "Use menos caracteres."),
        "unprintable" => (None, "Quite los caracteres que no se pueden imprimir."),
        // Nothing else can be typed into these forms; a crafted request is still told that it is wrong.
        _ => (None, "Este dato no es válido."),
    };
    match language {
        Language::En => english,
        Language::Es => Some(spanish),
    }
}

#[cfg(test)]
mod tests {
    use domain::voting::subscriber::SmsSettings;

    use super::*;

    fn texting(checkbox: bool, checkbox_default: bool) -> Texting {
        let sms = SmsSettings {
            enabled: true,
            checkbox,
            checkbox_default,
        };
        Texting {
            sms,
            disclaimer: "Rates may apply.".to_owned(),
        }
    }

    #[test]
    fn consent_to_text_messages_is_asked_as_the_organisation_set_it() {
        let field = |texting: &Texting, sent: &Map<String, Value>, name: &str| {
            let form = basics(Language::En, "", texting, sent, &[]);
            form.fields.into_iter().find(|field| field.name == name)
        };
        let (none, sent) = (
            Map::new(),
            body(&[("first_name".to_owned(), "Maya".into())].into_iter().collect()),
        );
        // A box that is ticked at first stays unticked once the voter unticked it.
        let boxed = texting(true, true);
        assert_eq!(field(&boxed, &none, CONSENT).unwrap().value, "true");
        assert_eq!(field(&boxed, &sent, CONSENT).unwrap().value, "");
        assert_eq!(field(&texting(true, false), &none, CONSENT).unwrap().value, "");
        assert_eq!(field(&boxed, &none, CONSENT).unwrap().hint, "Rates may apply.");
        // Without a box the words stand beside the phone number, and giving one is the consent.
        let unboxed = texting(false, false);
        assert!(field(&unboxed, &none, CONSENT).is_none());
        assert_eq!(field(&unboxed, &none, "phone").unwrap().hint, "Rates may apply.");
        let mut with_phone: Map<String, Value> = [("phone".to_owned(), "617-555-0143".into())]
            .into_iter()
            .collect();
        for (texting, given) in [(&unboxed, true), (&boxed, false)] {
            consent_by_phone(&mut with_phone, texting);
            assert_eq!(with_phone.remove(CONSENT).is_some(), given);
        }
        let mut without: Map<String, Value> = Map::new();
        consent_by_phone(&mut without, &unboxed);
        assert!(without.is_empty());
    }

    #[test]
    fn every_error_is_in_the_summary() {
        let error = |field: &'static str, code: &'static str| FieldError {
            field: field.into(),
            code: code.into(),
            message: "Wrong.".into(),
        };
        let errors = [error("date_of_birth", "date"), error("not_shown", "choice")];
        let form = basics(Language::En, "", &texting(false, false), &Map::new(), &errors);
        let targets: Vec<&str> = form.errors.iter().map(|(target, _)| target.as_str()).collect();
        assert_eq!(targets, ["date_of_birth-month", "main-content"]);
        assert!(form.errors[0].1.contains("real date"), "{}", form.errors[0].1);
    }
}
