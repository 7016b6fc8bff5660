//! Cases and charges as the court's pages give them, before any judgement.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::charge_types::ChargeType;

/// A court case with its charges. Dates in JSON are ISO 8601.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub case_number: String,
    pub name: String,
    pub birth_year: Option<i16>,
    pub citation_number: String,
    pub district_attorney_number: String,
    /// State identification number of the defendant, e.g. `OR12345678`; empty where the page has none.
    pub sid: String,
    /// The county.
    pub location: String,
    /// Filed.
    pub date: Date,
    /// The site's "case type", e.g. `Offense Felony`.
    pub violation_type: String,
    pub current_status: String,
    pub case_detail_link: String,
    pub restitution: bool,
    pub balance_due_in_cents: i64,
    pub charges: Vec<Charge>,
    #[serde(default)]
    pub edit_status: EditStatus,
}

impl Case {
    /// Only these four spellings are final; anything else, also `CLOSED`, may still move.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(
            self.current_status.as_str(),
            "Closed" | "Inactive" | "Purgable" | "Bankruptcy Pending"
        )
    }

    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.edit_status == EditStatus::Delete
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Charge {
    /// `<case number>-<charge number>`. "Ambiguous" because it stands for every type the charge may turn out to have.
    pub ambiguous_charge_id: String,
    pub name: String,
    /// As printed; analysis uses [`super::statute::normalise`].
    pub statute: String,
    pub level: String,
    /// Charged.
    pub date: Date,
    /// `None` where the page has no disposition.
    pub disposition: Option<Disposition>,
    /// Of the case; copied to each charge.
    pub probation_revoked: Option<Date>,
    #[serde(default)]
    pub edit_status: EditStatus,
    /// A type chosen by the user. Such a charge is not classified and raises no question.
    #[serde(default)]
    pub chosen_type: Option<ChargeType>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disposition {
    pub date: Date,
    pub ruling: String,
    /// Came under the heading "Amended Disposition".
    #[serde(default)]
    pub amended: bool,
}

/// What the user did to a case or charge.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EditStatus {
    #[default]
    Unchanged,
    Update,
    Add,
    Delete,
}

impl AsRef<Self> for Case {
    fn as_ref(&self) -> &Self {
        self
    }
}
