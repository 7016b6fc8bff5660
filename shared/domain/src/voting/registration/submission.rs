//! Reads one submission of the registration tool: a first one, or a change to a stored registration (spec 2.1).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Registration;
use super::fields::{FIELDS, Field, Group, IMMUTABLE};
use crate::Invalid;
use crate::person::Secret;
use crate::voting::codes::EventType;

/// How a submission came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method<'a> {
    /// A first submission.
    Create,
    /// `PUT`: the minimum must be there again.
    Replace(&'a Registration),
    /// `PATCH`: only what changes.
    Change(&'a Registration),
}

/// A submission that may be stored.
#[derive(Clone, PartialEq)]
pub struct Submission {
    /// The columns to write, by name; `null` empties one. Never holds what must not be stored.
    pub columns: BTreeMap<&'static str, Value>,
    /// For the form only.
    pub state_id_number: Option<Secret>,
    /// For the form only.
    pub is_18_or_over: bool,
    /// What the client saw happen before it called.
    pub initial_events: Vec<EventType>,
}

/// Hidden: it is all about one person.
impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Submission")
            .field("columns", &self.columns.keys())
            .finish_non_exhaustive()
    }
}

/// What is wrong, by field.
pub type Errors = BTreeMap<&'static str, Vec<Invalid>>;

