//! `.github/asvs.csv`: how each requirement of OWASP's Application Security Verification Standard 5.0.0, levels 1 and 2, is met in the
//! chapters that are about what this house does itself: 2 to 10, and 16. The words are ours; the standard has its own.

use std::collections::BTreeSet;

use crate::{file_of_test, none, read, root};

/// Section, and the level of each of its requirements in their order. Those of level 3 have no row.
const LEVELS: &[(&str, &str)] = &[
    ("2.1", "122"),
    ("2.2", "112"),
    ("2.3", "12223"),
    ("2.4", "23"),
    ("3.1", "3"),
    ("3.2", "113"),
    ("3.3", "12223"),
    ("3.4", "11222233"),
    ("3.5", "11122333"),
    ("3.6", "3"),
    ("3.7", "22333"),
    ("4.1", "12233"),
    ("4.2", "23333"),
    ("4.3", "22"),
    ("4.4", "1222"),
    ("5.1", "2"),
    ("5.2", "112333"),
    ("5.3", "113"),
    ("5.4", "222"),
    ("6.1", "122"),
    ("6.2", "111111112222"),
    ("6.3", "11223333"),
    ("6.4", "112233"),
    ("6.5", "22222333"),
    ("6.6", "2223"),
    ("6.7", "33"),
    ("6.8", "2222"),
    ("7.1", "222"),
    ("7.2", "1111"),
    ("7.3", "22"),
    ("7.4", "11222"),
    ("7.5", "223"),
    ("7.6", "22"),
    ("8.1", "1233"),
    ("8.2", "1123"),
    ("8.3", "133"),
    ("8.4", "23"),
    ("9.1", "111"),
    ("9.2", "1222"),
    ("10.1", "22"),
    ("10.2", "223"),
    ("10.3", "22223"),
    ("10.4", "1111122222233333"),
    ("10.5", "22222"),
    ("10.6", "22"),
    ("10.7", "222"),
    ("16.1", "2"),
    ("16.2", "22222"),
    ("16.3", "2222"),
    ("16.4", "222"),
    ("16.5", "2223"),
];
const COLUMNS: [&str; 6] = ["requirement", "level", "what it asks", "status", "how", "proof"];

/// The requirements that need a row, as `v5.0.0-6.2.1,1`.
fn required() -> BTreeSet<String> {
    LEVELS
        .iter()
        .flat_map(|(section, levels)| {
            levels
                .chars()
                .enumerate()
                .filter(|(_, level)| *level != '3')
                .map(move |(index, level)| format!("v5.0.0-{section}.{},{level}", index + 1))
        })
        .collect()
}

/// The fields of a line (RFC 4180).
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' if is_quoted && rest.next_if_eq(&'"').is_some() => fields.last_mut().unwrap().push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
    }
    fields
}

#[test]
fn every_requirement_of_level_2_is_answered_and_proved() {
    let table = read(&root().join(".github/asvs.csv"));
    let mut lines = table.lines();
    assert_eq!(fields(lines.next().unwrap()), COLUMNS);
    let mut problems = Vec::new();
    let mut answered = BTreeSet::new();
    for line in lines {
        let row = fields(line);
        let [id, level, asks, status, how, proof] = row.as_slice() else {
            problems.push(format!("not six fields: {line}"));
            continue;
        };
        if !answered.insert(format!("{id},{level}")) {
            problems.push(format!("{id} stands here twice"));
        }
        if asks.len() < 8 || how.len() < 4 || line.to_lowercase().contains("todo") {
            problems.push(format!("{id} says too little"));
        }
        if !["met", "not applicable", "deviates"].contains(&status.as_str()) {
            problems.push(format!(
                "{id} is neither met, not applicable, nor a deviation: {status}"
            ));
        }
        if status != "not applicable" && proof.is_empty() {
            problems.push(format!("{id} names no test and no file"));
        }
        for name in proof.split_whitespace() {
            let is_there = match name.contains(['/', '.']) {
                true => root().join(name).is_file(),
                false => file_of_test(name).is_some(),
            };
            if !is_there {
                problems.push(format!("{id}: there is no {name}"));
            }
        }
    }
    let required = required();
    problems.extend(
        required
            .difference(&answered)
            .map(|id| format!("{id} has no row")),
    );
    problems.extend(
        answered
            .difference(&required)
            .map(|id| format!("{id} is none of the standard's")),
    );
    none(&problems);
    assert_eq!(required.len(), 161);
}

/// Whoever calls an API over plain HTTP has sent the key by then; leading on would hide that (ASVS 4.1.2).
#[test]
fn apis_are_not_led_from_plain_http() {
    let template = read(&root().join("template.yaml"));
    let behaviours: Vec<&str> = template.split("          - PathPattern: ").skip(1).collect();
    let mut problems = Vec::new();
    for pattern in ["/voting/v1/*", "/expungement/api/*"] {
        let place = behaviours
            .iter()
            .position(|text| text.starts_with(&format!("{pattern} ")));
        let all = format!("/{}/*\n", pattern.split('/').nth(1).unwrap());
        let after = behaviours.iter().position(|text| text.starts_with(&all));
        match place {
            Some(at) if !behaviours[at].contains("ViewerProtocolPolicy: https-only") => {
                problems.push(format!("{pattern} is led from plain HTTP"));
            }
            Some(at) if after.is_some_and(|after| at < after) => {}
            _ => problems.push(format!(
                "{pattern} has no behaviour in front of the service's own"
            )),
        }
    }
    none(&problems);
}
