//! What the pages with passkeys share: the options that a browser is asked with, and the answer that it gives.
//!
//! A passkey is both factors in one: the key on the device, and the finger, face or PIN that it asked for. It is used in three
//! places: to sign in, as the second step after a password, and to prove again who it is before a factor is changed.

use app::{Context, Fields, page::pick};
use data_encoding::BASE64URL_NOPAD;
use domain::person::Language;
use identity::{
    Token,
    webauthn::{
        Assertion, CHALLENGE_LIFE, Ceremony, Challenges, Known, MAX_CREDENTIAL_ID, Refusal, RelyingParty,
        authenticate,
    },
};
use ports::{Error, Kind, Result};
use serde_json::{Value, json};
use store::{Sql, params, sql};
use uuid::Uuid;

/// Passkeys of one account.
pub(crate) const MOST: usize = 20;

/// Ways to reach an authenticator that browsers know (W3C Web Authentication §5.8.4).
const TRANSPORTS: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

const OF_ACCOUNT: Sql = sql!(
    "select credential_id, transports from platform.passkey where account_id = $1 order by created_at limit 20"
);
const BY_CREDENTIAL: Sql = sql!(
    "select p.id, p.account_id, p.public_key, p.sign_count, p.backup_eligible, a.passkey_handle
       from platform.passkey p join platform.account a on a.id = p.account_id and a.status = 'active'
      where p.credential_id = $1"
);
/// Of two at once with one count, one.
const USE: Sql = sql!(
    "update platform.passkey set sign_count = $2, backed_up = $3, last_used_at = $4
      where id = $1 and (sign_count < $2 or (sign_count = 0 and $2 = 0)) returning id"
);

/// Whom passkeys of this site are for.
///
/// # Errors
/// `Unavailable` where the site has no name or no TLS.
pub(crate) fn relying_party(cx: &Context) -> Result<RelyingParty> {
    RelyingParty::of(&cx.settings.public_url).ok_or_else(|| {
        Error::new(
            Kind::Conflict,
            "passkeys_unavailable",
            "Passkeys need a site with a name and a secure connection.",
        )
    })
}

pub(crate) fn challenges(cx: &Context) -> Challenges<'_> {
    Challenges {
        key_value: cx.key_value(),
        clock: cx.clock(),
        random: cx.random(),
    }
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

/// Only what is known, each once.
pub(crate) fn known_transports(sent: &str) -> Vec<String> {
    TRANSPORTS
        .into_iter()
        .filter(|known| sent.split(' ').any(|word| word == *known))
        .map(str::to_owned)
        .collect()
}

/// The form by which a browser is asked for a passkey. The template `passkey_form.html` writes it.
#[derive(Debug, Clone)]
pub(crate) struct PasskeyForm {
    /// `create` or `get`.
    pub(crate) kind: &'static str,
    pub(crate) action: &'static str,
    pub(crate) options: &'static str,
    /// The only origin where it works.
    pub(crate) origin: String,
    pub(crate) button: String,
    pub(crate) hidden: Vec<(&'static str, String)>,
    pub(crate) without_script: String,
    pub(crate) failed: String,
}

impl PasskeyForm {
    /// The fields that the script fills.
    pub(crate) fn answers(&self) -> &'static [&'static str] {
        match self.kind {
            "create" => &["client_data", "attestation_object", "transports"],
            _ => &[
                "id",
                "client_data",
                "authenticator_data",
                "signature",
                "user_handle",
            ],
        }
    }

