use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::Invalid;

/// A UUID in 22 characters: the URL-safe base64 of its 16 bytes, without padding (spec 2.11). Short enough for a text message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmallUuid(pub Uuid);

impl SmallUuid {
    /// # Errors
    /// `small_uuid` unless the text is the 22 characters that [`Self::encode`] writes.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut bytes = [0_u8; 16];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(16) if text.len() == 22 => Ok(Self(Uuid::from_bytes(bytes))),
            _ => Err(Invalid::new(
                "small_uuid",
                "Must be the 22 characters of a short identifier.",
            )),
        }
    }

    /// Reads either form: the usual 36 characters or the 22.
    ///
    /// # Errors
    /// `uuid` for anything else.
    pub fn parse_any(text: &str) -> Result<Uuid, Invalid> {
        let canonical = || {
            if text.len() == 36 {
                Uuid::try_parse(text).ok()
            } else {
                None
            }
        };
        Self::parse(text)
            .map(|small| small.0)
            .ok()
            .or_else(canonical)
            .ok_or(Invalid::new(
                "uuid",
                "Must be a UUID, in its 36-character or its 22-character form.",
            ))
    }

    /// The 22 characters.
    #[must_use]
    pub fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_bytes())
    }
}

impl std::fmt::Display for SmallUuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.encode())
    }
}

/// Hidden: the same shape serves as a download token.
impl std::fmt::Debug for SmallUuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SmallUuid(…)")
    }
}

impl serde::Serialize for SmallUuid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for SmallUuid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::newtype::deserialize_text(deserializer, Self::parse)
    }
}
