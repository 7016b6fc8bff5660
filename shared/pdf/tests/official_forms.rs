//! The official forms beside the checkout: every one opens, lists its fields, takes a value in each, flattens and re-opens.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

use std::path::PathBuf;
use std::process::{Command, Stdio};

use pdf::pack::{Answers, Pack};
use pdf::{Document, FieldKind, FillOptions, Flatten, Limits, Value};

fn forms() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["voting", "expungement"] {
        let folder =
            PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/forms")).join(folder);
        let Ok(entries) = std::fs::read_dir(&folder) else {
            println!(
                "skipped: the official forms are not beside the checkout ({})",
                folder.display()
            );
            continue;
        };
        found.extend(
            entries
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "pdf")),
        );
    }
    found.sort();
    found
}

/// The text of a PDF by `pdftotext`, or `None` where that is not installed.
fn text_of(bytes: &[u8]) -> Option<String> {
    use std::io::Write;
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn every_official_form_can_be_filled_flattened_and_read_again() {
    for path in forms() {
        let name = path.display();
        let bytes = std::fs::read(&path).unwrap();
        let mut form = Document::open(&bytes, &Limits::default()).unwrap();
        let pages = form.page_count();
        assert!(
            form.fields().len() >= 10,
            "{name} has {} fields",
            form.fields().len()
        );
        assert!(
            form.fields()
                .iter()
                .flat_map(|field| &field.widgets)
                .all(|widget| widget.page.is_some()),
            "{name}"
        );
        form.prepare();
        let blank = form.clone();

        let fields = form.fields().to_vec();
        let values: Vec<(&str, Value)> = fields
            .iter()
            .filter_map(|field| match field.kind {
                FieldKind::Text => Some((field.name.as_str(), Value::Text("Zúñiga"))),
                FieldKind::Checkbox | FieldKind::Radio => Some((
                    field.name.as_str(),
                    field
                        .on_states()
                        .first()
                        .map_or(Value::Check(true), |state| Value::Choice(state)),
                )),
                _ => None,
            })
            .collect();
        form.fill(values, FillOptions::default()).unwrap();

        for saved in [form.save(), form.save_fast()] {
            let again = Document::open(&saved, &Limits::default()).unwrap();
            assert_eq!(again.page_count(), pages, "{name}");
            assert_eq!(again.fields().len(), fields.len(), "{name}");
            for field in again
                .fields()
                .iter()
                .filter(|field| field.kind == FieldKind::Text)
            {
                let length = field.max_length.unwrap_or(usize::MAX);
                assert_eq!(
                    field.value,
                    "Zúñiga".chars().take(length).collect::<String>(),
                    "{name} {}",
                    field.name
                );
            }
            assert!(lopdf::Document::load_mem(&saved).is_ok(), "{name}");
        }
        assert_eq!(
            form.save(),
            form.clone().save(),
            "{name}: equal input, equal bytes"
        );

        form.flatten(Flatten::All).unwrap();
        for saved in [form.save(), form.save_fast()] {
            let flat = Document::open(&saved, &Limits::default()).unwrap();
            assert_eq!((flat.page_count(), flat.fields().len()), (pages, 0), "{name}");
            if let Some(text) = text_of(&saved) {
                let wanted = fields
                    .iter()
                    .filter(|field| field.kind == FieldKind::Text && field.max_length.is_none())
                    .map(|field| field.widgets.len())
                    .sum::<usize>();
                let found = text.matches("Zúñiga").count();
                assert!(
                    found >= wanted,
                    "{name}: {found} of {wanted} values are on the paper"
                );
            } else {
                println!("skipped: pdftotext is not installed");
            }
        }
        assert!(
            blank.fields().iter().all(|field| !field.value.contains("Zúñiga")),
            "{name}: a clone is its own"
        );
    }
}

fn packs() -> Vec<(PathBuf, String, Vec<u8>)> {
    let mut found = Vec::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/voting/packs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path().join("pack.toml");
        let Ok(mapping) = std::fs::read_to_string(&path) else {
            continue;
        };
        let file = mapping
            .lines()
            .find_map(|line| line.strip_prefix("file = "))
            .unwrap()
            .trim_matches('"')
            .to_owned();
        let pdf = PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/forms/voting"
        ))
        .join(file);
        match std::fs::read(&pdf) {
            Ok(bytes) => found.push((path, mapping, bytes)),
            Err(_) => println!("skipped: {} is not beside the checkout", pdf.display()),
        }
    }
    found
}

