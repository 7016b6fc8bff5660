//! Oregon record clearance: which charges can be set aside, and when (ORS 137.223 to 137.226, 475B.401).
//!
//! A pure function from what the court's pages say to what a person may do:
//!
//! 1. [`court_pages`] reads cases and charges from the court's HTML.
//! 2. [`edits`] applies what the user knows better, and the answers to our questions.
//! 3. [`charge_types`] says for each charge what it may be; [`disposition`] how it ended.
//! 4. [`time`] holds the waiting times; [`record`] tries every combination of what the charges may be and merges the answers.
//! 5. [`banners`], [`summary`] and [`wire`] make the search response of it.
//! 6. [`paperwork`] fills the motions, the police request and the fee waivers; [`report`] sums the record up for its person.
//!
//! Where the service that this one replaces is wrong, we are not: [`Deviation`] lists every difference.

mod alias;
pub mod answers;
pub mod badge;
pub mod banners;
pub mod batch;
pub mod case;
pub mod charge_types;
pub mod counties;
pub mod court_pages;
pub mod demo;
pub mod disposition;
pub mod edits;
pub mod money;
pub mod outlook;
pub mod paperwork;
mod phrase;
pub mod policy;
mod questions;
pub mod record;
pub mod report;
pub mod statute;
pub mod summary;
pub mod time;
pub mod timeline;
pub mod verdict;
pub mod when;
pub mod wire;

pub use alias::{Alias, AliasProblem, MAX_ALIASES};
pub use case::{Case, Charge, Disposition, EditStatus};
pub use charge_types::ChargeType;
pub use edits::Edits;
pub use phrase::Phrase;
pub use policy::{Deviation, Policy};
pub use questions::Ending;
pub use record::{Options, Record, Refusal};
pub use wire::Response;

/// From found cases and edits to the JSON of the search response.
///
/// # Errors
/// A [`Refusal`] where an edit cannot be applied; never for what the court's pages hold.
pub fn respond(found: &[Case], edits: &Edits, options: Options) -> Result<String, Refusal> {
    let cases = edits::apply(found, edits, options)?;
    let record = Record::judge(&cases, options)?;
    Ok(Response::of(&record).to_json())
}

#[cfg(test)]
mod tests;
