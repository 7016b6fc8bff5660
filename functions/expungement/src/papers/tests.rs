//! Packets of recorded and of invented records, read back from their files.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::expungement::paperwork::{
    Form, Packet, UserInformation, WaiverInformation, expungement_packet, fee_waivers,
};
use domain::expungement::report::{About, Report};
use domain::expungement::{Case, Edits, Options, Policy, Record, Refusal, demo, edits};
use domain::person::Language;
use jiff::civil::{Date, date};
use pdf::{Document, Limits, pack::Pack};
use serde::Deserialize;
use serde_json::Value;

use super::archive::File;
use super::forms::{Blanks, FORMS, purpose};
use super::packet;

/// What lies beside the checkout, where it does.
fn beside(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not beside the checkout", path.display());
    None
}

/// The official forms with the mappings of this repository.
fn official() -> Option<Blanks> {
    let folder = beside("forms/expungement")?;
    let mut blanks = Blanks::default();
    for form in FORMS {
        let mapping =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("packs/or-{}/pack.toml", purpose(form)));
        let mapping = std::fs::read_to_string(mapping).unwrap();
        let name = mapping
            .lines()
            .find_map(|line| line.strip_prefix("file = "))
            .unwrap();
        let bytes = std::fs::read(folder.join(name.trim_matches('"'))).unwrap();
        let pack = Pack::parse(&mapping, &bytes).unwrap_or_else(|problems| panic!("{form:?}: {problems:?}"));
        assert_eq!(pack.warnings(), [], "{form:?}");
        assert_eq!(pack.header().pages, form.pages(), "{form:?}");
        blanks = blanks.with(form, Arc::new(pack));
    }
    Some(blanks)
}

fn open(file: &File) -> Document {
    Document::open(&file.bytes, &Limits::default()).unwrap()
}

/// Fields that hold something; a box that is ticked holds its state.
fn filled(document: &Document) -> BTreeMap<String, String> {
    let fields = document.fields().iter();
    fields
        .filter(|field| !matches!(field.value.as_str(), "" | "Off"))
        .map(|field| (field.name.clone(), field.value.clone()))
        .collect()
}

#[derive(Deserialize)]
struct RecordLine {
    input: RecordInput,
    clock: Date,
    today: Date,
}

#[derive(Deserialize)]
struct RecordInput {
    cases: Vec<Case>,
    #[serde(default)]
    edits: Edits,
}

/// Compares the files of one recorded packet with ours, field by field.
fn compare(line: &Value, record: &str, blanks: &Blanks) {
    let record: RecordLine = serde_json::from_str(record).unwrap();
    let options = Options {
        today: record.today,
        clock: record.clock,
        language: Language::En,
        policy: Policy::AS_PEER,
    };
    let user: UserInformation = serde_json::from_value(line["user_information"].clone()).unwrap();
    let words: Vec<&str> = user.full_name.split_whitespace().collect();
    let names = (
        words.first().copied().unwrap_or_default(),
        words.last().copied().unwrap_or_default(),
    );
    let made = || -> Result<Packet, Refusal> {
        let cases = edits::apply(&record.input.cases, &record.input.edits, options)?;
        let judged = Record::judge(&cases, options)?;
        match line["kind"].as_str() {
            Some("waiver") => {
                let waiver: WaiverInformation =
                    serde_json::from_value(line["waiver_information"].clone()).unwrap();
                Ok(fee_waivers(&judged, &user, &waiver))
            }
            _ => expungement_packet(&judged, &user, names),
        }
    };
    let id = &line["record_id"];
    let expected = &line["expected"];
    let Ok(made) = made() else {
        assert!(expected["exception"].is_string(), "{id}: refused");
        return;
    };
    let summary = made.summary.is_some().then(Vec::new);
    let files = packet::files(&made, blanks, summary, Language::En).unwrap();
    let theirs = expected["files"].as_object().unwrap();
    assert_eq!(files.len(), theirs.len(), "{id}");
    for file in &files {
        let theirs = &theirs[&file.name];
        if file.name.ends_with("_record_summary.pdf") {
            continue;
        }
        let ours = open(file);
        assert_eq!(
            ours.page_count() as u64,
            theirs["pages"].as_u64().unwrap(),
            "{id} {}",
            file.name
        );
        let Some(fields) = theirs["fields"].as_object() else {
            continue;
        };
        let fields: BTreeMap<String, String> = fields
            .iter()
            .map(|(name, value)| {
                // Blanks at the ends of a value are not kept.
                (
                    name.clone(),
                    value.as_str().unwrap().trim_start_matches('/').trim().to_owned(),
                )
            })
            .collect();
        assert_eq!(filled(&ours), fields, "{id} {}", file.name);
    }
}

