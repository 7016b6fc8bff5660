use jiff::civil::date;

use super::svg::MAX_ROWS;
use super::*;
use crate::expungement::tests::case;
use crate::expungement::{Case, Options};

const TODAY: Date = date(2026, 7, 1);

fn with_timeline<T>(cases: &[Case], test: impl FnOnce(&Timeline) -> T) -> T {
    let record = Record::judge(cases, Options::on(TODAY)).unwrap();
    test(&Timeline::of(&record))
}

fn svg_of(cases: &[Case]) -> String {
    let mut svg = String::new();
    with_timeline(cases, |timeline| svg = timeline.to_svg(Width::Wide));
    svg
}

fn felony(number: &str, day: Date) -> Case {
    case(number, "164.055", "Felony Class C", Some("Convicted"), day)
}

/// Opening and closing tags match and nothing stands outside: enough XML for what we write.
fn assert_well_formed(svg: &str) {
    let mut open = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && rest.is_empty(), "{open:?} {rest}");
}

#[test]
fn a_conviction_waits_from_its_own_day() {
    with_timeline(&[felony("A", date(2024, 2, 1))], |timeline| {
        let row = &timeline.rows[0];
        assert_eq!(row.waits.len(), 1);
        assert_eq!(
            (row.waits[0].from, row.waits[0].until),
            (date(2024, 2, 1), date(2029, 2, 1))
        );
        assert_eq!(row.outcomes, [Outcome::EligibleOn(date(2029, 2, 1))]);
        assert_eq!(
            row.wait_lines().collect::<Vec<_>>(),
            ["Feb 1, 2024 to Feb 1, 2029: Five years from date of conviction (137.225(1)(b))"]
        );
        let description = timeline.description();
        assert!(
            description.contains("later or once a balance is paid: 1"),
            "{description}"
        );
        assert!(description.ends_with("Next date: Feb 1, 2029."), "{description}");
    });
}

#[test]
fn a_wait_that_is_over_keeps_its_reason() {
    with_timeline(&[felony("A", date(2010, 2, 1))], |timeline| {
        let row = &timeline.rows[0];
        assert_eq!(row.tone, Tone::Now);
        assert!(
            row.waits[0]
                .reason
                .starts_with("Five years from date of conviction")
        );
        assert_eq!(row.outcomes, [Outcome::EligibleOn(date(2015, 2, 1))]);
    });
}

#[test]
fn another_conviction_is_where_the_wait_begins() {
    // 29 February plus three years is 28 February: the day is looked up, not counted back.
    let old = case(
        "A",
        "164.045",
        "Misdemeanor Class A",
        Some("Convicted"),
        date(2000, 1, 1),
    );
    with_timeline(&[old, felony("B", date(2024, 2, 29))], |timeline| {
        let row = timeline.rows.iter().find(|row| row.case_number == "A").unwrap();
        assert_eq!(row.waits[0].from, date(2024, 2, 29));
        assert_eq!(row.waits[0].until, date(2027, 2, 28));
        assert!(row.waits[0].reason.contains("case [B]"));
    });
}

#[test]
fn what_never_comes_and_what_is_open_have_no_day() {
    let never = case(
        "N",
        "164.055",
        "Felony Class A",
        Some("Convicted"),
        date(2001, 1, 1),
    );
    let open = case("O", "164.055", "Felony Class C", None, date(2025, 1, 1));
    with_timeline(&[never, open], |timeline| {
        let row = |number| {
            timeline
                .rows
                .iter()
                .find(|row| row.case_number == number)
                .unwrap()
        };
        assert_eq!(row("N").outcomes, [Outcome::Never]);
        assert_eq!(row("N").outcome_lines().collect::<Vec<_>>(), ["Never"]);
        assert_eq!(row("O").events.len(), 1);
        assert!(
            row("O")
                .outcomes
                .contains(&Outcome::AfterConviction(Period::years(5)))
        );
        // It can be dismissed today at the earliest.
        assert!(row("O").outcomes.contains(&Outcome::EligibleOn(TODAY)));
        assert!(timeline.to_svg(Width::Wide).contains(">?</text>"));
    });
}

#[test]
fn a_dismissal_is_not_eligible_before_it_ended() {
    let mut dismissed = case(
        "D",
        "164.055",
        "Felony Class C",
        Some("Dismissed"),
        date(2020, 5, 1),
    );
    dismissed.charges[0].date = date(2019, 1, 1);
    with_timeline(&[dismissed], |timeline| {
        assert_eq!(timeline.rows[0].outcomes, [Outcome::EligibleOn(date(2020, 5, 1))]);
        assert!(timeline.rows[0].waits.is_empty());
    });
}

