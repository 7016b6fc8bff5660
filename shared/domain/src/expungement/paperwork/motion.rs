use super::super::record::{JudgedCase, JudgedCharge, Record};
use super::super::verdict::ChargeStatus;

/// A case that can be filed now, with its charges split by what is asked for.
#[derive(Debug)]
pub struct Motion<'r> {
    pub case: &'r JudgedCase<'r>,
    /// All charges but the deleted ones.
    pub charges: Vec<&'r JudgedCharge<'r>>,
    /// Those that are eligible now.
    pub eligible: Vec<&'r JudgedCharge<'r>>,
}

/// The cases that can be filed now, in the order of the record: something is eligible, nothing is owed, and no other charge
/// of the case becomes eligible later (a case is filed once).
#[must_use]
pub fn motions<'r>(record: &'r Record<'r>) -> Vec<Motion<'r>> {
    record
        .cases
        .iter()
        .filter_map(|case| {
            let charges: Vec<_> = case
                .charges
                .iter()
                .filter(|charge| !charge.is_deleted())
                .collect();
            let has = |status| move |charge: &&&JudgedCharge| charge.verdict.status == status;
            let eligible: Vec<_> = charges
                .iter()
                .filter(has(ChargeStatus::EligibleNow))
                .copied()
                .collect();
            let later = charges
                .iter()
                .any(|charge| charge.verdict.status == ChargeStatus::WillBeEligible);
            let can_be_filed = !eligible.is_empty() && case.case.balance_due_in_cents == 0 && !later;
            can_be_filed.then_some(Motion {
                case,
                charges,
                eligible,
            })
        })
        .collect()
}

impl<'r> Motion<'r> {
    #[must_use]
    pub fn is_multnomah(&self) -> bool {
        self.case.case.location.eq_ignore_ascii_case("multnomah")
    }

    #[must_use]
    pub fn has_conviction(&self) -> bool {
        self.eligible
            .iter()
            .any(|charge| charge.disposition.status.is_convicted())
    }

    /// What is not asked for.
    pub fn others(&self) -> impl Iterator<Item = &'r JudgedCharge<'r>> {
        self.charges
            .iter()
            .copied()
            .filter(|charge| charge.verdict.status != ChargeStatus::EligibleNow)
    }

    /// A conviction is asked for and another one stays.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.has_conviction()
            && self
                .others()
                .any(|charge| charge.disposition.status.is_convicted())
    }
}
