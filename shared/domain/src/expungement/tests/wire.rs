//! The JSON shape that clients of the peer rely on.

use serde_json::{Value, json};

use super::*;

fn response(cases: &[Case]) -> Value {
    let json = respond(cases, &Edits::default(), Options::on(TODAY)).unwrap();
    serde_json::from_str::<Value>(&json).unwrap()["record"].take()
}

#[test]
fn a_charge_tells_its_result_in_the_peers_words() {
    let mut cases = [misdemeanor("A", date(2024, 2, 29))];
    cases[0].birth_year = None;
    cases[0].current_status = "Inactive".to_owned();
    let record = response(&cases);
    let case = &record["cases"][0];
    assert_eq!(case["birth_year"], "");
    assert_eq!(case["current_status"], "Inactive (Closed)");
    assert_eq!(case["date"], "Feb 29, 2024");
    let charge = &case["charges"][0];
    assert_eq!(charge["id"], "A-1-0");
    assert_eq!(charge["statute"], "164045");
    assert_eq!(
        charge["expungement_result"],
        json!({
            "type_eligibility": {"status": "Eligible", "reason": "Misdemeanor Class A – Eligible under 137.225(1)(b)"},
            "time_eligibility": {
                "status": "Ineligible",
                "reason": "Three years from date of conviction (137.225(1)(b))",
                "date_will_be_eligible": "Feb 28, 2027",
                "unique_date": true
            },
            "charge_eligibility": {
                "status": "Will Be Eligible",
                "label": "Eligible Feb 28, 2027",
                "date_to_sort_label_by": "Feb 28, 2027"
            }
        })
    );
    assert_eq!(
        record["summary"]["charges_grouped_by_eligibility_and_case"],
        json!([[
            "Eligible Feb 28, 2027",
            [["", [["A-1", "Charge (CONVICTED) Charged Feb 29, 2024"]]]]
        ]])
    );
}

#[test]
fn an_undecided_ambiguous_charge_nests_its_questions() {
    let cases = [case("A", "163.205", "Felony Class C", None, date(2026, 1, 1))];
    let root = &response(&cases)["questions"]["A-1"]["root"];
    assert_eq!(root["question_id"], "A-1Choose the disposition");
    let answers = root["options"].as_object().unwrap();
    assert_eq!(answers.len(), 4);
    assert_eq!(
        answers["Dismissed"]["edit"],
        json!({"disposition": {"date": "__DATE__", "ruling": "dismissed"}})
    );
    assert_eq!(answers["Convicted"]["edit"], json!({}));
    let nested = &answers["Probation Revoked"]["question"];
    let id = "A-1Choose the disposition-revoked-Was the victim between the ages of 18 and 64?";
    assert_eq!(nested["question_id"], id);
    assert_eq!(
        nested["options"]["No"]["edit"],
        json!({
            "charge_type": "Subsection6",
            "disposition": {"date": "__DATE__", "ruling": "convicted"},
            "probation_revoked": "__PROBATION_REVOKED_DATE__"
        })
    );
}

#[test]
fn texts_are_escaped() {
    let mut cases = [misdemeanor("A\"\n", date(2024, 1, 1))];
    cases[0].charges[0].name = "</script>\u{0}\u{1F600}".to_owned();
    let record = response(&cases);
    assert_eq!(
        record["cases"][0]["charges"][0]["name"],
        "</script>\u{0}\u{1F600}"
    );
    assert_eq!(record["cases"][0]["case_number"], "A\"\n");
}
