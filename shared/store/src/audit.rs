//! Who changed what: entries that are written with the change, in one transaction, and never again touched.
//!
//! Entries form chains: an organisation's, each account's own, and the installation's. The hash of an entry covers its content and the hash before
//! it, so whoever edits, drops or reorders entries must rewrite every later one, and [`verify`] says where a chain
//! breaks. Before and after are JSON with personal fields masked: the log is read by more people than the data, and lives longer.

use jiff::Timestamp;
use ports::{Error, Result};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Database, Row, Sql, TenantId, Tx, params, sql};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Account(Uuid),
    ApiKey(Uuid),
    /// The operator, by a command or a deployment.
    System,
    /// A provider of sign-in, by its claims or by ending a session. Which one stands in the entry.
    Provider,
}

impl Actor {
    fn parts(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Account(id) => ("account", Some(id)),
            Self::ApiKey(id) => ("api_key", Some(id)),
            Self::System => ("system", None),
            Self::Provider => ("provider", None),
        }
    }
}

/// One change.
#[derive(Debug, Clone)]
pub struct Change {
    pub actor: Actor,
    /// `<object kind>.<what>`, e.g. `membership.remove`.
    pub action: &'static str,
    pub object_kind: &'static str,
    pub object_id: String,
    /// Masked when written.
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Fields that are about a person: only their outline is kept.
const PERSONAL: &[&str] = &[
    "name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "address1",
    "address2",
    "city",
    "zipcode",
    "date_of_birth",
];

/// What is left of a value in the log: of a personal text its first letter, of an e-mail address also the domain.
#[must_use]
pub fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| {
                    let is_personal = PERSONAL.contains(&name.as_str()) && !value.is_null();
                    let value = if is_personal {
                        outline(value)
                    } else {
                        masked(value)
                    };
                    (name.clone(), value)
                })
                .collect::<Map<_, _>>(),
        ),
        Value::Array(values) => values.iter().map(masked).collect(),
        other => other.clone(),
    }
}

/// Is a field of this name about a person, so that [`masked`] keeps its outline only?
#[must_use]
pub fn is_personal(field: &str) -> bool {
    PERSONAL.contains(&field)
}

/// The first letter of a text, of an e-mail address also the domain; null stays null.
#[must_use]
pub fn outline(value: &Value) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    let Value::String(text) = value else {
        return "…".into();
    };
    let first: String = text.chars().take(1).collect();
    match text.rsplit_once('@') {
        Some((_, domain)) => format!("{first}…@{domain}").into(),
        None if text.is_empty() => "".into(),
        None => format!("{first}…").into(),
    }
}

const EXTEND: Sql = sql!(
    "insert into platform.audit_chain as c (id, tenant_id, length, head) values ($1, $2, 1, $3)
     on conflict (id) do update set length = c.length + 1 returning length, head"
);
const INSERT: Sql = sql!(
    "insert into platform.audit_entry
        (chain_id, position, tenant_id, at, actor_kind, actor_id, action, object_kind, object_id, before, after, hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
);
const HEAD: Sql = sql!("update platform.audit_chain set head = $2 where id = $1");

/// The chain of what belongs to no organisation and no account.
pub const INSTALLATION: Uuid = Uuid::nil();

/// What the first entry of a chain follows.
const NOTHING: [u8; 32] = [0; 32];

/// An entry as it is stored and hashed.
struct Entry {
    chain: Uuid,
    position: i64,
    tenant: Option<Uuid>,
    at: Timestamp,
    actor_kind: String,
    actor_id: Option<Uuid>,
    action: String,
    object_kind: String,
    object_id: String,
    before: Option<String>,
    after: Option<String>,
}

impl Entry {
    /// SHA-256 over the hash before it and every field with its length, so that no two entries are the same bytes.
    fn hash(&self, previous: &[u8]) -> Vec<u8> {
        let id = |id: Option<Uuid>| id.map(|id| id.to_string());
        let fields: [Option<String>; 11] = [
            Some(self.chain.to_string()),
            Some(self.position.to_string()),
            id(self.tenant),
            Some(self.at.as_microsecond().to_string()),
            Some(self.actor_kind.clone()),
            id(self.actor_id),
            Some(self.action.clone()),
            Some(self.object_kind.clone()),
            Some(self.object_id.clone()),
            self.before.clone(),
            self.after.clone(),
        ];
        let mut hash = Sha256::new();
        hash.update(previous);
        for field in fields {
            match field {
                None => hash.update([0]),
                Some(text) => {
                    hash.update([1]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text);
                }
            }
        }
        hash.finalize().to_vec()
    }

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            chain: row.get("chain_id")?,
            position: row.get("position")?,
            tenant: row.get("tenant_id")?,
            at: row.get("at")?,
            actor_kind: row.get("actor_kind")?,
            actor_id: row.get("actor_id")?,
            action: row.get("action")?,
            object_kind: row.get("object_kind")?,
            object_id: row.get("object_id")?,
            before: row.get("before")?,
            after: row.get("after")?,
        })
    }
}

