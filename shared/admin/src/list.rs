//! The changelist: a page of rows, narrowed, sorted, counted.

use app::{
    Context, Menu, Page,
    page::{grouped, html},
};
use askama::Template;
use axum::{extract::RawQuery, http::StatusCode, response::Response};
use domain::person::Language;
use ports::{Error, Kind as Trouble, Result};
use store::Tx;

use crate::{
    facets,
    filter::{self, Ends, Hierarchy, Lists, Place, Shown},
    model::{Column, Kind, Model, Ordering, Row},
    paging,
    params::Params,
    reader::Reader,
    sql::{self, COUNTED, Condition, Position},
    value::address,
};

/// Rows of a page.
pub(crate) const PAGE: usize = 50;
/// Columns that `_extra` adds.
const MOST_EXTRA: usize = 10;
/// Characters of a cell; the row's own page shows the rest.
const CELL: usize = 120;

/// About how many rows there are, as an earlier page of this walk was told: it need not be asked again.
pub(crate) const ABOUT: &str = "_about";

/// What an address asks of a list.
pub(crate) struct Asked {
    pub(crate) columns: Vec<&'static Column>,
    pub(crate) ordering: Ordering,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) filters: Vec<Shown>,
    pub(crate) hierarchy: Option<Hierarchy>,
    is_misunderstood: bool,
}

impl Asked {
    /// Reads what is asked for; filters and dates are shown once [`Asked::with`] knows what there is to choose.
    pub(crate) fn read(model: &'static Model, params: &Params, place: Place<'_>) -> Self {
        let narrowed = filter::narrow(model, &Lists::new(), params, place);
        let hierarchy = filter::hierarchy(model, None, params, place);
        let mut conditions = narrowed.conditions;
        conditions.extend(filter::search(model, params));
        conditions.extend(
            hierarchy
                .as_ref()
                .and_then(|hierarchy| hierarchy.condition.clone()),
        );
        let extra = params.get("_extra").unwrap_or_default();
        let extra = extra
            .split(',')
            .filter_map(|name| model.column(name))
            .take(MOST_EXTRA)
            .map(|column| column.name);
        let mut shown: Vec<&'static str> = model.list_display.to_vec();
        for name in extra {
            if !shown.contains(&name) {
                shown.push(name);
            }
        }
        Self {
            columns: shown.iter().filter_map(|name| model.column(name)).collect(),
            ordering: ordering(model, params),
            conditions,
            filters: narrowed.filters,
            hierarchy,
            is_misunderstood: narrowed.is_misunderstood,
        }
    }

    fn with(
        mut self,
        model: &'static Model,
        lists: &Lists,
        ends: Ends,
        params: &Params,
        place: Place<'_>,
    ) -> Self {
        self.filters = filter::narrow(model, lists, params, place).filters;
        self.hierarchy = filter::hierarchy(model, ends, params, place);
        self
    }
}

/// Where a reader reads, and when.
pub(crate) fn place(reader: &Reader, now: jiff::Timestamp) -> Place<'_> {
    Place {
        language: reader.person.language,
        zone: &reader.person.account.time_zone,
        now,
    }
}

/// `?o=-created_at`; what cannot be sorted by leaves the list as it begins.
fn ordering(model: &'static Model, params: &Params) -> Ordering {
    let Some(asked) = params.get("o") else {
        return model.ordering;
    };
    let (name, is_descending) = match asked.strip_prefix('-') {
        Some(name) => (name, true),
        None => (asked, false),
    };
    match model.column(name).filter(|column| column.is_sortable) {
        Some(column) => Ordering {
            column: column.name,
            is_descending,
        },
        None => model.ordering,
    }
}

/// How many rows a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Exactly(i64),
    /// More than are counted; by the planner's statistics about so many.
    About(i64),
}

