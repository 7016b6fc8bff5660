//! `/account/passkeys`: somebody's passkeys: add, rename, remove; and the page where they prove first that it is them.
//!
//! Adding or removing one changes who gets in, so it takes a session whose owner proved within a quarter of an hour who they are,
//! by everything that signing in would take; it ends the other sessions, and is told by mail.

use app::{
    Context, Cookie, FieldError, Form, Menu, OpenApiRouter, Page, PathId, Posted, SignedIn, page::html,
    see_other,
};
use askama::Template;
use axum::{
    Json,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use data_encoding::BASE64URL_NOPAD;
use identity::{
    Session, Token,
    limit::{SECOND_FACTOR, SIGN_IN_ACCOUNT},
    local_path,
    webauthn::{ALGORITHMS, CHALLENGE_LIFE, Ceremony, NewPasskey, RelyingParty, register},
};
use jiff::Timestamp;
use ports::{Error, Kind, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Row, Sql, Tx, params, sql};
use uuid::Uuid;

use crate::{
    account_mail::MailKind,
    accounts::{self, Credentials, FormPage, field, local_time, own_change, wrong},
    passkey::{self, MOST, PasskeyForm},
    second_factor,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/account/passkeys", get(list).post(add))
        .route("/account/passkeys/options", post(options))
        .route("/account/passkeys/confirm", get(confirm_form).post(confirm))
        .route("/account/passkeys/confirm/passkey", post(confirm_by_passkey))
        .route("/account/passkeys/{id}", get(one).post(rename))
        .route("/account/passkeys/{id}/remove", post(remove))
}

/// Characters of a passkey's name.
const MAX_NAME: usize = 60;

const LIST: Sql = sql!(
    "select id, name, backed_up, created_at, last_used_at from platform.passkey
      where account_id = $1 order by created_at, id limit 20"
);
const ONE: Sql = sql!(
    "select id, name, backed_up, created_at, last_used_at from platform.passkey where account_id = $1 and id = $2"
);
/// Gives the account its handle, and holds its row: of two additions at once the second counts the first.
const HANDLE: Sql = sql!(
    "update platform.account set passkey_handle = coalesce(passkey_handle, $2) where id = $1 returning passkey_handle"
);
const COUNT: Sql = sql!("select count(*) as passkeys from platform.passkey where account_id = $1");
const INSERT: Sql = sql!(
    "insert into platform.passkey (id, account_id, credential_id, public_key, sign_count, backup_eligible, backed_up, transports,
                                   name, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (credential_id) do nothing returning id"
);
const RENAME: Sql = sql!("update platform.passkey set name = $3 where account_id = $1 and id = $2");
const REMOVE: Sql = sql!("delete from platform.passkey where account_id = $1 and id = $2 returning name");

struct Listed {
    id: Uuid,
    name: String,
    backed_up: bool,
    created: String,
    last_used: String,
}

impl Listed {
    fn read(row: &Row, person: &SignedIn) -> Result<Self> {
        let shown = |at: Timestamp| local_time(at, &person.account.time_zone);
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            backed_up: row.get("backed_up")?,
            created: shown(row.get("created_at")?),
            last_used: row
                .get::<Option<Timestamp>>("last_used_at")?
                .map_or_else(|| person.t("Never", "Nunca").to_owned(), shown),
        })
    }
}

#[derive(Template)]
#[template(path = "passkeys.html")]
struct PasskeysPage {
    page: Page,
    menu: Option<Menu>,
    error: Option<String>,
    passkeys: Vec<Listed>,
    is_full: bool,
    /// Can this site have passkeys at all?
    is_available: bool,
    /// None: the person proves first that it is them.
    way: Option<PasskeyForm>,
}

/// Leads to where somebody proves that it is them, and back.
pub(crate) fn to_confirm(back: &str) -> Response {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", back)
        .finish();
    see_other(&format!("/account/passkeys/confirm?{query}"))
}

