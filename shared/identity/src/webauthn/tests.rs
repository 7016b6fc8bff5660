//! Passkeys of a software authenticator, with everything wrong that can be.

use proptest::{collection::vec, prelude::*, sample::Index};
use testkit::authenticator::{
    Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Kind, Proof, USER_PRESENT, USER_VERIFIED, attestation_object,
};

use super::*;

const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge!";

fn party() -> RelyingParty {
    RelyingParty::of("https://vote.example/").unwrap()
}

fn authenticator(kind: Kind) -> Authenticator {
    Authenticator::new(kind, "vote.example", "https://vote.example")
}

fn made(authenticator: &Authenticator) -> Result<NewPasskey, Refusal> {
    let made = authenticator.make(CHALLENGE);
    register(&party(), CHALLENGE, &made.client_data, &made.attestation_object)
}

fn taken(passkey: &NewPasskey, proof: &Proof) -> Result<Used, Refusal> {
    let known = Known {
        public_key: &passkey.public_key,
        sign_count: passkey.sign_count,
        backup_eligible: passkey.backup_eligible,
    };
    let answer = Assertion {
        client_data: &proof.client_data,
        authenticator_data: &proof.authenticator_data,
        signature: &proof.signature,
    };
    authenticate(&party(), CHALLENGE, known, answer)
}

#[test]
fn a_site_is_known_by_its_name() {
    let of = |url| RelyingParty::of(url).map(|party| (party.id, party.origin));
    let is = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
    assert_eq!(
        of("https://Vote.example"),
        is("vote.example", "https://vote.example")
    );
    assert_eq!(
        of("https://vote.example:443/x"),
        is("vote.example", "https://vote.example")
    );
    assert_eq!(
        of("https://vote.example:8443"),
        is("vote.example", "https://vote.example:8443")
    );
    assert_eq!(
        of("http://127.0.0.1:4000"),
        is("localhost", "http://localhost:4000")
    );
    for none in [
        "http://vote.example",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
        "ftp://vote.example",
        "https://",
        "https://a@vote.example",
        "vote.example",
        "",
    ] {
        assert_eq!(of(none), None, "{none}");
    }
}

#[test]
fn a_passkey_of_each_kind_is_made_and_proved() {
    for kind in [Kind::Es256, Kind::EdDsa, Kind::Rs256] {
        let mut authenticator = authenticator(kind);
        for (flags, has_extensions) in [
            (USER_PRESENT | USER_VERIFIED, false),
            (USER_PRESENT | USER_VERIFIED | BACKUP_ELIGIBLE | BACKED_UP, true),
        ] {
            authenticator.flags = flags;
            authenticator.has_extensions = has_extensions;
            let passkey = made(&authenticator).unwrap();
            assert_eq!(passkey.credential_id, authenticator.credential_id);
            assert_eq!(passkey.backed_up, has_extensions);
            let used = taken(&passkey, &authenticator.prove(CHALLENGE));
            assert_eq!(
                used,
                Ok(Used {
                    sign_count: 0,
                    backed_up: has_extensions
                }),
                "{kind:?}"
            );
        }
    }
}

/// Whatever is wrong with who answers, for whom and how: a passkey is not made, and not taken.
#[test]
fn what_is_not_as_it_must_be_is_refused() {
    type Spoil = fn(&mut Authenticator);
    let cases: [(&str, Spoil, Refusal); 9] = [
        (
            "another site's page",
            |a| a.origin = "https://vote.example.evil.test".to_owned(),
            Refusal::OtherOrigin,
        ),
        (
            "a sister's page",
            |a| a.origin = "https://www.vote.example".to_owned(),
            Refusal::OtherOrigin,
        ),
        (
            "without TLS",
            |a| a.origin = "http://vote.example".to_owned(),
            Refusal::OtherOrigin,
        ),
        ("in a frame", |a| a.cross_origin = true, Refusal::InAFrame),
        (
            "a passkey of another site",
            |a| a.relying_party = "evil.test".to_owned(),
            Refusal::OtherRelyingParty,
        ),
        ("nobody there", |a| a.flags = USER_VERIFIED, Refusal::NotPresent),
        ("anybody", |a| a.flags = USER_PRESENT, Refusal::NotVerified),
        ("nothing at all", |a| a.flags = 0, Refusal::NotPresent),
        (
            "kept elsewhere, which it cannot be",
            |a| a.flags |= BACKED_UP,
            Refusal::BackupState,
        ),
    ];
    for (name, spoil, expected) in cases {
        let mut authenticator = authenticator(Kind::Es256);
        let passkey = made(&authenticator).unwrap();
        spoil(&mut authenticator);
        assert_eq!(made(&authenticator), Err(expected), "making: {name}");
        assert_eq!(
            taken(&passkey, &authenticator.prove(CHALLENGE)),
            Err(expected),
            "proving: {name}"
        );
    }
}

