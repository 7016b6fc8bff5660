//! From answers to a filled form.

use super::mapping::{FlattenRule, Piece, Rule, Source, Test};
use super::{Answer, Answers, Pack};
use crate::document::Document;
use crate::error::PdfError;
use crate::fill::{FillOptions, Value};
use crate::flatten::Flatten;
use crate::image::Rect;
use crate::text::{Font, clean};

/// What a rule comes to for given answers.
enum Outcome {
    Nothing,
    Text(String),
    Tick(bool),
    State(String),
}

impl Pack {
    /// The form filled with `answers`, as a file. Keys the mapping does not know are passed over; keys that are missing leave
    /// their fields empty. A signature goes into every signature box; without boxes it is ignored.
    ///
    /// # Errors
    /// [`PdfError::Image`] for a signature that is no usable PNG or JPEG.
    pub fn fill(&self, answers: &Answers, signature: Option<&[u8]>) -> Result<Vec<u8>, PdfError> {
        Ok(self.fill_document(answers, signature)?.save_fast())
    }

    /// As [`Pack::fill`], as a document for merging with others.
    ///
    /// # Errors
    /// As [`Pack::fill`].
    pub fn fill_document(&self, answers: &Answers, signature: Option<&[u8]>) -> Result<Document, PdfError> {
        let mut document = self.document.clone();
        let outcomes: Vec<_> = self
            .rules
            .iter()
            .filter_map(|(index, rule)| {
                Some((
                    self.document.fields().get(*index)?.name.as_str(),
                    rule.apply(answers),
                ))
            })
            .collect();
        let values = outcomes.iter().filter_map(|(name, outcome)| {
            let value = match outcome {
                Outcome::Nothing => return None,
                Outcome::Text(text) => Value::Text(text),
                Outcome::Tick(on) => Value::Check(*on),
                Outcome::State(state) => Value::Choice(state),
            };
            Some((*name, value))
        });
        document.fill(values, FillOptions::default())?;
        match &self.flatten {
            FlattenRule::Whole(false) => {}
            FlattenRule::Whole(true) => document.flatten(Flatten::All)?,
            FlattenRule::Fields(names) => {
                document.flatten(Flatten::Only(
                    &names.iter().map(String::as_str).collect::<Vec<_>>(),
                ))?;
            }
        }
        for overlay in &self.overlays {
            match overlay.value.apply(answers) {
                Outcome::Text(text) => {
                    let at = (overlay.x, overlay.y);
                    document.stamp_text(
                        overlay.page,
                        at,
                        Font::Helvetica,
                        overlay.size,
                        overlay.max_width,
                        &text,
                    )?;
                }
                Outcome::Tick(true) => {
                    let place = Rect {
                        x: overlay.x,
                        y: overlay.y,
                        width: overlay.size,
                        height: overlay.size,
                    };
                    document.stamp_cross(overlay.page, place)?;
                }
                Outcome::Nothing | Outcome::Tick(false) | Outcome::State(_) => {}
            }
        }
        if let Some(image) = signature {
            for place in &self.signatures {
                let rect = Rect {
                    x: place.x,
                    y: place.y,
                    width: place.width,
                    height: place.height,
                };
                document.stamp_image(place.page, rect, image)?;
            }
        }
        Ok(document)
    }
}

/// The text of an answer, cleaned; `None` for a missing or empty one and for a flag.
fn text(answers: &Answers, key: &str) -> Option<String> {
    match answers.get(key)? {
        Answer::Text(text) => Some(clean(text).trim().to_owned()).filter(|text| !text.is_empty()),
        Answer::Flag(_) => None,
    }
}

/// An answer as a yes or no. Browsers and old clients send flags as words.
fn flag(answers: &Answers, key: &str) -> Option<bool> {
    match answers.get(key)? {
        Answer::Flag(flag) => Some(*flag),
        Answer::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "t" | "y" => Some(true),
            "false" | "no" | "off" | "0" | "f" | "n" => Some(false),
            _ => None,
        },
    }
}

fn holds(answers: &Answers, key: &str) -> bool {
    flag(answers, key).unwrap_or_else(|| text(answers, key).is_some())
}

