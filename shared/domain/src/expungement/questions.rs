//! The questions of a record as JSON: what the client shows, and the edit that each answer stands for.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::charge_types::{Question, Then};
use super::phrase::{Phrase, phrase};
use super::record::{ChargeQuestion, Options, Record};
use super::wire::Entries;

/// The questions by charge.
pub(super) struct QuestionsOut<'r>(pub(super) &'r Record<'r>);

impl Serialize for QuestionsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Entry<'r> {
            ambiguous_charge_id: &'r str,
            case_number: &'r str,
            root: RootOut<'r>,
        }
        let options = self.0.options;
        serializer.collect_map(self.0.charges().filter_map(|(case, charge)| {
            let id = &charge.charge.ambiguous_charge_id;
            let root = RootOut {
                charge_id: id,
                question: charge.question?,
                options,
            };
            Some((
                id,
                Entry {
                    ambiguous_charge_id: id,
                    case_number: &case.case.case_number,
                    root,
                },
            ))
        }))
    }
}

struct RootOut<'r> {
    charge_id: &'r str,
    question: ChargeQuestion,
    options: Options,
}

pub(super) static CHOOSE_THE_DISPOSITION: Phrase = phrase("Choose the disposition", "Elija la resolución");
pub(super) static DISMISSED: Phrase = phrase("Dismissed", "Desestimado");
pub(super) static CONVICTED: Phrase = phrase("Convicted", "Condenado");
pub(super) static PROBATION_REVOKED: Phrase = phrase("Probation Revoked", "Libertad condicional revocada");
pub(super) static UNKNOWN: Phrase = phrase("Unknown", "No se sabe");

impl Serialize for RootOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            charge_id,
            question,
            options,
        } = *self;
        let (dismissed, convicted) = match question {
            ChargeQuestion::Type(question) => {
                let text = question.text(options.policy);
                let id = format!("{charge_id}-{}", text.en);
                return TypeQuestionOut {
                    id,
                    question,
                    ending: None,
                    options,
                }
                .serialize(serializer);
            }
            ChargeQuestion::Disposition { dismissed, convicted } => (dismissed, convicted),
        };
        let id = format!("{charge_id}{}", CHOOSE_THE_DISPOSITION.en);
        let nested = |question: Option<Question>, word: &str, ending: Ending| {
            question.map(|question| TypeQuestionOut {
                id: format!("{id}-{word}-{}", question.text(options.policy).en),
                question,
                ending: Some(ending),
                options,
            })
        };
        let answer = |question: Option<TypeQuestionOut>, ending: Ending| AnswerOut {
            edit: EditOut {
                charge_type: None,
                ending: question.is_none().then_some(ending),
            },
            question,
        };
        let answers = [
            (
                &DISMISSED,
                answer(
                    nested(dismissed, "dismissed", Ending::Dismissed),
                    Ending::Dismissed,
                ),
            ),
            (
                &CONVICTED,
                answer(
                    nested(convicted, "convicted", Ending::Convicted),
                    Ending::Convicted,
                ),
            ),
            (
                &PROBATION_REVOKED,
                answer(nested(convicted, "revoked", Ending::Revoked), Ending::Revoked),
            ),
            (
                &UNKNOWN,
                AnswerOut {
                    question: None,
                    edit: EditOut {
                        charge_type: None,
                        ending: None,
                    },
                },
            ),
        ];
        QuestionOut {
            question_id: &id,
            text: CHOOSE_THE_DISPOSITION.in_language(options.language),
            options: Entries(|| {
                answers
                    .iter()
                    .map(|(text, answer)| (text.in_language(options.language), answer))
            }),
            selection: "",
            convicted_date_string: "",
            probation_revoked_date_string: "",
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct QuestionOut<'r, O> {
    question_id: &'r str,
    text: &'static str,
    options: O,
    selection: &'static str,
    convicted_date_string: &'static str,
    probation_revoked_date_string: &'static str,
}

/// A question about the type, under an ending where the charge is undecided.
struct TypeQuestionOut {
    id: String,
    question: Question,
    ending: Option<Ending>,
    options: Options,
}

impl Serialize for TypeQuestionOut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            id,
            question,
            ending,
            options,
        } = self;
        let answers = || {
            question.answers().map(|answer| {
                let out = match answer.then {
                    Then::Type((charge_type, _)) => AnswerOut {
                        question: None,
                        edit: EditOut {
                            charge_type: Some(charge_type.facts().class),
                            ending: *ending,
                        },
                    },
                    Then::Ask(word, question) => AnswerOut {
                        question: Some(Self {
                            id: format!("{id}-{word}-{}", question.text(options.policy).en),
                            question,
                            ending: *ending,
                            options: *options,
                        }),
                        edit: EditOut {
                            charge_type: None,
                            ending: None,
                        },
                    },
                };
                (answer.text.in_language(options.language), out)
            })
        };
        QuestionOut {
            question_id: id,
            text: question.text(options.policy).in_language(options.language),
            options: Entries(answers),
            selection: "",
            convicted_date_string: "",
            probation_revoked_date_string: "",
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct AnswerOut {
    question: Option<TypeQuestionOut>,
    edit: EditOut,
}

/// How the user says that an undecided charge ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    Dismissed,
    Convicted,
    /// Convicted, and the probation was revoked later.
    Revoked,
}

impl Ending {
    /// The ruling that the edit of such an answer carries.
    pub(super) const fn ruling(self) -> &'static str {
        match self {
            Self::Dismissed => "dismissed",
            Self::Convicted | Self::Revoked => "convicted",
        }
    }
}

/// The edit that an answer stands for; the client puts its dates where the placeholders are.
struct EditOut {
    charge_type: Option<&'static str>,
    ending: Option<Ending>,
}

impl Serialize for EditOut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Disposition {
            date: &'static str,
            ruling: &'static str,
        }
        let mut map = serializer.serialize_map(None)?;
        if let Some(charge_type) = self.charge_type {
            map.serialize_entry("charge_type", charge_type)?;
        }
        if let Some(ending) = self.ending {
            map.serialize_entry(
                "disposition",
                &Disposition {
                    date: "__DATE__",
                    ruling: ending.ruling(),
                },
            )?;
            if matches!(ending, Ending::Revoked) {
                map.serialize_entry("probation_revoked", "__PROBATION_REVOKED_DATE__")?;
            }
        }
        map.end()
    }
}
