//! What the admin's declarations say of the routes that the engine makes of each: whose a model is, who may add, change and delete.
//!
//! Rows of a model are made from its table's own description (see `generated_rows`), in one's own organisation and in another.

use admin::{Model, Scope};
use app::{Permission, Role};
use store::Sql;

use super::expectation::{Expectation, Who, page};
use crate::services;

/// Where the engine is tested with good input: forms, actions, and rows that only some of an organisation's staff see.
const FORMS: &str = "every_kind_of_field_is_added_shown_changed_and_written_to_the_log";
const ACTIONS: &str = "an_action_is_asked_done_to_each_and_written_to_the_log";
const ROWS: &str = "rows_of_others_are_not_there";

pub(crate) fn expectations() -> Vec<Expectation> {
    services::models().into_iter().flat_map(of).collect()
}

fn who(model: &Model, permission: Permission) -> Who {
    let least = Role::ALL.into_iter().find(|role| role.may(permission));
    match (model.scope, least) {
        (Scope::Operator, _) | (_, None) => Who::Operator,
        (Scope::Tenant, Some(role)) => Who::Insider(role),
    }
}

fn row(model: &Model) -> Sql {
    // Each organisation has its one row already.
    if model.key == ["tenant_id"] && model.scope == Scope::Tenant {
        return store::sql!("select $1::text as id");
    }
    let key: Vec<String> = model
        .key
        .iter()
        .map(|column| format!("(made ->> '{column}')"))
        .collect();
    let (key, table) = (key.join(" || ',' || "), model.table);
    // Where no new row fits (all states are there already), operators see one that is.
    let present = match model.scope {
        Scope::Operator => format!("(select row_to_json(t) from {table} t limit 1)"),
        Scope::Tenant => "null".to_owned(),
    };
    Sql(leaked(format!(
        "select {key} as id
           from (select coalesce(made::json, {present}) as made from proof.make('{table}'::regclass, $1)) of"
    )))
}

/// Expectations are of static texts; these are made once a test.
fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn of(model: &'static Model) -> Vec<Expectation> {
    let view = who(model, model.view);
    let at = |method: &str, rest: &str| leaked(format!("{method} {}{rest}", model.path()));
    // What a model does not have is not found by whoever may see it.
    let may = |method: &str, rest: &str, permission: Option<Permission>| match permission {
        Some(permission) => page(at(method, rest), who(model, permission)),
        None => page(at(method, rest), view).answers(404),
    };
    let about_a_row = |expected: Expectation| match (expected.answers, model.only) {
        (404, _) => expected,
        // What is hidden from an organisation's staff hangs on rows of other tables.
        (_, Some(_)) => expected.row(row(model)).elsewhere(ROWS),
        (_, None) => expected.row(row(model)),
    };
    let changed = |expected: Expectation| match expected.answers {
        404 => expected,
        _ => expected.elsewhere(FORMS),
    };
    vec![
        page(at("GET", ""), view),
        page(at("POST", ""), view).elsewhere(ACTIONS),
        // Who takes the rows away is noted.
        page(at("GET", "/export.csv"), view).leaves(&["admin.export>"]),
        // Without the name of a field there is nothing to complete.
        page(at("GET", "/autocomplete"), view).answers(404),
        may("GET", "/add", model.add),
        changed(may("POST", "/add", model.add)),
        about_a_row(page(at("GET", "/{id}/change"), view)),
        changed(about_a_row(may("POST", "/{id}/change", model.change))),
        about_a_row(may("GET", "/{id}/delete", model.delete)),
        about_a_row(may("POST", "/{id}/delete", model.delete)).leaves(if model.delete.is_some() {
            &["admin.delete<"]
        } else {
            &[]
        }),
        about_a_row(page(at("GET", "/{id}/history"), view)),
    ]
}
