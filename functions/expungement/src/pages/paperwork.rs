//! `/expungement/paperwork`: what to file, where, and the forms to print: summary, packet of motions, waivers of fines. Without a
//! record it is the guide: how filing goes in each county.
//!
//! Fields left empty are no error, as the forms can be finished by hand; they are named once before the packet is made.

use app::{
    Context, Error, Fields, Locale, OpenApiRouter, Page, SameSite,
    page::{Form, html, pick},
};
use askama::Template;
use axum::{
    extract::State as Cx,
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use domain::{
    expungement::{Case, Options, Record, counties, outlook::Outlook, paperwork, when::display_day},
    person::Language,
};
use ports::FieldError;

use super::{
    paperwork_form::{Typed, forms},
    record, source,
    state::State,
    view::money,
};
use crate::{
    analysis,
    papers::{kept::Wanted, make, respond},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/expungement/paperwork", get(guide).post(post))
}

#[derive(Template)]
#[template(path = "paperwork.html")]
struct PaperworkPage {
    page: Page,
    state: String,
    names: String,
    /// County and case number.
    motions: Vec<(String, String)>,
    with_conviction: bool,
    counties: Vec<CountyView>,
    /// The days to come: the day, and the cases that can be filed from then on.
    days: Vec<(String, Vec<DayView>)>,
    /// Case number, county and amount of what can be waived.
    waivable: Vec<(String, String, String)>,
    /// Owed in Multnomah, where the motion does not apply.
    not_waivable: bool,
    form: Form,
    waiver: Form,
    /// Fields that were left empty: named once.
    warnings: Vec<String>,
    /// The button that was pressed when they were.
    pending: &'static str,
}

struct DayView {
    number: String,
    county: String,
    /// What must be paid first; empty where nothing is owed.
    owed: String,
}

struct CountyView {
    name: String,
    months: u8,
    note: &'static str,
    prosecutor: String,
}

impl CountyView {
    fn of(name: &str, language: Language) -> Self {
        let county = counties::named(name);
        Self {
            name: name.to_owned(),
            months: county.map_or(counties::USUAL_WAIT_MONTHS, |county| county.wait_months),
            note: county
                .and_then(|county| county.note)
                .map_or("", |note| note.in_language(language)),
            prosecutor: paperwork::address_of(name)
                .map(|address| address.as_line().replace(" - ", ", "))
                .unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "filing.html")]
struct FilingPage {
    page: Page,
    with_conviction: bool,
    counties: Vec<CountyView>,
}

/// Without a record: how filing goes, and every county.
async fn guide(Locale(language): Locale) -> app::Result<Response> {
    html(
        StatusCode::OK,
        &FilingPage {
            page: Page::new(language, pick(language, "How to file", "Cómo presentarlo")),
            with_conviction: true,
            counties: counties::all()
                .map(|county| CountyView::of(county.name, language))
                .collect(),
        },
    )
}

async fn post(
    Cx(cx): Cx<Context>,
    Locale(language): Locale,
    _: SameSite,
    headers: HeaderMap,
    fields: Fields,
) -> app::Result<Response> {
    let mut state = State::read(&fields, language)?;
    let clock = source::today(&cx);
    let found = match source::found(&cx, &headers, &state, language).await? {
        Ok(cases) => cases,
        Err(instead) => return Ok(instead),
    };
    // Coming from the page of the record.
    record::absorb(&mut state, &found, &fields, clock, language)?;
    let options = state.options(clock, language);
    let typed = Typed::read(&fields, language);
    let search = state.as_search();
    let (action, confirmed) = match fields.text("do").split_once('!') {
        Some((action, _)) => (action, true),
        None => (fields.text("do"), false),
    };
    let mut warnings = Vec::new();
    let mut pending = "";
    match action {
        "summary" => {
            let file = make::summary(&found, &search, options)?;
            return respond::file(
                "application/pdf",
                respond::Disposition::Inline,
                &file.name,
                file.bytes,
            );
        }
        "calendar" => {
            let cases = analysis::edited(&found, &state.edits, options)?;
            let outlook =
                Outlook::of(&cases, options).map_err(|refusal| record::refused(&refusal, language))?;
            let calendar = outlook.to_ics(language).into_bytes();
            return respond::file(
                "text/calendar; charset=utf-8",
                respond::Disposition::Attachment,
                "record.ics",
                calendar,
            );
        }
        "packet" if typed.errors.is_empty() => {
            warnings = typed.empty(true, language);
            pending = "packet";
            if warnings.is_empty() || confirmed {
                let (packet, summary) = make::motions(&found, &search, &typed.user, options)?;
                return respond::packet(&cx, Wanted::Motions, &packet, Some(summary), language).await;
            }
        }
        "waiver" if typed.errors.is_empty() => {
            warnings = typed.empty(false, language);
            pending = "waiver";
            if warnings.is_empty() || confirmed {
                let packet = make::waivers(&found, &search, &typed.user, &typed.waiver, options)?;
                return respond::packet(&cx, Wanted::Waivers, &packet, None, language).await;
            }
        }
        _ => {}
    }
    show(&state, &found, options, &fields, &typed.errors, warnings, pending)
}

fn show(
    state: &State,
    found: &[Case],
    options: Options,
    fields: &Fields,
    errors: &[FieldError],
    warnings: Vec<String>,
    pending: &'static str,
) -> app::Result<Response> {
    let language = options.language;
    let (form, waiver) = forms(language, fields, errors);
    let title = pick(language, "Paperwork", "Trámites");
    let failed = !form.errors.is_empty() || !waiver.errors.is_empty();
    let (status, title) = if failed {
        (StatusCode::BAD_REQUEST, format!("Error: {title}"))
    } else {
        (StatusCode::OK, title.to_owned())
    };
    let days = days_to_come(state, found, options)?;
    let page = record::with_record(found, &state.edits, options, |record| {
        let motions = paperwork::motions(record);
        let owing: Vec<_> = record
            .cases
            .iter()
            .filter(|case| !case.is_deleted() && case.case.balance_due_in_cents > 0)
            .collect();
        let is_multnomah = |county: &str| county.eq_ignore_ascii_case("multnomah");
        PaperworkPage {
            page: Page::new(language, title),
            state: state.write(),
            names: state.names(),
            counties: county_views(record, language),
            days,
            with_conviction: motions.iter().any(paperwork::Motion::has_conviction),
            motions: motions
                .iter()
                .map(|motion| {
                    (
                        motion.case.case.location.clone(),
                        motion.case.case.case_number.clone(),
                    )
                })
                .collect(),
            waivable: owing
                .iter()
                .filter(|case| !is_multnomah(&case.case.location))
                .map(|case| {
                    let case = case.case;
                    (
                        case.case_number.clone(),
                        case.location.clone(),
                        money(case.balance_due_in_cents),
                    )
                })
                .collect(),
            not_waivable: owing.iter().any(|case| is_multnomah(&case.case.location)),
            form,
            waiver,
            warnings,
            pending,
        }
    })?;
    html(status, &page)
}

/// When more can be filed, if nothing else happens until then.
fn days_to_come(
    state: &State,
    found: &[Case],
    options: Options,
) -> Result<Vec<(String, Vec<DayView>)>, Error> {
    let cases = analysis::edited(found, &state.edits, options)?;
    let outlook =
        Outlook::of(&cases, options).map_err(|refusal| record::refused(&refusal, options.language))?;
    let days = outlook.days.into_iter().filter(|day| !day.cases.is_empty());
    Ok(days
        .map(|day| {
            let cases = day.cases.into_iter().map(|case| {
                let balance = cases
                    .iter()
                    .map(AsRef::<Case>::as_ref)
                    .find(|one| one.case_number == case.case_number)
                    .map_or(0, |one| one.balance_due_in_cents);
                DayView {
                    number: case.case_number,
                    county: case.county,
                    owed: if balance > 0 {
                        money(balance)
                    } else {
                        String::new()
                    },
                }
            });
            (
                display_day(day.date, options.language).to_string(),
                cases.collect(),
            )
        })
        .collect())
}

/// The counties of the record, each once, by name.
fn county_views(record: &Record, language: Language) -> Vec<CountyView> {
    let mut names: Vec<&str> = record
        .cases
        .iter()
        .filter(|case| !case.is_deleted())
        .map(|case| case.case.location.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| CountyView::of(name, language))
        .collect()
}
