//! The summary of a record for the person whose record it is: what can be set aside now, later and never, what is owed, and
//! what the answer rests on. Texts and their order; typesetting is done elsewhere.

use super::Alias;
use super::banners::Doubts;
use super::disposition::DispositionStatus;
use super::phrase::{Phrase, phrase};
use super::record::{JudgedCharge, Record};
use super::summary::{Group, Standing, Summary, summarize};
use super::when::{When, display_day};
use crate::person::Language;

/// Whose record it is.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// Who was searched for: names are printed in capitals, birth dates where given.
    Aliases(&'a [Alias]),
    /// A heading of the caller's, e.g. a person's name and officer of a bulk run.
    Lines(&'a [String]),
}

/// The report, top to bottom.
#[derive(Debug)]
pub struct Report<'r> {
    pub language: Language,
    pub title: &'static str,
    /// Whose record, and for which day.
    pub about: Vec<String>,
    /// What must be known before the rest is trusted, under [`Report::notes_heading`].
    pub notes: Vec<String>,
    pub notes_heading: &'static str,
    /// How much there is, and what is not listed.
    pub totals: Vec<String>,
    pub sections: Vec<Section<'r>>,
    pub balances: Balances<'r>,
    pub closing: [Closing; 2],
}

/// Charges of which the same can be said.
#[derive(Debug)]
pub struct Section<'r> {
    pub heading: &'static str,
    pub text: &'static str,
    pub blocks: Vec<Block<'r>>,
}

/// Charges of one label; several where the label holds a date.
#[derive(Debug)]
pub struct Block<'r> {
    pub heading: Option<String>,
    pub rows: Vec<Row<'r>>,
}

#[derive(Debug, PartialEq)]
pub struct Row<'r> {
    pub case_number: &'r str,
    pub county: &'r str,
    /// Without the court's notes in brackets.
    pub charge: &'r str,
    pub outcome: &'static str,
    pub charged: String,
}

/// What is owed, by county and case.
#[derive(Debug)]
pub struct Balances<'r> {
    pub heading: &'static str,
    pub text: &'static str,
    /// County, case number, amount. Counties without debts are left out.
    pub rows: Vec<(&'r str, &'r str, String)>,
    pub total: String,
}

/// A closing section: paragraphs and a list.
#[derive(Clone, Copy, Debug)]
pub struct Closing {
    pub heading: &'static str,
    pub text: &'static str,
    pub points: &'static [Phrase],
}

/// The columns of a block: case, county, charge, outcome, charged.
pub static COLUMNS: [Phrase; 5] = [
    phrase("Case", "Caso"),
    phrase("County", "Condado"),
    phrase("Charge", "Cargo"),
    phrase("Outcome", "Resultado"),
    phrase("Charged", "Fecha del cargo"),
];
/// The columns of the balances.
pub static BALANCE_COLUMNS: [Phrase; 3] = [
    phrase("County", "Condado"),
    phrase("Case", "Caso"),
    phrase("Owed", "Saldo"),
];

static TITLE: Phrase = phrase("Summary of your record", "Resumen de su historial");
static NOTES: Phrase = phrase("Please read this first", "Lea esto primero");
static BORN: Phrase = phrase("{}, born {}", "{}, nacimiento: {}");
static FOR_DAY: Phrase = phrase("As of {}", "Al {}");
static OPEN: Phrase = phrase(
    "A case is still open: {}. While it is, no charge can be set aside, and the dates below may change with its outcome.",
    "Hay un caso abierto: {}. Mientras lo esté, no se puede anular ningún cargo, y las fechas de abajo pueden cambiar según su resultado.",
);
static TOO_LARGE: Phrase = phrase(
    "This record can be read in too many ways to be judged by a program, most likely because of open cases. A person must look at it.",
    "Este historial se puede interpretar de demasiadas maneras para que un programa lo evalúe, probablemente porque hay casos abiertos. Debe revisarlo una persona.",
);
static MISSING: Phrase = phrase(
    "The court's record does not say how a charge ended in: {}. Such a charge is not counted, so dates of other charges may be wrong.",
    "El registro del tribunal no dice cómo terminó un cargo en: {}. Ese cargo no se cuenta, así que las fechas de otros pueden ser incorrectas.",
);
static UNRECOGNIZED: Phrase = phrase(
    "We do not understand how a charge ended in: {}. Such a charge is not counted, so dates of other charges may be wrong.",
    "No entendemos cómo terminó un cargo en: {}. Ese cargo no se cuenta, así que las fechas de otros pueden ser incorrectas.",
);
static UNCLASSIFIED: Phrase = phrase(
    "We do not know what kind of charge this is in: {}. Ask somebody who knows the law to choose its kind.",
    "No sabemos de qué tipo es un cargo en: {}. Pida a alguien que conozca la ley que elija el tipo.",
);
static TOTAL: Phrase = phrase("Charges: {}. Cases: {}.", "Cargos: {}. Casos: {}.");
static NOT_LISTED: Phrase = phrase(
    "Traffic violations and parking tickets that are not listed, as they can never be set aside: {}.",
    "Infracciones de tránsito y de estacionamiento que no figuran aquí, pues nunca se pueden anular: {}.",
);
static NOTHING: Phrase = phrase("There is no charge to list.", "No hay ningún cargo que mostrar.");

