//! The questions beside charges: what is asked next, and what is made of the answers.
//!
//! One question at a time: an answer that raises another one is kept in [`State::partial`] until that is answered too; then the whole
//! becomes an edit, as the API has it.

use app::{Error, Fields, page::pick};
use domain::{
    expungement::{
        Case, Ending, Options, Record,
        answers::{DateProblem, Decision, EndingDates, Step, follow},
        edits::ChargeEdit,
        record::ChargeQuestion,
    },
    person::Language,
};

use super::{
    record::with_record,
    state::{Partial, State},
    view::anchor,
};

pub(crate) struct QuestionView {
    pub(crate) text: &'static str,
    pub(crate) choices: Vec<&'static str>,
    pub(crate) with_dates: bool,
    /// What was chosen or typed and could not be taken.
    pub(crate) chosen: Option<usize>,
    pub(crate) decided: String,
    pub(crate) revoked: String,
    pub(crate) error: Option<&'static str>,
    /// Answers were given before this question: they can be taken back.
    pub(crate) begun: bool,
}

impl QuestionView {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub(crate) fn is_chosen(&self, choice: &usize) -> bool {
        self.chosen == Some(*choice)
    }
}

/// An answer that could not be taken.
pub(crate) struct BadAnswer {
    pub(crate) charge: String,
    pub(crate) choice: usize,
    pub(crate) decided: String,
    pub(crate) revoked: String,
    pub(crate) message: &'static str,
}

/// What is asked next about a charge.
pub(super) fn question_view(
    record: &Record,
    question: ChargeQuestion,
    id: &str,
    state: &State,
    bad: &[BadAnswer],
) -> Option<QuestionView> {
    let options = record.options;
    let partial = state.partial.get(id);
    let path = partial.map_or(&[][..], |partial| &partial.path);
    let bad = bad.iter().find(|bad| bad.charge == id);
    // A path that leads nowhere was forged, or the charge has changed under it: ask anew.
    let (step, begun, unknown) = match follow(question, path, options.policy) {
        Some(Step::Decided(_)) => (follow(question, &[], options.policy)?, true, true),
        Some(step) => (step, !path.is_empty(), false),
        None => (follow(question, &[], options.policy)?, false, false),
    };
    let Step::Ask {
        text,
        choices,
        with_dates,
    } = step
    else {
        return None;
    };
    Some(QuestionView {
        text: text.in_language(options.language),
        chosen: bad
            .map(|bad| bad.choice)
            .or_else(|| unknown.then(|| choices.len() - 1)),
        choices: choices
            .into_iter()
            .map(|choice| choice.in_language(options.language))
            .collect(),
        with_dates,
        decided: bad.map(|bad| bad.decided.clone()).unwrap_or_default(),
        revoked: bad.map(|bad| bad.revoked.clone()).unwrap_or_default(),
        error: bad.map(|bad| bad.message),
        begun,
    })
}

/// Takes every answer that was chosen on the page.
///
/// # Errors
/// `Invalid` where an edit does not fit what was found.
pub(super) fn take_answers(
    state: &mut State,
    found: &[Case],
    options: Options,
    fields: &Fields,
) -> Result<Vec<BadAnswer>, Error> {
    let before = state.clone();
    with_record(found, &before.edits, options, |record| {
        let mut bad = Vec::new();
        for case in record.every_case() {
            for charge in &case.charges {
                let id = &charge.charge.ambiguous_charge_id;
                let typed = |part: &str| fields.text(&anchor(part, id)).trim().to_owned();
                let (Some(question), Ok(choice)) = (charge.question, typed("answer").parse()) else {
                    continue;
                };
                let (decided, revoked) = (typed("decided"), typed("revoked"));
                let partial = go_on(
                    before.partial.get(id),
                    question,
                    choice,
                    (&decided, &revoked),
                    options,
                );
                match take(question, partial, options) {
                    Taken::Whole(edit) => state.save_charge(&case.case.case_number, id, edit),
                    Taken::Partly(partial) => *state.partial.entry(id) = partial,
                    Taken::Not(problem) => bad.push(BadAnswer {
                        charge: id.clone(),
                        choice,
                        decided,
                        revoked,
                        message: date_message(problem, options.language),
                    }),
                    Taken::Nowhere => {}
                }
            }
        }
        bad
    })
}

/// The answers so far with one more. The first comes with its days.
fn go_on(
    before: Option<&Partial>,
    question: ChargeQuestion,
    choice: usize,
    (decided, revoked): (&str, &str),
    options: Options,
) -> Partial {
    let still_asks = |partial: &&Partial| {
        matches!(
            follow(question, &partial.path, options.policy),
            Some(Step::Ask { .. })
        )
    };
    // Once the ending was "not known", the first question is on the page again.
    let mut partial = before.filter(still_asks).cloned().unwrap_or_default();
    if partial.path.is_empty() {
        decided.clone_into(&mut partial.decided);
        revoked.clone_into(&mut partial.revoked);
    }
    partial.path.push(choice);
    partial
}

/// What becomes of the answers to the question of one charge.
enum Taken {
    /// They are complete.
    Whole(ChargeEdit),
    /// They raise another question, or say that the ending is not known.
    Partly(Partial),
    /// A day is missing.
    Not(DateProblem),
    /// Forged, or the page is older than the record: the question stands as it is.
    Nowhere,
}

fn take(question: ChargeQuestion, partial: Partial, options: Options) -> Taken {
    let dates = EndingDates {
        decided: &partial.decided,
        revoked: &partial.revoked,
    };
    match follow(question, &partial.path, options.policy) {
        None => Taken::Nowhere,
        Some(Step::Decided(decision)) if decision == Decision::default() => Taken::Partly(partial),
        Some(Step::Decided(decision)) => match decision.edit(dates, options.clock) {
            Ok(edit) => Taken::Whole(edit),
            Err(problem) => Taken::Not(problem),
        },
        // The days are checked with the answer that they belong to, not at the end.
        Some(Step::Ask { .. }) => {
            match ending_of(question, &partial.path, options).and_then(|ending| ending.check(dates).err()) {
                Some(problem) => Taken::Not(problem),
                None => Taken::Partly(partial),
            }
        }
    }
}

/// The ending that an incomplete answer has chosen: its dates are checked before the next question is asked.
fn ending_of(question: ChargeQuestion, path: &[usize], options: Options) -> Option<Ending> {
    let mut path = path.to_vec();
    // Whatever the next answers are, the ending is the same.
    for _ in 0..8 {
        match follow(question, &path, options.policy)? {
            Step::Decided(decision) => return decision.ending,
            Step::Ask { .. } => path.push(0),
        }
    }
    None
}

fn date_message(problem: DateProblem, language: Language) -> &'static str {
    match problem {
        DateProblem::Decided => pick(
            language,
            "enter the date of the decision, such as 4/28/2019.",
            "escriba la fecha de la decisión, como 4/28/2019.",
        ),
        DateProblem::Revoked => pick(
            language,
            "enter the date on which probation was revoked, such as 4/28/2021.",
            "escriba la fecha en que se revocó la libertad condicional, como 4/28/2021.",
        ),
    }
}
