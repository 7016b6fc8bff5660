//! Crimes against persons that are never set aside: person felonies, sex crimes, those of 137.225(6), and murder.

use super::*;

static PERSON_FELONY: Phrase = phrase("Ineligible under 137.225(5)(a)", "Inelegible según 137.225(5)(a)");
static SEX: Phrase = phrase("Ineligible under 137.225(6)(a)", "Inelegible según 137.225(6)(a)");
static SIX: Phrase = phrase("Ineligible under 137.225(6)", "Inelegible según 137.225(6)");
static MAY_MEET_6F: Phrase = phrase(
    "Possibly meets requirements under 137.225(6)(f) - Email michael@qiu-qiulaw.com with subject line '6F' for free and confidential further analysis",
    "Quizá cumple los requisitos de 137.225(6)(f) - Escriba a michael@qiu-qiulaw.com con el asunto '6F' para un análisis gratuito y confidencial",
);
static FAILS_6F: Phrase = phrase(
    "Fails to meet requirements under 137.225(6)(f)",
    "No cumple los requisitos de 137.225(6)(f)",
);

pub(super) static PERSON_FELONY_CLASS_B: Facts = Facts {
    class: "PersonFelonyClassB",
    name: phrase("Person Felony Class B", "Delito grave clase B contra la persona"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &PERSON_FELONY),
    explanation: phrase(
        "A class B felony that the sentencing rules (OAR 213-003) list as a person felony cannot be set aside.",
        "Un delito grave clase B que las reglas de sentencia (OAR 213-003) listan como delito contra la persona no se puede anular.",
    ),
};

pub(super) static SEVERE_CHARGE: Facts = Facts {
    class: "SevereCharge",
    name: phrase("Severe Charge", "Delito de máxima gravedad"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &OMITTED),
    explanation: phrase(
        "Murder and treason stand above the classes that ORS 137.225 names and cannot be set aside.",
        "El homicidio y la traición están por encima de las clases que nombra ORS 137.225 y no se pueden anular.",
    ),
};

pub(super) static SEX_CRIME: Facts = Facts {
    class: "SexCrime",
    name: phrase("Sex Crime", "Delito sexual"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &SEX),
    explanation: phrase(
        "Sex crimes are excluded by 137.225(6)(a). A dismissed charge of one can be set aside.",
        "Los delitos sexuales quedan excluidos por 137.225(6)(a). Un cargo desestimado sí se puede anular.",
    ),
};

pub(super) static YOUNG_OFFENDER_NEEDS_ANALYSIS: Facts = Facts {
    class: "RomeoAndJulietNMASexCrime",
    name: phrase(
        "Young Offender Sex Crime, Needs More Analysis",
        "Delito sexual de persona joven, requiere más análisis",
    ),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &MAY_MEET_6F),
    explanation: phrase(
        "137.225(6)(f) makes an exception where both were young. Its conditions are not in the court's records: a lawyer must look.",
        "137.225(6)(f) hace una excepción cuando ambas personas eran jóvenes. Sus condiciones no constan en el expediente: \
         debe verlo un abogado.",
    ),
};

pub(super) static YOUNG_OFFENDER_INELIGIBLE: Facts = Facts {
    class: "RomeoAndJulietIneligibleSexCrime",
    name: phrase(
        "Young Offender Sex Crime, Ineligible",
        "Delito sexual de persona joven, inelegible",
    ),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &FAILS_6F),
    explanation: phrase(
        "A sex crime of a young offender that does not meet every condition of 137.225(6)(f) stays excluded.",
        "Un delito sexual de persona joven que no cumple todas las condiciones de 137.225(6)(f) sigue excluido.",
    ),
};

pub(super) static SUBSECTION_6: Facts = Facts {
    class: "Subsection6",
    name: phrase("Subsection 6", "Inciso 6"),
    blocks_other_charges: true,
    severity: None,
    hidden_in_summary: false,
    eligibility: ByOutcome::convicted(Ineligible, &SIX),
    explanation: phrase(
        "137.225(6) excludes certain offences against children, against people over 64, and negligent homicide.",
        "137.225(6) excluye ciertos delitos contra niños, contra personas mayores de 64 años y el homicidio por negligencia.",
    ),
};

/// 137.225(6)(a), and the exception of (6)(f).
pub(super) fn sex_crime(charge: &Evidence) -> Option<Classified> {
    if charge.is_under_any(&SEX_CRIMES) {
        Some(ChargeType::SexCrime.into())
    } else if charge.is_under_any(&YOUNG_OFFENDER_EXCEPTIONS) {
        Some(Classified::Ask(Question::YoungOffender))
    } else {
        None
    }
}

/// 137.225(6)(b) to (e): the victim's age, abuse, or a death decides.
pub(super) fn subsection_6(charge: &Evidence) -> Result<Option<Classified>, UnlistedLevel> {
    let question = match charge.section {
        "163205" => Question::VictimFrom18To64 {
            otherwise: by_level::otherwise_by_level(charge)?,
        },
        "163200" => Question::VictimOlderThan64 {
            otherwise: by_level::otherwise_by_level(charge)?,
        },
        "163575" => Question::PhysicalAbuse {
            otherwise: by_level::otherwise_by_level(charge)?,
        },
        "163165" => Question::VictimOlderThanTen {
            otherwise: by_level::otherwise_by_level(charge)?,
        },
        "163145" if charge.level == "felony class c" => return Ok(Some(ChargeType::Subsection6.into())),
        _ => return Ok(None),
    };
    Ok(Some(Classified::Ask(question)))
}

