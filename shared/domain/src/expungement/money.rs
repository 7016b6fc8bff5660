//! Balances: whole cents inside, dollars on the wire.

use std::fmt;

use super::policy::{Deviation, Policy};

/// Reads an amount as the court prints it: `1,516.80`, `.5`, `(50.00)` for a credit. Digits past the cent are cut off.
/// `None` where it is no amount, or beyond ±90 trillion dollars.
#[must_use]
pub fn parse_cents(text: &str, policy: Policy) -> Option<i64> {
    let text = text.trim();
    let (text, negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => text.strip_prefix('-').map_or((text, false), |rest| (rest, true)),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: String = whole.chars().filter(|&c| c != ',').collect();
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > 14 || !digits(&whole) || !digits(fraction) {
        return None;
    }
    let dollars: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut digit = fraction.bytes().map(|b| i64::from(b - b'0'));
    let mut cents = dollars * 100 + digit.next().unwrap_or(0) * 10 + digit.next().unwrap_or(0);
    if !policy.allows(Deviation::DecimalMoney) {
        let dollars: f64 = format!("{whole}.{fraction}0")
            .trim_start_matches('.')
            .parse()
            .unwrap_or(0.0);
        let dollars = if whole.is_empty() {
            format!("0.{fraction}0").parse().unwrap_or(0.0)
        } else {
            dollars
        };
        // Truncating the binary product is the point here: it is what loses the cent.
        cents = (dollars * 100.0) as i64;
    }
    Some(if negative { -cents } else { cents })
}

/// Shows cents as dollars in the shortest form with at least one decimal: `100.0`, `1516.8`, `-529.08`.
#[derive(Clone, Copy)]
pub struct Dollars(pub i64);

impl Dollars {
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, cents) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (dollars, cents) = (cents / 100, cents % 100);
        if cents % 10 == 0 {
            write!(f, "{sign}{dollars}.{}", cents / 10)
        } else {
            write!(f, "{sign}{dollars}.{cents:02}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_cents() {
        for (text, cents) in [
            ("19.99", 1999),
            ("1.15", 115),
            ("(1,234.56)", -123_456),
            (".5", 50),
            ("100", 10_000),
            ("-3.", -300),
        ] {
            assert_eq!(parse_cents(text, Policy::RIGHT), Some(cents), "{text}");
        }
        for bad in ["", "()", ".", "1.2.3", "abc", "NaN", "1e9", "999999999999999"] {
            assert_eq!(parse_cents(bad, Policy::RIGHT), None, "{bad}");
        }
    }

    #[test]
    fn the_peer_loses_a_cent() {
        assert_eq!(parse_cents("19.99", Policy::AS_PEER), Some(1998));
        assert_eq!(parse_cents(".5", Policy::AS_PEER), Some(50));
    }

    #[test]
    fn dollars_are_shown_shortest() {
        for (cents, text) in [
            (10_000, "100.0"),
            (151_680, "1516.8"),
            (-52_908, "-529.08"),
            (-5, "-0.05"),
        ] {
            assert_eq!(Dollars(cents).to_string(), text);
        }
    }
}
