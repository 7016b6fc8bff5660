//! Recovery codes: ten words for the day the phone is lost, each works once ("look-up secrets", NIST SP 800-63B §3.1.2).

use ports::{Random, Result};
use uuid::Uuid;

use crate::{Keys, Purpose};

/// How many are given out at a time.
pub const COUNT: usize = 10;
/// Without letters that are read as digits or as each other (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 60 bits: past guessing where guesses are limited. The digest is keyed, so a stolen table is no list to try offline.
const LENGTH: usize = 12;

/// New codes as they are shown, `xxxx-xxxx-xxxx`.
pub fn generate(random: &dyn Random) -> Vec<String> {
    (0..COUNT)
        .map(|_| {
            let mut bytes = [0; LENGTH];
            random.fill(&mut bytes);
            let code: String = bytes
                .iter()
                .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
                .collect();
            format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..])
        })
        .collect()
}

/// What is stored of a code of this account, whatever case and dashes it is typed with; `None` for what cannot be one.
///
/// # Errors
/// As [`Keys::digest`].
pub fn digest(keys: &Keys, account: Uuid, typed: &str) -> Result<Option<Vec<u8>>> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    if code.len() != LENGTH || !code.bytes().all(|byte| ALPHABET.contains(&byte)) {
        return Ok(None);
    }
    keys.digest(Purpose::RecoveryCode, &[account.as_bytes(), code.as_bytes()])
        .map(Some)
}

#[cfg(test)]
mod tests {
    use ports::{Secret, SystemRandom};

    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let keys = Keys::new(Secret::new("a secret of a test"));
        let account = Uuid::from_u128(1);
        let of = |typed: &str| digest(&keys, account, typed).unwrap();
        let stored = of("abcd-0123-4xyz");
        assert!(stored.is_some());
        for typed in [
            "ABCD 0123 4XYZ",
            "abcdo1234xyz",
            "abcd-oI23-4xyz",
            " abcdOl234xyz ",
        ] {
            assert_eq!(of(typed), stored, "{typed}");
        }
        for wrong in ["", "abcd-0123", "abcd-0123-4xyzz", "abcd-0123-4xyu", "287082"] {
            assert!(of(wrong).is_none(), "{wrong}");
        }
        assert_ne!(
            digest(&keys, Uuid::from_u128(2), "abcd-0123-4xyz").unwrap(),
            stored
        );
    }

    #[test]
    fn ten_different_ones() {
        let mut codes = generate(&SystemRandom);
        assert!(codes.iter().all(|code| code.len() == 14), "{codes:?}");
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), COUNT);
    }
}
