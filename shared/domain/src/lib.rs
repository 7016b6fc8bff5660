//! The rules and types of all services, pure: no I/O, no AWS, no HTTP, and no clock of its own — `today` is an argument.
//!
//! Each service has a module; what several of them share stands beside those.

pub mod expungement;
pub mod person;
pub mod voting;

pub use person::Invalid;
