//! The admin's declarations, held against the schema: every statement that the engine can make of one is planned in the role of
//! its service, names that it gives are its own, and nobody deletes a row without being told what goes with it.

use std::{collections::BTreeSet, sync::Arc};

use admin::{Fate, Filter, Model, Scope};
use app::Trigger;
use ports::Undeclared;
use store::{Sql, params, sql};
use testkit::TestDb;

use crate::{none, read, root, services, statements::nulls};

fn place(model: &Model) -> String {
    format!("the model {} of {}", model.name, model.service)
}

#[tokio::test]
async fn every_statement_of_the_admin_fits_the_schema_and_the_role() {
    let db = TestDb::create().await;
    let mut problems = Vec::new();
    let mut planned = 0;
    for model in services::models() {
        let role = format!("commonweal_{}", model.service);
        let database = db.open(Some(&role), Arc::new(Undeclared));
        for text in admin::statements(model) {
            planned += 1;
            let run = format!(
                "prepare guard as {text}; explain execute guard{}; deallocate guard",
                nulls(&text)
            );
            if let Err(error) = database.batch(&run).await {
                problems.push(format!(
                    "{} as {role}: {}: {text}",
                    place(model),
                    error.cause().unwrap_or_default()
                ));
                let _ = database.batch("deallocate all").await;
            }
        }
    }
    none(&problems);
    assert!(planned > 300, "{planned} statements are too few");
}

#[test]
fn declarations_name_what_they_have() {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for model in services::models() {
        let place = place(model);
        if !seen.insert((model.service, model.name)) {
            problems.push(format!("{place} is declared twice"));
        }
        if model.audit_kind.is_empty() || model.label.english.is_empty() || model.about.spanish.is_empty() {
            problems.push(format!("{place} has no name, purpose or audit_kind"));
        }
        let mut named: Vec<&str> = [model.key, model.list_display, model.search_fields]
            .concat()
            .into_iter()
            .chain(model.date_hierarchy)
            .chain(model.touched)
            .chain(model.audit_tenant)
            .chain([model.ordering.column])
            .collect();
        for filter in model.list_filter {
            match filter {
                Filter::Column(name) | Filter::Present(name) | Filter::Date(name) => named.push(name),
                Filter::Named(_) => {}
            }
        }
        let fields: Vec<&str> = model
            .fieldsets
            .iter()
            .flat_map(|set| set.columns.iter().copied())
            .collect();
        for name in named.iter().chain(&fields) {
            if model.column(name).is_none() {
                problems.push(format!("{place} names {name}, which is none of its columns"));
            }
        }
        if !fields.is_empty() {
            for column in model.columns {
                let is_changeable = !column.is_read_only && model.change.is_some();
                if is_changeable && !fields.contains(&column.name) {
                    problems.push(format!("{place}: {} stands in no fieldset", column.name));
                }
            }
        }
        if model
            .column(model.ordering.column)
            .is_some_and(|column| !column.is_sortable || column.is_nullable)
        {
            problems.push(format!("{place} begins in an order that it cannot be sorted by"));
        }
    }
    none(&problems);
}

#[test]
fn the_front_page_lists_every_service_that_has_models() {
    let with_models: BTreeSet<&str> = services::models().iter().map(|model| model.service).collect();
    let listed: BTreeSet<&str> = admin::service_names().into_iter().collect();
    assert_eq!(with_models, listed);
}

/// The edge sends a service's admin to that service; what it does not name goes to the platform.
#[test]
fn the_edge_knows_every_service_that_has_models() {
    let template = read(&root().join("template.yaml"));
    let mut problems = Vec::new();
    for service in admin::service_names() {
        for pattern in [format!("/admin/{service}"), format!("/admin/{service}/*")] {
            let behaviour =
                format!("          - PathPattern: {pattern}\n            TargetOriginId: {service}\n");
            if service != "platform" && !template.contains(&behaviour) {
                problems.push(format!("template.yaml does not send {pattern} to {service}"));
            }
        }
    }
    none(&problems);
}

/// A model's address leads to a function, and each such function serves a model.
#[test]
fn every_model_has_a_function_of_its_own() {
    let functions = services::functions();
    let mut problems = Vec::new();
    for model in services::models() {
        let name = format!("{}-admin-{}", model.service, model.name);
        let serves = functions.iter().any(|function| {
            matches!(function.trigger, Trigger::Http { paths, .. } if function.name == name && paths == [model.path()])
        });
        if !serves {
            problems.push(format!(
                "{} has no function {name} at {}",
                place(model),
                model.path()
            ));
        }
    }
    none(&problems);
}

