//! A value of a column: read from a row, shown, typed in, compared, bound.

use std::fmt::Write as _;

use app::time_zone::time_zone;
use domain::person::Language;
use jiff::{Timestamp, civil};
use ports::{Error, Result};
use serde_json::json;
use store::Query;
use uuid::Uuid;

use crate::model::{Column, Kind, Words, words};

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Text(String),
    Integer(i64),
    /// A decimal number as it is written.
    Decimal(String),
    Boolean(bool),
    Date(civil::Date),
    Timestamp(Timestamp),
    Uuid(Uuid),
    Json(serde_json::Value),
    Texts(Vec<String>),
}

/// The kind whose values a column really has: a reference's are its key's.
pub(crate) fn stored(kind: &Kind) -> &Kind {
    match kind {
        Kind::Reference(to) => &to.key_kind,
        other => other,
    }
}

impl Value {
    /// Reads a column of an answer.
    ///
    /// # Errors
    /// `Internal` where the declaration does not fit the table.
    pub(crate) fn read(row: &store::Row, name: &str, kind: &Kind) -> Result<Self> {
        fn or_null<T>(value: Option<T>, some: impl FnOnce(T) -> Value) -> Value {
            value.map_or(Value::Null, some)
        }
        Ok(match stored(kind) {
            Kind::Text | Kind::TextArea | Kind::Choice(_) | Kind::Reference(_) => {
                or_null(row.get(name)?, Self::Text)
            }
            Kind::Integer => or_null(row.get(name)?, Self::Integer),
            Kind::Decimal => or_null(row.get(name)?, Self::Decimal),
            Kind::Boolean => or_null(row.get(name)?, Self::Boolean),
            Kind::Date => or_null(row.get(name)?, Self::Date),
            Kind::Timestamp => or_null(row.get(name)?, Self::Timestamp),
            Kind::Uuid => or_null(row.get(name)?, Self::Uuid),
            Kind::Json => or_null(row.get(name)?, Self::Json),
            Kind::Texts => or_null(row.get(name)?, Self::Texts),
        })
    }

    /// Binds it as a parameter of its kind.
    pub(crate) fn bind(&self, query: Query, kind: &Kind) -> Query {
        let null = matches!(self, Self::Null);
        match stored(kind) {
            Kind::Text | Kind::TextArea | Kind::Choice(_) | Kind::Reference(_) => query.bind(match self {
                Self::Text(text) => Some(text.clone()),
                _ => None,
            }),
            Kind::Integer => query.bind(match self {
                Self::Integer(number) => Some(*number),
                _ => None,
            }),
            // A driver without decimal numbers: the text is cast by the server.
            Kind::Decimal => {
                let text = match self {
                    Self::Decimal(text) if !null => Some(text.clone()),
                    _ => None,
                };
                query.sql("cast(").bind(text).sql("::text as numeric)")
            }
            Kind::Boolean => query.bind(match self {
                Self::Boolean(truth) => Some(*truth),
                _ => None,
            }),
            Kind::Date => query.bind(match self {
                Self::Date(date) => Some(*date),
                _ => None,
            }),
            Kind::Timestamp => query.bind(match self {
                Self::Timestamp(at) => Some(*at),
                _ => None,
            }),
            Kind::Uuid => query.bind(match self {
                Self::Uuid(id) => Some(*id),
                _ => None,
            }),
            Kind::Json => query.bind(match self {
                Self::Json(json) => Some(json.clone()),
                _ => None,
            }),
            Kind::Texts => query.bind(match self {
                Self::Texts(texts) => Some(texts.clone()),
                _ => None,
            }),
        }
    }

