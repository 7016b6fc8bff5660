//! The admin of the platform, for operators: a file for each model, each a declaration (see the crate `admin`) and a Lambda of
//! its own. The front page of the whole admin is here too.

mod account;
mod account_mail;
mod api_key;
mod audit_entry;
mod external_identity;
mod feature_flag;
mod form_pack;
mod invitation;
mod lead;
mod membership;
mod organization;
mod organization_slug;
mod outbox;
mod passkey;
mod session;
mod shared;
mod subscription;

use admin::Model;
use app::{Access, Context, Function, Need, OpenApiRouter};
use store::Job;

use crate::AccountMail;

/// Every model, as the service's page lists them.
pub static MODELS: &[&Model] = &[
    &organization::MODEL,
    &organization_slug::MODEL,
    &subscription::MODEL,
    &lead::MODEL,
    &account::MODEL,
    &membership::MODEL,
    &invitation::MODEL,
    &session::MODEL,
    &passkey::MODEL,
    &external_identity::MODEL,
    &api_key::MODEL,
    &feature_flag::MODEL,
    &form_pack::MODEL,
    &audit_entry::MODEL,
    &account_mail::MODEL,
    &outbox::MODEL,
];

fn routes() -> OpenApiRouter<Context> {
    admin::front().merge(admin::index("platform", MODELS))
}

pub const ADMIN: Function = admin::function(
    "platform-admin",
    &["/admin", "/admin/platform"],
    Access::SignedIn,
    routes,
);
pub const ADMIN_ORGANIZATION: Function = admin::function(
    "platform-admin-organization",
    &["/admin/platform/organization"],
    Access::Operator,
    organization::routes,
);
pub const ADMIN_ORGANIZATION_SLUG: Function = admin::function(
    "platform-admin-organization-slug",
    &["/admin/platform/organization-slug"],
    Access::Operator,
    organization_slug::routes,
);
pub const ADMIN_ACCOUNT: Function = admin::function(
    "platform-admin-account",
    &["/admin/platform/account"],
    Access::Operator,
    account::routes,
)
.needs(&[Need::Database, Need::KeyValue, Need::Queue(AccountMail::QUEUE)]);
pub const ADMIN_MEMBERSHIP: Function = admin::function(
    "platform-admin-membership",
    &["/admin/platform/membership"],
    Access::Operator,
    membership::routes,
);
pub const ADMIN_INVITATION: Function = admin::function(
    "platform-admin-invitation",
    &["/admin/platform/invitation"],
    Access::Operator,
    invitation::routes,
);
pub const ADMIN_SESSION: Function = admin::function(
    "platform-admin-session",
    &["/admin/platform/session"],
    Access::Operator,
    session::routes,
);
pub const ADMIN_PASSKEY: Function = admin::function(
    "platform-admin-passkey",
    &["/admin/platform/passkey"],
    Access::Operator,
    passkey::routes,
);
pub const ADMIN_EXTERNAL_IDENTITY: Function = admin::function(
    "platform-admin-external-identity",
    &["/admin/platform/external-identity"],
    Access::Operator,
    external_identity::routes,
);
pub const ADMIN_LEAD: Function = admin::function(
    "platform-admin-lead",
    &["/admin/platform/lead"],
    Access::Operator,
    lead::routes,
);
pub const ADMIN_SUBSCRIPTION: Function = admin::function(
    "platform-admin-subscription",
    &["/admin/platform/subscription"],
    Access::Operator,
    subscription::routes,
);
pub const ADMIN_API_KEY: Function = admin::function(
    "platform-admin-api-key",
    &["/admin/platform/api-key"],
    Access::Operator,
    api_key::routes,
);
pub const ADMIN_FEATURE_FLAG: Function = admin::function(
    "platform-admin-feature-flag",
    &["/admin/platform/feature-flag"],
    Access::Operator,
    feature_flag::routes,
);
pub const ADMIN_FORM_PACK: Function = admin::function(
    "platform-admin-form-pack",
    &["/admin/platform/form-pack"],
    Access::Operator,
    form_pack::routes,
);
pub const ADMIN_AUDIT_ENTRY: Function = admin::function(
    "platform-admin-audit-entry",
    &["/admin/platform/audit-entry"],
    Access::Operator,
    audit_entry::routes,
);
pub const ADMIN_ACCOUNT_MAIL: Function = admin::function(
    "platform-admin-account-mail",
    &["/admin/platform/account-mail"],
    Access::Operator,
    account_mail::routes,
);
pub const ADMIN_OUTBOX: Function = admin::function(
    "platform-admin-outbox",
    &["/admin/platform/outbox"],
    Access::Operator,
    outbox::routes,
);
