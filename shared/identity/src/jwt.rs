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
mod tests;
