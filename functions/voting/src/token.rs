//! The resume link's token: a JSON Web Token (RFC 7519), signed with HMAC-SHA256, for one registration and one hour.
//!
//! Written here because the one algorithm of one issuer needs forty lines, and the general crates bring RSA and curves along.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use ports::{Error, Result, Secret};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// The secret that signs.
pub(crate) const KEY: &str = "token-key";
pub(crate) const LIFE: SignedDuration = SignedDuration::from_mins(60);
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    exp: i64,
    action_type: String,
    action_id: Uuid,
}

/// Signs a token for an action and says when it ends.
pub(crate) fn sign(key: &Secret, issuer: &str, action: Uuid, now: Timestamp) -> Result<(String, Timestamp)> {
    let expires = now + LIFE;
    let claims = Claims {
        iss: issuer.to_owned(),
        exp: expires.as_second(),
        action_type: "registration".to_owned(),
        action_id: action,
    };
    let claims = serde_json::to_vec(&claims).map_err(Error::internal)?;
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(HEADER),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(mac(key, &signed)?.finalize().into_bytes());
    Ok((format!("{signed}.{signature}"), expires))
}

/// The action of a token that we signed and that has not ended (30 s of clock skew are forgiven).
///
/// # Errors
/// `Invalid` on `token`, whatever is wrong with it.
pub(crate) fn verify(key: &Secret, issuer: &str, token: &str, now: Timestamp) -> Result<Uuid> {
    let refused = || Error::field("token", "invalid_token", "This link is not valid or has expired.");
    let (signed, signature) = token.rsplit_once('.').ok_or_else(refused)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| refused())?;
    mac(key, signed)?
        .verify_slice(&signature)
        .map_err(|_| refused())?;
    let (header, claims) = signed.split_once('.').ok_or_else(refused)?;
    if URL_SAFE_NO_PAD.decode(header).map_err(|_| refused())? != HEADER.as_bytes() {
        return Err(refused());
    }
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| refused())?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| refused())?;
    let ended = (now - LEEWAY).as_second() > claims.exp;
    if ended || claims.iss != issuer || claims.action_type != "registration" {
        return Err(refused());
    }
    Ok(claims.action_id)
}

fn mac(key: &Secret, signed: &str) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).map_err(Error::internal)?;
    mac.update(signed.as_bytes());
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_living_tokens_are_taken() {
        let (key, issuer) = (Secret::new("k".repeat(32)), "https://vote.example");
        let (action, now) = (Uuid::from_u128(7), Timestamp::UNIX_EPOCH);
        let (token, expires) = sign(&key, issuer, action, now).unwrap();
        assert_eq!(verify(&key, issuer, &token, now).unwrap(), action);
        assert!(verify(&key, issuer, &token, expires + SignedDuration::from_secs(20)).is_ok());
        assert!(verify(&key, issuer, &token, expires + SignedDuration::from_secs(40)).is_err());
        assert!(verify(&Secret::new("other"), issuer, &token, now).is_err());
        assert!(verify(&key, "https://elsewhere.example", &token, now).is_err());
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            token.split('.').nth(1).unwrap()
        );
        for bad in [
            "",
            ".",
            "..",
            "a.b.c",
            &token[1..],
            &token[..token.len() - 2],
            &unsigned,
        ] {
            assert!(verify(&key, issuer, bad, now).is_err(), "{bad}");
        }
    }
}
