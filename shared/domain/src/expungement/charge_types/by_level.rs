//! Crimes known by their level alone, and attempts: 137.225(1)(b) gives each class its waiting time.

use super::*;

static FULFILS_CONDITIONS: Phrase = phrase(
    "Convictions that fulfill the conditions of 137.225(1)(b) are eligible",
    "Son elegibles las condenas que cumplen las condiciones de 137.225(1)(b)",
);
static CONVICTION: Phrase = phrase("Eligible under 137.225(1)(b)", "Elegible según 137.225(1)(b)");
static FELONY_EITHER_WAY: Phrase = phrase(
    "Eligible under 137.225(1)(b) for convictions or under 137.225(1)(d) for dismissals",
    "Elegible según 137.225(1)(b) si hubo condena o según 137.225(1)(d) si se desestimó",
);
static MISDEMEANOR_EITHER_WAY: Phrase = phrase(
    "Always eligible under 137.225(1)(b) for convictions, or 137.225(1)(d) for dismissals",
    "Siempre elegible: según 137.225(1)(b) si hubo condena o según 137.225(1)(d) si se desestimó",
);

pub(super) static FELONY_CLASS_A: Facts = Facts {
    class: "FelonyClassA",
    name: phrase("Felony Class A", "Delito grave clase A"),
    blocks_other_charges: true,
    severity: Some(Severity::FelonyClassA),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &OMITTED),
    explanation: phrase(
        "ORS 137.225 names no waiting time for class A felonies, so a conviction of one cannot be set aside. A dismissed one can.",
        "La ley ORS 137.225 no fija plazo para los delitos graves clase A: una condena no se puede anular. Un cargo desestimado sí.",
    ),
};

pub(super) static FELONY_CLASS_B: Facts = Facts {
    class: "FelonyClassB",
    name: phrase("Felony Class B", "Delito grave clase B"),
    blocks_other_charges: true,
    severity: Some(Severity::FelonyClassB),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &FULFILS_CONDITIONS),
    explanation: phrase(
        "A class B felony conviction can be set aside seven years after conviction, unless it is a person felony.",
        "Una condena por delito grave clase B se puede anular a los siete años, salvo que sea un delito contra la persona.",
    ),
};

pub(super) static FELONY_CLASS_C: Facts = Facts {
    class: "FelonyClassC",
    name: phrase("Felony Class C", "Delito grave clase C"),
    blocks_other_charges: true,
    severity: Some(Severity::FelonyClassC),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &CONVICTION).undecided(Eligible, &FELONY_EITHER_WAY),
    explanation: phrase(
        "A class C felony conviction can be set aside five years after conviction, unless another subsection excludes the offence.",
        "Una condena por delito grave clase C se puede anular a los cinco años, salvo que otra disposición excluya el delito.",
    ),
};

pub(super) static MISDEMEANOR_CLASS_A: Facts = Facts {
    class: "MisdemeanorClassA",
    name: phrase("Misdemeanor Class A", "Delito menor clase A"),
    blocks_other_charges: true,
    severity: Some(Severity::MisdemeanorClassA),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &CONVICTION).undecided(Eligible, &MISDEMEANOR_EITHER_WAY),
    explanation: phrase(
        "A class A misdemeanor conviction can be set aside three years after conviction. Unclassified misdemeanors are treated alike.",
        "Una condena por delito menor clase A se puede anular a los tres años. Los delitos menores sin clase se tratan igual.",
    ),
};

pub(super) static MISDEMEANOR_CLASS_BC: Facts = Facts {
    class: "MisdemeanorClassBC",
    name: phrase("Misdemeanor Class B or C", "Delito menor clase B o C"),
    blocks_other_charges: true,
    severity: Some(Severity::MisdemeanorClassB),
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Eligible, &CONVICTION).undecided(Eligible, &MISDEMEANOR_EITHER_WAY),
    explanation: phrase(
        "A class B or C misdemeanor conviction can be set aside one year after conviction.",
        "Una condena por delito menor clase B o C se puede anular al año.",
    ),
};

/// The type that a level stands for. `None` for a level that is neither misdemeanor nor felony class.
pub(super) fn by_level(charge: &Evidence) -> Option<Classified> {
    if charge.level_has("misdemeanor class b") || charge.level_has("misdemeanor class c") {
        return Some(ChargeType::MisdemeanorClassBC.into());
    }
    if charge.level_has("misdemeanor") {
        return Some(ChargeType::MisdemeanorClassA.into());
    }
    match charge.level {
        "felony class c" => Some(ChargeType::FelonyClassC.into()),
        "felony class b" if person_crimes::is_person_felony(charge) => {
            Some(ChargeType::PersonFelonyClassB.into())
        }
        "felony class b" => Some(ChargeType::FelonyClassB.into()),
        "felony class a" => Some(ChargeType::FelonyClassA.into()),
        "felony unclassified" => Some(Classified::Ask(Question::FelonyClass)),
        _ => None,
    }
}

/// The first type a level stands for, for the questions that end in "otherwise as its level says".
///
/// # Errors
/// [`UnlistedLevel`] under [`Policy::AS_PEER`]; else such a charge is [`ChargeType::UnclassifiedCharge`].
pub(super) fn otherwise_by_level(charge: &Evidence) -> Result<Possibility, UnlistedLevel> {
    let Some(classified) = by_level(charge) else {
        return if charge.policy.allows(crate::expungement::Deviation::UnlistedLevel) {
            Ok((ChargeType::UnclassifiedCharge, None))
        } else {
            Err(UnlistedLevel)
        };
    };
    let mut first = None;
    classified.possibilities(|possibility| {
        first.get_or_insert(possibility);
    });
    first.ok_or(UnlistedLevel)
}

/// Attempts (161.405): the page names the class of the attempted crime, not the crime.
pub(super) fn attempt(charge: &Evidence) -> Result<Option<Classified>, UnlistedLevel> {
    if !charge.name_has("attempt to commit") {
        return Ok(None);
    }
    Ok(Some(Classified::Ask(match charge.level {
        "misdemeanor class a" | "felony class c" => Question::SexCrimeOrTraffic {
            otherwise: otherwise_by_level(charge)?,
        },
        "felony class b" => Question::DrugOrTraffic,
        _ => Question::TrafficCrime {
            otherwise: otherwise_by_level(charge)?,
        },
    })))
}
