//! Tokens that somebody else signed: JWS in compact form with claims (RFC 7515, 7517, 7518, 7519), checked as RFC 8725 advises.
//!
//! What a token says of itself is believed in nothing but which key of its issuer's published set to try. The algorithm must be
//! one of four, each with its own kind of key, so that neither `none` nor an HMAC under a public key is ever reached; keys that a
//! token brings along (`jwk`, `jku`, `x5u`) are not looked at.

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Bytes of a token. Those of large directories, with hundreds of groups, stay below.
pub const MOST: usize = 16 << 10;
/// Keys of a set that are looked at, and those that are tried for a token without `kid`.
const MOST_KEYS: usize = 64;
const MOST_TRIED: usize = 8;
/// How far clocks may be apart.
pub const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Why a token is refused: for the log and for tests. The client learns only that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    TooLarge,
    /// No three parts of base64url with JSON in the first two, or a header that must be understood and is not.
    Malformed,
    /// Of another kind than was asked for (`typ`).
    Type,
    /// None of RS256, PS256, ES256, EdDSA; or one that does not fit the key.
    Algorithm,
    /// The set has no such key. The issuer may have published a new one.
    UnknownKey,
    Signature,
    Issuer,
    Audience,
    Expired,
    /// Before `nbf`, or issued in the future.
    NotYet,
    /// A claim is absent or of another type.
    Claim(&'static str),
    Nonce,
    /// The token was issued to another client (`azp`).
    AuthorizedParty,
    /// `at_hash` is of another access token.
    AccessTokenHash,
}

impl Refused {
    /// Stable, for the log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Type => "type",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Claim(_) => "claim",
            Self::Nonce => "nonce",
            Self::AuthorizedParty => "authorized_party",
            Self::AccessTokenHash => "access_token_hash",
        }
    }
}

/// The four that are taken. All providers of note sign with the first or the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }
}

/// A public key of an issuer.
#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    /// What the set says that it is for; `None`: whatever its kind allows.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl Key {
    /// Does it sign? Keys for encryption, secret ones and curves that are not taken are passed over.
    fn read(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| BASE64URL_NOPAD.decode(text(name)?.as_bytes()).ok();
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::Rsa {
                n: bytes("n")?,
                e: bytes("e")?,
            },
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Material::P256([&[4], x.as_slice(), &y].concat())
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes("x")?),
            _ => return None,
        };
        Some(Self {
            id: text("kid").map(str::to_owned),
            algorithm: text("alg").map(str::to_owned),
            material,
        })
    }

    fn fits(&self, algorithm: Algorithm, name: &str) -> bool {
        let kind = matches!(
            (&self.material, algorithm),
            (Material::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
                | (Material::P256(_), Algorithm::Es256)
                | (Material::Ed25519(_), Algorithm::EdDsa)
        );
        kind && self.algorithm.as_deref().is_none_or(|own| own == name)
    }

    fn has_signed(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let plain = |how: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(how, key).verify(message, signature)
        };
        match (&self.material, algorithm) {
            (Material::Rsa { n, e }, Algorithm::Rs256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Material::Rsa { n, e }, Algorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, message, signature)
            }
            (Material::P256(point), Algorithm::Es256) => plain(&ECDSA_P256_SHA256_FIXED, point),
            (Material::Ed25519(key), Algorithm::EdDsa) => plain(&ED25519, key),
            _ => return false,
        }
        .is_ok()
    }
}

/// The keys that an issuer publishes (RFC 7517 §5).
#[derive(Debug, Clone, Default)]
pub struct KeySet(Vec<Key>);

impl KeySet {
    /// Those of a document that can be used, of its first 64; none where it is no key set.
    #[must_use]
    pub fn read(document: &Value) -> Self {
        let keys = document.get("keys").and_then(Value::as_array);
        Self(
            keys.into_iter()
                .flatten()
                .take(MOST_KEYS)
                .filter_map(Key::read)
                .collect(),
        )
    }
}

