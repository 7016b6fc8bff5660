//! What the pages about accounts share: reading an account, checking a password or code, beginning and ending sessions.

pub(crate) use app::time_zone::{local_time, offered_zone};
use app::{
    Context, Cookie, FieldError, Form, FormField, Menu, Page, SignedIn, letter,
    page::{html, pick},
    sessions,
    time_zone::TIME_ZONES,
};
use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use domain::person::Language;
use identity::{
    Keys, Limit, ProviderSession, Purpose, Session, Stage, Token,
    password::{self, Checked, Cost, Weakness},
    recovery,
    totp::{self, TotpSecret},
};
use ports::{Error, Kind, Result};
use serde_json::{Value, json};
use store::{
    Row, Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::{
    account_mail::{self, MailKind, To},
    passkey::PasskeyForm,
};

/// The keys made of the secret `account-key`.
pub(crate) async fn keys(cx: &Context) -> Result<Keys> {
    Ok(Keys::new(cx.secrets().get(Keys::SECRET).await?))
}

/// Counts one for somebody, who is named by a digest.
pub(crate) async fn count(cx: &Context, keys: &Keys, limit: &Limit, who: &str) -> Result<()> {
    limit.take(cx.key_value(), cx.clock(), &subject(keys, who)?).await
}

/// Forgets what was counted for somebody.
pub(crate) async fn forget(cx: &Context, keys: &Keys, limit: &Limit, who: &str) -> Result<()> {
    limit
        .forget(cx.key_value(), cx.clock(), &subject(keys, who)?)
        .await
}

fn subject(keys: &Keys, who: &str) -> Result<String> {
    keys.sign(Purpose::LimitSubject, &[who.to_lowercase().as_bytes()])
}

/// An account with what proves that somebody is its owner.
pub(crate) struct Credentials {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) language: Language,
    pub(crate) password_hash: String,
    totp_secret: Option<Vec<u8>>,
    totp_last_step: Option<i64>,
    last_tenant: Option<Uuid>,
    pub(crate) has_passkey: bool,
}

const BY_EMAIL: Sql = sql!(
    "select id, email, name, language, password_hash, totp_secret, totp_last_step, last_tenant_id,
            exists (select from platform.passkey p where p.account_id = account.id) as has_passkey
       from platform.account where lower(email) = lower($1) and status = 'active'"
);
const BY_ID: Sql = sql!(
    "select id, email, name, language, password_hash, totp_secret, totp_last_step, last_tenant_id,
            exists (select from platform.passkey p where p.account_id = account.id) as has_passkey
       from platform.account where id = $1 and status = 'active'"
);
const USE_STEP: Sql = sql!(
    "update platform.account set totp_last_step = $2
      where id = $1 and (totp_last_step is null or totp_last_step < $2) returning id"
);
const USE_RECOVERY_CODE: Sql =
    sql!("delete from platform.recovery_code where account_id = $1 and digest = $2 returning account_id");
const SET_PASSWORD: Sql = sql!("update platform.account set password_hash = $2 where id = $1");

