//! The catalogue of the registration tool's fields (spec 2.2.1): what each takes, and when it must be there.
//!
//! Left out on purpose: `request_mailing_*` (printing and posting for the voter) and `state_fields` (one state's own API).
//! Added: `middle_name`, which the form prints, and `language`.

use serde_json::Value;

use crate::Invalid;
use crate::person::{
    BirthDate, Email, Language, Line, Name, Phone, Secret, StateCode, WebUrl, Zip5, parse_flag,
    trim_embed_url,
};
use crate::voting::codes::{EventType, Gender, PersonTitle, PoliticalParty, RaceEthnicity, ToolName};

/// When a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// In every first submission.
    Minimum,
    /// To complete a registration, in every state.
    Required,
    Optional,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Name,
    Line,
    Title,
    State,
    Zip5,
    Email,
    Phone,
    Date,
    Gender,
    RaceEthnicity,
    Party,
    Tool,
    Language,
    Uuid,
    EmbedUrl,
    Boolean,
    /// A statement the voter must make: true, or an error.
    MustBeTrue,
    Secret,
    Events,
}

/// One field of the tool.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub group: Group,
    pub kind: Kind,
    /// Whether `null` is welcome.
    pub nullable: bool,
    /// Whether the empty text is welcome; it means nothing, like `null`.
    pub blank: bool,
}

/// Read from a submission and never stored: identity numbers and what is only asked.
pub const TRANSIENT: [&str; 4] = [
    "is_18_or_over",
    "state_id_number",
    "state_id_number_2",
    "ignore_undeliverable",
];
/// Silently kept as they were when a registration is updated: whoever knows its id may not redirect its mail.
pub const IMMUTABLE: [&str; 2] = ["email", "phone"];

/// All fields, in the order they are documented.
pub const FIELDS: &[Field] = &[
    minimum("first_name", Kind::Name, true),
    minimum("last_name", Kind::Name, true),
    minimum("address1", Kind::Line, true),
    minimum("city", Kind::Line, true),
    minimum("state", Kind::State, false),
    minimum("zipcode", Kind::Zip5, false),
    minimum("date_of_birth", Kind::Date, true),
    minimum("email", Kind::Email, true),
    required("state_id_number", Kind::Secret),
    required("us_citizen", Kind::MustBeTrue),
    required("is_18_or_over", Kind::MustBeTrue),
    choice("title", Kind::Title),
    text("middle_name", Kind::Name),
    Field {
        blank: false,
        ..text("suffix", Kind::Name)
    },
    choice("phone", Kind::Phone),
    text("address2", Kind::Line),
    choice("gender", Kind::Gender),
    choice("race_ethnicity", Kind::RaceEthnicity),
    choice("party", Kind::Party),
    choice("language", Kind::Language),
    choice("previous_title", Kind::Title),
    text("previous_first_name", Kind::Name),
    text("previous_middle_name", Kind::Name),
    text("previous_last_name", Kind::Name),
    text("previous_suffix", Kind::Name),
    text("previous_address1", Kind::Line),
    text("previous_address2", Kind::Line),
    text("previous_city", Kind::Line),
    choice("previous_state", Kind::State),
    choice("previous_zipcode", Kind::Zip5),
    text("mailing_address1", Kind::Line),
    text("mailing_address2", Kind::Line),
    text("mailing_city", Kind::Line),
    choice("mailing_state", Kind::State),
    choice("mailing_zipcode", Kind::Zip5),
    choice("sms_opt_in", Kind::Boolean),
    choice("sms_opt_in_subscriber", Kind::Boolean),
    choice("referring_tool", Kind::Tool),
    text("embed_url", Kind::EmbedUrl),
    text("utm_campaign", Kind::Line),
    text("utm_source", Kind::Line),
    text("utm_medium", Kind::Line),
    text("utm_term", Kind::Line),
    text("utm_content", Kind::Line),
    text("source", Kind::Line),
    choice("session_id", Kind::Uuid),
    text("email_referrer", Kind::Line),
    text("mobile_referrer", Kind::Line),
    choice("initial_events", Kind::Events),
];

