//! Form packs: an official PDF form and a mapping file that says what goes where.
//!
//! A pack is a folder with a PDF and a `pack.toml`. [`Pack::parse`] checks one against the other — each mapped field exists
//! and takes what it is given, each field of the form is mapped or left for the pen on purpose — so that a new edition of a
//! form is noticed when it is installed and not when a voter prints it. [`Pack::fill`] is then cheap: the form is parsed and
//! serialised once, and a fill appends what it changes.
//!
//! # The mapping language
//!
//! ```toml
//! [pack]
//! service = "voting"            # who uses it
//! purpose = "registration"      # for what: "registration", "mail-ballot", …
//! jurisdiction = "US"           # "US", or a state's postal code
//! title = "National Mail Voter Registration Form"
//! edition = "2020"
//! language = "en"
//! file = "US-nvra.pdf"          # the PDF beside this file
//! sha256 = "…"                  # optional: the edition this was written for
//! pages = 2
//! flatten = false               # true: all fields become page content; or a list of fields
//! left_for_pen = ["helped_applicant"]   # fields deliberately not filled
//!
//! [fields]                      # field of the PDF = where its value comes from
//! last_name = "last_name"                                     # a key
//! name = "{last_name}, {first_name}"                          # a template
//! state = { constant = "CA" }                                 # always this
//! born = { key = "date_of_birth", date = "MM/DD/YYYY" }       # an ISO date; parts: YYYY YY MM DD M D
//! initial = { key = "middle_name", slice = [0, 1], upper = true }  # characters from, to (not included)
//! mail_to = { first_of = ["mailing_full_address", "full_address"] }  # the first that is present
//! race = { key = "race_ethnicity", only_states = ["AL", "FL"] }    # only where key "state" is one of these
//! city2 = { key = "mailing_city", when = "has_mailing_address" }   # only when a key is true or present
//! phone2 = { key = "phone", unless = "email" }                     # only when it is not
//! citizen_yes = { check = "us_citizen" }                      # ticked when the key is true
//! citizen_no = { check = "us_citizen", is = false }           # ticked when the key is false (not when it is missing)
//! title_mr = { check = "title", equals = "mr" }               # letters and digits are compared, in either case
//! has_phone = { check = "phone", present = true }             # ticked when the key has a value
//! reason = { choose = "excuse", among = { ill = "temporary illness" } }  # value of the key = state of the button
//! party = { choose = "party", among = {}, otherwise = "None" }           # state for every other value
//!
//! [[signature]]                 # where the signature image goes, in points from the bottom left
//! page = 1
//! x = 72
//! y = 100
//! width = 200
//! height = 30
//!
//! [[overlay]]                   # text or a cross at a place, for forms without fields
//! page = 1
//! x = 72                        # of the base line, or of the box to cross
//! y = 700
//! size = 10                     # of the text, or the edge of the box to cross
//! max_width = 200               # optional: set smaller rather than wider
//! value = "{first_name} {last_name}"   # any source as under [fields]
//! ```
//!
//! In a template, keys without a value vanish, and with them doubled spaces and punctuation left at the ends; if all are
//! missing there is no text. Values are cleaned as in [`clean`](crate::clean): control characters go, 1,024 characters stay,
//! accents are kept.

mod fill;
mod mapping;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest, Sha256};

use crate::document::{Document, Limits};
use crate::fill::kind_name;
use crate::form::FieldKind;
use mapping::{FlattenRule, Mapping, Rule, Source};

pub use mapping::{Header, Place};

/// What a person answered for one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Text(String),
    Flag(bool),
}

impl From<bool> for Answer {
    fn from(flag: bool) -> Self {
        Answer::Flag(flag)
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Answer::Text(text.into())
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Answer::Text(text)
    }
}

/// Answers by canonical key.
pub type Answers = BTreeMap<String, Answer>;

/// Something that is wrong with a pack, or (a warning) should be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackProblem {
    /// Warnings do not stop a pack from being used.
    pub warning: bool,
    /// Line of the mapping file, counted from 1.
    pub line: Option<usize>,
    /// Field of the PDF.
    pub field: Option<String>,
    pub text: String,
}

