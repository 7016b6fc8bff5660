//! The demonstration people: the same lesson whatever the year. That their records are the recorded ones, the corpus runner
//! tests.

use super::super::demo::{PEOPLE, find};
use super::*;

fn alias(first: &str, last: &str, birth: &str) -> Alias {
    Alias {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        middle_name: String::new(),
        birth_date: birth.to_owned(),
    }
}

#[test]
fn names_are_found_however_they_are_typed() {
    assert_eq!(find(&[alias(" JOHN ", "common", "")], TODAY).len(), 5);
    assert_eq!(find(&[alias("John", "Common", "2/2/1985")], TODAY).len(), 2);
    assert!(find(&[alias("John", "Common", "02/02/1985")], TODAY).is_empty());
    assert!(find(&[alias("John", "Nobody", "")], TODAY).is_empty());
    assert!(find(&[], TODAY).is_empty());
    let two = [alias("single", "conviction", ""), alias("contempt", "one", "")];
    assert_eq!(find(&two, TODAY).len(), 2);
}

#[test]
fn a_demonstration_shows_the_same_in_any_year() {
    let shown = |person: &super::super::demo::DemoPerson, clock: Date| {
        let cases = person.cases(clock);
        let record = Record::judge(&cases, Options::on(clock)).unwrap();
        let statuses: Vec<_> = record
            .charges()
            .map(|(_, charge)| (charge.charge.ambiguous_charge_id.clone(), charge.verdict.status))
            .collect();
        statuses
    };
    for person in &PEOPLE {
        let now = shown(person, TODAY);
        assert!(!now.is_empty());
        for later in [date(2028, 2, 29), date(2029, 12, 31), date(2041, 3, 1)] {
            assert_eq!(shown(person, later), now, "{} on {later}", person.label());
        }
    }
}

#[test]
fn the_violation_of_one_county_is_possibly_about_traffic() {
    let cases = find(&[alias("Single", "Violation", "")], TODAY);
    let record = Record::judge(&cases, Options::on(TODAY)).unwrap();
    let types: Vec<_> = record
        .charges()
        .map(|(case, charge)| (case.case.location.as_str(), charge.charge_type()))
        .collect();
    assert!(
        types.contains(&("Multnomah", ChargeType::PossibleTrafficViolation)),
        "{types:?}"
    );
    assert!(types.contains(&("Benton", ChargeType::Violation)), "{types:?}");
}
