//! Paperwork: the court's forms for a record, filled and packed; the summary of a record as a PDF.
//!
//! What stands on which paper is decided in `domain::expungement::paperwork`; here it becomes files:
//! [`forms`] finds the blank of each paper or draws a [`worksheet`], [`packet`] fills and joins them, [`archive`] packs the ZIP. [`report`] sets the
//! summary. [`make`] is what API and pages use.

pub mod archive;
pub mod batch;
pub(crate) mod bulk;
pub(crate) mod expungement_packet;
pub mod forms;
pub(crate) mod kept;
pub mod make;
pub(crate) mod outlook;
pub mod packet;
pub(crate) mod people;
pub mod report;
mod request;
pub(crate) mod respond;
pub(crate) mod summary_pdf;
pub(crate) mod waiver_packet;
mod worksheet;

#[cfg(test)]
mod api_tests;
#[cfg(test)]
mod tests;
