//! What the criminal rules cannot decide: juvenile records, and charges no rule recognises.

use super::*;

static JUVENILE: Phrase = phrase(
    "Potentially eligible under 419A.262",
    "Quizá elegible según 419A.262",
);
static UNRECOGNIZED: Phrase = phrase(
    "Unrecognized Charge : Further Analysis Needed",
    "Cargo no reconocido: requiere más análisis",
);

pub(super) static JUVENILE_CHARGE: Facts = Facts {
    class: "JuvenileCharge",
    name: phrase("Juvenile", "Juvenil"),
    blocks_other_charges: false,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::always(NeedsMoreAnalysis, &JUVENILE),
    explanation: phrase(
        "Juvenile records follow another statute (419A.260 and 419A.262), which this analysis does not apply.",
        "Los expedientes juveniles siguen otra ley (419A.260 y 419A.262), que este análisis no aplica.",
    ),
};

pub(super) static UNCLASSIFIED_CHARGE: Facts = Facts {
    class: "UnclassifiedCharge",
    name: phrase("Unclassified", "Sin clasificar"),
    blocks_other_charges: false,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::always(NeedsMoreAnalysis, &UNRECOGNIZED),
    explanation: phrase(
        "No rule recognises this charge. Edit it to say what it is.",
        "Ninguna regla reconoce este cargo. Edítelo para indicar qué es.",
    ),
};

pub(super) fn juvenile(charge: &Evidence) -> Option<Classified> {
    super::super::disposition::contains(charge.case_type, "juvenile")
        .then(|| ChargeType::JuvenileCharge.into())
}
