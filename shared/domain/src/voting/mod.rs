//! Voter registration: what a voter tells us, and what the states ask.
//!
//! "Spec" in the docs of this module is the description of the service's behaviour that clients rely on, by section number.

pub mod action;
pub mod codes;
pub mod schedule;
mod wire_enum;
