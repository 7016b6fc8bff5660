//! From a request to the analysed record: what search, demonstration, paperwork and pages have in common.
//!
//! A [`SearchIn`] says whom, for which day, and what the user knows better. With the found cases it becomes a record:
//!
//! ```ignore
//! let options = request.options(&cx, language);
//! let cases = analysis::edited(&found, &request.edits, options)?;
//! let record = analysis::judge(&cases, options)?;
//! ```
//!
//! The answer of a search and of a demonstration is [`answer`]. A body is read as it was written, not through a map: edits
//! apply in the order in which they stand.

use app::{Context, MAX_BODY, Problem, read_bytes};
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    expungement::{
        Alias, Case, Edits, MAX_ALIASES, Options, Policy, Record, Refusal, edits::Edited, when::parse_us_date,
    },
    person::Language,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use ports::{Error, FieldError, Kind, Result};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// Bytes of a search with its edits and questions: the largest records have 300 cases.
pub const MAX_SEARCH: usize = 4 * MAX_BODY;

/// A search, an answer to a question, an edit: the client sends the whole each time.
#[derive(Debug, Default)]
pub struct SearchIn {
    pub aliases: Vec<Alias>,
    /// The day that the answer is for; what cannot be read counts as absent.
    pub today: Option<Date>,
    /// As the client holds them, with its selections. Given back as they came.
    pub questions: Option<Box<RawValue>>,
    pub edits: Edits,
    /// The paperwork is for a demonstration person.
    pub demo: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body<'b> {
    #[serde(borrow)]
    aliases: Option<&'b RawValue>,
    #[serde(borrow)]
    today: Option<&'b RawValue>,
    #[serde(borrow)]
    questions: Option<&'b RawValue>,
    #[serde(borrow)]
    edits: Option<&'b RawValue>,
    #[serde(borrow)]
    demo: Option<&'b RawValue>,
}

#[derive(Deserialize)]
struct AliasIn {
    first_name: Option<String>,
    last_name: Option<String>,
    middle_name: Option<String>,
    birth_date: Option<String>,
}

const ALIAS_FIELDS: [&str; 4] = ["first_name", "last_name", "middle_name", "birth_date"];

impl SearchIn {
    /// Reads a JSON body.
    ///
    /// # Errors
    /// `Invalid`, naming the field; `message` is the peer's sentence where that has one.
    pub fn read(body: &[u8]) -> Result<Self> {
        let body: Body = document(body)?;
        let aliases: Vec<AliasIn> = match body.aliases {
            Some(aliases) => part("aliases", aliases)?,
            None => return Err(missing(&["aliases"])),
        };
        if aliases.len() > MAX_ALIASES {
            return Err(Error::field(
                "aliases",
                "too_many",
                format!("At most {MAX_ALIASES} aliases can be searched for at once."),
            ));
        }
        let aliases = aliases.into_iter().map(|one| {
            Some(Alias {
                first_name: one.first_name?,
                last_name: one.last_name?,
                middle_name: one.middle_name?,
                birth_date: one.birth_date?,
            })
        });
        let aliases: Option<Vec<Alias>> = aliases.collect();
        let today = body.today.and_then(|text| part::<String>("today", text).ok());
        let questions = body.questions.filter(|raw| {
            !matches!(
                raw.get().split_whitespace().collect::<String>().as_str(),
                "null" | "{}"
            )
        });
        if questions.is_some_and(|raw| !raw.get().starts_with('{')) {
            return Err(Error::field("questions", "invalid", "Must be an object."));
        }
        Ok(Self {
            aliases: aliases.ok_or_else(|| missing(&ALIAS_FIELDS))?,
            today: today.and_then(|text| parse_us_date(&text)),
            questions: questions.map(RawValue::to_owned),
            edits: match body.edits {
                Some(edits) => part::<Option<Edits>>("edits", edits)?.unwrap_or_default(),
                None => Edits::default(),
            },
            demo: match body.demo {
                Some(demo) => part::<Option<bool>>("demo", demo)?.unwrap_or_default(),
                None => false,
            },
        })
    }

    /// What the analysis depends on besides the cases.
    pub fn options(&self, cx: &Context, language: Language) -> Options {
        let clock = oregon_date(cx.clock().now());
        Options {
            today: self.today.unwrap_or(clock),
            clock,
            language,
            policy: Policy::RIGHT,
        }
    }
}

/// Reads a JSON object.
///
/// # Errors
/// `Invalid` that says where it breaks, without a word of what was sent.
pub fn document<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T> {
    if body.trim_ascii().is_empty() {
        return Err(Error::field("body", "missing", "The body must be a JSON object.")
            .with_member("message", "No json data in request body"));
    }
    let broken = |line, column| {
        Error::field(
            "body",
            "malformed_json",
            format!("The body is not a JSON object: it breaks at line {line}, column {column}."),
        )
    };
    // A derived reader would also take a list of the fields' values.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(broken(1, 1));
    }
    serde_json::from_slice(body).map_err(|error| broken(error.line(), error.column()))
}

/// Reads one member of a JSON object, so that an error can name it.
///
/// # Errors
/// `Invalid` on `field`.
pub fn part<T: DeserializeOwned>(field: &'static str, raw: &RawValue) -> Result<T> {
    serde_json::from_str(raw.get()).map_err(|error| {
        let message = format!(
            "Not of the form that is documented: see line {}, column {} of this field.",
            error.line(),
            error.column()
        );
        Error::field(field, "invalid", message)
    })
}