impl Tx {
    /// Writes a change of this transaction's organisation. Do it last: it holds the organisation's chain until the commit.
    ///
    /// # Errors
    /// `Internal` in a transaction without a tenant; as any statement.
    pub async fn audit(&mut self, change: Change) -> Result<()> {
        let tenant = self
            .tenant()
            .ok_or_else(|| Error::internal("an entry of an organisation needs its transaction"))?;
        self.audit_of(tenant, change).await
    }

    /// Writes a change of an organisation. For commands, whose transactions are of no one organisation.
    ///
    /// # Errors
    /// As any statement.
    pub async fn audit_of(&mut self, TenantId(tenant): TenantId, change: Change) -> Result<()> {
        self.append(tenant, Some(tenant), change).await
    }

    /// Writes a change of an account that concerns no organisation.
    ///
    /// # Errors
    /// As any statement.
    pub async fn audit_account(&mut self, account: Uuid, change: Change) -> Result<()> {
        self.append(account, None, change).await
    }

    /// Writes a change of what belongs to the whole installation.
    ///
    /// # Errors
    /// As any statement.
    pub async fn audit_installation(&mut self, change: Change) -> Result<()> {
        self.append(INSTALLATION, None, change).await
    }

    async fn append(&mut self, chain: Uuid, tenant: Option<Uuid>, change: Change) -> Result<()> {
        let row = self
            .one(EXTEND, params![chain, tenant, NOTHING.as_slice()])
            .await?;
        let head: Vec<u8> = row.get("head")?;
        let (actor_kind, actor_id) = change.actor.parts();
        let text = |value: Option<Value>| value.map(|value| masked(&value).to_string());
        let entry = Entry {
            chain,
            position: row.get("length")?,
            tenant,
            // As the table keeps it.
            at: Timestamp::from_microsecond(self.now().as_microsecond()).map_err(Error::internal)?,
            actor_kind: actor_kind.to_owned(),
            actor_id,
            action: change.action.to_owned(),
            object_kind: change.object_kind.to_owned(),
            object_id: change.object_id,
            before: text(change.before),
            after: text(change.after),
        };
        let hash = entry.hash(&head);
        self.execute(
            INSERT,
            params![
                entry.chain,
                entry.position,
                entry.tenant,
                entry.at,
                entry.actor_kind,
                entry.actor_id,
                entry.action,
                entry.object_kind,
                entry.object_id,
                entry.before,
                entry.after,
                hash
            ],
        )
        .await?;
        self.execute(HEAD, params![chain, hash]).await
    }
}

/// What [`verify`] found of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// So many entries, each of them as it was written.
    Whole(i64),
    /// The position of the first entry that was changed, moved or removed.
    BrokenAt(i64),
}

/// Entries that are read at a time.
const PAGE: i64 = 1_000;
const ENTRIES: Sql = sql!(
    "select chain_id, position, tenant_id, at, actor_kind, actor_id, action, object_kind, object_id, before, after, hash
       from platform.audit_entry where chain_id = $1 and position > $2 order by position limit $3"
);
const CHAIN: Sql = sql!("select length, head from platform.audit_chain where id = $1");
const CHAINS: Sql = sql!("select id from platform.audit_chain where id > $1 order by id limit $2");

/// Reads a chain from its beginning and compares every hash. `database` must see all rows: the owner's.
///
/// # Errors
/// As any statement.
pub async fn verify(database: &Database, chain: Uuid) -> Result<Verified> {
    let (length, head) = match database.optional(CHAIN, params![chain]).await? {
        Some(row) => (row.get("length")?, row.get("head")?),
        None => (0, NOTHING.to_vec()),
    };
    let (mut position, mut hash) = (0_i64, NOTHING.to_vec());
    loop {
        let rows = database.rows(ENTRIES, params![chain, position, PAGE]).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let entry = Entry::read(row)?;
            let expected = entry.hash(&hash);
            if entry.position != position + 1 || row.get::<Vec<u8>>("hash")? != expected {
                return Ok(Verified::BrokenAt(position + 1));
            }
            (position, hash) = (entry.position, expected);
        }
    }
    // Entries cut off at the end leave a chain that is whole, and shorter than its head says.
    if (position, &hash) == (length, &head) {
        Ok(Verified::Whole(length))
    } else {
        Ok(Verified::BrokenAt(position + 1))
    }
}

/// The ids of all chains, a page at a time: those after `after`.
///
/// # Errors
/// As any statement.
pub async fn chains(database: &Database, after: Uuid) -> Result<Vec<Uuid>> {
    database
        .rows(CHAINS, params![after, PAGE])
        .await?
        .iter()
        .map(|row| row.get("id"))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_are_masked_wherever_they_stand() {
        let value = json!({"email": "maya@example.org", "role": "admin", "name": "Maya", "phone": null,
            "members": [{"last_name": "Ejemplo", "id": 7}], "zipcode": 97201, "city": ""});
        assert_eq!(
            masked(&value),
            json!({"email": "m…@example.org", "role": "admin", "name": "M…", "phone": null,
                "members": [{"last_name": "E…", "id": 7}], "zipcode": "…", "city": ""})
        );
    }
}
