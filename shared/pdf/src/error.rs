//! What can be wrong with a file, a value or an image.

use std::fmt;

/// Why a PDF could not be read, filled or written. The texts name fields and limits, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PdfError {
    /// More than a [`Limits`](crate::Limits) entry allows.
    TooMuch { what: &'static str, limit: usize },
    /// The file is encrypted; forms must be stored without a password.
    Encrypted,
    /// The file is not a PDF, or broken beyond repair.
    Damaged(String),
    /// Fields that the document does not have.
    UnknownFields(Vec<String>),
    /// A value that does not suit its field: wrong kind, or a state or option the field lacks.
    WrongValue { field: String, why: String },
    /// A page number outside `1..=pages`.
    NoSuchPage { page: usize, pages: usize },
    /// The image is neither a PNG nor a JPEG that can be used, or is too large.
    Image(String),
}

impl fmt::Display for PdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PdfError::TooMuch { what, limit } => {
                write!(f, "the PDF has more {what} than the limit of {limit}")
            }
            PdfError::Encrypted => f.write_str("the PDF is encrypted; save it without a password first"),
            PdfError::Damaged(why) => write!(f, "the PDF cannot be read: {why}"),
            PdfError::UnknownFields(names) => write!(f, "the PDF has no field named {}", names.join(", ")),
            PdfError::WrongValue { field, why } => write!(f, "field {field}: {why}"),
            PdfError::NoSuchPage { page, pages } => {
                write!(f, "there is no page {page}; the document has {pages}")
            }
            PdfError::Image(why) => write!(f, "the image cannot be used: {why}"),
        }
    }
}

impl std::error::Error for PdfError {}
