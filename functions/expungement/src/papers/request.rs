//! What a request for paperwork says beside the search: who files, and why they cannot pay.

use app::Context;
use axum::http::HeaderMap;
use domain::expungement::{
    Case, Options, demo,
    paperwork::{UserInformation, WaiverInformation},
};
use ports::{Error, FieldError, Result};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    analysis::{self, SearchIn},
    court::found,
};

/// Characters of one answer: far above any real one.
const MAX_ANSWER: usize = 200;
/// Characters of an explanation; four lines of the form hold about 400.
const MAX_EXPLANATION: usize = 1_000;

/// The keys of `userInformation` that both packets need.
const USER: [&str; 7] = [
    "full_name",
    "date_of_birth",
    "mailing_address",
    "city",
    "state",
    "zip_code",
    "phone_number",
];
const EMAIL: &str = "email_address";
const EXPLANATIONS: [&str; 2] = ["explain", "explain2"];
const BENEFITS: [&str; 5] = ["snap", "ssi", "tanf", "ohp", "custody"];

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Parts<'b> {
    #[serde(borrow)]
    user_information: Option<&'b RawValue>,
    #[serde(borrow)]
    waiver_information: Option<&'b RawValue>,
}

/// The search of a body and its `userInformation`: all eight keys and no others.
///
/// # Errors
/// `Invalid`, naming each field as `userInformation.city`.
pub(crate) fn packet(body: &[u8]) -> Result<(SearchIn, UserInformation)> {
    let search = SearchIn::read(body)?;
    let parts: Parts = analysis::document(body)?;
    let fields = member("userInformation", parts.user_information)?;
    let mut reader = Reader::new("userInformation", &fields);
    let user = reader.user(true);
    reader.finish(user).map(|user| (search, user))
}

/// The search of a body, its `userInformation` (the e-mail address may be left out) and its `waiverInformation`.
///
/// # Errors
/// `Invalid`, naming each field as `waiverInformation.snap`.
pub(crate) fn waiver(body: &[u8]) -> Result<(SearchIn, UserInformation, WaiverInformation)> {
    let search = SearchIn::read(body)?;
    let parts: Parts = analysis::document(body)?;
    let fields = member("userInformation", parts.user_information)?;
    let mut reader = Reader::new("userInformation", &fields);
    let user = reader.user(false);
    let user = reader.finish(user)?;
    let fields = member("waiverInformation", parts.waiver_information)?;
    let mut reader = Reader::new("waiverInformation", &fields);
    let [explain, explain2] = EXPLANATIONS.map(|key| reader.text(key, MAX_EXPLANATION));
    let [snap, ssi, tanf, ohp, custody] = BENEFITS.map(|key| reader.flag(key));
    let waiver = WaiverInformation {
        explain,
        explain2,
        snap,
        ssi,
        tanf,
        ohp,
        custody,
    };
    for (key, long) in EXPLANATIONS.into_iter().zip(waiver.too_long()) {
        if long {
            reader.problem(
                key,
                "too_long",
                "This text does not fit into the form's four lines.",
            );
        }
    }
    let waiver = reader.finish(waiver)?;
    Ok((search, user, waiver))
}

/// The cases that a request is about: of a demonstration person, or what the session's search found.
///
/// # Errors
/// As [`found::at_once`].
pub(crate) async fn found(
    cx: &Context,
    headers: &HeaderMap,
    search: &SearchIn,
    options: Options,
) -> Result<Vec<Case>> {
    if search.demo {
        Ok(demo::find(&search.aliases, options.clock))
    } else {
        found::at_once(cx, headers, &search.aliases).await
    }
}

/// What the API reference says of a packet's body.
pub(crate) struct PacketIn;
/// What it says of a waiver packet's body.
pub(crate) struct WaiverIn;

