//! testkit

pub mod contract;
pub mod emulator;
