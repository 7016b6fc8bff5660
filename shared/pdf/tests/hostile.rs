//! Files made to hurt: each ends in an error or in a document that is safe to use, never in a panic, a hang or a full memory.

#![allow(clippy::unwrap_used)]

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf::{
    Document, FieldKind, FieldOptions, FillOptions, Flatten, Limits, Metadata, PdfError, Rect, Value, Writer,
};

/// A file from object bodies, numbered from 1; object 1 is the catalog.
fn file(objects: &[&str]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, body) in objects.iter().enumerate() {
        offsets.push(out.len());
        write!(out, "{} 0 obj\n{body}\nendobj\n", index + 1).unwrap();
    }
    let xref = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for offset in offsets {
        writeln!(out, "{offset:010} 00000 n ").unwrap();
    }
    write!(
        out,
        "trailer\n<</Root 1 0 R/Size {}>>\nstartxref\n{xref}\n%%EOF\n",
        objects.len() + 1
    )
    .unwrap();
    out
}

fn open(bytes: &[u8]) -> Result<Document, PdfError> {
    Document::open(bytes, &Limits::default())
}

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>";
const TREE: &str = "<</Type/Pages/Count 1/Kids[3 0 R]>>";
const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Annots[4 0 R]>>";
const TEXT: &str = "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/Rect[72 700 272 716]>>";

/// Everything one can do with a document that opened.
fn use_it(mut document: Document) {
    let fields = document.fields().to_vec();
    let values = fields.iter().filter_map(|field| {
        let value = match field.kind {
            FieldKind::Text | FieldKind::Unknown => Value::Text("x y"),
            FieldKind::Checkbox | FieldKind::Radio => match field.on_states().first() {
                Some(state) => Value::Choice(state),
                None => Value::Check(true),
            },
            _ => return None,
        };
        Some((field.name.as_str(), value))
    });
    document
        .fill(values.collect::<Vec<_>>(), FillOptions::default())
        .unwrap();
    let _ = document.page_size(1).unwrap();
    document.prepare();
    document.flatten(Flatten::All).unwrap();
    document
        .stamp_cross(
            1,
            Rect {
                x: 1.0,
                y: 1.0,
                width: 9.0,
                height: 9.0,
            },
        )
        .unwrap();
    let pages = document.page_count();
    for saved in [
        document.save(),
        document.save_fast(),
        Document::merge(&[document.clone()]).unwrap().save(),
    ] {
        assert_eq!(open(&saved).unwrap().page_count(), pages);
    }
}

#[test]
fn a_plain_file_works() {
    let document = open(&file(&[CATALOG, TREE, PAGE, TEXT])).unwrap();
    assert_eq!(document.fields()[0].name, "name");
    use_it(document);
}

#[test]
fn cycles_end() {
    let pages = open(&file(&[
        CATALOG,
        "<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R 3 0 R]/Count 9>>",
        PAGE,
        TEXT,
    ]))
    .unwrap();
    assert_eq!(pages.page_count(), 1, "each page once");
    use_it(pages);
    let parents = "<</Type/Page/Parent 3 0 R/Annots[4 0 R]>>";
    use_it(open(&file(&[CATALOG, TREE, parents, TEXT])).unwrap());
    let kids = "<</T(a)/Kids[4 0 R 5 0 R]>>";
    let child = "<</T(b)/Parent 4 0 R/Kids[4 0 R 5 0 R]>>";
    use_it(open(&file(&[CATALOG, TREE, PAGE, kids, child])).unwrap());
    let to_itself = "<</T 4 0 R/FT 5 0 R/Rect 5 0 R>>";
    use_it(open(&file(&[CATALOG, TREE, PAGE, to_itself, "5 0 R"])).unwrap());
    assert!(matches!(
        open(&file(&[CATALOG, "<</Type/Pages/Kids[2 0 R]>>"])),
        Err(PdfError::Damaged(_))
    ));
}

