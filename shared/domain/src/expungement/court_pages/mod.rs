//! Reading the pages of the court's public site: the list of cases found, and each case's page.
//!
//! The pages come from outside and are old-fashioned HTML: tables in tables, tags left open. They are read leniently, within
//! bounds ([`MAX_PAGE_BYTES`]), and whatever they hold, the answer is data or a [`PageError`]. What would silently change the
//! analysis (a charge that cannot be read) is an error; what only loses a nicety is left empty.

mod case_page;
mod result_page;
mod revocation;
mod tree;

pub use case_page::{CasePage, PageCharge, PageDisposition};
pub use result_page::{ResultRow, SearchForm, all_locations, read_results, read_search_form};
pub use revocation::mentions_revocation;

/// The largest page that is read. Real case pages have 8 to 60 KB, the longest lists a few MB.
pub const MAX_PAGE_BYTES: usize = 8 << 20;

/// As many cases as one search may find before it has to be narrowed.
pub const MAX_CASES: usize = 300;

/// Why a page cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PageError {
    /// Larger than [`MAX_PAGE_BYTES`].
    TooLarge,
    /// A row that begins like a case or charge but cannot be read; counted from 1.
    Unreadable { part: &'static str, row: usize },
    /// At least [`MAX_CASES`] cases match.
    TooManyCases { found: usize },
}

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the page is too large"),
            Self::Unreadable { part, row } => write!(f, "row {row} of {part} cannot be read"),
            Self::TooManyCases { found } => write!(
                f,
                "Found {found} matching cases, exceeding the limit of {MAX_CASES}. Please add a date of birth to your search."
            ),
        }
    }
}

impl std::error::Error for PageError {}

/// Reads the site's `MM/DD/YYYY`.
fn parse_date(text: &str) -> Option<jiff::civil::Date> {
    super::when::parse_us_date(text)
}

#[cfg(test)]
mod tests;
