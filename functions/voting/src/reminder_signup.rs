//! `POST /voting/v1/reminder/signup`: a voter asks to be reminded of elections.

use app::{Answer, Context, OpenApiRouter, Tenant, Valid, input, routes};
use axum::extract::State;
use domain::person::{
    BirthDate, Email, Flag, Language, Line, Name, Phone, StateCode, Text, Zip5, trim_embed_url,
};
use serde_json::json;
use store::{Claim, Sql, params, sql};
use uuid::Uuid;

use crate::{actions, jobs::ActionFinish};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(signup))
}

input! {
    /// What the voter sends. Unknown keys are ignored.
    pub struct SignupIn {
        pub first_name: Name,
        pub last_name: Name,
        pub address1: Line,
        pub address2: Option<Line>,
        pub city: Line,
        pub state: StateCode,
        pub zipcode: Zip5,
        pub date_of_birth: BirthDate,
        pub email: Email,
        pub phone: Option<Phone>,
        pub sms_opt_in: Option<Flag>,
        pub sms_opt_in_subscriber: Option<Flag>,
        /// Of the mails: `en` or `es`.
        pub language: Option<Language>,
        pub embed_url: Option<Text>,
        pub utm_campaign: Option<Text>,
        pub utm_source: Option<Text>,
        pub utm_medium: Option<Text>,
        pub utm_term: Option<Text>,
        pub utm_content: Option<Text>,
        pub session_id: Option<Uuid>,
        pub source: Option<Text>,
        pub email_referrer: Option<Text>,
        pub mobile_referrer: Option<Text>,
    }
}

const INSERT: Sql = sql!(
    "insert into voting.reminder_request select * from jsonb_populate_record(null::voting.reminder_request, $1)"
);

/// Sign up for reminders.
#[utoipa::path(post, path = "/voting/v1/reminder/signup", request_body = SignupIn,
    params(("subscriber" = Option<String>, Query)),
    responses((status = 200, description = "`{action_id}`"), (status = 400)))]
async fn signup(State(cx): State<Context>, tenant: Tenant, body: Valid<SignupIn>) -> app::Result<Answer> {
    let voter = body.input;
    let mut tx = cx.db.begin(tenant.id).await?;
    if let Some(key) = &body.idempotency.0
        && let Claim::Done(answer) = tx.claim(key).await?
    {
        return Ok(Answer::ok(answer));
    }
    let (id, now) = (tx.random_id(), tx.now());
    let action = actions::create(&mut tx, &tenant, "remind", voter.language.unwrap_or_default()).await?;
    let row = json!({
        "id": id, "tenant_id": tenant.id, "action_id": action, "created_at": now,
        "first_name": voter.first_name, "last_name": voter.last_name, "date_of_birth": voter.date_of_birth,
        "email": voter.email, "phone": voter.phone, "address1": voter.address1, "address2": voter.address2,
        "city": voter.city, "state": voter.state, "zipcode": voter.zipcode,
        "sms_opt_in": voter.sms_opt_in, "sms_opt_in_subscriber": voter.sms_opt_in_subscriber.is_some_and(|f| f.0),
        "embed_url": voter.embed_url.map(|url| trim_embed_url(url.as_str())),
        "utm_campaign": voter.utm_campaign, "utm_source": voter.utm_source, "utm_medium": voter.utm_medium,
        "utm_term": voter.utm_term, "utm_content": voter.utm_content, "session_id": voter.session_id,
        "source": voter.source, "email_referrer": voter.email_referrer, "mobile_referrer": voter.mobile_referrer,
    });
    tx.execute(INSERT, params![row]).await?;
    tx.enqueue(&ActionFinish { action }).await?;
    let answer = json!({"action_id": action});
    if let Some(key) = &body.idempotency.0 {
        tx.remember(key, &answer).await?;
    }
    tx.commit().await?;
    Ok(Answer::ok(answer))
}
