//! Invented people with invented records, so that anyone can try the service without access to the court's site.
//!
//! Names, case numbers and offences are those of the service that this one replaces. Dates count back from the clock, so that
//! what a demonstration shows stays true over the years.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::Alias;
use super::case::{Case, Charge, Disposition, EditStatus};
use super::phrase::{Phrase, phrase};

/// Somebody to search for.
pub struct DemoPerson {
    pub first_name: &'static str,
    pub last_name: &'static str,
    /// `M/D/YYYY` or empty. Compared as text.
    pub birth_date: &'static str,
    /// What this record demonstrates.
    pub shows: Phrase,
    records: &'static [&'static [DemoCase]],
}

struct DemoCase {
    number: &'static str,
    name: &'static str,
    birth_year: i16,
    county: &'static str,
    filed: Ago,
    case_type: &'static str,
    balance_due_in_cents: i64,
    charges: &'static [DemoCharge],
}

struct DemoCharge {
    name: &'static str,
    statute: &'static str,
    level: &'static str,
    charged: Ago,
    ruled: Ago,
    ruling: &'static str,
}

/// So long before the clock.
#[derive(Clone, Copy)]
enum Ago {
    Days(i32),
    Months(i32),
}

impl Ago {
    fn before(self, clock: Date) -> Date {
        let span: Span = match self {
            Self::Days(days) => days.days(),
            Self::Months(months) => months.months(),
        };
        clock.saturating_sub(span)
    }
}

/// All of them, in the order in which a page lists them.
pub static PEOPLE: [DemoPerson; 9] = [
    DemoPerson {
        first_name: "John",
        last_name: "Common",
        birth_date: "",
        shows: phrase(
            "A frequent name: without a birth date, the records of two people are found as one.",
            "Un nombre frecuente: sin fecha de nacimiento se encuentran como uno los expedientes de dos personas.",
        ),
        records: &[COMMON_1970, COMMON_1985],
    },
    DemoPerson {
        first_name: "John",
        last_name: "Common",
        birth_date: "1/1/1970",
        shows: phrase(
            "A class B felony that still waits, a class A misdemeanor, and a marijuana violation.",
            "Un delito grave clase B que aún espera, un delito menor clase A y una infracción de marihuana.",
        ),
        records: &[COMMON_1970],
    },
    DemoPerson {
        first_name: "John",
        last_name: "Common",
        birth_date: "2/2/1985",
        shows: phrase(
            "A dismissed misdemeanor, and a drug charge about which a question must be answered.",
            "Un delito menor desestimado y un cargo de drogas sobre el que hay que responder una pregunta.",
        ),
        records: &[COMMON_1985],
    },
    DemoPerson {
        first_name: "Single",
        last_name: "Conviction",
        birth_date: "",
        shows: phrase(
            "One conviction of a class C felony whose waiting time is nearly over.",
            "Una condena por delito grave clase C cuyo plazo casi ha terminado.",
        ),
        records: &[SINGLE_CONVICTION],
    },
    DemoPerson {
        first_name: "Multiple",
        last_name: "Charges",
        birth_date: "",
        shows: phrase(
            "Several charges in one case, a balance owed, and a traffic violation.",
            "Varios cargos en un caso, un saldo pendiente y una infracción de tránsito.",
        ),
        records: &[MULTIPLE_CHARGES],
    },
    DemoPerson {
        first_name: "More",
        last_name: "Categories",
        birth_date: "",
        shows: phrase(
            "Nearly every answer at once: eligible, later, with a balance, and never.",
            "Casi todas las respuestas a la vez: elegible, más adelante, con saldo y nunca.",
        ),
        records: &[MORE_CATEGORIES],
    },
    DemoPerson {
        first_name: "Single",
        last_name: "Violation",
        birth_date: "",
        shows: phrase(
            "The same kind of violation in two counties: one county does not say whether it is about traffic.",
            "La misma clase de infracción en dos condados: uno no dice si es de tránsito.",
        ),
        records: &[SINGLE_VIOLATION],
    },
    DemoPerson {
        first_name: "Various",
        last_name: "Attempts",
        birth_date: "",
        shows: phrase(
            "Attempts at three levels, each with its question.",
            "Tentativas de tres niveles, cada una con su pregunta.",
        ),
        records: &[VARIOUS_ATTEMPTS],
    },
    DemoPerson {
        first_name: "Contempt",
        last_name: "One",
        birth_date: "",
        shows: phrase(
            "A finding of contempt of court, which is not a crime.",
            "Un desacato al tribunal, que no es un delito.",
        ),
        records: &[CONTEMPT_ONE],
    },
];

