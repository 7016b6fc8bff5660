//! `--fuzz [count]`: whatever is read, the rules and the parser never panic.
//!
//! Inputs are made from the words that the rules look for, put together and damaged at random: half of them nearly right, as what
//! trips a parser is never noise alone. The seed is printed; `--fuzz <count> <seed>` repeats a run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use domain::expungement::court_pages::{CasePage, mentions_revocation, read_results, read_search_form};
use domain::expungement::disposition::DispositionStatus;
use domain::expungement::{Case, Edits, Options, Policy, disposition, respond};
use jiff::civil::date;
use serde_json::{Value, json};

/// Of ten inputs: rulings, pages; the rest are records with edits.
const RULINGS: u64 = 6;
const PAGES: u64 = 3;

/// Xorshift (Marsaglia 2003): a run is repeated by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % sides.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    /// Up to `most` of these in a row, now and then with something that is none of them.
    fn text(&mut self, from: &[&str], most: usize) -> String {
        let mut text = String::new();
        for _ in 0..self.roll(most + 1) {
            match self.roll(12) {
                0 => text.push(
                    char::from_u32(u32::try_from(self.roll(0x11_0000)).unwrap_or_default())
                        .unwrap_or('\u{0}'),
                ),
                1 => text.push_str(self.pick(ODD)),
                _ => text.push_str(self.pick(from)),
            }
        }
        text
    }

    fn day(&mut self) -> String {
        match self.roll(8) {
            0 => self
                .pick(&[
                    "",
                    "02/30/2001",
                    "13/01/2001",
                    "0/0/0",
                    "12/31/9999",
                    "1/1/0001",
                    "99/99/99999",
                ])
                .to_owned(),
            _ => format!(
                "{}/{}/{}",
                1 + self.roll(12),
                1 + self.roll(28),
                1940 + self.roll(110)
            ),
        }
    }

    /// The same with one to four places damaged.
    fn damaged(&mut self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        for _ in 0..=self.roll(4) {
            let at = self.roll(chars.len());
            match self.roll(4) {
                0 if at < chars.len() => {
                    chars.remove(at);
                }
                1 => chars.truncate(at),
                2 => {
                    let until = (at + self.roll(200)).min(chars.len());
                    let again: Vec<char> = chars[at..until].to_vec();
                    chars.splice(at..at, again);
                }
                _ => {
                    let put: Vec<char> = self.pick(MARKUP).chars().collect();
                    chars.splice(at..at, put);
                }
            }
        }
        chars.into_iter().collect()
    }
}

