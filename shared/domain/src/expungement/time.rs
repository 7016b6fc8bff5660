//! The waiting times of ORS 137.225: when a charge becomes eligible, and what makes it wait.
//!
//! In short: a conviction waits 7, 5, 3 or 1 years by its severity, from its own date and from the most recent other
//! conviction, counted with its own years (137.225(1)(b), (7)(b)); a dismissal does not wait; a no-complaint waits 60 days;
//! a revoked probation starts three years more.

use std::fmt;

use jiff::civil::Date;

use super::case::{Case, Charge, EditStatus};
use super::charge_types::{ChargeType, EligibilityStatus, Possibility, Severity, TypeEligibility};
use super::disposition::{DispositionStatus, Ruled, contains};
use super::phrase::{Phrase, phrase};
use super::policy::{Deviation, Policy};
use super::when::{Period, When};
use crate::person::Language;

/// How long a conviction of a severity waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wait<'a> {
    /// Class A felonies have no waiting time in 137.225.
    FelonyClassA,
    Years(u16),
    /// Three years too, of a misdemeanor without a class; the peer's text has one blank more.
    UnclassifiedMisdemeanor,
    /// The level printed on the page is none that the statute knows.
    Unrecognized {
        level: &'a str,
    },
}

impl<'a> Wait<'a> {
    fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::FelonyClassA => Self::FelonyClassA,
            Severity::FelonyClassB => Self::Years(7),
            Severity::FelonyClassC => Self::Years(5),
            Severity::MisdemeanorClassA => Self::Years(3),
            Severity::MisdemeanorClassB | Severity::Violation => Self::Years(1),
        }
    }

    fn of_level(level: &'a str, policy: Policy) -> Self {
        const ROWS: [(&str, &str, Wait<'static>); 9] = [
            ("Felony Class A", "class a felony", Wait::FelonyClassA),
            ("Felony Class B", "class b felony", Wait::Years(7)),
            ("Felony Class C", "class c felony", Wait::Years(5)),
            ("Misdemeanor Class A", "class a misdemeanor", Wait::Years(3)),
            ("Misdemeanor Class B", "class b misdemeanor", Wait::Years(1)),
            ("Misdemeanor Class C", "class c misdemeanor", Wait::Years(1)),
            ("Violation", "violation", Wait::Years(1)),
            ("Infraction", "infraction", Wait::Years(1)),
            ("Misdemeanor", "misdemeanor", Wait::UnclassifiedMisdemeanor),
        ];
        let exact = ROWS.iter().find(|(row, _, _)| contains(level, row));
        if let Some((_, _, wait)) = exact {
            return *wait;
        }
        if policy.allows(Deviation::LevelSpelling) {
            let lower = level.to_lowercase();
            let found = ROWS.iter().find(|(row, other_order, _)| {
                contains(&lower, &row.to_lowercase()) || contains(&lower, other_order)
            });
            if let Some((_, _, wait)) = found {
                return *wait;
            }
        }
        Self::Unrecognized { level }
    }

    /// The date reached by waiting from `start`.
    fn from(self, start: When) -> When {
        match self {
            Self::FelonyClassA | Self::Unrecognized { .. } => When::Never,
            Self::Years(years) => start.plus(Period::years(years)),
            Self::UnclassifiedMisdemeanor => start.plus(Period::years(3)),
        }
    }

    fn own_conviction(self) -> TimeReason<'a> {
        match self {
            Self::FelonyClassA => TimeReason::FelonyClassA,
            Self::Years(years) => TimeReason::OwnConviction { years },
            Self::UnclassifiedMisdemeanor => TimeReason::OwnConviction { years: 3 },
            Self::Unrecognized { level } => TimeReason::UnrecognizedLevel { level },
        }
    }

    fn other_conviction(self, blocker: &Timing<'a>) -> TimeReason<'a> {
        let (case_number, pending) = (blocker.case_number, blocker.pending);
        match self {
            Self::FelonyClassA => TimeReason::FelonyClassA,
            Self::Years(years) => TimeReason::OtherConviction {
                years,
                classified: true,
                case_number,
                pending,
            },
            Self::UnclassifiedMisdemeanor => TimeReason::OtherConviction {
                years: 3,
                classified: false,
                case_number,
                pending,
            },
            Self::Unrecognized { level } => TimeReason::UnrecognizedLevel { level },
        }
    }
}

