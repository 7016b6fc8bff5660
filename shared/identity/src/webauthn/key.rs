//! Public keys as COSE writes them (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4), of the three kinds that authenticators make.

use minicbor::Decoder;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};

use super::read::Refusal;

/// What we ask for, the best first: ES256, EdDSA, RS256 (IANA's COSE algorithm numbers).
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];
const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// Members of a key's map: ours has five at most.
const MAX_MEMBERS: u64 = 16;
/// Bytes of an RSA modulus: 2,048 to 4,096 bits. More only costs time to check.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;

/// A key to check signatures with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// ECDSA on P-256 with SHA-256: the point, uncompressed (SEC 1 §2.3.3).
    Es256([u8; 65]),
    Ed25519([u8; 32]),
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256 {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

/// The members of a key's map. What `-1` and `-2` mean depends on the kind.
#[derive(Default)]
struct Members<'a> {
    kind: Option<i64>,
    algorithm: Option<i64>,
    /// `-1` of curves.
    curve: Option<i64>,
    /// `-1` of RSA.
    modulus: Option<&'a [u8]>,
    /// `-2`: x, or the exponent.
    second: Option<&'a [u8]>,
    /// `-3`: y.
    third: Option<&'a [u8]>,
}

impl PublicKey {
    /// # Errors
    /// `Malformed`, or `UnknownAlgorithm` where it is a key of another kind.
    pub fn read(cose: &[u8]) -> Result<Self, Refusal> {
        let members = Members::read(cose)?;
        let bytes = |member: Option<&[u8]>| member.ok_or(Refusal::Malformed).map(<[u8]>::to_vec);
        match (members.kind, members.algorithm, members.curve) {
            (Some(2), Some(ES256), Some(1)) => {
                let (x, y) = (bytes(members.second)?, bytes(members.third)?);
                if x.len() != 32 || y.len() != 32 {
                    return Err(Refusal::Malformed);
                }
                let point = [vec![4], x, y].concat();
                Ok(Self::Es256(point.try_into().map_err(|_| Refusal::Malformed)?))
            }
            (Some(1), Some(EDDSA), Some(6)) => {
                let key = bytes(members.second)?;
                Ok(Self::Ed25519(key.try_into().map_err(|_| Refusal::Malformed)?))
            }
            (Some(3), Some(RS256), None) => {
                let (modulus, exponent) = (bytes(members.modulus)?, bytes(members.second)?);
                if !MODULUS.contains(&modulus.len()) || !(1..=8).contains(&exponent.len()) {
                    return Err(Refusal::Malformed);
                }
                Ok(Self::Rs256 { modulus, exponent })
            }
            (Some(_), Some(_), _) => Err(Refusal::UnknownAlgorithm),
            _ => Err(Refusal::Malformed),
        }
    }

    /// # Errors
    /// `Signature` where it is not this key's over this message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let verified = match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signature),
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature),
        };
        verified.map_err(|_| Refusal::Signature)
    }
}

impl<'a> Members<'a> {
    fn read(cose: &'a [u8]) -> Result<Self, Refusal> {
        let mut decoder = Decoder::new(cose);
        let count = decoder.map()?.filter(|count| *count <= MAX_MEMBERS);
        let mut members = Self::default();
        let mut is_twice = false;
        for _ in 0..count.ok_or(Refusal::Malformed)? {
            match decoder.i64()? {
                1 => is_twice |= members.kind.replace(decoder.i64()?).is_some(),
                3 => is_twice |= members.algorithm.replace(decoder.i64()?).is_some(),
                -1 if decoder.datatype()? == minicbor::data::Type::Bytes => {
                    is_twice |= members.modulus.replace(decoder.bytes()?).is_some();
                }
                -1 => is_twice |= members.curve.replace(decoder.i64()?).is_some(),
                -2 => is_twice |= members.second.replace(decoder.bytes()?).is_some(),
                -3 => is_twice |= members.third.replace(decoder.bytes()?).is_some(),
                _ => decoder.skip()?,
            }
        }
        if is_twice || decoder.position() != cose.len() {
            return Err(Refusal::Malformed);
        }
        Ok(members)
    }
}
