//! A secret that a browser holds: 256 random bits. We keep only its digest.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use ports::{Error, Random, Result};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A session's token as its cookie carries it. Shown by nothing but [`Token::expose`].
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What 32 bytes are in base64url.
const LENGTH: usize = 43;

impl Token {
    pub fn new(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(BASE64URL_NOPAD.encode(&bytes))
    }

    /// A token as a client sent it; `None` for what cannot be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let known = text.len() == LENGTH && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok();
        known.then(|| Self(text.to_owned()))
    }

    /// For the cookie.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place: SHA-256 in hex. 256 random bits need no slow hash.
    #[must_use]
    pub fn digest(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(&self.0))
    }

    /// The token that every form of this session carries against cross-site requests. It follows from the session's own token
    /// and does not reveal it, so that nothing more has to be stored.
    ///
    /// # Errors
    /// None in practice: HMAC takes keys of any length.
    pub fn form_token(&self) -> Result<String> {
        Ok(BASE64URL_NOPAD.encode(&self.form_mac()?))
    }

    /// Did the form come from a page of this session? In constant time.
    ///
    /// # Errors
    /// As [`Token::form_token`].
    pub fn admits(&self, form_token: &str) -> Result<bool> {
        let expected = self.form_token()?;
        Ok(expected.as_bytes().ct_eq(form_token.as_bytes()).into())
    }

    fn form_mac(&self) -> Result<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).map_err(Error::internal)?;
        mac.update(b"commonweal form");
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;

    #[test]
    fn a_form_token_belongs_to_its_session_and_reveals_nothing() {
        let (one, other) = (Token::new(&SystemRandom), Token::new(&SystemRandom));
        let form = one.form_token().unwrap();
        assert!(one.admits(&form).unwrap());
        assert!(!other.admits(&form).unwrap());
        assert!(!one.admits("").unwrap());
        assert!(!one.admits(one.expose()).unwrap());
        assert_ne!(form, one.expose());
        assert_eq!(format!("{one:?}"), "Token(…)");
    }

    #[test]
    fn only_what_we_make_is_read() {
        let token = Token::new(&SystemRandom);
        assert_eq!(Token::parse(token.expose()).unwrap().digest(), token.digest());
        for wrong in ["", "x", &"=".repeat(LENGTH), &format!("{}A", token.expose()), "ü"] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }
}
