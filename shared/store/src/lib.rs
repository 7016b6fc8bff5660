//! Postgres: one connection per process with one reconnect, typed one-round-trip statements, a transaction that carries
//! its tenant, the outbox that leaves with the commit, and forward-only migrations.
//!
//! ```ignore
//! const FIND: Sql = sql!("select name from voting.subscriber where tenant_id = $1");
//!
//! let mut tx = cx.db.begin(tenant).await?;
//! let row = tx.one(FIND, params![tenant]).await?;
//! tx.enqueue(&FinishAction { action }).await?; // leaves with the commit, or not at all
//! tx.commit().await?;
//! ```

pub mod audit;
mod connection;
mod failure;
mod idempotency;
mod job;
pub mod migrations;
mod outbox;
mod query;
pub mod schema;
mod settings;
mod statement;
mod transaction;

pub use connection::{Database, trust};
pub use idempotency::{Claim, IdempotencyKey};
pub use job::{Envelope, Job};
pub use outbox::{Relayed, relay};
pub use query::Query;
pub use settings::{DatabaseSettings, Password};
pub use statement::{Param, Row, Sql};
pub use transaction::{TenantId, Tx};
