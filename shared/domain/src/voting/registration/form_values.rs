//! What is printed on a registration form, by canonical key (spec 5.1, 5.2.1, 5.4). Which box of which PDF a key fills is the
//! business of the form's own map.

use std::collections::BTreeMap;

use super::Registration;
use crate::person::{BirthDate, Email, Language, Line, Name, Phone, Secret, StateCode, Zip5, fold_to_ascii};
use crate::voting::codes::{Gender, PersonTitle, PoliticalParty, RaceEthnicity};
use crate::voting::state_information::StateInformation;

/// What goes into one box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormValue {
    Text(String),
    /// A box to tick. Boxes that stay empty have no value at all.
    Tick,
}

/// What a voter says only while completing, and what is never stored.
#[derive(Clone, Copy, Debug, Default)]
pub struct Statements<'a> {
    pub state_id_number: Option<&'a Secret>,
    pub is_18_or_over: bool,
}

/// The states whose form asks for race or ethnic group, most under their Voting Rights Act history.
const ASK_RACE: [&str; 6] = ["AL", "FL", "GA", "NC", "PA", "SC"];

/// All values for a voter's form. Dates are ISO; `date_of_birth_us` and the parts of the date are there for American boxes.
#[must_use]
pub fn form_values(
    voter: &Registration,
    statements: Statements<'_>,
    state: &StateInformation,
    language: Language,
) -> BTreeMap<String, FormValue> {
    let mut form = Form::default();
    person(&mut form, voter);
    home(&mut form, voter);
    former(&mut form, voter);
    mailing(&mut form, voter);
    if voter.us_citizen == Some(true) {
        form.tick("us_citizen");
    }
    if statements.is_18_or_over {
        form.tick("is_18_or_over");
    }
    form.set("state_id_number", statements.state_id_number.map(Secret::expose));
    for (n, line) in (1..).zip(state.mail_to_lines()) {
        form.set(&format!("mailto_line_{n}"), Some(line));
        form.set(&format!("mailto_line_upper_{n}"), Some(&line.to_uppercase()));
    }
    form.set("mailto", Some(&state.mail_to_lines().join("\n")));
    form.set(
        "registration_deadline",
        Some(&state.registration_deadline_sentence(language)),
    );
    for slug in [
        "registration_nvrf_box_6",
        "registration_nvrf_box_7",
        "registration_nvrf_box_8",
        "warnings_registration",
    ] {
        form.set(slug, state.text(slug));
    }
    form.values
}

fn person(form: &mut Form, voter: &Registration) {
    form.title("title", voter.title);
    form.set("first_name", voter.first_name.as_ref());
    form.set("middle_name", voter.middle_name.as_ref());
    form.set("last_name", voter.last_name.as_ref());
    form.suffix("suffix", voter.suffix.as_ref());
    let initial = voter
        .middle_name
        .as_ref()
        .and_then(|name| name.as_str().chars().next());
    form.set("middle_initial", initial.map(|c| c.to_uppercase().to_string()));
    form.set(
        "full_name",
        joined(
            " ",
            [
                voter.first_name.as_ref(),
                voter.middle_name.as_ref(),
                voter.last_name.as_ref(),
            ],
        ),
    );
    if let Some(born) = voter.date_of_birth.map(BirthDate::date) {
        form.set("date_of_birth", Some(born.to_string()));
        form.set(
            "date_of_birth_us",
            Some(format!(
                "{:02}/{:02}/{:04}",
                born.month(),
                born.day(),
                born.year()
            )),
        );
        form.set("month_of_birth", Some(format!("{:02}", born.month())));
        form.set("day_of_birth", Some(format!("{:02}", born.day())));
        form.set("year_of_birth", Some(format!("{:04}", born.year())));
    }
    form.set("email", voter.email.as_ref().map(Email::as_str));
    form.set("phone", voter.phone.as_ref().map(Phone::national));
    form.set("gender", voter.gender.map(Gender::as_str));
    form.set("party", voter.party.map(PoliticalParty::as_str));
    let asks_race = voter
        .state
        .is_some_and(|state| ASK_RACE.contains(&state.as_str()));
    form.set(
        "race_ethnicity",
        voter
            .race_ethnicity
            .filter(|_| asks_race)
            .map(RaceEthnicity::label),
    );
}

