//! `POST /voting/v1/verification/verify`: is this person registered? Asked of the voter file's provider (TargetSmart's voter
//! registration check), in the request: a voter waits for the answer.
//!
//! The provider is asked before any transaction begins, so that a slow one holds no database connection.

use app::{Answer, Context, Idempotency, OpenApiRouter, Tenant, Valid, input, outbound::Provider, routes};
use axum::extract::State;
use domain::voting::{
    codes::EventType,
    verification::{Answer as Found, Question, interpret},
};
use jiff::Timestamp;
use ports::{Error, Result};
use serde_json::{Value, json};
use store::{Claim, Sql, params, sql};
use uuid::Uuid;

use crate::{actions, jobs::ActionFinish, voter::VoterIn};

pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(verify))
}

/// The provider's key and address.
pub(crate) const API_KEY: &str = "voter-file/api-key";
pub(crate) const URL: &str = "VOTER_FILE_URL";
const PATH: &str = "/voter/voter-registration-check";

input! {
    /// Whom to look up. Unknown keys are ignored.
    pub struct VerifyIn {
        pub age: Option<i32>,
        pub last_updated: Option<Timestamp>,
        .. pub voter: VoterIn,
    }
}

const INSERT: Sql =
    sql!("insert into voting.lookup select * from jsonb_populate_record(null::voting.lookup, $1)");

/// Check a registration.
#[utoipa::path(post, path = "/voting/v1/verification/verify", request_body = VerifyIn,
    params(("subscriber" = Option<String>, Query)),
    responses((status = 200, description = "`{registered, action_id}`"), (status = 400),
              (status = 503, description = "The provider does not answer; nothing was stored")))]
async fn verify(State(cx): State<Context>, tenant: Tenant, body: Valid<VerifyIn>) -> app::Result<Answer> {
    let (registered, action) = once(&cx, &tenant, body.input, &body.idempotency).await?;
    Ok(Answer::ok(json!({"registered": registered, "action_id": action})))
}

/// Looks a voter up and stores what was found: registered or not, and the new action.
pub async fn check(cx: &Context, tenant: &Tenant, asked: VerifyIn) -> Result<(bool, Uuid)> {
    once(cx, tenant, asked, &Idempotency::default()).await
}

async fn once(
    cx: &Context,
    tenant: &Tenant,
    asked: VerifyIn,
    idempotency: &Idempotency,
) -> Result<(bool, Uuid)> {
    let (found, response) = ask(cx, &asked.voter).await?;
    let mut tx = cx.db.begin(tenant.id).await?;
    if let Some(key) = &idempotency.0
        && let Claim::Done(answer) = tx.claim(key).await?
    {
        return serde_json::from_value(answer).map_err(Error::internal);
    }
    let (id, now) = (tx.random_id(), tx.now());
    let action = actions::create(
        &mut tx,
        tenant,
        "verify",
        asked.voter.language.unwrap_or_default(),
    )
    .await?;
    let mut row = asked.voter.row(id, tenant.id, action, now);
    for (column, value) in [
        ("age", json!(asked.age)),
        ("registered", json!(found.registered)),
        ("voter_status", json!(found.voter_status)),
        ("too_many", json!(found.too_many)),
        ("last_updated", json!(asked.last_updated)),
        ("response", response),
    ] {
        row.insert(column.to_owned(), value);
    }
    tx.execute(INSERT, params![Value::Object(row)]).await?;
    actions::track(&mut tx, tenant.id, action, EventType::Finish).await?;
    tx.enqueue(&ActionFinish { action }).await?;
    if let Some(key) = &idempotency.0 {
        tx.remember(key, &json!((found.registered, action))).await?;
    }
    tx.commit().await?;
    tracing::info!(
        state = asked.voter.state.as_str(),
        registered = found.registered,
        "a registration was looked up"
    );
    Ok((found.registered, action))
}

/// Asks the provider. Clients of this API read the member `error` of its failure.
async fn ask(cx: &Context, voter: &VoterIn) -> Result<(Found, Value)> {
    let failed = |error: Error| error.with_member("error", "Error from data providers");
    let provider = Provider {
        name: "voter-file",
        url: cx.settings.variable(URL)?,
        key: ("x-api-key", cx.secrets().get(API_KEY).await?),
    };
    let question = Question {
        first_name: &voter.first_name,
        last_name: &voter.last_name,
        address1: &voter.address1,
        address2: voter.address2.as_ref(),
        city: &voter.city,
        state: voter.state,
        zipcode: &voter.zipcode,
        date_of_birth: voter.date_of_birth,
    };
    let response = provider
        .get(cx, PATH, &question.parameters())
        .await
        .map_err(failed)?;
    let found = interpret(&response).map_err(|_| {
        failed(Error::unavailable(
            "provider_unavailable",
            "voter-file: answered with an error",
        ))
    })?;
    // Text in Postgres holds no NUL; what the provider sends is kept whole otherwise.
    let response = match response.to_string().contains("\\u0000") {
        true => json!({}),
        false => response,
    };
    Ok((found, response))
}
