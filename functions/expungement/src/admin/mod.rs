//! The admin of expungement: that paperwork was asked for and what became of it, never whose or of what. Records, names and forms
//! lie sealed in private files, for a day, and have no page here.

mod bulk_job;
mod packet;

use admin::Model;
use app::{Access, Context, Function, OpenApiRouter};

/// Every model, as the service's page lists them.
pub static MODELS: &[&Model] = &[&bulk_job::MODEL, &packet::MODEL];

fn routes() -> OpenApiRouter<Context> {
    admin::index("expungement", MODELS)
}

pub const ADMIN: Function = admin::function(
    "expungement-admin",
    &["/admin/expungement"],
    Access::SignedIn,
    routes,
);
pub const ADMIN_BULK_JOB: Function = admin::function(
    "expungement-admin-bulk-job",
    &["/admin/expungement/bulk-job"],
    Access::Staff,
    bulk_job::routes,
);
pub const ADMIN_PACKET: Function = admin::function(
    "expungement-admin-packet",
    &["/admin/expungement/packet"],
    Access::Operator,
    packet::routes,
);
