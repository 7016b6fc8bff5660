//! An upload of JSON lines, cut into chunks while it is unpacked.

use std::io::{BufRead, BufReader, Read as _};

use bytes::{Buf as _, Bytes};
use flate2::bufread::MultiGzDecoder;
use ports::{Error, Kind, Result};

/// Bytes of an upload, unpacked.
pub(crate) const MAX_UNPACKED: usize = 32 << 20;
/// Records of an upload.
const MAX_RECORDS: usize = 20_000;
/// A chunk ends after so many records or bytes, whatever comes first: some 50 ms of a core.
const CHUNK_RECORDS: usize = 1_000;
const CHUNK_BYTES: usize = 2 << 20;

/// Records that are judged together: lines of UTF-8, each ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The number of the first, from 1; blank lines do not count.
    pub(crate) first: usize,
    pub(crate) text: Vec<u8>,
}

/// The chunks of an upload.
pub(crate) struct Chunks {
    source: Box<dyn BufRead + Send>,
    /// Bytes and records read so far.
    bytes: usize,
    records: usize,
    ended: bool,
}

impl Chunks {
    pub(crate) fn new(body: Bytes, zipped: bool) -> Self {
        let source: Box<dyn BufRead + Send> = if zipped {
            Box::new(BufReader::with_capacity(
                64 << 10,
                MultiGzDecoder::new(body.reader()),
            ))
        } else {
            Box::new(body.reader())
        };
        Self {
            source,
            bytes: 0,
            records: 0,
            ended: false,
        }
    }

    /// Records of all chunks so far.
    pub(crate) fn records(&self) -> usize {
        self.records
    }

    /// The next chunk; `None` behind the last.
    ///
    /// # Errors
    /// `Invalid` for what is no gzip or no UTF-8, for too many records, and where there is none; `TooLarge` past
    /// [`MAX_UNPACKED`].
    pub(crate) fn next(&mut self) -> Result<Option<Chunk>> {
        let first = self.records + 1;
        let mut text = Vec::new();
        while !self.ended && text.len() < CHUNK_BYTES && self.records + 1 - first < CHUNK_RECORDS {
            let start = text.len();
            self.line(&mut text)?;
            let line = std::str::from_utf8(&text[start..])
                .map_err(|_| Error::field("body", "not_utf8", "The body must be UTF-8."))?;
            if line.trim().is_empty() {
                text.truncate(start);
                continue;
            }
            self.records += 1;
            if self.records > MAX_RECORDS {
                return Err(bad_count());
            }
            if text.last() != Some(&b'\n') {
                text.push(b'\n');
            }
        }
        if self.ended && self.records == 0 {
            return Err(bad_count());
        }
        Ok((!text.is_empty()).then_some(Chunk { first, text }))
    }

    fn line(&mut self, text: &mut Vec<u8>) -> Result<()> {
        let left = MAX_UNPACKED - self.bytes;
        let read = (&mut self.source)
            .take(left as u64 + 1)
            .read_until(b'\n', text)
            .map_err(|_| Error::field("body", "malformed_gzip", "The body is not gzip."))?;
        if read > left {
            let text = format!("Unpacked, the body may have at most {MAX_UNPACKED} bytes.");
            return Err(Error::new(Kind::TooLarge, "too_large", text));
        }
        self.bytes += read;
        self.ended = read == 0;
        Ok(())
    }
}

fn bad_count() -> Error {
    let text = format!("Send 1 to {MAX_RECORDS} records, one a line.");
    Error::field("body", "records", text)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn all(body: &[u8], zipped: bool) -> Result<(Vec<Chunk>, usize)> {
        let mut chunks = Chunks::new(Bytes::copy_from_slice(body), zipped);
        let mut found = Vec::new();
        while let Some(chunk) = chunks.next()? {
            found.push(chunk);
        }
        Ok((found, chunks.records()))
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn code(body: &[u8], zipped: bool) -> String {
        let error = all(body, zipped).unwrap_err();
        error
            .fields()
            .first()
            .map_or(error.code(), |field| &field.code)
            .to_owned()
    }

    #[test]
    fn chunks_are_bounded_and_numbered_and_lose_no_record() {
        let text: String = (1..=2 * CHUNK_RECORDS + 1)
            .map(|number| format!("{number}\r\n\n  \n"))
            .collect();
        for (body, zipped) in [(text.as_bytes().to_vec(), false), (gzip(text.as_bytes()), true)] {
            let (chunks, records) = all(&body, zipped).unwrap();
            assert_eq!(records, 2 * CHUNK_RECORDS + 1);
            let firsts: Vec<usize> = chunks.iter().map(|chunk| chunk.first).collect();
            assert_eq!(firsts, [1, CHUNK_RECORDS + 1, 2 * CHUNK_RECORDS + 1]);
            for chunk in chunks {
                let text = String::from_utf8(chunk.text).unwrap();
                for (index, line) in text.lines().enumerate() {
                    assert_eq!(line, (chunk.first + index).to_string());
                }
            }
        }
        let long = "x".repeat(CHUNK_BYTES);
        let (chunks, _) = all(format!("{long}\n{long}\n1").as_bytes(), false).unwrap();
        let firsts: Vec<usize> = chunks.iter().map(|chunk| chunk.first).collect();
        assert_eq!(firsts, [1, 2, 3]);
        assert_eq!(chunks[2].text, b"1\n");
    }

    #[test]
    fn what_is_too_much_or_no_text_is_refused() {
        assert_eq!(
            all("{}\n".repeat(MAX_RECORDS).as_bytes(), false).unwrap().1,
            MAX_RECORDS
        );
        assert_eq!(code("{}\n".repeat(MAX_RECORDS + 1).as_bytes(), false), "records");
        assert_eq!(code(b"\n \n", false), "records");
        assert_eq!(code(b"", false), "records");
        assert_eq!(code(b"{}\n\xff\n", false), "not_utf8");
        assert_eq!(code(b"{}", true), "malformed_gzip");
        let zipped = gzip(b"{}\n{}\n");
        assert_eq!(code(&zipped[..zipped.len() - 9], true), "malformed_gzip");
        assert_eq!(code(&gzip(&vec![b'x'; MAX_UNPACKED + 1]), true), "too_large");
        let whole = [vec![b'x'; MAX_UNPACKED - 1], b"\n".to_vec()].concat();
        assert_eq!(all(&gzip(&whole), true).unwrap().1, 1);
    }
}