impl DemoPerson {
    /// Is this whom the alias means? Names without regard to case; a middle name does not matter, nobody here has one.
    fn is(&self, alias: &Alias) -> bool {
        let same = |typed: &str, name: &str| typed.trim().eq_ignore_ascii_case(name);
        same(&alias.first_name, self.first_name)
            && same(&alias.last_name, self.last_name)
            && alias.birth_date.trim() == self.birth_date
    }

    /// The cases as the court's pages would give them on the day `clock`.
    #[must_use]
    pub fn cases(&self, clock: Date) -> Vec<Case> {
        let records = self.records.iter().copied().flatten();
        records.map(|case| case.on(clock)).collect()
    }

    /// How a page names the person: `John Common (1/1/1970)`.
    #[must_use]
    pub fn label(&self) -> String {
        let Self {
            first_name,
            last_name,
            birth_date,
            ..
        } = self;
        match *birth_date {
            "" => format!("{first_name} {last_name}"),
            born => format!("{first_name} {last_name} ({born})"),
        }
    }
}

/// The cases of everyone whom the aliases name; whom they do not name has none.
#[must_use]
pub fn find(aliases: &[Alias], clock: Date) -> Vec<Case> {
    let named = aliases
        .iter()
        .filter_map(|alias| PEOPLE.iter().find(|person| person.is(alias)));
    named.flat_map(|person| person.cases(clock)).collect()
}

impl DemoCase {
    fn on(&self, clock: Date) -> Case {
        let charges = self.charges.iter().zip(1..).map(|(charge, number)| Charge {
            ambiguous_charge_id: format!("{}-{number}", self.number),
            name: charge.name.to_owned(),
            statute: charge.statute.to_owned(),
            level: charge.level.to_owned(),
            date: charge.charged.before(clock),
            disposition: Some(Disposition {
                date: charge.ruled.before(clock),
                ruling: charge.ruling.to_owned(),
                amended: false,
            }),
            probation_revoked: None,
            edit_status: EditStatus::Unchanged,
            chosen_type: None,
        });
        Case {
            case_number: self.number.to_owned(),
            name: self.name.to_owned(),
            birth_year: Some(self.birth_year),
            citation_number: "something".to_owned(),
            district_attorney_number: "01234567".to_owned(),
            sid: "OR12345678".to_owned(),
            location: self.county.to_owned(),
            date: self.filed.before(clock),
            violation_type: self.case_type.to_owned(),
            current_status: "Closed".to_owned(),
            case_detail_link: "?404".to_owned(),
            restitution: false,
            balance_due_in_cents: self.balance_due_in_cents,
            charges: charges.collect(),
            edit_status: EditStatus::Unchanged,
        }
    }
}

const fn charge(
    name: &'static str,
    statute: &'static str,
    level: &'static str,
    charged: Ago,
    ruled: Ago,
    ruling: &'static str,
) -> DemoCharge {
    DemoCharge {
        name,
        statute,
        level,
        charged,
        ruled,
        ruling,
    }
}

const CONVICTED: &str = "Convicted";
const DISMISSED: &str = "Dismissed";
/// Five years ago, and the ruling three months later; likewise the others.
const FIVE_YEARS: Ago = Ago::Months(60);
const RULED_FIVE: Ago = Ago::Months(57);
const TEN_YEARS: Ago = Ago::Months(120);
const RULED_TEN: Ago = Ago::Months(117);
const TODAY: Ago = Ago::Days(0);

