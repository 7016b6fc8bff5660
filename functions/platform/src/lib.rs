//! Platform: what all services share: accounts, organisations, keys, history; the front page, health, the outbox relay,
//! migrations, the smoke check.
//!
//! [`FUNCTIONS`] is the table of contents. A page about an account lies under `/account`, one about an organisation under
//! `/platform`; what they share is in [`accounts`], the rules (passwords, codes, sessions, roles) in the crate `identity`.

mod account;
mod account_mail;
mod accounts;
pub mod admin;
mod all_organizations;
mod api_keys;
mod docs;
mod email;
mod health;
mod history;
mod home;
mod invitation;
mod invitations;
mod invite;
mod lead;
mod leads;
mod members;
mod migrate;
mod openid;
mod operator;
mod organizations;
mod passkey;
mod passkeys;
mod password;
mod password_reset;
mod profile;
mod recover;
mod relay;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_out;
mod smoke;
#[cfg(test)]
mod test_context;
mod welcome;

pub use account_mail::AccountMail;
use app::{Access, Function, Need, run, work};
use identity::{Keys, oidc};
use store::Job;
pub use welcome::PlatformWelcome;

/// What a page needs to know who asks.
const SIGNED_IN: &[Need] = &[Need::Database, Need::KeyValue];
/// What a page needs that checks passwords or codes.
const PROVING: &[Need] = &[Need::Database, Need::KeyValue, Need::Secret(Keys::SECRET)];
/// And one that also mails a link or a notice.
const PROVING_AND_MAILING: &[Need] = &[
    Need::Database,
    Need::KeyValue,
    Need::Secret(Keys::SECRET),
    Need::Queue(AccountMail::QUEUE),
];
/// MB: hashing a password takes a share of the processor that grows with them (see the README).
const HASHING: u16 = 1024;

pub const HOME: Function = Function::http("platform-home", &["/"], Access::Anyone, home::routes);
pub const DOCS: Function = Function::http(
    "platform-docs",
    &["/platform/docs", "/platform/openapi.json"],
    Access::Anyone,
    docs::routes,
);
pub const HEALTH: Function = Function::http(
    "platform-health",
    &["/-/alive", "/-/health"],
    Access::Anyone,
    health::routes,
)
.needs(&[Need::Database]);

