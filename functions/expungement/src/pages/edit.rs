//! `/expungement/record/edit`: the form of one case or charge, and of new ones.
//!
//! The button that leads here names its target in `edit`: `case:<number>`, `charge:<id>`, `new-case`, `new-charge:<case
//! number>`. Saving answers with the page of the record; what is wrong is said on the form.

use app::{
    Context, Error, FieldError, Fields, Locale, Page, SameSite,
    page::{Form, FormField, html, pick},
};
use askama::Template;
use axum::{
    extract::State as Cx,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    expungement::{
        Case, EditStatus, Options, Record, Refusal,
        edits::{self, Scalar},
    },
    person::Language,
};

use super::{
    edit_form::{Target, Typed, form_fields, initial, problem},
    record, source,
    state::State,
};

#[derive(Template)]
#[template(path = "record_edit.html")]
struct EditPage {
    page: Page,
    state: String,
    target: String,
    heading: String,
    intro: String,
    form: Form,
    /// Where "Cancel" goes back to, as a fragment.
    back: String,
}

pub(super) async fn edit(
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
    // Coming from the page of the record; an answer that cannot be taken is asked for again there.
    record::absorb(&mut state, &found, &fields, clock, language)?;
    let options = state.options(clock, language);
    let name = fields.text("edit").to_owned();
    let target = find(&state, &found, options, &name)?;
    let form_page = |fields: Vec<FormField>, typed: &dyn Fn(&str) -> String, errors: &[FieldError]| {
        let mut form = Form::default();
        for field in fields {
            form.push(field, typed, errors);
        }
        form.push_others(errors);
        page(language, &state, &target, name.clone(), form)
    };
    if fields.text("save") != "true" {
        let initial = initial(&target);
        let value = |name: &str| {
            // Back from a switch of the language: what was typed stays.
            if fields.values().contains_key("name") {
                return fields.text(name).to_owned();
            }
            let found = initial.iter().find(|(field, _)| *field == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        return form_page(form_fields(language, &target), &value, &[]);
    }
    let mut changed = state.clone();
    let mut typed = Typed {
        fields: &fields,
        language,
        errors: Vec::new(),
    };
    match &target {
        Target::Case(case) => {
            let edit_status = match case.edit_status {
                EditStatus::Add => EditStatus::Add,
                _ => EditStatus::Update,
            };
            let mut summary = typed.case(edit_status, options);
            if edit_status == EditStatus::Add {
                summary.case_number = Some(Scalar(case.case_number.clone()));
            }
            changed.save_case(&case.case_number, summary);
        }
        Target::NewCase(number) => {
            let mut summary = typed.case(EditStatus::Add, options);
            summary.case_number = Some(Scalar(number.clone()));
            changed.save_case(number, summary);
        }
        Target::Charge(case, charge) => {
            let edit_status = match charge.edit_status {
                EditStatus::Add => EditStatus::Add,
                _ => EditStatus::Update,
            };
            let edit = typed.charge(edit_status, options.clock, Some(charge));
            changed.save_charge(&case.case_number, &charge.ambiguous_charge_id, edit);
        }
        Target::NewCharge(number) => {
            let edit = typed.charge(EditStatus::Add, options.clock, None);
            let id = changed.next_charge_id(number);
            changed.save_charge(number, &id, edit);
        }
    }
    if typed.errors.is_empty()
        && let Err(problem) = try_out(&changed, &found, options)
    {
        typed.errors.push(problem);
    }
    if !typed.errors.is_empty() {
        let value = |name: &str| fields.text(name).to_owned();
        return form_page(form_fields(language, &target), &value, &typed.errors);
    }
    record::show(&changed, &found, options, Vec::new(), &[])
}

/// Whether the rules take what was typed.
fn try_out(state: &State, found: &[Case], options: Options) -> Result<(), FieldError> {
    let language = options.language;
    let judged = edits::apply(found, &state.edits, options)
        .and_then(|cases| Record::judge(&cases, options).map(|_| ()));
    judged.map_err(|refusal| match refusal {
        Refusal::ImpossibleType { .. } => problem(
            "charge_type",
            "impossible_type",
            pick(
                language,
                "a charge that did not end in a conviction cannot be of this type. Choose “Dismissed Criminal Charge”, or let the rules decide.",
                "un cargo que no terminó en condena no puede ser de este tipo. Elija “Cargo penal desestimado” o deje que decidan las reglas.",
            ),
        ),
        _ => problem(
            "name",
            "refused",
            pick(language, "this change does not fit the record.", "este cambio no encaja en el historial."),
        ),
    })
}

/// The case or charge as it is now, earlier edits applied.
fn find(state: &State, found: &[Case], options: Options, name: &str) -> Result<Target, Error> {
    let (kind, id) = name.split_once(':').unwrap_or((name, ""));
    let cases = edits::apply(found, &state.edits, options).map_err(|_| Error::not_found())?;
    let mut cases = cases.iter().map(AsRef::<Case>::as_ref);
    let target = match kind {
        "new-case" => Some(Target::NewCase(state.next_case_number(found))),
        "case" => cases
            .find(|case| case.case_number == id)
            .map(|case| Target::Case(Box::new(case.clone()))),
        "new-charge" => cases
            .find(|case| case.case_number == id)
            .map(|case| Target::NewCharge(case.case_number.clone())),
        "charge" => cases.find_map(|case| {
            let charge = case
                .charges
                .iter()
                .find(|charge| charge.ambiguous_charge_id == id)?;
            Some(Target::Charge(Box::new(case.clone()), Box::new(charge.clone())))
        }),
        _ => None,
    };
    target.ok_or_else(Error::not_found)
}

fn page(
    language: Language,
    state: &State,
    target: &Target,
    name: String,
    form: Form,
) -> app::Result<Response> {
    let t = |english: &str, spanish: &str| pick(language, english, spanish).to_owned();
    let heading = match target {
        Target::Case(case) => t("Change case ", "Cambiar el caso ") + &case.case_number,
        Target::Charge(_, charge) => t("Change charge ", "Cambiar el cargo ") + &charge.ambiguous_charge_id,
        Target::NewCase(_) => t("Add a case", "Añadir un caso"),
        Target::NewCharge(number) => t("Add a charge to case ", "Añadir un cargo al caso ") + number,
    };
    let back = match target {
        Target::Case(case) => super::view::anchor("case", &case.case_number),
        Target::Charge(_, charge) => super::view::anchor("charge", &charge.ambiguous_charge_id),
        Target::NewCase(_) => "cases".to_owned(),
        Target::NewCharge(number) => super::view::anchor("case", number),
    };
    let status = if form.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut title = heading.clone();
    if status != StatusCode::OK {
        title = format!("Error: {title}");
    }
    html(
        status,
        &EditPage {
            page: Page::new(language, title),
            state: state.write(),
            target: name,
            heading,
            intro: t(
                "Your change is for this page only: nothing at the court changes, and nothing is stored.",
                "Su cambio vale solo para esta página: en el tribunal no cambia nada, y no se guarda nada.",
            ),
            form,
            back,
        },
    )
}
