//! What tests share: the contract suite of the ports, the emulators of AWS, the Runtime API, a database for each test.

#![allow(clippy::expect_used, clippy::panic, reason = "what fails here ends the test")]

pub mod authenticator;
pub mod contract;
mod db;
pub mod emulator;
mod runtime_api;

pub use db::TestDb;
pub use runtime_api::{Answer, LambdaProcess};