static COMMON_1970: &[DemoCase] = &[
    DemoCase {
        number: "100000",
        name: "COMMON A. NAME",
        birth_year: 1970,
        county: "Clackamas",
        filed: Ago::Days(2325),
        case_type: "Offense Misdemeanor",
        balance_due_in_cents: 0,
        charges: &[charge(
            "Aggravated Theft in the First Degree",
            "164.057",
            "Felony Class B",
            Ago::Days(2325),
            Ago::Days(2294),
            CONVICTED,
        )],
    },
    DemoCase {
        number: "110000",
        name: "COMMON NAME",
        birth_year: 1970,
        county: "Baker",
        filed: Ago::Days(2795),
        case_type: "Offense Misdemeanor",
        balance_due_in_cents: 0,
        charges: &[charge(
            "Theft in the Second Degree",
            "164.057",
            "Misdemeanor Class A",
            Ago::Days(2795),
            Ago::Days(2764),
            CONVICTED,
        )],
    },
    DemoCase {
        number: "120000",
        name: "COMMON A NAME",
        birth_year: 1970,
        county: "Baker",
        filed: Ago::Days(2795),
        case_type: "Offense Misdemeanor",
        balance_due_in_cents: 0,
        charges: &[charge(
            "Poss under oz Marijuana",
            "475.000",
            "violation",
            Ago::Days(3160),
            Ago::Days(3129),
            CONVICTED,
        )],
    },
];

static COMMON_1985: &[DemoCase] = &[
    DemoCase {
        number: "200000",
        name: "COMMON NAME",
        birth_year: 1985,
        county: "Benton",
        filed: Ago::Days(1230),
        case_type: "Offense Misdemeanor",
        balance_due_in_cents: 0,
        charges: &[charge(
            "Obstruction of search warrant",
            "162.247",
            "Misdemeanor Class A",
            Ago::Days(1230),
            Ago::Days(1230),
            DISMISSED,
        )],
    },
    DemoCase {
        number: "210000",
        name: "COMMON B. NAME",
        birth_year: 1985,
        county: "Baker",
        filed: Ago::Days(1527),
        case_type: "Offense Misdemeanor",
        balance_due_in_cents: 0,
        charges: &[charge(
            "Poss Controlled Sub",
            "475.9924A",
            "Felony Unclassified",
            Ago::Days(1527),
            Ago::Months(48),
            CONVICTED,
        )],
    },
];

static SINGLE_CONVICTION: &[DemoCase] = &[DemoCase {
    number: "100000",
    name: "SINGLE OFFENSE",
    birth_year: 1995,
    county: "Deschutes",
    filed: FIVE_YEARS,
    case_type: "Offense Felony",
    balance_due_in_cents: 0,
    charges: &[charge(
        "Identity Theft",
        "165.800",
        "Felony Class C",
        FIVE_YEARS,
        RULED_FIVE,
        CONVICTED,
    )],
}];

static MULTIPLE_CHARGES: &[DemoCase] = &[
    DemoCase {
        number: "100000",
        name: "MULTIPLE CHARGES",
        birth_year: 1990,
        county: "Baker",
        filed: Ago::Months(48),
        case_type: "Offense Misdemeanor",
        balance_due_in_cents: 100_000,
        charges: &[
            charge(
                "Disorderly Conduct in the First Degree",
                "166.223",
                "Misdemeanor Class A",
                Ago::Months(48),
                Ago::Months(45),
                CONVICTED,
            ),
            charge(
                "Disorderly Conduct in the Second Degree",
                "166.2250A",
                "Misdemeanor Class B",
                Ago::Months(48),
                Ago::Months(45),
                DISMISSED,
            ),
        ],
    },
    DemoCase {
        number: "110000",
        name: "MULTIPLE CHARGES",
        birth_year: 1990,
        county: "Multnomah",
        filed: Ago::Months(12),
        case_type: "Offense Misdemeanor",
        balance_due_in_cents: 0,
        charges: &[charge(
            "Theft in the Third Degree",
            "164.043",
            "Misdemeanor Class C",
            Ago::Months(12),
            Ago::Months(9),
            DISMISSED,
        )],
    },
    DemoCase {
        number: "120000",
        name: "MULTIPLE CHARGES",
        birth_year: 1990,
        county: "Multnomah",
        filed: Ago::Months(144),
        case_type: "Offense Violation",
        balance_due_in_cents: 0,
        charges: &[charge(
            "Failure to Obey Traffic Control Device",
            "811.265",
            "Violation",
            Ago::Months(144),
            Ago::Months(141),
            DISMISSED,
        )],
    },
];

/// A case of "More Categories" and "Various Attempts": both people have the same name.
const fn notaperson(
    number: &'static str,
    case_type: &'static str,
    balance_due_in_cents: i64,
    charges: &'static [DemoCharge],
) -> DemoCase {
    DemoCase {
        number,
        name: "John Notaperson",
        birth_year: 1995,
        county: "Multnomah",
        filed: TODAY,
        case_type,
        balance_due_in_cents,
        charges,
    }
}

