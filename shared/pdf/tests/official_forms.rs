//! The official forms beside the checkout: every one opens, lists its fields, takes a value in each, flattens and re-opens.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::PathBuf;
use std::process::{Command, Stdio};

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
