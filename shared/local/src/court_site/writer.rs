//! Pages as the court's site writes them: the same structure, in our own words, from cases.

use std::fmt::{self, Display, Write};

use domain::expungement::Case;
use jiff::civil::Date;

/// Text as HTML.
struct Text<'t>(&'t str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// `MM/DD/YYYY`
struct Day(Date);

impl Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:02}/{:02}/{:04}",
            self.0.month(),
            self.0.day(),
            self.0.year()
        )
    }
}

/// `1,516.80`; what the court owes stands in parentheses.
struct Money(i64);

impl Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs();
        let digits = (cents / 100).to_string();
        let mut dollars = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                dollars.push(',');
            }
            dollars.push(digit);
        }
        let amount = format!("{dollars}.{:02}", cents % 100);
        if self.0 < 0 {
            write!(f, "({amount})")
        } else {
            f.write_str(&amount)
        }
    }
}

pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html>\n<head><title>{0}</title></head>\n<body>\n<div class=\"ssHeaderTitleBanner\">{0}</div>\n{body}\n</body>\n</html>\n",
        Text(title)
    )
}

/// The list of what a search found: each case with its number on the site.
pub(super) fn results(found: &[(String, Case)]) -> String {
    let mut rows = String::new();
    for (id, case) in found {
        let charges: String = case
            .charges
            .iter()
            .map(|charge| format!("<tr><td>{}</td></tr>", Text(&charge.name)))
            .collect();
        let citation = match case.citation_number.as_str() {
            "" => String::new(),
            number => format!("<div>{}</div>", Text(number)),
        };
        let birth = case
            .birth_year
            .map(|year| format!("<div>{year}</div>"))
            .unwrap_or_default();
        let _ = writeln!(
            rows,
            "<tr><td><a href=\"CaseDetail.aspx?CaseID={id}\">{}</a></td><td>{citation}</td><td><div>{}</div>{birth}</td>\
             <td><div>{}</div><div>{}</div></td><td><div>{}</div><div>{}</div></td><td><table>{charges}</table></td></tr>",
            Text(&case.case_number),
            Text(&case.name),
            Day(case.date),
            Text(&case.location),
            Text(&case.violation_type),
            Text(&case.current_status),
        );
    }
    if found.is_empty() {
        rows = "<tr><td colspan=\"6\"><b>No case fits what you searched for.</b></td></tr>".to_owned();
    }
    let table = format!(
        "<p>Records: <b>{}</b></p>\n<table>\n<tr><th>Case Number</th><th>Citation Number</th><th>Defendant</th><th>Filed/Location</th>\
         <th>Type/Status</th><th><table><tr><td><b>Charge(s)</b></td></tr></table></th></tr>\n<tr><td colspan=\"6\"></td></tr>\n{rows}</table>",
        found.len()
    );
    page("Search Results", &table)
}

fn section(title: &str, rows: &str) -> String {
    format!(
        "<table><caption><div class=\"ssCaseDetailSectionTitle\">{}</div></caption>{rows}</table>\n",
        Text(title)
    )
}

/// A case's own page.
pub(super) fn case_page(case: &Case) -> String {
    let mut facts = String::new();
    let filed = Day(case.date).to_string();
    for (label, value) in [
        ("Case Type:", case.violation_type.as_str()),
        ("Date Filed:", &filed),
        ("Location:", &case.location),
        ("District Attorney Number:", &case.district_attorney_number),
    ] {
        let _ = write!(
            facts,
            "<tr><th class=\"ssTableHeaderLabel\">{label}</th><td><b>{}</b></td></tr>",
            Text(value)
        );
    }
    let sid = match case.sid.as_str() {
        "" => String::new(),
        sid => format!("<nobr>SID: </nobr>{}<br>", Text(sid)),
    };
    let party = format!(
        "<tr><th>Defendant</th><td>{}</td><td>{sid}</td></tr>",
        Text(&case.name)
    );
    let mut body = format!("<table>{facts}</table>\n");
    body.push_str(&section("Party Information", &party));
    body.push_str(&section("Charge Information", &charges(case)));
    body.push_str(&section("Events & Orders of the Court", &events(case)));
    let balance = format!(
        "<tr><td>Balance Due</td><td><b>{}</b></td></tr>",
        Money(case.balance_due_in_cents)
    );
    body.push_str(&section("Financial Information", &balance));
    page("Register of Actions", &body)
}

