//! `POST /voting/v1/event/track`: a tool tells what happened to an action.

use app::{Answer, Choice, Context, OpenApiRouter, Valid, input, routes};
use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use domain::{
    person::StateCode,
    voting::{
        action::external_tool_follow_up,
        codes::{EventType, ToolName},
        state_information::StateInformation,
    },
};
use jiff::SignedDuration;
use ports::Error;
use serde::Deserialize;
use serde_json::json;
use store::{Sql, params, sql};
use uuid::Uuid;

use crate::{
    actions::{self, Held},
    election,
    jobs::ExternalUpsell,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(track))
}

input! {
    /// What happened.
    pub struct TrackIn {
        pub action: Uuid,
        pub event_type: Choice<EventType>,
    }
}

#[derive(Deserialize)]
struct Tool {
    tool: Option<String>,
}

const FIND: Sql = sql!(
    "select a.tool, coalesce(r.state, l.state) as state from voting.action a
       left join voting.registration r on r.action_id = a.id
       left join voting.lookup l on l.action_id = a.id
      where a.id = $1"
);

/// Note an event. The first `FinishExternal` of an action brings a follow-up mail when `?tool=` names the action's own tool.
#[utoipa::path(post, path = "/voting/v1/event/track", request_body = TrackIn,
    params(("tool" = Option<String>, Query, description = "verify, register or absentee")),
    responses((status = 201), (status = 400)))]
async fn track(
    State(cx): State<Context>,
    Query(query): Query<Tool>,
    body: Valid<TrackIn>,
) -> app::Result<Answer> {
    let TrackIn {
        action,
        event_type: Choice(event),
    } = body.input;
    let unknown = || Error::field("action", "unknown", "There is no such action.");
    let tenant = actions::tenant_of(&cx, Held::Action(action))
        .await
        .map_err(|error| match error.kind() {
            app::Kind::NotFound => unknown(),
            _ => error,
        })?;
    let mut tx = cx.db.begin(tenant).await?;
    let earlier = actions::events(&mut tx, action).await?;
    actions::track(&mut tx, tenant, action, event).await?;
    let row = tx.one(FIND, params![action]).await?;
    let own: String = row.get("tool")?;
    // A tool that is not the action's own has no follow-up; the event itself is welcome.
    if let Some(tool) = query.tool.and_then(|tool| ToolName::parse(&tool).ok())
        && tool.as_str() == own
    {
        let universal = match row
            .get::<Option<String>>("state")?
            .and_then(|code| StateCode::parse(&code).ok())
        {
            Some(state) => StateInformation {
                state,
                texts: election::texts(&mut tx, state).await?,
            }
            .vbm_universal(),
            None => false,
        };
        if let Some(after) = external_tool_follow_up(tool, event, earlier, universal) {
            let after = SignedDuration::try_from(after).map_err(Error::internal)?;
            tx.enqueue_after(&ExternalUpsell { action }, after).await?;
        }
    }
    tx.commit().await?;
    Ok(Answer(
        StatusCode::CREATED,
        json!({"event_type": event, "action": action}),
    ))
}
