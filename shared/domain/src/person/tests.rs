use std::fmt::{Debug, Display};

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::*;

/// What holds for every text: no panic, and what was accepted is accepted again and means the same, in text and in JSON.
fn round_trip<T: Display + PartialEq + Debug + Serialize + DeserializeOwned>(
    text: &str,
    parse: fn(&str) -> Result<T, Invalid>,
) -> Option<T> {
    let value = parse(text).ok()?;
    assert!(
        parse(&value.to_string()).unwrap() == value,
        "not stable: {:?}",
        value.to_string()
    );
    let json = serde_json::to_string(&value).unwrap();
    assert!(serde_json::from_str::<T>(&json).unwrap() == value);
    Some(value)
}

fn every_type(text: &str) {
    round_trip(text, Name::parse);
    round_trip(text, Line::parse);
    round_trip(text, Text::parse);
    round_trip(text, Email::parse);
    round_trip(text, Phone::parse);
    round_trip(text, Zip5::parse);
    round_trip(text, StateCode::parse);
    round_trip(text, BirthDate::parse);
    round_trip(text, SmallUuid::parse);
    round_trip(text, Slug::parse);
    round_trip(text, WebUrl::parse);
    let _ = (
        SmallUuid::parse_any(text),
        parse_flag(text),
        Language::parse(text),
        Language::negotiate(text),
    );
    let trimmed = trim_embed_url(text);
    assert_eq!(trim_embed_url(&trimmed), trimmed);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        every_type(&text);
    }

    #[test]
    fn near_misses_are_read_without_panic(text in "[ +0-9a-z@.:/?#()\\[\\]%-]{0,30}") {
        every_type(&text);
    }

    #[test]
    fn web_addresses_are_stable(text in "(https?|ftp)://([a-z]{1,3}@)?[a-z.]{1,8}(:[0-9]{0,6})?(/[a-z é]{0,4})?(\\?[a-z=]{0,4})?(#[a-z]{0,3})?") {
        every_type(&text);
    }

    #[test]
    fn every_possible_phone_prints_as_itself(area in 200u32..1000, exchange in 200u32..1000, line in 0u32..10_000) {
        let written = format!("({area}) {exchange}-{line:04}");
        match Phone::parse(&written) {
            Ok(phone) => {
                prop_assert_eq!(phone.national(), written);
                prop_assert_eq!(phone.as_str(), format!("+1{area}{exchange}{line:04}"));
            }
            Err(_) => prop_assert!(area % 100 == 11 || exchange % 100 == 11),
        }
    }

    #[test]
    fn every_uuid_survives_its_short_form(bytes in any::<[u8; 16]>()) {
        let uuid = Uuid::from_bytes(bytes);
        let small = SmallUuid(uuid).encode();
        prop_assert_eq!(small.len(), 22);
        prop_assert_eq!(SmallUuid::parse_any(&small).unwrap(), uuid);
        prop_assert_eq!(SmallUuid::parse_any(&uuid.to_string()).unwrap(), uuid);
    }
}

#[test]
fn names_are_trimmed_and_bounded() {
    assert_eq!(Name::parse("  José Ñandú ").unwrap().as_str(), "José Ñandú");
    assert_eq!(
        Name::parse(&"é".repeat(256)).unwrap().as_str().chars().count(),
        256
    );
    for (bad, code) in [
        ("", "blank"),
        (" \t", "blank"),
        ("a\0b", "unprintable"),
        ("a\nb", "unprintable"),
        ("a\u{202e}b", "unprintable"),
        (&"é".repeat(257), "too_long"),
    ] {
        assert_eq!(Name::parse(bad).unwrap_err().code, code, "{bad:?}");
    }
    assert_eq!(Text::parse("a\r\nb\tc").unwrap().as_str(), "a\nb\tc");
    assert_eq!(Text::parse("a\u{1b}[31m").unwrap_err().code, "unprintable");
}

