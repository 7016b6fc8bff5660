//! PDF forms and paper: open, fill, flatten, stamp, merge and write PDF files. Bytes in, bytes out; no I/O and no clock.
//!
//! * [`Document::open`] reads a file under [`Limits`] and lists its [`fields`](Document::fields). It does not trust the file:
//!   cycles, bombs and damage end in a [`PdfError`].
//! * [`Document::fill`] sets fields and draws them, [`Document::flatten`] turns them into page content,
//!   [`Document::stamp_image`] puts a signature on a page, [`Document::merge`] joins documents.
//! * [`Document::save`] gives the file; equal documents give equal bytes. A form that is filled again and again is
//!   [prepared](Document::prepare) once and cloned for each request.
//! * [`pack`] fills an official form by a mapping file.
//! * [`Writer`] writes documents of our own, with headings, paragraphs, tables and form fields.

mod appearance;
mod document;
mod error;
mod fill;
mod flatten;
mod form;
mod image;
mod merge;
pub mod pack;

mod save;
mod text;
mod widths;
mod writer;

pub use document::{Document, Limits};
pub use error::PdfError;
pub use fill::{FillOptions, Value};
pub use flatten::Flatten;
pub use form::{Field, FieldKind, Widget};
pub use image::{MAX_IMAGE_BYTES, MAX_PIXELS, Rect};
pub use text::{Font, MAX_VALUE_CHARS, clean, win_ansi, wrap};
pub use writer::{Align, Column, FieldOptions, Heading, Metadata, Writer};
