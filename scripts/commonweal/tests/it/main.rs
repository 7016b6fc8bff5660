//! The whole house, run as a user runs it: the real `commonweal serve` in a process of its own, driven over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what fails here ends the test"
)]

mod accounts;
mod api_key;
mod authorization;
mod canary;
mod contract;
mod court;
mod flow;
mod host;
mod hostile;
mod kill;
mod manage;
mod openid;
mod organizations;
mod outage;
mod pages;
mod papers;
mod record_pages;
mod replay;
#[path = "../../src/services.rs"]
mod services;
mod twice;

/// Fails with all of what was found, one a line.
#[track_caller]
pub(crate) fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
