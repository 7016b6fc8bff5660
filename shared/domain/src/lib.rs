//! The rules and types of all services, pure: no I/O, no AWS, no HTTP, and no clock of its own — `today` is an argument.
//!
//! Each service has a module; what several of them share stands beside those.

pub mod expungement;
pub mod person;
mod spreadsheet;
pub mod voting;

pub use person::Invalid;
pub use spreadsheet::spreadsheet_text;

/// A closed list of values with fixed codes on the wire: what the edge needs to read and document one.
pub trait WireEnum: Sized {
    /// Every code, in the order of the list.
    const CODES: &'static [&'static str];
    /// # Errors
    /// `invalid_choice` for any other code.
    fn from_code(code: &str) -> Result<Self, Invalid>;
}
