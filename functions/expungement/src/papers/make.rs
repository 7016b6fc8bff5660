//! The paperwork of found cases: what API and pages hand out.

use app::Context;
use domain::{
    expungement::{
        Case, Options, Record,
        paperwork::{Packet, UserInformation, WaiverInformation, expungement_packet, fee_waivers},
        report::{About, Report},
    },
    person::Language,
};
use ports::{Error, Kind, Result};

use super::{
    archive::{self, File},
    forms::Blanks,
    packet, report,
};
use crate::analysis::{self, SearchIn};

/// The summary of a record as a PDF, named after the first alias: `FIRST_LAST_record_summary.pdf`.
///
/// # Errors
/// As [`analysis::edited`] and [`analysis::judge`].
pub fn summary(found: &[Case], search: &SearchIn, options: Options) -> Result<File> {
    let cases = analysis::edited(found, &search.edits, options)?;
    let record = analysis::judge(&cases, options)?;
    Ok(File {
        name: domain::expungement::paperwork::summary_name(searched_name(search)),
        bytes: summary_of(&record, search)?,
    })
}

/// What an expungement packet holds, and the summary that goes with it.
///
/// # Errors
/// As [`summary`].
pub fn motions(
    found: &[Case],
    search: &SearchIn,
    user: &UserInformation,
    options: Options,
) -> Result<(Packet, Vec<u8>)> {
    let cases = analysis::edited(found, &search.edits, options)?;
    let record = analysis::judge(&cases, options)?;
    let packet = expungement_packet(&record, user, searched_name(search))
        .map_err(|refusal| Error::field("edits", "not_applicable", refusal.to_string()))?;
    let summary = summary_of(&record, search)?;
    Ok((packet, summary))
}

/// What a waiver packet holds.
///
/// # Errors
/// As [`summary`].
pub fn waivers(
    found: &[Case],
    search: &SearchIn,
    user: &UserInformation,
    waiver: &WaiverInformation,
    options: Options,
) -> Result<Packet> {
    let cases = analysis::edited(found, &search.edits, options)?;
    let record = analysis::judge(&cases, options)?;
    Ok(fee_waivers(&record, user, waiver))
}

/// Papers of one packet. A statewide motion has 600 KB, so this is what a function's memory holds.
pub const MAX_PAPERS: usize = 300;

/// The ZIP of a packet, with the forms that are installed.
///
/// # Errors
/// `TooLarge` above [`MAX_PAPERS`]; what database and files answer; `Internal` where a form cannot be filled.
pub async fn zip(
    cx: &Context,
    packet: &Packet,
    summary: Option<Vec<u8>>,
    language: Language,
) -> Result<Vec<u8>> {
    check_size(packet)?;
    let forms: Vec<_> = packet.papers.iter().map(|paper| paper.form).collect();
    let blanks = Blanks::installed(cx, &forms).await?;
    let files = packet::files(packet, &blanks, summary, language).map_err(Error::internal)?;
    archive::zip(files)
}

/// Whether a packet can be made at all.
///
/// # Errors
/// `TooLarge` above [`MAX_PAPERS`].
pub fn check_size(packet: &Packet) -> Result<()> {
    if packet.papers.len() <= MAX_PAPERS {
        return Ok(());
    }
    let text =
        format!("A packet has at most {MAX_PAPERS} papers. Remove cases, or search for fewer names at once.");
    Err(Error::new(Kind::TooLarge, "too_many_papers", text))
}

fn summary_of(record: &Record, search: &SearchIn) -> Result<Vec<u8>> {
    report::draw(&Report::of(record, About::Aliases(&search.aliases))).map_err(|error| {
        Error::new(
            Kind::TooLarge,
            "too_large",
            "The record is too large for one document.",
        )
        .with_source(error)
    })
}

/// First and last name of the first alias.
fn searched_name(search: &SearchIn) -> (&str, &str) {
    let first = search.aliases.first();
    first.map_or(("", ""), |alias| {
        (alias.first_name.trim(), alias.last_name.trim())
    })
}
