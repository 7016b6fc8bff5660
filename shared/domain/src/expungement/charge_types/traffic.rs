//! Traffic: convictions are excluded by 137.225(7)(a), diverted DUII by 137.225(8); a dismissed traffic crime is a dismissal.

use super::*;

static DUII_REASON: Phrase = phrase(
    "Traffic offenses are ineligible under 137.225(7)(a)",
    "Los delitos de tránsito son inelegibles según 137.225(7)(a)",
);
static DIVERTED: Phrase = phrase("Ineligible under 137.225(8)", "Inelegible según 137.225(8)");
static EXCLUDED: Phrase = phrase("Ineligible under 137.225(7)(a)", "Inelegible según 137.225(7)(a)");
static EITHER_WAY: Phrase = phrase(
    "Always ineligible under 137.225(7)(a) (for convictions) or by omission from statute (for dismissals)",
    "Siempre inelegible: según 137.225(7)(a) (si hubo condena) o porque la ley no lo incluye (si se desestimó)",
);

pub(super) static DUII: Facts = Facts {
    class: "Duii",
    name: phrase("DUII", "Conducir bajo influencia (DUII)"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &DUII_REASON),
    explanation: phrase(
        "A conviction of driving under the influence (chapter 813) cannot be set aside.",
        "Una condena por conducir bajo la influencia (capítulo 813) no se puede anular.",
    ),
};

pub(super) static DIVERTED_DUII: Facts = Facts {
    class: "DivertedDuii",
    name: phrase("Diverted DUII", "DUII con desvío"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::always(Ineligible, &DIVERTED),
    explanation: phrase(
        "A DUII dismissed after a diversion programme cannot be set aside; one dismissed for another reason can.",
        "Un DUII desestimado tras un programa de desvío no se puede anular; uno desestimado por otra razón sí.",
    ),
};

pub(super) static TRAFFIC_OFFENSE: Facts = Facts {
    class: "TrafficOffense",
    name: phrase("Traffic Offense", "Delito de tránsito"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &EXCLUDED),
    explanation: phrase(
        "A traffic misdemeanor or felony conviction cannot be set aside, and it makes other charges wait.",
        "Una condena por delito de tránsito, menor o grave, no se puede anular y hace esperar a otros cargos.",
    ),
};

pub(super) static TRAFFIC_VIOLATION: Facts = Facts {
    class: "TrafficViolation",
    name: phrase("Traffic Violation", "Infracción de tránsito"),
    blocks_other_charges: false,
    severity: Some(Severity::Violation),
    hidden_in_summary: true,
    eligibility: ByOutcome::convicted(Ineligible, &EXCLUDED)
        .dismissed(Ineligible, &EITHER_WAY)
        .undecided(Ineligible, &EITHER_WAY),
    explanation: phrase(
        "Traffic violations are never set aside, but they do not make other charges wait.",
        "Las infracciones de tránsito nunca se anulan, pero no hacen esperar a otros cargos.",
    ),
};

/// The vehicle code: chapters 801 to 825, and 481 to 483 before 1985.
pub(super) fn recognise(charge: &Evidence) -> Option<Classified> {
    let chapter = charge
        .statute
        .get(..3)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u16>().ok());
    match chapter {
        Some(813) if charge.dismissed() => return Some(Classified::Ask(Question::CourtOrderedDiversion)),
        Some(813) => return Some(ChargeType::Duii.into()),
        Some(481..=483 | 801..=825) => {
            let is_crime = charge.level_has("felony") || charge.level_has("misdemeanor");
            return Some(match (is_crime, charge.dismissed()) {
                (true, true) => ChargeType::DismissedCharge.into(),
                (true, false) => ChargeType::TrafficOffense.into(),
                (false, _) => ChargeType::TrafficViolation.into(),
            });
        }
        _ => {}
    }
    (charge.name == "pedestrian j-walking" || charge.level_has("infraction"))
        .then(|| ChargeType::TrafficViolation.into())
}
