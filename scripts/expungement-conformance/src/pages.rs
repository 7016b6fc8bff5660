//! Pages of the court's site.

use domain::expungement::Policy;
use domain::expungement::court_pages::{self, CasePage, all_locations, read_results, read_search_form};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::checks::text;

pub(crate) use court_pages::mentions_revocation;

const BASE: &str = "https://publicaccess.courts.oregon.gov/PublicAccessLogin/";

fn slashed(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.month(), day.day(), day.year())
}

pub(crate) fn case_page(value: &Value, policy: Policy) -> (Value, Value) {
    let ours = match CasePage::read(text(&value["html"]), policy) {
        Err(error) => json!({"error": error.to_string()}),
        Ok(page) => {
            let charges = page.charges.iter().map(|one| {
                let fields = json!({"name": one.name, "statute": one.statute, "level": one.level, "date": slashed(one.date)});
                (one.number.to_string(), fields)
            });
            let dispositions = page.dispositions.iter().map(|one| {
                let event = if one.amended {
                    "Amended Disposition"
                } else {
                    "Disposition"
                };
                let date = slashed(one.date);
                let fields =
                    json!({"date": date, "charge": one.charge, "ruling": one.ruling, "event": event});
                (one.number.to_string(), fields)
            });
            json!({
                "district_attorney_number": page.district_attorney_number,
                "sid": page.sid,
                "charges": Value::Object(charges.collect()),
                "dispositions": Value::Object(dispositions.collect()),
                "balance_due": page.balance_due,
                "balance_due_in_cents": page.balance_due_in_cents,
                "mentions_restitution": page.mentions_restitution,
                "probation_revoked": page.probation_revoked,
            })
        }
    };
    (ours, value["expected"].clone())
}

pub(crate) fn result_page(value: &Value) -> (Value, Value) {
    let ours = match read_results(text(&value["html"]), BASE) {
        Err(error) => json!({"error": error.to_string()}),
        Ok(rows) => rows
            .iter()
            .map(|row| {
                json!({
                    "case_number": row.case_number,
                    "citation_number": row.citation_number,
                    "name": row.name,
                    "birth_year": row.birth_year,
                    "date": row.date,
                    "location": row.location,
                    "violation_type": row.violation_type,
                    "current_status": row.current_status,
                    "case_detail_link": row.case_detail_link,
                })
            })
            .collect(),
    };
    (ours, value["expected"].clone())
}

pub(crate) fn search_form(value: &Value) -> (Value, Value) {
    let form = read_search_form(text(&value["html"])).unwrap_or_default();
    let ours = json!({
        "view_state": form.view_state,
        "view_state_generator": form.view_state_generator,
        "event_validation": form.event_validation,
        "node_id": form.node_id,
        "event_target": form.event_target,
        "event_argument": form.event_argument,
    });
    (ours, value["expected"].clone())
}

pub(crate) fn landing(value: &Value) -> (Value, Value) {
    let ours = json!({"node_id": all_locations(text(&value["html"])).ok().flatten()});
    (ours, value["expected"].clone())
}
