//! Dates that may hang on a verdict still to come.

use std::cmp::Ordering;
use std::fmt;

use jiff::civil::Date;

use crate::person::Language;

/// When something happens: on a day, so long after an undecided charge is convicted, or never.
///
/// Every day lies before every [`When::AfterConviction`], and those lie before [`When::Never`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum When {
    Day(Date),
    AfterConviction(Period),
    Never,
}

/// A length of time as the statute counts it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Period {
    pub years: u16,
    pub months: u16,
    pub days: u16,
}

impl Period {
    #[must_use]
    pub const fn years(years: u16) -> Self {
        Self {
            years,
            months: 0,
            days: 0,
        }
    }

    #[must_use]
    pub const fn days(days: u16) -> Self {
        Self {
            years: 0,
            months: 0,
            days,
        }
    }

    /// A measure to compare two periods from the same start.
    const fn length(self) -> u32 {
        self.years as u32 * 372 + self.months as u32 * 31 + self.days as u32
    }
}

impl When {
    /// The day an undecided charge is convicted.
    pub const CONVICTION_OF_OPEN_CHARGE: Self = Self::AfterConviction(Period::years(0));

    /// What the wire shows for "never".
    pub const LAST_DAY: Date = Date::constant(9999, 12, 31);

    /// Counts `period` on: years and months keep the day of the month, clipped to the month's last day (29 February plus
    /// one year is 28 February); then the days. Beyond the calendar's end is never.
    #[must_use]
    pub fn plus(self, period: Period) -> Self {
        match self {
            Self::Day(day) => add(day, period).map_or(Self::Never, Self::Day),
            Self::AfterConviction(offset) => Self::AfterConviction(Period {
                years: offset.years.saturating_add(period.years),
                months: offset.months.saturating_add(period.months),
                days: offset.days.saturating_add(period.days),
            }),
            Self::Never => Self::Never,
        }
    }

    #[must_use]
    pub fn is_reached_on(self, today: Date) -> bool {
        matches!(self, Self::Day(day) if day <= today)
    }

    #[must_use]
    pub fn is_future(self) -> bool {
        matches!(self, Self::AfterConviction(_))
    }

    #[must_use]
    pub const fn display(self, language: Language) -> DisplayWhen {
        DisplayWhen { when: self, language }
    }
}

fn add(day: Date, period: Period) -> Option<Date> {
    let months = i32::from(day.month()) - 1 + i32::from(period.months);
    let year = i16::try_from(i32::from(day.year()) + i32::from(period.years) + months / 12).ok()?;
    let first = Date::new(year, i8::try_from(months % 12).ok()? + 1, 1).ok()?;
    let clipped = Date::new(year, first.month(), day.day().min(first.days_in_month())).ok()?;
    if period.days == 0 {
        return Some(clipped);
    }
    clipped
        .checked_add(jiff::Span::new().try_days(period.days).ok()?)
        .ok()
}

impl PartialOrd for When {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for When {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Day(a), Self::Day(b)) => a.cmp(b),
            (Self::AfterConviction(a), Self::AfterConviction(b)) => a.length().cmp(&b.length()),
            (Self::Never, Self::Never) => Ordering::Equal,
            (Self::Day(_), _) | (_, Self::Never) => Ordering::Less,
            (_, Self::Day(_)) | (Self::Never, _) => Ordering::Greater,
        }
    }
}

/// Shows a [`When`]: `Jan 2, 2030`, `5 years from conviction of open charge`, `Dec 31, 9999`.
#[derive(Clone, Copy)]
pub struct DisplayWhen {
    when: When,
    language: Language,
}

/// Shows a day as `Jan 2, 2030` (Spanish `2 ene 2030`).
#[must_use]
pub const fn display_day(day: Date, language: Language) -> DisplayWhen {
    DisplayWhen {
        when: When::Day(day),
        language,
    }
}

const MONTHS: [[&str; 12]; 2] = [
    [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
    [
        "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic",
    ],
];

impl fmt::Display for DisplayWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = match self.when {
            When::Day(day) => return write_day(f, day, self.language),
            When::Never => return write_day(f, When::LAST_DAY, self.language),
            When::AfterConviction(offset) => offset,
        };
        let units = match self.language {
            Language::En => [("year", "years"), ("month", "months"), ("day", "days")],
            Language::Es => [("año", "años"), ("mes", "meses"), ("día", "días")],
        };
        for (count, (one, many)) in [offset.years, offset.months, offset.days].into_iter().zip(units) {
            if count != 0 {
                write!(f, "{count} {}", if count == 1 { one } else { many })?;
            }
        }
        f.write_str(match self.language {
            Language::En => " from conviction of open charge",
            Language::Es => " desde la condena del cargo pendiente",
        })
    }
}

