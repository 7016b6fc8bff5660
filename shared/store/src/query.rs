//! A statement that is put together at run time: of texts that stand in the program, and of values that only ever travel as
//! parameters.
//!
//! Where a statement is always the same, it is a [`sql!`](crate::sql). This is for lists that people filter and sort, where
//! each choice adds a clause. A clause is `&'static str`, so what somebody typed cannot become part of one.

use std::fmt::Write as _;

use crate::Param;

/// A statement in the making.
#[derive(Default)]
pub struct Query {
    text: String,
    values: Vec<Box<dyn Param + Send>>,
    pub(crate) is_planned_anew: bool,
}

impl Query {
    pub fn new(text: &'static str) -> Self {
        Self::default().sql(text)
    }

    /// Adds text of the program.
    #[must_use]
    pub fn sql(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds a parameter: its place in the text, and its value beside it.
    #[must_use]
    pub fn bind(mut self, value: impl Param + Send + 'static) -> Self {
        self.values.push(Box::new(value));
        let _ = write!(self.text, "${}", self.values.len());
        self
    }

    /// Adds a number as text: how many rows at most, which the planner shall know when it plans for any values.
    #[must_use]
    pub fn number(mut self, number: i64) -> Self {
        let _ = write!(self.text, "{number}");
        self
    }

    /// Plans the statement each time for its values: where one plan for all of them would be a bad one for most.
    #[must_use]
    pub fn planned_anew(mut self) -> Self {
        self.is_planned_anew = true;
        self
    }

    /// The text with its places `$1`, `$2`, …
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn params(&self) -> Vec<&dyn Param> {
        self.values.iter().map(|value| &**value as &dyn Param).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_become_text() {
        let query = Query::new("select a from t where a = ")
            .bind("'; drop table t; --".to_owned())
            .sql(" and b = ")
            .bind(7_i64);
        assert_eq!(query.text(), "select a from t where a = $1 and b = $2");
        assert_eq!(query.params().len(), 2);
    }
}
