//! Violations that are not known to be traffic: 137.225(5)(c) and (d).

use super::*;

pub(super) static DISMISSED_BUT_HARD: Phrase = phrase(
    "Dismissed violations are eligible under 137.225(1)(b) but administrative reasons may make this difficult to expunge.",
    "Las infracciones desestimadas son elegibles según 137.225(1)(b), pero por razones administrativas puede ser difícil eliminarlas.",
);
static CONVICTED: Phrase = phrase("Eligible under 137.225(5)(c)", "Elegible según 137.225(5)(c)");
static DISMISSED: Phrase = phrase("Eligible under 137.225(1)(b)", "Elegible según 137.225(1)(b)");
static EITHER: Phrase = phrase(
    "Either ineligible under 137.225(7)(a) or eligible under 137.225(5)(c)",
    "Inelegible según 137.225(7)(a) o elegible según 137.225(5)(c)",
);
static INDETERMINATE: Phrase = phrase(
    "A possibly-traffic-related violation with indeterminate disposition needs more information to determine eligibility.",
    "Una infracción quizá de tránsito y sin resolución clara requiere más información.",
);
static REDUCED: Phrase = phrase("Eligible under 137.225(5)(d)", "Elegible según 137.225(5)(d)");
static REDUCED_DISMISSED: Phrase = phrase(
    "Dismissed criminal charge eligible under 137.225(1)(b)",
    "Cargo penal desestimado, elegible según 137.225(1)(b)",
);
static REDUCED_EITHER_WAY: Phrase = phrase(
    "Reduced Violations are always eligible under 137.225(5)(d) for convictions, or 137.225(1)(b) for dismissals",
    "Los cargos reducidos a infracción siempre son elegibles: según 137.225(5)(d) si hubo condena o 137.225(1)(b) si se desestimaron",
);

pub(super) static POSSIBLE_TRAFFIC_VIOLATION: Facts = Facts {
    class: "PossibleTrafficViolation",
    name: phrase("Possible Traffic Violation", "Posible infracción de tránsito"),
    blocks_other_charges: false,
    severity: Some(Severity::Violation),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(NeedsMoreAnalysis, &EITHER)
        .dismissed(NeedsMoreAnalysis, &DISMISSED_BUT_HARD)
        .undecided(NeedsMoreAnalysis, &INDETERMINATE),
    explanation: phrase(
        "Multnomah County's records do not show which violations are traffic. Edit the charge when you know.",
        "Los registros del condado de Multnomah no muestran qué infracciones son de tránsito. Edite el cargo cuando lo sepa.",
    ),
};

pub(super) static REDUCED_TO_VIOLATION: Facts = Facts {
    class: "ReducedToViolation",
    name: phrase("Reduced to Violation", "Reducido a infracción"),
    blocks_other_charges: true,
    severity: Some(Severity::Violation),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &REDUCED)
        .dismissed(Eligible, &REDUCED_DISMISSED)
        .undecided(Eligible, &REDUCED_EITHER_WAY),
    explanation: phrase(
        "A crime reduced to, or treated as, a violation can be set aside one year after conviction.",
        "Un delito reducido a infracción, o tratado como tal, se puede anular al año de la condena.",
    ),
};

pub(super) static VIOLATION: Facts = Facts {
    class: "Violation",
    name: phrase("Violation", "Infracción"),
    blocks_other_charges: true,
    severity: Some(Severity::Violation),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &CONVICTED).dismissed(Eligible, &DISMISSED),
    explanation: phrase(
        "A violation outside traffic can be set aside one year after conviction. The newest one alone makes no other charge wait.",
        "Una infracción que no es de tránsito se puede anular al año. Por sí sola, la más reciente no hace esperar a otros cargos.",
    ),
};

pub(super) fn recognise(charge: &Evidence) -> Option<Classified> {
    if !charge.level_has("violation") {
        return None;
    }
    Some(if charge.county == "multnomah" {
        ChargeType::PossibleTrafficViolation.into()
    } else if charge.name_has("reduced") || charge.name_has("treated as") {
        ChargeType::ReducedToViolation.into()
    } else {
        ChargeType::Violation.into()
    })
}
