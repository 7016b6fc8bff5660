//! `/platform/all-organizations/…`: operators make and change organisations, each change with its history. The list of all is the
//! admin's, which leads here; voting's row of an organisation and its contact belong to it, so that it is no table's row alone.

mod edit;
mod form;
mod new;

use app::{Context, Form, Menu, OpenApiRouter, Operator, Page, TenantId, see_other};
use askama::Template;
use axum::{response::Response, routing::get};
use domain::voting::{codes::SubscriberPlan, subscriber::SmsSettings};
use ports::{Error, FieldError, Kind, Result};
use serde_json::{Map, Value, json};
use store::{
    Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route(PATH, get(to_list))
        .route("/platform/all-organizations/new", get(new::show).post(new::make))
        .route(
            "/platform/all-organizations/{id}",
            get(edit::show).post(edit::save),
        )
}

pub(crate) const PATH: &str = "/platform/all-organizations";
/// The admin's list of all.
const LIST: &str = "/admin/platform/organization";

/// Whoever takes the end off an address gets to the list.
async fn to_list(_: Operator) -> Response {
    see_other(LIST)
}

const HOLD: Sql = sql!("select id from platform.tenant where id = $1 for update");
const INSERT: Sql = sql!(
    "insert into platform.tenant (id, name, plan, is_first_party, created_at) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing returning id"
);
// Nothing where the slug is another organisation's.
const SLUG: Sql = sql!(
    "insert into platform.tenant_slug as s (slug, tenant_id, position) values ($1, $2, $3)
     on conflict (slug) do update set position = excluded.position where s.tenant_id = excluded.tenant_id returning s.slug"
);
const OPEN: Sql = sql!("select voting.open_subscriber($1, $2, $3, $4)");

/// A new organisation.
pub(crate) struct New {
    pub(crate) name: String,
    pub(crate) website: String,
    pub(crate) slug: String,
    pub(crate) plan: SubscriberPlan,
    pub(crate) sms: SmsSettings,
    pub(crate) is_first_party: bool,
}

pub(crate) fn slug_taken(operator: &Operator, field: &'static str) -> FieldError {
    let message = operator.t(
        "Another organization has this short name.",
        "Otra organización tiene este nombre corto.",
    );
    FieldError::new(field, "taken", message)
}

/// Makes an organisation in this transaction, which must be its own. `false` where the slug is another's; nothing may be kept of
/// the transaction then.
pub(crate) async fn create(tx: &mut Tx, TenantId(id): TenantId, new: &New, by: Actor) -> Result<bool> {
    let now = tx.now();
    let made = tx
        .optional(
            INSERT,
            params![id, new.name, new.plan.as_str(), new.is_first_party, now],
        )
        .await?;
    if made.is_none() {
        return Err(Error::new(
            Kind::Conflict,
            "exists",
            "There is this organization already.",
        ));
    }
    if tx.optional(SLUG, params![new.slug, id, 0_i32]).await?.is_none() {
        return Ok(false);
    }
    let sms = new.sms;
    tx.execute(
        OPEN,
        params![new.website, sms.enabled, sms.checkbox, sms.checkbox_default],
    )
    .await?;
    tx.audit(Change {
        actor: by,
        action: "organization.create",
        object_kind: "organization",
        object_id: id.to_string(),
        before: None,
        after: Some(json!({
            "organization": new.name, "slugs": new.slug, "plan": new.plan.as_str(), "website": new.website,
            "is_first_party": new.is_first_party,
        })),
    })
    .await?;
    Ok(true)
}

/// What the form shows, compares and audits, by its fields.
type Facts = Map<String, Value>;

fn text_of(facts: &Facts, name: &str) -> String {
    match facts.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(true)) => "true".to_owned(),
        _ => String::new(),
    }
}

struct Past {
    at: String,
    actor: String,
    action: String,
    /// Field, before, after.
    fields: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "all_organizations_edit.html")]
struct EditPage {
    page: Page,
    heading: String,
    menu: Option<Menu>,
    form_token: String,
    seen: String,
    form: Form,
    button: &'static str,
    saved: bool,
    /// Where an organisation is that there is already.
    changes: Option<Vec<Past>>,
    slug: String,
}
