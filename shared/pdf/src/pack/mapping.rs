//! The mapping file as data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// The `[pack]` table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Header {
    pub service: String,
    pub purpose: String,
    pub jurisdiction: String,
    pub title: String,
    pub edition: String,
    pub language: String,
    /// Name of the PDF beside the mapping file.
    pub file: String,
    #[serde(default)]
    pub sha256: Option<String>,
    pub pages: usize,
    #[serde(default)]
    pub left_for_pen: Vec<String>,
    #[serde(default)]
    pub(super) flatten: FlattenRule,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum FlattenRule {
    Whole(bool),
    Fields(Vec<String>),
}

impl Default for FlattenRule {
    fn default() -> Self {
        FlattenRule::Whole(false)
    }
}

/// A box on a page, in points from the bottom left.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Counted from 1.
    pub page: usize,
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Overlay {
    pub(super) page: usize,
    pub(super) x: f32,
    pub(super) y: f32,
    #[serde(default = "ten")]
    pub(super) size: f32,
    #[serde(default)]
    pub(super) max_width: Option<f32>,
    pub(super) value: Rule,
}

fn ten() -> f32 {
    10.0
}

impl Overlay {
    pub(super) fn place(&self) -> Place {
        Place {
            page: self.page,
            x: self.x,
            y: self.y,
            width: self.max_width.unwrap_or(self.size),
            height: self.size,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    pub(super) pack: Header,
    #[serde(default)]
    pub(super) fields: BTreeMap<Spanned<String>, Rule>,
    #[serde(default)]
    pub(super) signature: Vec<Place>,
    #[serde(default)]
    pub(super) overlay: Vec<Overlay>,
}

/// Where a value comes from, what is done to it, and when it is used at all.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) source: Source,
    pub(super) date: Option<String>,
    pub(super) upper: bool,
    pub(super) slice: Option<(usize, usize)>,
    pub(super) only_states: Vec<String>,
    pub(super) when: Option<String>,
    pub(super) unless: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Key(String),
    Template(Vec<Piece>),
    Constant(String),
    FirstOf(Vec<String>),
    Check {
        key: String,
        test: Test,
    },
    Choose {
        key: String,
        among: BTreeMap<String, String>,
        otherwise: Option<String>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Is(bool),
    Equals(String),
    Present(bool),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Literal(String),
    Key(String),
}

/// A rule as it is written in a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    key: Option<String>,
    template: Option<String>,
    constant: Option<String>,
    first_of: Option<Vec<String>>,
    check: Option<String>,
    is: Option<bool>,
    equals: Option<String>,
    present: Option<bool>,
    choose: Option<String>,
    among: Option<BTreeMap<String, String>>,
    otherwise: Option<String>,
    date: Option<String>,
    #[serde(default)]
    upper: bool,
    slice: Option<(usize, usize)>,
    #[serde(default)]
    only_states: Vec<String>,
    when: Option<String>,
    unless: Option<String>,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Rule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key, a template or a table such as { key = \"…\" }")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Rule, E> {
                let source = if text.contains('{') {
                    Source::Template(pieces(text).map_err(E::custom)?)
                } else {
                    Source::Key(text.to_owned())
                };
                Ok(Rule {
                    source,
                    date: None,
                    upper: false,
                    slice: None,
                    only_states: Vec::new(),
                    when: None,
                    unless: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                Table::deserialize(MapAccessDeserializer::new(map))?
                    .rule()
                    .map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Table {
    fn rule(self) -> Result<Rule, String> {
        let test = match (self.is, self.equals, self.present) {
            (None, None, None) => None,
            (Some(flag), None, None) => Some(Test::Is(flag)),
            (None, Some(text), None) => Some(Test::Equals(text)),
            (None, None, Some(flag)) => Some(Test::Present(flag)),
            _ => return Err("a check has one of `is`, `equals` and `present`".into()),
        };
        if test.is_some() && self.check.is_none() {
            return Err("`is`, `equals` and `present` belong to `check`".into());
        }
        if (self.among.is_some() || self.otherwise.is_some()) && self.choose.is_none() {
            return Err("`among` and `otherwise` belong to `choose`".into());
        }
        let mut sources = Vec::new();
        sources.extend(self.key.map(Source::Key));
        if let Some(text) = self.template {
            sources.push(Source::Template(pieces(&text)?));
        }
        sources.extend(self.constant.map(Source::Constant));
        sources.extend(self.first_of.map(Source::FirstOf));
        sources.extend(self.check.map(|key| Source::Check {
            key,
            test: test.unwrap_or(Test::Is(true)),
        }));
        let among = self.among.unwrap_or_default();
        let otherwise = self.otherwise;
        sources.extend(self.choose.map(|key| Source::Choose {
            key,
            among,
            otherwise,
        }));
        let source = sources.pop().filter(|_| sources.is_empty()).ok_or(
            "it needs exactly one of `key`, `template`, `constant`, `first_of`, `check` and `choose`",
        )?;
        Ok(Rule {
            source,
            date: self.date,
            upper: self.upper,
            slice: self.slice,
            only_states: self.only_states,
            when: self.when,
            unless: self.unless,
        })
    }
}

fn pieces(template: &str) -> Result<Vec<Piece>, String> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        let (key, after) = after.split_once('}').ok_or("a `{` in the template has no `}`")?;
        if !literal.is_empty() {
            out.push(Piece::Literal(literal.to_owned()));
        }
        out.push(Piece::Key(key.trim().to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Piece::Literal(rest.to_owned()));
    }
    Ok(out)
}

impl Rule {
    /// Adds every key that the rule reads.
    pub(super) fn keys(&self, out: &mut BTreeSet<String>) {
        match &self.source {
            Source::Key(key) | Source::Check { key, .. } | Source::Choose { key, .. } => {
                out.extend([key.clone()]);
            }
            Source::Template(pieces) => out.extend(pieces.iter().filter_map(|piece| match piece {
                Piece::Key(key) => Some(key.clone()),
                Piece::Literal(_) => None,
            })),
            Source::FirstOf(keys) => out.extend(keys.iter().cloned()),
            Source::Constant(_) => {}
        }
        out.extend(self.when.iter().chain(&self.unless).cloned());
        if !self.only_states.is_empty() {
            out.insert("state".to_owned());
        }
    }

    /// What is wrong with the rule by itself.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut keys = BTreeSet::new();
        self.keys(&mut keys);
        for key in keys {
            if key.is_empty()
                || !key
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            {
                faults.push(format!("{key:?} is not a key (small letters, digits and _)"));
            }
        }
        if self.slice.is_some_and(|(from, to)| from >= to) {
            faults.push("the slice is empty".into());
        }
        if let Some(pattern) = &self.date
            && !["YYYY", "YY", "MM", "DD", "M", "D"]
                .iter()
                .any(|part| pattern.contains(part))
        {
            faults.push(format!("{pattern:?} is not a date pattern"));
        }
        if matches!(self.source, Source::Check { .. } | Source::Choose { .. })
            && (self.date.is_some() || self.upper || self.slice.is_some())
        {
            faults.push("`date`, `upper` and `slice` are for text".into());
        }
        for state in &self.only_states {
            if state.len() != 2 || !state.bytes().all(|byte| byte.is_ascii_uppercase()) {
                faults.push(format!("{state:?} is not a state's postal code"));
            }
        }
        faults
    }
}
