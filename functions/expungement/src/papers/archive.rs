//! One ZIP of several files.

use std::collections::HashSet;
use std::io::{Cursor, Write as _};

use ports::{Error, Result};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A file with the name it has in the ZIP.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The files in their order. PDFs are packed already, so they are stored as they are; no date is written, so equal files give
/// an equal ZIP. A name that is taken gets a number.
///
/// # Errors
/// `Internal`, past what a ZIP can hold.
pub fn zip(files: &[File]) -> Result<Vec<u8>> {
    let room = files
        .iter()
        .map(|file| file.bytes.len() + 2 * file.name.len() + 128)
        .sum();
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(room)));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut taken = HashSet::new();
    for file in files {
        archive
            .start_file(free_name(&file.name, &mut taken), options)
            .map_err(Error::internal)?;
        archive.write_all(&file.bytes).map_err(Error::internal)?;
    }
    Ok(archive.finish().map_err(Error::internal)?.into_inner())
}

fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let (stem, end) = name
        .rsplit_once('.')
        .map_or((name, ""), |(stem, _)| (stem, &name[stem.len()..]));
    let mut free = name.to_owned();
    let mut number = 2;
    // Windows and macOS take names that differ in case for one.
    while !taken.insert(free.to_lowercase()) {
        free = format!("{stem} ({number}){end}");
        number += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_in_order_and_a_taken_one_is_numbered() {
        let file = |name: &str| File {
            name: name.to_owned(),
            bytes: name.as_bytes().to_vec(),
        };
        let files = [file("b.pdf"), file("a.pdf"), file("B.pdf"), file("b.pdf")];
        let bytes = zip(&files).unwrap();
        assert_eq!(bytes, zip(&files).unwrap(), "equal files, equal ZIP");
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> = (0..archive.len())
            .map(|index| archive.by_index(index).unwrap().name().unwrap().into_owned())
            .collect();
        assert_eq!(names, ["b.pdf", "a.pdf", "B (2).pdf", "b (3).pdf"]);
    }
}