    /// As people read it.
    pub(crate) fn show(&self, kind: &Kind, language: Language, zone: &str) -> String {
        match self {
            Self::Null => "–".to_owned(),
            Self::Text(text) => match kind {
                Kind::Choice(choices) => choices
                    .iter()
                    .find(|(code, _)| code == text)
                    .map_or_else(|| text.clone(), |(_, label)| label.of(language).to_owned()),
                _ => text.clone(),
            },
            Self::Integer(number) => number.to_string(),
            Self::Decimal(text) => text.clone(),
            Self::Boolean(truth) => yes_or_no(*truth).of(language).to_owned(),
            Self::Date(date) => date.to_string(),
            Self::Timestamp(at) => app::time_zone::local_time(*at, zone),
            Self::Uuid(id) => id.to_string(),
            Self::Json(json) => serde_json::to_string_pretty(json).unwrap_or_default(),
            Self::Texts(texts) => texts.join(", "),
        }
    }

    /// As it is typed into a form.
    pub(crate) fn typed(&self, zone: &str) -> String {
        match self {
            Self::Null => String::new(),
            Self::Boolean(truth) => truth.to_string(),
            Self::Timestamp(at) => at
                .to_zoned(time_zone(zone))
                .strftime("%Y-%m-%dT%H:%M:%S")
                .to_string(),
            Self::Texts(texts) => texts.join("\n"),
            other => other.show(&Kind::Text, Language::En, zone),
        }
    }

    /// As programs read it: in CSV, in an address.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Timestamp(at) => at.to_string(),
            Self::Boolean(truth) => truth.to_string(),
            Self::Json(json) => json.to_string(),
            Self::Texts(texts) => json!(texts).to_string(),
            other => other.show(&Kind::Text, Language::En, "UTC"),
        }
    }

    /// As the audit log and cursors keep it.
    pub(crate) fn json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Integer(number) => json!(number),
            Self::Boolean(truth) => json!(truth),
            Self::Json(json) => json.clone(),
            Self::Texts(texts) => json!(texts),
            other => json!(other.plain()),
        }
    }

    /// Of [`Value::plain`], for addresses and cursors.
    pub(crate) fn from_plain(text: &str, kind: &Kind) -> Option<Self> {
        match stored(kind) {
            Kind::Text | Kind::TextArea | Kind::Choice(_) | Kind::Reference(_) => {
                (!text.contains('\0')).then(|| Self::Text(text.to_owned()))
            }
            Kind::Integer => text.parse().ok().map(Self::Integer),
            Kind::Decimal => is_decimal(text).then(|| Self::Decimal(text.to_owned())),
            Kind::Boolean => text.parse().ok().map(Self::Boolean),
            Kind::Date => text.parse().ok().map(Self::Date),
            Kind::Timestamp => text.parse().ok().map(Self::Timestamp),
            Kind::Uuid => Uuid::try_parse(text).ok().map(Self::Uuid),
            Kind::Json | Kind::Texts => None,
        }
    }

    /// Reads what was typed for a column.
    pub(crate) fn parse(typed: &str, column: &Column, zone: &str) -> std::result::Result<Self, Words> {
        let text = typed.replace("\r\n", "\n");
        let text = text.trim();
        if text.contains('\0') {
            return Err(words(
                "This holds a character that cannot be kept.",
                "Contiene un carácter que no se puede guardar.",
            ));
        }
        if text.is_empty() {
            return match column.kind {
                Kind::Boolean => Ok(if column.is_nullable {
                    Self::Null
                } else {
                    Self::Boolean(false)
                }),
                Kind::Texts => Ok(Self::Texts(Vec::new())),
                _ if column.is_nullable => Ok(Self::Null),
                _ if column.is_blank => Ok(Self::Text(String::new())),
                _ => Err(words("This is required.", "Este dato es obligatorio.")),
            };
        }
        if text.chars().count() > column.max_length {
            return Err(words("This is too long.", "Esto es demasiado largo."));
        }
        let value = match stored(&column.kind) {
            Kind::Text if text.contains('\n') => {
                return Err(words("Write one line.", "Escriba una sola línea."));
            }
            Kind::Text | Kind::TextArea | Kind::Reference(_) => Self::Text(text.to_owned()),
            Kind::Choice(choices) => match choices.iter().any(|(code, _)| *code == text) {
                true => Self::Text(text.to_owned()),
                false => return Err(words("Choose one of the list.", "Elija uno de la lista.")),
            },
            Kind::Integer => {
                let number: i64 = text
                    .parse()
                    .map_err(|_| words("Write a whole number.", "Escriba un número entero."))?;
                if !(column.range.0..=column.range.1).contains(&number) {
                    return Err(words(
                        "This number is outside of what is allowed.",
                        "Este número está fuera de lo permitido.",
                    ));
                }
                Self::Integer(number)
            }
            Kind::Decimal => match is_decimal(text) {
                true => Self::Decimal(text.to_owned()),
                false => {
                    return Err(words(
                        "Write a number such as 12.5.",
                        "Escriba un número como 12.5.",
                    ));
                }
            },
            Kind::Boolean => Self::Boolean(matches!(text, "true" | "on" | "yes" | "1")),
            Kind::Date => Self::Date(text.parse().map_err(|_| {
                words(
                    "Write a date such as 2026-11-03.",
                    "Escriba una fecha como 2026-11-03.",
                )
            })?),
            Kind::Timestamp => Self::Timestamp(local(text, zone).ok_or(words(
                "Write a time such as 2026-11-03 17:00.",
                "Escriba un momento como 2026-11-03 17:00.",
            ))?),
            Kind::Uuid => Self::Uuid(Uuid::try_parse(text).map_err(|_| match column.kind {
                Kind::Reference(_) => words("Choose one of the list.", "Elija uno de la lista."),
                _ => words("Write a UUID.", "Escriba un UUID."),
            })?),
            Kind::Json => Self::Json(serde_json::from_str(text).map_err(|_| {
                words(
                    "This is not valid JSON. Check quotes, commas and brackets.",
                    "Esto no es JSON válido. Revise comillas, comas y corchetes.",
                )
            })?),
            Kind::Texts => Self::Texts(
                text.lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
        };
        match column.check.and_then(|check| check(text)) {
            Some(problem) => Err(problem),
            None => Ok(value),
        }
    }
}

