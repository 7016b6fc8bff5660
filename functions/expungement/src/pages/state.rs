//! What a visitor searched, answered and changed: carried from page to page in one hidden field, as JSON.
//!
//! Why not in a session on the server: a record is the most private thing that we touch, and this way nothing of what a
//! visitor types is ever stored. Two tabs do not disturb each other, the browser's "back" is an undo, nothing expires while
//! somebody looks for a court paper, and nothing of it stands in an address or a log. The edits are the wire's own
//! (`POST /expungement/api/search`), so a page sends what any client of the API sends. The field is the visitor's to forge,
//! which gains nothing: it is checked like any request, and which cases there are to edit is never taken from it.

use app::{Error, Fields, Kind, page::pick};
use domain::expungement::{
    Alias, Case, EditStatus, Edits, MAX_ALIASES, Options,
    edits::{CaseEdit, ChargeEdit, InOrder, Scalar, SummaryEdit},
    when::parse_us_date,
};
use domain::person::Language;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::analysis::SearchIn;

/// The hidden field's name. No form has an input of the same name: one asks for a state of the union.
const FIELD: &str = "page_state";
/// Bytes of the hidden field. Escaped it must fit a form body ([`app::MAX_BODY`]) beside the other fields.
const MAX_STATE: usize = 64 * 1024;
/// Charges whose question has been answered in part.
const MAX_PARTIAL: usize = 200;
/// Answers to the questions of one charge: three follow each other at most.
const MAX_STEPS: usize = 8;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct State {
    /// The invented people instead of the court's site.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) demo: bool,
    pub(crate) aliases: Vec<Alias>,
    /// The day to answer for, `M/D/YYYY`; empty is today.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) today: String,
    /// Edits, and complete answers: those have no `edit_status`.
    #[serde(skip_serializing_if = "InOrder::is_empty")]
    pub(crate) edits: Edits,
    /// Answers that raised another question, by charge.
    #[serde(skip_serializing_if = "InOrder::is_empty")]
    pub(crate) partial: InOrder<Partial>,
    /// The view without minor traffic charges.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) hide_traffic: bool,
}

/// Answers so far to the question of one charge.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Partial {
    pub(crate) path: Vec<usize>,
    /// The days that belong to an ending, as typed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) decided: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) revoked: String,
}

