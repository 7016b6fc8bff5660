//! From a packet's values to its files: every form filled, all of them joined once more, the summary of the record.

use app::page::pick;
use domain::{
    expungement::paperwork::{ATTACHMENT_ROWS, FieldValue, Packet, Paper},
    person::Language,
};
use pdf::{Align, Column, Document, Heading, Metadata, PdfError, Writer};

use super::archive::File;
use super::forms::Blanks;

/// The files of a packet in their order: the papers, all of them in one, `summary`.
///
/// # Errors
/// [`PdfError`], which names fields and sizes, never values.
pub fn files(
    packet: &Packet,
    blanks: &Blanks,
    summary: Option<Vec<u8>>,
    language: Language,
) -> Result<Vec<File>, PdfError> {
    let mut files = Vec::with_capacity(packet.papers.len() + 2);
    let mut all = Vec::new();
    for paper in &packet.papers {
        let documents = sheets(paper, blanks, language)?;
        let bytes = match documents.as_slice() {
            [form] => form.save_fast(),
            several => Document::merge(several)?.save(),
        };
        files.push(File {
            name: paper.file_name.clone(),
            bytes,
        });
        all.extend(documents);
    }
    if let Some(compiled) = packet.compiled {
        files.push(File {
            name: compiled.to_owned(),
            bytes: Document::merge_numbered(&all)?.save(),
        });
    }
    if let Some((name, bytes)) = packet.summary.clone().zip(summary) {
        files.push(File { name, bytes });
    }
    Ok(files)
}

/// The form, with our warning before it and its attachment after it.
fn sheets(paper: &Paper, blanks: &Blanks, language: Language) -> Result<Vec<Document>, PdfError> {
    let mut sheets = Vec::with_capacity(1);
    if let Some(text) = paper.warning {
        sheets.push(warning(text.in_language(language), language)?);
    }
    sheets.push(blanks.fill(paper, language)?);
    if !paper.attachment.is_empty() {
        sheets.push(attachment(paper)?);
    }
    Ok(sheets)
}

/// A page for the filer, before a form that must be looked at.
fn warning(text: &str, language: Language) -> Result<Document, PdfError> {
    let t = |english, spanish| pick(language, english, spanish);
    let title = t(
        "Before you file the next form",
        "Antes de presentar el formulario siguiente",
    );
    let mut page = Writer::new(Metadata {
        title,
        language: language.as_str(),
    });
    page.heading(Heading::Title, title);
    page.paragraph(text);
    page.bullets(&[
        t(
            "Compare the charges on the form with the summary of your record: only those listed as eligible now may be asked for.",
            "Compare los cargos del formulario con el resumen de su historial: solo se pueden pedir los que figuran como elegibles ahora.",
        ),
        t(
            "Where you are not sure, ask a lawyer or a legal aid office before you file.",
            "Si no está seguro, pregunte a un abogado o a una oficina de ayuda legal antes de presentarlo.",
        ),
        t("Take this page out before you file.", "Retire esta página antes de presentarlo."),
    ]);
    page.finish()
}

/// The charges that the form has no lines for. It is filed with the form, so it is in the court's language.
fn attachment(paper: &Paper) -> Result<Document, PdfError> {
    let title = "Attachment: more charges to be set aside";
    let mut page = Writer::new(Metadata {
        title,
        language: "en",
    });
    let value = |name: &str| {
        let found = paper.fields.iter().find(|(field, _)| *field == name);
        match found {
            Some((_, FieldValue::Text(text))) => text.as_str(),
            _ => "",
        }
    };
    let column = |title, width| Column {
        title,
        width,
        align: Align::Left,
    };
    for (index, rows) in paper.attachment.chunks(ATTACHMENT_ROWS).enumerate() {
        if index > 0 {
            page.page_break();
        }
        page.heading(Heading::Title, title);
        page.paragraph(&format!(
            "State of Oregon v. {}, {} County, case {}",
            value("defendant_name"),
            value("county"),
            value("case_number")
        ));
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|(count, name)| vec![count.clone(), name.clone()])
            .collect();
        page.table(&[column("Count", 1.0), column("Charge", 6.0)], &rows);
    }
    page.footer("Page {n} of {m} of the attachment");
    page.finish()
}
