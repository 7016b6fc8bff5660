//! The summary of a record as a PDF: `domain::expungement::report` on letter pages.

use domain::{
    expungement::report::{BALANCE_COLUMNS, COLUMNS, Report, Row},
    person::Language,
};
use pdf::{Align, Column, Font, Heading, Metadata, PdfError, Writer};

/// Sets the report.
///
/// # Errors
/// [`PdfError::TooMuch`] past the limits of a document: a thousand pages.
pub fn draw(report: &Report) -> Result<Vec<u8>, PdfError> {
    let language = report.language;
    let mut page = Writer::new(Metadata {
        title: report.title,
        language: language.as_str(),
    });
    page.footer(app::page::pick(language, "Page {n} of {m}", "Página {n} de {m}"));
    page.heading(Heading::Title, report.title);
    for line in &report.about {
        page.paragraph_in(Font::HelveticaBold, 11.0, line);
    }
    if !report.notes.is_empty() {
        page.heading(Heading::Section, report.notes_heading);
        let notes: Vec<&str> = report.notes.iter().map(String::as_str).collect();
        page.bullets(&notes);
    }
    page.space(4.0);
    for line in &report.totals {
        page.paragraph(line);
    }
    for section in &report.sections {
        page.heading(Heading::Section, section.heading);
        page.paragraph(section.text);
        for block in &section.blocks {
            if let Some(heading) = &block.heading {
                page.heading(Heading::Minor, heading);
            }
            charges(&mut page, &block.rows, language);
        }
    }
    let balances = &report.balances;
    page.heading(Heading::Section, balances.heading);
    page.paragraph(balances.text);
    if !balances.rows.is_empty() {
        let rows = balances.rows.iter();
        let rows: Vec<Vec<String>> = rows
            .map(|(county, case, owed)| vec![(*county).to_owned(), (*case).to_owned(), owed.clone()])
            .collect();
        let [county, case, owed] = BALANCE_COLUMNS
            .each_ref()
            .map(|column| column.in_language(language));
        let columns = [
            (county, 3.0, Align::Left),
            (case, 3.0, Align::Left),
            (owed, 2.0, Align::Right),
        ];
        page.table(&columns.map(column), &rows);
        page.paragraph_in(Font::HelveticaBold, 10.5, &balances.total);
    }
    for closing in &report.closing {
        page.heading(Heading::Section, closing.heading);
        page.paragraph(closing.text);
        let points: Vec<&str> = closing
            .points
            .iter()
            .map(|point| point.in_language(language))
            .collect();
        page.bullets(&points);
    }
    Ok(page.finish()?.save())
}

const fn column((title, width, align): (&str, f32, Align)) -> Column<'_> {
    Column { title, width, align }
}

fn charges(page: &mut Writer, rows: &[Row], language: Language) {
    let widths = [2.2, 2.0, 5.0, 2.2, 2.0];
    let mut columns = Vec::with_capacity(COLUMNS.len());
    for (title, width) in COLUMNS.iter().zip(widths) {
        columns.push(column((title.in_language(language), width, Align::Left)));
    }
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let cells = [
                row.case_number,
                row.county,
                row.charge,
                row.outcome,
                row.charged.as_str(),
            ];
            cells.map(str::to_owned).to_vec()
        })
        .collect();
    page.table(&columns, &rows);
}