#[test]
fn emails_are_bare_addresses() {
    assert_eq!(
        Email::parse(" Ann.O'Neil+vote@Example.ORG ").unwrap().as_str(),
        "Ann.O'Neil+vote@example.org"
    );
    let long = format!("a@{}.org", "b.".repeat(140));
    for bad in [
        "",
        "ann",
        "ann@",
        "@example.org",
        "Ann <ann@example.org>",
        "ann@localhost",
        "a b@example.org",
        "a@b@example.org",
        "ann@example.org\nBcc: x@y.z",
        "ann@[127.0.0.1]",
        &long,
    ] {
        assert!(Email::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn phones_are_read_as_american_unless_they_say_otherwise() {
    for written in [
        "6175551234",
        "617-555-1234",
        "(617) 555 1234",
        "617.555.1234",
        "1 617 555 1234",
        "+1 (617) 555-1234",
        "011 1 617 555 1234",
    ] {
        let phone = Phone::parse(written).unwrap();
        assert_eq!(
            (phone.as_str(), phone.national().as_str()),
            ("+16175551234", "(617) 555-1234"),
            "{written}"
        );
    }
    assert_eq!(
        Phone::parse("+44 20 7946 0958").unwrap().as_str(),
        "+442079460958"
    );
    assert_eq!(
        Phone::parse("011 44 20 7946 0958").unwrap().national(),
        "+442079460958"
    );
    for bad in [
        "",
        "555-1234",
        "117-555-1234",
        "617-155-1234",
        "911-555-1234",
        "617-411-1234",
        "617555123x",
        "617 555 1234 x5",
        "+1 617 555 123",
        "+0123456789",
        "+1234567",
        "+1234567890123456",
        "++16175551234",
    ] {
        assert!(Phone::parse(bad).is_err(), "{bad:?}");
    }
    assert!(serde_json::from_str::<Phone>("6175551234").is_err());
}

#[test]
fn places() {
    assert_eq!(Zip5::parse("02139").unwrap().as_str(), "02139");
    for bad in ["2139", "02139-1234", "0213a", "٠٢١٣٩", ""] {
        assert_eq!(Zip5::parse(bad).unwrap_err().code, "zip5", "{bad:?}");
    }
    assert_eq!(
        StateCode::parse("ZZ").unwrap_err().message,
        "\"ZZ\" is not a valid choice."
    );
    assert!(StateCode::parse("ma").is_err());
    assert_eq!(StateCode::parse("MA").unwrap().name(), "Massachusetts");
    let codes: Vec<_> = StateCode::ALL.iter().map(|s| s.as_str()).collect();
    assert!(codes.is_sorted() && codes.len() == 56);
    assert_eq!(StateCode::ALL.iter().filter(|s| s.is_territory()).count(), 5);
}

#[test]
fn dates_are_iso_and_real() {
    assert_eq!(parse_date("1737-02-09").unwrap().to_string(), "1737-02-09");
    for bad in [
        "",
        "1990-2-03",
        "02/03/1990",
        "1990-02-30",
        "1990-02-03T00:00:00Z",
        "19900203",
        "+990-02-03",
        "1990-+2-03",
        "0000-01-01",
        "1990-02-0é",
    ] {
        assert_eq!(parse_date(bad).unwrap_err().code, "date", "{bad:?}");
    }
}

#[test]
fn personal_data_does_not_show_in_debug_output() {
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        Name::parse("Secretperson").unwrap(),
        Line::parse("Secretstreet 7").unwrap(),
        Text::parse("Secrettext").unwrap(),
        Email::parse("secret@example.org").unwrap(),
        Phone::parse("6175551234").unwrap(),
        BirthDate::parse("1980-01-02").unwrap(),
        Zip5::parse("02139").unwrap(),
    );
    for secret in ["ecret", "617", "1980", "02139"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn flags_are_read_in_three_casings() {
    for (text, value) in [
        ("true", true),
        ("True", true),
        ("YES", true),
        ("on", true),
        ("1", true),
        ("f", false),
        ("Off", false),
        ("0", false),
    ] {
        assert_eq!(parse_flag(text).unwrap(), value, "{text}");
    }
    for bad in ["", "tRUE", "2", "maybe"] {
        assert!(parse_flag(bad).is_err(), "{bad}");
    }
    for (json, value) in [("true", true), ("0", false), ("1", true), ("\"no\"", false)] {
        assert_eq!(serde_json::from_str::<Flag>(json).unwrap().0, value, "{json}");
    }
    for bad in ["null", "2", "-1", "[]", "1.5"] {
        assert!(serde_json::from_str::<Flag>(bad).is_err(), "{bad}");
    }
}

#[test]
fn languages() {
    assert_eq!(Language::parse("es-MX").unwrap(), Language::Es);
    assert_eq!(Language::or_default("fr"), Language::En);
    assert_eq!(Language::negotiate("fr, es;q=0.8, en;q=0.3"), Language::Es);
    assert_eq!(Language::negotiate("en;q=0.9, es;q=0.9"), Language::En);
    assert_eq!(Language::negotiate(""), Language::En);
    assert_eq!(Language::negotiate("es;q=NaN"), Language::En);
}

#[test]
fn embed_urls_lose_what_may_name_the_visitor() {
    for (given, kept) in [
        (
            "https://example.org/vote?email=a@b.c#top",
            "https://example.org/vote",
        ),
        (
            "https://ann:pw@example.org:8443/vote",
            "https://example.org:8443/vote",
        ),
        ("https://example.org?x=1", "https://example.org"),
        ("https://[::1]:80/a", "https://[::1]:80/a"),
        ("/no/host?x=1", "/no/host?x=1"),
        ("not a url", "not a url"),
    ] {
        assert_eq!(trim_embed_url(given), kept);
    }
}

#[test]
fn web_urls() {
    for good in [
        "https://example.org",
        "http://localhost:8000/a?b=c#d",
        "https://[::1]/",
        "https://vote.ca.gov./x%20y",
        "https://münchen.example/",
    ] {
        assert!(WebUrl::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "example.org",
        "ftp://example.org",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://a b.org",
        "https://u:p@example.org",
        "https://example.org:99999",
        "https://exa<mple.org",
        "https://a..b",
        "https://[::g]/",
    ] {
        assert!(WebUrl::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(
        WebUrl::parse("https://vote.example.org:80/x").unwrap().host(),
        "vote.example.org"
    );
}