fn write_day(f: &mut fmt::Formatter<'_>, day: Date, language: Language) -> fmt::Result {
    // Digits go straight into one buffer: this runs several times for every charge.
    let month = MONTHS[language as usize][usize::from(day.month().unsigned_abs()).clamp(1, 12) - 1];
    let year = u32::from(day.year().unsigned_abs());
    let number = u32::from(day.day().unsigned_abs());
    let mut text = [b' '; 16];
    let mut length = 0;
    let mut push = |bytes: &[u8]| {
        for &byte in bytes {
            if let Some(place) = text.get_mut(length) {
                *place = byte;
                length += 1;
            }
        }
    };
    let digit = |value: u32| b'0' + (value % 10) as u8;
    let day_digits = [digit(number / 10), digit(number)];
    let day_text = if number < 10 {
        &day_digits[1..]
    } else {
        &day_digits[..]
    };
    match language {
        Language::En => {
            push(month.as_bytes());
            push(b" ");
            push(day_text);
            push(b", ");
        }
        Language::Es => {
            push(day_text);
            push(b" ");
            push(month.as_bytes());
            push(b" ");
        }
    }
    push(&[
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
    ]);
    f.write_str(std::str::from_utf8(&text[..length]).unwrap_or_default())
}

/// Reads the wire's `M/D/YYYY` (month and day of one or two digits, year of four). `None` for anything else.
#[must_use]
pub fn parse_us_date(text: &str) -> Option<Date> {
    let mut parts = text.trim().split('/');
    let mut number = |max_digits: usize| {
        let part = parts.next()?;
        let plain = !part.is_empty() && part.len() <= max_digits && part.bytes().all(|b| b.is_ascii_digit());
        if plain { part.parse::<i16>().ok() } else { None }
    };
    let (month, day, year) = (number(2)?, number(2)?, number(4)?);
    if parts.next().is_some() || year < 1 {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Writes a day as the wire's edits have it: `M/D/YYYY`, what [`parse_us_date`] reads.
#[must_use]
pub fn us_date(day: Date) -> String {
    format!("{}/{}/{:04}", day.month(), day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn leap_days_are_clipped_and_days_roll_over() {
        let leap = When::Day(date(2020, 2, 29));
        assert_eq!(leap.plus(Period::years(1)), When::Day(date(2021, 2, 28)));
        assert_eq!(leap.plus(Period::years(4)), When::Day(date(2024, 2, 29)));
        assert_eq!(
            When::Day(date(2021, 12, 31)).plus(Period::days(60)),
            When::Day(date(2022, 3, 1))
        );
        assert_eq!(When::Day(date(9998, 1, 1)).plus(Period::years(7)), When::Never);
    }

    #[test]
    fn days_come_before_open_charges_and_those_before_never() {
        let five = When::CONVICTION_OF_OPEN_CHARGE.plus(Period::years(5));
        assert!(When::Day(When::LAST_DAY) < five);
        assert!(When::CONVICTION_OF_OPEN_CHARGE < five && five < When::Never);
        assert!(!five.is_reached_on(When::LAST_DAY));
    }

    #[test]
    fn texts_are_those_of_the_wire() {
        assert_eq!(
            display_day(date(2030, 1, 2), Language::En).to_string(),
            "Jan 2, 2030"
        );
        assert_eq!(
            display_day(date(2030, 11, 22), Language::Es).to_string(),
            "22 nov 2030"
        );
        assert_eq!(When::Never.display(Language::En).to_string(), "Dec 31, 9999");
        let when = When::CONVICTION_OF_OPEN_CHARGE;
        assert_eq!(
            when.display(Language::En).to_string(),
            " from conviction of open charge"
        );
        assert_eq!(
            when.plus(Period {
                years: 5,
                months: 0,
                days: 1
            })
            .display(Language::En)
            .to_string(),
            "5 years1 day from conviction of open charge"
        );
    }

    #[test]
    fn wire_dates_are_read_strictly() {
        assert_eq!(parse_us_date("2/29/2024"), Some(date(2024, 2, 29)));
        assert_eq!(parse_us_date("02/09/2024"), Some(date(2024, 2, 9)));
        assert_eq!(us_date(date(2024, 2, 9)), "2/9/2024");
        assert_eq!(parse_us_date(&us_date(date(9, 12, 31))), Some(date(9, 12, 31)));
        for bad in [
            "",
            "2/30/2024",
            "__DATE__",
            "2024-02-29",
            "1/1/24/5",
            "1/1/0000",
            "+1/1/2020",
            "1//2020",
        ] {
            assert_eq!(parse_us_date(bad), None, "{bad}");
        }
    }
}
