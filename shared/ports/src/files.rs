//! Files: whole objects under a key, in one of two areas, read through signed links that expire.

use std::time::Duration;

use bytes::Bytes;

use crate::{BoxFuture, Error, Result};

/// Which bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Area {
    /// Personal documents: readable only through signed links.
    Private,
    /// Published for everyone.
    Public,
}

/// A checked object key: 1–512 bytes of letters, digits and `-_./`, no empty, `.` or `..` segment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey(String);

impl FileKey {
    /// # Errors
    /// `Internal`: keys are made by us, never taken from a request.
    pub fn new(key: impl Into<String>) -> Result<Self> {
        let key = key.into();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        let good = (1..=512).contains(&key.len())
            && key.chars().all(allowed)
            && key.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
        if good {
            Ok(Self(key))
        } else {
            Err(Error::internal("a file key that is not allowed"))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is stored beside the bytes.
#[derive(Debug, Clone, Default)]
pub struct PutFile {
    pub content_type: String,
    /// Name offered when downloaded; `None` shows the file in the browser.
    pub download_name: Option<String>,
}

/// A file read back.
#[derive(Debug, Clone)]
pub struct StoredFile {
    pub bytes: Bytes,
    pub content_type: String,
}

pub trait Files: Send + Sync {
    /// Writes the whole file, replacing what was there.
    fn put<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        bytes: Bytes,
        meta: PutFile,
    ) -> BoxFuture<'a, Result<()>>;

    /// Reads the whole file; `None` where there is none. A file over `limit` bytes is `TooLarge` and is not read.
    fn get<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        limit: usize,
    ) -> BoxFuture<'a, Result<Option<StoredFile>>>;

    /// Begins a file that is written in parts. Dropped before [`Upload::finish`] it leaves nothing to be seen.
    fn begin<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        meta: PutFile,
    ) -> BoxFuture<'a, Result<Box<dyn Upload>>>;

    /// Removes the file; removing what is not there is fine.
    fn delete<'a>(&'a self, area: Area, key: &'a FileKey) -> BoxFuture<'a, Result<()>>;

    /// A link that answers GET for this file to anyone who holds it, until it expires. `expires` is at most 7 days.
    fn signed_url<'a>(
        &'a self,
        area: Area,
        key: &'a FileKey,
        expires: Duration,
    ) -> BoxFuture<'a, Result<String>>;
}

/// Bytes that every part but the last must have at least (S3's own bound is 5 MiB).
pub const PART: usize = 5 << 20;

/// A file on its way, so that nobody needs to hold all of it. It is there when it is finished, and not before.
pub trait Upload: Send {
    /// The next of at most 10,000 parts: [`PART`] bytes or more, the last also fewer.
    fn part(&mut self, bytes: Bytes) -> BoxFuture<'_, Result<()>>;

    /// All parts are sent: the file replaces what was there. It has one part at least.
    fn finish(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}
