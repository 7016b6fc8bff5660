//! Fields of an input: how each type is read from what the client sent, and how it stands in the OpenAPI document.

use std::borrow::Cow;

use domain::WireEnum;
use domain::person::{
    BirthDate, Email, Flag, Invalid, Language, Line, Name, Phone, Slug, StateCode, Text, WebUrl, Zip5,
};
use ports::FieldError;
use serde_json::Value;
use utoipa::openapi::{ObjectBuilder, schema::SchemaType, schema::Type};
use uuid::Uuid;

/// Collects everything that is wrong, so that the client learns all of it at once.
#[derive(Debug, Default)]
pub struct Problems(pub Vec<FieldError>);

impl Problems {
    pub fn add(&mut self, field: &str, invalid: Invalid) {
        self.0
            .push(FieldError::new(field.to_owned(), invalid.code, invalid.message));
    }

    pub fn required(&mut self, field: &str) {
        self.0.push(FieldError::required(field.to_owned()));
    }

    /// # Errors
    /// All of them, where there are any.
    pub fn check(self) -> ports::Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ports::Error::invalid(self.0))
        }
    }
}

/// A type that a field of an input may have.
pub trait Field: Sized {
    /// Must the key be there?
    const REQUIRED: bool = true;

    /// What a missing key means; `None` is an error.
    fn absent() -> Option<Self> {
        None
    }

    /// What `null` means; `None` is an error.
    fn null() -> Option<Self> {
        None
    }

    /// Reads a value that is there.
    ///
    /// # Errors
    /// Why it does not fit, without repeating it.
    fn parse(value: &Value) -> Result<Self, Invalid>;

    fn schema() -> ObjectBuilder;
}

/// A text as forms and lenient clients send it: numbers are read as their digits, white space around it is dropped.
fn text(value: &Value) -> Result<Cow<'_, str>, Invalid> {
    match value {
        Value::String(text) => Ok(text.trim().into()),
        Value::Number(number) => Ok(number.to_string().into()),
        _ => Err(Invalid::new("not_text", "Must be a text.")),
    }
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String))
}

macro_rules! text_fields {
    ($($type:ty: $schema:expr),* $(,)?) => {$(
        impl Field for $type {
            fn parse(value: &Value) -> Result<Self, Invalid> {
                let text = text(value)?;
                if text.is_empty() {
                    return Err(Invalid::new("blank", "This field may not be blank."));
                }
                <$type>::parse(&text)
            }
            fn schema() -> ObjectBuilder {
                $schema
            }
        }
    )*};
}

text_fields! {
    Name: string().min_length(Some(1)).max_length(Some(256)),
    Line: string().min_length(Some(1)).max_length(Some(256)),
    Text: string().min_length(Some(1)).max_length(Some(10_000)),
    Email: string().format(Some(utoipa::openapi::SchemaFormat::Custom("email".into()))).max_length(Some(254)),
    Phone: string().description(Some("A US number in any usual form, or +E.164.")),
    Zip5: string().pattern(Some("^[0-9]{5}$")),
    StateCode: string().pattern(Some("^[A-Z]{2}$")).description(Some("One of the 56 codes of states and territories.")),
    BirthDate: string().format(Some(utoipa::openapi::SchemaFormat::Custom("date".into()))),
    Language: string().enum_values(Some(["en", "es"])),
    Slug: string().pattern(Some("^[a-z0-9_-]{1,50}$")),
    WebUrl: string().format(Some(utoipa::openapi::SchemaFormat::Custom("uri".into()))),
}

impl Field for Uuid {
    fn parse(value: &Value) -> Result<Self, Invalid> {
        Self::try_parse(&text(value)?).map_err(|_| Invalid::new("uuid", "Must be a UUID."))
    }
    fn schema() -> ObjectBuilder {
        string().format(Some(utoipa::openapi::SchemaFormat::Custom("uuid".into())))
    }
}

impl Field for Flag {
    fn parse(value: &Value) -> Result<Self, Invalid> {
        serde_json::from_value(value.clone()).map_err(|_| Invalid::new("boolean", "Must be true or false."))
    }
    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::new(Type::Boolean))
    }
}

/// An affirmation: anything but true is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct True;

impl Field for True {
    fn parse(value: &Value) -> Result<Self, Invalid> {
        match <Flag as Field>::parse(value)?.0 {
            true => Ok(Self),
            false => Err(Invalid::new("must_be_true", "This must be true to go on.")),
        }
    }
    fn schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Boolean))
            .enum_values(Some([true]))
    }
}

impl Field for i32 {
    fn parse(value: &Value) -> Result<Self, Invalid> {
        text(value)?
            .parse()
            .map_err(|_| Invalid::new("not_a_number", "Must be a whole number."))
    }
    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer))
    }
}

impl Field for jiff::Timestamp {
    fn parse(value: &Value) -> Result<Self, Invalid> {
        text(value)?
            .parse()
            .map_err(|_| Invalid::new("not_a_time", "Must be a time such as 2026-11-03T17:00:00Z."))
    }
    fn schema() -> ObjectBuilder {
        string().format(Some(utoipa::openapi::SchemaFormat::Custom("date-time".into())))
    }
}

/// A value of a closed list of the domain, by its wire code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<T>(pub T);

impl<T: WireEnum> Field for Choice<T> {
    fn parse(value: &Value) -> Result<Self, Invalid> {
        match value {
            Value::String(code) => T::from_code(code.trim()).map(Self),
            other => Err(Invalid::choice(&other.to_string())),
        }
    }
    fn schema() -> ObjectBuilder {
        string().enum_values(Some(T::CODES.iter().copied()))
    }
}

/// Optional: a missing key, `null` and a blank text are all `None`.
impl<T: Field> Field for Option<T> {
    const REQUIRED: bool = false;
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn null() -> Option<Self> {
        Some(None)
    }
    fn parse(value: &Value) -> Result<Self, Invalid> {
        match value {
            Value::String(text) if text.trim().is_empty() => Ok(None),
            _ => T::parse(value).map(Some),
        }
    }
    fn schema() -> ObjectBuilder {
        T::schema()
    }
}
