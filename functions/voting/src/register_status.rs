//! `PUT|PATCH /voting/v1/registration/status/{uuid}`: a voter goes on to the state's own site.

use app::{Answer, Choice, Context, OpenApiRouter, PathId, Valid, input, routes};
use axum::extract::State;
use domain::voting::codes::ActionStatus;
use ports::Error;
use serde_json::json;
use store::{Sql, params, sql};

use crate::actions::{self, Held};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(put_status, patch_status))
}

input! {
    /// The new status.
    pub struct StatusIn {
        /// Only `ReferOVR` may be set.
        pub status: Choice<ActionStatus>,
    }
}

const REFER: Sql = sql!(
    "update voting.registration set status = 'ReferOVR', modified_at = $2
      where id = $1 and status = 'Incomplete' returning id"
);

/// Set the status.
#[utoipa::path(put, path = "/voting/v1/registration/status/{uuid}", request_body = StatusIn,
    params(("uuid" = String, Path)), responses((status = 200), (status = 400), (status = 404)))]
async fn put_status(cx: State<Context>, id: PathId, body: Valid<StatusIn>) -> app::Result<Answer> {
    set(cx, id, body).await
}

/// Set the status.
#[utoipa::path(patch, path = "/voting/v1/registration/status/{uuid}", request_body = StatusIn,
    params(("uuid" = String, Path)), responses((status = 200), (status = 400), (status = 404)))]
async fn patch_status(cx: State<Context>, id: PathId, body: Valid<StatusIn>) -> app::Result<Answer> {
    set(cx, id, body).await
}

async fn set(State(cx): State<Context>, PathId(id): PathId, body: Valid<StatusIn>) -> app::Result<Answer> {
    if body.input.status.0 != ActionStatus::ReferOvr {
        return Err(Error::field("status", "invalid_choice", "Only ReferOVR may be set.").into());
    }
    let tenant = actions::tenant_of(&cx, Held::Registration(id)).await?;
    let mut tx = cx.db.begin(tenant).await?;
    let now = tx.now();
    // Only one that is still under way can be referred; any other is not there for this call.
    tx.one(REFER, params![id, now]).await?;
    tx.commit().await?;
    Ok(Answer::ok(json!({"status": ActionStatus::ReferOvr})))
}
