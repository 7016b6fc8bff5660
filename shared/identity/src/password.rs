//! Passwords: what is refused (NIST SP 800-63B §3.1.1), and how one is kept (argon2id, RFC 9106).
//!
//! Twelve characters at least, any characters, no rules of composition, no expiry; what is refused is what guessers try
//! first. Unicode is normalised (NFKC), so that the same password typed on another keyboard is the same.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{CustomizedPasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use ports::{Error, Random, Result};
use unicode_normalization::UnicodeNormalization;

/// Characters of a password.
pub const SHORTEST: usize = 12;
/// Characters of a password: more costs us without protecting anybody.
pub const LONGEST: usize = 128;

/// What one hash costs. Stored with each hash, so that it may be raised: see [`Checked::Stale`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// KiB.
    pub memory: u32,
    pub passes: u32,
}

impl Cost {
    /// OWASP's minimum for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
    pub const PRESENT: Self = Self {
        memory: 19 * 1024,
        passes: 2,
    };

    fn params(self) -> Result<Params> {
        Params::new(self.memory, self.passes, 1, None).map_err(|error| Error::internal(error.to_string()))
    }
}

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    TooShort,
    TooLong,
    /// Made of words and rows of keys that are tried first.
    Common,
    /// Holds the person's own name or address, or that of the house.
    Personal,
}

/// Judges a new password. `personal` are the words that anybody would try for this person: name, e-mail, organisation.
///
/// # Errors
/// Why it is refused.
pub fn check(password: &str, personal: &[&str]) -> Result<(), Weakness> {
    let password: String = password.nfkc().collect();
    match password.chars().count() {
        0..SHORTEST => return Err(Weakness::TooShort),
        SHORTEST..=LONGEST => {}
        _ => return Err(Weakness::TooLong),
    }
    let plain = simplified(&password);
    if personal
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .map(simplified)
        .any(|word| word.chars().count() >= 4 && plain.contains(&word))
    {
        return Err(Weakness::Personal);
    }
    if is_common(&plain) {
        return Err(Weakness::Common);
    }
    Ok(())
}

/// What is left when the usual disguises are taken off: lower case, `p@ssw0rd` is `password`.
fn simplified(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '@' => 'a',
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '$' | '5' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

/// Words that stolen passwords are full of, without disguises; a longer one stands before what it holds. A list of the house's own
/// making, from what is commonly known of such passwords: services, names, clubs, games, endearments and oaths.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "contrasena",
    "passwd",
    "welcome",
    "bienvenido",
    "letmein",
    "iloveyou",
    "tequiero",
    "administrator",
    "admin",
    "root",
    "login",
    "master",
    "secreto",
    "secret",
    "changeme",
    "default",
    "monkey",
    "dragon",
    "football",
    "futbol",
    "baseball",
    "soccer",
    "hockey",
    "sunshine",
    "princess",
    "princesa",
    "superman",
    "batman",
    "pokemon",
    "starwars",
    "shadow",
    "michael",
    "jordan",
    "jennifer",
    "ashley",
    "charlie",
    "thomas",
    "daniel",
    "america",
    "freedom",
    "whatever",
    "trustno",
    "computer",
    "internet",
    "samsung",
    "google",
    "mustang",
    "ferrari",
    "cheese",
    "cookie",
    "chocolate",
    "butterfly",
    "flower",
    "summer",
    "winter",
    "spring",
    "autumn",
    "january",
    "february",
    "march",
    "april",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "correcthorsebatterystaple",
    "commonweal",
    "voting",
    "voter",
    "vote",
    "election",
    "test",
    "guest",
    "user",
    "qwertz",
    "azerty",
    "opensesame",
    "sesame",
    "access",
    "private",
    "linkedin",
    "facebook",
    "microsoft",
    "windows",
    "playstation",
    "nintendo",
    "minecraft",
    "counterstrike",
    "finalfantasy",
    "warcraft",
    "mortalkombat",
    "transformers",
    "spiderman",
    "jamesbond",
    "terminator",
    "supernatural",
    "metallica",
    "slipknot",
    "jackson",
    "justinbieber",
    "onedirection",
    "liverpool",
    "manchester",
    "united",
    "arsenal",
    "chelsea",
    "barcelona",
    "realmadrid",
    "juventus",
    "basketball",
    "yankees",
    "christopher",
    "alexander",
    "sebastian",
    "elizabeth",
    "jessica",
    "nicole",
    "andrea",
    "alejandro",
    "sanfrancisco",
    "california",
    "newyork",
    "london",
    "international",
    "professional",
    "jesus",
    "angel",
    "heaven",
    "forever",
    "family",
    "babygirl",
    "sweetheart",
    "loveme",
    "lovely",
    "love",
    "teamo",
    "amor",
    "corazon",
    "estrella",
    "mariposa",
    "peanutbutter",
    "monster",
    "killer",
    "hunter",
    "ranger",
    "diamond",
    "silver",
    "golden",
    "tigger",
    "pepper",
    "ginger",
    "banana",
    "orange",
    "purple",
    "leavemealone",
    "whosyourdaddy",
    "motherfucker",
    "fucker",
    "fuckyou",
    "fuck",
    "asshole",
    "bitch",
    "hello",
    "please",
    "thanks",
];
/// Ways over the keys and through the alphabet, in both directions: along a row, down the columns, to and fro between two rows,
/// over the number pad.
const ROWS: &[&str] = &[
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1a2s3d4f5g6h7j8k9l",
    "a1s2d3f4g5h6j7k8l9",
    "1z2x3c4v5b6n7m",
    "z1x2c3v4b5n6m7",
    "qawsedrftgyhujikolp",
    "qwaszxerdfcvtyghbn",
    "147258369",
    "741852963",
    "159753",
    "159357",
    "00112233445566778899",
    "01020304050607080900",
];
/// A run of a row, or of one repeated character, is no secret from this length on.
const RUN: usize = 3;
/// Characters that must be left without common words, runs and repetitions.
const OWN: usize = 6;

