//! The 33 charge types: what each is, whether it may be set aside, and how a charge is recognised as one.
//!
//! One file per family; each holds the family's [`Facts`] and the rule that recognises it. [`classify`] tries the rules in
//! the order of precedence; the first that answers decides. Citations are to the Oregon Revised Statutes.

mod by_level;
mod controlled_substances;
mod dismissals;
mod marijuana;
mod not_crimes;
mod person_crimes;
mod question;
mod traffic;
mod undetermined;
mod violations;

use serde::{Deserialize, Serialize};

pub use self::question::{Answer, Question, Then};
use super::disposition::{DispositionStatus, Ruled};
use super::phrase::{Phrase, phrase};
use super::policy::Policy;

/// What a charge is, for ORS 137.225. The names are the wire's class names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub enum ChargeType {
    CivilOffense,
    ContemptOfCourt,
    CriminalForfeiture,
    DismissedCharge,
    Duii,
    DivertedDuii,
    FareViolation,
    FelonyClassA,
    FelonyClassB,
    FelonyClassC,
    JuvenileCharge,
    LesserChargeEligible,
    LesserChargeIneligible,
    MarijuanaEligible,
    MarijuanaUnder21,
    MarijuanaViolation,
    MarijuanaManufactureDelivery,
    MarijuanaIneligible,
    MisdemeanorClassA,
    MisdemeanorClassBC,
    ParkingTicket,
    PersonFelonyClassB,
    PossibleTrafficViolation,
    ReducedToViolation,
    SevereCharge,
    SexCrime,
    /// A young offender's sex crime that may qualify under 137.225(6)(f): needs more analysis.
    RomeoAndJulietNMASexCrime,
    RomeoAndJulietIneligibleSexCrime,
    Subsection6,
    TrafficOffense,
    TrafficViolation,
    UnclassifiedCharge,
    Violation,
}

impl ChargeType {
    pub const ALL: [Self; 33] = [
        Self::CivilOffense,
        Self::ContemptOfCourt,
        Self::CriminalForfeiture,
        Self::DismissedCharge,
        Self::Duii,
        Self::DivertedDuii,
        Self::FareViolation,
        Self::FelonyClassA,
        Self::FelonyClassB,
        Self::FelonyClassC,
        Self::JuvenileCharge,
        Self::LesserChargeEligible,
        Self::LesserChargeIneligible,
        Self::MarijuanaEligible,
        Self::MarijuanaUnder21,
        Self::MarijuanaViolation,
        Self::MarijuanaManufactureDelivery,
        Self::MarijuanaIneligible,
        Self::MisdemeanorClassA,
        Self::MisdemeanorClassBC,
        Self::ParkingTicket,
        Self::PersonFelonyClassB,
        Self::PossibleTrafficViolation,
        Self::ReducedToViolation,
        Self::SevereCharge,
        Self::SexCrime,
        Self::RomeoAndJulietNMASexCrime,
        Self::RomeoAndJulietIneligibleSexCrime,
        Self::Subsection6,
        Self::TrafficOffense,
        Self::TrafficViolation,
        Self::UnclassifiedCharge,
        Self::Violation,
    ];

