//! Writing files: whole and compact, or as an addition to bytes that are already there. Neither writes a date or a random
//! number, so equal documents give equal bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Object, ObjectId, StringFormat};

use crate::document::{Base, Document, Objects};

/// Objects per object stream.
const GROUP: usize = 200;
/// Streams shorter than this are not worth packing.
const SMALL: usize = 120;

impl Document {
    /// The whole file: only what is reachable, streams packed, small objects in object streams (PDF 1.7).
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let mut merged = Objects::new();
        for id in self.reachable() {
            if let Some(object) = self.object(id) {
                merged.insert(id, object.clone());
            }
        }
        write_file(&mut merged, self.next_number, self.root, self.info).0
    }

    /// Serialises the document once, so that [`Document::save_fast`] of it and of its clones only has to append.
    /// Meant for a form that stays in memory and is filled many times.
    pub fn prepare(&mut self) {
        let mut objects = Objects::new();
        for id in self.reachable() {
            if let Some(object) = self.object(id) {
                objects.insert(id, object.clone());
            }
        }
        let (bytes, xref_at, next_number) = write_file(&mut objects, self.next_number, self.root, self.info);
        self.next_number = next_number;
        self.base = Arc::new(Base {
            objects,
            file: Some((bytes, xref_at)),
        });
        self.changed.clear();
    }

    /// The file as the prepared bytes followed by what changed since. Faster than [`Document::save`], a little larger, and
    /// what was taken out since [`Document::prepare`] stays in the file, unreachable. Same as `save` if not prepared.
    #[must_use]
    pub fn save_fast(&self) -> Vec<u8> {
        let Some((bytes, xref_at)) = &self.base.file else {
            return self.save();
        };
        if self.changed.is_empty() {
            return bytes.clone();
        }
        let mut out = Vec::with_capacity(bytes.len() + self.changed.len() * 400 + 1024);
        out.extend_from_slice(bytes);
        let mut entries = BTreeMap::new();
        for (id, object) in &self.changed {
            entries.insert(id.0, Entry::At(out.len(), id.1));
            write_indirect(&mut out, *id, object);
        }
        let mut trailer = trailer(self.root, self.info);
        trailer.set("Prev", *xref_at as i64);
        write_xref(&mut out, &mut entries, self.next_number, trailer);
        out
    }

    /// Every object that can be reached from the catalog and the document information.
    pub(crate) fn reachable(&self) -> BTreeSet<ObjectId> {
        let mut seen = BTreeSet::new();
        let mut stack: Vec<ObjectId> = std::iter::once(self.root).chain(self.info).collect();
        while let Some(id) = stack.pop() {
            if !self.object(id).is_some_and(|_| seen.insert(id)) {
                continue;
            }
            if let Some(object) = self.object(id) {
                references(object, &mut |found| stack.push(found));
            }
        }
        seen
    }
}

/// Calls `found` for each reference inside an object. Objects nest no deeper than [`Limits::depth`](crate::Limits).
pub(crate) fn references(object: &Object, found: &mut impl FnMut(ObjectId)) {
    match object {
        Object::Reference(id) => found(*id),
        Object::Array(items) => items.iter().for_each(|item| references(item, found)),
        Object::Dictionary(dict) => dict.iter().for_each(|(_, item)| references(item, found)),
        Object::Stream(stream) => stream.dict.iter().for_each(|(_, item)| references(item, found)),
        _ => {}
    }
}

enum Entry {
    At(usize, u16),
    Within(u32, usize),
}

fn trailer(root: ObjectId, info: Option<ObjectId>) -> Dictionary {
    let mut trailer = Dictionary::new();
    trailer.set("Root", root);
    if let Some(info) = info {
        trailer.set("Info", info);
    }
    trailer
}

/// The file, where its cross-reference stream begins, and the next free object number.
fn write_file(
    objects: &mut Objects,
    next_number: u32,
    root: ObjectId,
    info: Option<ObjectId>,
) -> (Vec<u8>, usize, u32) {
    let mut next_number = next_number;
    let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut entries = BTreeMap::new();
    let mut small: Vec<(ObjectId, &Object)> = Vec::new();
    for object in objects.values_mut() {
        if let Object::Stream(stream) = object {
            pack(&mut stream.dict, &mut stream.content);
        }
    }
    for (&id, object) in objects.iter() {
        if id.1 == 0 && !matches!(object, Object::Stream(_)) {
            small.push((id, object));
        } else {
            entries.insert(id.0, Entry::At(out.len(), id.1));
            write_indirect(&mut out, id, object);
        }
    }
    for group in small.chunks(GROUP) {
        let container = next_number;
        next_number += 1;
        let mut index = Vec::new();
        let mut bodies = Vec::new();
        for (position, (id, object)) in group.iter().enumerate() {
            let _ = write!(index, "{} {} ", id.0, bodies.len());
            write_object(&mut bodies, object);
            bodies.push(b'\n');
            entries.insert(id.0, Entry::Within(container, position));
        }
        let mut dict = Dictionary::new();
        dict.set("Type", "ObjStm");
        dict.set("N", group.len() as i64);
        dict.set("First", index.len() as i64);
        index.extend_from_slice(&bodies);
        pack(&mut dict, &mut index);
        entries.insert(container, Entry::At(out.len(), 0));
        write_stream(&mut out, (container, 0), &dict, &index);
    }
    let (xref_at, next_number) = write_xref(&mut out, &mut entries, next_number, trailer(root, info));
    (out, xref_at, next_number)
}

