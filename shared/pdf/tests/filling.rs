//! Filling, flattening and packs, on small forms made here.

#![allow(clippy::unwrap_used)]

use lopdf::{Document as Raw, Object, Stream, dictionary};
use pdf::pack::{Answers, Pack};
use pdf::{Document, FillOptions, Flatten, Font, Limits, Metadata, PdfError, Value, Writer};

/// A page with one field of each kind, an XFA twin and usage rights.
fn form() -> Vec<u8> {
    let mut raw = Raw::with_version("1.7");
    let (page, tree) = (raw.new_object_id(), raw.new_object_id());
    let look = raw.add_object(Stream::new(
        dictionary! { "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()] },
        Vec::new(),
    ));
    let rect =
        |y: i64, height: i64| Object::Array(vec![72.into(), y.into(), 272.into(), (y + height).into()]);
    let states = |on: &str| dictionary! { "N" => dictionary! { on => look, "Off" => look } };
    let mut widgets = vec![
        dictionary! { "T" => Object::string_literal("line"), "FT" => "Tx", "Rect" => rect(700, 16), "Q" => 2, "DA" => Object::string_literal("/TiRo 9 Tf 1 0 0 rg") },
        dictionary! { "T" => Object::string_literal("cells"), "FT" => "Tx", "Rect" => rect(650, 16), "Ff" => 1 << 24, "MaxLen" => 5 },
        dictionary! { "T" => Object::string_literal("notes"), "FT" => "Tx", "Rect" => rect(550, 60), "Ff" => 1 << 12 },
        dictionary! { "T" => Object::string_literal("county"), "FT" => "Ch", "Rect" => rect(500, 16), "Opt" => vec![
        Object::Array(vec![Object::string_literal("01"), Object::string_literal("Adams")]), Object::string_literal("Boone")] },
        dictionary! { "T" => Object::string_literal("bare"), "FT" => "Btn", "Rect" => rect(480, 9) },
        dictionary! { "T" => Object::string_literal("box"), "FT" => "Btn", "Rect" => rect(460, 9), "AP" => states("Yes") },
        dictionary! { "T" => Object::string_literal("push"), "FT" => "Btn", "Rect" => rect(440, 9), "Ff" => 1 << 16 },
    ];
    let mut fields: Vec<Object> = widgets
        .drain(..)
        .map(|mut widget| {
            widget.set("Subtype", "Widget");
            raw.add_object(widget).into()
        })
        .collect();
    let mut annotations = fields.clone();
    let group = raw.new_object_id();
    let kids: Vec<Object> = ["left", "right"].iter().enumerate().map(|(index, state)| {
        raw.add_object(dictionary! { "Subtype" => "Widget", "Parent" => group, "Rect" => rect(400 - 20 * index as i64, 9), "AP" => states(state) }).into()
    }).collect();
    annotations.extend(kids.iter().cloned());
    raw.set_object(
        group,
        dictionary! { "T" => Object::string_literal("side"), "FT" => "Btn", "Ff" => 1 << 15, "Kids" => kids },
    );
    fields.push(group.into());
    let top = raw.new_object_id();
    let twins: Vec<Object> = (0..2).map(|index| {
        raw.add_object(dictionary! { "Subtype" => "Widget", "Parent" => (top.0 + 3, 0), "Rect" => rect(300 - 20 * index, 16) }).into()
    }).collect();
    let name = raw.add_object(
        dictionary! { "T" => Object::string_literal("name"), "Parent" => top, "Kids" => twins.clone() },
    );
    raw.set_object(
        top,
        dictionary! { "T" => Object::string_literal("voter"), "FT" => "Tx", "Kids" => vec![name.into()] },
    );
    annotations.extend(twins);
    fields.push(top.into());
    let xfa = raw.add_object(Stream::new(dictionary! {}, b"<xdp/>".to_vec()));
    let acro = raw.add_object(dictionary! { "Fields" => fields, "XFA" => xfa, "NeedAppearances" => true });
    raw.set_object(
        page,
        dictionary! { "Type" => "Page", "Parent" => tree, "Annots" => annotations },
    );
    raw.set_object(tree, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1, "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()] });
    let root = raw.add_object(
        dictionary! { "Type" => "Catalog", "Pages" => tree, "AcroForm" => acro, "Perms" => dictionary! {} },
    );
    raw.trailer.set("Root", root);
    let mut out = Vec::new();
    raw.save_to(&mut out).unwrap();
    out
}

fn open(bytes: &[u8]) -> Document {
    Document::open(bytes, &Limits::default()).unwrap()
}

/// The drawn streams of every widget whose field is `name`, unpacked.
fn looks(bytes: &[u8], name: &str) -> Vec<String> {
    let raw = Raw::load_mem(bytes).unwrap();
    let mut found = Vec::new();
    for object in raw.objects.values() {
        let Ok(widget) = object.as_dict() else { continue };
        let owner = widget
            .get_deref(b"Parent", &raw)
            .and_then(Object::as_dict)
            .unwrap_or(widget);
        let named = |dict: &lopdf::Dictionary| {
            dict.get(b"T")
                .and_then(Object::as_str)
                .is_ok_and(|text| text == name.as_bytes())
        };
        if (named(widget) || named(owner)) && widget.has(b"Rect") {
            let look = widget
                .get(b"AP")
                .and_then(Object::as_dict)
                .and_then(|looks| looks.get_deref(b"N", &raw))
                .unwrap();
            let stream = look.as_stream().unwrap();
            found.push(String::from_utf8_lossy(&stream.get_plain_content().unwrap()).into_owned());
        }
    }
    found
}

#[test]
fn every_kind_is_listed_and_filled() {
    let mut document = open(&form());
    assert_eq!(document.field("side").unwrap().on_states(), ["left", "right"]);
    assert_eq!(document.field("voter.name").unwrap().widgets.len(), 2);
    let values = [
        ("line", Value::Text("Calle Ocho\u{7}")),
        ("cells", Value::Text("1234567")),
        ("notes", Value::Text("first line\nsecond")),
        ("county", Value::Choice("Adams")),
        ("bare", Value::Check(true)),
        ("box", Value::Check(true)),
        ("side", Value::Choice("right")),
        ("voter.name", Value::Text("Ana (María) \\ Peña")),
    ];
    document.fill(values, FillOptions::default()).unwrap();
    let saved = document.save();
    let again = open(&saved);
    let value = |name: &str| again.field(name).unwrap().value.clone();
    assert_eq!(value("line"), "Calle Ocho");
    assert_eq!(value("cells"), "12345", "cut to its length");
    assert_eq!(value("county"), "01", "the value behind the shown text");
    assert_eq!(
        [value("bare"), value("box"), value("side")],
        ["On", "Yes", "right"]
    );
    assert_eq!(value("voter.name"), "Ana (María) \\ Peña");

    let line = &looks(&saved, "line")[0];
    assert!(
        line.contains("1 0 0 rg") && line.contains("/W2 9 Tf"),
        "colour, font and size as asked: {line}"
    );
    let x: f32 = line
        .lines()
        .find_map(|line| line.strip_suffix(" Td")?.split(' ').next()?.parse().ok())
        .unwrap();
    assert!(
        (x + Font::Times.width(b"Calle Ocho", 9.0) - 198.0).abs() < 0.1,
        "at the right edge: {x}"
    );
    assert_eq!(
        looks(&saved, "cells")[0].matches(" Tj").count(),
        5,
        "one cell each"
    );
    assert_eq!(looks(&saved, "notes")[0].matches(" Tj").count(), 2);
    let twins = looks(&saved, "name");
    assert!(
        twins.len() == 2 && twins.iter().all(|look| look.contains("(Ana \\(Mar")),
        "{twins:?}"
    );
    let raw = Raw::load_mem(&saved).unwrap();
    let acro = raw
        .catalog()
        .unwrap()
        .get_deref(b"AcroForm", &raw)
        .unwrap()
        .as_dict()
        .unwrap();
    assert!(!acro.has(b"XFA") && !acro.has(b"NeedAppearances") && !raw.catalog().unwrap().has(b"Perms"));
}

#[test]
fn what_does_not_suit_is_refused_and_changes_nothing() {
    let mut document = open(&form());
    let before = document.save();
    let mut refuse = |name: &str, value: Value| {
        document
            .fill(
                [("line", Value::Text("x")), (name, value)],
                FillOptions::default(),
            )
            .unwrap_err()
    };
    assert_eq!(
        refuse("nobody", Value::Text("x")),
        PdfError::UnknownFields(vec!["nobody".into()])
    );
    for (name, value) in [
        ("line", Value::Check(true)),
        ("box", Value::Text("x")),
        ("box", Value::Choice("Maybe")),
        ("side", Value::Check(true)),
        ("county", Value::Choice("Clark")),
        ("push", Value::Check(true)),
    ] {
        assert!(
            matches!(refuse(name, value), PdfError::WrongValue { field, .. } if field == name),
            "{name}"
        );
    }
    assert_eq!(document.save(), before);
    document
        .fill(
            [("nobody", Value::Text("x"))],
            FillOptions { ignore_unknown: true },
        )
        .unwrap();
}

#[test]
fn chosen_fields_are_flattened_and_the_rest_stay() {
    let mut document = open(&form());
    document
        .fill(
            [
                ("line", Value::Text("kept on paper")),
                ("side", Value::Choice("left")),
            ],
            FillOptions::default(),
        )
        .unwrap();
    assert!(document.flatten(Flatten::Only(&["nobody"])).is_err());
    document
        .flatten(Flatten::Only(&["line", "side", "voter.name"]))
        .unwrap();
    let again = open(&document.save());
    let names: Vec<_> = again.fields().iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["cells", "notes", "county", "bare", "box", "push"]);
    document.flatten(Flatten::All).unwrap();
    let raw = Raw::load_mem(&document.save()).unwrap();
    assert!(!raw.catalog().unwrap().has(b"AcroForm"));
    let page = raw.page_iter().next().unwrap();
    assert!(!raw.get_dictionary(page).unwrap().has(b"Annots"));
    let drawn = String::from_utf8_lossy(&raw.get_page_content(page)).into_owned();
    assert!(drawn.starts_with("q\n") && drawn.contains(" Do Q"), "{drawn}");
}

#[test]
fn a_form_without_fields_is_filled_by_overlays() {
    let mut paper = Writer::new(Metadata {
        title: "Flat",
        language: "en",
    });
    paper.paragraph("A flat form.");
    let flat = paper.finish().unwrap().save();
    let head = "[pack]\nservice = 'voting'\npurpose = 'mail-ballot'\njurisdiction = 'ZZ'\ntitle = 'Flat'\nedition = '1'\nlanguage = 'en'\nfile = 'flat.pdf'\npages = 1\n";
    let overlays = "[[overlay]]\npage = 1\nx = 72\ny = 500\nmax_width = 60\nvalue = '{first_name} {last_name}'\n\
        [[overlay]]\npage = 1\nx = 72\ny = 400\nsize = 12\nvalue = { check = 'us_citizen' }\n";
    let pack = Pack::parse(&format!("{head}{overlays}"), &flat).unwrap();
    assert_eq!(
        pack.keys().iter().collect::<Vec<_>>(),
        ["first_name", "last_name", "us_citizen"]
    );
    let fill = |citizen: bool| {
        let answers = Answers::from([
            ("first_name".to_owned(), "Maximiliana".into()),
            ("last_name".to_owned(), "Featherstonehaugh".into()),
            ("us_citizen".to_owned(), citizen.into()),
        ]);
        let raw = Raw::load_mem(&pack.fill(&answers, None).unwrap()).unwrap();
        String::from_utf8_lossy(&raw.get_page_content(raw.page_iter().next().unwrap())).into_owned()
    };
    let (yes, no) = (fill(true), fill(false));
    assert!(yes.contains("(Maximiliana Featherstonehaugh) Tj"));
    assert!(!yes.contains("/W0 10 Tf 72 500 Td"), "it was set smaller to fit");
    assert!(
        yes.contains(" m ") && yes.len() > no.len(),
        "only one of them is crossed"
    );
    let outside = overlays.replace("x = 72", "x = 700");
    assert!(
        Pack::parse(&format!("{head}{outside}"), &flat).unwrap_err()[0]
            .text
            .contains("not inside page 1")
    );
}
