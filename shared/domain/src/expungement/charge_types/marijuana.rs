//! Marijuana: 137.226 grades old offences as they would be today, 475B.401 clears the small ones at once.

use super::*;

static RECLASSIFIED: Phrase = phrase("Eligible under 137.226", "Elegible según 137.226");
static EITHER_WAY: Phrase = phrase(
    "Always eligible under 137.226 (for convictions) or 137.225(1)(d) (for dismissals)",
    "Siempre elegible: según 137.226 (si hubo condena) o 137.225(1)(d) (si se desestimó)",
);
static SMALL_AMOUNT: Phrase = phrase("Eligible under 475B.401", "Elegible según 475B.401");
static DISMISSED_VIOLATION: Phrase = phrase(
    "Dismissed violations are eligible under 137.225(1)(d)",
    "Las infracciones desestimadas son elegibles según 137.225(1)(d)",
);
static EXCLUDED: Phrase = phrase("Ineligible under 137.226", "Inelegible según 137.226");

pub(super) static MARIJUANA_ELIGIBLE: Facts = Facts {
    class: "MarijuanaEligible",
    name: phrase("Marijuana Eligible", "Marihuana, elegible"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &RECLASSIFIED).undecided(Eligible, &EITHER_WAY),
    explanation: phrase(
        "Under ORS 137.226 an old marijuana offence waits as it is graded now: former class A, B and unclassified felonies like \
         a class C felony, all others like a class A misdemeanor.",
        "Según ORS 137.226, un delito antiguo de marihuana espera como se califica hoy: los graves clase A, B y sin clase como un \
         grave clase C; los demás como un delito menor clase A.",
    ),
};

pub(super) static MARIJUANA_UNDER_21: Facts = Facts {
    class: "MarijuanaUnder21",
    name: phrase(
        "Marijuana Eligible (Below age 21)",
        "Marihuana, elegible (menor de 21 años)",
    ),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &RECLASSIFIED),
    explanation: phrase(
        "Someone under 21 with no other conviction, traffic violations aside, waits one year for a marijuana conviction (137.226).",
        "Quien tenía menos de 21 años y no tiene otra condena, salvo infracciones de tránsito, espera un año (137.226).",
    ),
};

pub(super) static MARIJUANA_VIOLATION: Facts = Facts {
    class: "MarijuanaViolation",
    name: phrase("Marijuana Violation", "Infracción por marihuana"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &SMALL_AMOUNT).dismissed(Eligible, &DISMISSED_VIOLATION),
    explanation: phrase(
        "Possession of less than an ounce, charged as a violation, can be set aside at once and at no cost (475B.401).",
        "La posesión de menos de una onza, como infracción, se puede anular de inmediato y sin costo (475B.401).",
    ),
};

pub(super) static MARIJUANA_MANUFACTURE_DELIVERY: Facts = Facts {
    class: "MarijuanaManufactureDelivery",
    name: phrase(
        "Marijuana Manufacture Delivery",
        "Marihuana, producción o entrega",
    ),
    blocks_other_charges: true,
    severity: Some(Severity::FelonyClassC),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &RECLASSIFIED).undecided(Eligible, &EITHER_WAY),
    explanation: phrase(
        "Making or delivering marijuana counts as a class C felony today and waits as one (137.226).",
        "Producir o entregar marihuana cuenta hoy como delito grave clase C y espera como tal (137.226).",
    ),
};

pub(super) static MARIJUANA_INELIGIBLE: Facts = Facts {
    class: "MarijuanaIneligible",
    name: phrase("Marijuana Ineligible", "Marihuana, inelegible"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &EXCLUDED),
    explanation: phrase(
        "A few offences of the marijuana laws, such as giving it to a minor or using one to deliver it, are outside 137.226.",
        "Algunos delitos de las leyes de marihuana, como darla a un menor o usarlo para entregarla, quedan fuera de 137.226.",
    ),
};

/// Extracts by arson 475B.359, causing ingestion 475B.367, administration to a minor 475B.371, use of a minor 167.262.
const EXCLUDED_SECTIONS: [&str; 4] = ["475B359", "475B367", "475B371", "167262"];
/// Delivery to a minor.
const EXCLUDED_STATUTE: &str = "475B3493C";
/// Possession, before 475B.
const POSSESSION_SECTION: &str = "475860";

fn names_marijuana(charge: &Evidence) -> bool {
    charge.name_has("marij")
        || (charge.name_has("mj") && charge.name.split_whitespace().any(|word| word == "mj"))
}

pub(super) fn violation(charge: &Evidence) -> Option<Classified> {
    (charge.level_has("violation") && names_marijuana(charge)).then(|| ChargeType::MarijuanaViolation.into())
}

pub(super) fn crime(charge: &Evidence) -> Option<Classified> {
    if charge.statute == EXCLUDED_STATUTE || EXCLUDED_SECTIONS.contains(&charge.section) {
        return Some(ChargeType::MarijuanaIneligible.into());
    }
    if charge.section != POSSESSION_SECTION && !names_marijuana(charge) {
        return None;
    }
    if under_21(charge) {
        return Some(ChargeType::MarijuanaUnder21.into());
    }
    let severity = match charge.level {
        "felony class a" | "felony class b" | "felony unclassified" => Severity::FelonyClassC,
        _ => Severity::MisdemeanorClassA,
    };
    Some(Classified::Certain((
        ChargeType::MarijuanaEligible,
        Some(severity),
    )))
}

/// By the year alone: the court's pages give no more of the birth date.
fn under_21(charge: &Evidence) -> bool {
    let (Some(birth_year), disposition) = (charge.birth_year, &charge.disposition) else {
        return false;
    };
    if disposition.status == DispositionStatus::Unknown {
        return false;
    }
    match disposition.date {
        crate::expungement::when::When::Day(day) => i32::from(day.year()) - i32::from(birth_year) < 21,
        // Whoever is convicted in an undecided case has a year of conviction still to come.
        _ => false,
    }
}
