//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app knows them.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use ports::{Error, Random, Result};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use uuid::Uuid;

const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
/// Steps before and after the present one that are taken: clocks differ, and typing takes time (RFC 6238 §5.2).
const WINDOW: i64 = 1;

/// The secret shared with an authenticator app: 160 bits (RFC 4226 §4, R6).
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Vec<u8>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    pub fn new(random: &dyn Random) -> Self {
        let mut bytes = [0; 20];
        random.fill(&mut bytes);
        Self(bytes.to_vec())
    }

    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Reads the base32 of [`TotpSecret::base32`].
    #[must_use]
    pub fn from_base32(text: &str) -> Option<Self> {
        BASE32_NOPAD.decode(text.as_bytes()).ok().map(Self)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As people type it into an app.
    #[must_use]
    pub fn base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The address that an app reads from a QR code. `issuer` and `account` are percent-encoded here.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent_encode(issuer), percent_encode(account));
        let secret = self.base32();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
        )
    }

    /// The code of a moment.
    ///
    /// # Errors
    /// None in practice: HMAC takes keys of any length.
    pub fn code(&self, at: Timestamp) -> Result<String> {
        self.code_of_step(step(at))
    }

    /// The step whose code this is, if it is the present one or a neighbour, and later than the last step that was used: a code
    /// works once (RFC 6238 §5.2). Keep the step that is returned. All candidates are compared, in constant time.
    ///
    /// # Errors
    /// As [`TotpSecret::code`].
    pub fn verify(&self, code: &str, at: Timestamp, last_used: Option<i64>) -> Result<Option<i64>> {
        let typed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let now = step(at);
        let mut found = None;
        for candidate in now - WINDOW..=now + WINDOW {
            let is_same = self.code_of_step(candidate)?.as_bytes().ct_eq(typed.as_bytes());
            if bool::from(is_same) && last_used.is_none_or(|used| candidate > used) {
                found = Some(candidate);
            }
        }
        Ok(found)
    }

    fn code_of_step(&self, step: i64) -> Result<String> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).map_err(Error::internal)?;
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        // "Dynamic truncation", RFC 4226 §5.3.
        let offset = usize::from(hash[hash.len() - 1] & 0x0f);
        let number = u32::from_be_bytes([
            hash[offset] & 0x7f,
            hash[offset + 1],
            hash[offset + 2],
            hash[offset + 3],
        ]);
        Ok(format!("{:0DIGITS$}", number % 10_u32.pow(DIGITS as u32)))
    }
}

/// Where an account's secret lies encrypted: what [`crate::Keys::seal`] binds it to.
#[must_use]
pub fn place(account: Uuid) -> String {
    format!("platform.account.totp_secret/{account}")
}

fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP_SECONDS)
}

fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// RFC 6238, appendix B, SHA-1: the last six of the eight digits printed there.
    #[test]
    fn test_vectors_of_the_rfc() {
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(at(seconds)).unwrap(), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_works_in_its_window_once() {
        let secret = TotpSecret::new(&SystemRandom);
        let code = secret.code(at(3_000)).unwrap();
        let verify = |seconds, last| secret.verify(&code, at(seconds), last).unwrap();
        assert_eq!(verify(3_000, None), Some(100));
        assert_eq!(verify(2_999, None), Some(100), "a clock that is behind");
        assert_eq!(verify(3_059, None), Some(100), "slow fingers");
        assert_eq!(verify(3_060, None), None);
        assert_eq!(verify(2_969, None), None);
        assert_eq!(verify(3_000, Some(99)), Some(100));
        assert_eq!(verify(3_000, Some(100)), None, "used before");
        assert_eq!(verify(3_000, Some(101)), None, "an older one than the last used");
    }

    #[test]
    fn codes_are_typed_with_spaces_and_nothing_else() {
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        let verify = |code: &str| secret.verify(code, at(59), None).unwrap().is_some();
        assert!(verify("287 082"));
        assert!(verify(" 287082\n"));
        for wrong in ["", "28708", "2870822", "94287082", "287083", "28708٢"] {
            assert!(!verify(wrong), "{wrong}");
        }
    }

    #[test]
    fn apps_read_the_address() {
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        assert_eq!(
            secret.uri("Common weal", "a+b@c.example"),
            "otpauth://totp/Common%20weal:a%2Bb%40c.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Common%20weal&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(TotpSecret::from_base32(&secret.base32()), Some(secret));
    }
}