fn too_many_changes(language: Language) -> Error {
    Error::new(
        Kind::Invalid,
        "state",
        pick(
            language,
            "There are more changes than one page can carry. Go back and undo some.",
            "Hay más cambios de los que caben en una página. Vuelva atrás y deshaga algunos.",
        ),
    )
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl State {
    /// Reads the hidden field of a form.
    ///
    /// # Errors
    /// `Invalid` where it is missing, too large or not ours.
    pub(crate) fn read(fields: &Fields, language: Language) -> Result<Self, Error> {
        let text = fields.text(FIELD);
        let unreadable = || {
            Error::new(
                Kind::Invalid,
                "state",
                pick(
                    language,
                    "This page was not opened from our own search. Please search again.",
                    "Esta página no se abrió desde nuestra búsqueda. Busque de nuevo.",
                ),
            )
        };
        if text.len() > MAX_STATE {
            return Err(too_many_changes(language));
        }
        let state: Self = serde_json::from_str(text).map_err(|_| unreadable())?;
        let in_bounds = (1..=MAX_ALIASES).contains(&state.aliases.len())
            && state.aliases.iter().all(|alias| alias.problem().is_none())
            && state.partial.0.len() <= MAX_PARTIAL
            && state
                .partial
                .0
                .iter()
                .all(|(_, partial)| partial.path.len() <= MAX_STEPS);
        if in_bounds { Ok(state) } else { Err(unreadable()) }
    }

    /// The text of the hidden field.
    pub(crate) fn write(&self) -> String {
        // Maps have text keys only, and no writer can fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Says so at the change that makes the state too large to be read again, not at the next one: "back" undoes it.
    ///
    /// # Errors
    /// `Invalid` where it is too large.
    pub(crate) fn check_size(&self, language: Language) -> Result<(), Error> {
        if self.write().len() > MAX_STATE || self.partial.0.len() > MAX_PARTIAL {
            return Err(too_many_changes(language));
        }
        Ok(())
    }

    /// How to judge: for the chosen day, else for `clock`.
    pub(crate) fn options(&self, clock: Date, language: Language) -> Options {
        Options {
            today: parse_us_date(&self.today).unwrap_or(clock),
            clock,
            language,
            ..Options::on(clock)
        }
    }

    /// The same as a request of the API.
    pub(crate) fn as_search(&self) -> SearchIn {
        SearchIn {
            aliases: self.aliases.clone(),
            today: parse_us_date(&self.today),
            edits: self.edits.clone(),
            demo: self.demo,
            ..SearchIn::default()
        }
    }

    /// The names searched for, e.g. `John Common (1/1/1970), Jon Common`.
    pub(crate) fn names(&self) -> String {
        let names = self.aliases.iter().map(|alias| {
            let parts = [&alias.first_name, &alias.middle_name, &alias.last_name];
            let mut name = String::new();
            for part in parts {
                let part = part.trim();
                if !part.is_empty() && !name.is_empty() {
                    name.push(' ');
                }
                name.push_str(part);
            }
            match alias.birth_date.trim() {
                "" => name,
                date => format!("{name} ({date})"),
            }
        });
        names.collect::<Vec<_>>().join(", ")
    }

    fn status_of(&self, number: &str) -> EditStatus {
        self.edits
            .get(number)
            .map_or(EditStatus::Unchanged, |edit| edit.summary.edit_status)
    }

    /// Saves what the form of a case said.
    pub(crate) fn save_case(&mut self, number: &str, summary: SummaryEdit) {
        self.edits.entry(number).summary = summary;
    }

    /// Removes a case. One that the user added is forgotten; a found one can come back with all that was edited in it.
    pub(crate) fn remove_case(&mut self, number: &str) {
        match self.status_of(number) {
            EditStatus::Add => self.edits.remove(number),
            _ => self.edits.entry(number).summary.edit_status = EditStatus::Delete,
        }
    }

    /// Takes back what was done to a case itself. Answers and edits of its charges stay: each has its own way back.
    pub(crate) fn restore_case(&mut self, number: &str) {
        if self.status_of(number) == EditStatus::Add {
            self.edits.remove(number);
            return;
        }
        self.edits.entry(number).summary = SummaryEdit::default();
        self.forget_if_unchanged(number);
    }

    /// Saves what the form of a charge said. It replaces an answer.
    pub(crate) fn save_charge(&mut self, number: &str, id: &str, edit: ChargeEdit) {
        self.partial.remove(id);
        *self.edits.entry(number).charges.entry(id) = edit;
    }

    pub(crate) fn remove_charge(&mut self, number: &str, id: &str) {
        self.partial.remove(id);
        let charges = &mut self.edits.entry(number).charges;
        match charges.get(id).and_then(|edit| edit.edit_status) {
            Some(EditStatus::Add) => charges.remove(id),
            _ => {
                *charges.entry(id) = ChargeEdit {
                    edit_status: Some(EditStatus::Delete),
                    ..ChargeEdit::default()
                };
            }
        }
        self.forget_if_unchanged(number);
    }

    /// Takes back what was done to a charge, answers too. A charge of a removed case comes back alone: the case is there
    /// again, and the others of `all_charges` are removed one by one.
    pub(crate) fn restore_charge(&mut self, number: &str, id: &str, all_charges: &[String]) {
        self.partial.remove(id);
        if self.status_of(number) == EditStatus::Delete {
            self.edits.entry(number).summary.edit_status = EditStatus::Update;
            for other in all_charges.iter().filter(|other| *other != id) {
                self.remove_charge(number, other);
            }
        }
        self.edits.entry(number).charges.remove(id);
        self.forget_if_unchanged(number);
    }

    /// Says of a case that no restitution is owed.
    pub(crate) fn dismiss_restitution(&mut self, number: &str) {
        let summary = &mut self.edits.entry(number).summary;
        if summary.edit_status == EditStatus::Unchanged {
            summary.edit_status = EditStatus::Update;
        }
        summary.restitution = Some(Scalar("False".to_owned()));
    }

    fn forget_if_unchanged(&mut self, number: &str) {
        if self.edits.get(number) == Some(&CaseEdit::default()) {
            self.edits.remove(number);
        }
    }

    /// A number for a case that the user adds: `CASE-0001`, the first that is free.
    pub(crate) fn next_case_number(&self, found: &[Case]) -> String {
        let is_taken = |number: &String| {
            self.edits.get(number).is_some() || found.iter().any(|case| case.case_number == *number)
        };
        (1..)
            .map(|n| format!("CASE-{n:04}"))
            .find(|number| !is_taken(number))
            .unwrap_or_default()
    }

    /// An id for a charge that the user adds: `<case number>-X01`, the first that is free.
    pub(crate) fn next_charge_id(&self, number: &str) -> String {
        let charges = self.edits.get(number).map(|edit| &edit.charges);
        (1..)
            .map(|n| format!("{number}-X{n:02}"))
            .find(|id| charges.is_none_or(|charges| charges.get(id).is_none()))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(state: &str) -> Fields {
        let mut values = serde_json::Map::new();
        values.insert(FIELD.to_owned(), state.into());
        Fields::new(values)
    }

    fn sample() -> State {
        State {
            demo: true,
            aliases: vec![Alias {
                first_name: "John".to_owned(),
                last_name: "Common".to_owned(),
                ..Alias::default()
            }],
            ..State::default()
        }
    }

    fn answer(class: &str) -> ChargeEdit {
        ChargeEdit {
            charge_type: Some(Scalar(class.to_owned())),
            ..ChargeEdit::default()
        }
    }

    #[test]
    fn it_reads_what_it_writes() {
        let mut state = sample();
        state.save_charge("A", "A-1", answer("FelonyClassB"));
        state.remove_case("B");
        state.partial.entry("C-1").path = vec![1];
        let again = State::read(&fields(&state.write()), Language::En).unwrap();
        assert_eq!(again.write(), state.write());
        assert_eq!(again.names(), "John Common");
    }

    #[test]
    fn a_forged_or_swollen_state_is_refused() {
        for bad in [
            String::new(),
            "[]".to_owned(),
            r#"{"demo":true,"aliases":[]}"#.to_owned(),
            r#"{"aliases":[{"first_name":"","last_name":"","middle_name":"","birth_date":""}]}"#.to_owned(),
            State {
                today: "x".repeat(MAX_STATE),
                ..sample()
            }
            .write(),
        ] {
            let error = State::read(&fields(&bad), Language::En).unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid);
        }
    }

    #[test]
    fn a_state_that_could_not_be_read_again_is_told_at_once() {
        let mut state = sample();
        assert!(state.check_size(Language::En).is_ok());
        for n in 0..3_000 {
            state.remove_charge("A", &format!("A-{n}"));
        }
        assert!(state.check_size(Language::En).is_err());
    }

    #[test]
    fn undoing_a_case_keeps_the_answers_in_it() {
        let mut state = sample();
        state.save_charge("A", "A-1", answer("FelonyClassB"));
        state.remove_case("A");
        state.restore_case("A");
        let edit = state.edits.get("A").unwrap();
        assert_eq!(edit.summary, SummaryEdit::default());
        assert_eq!(edit.charges.get("A-1"), Some(&answer("FelonyClassB")));
    }

    #[test]
    fn a_charge_of_a_removed_case_comes_back_alone() {
        let mut state = sample();
        state.remove_case("A");
        state.restore_charge("A", "A-1", &["A-1".to_owned(), "A-2".to_owned()]);
        let edit = state.edits.get("A").unwrap();
        assert_eq!(edit.summary.edit_status, EditStatus::Update);
        assert!(edit.charges.get("A-1").is_none());
        let other = edit.charges.get("A-2").unwrap();
        assert_eq!(other.edit_status, Some(EditStatus::Delete));
    }

    #[test]
    fn what_was_added_and_removed_leaves_no_trace() {
        let mut state = sample();
        let number = state.next_case_number(&[]);
        state.save_case(
            &number,
            SummaryEdit {
                edit_status: EditStatus::Add,
                ..SummaryEdit::default()
            },
        );
        assert_eq!(state.next_case_number(&[]), "CASE-0002");
        let id = state.next_charge_id(&number);
        assert_eq!(id, "CASE-0001-X01");
        state.save_charge(
            &number,
            &id,
            ChargeEdit {
                edit_status: Some(EditStatus::Add),
                ..ChargeEdit::default()
            },
        );
        state.remove_charge(&number, &id);
        assert!(state.edits.get(&number).unwrap().charges.is_empty());
        state.remove_case(&number);
        assert!(state.edits.is_empty());

        state.remove_charge("A", "A-1");
        state.restore_charge("A", "A-1", &[]);
        assert!(state.edits.is_empty());
    }
}