    #[must_use]
    pub fn facts(self) -> &'static Facts {
        match self {
            Self::CivilOffense => &not_crimes::CIVIL_OFFENSE,
            Self::ContemptOfCourt => &not_crimes::CONTEMPT_OF_COURT,
            Self::CriminalForfeiture => &not_crimes::CRIMINAL_FORFEITURE,
            Self::DismissedCharge => &dismissals::DISMISSED_CHARGE,
            Self::Duii => &traffic::DUII,
            Self::DivertedDuii => &traffic::DIVERTED_DUII,
            Self::FareViolation => &not_crimes::FARE_VIOLATION,
            Self::FelonyClassA => &by_level::FELONY_CLASS_A,
            Self::FelonyClassB => &by_level::FELONY_CLASS_B,
            Self::FelonyClassC => &by_level::FELONY_CLASS_C,
            Self::JuvenileCharge => &undetermined::JUVENILE_CHARGE,
            Self::LesserChargeEligible => &dismissals::LESSER_CHARGE_ELIGIBLE,
            Self::LesserChargeIneligible => &dismissals::LESSER_CHARGE_INELIGIBLE,
            Self::MarijuanaEligible => &marijuana::MARIJUANA_ELIGIBLE,
            Self::MarijuanaUnder21 => &marijuana::MARIJUANA_UNDER_21,
            Self::MarijuanaViolation => &marijuana::MARIJUANA_VIOLATION,
            Self::MarijuanaManufactureDelivery => &marijuana::MARIJUANA_MANUFACTURE_DELIVERY,
            Self::MarijuanaIneligible => &marijuana::MARIJUANA_INELIGIBLE,
            Self::MisdemeanorClassA => &by_level::MISDEMEANOR_CLASS_A,
            Self::MisdemeanorClassBC => &by_level::MISDEMEANOR_CLASS_BC,
            Self::ParkingTicket => &not_crimes::PARKING_TICKET,
            Self::PersonFelonyClassB => &person_crimes::PERSON_FELONY_CLASS_B,
            Self::PossibleTrafficViolation => &violations::POSSIBLE_TRAFFIC_VIOLATION,
            Self::ReducedToViolation => &violations::REDUCED_TO_VIOLATION,
            Self::SevereCharge => &person_crimes::SEVERE_CHARGE,
            Self::SexCrime => &person_crimes::SEX_CRIME,
            Self::RomeoAndJulietNMASexCrime => &person_crimes::YOUNG_OFFENDER_NEEDS_ANALYSIS,
            Self::RomeoAndJulietIneligibleSexCrime => &person_crimes::YOUNG_OFFENDER_INELIGIBLE,
            Self::Subsection6 => &person_crimes::SUBSECTION_6,
            Self::TrafficOffense => &traffic::TRAFFIC_OFFENSE,
            Self::TrafficViolation => &traffic::TRAFFIC_VIOLATION,
            Self::UnclassifiedCharge => &undetermined::UNCLASSIFIED_CHARGE,
            Self::Violation => &violations::VIOLATION,
        }
    }

    /// Finds a type by its class name (`FelonyClassC`) or its English name (`Felony Class C`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|one| one.facts().class == name || one.facts().name.en == name)
    }

    /// Whether this type may be set aside at all, given how the charge ended; waiting times come on top.
    ///
    /// `None` where the type cannot have ended so: a felony that was dismissed is a
    /// [`ChargeType::DismissedCharge`], not a [`ChargeType::FelonyClassA`].
    #[must_use]
    pub fn eligibility(self, status: DispositionStatus) -> Option<TypeEligibility> {
        let by_outcome = &self.facts().eligibility;
        let opinion = match status {
            DispositionStatus::Convicted => by_outcome.convicted,
            DispositionStatus::Dismissed | DispositionStatus::NoComplaint | DispositionStatus::Diverted => {
                by_outcome.dismissed
            }
            DispositionStatus::Unknown | DispositionStatus::Unrecognized => by_outcome.undecided,
        };
        match opinion {
            Opinion::Says(status, reason) => Some(TypeEligibility { status, reason }),
            Opinion::Impossible => None,
            Opinion::Silent if status == DispositionStatus::Unknown => Some(TypeEligibility {
                status: NeedsMoreAnalysis,
                reason: &DISPOSITION_NOT_FOUND,
            }),
            Opinion::Silent => Some(TypeEligibility {
                status: NeedsMoreAnalysis,
                reason: &DISPOSITION_NOT_RECOGNIZED,
            }),
        }
    }
}

/// What is known of a charge type.
pub struct Facts {
    /// The wire's name, equal to the variant's.
    pub class: &'static str,
    pub name: Phrase,
    /// Whether a conviction of this type makes other charges wait (137.225(7)(b)).
    pub blocks_other_charges: bool,
    /// The severity that sets the waiting time; `None`: the level printed on the page does.
    pub severity: Option<Severity>,
    /// Left out of the summary panel.
    pub hidden_in_summary: bool,
    pub eligibility: ByOutcome,
    /// What a person should know of this type.
    pub explanation: Phrase,
}

