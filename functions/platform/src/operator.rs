//! `platform-operator`: makes somebody an operator of the installation, or no longer one. By hand, as no page may give this right.
//!
//! ```text
//! aws lambda invoke --function-name commonweal-prod-platform-operator --cli-binary-format raw-in-base64-out \
//!     --payload '{"email": "maya@example.org", "is_operator": true}' /dev/stdout
//! ```

use app::Context;
use ports::{Error, Result};
use serde_json::{Value, json};
use store::{
    Sql,
    audit::{Actor, Change},
    params, sql,
};

use crate::accounts::{Credentials, own_change};

const IS_OPERATOR: Sql = sql!("select is_operator from platform.account where id = $1 for update");
const SET: Sql = sql!("update platform.account set is_operator = $2 where id = $1");

/// The event: `email`, of an account, and `is_operator`.
///
/// # Errors
/// `Invalid` where `is_operator` is neither true nor false; `NotFound` where there is no such account.
pub(crate) async fn operator(cx: Context, event: Value) -> Result<Value> {
    let is_operator = event["is_operator"]
        .as_bool()
        .ok_or_else(|| Error::field("is_operator", "invalid", "Must be true or false."))?;
    let account = Credentials::by_email(&cx, event["email"].as_str().unwrap_or_default())
        .await?
        .ok_or_else(Error::not_found)?;
    let mut tx = cx.db.begin_untenanted().await?;
    let before: bool = tx
        .one(IS_OPERATOR, params![account.id])
        .await?
        .get("is_operator")?;
    if before != is_operator {
        tx.execute(SET, params![account.id, is_operator]).await?;
        let change = Change {
            actor: Actor::System,
            ..own_change(
                account.id,
                "account.change_operator",
                Some(json!({"is_operator": before})),
                Some(json!({"is_operator": is_operator})),
            )
        };
        tx.audit_account(account.id, change).await?;
        tx.commit().await?;
    }
    Ok(json!({"account": account.id, "is_operator": is_operator}))
}
