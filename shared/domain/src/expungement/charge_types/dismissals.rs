//! Charges that did not end in a conviction: 137.225(1)(b) and (d) set them aside without a wait.

use super::*;

static DISMISSALS: Phrase = phrase(
    "Dismissals are generally eligible under 137.225(1)(d)",
    "Los cargos desestimados son en general elegibles según 137.225(1)(d)",
);
static NEW_CHARGE_ELIGIBLE: Phrase = phrase(
    "Reduced to another charge; eligible because the new charge is eligible.",
    "Reducido a otro cargo; elegible porque el nuevo cargo es elegible.",
);
static NEW_CHARGE_INELIGIBLE: Phrase = phrase(
    "Reduced to another charge; ineligible because the new charge is ineligible.",
    "Reducido a otro cargo; inelegible porque el nuevo cargo es inelegible.",
);

pub(super) static DISMISSED_CHARGE: Facts = Facts {
    class: "DismissedCharge",
    name: phrase("Dismissed Criminal Charge", "Cargo penal desestimado"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::always(Eligible, &DISMISSALS),
    explanation: phrase(
        "A criminal charge that ended without a conviction can be set aside at once; after a \"no complaint\", 60 days later.",
        "Un cargo penal que terminó sin condena se puede anular de inmediato; tras un \"no complaint\", a los 60 días.",
    ),
};

pub(super) static LESSER_CHARGE_ELIGIBLE: Facts = Facts {
    class: "LesserChargeEligible",
    name: phrase("Lesser Charge, Eligible", "Cargo reducido, elegible"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::always(Eligible, &NEW_CHARGE_ELIGIBLE),
    explanation: phrase(
        "A charge dismissed because it was reduced shares the fate of the charge it was reduced to; that one can be set aside.",
        "Un cargo desestimado por haberse reducido sigue la suerte del cargo al que se redujo; ese se puede anular.",
    ),
};

pub(super) static LESSER_CHARGE_INELIGIBLE: Facts = Facts {
    class: "LesserChargeIneligible",
    name: phrase("Lesser Charge, Ineligible", "Cargo reducido, inelegible"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::always(Ineligible, &NEW_CHARGE_INELIGIBLE),
    explanation: phrase(
        "A charge dismissed because it was reduced shares the fate of the charge it was reduced to; that one cannot be set aside.",
        "Un cargo desestimado por haberse reducido sigue la suerte del cargo al que se redujo; ese no se puede anular.",
    ),
};

pub(super) fn lesser_charge(charge: &Evidence) -> Option<Classified> {
    charge
        .disposition
        .lesser_charge
        .then_some(Classified::Ask(Question::ReducedToEligible))
}
