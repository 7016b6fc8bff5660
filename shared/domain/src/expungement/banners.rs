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

/// The banners of a record, in the order in which they are shown.
#[must_use]
pub fn banners(record: &Record) -> Vec<String> {
    let language = record.options.language;
    if record.combinations > MAX_COMBINATIONS {
        return vec![TOO_LARGE.filled(language, &[&record.combinations, &MAX_COMBINATIONS])];
    }
    let skip_deleted = record.options.policy.allows(Deviation::DeletedIsGone);
    let charges = || {
        record
            .charges()
            .filter(move |(case, charge)| !(skip_deleted && (case.is_deleted() || charge.is_deleted())))
    };
    let blocks = |charge: &JudgedCharge| charge.charge_type().facts().blocks_other_charges;
    let mut banners = Vec::new();

    let is_open = |(case, charge): &(&JudgedCase, &JudgedCharge)| {
        !case.case.is_closed()
            && blocks(charge)
            && charge.charge_type() != ChargeType::Violation
            && matches!(
                charge.disposition.status,
                DispositionStatus::Unknown | DispositionStatus::Unrecognized
            )
    };
    let mut open: Vec<String> = charges()
        .filter(is_open)
        .map(|(case, _)| bracketed(case))
        .collect();
    open.dedup();
    if !open.is_empty() {
        banners.push(OPEN_CASES.filled(language, &[&open.join(", ")]));
    }

    let mut missing: Vec<String> = charges()
        .filter(|(case, charge)| {
            blocks(charge) && charge.disposition.status == DispositionStatus::Unknown && case.case.is_closed()
        })
        .map(|(case, _)| bracketed(case))
        .collect();
    missing.sort();
    missing.dedup();
    match missing.as_slice() {
        [] => {}
        [case] => banners.push(ONE_MISSING.filled(language, &[case])),
        cases => banners.push(SEVERAL_MISSING.filled(language, &[&cases.join(", ")])),
    }

    let mut unrecognized: Vec<(String, &str)> = charges()
        .filter(|(_, charge)| blocks(charge) && charge.disposition.status == DispositionStatus::Unrecognized)
        .map(|(case, charge)| (bracketed(case), charge.disposition.ruling))
        .collect();
    unrecognized.sort_unstable();
    unrecognized.dedup();
    match unrecognized.as_slice() {
        [] => {}
        [(case, ruling)] => banners.push(ONE_UNRECOGNIZED.filled(language, &[case, ruling])),
        cases => {
            let list: Vec<String> = cases
                .iter()
                .map(|(case, ruling)| format!("{case} ({ruling})"))
                .collect();
            banners.push(SEVERAL_UNRECOGNIZED.filled(language, &[&list.join(", ")]));
        }
    }

    banners.extend(
        charges()
            .filter(|(_, charge)| charge.charge_type() == ChargeType::UnclassifiedCharge)
            .map(|(case, _)| UNCLASSIFIED.filled(language, &[&bracketed(case)])),
    );
    banners
}

/// `[case number]`: clients turn it into a link.
fn bracketed(case: &JudgedCase) -> String {
    format!("[{}]", case.case.case_number)
}
