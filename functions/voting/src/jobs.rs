//! Background work: what follows from what a voter did. One job is one queue message; ids travel, people do not.
//!
//! Each handler may run twice, late and out of order, and ends in the same state: mails go out once by their id
//! (`Context::send_once`), and what is written happens with the note that the job is done (`Tx::first_time`).

mod count;
mod follow_up;
mod purge;
mod registration;
mod report;

use serde::{Deserialize, Serialize};
use store::Job;
use uuid::Uuid;

pub(crate) use count::count;
pub(crate) use follow_up::{action_finish, action_unfinished, external_upsell};
pub(crate) use purge::purge;
pub(crate) use registration::{file_link, registration_notify, registration_reminder};
pub(crate) use report::report;
pub use report::statements as report_statements;

/// The form is ready: mail its link.
#[derive(Debug, Serialize, Deserialize)]
pub struct RegistrationNotify {
    pub registration: Uuid,
    pub file: Uuid,
}

/// The next day: mail again if the form was never downloaded.
#[derive(Debug, Serialize, Deserialize)]
pub struct RegistrationReminder {
    pub registration: Uuid,
    pub file: Uuid,
}

/// A quarter of an hour after the start: was it finished?
#[derive(Debug, Serialize, Deserialize)]
pub struct ActionUnfinished {
    pub action: Uuid,
}

/// What a voter came for is done.
#[derive(Debug, Serialize, Deserialize)]
pub struct ActionFinish {
    pub action: Uuid,
}

/// The voter went to the state's own site: mail what comes next.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExternalUpsell {
    pub action: Uuid,
}

/// A new link to a file was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct FileLink {
    pub file: Uuid,
}

/// A table of voters was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct VotingReport {
    pub report: Uuid,
}

impl Job for VotingReport {
    const QUEUE: &'static str = "voting-report";
}
impl Job for RegistrationNotify {
    const QUEUE: &'static str = "voting-registration-notify";
}
impl Job for RegistrationReminder {
    const QUEUE: &'static str = "voting-registration-reminder";
}
impl Job for ActionUnfinished {
    const QUEUE: &'static str = "voting-action-unfinished";
}
impl Job for ActionFinish {
    const QUEUE: &'static str = "voting-action-finish";
}
impl Job for ExternalUpsell {
    const QUEUE: &'static str = "voting-external-upsell";
}
impl Job for FileLink {
    const QUEUE: &'static str = "voting-file-link";
}
