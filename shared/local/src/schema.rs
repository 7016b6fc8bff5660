//! The twins' own tables, in schema `local`, and how everything is forgotten.

use ports::{Error, Result};
use store::{Database, DatabaseSettings, Sql, params, sql};

const DDL: &[Sql] = &[
    sql!("create schema if not exists local"),
    sql!(
        "create table if not exists local.message (
             id uuid primary key, queue text not null, body text not null, visible_at timestamptz not null,
             sent_at timestamptz not null, attempts integer not null default 0, receipt text,
             dead_reason text, dead_at timestamptz)"
    ),
    sql!(
        "create index if not exists message_due on local.message (queue, visible_at) where dead_reason is null"
    ),
    sql!("create index if not exists message_receipt on local.message (receipt)"),
    sql!(
        "create table if not exists local.entry (
             key text primary key, value jsonb not null, expires_at timestamptz not null)"
    ),
    sql!(
        "create table if not exists local.outbox (
             id text primary key, number bigint generated always as identity, channel text not null,
             recipient text not null, subject text not null, text text not null, html text not null,
             links text[] not null, at timestamptz not null)"
    ),
    sql!(
        "create table if not exists local.attachment (
             number bigint generated always as identity primary key,
             outbox_id text not null references local.outbox (id) on delete cascade,
             name text not null, content_type text not null, bytes bytea not null)"
    ),
    sql!("create index if not exists attachment_outbox on local.attachment (outbox_id)"),
];
/// Two hosts that start at once do not make the tables twice. Released with the connection's next use.
const LOCK: Sql = sql!("select pg_advisory_xact_lock(7021)");

/// Makes the tables where they are missing.
///
/// # Errors
/// `Unavailable` where the server does not answer, `Internal` where the user may not make a schema.
pub async fn prepare(database: &Database) -> Result<()> {
    let mut tx = database.begin_untenanted().await?;
    tx.execute(LOCK, params![]).await?;
    for statement in DDL {
        tx.execute(*statement, params![]).await?;
    }
    tx.commit().await
}

const DROP_ALL: Sql = sql!(
    "do $$ declare name text; begin
         for name in select nspname from pg_namespace
             where nspname in ('local', 'platform', 'voting', 'vaccines', 'expungement', 'volunteering', 'opendata')
         loop execute format('drop schema %I cascade', name); end loop;
         drop table if exists public.commonweal_migration;
     end $$"
);

/// Drops every schema of ours, on this machine's own server only.
///
/// # Errors
/// `Forbidden` where the server is another machine.
pub async fn reset(database: &Database, settings: &DatabaseSettings) -> Result<()> {
    if !matches!(settings.host.as_str(), "127.0.0.1" | "localhost" | "::1") && !settings.host.starts_with('/')
    {
        return Err(Error::new(
            ports::Kind::Forbidden,
            "not_local",
            "Only a database on this machine is reset; empty this one yourself.",
        ));
    }
    database.rows(DROP_ALL, params![]).await.map(drop)
}
