//! The Oregon State Police's request for a criminal record check: one for all motions.

use super::super::record::Record;
use super::super::verdict::ChargeStatus;
use super::{Fields, Form, Paper, UserInformation, distinct};

const COURT_LINES: [&str; 10] = [
    "Court 1", "Court 2", "Court 3", "Court 4", "Court 5", "Court 6", "Court 7", "Court 8", "Court 9",
    "Court 10",
];

/// Names the court of every county with an eligible charge and nothing owed on its case, also where the case waits for
/// another charge; the form has room for ten.
pub(super) fn fill(record: &Record, user: &UserInformation) -> Paper {
    let can_be_cleared = record.cases.iter().filter(|case| {
        case.case.balance_due_in_cents == 0
            && case
                .charges
                .iter()
                .any(|one| !one.is_deleted() && one.verdict.status == ChargeStatus::EligibleNow)
    });
    let courts = can_be_cleared.map(|case| format!("Circuit Court for {} County", case.case.location));
    let mut fields = Fields::default();
    fields
        .text("Full Name", &user.full_name)
        .text("Date of Birth", &user.date_of_birth)
        .text("Phone Number", &user.phone_number)
        .text("Mailing Address", &user.mailing_address)
        .text("City", &user.city)
        .text("State", &user.state)
        .text("Zip Code", &user.zip_code);
    for (line, court) in COURT_LINES.into_iter().zip(distinct(courts)) {
        fields.text(line, court);
    }
    Paper {
        file_name: "OSP_Form.pdf".to_owned(),
        form: Form::PoliceRequest,
        fields: fields.0,
        warning: None,
        attachment: Vec::new(),
    }
}
