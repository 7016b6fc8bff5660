//! The filters of a list, its date hierarchy and its search: what an address asks for as conditions, and the choices that are
//! shown.

use app::time_zone::time_zone;
use domain::person::Language;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use ports::Result;
use store::{Query, TenantId};

use crate::{
    model::{Column, Filter, Kind, Model, Words, words},
    params::Params,
    sql::{self, Condition},
    value::{Value, yes_or_no},
};

/// Rows of a table that a filter lists.
const MOST_CHOICES: i64 = 100;
/// Words of a search.
const MOST_WORDS: usize = 5;

/// One filter as it is shown.
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// Code and label; the first of them is "all" unless the filter has a default of its own.
    pub(crate) choices: Vec<(String, String)>,
    /// The code that is chosen; empty: none.
    pub(crate) chosen: String,
    /// What is chosen in words, where it narrows the list.
    pub(crate) said: Option<String>,
}

/// Whether a choice's code narrows nothing.
pub(crate) fn is_all(code: &str) -> bool {
    code.is_empty() || code == "all"
}

/// What a list is narrowed to.
#[derive(Default)]
pub(crate) struct Narrowed {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) filters: Vec<Shown>,
    /// Values that are none of a filter's choices: the list says so and shows all.
    pub(crate) is_misunderstood: bool,
}

const PERIODS: [(&str, Words); 4] = [
    ("today", words("Today", "Hoy")),
    ("week", words("Past 7 days", "Últimos 7 días")),
    ("month", words("This month", "Este mes")),
    ("year", words("This year", "Este año")),
];
const PRESENT: [(&str, Words); 2] = [("yes", words("Yes", "Sí")), ("no", words("No", "No"))];

