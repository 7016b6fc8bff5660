//! PDF
#[allow(dead_code)]
mod appearance;
mod document;
mod error;
mod fill;
mod flatten;
mod form;
mod save;
mod text;
mod widths;

pub use document::{Document, Limits};
pub use error::PdfError;
pub use fill::{FillOptions, Value};
pub use flatten::Flatten;
pub use form::{Field, FieldKind, Widget};
pub use text::{Font, MAX_VALUE_CHARS, clean, win_ansi, wrap};