const ODD: &[&str] = &[
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "İ",
    "ß",
    "ﬀ",
    "\n",
    "\t",
    "&nbsp;",
    "𝟙",
    "-",
    "--",
    "é",
    "\\",
    "\"",
    "9999999999999999999",
];
const RULING: &[&str] = &[
    "Convicted",
    "Dismissed",
    "No Complaint",
    "Diverted",
    "missing",
    "conditional discharge",
    "deferred",
    "Lesser Charge",
    " - ",
    "Finding - Guilty",
    "Acquitted",
    "Reduced",
    "bail forfeiture",
    " ",
    "/",
    "Vacated",
    "extradited",
    "conversion",
];
const NAME: &[&str] = &[
    "Theft",
    "Poss",
    "Controlled",
    "Sub",
    "PCS",
    "MJ",
    "marij",
    "Contempt",
    "Attempt to Commit",
    "Fugitive",
    "Delivery",
    "Manu/Del",
    "2",
    "ii",
    "iii",
    "4",
    " iv",
    "heroin",
    "(reduced)",
    "treated as",
    "/WA",
    "murder",
    " ",
    "fare violation",
    "pedestrian j-walking",
];
const STATUTE: &[&str] = &[
    "164.045", "163.", "205", "163.427", "(1)", "(a)", "475", "860", "B349", "811.", "813.010", "29.15",
    "166.275", "1", "99", "*", "163.165", "167.262", ".",
];
const LEVEL: &[&str] = &[
    "Felony",
    " ",
    "Class A",
    "Class B",
    "Class C",
    "Unclassified",
    "Misdemeanor",
    "Violation",
    "Infraction",
    "N/A",
];
const STATUS: &[&str] = &[
    "Closed",
    "Open",
    "Inactive",
    "Purgable",
    "Bankruptcy Pending",
    "CLOSED",
    "",
    "Warrant",
];
const MARKUP: &[&str] = &[
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<div>",
    "</div>",
    "<b>",
    "<nobr>",
    "<!--",
    "]]>",
    "<script>",
    "&nbsp",
    "&#0;",
    "&#x110000;",
    "<td colspan=99999999999>",
    "<caption>",
    "\u{0}",
    "<",
    ">",
    "\"",
    "<a href='CaseDetail.aspx?CaseID=",
    "<th class=\"ssTableHeaderLabel\">",
];
const PAGE: &[&str] = &[
    "<table><caption><div class=\"ssCaseDetailSectionTitle\">Charge Information</div></caption>",
    "<table><caption><div class=\"ssCaseDetailSectionTitle\">Events &amp; Orders of the Court</div></caption>",
    "<table><caption><div class=\"ssCaseDetailSectionTitle\">Financial Information</div></caption>",
    "<table><caption><div class=\"ssCaseDetailSectionTitle\">Party Information</div></caption>",
    "<tr><th colspan=2>Charges: DOE</th><th>Statute</th></tr>",
    "<tr><td>1.&nbsp;</td><td>Theft II</td><td></td><td>164.045</td><td>Misdemeanor Class A</td><td>01/02/2003</td></tr>",
    "<tr><td>&nbsp;</td><td></td><td></td><th>DISPOSITIONS</th></tr>",
    "<tr><th class=\"ssTableHeaderLabel\">02/03/2004</th><td>&nbsp;</td><td></td><td><div><b>Disposition</b><br/>",
    "<div><div>1.&nbsp;Theft II<div>Convicted</div></div></div></div></td></tr>",
    "<tr><td></td><td></td><td></td><th>OTHER EVENTS AND HEARINGS</th></tr>",
    "<tr><th>05/06/2006</th><td></td><td></td><td><b>Order</b><div>PROBATION REVOKED</div></td></tr>",
    "<tr><td><b>1,019.99</b></td><td><b>2.00</b></td></tr>",
    "</table>",
    "<tr><th class=\"ssTableHeaderLabel\">Case Type:</th><td><b>Offense Felony</b></td></tr>",
    "<tr><td><a href=\"CaseDetail.aspx?CaseID=1\">X1</a></td><td>C1</td><td><div>Doe, John</div><div>1990</div></td><td><div>1/2/2003</div><div>Linn</div></td><td><div>Offense</div><div>Closed</div></td></tr>",
    "<input type=\"hidden\" name=\"__VIEWSTATE\" value=\"x\">",
    "<nobr>&nbsp;SID:\n </nobr>OR123<br/>",
    "restitution",
];

/// Whether it was read as a page.
fn page(dice: &mut Dice) -> bool {
    let html = dice.text(PAGE, 14);
    let html = if dice.roll(2) == 0 {
        dice.damaged(&html)
    } else {
        html
    };
    let policy = if dice.roll(2) == 0 {
        Policy::RIGHT
    } else {
        Policy::AS_PEER
    };
    let rows = read_results(&html, "https://court.example/").unwrap_or_default();
    let _ = read_search_form(&html);
    let Ok(page) = CasePage::read(&html, policy) else {
        return false;
    };
    if let Some(row) = rows.into_iter().next() {
        let case = page.into_case(row);
        let _ = respond(&[case], &Edits::default(), Options::on(date(2026, 7, 1)));
    }
    true
}

fn charge(dice: &mut Dice, case: usize, number: usize) -> Value {
    let day = |dice: &mut Dice| {
        format!(
            "{:04}-{:02}-{:02}",
            1940 + dice.roll(110),
            1 + dice.roll(12),
            1 + dice.roll(28)
        )
    };
    let disposition = match dice.roll(5) {
        0 => Value::Null,
        _ => json!({"date": day(dice), "ruling": dice.text(RULING, 2), "amended": dice.roll(2) == 0}),
    };
    let revoked = if dice.roll(9) == 0 {
        json!(day(dice))
    } else {
        Value::Null
    };
    json!({
        "ambiguous_charge_id": format!("C{case}-{number}"), "name": dice.text(NAME, 4), "statute": dice.text(STATUTE, 3),
        "level": dice.text(LEVEL, 3), "date": day(dice), "disposition": disposition, "probation_revoked": revoked,
        "balance_due_in_cents": dice.roll(3),
    })
}