const fn minimum(name: &'static str, kind: Kind, nullable: bool) -> Field {
    Field {
        name,
        group: Group::Minimum,
        kind,
        nullable,
        blank: false,
    }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        group: Group::Required,
        kind,
        nullable: false,
        blank: false,
    }
}

const fn text(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        group: Group::Optional,
        kind,
        nullable: true,
        blank: true,
    }
}

/// An optional value of a closed list or a fixed form: `null` and the empty text both mean that nothing was chosen.
const fn choice(name: &'static str, kind: Kind) -> Field {
    text(name, kind)
}

impl Field {
    /// Checks a submitted value and gives it in its stored form: texts trimmed, phones in E.164, booleans as booleans.
    /// Numbers are taken as texts where any text is welcome, as clients of this field are used to.
    ///
    /// # Errors
    /// `null`, `blank`, `type`, or what the kind of field says.
    pub fn check(&self, value: &Value) -> Result<Value, Invalid> {
        const WRONG_TYPE: Invalid = Invalid::new("type", "Not a value of the right type.");
        let text = match value {
            Value::Null if self.nullable => return Ok(Value::Null),
            Value::Null => return Err(Invalid::new("null", "This field may not be null.")),
            Value::String(text) if text.trim().is_empty() && self.blank => return Ok(Value::Null),
            Value::String(text) if text.trim().is_empty() => return Err(Invalid::BLANK),
            Value::String(text) => text.clone(),
            Value::Number(number) if self.takes_numbers() => number.to_string(),
            Value::Bool(yes) if matches!(self.kind, Kind::Boolean | Kind::MustBeTrue) => yes.to_string(),
            Value::Array(events) if self.kind == Kind::Events => return check_events(events),
            _ => return Err(WRONG_TYPE),
        };
        let text = text.as_str();
        let stored = match self.kind {
            Kind::Name => Name::parse(text)?.to_string(),
            Kind::Line => Line::parse(text)?.to_string(),
            Kind::Title => PersonTitle::parse_label(text)?.to_string(),
            Kind::State => StateCode::parse(text)?.to_string(),
            Kind::Zip5 => Zip5::parse(text)?.to_string(),
            Kind::Email => Email::parse(text)?.to_string(),
            Kind::Phone => Phone::parse(text)?.to_string(),
            Kind::Date => BirthDate::parse(text)?.to_string(),
            Kind::Gender => Gender::parse(text)?.to_string(),
            Kind::RaceEthnicity => RaceEthnicity::parse(text)?.to_string(),
            Kind::Party => PoliticalParty::parse(text)?.to_string(),
            Kind::Tool => ToolName::parse(text)?.to_string(),
            Kind::Language => Language::parse(text)?.to_string(),
            Kind::Uuid => uuid::Uuid::try_parse(text)
                .map_err(|_| Invalid::new("uuid", "Must be a UUID."))?
                .to_string(),
            Kind::EmbedUrl if text.len() > WebUrl::MAX => return Err(Invalid::too_long(WebUrl::MAX)),
            Kind::EmbedUrl if text.contains('\0') => return Err(Invalid::UNPRINTABLE),
            Kind::EmbedUrl => trim_embed_url(text),
            Kind::Secret => Secret::parse(text)?.expose().to_owned(),
            Kind::Boolean => return parse_flag(text).map(Value::Bool),
            Kind::MustBeTrue if parse_flag(text)? => return Ok(Value::Bool(true)),
            Kind::MustBeTrue => {
                return Err(Invalid::new("must_be_true", "You must say yes to this to go on."));
            }
            Kind::Events => return Err(WRONG_TYPE),
        };
        Ok(Value::String(stored))
    }

    const fn takes_numbers(&self) -> bool {
        matches!(
            self.kind,
            Kind::Name | Kind::Line | Kind::Zip5 | Kind::Secret | Kind::Boolean | Kind::MustBeTrue
        )
    }
}

fn check_events(events: &[Value]) -> Result<Value, Invalid> {
    const MOST: usize = 20;
    if events.len() > MOST {
        return Err(Invalid::new("too_many", "Send at most 20 events."));
    }
    for event in events {
        EventType::parse(event.as_str().unwrap_or_default())?;
    }
    Ok(Value::Array(events.to_vec()))
}