impl Credentials {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            email: row.get("email")?,
            name: row.get("name")?,
            language: Language::or_default(row.get("language")?),
            password_hash: row.get("password_hash")?,
            totp_secret: row.get("totp_secret")?,
            totp_last_step: row.get("totp_last_step")?,
            last_tenant: row.get("last_tenant_id")?,
            has_passkey: row.get("has_passkey")?,
        })
    }

    pub(crate) async fn by_email(cx: &Context, email: &str) -> Result<Option<Self>> {
        let row = cx.db.optional(BY_EMAIL, params![email]).await?;
        row.as_ref().map(Self::read).transpose()
    }

    /// # Errors
    /// `NotFound` where there is none.
    pub(crate) async fn by_id(cx: &Context, id: Uuid) -> Result<Self> {
        Self::read(&cx.db.one(BY_ID, params![id]).await?)
    }

    pub(crate) fn has_second_factor(&self) -> bool {
        self.has_app() || self.has_passkey
    }

    /// Is there an authenticator app that shows codes?
    pub(crate) fn has_app(&self) -> bool {
        self.totp_secret.is_some()
    }

    /// Is this the password? A hash of an older cost is renewed.
    pub(crate) async fn has_password(&self, cx: &Context, typed: &str) -> Result<bool> {
        match password::verify(typed, Some(&self.password_hash), Cost::PRESENT)? {
            Checked::Wrong => Ok(false),
            Checked::Right => Ok(true),
            Checked::Stale => {
                let hash = password::hash(typed, Cost::PRESENT, cx.random())?;
                cx.db.rows(SET_PASSWORD, params![self.id, hash]).await?;
                Ok(true)
            }
        }
    }

    /// Takes a one-time code or a recovery code, and uses it up.
    pub(crate) async fn take_code(
        &self,
        tx: &mut Tx,
        keys: &Keys,
        typed: &str,
    ) -> Result<Option<&'static str>> {
        if let Some(sealed) = &self.totp_secret {
            let secret = TotpSecret::from_bytes(keys.open(&totp::place(self.id), sealed)?);
            if let Some(step) = secret.verify(typed, tx.now(), self.totp_last_step)? {
                // Of two at once with the same code, one.
                let is_first = tx.optional(USE_STEP, params![self.id, step]).await?.is_some();
                return Ok(is_first.then_some("code"));
            }
        }
        match recovery::digest(keys, self.id, typed)? {
            Some(digest) => {
                let row = tx.optional(USE_RECOVERY_CODE, params![self.id, digest]).await?;
                Ok(row.map(|_| "recovery code"))
            }
            None => Ok(None),
        }
    }
}

/// Hashes and stores a password that passed [`check_password`].
pub(crate) async fn set_password(cx: &Context, tx: &mut Tx, account: Uuid, new: &str) -> Result<()> {
    let hash = password::hash(new, Cost::PRESENT, cx.random())?;
    tx.execute(SET_PASSWORD, params![account, hash]).await
}

/// What is wrong with a new password that was typed twice, in the words of a form.
pub(crate) fn check_password(
    language: Language,
    password: &str,
    again: &str,
    personal: &[&str],
) -> Vec<FieldError> {
    let t = |english, spanish| pick(language, english, spanish).to_owned();
    let mut errors = Vec::new();
    if let Err(weakness) = password::check(password, personal) {
        let message = match weakness {
            Weakness::TooShort => t("Use at least 12 characters.", "Use al menos 12 caracteres."),
            Weakness::TooLong => t("Use at most 128 characters.", "Use 128 caracteres como máximo."),
            Weakness::Common => t(
                "This is easy to guess. Use a few words that do not belong together.",
                "Esto es fácil de adivinar. Use unas cuantas palabras que no vayan juntas.",
            ),
            Weakness::Personal => t(
                "Leave out your name, your e-mail address and your organization.",
                "No use su nombre, su correo ni su organización.",
            ),
        };
        errors.push(FieldError::new("password", "weak", message));
    }
    if password != again {
        let message = t("The two are not the same.", "No coinciden.");
        errors.push(FieldError::new("password_again", "different", message));
    }
    errors
}

const INSERT_SESSION: Sql = sql!(
    "insert into platform.session (id, account_id, token_digest, device, created_at, is_complete, provider, provider_session)
     values ($1, $2, $3, $4, $5, $6, $7, $8)"
);
const COMPLETE_SESSION: Sql = sql!(
    "update platform.session set token_digest = $2, created_at = $3, is_complete = true
      where id = $1 and ended_at is null returning id"
);
const MOVE_SESSION: Sql = sql!("update platform.session set token_digest = $2 where id = $1");
const END_SESSION: Sql = sql!(
    "update platform.session set ended_at = $3 where id = $1 and account_id = $2 and ended_at is null
     returning token_digest"
);
const END_SESSIONS: Sql = sql!(
    "update platform.session set ended_at = $2 where account_id = $1 and ended_at is null and id is distinct from $3
     returning token_digest"
);
const MEMBERSHIPS: Sql = sql!("select tenant_id from platform.organizations_of($1) order by name");

