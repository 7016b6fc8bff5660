//! `POST /voting/v1/reminder/signup`: a voter asks to be reminded of elections.

use app::{Answer, Context, Idempotency, OpenApiRouter, Tenant, Valid, routes};
use axum::extract::State;
use ports::Result;
use serde_json::{Value, json};
use store::{Claim, Sql, params, sql};

use crate::{actions, jobs::ActionFinish, voter::VoterIn};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(signup))
}

const INSERT: Sql = sql!(
    "insert into voting.reminder_request select * from jsonb_populate_record(null::voting.reminder_request, $1)"
);

/// Sign up for reminders.
#[utoipa::path(post, path = "/voting/v1/reminder/signup", request_body = VoterIn,
    params(("subscriber" = Option<String>, Query)),
    responses((status = 200, description = "`{action_id}`"), (status = 400)))]
async fn signup(State(cx): State<Context>, tenant: Tenant, body: Valid<VoterIn>) -> app::Result<Answer> {
    Ok(Answer::ok(
        sign_up(&cx, &tenant, &body.input, &body.idempotency).await?,
    ))
}

/// Signs a voter up. The answer to a repeated idempotency key is the first one's.
pub(crate) async fn sign_up(
    cx: &Context,
    tenant: &Tenant,
    voter: &VoterIn,
    idempotency: &Idempotency,
) -> Result<Value> {
    let mut tx = cx.db.begin(tenant.id).await?;
    if let Some(key) = &idempotency.0
        && let Claim::Done(answer) = tx.claim(key).await?
    {
        return Ok(answer);
    }
    let (id, now) = (tx.random_id(), tx.now());
    let action = actions::create(&mut tx, tenant, "remind", voter.language.unwrap_or_default()).await?;
    let row = voter.row(id, tenant.id, action, now);
    tx.execute(INSERT, params![Value::Object(row)]).await?;
    tx.enqueue(&ActionFinish { action }).await?;
    let answer = json!({"action_id": action});
    if let Some(key) = &idempotency.0 {
        tx.remember(key, &answer).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