impl Count {
    pub(crate) fn say(self, language: Language) -> String {
        match self {
            Self::Exactly(number) => grouped(number),
            Self::About(number) => {
                let about = app::page::pick(language, "about", "unas");
                format!("{about} {}", grouped(rounded(number)))
            }
        }
    }
}

/// Two digits that count; the rest zeros.
fn rounded(number: i64) -> i64 {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    (number + unit / 2) / unit * unit
}

/// The number of an answer of [`sql::count`].
fn counted(rows: &[store::Row]) -> Result<i64> {
    rows.first().map_or(Ok(0), |row| row.get("n"))
}

/// The planner's estimate, of an answer of [`sql::estimate`].
fn estimated(rows: &[store::Row]) -> Result<i64> {
    let plan: serde_json::Value = match rows.first() {
        Some(row) => row.get("QUERY PLAN")?,
        None => serde_json::Value::Null,
    };
    #[expect(clippy::cast_possible_truncation, reason = "an estimate of rows")]
    let estimate = plan[0]["Plan"]["Plan Rows"].as_f64().unwrap_or_default() as i64;
    Ok(estimate)
}

/// How many rows there are. What the planner says to be many is not counted, so that no list waits for its number.
async fn count(
    model: &'static Model,
    reader: &Reader,
    tx: &mut Tx,
    conditions: &[Condition],
    answers: &Answers,
    is_first_page: bool,
) -> Result<Count> {
    if is_first_page && answers.rows.len() <= PAGE {
        return i64::try_from(answers.rows.len())
            .map(Count::Exactly)
            .map_err(Error::internal);
    }
    if let Some(about) = answers.told {
        return Ok(Count::About(about));
    }
    if let Some(estimate) = answers.estimate.filter(|estimate| *estimate > COUNTED * 5) {
        return Ok(Count::About(estimate));
    }
    let tenant = reader.tenant_id();
    let counted = match answers.counted {
        Some(counted) => counted,
        None => counted(&tx.query(&sql::count(model, tenant, conditions)).await?)?,
    };
    if counted <= COUNTED {
        return Ok(Count::Exactly(counted));
    }
    let estimate = match answers.estimate {
        Some(estimate) => estimate,
        None => estimated(&tx.query(&sql::estimate(model, tenant, conditions)).await?)?,
    };
    Ok(Count::About(estimate.max(counted)))
}

/// What a list's statements answer, which are sent together.
#[derive(Default)]
struct Answers {
    rows: Vec<Row>,
    /// See [`ABOUT`].
    told: Option<i64>,
    /// Of a search, of which the planner knows little and whose rows an index finds.
    counted: Option<i64>,
    /// Of other lists.
    estimate: Option<i64>,
    lists: Lists,
    ends: Ends,
}

/// Sends them; nothing where the database gave up because they took too long.
async fn answers(
    model: &'static Model,
    reader: &Reader,
    tx: &mut Tx,
    asked: &Asked,
    position: Option<&Position>,
    told: Option<i64>,
    place: Place<'_>,
) -> Result<Option<Answers>> {
    let tenant = reader.tenant_id();
    let shown: Vec<&'static str> = asked.columns.iter().map(|column| column.name).collect();
    let columns = sql::listed(model, &shown, asked.ordering);
    let limit = i64::try_from(PAGE + 1).map_err(Error::internal)?;
    let is_search = asked
        .conditions
        .iter()
        .any(|condition| matches!(condition, Condition::Word(_)));
    let mut queries = vec![sql::page(
        model,
        tenant,
        &columns,
        &asked.conditions,
        asked.ordering,
        position,
        limit,
    )];
    if told.is_none() {
        queries.push(match is_search {
            true => sql::count(model, tenant, &asked.conditions),
            false => sql::estimate(model, tenant, &asked.conditions),
        });
    }
    let extent = model.date_hierarchy.and_then(|name| model.column(name));
    queries.extend(extent.map(|column| sql::extent(model, tenant, column)));
    let mut names = Vec::new();
    for (name, query) in filter::lists(model, tenant) {
        names.push(name);
        queries.push(query);
    }
    let found = match tx.query_all(&queries).await {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), Trouble::Unavailable(_)) => {
            tracing::warn!(cause = error.cause(), "a list took too long");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut found = found.into_iter();
    let mut answers = Answers {
        told,
        ..Answers::default()
    };
    for row in found.next().unwrap_or_default() {
        answers.rows.push(sql::read(&row, &columns)?);
    }
    if told.is_none() {
        let number = found.next().unwrap_or_default();
        match is_search {
            true => answers.counted = Some(counted(&number)?),
            false => answers.estimate = Some(estimated(&number)?),
        }
    }
    if extent.is_some() {
        answers.ends = filter::ends(model, &found.next().unwrap_or_default(), place)?;
    }
    for (name, rows) in names.into_iter().zip(found) {
        let mut list = Vec::new();
        for row in &rows {
            let label: Option<String> = row.get("label")?;
            list.push((row.get("key")?, label.unwrap_or_default()));
        }
        answers.lists.push((name, list));
    }
    Ok(Some(answers))
}

