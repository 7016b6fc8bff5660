//! Voting: a voter registers, checks a registration, asks for reminders; organisations offer the tools under their own slug.
//!
//! [`FUNCTIONS`] is the table of contents. Each HTTP function is a file that reads top to bottom: what comes in, what happens,
//! what goes out, the SQL. Each task is a file under [`jobs`]. The rules (what is valid, when a mail is due, what stands
//! on a form) live in `domain::voting`.
//!
//! Identity numbers are never stored, queued or logged: they go from the request straight into the PDF (see [`forms`]).

pub mod actions;
pub mod admin;
mod api_key_check;
mod download;
mod election;
mod event_track;
pub mod flags;
pub mod forms;
pub mod jobs;
pub mod mail;
mod manage;
pub mod pages;
pub mod register;
mod register_external;
mod register_resume;
mod register_status;
mod reminder_signup;
mod secure_upload;
mod storage;
pub mod subscriber;
mod token;
pub mod verify;
mod voter;

use app::{Access, Function, Need, TOKEN_ISSUERS, run, work};
use jobs::{
    ActionFinish, ActionUnfinished, ExternalUpsell, FileLink, RegistrationNotify, RegistrationReminder,
    VotingReport,
};
use store::Job;

/// What finishing a registration needs: the page and the API alike.
const REGISTERING: &[Need] = &[
    Need::Database,
    Need::Files,
    Need::Queue(ActionUnfinished::QUEUE),
    Need::Queue(RegistrationNotify::QUEUE),
    Need::Queue(RegistrationReminder::QUEUE),
    Need::Queue(ActionFinish::QUEUE),
];
/// The page also takes the resume links of the Action API, which are signed.
const REGISTERING_BY_PAGE: &[Need] = &[
    Need::Database,
    Need::Files,
    Need::Queue(ActionUnfinished::QUEUE),
    Need::Queue(RegistrationNotify::QUEUE),
    Need::Queue(RegistrationReminder::QUEUE),
    Need::Queue(ActionFinish::QUEUE),
    Need::Secret(token::KEY),
];
const VERIFYING: &[Need] = &[
    Need::Database,
    Need::Queue(ActionFinish::QUEUE),
    Need::Secret(verify::API_KEY),
    Need::KeyValue,
    Need::Internet(verify::URL),
];
const STAFF: &[Need] = &[Need::Database, Need::KeyValue];
const MAILING: &[Need] = &[Need::Database, Need::Mail, Need::KeyValue];

// Pages and documents
pub const HOME: Function = Function::http("voting-home", &["/voting"], Access::Anyone, pages::home::routes);
pub const DOCS: Function = Function::http(
    "voting-docs",
    &["/voting/docs", "/voting/openapi.json"],
    Access::Anyone,
    pages::docs::routes,
);
pub const REGISTER_PAGE: Function = Function::http(
    "voting-register-page",
    &["/voting/register"],
    Access::Anyone,
    pages::register::routes,
)
.needs(REGISTERING_BY_PAGE)
.embeddable()
.memory(512)
.timeout(29);
pub const VERIFY_PAGE: Function = Function::http(
    "voting-verify-page",
    &["/voting/verify"],
    Access::Anyone,
    pages::verify::routes,
)
.needs(VERIFYING)
.embeddable()
.timeout(29);
pub const REMINDER_PAGE: Function = Function::http(
    "voting-reminder-page",
    &["/voting/reminder"],
    Access::Anyone,
    pages::reminder::routes,
)
.needs(&[Need::Database, Need::Queue(ActionFinish::QUEUE)])
.embeddable();