fn home(form: &mut Form, voter: &Registration) {
    let code = voter.state.map(StateCode::as_str);
    form.set("state", code);
    form.set("state_name", voter.state.map(StateCode::name));
    form.address(
        "",
        [voter.address1.as_ref(), voter.address2.as_ref()],
        voter.city.as_ref(),
        code,
        voter.zipcode.as_ref().map(Zip5::as_str),
    );
}

fn former(form: &mut Form, voter: &Registration) {
    form.title("previous_title", voter.previous_title);
    form.set("previous_first_name", voter.previous_first_name.as_ref());
    form.set("previous_middle_name", voter.previous_middle_name.as_ref());
    form.set("previous_last_name", voter.previous_last_name.as_ref());
    form.suffix("previous_suffix", voter.previous_suffix.as_ref());
    let names = [
        voter.previous_first_name.as_ref(),
        voter.previous_middle_name.as_ref(),
        voter.previous_last_name.as_ref(),
    ];
    form.set("previous_full_name", joined(" ", names));
    let code = voter.previous_state.map(StateCode::as_str);
    form.set("previous_state", code);
    let lines = [voter.previous_address1.as_ref(), voter.previous_address2.as_ref()];
    form.address(
        "previous_",
        lines,
        voter.previous_city.as_ref(),
        code,
        voter.previous_zipcode.as_ref().map(Zip5::as_str),
    );
}

fn mailing(form: &mut Form, voter: &Registration) {
    form.tick(if voter.mailing_address1.is_some() {
        "has_mailing_address"
    } else {
        "same_mailing_address"
    });
    let code = voter.mailing_state.map(StateCode::as_str);
    form.set("mailing_state", code);
    let lines = [voter.mailing_address1.as_ref(), voter.mailing_address2.as_ref()];
    form.address(
        "mailing_",
        lines,
        voter.mailing_city.as_ref(),
        code,
        voter.mailing_zipcode.as_ref().map(Zip5::as_str),
    );
}

#[derive(Default)]
struct Form {
    values: BTreeMap<String, FormValue>,
}

impl Form {
    fn set(&mut self, key: &str, value: Option<impl AsRef<str>>) {
        let clean = value.map(|value| clean(value.as_ref())).unwrap_or_default();
        if !clean.is_empty() {
            self.values.insert(key.to_owned(), FormValue::Text(clean));
        }
    }

    fn tick(&mut self, key: &str) {
        self.values.insert(key.to_owned(), FormValue::Tick);
    }

    fn title(&mut self, key: &str, title: Option<PersonTitle>) {
        if let Some(title) = title {
            self.set(key, Some(title.label()));
            self.tick(&format!("{key}_{}", title.as_str().to_ascii_lowercase()));
        }
    }

    fn suffix(&mut self, key: &str, suffix: Option<&Name>) {
        self.set(key, suffix);
        let plain = suffix
            .map(|suffix| suffix.as_str().replace('.', "").trim().to_lowercase())
            .unwrap_or_default();
        if matches!(plain.as_str(), "jr" | "sr" | "ii" | "iii" | "iv") {
            self.tick(&format!("{key}_{plain}"));
        }
    }

    /// The lines of one address and the ways forms run them together.
    fn address(
        &mut self,
        prefix: &str,
        lines: [Option<&Line>; 2],
        city: Option<&Line>,
        state: Option<&str>,
        zip: Option<&str>,
    ) {
        let [line1, line2] = lines;
        self.set(&format!("{prefix}address1"), line1);
        self.set(&format!("{prefix}address2"), line2);
        self.set(&format!("{prefix}city"), city);
        self.set(&format!("{prefix}zipcode"), zip);
        let street = joined(" ", [line1, line2]);
        let state_zip = joined(" ", [state, zip]);
        let place = joined(", ", [city.map(Line::as_str), state_zip.as_deref()]);
        self.set(&format!("{prefix}address1_2"), street.as_deref());
        self.set(
            &format!("{prefix}address1_2_city"),
            joined(", ", [street.as_deref(), city.map(Line::as_str)]),
        );
        self.set(&format!("{prefix}address_city_state_zip"), place.as_deref());
        self.set(
            &format!("{prefix}full_address"),
            joined(" ", [street.as_deref(), place.as_deref()]),
        );
    }
}

/// The parts that are there, joined; nothing if none is.
fn joined<const N: usize>(separator: &str, parts: [Option<impl AsRef<str>>; N]) -> Option<String> {
    let there: Vec<_> = parts.into_iter().flatten().collect();
    let texts: Vec<_> = there.iter().map(AsRef::as_ref).collect();
    (!texts.is_empty()).then(|| texts.join(separator))
}