/// A kind of section: which groups it takes, its heading and what it means.
struct Kind {
    takes: fn(&Group) -> bool,
    heading: Phrase,
    text: Phrase,
    /// The label of each group is shown: it holds a date or a condition.
    labelled: bool,
}

static KINDS: [Kind; 8] = [
    Kind {
        takes: |group| group.standing == Standing::Now && !group.if_paid && !group.in_part,
        heading: phrase("Eligible now", "Elegibles ahora"),
        text: phrase(
            "You can ask the court to set these charges aside now.",
            "Puede pedir ahora al tribunal que anule estos cargos.",
        ),
        labelled: false,
    },
    Kind {
        takes: |group| group.standing == Standing::Now && !group.if_paid && group.in_part,
        heading: phrase(
            "Eligible now, on a case with an ineligible charge",
            "Elegibles ahora, en un caso con un cargo inelegible",
        ),
        text: phrase(
            "You can ask for these now. Another charge of the same case stays on your record, so the motion asks for a part of the case.",
            "Puede pedirlos ahora. Otro cargo del mismo caso queda en su historial, así que la moción pide solo una parte del caso.",
        ),
        labelled: false,
    },
    Kind {
        takes: |group| group.standing == Standing::Never,
        heading: phrase("Not eligible", "No elegibles"),
        text: phrase(
            "The law as it stands does not let the court set these charges aside.",
            "La ley vigente no permite que el tribunal anule estos cargos.",
        ),
        labelled: false,
    },
    Kind {
        takes: |group| group.standing == Standing::Restitution,
        heading: phrase(
            "Not eligible while restitution is owed",
            "No elegibles mientras se deba restitución",
        ),
        text: phrase(
            "The court's record mentions restitution on these cases. It must be paid in full first; it cannot be waived.",
            "El registro del tribunal menciona una restitución en estos casos. Primero hay que pagarla por completo; no se puede eximir.",
        ),
        labelled: false,
    },
    Kind {
        takes: |group| group.standing == Standing::Now && group.if_paid,
        heading: phrase(
            "Eligible once the balance is paid",
            "Elegibles cuando se pague el saldo",
        ),
        text: phrase(
            "Nothing but what is owed on the case stands in the way. Balances are listed below.",
            "Lo único que lo impide es lo que se debe en el caso. Los saldos figuran más abajo.",
        ),
        labelled: true,
    },
    Kind {
        takes: |group| matches!(group.standing, Standing::Later(_)),
        heading: phrase("Eligible later", "Elegibles más adelante"),
        text: phrase(
            "A waiting time has still to pass. Charges of one case are set aside together, so each is listed under the last date of its case.",
            "Todavía debe pasar un plazo. Los cargos de un caso se anulan juntos, así que cada uno figura con la última fecha de su caso.",
        ),
        labelled: true,
    },
    Kind {
        takes: |group| group.standing == Standing::Possibly,
        heading: phrase("Possibly eligible", "Quizá elegibles"),
        text: phrase(
            "Whether these can be set aside depends on facts that the court's record does not show.",
            "Si se pueden anular depende de hechos que el registro del tribunal no muestra.",
        ),
        labelled: true,
    },
    Kind {
        takes: |group| group.standing == Standing::Undecided,
        heading: phrase("Needs more analysis", "Requieren más análisis"),
        text: phrase(
            "A question about these charges is still open.",
            "Todavía hay una pregunta abierta sobre estos cargos.",
        ),
        labelled: false,
    },
];

