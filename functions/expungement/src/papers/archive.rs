//! One ZIP of several files.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::io::{Cursor, Read as _, Write as _};

use ports::{Error, Result};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A file with the name it has in the ZIP.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The files in their order; given by value, each is let go once it is written. PDFs are packed already, so they are stored as
/// they are; no date is written, so equal files give an equal ZIP. A name that is taken gets a number.
///
/// # Errors
/// `Internal`, past what a ZIP can hold.
pub fn zip<F: Borrow<File>>(files: impl IntoIterator<Item = F>) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut taken = HashSet::new();
    for file in files {
        let file = file.borrow();
        archive
            .start_file(free_name(&file.name, &mut taken), options)
            .map_err(Error::internal)?;
        archive.write_all(&file.bytes).map_err(Error::internal)?;
    }
    Ok(archive.finish().map_err(Error::internal)?.into_inner())
}

/// ZIPs of [`zip`] as one. A name that comes again gets a number.
///
/// # Errors
/// `Internal` for what is no ZIP.
pub fn joined<B: AsRef<[u8]>>(archives: &[B]) -> Result<Vec<u8>> {
    let mut files = Vec::new();
    for bytes in archives {
        let mut archive = ZipArchive::new(Cursor::new(bytes.as_ref())).map_err(Error::internal)?;
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).map_err(Error::internal)?;
            let name = file.name().map_err(Error::internal)?.into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(Error::internal)?;
            files.push(File { name, bytes });
        }
    }
    zip(files)
}

/// The name, with a number where it is taken; notes it as taken.
pub fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
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
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> = (0..archive.len())
            .map(|index| archive.by_index(index).unwrap().name().unwrap().into_owned())
            .collect();
        assert_eq!(names, ["b.pdf", "a.pdf", "B (2).pdf", "b (3).pdf"]);
        let twice = joined(&[zip(&files[..2]).unwrap(), zip(&files[1..3]).unwrap()]).unwrap();
        assert_eq!(ZipArchive::new(Cursor::new(twice)).unwrap().len(), 4);
        assert!(joined(&[b"no ZIP"]).is_err());
    }
}