/// A voter whose every answer can be found on paper.
fn voter() -> Answers {
    let texts = [
        ("title", "Mrs."),
        ("first_name", "Begoña"),
        ("middle_name", "Inés"),
        ("last_name", "Agüero"),
        ("suffix", "III"),
        ("address1", "1207 Peñasco Street"),
        ("address2", "Apt 4B"),
        ("city", "Cañon City"),
        ("state", "FL"),
        ("zipcode", "81212"),
        ("mailing_address1", "PO Box 77"),
        ("mailing_city", "Española"),
        ("mailing_state", "NM"),
        ("mailing_zipcode", "87532"),
        ("mailing_full_address", "PO Box 77 Española, NM 87532"),
        ("previous_title", "Miss"),
        ("previous_first_name", "Bego"),
        ("previous_last_name", "Ruiz"),
        ("previous_address1", "9 Old Road"),
        ("previous_city", "Taos"),
        ("previous_state", "NM"),
        ("previous_zipcode", "87571"),
        ("date_of_birth", "1984-02-29"),
        ("phone", "(719) 555-0142"),
        ("email", "begona@example.org"),
        ("state_id_number", "A-123-456"),
        ("party", "Democratic"),
        ("race_ethnicity", "Hispanic"),
        ("county", "Fremont"),
        ("region", "Fremont County"),
        ("submit_date", "2026-09-30"),
    ];
    let mut answers: Answers = texts
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    for key in ["us_citizen", "is_18_or_over", "has_mailing_address"] {
        answers.insert(key.to_owned(), true.into());
    }
    answers
}

#[test]
fn every_pack_fits_its_form_and_fills_it() {
    for (path, mapping, pdf) in packs() {
        let name = path.display();
        let pack = Pack::parse(&mapping, &pdf).unwrap_or_else(|problems| {
            panic!(
                "{name}:\n{}",
                problems
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n")
            )
        });
        assert_eq!(pack.warnings(), [], "{name}");
        let filled = pack.fill(&voter(), None).unwrap();
        assert_eq!(
            filled,
            pack.fill(&voter(), None).unwrap(),
            "{name}: equal input, equal bytes"
        );
        let read = Document::open(&filled, &Limits::default()).unwrap();
        let born = match &pack.header().jurisdiction[..] {
            "MI" => "1984",
            "NH" => "Agüero", // New Hampshire does not ask
            _ => "02/29/1984",
        };
        for wanted in ["Agüero", born, "(719) 555-0142"] {
            assert!(
                read.fields().iter().any(|field| field.value.contains(wanted)),
                "{name} lacks {wanted}"
            );
        }
        if let Some(text) = text_of(&filled) {
            assert!(text.contains("Agüero"), "{name}: the name is not on the paper");
        }
        let dir = std::env::var_os("PDF_SAMPLES");
        if let Some(dir) = dir {
            std::fs::write(
                PathBuf::from(dir).join(format!(
                    "{}.pdf",
                    path.parent().unwrap().file_name().unwrap().display()
                )),
                &filled,
            )
            .unwrap();
        }
    }
}