/// What a token must be, whoever signed it.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// `iss`, to the letter.
    pub issuer: &'a str,
    /// One of `aud`.
    pub audience: &'a str,
    /// `typ` where the token has one, without `application/`, in lower case.
    pub types: &'a [&'a str],
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// What a token with a good signature says.
#[derive(Debug, Clone)]
pub struct Claims {
    pub all: Map<String, Value>,
    pub algorithm: Algorithm,
}

impl Claims {
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name).and_then(Value::as_str)
    }

    /// The subject: at most 255 ASCII characters (OpenID Connect Core §2).
    ///
    /// # Errors
    /// `Claim` where it is absent or longer.
    pub fn subject(&self) -> Result<&str, Refused> {
        self.text("sub")
            .filter(|subject| (1..=255).contains(&subject.len()))
            .ok_or(Refused::Claim("sub"))
    }

    /// A moment in seconds since 1970 (RFC 7519 `NumericDate`); `None` where it is absent.
    ///
    /// # Errors
    /// `Claim` where it is no moment.
    pub fn moment(&self, name: &'static str) -> Result<Option<Timestamp>, Refused> {
        let Some(value) = self.all.get(name) else {
            return Ok(None);
        };
        let whole = value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64));
        whole
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .map(Some)
            .ok_or(Refused::Claim(name))
    }

    fn is_for(&self, audience: &str) -> bool {
        match self.all.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(many)) => many.iter().any(|one| one.as_str() == Some(audience)),
            _ => false,
        }
    }
}

/// Does this look like a JWS in compact form?
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 2 && text.starts_with("eyJ")
}

/// The issuer that a token names, unchecked: only to choose with whose keys to check it.
#[must_use]
pub fn unverified_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    let payload = token.get(..MOST.min(token.len()))?.split('.').nth(1)?;
    let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;
    let read: Issuer = serde_json::from_slice(&payload).ok()?;
    Some(read.iss)
}

