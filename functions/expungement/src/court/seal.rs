//! Sealing: AES-256-GCM (NIST SP 800-38D) under keys derived by HKDF-SHA256 (RFC 5869).

use ports::{Error, Random, Result, Secret};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    hmac,
};

/// 256 bits from which keys for one purpose each are derived.
#[derive(Clone)]
pub(crate) struct Key([u8; 32]);

struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

impl Key {
    /// From our secret and what only the other side knows, for one purpose.
    pub(crate) fn derive(secret: &Secret, material: &[u8], purpose: &str) -> Result<Self> {
        let extracted = Salt::new(HKDF_SHA256, secret.expose().as_bytes()).extract(material);
        let mut key = [0; 32];
        extracted
            .expand(&[purpose.as_bytes()], Bytes32)
            .and_then(|okm| okm.fill(&mut key))
            .map_err(|_| Error::internal("a key could not be derived"))?;
        Ok(Self(key))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let key = bytes
            .try_into()
            .map_err(|_| Error::internal("a key of another length"))?;
        Ok(Self(key))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A name for something secret: the same for the same text, and nobody without the key can guess back.
    pub(crate) fn name(&self, text: &[u8]) -> String {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), text);
        hex(&tag.as_ref()[..16])
    }

    fn cipher(&self) -> Result<LessSafeKey> {
        let key = UnboundKey::new(&AES_256_GCM, &self.0).map_err(|_| Error::internal("a key was refused"))?;
        Ok(LessSafeKey::new(key))
    }

    /// Seals `plain` for the place `place`: opened elsewhere it is refused. Each call takes a random nonce; a key seals a few
    /// thousand messages at most, far from the 2^32 that random nonces allow.
    pub(crate) fn seal(&self, random: &dyn Random, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut body = plain.to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut body,
            )
            .map_err(|_| Error::internal("sealing failed"))?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// `None` where it was sealed with another key, for another place, or changed since.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let mut body = body.to_vec();
        let opened = self.cipher().ok()?.open_in_place(
            Nonce::try_assume_unique_for_key(nonce).ok()?,
            Aad::from(place.as_bytes()),
            &mut body,
        );
        let length = opened.ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;

    #[test]
    fn only_the_same_key_and_place_open() {
        let secret = Secret::new("s".repeat(32));
        let key = Key::derive(&secret, b"token", "credentials").unwrap();
        let sealed = key.seal(&SystemRandom, "here", b"plain").unwrap();
        assert_eq!(key.open("here", &sealed).as_deref(), Some(&b"plain"[..]));
        assert_eq!(key.open("there", &sealed), None);
        let mut changed = sealed.clone();
        if let Some(last) = changed.last_mut() {
            *last ^= 1;
        }
        assert_eq!(key.open("here", &changed), None);
        assert_eq!(key.open("here", &sealed[..10]), None);
        for (secret, material, purpose) in [
            (Secret::new("t".repeat(32)), &b"token"[..], "credentials"),
            (secret.clone(), b"other", "credentials"),
            (secret.clone(), b"token", "results"),
        ] {
            let other = Key::derive(&secret, material, purpose).unwrap();
            assert_eq!(other.open("here", &sealed), None);
        }
        assert_ne!(key.seal(&SystemRandom, "here", b"plain").unwrap(), sealed);
    }
}
