//! The registration tool: what it takes ([`fields`]), when a registration is complete ([`submission`]), and what goes on
//! the form ([`form_values`]).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::codes::{ActionStatus, Gender, PersonTitle, PoliticalParty, RaceEthnicity};
use crate::person::{BirthDate, Email, Language, Line, Name, Phone, Slug, StateCode, Zip5, slugify};

pub mod fields;
pub mod form_values;
mod prefill;
pub mod submission;

/// A registration as it is stored, by the names of its columns (spec 4). What is unknown is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registration {
    pub uuid: Option<Uuid>,
    pub status: Option<ActionStatus>,
    pub language: Option<Language>,
    pub title: Option<PersonTitle>,
    pub first_name: Option<Name>,
    pub middle_name: Option<Name>,
    pub last_name: Option<Name>,
    pub suffix: Option<Name>,
    pub date_of_birth: Option<BirthDate>,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub address1: Option<Line>,
    pub address2: Option<Line>,
    pub city: Option<Line>,
    pub state: Option<StateCode>,
    pub zipcode: Option<Zip5>,
    pub previous_title: Option<PersonTitle>,
    pub previous_first_name: Option<Name>,
    pub previous_middle_name: Option<Name>,
    pub previous_last_name: Option<Name>,
    pub previous_suffix: Option<Name>,
    pub previous_address1: Option<Line>,
    pub previous_address2: Option<Line>,
    pub previous_city: Option<Line>,
    pub previous_state: Option<StateCode>,
    pub previous_zipcode: Option<Zip5>,
    pub mailing_address1: Option<Line>,
    pub mailing_address2: Option<Line>,
    pub mailing_city: Option<Line>,
    pub mailing_state: Option<StateCode>,
    pub mailing_zipcode: Option<Zip5>,
    pub gender: Option<Gender>,
    pub race_ethnicity: Option<RaceEthnicity>,
    pub party: Option<PoliticalParty>,
    pub us_citizen: Option<bool>,
    pub source: Option<Line>,
    pub utm_campaign: Option<Line>,
    pub utm_source: Option<Line>,
    pub utm_medium: Option<Line>,
    pub utm_term: Option<Line>,
    pub utm_content: Option<Line>,
    pub email_referrer: Option<Line>,
    pub mobile_referrer: Option<Line>,
}

impl Registration {
    /// Reads a stored row given as a JSON object of its columns. Unknown columns are ignored; an empty text is nothing.
    ///
    /// # Errors
    /// When a column holds what its type cannot.
    pub fn from_row(row: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let filled = row
            .into_iter()
            .filter(|(_, value)| value.as_str() != Some(""))
            .collect();
        serde_json::from_value(Value::Object(filled))
    }

    /// The name of the form's file (spec 5.3.3): `ma-doe-registrationform.pdf`.
    #[must_use]
    pub fn file_name(&self) -> String {
        let state = self.state.map_or("", StateCode::as_str);
        let last = self.last_name.as_ref().map_or("", Name::as_str);
        format!("{}.pdf", slugify(&format!("{state} {last} registrationform")))
    }

    /// The query string that fills this voter's data into a tool again (spec 5.19), without the `?`. Empty values are left out.
    #[must_use]
    pub fn prefill_query(&self, subscriber: &Slug) -> String {
        prefill::query(self, subscriber)
    }
}

#[cfg(test)]
pub(crate) fn sample(changes: &Value) -> Registration {
    let mut row = serde_json::json!({
        "title": "Mr", "first_name": "Zoë", "middle_name": "quincy", "last_name": "O'Neil-Smith", "suffix": "Jr.",
        "date_of_birth": "1990-02-03", "email": "zoe@example.org", "phone": "+16175551234",
        "address1": "7 Main St", "address2": "", "city": "Boston", "state": "MA", "zipcode": "02139",
        "race_ethnicity": "Black", "party": "Green", "us_citizen": true, "unknown_column": {"a": 1},
    });
    let object = row.as_object_mut().unwrap();
    object.extend(changes.as_object().unwrap().clone());
    Registration::from_row(object.clone()).unwrap()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_read_by_column_name() {
        let row = sample(&json!({"suffix": null}));
        assert_eq!((row.address2, row.suffix), (None, None));
        assert!(Registration::from_row(json!({"zipcode": "1"}).as_object().unwrap().clone()).is_err());
    }

    #[test]
    fn the_file_is_named_by_state_and_last_name() {
        assert_eq!(
            sample(&json!({})).file_name(),
            "ma-oneil-smith-registrationform.pdf"
        );
        assert_eq!(
            sample(&json!({"last_name": null})).file_name(),
            "ma-registrationform.pdf"
        );
    }

    #[test]
    fn nothing_personal_shows_in_debug_output() {
        let shown = format!("{:?}", sample(&json!({})));
        for secret in ["Zo", "Neil", "1990", "617", "Main", "02139", "zoe"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}
