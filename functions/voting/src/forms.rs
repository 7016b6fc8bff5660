//! The paper: which form a voter gets, and how it is filled.
//!
//! Forms are packs (see `functions/voting/packs`) that an operator imports; the newest for the voter's state wins, then the
//! newest for the whole country, then the application that this service draws itself.

use std::sync::{Arc, LazyLock};

use domain::{
    person::{Language, StateCode},
    voting::{
        registration::{
            Registration,
            form_values::{FormValue, Statements, form_values},
        },
        state_information::StateInformation,
    },
};
use pdf::{
    Document, FieldOptions, Font, Heading, Limits, Metadata, PdfError, Rect, Writer,
    pack::{Answer, Answers, Pack},
};
use ports::{Error, Result};
use store::Tx;

use app::{Context, page::pick};

/// The form for a state and a purpose.
async fn pack(cx: &Context, tx: &mut Tx, purpose: &str, state: StateCode) -> Result<Arc<Pack>> {
    match packs::newest(tx, cx.files(), "voting", purpose, state.as_str()).await? {
        Some(pack) => Ok(pack),
        None => default_pack(),
    }
}

/// Fills a voter's registration form and puts our cover page before it.
///
/// `statements` carries the identity number: it is read here and ends with the returned bytes.
pub async fn registration_pdf(
    cx: &Context,
    tx: &mut Tx,
    voter: &Registration,
    statements: Statements<'_>,
    state: &StateInformation,
    language: Language,
) -> Result<Vec<u8>> {
    let pack = pack(cx, tx, "registration", state.state).await?;
    let answers: Answers = form_values(voter, statements, state, language)
        .into_iter()
        .map(|(key, value)| {
            let answer = match value {
                FormValue::Text(text) => Answer::Text(text),
                FormValue::Tick => Answer::Flag(true),
            };
            (key, answer)
        })
        .collect();
    let form = pack.fill_document(&answers, None).map_err(failed)?;
    let cover = cover(state, language).map_err(failed)?;
    let document = Document::merge(&[cover, form]).map_err(failed)?;
    Ok(document.save())
}

/// A PDF error names fields and sizes, never values.
fn failed(error: PdfError) -> Error {
    Error::internal(error)
}

/// What to do with the form, and where to send it.
fn cover(state: &StateInformation, language: Language) -> Result<Document, PdfError> {
    let t = |english, spanish| pick(language, english, spanish);
    let mut page = Writer::new(Metadata {
        title: t(
            "Your voter registration form",
            "Su formulario de inscripción de votante",
        ),
        language: language.as_str(),
    });
    page.heading(
        Heading::Title,
        t(
            "Your voter registration form",
            "Su formulario de inscripción de votante",
        ),
    );
    page.paragraph(&state.registration_deadline_sentence(language));
    page.heading(Heading::Section, t("What to do now", "Qué hacer ahora"));
    page.bullets(&[
        t("Print all pages.", "Imprima todas las páginas."),
        t(
            "Check every answer on the form, and add what is missing with a pen.",
            "Revise cada respuesta del formulario y complete con pluma lo que falte.",
        ),
        t("Sign and date the form.", "Firme y feche el formulario."),
        t(
            "Put the form into an envelope with a stamp. Keep this page.",
            "Ponga el formulario en un sobre con estampilla. Guarde esta página.",
        ),
    ]);
    page.heading(Heading::Section, t("Mail it to", "Envíelo a"));
    let lines = state.mail_to_lines();
    if lines.is_empty() {
        page.paragraph(t(
            "your local election office. Its address is on your state's election website.",
            "su oficina electoral local. La dirección está en el sitio electoral de su estado.",
        ));
        if let Some(site) = state.text("sos_election_website") {
            page.paragraph(site);
        }
    }
    for line in lines {
        page.paragraph_in(Font::HelveticaBold, 14.0, line);
    }
    if let Some(warnings) = state.text("warnings_registration") {
        page.heading(Heading::Section, t("Please note", "Tenga en cuenta"));
        page.paragraph(warnings);
    }
    page.finish()
}

/// The boxes of our own application: label, field name, and where it stands. Points from the bottom left of a letter page.
const BOXES: &[(&str, &str, f32, f32, f32)] = &[
    ("Last name", "last_name", 54.0, 600.0, 180.0),
    ("First name", "first_name", 244.0, 600.0, 150.0),
    ("Middle name", "middle_name", 404.0, 600.0, 90.0),
    ("Suffix", "suffix", 504.0, 600.0, 54.0),
    ("Home address", "address1", 54.0, 556.0, 340.0),
    ("Apartment or lot", "address2", 404.0, 556.0, 154.0),
    ("City or town", "city", 54.0, 512.0, 250.0),
    ("State", "state", 314.0, 512.0, 80.0),
    ("ZIP code", "zipcode", 404.0, 512.0, 154.0),
    ("Mailing address, if different", "mailing", 54.0, 468.0, 504.0),
    ("Date of birth", "date_of_birth", 54.0, 424.0, 120.0),
    ("Telephone (optional)", "phone", 184.0, 424.0, 150.0),
    ("E-mail (optional)", "email", 344.0, 424.0, 214.0),
    ("ID number", "state_id_number", 54.0, 380.0, 250.0),
    ("Choice of party", "party", 314.0, 380.0, 120.0),
    ("Race or ethnic group", "race_ethnicity", 444.0, 380.0, 114.0),
    ("Name before, if it changed", "previous_name", 54.0, 336.0, 504.0),
    (
        "Address where you were registered before",
        "previous_address",
        54.0,
        292.0,
        504.0,
    ),
];

