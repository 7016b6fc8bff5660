//! Actions and their events: one action per thing a voter does, and what happened to it.

use domain::{person::Language, voting::codes::EventType};
use jiff::Timestamp;
use ports::{Error, Result};
use store::{Sql, TenantId, Tx, params, sql};
use uuid::Uuid;

use app::{Context, Tenant};

const INSERT: Sql = sql!(
    "insert into voting.action (id, tenant_id, tool, visible_to_subscriber, language, created_at)
     values ($1, $2, $3, $4, $5, $6)"
);
const INSERT_EVENT: Sql = sql!(
    "insert into voting.event (id, tenant_id, action_id, event_type, created_at) values ($1, $2, $3, $4, $5)"
);
const EVENTS: Sql = sql!("select event_type from voting.event where action_id = $1 order by created_at, id");
const TENANT_OF_ACTION: Sql = sql!("select voting.tenant_of_action($1) as tenant_id");
const TENANT_OF_REGISTRATION: Sql = sql!("select voting.tenant_of_registration($1) as tenant_id");
const TENANT_OF_FILE: Sql = sql!("select voting.tenant_of_file($1) as tenant_id");

/// Begins an action.
pub async fn create(tx: &mut Tx, tenant: &Tenant, tool: &str, language: Language) -> Result<Uuid> {
    let (id, now) = (tx.random_id(), tx.now());
    let visible = tenant.plan != "free";
    tx.execute(
        INSERT,
        params![id, tenant.id.0, tool, visible, language.as_str(), now],
    )
    .await?;
    Ok(id)
}

/// Notes what happened to an action.
pub async fn track(tx: &mut Tx, tenant: TenantId, action: Uuid, event: EventType) -> Result<()> {
    let (id, now): (Uuid, Timestamp) = (tx.random_id(), tx.now());
    tx.execute(INSERT_EVENT, params![id, tenant.0, action, event.as_str(), now])
        .await
}

/// Everything that happened to an action, oldest first.
pub async fn events(tx: &mut Tx, action: Uuid) -> Result<Vec<EventType>> {
    tx.rows(EVENTS, params![action])
        .await?
        .iter()
        .map(|row| {
            EventType::parse(&row.get::<String>("event_type")?)
                .map_err(|_| Error::internal("an event of an unknown type is stored"))
        })
        .collect()
}

/// What a voter holds: an id that nobody can guess.
#[derive(Debug, Clone, Copy)]
pub enum Held {
    Action(Uuid),
    Registration(Uuid),
    File(Uuid),
}

/// Whose it is.
///
/// # Errors
/// `NotFound` for an unknown id.
pub async fn tenant_of(cx: &Context, held: Held) -> Result<TenantId> {
    let (sql, id) = match held {
        Held::Action(id) => (TENANT_OF_ACTION, id),
        Held::Registration(id) => (TENANT_OF_REGISTRATION, id),
        Held::File(id) => (TENANT_OF_FILE, id),
    };
    let row = cx.db.one(sql, params![id]).await?;
    row.get::<Option<Uuid>>("tenant_id")?
        .map(TenantId)
        .ok_or_else(Error::not_found)
}
