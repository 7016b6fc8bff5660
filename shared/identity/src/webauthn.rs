//! Passkeys: the relying party's side of Web Authentication (W3C, level 3), as far as this house needs it.
//!
//! A browser makes a key pair for this site ([`register`]) and proves later that it has it ([`authenticate`]). Both times the
//! authenticator must have made sure who uses it (a fingerprint, a PIN): what you have and what you are or know, in one step.
//!
//! What an authenticator says of its make (attestation) is not looked at: no make is preferred or refused here, and an answer
//! without it is as good. What is stored of a passkey is public.
//!
//! ```text
//! browser                                     here
//!    |  POST …/options                          |  a challenge: 32 random bytes, five minutes, once
//!    |----------------------------------------->|  (kept by [`Challenges`], for this browser's token)
//!    |  navigator.credentials.create() / get()  |
//!    |  POST the form with the answer           |
//!    |----------------------------------------->|  [`register`] / [`authenticate`]
//! ```

mod challenge;
mod key;
mod read;
#[cfg(test)]
mod tests;

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use subtle::ConstantTimeEq;

pub use challenge::{CHALLENGE_LIFE, Ceremony, Challenge, Challenges};
pub use key::{ALGORITHMS, PublicKey};
use read::{AuthenticatorData, Refusal as R, attested_data};
pub use read::{MAX_CREDENTIAL_ID, Refusal};

/// Bytes of `clientDataJSON`: real ones have 130 to 300.
const MAX_CLIENT_DATA: usize = 4 * 1024;
/// Bytes of an attestation object, statement included.
const MAX_ATTESTATION: usize = 16 * 1024;
/// Bytes of the authenticator's data in a proof.
const MAX_AUTHENTICATOR_DATA: usize = 4 * 1024;
/// Bytes of a signature: RSA of 4,096 bits has 512.
const MAX_SIGNATURE: usize = 1024;

/// Whom a passkey is for: this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// The host's name. Passkeys are bound to it: under another they are lost.
    pub id: String,
    /// Scheme, host and port, as a browser writes an origin (RFC 6454 §6.2).
    pub origin: String,
}

impl RelyingParty {
    /// That of a site served under this URL. On one's own machine it is `localhost`, for a number is no name (W3C §5.1.2). `None`
    /// where browsers would not do it: under another bare address, or without TLS.
    #[must_use]
    pub fn of(public_url: &str) -> Option<Self> {
        let (scheme, rest) = public_url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?.to_lowercase();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
            _ => (authority.as_str(), None),
        };
        let host = match host {
            "127.0.0.1" | "[::1]" => "localhost",
            host => host,
        };
        let is_name = !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
            && !host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !is_name || !(scheme == "https" || (scheme == "http" && host == "localhost")) {
            return None;
        }
        let is_default = matches!((scheme, port), ("https", Some("443")) | ("http", Some("80")));
        let port = port
            .filter(|_| !is_default)
            .map_or_else(String::new, |port| format!(":{port}"));
        Some(Self {
            id: host.to_owned(),
            origin: format!("{scheme}://{host}{port}"),
        })
    }

    /// Checks what the browser itself says of the ceremony (W3C §7.1 and §7.2, "clientDataJSON").
    fn check_client_data(&self, kind: &str, challenge: &[u8], client_data: &[u8]) -> Result<(), Refusal> {
        if client_data.len() > MAX_CLIENT_DATA {
            return Err(R::TooLarge);
        }
        let said: ClientData = serde_json::from_slice(client_data).map_err(|_| R::Malformed)?;
        if said.kind != kind {
            return Err(R::OtherCeremony);
        }
        let answered = BASE64URL_NOPAD
            .decode(said.challenge.as_bytes())
            .map_err(|_| R::Malformed)?;
        if !bool::from(answered.as_slice().ct_eq(challenge)) {
            return Err(R::OtherChallenge);
        }
        if said.origin != self.origin {
            return Err(R::OtherOrigin);
        }
        if said.cross_origin || said.top_origin.is_some() {
            return Err(R::InAFrame);
        }
        Ok(())
    }

    /// Checks for whom the authenticator answered, and that it made sure who uses it.
    fn check_authenticator(&self, data: &AuthenticatorData<'_>) -> Result<(), Refusal> {
        if data.relying_party_hash != digest(&SHA256, self.id.as_bytes()).as_ref() {
            return Err(R::OtherRelyingParty);
        }
        if !data.user_present {
            return Err(R::NotPresent);
        }
        if !data.user_verified {
            return Err(R::NotVerified);
        }
        if data.backed_up && !data.backup_eligible {
            return Err(R::BackupState);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
    #[serde(rename = "topOrigin")]
    top_origin: Option<String>,
}

/// A passkey that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// What the authenticator calls it; 1 to [`MAX_CREDENTIAL_ID`] bytes.
    pub credential_id: Vec<u8>,
    /// As COSE writes it (RFC 9052 §7).
    pub public_key: Vec<u8>,
    pub sign_count: u32,
    /// May it be kept with a password manager, and so be on several devices?
    pub backup_eligible: bool,
    pub backed_up: bool,
}