fn is_common(plain: &str) -> bool {
    let mut rest = plain.to_owned();
    for word in COMMON {
        rest = rest.replace(word, " ");
    }
    // The rows are simplified as the password was: `1qaz` reads `iqaz`, `2345` reads `2e4s`.
    let rows: Vec<String> = ROWS
        .iter()
        .flat_map(|row| [row.to_string(), row.chars().rev().collect()])
        .map(|row| simplified(&row))
        .collect();
    let characters: Vec<char> = rest.chars().filter(|c| !c.is_whitespace()).collect();
    let mut own: Vec<char> = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let left = &characters[at..];
        let run = rows
            .iter()
            .map(|row| longest_prefix_in(left, row))
            .chain([repeated(left)])
            .max()
            .unwrap_or(0);
        if run >= RUN {
            at += run;
        } else {
            own.push(characters[at]);
            at += 1;
        }
    }
    // `xyxyxyxyxyxy` is two characters.
    own.sort_unstable();
    own.dedup();
    own.len() < OWN
}

/// How much of the beginning stands in this row of keys.
fn longest_prefix_in(characters: &[char], row: &str) -> usize {
    let most = characters.len().min(row.len());
    (0..=most)
        .rev()
        .find(|length| row.contains(&characters[..*length].iter().collect::<String>()))
        .unwrap_or(0)
}

fn repeated(characters: &[char]) -> usize {
    characters
        .iter()
        .take_while(|c| Some(*c) == characters.first())
        .count()
}

/// A stored hash of another password that nobody knows, for accounts that do not exist: checking against it takes the time that
/// checking takes.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y29tbW9ud2VhbG5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    Wrong,
    Right,
    /// Right, but stored at another cost: hash it anew, now that it is known.
    Stale,
}

/// Hashes a password with a random salt, as a PHC string.
///
/// # Errors
/// None in practice.
pub fn hash(password: &str, cost: Cost, random: &dyn Random) -> Result<String> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let password: String = password.nfkc().collect();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
    let hash = argon2
        .hash_password_customized(password.as_bytes(), &salt, None, None, cost.params()?)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Compares a password with a stored hash. Without one (no such account, or none set) it takes as long and is wrong.