static BALANCES: Phrase = phrase("What you owe, by county", "Lo que debe, por condado");
static BALANCES_TEXT: Phrase = phrase(
    "From the court's record; ask the court for the exact sum before you pay.",
    "Según el registro del tribunal; pregunte al tribunal la suma exacta antes de pagar.",
);
static NO_BALANCES: Phrase = phrase(
    "The court's record shows nothing that is owed.",
    "El registro del tribunal no muestra nada que se deba.",
);
static TOTAL_OWED: Phrase = phrase("In all: {}", "En total: {}");

static ASSUMPTIONS: Phrase = phrase(
    "What this summary takes for granted",
    "Lo que este resumen da por hecho",
);
static ASSUMPTIONS_TEXT: Phrase = phrase(
    "If one of these is not so, the answer may be another.",
    "Si algo de esto no es así, la respuesta puede ser otra.",
);
static ASSUMED: [Phrase; 4] = [
    phrase(
        "You have done, or will have done by the date given, all that the court ordered: probation, classes, community service.",
        "Usted cumplió, o habrá cumplido en la fecha indicada, todo lo que ordenó el tribunal: libertad condicional, clases, servicio comunitario.",
    ),
    phrase(
        "You have paid, or will pay, what you owe on the cases that you want to set aside.",
        "Usted pagó, o pagará, lo que debe en los casos que quiere anular.",
    ),
    phrase(
        "In the last seven years you had no case outside Oregon's circuit courts: none in another state, in a federal or in a municipal court.",
        "En los últimos siete años no tuvo casos fuera de los tribunales de circuito de Oregón: ni en otro estado, ni en un tribunal federal o municipal.",
    ),
    phrase(
        "Nothing of your record was set aside before.",
        "Nada de su historial se anuló antes.",
    ),
];
static DISCLAIMER: Phrase = phrase("What this summary is not", "Lo que este resumen no es");
static DISCLAIMER_TEXT: Phrase = phrase(
    "This is not legal advice and no decision of a court. It was made by a program from the public pages of the court, which may lack or misstate something. Talk to a lawyer or a legal aid office before you rely on it.",
    "Esto no es asesoría legal ni una decisión de un tribunal. Lo hizo un programa a partir de las páginas públicas del tribunal, a las que les puede faltar algo o que pueden tener errores. Hable con un abogado o con una oficina de ayuda legal antes de confiar en él.",
);

impl<'r> Report<'r> {
    /// The report in the record's language.
    #[must_use]
    pub fn of(record: &'r Record<'r>, about: About) -> Self {
        let language = record.options.language;
        let summary = summarize(record);
        let listed: usize = summary
            .groups
            .iter()
            .flat_map(|group| &group.cases)
            .map(|case| case.charges.len())
            .sum();
        let mut totals = vec![TOTAL.filled(language, &[&summary.total_charges, &summary.total_cases])];
        let hidden = summary.total_charges.saturating_sub(listed);
        if hidden > 0 {
            totals.push(NOT_LISTED.filled(language, &[&hidden]));
        }
        if listed == 0 {
            totals.push(NOTHING.in_language(language).to_owned());
        }
        let mut about = lines(about, language);
        let today = display_day(record.options.today, language);
        about.push(FOR_DAY.filled(language, &[&today]));
        Self {
            language,
            title: TITLE.in_language(language),
            about,
            notes: notes(&Doubts::of(record), language),
            notes_heading: NOTES.in_language(language),
            totals,
            sections: KINDS
                .iter()
                .filter_map(|kind| section(kind, &summary, language))
                .collect(),
            balances: balances(&summary, language),
            closing: [
                Closing {
                    heading: ASSUMPTIONS.in_language(language),
                    text: ASSUMPTIONS_TEXT.in_language(language),
                    points: &ASSUMED,
                },
                Closing {
                    heading: DISCLAIMER.in_language(language),
                    text: DISCLAIMER_TEXT.in_language(language),
                    points: &[],
                },
            ],
        }
    }
}

fn lines(about: About, language: Language) -> Vec<String> {
    let line = |alias: &Alias| {
        let names = [&alias.first_name, &alias.middle_name, &alias.last_name];
        let names: Vec<&str> = names
            .into_iter()
            .map(|name| name.trim())
            .filter(|name| !name.is_empty())
            .collect();
        let name = names.join(" ").to_uppercase();
        match alias.birth_date.trim() {
            "" => name,
            date => BORN.filled(language, &[&name, &date]),
        }
    };
    match about {
        About::Aliases(aliases) => aliases.iter().map(line).collect(),
        About::Lines(lines) => lines.to_vec(),
    }
}

