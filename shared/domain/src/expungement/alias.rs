//! Whom a search is for.

use serde::{Deserialize, Serialize};

use super::when::parse_us_date;

/// A name somebody goes or went by. Texts are as typed; each may be empty on the wire, [`Alias::problem`] says what a search
/// of the court's site needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Alias {
    pub first_name: String,
    pub last_name: String,
    pub middle_name: String,
    /// `M/D/YYYY`, or empty.
    pub birth_date: String,
}

/// Aliases of one search.
pub const MAX_ALIASES: usize = 20;
/// Characters of one name.
const MAX_NAME: usize = 100;

/// What keeps an alias from being searched for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AliasProblem {
    pub field: &'static str,
    /// Stable, for programs.
    pub code: &'static str,
    pub message: &'static str,
}

impl Alias {
    /// The same with the blanks around each text removed: what is searched for and compared.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        Self {
            first_name: self.first_name.trim().to_owned(),
            last_name: self.last_name.trim().to_owned(),
            middle_name: self.middle_name.trim().to_owned(),
            birth_date: self.birth_date.trim().to_owned(),
        }
    }

    /// The first thing wrong with it, if any: see [`Alias::problems`].
    #[must_use]
    pub fn problem(&self) -> Option<AliasProblem> {
        self.problems().next()
    }

    /// What is wrong with it, at most one thing of each field: first and last name are required; a `*` may end a name after one
    /// letter of the first and two of the last name; a birth date is `M/D/YYYY`.
    pub fn problems(&self) -> impl Iterator<Item = AliasProblem> {
        let names = [
            ("first_name", &self.first_name, 1),
            ("last_name", &self.last_name, 2),
            ("middle_name", &self.middle_name, 1),
        ];
        let of_names = names.into_iter().filter_map(|(field, name, letters)| {
            let (code, message) = problem_of_name(name.trim(), field != "middle_name", letters)?;
            Some(AliasProblem { field, code, message })
        });
        let birth_date = self.birth_date.trim();
        let of_date =
            (!birth_date.is_empty() && parse_us_date(birth_date).is_none()).then_some(AliasProblem {
                field: "birth_date",
                code: "invalid",
                message: "Must be a date such as 4/30/1985.",
            });
        of_names.chain(of_date)
    }
}

/// Code and message of what is wrong with a name; a `*` needs so many `letters` before it.
fn problem_of_name(name: &str, required: bool, letters: usize) -> Option<(&'static str, &'static str)> {
    if name.is_empty() {
        return required.then_some(("required", "This field is required."));
    }
    if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Some(("invalid", "Must be a name of at most 100 characters."));
    }
    let (before, after) = name.split_once('*')?;
    let is_wildcard = after.is_empty() && before.chars().filter(|c| c.is_alphabetic()).count() >= letters;
    (!is_wildcard).then_some((
        "wildcard",
        "A * may only end a name: after one letter of a first or middle name, after two of a last name.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(first: &str, last: &str, middle: &str, birth: &str) -> Alias {
        Alias {
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            middle_name: middle.to_owned(),
            birth_date: birth.to_owned(),
        }
    }

    #[test]
    fn what_the_court_takes_is_taken() {
        for good in [
            alias("John", "Doe", "", ""),
            alias(" J* ", "Do*", "Q", "1/31/1970"),
            alias("Mary Ann", "O'Neil-Smith", "", "01/01/2001"),
        ] {
            assert_eq!(good.problem(), None, "{good:?}");
        }
    }

    #[test]
    fn each_problem_names_its_field() {
        for (bad, field, code) in [
            (alias("", "Doe", "", ""), "first_name", "required"),
            (alias("John", "  ", "", ""), "last_name", "required"),
            (alias("*", "Doe", "", ""), "first_name", "wildcard"),
            (alias("John", "D*", "", ""), "last_name", "wildcard"),
            (alias("John", "D*oe", "", ""), "last_name", "wildcard"),
            (alias("John", "Doe", "\u{7}", ""), "middle_name", "invalid"),
            (alias(&"x".repeat(101), "Doe", "", ""), "first_name", "invalid"),
            (alias("John", "Doe", "", "1970-01-01"), "birth_date", "invalid"),
        ] {
            let problem = bad.problem().unwrap();
            assert_eq!((problem.field, problem.code), (field, code), "{bad:?}");
        }
        let all: Vec<_> = alias("", "D*", "*", "x")
            .problems()
            .map(|one| one.field)
            .collect();
        assert_eq!(all, ["first_name", "last_name", "middle_name", "birth_date"]);
    }
}