/// Letters and digits in lower case: "Jr." and "JR" are the same suffix.
fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Rule {
    fn apply(&self, answers: &Answers) -> Outcome {
        let state = || text(answers, "state").unwrap_or_default();
        if self.when.as_deref().is_some_and(|key| !holds(answers, key))
            || self.unless.as_deref().is_some_and(|key| holds(answers, key))
            || !self.only_states.is_empty() && !self.only_states.contains(&state())
        {
            return Outcome::Nothing;
        }
        let found = match &self.source {
            Source::Check { key, test } => {
                return match test {
                    Test::Is(wanted) => {
                        flag(answers, key).map_or(Outcome::Nothing, |flag| Outcome::Tick(flag == *wanted))
                    }
                    Test::Present(wanted) => Outcome::Tick(holds(answers, key) == *wanted),
                    Test::Equals(wanted) => text(answers, key).map_or(Outcome::Nothing, |text| {
                        Outcome::Tick(folded(&text) == folded(wanted))
                    }),
                };
            }
            Source::Choose {
                key,
                among,
                otherwise,
            } => {
                let Some(answer) = text(answers, key) else {
                    return Outcome::Nothing;
                };
                let chosen = among
                    .iter()
                    .find(|(value, _)| folded(value) == folded(&answer))
                    .map(|(_, state)| state);
                return chosen
                    .or(otherwise.as_ref())
                    .map_or(Outcome::Nothing, |state| Outcome::State(state.clone()));
            }
            Source::Key(key) => text(answers, key),
            Source::FirstOf(keys) => keys.iter().find_map(|key| text(answers, key)),
            Source::Constant(constant) => Some(constant.clone()),
            Source::Template(pieces) => template(pieces, answers),
        };
        let Some(mut value) = found else {
            return Outcome::Nothing;
        };
        if let Some(pattern) = &self.date {
            match date(&value, pattern) {
                Some(formatted) => value = formatted,
                None => return Outcome::Nothing,
            }
        }
        if let Some((from, to)) = self.slice {
            value = value.chars().skip(from).take(to - from).collect();
        }
        if self.upper {
            value = value.to_uppercase();
        }
        if value.is_empty() {
            Outcome::Nothing
        } else {
            Outcome::Text(value)
        }
    }
}