fn notes(doubts: &Doubts, language: Language) -> Vec<String> {
    if doubts.too_large {
        return vec![TOO_LARGE.in_language(language).to_owned()];
    }
    let rulings: Vec<String> = doubts
        .unrecognized
        .iter()
        .map(|(number, ruling)| format!("{number} ({ruling})"))
        .collect();
    let mut unclassified = doubts.unclassified.clone();
    unclassified.dedup();
    let notes = [
        (&OPEN, doubts.open.join(", ")),
        (&MISSING, doubts.missing.join(", ")),
        (&UNRECOGNIZED, rulings.join(", ")),
        (&UNCLASSIFIED, unclassified.join(", ")),
    ];
    notes
        .into_iter()
        .filter(|(_, cases)| !cases.is_empty())
        .map(|(text, cases)| text.filled(language, &[&cases]))
        .collect()
}

fn section<'r>(kind: &'static Kind, summary: &Summary<'r>, language: Language) -> Option<Section<'r>> {
    let mut groups: Vec<&Group> = summary
        .groups
        .iter()
        .filter(|group| (kind.takes)(group))
        .collect();
    // By date, not by the letters of the month; what hangs on an open charge comes last.
    groups.sort_by_key(|group| match group.standing {
        Standing::Later(date) => date,
        _ => When::Never,
    });
    let blocks: Vec<Block> = groups
        .into_iter()
        .map(|group| Block {
            heading: kind.labelled.then(|| group.label.clone().into_owned()),
            rows: rows(group, language),
        })
        .filter(|block| !block.rows.is_empty())
        .collect();
    (!blocks.is_empty()).then(|| Section {
        heading: kind.heading.in_language(language),
        text: kind.text.in_language(language),
        blocks,
    })
}

fn rows<'r>(group: &Group<'r>, language: Language) -> Vec<Row<'r>> {
    let cases = group.cases.iter();
    cases
        .flat_map(|section| {
            section
                .charges
                .iter()
                .map(move |line| (section.case(), line.charge()))
        })
        .map(|(case, charge)| Row {
            case_number: &case.case_number,
            county: &case.location,
            charge: charge.charge.name.split('(').next().unwrap_or_default().trim(),
            outcome: outcome(charge).in_language(language),
            charged: display_day(charge.charge.date, language).to_string(),
        })
        .collect()
}

fn outcome(charge: &JudgedCharge) -> Phrase {
    match charge.disposition.status {
        DispositionStatus::Convicted => phrase("Convicted", "Condena"),
        DispositionStatus::Dismissed => phrase("Dismissed", "Desestimado"),
        DispositionStatus::NoComplaint => phrase("No complaint filed", "Sin acusación"),
        DispositionStatus::Diverted => phrase("Diverted", "Programa alternativo"),
        DispositionStatus::Unknown => phrase("Not decided", "Sin decidir"),
        DispositionStatus::Unrecognized => phrase("Not understood", "No se entiende"),
    }
}

fn balances<'r>(summary: &Summary<'r>, language: Language) -> Balances<'r> {
    let counties = summary.county_fines.iter();
    let rows: Vec<_> = counties
        .flat_map(|county| {
            let cases = county.cases.iter();
            cases.map(move |(number, cents)| (county.county, *number, dollars(*cents)))
        })
        .collect();
    let text = if rows.is_empty() {
        &NO_BALANCES
    } else {
        &BALANCES_TEXT
    };
    Balances {
        heading: BALANCES.in_language(language),
        text: text.in_language(language),
        rows,
        total: TOTAL_OWED.filled(language, &[&dollars(summary.total_fines_due)]),
    }
}

