//! A stand-in for TargetSmart's registration check over a small invented roll, spoken to by real HTTP.
//!
//! The last name `Outage` answers 503, `Slow` after 20 seconds: what a caller must be ready for.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use ports::Secrets;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::Host;

const ROLL: &str = include_str!("voter_file.csv");
const SLOW: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Voter {
    voterbase_id: String,
    first_name: String,
    middle_name: String,
    last_name: String,
    date_of_birth: String,
    address: String,
    city: String,
    state: String,
    zip_code: String,
    voter_status: String,
    registration_date: String,
}

/// `GET …/voter/voter-registration-check` with the parameters `first_name, last_name, state, zip_code, dob` and the header
/// `x-api-key`.
pub(crate) async fn registration_check(
    State(host): State<Arc<Host>>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let sent = headers.get("x-api-key").and_then(|key| key.to_str().ok());
    let expected = host.twins.secrets.get("voter-file/api-key").await;
    if !expected.is_ok_and(|key| sent == Some(key.expose())) {
        return (StatusCode::FORBIDDEN, Json(json!({ "message": "Forbidden" }))).into_response();
    }
    match asked.get("last_name").map(String::as_str) {
        Some("Outage") => {
            return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "message": null }))).into_response();
        }
        Some("Slow") => tokio::time::sleep(SLOW).await,
        _ => {}
    }
    let people = find(&asked);
    Json(json!({ "result": !people.is_empty(), "error": null, "result_set": people })).into_response()
}

fn find(asked: &HashMap<String, String>) -> Vec<Value> {
    let given = |name: &str| asked.get(name).map_or("", |text| text.trim());
    let same = |name: &str, known: &str| given(name).eq_ignore_ascii_case(known);
    let born = given("dob").replace('-', "");
    csv::Reader::from_reader(ROLL.as_bytes())
        .deserialize()
        .filter_map(Result::ok)
        .filter(|voter: &Voter| {
            let birth = voter.date_of_birth.replace('-', "");
            same("first_name", &voter.first_name)
                && same("last_name", &voter.last_name)
                && same("state", &voter.state)
                && same("zip_code", &voter.zip_code)
                && match born.strip_suffix('*') {
                    Some(start) => birth.starts_with(start),
                    None => born.is_empty() || birth == born,
                }
        })
        .map(|voter| {
            json!({
                "vb.voterbase_id": voter.voterbase_id,
                "vb.voterbase_registration_status": if voter.voter_status == "Pending" { "Unregistered" } else { "Registered" },
                "vb.vf_voter_status": voter.voter_status,
                "vb.vf_registration_date": voter.registration_date.replace('-', ""),
                "vb.voterbase_dob": voter.date_of_birth.replace('-', ""),
                "vb.tsmart_first_name": voter.first_name,
                "vb.tsmart_middle_name": voter.middle_name,
                "vb.tsmart_last_name": voter.last_name,
                "vb.tsmart_name_suffix": "",
                "vb.vf_reg_cass_address_full": voter.address,
                "vb.vf_reg_cass_city": voter.city,
                "vb.vf_reg_cass_state": voter.state,
                "vb.vf_reg_cass_zip": voter.zip_code,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(first: &str, last: &str, state: &str, zip: &str, dob: &str) -> Vec<Value> {
        let asked = [
            ("first_name", first),
            ("last_name", last),
            ("state", state),
            ("zip_code", zip),
            ("dob", dob),
        ];
        find(
            &asked
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        )
    }

    #[test]
    fn the_roll_answers_by_person() {
        let found = ask("MAYA", "example", "MA", "02108", "1990*");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["vb.vf_voter_status"], "Active");
        assert_eq!(found[0]["vb.voterbase_dob"], "19900401");
        assert_eq!(
            ask("Jordan", "Specimen", "MI", "48201", "1979*").len(),
            2,
            "two people fit"
        );
        assert_eq!(ask("Jordan", "Specimen", "MI", "48201", "19791005").len(), 1);
        assert!(ask("Maya", "Example", "MA", "02108", "1985*").is_empty());
        assert!(ask("", "", "", "", "").is_empty());
        let rows = csv::Reader::from_reader(ROLL.as_bytes())
            .deserialize::<Voter>()
            .filter(Result::is_err)
            .count();
        assert_eq!(rows, 0, "every row of the roll is read");
    }
}