/// Type eligibility by how the charge ended.
pub struct ByOutcome {
    convicted: Opinion,
    dismissed: Opinion,
    undecided: Opinion,
}

#[derive(Clone, Copy)]
enum Opinion {
    Says(EligibilityStatus, &'static Phrase),
    /// The disposition alone is the problem.
    Silent,
    /// A charge of this type cannot have ended so.
    Impossible,
}

use EligibilityStatus::{Eligible, Ineligible, NeedsMoreAnalysis};

impl ByOutcome {
    /// The same however it ended.
    const fn always(status: EligibilityStatus, reason: &'static Phrase) -> Self {
        let says = Opinion::Says(status, reason);
        Self {
            convicted: says,
            dismissed: says,
            undecided: says,
        }
    }

    /// A type that only convictions have; undecided, it depends on the disposition.
    const fn convicted(status: EligibilityStatus, reason: &'static Phrase) -> Self {
        Self {
            convicted: Opinion::Says(status, reason),
            dismissed: Opinion::Impossible,
            undecided: Opinion::Silent,
        }
    }

    const fn dismissed(self, status: EligibilityStatus, reason: &'static Phrase) -> Self {
        Self {
            dismissed: Opinion::Says(status, reason),
            ..self
        }
    }

    const fn undecided(self, status: EligibilityStatus, reason: &'static Phrase) -> Self {
        Self {
            undecided: Opinion::Says(status, reason),
            ..self
        }
    }
}

/// Whether a type may be set aside, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeEligibility {
    pub status: EligibilityStatus,
    pub reason: &'static Phrase,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum EligibilityStatus {
    Eligible,
    #[serde(rename = "Needs More Analysis")]
    NeedsMoreAnalysis,
    Ineligible,
}

impl EligibilityStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligible => "Eligible",
            Self::NeedsMoreAnalysis => "Needs More Analysis",
            Self::Ineligible => "Ineligible",
        }
    }
}

/// The class of an offence, as far as waiting times ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Severity {
    FelonyClassA,
    FelonyClassB,
    FelonyClassC,
    MisdemeanorClassA,
    MisdemeanorClassB,
    Violation,
}

impl Severity {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FelonyClassA => "Felony Class A",
            Self::FelonyClassB => "Felony Class B",
            Self::FelonyClassC => "Felony Class C",
            Self::MisdemeanorClassA => "Misdemeanor Class A",
            Self::MisdemeanorClassB => "Misdemeanor Class B",
            Self::Violation => "Violation",
        }
    }
}

static DISPOSITION_NOT_FOUND: Phrase = phrase(
    "Disposition not found. Needs further analysis",
    "No se encontró la resolución. Requiere más análisis",
);
static DISPOSITION_NOT_RECOGNIZED: Phrase = phrase(
    "Disposition not recognized. Needs further analysis",
    "No se reconoce la resolución. Requiere más análisis",
);
static OMITTED: Phrase = phrase(
    "Ineligible by omission from statute",
    "Inelegible: la ley no lo incluye",
);

/// A type with the severity that this charge has.
pub type Possibility = (ChargeType, Option<Severity>);

/// What a charge may be: one type, or several and the question that decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Classified {
    Certain(Possibility),
    Ask(Question),
}

impl From<ChargeType> for Classified {
    fn from(charge_type: ChargeType) -> Self {
        Self::Certain((charge_type, charge_type.facts().severity))
    }
}

impl Classified {
    /// The types in the order in which they are analysed.
    pub fn possibilities(self, mut visit: impl FnMut(Possibility)) {
        match self {
            Self::Certain(possibility) => visit(possibility),
            Self::Ask(question) => question.possibilities(&mut visit),
        }
    }