async fn page(cx: &Context, person: &SignedIn, error: Option<&str>) -> app::Result<Response> {
    let rows = cx.db.rows(LIST, params![person.account.id]).await?;
    let passkeys: Vec<Listed> = rows
        .iter()
        .map(|row| Listed::read(row, person))
        .collect::<Result<_>>()?;
    let party = RelyingParty::of(&cx.settings.public_url);
    let is_available = party.is_some();
    let way = match party.filter(|_| person.session.is_proven(cx.clock().now())) {
        Some(party) => Some(PasskeyForm {
            kind: "create",
            action: "/account/passkeys",
            options: "/account/passkeys/options",
            origin: party.origin,
            button: person.t("Add a passkey", "Añadir una llave de acceso").to_owned(),
            hidden: vec![("form_token", person.token.form_token()?)],
            without_script: person
                .t(
                    "Adding a passkey needs JavaScript. Without it, an authenticator app is your second factor.",
                    "Añadir una llave de acceso necesita JavaScript. Sin él, su segundo factor es una aplicación de autenticación.",
                )
                .to_owned(),
            failed: person
                .t(
                    "No passkey was made. Try again.",
                    "No se creó ninguna llave de acceso. Inténtelo de nuevo.",
                )
                .to_owned(),
        }),
        None => None,
    };
    let status = match error {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    let mut page = Page::new(person.language, person.t("Passkeys", "Llaves de acceso"));
    if error.is_some() {
        page.title = format!("Error: {}", page.title);
    }
    html(
        status,
        &PasskeysPage {
            page,
            menu: Some(person.menu("/account/passkeys")?),
            error: error.map(str::to_owned),
            is_full: passkeys.len() >= MOST,
            passkeys,
            is_available,
            way,
        },
    )
}

async fn list(person: SignedIn, State(cx): State<Context>) -> app::Result<Response> {
    page(&cx, &person, None).await
}

/// Refuses whoever did not prove lately that it is them: a program is told, a person is led.
fn unproven() -> Error {
    Error::new(
        Kind::Forbidden,
        "unproven",
        "Prove again that it is you, then do this once more.",
    )
}

/// What `navigator.credentials.create()` is asked with.
async fn options(person: SignedIn, State(cx): State<Context>, _: Posted) -> app::Result<Response> {
    if !person.session.is_proven(cx.clock().now()) {
        return Err(unproven().into());
    }
    let (party, account) = (passkey::relying_party(&cx)?, person.account.id);
    let row = cx.db.one(HANDLE, params![account, cx.random().uuid()]).await?;
    let handle: Uuid = row.get("passkey_handle")?;
    let known = passkey::descriptors(&cx, account).await?;
    let challenge = passkey::challenges(&cx)
        .begin(Ceremony::Register, &person.token, Some(account))
        .await?;
    let algorithms: Vec<Value> = ALGORITHMS
        .into_iter()
        .map(|algorithm| json!({"type": "public-key", "alg": algorithm}))
        .collect();
    let issuer = cx.settings.mail_from.name.as_deref().unwrap_or("Commonweal");
    let options = json!({
        "challenge": challenge.expose(),
        "rp": {"id": party.id, "name": issuer},
        "user": {
            "id": BASE64URL_NOPAD.encode(handle.as_bytes()),
            "name": person.account.email,
            "displayName": person.account.name,
        },
        "pubKeyCredParams": algorithms,
        "timeout": CHALLENGE_LIFE.as_millis(),
        "attestation": "none",
        "authenticatorSelection": {"residentKey": "preferred", "requireResidentKey": false, "userVerification": "required"},
        "excludeCredentials": known,
    });
    Ok(Json(options).into_response())
}

/// A name as it is kept: one line of at most [`MAX_NAME`] characters.
fn clean_name(typed: &str) -> Option<String> {
    let name: String = typed
        .chars()
        .filter(|c| !c.is_control())
        .collect::<String>()
        .trim()
        .to_owned();
    (!name.is_empty() && name.chars().count() <= MAX_NAME).then_some(name)
}

/// The answer to [`options`], checked.
async fn made(cx: &Context, person: &SignedIn, sent: &app::Fields) -> Result<Option<NewPasskey>> {
    let party = passkey::relying_party(cx)?;
    let taken = passkey::challenges(cx)
        .take(Ceremony::Register, &person.token)
        .await?;
    let Some(challenge) = taken.filter(|challenge| challenge.account == Some(person.account.id)) else {
        return Ok(None);
    };
    let part = |name| passkey::decode(sent.text(name)).unwrap_or_default();
    let (client_data, attestation_object) = (part("client_data"), part("attestation_object"));
    match register(&party, &challenge.bytes()?, &client_data, &attestation_object) {
        Ok(made) => Ok(Some(made)),
        Err(refusal) => {
            let why = refusal.as_str();
            tracing::info!(metric = "PasskeyNotMade", why, "a new passkey was refused");
            Ok(None)
        }
    }
}

async fn add(person: SignedIn, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    if !person.session.is_proven(cx.clock().now()) {
        return Ok(to_confirm("/account/passkeys"));
    }
    let account = person.account.id;
    let keys = accounts::keys(&cx).await?;
    accounts::count(&cx, &keys, &SECOND_FACTOR, &account.to_string()).await?;
    let Some(made) = made(&cx, &person, &sent).await? else {
        let message = person.t(
            "The passkey could not be added. Adding one needs JavaScript, and five minutes at most.",
            "No se pudo añadir la llave de acceso. Para añadirla hace falta JavaScript, y no más de cinco minutos.",
        );
        return page(&cx, &person, Some(message)).await;
    };
    let name =
        clean_name(sent.text("name")).unwrap_or_else(|| person.t("Passkey", "Llave de acceso").to_owned());
    let mut tx = cx.db.begin_untenanted().await?;
    tx.one(HANDLE, params![account, cx.random().uuid()]).await?;
    let held: i64 = tx.one(COUNT, params![account]).await?.get("passkeys")?;
    if held >= MOST as i64 {
        // A Lambda has one connection.
        drop(tx);
        return page(&cx, &person, None).await;
    }
    let (id, now) = (tx.random_id(), tx.now());
    let transports = passkey::known_transports(sent.text("transports"));
    let inserted = tx
        .optional(
            INSERT,
            params![
                id,
                account,
                made.credential_id,
                made.public_key,
                i64::from(made.sign_count),
                made.backup_eligible,
                made.backed_up,
                transports,
                name,
                now
            ],
        )
        .await?;
    if inserted.is_none() {
        drop(tx);
        let message = person.t(
            "This passkey is known already.",
            "Esta llave de acceso ya se conoce.",
        );
        return page(&cx, &person, Some(message)).await;
    }
    // The first factor beside the password brings the codes for the day that it is lost.
    let codes = match person.account.has_second_factor {
        true => None,
        false => Some(second_factor::renew_codes(&cx, &mut tx, &keys, account).await?),
    };
    let after = json!({"passkey": id, "name": name});
    let token = changed(&cx, &mut tx, &person, "account.add_passkey", None, Some(after)).await?;
    let ended = accounts::tell_and_end_others(&mut tx, &person, MailKind::PasskeyAdded).await?;
    tx.commit().await?;
    accounts::drop_tokens(&cx, &ended).await?;
    accounts::forget(&cx, &keys, &SECOND_FACTOR, &account.to_string()).await?;
    let mut response = match codes {
        Some(codes) => {
            let person = SignedIn {
                token: token.clone(),
                ..person
            };
            second_factor::codes_page(&person, codes)?
        }
        None => see_other("/account/passkeys"),
    };
    set_session(&cx, &mut response, &token)?;
    Ok(response)
}

fn set_session(cx: &Context, response: &mut Response, token: &Token) -> Result<()> {
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.set(&cx.settings, token)?);
    Ok(())
}

