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

/// A ZIP that is being written. PDFs are packed already, so files are stored as they are; no date is written, so equal files give
/// an equal ZIP. A name that is taken gets a number.
pub struct Archive {
    writer: ZipWriter<Cursor<Vec<u8>>>,
    taken: HashSet<String>,
}

impl Default for Archive {
    fn default() -> Self {
        Self {
            writer: ZipWriter::new(Cursor::new(Vec::new())),
            taken: HashSet::new(),
        }
    }
}

impl Archive {
    /// Adds a file.
    ///
    /// # Errors
    /// `Internal`, past what a ZIP can hold.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let name = free_name(name, &mut self.taken);
        self.writer.start_file(name, options).map_err(Error::internal)?;
        self.writer.write_all(bytes).map_err(Error::internal)
    }

    /// Adds the files of another ZIP of ours.
    ///
    /// # Errors
    /// `Internal` for what is no ZIP.
    pub fn add_all_of(&mut self, zip: &[u8]) -> Result<()> {
        let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(Error::internal)?;
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).map_err(Error::internal)?;
            let name = file.name().map_err(Error::internal)?.into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(Error::internal)?;
            self.add(&name, &bytes)?;
        }
        Ok(())
    }

    /// The ZIP.
    ///
    /// # Errors
    /// `Internal`, past what a ZIP can hold.
    pub fn finish(self) -> Result<Vec<u8>> {
        Ok(self.writer.finish().map_err(Error::internal)?.into_inner())
    }
}

/// The files in their order; given by value, each is let go once it is written.
///
/// # Errors
/// As [`Archive`].
pub fn zip<F: Borrow<File>>(files: impl IntoIterator<Item = F>) -> Result<Vec<u8>> {
    let mut archive = Archive::default();
    for file in files {
        let file = file.borrow();
        archive.add(&file.name, &file.bytes)?;
    }
    archive.finish()
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
        let mut joined = Archive::default();
        joined.add_all_of(&zip(&files[..2]).unwrap()).unwrap();
        joined.add_all_of(&zip(&files[1..3]).unwrap()).unwrap();
        assert!(joined.add_all_of(b"no ZIP").is_err());
        let joined = ZipArchive::new(Cursor::new(joined.finish().unwrap())).unwrap();
        assert_eq!(joined.len(), 4);
    }
}