#[test]
fn recorded_packets_and_waivers_are_filled_alike_field_by_field() {
    let (Some(blanks), Some(corpus)) = (official(), beside("corpus/expungement.jsonl.gz")) else {
        return;
    };
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(corpus).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut records = HashMap::new();
    let mut packets = Vec::new();
    for line in text.lines() {
        // The kind stands first: most lines need not be read.
        if line.starts_with(r#"{"kind": "record""#) || line.starts_with(r#"{"kind":"record""#) {
            let id = line
                .split("\"id\"")
                .nth(1)
                .and_then(|rest| rest.split('"').nth(1))
                .unwrap();
            records.insert(id, line);
        } else if line.contains("\"user_information\"") {
            packets.push(serde_json::from_str::<Value>(line).unwrap());
        }
    }
    let mut compared = 0;
    for line in &packets {
        if let Some(record) = records.get(line["record_id"].as_str().unwrap()) {
            compare(line, record, &blanks);
            compared += 1;
        }
    }
    println!("{compared} of {} packets compared", packets.len());
    assert!(compared > 50, "only {compared} packets were compared");
}

/// Dark pixels of a part of a page, in per cent, by `pdftoppm`; `None` where that is not installed.
fn darkness(bytes: &[u8], page: usize, [left, bottom, right, top]: [f32; 4]) -> Option<usize> {
    let path = std::env::temp_dir().join(format!("ticked-{}.pdf", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let number = page.to_string();
    let output = std::process::Command::new("pdftoppm")
        .args(["-r", "144", "-gray", "-f", &number, "-l", &number])
        .arg(&path)
        .output();
    let _ = std::fs::remove_file(&path);
    let Ok(output) = output else {
        println!("skipped: pdftoppm is not installed");
        return None;
    };
    // A letter page at two pixels a point, after a header of three lines.
    let (width, height) = (1224, 1584);
    let pixels = &output.stdout[output.stdout.len() - width * height..];
    let (mut dark, mut all) = (0, 0);
    for y in (height - 2 * top as usize)..(height - 2 * bottom as usize) {
        for x in 2 * left as usize..2 * right as usize {
            all += 1;
            dark += usize::from(pixels[y * width + x] < 128);
        }
    }
    Some(dark * 100 / all)
}

#[test]
fn a_box_that_is_ticked_looks_ticked() {
    let Some(blanks) = official() else { return };
    let files = packet::files(
        &packet_of(&[case("Lane", "10CR1", 1, false)]),
        &blanks,
        None,
        Language::En,
    )
    .unwrap();
    let form = open(&files[0]);
    let place = |name: &str| {
        let widget = &form.field(name).unwrap().widgets[0];
        // Inside of the printed frame.
        let [left, bottom, right, top] = widget.rect;
        (
            widget.page.unwrap(),
            [left + 2.0, bottom + 2.0, right - 2.0, top - 2.0],
        )
    };
    for (name, ticked) in [
        ("option_2", true),
        ("legally_eligible", true),
        ("option_1", false),
        ("option_3", false),
    ] {
        let (page, rect) = place(name);
        let Some(dark) = darkness(&files[0].bytes, page, rect) else {
            return;
        };
        assert_eq!(dark > 8, ticked, "{name}: {dark} % of it are dark");
    }
}

fn user() -> UserInformation {
    UserInformation {
        full_name: "Ana Peña".to_owned(),
        date_of_birth: "4/30/1985".to_owned(),
        mailing_address: "12 Río Street".to_owned(),
        city: "Salem".to_owned(),
        state: "OR".to_owned(),
        zip_code: "97301".to_owned(),
        phone_number: "(503) 555-0100".to_owned(),
        email_address: "ana@example.org".to_owned(),
    }
}

/// A closed case of 2010 with so many dismissed charges, and perhaps two convictions of which one can never be set aside.
fn case(county: &str, number: &str, dismissed: usize, convicted: bool) -> Case {
    let mut charges: Vec<Value> = (1..=dismissed)
        .map(|index| charge(number, index, "Theft in the Second Degree", "164045", "Dismissed"))
        .collect();
    if convicted {
        charges.push(charge(
            number,
            dismissed + 1,
            "Theft in the Third Degree",
            "164043",
            "Convicted",
        ));
        charges.push(charge(number, dismissed + 2, "Murder", "163115", "Convicted"));
    }
    serde_json::from_value(serde_json::json!({
        "case_number": number, "name": "Peña, Ana", "birth_year": 1985, "citation_number": "",
        "district_attorney_number": "DA 1", "sid": "OR12345678", "location": county, "date": "2010-03-01",
        "violation_type": "Offense Misdemeanor", "current_status": "Closed", "case_detail_link": "",
        "restitution": false, "balance_due_in_cents": 0, "charges": charges,
    }))
    .unwrap()
}

fn charge(case: &str, index: usize, name: &str, statute: &str, ruling: &str) -> Value {
    serde_json::json!({
        "ambiguous_charge_id": format!("{case}-{index}"), "name": name, "statute": statute,
        "level": "Misdemeanor Class A", "date": "2010-02-01", "probation_revoked": null,
        "disposition": {"date": "2010-06-01", "ruling": ruling, "amended": false},
    })
}

fn packet_of(cases: &[Case]) -> Packet {
    let judged = Record::judge(cases, Options::on(date(2026, 7, 1))).unwrap();
    expungement_packet(&judged, &user(), ("Ana", "Peña")).unwrap()
}

#[test]
fn what_the_form_has_no_lines_for_stands_on_pages_after_it() {
    let packet = packet_of(&[case("Marion", "10CR1", 40, true)]);
    let motion = &packet.papers[0];
    assert_eq!(
        motion.attachment.len(),
        36,
        "five of the 41 eligible charges fit on the form"
    );
    for blanks in [Some(Blanks::default()), official()].into_iter().flatten() {
        let files = packet::files(&packet, &blanks, None, Language::En).unwrap();
        let (whole, compiled) = (open(&files[0]), open(&files[2]));
        if whole.fields().is_empty() {
            continue; // a worksheet is as long as it is
        }
        assert_eq!(whole.page_count(), motion.pages());
        assert_eq!(compiled.page_count(), packet.compiled_pages());
    }
}

#[test]
fn a_partial_multnomah_motion_follows_a_page_of_warnings() {
    let Some(blanks) = official() else { return };
    let packet = packet_of(&[case("Multnomah", "10CR2", 1, true)]);
    let files = packet::files(&packet, &blanks, None, Language::Es).unwrap();
    assert_eq!(files[0].name, "Peña, Ana_10CR2_multnomah.pdf");
    let document = open(&files[0]);
    assert_eq!(document.page_count(), 3);
    assert_eq!(document.field("Case Number").unwrap().widgets[0].page, Some(2));
}

#[test]
fn compiled_fields_are_numbered_through_and_none_is_lost() {
    let Some(blanks) = official() else { return };
    let cases: Vec<Case> = (0..3)
        .map(|index| case("Lane", &format!("10CR{index}"), 2, false))
        .collect();
    let files = packet::files(&packet_of(&cases), &blanks, None, Language::En).unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Peña, Ana_10CR0_lane_arrest.pdf",
            "Peña, Ana_10CR1_lane_arrest.pdf",
            "Peña, Ana_10CR2_lane_arrest.pdf",
            "OSP_Form.pdf",
            "COMPILED.pdf"
        ]
    );
    let compiled = open(&files[4]);
    let separate: usize = files[..4].iter().map(|file| filled(&open(file)).len()).sum();
    assert_eq!(filled(&compiled).len(), separate);
    assert_eq!(
        compiled.field("case_number_50").unwrap().value,
        "10CR1",
        "49 fields come before this form's first"
    );
    let sizes: Vec<usize> = files.iter().map(|file| file.bytes.len()).collect();
    assert!(
        sizes[4] < sizes[0] + sizes[3] + 100_000,
        "the printed form is kept once: {sizes:?}"
    );
}

