//! `POST /voting/v1/registration/external/request`, the Action API: a partner sends a voter's basics and shows what comes
//! back, a message and up to two buttons.

use app::{
    Answer, ApiKey, Choice, Context, Fields, Input, KeyKind, OpenApiRouter, Tenant, True, input, routes,
};
use axum::extract::State;
use domain::{
    person::{BirthDate, Email, Language, Line, Name, Phone, StateCode, Zip5},
    voting::{
        action::UNFINISHED_CHECK_DELAY,
        action_api::{self, Target},
        codes::{ActionStatus, EventType, PersonTitle},
        state_information::StateInformation,
    },
};
use jiff::SignedDuration;
use ports::{Error, FieldError};
use serde_json::{Value, json};
use store::{Sql, params, sql};

use crate::{actions, election, flags, jobs::ActionUnfinished, token};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(request))
}

input! {
    /// A voter's basics. Any other key is refused.
    pub struct RequestIn {
        pub title: Option<Choice<PersonTitle>>,
        pub first_name: Name,
        pub middle_name: Option<Name>,
        pub last_name: Name,
        pub suffix: Option<Name>,
        pub address1: Line,
        pub address2: Option<Line>,
        pub city: Line,
        pub state: StateCode,
        pub zipcode: Zip5,
        pub date_of_birth: BirthDate,
        pub email: Email,
        pub phone: Option<Phone>,
        /// The voter's consent to the text that was agreed with the partner.
        pub sms_opt_in: True,
        pub sms_opt_in_subscriber: Option<True>,
    }
}

const INSERT: Sql = sql!(
    "insert into voting.registration select * from jsonb_populate_record(null::voting.registration, $1)"
);

/// Begin a registration for a voter of the key's organisation. With a test key the answer is the same and nothing is kept.
#[utoipa::path(post, path = "/voting/v1/registration/external/request", request_body = RequestIn,
    responses((status = 200, description = "`{message_markdown, buttons: [{message_text, primary, url, url_expiry?, event_tracking?}]}`"),
              (status = 400), (status = 401)), security(("api_key" = [])))]
async fn request(key: ApiKey, State(cx): State<Context>, fields: Fields) -> app::Result<Answer> {
    let unknown: Vec<FieldError> = fields
        .names()
        .filter(|name| !RequestIn::knows(name))
        .map(|name| FieldError::new(name.to_owned(), "unknown_field", "This API has no such field."))
        .collect();
    if !unknown.is_empty() {
        return Err(Error::invalid(unknown).into());
    }
    let voter: RequestIn = fields.into_input()?;
    let title = voter.title.as_ref().map(|title| title.0);
    action_api::check_title(voter.state, title)
        .map_err(|invalid| Error::field("non_field_errors", invalid.code, invalid.message))?;

    let tenant: Tenant = key.tenant(&cx).await?;
    let secret = cx.secrets().get(token::KEY).await?;
    let partner = flags::ovr_partner(&cx.db, voter.state).await?;
    let mut tx = cx.db.begin(tenant.id).await?;
    let now = tx.now();
    let (registration, action) = (
        tx.random_id(),
        actions::create(&mut tx, &tenant, "register", Language::En).await?,
    );
    let custom_ovr_link = partner.and_then(|partner| partner.link(voter.state, registration));
    let row = json!({
        "id": registration, "tenant_id": tenant.id, "action_id": action, "created_at": now, "modified_at": now,
        "status": ActionStatus::Incomplete, "custom_ovr_link": custom_ovr_link,
        "title": title, "first_name": voter.first_name, "middle_name": voter.middle_name,
        "last_name": voter.last_name, "suffix": voter.suffix, "date_of_birth": voter.date_of_birth,
        "email": voter.email, "phone": voter.phone, "address1": voter.address1, "address2": voter.address2,
        "city": voter.city, "state": voter.state, "zipcode": voter.zipcode,
        "gender": title.and_then(PersonTitle::suggested_gender), "us_citizen": false,
        "sms_opt_in": true, "sms_opt_in_subscriber": voter.sms_opt_in_subscriber.is_some(),
    });
    tx.execute(INSERT, params![row]).await?;
    actions::track(&mut tx, tenant.id, action, EventType::StartActionApi).await?;
    let delay = SignedDuration::try_from(UNFINISHED_CHECK_DELAY).map_err(Error::internal)?;
    tx.enqueue_after(&ActionUnfinished { action }, delay).await?;
    let state = StateInformation {
        state: voter.state,
        texts: election::texts(&mut tx, voter.state).await?,
    };
    match key.kind {
        KeyKind::Live => tx.commit().await?,
        KeyKind::Test => drop(tx),
    }

    let (token, expires) = token::sign(&secret, &cx.settings.public_url, action, now)?;
    let buttons: Vec<Value> = action_api::buttons(&state, custom_ovr_link.as_deref())
        .into_iter()
        .map(|button| match button.target {
            Target::Online { url } => json!({
                "message_text": button.message_text, "primary": button.primary, "url": url,
                "event_tracking": {"action": action, "event_type": EventType::FinishExternal},
            }),
            Target::ByMail => json!({
                "message_text": button.message_text, "primary": button.primary,
                "url": cx.settings.link(&format!("/voting/register/resume?skip_ovr=true&token={token}")),
                "url_expiry": expires,
            }),
        })
        .collect();
    Ok(Answer::ok(
        json!({"message_markdown": action_api::message_markdown(&state), "buttons": buttons}),
    ))
}