const DEFAULT_MAPPING: &str = r#"
[pack]
service = "voting"
purpose = "registration"
jurisdiction = "US"
title = "Commonweal mail-in voter registration application"
edition = "1"
language = "en"
file = "commonweal-application.pdf"
pages = 1

[fields]
last_name = "last_name"
first_name = "first_name"
middle_name = "middle_name"
suffix = "suffix"
address1 = "address1"
address2 = "address2"
city = "city"
state = "state"
zipcode = "zipcode"
mailing = "mailing_full_address"
date_of_birth = { key = "date_of_birth", date = "MM/DD/YYYY" }
phone = "phone"
email = "email"
state_id_number = "state_id_number"
party = "party"
race_ethnicity = { key = "race_ethnicity", only_states = ["AL", "FL", "GA", "NC", "PA", "SC"] }
previous_name = "{previous_first_name} {previous_middle_name} {previous_last_name}"
previous_address = "{previous_address1} {previous_address2}, {previous_city}, {previous_state} {previous_zipcode}"
us_citizen = { check = "us_citizen" }
is_18_or_over = { check = "is_18_or_over" }
"#;

static DEFAULT: LazyLock<Result<Arc<Pack>, String>> = LazyLock::new(|| {
    let pdf = application().map_err(|error| error.to_string())?;
    let pack = Pack::parse(DEFAULT_MAPPING, &pdf).map_err(|problems| {
        problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    })?;
    Ok(Arc::new(pack))
});

/// The form that a fresh installation has: drawn by us, for where no official form was imported.
pub fn default_pack() -> Result<Arc<Pack>> {
    DEFAULT.clone().map_err(Error::internal)
}

/// Draws the application, with fields to fill.
fn application() -> Result<Vec<u8>, PdfError> {
    let mut page = Writer::new(Metadata {
        title: "Mail-in voter registration application",
        language: "en",
    });
    page.heading(Heading::Title, "Mail-in voter registration application");
    page.paragraph(
        "Use this application to register to vote, or to tell your election office that your name or address has \
         changed. Ask your office first where your state has a form of its own.",
    );
    for (name, tooltip, y) in [
        (
            "us_citizen",
            "I am a citizen of the United States of America.",
            658.0,
        ),
        (
            "is_18_or_over",
            "I will be 18 years old on or before election day.",
            640.0,
        ),
    ] {
        page.checkbox(
            name,
            Rect {
                x: 54.0,
                y,
                width: 12.0,
                height: 12.0,
            },
            tooltip,
        );
        page.text_at(72.0, y + 2.0, Font::Helvetica, 10.0, tooltip);
    }
    for &(label, name, x, y, width) in BOXES {
        page.text_at(x, y + 22.0, Font::Helvetica, 8.0, label);
        page.rect(
            Rect {
                x,
                y,
                width,
                height: 19.0,
            },
            0.6,
        );
        let place = Rect {
            x: x + 2.0,
            y: y + 2.0,
            width: width - 4.0,
            height: 15.0,
        };
        page.text_field(
            name,
            place,
            FieldOptions {
                tooltip: label,
                size: 10.0,
                ..FieldOptions::default()
            },
        );
    }
    let oath = [
        "I swear or affirm that I am a United States citizen, that I meet the requirements of my state,",
        "and that what I have written here is true as far as I know. I understand that a false statement",
        "may be punished by a fine or imprisonment, and, if I am not a citizen, by removal from the country.",
    ];
    for (line, y) in oath.iter().zip([256.0, 243.0, 230.0]) {
        page.text_at(54.0, y, Font::Helvetica, 10.0, line);
    }
    page.line(54.0, 180.0, 380.0, 180.0, 0.8);
    page.text_at(54.0, 168.0, Font::Helvetica, 8.0, "Signature of the applicant");
    page.line(404.0, 180.0, 558.0, 180.0, 0.8);
    page.text_at(404.0, 168.0, Font::Helvetica, 8.0, "Date signed (MM/DD/YYYY)");
    Ok(page.finish()?.save())
}

/// Opens a filled form again: for tests and checks.
#[doc(hidden)]
pub fn open(bytes: &[u8]) -> Result<Document, PdfError> {
    Document::open(bytes, &Limits::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_application_is_a_pack_without_problems() {
        let pack = default_pack().unwrap();
        assert_eq!(pack.warnings(), []);
        let answers = Answers::from([("last_name".to_owned(), Answer::from("Ejemplo"))]);
        let filled = open(&pack.fill(&answers, None).unwrap()).unwrap();
        assert_eq!(filled.page_count(), 1);
    }
}
