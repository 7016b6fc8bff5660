//! The papers to file: which motions a record gives, what stands in each field of the court's forms, in which order they come.
//!
//! Pure values: filling and joining the PDFs is done elsewhere, from [`Paper`]s. Forms: the statewide motion (ORS 137.225 and
//! 137.223, 2026), Multnomah's two motions, the State Police request, the motion on fines and fees.

mod district_attorneys;
mod fee_waiver;
mod motion;
mod multnomah;
mod police_request;
mod statewide;

use serde::{Deserialize, Serialize};

pub use district_attorneys::{Address, address_of, counties};
pub use fee_waiver::{FEE_WAIVER_FIELDS, WaiverInformation, fee_waivers};
pub use motion::{Motion, motions};

use super::policy::Policy;
use super::record::{Record, Refusal};
use super::when::display_day;
use crate::person::Language;

/// What the filer tells about themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserInformation {
    pub full_name: String,
    /// As the filer writes it.
    pub date_of_birth: String,
    pub mailing_address: String,
    pub city: String,
    pub state: String,
    pub zip_code: String,
    pub phone_number: String,
    /// The waiver packet does without.
    #[serde(default)]
    pub email_address: String,
}

impl UserInformation {
    fn city_state_zip(&self) -> String {
        format!("{}, {} {}", self.city, self.state, self.zip_code)
    }
}

/// A form of the court or police, by its blank PDF.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// The same sheet serves convictions and arrests.
    StatewideMotion,
    MultnomahConviction,
    MultnomahArrest,
    PoliceRequest,
    FeeWaiver,
}

impl Form {
    /// How many pages the blank has.
    #[must_use]
    pub const fn pages(self) -> usize {
        match self {
            Self::PoliceRequest => 1,
            _ => 2,
        }
    }
}

/// One filled form.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    pub file_name: String,
    pub form: Form,
    /// By field name, in the order of the form's reading; fields that stay empty are left out.
    pub fields: Vec<(&'static str, FieldValue)>,
    /// A page of our own before the form: not to be filed.
    pub warning: Option<&'static super::Phrase>,
    /// Pages after the form: charge number and name of what did not fit into it.
    pub attachment: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    Text(String),
    /// A check box that is on.
    On,
}

/// Rows of the attachment on one page: they fit below its heading.
pub const ATTACHMENT_ROWS: usize = 30;

impl Paper {
    #[must_use]
    pub fn pages(&self) -> usize {
        usize::from(self.warning.is_some())
            + self.form.pages()
            + self.attachment.len().div_ceil(ATTACHMENT_ROWS)
    }
}

/// Collects the values of a form.
#[derive(Default)]
struct Fields(Vec<(&'static str, FieldValue)>);

impl Fields {
    fn text(&mut self, name: &'static str, value: impl Into<String>) -> &mut Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((name, FieldValue::Text(value)));
        }
        self
    }

    fn check(&mut self, name: &'static str, on: bool) -> &mut Self {
        if on {
            self.0.push((name, FieldValue::On));
        }
        self
    }
}

/// What goes into one ZIP.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    pub zip_name: &'static str,
    pub papers: Vec<Paper>,
    /// The file that joins all papers, where there is more than the police request.
    pub compiled: Option<&'static str>,
    /// The file of the record's summary.
    pub summary: Option<String>,
}

impl Packet {
    /// Pages of the compiled file.
    #[must_use]
    pub fn compiled_pages(&self) -> usize {
        self.papers.iter().map(Paper::pages).sum()
    }
}

/// The motions of a record, the police request, and the name of the summary; `first` and `last` are the searched name.
///
/// # Errors
/// Only as the peer: [`Refusal::UndecidedInMultnomah`].
pub fn expungement_packet(
    record: &Record,
    user: &UserInformation,
    (first, last): (&str, &str),
) -> Result<Packet, Refusal> {
    let motions = motions(record);
    let mut papers = Vec::with_capacity(motions.len() + 1);
    for motion in &motions {
        papers.push(if motion.is_multnomah() {
            multnomah::fill(motion, user, record.options.policy)?
        } else {
            statewide::fill(motion, user, record)
        });
    }
    papers.push(police_request::fill(record, user));
    Ok(Packet {
        zip_name: "expungement_packet.zip",
        compiled: (!motions.is_empty()).then_some("COMPILED.pdf"),
        papers,
        summary: Some(summary_name((first, last))),
    })
}

/// The file of a record's summary, by the searched name.
#[must_use]
pub fn summary_name((first, last): (&str, &str)) -> String {
    let (first, last) = (first.to_uppercase(), last.to_uppercase());
    file_name(&format!("{first}_{last}_record_summary.pdf"))
}

/// A day as the forms want it.
fn day(day: jiff::civil::Date) -> String {
    display_day(day, Language::En).to_string()
}

/// Bytes of a file name: file systems take 255, and a number may be added.
const MAX_FILE_NAME: usize = 200;

/// A name that every file system and ZIP reader takes: no separators, no control characters and none that turn the writing
/// direction (U+202E hides an extension), no leading dot, at most [`MAX_FILE_NAME`] bytes and still a `.pdf`.
fn file_name(name: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control()
            || "/\\:*?\"<>|".contains(c)
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let name = name.trim_start_matches('.');
    let mut safe: String = name.chars().map(|c| if is_unsafe(c) { '_' } else { c }).collect();
    if safe.len() > MAX_FILE_NAME {
        safe.truncate(safe.floor_char_boundary(MAX_FILE_NAME - ".pdf".len()));
        safe.push_str(".pdf");
    }
    safe
}

/// Capitalises each word: a letter after anything but a letter is large, the others small.
fn title_case(text: &str) -> String {
    let mut in_word = false;
    let mut title = String::with_capacity(text.len());
    for c in text.chars() {
        match (c.is_alphabetic(), in_word) {
            (true, true) => title.extend(c.to_lowercase()),
            _ => title.extend(c.to_uppercase()),
        }
        in_word = c.is_alphabetic();
    }
    title
}

/// The items, each once, in order.
fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}

fn skip_deleted(policy: Policy) -> bool {
    policy.allows(super::Deviation::DeletedIsGone)
}

#[cfg(test)]
mod tests;