pub(crate) fn yes_or_no(truth: bool) -> Words {
    match truth {
        true => words("Yes", "Sí"),
        false => words("No", "No"),
    }
}

/// Digits with at most one point, and a sign.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.len() <= 40
        && digits.chars().filter(|c| *c == '.').count() <= 1
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.chars().any(|c| c.is_ascii_digit())
}

/// A time as it is typed, in a time zone; of the two that a clock put back shows twice, the first.
fn local(text: &str, zone: &str) -> Option<Timestamp> {
    let at: civil::DateTime = text.replacen(' ', "T", 1).parse().ok()?;
    at.to_zoned(time_zone(zone)).ok().map(|zoned| zoned.timestamp())
}

/// A row's address from its key: parts that cannot be mistaken for a separator stand between commas.
pub(crate) fn address<'a>(parts: impl Iterator<Item = &'a Value>) -> String {
    let mut text = String::new();
    for (index, part) in parts.enumerate() {
        if index > 0 {
            text.push(',');
        }
        for byte in part.plain().bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => text.push(char::from(byte)),
                other => {
                    let _ = write!(text, "~{other:02x}");
                }
            }
        }
    }
    text
}

/// The parts of an address, of so many kinds.
pub(crate) fn from_address(text: &str, kinds: &[&Kind]) -> Result<Vec<Value>> {
    let parts: Vec<&str> = text.split(',').collect();
    if parts.len() != kinds.len() {
        return Err(Error::not_found());
    }
    parts
        .iter()
        .zip(kinds)
        .map(|(part, kind)| {
            let plain = unescape(part).ok_or_else(Error::not_found)?;
            Value::from_plain(&plain, kind).ok_or_else(Error::not_found)
        })
        .collect()
}

