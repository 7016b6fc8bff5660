//! The time zones that people are offered, and a moment as they read it.

use domain::person::Language;
use jiff::{Timestamp, tz::TimeZone};

use crate::page::pick;

/// A time zone that is offered.
pub struct OfferedZone {
    /// Its IANA name: what is stored.
    pub name: &'static str,
    english: &'static str,
    spanish: &'static str,
    /// Its rule as POSIX writes it (IEEE 1003.1, `TZ`): Lambda's runtime brings no database of time zones.
    rule: &'static str,
}

const fn zone(
    name: &'static str,
    english: &'static str,
    spanish: &'static str,
    rule: &'static str,
) -> OfferedZone {
    OfferedZone {
        name,
        english,
        spanish,
        rule,
    }
}

/// Those of the United States (15 U.S.C. §§ 260a, 261), and UTC.
pub const TIME_ZONES: &[OfferedZone] = &[
    zone("America/New_York", "Eastern", "Este", "EST5EDT,M3.2.0,M11.1.0"),
    zone("America/Chicago", "Central", "Centro", "CST6CDT,M3.2.0,M11.1.0"),
    zone("America/Denver", "Mountain", "Montaña", "MST7MDT,M3.2.0,M11.1.0"),
    zone("America/Phoenix", "Arizona", "Arizona", "MST7"),
    zone(
        "America/Los_Angeles",
        "Pacific",
        "Pacífico",
        "PST8PDT,M3.2.0,M11.1.0",
    ),
    zone(
        "America/Anchorage",
        "Alaska",
        "Alaska",
        "AKST9AKDT,M3.2.0,M11.1.0",
    ),
    zone("Pacific/Honolulu", "Hawaii", "Hawái", "HST10"),
    zone("America/Puerto_Rico", "Puerto Rico", "Puerto Rico", "AST4"),
    zone("UTC", "UTC", "UTC", "UTC0"),
];

impl OfferedZone {
    pub fn label(&self, language: Language) -> &'static str {
        pick(language, self.english, self.spanish)
    }
}

/// The offered zone of this name.
pub fn offered_zone(name: &str) -> Option<&'static OfferedZone> {
    TIME_ZONES.iter().find(|zone| zone.name == name)
}

/// The rules of a zone by its name; UTC where it is none of those offered.
pub fn time_zone(name: &str) -> TimeZone {
    offered_zone(name)
        .and_then(|zone| TimeZone::posix(zone.rule).ok())
        .unwrap_or(TimeZone::UTC)
}

/// A moment as people of a time zone read it.
pub fn local_time(at: Timestamp, zone: &str) -> String {
    at.to_zoned(time_zone(zone))
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offered_time_zone_has_a_rule() {
        for zone in TIME_ZONES {
            assert!(TimeZone::posix(zone.rule).is_ok(), "{}", zone.name);
        }
        let winter: Timestamp = "2026-11-03T17:00:00Z".parse().unwrap();
        let summer: Timestamp = "2026-07-04T17:00:00Z".parse().unwrap();
        assert_eq!(local_time(winter, "America/New_York"), "2026-11-03 12:00 EST");
        assert_eq!(local_time(summer, "America/New_York"), "2026-07-04 13:00 EDT");
        assert_eq!(local_time(summer, "America/Phoenix"), "2026-07-04 10:00 MST");
        assert_eq!(local_time(summer, "Pacific/Honolulu"), "2026-07-04 07:00 HST");
        assert_eq!(local_time(winter, "Nowhere/Else"), "2026-11-03 17:00 UTC");
    }
}