/// Checks signature, kind, issuer, audience and times.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Claims, Refused> {
    if token.len() > MOST {
        return Err(Refused::TooLarge);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(Refused::Malformed)?;
    let decode = |part: &str| {
        BASE64URL_NOPAD
            .decode(part.as_bytes())
            .map_err(|_| Refused::Malformed)
    };
    let (header_bytes, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
    let header: Header = serde_json::from_slice(&header_bytes).map_err(|_| Refused::Malformed)?;
    if header.crit.is_some() {
        return Err(Refused::Malformed);
    }
    if let Some(typ) = &header.typ {
        let typ = typ.to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        if !expected.types.contains(&typ) {
            return Err(Refused::Type);
        }
    }
    let algorithm = Algorithm::parse(&header.alg).ok_or(Refused::Algorithm)?;
    let named: Vec<&Key> = keys
        .0
        .iter()
        .filter(|key| header.kid.is_none() || key.id == header.kid)
        .collect();
    if named.is_empty() {
        return Err(Refused::UnknownKey);
    }
    let mut fitting = named
        .into_iter()
        .filter(|key| key.fits(algorithm, &header.alg))
        .take(MOST_TRIED)
        .peekable();
    if fitting.peek().is_none() {
        return Err(Refused::Algorithm);
    }
    if !fitting.any(|key| key.has_signed(algorithm, signed.as_bytes(), &signature)) {
        return Err(Refused::Signature);
    }
    let claims = Claims {
        all: serde_json::from_slice(&payload).map_err(|_| Refused::Malformed)?,
        algorithm,
    };
    if claims.text("iss") != Some(expected.issuer) {
        return Err(Refused::Issuer);
    }
    if !claims.is_for(expected.audience) {
        return Err(Refused::Audience);
    }
    let expires = claims.moment("exp")?.ok_or(Refused::Claim("exp"))?;
    let issued = claims.moment("iat")?.ok_or(Refused::Claim("iat"))?;
    // Differences, not sums: a moment at the end of time has no minute after it.
    if now.duration_since(expires) >= SKEW {
        return Err(Refused::Expired);
    }
    let begins = claims.moment("nbf")?.unwrap_or(issued).max(issued);
    if begins.duration_since(now) > SKEW {
        return Err(Refused::NotYet);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;
    use ring::{
        rand::SystemRandom,
        signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
            RSA_PSS_SHA256, RsaKeyPair,
        },
    };
    use serde_json::json;
    use sha2::Sha256;

    use super::*;

    /// Made for these tests alone.
    const RSA_KEY: &[u8] = include_bytes!("../tests/rsa-2048.pk8");

    const EXPECTED: Expected<'_> = Expected {
        issuer: "https://id.example",
        audience: "commonweal",
        types: &["jwt"],
    };

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn encode(value: &Value) -> String {
        BASE64URL_NOPAD.encode(value.to_string().as_bytes())
    }

    fn claims() -> Value {
        let now = now().as_second();
        json!({
            "iss": "https://id.example", "aud": "commonweal", "sub": "maya", "iat": now, "exp": now + 300,
        })
    }

    struct Issuer {
        ec: EcdsaKeyPair,
        rsa: RsaKeyPair,
        ed: Ed25519KeyPair,
        random: SystemRandom,
    }

    impl Issuer {
        fn new() -> Self {
            let random = SystemRandom::new();
            let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
            Self {
                ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &random).unwrap(),
                rsa: RsaKeyPair::from_pkcs8(RSA_KEY).unwrap(),
                ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap(),
                random,
            }
        }

        fn document(&self) -> Value {
            let b64 = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
            let point = self.ec.public_key().as_ref();
            let rsa: ring::rsa::PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
            json!({"keys": [
                {"kty": "oct", "kid": "secret", "k": "AAAA"},
                {"kty": "EC", "crv": "P-256", "kid": "ec", "x": b64(&point[1..33]), "y": b64(&point[33..])},
                {"kty": "RSA", "kid": "rsa", "use": "sig", "n": b64(&rsa.n), "e": b64(&rsa.e)},
                {"kty": "RSA", "kid": "for-encryption", "use": "enc", "n": b64(&rsa.n), "e": b64(&rsa.e)},
                {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "alg": "EdDSA", "x": b64(self.ed.public_key().as_ref())},
            ]})
        }

        fn keys(&self) -> KeySet {
            KeySet::read(&self.document())
        }

        fn sign(&self, header: &Value, claims: &Value) -> String {
            let signed = format!("{}.{}", encode(header), encode(claims));
            let message = signed.as_bytes();
            let rsa = |padding: &'static dyn ring::signature::RsaEncoding| {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa
                    .sign(padding, &self.random, message, &mut signature)
                    .unwrap();
                signature
            };
            let signature = match header["alg"].as_str().unwrap() {
                "ES256" => self.ec.sign(&self.random, message).unwrap().as_ref().to_vec(),
                "RS256" => rsa(&RSA_PKCS1_SHA256),
                "PS256" => rsa(&RSA_PSS_SHA256),
                "EdDSA" => self.ed.sign(message).as_ref().to_vec(),
                _ => Vec::new(),
            };
            format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
        }

        fn es256(&self, claims: &Value) -> String {
            self.sign(&json!({"alg": "ES256", "kid": "ec"}), claims)
        }
    }

    fn outcome(token: &str, keys: &KeySet) -> Result<Claims, Refused> {
        verify(token, keys, &EXPECTED, now())
    }

    fn refused(token: &str, keys: &KeySet) -> Refused {
        outcome(token, keys).unwrap_err()
    }

    #[test]
    fn each_algorithm_with_its_key() {
        let issuer = Issuer::new();
        let keys = issuer.keys();
        for (alg, kid) in [
            ("ES256", "ec"),
            ("RS256", "rsa"),
            ("PS256", "rsa"),
            ("EdDSA", "ed"),
        ] {
            for header in [json!({"alg": alg, "kid": kid, "typ": "JWT"}), json!({"alg": alg})] {
                let token = issuer.sign(&header, &claims());
                let read = outcome(&token, &keys).unwrap();
                assert_eq!(read.subject(), Ok("maya"), "{header}");
                // One bit of the signature, or of what was signed.
                for at in [token.len() - 9, token.find('.').unwrap() + 9] {
                    let mut changed = token.clone().into_bytes();
                    changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
                    let changed = String::from_utf8(changed).unwrap();
                    assert_eq!(refused(&changed, &keys), Refused::Signature, "{header}");
                }
            }
        }
    }

    #[test]
    fn a_key_signs_only_as_its_kind_does() {
        let issuer = Issuer::new();
        let keys = issuer.keys();
        for (alg, kid, expected) in [
            ("ES256", "rsa", Refused::Algorithm),
            ("RS256", "ec", Refused::Algorithm),
            ("EdDSA", "ec", Refused::Algorithm),
            ("RS256", "for-encryption", Refused::UnknownKey),
            ("ES256", "secret", Refused::UnknownKey),
            ("ES256", "nobody", Refused::UnknownKey),
        ] {
            let token = issuer.sign(&json!({"alg": alg, "kid": kid}), &claims());
            assert_eq!(refused(&token, &keys), expected, "{alg} {kid}");
        }
        let mut document = issuer.document();
        document["keys"][2]["alg"] = json!("PS256");
        let token = issuer.sign(&json!({"alg": "RS256", "kid": "rsa"}), &claims());
        assert_eq!(refused(&token, &KeySet::read(&document)), Refused::Algorithm);
    }

    #[test]
    fn none_and_hmac_under_the_public_key_are_refused() {
        let issuer = Issuer::new();
        let keys = issuer.keys();
        for alg in ["none", "None", "nOnE", "NONE", "", "ES384", "RS512", "HS256"] {
            let header = json!({"alg": alg, "kid": "rsa"});
            let token = format!("{}.{}.", encode(&header), encode(&claims()));
            assert_eq!(refused(&token, &keys), Refused::Algorithm, "{alg}");
        }
        // What an implementation that takes the algorithm from the token would check with the published key.
        let public = issuer.document()["keys"][2]["n"].as_str().unwrap().to_owned();
        let public = BASE64URL_NOPAD.decode(public.as_bytes()).unwrap();
        for secret in [&public[..], issuer.document().to_string().as_bytes()] {
            let signed = format!(
                "{}.{}",
                encode(&json!({"alg": "HS256", "kid": "rsa"})),
                encode(&claims())
            );
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
            mac.update(signed.as_bytes());
            let signature = BASE64URL_NOPAD.encode(&mac.finalize().into_bytes());
            assert_eq!(
                refused(&format!("{signed}.{signature}"), &keys),
                Refused::Algorithm
            );
        }
    }

    #[test]
    fn keys_that_a_token_brings_along_are_not_looked_at() {
        let (issuer, stranger) = (Issuer::new(), Issuer::new());
        let jwk = stranger.document()["keys"][1].clone();
        for header in [
            json!({"alg": "ES256", "kid": "ec", "jwk": jwk, "jku": "https://evil.example/keys"}),
            json!({"alg": "ES256", "jwk": jwk}),
        ] {
            let token = stranger.sign(&header, &claims());
            assert_eq!(refused(&token, &issuer.keys()), Refused::Signature);
        }
        let token = issuer.sign(&json!({"alg": "ES256", "kid": "ec", "crit": ["b64"]}), &claims());
        assert_eq!(refused(&token, &issuer.keys()), Refused::Malformed);
        let token = issuer.sign(
            &json!({"alg": "ES256", "kid": "ec", "typ": "logout+jwt"}),
            &claims(),
        );
        assert_eq!(refused(&token, &issuer.keys()), Refused::Type);
    }

    #[test]
    fn times_may_be_a_minute_off() {
        let issuer = Issuer::new();
        let keys = issuer.keys();
        let at = now().as_second();
        let outcome = |exp: Value, nbf: Value, iat: Value| {
            let mut claims = claims();
            claims["exp"] = exp;
            claims["iat"] = iat;
            if !nbf.is_null() {
                claims["nbf"] = nbf;
            }
            outcome(&issuer.es256(&claims), &keys).map(drop)
        };
        let (soon, none) = (json!(at + 300), Value::Null);
        assert_eq!(outcome(json!(at - 59), none.clone(), json!(at - 300)), Ok(()));
        assert_eq!(
            outcome(json!(at - 60), none.clone(), json!(at - 300)),
            Err(Refused::Expired)
        );
        assert_eq!(outcome(soon.clone(), none.clone(), json!(at + 60)), Ok(()));
        assert_eq!(
            outcome(soon.clone(), none.clone(), json!(at + 61)),
            Err(Refused::NotYet)
        );
        assert_eq!(outcome(soon.clone(), json!(at + 60), json!(at)), Ok(()));
        assert_eq!(
            outcome(soon.clone(), json!(at + 61), json!(at)),
            Err(Refused::NotYet)
        );
        assert_eq!(outcome(json!(at as f64 + 0.5), none.clone(), json!(at)), Ok(()));
        for wrong in [json!("soon"), json!(true), json!(1e300), none.clone()] {
            assert_eq!(
                outcome(wrong, none.clone(), json!(at)),
                Err(Refused::Claim("exp"))
            );
        }
        let mut without = claims();
        without.as_object_mut().unwrap().remove("iat");
        assert_eq!(refused(&issuer.es256(&without), &keys), Refused::Claim("iat"));
    }

    #[test]
    fn of_this_issuer_for_this_audience() {
        let issuer = Issuer::new();
        let keys = issuer.keys();
        let with = |name: &str, value: Value| {
            let mut claims = claims();
            claims[name] = value;
            outcome(&issuer.es256(&claims), &keys).map(drop)
        };
        assert_eq!(with("aud", json!(["other", "commonweal"])), Ok(()));
        for wrong in [
            json!("commonweal2"),
            json!(["other"]),
            json!([["commonweal"]]),
            json!({}),
            Value::Null,
        ] {
            assert_eq!(with("aud", wrong), Err(Refused::Audience));
        }
        for wrong in [
            "https://id.example/",
            "https://ID.example",
            "http://id.example",
            "",
        ] {
            assert_eq!(with("iss", json!(wrong)), Err(Refused::Issuer));
        }
        assert_eq!(with("iss", json!(["https://id.example"])), Err(Refused::Issuer));
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let issuer = Issuer::new();
        let mut large = claims();
        large["groups"] = json!("x".repeat(MOST));
        assert_eq!(refused(&issuer.es256(&large), &issuer.keys()), Refused::TooLarge);
        let many: Vec<Value> = std::iter::repeat_n(issuer.document()["keys"][1].clone(), 1_000).collect();
        assert_eq!(KeySet::read(&json!({ "keys": many })).0.len(), MOST_KEYS);
        for wrong in [
            json!(null),
            json!([]),
            json!({"keys": {}}),
            json!({"keys": [1, null]}),
        ] {
            assert!(KeySet::read(&wrong).0.is_empty());
        }
    }

    proptest! {
        #[test]
        fn anything_may_be_sent(text in "\\PC*", at in 0_usize..200, byte: u8) {
            let issuer = Issuer::new();
            prop_assert!(outcome(&text, &issuer.keys()).is_err());
            let token = issuer.es256(&claims());
            let mut changed = token.clone().into_bytes();
            changed[at] = byte;
            if let Ok(changed) = String::from_utf8(changed) {
                prop_assume!(changed != token);
                prop_assert!(outcome(&changed, &issuer.keys()).is_err());
            }
        }
    }
}
