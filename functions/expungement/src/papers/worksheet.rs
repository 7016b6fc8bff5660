//! What takes the place of a form that is not installed: its values under plain words, to be copied by hand.

use std::borrow::Cow;

use app::page::pick;
use domain::{
    expungement::{
        Phrase,
        paperwork::{FieldValue, Form, Paper},
    },
    person::Language,
};
use pdf::{Align, Column, Document, Heading, Metadata, PdfError, Writer};

use super::forms::key;

const fn phrase(en: &'static str, es: &'static str) -> Phrase {
    Phrase { en, es }
}

/// The paper as a worksheet.
///
/// # Errors
/// [`PdfError::TooMuch`] past the limits of a document.
pub(crate) fn draw(paper: &Paper, language: Language) -> Result<Document, PdfError> {
    let t = |english, spanish| pick(language, english, spanish);
    let form = title(paper.form).in_language(language);
    let heading = format!("{}: {form}", t("Worksheet", "Hoja de trabajo"));
    let mut page = Writer::new(Metadata {
        title: &heading,
        language: language.as_str(),
    });
    page.footer(t(
        "Worksheet — not a court form, do not file — page {n} of {m}",
        "Hoja de trabajo: no es un formulario del tribunal, no la presente; página {n} de {m}",
    ));
    page.heading(Heading::Title, &heading);
    page.paragraph(t(
        "This is not a court form and cannot be filed. It lists what belongs on the form: get the current form from the court \
         or agency, copy these values onto it, and complete and sign it by hand.",
        "Esto no es un formulario del tribunal y no se puede presentar. Indica lo que va en el formulario: pida el formulario \
         vigente al tribunal o a la agencia, copie estos datos, complételo y fírmelo a mano.",
    ));
    let column = |title, width| Column {
        title,
        width,
        align: Align::Left,
    };
    let rows: Vec<Vec<String>> = paper
        .fields
        .iter()
        .map(|(field, value)| {
            let value = match value {
                FieldValue::Text(text) => text.clone(),
                FieldValue::On => t("[x] checked", "[x] marcado").to_owned(),
            };
            vec![label(field, language).into_owned(), value]
        })
        .collect();
    page.table(
        &[
            column(t("On the form", "En el formulario"), 2.0),
            column(t("Write", "Escriba"), 3.0),
        ],
        &rows,
    );
    page.finish()
}

fn title(form: Form) -> Phrase {
    match form {
        Form::StatewideMotion => phrase(
            "motion to set aside an arrest, charge or conviction",
            "moción para anular un arresto, cargo o condena",
        ),
        Form::MultnomahConviction => phrase(
            "motion to set aside a conviction (Multnomah County)",
            "moción para anular una condena (condado de Multnomah)",
        ),
        Form::MultnomahArrest => phrase(
            "motion to set aside an arrest or dismissed charge (Multnomah County)",
            "moción para anular un arresto o cargo desestimado (condado de Multnomah)",
        ),
        Form::PoliceRequest => phrase(
            "State Police record check request",
            "solicitud de verificación de antecedentes a la Policía Estatal",
        ),
        Form::FeeWaiver => phrase(
            "motion to modify a financial obligation",
            "moción para modificar una obligación financiera",
        ),
    }
}