// Accounts
pub const ACCOUNT_PAGE: Function = Function::http(
    "platform-account-page",
    &["/account"],
    Access::SignedIn,
    account::routes,
)
.needs(SIGNED_IN);
pub const SIGN_IN_PAGE: Function = Function::http(
    "platform-sign-in-page",
    &["/account/sign-in"],
    Access::Anyone,
    sign_in::routes,
)
.needs(&[
    Need::Database,
    Need::KeyValue,
    Need::Secret(Keys::SECRET),
    Need::Secret(oidc::PROVIDERS),
])
.memory(HASHING);
pub const OPENID_PAGE: Function = Function::http(
    "platform-openid-page",
    &["/account/openid"],
    Access::Bearer,
    openid::routes,
)
.needs(&[
    Need::Database,
    Need::KeyValue,
    Need::Secret(Keys::SECRET),
    Need::Secret(oidc::PROVIDERS),
    Need::ConfiguredProviders,
    Need::Queue(AccountMail::QUEUE),
])
.memory(512)
.timeout(28);
pub const SIGN_OUT_PAGE: Function = Function::http(
    "platform-sign-out-page",
    &["/account/sign-out"],
    Access::SignedIn,
    sign_out::routes,
)
.needs(SIGNED_IN);
pub const PASSWORD_RESET_PAGE: Function = Function::http(
    "platform-password-reset-page",
    &["/account/password-reset"],
    Access::Bearer,
    password_reset::routes,
)
.needs(PROVING_AND_MAILING)
.memory(HASHING);
pub const PROFILE_PAGE: Function = Function::http(
    "platform-profile-page",
    &["/account/profile"],
    Access::SignedIn,
    profile::routes,
)
.needs(SIGNED_IN);
pub const EMAIL_PAGE: Function = Function::http(
    "platform-email-page",
    &["/account/email"],
    Access::Bearer,
    email::routes,
)
.needs(PROVING_AND_MAILING)
.memory(HASHING);
pub const PASSWORD_PAGE: Function = Function::http(
    "platform-password-page",
    &["/account/password"],
    Access::SignedIn,
    password::routes,
)
.needs(PROVING_AND_MAILING)
.memory(HASHING);
pub const SECOND_FACTOR_PAGE: Function = Function::http(
    "platform-second-factor-page",
    &["/account/second-factor"],
    Access::SignedIn,
    second_factor::routes,
)
.needs(PROVING)
.memory(HASHING);
pub const PASSKEYS_PAGE: Function = Function::http(
    "platform-passkeys-page",
    &["/account/passkeys"],
    Access::SignedIn,
    passkeys::routes,
)
.needs(PROVING_AND_MAILING)
.memory(HASHING);
pub const SESSIONS_PAGE: Function = Function::http(
    "platform-sessions-page",
    &["/account/sessions"],
    Access::SignedIn,
    sessions::routes,
)
.needs(SIGNED_IN);
pub const INVITATION_PAGE: Function = Function::http(
    "platform-invitation-page",
    &["/account/invitation"],
    Access::Bearer,
    invitation::routes,
)
.needs(PROVING)
.memory(HASHING);
pub const ACCOUNT_MAIL: Function = Function::queue(AccountMail::QUEUE, |cx, envelope| {
    Box::pin(account_mail::send(cx, envelope))
})
.needs(&[
    Need::Database,
    Need::Mail,
    Need::KeyValue,
    Need::Secret(Keys::SECRET),
]);

// Organisations
pub const ORGANIZATIONS_PAGE: Function = Function::http(
    "platform-organizations-page",
    &["/platform/organizations"],
    Access::SignedIn,
    organizations::routes,
)
.needs(SIGNED_IN);
pub const MEMBERS_PAGE: Function = Function::http(
    "platform-members-page",
    &["/platform/members"],
    Access::Staff,
    members::routes,
)
.needs(SIGNED_IN);
pub const INVITATIONS_PAGE: Function = Function::http(
    "platform-invitations-page",
    &["/platform/invitations"],
    Access::Staff,
    invitations::routes,
)
.needs(&[Need::Database, Need::KeyValue, Need::Queue(AccountMail::QUEUE)]);
pub const API_KEYS_PAGE: Function = Function::http(
    "platform-api-keys-page",
    &["/platform/api-keys"],
    Access::Staff,
    api_keys::routes,
)
.needs(SIGNED_IN);
pub const HISTORY_PAGE: Function = Function::http(
    "platform-history-page",
    &["/platform/history"],
    Access::Staff,
    history::routes,
)
.needs(SIGNED_IN);

// Who joins, and who is there: for the installation's operators
pub const LEAD_PAGE: Function = Function::http(
    "platform-lead-page",
    &["/platform/lead"],
    Access::Anyone,
    lead::routes,
)
.needs(PROVING);
pub const LEADS_PAGE: Function = Function::http(
    "platform-leads-page",
    &["/platform/leads"],
    Access::Operator,
    leads::routes,
)
.needs(&[
    Need::Database,
    Need::KeyValue,
    Need::Queue(AccountMail::QUEUE),
    Need::Queue(PlatformWelcome::QUEUE),
]);
pub const ALL_ORGANIZATIONS_PAGE: Function = Function::http(
    "platform-all-organizations-page",
    &["/platform/all-organizations"],
    Access::Operator,
    all_organizations::routes,
)
.needs(SIGNED_IN);
pub const WELCOME: Function = Function::queue(PlatformWelcome::QUEUE, work!(welcome::welcome)).needs(&[
    Need::Database,
    Need::Mail,
    Need::KeyValue,
]);

