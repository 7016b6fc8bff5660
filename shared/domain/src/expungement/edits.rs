//! What the user adds, changes and removes, and the answers to questions: one shape for all, as the wire has it.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::Date;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::case::{Case, Charge, Disposition, EditStatus};
use super::charge_types::ChargeType;
use super::money::parse_cents;
use super::policy::Deviation;
use super::record::{Options, Refusal};
use super::when::parse_us_date;

/// A JSON object in the order it was written: edits apply in that order.
#[derive(Clone, Debug, PartialEq)]
pub struct InOrder<T>(pub Vec<(String, T)>);

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> InOrder<T> {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0
            .iter()
            .find(|(other, _)| other == key)
            .map(|(_, value)| value)
    }

    /// The entry of `key`, made at the end where there is none.
    pub fn entry(&mut self, key: &str) -> &mut T
    where
        T: Default,
    {
        let index = self.0.iter().position(|(other, _)| other == key);
        let index = index.unwrap_or_else(|| {
            self.0.push((key.to_owned(), T::default()));
            self.0.len() - 1
        });
        &mut self.0[index].1
    }

    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(other, _)| other != key);
    }
}

impl<T: Serialize> Serialize for InOrder<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Edits by case number.
pub type Edits = InOrder<CaseEdit>;

#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct CaseEdit {
    #[serde(default)]
    pub summary: SummaryEdit,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "InOrder::is_empty"
    )]
    pub charges: InOrder<ChargeEdit>,
}

/// Fields of the case; what is absent stays. Texts are as the client's form sends them.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct SummaryEdit {
    pub edit_status: EditStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_number: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_status: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Scalar>,
    /// `True` or `False`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restitution: Option<Scalar>,
    /// E.g. `1,234.56`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance_due: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<Scalar>,
    /// `M/D/YYYY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation_number: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district_attorney_number: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation_type: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_detail_link: Option<Scalar>,
}

#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct ChargeEdit {
    /// `None`: the edit is an answer to a question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit_status: Option<EditStatus>,
    /// Class name or English name; any other text is [`ChargeType::UnclassifiedCharge`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_type: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probation_revoked: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<DispositionEdit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statute: Option<Scalar>,
}

#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct DispositionEdit {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Scalar>,
}

/// A text, or a number or truth value taken as its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;
        impl Visitor<'_> for ScalarVisitor {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a text, number or truth value")
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar(if value { "True" } else { "False" }.to_owned()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
        }
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for InOrder<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for MapVisitor<T> {
            type Value = InOrder<T>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Vec<(String, T)> = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if entries.len() >= MAX_EDITS {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let value = map.next_value()?;
                    // As in any JSON object, the last of equal keys wins.
                    match entries.iter_mut().find(|(other, _)| *other == key) {
                        Some(entry) => entry.1 = value,
                        None => entries.push((key, value)),
                    }
                }
                Ok(InOrder(entries))
            }
        }
        deserializer.deserialize_map(MapVisitor(std::marker::PhantomData))
    }
}

/// Edits of more cases, or of more charges of one case, are not read.
const MAX_EDITS: usize = 1_000;

fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A case, found or edited.
#[derive(Clone, Debug)]
pub struct Edited<'a>(Cow<'a, Case>);

impl AsRef<Case> for Edited<'_> {
    fn as_ref(&self) -> &Case {
        &self.0
    }
}

/// Brings together what several searches found, and edits it: cases by number, the first of equal numbers; then the edited
/// ones in the order of the edits.
///
/// # Errors
/// A [`Refusal`] that says which edit cannot be applied.
pub fn apply<'a>(found: &'a [Case], edits: &Edits, options: Options) -> Result<Vec<Edited<'a>>, Refusal> {
    let mut cases: Vec<&'a Case> = found.iter().collect();
    cases.sort_by(|a, b| a.case_number.cmp(&b.case_number));
    cases.dedup_by(|later, first| later.case_number == first.case_number);

    let edit_of = |case: &Case| edits.0.iter().any(|(number, _)| *number == case.case_number);
    let mut edited: Vec<Edited<'a>> = cases
        .iter()
        .filter(|case| !edit_of(case))
        .map(|case| Edited(Cow::Borrowed(*case)))
        .collect();
    for (number, edit) in &edits.0 {
        let case = if edit.summary.edit_status == EditStatus::Add {
            empty_case(options.clock)
        } else {
            let found = cases.iter().find(|case| case.case_number == *number);
            Case::clone(found.ok_or_else(|| Refusal::NotFound { id: number.clone() })?)
        };
        edited.push(Edited(Cow::Owned(edit_case(case, number, edit, options)?)));
    }
    Ok(edited)
}

fn empty_case(clock: Date) -> Case {
    Case {
        case_number: String::new(),
        name: String::new(),
        birth_year: Some(1900),
        citation_number: String::new(),
        district_attorney_number: String::new(),
        sid: String::new(),
        location: String::new(),
        date: clock,
        violation_type: String::new(),
        current_status: String::new(),
        case_detail_link: String::new(),
        restitution: false,
        balance_due_in_cents: 0,
        charges: Vec::new(),
        edit_status: EditStatus::Add,
    }
}