fn template(pieces: &[Piece], answers: &Answers) -> Option<String> {
    let mut out = String::new();
    let mut any = false;
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => out.push_str(literal),
            Piece::Key(key) => {
                if let Some(value) = text(answers, key) {
                    out.push_str(&value);
                    any = true;
                }
            }
        }
    }
    if !any {
        return None;
    }
    let lines = out.split('\n').map(|line| {
        let line = line
            .split(' ')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
            .replace(" ,", ",");
        line.trim_matches([' ', ',', ';', '/']).to_owned()
    });
    Some(
        lines
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// An ISO date (`1990-05-06`) by a pattern; `None` for what is no date, so that nothing wrong is printed.
fn date(iso: &str, pattern: &str) -> Option<String> {
    let mut parts = iso.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str, digits: usize| -> Option<u32> {
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    number(year, 4)?;
    let (month_number, day_number) = (number(month, 2)?, number(day, 2)?);
    if !(1..=12).contains(&month_number) || !(1..=31).contains(&day_number) {
        return None;
    }
    let (short_month, short_day) = (month_number.to_string(), day_number.to_string());
    let parts = [
        ("YYYY", year),
        ("YY", &year[2..]),
        ("MM", month),
        ("DD", day),
        ("M", &short_month),
        ("D", &short_day),
    ];
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let (written, used) = parts
            .iter()
            .find(|(part, _)| rest.starts_with(part))
            .map_or((&rest[..first.len_utf8()], first.len_utf8()), |(part, value)| {
                (*value, part.len())
            });
        out.push_str(written);
        rest = &rest[used..];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(entries: &[(&str, &str)]) -> Answers {
        entries
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.into()))
            .collect()
    }

    fn rule(text: &str) -> Rule {
        #[derive(serde::Deserialize)]
        struct One {
            rule: Rule,
        }
        toml::from_str::<One>(&format!("rule = {text}")).unwrap().rule
    }

    fn text_of(rule_text: &str, entries: &[(&str, &str)]) -> Option<String> {
        match rule(rule_text).apply(&answers(entries)) {
            Outcome::Text(text) => Some(text),
            Outcome::Nothing => None,
            Outcome::Tick(on) => Some(on.to_string()),
            Outcome::State(state) => Some(format!("state {state}")),
        }
    }

    #[test]
    fn templates_close_up_where_a_key_is_missing() {
        let address = r#""{address1} {address2}, {city}, {state} {zipcode}""#;
        let all = [
            ("address1", "1 Main"),
            ("address2", "#2"),
            ("city", "Ames"),
            ("state", "IA"),
            ("zipcode", "50010"),
        ];
        assert_eq!(
            text_of(address, &all).as_deref(),
            Some("1 Main #2, Ames, IA 50010")
        );
        assert_eq!(text_of(address, &all[..1]).as_deref(), Some("1 Main"));
        assert_eq!(
            text_of(address, &[("address1", "1 Main"), ("city", "Ames")]).as_deref(),
            Some("1 Main, Ames")
        );
        assert_eq!(text_of(address, &[]), None);
    }

    #[test]
    fn dates_are_written_by_pattern_and_only_when_they_are_dates() {
        let born = [("date_of_birth", "1990-05-06")];
        assert_eq!(
            text_of(r#"{ key = "date_of_birth", date = "MM/DD/YYYY" }"#, &born).as_deref(),
            Some("05/06/1990")
        );
        assert_eq!(
            text_of(r#"{ key = "date_of_birth", date = "M-D-YY" }"#, &born).as_deref(),
            Some("5-6-90")
        );
        assert_eq!(
            text_of(
                r#"{ key = "date_of_birth", date = "DD" }"#,
                &[("date_of_birth", "1990-13-06")]
            ),
            None
        );
        assert_eq!(
            text_of(
                r#"{ key = "date_of_birth", date = "DD" }"#,
                &[("date_of_birth", "é990-13-06")]
            ),
            None
        );
    }

    #[test]
    fn checks_follow_flags_words_and_presence() {
        let yes = Answers::from([("us_citizen".to_owned(), true.into())]);
        let on = |rule_text: &str, answers: &Answers| {
            matches!(rule(rule_text).apply(answers), Outcome::Tick(true))
        };
        assert!(on(r#"{ check = "us_citizen" }"#, &yes));
        assert!(!on(r#"{ check = "us_citizen", is = false }"#, &yes));
        assert!(
            !on(r#"{ check = "us_citizen", is = false }"#, &Answers::new()),
            "no answer ticks neither box"
        );
        assert!(on(
            r#"{ check = "suffix", equals = "jr" }"#,
            &answers(&[("suffix", "Jr.")])
        ));
        assert!(!on(
            r#"{ check = "suffix", equals = "ii" }"#,
            &answers(&[("suffix", "III")])
        ));
        assert!(on(
            r#"{ check = "phone", present = true }"#,
            &answers(&[("phone", "1")])
        ));
        assert!(on(r#"{ check = "phone", present = false }"#, &answers(&[])));
    }

    #[test]
    fn conditions_slices_and_choices() {
        let race = r#"{ key = "race_ethnicity", only_states = ["AL", "FL"] }"#;
        assert_eq!(
            text_of(race, &[("race_ethnicity", "Other"), ("state", "FL")]).as_deref(),
            Some("Other")
        );
        assert_eq!(
            text_of(race, &[("race_ethnicity", "Other"), ("state", "OH")]),
            None
        );
        assert_eq!(
            text_of(
                r#"{ key = "middle_name", slice = [0, 1], upper = true }"#,
                &[("middle_name", "ángel")]
            )
            .as_deref(),
            Some("Á")
        );
        assert_eq!(
            text_of(r#"{ first_of = ["a", "b"] }"#, &[("a", " "), ("b", "x")]).as_deref(),
            Some("x")
        );
        assert_eq!(text_of(r#"{ key = "a", when = "b" }"#, &[("a", "x")]), None);
        assert_eq!(
            text_of(r#"{ key = "a", unless = "b" }"#, &[("a", "x"), ("b", "false")]).as_deref(),
            Some("x")
        );
        let choose = r#"{ choose = "excuse", among = { ill = "temporary illness" }, otherwise = "other" }"#;
        assert_eq!(
            text_of(choose, &[("excuse", "Ill")]).as_deref(),
            Some("state temporary illness")
        );
        assert_eq!(
            text_of(choose, &[("excuse", "away")]).as_deref(),
            Some("state other")
        );
        assert_eq!(text_of(choose, &[]), None);
    }

    #[test]
    fn mistaken_rules_are_refused() {
        for wrong in [
            r#"{ key = "a", check = "b" }"#,
            "{ upper = true }",
            r#"{ key = "a", is = true }"#,
            r#""{open""#,
            r#"{ kee = "a" }"#,
        ] {
            assert!(
                toml::from_str::<std::collections::BTreeMap<String, Rule>>(&format!("x = {wrong}")).is_err(),
                "{wrong}"
            );
        }
        assert_eq!(rule(r#"{ key = "Bad Key", slice = [2, 2] }"#).faults().len(), 2);
    }
}
