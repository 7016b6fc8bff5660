//! What a client sent, read into a type that can hold nothing wrong.
//!
//! ```ignore
//! input! {
//!     /// What the voter sends. Unknown keys are ignored.
//!     pub struct SignupIn {
//!         pub first_name: Name,
//!         pub zipcode: Zip5,
//!         /// Optional: missing, null and blank are alike.
//!         pub phone: Option<Phone>,
//!     }
//! }
//! ```
//!
//! A last line `.. pub voter: VoterIn,` takes the fields of another input along, on the same level.
//!
//! JSON, `application/x-www-form-urlencoded` and `multipart/form-data` are read alike, so that one handler serves programs
//! and plain forms. All problems are reported at once, each with its field.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, header},
};
use bytes::Bytes;
use domain::person::Invalid;
use http_body_util::{BodyExt, Limited};
use ports::{Error, Kind, Result};
use serde_json::{Map, Value};

use crate::{Field, Problems};

/// Bytes of a request body that is a form: far above any real one.
pub const MAX_BODY: usize = 256 * 1024;
/// Fields of one form.
const MAX_FIELDS: usize = 500;

/// The fields of a request body by name.
#[derive(Debug, Default)]
pub struct Fields {
    values: Map<String, Value>,
    pub problems: Problems,
}

/// A struct made by [`input!`](crate::input).
pub trait Input: Sized {
    /// Takes its fields; what is wrong is noted in `fields.problems`.
    fn take(fields: &mut Fields) -> Option<Self>;
    /// Has it a field of this name? For those who refuse unknown ones.
    fn knows(name: &str) -> bool;
}

impl Fields {
    pub fn new(values: Map<String, Value>) -> Self {
        Self {
            values,
            problems: Problems::default(),
        }
    }

    /// One field by its type.
    pub fn take<T: Field>(&mut self, name: &'static str) -> Option<T> {
        let value = match self.values.get(name) {
            None => match T::absent() {
                Some(value) => return Some(value),
                None => {
                    self.problems.required(name);
                    return None;
                }
            },
            Some(Value::Null) => {
                let value = T::null();
                if value.is_none() {
                    self.problems
                        .add(name, Invalid::new("null", "This field may not be null."));
                }
                return value;
            }
            Some(value) => value,
        };
        match T::parse(value) {
            Ok(value) => Some(value),
            Err(invalid) => {
                self.problems.add(name, invalid);
                None
            }
        }
    }

    /// Everything that was sent.
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// The names that were sent, for those who refuse unknown ones.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// What was sent for a field, as text: to show a form again as it was filled in.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Everything as an input.
    ///
    /// # Errors
    /// `Invalid`, with every problem.
    pub fn into_input<T: Input>(mut self) -> Result<T> {
        let input = T::take(&mut self);
        self.problems.check()?;
        input.ok_or_else(|| Error::internal("an input noted no problem and gave no value"))
    }
}

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// `TooLarge` over the limit.
pub async fn read_bytes(body: Body, limit: usize) -> Result<Bytes> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Error::new(
            Kind::TooLarge,
            "too_large",
            format!("The body may have at most {limit} bytes."),
        )),
        Err(_) => Err(Error::new(
            Kind::Invalid,
            "unreadable",
            "The body ended before it was complete.",
        )),
    }
}

/// Reads the fields of a request and hands back the raw body beside them.
///
/// # Errors
/// `Invalid` where it cannot be parsed, `UnsupportedMediaType`, `TooLarge`.
pub(crate) async fn read(request: Request) -> Result<(Fields, Bytes)> {
    let (parts, body) = request.into_parts();
    let bytes = read_bytes(body, MAX_BODY).await?;
    let values = parse(&parts.headers, &bytes).await?;
    if values.len() > MAX_FIELDS {
        return Err(Error::new(
            Kind::Invalid,
            "too_many_fields",
            "The body has too many fields.",
        ));
    }
    Ok((Fields::new(values), bytes))
}

async fn parse(headers: &HeaderMap, bytes: &Bytes) -> Result<Map<String, Value>> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "application/x-www-form-urlencoded" => Ok(form_urlencoded::parse(bytes)
            .map(|(name, value)| (name.into_owned(), value.into()))
            .collect()),
        "multipart/form-data" => multipart(content_type, bytes).await,
        "" if bytes.is_empty() => Ok(Map::new()),
        "" | "application/json" => json(bytes),
        other if other.ends_with("+json") => json(bytes),
        _ => Err(Error::new(
            Kind::UnsupportedMediaType,
            "unsupported_media_type",
            "Send application/json, application/x-www-form-urlencoded or multipart/form-data.",
        )),
    }
}

fn json(bytes: &[u8]) -> Result<Map<String, Value>> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Error::field(
            "body",
            "not_an_object",
            "The body must be a JSON object.",
        )),
        // The parser's own words may quote what was sent; where it stopped does not.
        Err(error) => Err(Error::field(
            "body",
            "malformed_json",
            format!(
                "The body is not valid JSON: it breaks at line {}, column {}.",
                error.line(),
                error.column()
            ),
        )),
    }
}

async fn multipart(content_type: &str, bytes: &Bytes) -> Result<Map<String, Value>> {
    let malformed = || {
        Error::field(
            "body",
            "malformed_multipart",
            "The body is not valid multipart/form-data.",
        )
    };
    let boundary = multer::parse_boundary(content_type).map_err(|_| malformed())?;
    let stream = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes.clone())]);
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut values = Map::new();
    while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
        if let Some(name) = part.name().map(str::to_owned)
            && values.len() <= MAX_FIELDS
        {
            values.insert(name, part.text().await.map_err(|_| malformed())?.into());
        }
    }
    Ok(values)
}

/// Declares an input: see the module.
#[macro_export]
macro_rules! input {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[doc = $doc:literal])* pub $field:ident: $type:ty,)*
            $(.. pub $rest:ident: $rest_type:ty,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $type,)*
            $(pub $rest: $rest_type,)?
        }

        impl $crate::Input for $name {
            fn knows(name: &str) -> bool {
                [$(stringify!($field)),*].contains(&name) $(|| <$rest_type as $crate::Input>::knows(name))?
            }
            fn take(fields: &mut $crate::Fields) -> Option<Self> {
                // Every field is read before the first missing one ends it, so that all problems are found.
                $(let $field = fields.take::<$type>(stringify!($field));)*
                $(let $rest = <$rest_type as $crate::Input>::take(fields);)?
                Some(Self { $($field: $field?,)* $($rest: $rest?,)? })
            }
        }

        impl $crate::utoipa::PartialSchema for $name {
            fn schema() -> $crate::utoipa::openapi::RefOr<$crate::utoipa::openapi::Schema> {
                use $crate::utoipa::openapi::{ObjectBuilder, RefOr, Schema};
                let mut object = ObjectBuilder::new();
                $(if let RefOr::T(Schema::Object(rest)) = <$rest_type as $crate::utoipa::PartialSchema>::schema() {
                    object = ObjectBuilder::from(rest);
                })?
                $(
                    #[allow(unused_mut, reason = "a field may have no doc")]
                    let mut description = String::new();
                    $(description.push_str($doc); )*
                    let mut property = <$type as $crate::Field>::schema();
                    if !description.is_empty() {
                        property = property.description(Some(description.trim()));
                    }
                    object = object.property(stringify!($field), property);
                    if <$type as $crate::Field>::REQUIRED {
                        object = object.required(stringify!($field));
                    }
                )*
                object.into()
            }
        }
        impl $crate::utoipa::ToSchema for $name {}
    };
}
