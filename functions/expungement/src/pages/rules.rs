//! `/expungement/rules`: the manual of the rules, written by the rules themselves: nothing here can differ from the analysis.

use app::{
    Context, Locale, OpenApiRouter, Page,
    page::{html, pick},
};
use askama::Template;
use axum::{http::StatusCode, response::Response, routing::get};
use domain::{
    expungement::{
        ChargeType,
        charge_types::{EligibilityStatus, Severity},
        disposition::DispositionStatus,
    },
    person::Language,
};

use super::view::status_name;

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/expungement/rules", get(manual))
}

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage {
    page: Page,
    /// Severity and how long a conviction of it waits.
    waits: Vec<(&'static str, String)>,
    types: Vec<TypeView>,
}

struct TypeView {
    anchor: String,
    name: &'static str,
    explanation: &'static str,
    /// How it ended, whether it may be set aside, and the reason; endings of the same answer together.
    outcomes: Vec<(String, &'static str, &'static str, &'static str)>,
    wait: Option<String>,
    blocks: bool,
}

async fn manual(Locale(language): Locale) -> app::Result<Response> {
    let title = pick(language, "The rules", "Las reglas");
    let severities = [
        (
            Severity::FelonyClassA,
            pick(language, "Felony, class A", "Delito grave clase A"),
        ),
        (
            Severity::FelonyClassB,
            pick(language, "Felony, class B", "Delito grave clase B"),
        ),
        (
            Severity::FelonyClassC,
            pick(language, "Felony, class C", "Delito grave clase C"),
        ),
        (
            Severity::MisdemeanorClassA,
            pick(
                language,
                "Misdemeanor, class A or without a class",
                "Delito menor clase A o sin clase",
            ),
        ),
        (
            Severity::MisdemeanorClassB,
            pick(language, "Misdemeanor, class B or C", "Delito menor clase B o C"),
        ),
        (Severity::Violation, pick(language, "Violation", "Infracción")),
    ];
    let mut types: Vec<TypeView> = ChargeType::ALL
        .into_iter()
        .map(|one| type_view(one, language))
        .collect();
    types.sort_by_key(|view| view.name);
    html(
        StatusCode::OK,
        &RulesPage {
            page: Page::new(language, title),
            waits: severities
                .into_iter()
                .map(|(severity, name)| (name, wait_text(severity, language)))
                .collect(),
            types,
        },
    )
}

fn wait_text(severity: Severity, language: Language) -> String {
    match severity.waiting_years() {
        None => pick(language, "never", "nunca").to_owned(),
        Some(1) => pick(language, "1 year", "1 año").to_owned(),
        Some(years) => format!("{years} {}", pick(language, "years", "años")),
    }
}

fn type_view(one: ChargeType, language: Language) -> TypeView {
    let facts = one.facts();
    // No complaint and diversion are answered as a dismissal.
    let endings = [
        DispositionStatus::Convicted,
        DispositionStatus::Dismissed,
        DispositionStatus::Unknown,
        DispositionStatus::Unrecognized,
    ];
    let mut outcomes: Vec<(String, &'static str, &'static str, &'static str)> = Vec::new();
    for ending in endings {
        // A charge of this type cannot have ended so.
        let Some(eligibility) = one.eligibility(ending) else {
            continue;
        };
        let (tone, answer) = match eligibility.status {
            EligibilityStatus::Eligible => ("now", pick(language, "Eligible", "Elegible")),
            EligibilityStatus::NeedsMoreAnalysis => (
                "undecided",
                pick(language, "Needs more analysis", "Requiere más análisis"),
            ),
            EligibilityStatus::Ineligible => ("never", pick(language, "Ineligible", "Inelegible")),
        };
        let reason = eligibility.reason.in_language(language);
        let name = status_name(ending, language);
        match outcomes
            .iter_mut()
            .find(|outcome| outcome.3 == reason && outcome.2 == answer)
        {
            Some(outcome) => outcome.0 = format!("{}; {name}", outcome.0),
            None => outcomes.push((name.to_owned(), tone, answer, reason)),
        }
    }
    let may_be_set_aside = one
        .eligibility(DispositionStatus::Convicted)
        .is_some_and(|eligibility| eligibility.status != EligibilityStatus::Ineligible);
    TypeView {
        anchor: facts.class.to_owned(),
        name: facts.name.in_language(language),
        explanation: facts.explanation.in_language(language),
        outcomes,
        wait: facts
            .severity
            .filter(|_| may_be_set_aside)
            .map(|severity| wait_text(severity, language)),
        blocks: facts.blocks_other_charges,
    }
}
