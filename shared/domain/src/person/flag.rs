use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Invalid;

/// Reads a yes or no as web forms and older clients write it: `true/false`, `t/f`, `yes/no`, `y/n`, `on/off`, `1/0`, each in
/// lower, upper or title case.
///
/// # Errors
/// `boolean` for anything else.
pub fn parse_flag(text: &str) -> Result<bool, Invalid> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let tail_is_uniform =
        text.chars().skip(1).all(|c| c.is_ascii_lowercase()) || text == text.to_ascii_uppercase();
    match lower.as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" if tail_is_uniform => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" if tail_is_uniform => Ok(false),
        _ => Err(Invalid::new("boolean", "Must be true or false.")),
    }
}

/// A boolean that also reads the texts of [`parse_flag`] and the numbers 0 and 1. It is written as a JSON boolean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lenient;
        impl Visitor<'_> for Lenient {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(value))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Flag, E> {
                self.visit_str(if value == 0 {
                    "0"
                } else if value == 1 {
                    "1"
                } else {
                    "other"
                })
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Flag, E> {
                self.visit_u64(value.unsigned_abs().max(if value < 0 { 2 } else { 0 }))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Flag, E> {
                parse_flag(text).map(Flag).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Lenient)
    }
}