impl Severity {
    /// Years from a conviction of this severity until it can be set aside; `None`: never (137.225(1)(b)).
    #[must_use]
    pub fn waiting_years(self) -> Option<u16> {
        match Wait::of_severity(self) {
            Wait::Years(years) => Some(years),
            _ => None,
        }
    }
}

/// Why a charge is eligible, or has to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeReason<'a> {
    EligibleNow,
    OwnConviction {
        years: u16,
    },
    /// 137.225(7)(b). `pending`: the other case is not closed.
    OtherConviction {
        years: u16,
        classified: bool,
        case_number: &'a str,
        pending: bool,
    },
    FelonyClassA,
    UnrecognizedLevel {
        level: &'a str,
    },
    Dismissal,
    TypeIneligible,
    NoComplaint,
    ProbationRevoked,
    MarijuanaUnder21,
    MarijuanaViolation,
}

static ELIGIBLE_NOW: Phrase = phrase("Eligible now", "Elegible ahora");
static OWN: [Phrase; 4] = [
    phrase(
        "One year from date of conviction (137.225(1)(b))",
        "Un año desde la fecha de la condena (137.225(1)(b))",
    ),
    phrase(
        "Three years from date of conviction (137.225(1)(b))",
        "Tres años desde la fecha de la condena (137.225(1)(b))",
    ),
    phrase(
        "Five years from date of conviction (137.225(1)(b))",
        "Cinco años desde la fecha de la condena (137.225(1)(b))",
    ),
    phrase(
        "Seven years from date of conviction (137.225(1)(b))",
        "Siete años desde la fecha de la condena (137.225(1)(b))",
    ),
];
static OTHER: [Phrase; 4] = [
    phrase(
        "137.225(7)(b) – One year from most recent {}other conviction from case [{}].",
        "137.225(7)(b) – Un año desde la otra condena {}más reciente, del caso [{}].",
    ),
    phrase(
        "137.225(7)(b) – Three years from most recent {}other conviction from case [{}].",
        "137.225(7)(b) – Tres años desde la otra condena {}más reciente, del caso [{}].",
    ),
    phrase(
        "137.225(7)(b) – Five years from most recent {}other conviction from case [{}].",
        "137.225(7)(b) – Cinco años desde la otra condena {}más reciente, del caso [{}].",
    ),
    phrase(
        "137.225(7)(b) – Seven years from most recent {}other conviction from case [{}].",
        "137.225(7)(b) – Siete años desde la otra condena {}más reciente, del caso [{}].",
    ),
];
static POTENTIAL: Phrase = phrase("potential ", "posible ");
static FELONY_CLASS_A: Phrase = phrase(
    "Never. Felony Class A convictions are omitted from 137.225.",
    "Nunca. 137.225 no incluye las condenas por delito grave clase A.",
);
static UNRECOGNIZED_LEVEL: Phrase = phrase(
    "Error: unrecognized severity level in \"{}\". Edit this charge to have a valid level.",
    "Error: no se reconoce la gravedad \"{}\". Edite este cargo para darle un nivel válido.",
);
static DISMISSAL: Phrase = phrase(
    "Eligible immediately (137.225(1)(d))",
    "Elegible de inmediato (137.225(1)(d))",
);
static TYPE_INELIGIBLE: Phrase = phrase(
    "Never. Type ineligible charges are always time ineligible.",
    "Nunca. Un cargo de tipo inelegible no tiene plazo.",
);
static NO_COMPLAINT: Phrase = phrase(
    "Sixty days from date of no-complaint disposition (137.225(1)(c))",
    "Sesenta días desde la resolución sin denuncia (137.225(1)(c))",
);
static PROBATION_REVOKED: Phrase = phrase(
    "Time-ineligible under 137.225(1)(c) (Probation Revoked). Inspect further if the case has multiple convictions on the case.",
    "Plazo no cumplido según 137.225(1)(c) (libertad condicional revocada). Revise si el caso tiene varias condenas.",
);
static MARIJUANA_UNDER_21: Phrase = phrase(
    "One year from date of conviction (137.226)",
    "Un año desde la fecha de la condena (137.226)",
);
static MARIJUANA_VIOLATION: Phrase = phrase(
    "Eligible immediately (475B.401)",
    "Elegible de inmediato (475B.401)",
);

