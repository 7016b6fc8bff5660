//! What holds for every record.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::court_pages::{CasePage, mentions_revocation, read_results};
use super::super::when::When;
use super::*;

fn any_day() -> impl Strategy<Value = Date> {
    (1970_i16..2030, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn any_charge() -> impl Strategy<Value = Charge> {
    let name = prop::sample::select(vec![
        "Theft",
        "Poss Controlled Sub",
        "PCS MJ",
        "Contempt",
        "Attempt to Commit a Felony",
        "Fugitive",
        "Delivery Sub 2",
        "Thing (reduced)",
        "FUG/WA",
    ]);
    let statute = prop::sample::select(vec![
        "164.045",
        "163.415",
        "163.205",
        "163.427(1)(a)",
        "475.860",
        "811.140",
        "813.010",
        "29.15",
        "166.275",
        "",
    ]);
    let level = prop::sample::select(vec![
        "Felony Class A",
        "Felony Class B",
        "Felony Class C",
        "Felony Unclassified",
        "Misdemeanor Class A",
        "Misdemeanor Class B",
        "Misdemeanor",
        "Violation Class B",
        "Infraction",
        "N/A",
        "class b felony",
    ]);
    let ruling = prop::sample::select(vec![
        "Convicted",
        "Convicted",
        "Dismissed",
        "No Complaint",
        "Diverted",
        "missing",
        "Vacated",
        "Convicted - Lesser Charge",
    ]);
    let disposition = prop::option::weighted(0.9, (any_day(), ruling));
    (
        name,
        statute,
        level,
        any_day(),
        disposition,
        prop::option::weighted(0.1, any_day()),
    )
        .prop_map(
            |(name, statute, level, date, disposition, probation_revoked)| Charge {
                ambiguous_charge_id: String::new(),
                name: name.to_owned(),
                statute: statute.to_owned(),
                level: level.to_owned(),
                date,
                disposition: disposition.map(|(date, ruling)| Disposition {
                    date,
                    ruling: ruling.to_owned(),
                    amended: false,
                }),
                probation_revoked,
                edit_status: EditStatus::Unchanged,
                chosen_type: None,
            },
        )
}

fn any_record() -> impl Strategy<Value = Vec<Case>> {
    let status = prop::sample::select(vec!["Closed", "Open", "Inactive"]);
    let one = (
        prop::collection::vec(any_charge(), 0..4),
        any_day(),
        status,
        prop::option::of(1950_i16..2010),
        -1_i64..3,
    );
    prop::collection::vec(one, 1..5).prop_map(|cases| {
        cases
            .into_iter()
            .enumerate()
            .map(|(index, (charges, day, status, birth_year, balance))| {
                let mut case = misdemeanor(&format!("C{index}"), day);
                case.charges = charges;
                for (number, charge) in case.charges.iter_mut().enumerate() {
                    charge.ambiguous_charge_id = format!("C{index}-{}", number + 1);
                }
                case.current_status = status.to_owned();
                case.birth_year = birth_year;
                case.balance_due_in_cents = balance.max(0) * 5_000;
                case
            })
            .collect()
    })
}

/// By charge: what is told, and the first date.
fn answers(cases: &[Case], today: Date) -> BTreeMap<String, (ChargeStatus, String, Option<When>)> {
    let options = Options {
        today,
        ..Options::on(TODAY)
    };
    let record = Record::judge(cases, options).unwrap();
    record
        .charges()
        .map(|(_, charge)| {
            let verdict = &charge.verdict;
            let first = charge.times.first().map(|time| time.date);
            (
                charge.charge.ambiguous_charge_id.clone(),
                (verdict.status, verdict.label.to_string(), first),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_cases_does_not_matter(cases in any_record()) {
        let mut reversed = cases.clone();
        reversed.reverse();
        prop_assert_eq!(answers(&cases, TODAY), answers(&reversed, TODAY));
        let json = |cases: &[Case]| respond(cases, &Edits::default(), Options::on(TODAY)).unwrap();
        prop_assert_eq!(json(&cases), json(&reversed));
    }

    #[test]
    fn another_conviction_never_makes_a_charge_eligible_earlier(cases in any_record(), day in any_day(), kind in 0..3) {
        let before = answers(&cases, TODAY);
        let mut more = cases;
        more.push(match kind {
            0 => misdemeanor("X", day),
            1 => violation("X", day),
            _ => case("X", "164.055", "Felony Class B", Some("Convicted"), day),
        });
        let after = answers(&more, TODAY);
        for (id, (status, _, first)) in before {
            let (status_after, _, first_after) = &after[&id];
            prop_assert!(first <= *first_after, "{} was {:?}, is {:?}", id, first, first_after);
            if status != ChargeStatus::EligibleNow {
                prop_assert_ne!(*status_after, ChargeStatus::EligibleNow);
            }
        }
    }

    #[test]
    fn what_is_eligible_stays_so(cases in any_record(), today in any_day(), days in 0_i32..5_000) {
        let later = today.checked_add(jiff::Span::new().days(days)).unwrap();
        let (now, then) = (answers(&cases, today), answers(&cases, later));
        for (id, (status, _, _)) in now {
            if status == ChargeStatus::EligibleNow {
                prop_assert_eq!(then[&id].0, ChargeStatus::EligibleNow);
            }
        }
    }

    #[test]
    fn no_ruling_name_or_level_breaks_the_rules(
        ruling in ".{0,60}", name in ".{0,60}", statute in ".{0,20}", level in ".{0,30}", county in ".{0,10}",
    ) {
        let mut odd = case("A", &statute, &level, Some(&ruling), TODAY);
        odd.charges[0].name = name;
        odd.location = county;
        odd.balance_due_in_cents = i64::MIN;
        let cases = [odd.clone(), Case { case_number: "B".to_owned(), ..odd }];
        for policy in [Policy::RIGHT, Policy::AS_PEER] {
            let options = Options { policy, ..Options::on(TODAY) };
            if let Ok(json) = respond(&cases, &Edits::default(), options) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
                let record = Record::judge(&cases, options).unwrap();
                let user = paperwork::UserInformation::default();
                let _ = paperwork::expungement_packet(&record, &user, ("", ""));
                let _ = paperwork::fee_waivers(&record, &user, &paperwork::WaiverInformation::default());
            }
        }
    }

    #[test]
    fn no_page_breaks_the_parser(pieces in prop::collection::vec(any_piece(), 0..60)) {
        let html = pieces.concat();
        for policy in [Policy::RIGHT, Policy::AS_PEER] {
            let _ = CasePage::read(&html, policy);
        }
        let _ = read_results(&html, "");
        let _ = mentions_revocation(&html);
    }

    #[test]
    fn no_edit_breaks_the_record(edit in any_edit(), id in prop::sample::select(vec!["A", "B", "A-1", "A-X01"])) {
        let cases = [misdemeanor("A", TODAY)];
        let charges = format!(r#"{{"A": {{"summary": {{"edit_status": "UPDATE"}}, "charges": {{"{id}": {edit}}}}}}}"#);
        let summary = format!(r#"{{"{id}": {{"summary": {edit}}}}}"#);
        for json in [charges, summary] {
            if let Ok(edits) = serde_json::from_str::<Edits>(&json) {
                let _ = respond(&cases, &edits, Options::on(TODAY));
            }
        }
    }
}

fn any_piece() -> impl Strategy<Value = String> {
    let tags = prop::sample::select(vec![
        "<table>",
        "</table>",
        "<tr>",
        "</tr>",
        "<td>",
        "</td>",
        "<th class=\"ssTableHeaderLabel\">",
        "</th>",
        "<div>",
        "</div>",
        "<b>Disposition</b>",
        "<br>",
        "<caption><div class=\"ssCaseDetailSectionTitle\">Charge Information</div></caption>",
        "<caption><div class=\"ssCaseDetailSectionTitle\">Events &amp; Orders of the Court</div></caption>",
        "<caption><div class=\"ssCaseDetailSectionTitle\">Financial Information</div></caption>",
        "<caption><div class=\"ssCaseDetailSectionTitle\">Party Information</div></caption>",
        "SID",
        "1.&nbsp;",
        "01/02/2003",
        "OTHER EVENTS AND HEARINGS",
        "District Attorney Number:",
        "<td>Charge(s)</td>",
        "<script>",
        "<!--",
        "&nbsp",
        "<a href='",
    ]);
    prop_oneof![4 => tags.prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn any_edit() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        ".{0,10}".prop_map(|text| serde_json::Value::from(text).to_string()),
        prop::sample::select(vec![
            "\"1/2/2003\"",
            "\"ADD\"",
            "\"UPDATE\"",
            "\"DELETE\"",
            "\"Convicted\"",
            "\"FelonyClassA\"",
            "null",
            "12",
            "true",
            "{\"date\": \"1/2/2003\", \"ruling\": \"Dismissed\"}",
            "[]",
        ])
        .prop_map(str::to_owned),
    ];
    let key = prop::sample::select(vec![
        "edit_status",
        "charge_type",
        "date",
        "disposition",
        "level",
        "name",
        "probation_revoked",
        "birth_year",
        "balance_due",
        "restitution",
        "case_number",
    ]);
    prop::collection::btree_map(key, value, 0..6).prop_map(|fields| {
        let fields: Vec<String> = fields
            .iter()
            .map(|(key, value)| format!("\"{key}\": {value}"))
            .collect();
        format!("{{{}}}", fields.join(", "))
    })
}
