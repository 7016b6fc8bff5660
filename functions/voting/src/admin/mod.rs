//! The admin of voting: a file for each model, each a declaration (see the crate `admin`) and a Lambda of its own.

mod action;
mod event;
mod hourly_count;
mod lookup;
mod registration;
mod reminder_request;
mod report;
mod secure_upload;
mod shared;
mod state;
mod state_field;
mod state_information;
mod stored_file;
mod subscriber;

use admin::Model;
use app::{Access, Context, Function, OpenApiRouter};

/// Every model, as the service's page lists them.
pub static MODELS: &[&Model] = &[
    &registration::MODEL,
    &lookup::MODEL,
    &reminder_request::MODEL,
    &action::MODEL,
    &event::MODEL,
    &stored_file::MODEL,
    &report::MODEL,
    &hourly_count::MODEL,
    &subscriber::MODEL,
    &state_information::MODEL,
    &state::MODEL,
    &state_field::MODEL,
    &secure_upload::MODEL,
];

fn routes() -> OpenApiRouter<Context> {
    admin::index("voting", MODELS)
}

pub const ADMIN: Function = admin::function("voting-admin", &["/admin/voting"], Access::SignedIn, routes);
pub const ADMIN_REGISTRATION: Function = admin::function(
    "voting-admin-registration",
    &["/admin/voting/registration"],
    Access::Staff,
    registration::routes,
);
pub const ADMIN_LOOKUP: Function = admin::function(
    "voting-admin-lookup",
    &["/admin/voting/lookup"],
    Access::Staff,
    lookup::routes,
);
pub const ADMIN_REMINDER_REQUEST: Function = admin::function(
    "voting-admin-reminder-request",
    &["/admin/voting/reminder-request"],
    Access::Staff,
    reminder_request::routes,
);
pub const ADMIN_ACTION: Function = admin::function(
    "voting-admin-action",
    &["/admin/voting/action"],
    Access::Staff,
    action::routes,
);
pub const ADMIN_EVENT: Function = admin::function(
    "voting-admin-event",
    &["/admin/voting/event"],
    Access::Staff,
    event::routes,
);
pub const ADMIN_STORED_FILE: Function = admin::function(
    "voting-admin-stored-file",
    &["/admin/voting/stored-file"],
    Access::Staff,
    stored_file::routes,
);
pub const ADMIN_REPORT: Function = admin::function(
    "voting-admin-report",
    &["/admin/voting/report"],
    Access::Staff,
    report::routes,
);
pub const ADMIN_HOURLY_COUNT: Function = admin::function(
    "voting-admin-hourly-count",
    &["/admin/voting/hourly-count"],
    Access::Staff,
    hourly_count::routes,
);
pub const ADMIN_SUBSCRIBER: Function = admin::function(
    "voting-admin-subscriber",
    &["/admin/voting/subscriber"],
    Access::Staff,
    subscriber::routes,
);
pub const ADMIN_STATE_INFORMATION: Function = admin::function(
    "voting-admin-state-information",
    &["/admin/voting/state-information"],
    Access::Operator,
    state_information::routes,
);
pub const ADMIN_STATE: Function = admin::function(
    "voting-admin-state",
    &["/admin/voting/state"],
    Access::Operator,
    state::routes,
);
pub const ADMIN_STATE_FIELD: Function = admin::function(
    "voting-admin-state-field",
    &["/admin/voting/state-field"],
    Access::Operator,
    state_field::routes,
);
pub const ADMIN_SECURE_UPLOAD: Function = admin::function(
    "voting-admin-secure-upload",
    &["/admin/voting/secure-upload"],
    Access::Operator,
    secure_upload::routes,
);
