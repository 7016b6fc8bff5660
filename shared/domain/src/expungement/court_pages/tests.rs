use jiff::civil::date;

use super::*;
use crate::expungement::policy::Policy;

const BASE: &str = "https://court.example/";

/// A case page in the site's style, with the traps it sets: open cells, nested tables, an amended ruling, two revocations.
const CASE: &str = r#"<html><head><title>restitution</title></head><body>
<table><tr><td><table><tr><th class="ssTableHeaderLabel">Case Type:</th><td><b>Offense Felony</b></td></tr>
<tr><th class="ssTableHeaderLabel">District Attorney Number:</th><td><b>77-1</b></td></tr></table></td></tr></table>
<table><col width="1"><caption><div class="ssCaseDetailSectionTitle">Party Information</div></caption>
<tr><td>x<nobr>&nbsp;SID:
 </nobr>OR123<br/><nobr>Other</nobr></td></tr></table>
<table><caption><div class="ssCaseDetailSectionTitle">Charge Information</div></caption>
<tr><th colspan=2>Charges: DOE</th><th>Statute</th></tr>
<tr><td>1.
 &nbsp;</td><td>Theft II</td><td></td><td>164.045</td><td>Misdemeanor Class A</td><td>01/02/2003</td></tr><tr><td /><td></td></tr>
<tr><td>2.&nbsp;<td>Harassment<td><td><td>Misdemeanor Class B<td>01/03/2003</tr></table>
<table><caption><div class="ssCaseDetailSectionTitle">Events &amp; Orders of the Court</div></caption>
<tr><td>&nbsp;</td><td></td><td></td><th>DISPOSITIONS</th></tr>
<tr><th class="ssTableHeaderLabel">02/03/2004</th><td>&nbsp;</td><td></td><td><div><b>Disposition</b> (Judicial Officer: A)<br/>
<div><div>1.&nbsp;Theft II<div>Convicted</div><div></div></div><div>2.&nbspHarassment<div>Dismissed</div></div></div>
<div>Created: 02/03/2004</div></div></td></tr>
<tr><th>02/04/2004</th><td></td><td></td><td><div><b>Plea</b><br/><div>1.&nbsp;Theft II<div>Guilty</div></div></div></td></tr>
<tr><th>03/04/2005</th><td></td><td></td><td><div><b>Amended Disposition</b><br/><div>1.&nbsp;Theft II<div>Dismissed</div></div></div></td></tr>
<tr><td></td><td></td><td></td><th>OTHER EVENTS AND HEARINGS</th></tr>
<tr><th>05/06/2006</th><td></td><td></td><td><b>Order</b><div>PROBATION REVOKED</div></td></tr>
<tr><th>07/08/2007</th><td></td><td></td><td><b>Prob Revokd</b></td></tr></table>
<table><caption><div class="ssCaseDetailSectionTitle">Financial Information</div></caption>
<tr><td><b>1,019.99</b></td><td><b>2.00</b></td></tr></table></body></html>"#;

fn row() -> ResultRow {
    ResultRow {
        case_number: "C1".to_owned(),
        citation_number: String::new(),
        name: "Doe, John".to_owned(),
        birth_year: None,
        date: date(2003, 1, 1),
        location: "Multnomah".to_owned(),
        violation_type: "Offense Misdemeanor".to_owned(),
        current_status: "Closed".to_owned(),
        case_detail_link: String::new(),
    }
}

#[test]
fn a_case_page_is_read_whole() {
    let page = CasePage::read(CASE, Policy::RIGHT).unwrap();
    assert_eq!(page.district_attorney_number, "77-1");
    assert_eq!(page.sid, "OR123");
    assert_eq!(page.balance_due_in_cents, 101_999);
    assert_eq!(page.probation_revoked, Some(date(2007, 7, 8)));
    assert!(!page.mentions_restitution, "the title is not what the page says");
    let charges: Vec<_> = page
        .charges
        .iter()
        .map(|one| (one.number, one.name.as_str(), one.statute.as_str()))
        .collect();
    assert_eq!(charges, [(1, "Theft II", "164.045"), (2, "Harassment", "")]);
    let rulings: Vec<_> = page
        .dispositions
        .iter()
        .map(|one| (one.number, one.ruling.as_str(), one.amended))
        .collect();
    assert_eq!(rulings, [(2, "Dismissed", false), (1, "Dismissed", true)]);
    let case = page.into_case(row());
    assert_eq!(case.charges[0].ambiguous_charge_id, "C1-1");
    assert_eq!(
        case.charges[0].disposition.as_ref().unwrap().date,
        date(2005, 3, 4)
    );
}

#[test]
fn a_charge_that_cannot_be_read_is_an_error_and_not_left_out() {
    let html = CASE.replace("01/02/2003", "someday");
    let error = CasePage::read(&html, Policy::RIGHT).unwrap_err();
    assert_eq!(
        error,
        PageError::Unreadable {
            part: "Charge Information",
            row: 2
        }
    );
}

#[test]
fn bounds_hold() {
    let huge = "<td>".repeat(MAX_PAGE_BYTES / 4 + 1);
    assert_eq!(CasePage::read(&huge, Policy::RIGHT), Err(PageError::TooLarge));
    let deep = "<table><tr><td>".repeat(20_000);
    assert!(CasePage::read(&deep, Policy::RIGHT).unwrap().charges.is_empty());
    assert!(read_results(&deep, BASE).unwrap().is_empty());
}

fn results(rows: &str) -> String {
    format!(
        "<table><tr><th>Case Number</th><th><table><tr><td><b>Charge(s)</b></td></tr></table></th></tr>\
         <tr height=3><td colspan=6></td></tr>{rows}</table>"
    )
}

#[test]
fn results_are_read_row_by_row() {
    let html = results(
        "<tr><td><a href='CaseDetail.aspx?CaseID=1'>C1</a></td><td><div>T1</div><div>T2</div></td>\
         <td><div>Doe, John</div><div>12/21/1979</div></td><td><div>03/23/1999</div><div>Lane</div></td>\
         <td><div>Offense Felony</div><div>Open</div></td><td><table><tr><td>Theft</td></tr><tr><td>x</td></tr></table></td></tr>",
    );
    let found = read_results(&html, BASE).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].case_number.as_str(), found[0].citation_number.as_str()),
        ("C1", "T1")
    );
    assert_eq!(found[0].birth_year, Some(1979));
    assert_eq!(
        found[0].case_detail_link,
        "https://court.example/CaseDetail.aspx?CaseID=1"
    );
    assert!(
        read_results(&results("<tr><td>No cases matched</td></tr>"), BASE)
            .unwrap()
            .is_empty()
    );
    let broken = html.replace("<div>Lane</div>", "");
    assert!(matches!(
        read_results(&broken, BASE),
        Err(PageError::Unreadable { row: 2, .. })
    ));
}

#[test]
fn too_many_results_must_be_narrowed() {
    let row = "<tr><td>C</td><td></td><td>Doe</td><td><i>03/23/1999</i><i>Lane</i></td><td><i>a</i><i>b</i></td></tr>";
    let error = read_results(&results(&row.repeat(MAX_CASES)), BASE).unwrap_err();
    assert_eq!(error, PageError::TooManyCases { found: 300 });
}