fn chosen_of(list: &[(&'static str, Words)], code: Option<&str>) -> Option<(&'static str, Words)> {
    let code = code?;
    list.iter().find(|(known, _)| *known == code).copied()
}

/// Where somebody reads, and when.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) language: Language,
    pub(crate) zone: &'a str,
    pub(crate) now: Timestamp,
}

/// Lists of what references may lead to, by filter: read with everything else that a list asks, and shown after it.
pub(crate) type Lists = Vec<(&'static str, Vec<(String, String)>)>;

/// The statements of those lists.
pub(crate) fn lists(model: &'static Model, tenant: Option<TenantId>) -> Vec<(&'static str, Query)> {
    model
        .list_filter
        .iter()
        .filter_map(|filter| match filter {
            Filter::Column(name) => model.column(name),
            _ => None,
        })
        .filter_map(|column| match column.kind {
            Kind::Reference(to) => Some((column.name, sql::lookup(to, tenant, "", MOST_CHOICES))),
            _ => None,
        })
        .collect()
}

/// What an address asks for. What it narrows to does not depend on the lists: they are only shown.
pub(crate) fn narrow(model: &'static Model, lists: &Lists, params: &Params, place: Place<'_>) -> Narrowed {
    let mut narrowed = Narrowed::default();
    for filter in model.list_filter {
        let shown = match filter {
            Filter::Column(name) => column_filter(model, name, lists, params, place, &mut narrowed),
            Filter::Present(name) => present_filter(model, name, params, place, &mut narrowed),
            Filter::Date(name) => date_filter(model, name, params, place, &mut narrowed),
            Filter::Named(named) => {
                let asked = params.get(named.name).or(named.default);
                let found = named.choices.iter().find(|(code, ..)| Some(*code) == asked);
                narrowed.is_misunderstood |= asked.is_some_and(|code| code != "all") && found.is_none();
                narrowed
                    .conditions
                    .extend(found.map(|(_, _, text)| Condition::Sql(text)));
                let all = match named.default {
                    Some(_) => "all",
                    None => "",
                };
                let all = (
                    all.to_owned(),
                    words("All", "Todos").of(place.language).to_owned(),
                );
                let own = named
                    .choices
                    .iter()
                    .map(|(code, label, _)| ((*code).to_owned(), label.of(place.language).to_owned()));
                Some(Shown {
                    name: named.name,
                    label: named.label.of(place.language),
                    choices: std::iter::once(all).chain(own).collect(),
                    chosen: asked.unwrap_or_default().to_owned(),
                    said: found
                        .filter(|(code, ..)| Some(*code) != named.default)
                        .map(|(_, label, _)| label.of(place.language).to_owned()),
                })
            }
        };
        narrowed.filters.extend(shown);
    }
    narrowed
}

fn shown(
    column: &'static Column,
    name: &'static str,
    list: Vec<(String, String)>,
    chosen: Option<&str>,
    language: Language,
) -> Shown {
    let all = (String::new(), words("All", "Todos").of(language).to_owned());
    Shown {
        name,
        label: column.label.of(language),
        said: chosen.and_then(|code| {
            list.iter()
                .find(|(known, _)| known == code)
                .map(|(_, l)| l.clone())
        }),
        choices: std::iter::once(all).chain(list).collect(),
        chosen: chosen.unwrap_or_default().to_owned(),
    }
}

fn in_words(list: &[(&'static str, Words)], language: Language) -> Vec<(String, String)> {
    list.iter()
        .map(|(code, label)| ((*code).to_owned(), label.of(language).to_owned()))
        .collect()
}

fn column_filter(
    model: &'static Model,
    name: &'static str,
    lists: &Lists,
    params: &Params,
    place: Place<'_>,
    narrowed: &mut Narrowed,
) -> Option<Shown> {
    let column = model.column(name)?;
    let asked = params.get(name);
    let value = asked.and_then(|code| Value::from_plain(code, &column.kind));
    let (mut list, is_known) = match column.kind {
        Kind::Choice(choices) => {
            let list = in_words(choices, place.language);
            let is_known = asked.is_none_or(|code| list.iter().any(|(known, _)| known == code));
            (list, is_known)
        }
        Kind::Boolean => {
            let list = [true, false]
                .map(|truth| (truth.to_string(), yes_or_no(truth).of(place.language).to_owned()));
            (list.to_vec(), asked.is_none() || value.is_some())
        }
        // A row that is none, or not theirs, has no rows of its own here: the list is empty then.
        _ => {
            let list = lists.iter().find(|(known, _)| *known == name);
            let list = list.map_or_else(Vec::new, |(_, list)| list.clone());
            (list, asked.is_none() || value.is_some())
        }
    };
    let chosen = asked.filter(|_| is_known);
    narrowed.is_misunderstood |= !is_known;
    if let Some((code, value)) = chosen.zip(value) {
        if !list.iter().any(|(known, _)| known == code) {
            list.push((code.to_owned(), code.to_owned()));
        }
        narrowed.conditions.push(Condition::Is(column, value));
    }
    Some(shown(column, name, list, chosen, place.language))
}

fn present_filter(
    model: &'static Model,
    name: &'static str,
    params: &Params,
    place: Place<'_>,
    narrowed: &mut Narrowed,
) -> Option<Shown> {
    let column = model.column(name)?;
    let chosen = chosen_of(&PRESENT, params.get(name));
    narrowed.is_misunderstood |= params.get(name).is_some() && chosen.is_none();
    narrowed
        .conditions
        .extend(chosen.map(|(code, _)| Condition::IsNull(column, code == "no")));
    let code = chosen.map(|(code, _)| code);
    Some(shown(
        column,
        name,
        in_words(&PRESENT, place.language),
        code,
        place.language,
    ))
}

fn date_filter(
    model: &'static Model,
    name: &'static str,
    params: &Params,
    place: Place<'_>,
    narrowed: &mut Narrowed,
) -> Option<Shown> {
    let column = model.column(name)?;
    let chosen = chosen_of(&PERIODS, params.get(name));
    narrowed.is_misunderstood |= params.get(name).is_some() && chosen.is_none();
    if let Some((code, _)) = chosen {
        let zone = time_zone(place.zone);
        let today = place.now.to_zoned(zone.clone()).date();
        let first = match code {
            "today" => today,
            "week" => today.saturating_sub(7.days()),
            "month" => today.first_of_month(),
            _ => today.first_of_year(),
        };
        if let Some(from) = moment(column, first, &zone) {
            narrowed.conditions.push(Condition::Within(column, from, None));
        }
    }
    let code = chosen.map(|(code, _)| code);
    Some(shown(
        column,
        name,
        in_words(&PERIODS, place.language),
        code,
        place.language,
    ))
}

/// The beginning of a day, as the column keeps it.
fn moment(column: &Column, day: Date, zone: &TimeZone) -> Option<Value> {
    match column.kind {
        Kind::Date => Some(Value::Date(day)),
        _ => day
            .to_zoned(zone.clone())
            .ok()
            .map(|zoned| Value::Timestamp(zoned.timestamp())),
    }
}

/// The words of a search, as conditions that each must hold.
pub(crate) fn search(model: &'static Model, params: &Params) -> Vec<Condition> {
    match params.get("q") {
        Some(text) if !model.search_fields.is_empty() => text
            .split_whitespace()
            .take(MOST_WORDS)
            .map(|word| Condition::Word(word.replace('\0', "")))
            .filter(|condition| !matches!(condition, Condition::Word(word) if word.is_empty()))
            .collect(),
        _ => Vec::new(),
    }
}

/// A step of the date hierarchy: label and link.
pub(crate) struct Step {
    pub(crate) label: String,
    pub(crate) href: String,
}

/// The date hierarchy as it is shown.
#[derive(Default)]
pub(crate) struct Hierarchy {
    pub(crate) label: &'static str,
    /// What was chosen, from the year down, each leading back to itself; the first leads to all.
    pub(crate) above: Vec<Step>,
    pub(crate) below: Vec<Step>,
    pub(crate) condition: Option<Condition>,
}

const MONTHS: [Words; 12] = [
    words("January", "enero"),
    words("February", "febrero"),
    words("March", "marzo"),
    words("April", "abril"),
    words("May", "mayo"),
    words("June", "junio"),
    words("July", "julio"),
    words("August", "agosto"),
    words("September", "septiembre"),
    words("October", "octubre"),
    words("November", "noviembre"),
    words("December", "diciembre"),
];

fn month_name(month: i8, language: Language) -> String {
    usize::try_from(month - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .map_or(String::new(), |name| name.of(language).to_owned())
}

/// Years of the hierarchy that are listed.
const MOST_YEARS: i16 = 30;

/// The first and the last day that a table has, for its date hierarchy.
pub(crate) type Ends = Option<(Date, Date)>;

/// Reads an answer of [`sql::extent`].
pub(crate) fn ends(model: &'static Model, rows: &[store::Row], place: Place<'_>) -> Result<Ends> {
    let Some((column, row)) = model
        .date_hierarchy
        .and_then(|name| model.column(name))
        .zip(rows.first())
    else {
        return Ok(None);
    };
    let zone = time_zone(place.zone);
    let end = |name| {
        Ok::<_, ports::Error>(match column.kind {
            Kind::Date => row.get::<Option<Date>>(name)?,
            _ => row
                .get::<Option<Timestamp>>(name)?
                .map(|at| at.to_zoned(zone.clone()).date()),
        })
    };
    Ok(end("first")?.zip(end("last")?))
}

pub(crate) fn hierarchy(
    model: &'static Model,
    ends: Ends,
    params: &Params,
    place: Place<'_>,
) -> Option<Hierarchy> {
    let column = model.date_hierarchy.and_then(|name| model.column(name))?;
    let zone = time_zone(place.zone);
    let part = |name: &str| params.get(name).and_then(|text| text.parse::<i16>().ok());
    let year = part("year").filter(|year| (1..=9998).contains(year));
    let month = part("month")
        .filter(|month| year.is_some() && (1..=12).contains(month))
        .and_then(|month| i8::try_from(month).ok());
    let day = part("day").and_then(|day| i8::try_from(day).ok());
    let mut hierarchy = Hierarchy {
        label: column.label.of(place.language),
        ..Hierarchy::default()
    };
    let step = |label: String, year: Option<i16>, month: Option<i8>, day: Option<i8>| {
        let text = |number: Option<i16>| number.map(|number| number.to_string());
        let (year, month, day) = (text(year), text(month.map(i16::from)), text(day.map(i16::from)));
        Step {
            label,
            href: format!(
                "?{}",
                params.first_page(&[
                    ("year", year.as_deref()),
                    ("month", month.as_deref()),
                    ("day", day.as_deref()),
                ])
            ),
        }
    };
    let span = match (year, month) {
        (Some(year), Some(month)) => Date::new(year, month, 1).ok().map(|first| {
            let chosen = day.and_then(|day| Date::new(year, month, day).ok());
            match chosen {
                Some(day) => (day, day.saturating_add(1.days())),
                None => (first, first.saturating_add(1.months())),
            }
        }),
        (Some(year), None) => Date::new(year, 1, 1)
            .ok()
            .map(|first| (first, first.saturating_add(1.years()))),
        _ => None,
    };
    let all = words("All dates", "Todas las fechas").of(place.language);
    if let Some((first, after)) = span {
        hierarchy.condition = moment(column, first, &zone)
            .zip(moment(column, after, &zone))
            .map(|(from, until)| Condition::Within(column, from, Some(until)));
        hierarchy.above.push(step(all.to_owned(), None, None, None));
        if let Some(year) = year {
            hierarchy
                .above
                .push(step(year.to_string(), Some(year), None, None));
            if let Some(month) = month {
                let name = month_name(month, place.language);
                hierarchy.above.push(step(name, Some(year), Some(month), None));
                if let Some(day) = day {
                    hierarchy
                        .above
                        .push(step(day.to_string(), Some(year), Some(month), Some(day)));
                }
            }
        }
    }
    let Some((first, last)) = ends else {
        return Some(hierarchy);
    };
    // Only what can hold a row is offered: between the first and the last of the table.
    hierarchy.below = match (year, month) {
        (None, _) => (last.year().saturating_sub(MOST_YEARS).max(first.year())..=last.year())
            .rev()
            .map(|year| step(year.to_string(), Some(year), None, None))
            .collect(),
        (Some(year), None) => (1..=12_i8)
            .filter(|month| {
                Date::new(year, *month, 1).is_ok_and(|begin| begin <= last && begin.last_of_month() >= first)
            })
            .map(|month| step(month_name(month, place.language), Some(year), Some(month), None))
            .collect(),
        (Some(year), Some(month)) if day.is_none() => (1..=31_i8)
            .filter(|day| Date::new(year, month, *day).is_ok_and(|date| date >= first && date <= last))
            .map(|day| step(day.to_string(), Some(year), Some(month), Some(day)))
            .collect(),
        _ => Vec::new(),
    };
    Some(hierarchy)
}
