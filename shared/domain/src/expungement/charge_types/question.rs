//! What only the defendant can tell: the questions a charge may raise, and the type each answer leads to.

use super::{ChargeType, Possibility, Severity};
use crate::expungement::phrase::{Phrase, phrase};
use crate::expungement::policy::{Deviation, Policy};

/// A question about one charge. Where the charge's level decides one of the answers, it is carried as a [`ChargeType`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// Of a count dismissed because it was reduced to another one.
    ReducedToEligible,
    /// Of a dismissed DUII: 137.225(8) excludes diversion.
    CourtOrderedDiversion,
    FelonyAOrB,
    FelonyBOrC,
    FelonyClass,
    /// Of a controlled substance of unknown schedule, at an unclassified felony: `No` asks for the class.
    MarijuanaOrFelonyClass,
    Marijuana {
        otherwise: Possibility,
    },
    /// Within [`Question::DrugOrTraffic`].
    AttemptOnMarijuana,
    /// 137.225(6)(f).
    YoungOffender,
    /// Criminal mistreatment in the first degree, 163.205.
    VictimFrom18To64 {
        otherwise: Possibility,
    },
    /// Criminal mistreatment in the second degree, 163.200.
    VictimOlderThan64 {
        otherwise: Possibility,
    },
    /// Endangering the welfare of a minor, 163.575.
    PhysicalAbuse {
        otherwise: Possibility,
    },
    /// Assault in the third degree, 163.165.
    VictimOlderThanTen {
        otherwise: Possibility,
    },
    /// Of attempts, by level.
    SexCrimeOrTraffic {
        otherwise: Possibility,
    },
    DrugOrTraffic,
    TrafficCrime {
        otherwise: Possibility,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Answer {
    pub text: &'static Phrase,
    pub then: Then,
}

#[derive(Clone, Copy, Debug)]
pub enum Then {
    Type(Possibility),
    /// Another question; the word joins the two ids on the wire.
    Ask(&'static str, Question),
}

static YES: Phrase = phrase("Yes", "Sí");
static NO: Phrase = phrase("No", "No");
static A_FELONY: Phrase = phrase("A Felony", "Delito grave clase A");
static B_FELONY: Phrase = phrase("B Felony", "Delito grave clase B");
static C_FELONY: Phrase = phrase("C Felony", "Delito grave clase C");
static YES_SEX_CRIME: Phrase = phrase("Yes; sex crime", "Sí; delito sexual");
static YES_TRAFFIC_OFFENSE: Phrase = phrase("Yes; traffic offense", "Sí; infracción de tránsito");
static YES_DRUG: Phrase = phrase("Yes; drug-related", "Sí; por drogas");
static YES_TRAFFIC: Phrase = phrase("Yes; traffic-related", "Sí; por tránsito");
static NO_RARE: Phrase = phrase(
    "No (Rare, contact michael@qiu-qiulaw.com)",
    "No (poco común; escriba a michael@qiu-qiulaw.com)",
);

const fn plain(charge_type: ChargeType) -> Then {
    Then::Type((charge_type, None))
}

const FELONY_A: Then = Then::Type((ChargeType::FelonyClassA, Some(Severity::FelonyClassA)));
const FELONY_B: Then = Then::Type((ChargeType::FelonyClassB, Some(Severity::FelonyClassB)));
const FELONY_C: Then = Then::Type((ChargeType::FelonyClassC, Some(Severity::FelonyClassC)));
const MANUFACTURE: Then = Then::Type((
    ChargeType::MarijuanaManufactureDelivery,
    Some(Severity::FelonyClassC),
));

impl Question {
    /// The text, in the peer's English where `policy` asks for it.
    #[must_use]
    pub fn text(self, policy: Policy) -> &'static Phrase {
        match self {
            Self::ReducedToEligible => &REDUCED_TO_ELIGIBLE,
            Self::CourtOrderedDiversion => &COURT_ORDERED_DIVERSION,
            Self::FelonyAOrB => &FELONY_A_OR_B,
            Self::FelonyBOrC => &FELONY_B_OR_C,
            Self::FelonyClass => &FELONY_CLASS,
            Self::MarijuanaOrFelonyClass | Self::Marijuana { .. } | Self::AttemptOnMarijuana => &MARIJUANA,
            Self::YoungOffender if policy.allows(Deviation::YoungOffenderWording) => &YOUNG_OFFENDER,
            Self::YoungOffender => &YOUNG_OFFENDER_AS_PEER,
            Self::VictimFrom18To64 { .. } => &VICTIM_FROM_18_TO_64,
            Self::VictimOlderThan64 { .. } => &VICTIM_OLDER_THAN_64,
            Self::PhysicalAbuse { .. } => &PHYSICAL_ABUSE,
            Self::VictimOlderThanTen { .. } => &VICTIM_OLDER_THAN_TEN,
            Self::SexCrimeOrTraffic { .. } => &SEX_CRIME_OR_TRAFFIC,
            Self::DrugOrTraffic => &DRUG_OR_TRAFFIC,
            Self::TrafficCrime { .. } => &TRAFFIC_CRIME,
        }
    }

    /// The answers in the order in which they are offered.
    pub fn answers(self) -> impl Iterator<Item = Answer> {
        use ChargeType::*;
        let subsection_6 = plain(Subsection6);
        let traffic = plain(TrafficOffense);
        let two = |yes, no| [Some((&YES, yes)), Some((&NO, no)), None];
        let answers = match self {
            Self::ReducedToEligible => two(plain(LesserChargeEligible), plain(LesserChargeIneligible)),
            Self::CourtOrderedDiversion => two(plain(DivertedDuii), plain(DismissedCharge)),
            Self::FelonyAOrB => [Some((&A_FELONY, FELONY_A)), Some((&B_FELONY, FELONY_B)), None],
            Self::FelonyBOrC => [Some((&B_FELONY, FELONY_B)), Some((&C_FELONY, FELONY_C)), None],
            Self::FelonyClass => [
                Some((&A_FELONY, FELONY_A)),
                Some((&B_FELONY, FELONY_B)),
                Some((&C_FELONY, FELONY_C)),
            ],
            Self::MarijuanaOrFelonyClass => two(MANUFACTURE, Then::Ask("No", Self::FelonyClass)),
            Self::Marijuana { otherwise } => two(MANUFACTURE, Then::Type(otherwise)),
            Self::AttemptOnMarijuana => two(
                Then::Type((MarijuanaEligible, Some(Severity::FelonyClassC))),
                FELONY_B,
            ),
            Self::YoungOffender => [
                Some((&YES, plain(RomeoAndJulietIneligibleSexCrime))),
                Some((&NO_RARE, plain(RomeoAndJulietNMASexCrime))),
                None,
            ],
            Self::VictimFrom18To64 { otherwise } | Self::VictimOlderThanTen { otherwise } => {
                two(Then::Type(otherwise), subsection_6)
            }
            Self::VictimOlderThan64 { otherwise } | Self::PhysicalAbuse { otherwise } => {
                two(subsection_6, Then::Type(otherwise))
            }
            Self::SexCrimeOrTraffic { otherwise } => [
                Some((&YES_SEX_CRIME, plain(SexCrime))),
                Some((&YES_TRAFFIC_OFFENSE, traffic)),
                Some((&NO, Then::Type(otherwise))),
            ],
            Self::DrugOrTraffic => [
                Some((&YES_DRUG, Then::Ask("Yes", Self::AttemptOnMarijuana))),
                Some((&YES_TRAFFIC, traffic)),
                Some((&NO, plain(PersonFelonyClassB))),
            ],
            Self::TrafficCrime { otherwise } => two(traffic, Then::Type(otherwise)),
        };
        answers
            .into_iter()
            .flatten()
            .map(|(text, then)| Answer { text, then })
    }

    /// Every type an answer can lead to, in the order of analysis.
    pub fn possibilities(self, visit: &mut dyn FnMut(Possibility)) {
        if self == Self::DrugOrTraffic {
            Self::AttemptOnMarijuana.possibilities(visit);
            visit((ChargeType::PersonFelonyClassB, None));
            visit((ChargeType::TrafficOffense, None));
            return;
        }
        for answer in self.answers() {
            match answer.then {
                Then::Type(possibility) => visit(possibility),
                Then::Ask(_, question) => question.possibilities(visit),
            }
        }
    }
}

static REDUCED_TO_ELIGIBLE: Phrase = phrase(
    "Is the convicted charge on this case that this charge was reduced to eligible?",
    "¿Es elegible el cargo de este caso al que se redujo este cargo y por el que hubo condena?",
);
static COURT_ORDERED_DIVERSION: Phrase = phrase(
    "Was the charge dismissed pursuant to a court-ordered diversion program?",
    "¿Se desestimó el cargo por un programa de desvío ordenado por el tribunal?",
);
static FELONY_A_OR_B: Phrase = phrase(
    "Was the charge for an A Felony or B Felony?",
    "¿Fue el cargo por un delito grave clase A o clase B?",
);
static FELONY_B_OR_C: Phrase = phrase(
    "Was the charge for a B Felony or C Felony?",
    "¿Fue el cargo por un delito grave clase B o clase C?",
);
static FELONY_CLASS: Phrase = phrase(
    "Was the charge for an A Felony, B Felony, or C Felony?",
    "¿Fue el cargo por un delito grave clase A, clase B o clase C?",
);
static MARIJUANA: Phrase = phrase(
    "Was the underlying substance marijuana?",
    "¿Era marihuana la sustancia?",
);
static YOUNG_OFFENDER: Phrase = phrase(
    "Answer \"No\" only if you need not report as a sex offender and every other charge on your record may be expunged. \
     Otherwise answer \"Yes\".",
    "Responda \"No\" solo si no tiene que registrarse como agresor sexual y todos los demás cargos de su historial se \
     pueden eliminar. Si no, responda \"Sí\".",
);
static YOUNG_OFFENDER_AS_PEER: Phrase = phrase(
    "\n            Select \"No\" if all of the following are true:\n            1. Are you required to report as a sex offender?\n            2. Do you have any charges that are not eligible for expungement?\n            ",
    YOUNG_OFFENDER.es,
);
static VICTIM_FROM_18_TO_64: Phrase = phrase(
    "Was the victim between the ages of 18 and 64?",
    "¿Tenía la víctima entre 18 y 64 años?",
);
static VICTIM_OLDER_THAN_64: Phrase = phrase(
    "Was the victim older than 64?",
    "¿Tenía la víctima más de 64 años?",
);
static PHYSICAL_ABUSE: Phrase = phrase(
    "Was the charge for physical abuse?",
    "¿Fue el cargo por maltrato físico?",
);
static VICTIM_OLDER_THAN_TEN: Phrase = phrase(
    "Was the victim more than ten years old?",
    "¿Tenía la víctima más de diez años?",
);
static SEX_CRIME_OR_TRAFFIC: Phrase = phrase(
    "Was the underlying conduct a sex crime or traffic offense?",
    "¿Fue la conducta un delito sexual o una infracción de tránsito?",
);
static DRUG_OR_TRAFFIC: Phrase = phrase(
    "Was this a drug-related or traffic-related charge?",
    "¿Fue un cargo por drogas o por tránsito?",
);
static TRAFFIC_CRIME: Phrase = phrase(
    "Was the underlying conduct a traffic crime?",
    "¿Fue la conducta un delito de tránsito?",
);
