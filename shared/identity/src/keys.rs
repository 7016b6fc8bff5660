//! What is made with the secret `account-key`: signatures of links, digests of short codes, encryption of what must be read again.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use ports::{Error, Random, Result, Secret};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What a signature or digest is for: one made for one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    PasswordReset,
    EmailChange,
    Invitation,
    RecoveryCode,
    /// Who is counted by a limit: key-value keys hold no personal data.
    LimitSubject,
    /// What binds a sign-in at a provider to the browser that began it: `nonce` and PKCE verifier.
    OpenIdNonce,
    OpenIdVerifier,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::PasswordReset => "password reset",
            Self::EmailChange => "e-mail change",
            Self::Invitation => "invitation",
            Self::RecoveryCode => "recovery code",
            Self::LimitSubject => "limit subject",
            Self::OpenIdNonce => "openid nonce",
            Self::OpenIdVerifier => "openid verifier",
        }
    }
}

/// The secret `account-key`, at least 256 bits.
#[derive(Debug)]
pub struct Keys(Secret);

/// The layout of a sealed value; another first byte is another layout.
const SEAL_VERSION: u8 = 1;

impl Keys {
    /// The name of the secret.
    pub const SECRET: &'static str = "account-key";

    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// HMAC-SHA256 over the purpose and the parts, each with its length, so that no two lists of parts look alike.
    ///
    /// # Errors
    /// None in practice: HMAC takes keys of any length.
    pub fn digest(&self, purpose: Purpose, parts: &[&[u8]]) -> Result<Vec<u8>> {
        self.mac(purpose.label(), parts)
    }

    /// [`Keys::digest`] as a word for a link, 43 characters of base64url.
    ///
    /// # Errors
    /// As [`Keys::digest`].
    pub fn sign(&self, purpose: Purpose, parts: &[&[u8]]) -> Result<String> {
        Ok(BASE64URL_NOPAD.encode(&self.digest(purpose, parts)?))
    }

    /// Is this the signature of these parts? In constant time.
    ///
    /// # Errors
    /// As [`Keys::digest`].
    pub fn is_signed(&self, purpose: Purpose, parts: &[&[u8]], signature: &str) -> Result<bool> {
        let expected = self.sign(purpose, parts)?;
        Ok(expected.as_bytes().ct_eq(signature.as_bytes()).into())
    }

    /// Encrypts with AES-256-GCM. `place` names where the value lies (table, column, row): it opens nowhere else.
    ///
    /// # Errors
    /// None in practice.
    pub fn seal(&self, random: &dyn Random, place: &str, value: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut sealed = value.to_vec();
        self.sealing_key()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Error::internal("a value could not be encrypted"))?;
        Ok([&[SEAL_VERSION], nonce.as_slice(), &sealed].concat())
    }

    /// Reads what [`Keys::seal`] made for this place.
    ///
    /// # Errors
    /// `Internal` where it was changed, moved, or made with another key.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let broken =
            || Error::internal("an encrypted value does not open: wrong key, wrong place or changed");
        let (&version, rest) = sealed.split_first().ok_or_else(broken)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        if version != SEAL_VERSION {
            return Err(broken());
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut text = text.to_vec();
        let plain = self
            .sealing_key()?
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut text)
            .map_err(|_| broken())?;
        Ok(plain.to_vec())
    }

    fn sealing_key(&self) -> Result<LessSafeKey> {
        let key = self.mac("encryption", &[])?;
        let key = UnboundKey::new(&AES_256_GCM, &key)
            .map_err(|_| Error::internal("the encryption key has another length"))?;
        Ok(LessSafeKey::new(key))
    }

    fn mac(&self, label: &str, parts: &[&[u8]]) -> Result<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes()).map_err(Error::internal)?;
        for part in [label.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;

    fn keys() -> Keys {
        Keys::new(Secret::new("a secret of a test, long enough"))
    }

    #[test]
    fn a_signature_is_for_one_purpose_and_one_list_of_parts() {
        let keys = keys();
        let signed = keys.sign(Purpose::Invitation, &[b"ab", b"c"]).unwrap();
        let is = |purpose, parts: &[&[u8]]| keys.is_signed(purpose, parts, &signed).unwrap();
        assert!(is(Purpose::Invitation, &[b"ab", b"c"]));
        assert!(!is(Purpose::PasswordReset, &[b"ab", b"c"]));
        assert!(!is(Purpose::Invitation, &[b"a", b"bc"]));
        assert!(!is(Purpose::Invitation, &[b"abc"]));
        assert!(!keys.is_signed(Purpose::Invitation, &[b"ab", b"c"], "").unwrap());
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let keys = keys();
        let sealed = keys.seal(&SystemRandom, "table.column.1", b"secret").unwrap();
        assert_eq!(keys.open("table.column.1", &sealed).unwrap(), b"secret");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert!(keys.open("table.column.2", &sealed).is_err());
        let other = Keys::new(Secret::new("another secret"));
        assert!(other.open("table.column.1", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys.open("table.column.1", &changed).is_err(), "byte {at}");
            assert!(keys.open("table.column.1", &sealed[..at]).is_err(), "{at} bytes");
        }
    }
}
