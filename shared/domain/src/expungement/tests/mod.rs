//! The rules on whole records: what a person with such a record is told.

mod demo;
mod properties;
mod wire;

use jiff::civil::{Date, date};

use super::case::{Case, Charge, Disposition};
use super::verdict::ChargeStatus;
use super::*;
use crate::person::Language;

const TODAY: Date = date(2026, 7, 1);

/// A charge in a closed case of its own, filed and decided on one day.
pub(super) fn case(number: &str, statute: &str, level: &str, ruling: Option<&str>, day: Date) -> Case {
    let charge = Charge {
        ambiguous_charge_id: format!("{number}-1"),
        name: "Charge".to_owned(),
        statute: statute.to_owned(),
        level: level.to_owned(),
        date: day,
        disposition: ruling.map(|ruling| Disposition {
            date: day,
            ruling: ruling.to_owned(),
            amended: false,
        }),
        probation_revoked: None,
        edit_status: EditStatus::Unchanged,
        chosen_type: None,
    };
    Case {
        case_number: number.to_owned(),
        name: "Doe, Jan".to_owned(),
        birth_year: Some(1970),
        citation_number: String::new(),
        district_attorney_number: String::new(),
        sid: String::new(),
        location: "Lane".to_owned(),
        date: day,
        violation_type: "Offense Felony".to_owned(),
        current_status: "Closed".to_owned(),
        case_detail_link: String::new(),
        restitution: false,
        balance_due_in_cents: 0,
        charges: vec![charge],
        edit_status: EditStatus::Unchanged,
    }
}

fn misdemeanor(number: &str, day: Date) -> Case {
    case(number, "164.045", "Misdemeanor Class A", Some("Convicted"), day)
}

fn violation(number: &str, day: Date) -> Case {
    case(number, "497.001", "Violation Class B", Some("Convicted"), day)
}

/// Status and label of the first case's charge.
fn told(cases: &[Case]) -> (ChargeStatus, String) {
    told_on(cases, TODAY)
}

fn told_on(cases: &[Case], today: Date) -> (ChargeStatus, String) {
    let record = Record::judge(cases, Options::on(today)).unwrap();
    let id = &cases[0].charges[0].ambiguous_charge_id;
    let charge = record
        .charges()
        .find(|(_, charge)| charge.charge.ambiguous_charge_id == *id)
        .unwrap()
        .1;
    (charge.verdict.status, charge.verdict.label.clone().into_owned())
}

fn is_eligible(cases: &[Case]) -> bool {
    told(cases).0 == ChargeStatus::EligibleNow
}

#[test]
fn each_class_waits_its_years_to_the_day() {
    for (level, years) in [
        ("Felony Class B", 7),
        ("Felony Class C", 5),
        ("Misdemeanor Class A", 3),
        ("Misdemeanor Class C", 1),
        ("Misdemeanor", 3),
        ("Violation", 1),
    ] {
        let day = date(2026 - years, 7, 1);
        let convicted = |day| [case("A", "164.000", level, Some("Convicted"), day)];
        assert!(is_eligible(&convicted(day)), "{level}");
        let (status, label) = told(&convicted(day.tomorrow().unwrap()));
        assert_eq!(
            (status, label.as_str()),
            (ChargeStatus::WillBeEligible, "Eligible Jul 2, 2026"),
            "{level}"
        );
    }
    let class_a = case(
        "A",
        "164.000",
        "Felony Class A",
        Some("Convicted"),
        date(1980, 1, 1),
    );
    assert_eq!(told(&[class_a]).0, ChargeStatus::Ineligible);
}

#[test]
fn another_conviction_delays_by_the_years_of_the_charge_itself() {
    let old = misdemeanor("A", date(2000, 1, 1));
    let felony = case(
        "B",
        "164.055",
        "Felony Class C",
        Some("Convicted"),
        date(2024, 2, 1),
    );
    assert_eq!(told(&[old.clone(), felony.clone()]).1, "Eligible Feb 1, 2027");
    let dismissed = case(
        "A",
        "164.045",
        "Misdemeanor Class A",
        Some("Dismissed"),
        date(2026, 6, 30),
    );
    assert!(
        is_eligible(&[dismissed, felony.clone()]),
        "a dismissal waits for nothing"
    );
    let traffic_violation = case(
        "B",
        "811.175",
        "Violation Class A",
        Some("Convicted"),
        date(2026, 6, 1),
    );
    assert!(
        is_eligible(&[old, traffic_violation]),
        "a traffic violation makes nothing wait"
    );
}

