//! Row-level security, by trying: as each service's role, in a transaction of one tenant, no row of another can be read, made,
//! taken over or removed, in any table that has a tenant.
//!
//! Rows are made from the tables' own descriptions (a value per type, foreign keys not checked), so a new table is tried as soon as
//! it is migrated.

use std::{collections::BTreeMap, sync::Arc};

use ports::{Random, SystemRandom, Undeclared};
use store::{Sql, params, sql};
use testkit::TestDb;

use super::generated_rows::GENERATED_ROWS;
use crate::services;

/// What another tenant's row must be open for, each with its reason. The test fails where it is not open: take it off then.
const OPEN: &[(&str, &str, &str, &str)] = &[
    (
        "platform",
        "platform.tenant_slug",
        "select",
        "a slug leads to the tenant before one is known",
    ),
    (
        "voting",
        "platform.tenant_slug",
        "select",
        "a slug leads to the tenant before one is known",
    ),
    (
        "expungement",
        "platform.tenant_slug",
        "select",
        "a slug leads to the tenant before one is known",
    ),
    (
        "platform",
        "platform.tenant_slug",
        "insert",
        "the platform gives slugs to organisations",
    ),
    (
        "platform",
        "platform.tenant_slug",
        "update",
        "the platform gives slugs to organisations",
    ),
    (
        "platform",
        "platform.tenant_slug",
        "delete",
        "the platform gives slugs to organisations",
    ),
    (
        "voting",
        "voting.subscriber",
        "select",
        "what an organisation shows to everybody",
    ),
];

/// What a role can do to a row of another tenant.
const TRY: &str = r#"
    create table proof.tried (name text primary key, columns text not null, made text not null);
    grant select on proof.tried to public;
    create function proof.fill(tenant uuid) returns table (name text, problem text) language plpgsql as $$
    declare found record;
    begin
        for found in select c.oid::regclass as wanted, n.nspname || '.' || c.relname as shown
                       from pg_class c join pg_namespace n on n.oid = c.relnamespace
                       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
                      where c.relkind in ('r', 'p') and not c.relispartition
                        and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'local', 'proof')
        loop
            name := found.shown;
            select m.problem into problem from proof.make(found.wanted, tenant) m;
            insert into proof.tried select found.shown, split_part(r, E'\n', 1), split_part(r, E'\n', 2)
                                      from proof.row_of(found.wanted, tenant, 0) r on conflict do nothing;
            return next;
        end loop;
    end $$;
    -- As whoever calls: does the statement touch a row? It is undone in any case. Keys and checks are asked after the policy: what they
    -- refuse, the policy has let through.
    create function proof.goes_through(statement text) returns boolean language plpgsql as $$
    declare touched bigint;
    begin
        execute statement;
        get diagnostics touched = row_count;
        raise exception using errcode = case when touched > 0 then 'PF001' else 'PF002' end;
    exception
        when insufficient_privilege or sqlstate 'PF002' then return false;
        when others then return true;
    end $$;
    -- What goes through against a row of the other tenant, and `own …` against one of the same.
    create function proof.attempt(wanted text, tenant uuid, other uuid) returns text[] language plpgsql as $$
    declare through text[] := '{}'; try record; row_text record;
    begin
        select columns, made into row_text from proof.tried where tried.name = wanted;
        for try in values
            ('select', format('select from %s where tenant_id = %L', wanted, other)),
            ('insert', format('insert into %s (%s) values (%s)', wanted, row_text.columns, row_text.made)),
            -- Neither taken over nor given away.
            ('update', format('update %s set tenant_id = %L where tenant_id = %L', wanted, tenant, other)),
            ('update', format('update %s set tenant_id = %L where tenant_id = %L', wanted, other, tenant)),
            ('delete', format('delete from %s where tenant_id = %L', wanted, other)),
            ('own select', format('select from %s where tenant_id = %L', wanted, tenant)),
            ('own insert', format('insert into %s (%s) values (%s)', wanted, row_text.columns,
                                  replace(row_text.made, other::text, tenant::text))),
            ('own update', format('update %s set tenant_id = tenant_id where tenant_id = %L', wanted, tenant)),
            ('own delete', format('delete from %s where tenant_id = %L', wanted, tenant))
        loop
            if proof.goes_through(try.column2) then through := array_append(through, try.column1); end if;
        end loop;
        return through;
    end $$;
"#;
const TENANT: Sql =
    sql!("insert into platform.tenant (id, name, created_at) values ($1, 'of the walk', now())");
const FILL: Sql = sql!("select name, problem from proof.fill($1)");
const TABLES: Sql = sql!("select name from proof.tried order by name");
const ATTEMPT: Sql = sql!("select proof.attempt($1, $2, $3) as through");

#[tokio::test]
async fn no_service_reaches_the_rows_of_another_tenant() {
    let db = TestDb::create().await;
    let owner = db.open(None, Arc::new(Undeclared));
    owner.batch(GENERATED_ROWS).await.unwrap();
    owner.batch(TRY).await.unwrap();
    let (own, other) = (SystemRandom.uuid(), SystemRandom.uuid());
    let mut problems = Vec::new();
    for tenant in [own, other] {
        owner.rows(TENANT, params![tenant]).await.unwrap();
    }
    // The insert that is tried last is one of the other tenant's.
    for tenant in [other, own] {
        let mut tx = owner.begin_untenanted().await.unwrap();
        for row in tx.rows(FILL, params![tenant]).await.unwrap() {
            if let Some(problem) = row.get::<Option<&str>>("problem").unwrap() {
                problems.push(format!("{}: {problem}", row.get::<&str>("name").unwrap()));
            }
        }
        tx.commit().await.unwrap();
    }
    crate::none(&problems);
    let tables: Vec<String> = owner
        .rows(TABLES, params![])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("name").unwrap())
        .collect();
    assert!(
        tables.len() > 10,
        "{} tables are too few to mean anything",
        tables.len()
    );
    let mut seen = BTreeMap::<&str, usize>::new();
    for (service, _) in services::apis() {
        let database = db.open(Some(&format!("commonweal_{service}")), Arc::new(Undeclared));
        for table in &tables {
            let mut tx = database.begin(store::TenantId(own)).await.unwrap();
            let row = tx
                .one(ATTEMPT, params![table.as_str(), own, other])
                .await
                .unwrap();
            let through: Vec<&str> = row.get("through").unwrap();
            for what in ["select", "insert", "update", "delete"] {
                *seen.entry(what).or_default() += usize::from(through.contains(&&*format!("own {what}")));
                let is_open = through.contains(&what);
                let excepted = OPEN
                    .iter()
                    .any(|(who, name, how, _)| (*who, *name, *how) == (service, table.as_str(), what));
                match (is_open, excepted) {
                    (true, false) => {
                        problems.push(format!("{service} can {what} rows of another tenant in {table}"));
                    }
                    (false, true) => {
                        problems.push(format!("{service} cannot {what} in {table}: take it off OPEN"));
                    }
                    _ => {}
                }
            }
        }
    }
    crate::none(&problems);
    // The same statements work on one's own rows: what was refused was refused for the tenant.
    for (what, tables) in seen {
        assert!(
            tables > 10,
            "only {tables} tables let a role {what} rows of its own tenant: is anything tried at all?"
        );
    }
}
