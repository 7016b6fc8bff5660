//! The form of an organisation, new or known.

use app::{Fields, Form, FormField, Operator};
use domain::{
    person::{Email, Flag, Line, Name, Phone, Slug, Text, WebUrl},
    voting::codes::SubscriberPlan,
};
use ports::{FieldError, Result};
use serde_json::{Value, json};

use super::Facts;
use crate::{
    accounts::{field, translated},
    lead::{ein, plan_name},
};

/// Short names of one organisation.
const MOST_SLUGS: usize = 20;

pub(super) fn form(
    operator: &Operator,
    is_new: bool,
    typed: &dyn Fn(&str) -> String,
    errors: &[FieldError],
) -> Form {
    let language = operator.language;
    let optional = |field: FormField| FormField {
        required: false,
        ..field
    };
    let hinted = |field: FormField, hint: &str| FormField {
        hint: hint.to_owned(),
        ..field
    };
    let t = |english, spanish| operator.t(english, spanish);
    let mut fields = vec![
        field("organization", t("Name", "Nombre"), "text", "off"),
        hinted(
            field("slugs", t("Short names", "Nombres cortos"), "text", "off"),
            t(
                "In links; several with blanks between them, the first in those that we make. A link with a name that you remove leads to the first organization.",
                "En los enlaces; varios separados por espacios, el primero en los que hacemos. Un enlace con un nombre que quite lleva a la primera organización.",
            ),
        ),
        optional(field("website", t("Website", "Sitio web"), "url", "off")),
        hinted(
            FormField {
                options: SubscriberPlan::ALL
                    .iter()
                    .map(|plan| (plan.as_str().to_owned(), plan_name(language, *plan).to_owned()))
                    .collect(),
                ..field("plan", "Plan", "select", "off")
            },
            t(
                "On the free plan there are no voters to see, no reports and no text messages",
                "En el plan gratuito no se ven votantes, ni hay informes ni mensajes de texto",
            ),
        ),
        optional(hinted(
            field(
                "is_first_party",
                t("The house's own", "De la casa"),
                "checkbox",
                "off",
            ),
            t(
                "Its mails are written in the house's name",
                "Sus correos se escriben en nombre de la casa",
            ),
        )),
    ];
    if !is_new {
        fields.push(hinted(
            FormField {
                options: vec![
                    ("active".to_owned(), t("Active", "Activa").to_owned()),
                    ("disabled".to_owned(), t("Disabled", "Desactivada").to_owned()),
                ],
                ..field("status", t("State", "Estado"), "select", "off")
            },
            t(
                "Disabled: its staff pages and API keys stop working, and its links lead to the first organization",
                "Desactivada: sus páginas y claves de API dejan de funcionar, y sus enlaces llevan a la primera organización",
            ),
        ));
        fields.extend([
            optional(field(
                "first_name",
                t("Contact: first name", "Contacto: nombre"),
                "text",
                "off",
            )),
            optional(field(
                "last_name",
                t("Contact: last name", "Contacto: apellido"),
                "text",
                "off",
            )),
            optional(field(
                "email",
                t("Contact: e-mail", "Contacto: correo electrónico"),
                "email",
                "off",
            )),
            optional(field(
                "phone",
                t("Contact: phone", "Contacto: teléfono"),
                "tel",
                "off",
            )),
            optional(field("ein", "EIN", "text", "off")),
            optional(field(
                "internal_notes",
                t("Notes of operators", "Notas de los operadores"),
                "textarea",
                "off",
            )),
        ]);
    }
    let errors = translated(language, errors);
    let mut form = Form::default();
    for field in fields {
        form.push(field, typed, &errors);
    }
    form.push_others(&errors);
    form
}

/// Reads and checks what was sent; of a new organisation only what its form has.
pub(super) fn read(operator: &Operator, sent: &Fields, is_new: bool) -> Result<Facts> {
    let mut fields = Fields::new(sent.values().clone());
    let mut facts = Facts::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value);
        }
    };
    put(
        "organization",
        fields.take::<Line>("organization").map(|v| json!(v.as_str())),
    );
    let website = fields.take::<Option<WebUrl>>("website");
    put(
        "website",
        website.map(|v| json!(v.as_ref().map_or("", WebUrl::as_str))),
    );
    put(
        "plan",
        fields
            .take::<app::Choice<SubscriberPlan>>("plan")
            .map(|v| json!(v.0.as_str())),
    );
    let first_party = fields.take::<Option<Flag>>("is_first_party");
    put(
        "is_first_party",
        first_party.map(|v| json!(v.is_some_and(|flag| flag.0))),
    );
    let mut slugs: Vec<String> = Vec::new();
    let mut wrong = None;
    for word in sent
        .text("slugs")
        .split([' ', ',', '\t'])
        .filter(|word| !word.is_empty())
        .take(MOST_SLUGS + 1)
    {
        match Slug::parse(word) {
            Ok(slug) if slugs.iter().any(|known| known == slug.as_str()) => {}
            Ok(slug) => slugs.push(slug.as_str().to_owned()),
            Err(invalid) => wrong = Some(FieldError::new("slugs", invalid.code, invalid.message)),
        }
    }
    if slugs.is_empty() && wrong.is_none() {
        wrong = Some(FieldError::required("slugs"));
    }
    if slugs.len() > MOST_SLUGS || (is_new && slugs.len() > 1) {
        let message = match is_new {
            true => operator.t(
                "Give one; more can be added later.",
                "Dé uno; después se pueden añadir más.",
            ),
            false => operator.t("Give at most twenty.", "Dé veinte como máximo."),
        };
        wrong = Some(FieldError::new("slugs", "too_many", message));
    }
    put("slugs", Some(json!(slugs.join(" "))));
    if !is_new {
        let optional = |v: Option<String>| json!(v.unwrap_or_default());
        let name = |v: Option<Name>| optional(v.map(|v| v.as_str().to_owned()));
        put("first_name", fields.take::<Option<Name>>("first_name").map(name));
        put("last_name", fields.take::<Option<Name>>("last_name").map(name));
        let email = fields.take::<Option<Email>>("email");
        put("email", email.map(|v| optional(v.map(|v| v.as_str().to_owned()))));
        let phone = fields.take::<Option<Phone>>("phone");
        put("phone", phone.map(|v| optional(v.map(|v| v.as_str().to_owned()))));
        let notes = fields.take::<Option<Text>>("internal_notes");
        put(
            "internal_notes",
            notes.map(|v| optional(v.map(|v| v.as_str().to_owned()))),
        );
        match (sent.text("ein").trim(), ein(sent.text("ein"))) {
            ("", _) => put("ein", Some(json!(""))),
            (_, Some(number)) => put("ein", Some(json!(number))),
            (_, None) => {
                let message = operator.t(
                    "Enter nine digits, such as 12-3456789.",
                    "Escriba nueve dígitos, como 12-3456789.",
                );
                fields.problems.0.push(FieldError::new("ein", "ein", message));
            }
        }
        match sent.text("status") {
            status @ ("active" | "disabled") => put("status", Some(json!(status))),
            _ => fields.problems.0.push(FieldError::new(
                "status",
                "invalid_choice",
                operator.t("Choose one of the two.", "Elija una de las dos."),
            )),
        }
    }
    fields.problems.0.extend(wrong);
    fields.problems.check()?;
    Ok(facts)
}
