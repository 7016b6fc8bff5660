//! What tests share: the contract suite of the ports, the emulators of AWS, a database for each test.

#![allow(clippy::expect_used, clippy::panic, reason = "what fails here ends the test")]

pub mod contract;
mod db;
pub mod emulator;

pub use db::TestDb;