#[test]
fn an_answer_is_to_its_own_challenge_and_ceremony() {
    let authenticator = authenticator(Kind::Es256);
    let passkey = made(&authenticator).unwrap();
    let other = authenticator.prove(b"another challenge, of 32 bytes!!");
    assert_eq!(taken(&passkey, &other), Err(Refusal::OtherChallenge));
    assert_eq!(
        taken(&passkey, &authenticator.prove(b"")),
        Err(Refusal::OtherChallenge)
    );
    // What was signed for making one proves nothing, and the other way round.
    let mut proof = authenticator.prove(CHALLENGE);
    proof.client_data = authenticator.client_data("webauthn.create", CHALLENGE);
    assert_eq!(taken(&passkey, &proof), Err(Refusal::OtherCeremony));
    let making = authenticator.make(CHALLENGE);
    let proving = authenticator.client_data("webauthn.get", CHALLENGE);
    let refused = register(&party(), CHALLENGE, &proving, &making.attestation_object);
    assert_eq!(refused, Err(Refusal::OtherCeremony));
}

#[test]
fn a_signature_is_the_passkeys_own_over_everything() {
    for kind in [Kind::Es256, Kind::EdDsa, Kind::Rs256] {
        let authenticator = authenticator(kind);
        let passkey = made(&authenticator).unwrap();
        let proof = authenticator.prove(CHALLENGE);
        let other_kind = if kind == Kind::Es256 {
            Kind::EdDsa
        } else {
            Kind::Es256
        };
        let forged = self::authenticator(other_kind).prove(CHALLENGE);
        assert_eq!(taken(&passkey, &forged), Err(Refusal::Signature), "{kind:?}");
        for at in 0..proof.signature.len() {
            let mut changed = proof.clone();
            changed.signature[at] ^= 1;
            assert_eq!(taken(&passkey, &changed), Err(Refusal::Signature), "byte {at}");
        }
        for cut in [0, 1, proof.signature.len() - 1] {
            let mut changed = proof.clone();
            changed.signature.truncate(cut);
            assert_eq!(taken(&passkey, &changed), Err(Refusal::Signature), "{cut} bytes");
        }
        // The count and each word of the browser are signed as well.
        let mut changed = proof.clone();
        changed.authenticator_data[36] ^= 1;
        assert_eq!(taken(&passkey, &changed), Err(Refusal::Signature));
        let mut changed = proof.clone();
        changed.client_data.push(b' ');
        assert_eq!(taken(&passkey, &changed), Err(Refusal::Signature));
        let mut changed = proof;
        changed.signature.resize(MAX_SIGNATURE + 1, 0);
        assert_eq!(taken(&passkey, &changed), Err(Refusal::TooLarge));
    }
}

#[test]
fn a_count_that_does_not_grow_shows_a_copy() {
    let mut authenticator = authenticator(Kind::Es256);
    authenticator.sign_count = 7;
    let mut passkey = made(&authenticator).unwrap();
    assert_eq!(passkey.sign_count, 7);
    for (count, expected) in [
        (7, Err(Refusal::SignCount)),
        (6, Err(Refusal::SignCount)),
        (0, Err(Refusal::SignCount)),
        (8, Ok(8)),
        (u32::MAX, Ok(u32::MAX)),
    ] {
        authenticator.sign_count = count;
        let used = taken(&passkey, &authenticator.prove(CHALLENGE)).map(|used| used.sign_count);
        assert_eq!(used, expected, "{count}");
    }
    // One that never counted may begin to, and then must go on.
    passkey.sign_count = 0;
    authenticator.sign_count = 1;
    assert!(taken(&passkey, &authenticator.prove(CHALLENGE)).is_ok());
    // Whether it may be on several devices does not change.
    authenticator.flags |= BACKUP_ELIGIBLE;
    assert_eq!(
        taken(&passkey, &authenticator.prove(CHALLENGE)),
        Err(Refusal::BackupState)
    );
}