fn edits(dice: &mut Dice) -> Value {
    let mut all = serde_json::Map::new();
    for _ in 0..dice.roll(3) {
        let status = dice
            .pick(&["UPDATE", "ADD", "DELETE", "UNCHANGED", "?"])
            .to_owned();
        let charge = json!({
            "edit_status": status, "charge_type": dice.pick(&["SexCrime", "FelonyClassA", "DismissedCharge", "Nothing", ""]),
            "level": dice.text(LEVEL, 3), "name": dice.text(NAME, 2), "date": dice.day(),
            "disposition": {"date": dice.day(), "ruling": dice.text(RULING, 2)}, "probation_revoked": dice.day(),
        });
        let number = format!("C{}", dice.roll(4));
        let id = format!("{number}-{}", dice.roll(4));
        all.insert(number, json!({
            "summary": {"edit_status": dice.pick(&["UPDATE", "ADD", "DELETE", "UNCHANGED"]), "current_status": dice.pick(STATUS),
                        "balance_due": dice.text(&["1", ",", ".", "-", "0", "99"], 6), "birth_year": dice.text(&["1", "9", "-"], 5)},
            "charges": {id: charge},
        }));
    }
    Value::Object(all)
}

/// Whether it has an answer; the others are refused with a reason.
fn record(dice: &mut Dice) -> bool {
    let cases: Vec<Value> = (0..1 + dice.roll(3))
        .map(|case| {
            let charges: Vec<Value> = (0..dice.roll(4)).map(|number| charge(dice, case, number)).collect();
            json!({
                "case_number": format!("C{case}"), "name": dice.text(NAME, 1), "birth_year": if dice.roll(2) == 0 { json!(1900 + dice.roll(200)) } else { Value::Null },
                "citation_number": "", "district_attorney_number": "", "sid": "", "location": dice.pick(&["Multnomah", "Linn", "", "É"]),
                "date": "2001-02-03", "violation_type": dice.pick(&["Offense Felony", "Juvenile", "Parking", ""]),
                "current_status": dice.pick(STATUS), "case_detail_link": "", "restitution": dice.roll(5) == 0,
                "balance_due_in_cents": dice.roll(3) * 5_000, "charges": charges,
            })
        })
        .collect();
    let Ok(cases) = serde_json::from_value::<Vec<Case>>(Value::Array(cases)) else {
        return false;
    };
    let edits = serde_json::from_value::<Edits>(edits(dice)).unwrap_or_default();
    let mut options = Options::on(date(i16::try_from(1950 + dice.roll(120)).unwrap_or(2026), 6, 15));
    if dice.roll(3) == 0 {
        options.policy = Policy::AS_PEER;
    }
    respond(&cases, &edits, options).is_ok()
}

/// Whether it is one that the rules know.
fn ruling(dice: &mut Dice) -> bool {
    let text = dice.text(RULING, 5);
    let _ = mentions_revocation(&text);
    disposition::status_of(&text) != DispositionStatus::Unrecognized
}

/// `true` where nothing panicked.
pub(crate) fn run(count: u64, seed: u64) -> bool {
    println!("seed {seed}");
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let (mut made, mut taken, mut panics) = ([0_u64; 3], [0_u64; 3], 0_u64);
    for number in 0..count {
        // Each input has a seed of its own, so that one that fails is repeated alone.
        let own = seed.wrapping_add(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut dice = Dice(own);
        let (kind, run): (usize, fn(&mut Dice) -> bool) = match number % 10 {
            n if n < RULINGS => (0, ruling),
            n if n < RULINGS + PAGES => (1, page),
            _ => (2, record),
        };
        made[kind] += 1;
        match catch_unwind(AssertUnwindSafe(|| run(&mut dice))) {
            Ok(was_taken) => taken[kind] += u64::from(was_taken),
            Err(_) => {
                panics += 1;
                println!("input {number} panics");
            }
        }
    }
    let _ = std::panic::take_hook();
    for (kind, what) in ["rulings, known", "pages, read", "records with edits, answered"]
        .iter()
        .enumerate()
    {
        println!("{:>9} {what} {}", made[kind], taken[kind]);
    }
    println!(
        "{count} inputs in {:.0} s: {panics} panics",
        began.elapsed().as_secs_f64()
    );
    panics == 0
}