/// Appends a cross-reference stream (ISO 32000-1, 7.5.8) and the end of the file.
fn write_xref(
    out: &mut Vec<u8>,
    entries: &mut BTreeMap<u32, Entry>,
    number: u32,
    mut dict: Dictionary,
) -> (usize, u32) {
    let at = out.len();
    let whole = !dict.has(b"Prev");
    entries.insert(number, Entry::At(at, 0));
    let mut rows = Vec::with_capacity(entries.len() * 7 + 7);
    let mut ranges: Vec<(u32, i64)> = Vec::new();
    if whole {
        rows.extend_from_slice(&[0, 0, 0, 0, 0, 0xFF, 0xFF]);
        ranges.push((0, 1));
    }
    for (&number, entry) in entries.iter() {
        match ranges.last_mut() {
            Some((first, count)) if i64::from(*first) + *count == i64::from(number) => *count += 1,
            _ => ranges.push((number, 1)),
        }
        match *entry {
            Entry::At(offset, generation) => {
                rows.push(1);
                rows.extend_from_slice(&(offset as u32).to_be_bytes());
                rows.extend_from_slice(&generation.to_be_bytes());
            }
            Entry::Within(container, position) => {
                rows.push(2);
                rows.extend_from_slice(&container.to_be_bytes());
                rows.extend_from_slice(&(position as u16).to_be_bytes());
            }
        }
    }
    dict.set("Type", "XRef");
    dict.set("Size", i64::from(number) + 1);
    dict.set(
        "W",
        vec![Object::Integer(1), Object::Integer(4), Object::Integer(2)],
    );
    dict.set(
        "Index",
        ranges
            .into_iter()
            .flat_map(|(first, count)| [Object::Integer(first.into()), Object::Integer(count)])
            .collect::<Vec<_>>(),
    );
    if whole {
        pack(&mut dict, &mut rows);
    }
    write_stream(out, (number, 0), &dict, &rows);
    let _ = writeln!(out, "startxref\n{at}\n%%EOF");
    (at, number + 1)
}

/// Compresses a stream that no filter has packed yet, if that makes it smaller.
pub(crate) fn pack(dict: &mut Dictionary, content: &mut Vec<u8>) {
    if content.len() < SMALL || dict.has(b"Filter") {
        return;
    }
    let packed = deflate(content);
    if packed.len() < content.len() {
        dict.set("Filter", "FlateDecode");
        dict.remove(b"DecodeParms");
        *content = packed;
    }
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
    // Writing into memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn write_indirect(out: &mut Vec<u8>, id: ObjectId, object: &Object) {
    if let Object::Stream(stream) = object {
        return write_stream(out, id, &stream.dict, &stream.content);
    }
    let _ = writeln!(out, "{} {} obj", id.0, id.1);
    write_object(out, object);
    out.extend_from_slice(b"\nendobj\n");
}

fn write_stream(out: &mut Vec<u8>, id: ObjectId, dict: &Dictionary, content: &[u8]) {
    let _ = write!(out, "{} {} obj\n<<", id.0, id.1);
    for (key, value) in dict.iter().filter(|(key, _)| key.as_slice() != b"Length") {
        write_name(out, key);
        write_value(out, value);
    }
    let _ = writeln!(out, "/Length {}>>\nstream", content.len());
    out.extend_from_slice(content);
    out.extend_from_slice(b"\nendstream\nendobj\n");
}

fn write_object(out: &mut Vec<u8>, object: &Object) {
    match object {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(true) => out.extend_from_slice(b"true"),
        Object::Boolean(false) => out.extend_from_slice(b"false"),
        Object::Integer(value) => drop(write!(out, "{value}")),
        Object::Real(value) if value.is_finite() => drop(write!(out, "{value}")),
        Object::Real(_) => out.push(b'0'),
        Object::Name(name) => write_name(out, name),
        Object::String(bytes, format) => write_string(out, bytes, format),
        Object::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                write_object(out, item);
            }
            out.push(b']');
        }
        Object::Dictionary(dict) => write_dict(out, dict),
        // A stream inside another object is not allowed; its dictionary is all that can be kept.
        Object::Stream(stream) => write_dict(out, &stream.dict),
        Object::Reference(id) => drop(write!(out, "{} {} R", id.0, id.1)),
    }
}

fn write_dict(out: &mut Vec<u8>, dict: &Dictionary) {
    out.extend_from_slice(b"<<");
    for (key, value) in dict {
        write_name(out, key);
        write_value(out, value);
    }
    out.extend_from_slice(b">>");
}

/// A value after a key: numbers, words and references need a space before them.
fn write_value(out: &mut Vec<u8>, value: &Object) {
    if !matches!(
        value,
        Object::Name(_) | Object::String(..) | Object::Array(_) | Object::Dictionary(_)
    ) {
        out.push(b' ');
    }
    write_object(out, value);
}

fn write_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for &byte in name {
        if byte.is_ascii_graphic() && !b"()<>[]{}/%#".contains(&byte) {
            out.push(byte);
        } else {
            let _ = write!(out, "#{byte:02X}");
        }
    }
}

pub(crate) fn write_string(out: &mut Vec<u8>, bytes: &[u8], format: &StringFormat) {
    if *format == StringFormat::Hexadecimal {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        out.push(b'<');
        for &byte in bytes {
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        }
        out.push(b'>');
        return;
    }
    out.push(b'(');
    for &byte in bytes {
        match byte {
            b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
    out.push(b')');
}
