//! Asking a voter file whether someone is registered: how the question is put, and what the answer means (spec 5.6, 2.4).

use serde_json::Value;

use super::codes::VoterStatus;
use crate::person::{BirthDate, Line, Name, StateCode, Zip5, fold_to_ascii};

/// Whom to look for.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub first_name: &'a Name,
    pub last_name: &'a Name,
    pub address1: &'a Line,
    pub address2: Option<&'a Line>,
    pub city: &'a Line,
    pub state: StateCode,
    pub zipcode: &'a Zip5,
    pub date_of_birth: BirthDate,
}

impl Question<'_> {
    /// The query parameters of TargetSmart's registration check. Of the birth date only the year is asked: some files hold
    /// 1 January where the day is unknown.
    #[must_use]
    pub fn parameters(&self) -> [(&'static str, String); 6] {
        [
            ("first_name", normalize(self.first_name.as_str())),
            ("last_name", normalize(self.last_name.as_str())),
            ("state", self.state.to_string()),
            ("zip_code", self.zipcode.to_string()),
            ("unparsed_full_address", self.unparsed_full_address()),
            ("dob", format!("{:04}*", self.date_of_birth.date().year())),
        ]
    }

    /// The address in one line: `7 Main St Apt 2, Boston, MA 02139`.
    #[must_use]
    pub fn unparsed_full_address(&self) -> String {
        let second = self.address2.map(|line| format!(" {line}")).unwrap_or_default();
        normalize(&format!(
            "{}{second}, {}, {} {}",
            self.address1, self.city, self.state, self.zipcode
        ))
    }
}

/// Keeps what voter files know: ASCII letters, digits, spaces and `-.,#`. A slash parts numbers, so it becomes a space.
fn normalize(text: &str) -> String {
    let known = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '.' | ',' | '#');
    let plain = fold_to_ascii(text).replace('/', " ");
    plain.chars().filter(known).collect::<String>().trim().to_owned()
}

/// What a voter file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub registered: bool,
    pub voter_status: VoterStatus,
    /// More than one person fits, so that nothing can be said of any.
    pub too_many: bool,
}

/// The provider answered, but not with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderFailed;

/// Reads the provider's answer. Exactly one person counts; only an active one is registered.
///
/// # Errors
/// When the provider reports an error, or its answer has no list of people.
pub fn interpret(body: &Value) -> Result<Answer, ProviderFailed> {
    if body.get("error").is_some_and(is_truthy) {
        return Err(ProviderFailed);
    }
    let people = body
        .get("result_set")
        .and_then(Value::as_array)
        .ok_or(ProviderFailed)?;
    let voter_status = match people.as_slice() {
        [person] => match person.get("vb.vf_voter_status").and_then(Value::as_str) {
            Some("Active") => VoterStatus::Active,
            Some("Inactive") => VoterStatus::Inactive,
            _ => VoterStatus::Unknown,
        },
        _ => VoterStatus::Unknown,
    };
    Ok(Answer {
        registered: voter_status == VoterStatus::Active,
        voter_status,
        too_many: people.len() > 1,
    })
}

/// As the provider's own clients judge its `error` member, which is at times null, false, or empty.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_question_is_put_in_plain_letters() {
        let (first, last) = (Name::parse("Zoë").unwrap(), Name::parse("O'Neil-Smith").unwrap());
        let (street, flat, city) = (
            Line::parse("7½ Main St.").unwrap(),
            Line::parse("Apt #2").unwrap(),
            Line::parse("Hagåtña").unwrap(),
        );
        let question = Question {
            first_name: &first,
            last_name: &last,
            address1: &street,
            address2: Some(&flat),
            city: &city,
            state: StateCode::parse("GU").unwrap(),
            zipcode: &Zip5::parse("96910").unwrap(),
            date_of_birth: BirthDate::parse("1980-07-09").unwrap(),
        };
        let parameters = question.parameters().map(|(_, value)| value);
        assert_eq!(
            parameters,
            [
                "Zoe",
                "ONeil-Smith",
                "GU",
                "96910",
                "7 1 2 Main St. Apt #2, Hagatna, GU 96910",
                "1980*"
            ]
        );
        assert_eq!(
            Question {
                address2: None,
                ..question
            }
            .unparsed_full_address(),
            "7 1 2 Main St., Hagatna, GU 96910"
        );
    }

    #[test]
    fn exactly_one_active_person_is_registered() {
        let person = |status: &str| json!({"vb.vf_voter_status": status, "vb.voterbase_id": "x"});
        for (people, registered, status, too_many) in [
            (vec![person("Active")], true, "Active", false),
            (vec![person("Inactive")], false, "Inactive", false),
            (vec![person("Purged")], false, "Unknown", false),
            (vec![json!({})], false, "Unknown", false),
            (vec![json!("garbage")], false, "Unknown", false),
            (vec![], false, "Unknown", false),
            (vec![person("Active"), person("Active")], false, "Unknown", true),
        ] {
            let answer = interpret(&json!({"result_set": people, "error": null})).unwrap();
            assert_eq!(
                (answer.registered, answer.voter_status.as_str(), answer.too_many),
                (registered, status, too_many)
            );
        }
    }

    #[test]
    fn what_is_no_answer_is_a_failure() {
        for body in [
            json!(null),
            json!([]),
            json!("busy"),
            json!({}),
            json!({"result_set": {}}),
            json!({"result_set": null}),
            json!({"error": "limit", "result_set": []}),
            json!({"error": true, "result_set": []}),
            json!({"error": {"a": 1}, "result_set": []}),
        ] {
            assert_eq!(interpret(&body), Err(ProviderFailed), "{body}");
        }
        for quiet in [json!(""), json!(false), json!(0), json!([])] {
            assert!(interpret(&json!({"error": quiet, "result_set": []})).is_ok());
        }
    }
}