#[test]
fn without_installed_packs_a_packet_holds_worksheets_that_say_so() {
    for language in [Language::En, Language::Es] {
        let cases = demo::find(
            &[domain::expungement::Alias {
                first_name: "John".into(),
                last_name: "Common".into(),
                ..Default::default()
            }],
            date(2026, 7, 1),
        );
        let packet = packet_of(&cases);
        let files = packet::files(&packet, &Blanks::default(), Some(b"%PDF-".to_vec()), language).unwrap();
        assert!(files.len() > 3);
        for file in &files[..files.len() - 1] {
            let document = open(file);
            assert!(document.fields().is_empty() && document.page_count() >= 1);
        }
    }
}

#[test]
fn hostile_names_and_texts_stay_inside_their_files() {
    let mut hostile = case("Lane/../..", "../../etc/passwd", 1, false);
    hostile.name = "../\u{202E}x\u{0}\n".repeat(2_000);
    let packet = packet_of(&[
        hostile,
        Case {
            case_number: String::new(),
            ..case("", "", 1, false)
        },
    ]);
    for blanks in [Some(Blanks::default()), official()].into_iter().flatten() {
        let files = packet::files(&packet, &blanks, None, Language::En).unwrap();
        for file in &files {
            assert!(
                !file.name.contains(['/', '\\', '\n', '\0', '\u{202E}']),
                "{:?}",
                file.name
            );
            assert!(!file.name.starts_with('.') && file.name.len() <= 255);
            open(file);
        }
        assert!(!super::archive::zip(&files).unwrap().is_empty());
    }
}