#[test]
fn the_federal_form_says_what_the_voter_said() {
    let Some((_, mapping, pdf)) = packs()
        .into_iter()
        .find(|(path, ..)| path.to_string_lossy().contains("us-registration"))
    else {
        return;
    };
    let pack = Pack::parse(&mapping, &pdf).unwrap();
    let value = |answers: &Answers, field: &str| {
        let filled = Document::open(&pack.fill(answers, None).unwrap(), &Limits::default()).unwrap();
        filled.field(field).unwrap().value.clone()
    };
    let mut voter = voter();
    for (field, expected) in [
        ("phone_number", "(719) 555-0142"),
        ("us_citizen", "On"),
        ("us_citizen_no", "Off"),
        ("title_mrs", "On"),
        ("title_mr", "Off"),
        ("suffix_iii", "On"),
        ("suffix_ii", "Off"),
        ("previous_title_miss", "On"),
        ("race_ethnicity", "Hispanic"),
        ("mailing_address1", "PO Box 77"),
    ] {
        assert_eq!(value(&voter, field), expected, "{field}");
    }
    voter.insert("state".into(), "OH".into());
    voter.insert("us_citizen".into(), false.into());
    assert_eq!(value(&voter, "race_ethnicity"), "", "Ohio does not ask");
    assert_eq!(value(&voter, "us_citizen_no"), "On");
    assert_eq!(value(&voter, "us_citizen"), "Off");
}

#[test]
fn a_mapping_that_does_not_fit_is_refused_with_the_line() {
    let Some((_, mapping, pdf)) = packs()
        .into_iter()
        .find(|(path, ..)| path.to_string_lossy().contains("us-registration"))
    else {
        return;
    };
    let wrong = mapping
        .replace("last_name = \"last_name\"", "last_nome = \"last_name\"")
        .replace("title_mr = { check", "title_mr = { key")
        .replace(", equals = \"mr\"", "")
        .replace("pages = 2", "pages = 3");
    let problems = Pack::parse(&wrong, &pdf).unwrap_err();
    let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let line = wrong
        .lines()
        .position(|line| line.starts_with("last_nome"))
        .unwrap()
        + 1;
    assert!(
        said.contains(&format!(
            "error, line {line}, field \"last_nome\": the PDF has no such field"
        )),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|text| text.contains("title_mr") && text.contains("check box")),
        "{said:?}"
    );
    assert!(said.iter().any(|text| text.contains("2 pages")), "{said:?}");
    assert!(
        said.iter()
            .any(|text| text.starts_with("warning, field \"last_name\"")),
        "{said:?}"
    );
    assert!(
        Pack::parse("[pack]\nservice = 1", &pdf).unwrap_err()[0]
            .line
            .is_some()
    );
    assert!(Pack::parse(&mapping, b"%PDF-1.4 nothing").is_err());
}

#[test]
fn a_signature_lands_in_its_box() {
    let mut image = Vec::new();
    let mut encoder = png::Encoder::new(&mut image, 300, 80);
    encoder.set_color(png::ColorType::Rgba);
    let pixels: Vec<u8> = (0..300 * 80_u32)
        .flat_map(|at| [0, 0, 120, if at % 300 / 4 % 2 == 0 { 255 } else { 0 }])
        .collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    let mut signed = Vec::new();
    for (path, mapping, pdf) in packs() {
        let pack = Pack::parse(&mapping, &pdf).unwrap();
        let with = pack.fill(&voter(), Some(&image)).unwrap();
        let without = pack.fill(&voter(), None).unwrap();
        assert_eq!(with != without, pack.takes_signature(), "{}", path.display());
        if pack.takes_signature() {
            assert!(
                with.windows(6).any(|window| window == b"/SMask"),
                "{}",
                path.display()
            );
            assert!(pack.fill(&voter(), Some(b"no picture")).is_err());
            signed.push(pack.header().jurisdiction.clone());
            if let Some(dir) = std::env::var_os("PDF_SAMPLES") {
                std::fs::write(
                    PathBuf::from(dir).join(format!("signed-{}.pdf", pack.header().jurisdiction)),
                    &with,
                )
                .unwrap();
            }
        }
    }
    signed.sort();
    assert!(
        signed.is_empty() || signed == ["GA", "KS", "MA", "NH", "TN"],
        "{signed:?}"
    );
}