/// What somebody showed to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    Password,
    /// Both factors in one.
    Passkey,
    /// The word of a provider, which may have asked for both.
    Provider(ProviderSession),
}

/// Begins a session of an account whose password or passkey was right: complete, unless a second factor is still to come. Another
/// session that this browser had ends.
pub(crate) async fn begin_session(
    cx: &Context,
    headers: &HeaderMap,
    account: &Credentials,
    shown: Shown,
) -> Result<(Token, Stage)> {
    if let Some(old) = Cookie::Session.read(&cx.settings, headers)
        && let Some(session) = sessions(cx).find(&old).await?
    {
        end_session(cx, session.account, session.id).await?;
        sessions(cx).end(&old.digest()).await?;
    }
    let memberships = cx.db.rows(MEMBERSHIPS, params![account.id]).await?;
    let memberships = memberships
        .iter()
        .map(|row| row.get("tenant_id"))
        .collect::<Result<Vec<Uuid>>>()?;
    let tenant = account
        .last_tenant
        .filter(|last| memberships.contains(last))
        .or_else(|| memberships.first().copied());
    let (stage, with) = match &shown {
        Shown::Passkey => (Stage::Complete, "passkey"),
        Shown::Password if account.has_second_factor() => (Stage::Password, "password"),
        Shown::Password => (Stage::Complete, "password"),
        Shown::Provider(at) if account.has_second_factor() && !at.has_second_factor => {
            (Stage::Password, "provider")
        }
        Shown::Provider(_) => (Stage::Complete, "provider"),
    };
    let provider = match shown {
        Shown::Provider(at) => Some(at),
        _ => None,
    };
    let id = cx.random().uuid();
    let (token, session) = sessions(cx)
        .begin_at(id, account.id, tenant, stage, provider)
        .await?;
    let provider = session.provider.as_ref();
    let mut tx = cx.db.begin_untenanted().await?;
    tx.execute(
        INSERT_SESSION,
        params![
            id,
            account.id,
            token.digest(),
            device(headers),
            session.created,
            stage == Stage::Complete,
            provider.map(|at| at.id.as_str()),
            provider.and_then(|at| at.session.as_deref())
        ],
    )
    .await?;
    if stage == Stage::Complete {
        note_sign_in(&mut tx, headers, &session, with).await?;
    }
    tx.commit().await?;
    Ok((token, stage))
}

/// Completes a session that waited for its code, under a new token. `None` where it ended meanwhile: by a new password, by the
/// provider that it stands on.
pub(crate) async fn complete_session(
    cx: &Context,
    tx: &mut Tx,
    headers: &HeaderMap,
    token: &Token,
    session: Session,
    with: &'static str,
) -> Result<Option<Token>> {
    let (token, session) = sessions(cx).rotate(token, session, Stage::Complete).await?;
    let row = tx
        .optional(
            COMPLETE_SESSION,
            params![session.id, token.digest(), session.created],
        )
        .await?;
    if row.is_none() {
        sessions(cx).end(&token.digest()).await?;
        return Ok(None);
    }
    note_sign_in(tx, headers, &session, with).await?;
    Ok(Some(token))
}

/// From here on the session stands in the account's own history.
async fn note_sign_in(tx: &mut Tx, headers: &HeaderMap, session: &Session, with: &'static str) -> Result<()> {
    let account = session.account;
    let mut after = json!({"with": with, "device": device(headers)});
    if let Some(provider) = &session.provider {
        after["provider"] = json!(provider.id);
    }
    tx.audit_account(account, own_change(account, "account.sign_in", None, Some(after)))
        .await
}

/// A change that somebody makes to their own account.
pub(crate) fn own_change(
    account: Uuid,
    action: &'static str,
    before: Option<Value>,
    after: Option<Value>,
) -> Change {
    Change {
        actor: Actor::Account(account),
        action,
        object_kind: "account",
        object_id: account.to_string(),
        before,
        after,
    }
}