#[test]
fn deleted_charges_are_not_shown() {
    let mut deleted = felony("A", date(2024, 2, 1));
    deleted.charges[0].edit_status = crate::expungement::EditStatus::Delete;
    with_timeline(&[deleted, felony("B", date(2020, 1, 1))], |timeline| {
        assert_eq!(timeline.rows.len(), 1);
        assert_eq!(timeline.rows[0].case_number, "B");
    });
}

#[test]
fn hostile_names_stay_text() {
    let mut hostile = felony("<svg onload=\"x\">", date(2024, 2, 1));
    hostile.charges[0].name = "</text><script>alert('&')</script>\u{0}\u{202e}\u{ffff}".to_owned();
    let svg = svg_of(&[hostile]);
    assert_well_formed(&svg);
    assert!(!svg.contains("<script") && !svg.contains("<svg onload"), "{svg}");
    assert!(svg.contains("&lt;script&gt;"));
    assert!(!svg.contains(['\u{0}', '\u{202e}', '\u{ffff}']));
}

#[test]
fn words_never_run_into_each_other() {
    for name in ["x".repeat(500), "漢".repeat(200), String::new()] {
        let mut long = felony("LONG-CASE-NUMBER-0123456789", date(2024, 2, 1));
        long.charges[0].name = name;
        let svg = svg_of(&[long]);
        let line: Vec<&str> = svg
            .split("<text ")
            .filter(|text| text.contains("y=\"64\""))
            .collect();
        assert_eq!(line.len(), 2, "{svg}");
        let widths: f64 = line
            .iter()
            .map(|text| {
                let text = &text[text.find('>').unwrap() + 1..text.find("</text>").unwrap()];
                text.chars()
                    .map(|c| if c.is_ascii() { 7.8 } else { 13.0 })
                    .sum::<f64>()
            })
            .sum();
        assert!(widths <= 720.0 - 32.0, "{widths}");
    }
}

#[test]
fn hundreds_of_charges_and_wild_dates_stay_bounded() {
    let mut many: Vec<Case> = (0..700_i16)
        .map(|n| {
            felony(
                &format!("C{n:04}"),
                date(1, 1, 1).checked_add(i32::from(n).years()).unwrap(),
            )
        })
        .collect();
    many.push(felony("LATE", date(9998, 12, 31)));
    many.push(felony("SOON", date(2025, 1, 1)));
    with_timeline(&many, |timeline| {
        assert_eq!(timeline.rows.len(), 702);
        let svg = timeline.to_svg(Width::Wide);
        assert_well_formed(&svg);
        assert!(svg.len() < 200_000, "{}", svg.len());
        assert!(svg.contains("SOON"), "what is still to come is drawn");
        assert!(svg.contains(&format!("{} more charges", 702 - MAX_ROWS)));
        for number in svg
            .split(" x=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            let x: f64 = number.parse().unwrap();
            assert!((-1.0..=720.0).contains(&x), "{x}");
        }
    });
}

#[test]
fn the_narrow_picture_says_the_same() {
    with_timeline(&[felony("A", date(2024, 2, 1))], |timeline| {
        let (wide, narrow) = (timeline.to_svg(Width::Wide), timeline.to_svg(Width::Narrow));
        assert_well_formed(&narrow);
        let texts = |svg: &str| {
            let texts = svg.split("</text>").filter_map(|part| part.rsplit_once('>'));
            let mut texts: Vec<String> = texts.map(|(_, text)| text.to_owned()).collect();
            // The years that are marked depend on the room.
            texts.retain(|text| text.parse::<u16>().is_err());
            texts.sort();
            texts
        };
        assert_eq!(texts(&wide), texts(&narrow));
        assert!(
            narrow.contains("id=\"timeline-narrow-title\""),
            "both may stand on one page"
        );
    });
}

#[test]
fn an_empty_record_has_a_picture_too() {
    let svg = svg_of(&[]);
    assert_well_formed(&svg);
    assert!(svg.contains("Charges: 0."));
}

#[test]
fn it_speaks_spanish() {
    let cases = [felony("A", date(2024, 2, 1))];
    let options = Options {
        language: Language::Es,
        ..Options::on(TODAY)
    };
    let record = Record::judge(&cases, options).unwrap();
    let timeline = Timeline::of(&record);
    let svg = timeline.to_svg(Width::Wide);
    for word in [
        "Línea de tiempo",
        "Hoy: 1 jul 2026",
        "Plazo de espera",
        "Acusado",
        "Elegible 1 feb 2029",
    ] {
        assert!(svg.contains(word), "{word}: {svg}");
    }
    assert_eq!(
        timeline.rows[0].event_lines().collect::<Vec<_>>(),
        ["Acusado 1 feb 2024", "Condenado 1 feb 2024"]
    );
}