/// Makes a text fit for a PDF box (spec 5.2.2): ASCII, no control characters but tabs and line ends, at most 1,024 characters.
#[must_use]
pub fn clean(text: &str) -> String {
    const MAX: usize = 1_024;
    let printable = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r');
    fold_to_ascii(text)
        .chars()
        .filter(printable)
        .take(MAX)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::voting::registration::sample;

    fn values(changes: &serde_json::Value) -> BTreeMap<String, FormValue> {
        let texts = [
            (
                "registration_nvrf_submission_address",
                "Elections Division\nBoston, MA",
            ),
            ("registration_deadline_mail", "Postmarked 10 days before"),
        ];
        let texts = texts
            .map(|(slug, text)| (slug.to_owned(), text.to_owned()))
            .into();
        let state = StateInformation {
            state: StateCode::parse("MA").unwrap(),
            texts,
        };
        let number = Secret::parse("S123").unwrap();
        form_values(
            &sample(changes),
            Statements {
                state_id_number: Some(&number),
                is_18_or_over: true,
            },
            &state,
            Language::En,
        )
    }

    fn text<'a>(values: &'a BTreeMap<String, FormValue>, key: &str) -> Option<&'a str> {
        match values.get(key)? {
            FormValue::Text(text) => Some(text),
            FormValue::Tick => Some("x"),
        }
    }

    #[test]
    fn the_form_has_all_that_is_known() {
        let values = values(&json!({}));
        for (key, value) in [
            ("first_name", "Zoe"),
            ("full_name", "Zoe quincy O'Neil-Smith"),
            ("middle_initial", "Q"),
            ("title", "Mr."),
            ("title_mr", "x"),
            ("suffix_jr", "x"),
            ("date_of_birth", "1990-02-03"),
            ("date_of_birth_us", "02/03/1990"),
            ("day_of_birth", "03"),
            ("phone", "(617) 555-1234"),
            ("party", "Green"),
            ("us_citizen", "x"),
            ("is_18_or_over", "x"),
            ("state_id_number", "S123"),
            ("address1_2", "7 Main St"),
            ("address_city_state_zip", "Boston, MA 02139"),
            ("full_address", "7 Main St Boston, MA 02139"),
            ("same_mailing_address", "x"),
            ("mailto_line_2", "Boston, MA"),
            ("mailto_line_upper_1", "ELECTIONS DIVISION"),
            (
                "registration_deadline",
                "Your form must be postmarked 10 days before.",
            ),
        ] {
            assert_eq!(text(&values, key), Some(value), "{key}");
        }
        for key in [
            "race_ethnicity",
            "address2",
            "previous_first_name",
            "previous_full_address",
            "mailing_full_address",
            "has_mailing_address",
        ] {
            assert_eq!(text(&values, key), None, "{key}");
        }
    }

    #[test]
    fn race_is_printed_only_where_the_form_asks() {
        for state in StateCode::ALL {
            let printed = values(&json!({"state": state})).contains_key("race_ethnicity");
            assert_eq!(
                printed,
                ["AL", "FL", "GA", "NC", "PA", "SC"].contains(&state.as_str()),
                "{state}"
            );
        }
        assert_eq!(
            text(&values(&json!({"state": "GA"})), "race_ethnicity"),
            Some("Black, not of Hispanic Origin")
        );
    }

    #[test]
    fn former_and_mailing_addresses_have_their_own_keys() {
        let values = values(&json!({
            "previous_title": "Ms", "previous_suffix": "III", "previous_address1": "1 Old Rd", "previous_city": "Salem", "previous_state": "OR",
            "mailing_address1": "PO Box 1", "mailing_city": "Lynn", "mailing_state": "MA", "mailing_zipcode": "01901", "us_citizen": false,
        }));
        assert_eq!(text(&values, "previous_full_address"), Some("1 Old Rd Salem, OR"));
        assert_eq!(
            text(&values, "mailing_address_city_state_zip"),
            Some("Lynn, MA 01901")
        );
        for key in ["previous_title_ms", "previous_suffix_iii", "has_mailing_address"] {
            assert!(values.contains_key(key), "{key}");
        }
        assert!(!values.contains_key("same_mailing_address") && !values.contains_key("us_citizen"));
    }

    #[test]
    fn values_are_fit_for_a_box() {
        assert_eq!(clean(" Hagåtña\0\u{7}\tx\ny "), "Hagatna\tx\ny");
        assert_eq!(clean(&"a".repeat(5_000)).len(), 1_024);
    }
}