/// Puts a session under a new token, as its rights change.
pub(crate) async fn rotate_session(
    cx: &Context,
    tx: &mut Tx,
    token: &Token,
    session: Session,
) -> Result<Token> {
    let id = session.id;
    let (token, _) = sessions(cx).rotate(token, session, Stage::Complete).await?;
    tx.execute(MOVE_SESSION, params![id, token.digest()]).await?;
    Ok(token)
}

/// Ends a session of this account. `false` where it has none of this id.
pub(crate) async fn end_session(cx: &Context, account: Uuid, session: Uuid) -> Result<bool> {
    let now = cx.clock().now();
    let row = cx
        .db
        .optional(END_SESSION, params![session, account, now])
        .await?;
    match row {
        Some(row) => {
            sessions(cx).end(row.get("token_digest")?).await?;
            Ok(true)
        }
        None => Ok(false),
    }
}

/// Ends every session of an account but one, in this transaction; the digests of their tokens, for [`drop_tokens`] after it.
pub(crate) async fn end_sessions(tx: &mut Tx, account: Uuid, but: Option<Uuid>) -> Result<Vec<String>> {
    let now = tx.now();
    let rows = tx.rows(END_SESSIONS, params![account, now, but]).await?;
    rows.iter().map(|row| row.get("token_digest")).collect()
}

/// After a change of who gets in: ends the other sessions, and tells the owner by mail. Digests for [`drop_tokens`], as
/// [`end_sessions`] gives them.
pub(crate) async fn tell_and_end_others(
    tx: &mut Tx,
    person: &SignedIn,
    kind: MailKind,
) -> Result<Vec<String>> {
    let account = person.account.id;
    let ended = end_sessions(tx, account, Some(person.session.id)).await?;
    let to = To {
        email: &person.account.email,
        language: person.account.language,
        account: Some(account),
        ..To::default()
    };
    account_mail::ask(tx, kind, &to).await?;
    Ok(ended)
}

pub(crate) async fn drop_tokens(cx: &Context, digests: &[String]) -> Result<()> {
    for digest in digests {
        sessions(cx).end(digest).await?;
    }
    Ok(())
}

/// What a browser says it is, as short as people know it: `Firefox, Linux`.
pub(crate) fn device(headers: &HeaderMap) -> String {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // The order matters: every browser also says that it is others.
    let find = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "–".to_owned(),
    }
}

/// A page that is one form, or one message. For people with and without an account.
#[derive(Template)]
#[template(path = "form_page.html")]
pub(crate) struct FormPage {
    pub(crate) page: Page,
    pub(crate) menu: Option<Menu>,
    pub(crate) heading: String,
    /// Good news, after something was done.
    pub(crate) notice: Option<String>,
    pub(crate) intro: Vec<String>,
    pub(crate) form: Form,
    /// Name and value.
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// Empty: there is nothing to send.
    pub(crate) button: String,
    /// Label and path of other ways to the same end.
    pub(crate) ways: Vec<(String, String)>,
    /// Label and path of what else one may want.
    pub(crate) links: Vec<(String, String)>,
    /// The other way: by a passkey.
    pub(crate) passkey: Option<PasskeyForm>,
}

impl FormPage {
    pub(crate) fn new(language: Language, heading: &str) -> Self {
        Self {
            page: Page::new(language, heading),
            menu: None,
            heading: heading.to_owned(),
            notice: None,
            intro: Vec::new(),
            form: Form::default(),
            hidden: Vec::new(),
            button: String::new(),
            ways: Vec::new(),
            links: Vec::new(),
            passkey: None,
        }
    }

    #[must_use]
    pub(crate) fn intro(mut self, text: &str) -> Self {
        self.intro.push(text.to_owned());
        self
    }

    #[must_use]
    pub(crate) fn link(mut self, label: &str, path: &str) -> Self {
        self.links.push((label.to_owned(), path.to_owned()));
        self
    }

    /// The form, its button and the token that it comes back with.
    #[must_use]
    pub(crate) fn form(mut self, form: Form, button: &str, form_token: String) -> Self {
        self.form = form;
        self.button = button.to_owned();
        self.hidden.push(("form_token", form_token));
        self
    }

