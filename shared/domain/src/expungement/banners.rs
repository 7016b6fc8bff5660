//! What the user must know before trusting the answer: open cases, dispositions that are missing or not understood.

use super::charge_types::ChargeType;
use super::disposition::DispositionStatus;
use super::phrase::{Phrase, phrase};
use super::policy::Deviation;
use super::record::{JudgedCase, JudgedCharge, MAX_COMBINATIONS, Record};

static TOO_LARGE: Phrase = phrase(
    "The resulting record found was too large to analyze (record with {} combinations of ambiguities exceeds the processable {} combination of ambiguities). The record most likely has open cases, and thus does not have any charges eligible to be expunged.",
    "El historial es demasiado grande para analizarlo ({} combinaciones posibles; el máximo es {}). Lo más probable es que tenga casos abiertos y, por eso, ningún cargo que se pueda eliminar.",
);
static OPEN_CASES: Phrase = phrase(
    "All charges are ineligible because there is one or more open case: {}. Open cases containing charges with valid dispositions are still included in time analysis. Otherwise they are ignored, so time analysis may be inaccurate for other charges.",
    "Ningún cargo es elegible porque hay uno o más casos abiertos: {}. Sus cargos ya resueltos se incluyen en los plazos; los demás no, así que los plazos de otros cargos pueden ser inexactos.",
);
static ONE_MISSING: Phrase = phrase(
    "Case {} has a charge with a missing disposition.\nThis might be an error in the OECI database. Time analysis is ignoring this charge and may be inaccurate for other charges.",
    "Al caso {} le falta la resolución de un cargo.\nPuede ser un error de la base de datos OECI. Los plazos no cuentan ese cargo y pueden ser inexactos para otros.",
);
static SEVERAL_MISSING: Phrase = phrase(
    "The following cases have charges with a missing disposition.\nThis might be an error in the OECI database. Time analysis is ignoring these charges and may be inaccurate for other charges.\nCase numbers: {}",
    "A estos casos les falta la resolución de algún cargo.\nPuede ser un error de la base de datos OECI. Los plazos no cuentan esos cargos y pueden ser inexactos para otros.\nNúmeros de caso: {}",
);
static ONE_UNRECOGNIZED: Phrase = phrase(
    "Case {} has a charge with an unrecognized disposition ({}).\nThis might be an error in the OECI database. Time analysis is ignoring this charge and may be inaccurate for other charges.",
    "El caso {} tiene un cargo con una resolución que no se reconoce ({}).\nPuede ser un error de la base de datos OECI. Los plazos no cuentan ese cargo y pueden ser inexactos para otros.",
);
static SEVERAL_UNRECOGNIZED: Phrase = phrase(
    "The following cases have charges with an unrecognized disposition.\nThis might be an error in the OECI database. Time analysis is ignoring these charges and may be inaccurate for other charges.\nCase numbers: {}",
    "Estos casos tienen cargos con una resolución que no se reconoce.\nPuede ser un error de la base de datos OECI. Los plazos no cuentan esos cargos y pueden ser inexactos para otros.\nNúmeros de caso: {}",
);
static UNCLASSIFIED: Phrase = phrase(
    "Case {} has a charge that RecordSponge could not classify. Please enable editing to choose a charge type. Also please report this issue to help@recordsponge.com.",
    "El caso {} tiene un cargo que no se pudo clasificar. Active la edición para elegir su tipo e infórmelo a help@recordsponge.com.",
);

/// What of a record puts its answer in doubt. Each is a case number, but for too many combinations of readings.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Doubts<'r> {
    /// More combinations than [`MAX_COMBINATIONS`]: there is no answer at all.
    pub too_large: bool,
    /// Open cases with a charge that is undecided and would block others, in the order of the record.
    pub open: Vec<&'r str>,
    /// Closed cases that lack a disposition.
    pub missing: Vec<&'r str>,
    /// Cases with a disposition that is not understood, and the ruling.
    pub unrecognized: Vec<(&'r str, &'r str)>,
    /// Cases with a charge of no known type, once for each.
    pub unclassified: Vec<&'r str>,
}

