//! The motion to modify a financial obligation: one for each case that owes money outside Multnomah.

use serde::{Deserialize, Serialize};

use super::super::policy::Deviation;
use super::super::record::Record;
use super::{Fields, Form, Packet, Paper, UserInformation, address_of, day, file_name, skip_deleted};

/// Why the filer cannot pay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WaiverInformation {
    /// What happened.
    pub explain: String,
    /// What paying would mean.
    pub explain2: String,
    pub snap: bool,
    pub ssi: bool,
    pub tanf: bool,
    pub ohp: bool,
    pub custody: bool,
}

/// The form's fields in its own order: a compiled file numbers them through.
pub const FEE_WAIVER_FIELDS: [&str; 28] = [
    "Case No",
    "Defendant",
    "Date",
    "County",
    "Benefit",
    "SNAP",
    "SSI",
    "TANF",
    "OHP",
    "Explain1",
    "Explain2",
    "Explain3",
    "Explain4",
    "Ask1",
    "Ask2",
    "Ask3",
    "Ask4",
    "Custody",
    "Name",
    "Address",
    "CityStateZip",
    "Phone",
    "Date2",
    "DaAddress1",
    "DaAddress2",
    "DaAddress3",
    "Name2",
    "Date3",
];

/// The waivers of a record, by case in the order of the record; an empty packet where nothing is owed.
#[must_use]
pub fn fee_waivers(record: &Record, user: &UserInformation, waiver: &WaiverInformation) -> Packet {
    let policy = record.options.policy;
    let today = day(record.options.clock);
    let owing = record.cases.iter().filter(|case| {
        case.case.balance_due_in_cents > 0
            && !case.case.location.eq_ignore_ascii_case("multnomah")
            && !(skip_deleted(policy) && case.is_deleted())
    });
    let papers: Vec<Paper> = owing
        .map(|case| {
            let case = case.case;
            let mut fields = Fields::default();
            fields
                .text("Case No", &case.case_number)
                .text("Defendant", &case.name)
                .text("Date", &today)
                .text("County", &case.location)
                .check("Benefit", waiver.snap || waiver.ssi || waiver.tanf || waiver.ohp)
                .check("SNAP", waiver.snap)
                .check("SSI", waiver.ssi)
                .check("TANF", waiver.tanf)
                .check("OHP", waiver.ohp);
            for (field, line) in ["Explain1", "Explain2", "Explain3", "Explain4"]
                .into_iter()
                .zip(lines(&waiver.explain))
            {
                fields.text(field, line);
            }
            for (field, line) in ["Ask1", "Ask2", "Ask3", "Ask4"]
                .into_iter()
                .zip(lines(&waiver.explain2))
            {
                fields.text(field, line);
            }
            fields
                .check("Custody", waiver.custody)
                .text("Name", &user.full_name)
                .text("Address", &user.mailing_address)
                .text("CityStateZip", user.city_state_zip())
                .text("Phone", &user.phone_number)
                .text("Date2", &today);
            if let Some(address) = address_of(&case.location) {
                let lines = if policy.allows(Deviation::WholeAddress) {
                    address.in_three_lines()
                } else {
                    address.cut_at_hyphens()
                };
                for (field, line) in ["DaAddress1", "DaAddress2", "DaAddress3"].into_iter().zip(lines) {
                    fields.text(field, line);
                }
            }
            fields.text("Name2", &user.full_name).text("Date3", &today);
            Paper {
                file_name: file_name(&format!("{}.pdf", case.case_number)),
                form: Form::FeeWaiver,
                fields: fields.0,
                warning: None,
                attachment: Vec::new(),
            }
        })
        .collect();
    Packet {
        zip_name: "waiver_packet.zip",
        compiled: (!papers.is_empty()).then_some("COMPILED_FINES_AND_FEES.pdf"),
        papers,
        summary: None,
    }
}

/// Characters after which a line of the form is broken, at the next blank.
const LINE: usize = 90;
const LINES: usize = 4;

/// Breaks a text for the form's four lines. What does not fit is left out: [`WaiverInformation`] is checked where it comes in.
fn lines(text: &str) -> Vec<String> {
    let text: Vec<char> = text
        .chars()
        .map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c })
        .collect();
    let mut lines = Vec::new();
    let mut rest = text.as_slice();
    while lines.len() < LINES && !rest.is_empty() {
        let blank = rest
            .iter()
            .skip(LINE)
            .position(|&c| c == ' ')
            .map(|place| place + LINE);
        let end = blank.unwrap_or(rest.len());
        lines.push(rest[..end].iter().collect());
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    lines
}

impl WaiverInformation {
    /// For each of the two texts, whether it is too long for the form's four lines.
    #[must_use]
    pub fn too_long(&self) -> [bool; 2] {
        let fits = |text: &str| {
            lines(text)
                .iter()
                .map(|line| line.chars().count() + 1)
                .sum::<usize>()
                >= text.chars().count()
        };
        [&self.explain, &self.explain2].map(|text| !fits(text))
    }

    /// Whether either is.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.too_long() != [false, false]
    }
}