/// An object whose keys are all required: `texts` and `flags`.
fn object(texts: &[&str], flags: &[&str]) -> ObjectBuilder {
    let keys = texts.iter().map(|key| (key, Type::String));
    let keys = keys.chain(flags.iter().map(|key| (key, Type::Boolean)));
    keys.fold(ObjectBuilder::new(), |object, (key, kind)| {
        object
            .property(*key, ObjectBuilder::new().schema_type(kind))
            .required(*key)
    })
}

/// A search with `userInformation`.
fn with_user(user: ObjectBuilder) -> ObjectBuilder {
    let search = match SearchIn::schema() {
        RefOr::T(Schema::Object(search)) => ObjectBuilder::from(search),
        _ => ObjectBuilder::new(),
    };
    search
        .property("userInformation", user)
        .required("userInformation")
}

impl PartialSchema for PacketIn {
    fn schema() -> RefOr<Schema> {
        with_user(object(&[&USER[..], &[EMAIL]].concat(), &[])).into()
    }
}

impl PartialSchema for WaiverIn {
    fn schema() -> RefOr<Schema> {
        let user = object(&USER, &[]).property(EMAIL, ObjectBuilder::new().schema_type(Type::String));
        with_user(user)
            .property("waiverInformation", object(&EXPLANATIONS, &BENEFITS))
            .required("waiverInformation")
            .into()
    }
}

impl ToSchema for PacketIn {}
impl ToSchema for WaiverIn {}

/// One member of the body, as an object.
fn member(name: &'static str, raw: Option<&RawValue>) -> Result<Map<String, Value>> {
    let raw = raw.ok_or_else(|| analysis::missing(&[name]))?;
    analysis::part(name, raw)
}

/// Reads the keys of one object, noting everything that is wrong.
struct Reader<'f> {
    object: &'static str,
    fields: &'f Map<String, Value>,
    known: Vec<&'static str>,
    problems: Vec<FieldError>,
}

impl<'f> Reader<'f> {
    fn new(object: &'static str, fields: &'f Map<String, Value>) -> Self {
        Self {
            object,
            fields,
            known: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn problem(&mut self, key: &str, code: &'static str, message: &'static str) {
        let field = format!("{}.{key}", self.object);
        self.problems.push(FieldError::new(field, code, message));
    }

    fn value(&mut self, key: &'static str) -> Option<&'f Value> {
        self.known.push(key);
        let value = self.fields.get(key);
        if value.is_none() {
            self.problem(key, "required", "This field is required.");
        }
        value
    }

    fn text(&mut self, key: &'static str, longest: usize) -> String {
        match self.value(key) {
            None => String::new(),
            Some(Value::String(text)) if text.chars().count() <= longest => text.clone(),
            Some(Value::String(_)) => {
                self.problem(key, "too_long", "This text is too long.");
                String::new()
            }
            Some(_) => {
                self.problem(key, "invalid", "Must be a text.");
                String::new()
            }
        }
    }

    fn flag(&mut self, key: &'static str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.problem(key, "invalid", "Must be true or false.");
                false
            }
        }
    }

    fn user(&mut self, with_email: bool) -> UserInformation {
        let [
            full_name,
            date_of_birth,
            mailing_address,
            city,
            state,
            zip_code,
            phone_number,
        ] = USER.map(|key| self.text(key, MAX_ANSWER));
        let email_address = if with_email || self.fields.contains_key(EMAIL) {
            self.text(EMAIL, MAX_ANSWER)
        } else {
            String::new()
        };
        UserInformation {
            full_name,
            date_of_birth,
            mailing_address,
            city,
            state,
            zip_code,
            phone_number,
            email_address,
        }
    }

    fn finish<T>(mut self, read: T) -> Result<T> {
        let fields = self.fields;
        if fields.keys().any(|key| !self.known.contains(&key.as_str())) {
            // Its name may be anything that somebody typed: the known ones are named instead.
            let message = format!("Only these are known: {}.", self.known.join(", "));
            self.problems
                .push(FieldError::new(self.object, "unknown_key", message));
        }
        if self.problems.is_empty() {
            Ok(read)
        } else {
            Err(Error::invalid(self.problems))
        }
    }
}
