//! Registration in two steps: a voter begins with the basics, and completes with what only the form needs.
//!
//! `POST …/register` creates, `PUT|PATCH …/register/{uuid}` changes; with `?incomplete=true` the voter is still under way,
//! without it the registration is completed: the form is filled, stored behind a tokened link and announced by mail.
//! What is valid is decided by `domain::voting::registration`; `email` and `phone` stay as they were first given. Knowing the
//! id is the permission to change.

use axum::extract::{Query, State};
use bytes::Bytes;
use domain::{
    person::{Language, StateCode},
    voting::{
        action::UNFINISHED_CHECK_DELAY,
        codes::{ActionStatus, EventType, FileType},
        registration::{
            Registration,
            fields::FIELDS,
            form_values::Statements,
            submission::{self, Method, Submission},
        },
        schedule::{FILE_EXPIRATION_HOURS, download_reminder_due, file_expires, object_key},
        state_information::StateInformation,
    },
};
use jiff::{SignedDuration, tz::TimeZone};
use ports::{Area, Error, FieldError, FileKey, PutFile, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::{Claim, Sql, TenantId, Tx, params, sql};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::{
    actions::{self, Held},
    election, flags, forms,
    jobs::{ActionFinish, ActionUnfinished, RegistrationNotify, RegistrationReminder},
};
use app::{Answer, Context, Fields, Idempotency, OpenApiRouter, PathId, Tenant, Valid, routes};

pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(post_register))
        .routes(routes!(put_register, patch_register))
}

/// Only the literal `true` counts, as clients of this API know it.
#[derive(Deserialize)]
struct Flags {
    incomplete: Option<String>,
}

impl Flags {
    fn is_incomplete(&self) -> bool {
        self.incomplete.as_deref() == Some("true")
    }
}

/// What a voter sends. See `domain::voting::registration::fields` for each field's rule; unknown keys are ignored.
struct RegistrationIn(Map<String, Value>);

impl app::Input for RegistrationIn {
    fn knows(name: &str) -> bool {
        FIELDS.iter().any(|field| field.name == name)
    }
    fn take(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.values().clone()))
    }
}

impl PartialSchema for RegistrationIn {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ObjectBuilder, schema::Type};
        FIELDS
            .iter()
            .fold(ObjectBuilder::new(), |object, field| {
                let property = ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(format!(
                        "{:?}, {:?}{}",
                        field.kind,
                        field.group,
                        if field.nullable { ", may be null" } else { "" }
                    )));
                object.property(field.name, property)
            })
            .into()
    }
}
impl ToSchema for RegistrationIn {}

/// Start or complete a registration.
///
/// With `?incomplete=true` only the basics are needed. An `Idempotency-Key` makes a repeated POST harmless.
#[utoipa::path(post, path = "/voting/v1/registration/register", request_body = RegistrationIn,
    params(("incomplete" = Option<String>, Query, description = "`true` while the voter is under way"),
           ("subscriber" = Option<String>, Query, description = "The organisation's slug")),
    responses((status = 200, description = "`{uuid, action_id, custom_ovr_link, allow_print_and_forward, request_mailing_deliverable}`"),
              (status = 400, description = "Which fields are wrong")))]
async fn post_register(
    State(cx): State<Context>,
    tenant: Tenant,
    Query(flags): Query<Flags>,
    Valid { input, idempotency }: Valid<RegistrationIn>,
) -> app::Result<Answer> {
    Ok(Answer::ok(
        create(&cx, &tenant, &input.0, flags.is_incomplete(), &idempotency).await?,
    ))
}

/// Replace a registration's fields; the basics must be there again.
#[utoipa::path(put, path = "/voting/v1/registration/register/{uuid}", request_body = RegistrationIn,
    params(("uuid" = String, Path), ("incomplete" = Option<String>, Query)),
    responses((status = 200, description = "As for POST"), (status = 400), (status = 404)))]
async fn put_register(
    State(cx): State<Context>,
    PathId(id): PathId,
    Query(flags): Query<Flags>,
    Valid { input, .. }: Valid<RegistrationIn>,
) -> app::Result<Answer> {
    Ok(Answer::ok(
        change(&cx, id, &input.0, true, flags.is_incomplete()).await?,
    ))
}