///
/// # Errors
/// `Internal` where the stored hash cannot be read.
pub fn verify(password: &str, stored: Option<&str>, cost: Cost) -> Result<Checked> {
    // A longer one is never stored, and would cost to normalise.
    let password: String = password.chars().take(LONGEST + 1).nfkc().collect();
    let parsed = PasswordHash::new(stored.unwrap_or(NOBODY))
        .map_err(|error| Error::internal(format!("a stored password hash: {error}")))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
    let is_right = argon2.verify_password(password.as_bytes(), &parsed).is_ok();
    if !is_right || stored.is_none() {
        return Ok(Checked::Wrong);
    }
    let kept = Params::try_from(&parsed).map_err(|error| Error::internal(error.to_string()))?;
    let is_present = (kept.m_cost(), kept.t_cost()) == (cost.memory, cost.passes);
    Ok(if is_present {
        Checked::Right
    } else {
        Checked::Stale
    })
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;

    /// The least that argon2 takes, for tests that hash much.
    const CHEAP: Cost = Cost { memory: 8, passes: 1 };

    #[test]
    fn a_hash_says_what_it_cost_and_is_renewed_when_that_changes() {
        let stored = hash("drizzle over the quay", CHEAP, &SystemRandom).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        let verify = |password, cost| verify(password, Some(&stored), cost).unwrap();
        assert_eq!(verify("drizzle over the quay", CHEAP), Checked::Right);
        assert_eq!(verify("drizzle over the quay", Cost::PRESENT), Checked::Stale);
        assert_eq!(verify("drizzle over the quaY", CHEAP), Checked::Wrong);
        assert_eq!(verify("", CHEAP), Checked::Wrong);
        assert_ne!(
            hash("drizzle over the quay", CHEAP, &SystemRandom).unwrap(),
            stored,
            "salted"
        );
    }

    #[test]
    fn a_password_is_the_same_however_it_is_encoded() {
        let composed = "ma\u{f1}ana en la \u{fb01}nca";
        let decomposed = "man\u{303}ana en la finca";
        let stored = hash(composed, CHEAP, &SystemRandom).unwrap();
        assert_eq!(verify(decomposed, Some(&stored), CHEAP).unwrap(), Checked::Right);
    }

    #[test]
    fn the_longest_password_is_whole() {
        let longest = "ñ".repeat(LONGEST);
        let stored = hash(&longest, CHEAP, &SystemRandom).unwrap();
        assert_eq!(verify(&longest, Some(&stored), CHEAP).unwrap(), Checked::Right);
        let longer = format!("{longest}x");
        assert_eq!(verify(&longer, Some(&stored), CHEAP).unwrap(), Checked::Wrong);
    }

    #[test]
    fn who_does_not_exist_costs_as_much() {
        assert_eq!(verify("x", None, Cost::PRESENT).unwrap(), Checked::Wrong);
        let parsed = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&parsed).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (Cost::PRESENT.memory, Cost::PRESENT.passes, 1),
            "the stand-in costs what a real one does"
        );
    }

    #[test]
    fn a_broken_hash_is_our_fault_and_no_way_in() {
        assert!(verify("x", Some("plain text"), CHEAP).is_err());
        assert!(verify("x", Some(""), CHEAP).is_err());
    }

    #[test]
    fn what_guessers_try_first_is_refused() {
        for common in [
            "password1234",
            "P@ssw0rd2026!",
            "Passw0rdPassw0rd",
            "qwertyuiop12",
            "1qaz2wsx3edc",
            "aaaaaaaaaaaa",
            "123456789012",
            "abcdefghijkl",
            "xyxyxyxyxyxy",
            "Summer2026!!",
            "iloveyou1234",
            "lkjhgfdsapoiuy",
            "Commonweal-1",
            "000000000000000000",
            "Welcome12345!",
        ] {
            assert_eq!(check(common, &[]), Err(Weakness::Common), "{common}");
        }
        assert_eq!(check("short one", &[]), Err(Weakness::TooShort));
        assert_eq!(check("elevenchars", &[]), Err(Weakness::TooShort));
        assert_eq!(check(&"ab cd ef gh ".repeat(11), &[]), Err(Weakness::TooLong));
    }

    #[test]
    fn ways_over_the_keys_are_no_secret_and_a_word_among_others_does_no_harm() {
        for way in [
            "1q2w3e4r5t6y",
            "p0o9i8u7y6t5",
            "q1w2e3r4T5Y6",
            "a1s2d3f4g5h6",
            "z1x2c3v4b5n6m7",
            "qawsedrftgyh",
            "qwaszxerdfcv",
            "159753147258",
            "112233445566",
            "0102030405060",
            "1q2w3e4rLiverpool",
            "Administrator1",
        ] {
            assert_eq!(check(way, &[]), Err(Weakness::Common), "{way}");
        }
        assert_eq!(check("transformers lamp quay", &[]), Ok(()));
    }

    /// Words of the list are looked for one after the other.
    #[test]
    fn each_common_word_counts_for_nothing() {
        for word in COMMON {
            assert_eq!(*word, simplified(word), "{word} wears a disguise");
            let doubled = word.repeat(1 + SHORTEST / word.len());
            assert_eq!(check(&doubled, &[]), Err(Weakness::Common), "{word}");
            let before = COMMON.iter().take_while(|other| *other != word);
            for other in before {
                assert!(!word.contains(other), "{other} takes {word} apart");
            }
        }
    }

    #[test]
    fn what_belongs_to_the_person_is_refused() {
        let personal = [
            "maya.ejemplo@riverside.example",
            "Maya Ejemplo",
            "Riverside Voters",
        ];
        for own in [
            "maya likes tea too",
            "3JEMPLO kettle brown",
            "the r1ver$ide kettle",
        ] {
            assert_eq!(check(own, &personal), Err(Weakness::Personal), "{own}");
        }
        assert_eq!(check("brown kettle lamp", &personal), Ok(()));
    }

    #[test]
    fn long_and_ordinary_is_enough() {
        for good in [
            "drizzle over the quay",
            "vkq zmo trn bhw",
            "Zebra!Lamp8Kettle",
            "una taza de té verde",
            "g7#Rk2!mZq9x",
            "正確な馬電池主食十二文字超え",
        ] {
            assert_eq!(check(good, &["maya@riverside.example"]), Ok(()), "{good}");
        }
    }
}
