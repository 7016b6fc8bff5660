//! The glue to Lambda: events in, answers out, logs and metrics on the side.
//!
//! `main` (feature `aws`) is all that a bin calls. The adapters below it take the event as JSON text, so that the local host
//! and the tests drive exactly what Lambda drives.

pub mod http;
pub mod log;
pub mod metrics;
pub mod operation;
pub mod queue;
pub mod schedule;
#[cfg(feature = "aws")]
mod settings;
#[cfg(feature = "aws")]
mod start;

#[cfg(feature = "aws")]
pub use start::main;
