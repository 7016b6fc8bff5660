//! `commonweal api-key create <slug> [<service>…]`.

use identity::api_key::{self, KeyKind};
use local::Twins;
use ports::{Error, Random, Result, SystemRandom};
use serde_json::json;
use store::{
    Sql, TenantId, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::demo::tenant;

const INSERT: Sql = sql!(
    "insert into platform.api_key (id, tenant_id, secret_hash, hint, description, scopes, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)"
);

/// The services that take keys.
pub(crate) const SERVICES: &[&str] = &["voting", "expungement"];

/// Makes a live key of an organisation for these services and returns its id and the key, which is stored nowhere.
pub(crate) async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    description: &str,
    scopes: &[&str],
) -> Result<(Uuid, String)> {
    let id = SystemRandom.uuid();
    let key = api_key::generate(&SystemRandom, KeyKind::Live, id);
    let now = tx.now();
    let (hash, hint) = (api_key::hash(&key), api_key::hint(&key));
    tx.execute(
        INSERT,
        params![id, tenant.0, hash, hint, description, scopes, now],
    )
    .await?;
    let change = Change {
        actor: Actor::System,
        action: "api_key.create",
        object_kind: "api_key",
        object_id: id.to_string(),
        before: None,
        after: Some(json!({"kind": "live", "description": description, "scopes": scopes})),
    };
    tx.audit_of(tenant, change).await?;
    Ok((id, key))
}

/// For all services where none is named.
pub(crate) async fn create(twins: &Twins, slug: &str, services: &[&str]) -> Result<()> {
    let scopes = if services.is_empty() { SERVICES } else { services };
    if let Some(unknown) = scopes.iter().find(|scope| !SERVICES.contains(scope)) {
        let text = format!("no key is for '{unknown}', but for {}", SERVICES.join(", "));
        return Err(Error::field("service", "unknown", text));
    }
    let tenant = tenant(twins, slug).await?;
    let mut tx = twins.owner.begin(tenant).await?;
    let (id, key) = insert(&mut tx, tenant, "made by command", scopes).await?;
    tx.commit().await?;
    println!(
        "user      {id}\npassword  {key}\nThe key is not shown again. As a bearer token the password alone is enough."
    );
    Ok(())
}