fn edit_case(mut case: Case, number: &str, edit: &CaseEdit, options: Options) -> Result<Case, Refusal> {
    let summary = &edit.summary;
    let unreadable = |field| Refusal::Unreadable {
        id: number.to_owned(),
        field,
    };
    for (target, source) in [
        (&mut case.case_number, &summary.case_number),
        (&mut case.current_status, &summary.current_status),
        (&mut case.location, &summary.location),
        (&mut case.name, &summary.name),
        (&mut case.citation_number, &summary.citation_number),
        (
            &mut case.district_attorney_number,
            &summary.district_attorney_number,
        ),
        (&mut case.sid, &summary.sid),
        (&mut case.violation_type, &summary.violation_type),
        (&mut case.case_detail_link, &summary.case_detail_link),
    ] {
        if let Some(Scalar(text)) = source {
            target.clone_from(text);
        }
    }
    if let Some(Scalar(text)) = &summary.restitution {
        case.restitution = text == "True";
    }
    if let Some(Scalar(text)) = &summary.balance_due {
        case.balance_due_in_cents =
            parse_cents(text, options.policy).ok_or_else(|| unreadable("balance_due"))?;
    }
    if let Some(Scalar(text)) = &summary.birth_year {
        case.birth_year = match text.trim() {
            "" if options.policy.allows(Deviation::EmptyBirthYear) => None,
            year => Some(year.parse().map_err(|_| unreadable("birth_year"))?),
        };
    }
    if let Some(Scalar(text)) = summary.date.as_ref().filter(|text| !text.0.is_empty()) {
        case.date = parse_us_date(text).ok_or_else(|| unreadable("date"))?;
    }
    case.edit_status = summary.edit_status;
    if case.edit_status == EditStatus::Delete {
        for charge in &mut case.charges {
            charge.edit_status = EditStatus::Delete;
        }
        return Ok(case);
    }
    for (id, edit) in &edit.charges.0 {
        edit_charge(&mut case, id, edit)?;
    }
    // A stable sort: what the user has typed comes after what is classified.
    case.charges.sort_by_key(|charge| charge.chosen_type.is_some());
    Ok(case)
}

fn edit_charge(case: &mut Case, id: &str, edit: &ChargeEdit) -> Result<(), Refusal> {
    let unreadable = |field| Refusal::Unreadable {
        id: id.to_owned(),
        field,
    };
    let day = |text: &Option<Scalar>, field| match text {
        Some(Scalar(text)) if !text.is_empty() => {
            parse_us_date(text).map(Some).ok_or_else(|| unreadable(field))
        }
        _ => Ok(None),
    };
    let date = day(&edit.date, "date")?;
    let probation_revoked = day(&edit.probation_revoked, "probation_revoked")?;
    let disposition = match &edit.disposition {
        Some(disposition) => Some(Disposition {
            date: day(&disposition.date, "disposition.date")?
                .ok_or_else(|| unreadable("disposition.date"))?,
            ruling: disposition
                .ruling
                .clone()
                .ok_or_else(|| unreadable("disposition.ruling"))?
                .0,
            amended: false,
        }),
        None => None,
    };
    let chosen_type = edit
        .charge_type
        .as_ref()
        .map(|Scalar(name)| ChargeType::named(name).unwrap_or(ChargeType::UnclassifiedCharge));

    if edit.edit_status == Some(EditStatus::Add) {
        let text = |source: &Option<Scalar>| source.clone().map_or_else(String::new, |Scalar(text)| text);
        case.charges.push(Charge {
            ambiguous_charge_id: id.to_owned(),
            name: text(&edit.name),
            statute: text(&edit.statute),
            level: edit.level.clone().ok_or_else(|| unreadable("level"))?.0,
            date: date.ok_or_else(|| unreadable("date"))?,
            disposition: Some(disposition.ok_or_else(|| unreadable("disposition"))?),
            probation_revoked,
            edit_status: EditStatus::Add,
            chosen_type: Some(chosen_type.unwrap_or(ChargeType::UnclassifiedCharge)),
        });
        return Ok(());
    }
    let charge = case
        .charges
        .iter_mut()
        .find(|charge| charge.ambiguous_charge_id == id)
        .ok_or_else(|| Refusal::NotFound { id: id.to_owned() })?;
    charge.edit_status = edit.edit_status.unwrap_or(charge.edit_status);
    for (target, source) in [
        (&mut charge.name, &edit.name),
        (&mut charge.level, &edit.level),
        (&mut charge.statute, &edit.statute),
    ] {
        if let Some(Scalar(text)) = source {
            target.clone_from(text);
        }
    }
    charge.date = date.unwrap_or(charge.date);
    charge.probation_revoked = probation_revoked.or(charge.probation_revoked);
    charge.disposition = disposition.or_else(|| charge.disposition.take());
    charge.chosen_type = chosen_type.or(charge.chosen_type);
    Ok(())
}

impl std::ops::Deref for Scalar {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}
