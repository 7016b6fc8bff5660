//! JSON lines in batches of bounded size.

use std::io::{BufRead, Read};

use domain::expungement::batch::{Entry, Problem};

/// Bytes of one line: the largest records, of 300 cases, have about two million.
const MAX_LINE: usize = 16 << 20;
/// A batch ends after so many records or bytes, whatever comes first.
const BATCH_RECORDS: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

/// What one record was read from.
#[derive(Debug)]
pub(crate) enum Item {
    /// A line of JSON, not read yet: the threads do that.
    Line { number: u64, text: Vec<u8> },
    /// Read already, or not readable; with its name.
    Entry(String, Result<Box<Entry>, Problem>),
}

/// The lines of a source; blank ones are passed over. Lines of a corpus that are no records (`"kind"` other than `"record"`)
/// are, too.
pub(crate) fn batches(source: impl BufRead) -> impl Iterator<Item = Result<Vec<Item>, String>> {
    let mut reader = LineReader { source, number: 0 };
    let mut failed = false;
    std::iter::from_fn(move || {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while !failed && batch.len() < BATCH_RECORDS && bytes < BATCH_BYTES {
            match reader.next() {
                Ok(Some(item)) => {
                    if let Item::Line { text, .. } = &item {
                        bytes += text.len();
                    }
                    batch.push(item);
                }
                Ok(None) => break,
                Err(error) => {
                    failed = true;
                    return Some(Err(error));
                }
            }
        }
        (!batch.is_empty()).then_some(Ok(batch))
    })
}

struct LineReader<R> {
    source: R,
    number: u64,
}

impl<R: BufRead> LineReader<R> {
    fn next(&mut self) -> Result<Option<Item>, String> {
        loop {
            let mut text = Vec::new();
            let limit = MAX_LINE as u64 + 1;
            let mut limited = (&mut self.source).take(limit);
            let read = limited
                .read_until(b'\n', &mut text)
                .map_err(|error| error.to_string())?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if text.len() > MAX_LINE && text.last() != Some(&b'\n') {
                self.skip_line()?;
                let problem = Problem("the line is too long".into());
                return Ok(Some(Item::Entry(format!("line {}", self.number), Err(problem))));
            }
            let line = text.trim_ascii();
            if line.is_empty() || is_other_kind(line) {
                continue;
            }
            return Ok(Some(Item::Line {
                number: self.number,
                text,
            }));
        }
    }

    fn skip_line(&mut self) -> Result<(), String> {
        loop {
            let buffer = self.source.fill_buf().map_err(|error| error.to_string())?;
            let (length, end) = match buffer.iter().position(|&byte| byte == b'\n') {
                Some(place) => (place + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.source.consume(length);
            if end {
                return Ok(());
            }
        }
    }
}

/// Whether a line says that it is something else than a record.
fn is_other_kind(line: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&line[..line.len().min(40)]).replace(' ', "");
    start.starts_with(r#"{"kind":"#) && !start.starts_with(r#"{"kind":"record""#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_counted() {
        let mut text = b"{\"a\":1}\n\n{\"kind\": \"meta\"}\n".to_vec();
        text.resize(text.len() + MAX_LINE + 10, b'x');
        text.extend_from_slice(b"\n{\"b\":2}");
        let items: Vec<Item> = batches(text.as_slice()).flat_map(Result::unwrap).collect();
        assert_eq!(items.len(), 3);
        assert!(matches!(&items[0], Item::Line { number: 1, .. }));
        assert!(matches!(&items[1], Item::Entry(name, Err(_)) if name == "line 4"));
        assert!(matches!(&items[2], Item::Line { number: 5, text } if text == b"{\"b\":2}"));
    }

    #[test]
    fn a_batch_is_bounded() {
        let text = "{}\n".repeat(BATCH_RECORDS * 2 + 1);
        let sizes: Vec<usize> = batches(text.as_bytes())
            .map(|batch| batch.unwrap().len())
            .collect();
        assert_eq!(sizes, [BATCH_RECORDS, BATCH_RECORDS, 1]);
    }
}
