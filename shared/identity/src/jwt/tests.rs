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
const RSA_KEY: &[u8] = include_bytes!("../../tests/rsa-2048.pk8");

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
