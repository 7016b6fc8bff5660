//! Voter registration: what a voter tells us, and what the states ask.
//!
//! "Spec" in the docs of this module is the description of the service's behaviour that clients rely on, by section number.

pub mod action;
pub mod action_api;
pub mod codes;
pub mod registration;
pub mod schedule;
pub mod state_information;
pub mod subscriber;
pub mod verification;
mod wire_enum;