#[test]
fn keys_of_other_kinds_are_refused() {
    let with_key = |key: &[u8]| {
        let made = authenticator(Kind::Es256).make_with(CHALLENGE, key);
        register(&party(), CHALLENGE, &made.client_data, &made.attestation_object).map(|_| ())
    };
    for algorithm in [-35, -36, -39, -258, -65535, 0, i64::MIN] {
        for kind in [Kind::Es256, Kind::EdDsa, Kind::Rs256] {
            let mut authenticator = authenticator(kind);
            authenticator.said_algorithm = Some(algorithm);
            assert_eq!(
                with_key(&authenticator.cose_key()),
                Err(Refusal::UnknownAlgorithm),
                "{kind:?} {algorithm}"
            );
        }
    }
    // One kind's number on another's key.
    let mut mixed = authenticator(Kind::Rs256);
    mixed.said_algorithm = Some(-7);
    assert_eq!(with_key(&mixed.cose_key()), Err(Refusal::UnknownAlgorithm));
    let malformed: [&[u8]; 8] = [
        &[],
        &[0xa0],                                                 // no members
        &[0xbf, 0xff],                                           // of no length
        &[0xa1, 0x01],                                           // a member without a value
        &[0xa2, 0x01, 0x02, 0x01, 0x02],                         // a member twice
        &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // of 2^64 members
        &[0x81, 0x01],                                           // a list
        // P-256 with an x of one byte.
        &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x41, 1, 0x22, 0x41, 1],
    ];
    for key in malformed {
        assert_eq!(with_key(key), Err(Refusal::Malformed), "{key:02x?}");
    }
    // RSA of 1,024 bits, and of 8,192.
    for bytes in [128_u16, 1024] {
        let mut key = vec![0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59];
        key.extend(bytes.to_be_bytes());
        key.extend(std::iter::repeat_n(0xff, usize::from(bytes)));
        key.extend([0x21, 0x43, 1, 0, 1]);
        assert_eq!(with_key(&key), Err(Refusal::Malformed), "{bytes} bytes");
    }
}