// What keeps the house
pub const OUTBOX_RELAY: Function =
    Function::schedule("platform-outbox-relay", "rate(1 minute)", run!(relay::relay))
        .needs(&[Need::Database, Need::AllQueues]);
pub const MIGRATE: Function = Function::operation("platform-migrate", |cx, event| {
    Box::pin(migrate::migrate(cx, event))
})
.needs(&[Need::DatabaseOwner])
.timeout(900);
pub const INVITE: Function =
    Function::operation("platform-invite", |cx, event| Box::pin(invite::invite(cx, event)))
        .needs(&[Need::Database, Need::Queue(AccountMail::QUEUE)])
        .timeout(30);
pub const OPERATOR: Function = Function::operation("platform-operator", |cx, event| {
    Box::pin(operator::operator(cx, event))
})
.needs(&[Need::Database])
.timeout(30);
pub const RECOVER: Function = Function::operation("platform-recover", |cx, event| {
    Box::pin(recover::recover(cx, event))
})
.needs(&[Need::Database, Need::Queue(AccountMail::QUEUE)])
.memory(HASHING)
.timeout(30);
pub const SMOKE: Function =
    Function::operation("platform-smoke", |cx, event| Box::pin(smoke::smoke(cx, event)))
        .needs(&[Need::Deployment])
        .timeout(120);

// Admin
pub use crate::admin::{
    ADMIN, ADMIN_ACCOUNT, ADMIN_ACCOUNT_MAIL, ADMIN_API_KEY, ADMIN_AUDIT_ENTRY, ADMIN_EXTERNAL_IDENTITY,
    ADMIN_FEATURE_FLAG, ADMIN_FORM_PACK, ADMIN_INVITATION, ADMIN_LEAD, ADMIN_MEMBERSHIP, ADMIN_ORGANIZATION,
    ADMIN_ORGANIZATION_SLUG, ADMIN_OUTBOX, ADMIN_PASSKEY, ADMIN_SESSION, ADMIN_SUBSCRIPTION,
};

/// Every function of the service.
pub const FUNCTIONS: &[Function] = &[
    HOME,
    DOCS,
    HEALTH,
    ACCOUNT_PAGE,
    SIGN_IN_PAGE,
    OPENID_PAGE,
    SIGN_OUT_PAGE,
    PASSWORD_RESET_PAGE,
    PROFILE_PAGE,
    EMAIL_PAGE,
    PASSWORD_PAGE,
    SECOND_FACTOR_PAGE,
    PASSKEYS_PAGE,
    SESSIONS_PAGE,
    INVITATION_PAGE,
    ACCOUNT_MAIL,
    ORGANIZATIONS_PAGE,
    MEMBERS_PAGE,
    INVITATIONS_PAGE,
    API_KEYS_PAGE,
    HISTORY_PAGE,
    LEAD_PAGE,
    LEADS_PAGE,
    ALL_ORGANIZATIONS_PAGE,
    WELCOME,
    OUTBOX_RELAY,
    MIGRATE,
    INVITE,
    OPERATOR,
    RECOVER,
    SMOKE,
    ADMIN,
    ADMIN_ORGANIZATION,
    ADMIN_ORGANIZATION_SLUG,
    ADMIN_ACCOUNT,
    ADMIN_MEMBERSHIP,
    ADMIN_INVITATION,
    ADMIN_SESSION,
    ADMIN_PASSKEY,
    ADMIN_EXTERNAL_IDENTITY,
    ADMIN_LEAD,
    ADMIN_SUBSCRIPTION,
    ADMIN_API_KEY,
    ADMIN_FEATURE_FLAG,
    ADMIN_FORM_PACK,
    ADMIN_AUDIT_ENTRY,
    ADMIN_ACCOUNT_MAIL,
    ADMIN_OUTBOX,
];

/// The OpenAPI document of the service.
pub fn openapi() -> utoipa::openapi::OpenApi {
    app::openapi(
        "Commonweal Platform",
        "What all services share. Accounts and organisations have pages, not an API.",
        FUNCTIONS,
    )
}