impl TimeReason<'_> {
    fn phrase(&self) -> &'static Phrase {
        let by_years = |phrases: &'static [Phrase; 4], years: u16| match years {
            7 => &phrases[3],
            5 => &phrases[2],
            3 => &phrases[1],
            _ => &phrases[0],
        };
        match self {
            Self::EligibleNow => &ELIGIBLE_NOW,
            Self::OwnConviction { years } => by_years(&OWN, *years),
            Self::OtherConviction { years, .. } => by_years(&OTHER, *years),
            Self::FelonyClassA => &FELONY_CLASS_A,
            Self::UnrecognizedLevel { .. } => &UNRECOGNIZED_LEVEL,
            Self::Dismissal => &DISMISSAL,
            Self::TypeIneligible => &TYPE_INELIGIBLE,
            Self::NoComplaint => &NO_COMPLAINT,
            Self::ProbationRevoked => &PROBATION_REVOKED,
            Self::MarijuanaUnder21 => &MARIJUANA_UNDER_21,
            Self::MarijuanaViolation => &MARIJUANA_VIOLATION,
        }
    }

    pub(super) fn write(&self, language: Language, out: &mut impl fmt::Write) -> fmt::Result {
        match self {
            Self::OtherConviction {
                classified,
                case_number,
                pending,
                ..
            } => {
                let potential = if *pending {
                    POTENTIAL.in_language(language)
                } else {
                    ""
                };
                let blank = if *classified || language == Language::Es {
                    ""
                } else {
                    " "
                };
                self.phrase()
                    .fill(language, &[&format_args!("{potential}{blank}"), case_number], out)
            }
            Self::UnrecognizedLevel { level } => self.phrase().fill(language, &[level], out),
            _ => out.write_str(self.phrase().in_language(language)),
        }
    }

    /// The sentence.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(language, &mut text);
        text
    }
}

/// Whether the wait of one charge is over, in one combination of what the charges may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeVerdict<'a> {
    pub eligible: bool,
    pub reason: TimeReason<'a>,
    /// When it is or was over; a past date is kept.
    pub date: When,
    /// What set the date, also where the wait is over and `reason` says only that.
    pub wait: TimeReason<'a>,
}

impl TimeVerdict<'_> {
    /// Whether both tell a person the same; what set a past date is no difference.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        (self.eligible, self.reason, self.date) == (other.eligible, other.reason, other.date)
    }
}

/// The rules that overrule every wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Exception {
    /// 137.226: one year, where every other conviction is a traffic violation.
    Under21,
    /// 475B.401: at once.
    MarijuanaViolation,
}

/// One charge as one type, prepared for the analysis.
#[derive(Clone, Copy, Debug)]
pub struct Timing<'a> {
    case_number: &'a str,
    /// The case is not closed.
    pending: bool,
    convicted: bool,
    /// A conviction that makes others wait (deleted charges never do).
    blocks: bool,
    /// A conviction that takes the under-21 rule away from others.
    bars_under_21: bool,
    is_violation: bool,
    disposed: When,
    wait: Wait<'a>,
    /// The latest of all dates that do not depend on other charges.
    alone: (When, TimeReason<'a>),
    exception: Option<Exception>,
}

impl<'a> Timing<'a> {
    /// `None` for a charge that the time rules do not touch: neither convicted nor dismissed, or of a type that a person must look at.
    #[must_use]
    pub fn new(
        case: &'a Case,
        charge: &'a Charge,
        (charge_type, severity): Possibility,
        eligibility: TypeEligibility,
        disposition: &Ruled<'a>,
        policy: Policy,
    ) -> Option<Self> {
        let status = disposition.status;
        let convicted = status.is_convicted();
        let decided = convicted || status.is_dismissed();
        if !decided || eligibility.status == EligibilityStatus::NeedsMoreAnalysis {
            return None;
        }
        let wait = severity.map_or_else(|| Wait::of_level(&charge.level, policy), Wait::of_severity);
        let counts = convicted && charge.edit_status != EditStatus::Delete;

        let mut alone = (When::Day(charge.date), TimeReason::Dismissal);
        if convicted {
            alone = (wait.from(disposition.date), wait.own_conviction());
            if let Some(revoked) = charge.probation_revoked {
                let three_years_on = When::Day(revoked).plus(Period::years(3));
                alone = later(alone, (three_years_on, TimeReason::ProbationRevoked));
            }
        }
        if status == DispositionStatus::NoComplaint {
            alone = later(
                alone,
                (disposition.date.plus(Period::days(60)), TimeReason::NoComplaint),
            );
        }
        if eligibility.status == EligibilityStatus::Ineligible {
            alone = later(alone, (When::Never, TimeReason::TypeIneligible));
        }

        Some(Self {
            case_number: &case.case_number,
            pending: !case.is_closed(),
            convicted,
            blocks: counts && charge_type.facts().blocks_other_charges,
            bars_under_21: counts && charge_type != ChargeType::TrafficViolation,
            is_violation: is_violation(severity, &charge.level, policy),
            disposed: disposition.date,
            wait,
            alone,
            exception: match charge_type {
                ChargeType::MarijuanaUnder21 if convicted => Some(Exception::Under21),
                ChargeType::MarijuanaViolation => Some(Exception::MarijuanaViolation),
                _ => None,
            },
        })
    }