#[test]
fn truncated_and_huge_input_is_refused() {
    let authenticator = authenticator(Kind::Es256);
    let passkey = made(&authenticator).unwrap();
    let whole = authenticator.make(CHALLENGE);
    let object = &whole.attestation_object;
    let registered = |object: &[u8]| register(&party(), CHALLENGE, &whole.client_data, object);
    for length in 0..object.len() {
        assert_eq!(registered(&object[..length]), Err(Refusal::Malformed), "{length}");
    }
    assert_eq!(
        registered(&[object.as_slice(), &[0]].concat()),
        Err(Refusal::Malformed)
    );
    assert_eq!(
        registered(&vec![0xa1; MAX_ATTESTATION + 1]),
        Err(Refusal::TooLarge)
    );
    // Lists in lists, maps in maps, tags on tags, and lengths that nothing could hold.
    for deep in [0x81, 0xa1, 0xc1, 0x9f, 0xbf, 0xd8] {
        assert_eq!(registered(&vec![deep; MAX_ATTESTATION]), Err(Refusal::Malformed));
        let mut statement = vec![0xa2, 0x67];
        statement.extend(b"attStmt");
        statement.extend(vec![deep; MAX_ATTESTATION - statement.len()]);
        assert_eq!(registered(&statement), Err(Refusal::Malformed));
    }
    let mut long = vec![0xa1, 0x68];
    long.extend(b"authData");
    long.extend([0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(registered(&long), Err(Refusal::Malformed));

    let proof = authenticator.prove(CHALLENGE);
    for length in 0..proof.authenticator_data.len() {
        let mut cut = proof.clone();
        cut.authenticator_data.truncate(length);
        assert_eq!(taken(&passkey, &cut), Err(Refusal::Malformed), "{length}");
    }
    let mut more = proof.clone();
    more.authenticator_data.push(0);
    assert_eq!(taken(&passkey, &more), Err(Refusal::Malformed));
    more.authenticator_data.resize(MAX_AUTHENTICATOR_DATA + 1, 0);
    assert_eq!(taken(&passkey, &more), Err(Refusal::TooLarge));
    for (client_data, expected) in [
        (Vec::new(), Refusal::Malformed),
        (b"{}".to_vec(), Refusal::Malformed),
        (b"\xff".to_vec(), Refusal::Malformed),
        (vec![b'['; MAX_CLIENT_DATA], Refusal::Malformed),
        (vec![b' '; MAX_CLIENT_DATA + 1], Refusal::TooLarge),
    ] {
        let mut other = proof.clone();
        other.client_data = client_data;
        assert_eq!(taken(&passkey, &other), Err(expected));
    }
    // An id of no bytes, and a longer one than any.
    for length in [0, MAX_CREDENTIAL_ID + 1] {
        let mut odd = self::authenticator(Kind::Es256);
        odd.credential_id = vec![1; length];
        assert_eq!(made(&odd), Err(Refusal::Malformed), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever comes is answered: damaged answers, and bytes of no kind, are refused and nothing else happens.
    #[test]
    fn damaged_answers_are_refused(damage in vec((any::<Index>(), any::<u8>()), 1..8), cut in any::<Index>()) {
        let authenticator = authenticator(Kind::Es256);
        let passkey = made(&authenticator).unwrap();
        let whole = authenticator.make(CHALLENGE);
        let damaged = |bytes: &[u8], is_cut: bool| {
            let mut bytes = bytes.to_vec();
            for (at, value) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            if is_cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        };
        for is_cut in [false, true] {
            let object = damaged(&whole.attestation_object, is_cut);
            let answer = register(&party(), CHALLENGE, &whole.client_data, &object);
            if is_cut {
                prop_assert!(answer.is_err());
            }
            let _ = register(&party(), CHALLENGE, &damaged(&whole.client_data, is_cut), &whole.attestation_object);
            let proof = authenticator.prove(CHALLENGE);
            let data = damaged(&proof.authenticator_data, is_cut);
            let is_changed = data != proof.authenticator_data;
            let changed = Proof { authenticator_data: data, ..proof.clone() };
            prop_assert_eq!(taken(&passkey, &changed).is_err(), is_changed);
            let client_data = damaged(&proof.client_data, is_cut);
            let is_changed = client_data != proof.client_data;
            let changed = Proof { client_data, ..proof };
            prop_assert_eq!(taken(&passkey, &changed).is_err(), is_changed);
        }
    }

    #[test]
    fn bytes_of_no_kind_are_refused(bytes in vec(any::<u8>(), 0..2048)) {
        let client_data = authenticator(Kind::Es256).client_data("webauthn.create", CHALLENGE);
        prop_assert!(register(&party(), CHALLENGE, &client_data, &bytes).is_err());
        prop_assert!(register(&party(), CHALLENGE, &client_data, &attestation_object(&bytes)).is_err());
        prop_assert!(register(&party(), CHALLENGE, &bytes, &bytes).is_err());
        let _ = PublicKey::read(&bytes);
    }
}

mod challenges {
    use ports::SystemRandom;

    use super::super::{CHALLENGE_LIFE, Ceremony, Challenges};
    use crate::{Token, memory::Memory};

    #[tokio::test]
    async fn a_challenge_works_once_for_its_browser_and_ceremony_for_five_minutes() {
        let memory = Memory::new();
        let challenges = Challenges {
            key_value: &memory,
            clock: &memory,
            random: &SystemRandom,
        };
        let (token, other) = (Token::new(&SystemRandom), Token::new(&SystemRandom));
        let first = challenges.begin(Ceremony::Register, &token, None).await.unwrap();
        let second = challenges.begin(Ceremony::Register, &token, None).await.unwrap();
        assert_eq!(second.bytes().unwrap().len(), 32);
        assert_ne!(first, second);
        let take = async |ceremony, token: &Token| challenges.take(ceremony, token).await.unwrap();
        assert_eq!(take(Ceremony::Authenticate, &token).await, None);
        assert_eq!(take(Ceremony::Register, &other).await, None);
        assert_eq!(
            take(Ceremony::Register, &token).await,
            Some(second.clone()),
            "the last one that was asked for"
        );
        assert_eq!(take(Ceremony::Register, &token).await, None);

        challenges
            .begin(Ceremony::Authenticate, &token, None)
            .await
            .unwrap();
        memory.advance(CHALLENGE_LIFE);
        assert_eq!(take(Ceremony::Authenticate, &token).await, None);
    }
}