    /// Answers 200, or 400 where the form has errors.
    pub(crate) fn respond(mut self) -> app::Result<Response> {
        let status = if self.form.errors.is_empty() {
            StatusCode::OK
        } else {
            self.page.title = format!("Error: {}", self.page.title);
            StatusCode::BAD_REQUEST
        };
        html(status, &self)
    }
}

/// A field of a form about accounts.
pub(crate) fn field(
    name: &'static str,
    label: &str,
    kind: &'static str,
    autocomplete: &'static str,
) -> FormField {
    FormField {
        name,
        label: label.to_owned(),
        kind,
        autocomplete,
        required: true,
        ..FormField::default()
    }
}

/// The two fields of a new password.
pub(crate) fn new_password_fields(language: Language) -> [FormField; 2] {
    [
        FormField {
            hint: pick(
                language,
                "At least 12 characters; a few unrelated words are easy to remember and hard to guess",
                "Al menos 12 caracteres; unas palabras sin relación son fáciles de recordar y difíciles de adivinar",
            )
            .to_owned(),
            ..field(
                "password",
                pick(language, "New password", "Contraseña nueva"),
                "password",
                "new-password",
            )
        },
        field(
            "password_again",
            pick(language, "New password, again", "Contraseña nueva, otra vez"),
            "password",
            "new-password",
        ),
    ]
}

pub(crate) fn time_zone_field(language: Language) -> FormField {
    FormField {
        options: TIME_ZONES
            .iter()
            .map(|zone| (zone.name.to_owned(), zone.label(language).to_owned()))
            .collect(),
        ..field(
            "time_zone",
            pick(language, "Time zone", "Zona horaria"),
            "select",
            "off",
        )
    }
}

/// The common messages of fields, in the page's language.
pub(crate) fn translated(language: Language, errors: &[FieldError]) -> Vec<FieldError> {
    let spanish = |code: &str| match code {
        "required" | "null" | "blank" => Some("Este dato es obligatorio."),
        "email" => Some("Escriba una dirección como nombre@example.org."),
        "too_long" => Some("Es demasiado largo."),
        "invalid_choice" => Some("Elija una de las opciones."),
        _ => None,
    };
    errors
        .iter()
        .map(|error| match (language, spanish(&error.code)) {
            (Language::Es, Some(message)) => {
                FieldError::new(error.field.clone(), error.code.clone(), message)
            }
            _ => error.clone(),
        })
        .collect()
}

/// What stands beside the field for a code: an account with passkeys alone has no app.
pub(crate) fn code_hint(language: Language, account: &Credentials) -> &'static str {
    if account.has_app() {
        pick(
            language,
            "Six digits from your authenticator app, or one of your recovery codes",
            "Seis dígitos de su aplicación de autenticación, o uno de sus códigos de recuperación",
        )
    } else {
        pick(
            language,
            "One of your recovery codes",
            "Uno de sus códigos de recuperación",
        )
    }
}

pub(crate) fn passkey_refused(language: Language) -> &'static str {
    pick(
        language,
        "The passkey was not accepted. Try again, or use your password.",
        "No se aceptó la llave de acceso. Inténtelo de nuevo o use su contraseña.",
    )
}

/// What a form says where a password or a code was wrong.
pub(crate) fn wrong(field: &'static str, message: &str) -> Vec<FieldError> {
    vec![FieldError::new(field, "wrong", message.to_owned())]
}

/// Is the error the answer to wrong input, to be shown with the form?
pub(crate) fn is_invalid(error: &Error) -> bool {
    error.kind() == Kind::Invalid
}

/// Mails about accounts are the house's own.
pub(crate) const HOUSE: letter::Sender<'static> = letter::Sender {
    tenant: "",
    is_first_party: true,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_know_them() {
        let named = |agent: &str| {
            device(&HeaderMap::from_iter([(
                header::USER_AGENT,
                agent.parse().unwrap(),
            )]))
        };
        assert_eq!(
            named("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            "Firefox, Linux"
        );
        assert_eq!(
            named("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140"),
            "Edge, Windows"
        );
        assert_eq!(named("curl/8"), "–");
        assert_eq!(named("<script>"), "–");
    }
}
