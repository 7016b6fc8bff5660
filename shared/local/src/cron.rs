//! EventBridge's schedule expressions, in UTC: `rate(5 minutes)`, `cron(45 0,12 * * ? *)`.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use ports::{Error, Result};

/// How far ahead a next time is looked for: a yearly schedule is found, an impossible one ends.
const HORIZON: SignedDuration = SignedDuration::from_hours(24 * 367);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    /// Every so many seconds, counted from the epoch so that all runs agree.
    Rate(i64),
    Cron(Box<[Field; 6]>),
}

/// The numbers that one field of a cron expression allows; `None` is any.
pub(crate) type Field = Option<Vec<i16>>;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
/// EventBridge counts the days of the week from Sunday, 1.
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const RANGES: [(i16, i16); 6] = [(0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199)];

impl Expression {
    /// # Errors
    /// `Internal` where it is not one that EventBridge takes; `L`, `W` and `#` are not played here.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        parse(text)
            .ok_or_else(|| Error::internal(format!("{text} is not a schedule that can be played here")))
    }

    /// The first time after `last`, if there is one within a year and not after `until`.
    pub(crate) fn next(&self, last: Timestamp, until: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate(period) => {
                let second = (last.as_second().div_euclid(*period) + 1) * period;
                Timestamp::from_second(second).ok().filter(|next| *next <= until)
            }
            Self::Cron(fields) => {
                let end = until.min(last + HORIZON);
                let mut second = (last.as_second().div_euclid(60) + 1) * 60;
                while second <= end.as_second() {
                    let at = Timestamp::from_second(second).ok()?;
                    let time = TimeZone::UTC.to_datetime(at);
                    if matches(fields, time) {
                        return Some(at);
                    }
                    // A day that does not fit is passed in one step.
                    let whole_day = !day_matches(fields, time) && time.hour() == 0 && time.minute() == 0;
                    second += if whole_day { 86_400 } else { 60 };
                }
                None
            }
        }
    }
}

fn day_matches(fields: &[Field; 6], time: DateTime) -> bool {
    let fits = |at: usize, value: i16| fields[at].as_ref().is_none_or(|allowed| allowed.contains(&value));
    fits(2, time.day().into())
        && fits(3, time.month().into())
        && fits(4, i16::from(time.weekday().to_sunday_one_offset()))
        && fits(5, time.year())
}

fn matches(fields: &[Field; 6], time: DateTime) -> bool {
    let fits = |at: usize, value: i16| fields[at].as_ref().is_none_or(|allowed| allowed.contains(&value));
    fits(0, time.minute().into()) && fits(1, time.hour().into()) && day_matches(fields, time)
}

fn parse(text: &str) -> Option<Expression> {
    if let Some(inside) = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
        let (count, unit) = inside.split_once(' ')?;
        let unit = match unit.trim_end_matches('s') {
            "minute" => 60,
            "hour" => 3600,
            "day" => 86_400,
            _ => return None,
        };
        let count: i64 = count.parse().ok().filter(|count| (1..=100_000).contains(count))?;
        return Some(Expression::Rate(count * unit));
    }
    let inside = text.strip_prefix("cron(")?.strip_suffix(')')?;
    let words: Vec<&str> = inside.split_whitespace().collect();
    let words: [&str; 6] = words.try_into().ok()?;
    let mut fields: [Field; 6] = Default::default();
    for (at, word) in words.into_iter().enumerate() {
        fields[at] = field(word, at)?;
    }
    Some(Expression::Cron(Box::new(fields)))
}

fn field(word: &str, at: usize) -> Option<Field> {
    if matches!(word, "*" | "?") {
        return Some(None);
    }
    let (least, most) = RANGES[at];
    let mut allowed = Vec::new();
    for part in word.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<i16>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from, at)?, number(to, at)?),
            None if step.is_some() => (number(range, at)?, most),
            None => (number(range, at)?, number(range, at)?),
        };
        if from < least || to > most || from > to {
            return None;
        }
        allowed.extend((from..=to).step_by(usize::try_from(step.unwrap_or(1)).ok()?));
    }
    Some(Some(allowed))
}

fn number(text: &str, at: usize) -> Option<i16> {
    let names: &[&str] = match at {
        3 => &MONTHS,
        4 => &DAYS,
        _ => &[],
    };
    match names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        Some(position) => i16::try_from(position + 1).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, last: &str) -> Option<String> {
        let last: Timestamp = last.parse().unwrap();
        Expression::parse(expression)
            .unwrap()
            .next(last, last + HORIZON)
            .map(|at| at.to_string())
    }

    #[test]
    fn the_next_time_is_found() {
        for (expression, last, expected) in [
            ("rate(1 minute)", "2026-11-25T10:00:00Z", "2026-11-25T10:01:00Z"),
            ("rate(2 hours)", "2026-11-25T11:00:01Z", "2026-11-25T12:00:00Z"),
            (
                "cron(45 0,12 * * ? *)",
                "2026-11-25T12:44:59Z",
                "2026-11-25T12:45:00Z",
            ),
            (
                "cron(45 0,12 * * ? *)",
                "2026-11-25T12:45:00Z",
                "2026-11-26T00:45:00Z",
            ),
            (
                "cron(0/15 8-9 ? * MON-FRI *)",
                "2026-11-27T09:45:00Z",
                "2026-11-30T08:00:00Z",
            ),
            (
                "cron(0 0 29 2 ? *)",
                "2027-03-01T00:00:00Z",
                "2028-02-29T00:00:00Z",
            ),
            (
                "cron(0 9 1 JAN ? *)",
                "2026-01-01T09:00:00Z",
                "2027-01-01T09:00:00Z",
            ),
        ] {
            assert_eq!(
                next(expression, last).as_deref(),
                Some(expected),
                "{expression} after {last}"
            );
        }
        assert_eq!(next("cron(0 0 31 2 ? *)", "2026-01-01T00:00:00Z"), None);
    }

    #[test]
    fn what_cannot_be_played_is_refused() {
        for text in [
            "",
            "rate(0 minutes)",
            "rate(5 fortnights)",
            "cron(0 0 L * ? *)",
            "cron(60 0 * * ? *)",
            "cron(* * * *)",
        ] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