/// Murder, treason (166.005), and an inmate's possession of a weapon (166.275), which is graded class A.
pub(super) fn severe(charge: &Evidence) -> Option<Classified> {
    if charge.name_has("murder") || charge.is_under("166005") {
        Some(ChargeType::SevereCharge.into())
    } else if charge.is_under("166275") {
        Some(ChargeType::FelonyClassA.into())
    } else {
        None
    }
}

/// Whether the sentencing guidelines (OAR 213-003) list the statute as a person felony.
pub(super) fn is_person_felony(charge: &Evidence) -> bool {
    let subsections = charge
        .policy
        .allows(crate::expungement::Deviation::StatuteSubsections);
    charge.is_under_any(&PERSON_FELONIES)
        || PERSON_FELONY_SUBSECTIONS.iter().any(|full| {
            // A page may leave the subsection out.
            full.get(..6) == Some(charge.statute) || (subsections && charge.statute.starts_with(full))
        })
}

const PERSON_FELONIES: [&str; 48] = [
    "97981",  // Purchase or sale of a body part
    "97982",  // Alteration of a document of gift
    "162165", // Escape I
    "162185", // Supplying contraband
    "163095", // Aggravated murder
    "163115", // Murder II, felony murder
    "163118", // Manslaughter I
    "163125", // Manslaughter II
    "163145", // Negligent homicide
    "163149", // Aggravated vehicular homicide
    "163165", // Assault III
    "163175", // Assault II
    "163185", // Assault I
    "163192", // Endangering a person protected by a restraining order
    "163196", // Aggravated driving while suspended or revoked
    "163205", // Criminal mistreatment I
    "163207", // Female genital mutilation
    "163208", // Assaulting a public safety officer
    "163213", // Use of stun gun, tear gas, mace I
    "163225", // Kidnapping II
    "163235", // Kidnapping I
    "163263", // Involuntary servitude II
    "163264", // Involuntary servitude I
    "163266", // Trafficking in persons
    "163275", // Coercion
    "163525", // Incest
    "163535", // Abandonment of a child
    "163537", // Buying or selling custody of a minor
    "163547", // Child neglect I
    "163701", // Invasion of personal privacy I
    "163732", // Stalking
    "163750", // Violating a stalking order
    "164075", // Extortion
    "164225", // Burglary I
    "164325", // Arson I
    "164342", // Arson incident to manufacture I
    "164395", // Robbery III
    "164405", // Robbery II
    "164415", // Robbery I
    "166070", // Aggravated harassment
    "166087", // Abuse of corpse I
    "166165", // Bias crime I
    "166220", // Unlawful use of a weapon
    "166643", // Unlawful possession of soft body armor
    "167322", // Aggravated animal abuse I
    "468951", // Environmental endangerment
    "475908", // Causing another to ingest a controlled substance
    "475910", // Unlawful administration of a controlled substance
];

const PERSON_FELONY_SUBSECTIONS: [&str; 10] = [
    "1631874",  // Felony strangulation
    "1643772C", // Computer crime: theft of an intimate image
    "1648863",  // Tree spiking with injury
    "1663853",  // Felony possession of a hoax destructive device
    "1673204",  // Felony animal abuse I
    "4757526A", // Delivering a schedule IV substance that causes death
    "6099903B", // Maintaining a dangerous dog
    "8304752",  // Hit and run, boat
    "8373652B", // Weaponised unmanned aircraft
    "8373652C", // Weaponised unmanned aircraft
];

const SEX_CRIMES: [&str; 32] = [
    "163365", // Rape II
    "163375", // Rape I
    "163395", // Sodomy II
    "163405", // Sodomy I
    "163408", // Sexual penetration II
    "163411", // Sexual penetration I
    "163413", // Purchasing sex with a minor
    "163425", // Sexual abuse II
    "163427", // Sexual abuse I
    "163432", // Online sexual corruption of a child II
    "163433", // Online sexual corruption of a child I
    "163452", // Custodial sexual misconduct I
    "163454", // Custodial sexual misconduct II
    "163465", // Felony public indecency
    "163467", // Private indecency
    "163472", // Unlawful dissemination of an intimate image
    "163476", // Being where children regularly congregate
    "163479", // Unlawful contact with a child
    "163670", // Using a child in display of sexual conduct
    "163684", // Encouraging child sexual abuse I
    "163686", // Encouraging child sexual abuse II
    "163687", // Encouraging child sexual abuse III
    "163688", // Possession of depictions I
    "163689", // Possession of depictions II
    "163693", // Failure to report child pornography
    "167012", // Promoting prostitution
    "167017", // Compelling prostitution
    "167057", // Luring a minor
    "167062", // Sadomasochistic abuse in a live show
    "167075", // Exhibiting an obscene performance to a minor
    "167080", // Displaying obscene materials to minors
    "167090", // Publicly displaying nudity for advertising
];

const YOUNG_OFFENDER_EXCEPTIONS: [&str; 5] = [
    "163355", // Rape III
    "163385", // Sodomy III
    "163415", // Sexual abuse III
    "163435", // Contributing to the sexual delinquency of a minor
    "163445", // Sexual misconduct
];