/// Checks a submission. `incomplete`: the voter is still under way, so that what completes a registration may be missing.
/// Unknown members of the body are ignored.
///
/// # Errors
/// Every field that is missing or wrong.
pub fn read(body: &Map<String, Value>, method: Method<'_>, incomplete: bool) -> Result<Submission, Errors> {
    let mut errors = Errors::new();
    let mut values = BTreeMap::new();
    for field in FIELDS {
        match body.get(field.name).map(|value| field.check(value)) {
            Some(Ok(value)) => drop(values.insert(field.name, value)),
            Some(Err(invalid)) => errors.entry(field.name).or_default().push(invalid),
            None if is_missing(field, method, incomplete) => {
                errors
                    .entry(field.name)
                    .or_default()
                    .push(Invalid::new("required", "This field is required."));
            }
            None => {}
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if method != Method::Create {
        values.retain(|name, _| !IMMUTABLE.contains(name));
    }
    let state_id_number = values.remove("state_id_number");
    let events = values.remove("initial_events");
    Ok(Submission {
        state_id_number: state_id_number.and_then(|number| Secret::parse(number.as_str()?).ok()),
        is_18_or_over: values.remove("is_18_or_over") == Some(Value::Bool(true)),
        initial_events: events
            .and_then(|events| serde_json::from_value(events).ok())
            .unwrap_or_default(),
        columns: values,
    })
}

/// Whether a field that the body leaves out had to be there.
///
/// A registration can be completed by any method, and always needs what is required nationally: the citizenship statement may
/// have been made earlier, the identity number and the age are never stored and so must come with the completing call.
fn is_missing(field: &Field, method: Method<'_>, incomplete: bool) -> bool {
    let stored = match method {
        Method::Create => None,
        Method::Replace(stored) | Method::Change(stored) => Some(stored),
    };
    match field.group {
        Group::Minimum => !matches!(method, Method::Change(_)),
        Group::Required if incomplete => false,
        Group::Required => {
            !(field.name == "us_citizen" && stored.is_some_and(|stored| stored.us_citizen == Some(true)))
        }
        Group::Optional => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::voting::registration::fields::TRANSIENT;
    use crate::voting::registration::sample;

    fn minimum() -> Map<String, Value> {
        json!({
            "first_name": " Ann ", "last_name": "Lee", "address1": "7 Main St", "city": "Boston", "state": "MA", "zipcode": "02139",
            "date_of_birth": "1737-01-30", "email": "ann@Example.org",
        })
        .as_object()
        .unwrap()
        .clone()
    }

    fn with(changes: &Value) -> Map<String, Value> {
        let mut body = minimum();
        body.extend(changes.as_object().unwrap().clone());
        body
    }

    fn codes(result: Result<Submission, Errors>) -> Vec<(&'static str, &'static str)> {
        result
            .unwrap_err()
            .into_iter()
            .map(|(field, invalid)| (field, invalid[0].code))
            .collect()
    }

    #[test]
    fn a_first_step_needs_the_minimum_only() {
        let submission = read(&with(&json!({"unknown": 1})), Method::Create, true).unwrap();
        assert_eq!(submission.columns["first_name"], "Ann");
        assert_eq!(submission.columns["email"], "ann@example.org");
        assert!(!submission.columns.contains_key("unknown"));
        assert_eq!(read(&Map::new(), Method::Create, true).unwrap_err().len(), 8);
        let nulls = json!({"first_name": null, "last_name": null, "address1": null, "city": null, "date_of_birth": null, "email": null});
        assert!(read(&with(&nulls), Method::Create, true).is_ok());
        assert_eq!(
            codes(read(
                &with(&json!({"state": null, "zipcode": ""})),
                Method::Create,
                true
            )),
            [("state", "null"), ("zipcode", "blank")]
        );
    }

    #[test]
    fn what_must_not_be_stored_is_not_among_the_columns() {
        let body = with(
            &json!({"state_id_number": "S1234567", "us_citizen": "yes", "is_18_or_over": true, "ignore_undeliverable": true, "state_id_number_2": "1234"}),
        );
        let submission = read(&body, Method::Create, false).unwrap();
        assert_eq!(
            submission.state_id_number.as_ref().map(Secret::expose),
            Some("S1234567")
        );
        assert!(submission.is_18_or_over);
        assert_eq!(submission.columns["us_citizen"], true);
        assert!(
            TRANSIENT
                .iter()
                .all(|name| !submission.columns.contains_key(name))
        );
        assert!(!format!("{submission:?}").contains("1234567"));
    }

    #[test]
    fn completing_needs_what_is_required_by_any_method() {
        let required = [
            ("is_18_or_over", "required"),
            ("state_id_number", "required"),
            ("us_citizen", "required"),
        ];
        let stored = sample(&json!({"us_citizen": false}));
        assert_eq!(codes(read(&minimum(), Method::Create, false)), required);
        assert_eq!(codes(read(&Map::new(), Method::Change(&stored), false)), required);
        assert!(read(&Map::new(), Method::Change(&stored), true).is_ok());
        assert_eq!(
            codes(read(&Map::new(), Method::Change(&sample(&json!({}))), false)),
            required[..2]
        );
        assert_eq!(
            codes(read(&with(&json!({"us_citizen": false})), Method::Create, true)),
            [("us_citizen", "must_be_true")]
        );
        assert_eq!(
            read(&Map::new(), Method::Replace(&stored), true)
                .unwrap_err()
                .len(),
            8
        );
    }

    #[test]
    fn contacts_stay_as_they_were() {
        let stored = sample(&json!({}));
        let body = json!({"email": "other@example.org", "phone": "6175550000", "city": "Salem"})
            .as_object()
            .unwrap()
            .clone();
        let submission = read(&body, Method::Change(&stored), true).unwrap();
        assert_eq!(submission.columns.keys().copied().collect::<Vec<_>>(), ["city"]);
    }

    #[test]
    fn wrong_values_are_errors_and_never_crashes() {
        let body = with(
            &json!({"phone": 6_175_551_234_u64, "title": "Dr", "gender": {}, "address2": "", "mailing_zipcode": "1", "initial_events": ["Start", "Nope"], "utm_source": 7}),
        );
        let errors = codes(read(&body, Method::Create, true));
        assert_eq!(
            errors,
            [
                ("gender", "type"),
                ("initial_events", "invalid_choice"),
                ("mailing_zipcode", "zip5"),
                ("phone", "type"),
                ("title", "invalid_choice")
            ]
        );
        let good = with(
            &json!({"phone": "6175551234", "title": "Mr.", "initial_events": ["Start"], "utm_source": 7, "embed_url": "https://a.example/x?y"}),
        );
        let submission = read(&good, Method::Create, true).unwrap();
        assert_eq!(
            (&submission.columns["phone"], &submission.columns["title"]),
            (&json!("+16175551234"), &json!("Mr"))
        );
        assert_eq!(
            (
                &submission.columns["utm_source"],
                &submission.columns["embed_url"]
            ),
            (&json!("7"), &json!("https://a.example/x"))
        );
        assert_eq!(submission.initial_events, [EventType::Start]);
    }

    proptest! {
        #[test]
        fn what_is_accepted_can_be_stored_and_read_again(text in any::<String>(), index in 0..FIELDS.len()) {
            let body = with(&json!({FIELDS[index].name: text}));
            if let Ok(submission) = read(&body, Method::Create, true) {
                let row = submission.columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                prop_assert!(Registration::from_row(row).is_ok());
            }
        }
    }
}