/// Takes the answer to `navigator.credentials.create()`.
///
/// # Errors
/// [`Refusal`], at the first thing that is not as it must be.
pub fn register(
    party: &RelyingParty,
    challenge: &[u8],
    client_data: &[u8],
    attestation_object: &[u8],
) -> Result<NewPasskey, Refusal> {
    party.check_client_data("webauthn.create", challenge, client_data)?;
    if attestation_object.len() > MAX_ATTESTATION {
        return Err(R::TooLarge);
    }
    let data = attested_data(attestation_object)?;
    let (data, credential) = AuthenticatorData::with_credential(data)?;
    party.check_authenticator(&data)?;
    // Read now, so that no key is stored that nothing can be checked with.
    PublicKey::read(credential.public_key)?;
    Ok(NewPasskey {
        credential_id: credential.id.to_vec(),
        public_key: credential.public_key.to_vec(),
        sign_count: data.sign_count,
        backup_eligible: data.backup_eligible,
        backed_up: data.backed_up,
    })
}

/// What is known of the passkey that a proof is made with.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub public_key: &'a [u8],
    pub sign_count: u32,
    pub backup_eligible: bool,
}

/// An answer to `navigator.credentials.get()`.
#[derive(Debug, Clone, Copy)]
pub struct Assertion<'a> {
    pub client_data: &'a [u8],
    pub authenticator_data: &'a [u8],
    pub signature: &'a [u8],
}

/// What changes with each use of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    pub sign_count: u32,
    pub backed_up: bool,
}

/// Takes the answer to `navigator.credentials.get()`: was it made now, for us, with this passkey, by its verified owner?
///
/// # Errors
/// [`Refusal`], at the first thing that is not as it must be.
pub fn authenticate(
    party: &RelyingParty,
    challenge: &[u8],
    known: Known<'_>,
    answer: Assertion<'_>,
) -> Result<Used, Refusal> {
    party.check_client_data("webauthn.get", challenge, answer.client_data)?;
    if answer.authenticator_data.len() > MAX_AUTHENTICATOR_DATA || answer.signature.len() > MAX_SIGNATURE {
        return Err(R::TooLarge);
    }
    let data = AuthenticatorData::alone(answer.authenticator_data)?;
    party.check_authenticator(&data)?;
    if data.backup_eligible != known.backup_eligible {
        return Err(R::BackupState);
    }
    let signed = [
        answer.authenticator_data,
        digest(&SHA256, answer.client_data).as_ref(),
    ]
    .concat();
    PublicKey::read(known.public_key)?.verify(&signed, answer.signature)?;
    // A count that does not grow is the sign of a copy (W3C §6.1.1). Those that are synchronised do not count, and say 0.
    let counts = known.sign_count != 0 || data.sign_count != 0;
    if counts && data.sign_count <= known.sign_count {
        return Err(R::SignCount);
    }
    Ok(Used {
        sign_count: data.sign_count,
        backed_up: data.backed_up,
    })
}