fn unescape(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'~' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(column: Column, typed: &str) -> std::result::Result<Value, &'static str> {
        Value::parse(typed, &column, "America/New_York").map_err(|problem| problem.english)
    }

    #[test]
    fn each_kind_reads_what_fits_and_says_what_does_not() {
        let text = Column::text("a", "A", "A").max(5);
        assert_eq!(parse(text, " abc "), Ok(Value::Text("abc".into())));
        assert_eq!(parse(text, "abcdef"), Err("This is too long."));
        assert_eq!(parse(text, "a\nb"), Err("Write one line."));
        assert_eq!(parse(text, ""), Err("This is required."));
        assert_eq!(parse(text.nullable(), " "), Ok(Value::Null));
        let area = Column::text_area("a", "A", "A");
        assert_eq!(parse(area, "a\r\nb"), Ok(Value::Text("a\nb".into())));
        let integer = Column::integer("n", "N", "N").range(1, 9);
        assert_eq!(parse(integer, "9"), Ok(Value::Integer(9)));
        assert!(parse(integer, "10").is_err() && parse(integer, "1.5").is_err());
        let decimal = Column::decimal("n", "N", "N");
        assert_eq!(parse(decimal, "-12.50"), Ok(Value::Decimal("-12.50".into())));
        for wrong in ["1.2.3", "e5", "NaN", ".", "1; drop table t"] {
            assert!(parse(decimal, wrong).is_err(), "{wrong}");
        }
        let boolean = Column::boolean("b", "B", "B");
        assert_eq!(parse(boolean, ""), Ok(Value::Boolean(false)));
        assert_eq!(parse(boolean.nullable(), ""), Ok(Value::Null));
        assert_eq!(parse(boolean, "true"), Ok(Value::Boolean(true)));
        let date = Column::date("d", "D", "D");
        assert_eq!(
            parse(date, "2026-02-28"),
            Ok(Value::Date(civil::date(2026, 2, 28)))
        );
        assert!(parse(date, "2026-02-30").is_err());
        let json = Column::json("j", "J", "J");
        assert_eq!(parse(json, r#"{"a": [1]}"#), Ok(Value::Json(json!({"a": [1]}))));
        assert!(parse(json, "{a}").is_err());
        let texts = Column::texts("l", "L", "L");
        assert_eq!(
            parse(texts, "a\n\n b"),
            Ok(Value::Texts(vec!["a".into(), "b".into()]))
        );
        const SIZES: &[(&str, Words)] = &[("s", words("Small", "Pequeño"))];
        let choice = Column::choice("c", "C", "C", SIZES);
        assert_eq!(parse(choice, "s"), Ok(Value::Text("s".into())));
        assert!(parse(choice, "x").is_err());
        assert!(parse(Column::uuid("u", "U", "U"), "1").is_err());
    }

    #[test]
    fn a_time_is_typed_in_the_readers_zone() {
        let column = Column::timestamp("t", "T", "T");
        for typed in ["2026-11-03 12:00", "2026-11-03T12:00"] {
            let Ok(Value::Timestamp(at)) = parse(column, typed) else {
                panic!("{typed}");
            };
            assert_eq!(at.to_string(), "2026-11-03T17:00:00Z");
            assert_eq!(
                Value::Timestamp(at).typed("America/New_York"),
                "2026-11-03T12:00:00"
            );
        }
        assert!(parse(column, "soon").is_err());
    }

    #[test]
    fn any_key_survives_its_address() {
        let key = [Value::Text("a/b,c~ñ%".into()), Value::Integer(-7)];
        let address = address(key.iter());
        assert_eq!(address, "a~2fb~2cc~7e~c3~b1~25,-7");
        assert_eq!(
            from_address(&address, &[&Kind::Text, &Kind::Integer]).unwrap(),
            key
        );
        for wrong in ["a", "a,b,c", "a,x", "~,1", "~zz,1", "~00,1"] {
            assert!(
                from_address(wrong, &[&Kind::Text, &Kind::Integer]).is_err(),
                "{wrong}"
            );
        }
    }
}