    #[must_use]
    pub fn question(self) -> Option<Question> {
        match self {
            Self::Certain(_) => None,
            Self::Ask(question) => Some(question),
        }
    }
}

/// What the rules look at. Texts are in lower case, the statute is normalised.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    pub case_type: &'a str,
    pub name: &'a str,
    pub statute: &'a str,
    pub section: &'a str,
    pub level: &'a str,
    pub county: &'a str,
    pub birth_year: Option<i16>,
    pub disposition: Ruled<'a>,
    pub policy: Policy,
}

impl Evidence<'_> {
    fn dismissed(&self) -> bool {
        self.disposition.status.is_dismissed()
    }

    fn name_has(&self, word: &str) -> bool {
        super::disposition::contains(self.name, word)
    }

    fn level_has(&self, word: &str) -> bool {
        super::disposition::contains(self.level, word)
    }

    fn is_under(&self, listed: &str) -> bool {
        super::statute::is_under(self.statute, listed, self.policy)
    }

    fn is_under_any(&self, listed: &[&str]) -> bool {
        super::statute::is_under_any(self.statute, listed, self.policy)
    }
}

/// A statute that asks about the victim or the conduct, at a level none of the classes has: the peer fails here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnlistedLevel;

/// Says what a charge may be. The order is the law's: what takes a charge out of the criminal rules comes first.
///
/// # Errors
/// [`UnlistedLevel`], only under [`Policy::AS_PEER`].
pub fn classify(charge: &Evidence) -> Result<Classified, UnlistedLevel> {
    let outside_criminal_law = dismissals::lesser_charge(charge)
        .or_else(|| undetermined::juvenile(charge))
        .or_else(|| not_crimes::recognise(charge))
        .or_else(|| traffic::recognise(charge))
        .or_else(|| marijuana::violation(charge))
        .or_else(|| violations::recognise(charge));
    if let Some(found) = outside_criminal_law {
        return Ok(found);
    }
    Ok(match criminal(charge)? {
        // 137.225(1)(d): however it was charged, what was dismissed is a dismissal.
        Some(_) if charge.dismissed() => ChargeType::DismissedCharge.into(),
        Some(found) => found,
        None => ChargeType::UnclassifiedCharge.into(),
    })
}

