//! When things fall due, and how long a download link lives (spec 3.4, 5.15).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use subtle::ConstantTimeEq;

/// The hour, in UTC, from which every state is awake: noon in New York, 7 in the morning in Honolulu.
const POLITE_FROM: i8 = 17;

/// The next moment at which a message wakes nobody: `now` between 17:00 and 23:59 UTC, else 17:00 UTC of the same day.
#[must_use]
pub fn polite(now: Timestamp) -> Timestamp {
    if now.to_zoned(TimeZone::UTC).hour() >= POLITE_FROM {
        now
    } else {
        polite_in_days(now, 0)
    }
}

/// 17:00 UTC, `days` days after the UTC day of `now`. Saturates at the end of time.
#[must_use]
pub fn polite_in_days(now: Timestamp, days: u16) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    let due = today.saturating_add(i32::from(days).days());
    due.at(POLITE_FROM, 0, 0, 0)
        .to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |at| at.timestamp())
}

/// When a voter who has not fetched the form is reminded: 17:00 UTC of the next day.
#[must_use]
pub fn download_reminder_due(now: Timestamp) -> Timestamp {
    polite_in_days(now, 1)
}

/// How long a download link lives unless configured otherwise, in hours: 60 days.
pub const FILE_EXPIRATION_HOURS: u32 = 1_440;

/// How long the link to a report lives, in hours: a week, for it opens the data of many.
pub const REPORT_EXPIRATION_HOURS: u32 = 168;

/// The moment a link made at `now` stops working.
#[must_use]
pub fn file_expires(now: Timestamp, hours: u32) -> Timestamp {
    now.saturating_add(i64::from(hours).hours())
        .unwrap_or(Timestamp::MAX)
}

/// What a presented download token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Hand out the file.
    Valid,
    /// The right token, too late: offer a new link.
    Expired,
    /// Not the token: offer a new link, by mail to the file's owner.
    Wrong,
    /// The file is gone for good.
    Purged,
}

/// A stored file's link.
#[derive(Clone, Copy)]
pub struct FileLink<'a> {
    pub token: &'a str,
    pub expires: Timestamp,
    pub purged: bool,
}

impl FileLink<'_> {
    /// Judges a presented token. The comparison takes the same time wherever two tokens of one length differ.
    #[must_use]
    pub fn judge(&self, presented: &str, now: Timestamp) -> TokenState {
        let equal: bool = self.token.as_bytes().ct_eq(presented.as_bytes()).into();
        match (self.purged, !self.token.is_empty() && equal, now < self.expires) {
            (true, ..) => TokenState::Purged,
            (false, false, _) => TokenState::Wrong,
            (false, true, false) => TokenState::Expired,
            (false, true, true) => TokenState::Valid,
        }
    }

    /// Whether a request for a new link needs a new token; a living one is mailed again, so that older mails keep working.
    #[must_use]
    pub fn needs_new_token(&self, now: Timestamp) -> bool {
        now >= self.expires
    }
}

/// The name of a stored file: `YYMMDD.<random>.<name>`. `today` is the day in the service's own time zone; `random` is 5 to 11
/// letters and digits that nobody can guess.
#[must_use]
pub fn object_key(today: Date, random: &str, name: &str) -> String {
    format!(
        "{:02}{:02}{:02}.{random}.{name}",
        today.year().rem_euclid(100),
        today.month(),
        today.day()
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn messages_wait_for_a_polite_hour() {
        for (now, due) in [
            ("2026-03-01T16:59:59Z", "2026-03-01T17:00:00Z"),
            ("2026-03-01T17:00:01Z", "2026-03-01T17:00:01Z"),
            ("2026-03-01T23:59:59Z", "2026-03-01T23:59:59Z"),
            ("2026-03-01T00:00:00Z", "2026-03-01T17:00:00Z"),
        ] {
            assert_eq!(polite(at(now)), at(due));
        }
        assert_eq!(
            polite_in_days(at("2026-02-20T23:30:00Z"), 14),
            at("2026-03-06T17:00:00Z")
        );
        assert_eq!(
            download_reminder_due(at("2026-12-31T23:30:00Z")),
            at("2027-01-01T17:00:00Z")
        );
        assert!(polite_in_days(Timestamp::MAX, u16::MAX) <= Timestamp::MAX);
    }

    #[test]
    fn tokens_are_judged() {
        let expires = file_expires(at("2026-01-01T00:00:00Z"), FILE_EXPIRATION_HOURS);
        assert_eq!(expires, at("2026-03-02T00:00:00Z"));
        let link = FileLink {
            token: "token-1",
            expires,
            purged: false,
        };
        let before = at("2026-03-01T23:59:59Z");
        assert_eq!(link.judge("token-1", before), TokenState::Valid);
        assert_eq!(link.judge("token-1", expires), TokenState::Expired);
        assert_eq!(link.judge("token-2", before), TokenState::Wrong);
        assert_eq!(link.judge("token-2", expires), TokenState::Wrong);
        assert_eq!(link.judge("", before), TokenState::Wrong);
        assert_eq!(
            FileLink { token: "", ..link }.judge("", before),
            TokenState::Wrong
        );
        assert_eq!(
            FileLink { purged: true, ..link }.judge("token-1", before),
            TokenState::Purged
        );
        assert!(link.needs_new_token(expires) && !link.needs_new_token(before));
        assert_eq!(file_expires(Timestamp::MAX, 1), Timestamp::MAX);
    }

    #[test]
    fn stored_files_are_named_by_day_and_chance() {
        assert_eq!(
            object_key(date(2026, 3, 9), "a1B2c", "ma-doe.pdf"),
            "260309.a1B2c.ma-doe.pdf"
        );
    }
}
