//! The one error type. It says what went wrong in terms of the caller (`Kind`), with a stable code that clients may
//! branch on, a sentence that may be shown, and a source that is only ever logged.

use std::{borrow::Cow, fmt, panic::Location, time::Duration};

use serde::Serialize;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure this is. The web layer maps it to a status, the queue adapter to retry or dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The input is wrong; `fields` says where.
    Invalid,
    Unauthenticated,
    Forbidden,
    /// Absent, or not visible to this caller: the two are never told apart.
    NotFound,
    MethodNotAllowed,
    /// The request contradicts the present state, e.g. an idempotency key that is still running.
    Conflict,
    /// The same idempotency key with another body.
    Unprocessable,
    TooLarge,
    UnsupportedMediaType,
    /// Over a rate limit; may be tried again after this time.
    TooMany(Duration),
    /// Something we depend on does not answer; may be tried again after this time.
    Unavailable(Duration),
    /// Our own fault.
    Internal,
}

/// One thing wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's wire name; nested ones with dots.
    pub field: Cow<'static, str>,
    /// Stable, for programs: `required`, `invalid`, `too_long`, …
    pub code: Cow<'static, str>,
    /// For people. Never repeats what was sent.
    pub message: Cow<'static, str>,
}

impl FieldError {
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            message: message.into(),
        }
    }

    pub fn required(field: impl Into<Cow<'static, str>>) -> Self {
        Self::new(field, "required", "This field is required.")
    }
}

/// Boxed inside, so that a `Result` stays one word wide on the happy path.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    code: &'static str,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    members: serde_json::Map<String, serde_json::Value>,
    source: Option<BoxError>,
    at: &'static Location<'static>,
}

impl Error {
    /// `code` is stable and for programs; `detail` is a sentence that may be shown to anyone.
    #[track_caller]
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            code,
            detail: detail.into(),
            fields: Vec::new(),
            members: serde_json::Map::new(),
            source: None,
            at: Location::caller(),
        }))
    }

    /// The input is wrong in these fields.
    #[track_caller]
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let mut error = Self::new(
            Kind::Invalid,
            "invalid",
            "The request has fields that are not valid.",
        );
        error.0.fields = fields;
        error
    }

    /// The input is wrong in this one field.
    #[track_caller]
    pub fn field(
        field: impl Into<Cow<'static, str>>,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::invalid(vec![FieldError::new(field, code, message)])
    }

    #[track_caller]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "There is nothing here.")
    }

    #[track_caller]
    pub fn unauthenticated(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unauthenticated, "unauthenticated", detail)
    }

    /// Our own fault: `what` goes to the log, the client learns only that it failed.
    #[track_caller]
    pub fn internal(what: impl Into<BoxError>) -> Self {
        let mut error = Self::new(Kind::Internal, "internal", "Something went wrong on our side.");
        error.0.source = Some(what.into());
        error
    }

    /// Something we depend on does not answer. `what` goes to the log.
    #[track_caller]
    pub fn unavailable(code: &'static str, what: impl Into<BoxError>) -> Self {
        let mut error = Self::new(
            Kind::Unavailable(Duration::from_secs(5)),
            code,
            "The service is briefly unavailable. Please try again.",
        );
        error.0.source = Some(what.into());
        error
    }

    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// A member beside the standard ones of the problem document, for clients that read the peer's error bodies.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    pub fn code(&self) -> &'static str {
        self.0.code
    }

    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    pub fn members(&self) -> &serde_json::Map<String, serde_json::Value> {
        &self.0.members
    }

    /// Where in our code it arose.
    pub fn at(&self) -> &'static Location<'static> {
        self.0.at
    }

    /// May the same thing succeed later? Decides between retry and dead letter.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind(),
            Kind::TooMany(_) | Kind::Unavailable(_) | Kind::Internal | Kind::Conflict
        )
    }

    /// The chain of sources, for the log only.
    pub fn cause(&self) -> Option<String> {
        use std::fmt::Write;
        let mut text = String::new();
        let mut next: Option<&dyn std::error::Error> = self.0.source.as_deref().map(|e| e as _);
        while let Some(error) = next {
            if !text.is_empty() {
                text.push_str(": ");
            }
            let _ = write!(text, "{error}");
            next = error.source();
        }
        (!text.is_empty()).then_some(text)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            code,
            detail,
            fields,
            source,
            at,
            ..
        } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("code", code)
            .field("detail", detail)
            .field("fields", fields)
            .field("source", source)
            .field("at", &format_args!("{at}"))
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0.detail, self.0.code)?;
        for field in &self.0.fields {
            write!(f, "; {}: {}", field.field, field.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}