impl fmt::Display for PackProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.warning { "warning" } else { "error" })?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", field {field:?}")?;
        }
        write!(f, ": {}", self.text)
    }
}

/// A checked pack, ready to fill. Clones share the form.
#[derive(Clone, Debug)]
pub struct Pack {
    header: Header,
    document: Document,
    /// Index of the field, and its rule.
    rules: Vec<(usize, Rule)>,
    signatures: Vec<Place>,
    overlays: Vec<mapping::Overlay>,
    flatten: FlattenRule,
    warnings: Vec<PackProblem>,
    keys: BTreeSet<String>,
}

impl Pack {
    /// Reads a mapping file and checks it against its PDF.
    ///
    /// # Errors
    /// Every problem found, warnings among them, if at least one is an error.
    pub fn parse(mapping: &str, pdf: &[u8]) -> Result<Pack, Vec<PackProblem>> {
        let line_of = |offset: usize| {
            mapping
                .get(..offset)
                .map(|before| before.matches('\n').count() + 1)
        };
        let parsed: Mapping = toml::from_str(mapping).map_err(|error| {
            vec![PackProblem {
                warning: false,
                line: error.span().and_then(|span| line_of(span.start)),
                field: None,
                text: error.message().to_owned(),
            }]
        })?;
        let mut problems = Problems::default();
        let mut document = match Document::open(pdf, &Limits::default()) {
            Ok(document) => document,
            Err(error) => {
                problems.error(None, None, error.to_string());
                return Err(problems.0);
            }
        };
        let header = parsed.pack;
        if let Some(expected) = &header.sha256 {
            let found = hex(&Sha256::digest(pdf));
            if !expected.eq_ignore_ascii_case(&found) {
                problems.error(
                    None,
                    None,
                    format!("the PDF is another edition: its sha256 is {found}"),
                );
            }
        }
        if header.pages != document.page_count() {
            problems.error(
                None,
                None,
                format!(
                    "the PDF has {} pages, the mapping says {}",
                    document.page_count(),
                    header.pages
                ),
            );
        }

        let mut rules = Vec::new();
        let mut keys = BTreeSet::new();
        let mut mapped = BTreeSet::new();
        for (name, rule) in parsed.fields {
            let line = line_of(name.span().start);
            let name = name.into_inner();
            let Some((&index, field)) = document.form.by_name.get(&name).zip(document.field(&name)) else {
                problems.error(line, Some(&name), "the PDF has no such field");
                continue;
            };
            if let Some(text) = unsuitable(&rule, field) {
                problems.error(line, Some(&name), text);
            }
            for text in rule.faults() {
                problems.error(line, Some(&name), text);
            }
            rule.keys(&mut keys);
            mapped.insert(name);
            rules.push((index, rule));
        }
        // In the order of the form, so that the file written does not depend on the mapping's.
        rules.sort_by_key(|(index, _)| *index);
        for name in &header.left_for_pen {
            if document.field(name).is_none() {
                problems.error(None, Some(name), "left_for_pen: the PDF has no such field");
            } else if mapped.contains(name) {
                problems.error(None, Some(name), "it is mapped and left for the pen");
            }
        }
        for field in document
            .fields()
            .iter()
            .filter(|field| !matches!(field.kind, FieldKind::Button | FieldKind::Signature))
        {
            if !mapped.contains(&field.name) && !header.left_for_pen.contains(&field.name) {
                problems.warning(Some(&field.name), "it is neither mapped nor left for the pen");
            }
        }
        if let FlattenRule::Fields(names) = &header.flatten {
            for name in names.iter().filter(|name| document.field(name).is_none()) {
                problems.error(None, Some(name), "flatten: the PDF has no such field");
            }
        }
        for place in &parsed.signature {
            problems.place("signature", place, &document);
        }
        for overlay in &parsed.overlay {
            problems.place("overlay", &overlay.place(), &document);
            for text in overlay.value.faults() {
                problems.error(None, None, format!("overlay on page {}: {text}", overlay.page));
            }
            if matches!(overlay.value.source, Source::Choose { .. }) {
                problems.error(
                    None,
                    None,
                    format!("overlay on page {}: only fields can choose a state", overlay.page),
                );
            }
            overlay.value.keys(&mut keys);
        }
        if problems.0.iter().any(|problem| !problem.warning) {
            return Err(problems.0);
        }
        document.settle_form();
        document.prepare();
        let flatten = header.flatten.clone();
        Ok(Pack {
            header,
            document,
            rules,
            signatures: parsed.signature,
            overlays: parsed.overlay,
            flatten,
            warnings: problems.0,
            keys,
        })
    }

    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the check found that does not stop the pack from being used.
    #[must_use]
    pub fn warnings(&self) -> &[PackProblem] {
        &self.warnings
    }

