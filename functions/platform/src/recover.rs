//! `platform-recover`: the operator lets somebody in again who lost both phone (or passkeys) and recovery codes, once it is clear
//! who asks.
//!
//! The second factor goes, passkeys included, and with it the password, the connected providers (with the roles that they gave) and
//! every session: what is left is a link to the person's own inbox, where they choose a new password. Until they set up a second
//! factor again, no organisation is open to them.
//!
//! ```text
//! aws lambda invoke --function-name commonweal-prod-platform-recover --cli-binary-format raw-in-base64-out \
//!     --payload '{"email": "maya@example.org"}' /dev/stdout
//! ```

use app::Context;
use identity::Token;
use ports::{Error, Result};
use serde_json::{Value, json};
use store::{
    Sql,
    audit::{Actor, Change},
    params, sql,
};

use crate::{
    account_mail::{self, MailKind, To},
    accounts::{self, Credentials, own_change},
    openid::identity::take_roles,
};

const DROP_FACTOR: Sql =
    sql!("update platform.account set totp_secret = null, totp_last_step = null where id = $1");
const DROP_PASSKEYS: Sql = sql!("delete from platform.passkey where account_id = $1");
const ISSUERS: Sql =
    sql!("select distinct issuer from platform.external_identity where account_id = $1 order by issuer");
const DROP_IDENTITIES: Sql = sql!("delete from platform.external_identity where account_id = $1");
const DROP_CODES: Sql = sql!("delete from platform.recovery_code where account_id = $1");

/// The event: `email`, of an account.
///
/// # Errors
/// `NotFound` where there is no such account.
pub(crate) async fn recover(cx: Context, event: Value) -> Result<Value> {
    let email = event["email"].as_str().unwrap_or_default();
    let account = Credentials::by_email(&cx, email)
        .await?
        .ok_or_else(Error::not_found)?;
    // First what the providers gave: where the rest fails, the next sign-in gives it back.
    for row in cx.db.rows(ISSUERS, params![account.id]).await? {
        take_roles(&cx, Actor::System, row.get("issuer")?, account.id).await?;
    }
    let mut tx = cx.db.begin_untenanted().await?;
    tx.execute(DROP_FACTOR, params![account.id]).await?;
    tx.execute(DROP_PASSKEYS, params![account.id]).await?;
    tx.execute(DROP_IDENTITIES, params![account.id]).await?;
    tx.execute(DROP_CODES, params![account.id]).await?;
    // A password that nobody knows, ourselves included.
    accounts::set_password(&cx, &mut tx, account.id, Token::new(cx.random()).expose()).await?;
    let ended = accounts::end_sessions(&mut tx, account.id, None).await?;
    let to = To {
        email: &account.email,
        language: account.language,
        account: Some(account.id),
        ..To::default()
    };
    account_mail::ask(&mut tx, MailKind::PasswordReset, &to).await?;
    let change = Change {
        actor: Actor::System,
        ..own_change(account.id, "account.recover", None, None)
    };
    tx.audit_account(account.id, change).await?;
    tx.commit().await?;
    // What is left of the tokens opens nothing: their sessions ended in the database.
    Ok(json!({"account": account.id, "sessions_ended": ended.len()}))
}
