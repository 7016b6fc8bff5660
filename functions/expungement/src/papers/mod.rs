//! Paperwork: the court's forms for a record, filled and packed; the summary of a record as a PDF.
//!
//! What stands on which paper is decided in `domain::expungement::paperwork`; here it becomes files:
//! [`forms`] finds the blank of each paper or draws a [`worksheet`], [`packet`] fills and joins them, [`archive`] packs the ZIP. [`report`] sets the
//! summary.

pub mod archive;
pub mod forms;
pub mod packet;
pub mod report;
mod worksheet;

#[cfg(test)]
mod tests;