pub(crate) struct Header {
    label: &'static str,
    sort: Option<String>,
    /// For `aria-sort`.
    sorted: Option<&'static str>,
}

pub(crate) struct Cell {
    pub(crate) label: &'static str,
    pub(crate) text: String,
    /// Digits stand right, times on one line.
    pub(crate) class: &'static str,
}

pub(crate) struct ListedRow {
    pub(crate) address: String,
    pub(crate) title: String,
    pub(crate) cells: Vec<Cell>,
}

/// A narrowing that can be taken away again.
struct Chip {
    text: String,
    without: String,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    page: Page,
    menu: Menu,
    crumbs: Vec<(String, String)>,
    message: Option<(String, Option<(String, String)>)>,
    warning: Option<String>,
    path: String,
    about: &'static str,
    plural: &'static str,
    /// Text and address.
    add: Option<(String, String)>,
    is_searchable: bool,
    search_hint: String,
    query: String,
    filters: Vec<Shown>,
    /// Address and text of the link to the counts at the filters.
    facets: (String, &'static str),
    chips: Vec<Chip>,
    kept: Vec<(&'static str, String)>,
    hierarchy: Option<Hierarchy>,
    headers: Vec<Header>,
    rows: Vec<ListedRow>,
    count: String,
    previous: Option<String>,
    next: Option<String>,
    actions: Vec<(&'static str, &'static str)>,
    export: String,
    form_token: String,
}

/// The text of a cell, of a length that a table bears.
pub(crate) fn cell(row: &Row, column: &'static Column, reader: &Reader) -> Cell {
    let language = reader.person.language;
    let mut text = match row.label(column.name) {
        Some(label) => label.to_owned(),
        None => row
            .get(column.name)
            .show(&column.kind, language, &reader.person.account.time_zone),
    };
    if text.chars().count() > CELL {
        text = text.chars().take(CELL).chain(['…']).collect();
    }
    Cell {
        label: column.label.of(language),
        text,
        class: match column.kind {
            Kind::Integer | Kind::Decimal => "text-right",
            Kind::Timestamp | Kind::Date => "cw-time",
            _ => "",
        },
    }
}

pub(crate) fn row_address(model: &'static Model, row: &Row) -> String {
    address(model.key.iter().map(|name| row.get(name)))
}

/// Where a page stands: the admin, the service, the model; label and link.
pub(crate) fn crumbs(model: &'static Model, reader: &Reader) -> Vec<(String, String)> {
    let language = reader.person.language;
    vec![
        (
            reader.t("Admin", "Administración").to_owned(),
            "/admin".to_owned(),
        ),
        (
            crate::index::service_label(model.service, language).to_owned(),
            format!("/admin/{}", model.service),
        ),
        (model.plural.of(language).to_owned(), model.path()),
    ]
}

pub(crate) async fn show(
    model: &'static Model,
    reader: Reader,
    cx: Context,
    RawQuery(query): RawQuery,
) -> app::Result<Response> {
    let params = Params::read(RawQuery(query));
    let language = reader.person.language;
    let mut tx = reader.begin(&cx).await?;
    let place = place(&reader, tx.now());
    let asked = Asked::read(model, &params, place);
    let position = paging::position(model, asked.ordering, &params);
    let mut warning = asked.is_misunderstood.then(|| {
        reader
            .t(
                "A filter of this address is not known here, and was left out.",
                "Un filtro de esta dirección no existe aquí y se ha omitido.",
            )
            .to_owned()
    });
    let told = match position {
        Some(_) => params.get(ABOUT).and_then(|text| text.parse().ok()),
        None => None,
    };
    let told = told.filter(|about| *about > COUNTED);
    let answers = answers(model, &reader, &mut tx, &asked, position.as_ref(), told, place).await?;
    let count = match &answers {
        Some(answers) => {
            let conditions = &asked.conditions;
            let is_first_page = position.is_none();
            Some(count(model, &reader, &mut tx, conditions, answers, is_first_page).await?)
        }
        None => {
            let text = reader.t(
                "This search took too long and was stopped. Narrow it by a date or another filter.",
                "Esta búsqueda tardó demasiado y se detuvo. Acótela por fecha o con otro filtro.",
            );
            warning = Some(text.to_owned());
            None
        }
    };
    let about = match count {
        Some(Count::About(about)) => Some(about.to_string()),
        _ => None,
    };
    let is_answered = answers.is_some();
    let Answers {
        mut rows,
        lists,
        ends,
        ..
    } = answers.unwrap_or_default();
    let mut asked = asked.with(model, &lists, ends, &params, place);
    // Last: where it takes too long, the transaction is over.
    if facets::are_asked(&params)
        && is_answered
        && !facets::count(model, &reader, &mut tx, &mut asked.filters, &params, place).await?
    {
        let text = reader.t(
            "Counting at the filters took too long and was stopped. Narrow the list by a date first.",
            "El recuento de los filtros tardó demasiado y se detuvo. Acote antes la lista por fecha.",
        );
        warning = Some(text.to_owned());
    }
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let is_before = position.as_ref().is_some_and(|position| position.is_before);
    if is_before {
        rows.reverse();
    }
    let edge = |row: Option<&Row>, name: &str, other: &str| {
        row.map(|row| {
            let cursor = paging::cursor(model, asked.ordering, row);
            params.link(&[
                (name, Some(&cursor)),
                (ABOUT, about.as_deref()),
                (other, None),
                ("done", None),
            ])
        })
    };
    let has_next = if is_before { true } else { has_more };
    let has_previous = if is_before { has_more } else { position.is_some() };
    let next = edge(rows.last().filter(|_| has_next), "after", "before");
    let previous = edge(rows.first().filter(|_| has_previous), "before", "after");
    let headers = asked
        .columns
        .iter()
        .map(|column| header(column, asked.ordering, &params, language))
        .collect();
    let listed = rows
        .iter()
        .map(|row| ListedRow {
            address: row_address(model, row),
            title: row.title.clone(),
            cells: asked
                .columns
                .iter()
                .map(|column| cell(row, column, &reader))
                .collect(),
        })
        .collect();
    let kept = ["o", "_extra", "year", "month", "day", facets::PARAMETER]
        .into_iter()
        .filter_map(|name| Some((name, params.get(name)?.to_owned())))
        .collect();
    let page = ListPage {
        page: Page::new(language, model.plural.of(language)).with_query(&params.with(&[("lang", None)])),
        menu: reader.person.menu("/admin")?,
        crumbs: crumbs(model, &reader),
        message: crate::message(model, &reader, &params),
        warning,
        path: model.path(),
        about: model.about.of(language),
        plural: model.plural.of(language),
        add: add(model, &reader),
        is_searchable: !model.search_fields.is_empty(),
        search_hint: search_hint(model, language),
        query: params.get("q").unwrap_or_default().to_owned(),
        chips: chips(&asked, &params, &reader),
        filters: asked.filters,
        facets: facets::link(&params, language),
        kept,
        hierarchy: asked.hierarchy,
        headers,
        rows: listed,
        count: count.map_or_else(|| "?".to_owned(), |count| count.say(language)),
        previous,
        next,
        actions: model
            .actions
            .iter()
            .filter(|action| reader.may(action.permission))
            .map(|action| (action.name, action.label.of(language)))
            .collect(),
        export: format!("{}/export.csv?{}", model.path(), params.first_page(&[])),
        form_token: reader.person.token.form_token()?,
    };
    html(StatusCode::OK, &page)
}

/// The link to where this reader adds a row: its text and address.
pub(crate) fn add(model: &'static Model, reader: &Reader) -> Option<(String, String)> {
    let address = match model.elsewhere {
        Some(path) => format!("{path}/new"),
        None if reader.may_at_all(model.add) => format!("{}/add", model.path()),
        None => return None,
    };
    Some((add_label(model, reader), address))
}

pub(crate) fn add_label(model: &'static Model, reader: &Reader) -> String {
    let label = model.label.of(reader.person.language).to_lowercase();
    format!("{} {label}", reader.t("Add", "Añadir:"))
}

fn search_hint(model: &'static Model, language: Language) -> String {
    let names: Vec<String> = model
        .search_fields
        .iter()
        .filter_map(|name| model.column(name))
        .map(|column| column.label.of(language).to_lowercase())
        .collect();
    let begins = app::page::pick(language, "The beginning of", "El comienzo de");
    format!("{begins} {}", names.join(", "))
}

fn header(column: &'static Column, present: Ordering, params: &Params, language: Language) -> Header {
    let is_present = column.name == present.column;
    let next = match is_present && !present.is_descending {
        true => format!("-{}", column.name),
        false => column.name.to_owned(),
    };
    Header {
        label: column.label.of(language),
        sort: column
            .is_sortable
            .then(|| format!("?{}", params.first_page(&[("o", Some(&next))]))),
        sorted: is_present.then_some(if present.is_descending {
            "descending"
        } else {
            "ascending"
        }),
    }
}

fn chips(asked: &Asked, params: &Params, reader: &Reader) -> Vec<Chip> {
    let mut chips = Vec::new();
    let without = |names: &[&str]| {
        let changes: Vec<(&str, Option<&str>)> = names.iter().map(|name| (*name, None)).collect();
        format!("?{}", params.first_page(&changes))
    };
    if let Some(query) = params.get("q") {
        chips.push(Chip {
            text: format!("{}: {query}", reader.t("Search", "Búsqueda")),
            without: without(&["q"]),
        });
    }
    for filter in &asked.filters {
        if let Some(said) = &filter.said {
            chips.push(Chip {
                text: format!("{}: {said}", filter.label),
                without: without(&[filter.name]),
            });
        }
    }
    let dates: Vec<String> = asked
        .hierarchy
        .iter()
        .flat_map(|hierarchy| hierarchy.above.iter().skip(1))
        .map(|step| step.label.clone())
        .collect();
    if !dates.is_empty() {
        chips.push(Chip {
            text: dates.join(" "),
            without: without(&["year", "month", "day"]),
        });
    }
    chips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_exactly_as_they_are_known() {
        assert_eq!(Count::Exactly(999).say(Language::En), "999");
        assert_eq!(Count::Exactly(1_000).say(Language::En), "1,000");
        assert_eq!(Count::About(1_234_567).say(Language::En), "about 1,200,000");
        assert_eq!(Count::About(998_700).say(Language::Es), "unas 1,000,000");
        assert_eq!(Count::About(1_001).say(Language::En), "about 1,000");
    }
}
