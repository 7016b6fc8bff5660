//! The query of a list's address: read once, and written again into every link that changes one thing of it.

use axum::extract::RawQuery;

use crate::list::ABOUT;

/// Parameters that are read; more are nobody's.
const MOST: usize = 60;
/// Characters of one value.
const LONGEST: usize = 2_000;

#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn read(RawQuery(query): RawQuery) -> Self {
        Self(
            form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .take(MOST)
                .map(|(name, value)| (name.into_owned(), value.chars().take(LONGEST).collect()))
                .collect(),
        )
    }

    /// A value; blank is as if it were not there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The same with one value instead of whatever was asked for.
    pub(crate) fn but(&self, name: &str, value: &str) -> Self {
        let others = self.0.iter().filter(|(key, _)| key != name).cloned();
        Self(others.chain([(name.to_owned(), value.to_owned())]).collect())
    }

    /// The query with some parameters changed or, with `None`, left out; empty values are left out too.
    pub(crate) fn with(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let kept = self
            .0
            .iter()
            .filter(|(name, value)| !value.is_empty() && !changes.iter().any(|(changed, _)| changed == name));
        for (name, value) in kept {
            query.append_pair(name, value);
        }
        for (name, value) in changes {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    /// The same of the list's first page: without what belongs to the page one looks at.
    pub(crate) fn first_page(&self, changes: &[(&str, Option<&str>)]) -> String {
        let of_this_page = ["after", "before", ABOUT, "done"].map(|name| (name, None));
        self.with(&[&of_this_page, changes].concat())
    }

    /// As a link on the same page.
    pub(crate) fn link(&self, changes: &[(&str, Option<&str>)]) -> String {
        format!("?{}", self.with(changes))
    }
}