#[test]
fn wrong_types_and_numbers_are_passed_over() {
    for (page, field) in [
        (
            "<</Type/Page/MediaBox[99999999999999999999999999999999999999999.0 -9.5 (x)]/Annots 4 0 R>>",
            TEXT,
        ),
        (
            "<</Type/Page/MediaBox[0 0 99999999999999999999999999999999999999999.0 -99999999999.0]/Contents 9 0 R/Resources[]/Annots[4 0 R]>>",
            TEXT,
        ),
        (
            PAGE,
            "<</FT/Tx/T(n)/MaxLen 99999999999/Ff -1/Q 99/Rect[0 0 0 0]/DA(/F 1000000000 Tf x rg)>>",
        ),
        (
            PAGE,
            "<</FT/Tx/T(n)/MaxLen 3/Ff 16777216/Rect[0 0 -5 99999999999999999999999.0]>>",
        ),
        (
            PAGE,
            "<</FT/Btn/T(n)/Rect[0 0 9 9]/AP<</N<</Off 4 0 R/On 4 0 R>>>>>>",
        ),
        (
            PAGE,
            "<</FT/Btn/T(n)/Rect[0 0 9 9]/AP 4 0 R/MK<</R 91/BG[9 9 9]/BC[]>>/BS<</W -3>>>>",
        ),
        (PAGE, "<</FT/Nonsense/T(n)/Rect[0 0 9 9]>>"),
        (PAGE, "[1 2 3]"),
    ] {
        use_it(open(&file(&[CATALOG, TREE, page, field])).unwrap());
    }
}

#[test]
fn a_huge_count_reserves_nothing() {
    let tree = "<</Type/Pages/Count 2147483647/Kids[3 0 R]>>";
    use_it(open(&file(&[CATALOG, tree, PAGE, TEXT])).unwrap());
    let mut huge = file(&[CATALOG, TREE, PAGE, TEXT]);
    let at = huge.windows(8).position(|window| window == b"xref\n0 5").unwrap();
    huge.splice(at + 5..at + 8, *b"0 4294967295");
    let _ = open(&huge);
}

#[test]
fn limits_are_named_in_the_error() {
    let refused = |limits: Limits, objects: &[&str]| match Document::open(&file(objects), &limits) {
        Err(PdfError::TooMuch { what, .. }) => what,
        other => unreachable!("{other:?}"),
    };
    let plain = [CATALOG, TREE, PAGE, TEXT];
    assert_eq!(
        refused(
            Limits {
                file_bytes: 10,
                ..Limits::default()
            },
            &plain
        ),
        "bytes"
    );
    assert_eq!(
        refused(
            Limits {
                objects: 3,
                ..Limits::default()
            },
            &plain
        ),
        "objects"
    );
    assert_eq!(
        refused(
            Limits {
                fields: 0,
                ..Limits::default()
            },
            &plain
        ),
        "fields"
    );
    assert_eq!(
        refused(
            Limits {
                pages: 0,
                ..Limits::default()
            },
            &plain
        ),
        "pages"
    );
    let deep = format!("{}{}", "[".repeat(80), "]".repeat(80));
    assert_eq!(
        refused(Limits::default(), &[CATALOG, TREE, PAGE, TEXT, &deep]),
        "levels of nesting"
    );
    let very_deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let _ = open(&file(&[CATALOG, TREE, PAGE, TEXT, &very_deep]));
    let chain: Vec<String> = (2..100)
        .map(|number| format!("<</Type/Pages/Kids[{} 0 R]>>", number + 1))
        .collect();
    let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>"];
    objects.extend(chain.iter().map(String::as_str));
    objects.push(PAGE);
    assert_eq!(refused(Limits::default(), &objects), "levels in the page tree");
    let chain: Vec<String> = (4..100)
        .map(|number| format!("<</T(a)/Kids[{} 0 R]>>", number + 1))
        .collect();
    let mut objects = vec![CATALOG, TREE, PAGE];
    objects.extend(chain.iter().map(String::as_str));
    objects.push(TEXT);
    assert_eq!(refused(Limits::default(), &objects), "levels of fields");
}

