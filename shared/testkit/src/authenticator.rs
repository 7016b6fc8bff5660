//! An authenticator in software, with the browser before it: makes passkeys and proves them by real signatures (W3C Web
//! Authentication, level 3). Every field may be set to what it must not be.

use data_encoding::BASE64URL_NOPAD;
use minicbor::Encoder;
use ports::{Random, SystemRandom};
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom as RingRandom,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::json;

pub const USER_PRESENT: u8 = 1;
pub const USER_VERIFIED: u8 = 1 << 2;
pub const BACKUP_ELIGIBLE: u8 = 1 << 3;
pub const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

/// A key of tests, and of nothing else: making one takes a second.
const RSA: &[u8] = include_bytes!("authenticator.rsa.p8");

/// The kinds of keys that authenticators make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Es256,
    EdDsa,
    Rs256,
}

enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(Box<RsaKeyPair>),
}

/// One passkey, and where and how it is used.
pub struct Authenticator {
    key: Key,
    pub credential_id: Vec<u8>,
    /// What the site called its account when the passkey was made.
    pub user_handle: Vec<u8>,
    pub relying_party: String,
    pub origin: String,
    pub cross_origin: bool,
    pub flags: u8,
    pub sign_count: u32,
    /// Adds an extension's answer to its data.
    pub has_extensions: bool,
    /// The algorithm that is written into the key; the true one where there is none.
    pub said_algorithm: Option<i64>,
}

/// The answer to `navigator.credentials.create()`.
#[derive(Debug, Clone)]
pub struct Made {
    pub client_data: Vec<u8>,
    pub attestation_object: Vec<u8>,
}

/// The answer to `navigator.credentials.get()`.
#[derive(Debug, Clone)]
pub struct Proof {
    pub client_data: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Authenticator {
    /// # Panics
    /// Where no key can be made.
    #[must_use]
    pub fn new(kind: Kind, relying_party: &str, origin: &str) -> Self {
        let random = RingRandom::new();
        let key = match kind {
            Kind::Es256 => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)
                    .expect("a key on P-256");
                Key::Es256(
                    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref(), &random)
                        .expect("the key just made"),
                )
            }
            Kind::EdDsa => {
                let made = Ed25519KeyPair::generate_pkcs8(&random).expect("a key on Ed25519");
                Key::EdDsa(Ed25519KeyPair::from_pkcs8(made.as_ref()).expect("the key just made"))
            }
            Kind::Rs256 => Key::Rs256(Box::new(RsaKeyPair::from_pkcs8(RSA).expect("the key of tests"))),
        };
        let mut credential_id = vec![0; 32];
        SystemRandom.fill(&mut credential_id);
        Self {
            key,
            credential_id,
            user_handle: Vec::new(),
            relying_party: relying_party.to_owned(),
            origin: origin.to_owned(),
            cross_origin: false,
            flags: USER_PRESENT | USER_VERIFIED,
            sign_count: 0,
            has_extensions: false,
            said_algorithm: None,
        }
    }

    /// What the browser says of a ceremony.
    #[must_use]
    pub fn client_data(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
        json!({
            "type": kind,
            "challenge": BASE64URL_NOPAD.encode(challenge),
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        })
        .to_string()
        .into_bytes()
    }

    /// Makes the passkey.
    #[must_use]
    pub fn make(&self, challenge: &[u8]) -> Made {
        self.make_with(challenge, &self.cose_key())
    }

    /// Makes it with these bytes in the place of its key.
    #[must_use]
    pub fn make_with(&self, challenge: &[u8], cose_key: &[u8]) -> Made {
        let mut data = self.fixed_data(HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(
            u16::try_from(self.credential_id.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        data.extend(&self.credential_id);
        data.extend(cose_key);
        data.extend(self.extensions());
        Made {
            client_data: self.client_data("webauthn.create", challenge),
            attestation_object: attestation_object(&data),
        }
    }

    /// Proves it.
    #[must_use]
    pub fn prove(&self, challenge: &[u8]) -> Proof {
        let client_data = self.client_data("webauthn.get", challenge);
        let mut data = self.fixed_data(0);
        data.extend(self.extensions());
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        Proof {
            signature: self.sign(&signed),
            client_data,
            authenticator_data: data,
        }
    }

    fn fixed_data(&self, more: u8) -> Vec<u8> {
        let extensions = if self.has_extensions { HAS_EXTENSIONS } else { 0 };
        let mut data = digest(&SHA256, self.relying_party.as_bytes()).as_ref().to_vec();
        data.push(self.flags | more | extensions);
        data.extend(self.sign_count.to_be_bytes());
        data
    }

    fn extensions(&self) -> Vec<u8> {
        if !self.has_extensions {
            return Vec::new();
        }
        encoded(|cbor| cbor.map(1)?.str("credProtect")?.u8(2)?.ok())
    }

    /// The public key as COSE.
    #[must_use]
    pub fn cose_key(&self) -> Vec<u8> {
        let algorithm = |own: i64| self.said_algorithm.unwrap_or(own);
        match &self.key {
            Key::Es256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                encoded(|cbor| {
                    cbor.map(5)?.u8(1)?.u8(2)?.u8(3)?.i64(algorithm(-7))?;
                    cbor.i8(-1)?.u8(1)?.i8(-2)?.bytes(x)?.i8(-3)?.bytes(y)?.ok()
                })
            }
            Key::EdDsa(key) => encoded(|cbor| {
                cbor.map(4)?.u8(1)?.u8(1)?.u8(3)?.i64(algorithm(-8))?;
                cbor.i8(-1)?.u8(6)?.i8(-2)?.bytes(key.public_key().as_ref())?.ok()
            }),
            Key::Rs256(key) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(key.public());
                encoded(|cbor| {
                    cbor.map(4)?.u8(1)?.u8(3)?.u8(3)?.i64(algorithm(-257))?;
                    cbor.i8(-1)?.bytes(&public.n)?.i8(-2)?.bytes(&public.e)?.ok()
                })
            }
        }
    }

    /// # Panics
    /// Where the machine has no randomness.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = RingRandom::new();
        match &self.key {
            Key::Es256(key) => key.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Key::EdDsa(key) => key.sign(message).as_ref().to_vec(),
            Key::Rs256(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .expect("a signature");
                signature
            }
        }
    }
}

/// The object around an authenticator's data, with no statement about its make.
#[must_use]
pub fn attestation_object(data: &[u8]) -> Vec<u8> {
    encoded(|cbor| {
        cbor.map(3)?.str("fmt")?.str("none")?.str("attStmt")?.map(0)?;
        cbor.str("authData")?.bytes(data)?.ok()
    })
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn encoded(write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written) -> Vec<u8> {
    let mut cbor = Encoder::new(Vec::new());
    write(&mut cbor).expect("a list of bytes takes everything");
    cbor.into_writer()
}