/// `$1,516.80`; a credit is `-$50.00`.
fn dollars(cents: i64) -> String {
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    let whole = (cents / 100).to_string();
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{:02}", cents % 100)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::expungement::{Case, Options, demo};

    fn of(cases: &[Case], language: Language, check: impl FnOnce(&Report)) {
        let options = Options {
            language,
            ..Options::on(date(2026, 7, 1))
        };
        let record = Record::judge(cases, options).unwrap();
        let aliases = [Alias {
            first_name: " Ana".into(),
            last_name: "Peña".into(),
            birth_date: "4/30/1985".into(),
            ..Alias::default()
        }];
        check(&Report::of(&record, About::Aliases(&aliases)));
    }

    fn demo_cases(first: &str, last: &str) -> Vec<Case> {
        let alias = Alias {
            first_name: first.into(),
            last_name: last.into(),
            ..Alias::default()
        };
        demo::find(&[alias], date(2026, 7, 1))
    }

    /// Headings with the case numbers below them.
    fn outline<'r>(report: &'r Report) -> Vec<(&'r str, Vec<&'r str>)> {
        let sections = report.sections.iter();
        sections
            .map(|section| {
                let rows = section.blocks.iter().flat_map(|block| &block.rows);
                (section.heading, rows.map(|row| row.case_number).collect())
            })
            .collect()
    }

    #[test]
    fn every_listed_charge_stands_once_and_under_its_own_case_number() {
        for person in &demo::PEOPLE {
            let mut cases = person.cases(date(2026, 7, 1));
            for case in &mut cases {
                // More than nine charges: the peer leaves the hyphen on their case number.
                let more = case.charges.clone();
                for (index, mut charge) in more.into_iter().enumerate() {
                    charge.ambiguous_charge_id = format!("{}-{}", case.case_number, 10 + index);
                    case.charges.push(charge);
                }
            }
            of(&cases, Language::En, |report| {
                if report.notes == [TOO_LARGE.en] {
                    assert!(report.sections.is_empty());
                    return;
                }
                let numbers: Vec<&str> = cases.iter().map(|case| case.case_number.as_str()).collect();
                let listed: Vec<&str> = outline(report).into_iter().flat_map(|(_, rows)| rows).collect();
                assert!(listed.iter().all(|number| numbers.contains(number)), "{listed:?}");
                let charges: usize = cases.iter().map(|case| case.charges.len()).sum();
                let hidden = report
                    .totals
                    .get(1)
                    .and_then(|line| line.split(": ").nth(1)?.trim_end_matches('.').parse().ok());
                assert_eq!(listed.len() + hidden.unwrap_or(0), charges, "{}", person.label());
            });
        }
    }

    #[test]
    fn an_open_case_is_warned_of_only_where_there_is_one() {
        let mut cases = demo_cases("Single", "Conviction");
        of(&cases, Language::En, |report| assert_eq!(report.notes, [""; 0]));
        cases[0].charges[0].disposition = None;
        of(&cases, Language::En, |report| {
            assert_eq!(report.notes.len(), 1);
            assert!(report.notes[0].contains("does not say how"), "{:?}", report.notes);
        });
        cases[0].current_status = "Open".into();
        of(&cases, Language::Es, |report| {
            assert!(
                report.notes[0].starts_with("Hay un caso abierto: "),
                "{:?}",
                report.notes
            );
        });
    }

    #[test]
    fn restitution_and_partly_eligible_cases_are_no_future_charges() {
        let mut cases = demo_cases("John", "Common");
        of(&cases, Language::En, |report| {
            assert_eq!(report.about[0], "ANA PEÑA, born 4/30/1985");
            assert_eq!(report.about[1], "As of Jul 1, 2026");
            assert!(
                outline(report)
                    .iter()
                    .any(|(heading, _)| *heading == "Eligible now")
            );
        });
        for case in &mut cases {
            case.restitution = true;
        }
        of(&cases, Language::En, |report| {
            let headings: Vec<&str> = outline(report).into_iter().map(|(heading, _)| heading).collect();
            assert!(
                headings.contains(&"Not eligible while restitution is owed"),
                "{headings:?}"
            );
            assert!(!headings.contains(&"Eligible later"), "{headings:?}");
        });
    }

    #[test]
    fn later_charges_stand_by_date_and_money_has_its_cents() {
        let mut cases = demo_cases("Multiple", "Charges");
        for (index, case) in cases.iter_mut().enumerate() {
            case.balance_due_in_cents = 151_680 * (index as i64 + 1);
            for charge in &mut case.charges {
                if let Some(disposition) = &mut charge.disposition {
                    disposition.date = date(2026, 5, 1);
                }
            }
        }
        of(&cases, Language::En, |report| {
            let later = report
                .sections
                .iter()
                .find(|section| section.heading == "Eligible later")
                .unwrap();
            assert!(later.blocks.iter().all(|block| block.heading.is_some()));
            assert!(
                report
                    .balances
                    .rows
                    .iter()
                    .any(|(_, _, owed)| owed == "$1,516.80")
            );
        });
        assert_eq!(dollars(-5), "-$0.05");
        assert_eq!(dollars(123_456_789), "$1,234,567.89");
    }
}
