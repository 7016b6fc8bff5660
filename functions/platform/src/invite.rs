//! `platform-invite`: the operator invites somebody to an organisation. Without it a new installation would have no first person.
//!
//! ```text
//! aws lambda invoke --function-name commonweal-prod-platform-invite --cli-binary-format raw-in-base64-out \
//!     --payload '{"organization": "default", "email": "maya@example.org", "role": "owner"}' /dev/stdout
//! ```

use app::{Context, Role, TenantId};
use domain::person::{Email, Language};
use ports::{Error, FieldError, Result};
use serde_json::{Value, json};
use store::{Sql, audit::Actor, params, sql};
use uuid::Uuid;

use crate::invitations;

const BY_SLUG: Sql = sql!("select tenant_id from platform.tenant_slug where slug = $1");

/// The event: `organization` (its slug), `email`, `role`, and perhaps `language` (`en` or `es`).
///
/// # Errors
/// `Invalid`, with what is wrong of the event; `NotFound` where there is no such organisation.
pub(crate) async fn invite(cx: Context, event: Value) -> Result<Value> {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let mut errors = Vec::new();
    let email = Email::parse(text("email"))
        .map_err(|invalid| errors.push(FieldError::new("email", invalid.code, invalid.message)))
        .ok();
    let role = Role::parse(text("role"));
    if role.is_none() {
        let message = "Must be viewer, editor, admin or owner.";
        errors.push(FieldError::new("role", "invalid_choice", message));
    }
    let (Some(email), Some(role)) = (email, role) else {
        return Err(Error::invalid(errors));
    };
    let row = cx.db.one(BY_SLUG, params![text("organization")]).await?;
    let tenant = TenantId(row.get::<Uuid>("tenant_id")?);
    let mut tx = cx.db.begin(tenant).await?;
    let language = Language::or_default(text("language"));
    let id = invitations::invite(&mut tx, tenant, &email, role, language, Actor::System).await?;
    tx.commit().await?;
    Ok(json!({"invitation": id}))
}