    /// Proves a passkey. `None` where this site can have none.
    pub(crate) fn get(
        cx: &Context,
        language: Language,
        action: &'static str,
        button: &str,
        hidden: Vec<(&'static str, String)>,
    ) -> Option<Self> {
        let party = RelyingParty::of(&cx.settings.public_url)?;
        let t = |english, spanish| pick(language, english, spanish).to_owned();
        Some(Self {
            kind: "get",
            action,
            options: "/account/sign-in/passkey/options",
            origin: party.origin,
            button: button.to_owned(),
            hidden,
            without_script: t(
                "Passkeys need JavaScript. Without it, use your password.",
                "Las llaves de acceso necesitan JavaScript. Sin él, use su contraseña.",
            ),
            failed: t(
                "No passkey was used. Try again, or use your password.",
                "No se usó ninguna llave de acceso. Inténtelo de nuevo o use su contraseña.",
            ),
        })
    }
}

/// The passkeys of an account, as a browser is told them.
pub(crate) async fn descriptors(cx: &Context, account: Uuid) -> Result<Vec<Value>> {
    let rows = cx.db.rows(OF_ACCOUNT, params![account]).await?;
    rows.iter()
        .map(|row| {
            let (id, transports): (Vec<u8>, Vec<String>) =
                (row.get("credential_id")?, row.get("transports")?);
            Ok(json!({"type": "public-key", "id": BASE64URL_NOPAD.encode(&id), "transports": transports}))
        })
        .collect()
}

/// What `navigator.credentials.get()` is asked with: a passkey of this account, or of any.
pub(crate) async fn proof_options(cx: &Context, token: &Token, account: Option<Uuid>) -> Result<Value> {
    let party = relying_party(cx)?;
    let allowed = match account {
        Some(account) => descriptors(cx, account).await?,
        None => Vec::new(),
    };
    let challenge = challenges(cx)
        .begin(Ceremony::Authenticate, token, account)
        .await?;
    Ok(json!({
        "challenge": challenge.expose(),
        "rpId": party.id,
        "timeout": CHALLENGE_LIFE.as_millis(),
        "userVerification": "required",
        "allowCredentials": allowed,
    }))
}

/// The name under which attempts with a passkey are counted, before it is looked up.
pub(crate) fn limit_subject(sent: &Fields) -> String {
    let id = sent.text("id");
    // No longer than the longest id, as base64.
    let end = id.floor_char_boundary(MAX_CREDENTIAL_ID * 4 / 3 + 4);
    format!("passkey {}", &id[..end])
}

/// Takes a proof that this browser was asked for, and uses its challenge up; the account whose passkey it is. `None` where it is
/// not as it must be: why stands in the log.
pub(crate) async fn take_proof(cx: &Context, token: &Token, sent: &Fields) -> Result<Option<Uuid>> {
    let party = relying_party(cx)?;
    let refused = |why: &'static str| {
        tracing::info!(metric = "PasskeyRefused", why, "a passkey was refused");
        Ok(None)
    };
    let Some(challenge) = challenges(cx).take(Ceremony::Authenticate, token).await? else {
        return refused("no_challenge");
    };
    let part = |name| decode(sent.text(name)).unwrap_or_default();
    let (id, handle) = (part("id"), part("user_handle"));
    if !(1..=MAX_CREDENTIAL_ID).contains(&id.len()) {
        return refused(Refusal::Malformed.as_str());
    }
    let Some(row) = cx.db.optional(BY_CREDENTIAL, params![id]).await? else {
        return refused("unknown");
    };
    let (passkey, account): (Uuid, Uuid) = (row.get("id")?, row.get("account_id")?);
    let own_handle: Option<Uuid> = row.get("passkey_handle")?;
    // Whose passkeys were asked for; without a name, the authenticator must say whose this is (W3C §7.2, step 6).
    let is_whose_it_must_be = match challenge.account {
        Some(asked) => asked == account,
        None => !handle.is_empty(),
    };
    let is_handle_right = handle.is_empty() || own_handle.is_some_and(|own| own.as_bytes()[..] == handle[..]);
    if !is_whose_it_must_be || !is_handle_right {
        return refused("other_account");
    }
    let public_key: Vec<u8> = row.get("public_key")?;
    let known = Known {
        public_key: &public_key,
        sign_count: u32::try_from(row.get::<i64>("sign_count")?).map_err(Error::internal)?,
        backup_eligible: row.get("backup_eligible")?,
    };
    let (client_data, authenticator_data, signature) =
        (part("client_data"), part("authenticator_data"), part("signature"));
    let answer = Assertion {
        client_data: &client_data,
        authenticator_data: &authenticator_data,
        signature: &signature,
    };
    let used = match authenticate(&party, &challenge.bytes()?, known, answer) {
        Ok(used) => used,
        Err(refusal) => return refused(refusal.as_str()),
    };
    let (count, now) = (i64::from(used.sign_count), cx.clock().now());
    let noted = cx
        .db
        .optional(USE, params![passkey, count, used.backed_up, now])
        .await?;
    match noted {
        Some(_) => Ok(Some(account)),
        None => refused(Refusal::SignCount.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_transports_are_kept() {
        assert_eq!(
            known_transports("internal hybrid internal"),
            ["hybrid", "internal"]
        );
        assert!(known_transports("carrier-pigeon <script> ").is_empty());
    }
}
