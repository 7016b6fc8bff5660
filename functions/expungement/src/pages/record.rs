//! `/expungement/record`: a record with its verdicts, the questions it raises, and what can be done about it.
//!
//! Each button sends the whole page: the answers chosen so far, the view, and one action. The form of a case or a charge is a
//! page of its own ([`super::edit`]), so that there is one thing to do at a time.

use app::{
    Context, Error, Fields, Kind, Locale, OpenApiRouter, Page, SameSite,
    page::{html, pick},
};
use askama::Template;
use axum::{
    extract::State as Cx,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::{
    expungement::{
        Case, Edits, Options, Record, Refusal, edits,
        when::{display_day, parse_us_date},
    },
    person::Language,
};
use jiff::civil::Date;

use super::{
    questions::{BadAnswer, take_answers},
    source,
    state::State,
    view::{RecordView, anchor},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/expungement/record", get(nothing_to_show).post(update))
        .route(
            "/expungement/record/edit",
            get(nothing_to_show).post(super::edit::edit),
        )
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    page: Page,
    /// The hidden field.
    state: String,
    demo: bool,
    names: String,
    day: String,
    today: String,
    hide_traffic: bool,
    /// For the summary at the top: the id of the input, and what is wrong.
    errors: Vec<(String, String)>,
    view: RecordView,
}

/// A record is reached by a form only; a reload or a bookmark without it begins a search.
async fn nothing_to_show(Locale(language): Locale) -> Response {
    Redirect::to(&format!("/expungement/search?lang={}", language.as_str())).into_response()
}

async fn update(
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
    let (errors, bad) = absorb(&mut state, &found, &fields, clock, language)?;
    let options = state.options(clock, language);
    act(&mut state, &found, options, fields.text("do"))?;
    show(&state, &found, options, errors, &bad)
}

/// What is wrong with inputs of the page: the id of each, and the words.
type InputErrors = Vec<(String, String)>;

/// Takes what the page itself says, whatever button was pressed: the view, and the answers chosen so far.
///
/// # Errors
/// `Invalid` where an edit does not fit what was found.
pub(super) fn absorb(
    state: &mut State,
    found: &[Case],
    fields: &Fields,
    clock: Date,
    language: Language,
) -> Result<(InputErrors, Vec<BadAnswer>), Error> {
    let mut errors = Vec::new();
    if fields.values().contains_key("options") {
        state.hide_traffic = fields.text("hide_traffic") == "true";
        take_day(state, fields.text("today"), language, &mut errors);
    }
    let options = state.options(clock, language);
    let bad = take_answers(state, found, options, fields)?;
    Ok((errors, bad))
}

/// The page of a record as `state` has it.
///
/// # Errors
/// `Invalid` where an edit does not fit the record, or there are more than a page can carry.
pub(super) fn show(
    state: &State,
    found: &[Case],
    options: Options,
    mut errors: InputErrors,
    bad: &[BadAnswer],
) -> app::Result<Response> {
    let language = options.language;
    state.check_size(language)?;
    for bad in bad {
        errors.push((
            format!("{}-0", anchor("answer", &bad.charge)),
            format!("{}: {}", bad.charge, bad.message),
        ));
    }
    let view = with_record(found, &state.edits, options, |record| {
        RecordView::of(record, state, bad)
    })?;
    let mut title = pick(language, "Record", "Historial").to_owned();
    if !errors.is_empty() {
        title = format!("Error: {title}");
    }
    html(
        if errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        },
        &RecordPage {
            page: Page::new(language, title),
            state: state.write(),
            demo: state.demo,
            names: state.names(),
            day: display_day(options.today, language).to_string(),
            today: state.today.clone(),
            hide_traffic: state.hide_traffic,
            errors,
            view,
        },
    )
}

/// Applies the edits, judges, and hands the record on.
///
/// # Errors
/// `Invalid` where an edit does not fit what was found.
pub(super) fn with_record<T>(
    found: &[Case],
    edits: &Edits,
    options: Options,
    use_record: impl FnOnce(&Record) -> T,
) -> Result<T, Error> {
    let judged = edits::apply(found, edits, options).and_then(|cases| {
        let record = Record::judge(&cases, options)?;
        Ok(use_record(&record))
    });
    judged.map_err(|refusal| refused(&refusal, options.language))
}

pub(super) fn refused(refusal: &Refusal, language: Language) -> Error {
    let text = match refusal {
        Refusal::NotFound { .. } => pick(
            language,
            "The record has changed: something that you edited is no longer in it. Please search again.",
            "El historial ha cambiado: algo que usted editó ya no está. Busque de nuevo.",
        ),
        _ => pick(
            language,
            "One of your changes does not fit the record. Go back and undo it.",
            "Uno de sus cambios no encaja en el historial. Vuelva atrás y deshágalo.",
        ),
    };
    Error::new(Kind::Invalid, "edit", text)
}

fn take_day(state: &mut State, typed: &str, language: Language, errors: &mut InputErrors) {
    let typed = typed.trim();
    if typed.is_empty() || parse_us_date(typed).is_some() {
        state.today = typed.to_owned();
    } else {
        errors.push((
            "today".to_owned(),
            pick(
                language,
                "Day of the analysis: enter a date such as 4/28/2026.",
                "Día del análisis: escriba una fecha como 4/28/2026.",
            )
            .to_owned(),
        ));
    }
}

/// One button: what to do, and with which case or charge.
fn act(state: &mut State, found: &[Case], options: Options, action: &str) -> Result<(), Error> {
    let (verb, id) = action.split_once(':').unwrap_or((action, ""));
    let before = state.edits.clone();
    // Case number and charges of the charge `id`.
    let home_of = |id: &str| {
        with_record(found, &before, options, |record| {
            record
                .every_case()
                .find(|case| {
                    case.charges
                        .iter()
                        .any(|charge| charge.charge.ambiguous_charge_id == id)
                })
                .map(|case| {
                    let charges = case.charges.iter();
                    (
                        case.case.case_number.clone(),
                        charges
                            .map(|charge| charge.charge.ambiguous_charge_id.clone())
                            .collect::<Vec<_>>(),
                    )
                })
        })
    };
    match verb {
        "remove-case" => state.remove_case(id),
        "restore-case" => state.restore_case(id),
        "remove-charge" | "restore-charge" => {
            let Some((number, charges)) = home_of(id)? else {
                return Ok(());
            };
            if verb == "remove-charge" {
                state.remove_charge(&number, id);
            } else {
                state.restore_charge(&number, id, &charges);
            }
        }
        "dismiss-restitution" => {
            let owing = with_record(found, &before, options, |record| {
                let cases = record.every_case().filter(|case| case.case.restitution);
                cases
                    .filter(|case| !case.is_deleted())
                    .map(|case| case.case.case_number.clone())
                    .collect::<Vec<_>>()
            })?;
            for number in owing {
                state.dismiss_restitution(&number);
            }
        }
        _ => {}
    }
    Ok(())
}