fn criminal(charge: &Evidence) -> Result<Option<Classified>, UnlistedLevel> {
    if let Some(found) = marijuana::crime(charge)
        .or_else(|| controlled_substances::recognise(charge))
        .or_else(|| person_crimes::sex_crime(charge))
    {
        return Ok(Some(found));
    }
    if let Some(found) = person_crimes::subsection_6(charge)? {
        return Ok(Some(found));
    }
    if let Some(found) = person_crimes::severe(charge) {
        return Ok(Some(found));
    }
    if let Some(found) = by_level::attempt(charge)? {
        return Ok(Some(found));
    }
    Ok(by_level::by_level(charge))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expungement::when::When;

    fn evidence<'a>(name: &'a str, statute: &'a str, level: &'a str, ruling: &'a str) -> Evidence<'a> {
        Evidence {
            case_type: "offense felony",
            name,
            statute,
            section: crate::expungement::statute::section(statute),
            level,
            county: "lane",
            birth_year: Some(1980),
            disposition: Ruled::new(When::Day(jiff::civil::date(2020, 1, 1)), ruling, false),
            policy: Policy::RIGHT,
        }
    }

    fn classified(name: &str, statute: &str, level: &str, ruling: &str) -> Classified {
        classify(&evidence(name, statute, level, ruling)).unwrap()
    }

    fn certain(charge_type: ChargeType) -> Classified {
        charge_type.into()
    }

    #[test]
    fn names_and_classes_find_their_type() {
        for one in ChargeType::ALL {
            assert_eq!(ChargeType::named(one.facts().class), Some(one));
            assert_eq!(ChargeType::named(one.facts().name.en), Some(one));
            assert_eq!(one.facts().class, format!("{one:?}"));
            assert!(!one.facts().explanation.es.is_empty());
        }
        assert_eq!(ChargeType::named("Jaywalking"), None);
    }

    #[test]
    fn a_sex_crime_printed_with_its_subsection_is_one() {
        let charge = evidence("sexual abuse", "1634271A", "felony class b", "convicted");
        assert_eq!(classify(&charge).unwrap(), certain(ChargeType::SexCrime));
        let as_peer = Evidence {
            policy: Policy::AS_PEER,
            ..charge
        };
        assert_eq!(classify(&as_peer).unwrap(), certain(ChargeType::FelonyClassB));
    }

    #[test]
    fn person_felonies_named_by_subsection_need_that_subsection() {
        let strangled = |statute| classified("strangulation", statute, "felony class b", "convicted");
        assert_eq!(strangled("163187"), certain(ChargeType::PersonFelonyClassB));
        assert_eq!(strangled("1631874A"), certain(ChargeType::PersonFelonyClassB));
        assert_eq!(strangled("1631871"), certain(ChargeType::FelonyClassB));
    }

    #[test]
    fn a_dismissal_ends_every_doubt_but_those_about_the_dismissal() {
        let dismissed = certain(ChargeType::DismissedCharge);
        assert_eq!(
            classified("murder", "163115", "felony unclassified", "dismissed"),
            dismissed
        );
        assert_eq!(
            classified("mistreatment", "163205", "felony class c", "no complaint"),
            dismissed
        );
        let duii = classified("duii", "813010", "misdemeanor class a", "dismissed");
        assert_eq!(duii.question(), Some(Question::CourtOrderedDiversion));
    }

    #[test]
    fn traffic_crimes_and_traffic_violations() {
        assert_eq!(
            classified("x", "811140", "misdemeanor class a", "convicted"),
            certain(ChargeType::TrafficOffense)
        );
        assert_eq!(
            classified("x", "811175", "violation class a", "convicted"),
            certain(ChargeType::TrafficViolation)
        );
        assert_eq!(
            classified("x", "826001", "misdemeanor class a", "convicted"),
            certain(ChargeType::MisdemeanorClassA)
        );
        assert_eq!(
            classified("duii", "813010", "infraction", "guilty"),
            certain(ChargeType::Duii)
        );
    }

    #[test]
    fn an_unlisted_level_is_left_to_a_person() {
        let charge = evidence("mistreatment", "163205", "n/a", "convicted");
        let Classified::Ask(question) = classify(&charge).unwrap() else {
            panic!("a question")
        };
        let mut types = Vec::new();
        question.possibilities(&mut |(one, _)| types.push(one));
        assert_eq!(types, [ChargeType::UnclassifiedCharge, ChargeType::Subsection6]);
        assert_eq!(
            classify(&Evidence {
                policy: Policy::AS_PEER,
                ..charge
            }),
            Err(UnlistedLevel)
        );
    }

    #[test]
    fn young_marijuana_offenders_have_their_own_rule() {
        let charge = evidence("poss marijuana", "475860", "felony class b", "convicted");
        let young = Evidence {
            birth_year: Some(2000),
            ..charge
        };
        assert_eq!(classify(&young).unwrap(), certain(ChargeType::MarijuanaUnder21));
        let regraded = Classified::Certain((ChargeType::MarijuanaEligible, Some(Severity::FelonyClassC)));
        assert_eq!(classify(&charge).unwrap(), regraded);
        assert_eq!(
            classify(&Evidence {
                birth_year: None,
                ..charge
            })
            .unwrap(),
            regraded
        );
    }

    #[test]
    fn multnomah_does_not_say_which_violations_are_traffic() {
        let charge = evidence("fishing", "497001", "violation class b", "convicted");
        assert_eq!(classify(&charge).unwrap(), certain(ChargeType::Violation));
        let multnomah = Evidence {
            county: "multnomah",
            ..charge
        };
        assert_eq!(
            classify(&multnomah).unwrap(),
            certain(ChargeType::PossibleTrafficViolation)
        );
    }
}
