//! What was found for one session: compressed, sealed, and gone with the session. Small things lie in the key-value store, which
//! forgets by itself; large ones in a private file that the store points to.

use std::io::{Read, Write};

use app::Context;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use bytes::Bytes;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use jiff::Timestamp;
use ports::{Area, Entry, Error, FileKey, PutFile, Result};
use serde_json::{Value, json};

use super::seal::Key;

/// Sealed bytes that still fit an entry of the key-value store (300 KiB) as base64.
const INLINE: usize = 200 * 1024;
/// Bytes of one thing, before compression and after.
const LARGEST: usize = 24 << 20;

/// The sealed things of one session.
pub(crate) struct Vault<'c> {
    pub(crate) cx: &'c Context,
    pub(crate) key: Key,
    /// The session's public name.
    pub(crate) session: String,
    /// When the session ends.
    pub(crate) ends: Timestamp,
}

impl Vault<'_> {
    fn place(&self, name: &str) -> String {
        format!("court-found#{}#{name}", self.session)
    }

    /// Keeps `bytes` under `name` (letters, digits and `-`).
    ///
    /// # Errors
    /// `TooLarge`; what the stores answer.
    pub(crate) async fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if bytes.len() > LARGEST {
            return Err(Error::new(
                ports::Kind::TooLarge,
                "too_large",
                "The record is too large.",
            ));
        }
        let place = self.place(name);
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflate.write_all(bytes).map_err(Error::internal)?;
        let packed = deflate.finish().map_err(Error::internal)?;
        let sealed = self.key.seal(self.cx.random(), &place, &packed)?;
        let value = if sealed.len() <= INLINE {
            json!({ "sealed": STANDARD_NO_PAD.encode(&sealed) })
        } else {
            let file = format!("expungement/court/{}/{name}", self.session);
            let meta = PutFile {
                content_type: "application/octet-stream".to_owned(),
                download_name: None,
            };
            self.cx
                .files()
                .put(Area::Private, &FileKey::new(&*file)?, Bytes::from(sealed), meta)
                .await?;
            json!({ "file": file })
        };
        let entry = Entry {
            value,
            expires: self.ends,
        };
        self.cx.key_value().put(&place, entry).await
    }

    /// `None` where there is nothing, or what is there was not sealed by this session.
    ///
    /// # Errors
    /// What the stores answer.
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let place = self.place(name);
        let Some(entry) = self.cx.key_value().get(&place).await? else {
            return Ok(None);
        };
        let sealed = match (&entry.value["sealed"], &entry.value["file"]) {
            (Value::String(sealed), _) => STANDARD_NO_PAD.decode(sealed).map_err(Error::internal)?,
            (_, Value::String(file)) => {
                let key = FileKey::new(&**file)?;
                match self.cx.files().get(Area::Private, &key, LARGEST).await? {
                    Some(stored) => stored.bytes.to_vec(),
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        let Some(packed) = self.key.open(&place, &sealed) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
        DeflateDecoder::new(packed.as_slice())
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(Error::internal)?;
        Ok(Some(bytes))
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<()> {
        let place = self.place(name);
        let entry = self.cx.key_value().get(&place).await?;
        if let Some(file) = entry.and_then(|entry| entry.value["file"].as_str().map(str::to_owned)) {
            self.cx
                .files()
                .delete(Area::Private, &FileKey::new(file)?)
                .await?;
        }
        self.cx.key_value().delete(&place).await
    }
}