/// Plain words for a field. A number at the end of its name is kept; a field without words shows its own name.
fn label(field: &'static str, language: Language) -> Cow<'static, str> {
    let key = key(field);
    let whole = LABELS.iter().find(|(name, _)| *name == key);
    if let Some((_, phrase)) = whole {
        return phrase.in_language(language).into();
    }
    let name = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &key[name.len()..];
    let name = name.trim_end_matches('_');
    match LABELS.iter().find(|(known, _)| *known == name) {
        Some((_, phrase)) if !number.is_empty() => {
            format!("{} ({number})", phrase.in_language(language)).into()
        }
        _ => field.into(),
    }
}

#[rustfmt::skip]
const LABELS: &[(&str, Phrase)] = &[
    ("county", phrase("County", "Condado")),
    ("case_number", phrase("Case number", "Número de caso")),
    ("case_number_possibly_in_part", phrase("Case number", "Número de caso")),
    ("case_no", phrase("Case number", "Número de caso")),
    ("case_name", phrase("Defendant", "Acusado")),
    ("da_number", phrase("District attorney's number", "Número de la fiscalía")),
    ("defendant_name", phrase("Defendant", "Acusado")),
    ("defendant", phrase("Defendant", "Acusado")),
    ("dob", phrase("Date of birth", "Fecha de nacimiento")),
    ("date_of_birth", phrase("Date of birth", "Fecha de nacimiento")),
    ("sid_number", phrase("State identification number (SID)", "Número de identificación estatal (SID)")),
    ("arrest_date", phrase("Date of arrest or charge", "Fecha del arresto o cargo")),
    ("arrest_dates", phrase("Dates of arrest", "Fechas de arresto")),
    ("dismissed_arrest_dates", phrase("Dates of arrest, dismissed charges", "Fechas de arresto, cargos desestimados")),
    ("conviction_dates", phrase("Dates of conviction", "Fechas de condena")),
    ("conviction_charges", phrase("Convictions to set aside", "Condenas por anular")),
    ("dismissed_charges", phrase("Dismissed charges to set aside", "Cargos desestimados por anular")),
    ("in_part", phrase("The motion asks for a part of the case only", "La moción pide solo una parte del caso")),
    ("option_1", phrase("Option 1: a conviction is to be set aside", "Opción 1: anular una condena")),
    ("option_1_all_charges", phrase("Option 1: all charges of the case", "Opción 1: todos los cargos del caso")),
    ("option_1_some_charges", phrase("Option 1: only the charges listed", "Opción 1: solo los cargos indicados")),
    ("option_2", phrase("Option 2: dismissed charges are to be set aside", "Opción 2: anular cargos desestimados")),
    ("charge_name", phrase("Charge", "Cargo")),
    ("charge_count", phrase("Count", "Número del cargo")),
    ("additional_charges_attached", phrase("More charges are on an attached page", "Hay más cargos en una página adjunta")),
    ("waited_required_period", phrase("The waiting time is over", "El plazo de espera terminó")),
    ("legally_eligible", phrase("The charges are eligible by law", "Los cargos son elegibles por ley")),
    ("filed_fingerprints", phrase("Fingerprints were sent to the State Police", "Se enviaron huellas a la Policía Estatal")),
    ("will_serve_copy", phrase("The district attorney gets a copy", "La fiscalía recibe una copia")),
    ("not_currently_charged", phrase("No charge is pending", "No hay cargos pendientes")),
    ("paid_osp_fee", phrase("The State Police fee is paid", "La tarifa de la Policía Estatal está pagada")),
    ("complied_sentence", phrase("The sentence was complied with", "La sentencia se cumplió")),
    ("declaration_date", phrase("Date of the declaration", "Fecha de la declaración")),
    ("mailing_date", phrase("Date of mailing", "Fecha de envío")),
    ("certificate_date", phrase("Date of the certificate", "Fecha del certificado")),
    ("date", phrase("Date", "Fecha")),
    ("email", phrase("E-mail", "Correo electrónico")),
    ("printed_name", phrase("Printed name", "Nombre en letra de molde")),
    ("service_printed_name", phrase("Printed name, certificate of service", "Nombre en letra de molde, certificado de notificación")),
    ("defendant_name_printed", phrase("Printed name, certificate of mailing", "Nombre en letra de molde, certificado de envío")),
    ("full_name", phrase("Full name", "Nombre completo")),
    ("name", phrase("Full name", "Nombre completo")),
    ("address", phrase("Address", "Dirección")),
    ("mailing_address", phrase("Mailing address", "Dirección postal")),
    ("city", phrase("City", "Ciudad")),
    ("state", phrase("State", "Estado")),
    ("zip_code", phrase("ZIP code", "Código postal")),
    ("city_state_zip", phrase("City, state, ZIP code", "Ciudad, estado, código postal")),
    ("citystatezip", phrase("City, state, ZIP code", "Ciudad, estado, código postal")),
    ("phone", phrase("Telephone", "Teléfono")),
    ("phone_number", phrase("Telephone", "Teléfono")),
    ("prosecutor_address", phrase("District attorney's address", "Dirección de la fiscalía")),
    ("daaddress", phrase("District attorney's address, line", "Dirección de la fiscalía, línea")),
    ("court", phrase("Court", "Tribunal")),
    ("explain", phrase("Why you could not pay, line", "Por qué no pudo pagar, línea")),
    ("ask", phrase("What paying would mean for you, line", "Qué significaría pagar para usted, línea")),
    ("benefit", phrase("Receives public benefits", "Recibe beneficios públicos")),
    ("snap", phrase("SNAP (food stamps)", "SNAP (cupones de alimentos)")),
    ("ssi", phrase("SSI", "SSI")),
    ("tanf", phrase("TANF", "TANF")),
    ("ohp", phrase("Oregon Health Plan", "Plan de salud de Oregón (OHP)")),
    ("custody", phrase("In custody", "Bajo custodia")),
];

#[cfg(test)]
mod tests {
    use domain::expungement::paperwork::FEE_WAIVER_FIELDS;

    use super::*;

    #[test]
    fn every_field_has_words_in_both_languages() {
        let statewide = [
            "county",
            "case_number",
            "defendant_name",
            "dob",
            "sid_number",
            "arrest_date",
            "option_1",
            "charge_name_5",
            "charge_count_1",
            "additional_charges_attached",
            "option_2",
            "waited_required_period",
            "legally_eligible",
            "filed_fingerprints",
            "will_serve_copy",
            "not_currently_charged",
            "paid_osp_fee",
            "complied_sentence",
            "declaration_date",
            "city_state_zip",
            "mailing_date",
            "prosecutor_address",
            "certificate_date",
            "defendant_name_printed",
        ];
        let others = [
            "Case Number Possibly In Part",
            "Full Name---",
            "Dismissed Charges",
            "In Part",
            "Court 10",
        ];
        for field in statewide.into_iter().chain(FEE_WAIVER_FIELDS).chain(others) {
            for language in [Language::En, Language::Es] {
                let label = label(field, language);
                let known = LABELS
                    .iter()
                    .any(|(_, phrase)| label.starts_with(phrase.in_language(language)));
                assert!(known, "{field} has no words");
            }
        }
        assert_eq!(label("charge_name_3", Language::Es), "Cargo (3)");
        assert_eq!(
            label("something new", Language::En),
            "something new",
            "a field without words shows its own name"
        );
    }
}
