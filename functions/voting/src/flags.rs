//! Feature flags: rows of `platform.feature_flag`. What is absent is off.

use domain::{
    person::{StateCode, WebUrl},
    voting::state_information::{OvrPartner, knows_partners},
};
use ports::{Error, Result};
use serde_json::Value;
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

const FIND_VARIABLES: Sql = sql!("select variables from platform.feature_flag where name = $1 and enabled");

/// Our partnership with a state's online registration: the flag `ovr_partner.<state>` (`ovr_partner.co`) with the variables
/// `{"page": "https://…", "id": "…"}` that the state gave us. Asked only of states that know partners.
///
/// # Errors
/// `Internal` where the flag is on and its variables are not these two.
pub async fn ovr_partner(db: &Database, state: StateCode) -> Result<Option<OvrPartner>> {
    if !knows_partners(state) {
        return Ok(None);
    }
    let name = format!("ovr_partner.{}", state.as_str().to_ascii_lowercase());
    let Some(row) = db.optional(FIND_VARIABLES, params![name]).await? else {
        return Ok(None);
    };
    let variables: Value = row.get("variables")?;
    let text = |key: &str| variables[key].as_str().unwrap_or_default();
    match (WebUrl::parse(text("page")), text("id")) {
        (Ok(page), id) if !id.is_empty() => Ok(Some(OvrPartner {
            page,
            id: id.to_owned(),
        })),
        _ => Err(Error::internal(format!(
            "the flag {name} needs the variables page and id"
        ))),
    }
}