/// Notes a change of who gets in, and puts the session under a new token.
async fn changed(
    cx: &Context,
    tx: &mut Tx,
    person: &SignedIn,
    action: &'static str,
    before: Option<Value>,
    after: Option<Value>,
) -> Result<Token> {
    let account = person.account.id;
    tx.audit_account(account, own_change(account, action, before, after))
        .await?;
    accounts::rotate_session(cx, tx, &person.token, person.session.clone()).await
}

async fn found(cx: &Context, person: &SignedIn, id: Uuid) -> Result<Listed> {
    let row = cx.db.optional(ONE, params![person.account.id, id]).await?;
    Listed::read(&row.ok_or_else(Error::not_found)?, person)
}

#[derive(Template)]
#[template(path = "passkey.html")]
struct PasskeyPage {
    page: Page,
    menu: Option<Menu>,
    passkey: Listed,
    form: Form,
    form_token: String,
    is_last_factor: bool,
}

async fn one_page(
    cx: &Context,
    person: &SignedIn,
    id: Uuid,
    typed: Option<&str>,
    errors: &[FieldError],
) -> app::Result<Response> {
    let passkey = found(cx, person, id).await?;
    let account = Credentials::by_id(cx, person.account.id).await?;
    let held: i64 = cx
        .db
        .one(COUNT, params![person.account.id])
        .await?
        .get("passkeys")?;
    let mut form = Form::default();
    form.push(
        field("name", person.t("Name", "Nombre"), "text", "off"),
        &|_| typed.unwrap_or(&passkey.name).to_owned(),
        errors,
    );
    let mut page = Page::new(
        person.language,
        format!("{}: {}", person.t("Passkey", "Llave de acceso"), passkey.name),
    );
    let status = match errors {
        [] => StatusCode::OK,
        _ => {
            page.title = format!("Error: {}", page.title);
            StatusCode::BAD_REQUEST
        }
    };
    html(
        status,
        &PasskeyPage {
            page,
            menu: Some(person.menu("/account/passkeys")?),
            passkey,
            form,
            form_token: person.token.form_token()?,
            is_last_factor: held == 1 && !account.has_app(),
        },
    )
}

