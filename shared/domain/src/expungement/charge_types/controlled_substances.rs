//! Controlled substances (475.752 and the older 475.992): schedule and class decide, and the page may tell neither.

use super::*;

const SCHEDULE_2: [&str; 5] = ["2", "ii", "heroin", "cocaine", "meth"];
const SCHEDULE_3_OR_4: [&str; 4] = ["3", "iii", "4", " iv"];

/// Manufacture, delivery or possession of a controlled substance. The schedule is read from the charge's name, wherever in
/// it a digit or a drug stands.
pub(super) fn recognise(charge: &Evidence) -> Option<Classified> {
    let has_any = |words: &[&str]| words.iter().any(|word| charge.name_has(word));
    let made_or_delivered = has_any(&["delivery", "manu/del", "manufactur"]);
    let possessed = (charge.name_has("poss") && charge.name_has("sub")) || charge.name_has("pcs");
    if !made_or_delivered && !possessed {
        return None;
    }
    let unclassified = charge.level == "felony unclassified";
    if has_any(&SCHEDULE_2) {
        return match (unclassified, made_or_delivered) {
            (false, _) => None,
            (true, true) => Some(Classified::Ask(Question::FelonyAOrB)),
            (true, false) => Some(Classified::Ask(Question::FelonyBOrC)),
        };
    }
    if has_any(&SCHEDULE_3_OR_4) {
        return by_level::by_level(charge);
    }
    // Schedule I, or none named: marijuana was one of schedule I.
    if unclassified {
        return Some(Classified::Ask(Question::MarijuanaOrFelonyClass));
    }
    if !matches!(charge.level, "felony class a" | "felony class b") {
        return None;
    }
    match by_level::by_level(charge) {
        Some(Classified::Certain(otherwise)) => Some(Classified::Ask(Question::Marijuana { otherwise })),
        _ => None,
    }
}
