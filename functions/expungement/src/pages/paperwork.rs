//! `/expungement/paperwork`: what to file, where, and the forms to print: summary, packet of motions, waivers of fines.
//!
//! Fields left empty are no error, as the forms can be finished by hand; they are named once before the packet is made.

use app::{
    Context, Error, Fields, Locale, OpenApiRouter, Page, SameSite,
    page::{Form, FormField, html, pick},
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
        Case, Options, Record, counties,
        outlook::Outlook,
        paperwork::{self, UserInformation, WaiverInformation},
        when::display_day,
    },
    person::Language,
};
use ports::FieldError;

use super::{record, source, state::State, view::money};
use crate::{
    analysis,
    papers::{make, respond},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/expungement/paperwork", get(nothing_to_file).post(post))
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

async fn nothing_to_file(Locale(language): Locale) -> Response {
    Redirect::to(&format!("/expungement/search?lang={}", language.as_str())).into_response()
}

async fn post(
    Cx(cx): Cx<Context>,
    Locale(language): Locale,
    _: SameSite,
    headers: HeaderMap,
    fields: Fields,
) -> app::Result<Response> {
    let mut state = State::read(&fields)?;
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
                return respond::packet(&cx, &packet, Some(summary), language).await;
            }
        }
        "waiver" if typed.errors.is_empty() => {
            warnings = typed.empty(false, language);
            pending = "waiver";
            if warnings.is_empty() || confirmed {
                let packet = make::waivers(&found, &search, &typed.user, &typed.waiver, options)?;
                return respond::packet(&cx, &packet, None, language).await;
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
        .map(|name| {
            let county = counties::named(name);
            CountyView {
                name: name.to_owned(),
                months: county.map_or(counties::USUAL_WAIT_MONTHS, |county| county.wait_months),
                note: county
                    .and_then(|county| county.note)
                    .map_or("", |note| note.in_language(language)),
                prosecutor: paperwork::address_of(name)
                    .map(|address| address.as_line().replace(" - ", ", "))
                    .unwrap_or_default(),
            }
        })
        .collect()
}

/// What the filer typed.
struct Typed {
    user: UserInformation,
    waiver: WaiverInformation,
    errors: Vec<FieldError>,
}

/// Characters of one answer, and of an explanation: far above what the forms have room for.
const MAX_ANSWER: usize = 200;
const MAX_EXPLANATION: usize = 1_000;

impl Typed {
    fn read(fields: &Fields, language: Language) -> Self {
        let mut errors = Vec::new();
        let mut text = |name: &'static str, longest: usize| {
            // A text area sends its line breaks as carriage return and line feed.
            let text = fields.text(name).trim().replace("\r\n", "\n");
            let is_plain = |c: char| !c.is_control() || (c == '\n' && longest == MAX_EXPLANATION);
            if text.chars().count() > longest || !text.chars().all(is_plain) {
                let message = pick(
                    language,
                    "this text is too long.",
                    "este texto es demasiado largo.",
                );
                errors.push(FieldError::new(name, "too_long", message));
                return String::new();
            }
            text
        };
        let user = UserInformation {
            full_name: text("full_name", MAX_ANSWER),
            date_of_birth: text("date_of_birth", MAX_ANSWER),
            mailing_address: text("mailing_address", MAX_ANSWER),
            city: text("city", MAX_ANSWER),
            state: text("state", MAX_ANSWER),
            zip_code: text("zip_code", MAX_ANSWER),
            phone_number: text("phone_number", MAX_ANSWER),
            email_address: text("email_address", MAX_ANSWER),
        };
        let flag = |name: &str| fields.text(name) == "true";
        let waiver = WaiverInformation {
            explain: text("explain", MAX_EXPLANATION),
            explain2: text("explain2", MAX_EXPLANATION),
            snap: flag("snap"),
            ssi: flag("ssi"),
            tanf: flag("tanf"),
            ohp: flag("ohp"),
            custody: flag("custody"),
        };
        for (name, too_long) in ["explain", "explain2"].into_iter().zip(waiver.too_long()) {
            if too_long {
                let message = pick(
                    language,
                    "the form has four lines for this; please shorten it.",
                    "el formulario tiene cuatro líneas para esto; acórtelo.",
                );
                errors.push(FieldError::new(name, "too_long", message));
            }
        }
        Self { user, waiver, errors }
    }

    /// The labels of what is empty or unlikely, to be told once.
    fn empty(&self, for_packet: bool, language: Language) -> Vec<String> {
        let user = &self.user;
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
        let mut warnings: Vec<String> = user_fields(language)
            .into_iter()
            .filter(|field| for_packet || field.name != "email_address")
            .filter(|field| {
                let value = match field.name {
                    "full_name" => &user.full_name,
                    "date_of_birth" => &user.date_of_birth,
                    "mailing_address" => &user.mailing_address,
                    "city" => &user.city,
                    "state" => &user.state,
                    "zip_code" => &user.zip_code,
                    "phone_number" => &user.phone_number,
                    _ => &user.email_address,
                };
                value.is_empty()
            })
            .map(|field| format!("{}: {}", field.label, pick(language, "empty", "vacío")))
            .collect();
        if !user.zip_code.is_empty() && digits(&user.zip_code) < 5 {
            warnings.push(
                pick(
                    language,
                    "ZIP code: has fewer than five digits",
                    "Código postal: tiene menos de cinco dígitos",
                )
                .to_owned(),
            );
        }
        if !user.phone_number.is_empty() && digits(&user.phone_number) < 10 {
            warnings.push(
                pick(
                    language,
                    "Phone: has fewer than ten digits",
                    "Teléfono: tiene menos de diez dígitos",
                )
                .to_owned(),
            );
        }
        if !for_packet && self.waiver.explain.is_empty() {
            let name = pick(language, "What happened", "Qué pasó");
            warnings.push(format!("{name}: {}", pick(language, "empty", "vacío")));
        }
        warnings
    }
}