// What a voter does
pub const REGISTER: Function = Function::http(
    "voting-register",
    &["/voting/v1/registration/register"],
    Access::Anyone,
    register::routes,
)
.needs(REGISTERING)
.memory(512)
.timeout(29);
pub const REGISTER_STATUS: Function = Function::http(
    "voting-register-status",
    &["/voting/v1/registration/status"],
    Access::Bearer,
    register_status::routes,
)
.needs(&[Need::Database]);
pub const REGISTER_EXTERNAL: Function = Function::http(
    "voting-register-external",
    &["/voting/v1/registration/external/request"],
    Access::ApiKey,
    register_external::routes,
)
.needs(&[
    Need::Database,
    Need::KeyValue,
    Need::Queue(ActionUnfinished::QUEUE),
    Need::Secret(token::KEY),
    Need::Secret(TOKEN_ISSUERS),
    Need::ConfiguredProviders,
]);
pub const API_KEY_CHECK: Function = Function::http(
    "voting-api-key-check",
    &["/voting/v1/apikey/check"],
    Access::ApiKey,
    api_key_check::routes,
)
.needs(&[
    Need::Database,
    Need::KeyValue,
    Need::Secret(TOKEN_ISSUERS),
    Need::ConfiguredProviders,
]);
pub const REGISTER_RESUME: Function = Function::http(
    "voting-register-resume",
    &["/voting/v1/registration/resume_token"],
    Access::Bearer,
    register_resume::routes,
)
.needs(&[Need::Database, Need::Secret(token::KEY)]);
pub const VERIFY: Function = Function::http(
    "voting-verify",
    &["/voting/v1/verification/verify"],
    Access::Anyone,
    verify::routes,
)
.needs(VERIFYING)
.timeout(29);
pub const REMINDER_SIGNUP: Function = Function::http(
    "voting-reminder-signup",
    &["/voting/v1/reminder/signup"],
    Access::Anyone,
    reminder_signup::routes,
)
.needs(&[Need::Database, Need::Queue(ActionFinish::QUEUE)]);
pub const EVENT_TRACK: Function = Function::http(
    "voting-event-track",
    &["/voting/v1/event/track"],
    Access::Bearer,
    event_track::routes,
)
.needs(&[Need::Database, Need::Queue(ExternalUpsell::QUEUE)]);

// What anyone may read
pub const ELECTION_STATE: Function = Function::http(
    "voting-election-state",
    &["/voting/v1/election/state"],
    Access::Anyone,
    election::state_routes,
)
.needs(&[Need::Database]);
pub const ELECTION_FIELD: Function = Function::http(
    "voting-election-field",
    &["/voting/v1/election/field"],
    Access::Anyone,
    election::field_routes,
)
.needs(&[Need::Database]);
pub const SUBSCRIBER: Function = Function::http(
    "voting-subscriber",
    &["/voting/v1/subscriber/id"],
    Access::Anyone,
    subscriber::routes,
)
.needs(&[Need::Database]);

// Files
pub const STORAGE_RESET: Function = Function::http(
    "voting-storage-reset",
    &["/voting/v1/storage/reset"],
    Access::Anyone,
    storage::routes,
)
.needs(&[Need::Database, Need::Queue(FileLink::QUEUE)]);
pub const SECURE_UPLOAD: Function = Function::http(
    "voting-secure-upload",
    &["/voting/v1/storage/secure_upload"],
    Access::Anyone,
    secure_upload::routes,
)
.needs(&[Need::Database, Need::Files]);
pub const DOWNLOAD: Function = Function::http(
    "voting-download",
    &["/voting/download"],
    Access::Bearer,
    download::routes,
)
.needs(&[Need::Database, Need::Files, Need::Queue(FileLink::QUEUE)]);

// What an organisation's staff see
pub const MANAGE_PAGE: Function = Function::http(
    "voting-manage-page",
    &["/voting/manage"],
    Access::Staff,
    manage::home::routes,
)
.needs(STAFF);
pub const MANAGE_EMBED_PAGE: Function = Function::http(
    "voting-manage-embed-page",
    &["/voting/manage/embed"],
    Access::Staff,
    manage::embed::routes,
)
.needs(STAFF);
pub const MANAGE_SETTINGS_PAGE: Function = Function::http(
    "voting-manage-settings-page",
    &["/voting/manage/settings"],
    Access::Staff,
    manage::settings::routes,
)
.needs(STAFF);
pub const MANAGE_REPORTS_PAGE: Function = Function::http(
    "voting-manage-reports-page",
    &["/voting/manage/reports"],
    Access::Staff,
    manage::reports::routes,
)
.needs(&[
    Need::Database,
    Need::KeyValue,
    Need::Queue(VotingReport::QUEUE),
    Need::Queue(FileLink::QUEUE),
]);

