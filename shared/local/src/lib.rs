//! The whole platform on one machine: twins of the AWS ports over a folder and the local PostgreSQL, and a host that
//! serves every function of the templates in one process.
//!
//! The twins pass the same contract suite as the adapters on AWS (`testkit::contract`). The host hands each function the
//! events that Lambda would (API Gateway, SQS, EventBridge) through the adapters that Lambda drives (`runtime`). Nothing
//! of this crate is part of a deployed binary, so the pages under `/_local/` exist here only.

mod clock;
mod court_site;
mod cron;
mod event;
mod files;
mod gateway;
mod home;
mod host;
mod key_value;
mod mailer;
mod openid_provider;
mod outbox;
mod pages;
mod queue;
mod schema;
mod secrets;
mod static_files;
mod template;
mod twins;
mod voter_file;
mod workers;

pub use clock::MovableClock;
pub use files::{LocalFiles, file_routes};
pub use home::Home;
pub use host::{Host, serve};
pub use key_value::LocalKeyValue;
pub use mailer::LocalMailer;
pub use openid_provider::{DemoPerson, PEOPLE as OPENID_PEOPLE};
pub use queue::LocalQueue;
pub use schema::{prepare, reset};
pub use secrets::LocalSecrets;
pub use template::{Reader, Template, mismatches};
pub use twins::{Twins, database_settings};
