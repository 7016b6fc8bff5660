//! Feature flags: rows of `platform.feature_flag`. What is absent is off.

use ports::Result;
use store::{Database, Sql, params, sql};

/// The follow-up mails that an operator may switch on, each by itself.
pub const DRIP_UNFINISHED: &str = "drip.action_unfinished";
pub const DRIP_DOWNLOAD_REMINDER: &str = "drip.register_download_reminder";
pub const DRIP_REGISTER_EXTERNAL: &str = "drip.register_external";
pub const DRIP_VERIFY_EXTERNAL: &str = "drip.verify_external";
/// Every flag that the code asks for.
pub const ALL: &[&str] = &[
    DRIP_UNFINISHED,
    DRIP_DOWNLOAD_REMINDER,
    DRIP_REGISTER_EXTERNAL,
    DRIP_VERIFY_EXTERNAL,
];

const FIND: Sql = sql!("select enabled from platform.feature_flag where name = $1");

pub async fn is_on(db: &Database, name: &str) -> Result<bool> {
    match db.optional(FIND, params![name]).await? {
        Some(row) => row.get("enabled"),
        None => Ok(false),
    }
}
