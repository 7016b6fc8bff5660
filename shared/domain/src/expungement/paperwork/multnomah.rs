//! Multnomah County's own motions.

use super::super::disposition::DispositionStatus;
use super::super::policy::{Deviation, Policy};
use super::super::record::{JudgedCharge, Refusal};
use super::super::when::When;
use super::super::{Phrase, phrase::phrase};
use super::{Fields, Form, Motion, Paper, UserInformation, day, distinct, file_name, title_case};

/// On a page before a form that leaves charges out.
static PARTIAL_WARNING: Phrase = phrase(
    "Not every charge of this case can be set aside. Check with care that this motion asks only for those that can, and do \
     not file this page.",
    "No todos los cargos de este caso se pueden anular. Revise con cuidado que esta moción solo pida los que sí, y no \
     presente esta página.",
);

pub(super) fn fill(motion: &Motion, user: &UserInformation, policy: Policy) -> Result<Paper, Refusal> {
    let case = motion.case.case;
    let undecided = |charge: &&JudgedCharge| charge.disposition.status == DispositionStatus::Unknown;
    if !policy.allows(Deviation::MultnomahUndecided) && motion.charges.iter().any(undecided) {
        return Err(Refusal::UndecidedInMultnomah {
            case_number: case.case_number.clone(),
        });
    }
    let in_part = motion.others().next().is_some();
    let convicted = motion.has_conviction();
    let number = &case.case_number;

    let mut fields = Fields::default();
    if convicted {
        fields.text("Case Number", number);
    } else {
        let number = if in_part {
            format!("{number} (in part)")
        } else {
            number.clone()
        };
        fields.text("Case Number Possibly In Part", number);
    }
    fields
        .text("DA Number", &case.district_attorney_number)
        .text("Case Name", &case.name)
        .check("In Part", in_part)
        .text("Full Name", &user.full_name)
        .text("Date of Birth", &user.date_of_birth)
        .text("Mailing Address", &user.mailing_address)
        .text("Phone Number", &user.phone_number)
        .text("City", &user.city)
        .text("State", &user.state)
        .text("Zip Code", &user.zip_code);
    if convicted {
        let convictions = || {
            motion
                .eligible
                .iter()
                .filter(|charge| charge.disposition.status.is_convicted())
        };
        fields
            .text(
                "Arrest Dates",
                dates(motion.charges.iter().map(|charge| When::Day(charge.charge.date))),
            )
            .text(
                "Conviction Dates",
                dates(convictions().map(|charge| charge.disposition.date)),
            )
            .text("Conviction Charges", names(convictions()));
    } else {
        fields
            .text(
                "Dismissed Arrest Dates",
                dates(motion.eligible.iter().map(|charge| When::Day(charge.charge.date))),
            )
            .text("Dismissed Charges", names(motion.eligible.iter()));
    }
    fields
        .text("Full Name---", &user.full_name)
        .text("Service Printed Name", &user.full_name);

    Ok(Paper {
        file_name: file_name(&format!("{}_{number}_multnomah.pdf", case.name)),
        form: if convicted {
            Form::MultnomahConviction
        } else {
            Form::MultnomahArrest
        },
        fields: fields.0,
        warning: in_part.then_some(&PARTIAL_WARNING),
        attachment: Vec::new(),
    })
}

fn dates(dates: impl Iterator<Item = When>) -> String {
    let days = dates.filter_map(|when| match when {
        When::Day(date) => Some(day(date)),
        _ => None,
    });
    distinct(days).join("; ")
}

fn names<'r>(charges: impl Iterator<Item = &'r &'r JudgedCharge<'r>>) -> String {
    charges
        .map(|charge| title_case(&charge.charge.name))
        .collect::<Vec<_>>()
        .join("; ")
}