/// Change some of a registration's fields, or complete it.
#[utoipa::path(patch, path = "/voting/v1/registration/register/{uuid}", request_body = RegistrationIn,
    params(("uuid" = String, Path), ("incomplete" = Option<String>, Query)),
    responses((status = 200, description = "As for POST"), (status = 400), (status = 404)))]
async fn patch_register(
    State(cx): State<Context>,
    PathId(id): PathId,
    Query(flags): Query<Flags>,
    Valid { input, .. }: Valid<RegistrationIn>,
) -> app::Result<Answer> {
    Ok(Answer::ok(
        change(&cx, id, &input.0, false, flags.is_incomplete()).await?,
    ))
}

const INSERT: Sql = sql!(
    "insert into voting.registration select * from jsonb_populate_record(null::voting.registration, $1)"
);
const FIND: Sql = sql!(
    "select to_jsonb(r) as row, r.action_id, a.language from voting.registration r
       join voting.action a on a.id = r.action_id where r.id = $1 for update of r"
);
const READ: Sql = sql!(
    "select to_jsonb(r) as row, r.action_id, a.language from voting.registration r
       join voting.action a on a.id = r.action_id where r.id = $1"
);
const UPDATE: Sql = sql!(
    "update voting.registration r set
        (modified_at, status, title, first_name, middle_name, last_name, suffix, date_of_birth,
         address1, address2, city, state, zipcode,
         previous_title, previous_first_name, previous_middle_name, previous_last_name, previous_suffix,
         previous_address1, previous_address2, previous_city, previous_state, previous_zipcode,
         mailing_address1, mailing_address2, mailing_city, mailing_state, mailing_zipcode,
         gender, race_ethnicity, party, us_citizen, sms_opt_in, sms_opt_in_subscriber, referring_tool, file_id,
         embed_url, utm_campaign, utm_source, utm_medium, utm_term, utm_content, session_id, source,
         email_referrer, mobile_referrer)
      = (select p.modified_at, p.status, p.title, p.first_name, p.middle_name, p.last_name, p.suffix, p.date_of_birth,
         p.address1, p.address2, p.city, p.state, p.zipcode,
         p.previous_title, p.previous_first_name, p.previous_middle_name, p.previous_last_name, p.previous_suffix,
         p.previous_address1, p.previous_address2, p.previous_city, p.previous_state, p.previous_zipcode,
         p.mailing_address1, p.mailing_address2, p.mailing_city, p.mailing_state, p.mailing_zipcode,
         p.gender, p.race_ethnicity, p.party, p.us_citizen, p.sms_opt_in, p.sms_opt_in_subscriber, p.referring_tool,
         p.file_id, p.embed_url, p.utm_campaign, p.utm_source, p.utm_medium, p.utm_term, p.utm_content, p.session_id,
         p.source, p.email_referrer, p.mobile_referrer
         from jsonb_populate_record(r, $2) p)
      where r.id = $1"
);
const INSERT_FILE: Sql = sql!(
    "insert into voting.stored_file (id, tenant_id, action_id, kind, file_key, name, email, token, expires_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);
const SET_LANGUAGE: Sql = sql!("update voting.action set language = $2 where id = $1");

/// Creates a registration. The answer to a repeated `Idempotency-Key` is the first one's.
pub async fn create(
    cx: &Context,
    tenant: &Tenant,
    body: &Map<String, Value>,
    incomplete: bool,
    idempotency: &Idempotency,
) -> Result<Value> {
    let submission = submission::read(body, Method::Create, incomplete).map_err(refused)?;
    let language = language_of(&submission).unwrap_or_default();
    let mut columns = stored(&submission);
    let registration = cx.random().uuid();
    let state = state_of(&columns)?;
    let partner = flags::ovr_partner(&cx.db, state).await?;
    let custom_ovr_link = partner.and_then(|partner| partner.link(state, registration));

    let mut tx = cx.db.begin(tenant.id).await?;
    if let Some(key) = &idempotency.0
        && let Claim::Done(answer) = tx.claim(key).await?
    {
        return Ok(answer);
    }
    let now = tx.now();
    let action = actions::create(&mut tx, tenant, "register", language).await?;
    columns.extend(map(json!({
        "id": registration, "tenant_id": tenant.id, "action_id": action, "created_at": now, "modified_at": now,
        "status": ActionStatus::Incomplete, "custom_ovr_link": custom_ovr_link,
    })));
    for (name, default) in [("us_citizen", false), ("sms_opt_in_subscriber", false)] {
        columns.entry(name).or_insert(json!(default));
    }
    tx.execute(INSERT, params![Value::Object(columns.clone())])
        .await?;
    if incomplete {
        actions::track(&mut tx, tenant.id, action, EventType::Start).await?;
    }
    for &event in &submission.initial_events {
        actions::track(&mut tx, tenant.id, action, event).await?;
    }
    let delay = SignedDuration::try_from(UNFINISHED_CHECK_DELAY).map_err(Error::internal)?;
    tx.enqueue_after(&ActionUnfinished { action }, delay).await?;
    if !incomplete {
        let subject = Subject {
            tenant: tenant.id,
            registration,
            action,
            language,
            state,
        };
        complete(cx, &mut tx, subject, columns, &submission).await?;
    }
    let answer = answer(registration, action, custom_ovr_link.as_deref());
    if let Some(key) = &idempotency.0 {
        tx.remember(key, &answer).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

/// Changes a registration; `replace` demands the basics again. Without `incomplete` it is completed, anew if it was before.
pub async fn change(
    cx: &Context,
    id: Uuid,
    body: &Map<String, Value>,
    replace: bool,
    incomplete: bool,
) -> Result<Value> {
    let tenant = actions::tenant_of(cx, Held::Registration(id)).await?;
    let mut tx = cx.db.begin(tenant).await?;
    let row = tx.one(FIND, params![id]).await?;
    let mut columns = map(row.get("row")?);
    let action: Uuid = row.get("action_id")?;
    let custom_ovr_link = columns
        .get("custom_ovr_link")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let stored_voter = voter(columns.clone())?;
    let method = if replace {
        Method::Replace(&stored_voter)
    } else {
        Method::Change(&stored_voter)
    };
    let submission = submission::read(body, method, incomplete).map_err(refused)?;
    let language = match language_of(&submission) {
        Some(language) => {
            tx.execute(SET_LANGUAGE, params![action, language.as_str()])
                .await?;
            language
        }
        None => Language::or_default(&row.get::<String>("language")?),
    };
    columns.extend(stored(&submission));
    columns.insert("status".into(), json!(ActionStatus::Incomplete));
    columns.insert("modified_at".into(), json!(tx.now()));
    tx.execute(UPDATE, params![id, Value::Object(columns.clone())])
        .await?;
    for &event in &submission.initial_events {
        actions::track(&mut tx, tenant, action, event).await?;
    }
    if !incomplete {
        let state = state_of(&columns)?;
        let subject = Subject {
            tenant,
            registration: id,
            action,
            language,
            state,
        };
        complete(cx, &mut tx, subject, columns, &submission).await?;
    }
    tx.commit().await?;
    Ok(answer(id, action, custom_ovr_link.as_deref()))
}

/// A stored registration.
pub struct Found {
    pub tenant: TenantId,
    pub voter: Registration,
    pub is_incomplete: bool,
    pub custom_ovr_link: Option<String>,
}

/// A stored registration, for those who hold its id.
pub async fn find(cx: &Context, id: Uuid) -> Result<Found> {
    let tenant = actions::tenant_of(cx, Held::Registration(id)).await?;
    let mut tx = cx.db.begin(tenant).await?;
    let columns = map(tx.one(READ, params![id]).await?.get("row")?);
    let text = |name: &str| columns.get(name).and_then(Value::as_str).map(str::to_owned);
    let (status, custom_ovr_link) = (text("status"), text("custom_ovr_link"));
    Ok(Found {
        tenant,
        voter: voter(columns)?,
        is_incomplete: status.as_deref() == Some("Incomplete"),
        custom_ovr_link,
    })
}

/// What is being completed.
struct Subject {
    tenant: TenantId,
    registration: Uuid,
    action: Uuid,
    language: Language,
    state: StateCode,
}

/// Fills the form, stores it behind a new token, and queues what follows. The identity number ends here, in the PDF.
async fn complete(
    cx: &Context,
    tx: &mut Tx,
    subject: Subject,
    mut columns: Map<String, Value>,
    submission: &Submission,
) -> Result<()> {
    let Subject {
        tenant,
        registration,
        action,
        language,
        state,
    } = subject;
    let voter = voter(columns.clone())?;
    let state = StateInformation {
        state,
        texts: election::texts(tx, state).await?,
    };
    let statements = Statements {
        state_id_number: submission.state_id_number.as_ref(),
        is_18_or_over: submission.is_18_or_over,
    };
    let pdf = forms::registration_pdf(cx, tx, &voter, statements, &state, language).await?;

    let (file, now) = (tx.random_id(), tx.now());
    let name = voter.file_name();
    let random: String = tx.random_id().simple().to_string().chars().take(11).collect();
    let key = format!(
        "voting/forms/{}",
        object_key(now.to_zoned(TimeZone::UTC).date(), &random, &name)
    );
    let meta = PutFile {
        content_type: "application/pdf".to_owned(),
        download_name: Some(name.clone()),
    };
    cx.files()
        .put(Area::Private, &FileKey::new(key.clone())?, Bytes::from(pdf), meta)
        .await?;
    let token = tx.random_id().simple().to_string();
    let email = voter.email.as_ref().map(ToString::to_string);
    let expires = file_expires(now, FILE_EXPIRATION_HOURS);
    tx.execute(
        INSERT_FILE,
        params![
            file,
            tenant.0,
            action,
            FileType::RegForm.as_str(),
            key,
            name,
            email,
            token,
            expires,
            now
        ],
    )
    .await?;
    columns.insert("status".into(), json!(ActionStatus::Pending));
    columns.insert("file_id".into(), json!(file));
    tx.execute(UPDATE, params![registration, Value::Object(columns)])
        .await?;
    tx.enqueue(&RegistrationNotify { registration, file }).await?;
    tx.enqueue_at(
        &RegistrationReminder { registration, file },
        download_reminder_due(now),
    )
    .await?;
    tx.enqueue(&ActionFinish { action }).await
}

fn answer(id: Uuid, action: Uuid, custom_ovr_link: Option<&str>) -> Value {
    json!({
        "uuid": id, "action_id": action, "custom_ovr_link": custom_ovr_link,
        // Printing and posting for the voter is not offered; clients expect the keys.
        "allow_print_and_forward": false, "request_mailing_deliverable": null,
    })
}

/// The columns of a submission. The language belongs to the action; two columns are never null.
fn stored(submission: &Submission) -> Map<String, Value> {
    submission
        .columns
        .iter()
        .filter(|(name, value)| {
            **name != "language"
                && !(value.is_null() && matches!(**name, "us_citizen" | "sms_opt_in_subscriber"))
        })
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn language_of(submission: &Submission) -> Option<Language> {
    submission
        .columns
        .get("language")
        .and_then(Value::as_str)
        .map(Language::or_default)
}

fn state_of(columns: &Map<String, Value>) -> Result<StateCode> {
    columns
        .get("state")
        .and_then(Value::as_str)
        .and_then(|code| StateCode::parse(code).ok())
        .ok_or_else(|| Error::invalid(vec![FieldError::required("state")]))
}

fn voter(columns: Map<String, Value>) -> Result<Registration> {
    // serde's message may quote the value.
    Registration::from_row(columns)
        .map_err(|_| Error::internal("a stored registration does not fit its type"))
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The domain's list of what is wrong, as our error.
fn refused(errors: submission::Errors) -> Error {
    let fields = errors
        .into_iter()
        .flat_map(|(field, list)| {
            list.into_iter()
                .map(move |e| FieldError::new(field, e.code, e.message))
        })
        .collect();
    Error::invalid(fields)
}
