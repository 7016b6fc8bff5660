//! Oregon's counties as a filer meets them: how long an order takes there, and what to know before filing.
//!
//! Experience of people who file, not law; it changes several times a year. Months count from filing to the signed order.

use super::paperwork;
use super::phrase::{Phrase, phrase};

/// What is known of filing in a county.
#[derive(Clone, Copy, Debug)]
pub struct County {
    pub name: &'static str,
    /// Usual months from filing to the order.
    pub wait_months: u8,
    pub note: Option<&'static Phrase>,
}

/// Where nothing else is known: the district attorney may object for four months (ORS 137.225(2)(b)).
pub const USUAL_WAIT_MONTHS: u8 = 4;

static CLACKAMAS: Phrase = phrase(
    "Fingerprint cards have been lost here. Keep a copy of what you send and ask whether it arrived.",
    "Aquí se han perdido tarjetas de huellas. Guarde copia de lo que envía y pregunte si llegó.",
);
static COLUMBIA: Phrase = phrase(
    "The court wants the motion to name the agency that made the arrest.",
    "El tribunal pide que la moción nombre a la agencia que hizo el arresto.",
);
static KLAMATH: Phrase = phrase(
    "The district attorney often objects on grounds of character; be ready for a hearing.",
    "La fiscalía suele oponerse por la conducta de la persona; prepárese para una audiencia.",
);
static MULTNOMAH: Phrase = phrase(
    "A case dismissed because no lawyer was available may be charged again if you file before the time limit has run out: \
     three years for a felony, two for a misdemeanor, six months for a violation (ORS 131.125).",
    "Un caso desestimado por falta de abogado de oficio se puede volver a presentar si usted pide la anulación antes de que \
     venza el plazo: tres años para un delito grave, dos para uno menor, seis meses para una infracción (ORS 131.125).",
);
static UMATILLA: Phrase = phrase(
    "This court refuses motions to waive fines and fees.",
    "Este tribunal rechaza las mociones para eximir de multas y cargos.",
);
static WASHINGTON: Phrase = phrase(
    "The district attorney often objects on grounds of character, and whenever there is any later conviction; an appeal on \
     that is pending.",
    "La fiscalía suele oponerse por la conducta de la persona, y siempre que haya una condena posterior; hay una apelación \
     pendiente sobre eso.",
);

/// What differs from the usual.
const SPECIAL: [County; 8] = [
    county("Clackamas", 4, Some(&CLACKAMAS)),
    county("Columbia", 4, Some(&COLUMBIA)),
    county("Jackson", 3, None),
    county("Josephine", 2, None),
    county("Klamath", 8, Some(&KLAMATH)),
    county("Multnomah", 18, Some(&MULTNOMAH)),
    county("Umatilla", 4, Some(&UMATILLA)),
    county("Washington", 12, Some(&WASHINGTON)),
];

const fn county(name: &'static str, wait_months: u8, note: Option<&'static Phrase>) -> County {
    County {
        name,
        wait_months,
        note,
    }
}

/// All 36 counties by name.
pub fn all() -> impl Iterator<Item = County> {
    paperwork::counties().map(|name| {
        let special = SPECIAL.iter().find(|county| county.name == name);
        special.copied().unwrap_or(county(name, USUAL_WAIT_MONTHS, None))
    })
}

/// A county by its name, whatever the letter case; `None` for one that Oregon does not have.
#[must_use]
pub fn named(name: &str) -> Option<County> {
    all().find(|county| county.name.eq_ignore_ascii_case(name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_county_is_one_of_the_36() {
        let names: Vec<&str> = all().map(|county| county.name).collect();
        assert_eq!(names.len(), 36);
        assert!(names.is_sorted());
        for special in SPECIAL {
            assert!(names.contains(&special.name), "{}", special.name);
        }
        assert_eq!(named(" multnomah").map(|county| county.wait_months), Some(18));
        assert_eq!(named("Lane").map(|county| county.wait_months), Some(4));
        assert!(named("King").is_none());
    }
}
