//! Paperwork: the court's forms for a record, filled and packed; the summary of a record as a PDF; many records at once.
//!
//! What stands on which paper is decided in `domain::expungement::paperwork`; here it becomes files:
//!
//! * [`forms`] finds the blank of each paper or draws a [`worksheet`], [`packet`] fills and joins them, [`archive`] packs the ZIP.
//! * [`report`] sets the summary. [`make`] is what API and pages use of all this, [`respond`] how they hand it out, [`kept`] where
//!   it waits when it is too large for an answer.
//! * [`summary_pdf`], [`expungement_packet`], [`waiver_packet`] and [`outlook`] are the endpoints for one record.
//! * [`batch`] makes the results of many records, [`bulk`] takes them by the thousand in [`chunks`], [`people`] searches for each of a list.

pub mod archive;
pub mod batch;
pub(crate) mod bulk;
mod chunks;
pub(crate) mod expungement_packet;
pub mod forms;
pub(crate) mod kept;
mod ledger;
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

use ports::{Error, Result};

/// Does work that keeps a core busy for longer than a moment on a thread of its own, so that whatever else this process does goes on.
///
/// # Errors
/// `Internal` where the process is ending. A panic goes on in the caller.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(Error::internal(error)),
        },
    }
}

#[cfg(test)]
mod api_tests;
#[cfg(test)]
mod tests;