#[test]
fn a_single_violation_does_not_block_but_the_second_newest_does() {
    let old = misdemeanor("A", date(2000, 1, 1));
    let newest = violation("B", date(2026, 1, 1));
    assert!(is_eligible(&[old.clone(), newest.clone()]));
    let middle = violation("C", date(2025, 1, 1));
    assert_eq!(told(&[old, newest, middle]).1, "Eligible Jan 1, 2028");
}

#[test]
fn a_contempt_printed_as_a_violation_blocks() {
    let old = misdemeanor("A", date(2000, 1, 1));
    let mut contempt = violation("B", date(2026, 1, 1));
    contempt.charges[0].name = "Contempt of Court".to_owned();
    assert!(!is_eligible(&[old, contempt]));
}

#[test]
fn no_complaint_waits_sixty_days_and_revocation_three_years() {
    let no_complaint = |day| {
        [case(
            "A",
            "164.045",
            "Misdemeanor Class A",
            Some("No Complaint"),
            day,
        )]
    };
    assert!(is_eligible(&no_complaint(date(2026, 5, 2))));
    assert_eq!(told(&no_complaint(date(2026, 5, 3))).1, "Eligible Jul 2, 2026");
    let mut revoked = misdemeanor("A", date(2010, 1, 1));
    revoked.charges[0].probation_revoked = Some(date(2023, 7, 2));
    assert_eq!(told(&[revoked]).1, "Eligible Jul 2, 2026");
}

#[test]
fn young_marijuana_offenders_wait_a_year_unless_convicted_otherwise() {
    let mut marijuana = case(
        "A",
        "475.860",
        "Felony Class B",
        Some("Convicted"),
        date(2025, 7, 1),
    );
    marijuana.birth_year = Some(2010);
    assert!(is_eligible(&[marijuana.clone()]));
    assert!(!is_eligible(&[marijuana, misdemeanor("B", date(2001, 1, 1))]));
}

#[test]
fn an_undecided_charge_asks_and_holds_the_others_conditionally() {
    let old = misdemeanor("A", date(2000, 1, 1));
    let mut open = case("B", "164.055", "Felony Class C", None, date(2026, 1, 1));
    open.current_status = "Open".to_owned();
    let label =
        "Eligibility date dependent on open charge: Eligible Now or 3 years from conviction of open charge";
    assert_eq!(
        told(&[old.clone(), open.clone()]),
        (ChargeStatus::WillBeEligible, label.to_owned())
    );
    assert_eq!(told(&[open.clone()]).0, ChargeStatus::NeedsMoreAnalysis);
    let cases = [old, open];
    let record = Record::judge(&cases, Options::on(TODAY)).unwrap();
    assert!(banners::banners(&record)[0].contains("one or more open case: [B]"));
}

#[test]
fn restitution_and_balance_hold_a_case_back() {
    let mut owing = misdemeanor("A", date(2000, 1, 1));
    owing.restitution = true;
    assert_eq!(
        told(&[owing.clone()]).0,
        ChargeStatus::IneligibleIfRestitutionOwed
    );
    owing.restitution = false;
    owing.balance_due_in_cents = 5_000;
    let cases = [owing];
    let record = Record::judge(&cases, Options::on(TODAY)).unwrap();
    assert!(paperwork::motions(&record).is_empty());
    let summary = summary::summarize(&record);
    assert_eq!(summary.groups[0].label, "Eligible Now If Balance Paid");
    assert_eq!(
        summary.groups[0].cases[0].case_line().unwrap().to_string(),
        "Lane A – $50.0"
    );
    assert_eq!(summary.total_fines_due, 5_000);
}

#[test]
fn beyond_128_combinations_nothing_is_said_but_why() {
    let open = |n: u32| {
        case(
            &format!("C{n}"),
            "164.055",
            "Felony Class C",
            None,
            date(2026, 1, 1),
        )
    };
    let seven: Vec<Case> = (0..7).map(open).collect();
    assert_eq!(Record::judge(&seven, Options::on(TODAY)).unwrap().cases.len(), 7);
    let many: Vec<Case> = (0..200).map(open).collect();
    let record = Record::judge(&many, Options::on(TODAY)).unwrap();
    assert!(record.cases.is_empty());
    assert!(banners::banners(&record)[0].starts_with("The resulting record found was too large"));
}