static MORE_CATEGORIES: &[DemoCase] = &[
    notaperson(
        "123456",
        "Offense Felony",
        50_000,
        &[
            charge(
                "Assaulting a Public Safety Officer",
                "163.208",
                "Felony Class C",
                Ago::Months(24),
                Ago::Months(21),
                CONVICTED,
            ),
            charge(
                "Felony Riot",
                "111.111",
                "Felony Class C",
                Ago::Months(24),
                Ago::Months(21),
                DISMISSED,
            ),
        ],
    ),
    notaperson(
        "234567",
        "Offense Felony",
        0,
        &[
            charge(
                "Assaulting a Public Safety Officer",
                "163.208",
                "Felony Class C",
                FIVE_YEARS,
                RULED_FIVE,
                CONVICTED,
            ),
            charge(
                "Assaulting a Public Safety Officer",
                "163.208",
                "Felony Class C",
                FIVE_YEARS,
                RULED_FIVE,
                DISMISSED,
            ),
        ],
    ),
    notaperson("333333", "Offense Violation", 0, MARIJUANA_VIOLATION),
    notaperson("444444", "Offense Violation", 50_000, MARIJUANA_VIOLATION),
    notaperson(
        "555555",
        "Offense Felony",
        0,
        &[
            charge(
                "Assault in the First Degree",
                "999999",
                "Felony Class A",
                FIVE_YEARS,
                RULED_FIVE,
                CONVICTED,
            ),
            charge(
                "Harassment",
                "163.208",
                "Felony Class C",
                FIVE_YEARS,
                RULED_FIVE,
                DISMISSED,
            ),
        ],
    ),
];

static MARIJUANA_VIOLATION: &[DemoCharge] = &[charge(
    "Possession of Marijuana < 1 Ounce",
    "4758643",
    "Violation Unclassified",
    FIVE_YEARS,
    RULED_FIVE,
    CONVICTED,
)];

static SINGLE_VIOLATION: &[DemoCase] = &[
    DemoCase {
        number: "400000",
        name: "SINGLE VIOLATION",
        birth_year: 1988,
        county: "Multnomah",
        filed: FIVE_YEARS,
        case_type: "Offense Violation",
        balance_due_in_cents: 0,
        charges: VIOLATION,
    },
    DemoCase {
        number: "500000",
        name: "SINGLE VIOLATION",
        birth_year: 1988,
        county: "Benton",
        filed: FIVE_YEARS,
        case_type: "Offense Violation",
        balance_due_in_cents: 0,
        charges: VIOLATION,
    },
];

static VIOLATION: &[DemoCharge] = &[charge(
    "Possession of Alcohol by Minor",
    "471.430",
    "Violation Class B",
    FIVE_YEARS,
    RULED_FIVE,
    CONVICTED,
)];

static VARIOUS_ATTEMPTS: &[DemoCase] = &[
    notaperson(
        "123456",
        "Offense Felony",
        0,
        &[charge(
            "Attempt to Commit a Class A Felony",
            "161.405(2)(c)",
            "Felony Class B",
            TEN_YEARS,
            RULED_TEN,
            CONVICTED,
        )],
    ),
    DemoCase {
        name: "Jon Notaperson",
        ..notaperson(
            "223456",
            "Offense Felony",
            0,
            &[charge(
                "Attempt to Commit a Class B Felony",
                "161.405(2)(c)",
                "Felony Class C",
                TEN_YEARS,
                RULED_TEN,
                CONVICTED,
            )],
        )
    },
    notaperson(
        "323456",
        "Offense Misdemeanor",
        0,
        &[charge(
            "Attempt to Commit a Class A Misdemeanor",
            "161.405(2)(c)",
            "Misdemeanor Class B",
            TEN_YEARS,
            RULED_TEN,
            CONVICTED,
        )],
    ),
];

static CONTEMPT_ONE: &[DemoCase] = &[DemoCase {
    number: "600000",
    name: "CONTEMPT ONE",
    birth_year: 1990,
    county: "Multnomah",
    filed: Ago::Months(24),
    case_type: "Offense Violation",
    balance_due_in_cents: 0,
    charges: &[charge(
        "Contempt of Court",
        "33.015",
        "Violation",
        Ago::Months(24),
        Ago::Months(21),
        CONVICTED,
    )],
}];
