//! The schema that the migrations make: applied twice it is the same, it is the one that is checked in, and what belongs to a
//! tenant is guarded by the database itself.

use std::sync::Arc;

use ports::Undeclared;
use store::{Sql, params, sql};
use testkit::TestDb;

use crate::{none, read, root};

#[tokio::test]
async fn migrations_applied_twice_make_the_schema_that_is_checked_in() {
    let db = TestDb::create().await;
    let database = db.open(None, Arc::new(Undeclared));
    let once = store::schema::listing(&database).await.unwrap();
    let applied = store::migrations::migrate(db.settings(None)).await.unwrap();
    assert!(applied.is_empty(), "applied again: {applied:?}");
    assert_eq!(once, store::schema::listing(&database).await.unwrap());
    let checked_in = read(&root().join("shared/store/schema.txt"));
    let differences: Vec<String> = once
        .lines()
        .filter(|line| !checked_in.lines().any(|known| known == *line))
        .map(|line| format!("+ {line}"))
        .chain(
            checked_in
                .lines()
                .filter(|known| !once.lines().any(|line| line == *known))
                .map(|known| format!("- {known}")),
        )
        .collect();
    none(&differences);
    assert_eq!(
        once, checked_in,
        "the order differs: write shared/store/schema.txt anew with `commonweal schema`"
    );
}

/// Row-level security stands behind every query, should one forget its tenant.
#[tokio::test]
async fn what_belongs_to_a_tenant_is_guarded_by_the_database() {
    const OPEN: Sql = sql!(
        "select n.nspname || '.' || c.relname as name, c.relrowsecurity and exists (
                    select from pg_policy p where p.polrelid = c.oid
                       and pg_get_expr(p.polqual, p.polrelid) ilike '%tenant%') as guarded
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
          where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'local')
          order by 1"
    );
    /// Read before a tenant is known, or by the platform for all of them; each with its reason.
    const BEFORE_A_TENANT_IS_KNOWN: &[(&str, &str)] =
        &[("platform.tenant_slug", "a slug leads to the tenant")];
    let db = TestDb::create().await;
    let rows = db
        .open(None, Arc::new(Undeclared))
        .rows(OPEN, params![])
        .await
        .unwrap();
    assert!(
        rows.len() >= 5,
        "{} tables with a tenant are too few to mean anything",
        rows.len()
    );
    let mut problems = Vec::new();
    for row in &rows {
        let name: &str = row.get("name").unwrap();
        let excepted = BEFORE_A_TENANT_IS_KNOWN.iter().any(|(table, _)| *table == name);
        match (row.get::<bool>("guarded").unwrap(), excepted) {
            (false, false) => problems.push(format!("{name} has a tenant_id and no policy on it")),
            (true, true) => problems.push(format!("{name} is guarded: take it off the list of exceptions")),
            _ => {}
        }
    }
    for (table, _) in BEFORE_A_TENANT_IS_KNOWN {
        if !rows
            .iter()
            .any(|row| row.get::<&str>("name").is_ok_and(|name| name == *table))
        {
            problems.push(format!(
                "{table} has no tenant_id: take it off the list of exceptions"
            ));
        }
    }
    none(&problems);
}