async fn one(person: SignedIn, State(cx): State<Context>, PathId(id): PathId) -> app::Result<Response> {
    one_page(&cx, &person, id, None, &[]).await
}

async fn rename(
    person: SignedIn,
    State(cx): State<Context>,
    PathId(id): PathId,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let old = found(&cx, &person, id).await?;
    let Some(name) = clean_name(sent.text("name")) else {
        let message = person.t("Use 1 to 60 characters.", "Use de 1 a 60 caracteres.");
        let errors = wrong("name", message);
        return one_page(&cx, &person, id, Some(sent.text("name")), &errors).await;
    };
    let account = person.account.id;
    let mut tx = cx.db.begin_untenanted().await?;
    tx.execute(RENAME, params![account, id, name]).await?;
    let (before, after) = (
        json!({"passkey": id, "name": old.name}),
        json!({"passkey": id, "name": name}),
    );
    let change = own_change(account, "account.rename_passkey", Some(before), Some(after));
    tx.audit_account(account, change).await?;
    tx.commit().await?;
    Ok(see_other("/account/passkeys"))
}

async fn remove(
    person: SignedIn,
    State(cx): State<Context>,
    PathId(id): PathId,
    _: Posted,
) -> app::Result<Response> {
    found(&cx, &person, id).await?;
    if !person.session.is_proven(cx.clock().now()) {
        return Ok(to_confirm(&format!("/account/passkeys/{id}")));
    }
    let account = person.account.id;
    let mut tx = cx.db.begin_untenanted().await?;
    tx.one(HANDLE, params![account, cx.random().uuid()]).await?;
    let Some(row) = tx.optional(REMOVE, params![account, id]).await? else {
        return Err(Error::not_found().into());
    };
    let before = json!({"passkey": id, "name": row.get::<String>("name")?});
    second_factor::drop_codes_without_factor(&mut tx, account).await?;
    let token = changed(
        &cx,
        &mut tx,
        &person,
        "account.remove_passkey",
        Some(before),
        None,
    )
    .await?;
    let ended = accounts::tell_and_end_others(&mut tx, &person, MailKind::PasskeyRemoved).await?;
    tx.commit().await?;
    accounts::drop_tokens(&cx, &ended).await?;
    let mut response = see_other("/account/passkeys");
    set_session(&cx, &mut response, &token)?;
    Ok(response)
}

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

/// Where to go after: a page of our own, else the passkeys.
fn destination(next: Option<&str>) -> &str {
    next.and_then(local_path).unwrap_or("/account/passkeys")
}

