//! The statewide motion: every county but Multnomah.

use super::super::record::{JudgedCharge, Record};
use super::{Fields, Form, Motion, Paper, UserInformation, address_of, day, file_name, title_case};

/// The lines for charges on the form.
const CHARGE_LINES: [(&str, &str); 5] = [
    ("charge_name_1", "charge_count_1"),
    ("charge_name_2", "charge_count_2"),
    ("charge_name_3", "charge_count_3"),
    ("charge_name_4", "charge_count_4"),
    ("charge_name_5", "charge_count_5"),
];

pub(super) fn fill(motion: &Motion, user: &UserInformation, record: &Record) -> Paper {
    let case = motion.case.case;
    let (has_conviction, partial) = (motion.has_conviction(), motion.is_partial());
    let today = day(record.options.clock);
    let sid = record
        .cases
        .iter()
        .map(|case| case.case.sid.as_str())
        .find(|sid| !sid.is_empty());
    let arrest_date = motion.charges.first().map(|charge| day(charge.charge.date));
    let prosecutor = address_of(&case.location);

    let mut fields = Fields::default();
    fields
        .text("county", &case.location)
        .text("case_number", &case.case_number)
        .text("defendant_name", &case.name)
        .text("dob", &user.date_of_birth)
        .text("sid_number", sid.unwrap_or_default())
        .text("arrest_date", arrest_date.unwrap_or_default())
        .check("option_1", has_conviction)
        .check("option_1_all_charges", has_conviction && !partial)
        .check("option_1_some_charges", partial)
        .check("option_2", !has_conviction);

    let mut attachment = Vec::new();
    if partial {
        let mut eligible = motion.eligible.clone();
        eligible.sort_by_key(|charge| count(charge).parse().unwrap_or(LAST_COUNT));
        for (index, charge) in eligible.iter().enumerate() {
            let (name, count) = (title_case(&charge.charge.name), count(charge));
            match CHARGE_LINES.get(index) {
                Some((name_field, count_field)) => {
                    fields.text(name_field, name).text(count_field, count);
                }
                None => attachment.push((count.to_owned(), name)),
            }
        }
        fields.check("additional_charges_attached", !attachment.is_empty());
    }

    fields
        .check("waited_required_period", true)
        .check("legally_eligible", true)
        .check("filed_fingerprints", true)
        .check("will_serve_copy", true)
        .check("not_currently_charged", has_conviction)
        .check("paid_osp_fee", has_conviction)
        .check("complied_sentence", has_conviction)
        .text("declaration_date", &today)
        .text("email", &user.email_address)
        .text("printed_name", &user.full_name)
        .text("address", &user.mailing_address)
        .text("city_state_zip", user.city_state_zip())
        .text("phone", &user.phone_number)
        .text("mailing_date", &today)
        .text(
            "prosecutor_address",
            prosecutor.map_or("", |address| address.as_line()),
        )
        .text("certificate_date", &today)
        .text("defendant_name_printed", &user.full_name);

    let county = case.location.to_lowercase();
    let kind = if has_conviction { "conviction" } else { "arrest" };
    Paper {
        file_name: file_name(&format!("{}_{}_{county}_{kind}.pdf", case.name, case.case_number)),
        form: Form::StatewideMotion,
        fields: fields.0,
        warning: None,
        attachment,
    }
}

/// Charges that the user added have no count; they come last.
const LAST_COUNT: u32 = 999;

/// The number of a charge within its case.
fn count<'c>(charge: &'c JudgedCharge) -> &'c str {
    charge
        .charge
        .ambiguous_charge_id
        .rsplit('-')
        .next()
        .unwrap_or_default()
}