#[test]
fn what_is_deleted_neither_blocks_nor_counts() {
    let cases = [misdemeanor("A", date(2000, 1, 1)), {
        let mut other = misdemeanor("B", date(2026, 1, 1));
        other.balance_due_in_cents = 100;
        other
    }];
    let edits: Edits = serde_json::from_str(r#"{"B": {"summary": {"edit_status": "DELETE"}}}"#).unwrap();
    let edited = edits::apply(&cases, &edits, Options::on(TODAY)).unwrap();
    let record = Record::judge(&edited, Options::on(TODAY)).unwrap();
    let summary = summary::summarize(&record);
    assert_eq!(
        (
            summary.total_cases,
            summary.total_charges,
            summary.total_fines_due
        ),
        (1, 1, 0)
    );
    assert_eq!(summary.groups[0].label, "Eligible Now");
    let as_peer = Options {
        policy: Policy::AS_PEER,
        ..Options::on(TODAY)
    };
    let record = Record::judge(&edited, as_peer).unwrap();
    assert_eq!(summary::summarize(&record).total_fines_due, 100);
}

#[test]
fn an_answer_is_an_edit_and_ends_the_question() {
    let cases = [case(
        "A",
        "163.415",
        "Misdemeanor Class A",
        Some("Convicted"),
        date(2000, 1, 1),
    )];
    assert_eq!(told(&cases).0, ChargeStatus::NeedsMoreAnalysis);
    let answered = |class: &str| {
        let json = format!(
            r#"{{"A": {{"summary": {{"edit_status": "UNCHANGED"}}, "charges": {{"A-1": {{"charge_type": "{class}"}}}}}}}}"#
        );
        let edits: Edits = serde_json::from_str(&json).unwrap();
        let edited = edits::apply(&cases, &edits, Options::on(TODAY)).unwrap();
        let record = Record::judge(&edited, Options::on(TODAY)).unwrap();
        record.cases[0].charges[0].verdict.status
    };
    assert_eq!(
        answered("RomeoAndJulietNMASexCrime"),
        ChargeStatus::PossiblyEligible
    );
    assert_eq!(
        answered("Young Offender Sex Crime, Ineligible"),
        ChargeStatus::Ineligible
    );
    assert_eq!(answered("no such type"), ChargeStatus::Unknown);
}

#[test]
fn edits_that_cannot_be_applied_are_refused_with_a_reason() {
    let cases = [misdemeanor("A", date(2000, 1, 1))];
    let refusal =
        |json: &str| respond(&cases, &serde_json::from_str(json).unwrap(), Options::on(TODAY)).unwrap_err();
    let not_found = |id: &str| Refusal::NotFound { id: id.to_owned() };
    assert_eq!(
        refusal(r#"{"B": {"summary": {"edit_status": "UPDATE"}}}"#),
        not_found("B")
    );
    let charge = |edit: &str| format!(r#"{{"A": {{"summary": {{}}, "charges": {{"A-1": {edit}}}}}}}"#);
    let unreadable = |field| Refusal::Unreadable {
        id: "A-1".to_owned(),
        field,
    };
    assert_eq!(refusal(&charge(r#"{"date": "13/1/2020"}"#)), unreadable("date"));
    assert_eq!(
        refusal(&charge(r#"{"edit_status": "ADD", "date": "1/1/2020"}"#)),
        unreadable("level")
    );
    let impossible = charge(
        r#"{"charge_type": "FelonyClassA", "disposition": {"date": "1/1/2020", "ruling": "Dismissed"}}"#,
    );
    let expected = Refusal::ImpossibleType {
        charge: "A-1".to_owned(),
        charge_type: ChargeType::FelonyClassA,
    };
    assert_eq!(refusal(&impossible), expected);
    let empty_year =
        r#"{"A": {"summary": {"edit_status": "UPDATE", "birth_year": "", "restitution": "False"}}}"#;
    assert!(
        respond(
            &cases,
            &serde_json::from_str(empty_year).unwrap(),
            Options::on(TODAY)
        )
        .is_ok()
    );
}

#[test]
fn an_edit_can_build_a_case_from_nothing() {
    let edits: Edits = serde_json::from_str(
        r#"{"CASE-0001": {
            "summary": {"edit_status": "ADD", "case_number": "CASE-0001", "current_status": "Closed", "location": "Baker",
                        "balance_due": "1,000.50", "birth_year": "1980", "restitution": "False"},
            "charges": {"CASE-0001-X01": {"edit_status": "ADD", "charge_type": "Misdemeanor Class A", "level": "Misdemeanor Class A",
                        "date": "3/1/2001", "disposition": {"date": "3/2/2001", "ruling": "Convicted"}}}}}"#,
    )
    .unwrap();
    let edited = edits::apply(&[], &edits, Options::on(TODAY)).unwrap();
    let record = Record::judge(&edited, Options::on(TODAY)).unwrap();
    assert_eq!(record.cases[0].case.balance_due_in_cents, 100_050);
    assert_eq!(
        record.cases[0].charges[0].verdict.status,
        ChargeStatus::EligibleNow
    );
}

#[test]
fn the_same_case_found_twice_counts_once() {
    let mut again = misdemeanor("A", date(2000, 1, 1));
    again.name = "Alias, An".to_owned();
    let found = [misdemeanor("A", date(2000, 1, 1)), again];
    let cases = edits::apply(&found, &Edits::default(), Options::on(TODAY)).unwrap();
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].as_ref().name, "Doe, Jan");
}

#[test]
fn a_motion_names_what_it_asks_for() {
    let mut partial = misdemeanor("A", date(2000, 1, 1));
    partial.charges[0].name = "THEFT (2nd)".to_owned();
    partial.sid = "OR1".to_owned();
    let mut traffic = partial.charges[0].clone();
    traffic.ambiguous_charge_id = "A-2".to_owned();
    traffic.statute = "811.140".to_owned();
    partial.charges.push(traffic);
    let cases = [partial];
    let record = Record::judge(&cases, Options::on(TODAY)).unwrap();
    let user = paperwork::UserInformation {
        full_name: "Jan Doe".to_owned(),
        ..Default::default()
    };
    let packet = paperwork::expungement_packet(&record, &user, ("Jan", "Doe")).unwrap();
    let names: Vec<&str> = packet
        .papers
        .iter()
        .map(|paper| paper.file_name.as_str())
        .collect();
    assert_eq!(names, ["Doe, Jan_A_lane_conviction.pdf", "OSP_Form.pdf"]);
    assert_eq!(packet.compiled_pages(), 3);
    let field = |name: &str| {
        packet.papers[0]
            .fields
            .iter()
            .find(|(field, _)| *field == name)
            .map(|(_, value)| value.clone())
    };
    let text = |text: &str| Some(paperwork::FieldValue::Text(text.to_owned()));
    assert_eq!(field("option_1_some_charges"), Some(paperwork::FieldValue::On));
    assert_eq!(field("option_1_all_charges"), None);
    assert_eq!(field("charge_name_1"), text("Theft (2Nd)"));
    assert_eq!(field("charge_count_1"), text("1"));
    assert_eq!(field("declaration_date"), text("Jul 1, 2026"));
}

#[test]
fn multnomah_forms_are_filled_although_a_charge_is_undecided() {
    let mut mixed = case(
        "A",
        "164.045",
        "Misdemeanor Class A",
        Some("Dismissed"),
        date(2000, 1, 1),
    );
    mixed.location = "Multnomah".to_owned();
    let mut undecided = mixed.charges[0].clone();
    undecided.ambiguous_charge_id = "A-2".to_owned();
    undecided.disposition = None;
    mixed.charges.push(undecided);
    let cases = [mixed];
    let user = paperwork::UserInformation::default();
    let packet = |options| {
        let record = Record::judge(&cases, options).unwrap();
        paperwork::expungement_packet(&record, &user, ("J", "D"))
    };
    let paper = &packet(Options::on(TODAY)).unwrap().papers[0];
    assert_eq!((paper.form, paper.pages()), (paperwork::Form::MultnomahArrest, 3));
    let as_peer = Options {
        policy: Policy::AS_PEER,
        ..Options::on(TODAY)
    };
    assert_eq!(
        packet(as_peer),
        Err(Refusal::UndecidedInMultnomah {
            case_number: "A".to_owned()
        })
    );
}

#[test]
fn every_text_has_its_spanish() {
    let mut open = case("B", "164.055", "Felony Class C", None, date(2026, 1, 1));
    open.current_status = "Open".to_owned();
    let cases = [misdemeanor("A", date(2000, 1, 1)), open];
    let spanish = Options {
        language: Language::Es,
        ..Options::on(TODAY)
    };
    let record = Record::judge(&cases, spanish).unwrap();
    let json = Response::of(&record).to_json();
    for text in [
        "Elegible ahora",
        "Elija la resolución",
        "casos abiertos: [B]",
        "1 ene 2026",
        "Delito grave clase C",
    ] {
        assert!(json.contains(text), "{text}");
    }
}
