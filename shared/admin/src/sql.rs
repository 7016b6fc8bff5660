//! Every statement of the engine, made of a declaration's texts and of bound values.
//!
//! [`statements`] lists them for a test that plans each in the role of its service: a clause that an index list of filters can
//! add stands there alone and together with all others.

use jiff::Timestamp;
use ports::Result;
use store::{Query, TenantId};

use crate::{
    model::{Column, Filter, Kind, Model, OnAdd, Ordering, Reference, Row},
    value::{Value, stored},
};

/// One more condition of a list.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Is(&'static Column, Value),
    IsNull(&'static Column, bool),
    /// From the first value on, and before the second where there is one.
    Within(&'static Column, Value, Option<Value>),
    /// A declaration's own.
    Sql(&'static str),
    /// A word that one of the searched columns begins with.
    Word(String),
}

/// From where a page goes on.
#[derive(Debug, Clone)]
pub(crate) struct Position {
    /// The values of [`ordered_by`], of the row beside the page.
    pub(crate) values: Vec<Value>,
    /// Towards the beginning of the list.
    pub(crate) is_before: bool,
}

/// The most that is counted exactly.
pub(crate) const COUNTED: i64 = 1_000;

fn quoted(query: Query, name: &'static str) -> Query {
    query.sql("\"").sql(name).sql("\"")
}

fn of_t(query: Query, name: &'static str) -> Query {
    quoted(query.sql("t."), name)
}

fn expression(query: Query, column: &Column) -> Query {
    match column.expression {
        Some(text) => query.sql("(").sql(text).sql(")"),
        None => of_t(query, column.name),
    }
}

/// A column as [`Value::read`] expects it.
fn selected(query: Query, column: &Column) -> Query {
    let cast = match stored(&column.kind) {
        Kind::Integer => "::int8",
        Kind::Texts => "::text[]",
        Kind::Boolean | Kind::Date | Kind::Timestamp | Kind::Uuid | Kind::Json => "",
        Kind::Text | Kind::TextArea | Kind::Choice(_) | Kind::Decimal | Kind::Reference(_) => "::text",
    };
    let query = quoted(expression(query, column).sql(cast).sql(" as "), column.name);
    let Kind::Reference(to) = column.kind else {
        return query;
    };
    let query = query
        .sql(", (select (")
        .sql(to.label)
        .sql(")::text from ")
        .sql(to.table);
    let query = expression(quoted(query.sql(" r where r."), to.key).sql(" = "), column);
    query.sql(") as \"").sql(column.name).sql("__label\"")
}

fn select(model: &'static Model, columns: &[&'static Column]) -> Query {
    let query = Query::new("select (")
        .sql(model.title)
        .sql(")::text as \"__title\"");
    columns
        .iter()
        .fold(query, |query, column| selected(query.sql(", "), column))
}

/// The rows that somebody may see at all.
fn from(query: Query, model: &'static Model, tenant: Option<TenantId>) -> Query {
    let query = query.sql(" from ").sql(model.table).sql(" t where ");
    let query = match tenant {
        Some(TenantId(id)) => query.sql("t.tenant_id = ").bind(id),
        None => query.sql("true"),
    };
    match model.only {
        Some(only) => query.sql(" and (").sql(only).sql(")"),
        None => query,
    }
}

/// That a text begins with a word, whatever the case and the accents. A range of texts rather than `like`: row-level security lets
/// only leakproof operators choose an index, which comparisons are and `like` and `lower` are not.
fn begins(query: Query, text: impl Fn(Query) -> Query, word: &str) -> Query {
    let least = word.replace('\0', "");
    // What sorts after all that begins alike (Unicode Technical Standard 35, part 5, "Special-Purpose Tailorings").
    let beyond = format!("{least}\u{FFFF}");
    let folded = |query| text(query).sql(" collate platform.folded");
    let query = folded(query).sql(" >= ").bind(least);
    folded(query.sql(" and ")).sql(" < ").bind(beyond)
}

fn narrowed(mut query: Query, model: &'static Model, conditions: &[Condition]) -> Query {
    for condition in conditions {
        query = query.sql(" and ");
        query = match condition {
            Condition::Is(column, value) => value.bind(expression(query, column).sql(" = "), &column.kind),
            Condition::IsNull(column, true) => expression(query, column).sql(" is null"),
            Condition::IsNull(column, false) => expression(query, column).sql(" is not null"),
            Condition::Within(column, from, until) => {
                let query = from.bind(expression(query, column).sql(" >= "), &column.kind);
                match until {
                    Some(until) => {
                        until.bind(expression(query.sql(" and "), column).sql(" < "), &column.kind)
                    }
                    None => query,
                }
            }
            Condition::Sql(text) => query.sql("(").sql(text).sql(")"),
            Condition::Word(word) => {
                let mut query = query.sql("(");
                for (index, column) in searched(model).into_iter().enumerate() {
                    query = query.sql(if index > 0 { " or " } else { "" });
                    query = begins(query, |query| expression(query, column), word);
                }
                // How many rows begin with it decides which index to take.
                query.sql(")").planned_anew()
            }
        };
    }
    query
}

fn searched(model: &'static Model) -> Vec<&'static Column> {
    model
        .search_fields
        .iter()
        .filter_map(|name| model.column(name))
        .collect()
}

pub(crate) fn key_columns(model: &'static Model) -> Vec<&'static Column> {
    model.key.iter().filter_map(|name| model.column(name)).collect()
}

/// What a list is sorted by: its column, then the key, so that no two rows are alike.
pub(crate) fn ordered_by(model: &'static Model, ordering: Ordering) -> Vec<&'static Column> {
    let mut columns: Vec<&'static Column> = model.column(ordering.column).into_iter().collect();
    for column in key_columns(model) {
        if !columns.iter().any(|known| known.name == column.name) {
            columns.push(column);
        }
    }
    columns
}

/// The columns that a list reads.
pub(crate) fn listed(
    model: &'static Model,
    shown: &[&'static str],
    ordering: Ordering,
) -> Vec<&'static Column> {
    let mut columns: Vec<&'static Column> = shown.iter().filter_map(|name| model.column(name)).collect();
    for column in ordered_by(model, ordering) {
        if !columns.iter().any(|known| known.name == column.name) {
            columns.push(column);
        }
    }
    columns
}

/// One page of a list.
pub(crate) fn page(
    model: &'static Model,
    tenant: Option<TenantId>,
    columns: &[&'static Column],
    conditions: &[Condition],
    ordering: Ordering,
    position: Option<&Position>,
    limit: i64,
) -> Query {
    let mut query = narrowed(from(select(model, columns), model, tenant), model, conditions);
    let by = ordered_by(model, ordering);
    let is_before = position.is_some_and(|position| position.is_before);
    let is_descending = ordering.is_descending != is_before;
    if let Some(position) = position.filter(|position| position.values.len() == by.len()) {
        query = query.sql(" and (");
        for (index, column) in by.iter().enumerate() {
            query = of_t(query.sql(if index > 0 { ", " } else { "" }), column.name);
        }
        query = query.sql(if is_descending { ") < (" } else { ") > (" });
        for (index, (column, value)) in by.iter().zip(&position.values).enumerate() {
            query = value.bind(query.sql(if index > 0 { ", " } else { "" }), &column.kind);
        }
        query = query.sql(")");
    }
    query = query.sql(" order by ");
    for (index, column) in by.iter().enumerate() {
        query = of_t(query.sql(if index > 0 { ", " } else { "" }), column.name);
        query = query.sql(if is_descending { " desc" } else { "" });
    }
    query.sql(" limit ").number(limit)
}

/// How many rows there are, up to one more than are counted.
pub(crate) fn count(model: &'static Model, tenant: Option<TenantId>, conditions: &[Condition]) -> Query {
    let query = Query::new("select count(*) as n from (select 1");
    narrowed(from(query, model, tenant), model, conditions)
        .sql(" limit ")
        .number(COUNTED + 1)
        .sql(") counted")
}

/// The same for each of several sets of conditions by one statement: `place` in their list, and `n`.
pub(crate) fn counts(model: &'static Model, tenant: Option<TenantId>, all: &[Vec<Condition>]) -> Query {
    let mut query = Query::default();
    for (place, conditions) in (0_i32..).zip(all) {
        query = query.sql(if place > 0 { " union all " } else { "" });
        query = query
            .sql("select ")
            .bind(place)
            .sql("::int4 as place, count(*) as n from (select 1");
        query = narrowed(from(query, model, tenant), model, conditions)
            .sql(" limit ")
            .number(COUNTED + 1)
            .sql(") counted");
    }
    query
}

/// What the planner thinks of that, without counting.
pub(crate) fn estimate(model: &'static Model, tenant: Option<TenantId>, conditions: &[Condition]) -> Query {
    let query = Query::new("explain (format json) select 1");
    narrowed(from(query, model, tenant), model, conditions)
}

/// The first and the last time of the date hierarchy: each by one step into an index, which `min` and `max` would not take
/// where rows that are not shown are left out by a subquery.
pub(crate) fn extent(model: &'static Model, tenant: Option<TenantId>, column: &'static Column) -> Query {
    let query = of_t(Query::new("select (select "), column.name);
    let query = of_t(from(query, model, tenant).sql(" order by "), column.name);
    let query = of_t(query.sql(" limit 1) as first, (select "), column.name);
    let query = of_t(from(query, model, tenant).sql(" order by "), column.name);
    query.sql(" desc limit 1) as last")
}

/// One row by its key.
pub(crate) fn find(
    model: &'static Model,
    tenant: Option<TenantId>,
    key: &[Value],
    for_update: bool,
) -> Query {
    let columns: Vec<&'static Column> = model.columns.iter().collect();
    let query = keyed(from(select(model, &columns), model, tenant), model, key);
    query.sql(if for_update { " for update of t" } else { "" })
}

fn keyed(mut query: Query, model: &'static Model, key: &[Value]) -> Query {
    for (column, value) in key_columns(model).into_iter().zip(key) {
        query = value.bind(of_t(query.sql(" and "), column.name).sql(" = "), &column.kind);
    }
    query
}

/// The rows of an inline: those that refer to this key.
pub(crate) fn children(
    model: &'static Model,
    tenant: Option<TenantId>,
    column: &'static Column,
    key: &Value,
    limit: i64,
) -> Query {
    let columns: Vec<&'static Column> = model.columns.iter().collect();
    let query = from(select(model, &columns), model, tenant);
    let mut query = key.bind(of_t(query.sql(" and "), column.name).sql(" = "), &column.kind);
    query = query.sql(" order by ");
    for (index, column) in ordered_by(model, model.ordering).iter().enumerate() {
        query = of_t(query.sql(if index > 0 { ", " } else { "" }), column.name);
        query = query.sql(if model.ordering.is_descending { " desc" } else { "" });
    }
    query.sql(" limit ").number(limit)
}

/// How many rows of a dependent table there are, up to one more than are counted.
pub(crate) fn dependents(table: &'static str, column: &'static str, kind: &Kind, key: &Value) -> Query {
    let query = Query::new("select count(*) as n from (select 1 from ")
        .sql(table)
        .sql(" d where d.");
    let query = key.bind(quoted(query, column).sql(" = "), kind);
    query.sql(" limit ").number(COUNTED + 1).sql(") counted")
}

/// A new row with these values, and what the engine adds.
pub(crate) fn insert(
    model: &'static Model,
    tenant: Option<TenantId>,
    values: &[(&'static Column, Value)],
) -> Query {
    let mut query = Query::new("insert into ").sql(model.table).sql(" (");
    let with_tenant = tenant.filter(|_| !values.iter().any(|(column, _)| column.name == "tenant_id"));
    if with_tenant.is_some() {
        query = query.sql("tenant_id");
    }
    for (index, (column, _)) in values.iter().enumerate() {
        query = query.sql(if index > 0 || with_tenant.is_some() {
            ", "
        } else {
            ""
        });
        query = quoted(query, column.name);
    }
    query = query.sql(") values (");
    if let Some(TenantId(id)) = with_tenant {
        query = query.bind(id);
    }
    for (index, (column, value)) in values.iter().enumerate() {
        query = query.sql(if index > 0 || with_tenant.is_some() {
            ", "
        } else {
            ""
        });
        query = value.bind(query, &column.kind);
    }
    query.sql(")")
}

/// New values of a row.
pub(crate) fn update(
    model: &'static Model,
    tenant: Option<TenantId>,
    key: &[Value],
    values: &[(&'static Column, Value)],
    now: Timestamp,
) -> Query {
    let mut query = Query::new("update ").sql(model.table).sql(" t set ");
    for (index, (column, value)) in values.iter().enumerate() {
        query = quoted(query.sql(if index > 0 { ", " } else { "" }), column.name).sql(" = ");
        query = value.bind(query, &column.kind);
    }
    if let Some(touched) = model.touched {
        query = quoted(query.sql(", "), touched).sql(" = ").bind(now);
    }
    keyed(at(query, model, tenant), model, key)
}

pub(crate) fn delete(model: &'static Model, tenant: Option<TenantId>, key: &[Value]) -> Query {
    let query = Query::new("delete from ").sql(model.table).sql(" t");
    keyed(at(query, model, tenant), model, key)
}

/// The `where` of a change: the same rows that are shown, and no others.
fn at(query: Query, model: &'static Model, tenant: Option<TenantId>) -> Query {
    let query = match tenant {
        Some(TenantId(id)) => query.sql(" where t.tenant_id = ").bind(id),
        None => query.sql(" where true"),
    };
    match model.only {
        Some(only) => query.sql(" and (").sql(only).sql(")"),
        None => query,
    }
}

/// Rows that a reference may lead to, by what was typed; all where nothing was.
pub(crate) fn lookup(to: &'static Reference, tenant: Option<TenantId>, typed: &str, limit: i64) -> Query {
    let query = quoted(Query::new("select r."), to.key).sql("::text as key, (");
    let query = query
        .sql(to.label)
        .sql(")::text as label from ")
        .sql(to.table)
        .sql(" r where ");
    let text = |query: Query| query.sql("(").sql(to.search).sql(")");
    let query = begins(query, text, typed.trim());
    let query = match tenant.filter(|_| to.has_tenant) {
        Some(TenantId(id)) => query.sql(" and r.tenant_id = ").bind(id),
        None => query,
    };
    query.sql(" order by label, key limit ").number(limit)
}

/// How one row of a reference is called; none: there is no such row for this person.
pub(crate) fn label(to: &'static Reference, tenant: Option<TenantId>, key: &Value) -> Query {
    let query = Query::new("select (")
        .sql(to.label)
        .sql(")::text as label from ")
        .sql(to.table);
    let query = key.bind(quoted(query.sql(" r where r."), to.key).sql(" = "), &to.key_kind);
    match tenant.filter(|_| to.has_tenant) {
        Some(TenantId(id)) => query.sql(" and r.tenant_id = ").bind(id),
        None => query,
    }
}

/// Reads an answer of [`page`], [`find`] or [`children`].
pub(crate) fn read(row: &store::Row, columns: &[&'static Column]) -> Result<Row> {
    let mut read = Row {
        title: row.get::<Option<String>>("__title")?.unwrap_or_default(),
        ..Row::default()
    };
    for column in columns {
        read.values
            .push((column.name, Value::read(row, column.name, &column.kind)?));
        if matches!(column.kind, Kind::Reference(_))
            && let Some(label) = row.get::<Option<String>>(&format!("{}__label", column.name))?
        {
            read.labels.push((column.name, label));
        }
    }
    Ok(read)
}

/// A value of a kind, for statements that are only planned.
fn sample(kind: &Kind) -> Value {
    match stored(kind) {
        Kind::Integer => Value::Integer(1),
        Kind::Decimal => Value::Decimal("1".to_owned()),
        Kind::Boolean => Value::Boolean(true),
        Kind::Date => Value::Date(jiff::civil::date(2026, 1, 1)),
        Kind::Timestamp => Value::Timestamp(Timestamp::UNIX_EPOCH),
        Kind::Uuid => Value::Uuid(uuid::Uuid::nil()),
        Kind::Json => Value::Json(serde_json::Value::Null),
        Kind::Texts => Value::Texts(Vec::new()),
        Kind::Text | Kind::TextArea | Kind::Choice(_) | Kind::Reference(_) => Value::Text("a".to_owned()),
    }
}

/// Every condition that somebody can add to the list of a model.
fn conditions(model: &'static Model) -> Vec<Condition> {
    let mut all = vec![];
    if !model.search_fields.is_empty() {
        all.push(Condition::Word("a".to_owned()));
    }
    let within = |column: &'static Column| {
        let value = sample(&column.kind);
        Condition::Within(column, value.clone(), Some(value))
    };
    all.extend(
        model
            .date_hierarchy
            .and_then(|name| model.column(name))
            .map(within),
    );
    for filter in model.list_filter {
        match filter {
            Filter::Column(name) => all.extend(
                model
                    .column(name)
                    .map(|column| Condition::Is(column, sample(&column.kind))),
            ),
            Filter::Present(name) => all.extend(
                model
                    .column(name)
                    .into_iter()
                    .flat_map(|column| [Condition::IsNull(column, true), Condition::IsNull(column, false)]),
            ),
            Filter::Date(name) => all.extend(model.column(name).map(within)),
            Filter::Named(named) => {
                all.extend(named.choices.iter().map(|(_, _, text)| Condition::Sql(text)));
            }
        }
    }
    all
}

/// The text of every statement that the engine can make of a declaration; of lists, each condition by itself and all at once.
pub fn statements(model: &'static Model) -> Vec<String> {
    let tenant = match model.scope {
        crate::Scope::Tenant => Some(TenantId(uuid::Uuid::nil())),
        crate::Scope::Operator => None,
    };
    let conditions = conditions(model);
    let mut queries = Vec::new();
    let all_columns: Vec<&'static Column> = model.columns.iter().collect();
    let mut orderings = vec![model.ordering];
    for column in model.columns.iter().filter(|column| column.is_sortable) {
        orderings.push(Ordering::ascending(column.name));
        orderings.push(Ordering::descending(column.name));
    }
    for ordering in orderings {
        let columns = listed(model, model.list_display, ordering);
        let values: Vec<Value> = ordered_by(model, ordering)
            .iter()
            .map(|column| sample(&column.kind))
            .collect();
        for position in [None, Some(false), Some(true)] {
            let position = position.map(|is_before| Position {
                values: values.clone(),
                is_before,
            });
            queries.push(page(
                model,
                tenant,
                &columns,
                &conditions,
                ordering,
                position.as_ref(),
                1,
            ));
        }
    }
    for condition in &conditions {
        let one = std::slice::from_ref(condition);
        queries.push(page(model, tenant, &all_columns, one, model.ordering, None, 1));
        queries.push(count(model, tenant, one));
    }
    queries.push(count(model, tenant, &conditions));
    let each: Vec<Vec<Condition>> = conditions.iter().map(|one| vec![one.clone()]).collect();
    if !each.is_empty() {
        queries.push(counts(model, tenant, &each));
    }
    queries.extend(
        model
            .date_hierarchy
            .and_then(|name| model.column(name))
            .map(|column| extent(model, tenant, column)),
    );
    let key: Vec<Value> = key_columns(model)
        .iter()
        .map(|column| sample(&column.kind))
        .collect();
    let writes = model.change.is_some() || model.delete.is_some() || !model.actions.is_empty();
    queries.push(find(model, tenant, &key, false));
    if writes {
        queries.push(find(model, tenant, &key, true));
    }
    if model.add.is_some() {
        let values: Vec<_> = crate::form::added(model)
            .into_iter()
            .map(|column| (column, sample(&column.kind)))
            .collect();
        queries.push(insert(model, tenant, &values));
    }
    if model.change.is_some() {
        let values: Vec<_> = crate::form::changed(model)
            .into_iter()
            .map(|column| (column, sample(&column.kind)))
            .collect();
        queries.push(update(model, tenant, &key, &values, Timestamp::UNIX_EPOCH));
    }
    if model.delete.is_some() {
        queries.push(delete(model, tenant, &key));
        for dependent in model.dependents {
            if let (Some(column), Some(value)) = (key_columns(model).first(), key.first()) {
                queries.push(dependents(dependent.table, dependent.column, &column.kind, value));
            }
        }
    }
    for column in model.columns {
        if let Kind::Reference(to) = column.kind {
            queries.push(lookup(to, tenant, "a", 1));
            queries.push(label(to, tenant, &sample(&to.key_kind)));
        }
    }
    for inline in model.inlines {
        if let (Some(column), Some(value)) = (inline.model.column(inline.column), key.first()) {
            queries.push(children(inline.model, tenant, column, value, 1));
        }
    }
    let mut texts: Vec<String> = queries.iter().map(|query| query.text().to_owned()).collect();
    texts.extend([crate::history::ENTRIES.0, crate::history::NAMES.0].map(str::to_owned));
    texts.dedup();
    texts
}

/// What the engine writes into a column of a new row.
pub(crate) fn on_add(what: OnAdd, id: uuid::Uuid, now: Timestamp, person: uuid::Uuid) -> Value {
    match what {
        OnAdd::Id => Value::Uuid(id),
        OnAdd::Now => Value::Timestamp(now),
        OnAdd::Person => Value::Uuid(person),
    }
}