#[test]
fn a_bomb_does_not_unpack() {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..64 {
        encoder.write_all(&zeros).unwrap();
    }
    let packed = encoder.finish().unwrap();
    for name in ["/ObjStm", "/#4fbjStm"] {
        let mut out = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n".to_vec();
        let at = out.len();
        write!(
            out,
            "5 0 obj\n<</Type{name}/N 1/First 5/Filter/FlateDecode/Length {}>>\nstream\n",
            packed.len()
        )
        .unwrap();
        out.extend_from_slice(&packed);
        let xref = out.len() + 19;
        write!(out, "\nendstream\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n5 1\n{at:010} 00000 n \n").unwrap();
        write!(out, "trailer\n<</Root 1 0 R/Size 6>>\nstartxref\n{xref}\n%%EOF\n").unwrap();
        let error = open(&out).unwrap_err();
        assert!(
            matches!(
                error,
                PdfError::TooMuch {
                    what: "unpacked bytes",
                    ..
                }
            ),
            "{name}: {error}"
        );
    }
}

#[test]
fn encrypted_and_foreign_files_say_so() {
    assert!(matches!(open(b"GIF89a"), Err(PdfError::Damaged(_))));
    assert!(matches!(open(b""), Err(PdfError::Damaged(_))));
    let locked = |password: &str| {
        let mut document = lopdf::Document::load_mem(&file(&[CATALOG, TREE, PAGE, TEXT])).unwrap();
        document.trailer.set(
            "ID",
            vec![
                lopdf::Object::string_literal("1"),
                lopdf::Object::string_literal("1"),
            ],
        );
        let version = lopdf::EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password: password,
            key_length: 128,
            permissions: lopdf::Permissions::all(),
        };
        let state = lopdf::EncryptionState::try_from(version).unwrap();
        document.encrypt(&state).unwrap();
        let mut out = Vec::new();
        document.save_to(&mut out).unwrap();
        out
    };
    assert_eq!(open(&locked("secret")).unwrap_err(), PdfError::Encrypted);
    assert_eq!(
        open(&locked("")).unwrap().fields()[0].name,
        "name",
        "the empty password opens it"
    );
}

#[test]
fn thousands_of_mutations_end_in_an_error_or_a_usable_document() {
    let mut writer = Writer::new(Metadata {
        title: "seed",
        language: "en",
    });
    writer.paragraph("Some text.");
    writer.text_field(
        "name",
        Rect {
            x: 72.0,
            y: 600.0,
            width: 90.0,
            height: 14.0,
        },
        FieldOptions::default(),
    );
    writer.checkbox(
        "box",
        Rect {
            x: 72.0,
            y: 500.0,
            width: 12.0,
            height: 12.0,
        },
        "Box",
    );
    let seeds = [
        writer.finish().unwrap().save(),
        file(&[CATALOG, TREE, PAGE, TEXT]),
    ];
    // xorshift: the same mutations in every run.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let tokens: [&[u8]; 8] = [
        b"<<",
        b">>",
        b"[",
        b"0 R",
        b"-1",
        b"99999999999",
        b"stream\n",
        b"/Kids",
    ];
    let mut opened = 0;
    for round in 0..3_000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..=random(6) {
            let at = random(bytes.len());
            match random(5) {
                0 => bytes[at] = random(256) as u8,
                1 => drop(bytes.drain(at..(at + random(30)).min(bytes.len()))),
                2 => drop(bytes.splice(at..at, tokens[random(tokens.len())].iter().copied())),
                3 => bytes.truncate(at.max(20)),
                _ => {
                    let copy = bytes[at..(at + random(40)).min(bytes.len())].to_vec();
                    let to = random(bytes.len());
                    bytes.splice(to..to, copy);
                }
            }
        }
        if let Ok(document) = open(&bytes) {
            opened += 1;
            use_it(document);
        }
    }
    assert!(
        opened > 300,
        "only {opened} mutations still opened: they no longer test what happens then"
    );
}