#[test]
fn every_purpose_is_a_form() {
    let purposes: Vec<&str> = FORMS.into_iter().map(purpose).collect();
    assert_eq!(FORMS.map(|form| form as usize), [0, 1, 2, 3, 4]);
    assert_eq!(purposes.len(), 5);
    assert!(purposes.contains(&purpose(Form::FeeWaiver)));
}

/// The text of a PDF by `pdftotext`, or `None` where that is not installed.
fn text_of(bytes: &[u8]) -> Option<String> {
    let path = std::env::temp_dir().join(format!("report-{}.pdf", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let output = std::process::Command::new("pdftotext")
        .args(["-layout"])
        .arg(&path)
        .arg("-")
        .output();
    if std::env::var_os("KEEP_REPORT").is_none() {
        let _ = std::fs::remove_file(&path);
    }
    let Ok(output) = output else {
        println!("skipped: pdftotext is not installed");
        return None;
    };
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_report_of_hundreds_of_charges_lists_each_and_numbers_its_pages() {
    let mut cases: Vec<Case> = (0..40)
        .map(|index| {
            case(
                if index % 2 == 0 { "Multnomah" } else { "Lane" },
                &format!("10CR{index:03}"),
                8,
                index % 3 == 0,
            )
        })
        .collect();
    cases[7].balance_due_in_cents = 151_680;
    cases[9].charges[0].disposition = None;
    cases[9].charges[1].name = format!("Ofensa «ñandú» {}", "muy larga ".repeat(60));
    let aliases = [domain::expungement::Alias {
        first_name: "Ana María de los Ángeles".repeat(5),
        last_name: "Peña".into(),
        ..Default::default()
    }];
    for language in [Language::En, Language::Es] {
        let options = Options {
            language,
            ..Options::on(date(2026, 7, 1))
        };
        let record = Record::judge(&cases, options).unwrap();
        let report = Report::of(&record, About::Aliases(&aliases));
        let bytes = super::report::draw(&report).unwrap();
        let document = Document::open(&bytes, &Limits::default()).unwrap();
        assert!(document.page_count() > 8);
        let Some(text) = text_of(&bytes) else { return };
        let pages = document.page_count();
        let last = match language {
            Language::En => format!("Page {pages} of {pages}"),
            Language::Es => format!("Página {pages} de {pages}"),
        };
        assert!(text.contains(&last), "{text}");
        for case in &cases {
            let rows = text.matches(&case.case_number).count();
            assert!(
                rows >= case.charges.len(),
                "{}: {rows} of {}",
                case.case_number,
                case.charges.len()
            );
        }
        assert!(text.contains("$1,516.80") && text.contains("ñandú"));
    }
}
