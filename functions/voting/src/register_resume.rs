//! `GET /voting/v1/registration/resume_token`: a voter comes back by a link.

use app::{Answer, Context, OpenApiRouter, routes};
use axum::extract::{Query, State};
use domain::person::SmallUuid;
use ports::Error;
use serde::Deserialize;
use serde_json::json;
use store::{Sql, params, sql};

use crate::{
    actions::{self, Held},
    token,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(resume))
}

#[derive(Deserialize)]
struct Link {
    uuid: Option<String>,
    token: Option<String>,
}

const FIND: Sql = sql!(
    "select id, action_id, state, custom_ovr_link from voting.registration where id = $1 or action_id = $2"
);

/// What a tool needs to go on with a registration.
///
/// `?uuid=` of the registration, or `?token=` of a resume link (an hour). Unknown: 404; neither: 400.
#[utoipa::path(get, path = "/voting/v1/registration/resume_token",
    params(("uuid" = Option<String>, Query), ("token" = Option<String>, Query)),
    responses((status = 200, description = "`{uuid, state, action_id, custom_ovr_link, allow_print_and_forward}`"),
              (status = 400), (status = 404)))]
async fn resume(State(cx): State<Context>, Query(link): Query<Link>) -> app::Result<Answer> {
    let (registration, action, tenant) = match (link.uuid, link.token) {
        (Some(uuid), _) => {
            let id = SmallUuid::parse_any(&uuid).map_err(|_| Error::not_found())?;
            (
                Some(id),
                None,
                actions::tenant_of(&cx, Held::Registration(id)).await?,
            )
        }
        (None, Some(text)) => {
            let key = cx.secrets().get(token::KEY).await?;
            let id = token::verify(&key, &cx.settings.public_url, &text, cx.clock().now())?;
            (None, Some(id), actions::tenant_of(&cx, Held::Action(id)).await?)
        }
        (None, None) => return Err(Error::field("uuid", "required", "Send uuid or token.").into()),
    };
    let mut tx = cx.db.begin(tenant).await?;
    let row = tx.one(FIND, params![registration, action]).await?;
    Ok(Answer::ok(json!({
        "uuid": row.get::<uuid::Uuid>("id")?,
        "state": row.get::<Option<String>>("state")?,
        "action_id": row.get::<uuid::Uuid>("action_id")?,
        "custom_ovr_link": row.get::<Option<String>>("custom_ovr_link")?,
        "allow_print_and_forward": false,
    })))
}