impl<'r> Doubts<'r> {
    #[must_use]
    pub fn of(record: &'r Record<'r>) -> Self {
        if record.combinations > MAX_COMBINATIONS {
            return Self {
                too_large: true,
                ..Self::default()
            };
        }
        let skip_deleted = record.options.policy.allows(Deviation::DeletedIsGone);
        let charges = || {
            record
                .charges()
                .filter(move |(case, charge)| !(skip_deleted && (case.is_deleted() || charge.is_deleted())))
        };
        let blocks = |charge: &JudgedCharge| charge.charge_type().facts().blocks_other_charges;
        let status = |charge: &JudgedCharge| charge.disposition.status;
        let number = |(case, _): (&'r JudgedCase<'r>, &'r JudgedCharge<'r>)| case.case.case_number.as_str();

        let is_open = |(case, charge): &(&JudgedCase, &JudgedCharge)| {
            !case.case.is_closed()
                && blocks(charge)
                && charge.charge_type() != ChargeType::Violation
                && matches!(
                    status(charge),
                    DispositionStatus::Unknown | DispositionStatus::Unrecognized
                )
        };
        let mut open: Vec<&str> = charges().filter(is_open).map(number).collect();
        open.dedup();

        let mut missing: Vec<&str> = charges()
            .filter(|(case, charge)| {
                blocks(charge) && status(charge) == DispositionStatus::Unknown && case.case.is_closed()
            })
            .map(number)
            .collect();
        missing.sort_by_cached_key(|number| bracketed(number));
        missing.dedup();

        let mut unrecognized: Vec<(&str, &str)> = charges()
            .filter(|(_, charge)| blocks(charge) && status(charge) == DispositionStatus::Unrecognized)
            .map(|(case, charge)| (case.case.case_number.as_str(), charge.disposition.ruling))
            .collect();
        unrecognized.sort_by_cached_key(|(number, ruling)| (bracketed(number), *ruling));
        unrecognized.dedup();

        let unclassified = charges()
            .filter(|(_, charge)| charge.charge_type() == ChargeType::UnclassifiedCharge)
            .map(number)
            .collect();
        Self {
            too_large: false,
            open,
            missing,
            unrecognized,
            unclassified,
        }
    }
}

/// The banners of a record, in the order in which they are shown.
#[must_use]
pub fn banners(record: &Record) -> Vec<String> {
    let language = record.options.language;
    let doubts = Doubts::of(record);
    if doubts.too_large {
        return vec![TOO_LARGE.filled(language, &[&record.combinations, &MAX_COMBINATIONS])];
    }
    let all = |numbers: &[&str]| -> String {
        let numbers: Vec<String> = numbers.iter().map(|number| bracketed(number)).collect();
        numbers.join(", ")
    };
    let mut banners = Vec::new();
    if !doubts.open.is_empty() {
        banners.push(OPEN_CASES.filled(language, &[&all(&doubts.open)]));
    }
    match doubts.missing.as_slice() {
        [] => {}
        [case] => banners.push(ONE_MISSING.filled(language, &[&bracketed(case)])),
        cases => banners.push(SEVERAL_MISSING.filled(language, &[&all(cases)])),
    }
    match doubts.unrecognized.as_slice() {
        [] => {}
        [(case, ruling)] => {
            banners.push(ONE_UNRECOGNIZED.filled(language, &[&bracketed(case), ruling]));
        }
        cases => {
            let list: Vec<String> = cases
                .iter()
                .map(|(case, ruling)| format!("{} ({ruling})", bracketed(case)))
                .collect();
            banners.push(SEVERAL_UNRECOGNIZED.filled(language, &[&list.join(", ")]));
        }
    }
    banners.extend(
        doubts
            .unclassified
            .iter()
            .map(|case| UNCLASSIFIED.filled(language, &[&bracketed(case)])),
    );
    banners
}

/// `[case number]`: clients turn it into a link.
fn bracketed(number: &str) -> String {
    format!("[{number}]")
}
