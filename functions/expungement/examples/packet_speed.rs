//! How fast packets are made: `cargo run --release -p expungement --example packet_speed -- [motions] [folder of forms]`.
//!
//! Judges a record with so many cases that can be filed, fills the forms, joins them and packs the ZIP, all on one core.
//! Without a folder the worksheets of our own take the place of the official forms, as on a fresh installation. Prints packets
//! per second and what one takes.

#![allow(clippy::print_stdout, reason = "a command")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use domain::expungement::paperwork::{UserInformation, expungement_packet};
use domain::expungement::{Case, Options, Record};
use domain::person::Language;
use expungement::papers::{
    archive::zip,
    forms::{Blanks, FORMS, purpose},
    packet,
};
use jiff::civil::date;
use pdf::pack::Pack;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let motions = arguments.get(1).map_or(Ok(20), |count| count.parse())?;
    let mut blanks = Blanks::default();
    if let Some(folder) = arguments.get(2) {
        for form in FORMS {
            let mapping =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("packs/or-{}/pack.toml", purpose(form)));
            let mapping = std::fs::read_to_string(mapping)?;
            let file = mapping
                .lines()
                .find_map(|line| line.strip_prefix("file = "))
                .unwrap_or_default();
            let bytes = std::fs::read(Path::new(folder).join(file.trim_matches('"')))?;
            let pack = Pack::parse(&mapping, &bytes).map_err(|problems| format!("{problems:?}"))?;
            blanks = blanks.with(form, Arc::new(pack));
        }
    }
    let cases: Vec<Case> = (0..motions).map(case).collect::<Result<_, _>>()?;
    let user = UserInformation {
        full_name: "Ada Example".to_owned(),
        mailing_address: "1 Invented Street".to_owned(),
        city: "Salem".to_owned(),
        ..UserInformation::default()
    };
    let make = || -> Result<(usize, usize), Box<dyn Error>> {
        let record = Record::judge(&cases, Options::on(date(2026, 7, 1)))?;
        let packet = expungement_packet(&record, &user, ("Ada", "Example"))?;
        let files = packet::files(&packet, &blanks, None, Language::En)?;
        Ok((zip(&files)?.len(), packet.papers.len()))
    };
    let (bytes, papers) = make()?;
    let (mut rounds, start) = (0_u32, Instant::now());
    while rounds < 5 || start.elapsed().as_secs() < 3 {
        make()?;
        rounds += 1;
    }
    let seconds = start.elapsed().as_secs_f64() / f64::from(rounds);
    println!(
        "{papers} papers, {bytes} bytes: {:.1} ms a packet, {:.2} packets/s",
        seconds * 1e3,
        1.0 / seconds
    );
    Ok(())
}

/// A closed case of one dismissed charge; every third in Multnomah.
fn case(index: usize) -> serde_json::Result<Case> {
    let number = format!("10CR{index:04}");
    serde_json::from_value(json!({
        "case_number": number, "name": "Example, Ada", "birth_year": 1985, "citation_number": "",
        "district_attorney_number": "", "sid": "OR12345678",
        "location": if index % 3 == 2 { "Multnomah" } else { "Marion" }, "date": "2010-03-01",
        "violation_type": "Offense Misdemeanor", "current_status": "Closed", "case_detail_link": "",
        "restitution": false, "balance_due_in_cents": 0,
        "charges": [{
            "ambiguous_charge_id": format!("{number}-1"), "name": "Theft in the Second Degree", "statute": "164045",
            "level": "Misdemeanor Class A", "date": "2010-02-01", "probation_revoked": null,
            "disposition": {"date": "2010-06-01", "ruling": "Dismissed", "amended": false},
        }],
    }))
}
