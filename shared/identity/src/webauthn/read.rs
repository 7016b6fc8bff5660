//! The bytes of an authenticator: its data (W3C §6.1), and the object around it when a passkey is made (§6.5).
//!
//! Everything is read from a slice of bounded length and by borrowing: no length that is written in the data makes us allocate.

use minicbor::Decoder;

/// Bytes of a credential's id (W3C §4, "Credential ID").
pub const MAX_CREDENTIAL_ID: usize = 1023;

/// Hash of the relying party's id, flags, count of signatures.
const FIXED: usize = 32 + 1 + 4;
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;
/// Members of the object around: three, and room for what comes.
const MAX_MEMBERS: u64 = 8;

/// Why an answer was not taken. For the log; whoever sent it learns only that it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Malformed,
    TooLarge,
    /// An answer to `create()` where one to `get()` was asked for, or the other way round.
    OtherCeremony,
    OtherChallenge,
    OtherOrigin,
    /// Asked for by a page inside of a page of another site.
    InAFrame,
    OtherRelyingParty,
    NotPresent,
    NotVerified,
    /// "Kept elsewhere" where that cannot be, or changed what cannot change.
    BackupState,
    UnknownAlgorithm,
    Signature,
    SignCount,
}

impl Refusal {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::OtherCeremony => "other_ceremony",
            Self::OtherChallenge => "other_challenge",
            Self::OtherOrigin => "other_origin",
            Self::InAFrame => "in_a_frame",
            Self::OtherRelyingParty => "other_relying_party",
            Self::NotPresent => "not_present",
            Self::NotVerified => "not_verified",
            Self::BackupState => "backup_state",
            Self::UnknownAlgorithm => "unknown_algorithm",
            Self::Signature => "signature",
            Self::SignCount => "sign_count",
        }
    }
}

impl From<minicbor::decode::Error> for Refusal {
    fn from(_: minicbor::decode::Error) -> Self {
        Self::Malformed
    }
}

/// What an authenticator signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) relying_party_hash: &'a [u8],
    pub(super) user_present: bool,
    pub(super) user_verified: bool,
    pub(super) backup_eligible: bool,
    pub(super) backed_up: bool,
    pub(super) sign_count: u32,
}

/// A credential that was just made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AttestedCredential<'a> {
    pub(super) id: &'a [u8],
    pub(super) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads the fixed part; the flags, and what follows.
    fn fixed(bytes: &'a [u8]) -> Result<(Self, u8, &'a [u8]), Refusal> {
        let (fixed, rest) = bytes.split_at_checked(FIXED).ok_or(Refusal::Malformed)?;
        let (relying_party_hash, fixed) = fixed.split_at(32);
        let (&flags, count) = fixed.split_first().ok_or(Refusal::Malformed)?;
        let data = Self {
            relying_party_hash,
            user_present: flags & USER_PRESENT != 0,
            user_verified: flags & USER_VERIFIED != 0,
            backup_eligible: flags & BACKUP_ELIGIBLE != 0,
            backed_up: flags & BACKED_UP != 0,
            sign_count: u32::from_be_bytes(count.try_into().map_err(|_| Refusal::Malformed)?),
        };
        Ok((data, flags, rest))
    }

    /// Of a proof: no credential comes with it.
    pub(super) fn alone(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (data, flags, rest) = Self::fixed(bytes)?;
        if flags & HAS_CREDENTIAL != 0 {
            return Err(Refusal::Malformed);
        }
        end(flags, rest)?;
        Ok(data)
    }

    /// Of a new passkey.
    pub(super) fn with_credential(bytes: &'a [u8]) -> Result<(Self, AttestedCredential<'a>), Refusal> {
        const MAKE: usize = 16;
        let (data, flags, rest) = Self::fixed(bytes)?;
        if flags & HAS_CREDENTIAL == 0 {
            return Err(Refusal::Malformed);
        }
        let (_, rest) = rest.split_at_checked(MAKE).ok_or(Refusal::Malformed)?;
        let (length, rest) = rest.split_first_chunk().ok_or(Refusal::Malformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if !(1..=MAX_CREDENTIAL_ID).contains(&length) {
            return Err(Refusal::Malformed);
        }
        let (id, rest) = rest.split_at_checked(length).ok_or(Refusal::Malformed)?;
        let (public_key, rest) = item(rest)?;
        end(flags, rest)?;
        Ok((data, AttestedCredential { id, public_key }))
    }
}

/// The first CBOR item, and what follows it.
fn item(bytes: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let mut decoder = Decoder::new(bytes);
    decoder.skip()?;
    bytes
        .split_at_checked(decoder.position())
        .ok_or(Refusal::Malformed)
}

/// After the last part come extensions, if the flags say so, and nothing else. We ask for none and use none.
fn end(flags: u8, rest: &[u8]) -> Result<(), Refusal> {
    let rest = match flags & HAS_EXTENSIONS {
        0 => rest,
        _ => item(rest)?.1,
    };
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Malformed)
    }
}

/// The authenticator's data in an attestation object. The statement about its make, `attStmt`, is passed over.
pub(super) fn attested_data(object: &[u8]) -> Result<&[u8], Refusal> {
    let mut decoder = Decoder::new(object);
    let count = decoder.map()?.filter(|count| *count <= MAX_MEMBERS);
    let mut data = None;
    for _ in 0..count.ok_or(Refusal::Malformed)? {
        match decoder.str()? {
            "authData" if data.is_none() => data = Some(decoder.bytes()?),
            "authData" => return Err(Refusal::Malformed),
            _ => decoder.skip()?,
        }
    }
    if decoder.position() != object.len() {
        return Err(Refusal::Malformed);
    }
    data.ok_or(Refusal::Malformed)
}