/// Fields that are not there, with the sentence that clients of the peer know.
pub fn missing(fields: &[&'static str]) -> Error {
    let message = format!("missing one or more required fields: {}", python_list(fields));
    Error::invalid(fields.iter().map(|field| FieldError::required(*field)).collect())
        .with_member("message", message)
}

fn python_list(fields: &[&str]) -> String {
    let quoted: Vec<String> = fields.iter().map(|field| format!("'{field}'")).collect();
    format!("[{}]", quoted.join(", "))
}

/// The day in Oregon, by the rule for its clocks since 2007 (15 U.S.C. 260a): no time zone database is at hand in a Lambda.
pub fn oregon_date(now: Timestamp) -> Date {
    let zone = TimeZone::posix("PST8PDT,M3.2.0,M11.1.0").unwrap_or(TimeZone::UTC);
    now.to_zoned(zone).date()
}

/// The found cases with the user's edits.
///
/// # Errors
/// `Invalid` that says which edit cannot be applied.
pub fn edited<'a>(found: &'a [Case], edits: &Edits, options: Options) -> Result<Vec<Edited<'a>>> {
    domain::expungement::edits::apply(found, edits, options).map_err(|refusal| refused(&refusal))
}

/// The analysed record.
///
/// # Errors
/// `Invalid` where an edit gives a charge a type that its disposition contradicts.
pub fn judge<'a>(cases: &'a [Edited<'a>], options: Options) -> Result<Record<'a>> {
    Record::judge(cases, options).map_err(|refusal| refused(&refusal))
}

/// A refusal names ids that the client sent: case and charge numbers, no names.
pub(crate) fn refused(refusal: &Refusal) -> Error {
    let text = refusal.to_string();
    Error::field("edits", "not_applicable", text.clone()).with_member("message", text)
}

/// The answer of a search: `{"record": …}`.
///
/// # Errors
/// As [`edited`] and [`judge`].
pub fn answer(found: &[Case], request: &SearchIn, options: Options) -> app::Result<Response> {
    let cases = edited(found, &request.edits, options)?;
    let record = judge(&cases, options)?;
    let response = domain::expungement::Response::of(&record).with_questions(request.questions.as_deref());
    Ok(json(StatusCode::OK, response.to_json()))
}

/// The answer of a search that failed: a record without cases that says why.
///
/// # Errors
/// None in practice: an empty record can be judged.
pub fn failed(errors: Vec<String>, options: Options) -> app::Result<Response> {
    let cases: [Case; 0] = [];
    let record = Record::judge(&cases, options).map_err(|refusal| refused(&refusal))?;
    let response = domain::expungement::Response::of(&record).with_errors(errors);
    Ok(json(StatusCode::OK, response.to_json()))
}

fn json(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

impl FromRequest<Context> for SearchIn {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &Context) -> Result<Self, Problem> {
        Ok(Self::read(&json_body(request, MAX_SEARCH).await?)?)
    }
}

/// The bytes of a body that says it is JSON, or says nothing of itself.
///
/// # Errors
/// `UnsupportedMediaType`, so that no other site's form can post here; `TooLarge`.
pub async fn json_body(request: Request, limit: usize) -> Result<axum::body::Bytes> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_json = kind.is_none_or(|value| {
        let essence = value
            .to_str()
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        essence == "application/json" || essence.ends_with("+json")
    });
    if !is_json {
        return Err(Error::new(
            Kind::UnsupportedMediaType,
            "unsupported_media_type",
            "Send application/json.",
        ));
    }
    read_bytes(request.into_body(), limit).await
}

/// The language of an API answer: `?lang=`, else English. Not `Accept-Language`: programs compare the English texts.
#[derive(Debug, Clone, Copy)]
pub struct ApiLanguage(pub Language);

impl FromRequestParts<Context> for ApiLanguage {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Context) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        Ok(Self(asked.map(Language::or_default).unwrap_or_default()))
    }
}

impl app::utoipa::PartialSchema for SearchIn {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ArrayBuilder, ObjectBuilder, schema::Type};
        let text = |description: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(description))
        };
        let alias = ObjectBuilder::new()
            .property("first_name", text("May end in * after one letter."))
            .property("last_name", text("May end in * after two letters."))
            .property("middle_name", text("May be empty."))
            .property("birth_date", text("`M/D/YYYY`, or empty."));
        let alias = ALIAS_FIELDS.into_iter().fold(alias, ObjectBuilder::required);
        let object = |description: &str| {
            ObjectBuilder::new()
                .schema_type(Type::Object)
                .description(Some(description))
        };
        ObjectBuilder::new()
            .property("aliases", ArrayBuilder::new().items(alias).max_items(Some(MAX_ALIASES)))
            .required("aliases")
            .property("today", text("`M/D/YYYY`: the day that the answer is for; today where it is absent."))
            .property("edits", object("By case number: what the user adds, changes, removes, and the answers to questions."))
            .property("questions", object("The questions as the last answer held them, with the selections made; given back as sent."))
            .property("demo", ObjectBuilder::new().schema_type(Type::Boolean).description(Some("Of paperwork: for a demonstration person.")))
            .into()
    }
}

impl app::utoipa::ToSchema for SearchIn {}
