//! Answering the question of a charge one step at a time, for clients that show one question after the other, such as a page
//! without JavaScript. The answers so far are a path: the index of each choice.
//!
//! [`super::questions`] writes the same questions as one tree, for clients that show it whole.

use jiff::civil::Date;

use super::charge_types::{ChargeType, Question, Then};
use super::edits::{ChargeEdit, DispositionEdit, Scalar};
use super::phrase::Phrase;
use super::policy::Policy;
use super::questions::{CHOOSE_THE_DISPOSITION, CONVICTED, DISMISSED, Ending, PROBATION_REVOKED, UNKNOWN};
use super::record::ChargeQuestion;
use super::when::parse_us_date;

/// What comes after the answers given so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// The next question.
    Ask {
        text: &'static Phrase,
        choices: Vec<&'static Phrase>,
        /// The choices are endings: the days of the decision and of a revocation belong to the answer.
        with_dates: bool,
    },
    /// Nothing more to ask.
    Decided(Decision),
}

/// What the answers come to. Nothing at all: the person does not know, and the charge stays undecided.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Decision {
    pub charge_type: Option<ChargeType>,
    pub ending: Option<Ending>,
}

/// What stands at the end of `path`; `None` where the path leads nowhere.
#[must_use]
pub fn follow(question: ChargeQuestion, path: &[usize], policy: Policy) -> Option<Step> {
    let (dismissed, convicted) = match question {
        ChargeQuestion::Type(question) => return follow_type(question, None, path, policy),
        ChargeQuestion::Disposition { dismissed, convicted } => (dismissed, convicted),
    };
    let Some((&chosen, rest)) = path.split_first() else {
        return Some(Step::Ask {
            text: &CHOOSE_THE_DISPOSITION,
            choices: vec![&DISMISSED, &CONVICTED, &PROBATION_REVOKED, &UNKNOWN],
            with_dates: true,
        });
    };
    let (ending, question) = match chosen {
        0 => (Some(Ending::Dismissed), dismissed),
        1 => (Some(Ending::Convicted), convicted),
        2 => (Some(Ending::Revoked), convicted),
        3 => (None, None),
        _ => return None,
    };
    match question {
        Some(question) => follow_type(question, ending, rest, policy),
        None if rest.is_empty() => Some(Step::Decided(Decision {
            charge_type: None,
            ending,
        })),
        None => None,
    }
}

fn follow_type(question: Question, ending: Option<Ending>, path: &[usize], policy: Policy) -> Option<Step> {
    let Some((&chosen, rest)) = path.split_first() else {
        return Some(Step::Ask {
            text: question.text(policy),
            choices: question.answers().map(|answer| answer.text).collect(),
            with_dates: false,
        });
    };
    match question.answers().nth(chosen)?.then {
        Then::Ask(_, question) => follow_type(question, ending, rest, policy),
        Then::Type((charge_type, _)) => rest.is_empty().then_some(Step::Decided(Decision {
            charge_type: Some(charge_type),
            ending,
        })),
    }
}

/// The days that belong to an ending, as typed: `M/D/YYYY`.
#[derive(Clone, Copy, Default, Debug)]
pub struct EndingDates<'t> {
    pub decided: &'t str,
    pub revoked: &'t str,
}

/// A day that an ending needs and that is missing or no date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DateProblem {
    Decided,
    Revoked,
}

impl Ending {
    /// # Errors
    /// The first day that is not there: a conviction has one, a revocation two. A dismissal's day changes nothing, so it
    /// may be left out; what is given must be a date.
    pub fn check(self, dates: EndingDates) -> Result<(), DateProblem> {
        let day = |text: &str| parse_us_date(text);
        let decided =
            day(dates.decided).is_some() || (self == Self::Dismissed && dates.decided.trim().is_empty());
        if !decided {
            return Err(DateProblem::Decided);
        }
        if self == Self::Revoked && day(dates.revoked).is_none() {
            return Err(DateProblem::Revoked);
        }
        Ok(())
    }
}

impl Decision {
    /// The edit that the answers stand for; `clock` dates a dismissal without a day.
    ///
    /// # Errors
    /// As [`Ending::check`].
    pub fn edit(self, dates: EndingDates, clock: Date) -> Result<ChargeEdit, DateProblem> {
        let mut edit = ChargeEdit {
            charge_type: self.charge_type.map(|one| Scalar(one.facts().class.to_owned())),
            ..ChargeEdit::default()
        };
        let Some(ending) = self.ending else {
            return Ok(edit);
        };
        ending.check(dates)?;
        let decided = parse_us_date(dates.decided).unwrap_or(clock);
        edit.disposition = Some(DispositionEdit {
            date: Some(us_date(decided)),
            ruling: Some(Scalar(ending.ruling().to_owned())),
        });
        if ending == Ending::Revoked {
            edit.probation_revoked = parse_us_date(dates.revoked).map(us_date);
        }
        Ok(edit)
    }
}

fn us_date(date: Date) -> Scalar {
    Scalar(super::when::us_date(date))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::expungement::charge_types::ChargeType;

    const CLOCK: Date = date(2026, 7, 1);

    fn decided(question: ChargeQuestion, path: &[usize]) -> Decision {
        match follow(question, path, Policy::RIGHT) {
            Some(Step::Decided(decision)) => decision,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_question_within_a_question_is_asked_next() {
        let question = ChargeQuestion::Type(Question::MarijuanaOrFelonyClass);
        assert_eq!(
            decided(question, &[0]).charge_type,
            Some(ChargeType::MarijuanaManufactureDelivery)
        );
        let Some(Step::Ask { choices, .. }) = follow(question, &[1], Policy::RIGHT) else {
            panic!("asks for the class")
        };
        assert_eq!(choices.len(), 3);
        assert_eq!(
            decided(question, &[1, 2]).charge_type,
            Some(ChargeType::FelonyClassC)
        );
        for nowhere in [&[2][..], &[0, 0], &[1, 3], &[1, 2, 0]] {
            assert_eq!(follow(question, nowhere, Policy::RIGHT), None, "{nowhere:?}");
        }
    }

    #[test]
    fn an_ending_comes_with_its_days() {
        let question = ChargeQuestion::Disposition {
            dismissed: None,
            convicted: Some(Question::FelonyClass),
        };
        assert_eq!(decided(question, &[3]), Decision::default());
        let revoked = decided(question, &[2, 1]);
        let dates = |decided, revoked| EndingDates { decided, revoked };
        assert_eq!(revoked.edit(dates("", ""), CLOCK), Err(DateProblem::Decided));
        assert_eq!(
            revoked.edit(dates("1/2/2020", "x"), CLOCK),
            Err(DateProblem::Revoked)
        );
        let edit = revoked.edit(dates("1/2/2020", "3/4/2021"), CLOCK).unwrap();
        assert_eq!(edit.charge_type, Some(Scalar("FelonyClassB".to_owned())));
        assert_eq!(edit.probation_revoked, Some(Scalar("3/4/2021".to_owned())));
        let disposition = edit.disposition.unwrap();
        assert_eq!(disposition.ruling, Some(Scalar("convicted".to_owned())));

        let dismissed = decided(question, &[0]).edit(dates("", ""), CLOCK).unwrap();
        assert_eq!(
            dismissed.disposition.unwrap().date,
            Some(Scalar("7/1/2026".to_owned()))
        );
        assert_eq!(
            decided(question, &[0]).edit(dates("soon", ""), CLOCK),
            Err(DateProblem::Decided)
        );
    }
}