// Tasks
pub const REGISTRATION_NOTIFY: Function =
    Function::queue(RegistrationNotify::QUEUE, work!(jobs::registration_notify)).needs(MAILING);
pub const REGISTRATION_REMINDER: Function =
    Function::queue(RegistrationReminder::QUEUE, work!(jobs::registration_reminder)).needs(MAILING);
pub const ACTION_UNFINISHED: Function =
    Function::queue(ActionUnfinished::QUEUE, work!(jobs::action_unfinished)).needs(MAILING);
pub const ACTION_FINISH: Function =
    Function::queue(ActionFinish::QUEUE, work!(jobs::action_finish)).needs(MAILING);
pub const EXTERNAL_UPSELL: Function =
    Function::queue(ExternalUpsell::QUEUE, work!(jobs::external_upsell)).needs(MAILING);
pub const FILE_LINK: Function = Function::queue(FileLink::QUEUE, work!(jobs::file_link)).needs(MAILING);
pub const REPORT: Function = Function::queue(VotingReport::QUEUE, work!(jobs::report))
    .needs(&[Need::Database, Need::Files, Need::Mail, Need::KeyValue])
    .timeout(300);
pub const COUNT: Function =
    Function::schedule("voting-count", "rate(5 minutes)", run!(jobs::count)).needs(&[Need::Database]);
pub const PURGE: Function = Function::schedule("voting-purge", "cron(45 0,12 * * ? *)", run!(jobs::purge))
    .needs(&[Need::Database, Need::Files])
    .timeout(300);

// Admin
pub use crate::admin::{
    ADMIN, ADMIN_ACTION, ADMIN_EVENT, ADMIN_HOURLY_COUNT, ADMIN_LOOKUP, ADMIN_REGISTRATION,
    ADMIN_REMINDER_REQUEST, ADMIN_REPORT, ADMIN_SECURE_UPLOAD, ADMIN_STATE, ADMIN_STATE_FIELD,
    ADMIN_STATE_INFORMATION, ADMIN_STORED_FILE, ADMIN_SUBSCRIBER,
};

/// Every function of the service.
pub const FUNCTIONS: &[Function] = &[
    HOME,
    DOCS,
    REGISTER_PAGE,
    VERIFY_PAGE,
    REMINDER_PAGE,
    REGISTER,
    REGISTER_STATUS,
    REGISTER_EXTERNAL,
    API_KEY_CHECK,
    REGISTER_RESUME,
    VERIFY,
    REMINDER_SIGNUP,
    EVENT_TRACK,
    ELECTION_STATE,
    ELECTION_FIELD,
    SUBSCRIBER,
    STORAGE_RESET,
    SECURE_UPLOAD,
    DOWNLOAD,
    MANAGE_PAGE,
    MANAGE_EMBED_PAGE,
    MANAGE_SETTINGS_PAGE,
    MANAGE_REPORTS_PAGE,
    REGISTRATION_NOTIFY,
    REGISTRATION_REMINDER,
    ACTION_UNFINISHED,
    ACTION_FINISH,
    EXTERNAL_UPSELL,
    FILE_LINK,
    REPORT,
    COUNT,
    PURGE,
    ADMIN,
    ADMIN_REGISTRATION,
    ADMIN_LOOKUP,
    ADMIN_REMINDER_REQUEST,
    ADMIN_ACTION,
    ADMIN_EVENT,
    ADMIN_STORED_FILE,
    ADMIN_REPORT,
    ADMIN_HOURLY_COUNT,
    ADMIN_SUBSCRIBER,
    ADMIN_STATE_INFORMATION,
    ADMIN_STATE,
    ADMIN_STATE_FIELD,
    ADMIN_SECURE_UPLOAD,
];

/// The OpenAPI document of the service.
pub fn openapi() -> utoipa::openapi::OpenApi {
    app::openapi(
        "Commonweal Voting",
        "Voter registration, verification, reminders and state election information.",
        FUNCTIONS,
    )
}