    /// Whether other charges can change this one's verdict.
    #[must_use]
    pub fn depends_on_others(&self) -> bool {
        self.convicted
    }
}

fn is_violation(severity: Option<Severity>, level: &str, policy: Policy) -> bool {
    match severity {
        Some(severity) if policy.allows(Deviation::ViolationByType) => severity == Severity::Violation,
        _ => level.len() >= "violation".len() && contains(&level.to_lowercase(), "violation"),
    }
}

/// The later of two dates with its reason; of the same date, the reason whose English text sorts last.
fn later<'a>(a: (When, TimeReason<'a>), b: (When, TimeReason<'a>)) -> (When, TimeReason<'a>) {
    match a.0.cmp(&b.0).then_with(|| a.1.phrase().en.cmp(b.1.phrase().en)) {
        std::cmp::Ordering::Less => b,
        _ => a,
    }
}

/// What the convictions of one combination mean for the others: the newest three that block (each charge leaves itself out,
/// and may skip one violation), and how many there are that bar the under-21 rule.
pub struct Convictions<'t, 'a> {
    newest: [Option<(usize, &'t Timing<'a>)>; 3],
    barring_under_21: usize,
}

impl<'t, 'a> Convictions<'t, 'a> {
    /// Takes the charges in the order of the record; of the same date, the earlier charge comes first.
    pub fn of(charges: impl Iterator<Item = (usize, &'t Timing<'a>)>) -> Self {
        let mut found = Self {
            newest: [None; 3],
            barring_under_21: 0,
        };
        for (index, timing) in charges {
            found.barring_under_21 += usize::from(timing.bars_under_21);
            if !timing.blocks {
                continue;
            }
            let place = found
                .newest
                .iter()
                .position(|other| other.is_none_or(|(_, other)| other.disposed < timing.disposed));
            if let Some(place) = place {
                found.newest[place..].rotate_right(1);
                found.newest[place] = Some((index, timing));
            }
        }
        found
    }

    /// The conviction that charge `index` has to wait for. A single violation does not count (137.225(7)(b)): where the
    /// newest is one, the one before it is taken.
    fn blocker(&self, index: usize) -> Option<&'t Timing<'a>> {
        let mut others = self
            .newest
            .iter()
            .flatten()
            .filter(|(other, _)| *other != index)
            .map(|(_, timing)| *timing);
        let newest = others.next()?;
        if newest.is_violation {
            others.next()
        } else {
            Some(newest)
        }
    }

    /// The verdict on charge `index`.
    #[must_use]
    pub fn judge(&self, index: usize, charge: &Timing<'a>, today: Date) -> TimeVerdict<'a> {
        let (date, reason) = match charge.exception {
            Some(Exception::Under21) if self.barring_under_21 == usize::from(charge.bars_under_21) => (
                charge.disposed.plus(Period::years(1)),
                TimeReason::MarijuanaUnder21,
            ),
            Some(Exception::MarijuanaViolation) => (charge.disposed, TimeReason::MarijuanaViolation),
            _ => match self.blocker(index).filter(|_| charge.convicted) {
                Some(blocker) => later(
                    charge.alone,
                    (
                        charge.wait.from(blocker.disposed),
                        charge.wait.other_conviction(blocker),
                    ),
                ),
                None => charge.alone,
            },
        };
        let eligible = date.is_reached_on(today);
        TimeVerdict {
            eligible,
            reason: if eligible { TimeReason::EligibleNow } else { reason },
            date,
            wait: reason,
        }
    }
}