    /// Every key the mapping asks for.
    #[must_use]
    pub fn keys(&self) -> &BTreeSet<String> {
        &self.keys
    }

    /// Whether the form has a place for a signature image.
    #[must_use]
    pub fn takes_signature(&self) -> bool {
        !self.signatures.is_empty()
    }

    /// The empty form; a cheap clone.
    #[must_use]
    pub fn blank(&self) -> Document {
        self.document.clone()
    }
}

/// Why a rule cannot fill a field of this kind.
fn unsuitable(rule: &Rule, field: &crate::form::Field) -> Option<String> {
    let tick = matches!(field.kind, FieldKind::Checkbox | FieldKind::Radio);
    match &rule.source {
        Source::Check { .. } if !tick => Some(format!("a {} cannot be ticked", kind_name(field.kind))),
        Source::Check { .. } if field.on_states().len() > 1 => Some(format!(
            "it has several states; choose among {:?}",
            field.on_states()
        )),
        Source::Choose { among, otherwise, .. } => match field.kind {
            FieldKind::Checkbox | FieldKind::Radio => {
                let states = field.on_states();
                let unknown = |state: &&String| !states.contains(&state.as_str());
                among
                    .values()
                    .chain(otherwise)
                    .find(unknown)
                    .map(|state| format!("it has no state {state:?}, only {states:?}"))
            }
            FieldKind::Choice => {
                let known = |state: &String| {
                    field.editable
                        || field
                            .options
                            .iter()
                            .any(|(value, shown)| value == state || shown == state)
                };
                among
                    .values()
                    .chain(otherwise)
                    .find(|state| !known(state))
                    .map(|state| format!("it has no option {state:?}"))
            }
            _ => Some(format!(
                "a {} has no states to choose from",
                kind_name(field.kind)
            )),
        },
        Source::Check { .. } => None,
        _ if tick => Some(format!("a {} takes `check` or `choose`", kind_name(field.kind))),
        _ if matches!(field.kind, FieldKind::Button | FieldKind::Signature) => {
            Some(format!("a {} cannot be filled", kind_name(field.kind)))
        }
        _ => None,
    }
}

#[derive(Default)]
struct Problems(Vec<PackProblem>);

impl Problems {
    fn error(&mut self, line: Option<usize>, field: Option<&str>, text: impl Into<String>) {
        self.0.push(PackProblem {
            warning: false,
            line,
            field: field.map(Into::into),
            text: text.into(),
        });
    }

    fn warning(&mut self, field: Option<&str>, text: &str) {
        self.0.push(PackProblem {
            warning: true,
            line: None,
            field: field.map(Into::into),
            text: text.into(),
        });
    }

    fn place(&mut self, what: &str, place: &Place, document: &Document) {
        match document.page_size(place.page) {
            Err(error) => self.error(None, None, format!("{what}: {error}")),
            Ok((width, height)) => {
                let inside = place.x >= 0.0
                    && place.y >= 0.0
                    && place.width > 0.0
                    && place.height > 0.0
                    && place.x + place.width <= width
                    && place.y + place.height <= height;
                if !inside {
                    self.error(
                        None,
                        None,
                        format!(
                            "{what}: its place is not inside page {} ({width} × {height} points)",
                            place.page
                        ),
                    );
                }
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
