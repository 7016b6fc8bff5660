//! `GET /voting/v1/subscriber/id/{slug}`: what a form must show about the organisation that offers it.

use app::{Answer, Context, Locale, OpenApiRouter, Tenant, routes};
use axum::extract::{Path, State};
use domain::{
    person::Language,
    voting::{
        codes::{SmsOption, SubscriberPlan},
        subscriber::SmsSettings,
    },
};
use ports::Error;
use serde_json::json;
use store::{Row, Sql, params, sql};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(find_subscriber))
}

/// One row by its slug.
pub const FIND: Sql = sql!(
    "select t.name, t.plan, s.url, s.terms_of_service, s.privacy_policy,
            s.sms_enabled, s.sms_checkbox, s.sms_checkbox_default, s.sms_disclaimer
       from platform.tenant_slug g
       join platform.tenant t on t.id = g.tenant_id
       join voting.subscriber s on s.tenant_id = t.id
      where g.slug = $1"
);

/// A subscriber by any of its slugs, disabled ones too.
#[utoipa::path(get, path = "/voting/v1/subscriber/id/{slug}", params(("slug" = String, Path)),
    responses((status = 200, description = "`{name, url, terms_of_service, privacy_policy, has_data_access, sms_enabled, sms_checkbox, sms_checkbox_default, sms_disclaimer, disclaimer}`"),
              (status = 404)))]
async fn find_subscriber(
    State(cx): State<Context>,
    Path(slug): Path<String>,
    Locale(language): Locale,
) -> app::Result<Answer> {
    if slug.contains('\0') {
        return Err(Error::not_found().into());
    }
    let row = cx.db.one(FIND, params![slug]).await?;
    let plan = plan(row.get("plan")?)?;
    let name: &str = row.get("name")?;
    let Texting { sms, disclaimer } = texting(&row, plan, name, language)?;
    Ok(Answer::ok(json!({
        "name": name,
        "url": row.get::<&str>("url")?,
        "terms_of_service": row.get::<&str>("terms_of_service")?,
        "privacy_policy": row.get::<&str>("privacy_policy")?,
        "has_data_access": plan != SubscriberPlan::Free,
        "sms_enabled": sms.enabled,
        "sms_checkbox": sms.checkbox,
        "sms_checkbox_default": sms.checkbox_default,
        "sms_disclaimer": row.get::<&str>("sms_disclaimer")?,
        "disclaimer": disclaimer,
    })))
}

fn plan(text: &str) -> ports::Result<SubscriberPlan> {
    SubscriberPlan::parse(text).map_err(|_| Error::internal("a tenant has an unknown plan"))
}

/// How an organisation asks for consent to text messages, and what it says about them.
pub(crate) struct Texting {
    pub(crate) sms: SmsSettings,
    pub(crate) disclaimer: String,
}

fn texting(row: &Row, plan: SubscriberPlan, name: &str, language: Language) -> ports::Result<Texting> {
    let sms = SmsSettings {
        enabled: row.get("sms_enabled")?,
        checkbox: row.get("sms_checkbox")?,
        checkbox_default: row.get("sms_checkbox_default")?,
    }
    .under(plan);
    let disclaimer = sms.disclaimer(row.get("sms_disclaimer")?, name, language);
    Ok(Texting { sms, disclaimer })
}

const TEXTING: Sql = sql!(
    "select sms_enabled, sms_checkbox, sms_checkbox_default, sms_disclaimer from voting.subscriber where tenant_id = $1"
);

/// The same for the pages that a tenant offers.
pub(crate) async fn texting_of(cx: &Context, tenant: &Tenant, language: Language) -> ports::Result<Texting> {
    match cx.db.optional(TEXTING, params![tenant.id.0]).await? {
        Some(row) => texting(&row, plan(&tenant.plan)?, &tenant.name, language),
        None => Ok(Texting {
            sms: SmsOption::None.into(),
            disclaimer: String::new(),
        }),
    }
}