/// Asks for everything that signing in asks for: the password and a code, or a passkey. An account without a second factor has
/// its password.
fn confirm_page(
    cx: &Context,
    person: &SignedIn,
    account: &Credentials,
    next: &str,
    errors: &[FieldError],
) -> app::Result<Response> {
    let mut form = Form::default();
    let mut fields = vec![field(
        "password",
        person.t("Your password", "Su contraseña"),
        "password",
        "current-password",
    )];
    if account.has_second_factor() {
        let mut code = field("code", person.t("Code", "Código"), "text", "one-time-code");
        code.hint = accounts::code_hint(person.language, account).to_owned();
        fields.push(code);
    }
    for field in fields {
        form.push(field, &|_| String::new(), errors);
    }
    form.push_others(errors);
    let heading = person.t("Prove that it is you", "Demuestre que es usted");
    let form_token = person.token.form_token()?;
    let mut page = FormPage::new(person.language, heading)
        .intro(person.t(
            "What you are about to change decides who gets into your account.",
            "Lo que va a cambiar decide quién puede entrar en su cuenta.",
        ))
        .form(form, person.t("Continue", "Continuar"), form_token.clone());
    page.hidden.push(("next", next.to_owned()));
    if account.has_passkey {
        page.passkey = PasskeyForm::get(
            cx,
            person.language,
            "/account/passkeys/confirm/passkey",
            person.t("Use a passkey", "Usar una llave de acceso"),
            vec![("form_token", form_token), ("next", next.to_owned())],
        );
    }
    page.menu = Some(person.menu("/account/passkeys")?);
    page.respond()
}

async fn confirm_form(
    person: SignedIn,
    State(cx): State<Context>,
    Query(query): Query<Next>,
) -> app::Result<Response> {
    let next = destination(query.next.as_deref());
    if person.session.is_proven(cx.clock().now()) {
        return Ok(see_other(next));
    }
    let account = Credentials::by_id(&cx, person.account.id).await?;
    confirm_page(&cx, &person, &account, next, &[])
}

async fn confirm(person: SignedIn, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    let next = destination(Some(sent.text("next")));
    let account = Credentials::by_id(&cx, person.account.id).await?;
    let (keys, who) = (accounts::keys(&cx).await?, account.id.to_string());
    accounts::count(&cx, &keys, &SIGN_IN_ACCOUNT, &account.email).await?;
    if !account.has_password(&cx, sent.text("password")).await? {
        let message = person.t("The password is wrong.", "La contraseña no es correcta.");
        return confirm_page(&cx, &person, &account, next, &wrong("password", message));
    }
    let mut tx = cx.db.begin_untenanted().await?;
    if account.has_second_factor() {
        accounts::count(&cx, &keys, &SECOND_FACTOR, &who).await?;
        let code = account.take_code(&mut tx, &keys, sent.text("code")).await?;
        if code.is_none() {
            let message = person.t(
                "This code is wrong, or was used before.",
                "Este código no es correcto o ya se usó.",
            );
            return confirm_page(&cx, &person, &account, next, &wrong("code", message));
        }
        accounts::forget(&cx, &keys, &SECOND_FACTOR, &who).await?;
    }
    accounts::forget(&cx, &keys, &SIGN_IN_ACCOUNT, &account.email).await?;
    proven(&cx, tx, &person, next).await
}

async fn confirm_by_passkey(
    person: SignedIn,
    State(cx): State<Context>,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let next = destination(Some(sent.text("next")));
    let (keys, who) = (accounts::keys(&cx).await?, person.account.id.to_string());
    accounts::count(&cx, &keys, &SECOND_FACTOR, &who).await?;
    let whose = passkey::take_proof(&cx, &person.token, &sent).await?;
    if whose != Some(person.account.id) {
        let account = Credentials::by_id(&cx, person.account.id).await?;
        let errors = wrong("passkey", accounts::passkey_refused(person.language));
        return confirm_page(&cx, &person, &account, next, &errors);
    }
    accounts::forget(&cx, &keys, &SECOND_FACTOR, &who).await?;
    let tx = cx.db.begin_untenanted().await?;
    proven(&cx, tx, &person, next).await
}

/// From here on the session's owner may change how they get in, for a while.
async fn proven(cx: &Context, mut tx: Tx, person: &SignedIn, next: &str) -> app::Result<Response> {
    let account = person.account.id;
    let session = Session {
        proven: Some(cx.clock().now()),
        ..person.session.clone()
    };
    let token = accounts::rotate_session(cx, &mut tx, &person.token, session).await?;
    tx.audit_account(account, own_change(account, "account.prove", None, None))
        .await?;
    tx.commit().await?;
    let mut response = see_other(next);
    set_session(cx, &mut response, &token)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(clean_name(" work\r\n laptop "), Some("work laptop".to_owned()));
        assert_eq!(clean_name("\u{7}\n"), None);
        assert_eq!(clean_name(&"ñ".repeat(60)), Some("ñ".repeat(60)));
        assert_eq!(clean_name(&"x".repeat(61)), None);
    }
}