/// The page before a deletion counts what the database would delete, change or be stopped by; and nothing of a tenant is shown
/// by a model that does not know of tenants, unless operators are meant to see it.
#[tokio::test]
async fn a_deletion_names_everything_that_refers_to_the_row() {
    const REFERENCES: Sql = sql!(
        r#"select n.nspname || '.' || c.relname as "table", a.attname as "column", k.confdeltype::text as fate
             from pg_constraint k
             join pg_class c on c.oid = k.conrelid
             join pg_namespace n on n.oid = c.relnamespace
             join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
            where k.contype = 'f' and k.confrelid = to_regclass($1)"#
    );
    const TENANT: Sql = sql!(
        "select exists (select from pg_attribute where attrelid = to_regclass($1) and attname = 'tenant_id') as has"
    );
    let db = TestDb::create().await;
    let database = db.open(None, Arc::new(Undeclared));
    let mut problems = Vec::new();
    for model in services::models() {
        let has: bool = database
            .one(TENANT, params![model.table])
            .await
            .unwrap()
            .get("has")
            .unwrap();
        if model.scope == Scope::Tenant && !has {
            problems.push(format!(
                "{} is of organisations, and {} is not",
                place(model),
                model.table
            ));
        }
        if model.delete.is_none() {
            continue;
        }
        for row in database.rows(REFERENCES, params![model.table]).await.unwrap() {
            let (table, column): (&str, &str) = (row.get("table").unwrap(), row.get("column").unwrap());
            let fate = match row.get("fate").unwrap() {
                "c" => Fate::Goes,
                "n" | "d" => Fate::LosesIt,
                _ => Fate::HoldsBack,
            };
            let said = model
                .dependents
                .iter()
                .find(|dependent| dependent.table == table && dependent.column == column);
            match said {
                None => problems.push(format!(
                    "{} can be deleted and does not name {table}.{column}: add a Dependent {{ fate: Fate::{fate:?}, … }}",
                    place(model)
                )),
                Some(dependent) if dependent.fate != fate => problems.push(format!(
                    "{}: {table}.{column} is Fate::{fate:?}, not {:?}",
                    place(model),
                    dependent.fate
                )),
                Some(_) => {}
            }
        }
    }
    none(&problems);
}

/// Whoever makes a table says how people work with it: by a model, or why by none.
#[test]
fn every_table_has_a_model_or_a_reason() {
    const WITHOUT: &[(&str, &str)] = &[
        (
            "platform.audit_chain",
            "the heads of the chains: `commonweal` checks them, and the audit log has the entries",
        ),
        (
            "platform.idempotency",
            "answers for a repeated request, for a day: whoever sent it gets them, nobody else",
        ),
        (
            "platform.job_done",
            "ids of jobs, so that none has its effect twice; they say nothing to a person",
        ),
        (
            "platform.recovery_code",
            "digests of secrets; an account's page says whether it has a second factor",
        ),
        (
            "public.commonweal_migration",
            "the schema's own state: `/health` tells whether it is the newest",
        ),
        (
            "voting.count_run",
            "one row, how far the counting came; the hourly counts have a page",
        ),
    ];
    let schema = read(&root().join("shared/store/schema.txt"));
    let tables: BTreeSet<&str> = schema
        .lines()
        .filter_map(|line| line.strip_prefix("table "))
        .filter_map(|rest| rest.split(',').next())
        .collect();
    let modelled: BTreeSet<&str> = services::models().iter().map(|model| model.table).collect();
    let mut problems = Vec::new();
    for table in &tables {
        let reason = WITHOUT.iter().find(|(name, _)| name == table);
        match (modelled.contains(table), reason) {
            (false, None) => problems.push(format!(
                "{table} has no model: declare one in its service's src/admin, or say here why it has no page"
            )),
            (true, Some(_)) => problems.push(format!("{table} has a model: take it off the list")),
            _ => {}
        }
    }
    for (table, _) in WITHOUT {
        if !tables.contains(table) {
            problems.push(format!("{table} is no table: take it off the list"));
        }
    }
    for table in modelled.difference(&tables) {
        problems.push(format!("a model is of {table}, which is no table of the schema"));
    }
    none(&problems);
    assert!(tables.len() > 30, "{} tables are too few", tables.len());
}
