//! Forward-only migrations: the files of `shared/store/migrations`, in the order of their names, each in a transaction of
//! its own, under an advisory lock, remembered with a checksum.
//!
//! They run before new code takes traffic, while the old code still does: each must work with both (expand, then contract).

use std::{fmt::Write, sync::Arc};

use ports::{Error, Result, SystemClock, SystemRandom, Undeclared};
use sha2::{Digest, Sha256};

use crate::{Database, DatabaseSettings, Sql, failure::failure, params, sql};

/// One file: `<yyyymmddhhmm>_<schema>_<what>`.
pub struct Migration {
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(Migration { name: $name, text: include_str!(concat!("../migrations/", $name, ".sql")) }),*]
    };
}

/// All of them, oldest first.
pub const MIGRATIONS: &[Migration] = files![
    "202611250900_platform_base",
    "202611250910_voting_base",
    "202611250920_voting_seed",
    "202611251010_platform_accounts",
    "202611251530_expungement_base",
    "202611251620_expungement_accounts",
    "202611251630_platform_account_mail",
    "202611252136_voting_staff",
    "202611252150_platform_operators",
    "202611252202_platform_admin",
    "202611252215_platform_organizations",
    "202611252232_voting_count",
    "202611252244_platform_passkeys",
    "202611252247_platform_openid",
    "202611260050_voting_search",
    "202611260215_platform_providers",
    "202611260218_platform_slug_order",
    "202611260219_platform_lead_retention",
    "202611260225_platform_subscription_operators",
    "202611260226_expungement_ledger",
    "202611260245_platform_signed_in",
];

/// "commonweal" in ASCII, cut to eight bytes: the lock that keeps two migrators apart.
const LOCK: i64 = 0x636f_6d6d_6f6e_7765;

const SEEN: Sql = sql!("select name, checksum from public.commonweal_migration order by name");
const NOTE: Sql = sql!("insert into public.commonweal_migration (name, checksum) values ($1, $2)");

fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A name for the state that all migrations together lead to.
pub fn fingerprint() -> String {
    let all: String = MIGRATIONS.iter().map(|m| checksum(m.text)).collect();
    checksum(&all)[..12].to_owned()
}

/// Applies what is missing and returns the names of what was applied. `settings` are the owner's.
///
/// # Errors
/// `Internal` where a file that was applied has changed since, or one is unknown to this build, or a statement fails; the
/// migrations before it stay applied.
pub async fn migrate(mut settings: DatabaseSettings) -> Result<Vec<&'static str>> {
    settings.connections = 1;
    let database = Database::new(
        settings,
        Arc::new(Undeclared),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    let mut lease = database.lease().await?;
    // DDL waits for running statements longer than a request would.
    lease
        .batch(&format!(
            "set statement_timeout = '10min'; set lock_timeout = '30s'; select pg_advisory_lock({LOCK});
             create table if not exists public.commonweal_migration (
                 name text primary key, checksum text not null, applied_at timestamptz not null default now())"
        ))
        .await
        .map_err(|error| failure(&error))?;
    let seen = lease
        .query(SEEN, params![])
        .await
        .map_err(|error| failure(&error))?;
    for row in &seen {
        let (name, applied): (String, String) = (row.get("name")?, row.get("checksum")?);
        match MIGRATIONS.iter().find(|migration| migration.name == name) {
            Some(migration) if checksum(migration.text) == applied => {}
            Some(_) => {
                return Err(Error::internal(format!(
                    "migration {name} has changed since it was applied"
                )));
            }
            None => tracing::warn!(
                migration = name,
                "the database knows a migration that this build does not"
            ),
        }
    }
    let known = seen
        .iter()
        .map(|row| row.get("name"))
        .collect::<Result<Vec<String>>>()?;
    let mut applied = Vec::new();
    for migration in MIGRATIONS
        .iter()
        .filter(|migration| !known.iter().any(|name| name == migration.name))
    {
        let run = async {
            lease.batch("begin").await?;
            lease.batch(migration.text).await?;
            lease
                .query(NOTE, params![migration.name, checksum(migration.text)])
                .await?;
            lease.batch("commit").await
        };
        if let Err(error) = run.await {
            // The text of a migration holds no personal data: here the server's own words help.
            let said = error
                .as_db_error()
                .map_or_else(|| error.to_string(), |db| db.message().to_owned());
            return Err(Error::internal(format!(
                "migration {} failed: {said}",
                migration.name
            )));
        }
        applied.push(migration.name);
    }
    lease
        .batch(&format!("select pg_advisory_unlock({LOCK})"))
        .await
        .map_err(|error| failure(&error))?;
    Ok(applied)
}

/// Which migrations of this build are not applied yet: what health asks.
///
/// # Errors
/// As any statement.
pub async fn pending(database: &Database) -> Result<Vec<&'static str>> {
    let rows = database.rows(SEEN, params![]).await?;
    let seen = rows
        .iter()
        .map(|row| row.get("name"))
        .collect::<Result<Vec<String>>>()?;
    Ok(MIGRATIONS
        .iter()
        .map(|m| m.name)
        .filter(|name| !seen.iter().any(|s| s == name))
        .collect())
}