fn user_fields(language: Language) -> Vec<FormField> {
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let field = |name, label, hint, kind, autocomplete| FormField {
        name,
        label,
        hint,
        kind,
        autocomplete,
        required: true,
        ..FormField::default()
    };
    vec![
        field(
            "full_name",
            t("Full name", "Nombre completo"),
            String::new(),
            "text",
            "name",
        ),
        field(
            "date_of_birth",
            t("Date of birth", "Fecha de nacimiento"),
            t(
                "As the forms show it, for example: 4/28/1986",
                "Como saldrá en los formularios, por ejemplo: 4/28/1986",
            ),
            "text",
            "bday",
        ),
        field(
            "mailing_address",
            t("Mailing address", "Dirección postal"),
            String::new(),
            "text",
            "street-address",
        ),
        field(
            "city",
            t("City", "Ciudad"),
            String::new(),
            "text",
            "address-level2",
        ),
        field(
            "state",
            t("State", "Estado"),
            String::new(),
            "text",
            "address-level1",
        ),
        field(
            "zip_code",
            t("ZIP code", "Código postal"),
            String::new(),
            "text",
            "postal-code",
        ),
        field(
            "phone_number",
            t("Phone", "Teléfono"),
            String::new(),
            "tel",
            "tel-national",
        ),
        field(
            "email_address",
            t("E-mail", "Correo electrónico"),
            String::new(),
            "email",
            "email",
        ),
    ]
}

fn forms(language: Language, fields: &Fields, errors: &[FieldError]) -> (Form, Form) {
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let typed = |name: &str| fields.text(name).to_owned();
    let mut user = Form::default();
    for field in user_fields(language) {
        user.push(field, &typed, errors);
    }
    let mut waiver = Form::default();
    let field = |name, label, hint, kind| FormField {
        name,
        label,
        hint,
        kind,
        autocomplete: "off",
        ..FormField::default()
    };
    let explain = t(
        "What happened, and why you cannot pay",
        "Qué pasó y por qué no puede pagar",
    );
    let explain2 = t(
        "What paying would mean for you",
        "Qué significaría pagar para usted",
    );
    let lines = t(
        "About 360 characters fit on the form",
        "En el formulario caben unos 360 caracteres",
    );
    let benefits = [
        (
            "snap",
            t(
                "I receive food assistance (SNAP)",
                "Recibo ayuda para alimentos (SNAP)",
            ),
        ),
        (
            "ssi",
            t(
                "I receive Supplemental Security Income (SSI)",
                "Recibo Seguridad de Ingreso Suplementario (SSI)",
            ),
        ),
        (
            "tanf",
            t(
                "I receive cash assistance for families (TANF)",
                "Recibo ayuda económica para familias (TANF)",
            ),
        ),
        (
            "ohp",
            t(
                "I have the Oregon Health Plan (OHP)",
                "Tengo el plan de salud de Oregón (OHP)",
            ),
        ),
        ("custody", t("I am in custody", "Estoy bajo custodia")),
    ];
    waiver.push(
        field("explain", explain, lines.clone(), "textarea"),
        &typed,
        errors,
    );
    waiver.push(field("explain2", explain2, lines, "textarea"), &typed, errors);
    for (name, label) in benefits {
        waiver.push(field(name, label, String::new(), "checkbox"), &typed, errors);
    }
    (user, waiver)
}