/// The charge's number on the page: what follows the case's number in its id.
fn number<'c>(case: &Case, id: &'c str) -> &'c str {
    id.strip_prefix(case.case_number.as_str())
        .and_then(|rest| rest.strip_prefix('-'))
        .unwrap_or("1")
}

fn charges(case: &Case) -> String {
    let mut rows = "<tr><th>Charges</th><th></th><th>Statute</th><th>Level</th><th>Date</th></tr>".to_owned();
    for charge in &case.charges {
        let _ = write!(
            rows,
            "<tr><td>{}.</td><td>{}</td><td>&nbsp;</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            number(case, &charge.ambiguous_charge_id),
            Text(&charge.name),
            Text(&charge.statute),
            Text(&charge.level),
            Day(charge.date),
        );
    }
    rows
}

fn event(date: Date, text: &str) -> String {
    format!(
        "<tr><th class=\"ssTableHeaderLabel\">{}</th><td></td><td>&nbsp;</td><td>{text}</td></tr>",
        Day(date)
    )
}

fn events(case: &Case) -> String {
    let mut rows = "<tr><td colspan=\"4\"><b>DISPOSITIONS</b></td></tr>".to_owned();
    for charge in &case.charges {
        let Some(disposition) = &charge.disposition else {
            continue;
        };
        let heading = if disposition.amended {
            "Amended Disposition"
        } else {
            "Disposition"
        };
        let text = format!(
            "<div><b>{heading}</b> (Judicial Officer: Bench, Ann)<br><div><div>{}.&nbsp;{}<div>{}</div></div></div><div>Created: {}</div></div>",
            number(case, &charge.ambiguous_charge_id),
            Text(&charge.name),
            Text(&disposition.ruling),
            Day(disposition.date),
        );
        rows.push_str(&event(disposition.date, &text));
    }
    rows.push_str("<tr><td colspan=\"4\"><b>OTHER EVENTS AND HEARINGS</b></td></tr>");
    rows.push_str(&event(case.date, "<div><b>Information</b></div>"));
    if case.restitution {
        rows.push_str(&event(
            case.date,
            "<div><b>Order</b><div>Restitution is owed.</div></div>",
        ));
    }
    let revoked = case.charges.iter().find_map(|charge| charge.probation_revoked);
    if let Some(day) = revoked {
        rows.push_str(&event(day, "<div><b>Order</b><div>Probation Revoked</div></div>"));
    }
    rows
}

#[cfg(test)]
mod tests {
    use domain::expungement::{
        Disposition, Policy,
        court_pages::{CasePage, read_results},
        demo,
    };
    use jiff::civil::date;

    use super::*;

    const BASE: &str = "http://court.example/";

    /// Writes cases and reads them back.
    fn there_and_back(cases: Vec<Case>) {
        let found: Vec<(String, Case)> = (1..).map(|id| id.to_string()).zip(cases).collect();
        let rows = read_results(&results(&found), BASE).unwrap();
        assert_eq!(rows.len(), found.len());
        for (row, (id, case)) in rows.into_iter().zip(found) {
            let read = CasePage::read(&case_page(&case), Policy::RIGHT)
                .unwrap()
                .into_case(row);
            let mut expected = case;
            expected.case_detail_link = format!("{BASE}CaseDetail.aspx?CaseID={id}");
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn demonstration_people_read_back_as_they_were_written() {
        for person in &demo::PEOPLE {
            there_and_back(person.cases(date(2026, 7, 1)));
        }
    }

    #[test]
    fn odd_cases_read_back_too() {
        let mut case = demo::PEOPLE[0].cases(date(2026, 7, 1)).remove(0);
        case.name = "O'Neil <b>& Sons\"".to_owned();
        case.birth_year = None;
        case.citation_number = String::new();
        case.district_attorney_number = String::new();
        case.sid = String::new();
        case.location = "Multnomah".to_owned();
        case.restitution = true;
        case.balance_due_in_cents = -123_456_701;
        let mut second = case.charges[0].clone();
        second.ambiguous_charge_id = format!("{}-999", case.case_number);
        second.name = "Theft & <Fraud>".to_owned();
        second.disposition = None;
        case.charges[0].disposition = Some(Disposition {
            date: date(2021, 2, 3),
            ruling: "Convicted - \"Attempt\" <x>".to_owned(),
            amended: true,
        });
        case.charges.push(second);
        for charge in &mut case.charges {
            charge.probation_revoked = Some(date(2022, 1, 31));
        }
        there_and_back(vec![case]);
        there_and_back(Vec::new());
    }
}
