//! Matters on a criminal docket that are no crimes: civil matters, forfeitures, contempt, parking and fares.

use super::*;

static CONTEMPT: Phrase = phrase(
    "Eligible under 137.225(5)(e) for convictions or under 137.225(1)(b) for dismissals",
    "Elegible según 137.225(5)(e) si hubo condena o según 137.225(1)(b) si se desestimó",
);
static INELIGIBLE: Phrase = phrase("Ineligible", "Inelegible");
static TRAFFIC: Phrase = phrase("Ineligible under 137.225(7)(a)", "Inelegible según 137.225(7)(a)");

pub(super) static CIVIL_OFFENSE: Facts = Facts {
    class: "CivilOffense",
    name: phrase("Civil Offense", "Asunto civil"),
    blocks_other_charges: false,
    severity: Some(Severity::Violation),
    hidden_in_summary: false,
    eligibility: ByOutcome::always(Ineligible, &OMITTED),
    explanation: phrase(
        "Civil matters and extradition of fugitives are no criminal charges of Oregon, so ORS 137.225 does not reach them.",
        "Los asuntos civiles y la extradición de fugitivos no son cargos penales de Oregón; ORS 137.225 no los alcanza.",
    ),
};

pub(super) static CONTEMPT_OF_COURT: Facts = Facts {
    class: "ContemptOfCourt",
    name: phrase("Contempt of Court", "Desacato al tribunal"),
    blocks_other_charges: true,
    severity: Some(Severity::FelonyClassC),
    hidden_in_summary: false,
    eligibility: ByOutcome::always(Eligible, &CONTEMPT),
    explanation: phrase(
        "A finding of contempt can be set aside with the waiting time of a class C felony (137.225(1)(b)(B)).",
        "Una declaración de desacato se puede anular con el plazo de un delito grave clase C (137.225(1)(b)(B)).",
    ),
};

pub(super) static CRIMINAL_FORFEITURE: Facts = Facts {
    class: "CriminalForfeiture",
    name: phrase("Criminal Forfeiture", "Decomiso penal"),
    blocks_other_charges: false,
    severity: Some(Severity::Violation),
    hidden_in_summary: false,
    eligibility: ByOutcome::always(Ineligible, &OMITTED),
    explanation: phrase(
        "The forfeiture of property under 131.582 is no conviction; the statute does not mention it.",
        "El decomiso de bienes según 131.582 no es una condena; la ley no lo menciona.",
    ),
};

pub(super) static FARE_VIOLATION: Facts = Facts {
    class: "FareViolation",
    name: phrase("FareViolation", "Infracción de pasaje"),
    blocks_other_charges: true,
    severity: Some(Severity::Violation),
    hidden_in_summary: false,
    eligibility: ByOutcome::always(Ineligible, &INELIGIBLE),
    explanation: phrase(
        "Riding without a fare is a matter of the transit district and is not set aside.",
        "Viajar sin pasaje es asunto de la empresa de transporte y no se anula.",
    ),
};

pub(super) static PARKING_TICKET: Facts = Facts {
    class: "ParkingTicket",
    name: phrase("Parking Ticket", "Multa de estacionamiento"),
    blocks_other_charges: false,
    severity: Some(Severity::Violation),
    hidden_in_summary: true,
    eligibility: ByOutcome::convicted(Ineligible, &TRAFFIC)
        .dismissed(NeedsMoreAnalysis, &violations::DISMISSED_BUT_HARD),
    explanation: phrase(
        "Parking fines are excluded as traffic matters (137.225(7)(a)). They make no other charge wait.",
        "Las multas de estacionamiento se excluyen como tránsito (137.225(7)(a)). No hacen esperar a otros cargos.",
    ),
};

pub(super) fn recognise(charge: &Evidence) -> Option<Classified> {
    let found = if super::super::disposition::contains(charge.case_type, "parking") {
        ChargeType::ParkingTicket
    } else if charge.name_has("fare violation") || charge.name_has("non-payment of fare") {
        ChargeType::FareViolation
    } else if charge.name_has("contempt") {
        ChargeType::ContemptOfCourt
    } else if is_civil(charge) {
        ChargeType::CivilOffense
    } else if charge.is_under("131582") {
        ChargeType::CriminalForfeiture
    } else {
        return None;
    };
    Some(found.into())
}

/// Chapters 1 to 99 are civil procedure: a statute of four characters with such a chapter (`29.15`), or just its number.
/// Fugitives are held for another state, whose code may end the charge's name (`/WA`).
fn is_civil(charge: &Evidence) -> bool {
    let is_civil_chapter = |digits: &str| {
        !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && digits.trim_start_matches('0').len() <= 2
            && digits.bytes().any(|b| b != b'0')
    };
    (charge.statute.len() == 4 && charge.statute.get(..2).is_some_and(is_civil_chapter))
        || is_civil_chapter(charge.statute)
        || charge.name_has("fugitive")
        || charge.name.rsplit_once('/').is_some_and(|(_, code)| {
            code.len() == 2
                && STATES
                    .as_bytes()
                    .chunks(3)
                    .any(|state| state.starts_with(code.as_bytes()))
        })
}

/// States and territories that ask for extradition, as a name in lower case would end in them.
const STATES: &str = "al ak as az ar ca co ct de dc fl ga gu hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm \
                      ny nc nd mp oh ok or pa pr ri sc sd tn tx ut vt vi va wa wv wi wy ";

#[cfg(test)]
mod tests {
    #[test]
    fn every_state_stands_at_a_chunk_of_three() {
        assert!(super::STATES.as_bytes().chunks(3).all(|state| state[2] == b' '));
        assert_eq!(super::STATES.len() / 3, 56);
    }
}
