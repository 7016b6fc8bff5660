//! The form of API keys: `cw_live_<id><secret><checksum>`.
//!
//! The prefix lets secret scanners find a key that was published, the checksum lets them and us tell a key from a look-alike
//! without a database. The id is in the key, so one word is enough for `Authorization: Bearer`; HTTP Basic takes the id as
//! user and the whole key (or, for keys made before this form, the bare secret) as password.

use ports::Random;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Works on real data.
    Live,
    /// For trying things out: it reads, and changes nothing.
    Test,
}

impl KeyKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Live, Self::Test]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Live => "cw_live_",
            Self::Test => "cw_test_",
        }
    }
}

const ID: usize = 22;
const SECRET: usize = 43;
const CHECKSUM: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new key of this id: 256 random bits. It is shown once; [`hash`] of it is stored.
pub fn generate(random: &dyn Random, kind: KeyKind, id: Uuid) -> String {
    let mut secret = [0; 32];
    random.fill(&mut secret);
    let body = format!(
        "{}{}{}",
        kind.prefix(),
        base62(id.as_bytes(), ID),
        base62(&secret, SECRET)
    );
    let sum = checksum(&body);
    body + &sum
}

/// The id and kind of a key of this form whose checksum fits.
#[must_use]
pub fn parse(key: &str) -> Option<(Uuid, KeyKind)> {
    let kind = [KeyKind::Live, KeyKind::Test]
        .into_iter()
        .find(|kind| key.starts_with(kind.prefix()))?;
    if !key.is_ascii() || key.len() != kind.prefix().len() + ID + SECRET + CHECKSUM {
        return None;
    }
    let (body, sum) = key.split_at(key.len() - CHECKSUM);
    if checksum(body) != sum {
        return None;
    }
    let digits = &body[kind.prefix().len()..][..ID];
    let number = digits.bytes().try_fold(0_u128, |number, byte| {
        let digit = DIGITS.iter().position(|known| *known == byte)?;
        number.checked_mul(62)?.checked_add(digit as u128)
    })?;
    Some((Uuid::from_u128(number), kind))
}

/// What is stored of a key, or of an old key's secret: SHA-256. 256 random bits need no slow hash.
#[must_use]
pub fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key).to_vec()
}

/// Is this the key whose hash is stored? In constant time; where none is stored it costs as much, and is not.
#[must_use]
pub fn is_same(key: &str, stored: Option<&[u8]>) -> bool {
    let is_equal = hash(key).ct_eq(stored.unwrap_or(&[0; 32]));
    bool::from(is_equal) && stored.is_some()
}

/// The first characters, by which people know a key again in a list.
#[must_use]
pub fn hint(key: &str) -> String {
    key.chars().take(12).collect()
}

fn checksum(body: &str) -> String {
    base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECKSUM)
}

/// A number of many bytes in base 62, most significant digit first, filled up with zeros.
fn base62(bytes: &[u8], length: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = vec![DIGITS[0]; length];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u16;
        for byte in &mut number {
            let value = rest * 256 + u16::from(*byte);
            *byte = (value / 62) as u8;
            rest = value % 62;
        }
        *digit = DIGITS[usize::from(rest)];
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_key_is_read_back(id: u128, test: bool) {
            let kind = if test { KeyKind::Test } else { KeyKind::Live };
            let id = Uuid::from_u128(id);
            let key = generate(&SystemRandom, kind, id);
            prop_assert_eq!(parse(&key), Some((id, kind)));
            prop_assert!(is_same(&key, Some(&hash(&key))));
            prop_assert!(!is_same(&key, None));
        }

        #[test]
        fn one_wrong_character_is_seen(at in 0_usize..79, by in 1_u8..62) {
            let key = generate(&SystemRandom, KeyKind::Live, Uuid::from_u128(7));
            let mut changed = key.clone().into_bytes();
            let digit = DIGITS.iter().position(|known| *known == changed[at]).unwrap_or(0);
            changed[at] = DIGITS[(digit + usize::from(by)) % 62];
            let changed = String::from_utf8(changed).unwrap();
            prop_assume!(changed != key);
            prop_assert_eq!(parse(&changed), None);
        }

        #[test]
        fn anything_may_be_sent(text in "\\PC*") {
            prop_assert_eq!(parse(&text), None);
        }
    }

    #[test]
    fn two_keys_differ() {
        let id = Uuid::from_u128(7);
        let (one, other) = (
            generate(&SystemRandom, KeyKind::Live, id),
            generate(&SystemRandom, KeyKind::Live, id),
        );
        assert_ne!(one, other);
        assert!(!is_same(&one, Some(&hash(&other))));
        assert_eq!(hint(&one), &one[..12]);
        assert_eq!(one.len(), 79);
    }
}
