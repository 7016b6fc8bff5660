//! `/account/second-factor`: one-time codes by an authenticator app, and recovery codes for the day the phone is lost.
//!
//! A new secret lies encrypted in the key-value store until a first code proves that the app has it; only then it counts.
//! Turning it off, or making new recovery codes, takes the password and a code. Passkeys are a second factor beside it (see
//! [`crate::passkeys`]), with the same recovery codes: those go with the last factor.

use app::{
    Context, Cookie, FieldError, Form, Menu, OpenApiRouter, Page, Posted, SignedIn, page::html, see_other,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::Response,
    routing::{get, post},
};
use data_encoding::BASE64;
use identity::{
    Keys,
    limit::{SECOND_FACTOR, SIGN_IN_ACCOUNT},
    recovery,
    totp::{self, TotpSecret},
};
use jiff::SignedDuration;
use ports::{Entry, Error, Result};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Deserialize;
use serde_json::json;
use store::{Sql, Tx, params, sql};
use uuid::Uuid;

use crate::{
    accounts::{self, Credentials, FormPage, field, own_change, wrong},
    passkeys::to_confirm,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/account/second-factor", get(show).post(enrol))
        .route(
            "/account/second-factor/recovery-codes",
            get(codes_form).post(new_codes),
        )
        .route("/account/second-factor/remove", get(remove_form).post(remove))
        .route("/account/second-factor/restart", post(restart))
}

/// How long a shown secret waits for its first code.
const ENROLMENT: SignedDuration = SignedDuration::from_mins(30);

const COUNT_CODES: Sql = sql!("select count(*) as codes from platform.recovery_code where account_id = $1");
/// For the account that has neither app nor passkey left.
const DROP_CODES_WITHOUT_FACTOR: Sql = sql!(
    "delete from platform.recovery_code r using platform.account a
      where a.id = $1 and r.account_id = a.id and a.totp_secret is null
        and not exists (select from platform.passkey p where p.account_id = a.id)"
);
const DROP_CODES: Sql = sql!("delete from platform.recovery_code where account_id = $1");
const KEEP_CODE: Sql = sql!("insert into platform.recovery_code (account_id, digest) values ($1, $2)");
const ENROL: Sql = sql!(
    "update platform.account set totp_secret = $2, totp_last_step = $3 where id = $1 and totp_secret is null returning id"
);
const REMOVE: Sql =
    sql!("update platform.account set totp_secret = null, totp_last_step = null where id = $1");

fn waiting(person: &SignedIn) -> String {
    format!("second-factor-enrolment#{}", person.session.id)
}

/// The secret that this session was shown, or a new one.
async fn shown_secret(cx: &Context, keys: &Keys, person: &SignedIn) -> Result<TotpSecret> {
    let (key, place) = (waiting(person), totp::place(person.account.id));
    if let Some(entry) = cx.key_value().get(&key).await?
        && let Some(sealed) = entry
            .value
            .as_str()
            .and_then(|text| BASE64.decode(text.as_bytes()).ok())
    {
        return Ok(TotpSecret::from_bytes(keys.open(&place, &sealed)?));
    }
    let secret = TotpSecret::new(cx.random());
    let sealed = keys.seal(cx.random(), &place, secret.as_bytes())?;
    let entry = Entry {
        value: json!(BASE64.encode(&sealed)),
        expires: cx.clock().now() + ENROLMENT,
    };
    cx.key_value().put(&key, entry).await?;
    Ok(secret)
}

#[derive(Template)]
#[template(path = "second_factor_enrol.html")]
struct EnrolPage {
    page: Page,
    menu: Option<Menu>,
    form: Form,
    form_token: String,
    is_required: bool,
    has_passkey: bool,
    /// The path of a QR code's dark squares, and its side with the quiet zone.
    squares: String,
    side: i32,
    secret: String,
}

/// One SVG path for all dark squares: a stroke of length one each, with the four light ones around that scanners need.
fn qr_code(text: &str) -> Result<(String, i32)> {
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|_| Error::internal("the address of an authenticator app is too long for a QR code"))?;
    let mut squares = String::new();
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                squares.push_str(&format!("M{},{}h1v1h-1z", x + QUIET, y + QUIET));
            }
        }
    }
    Ok((squares, code.size() + 2 * QUIET))
}

/// The secret in groups of four, as people read it out.
fn grouped(secret: &str) -> String {
    secret
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

async fn enrol_page(
    cx: &Context,
    person: &SignedIn,
    is_required: bool,
    errors: &[FieldError],
) -> app::Result<Response> {
    let keys = accounts::keys(cx).await?;
    let secret = shown_secret(cx, &keys, person).await?;
    let issuer = cx.settings.mail_from.name.as_deref().unwrap_or("Commonweal");
    let (squares, side) = qr_code(&secret.uri(issuer, &person.account.email))?;
    let mut form = Form::default();
    let mut code = field("code", person.t("Code", "Código"), "text", "one-time-code");
    code.inputmode = "numeric";
    code.hint = person
        .t(
            "The six digits that the app shows now",
            "Los seis dígitos que la aplicación muestra ahora",
        )
        .to_owned();
    form.push(code, &|_| String::new(), errors);
    let title = person.t("Set up your second factor", "Configure su segundo factor");
    let status = match errors {
        [] => StatusCode::OK,
        _ => StatusCode::BAD_REQUEST,
    };
    html(
        status,
        &EnrolPage {
            page: Page::new(person.language, title),
            menu: Some(person.menu("/account/second-factor")?),
            form,
            form_token: person.token.form_token()?,
            is_required,
            has_passkey: person.account.has_second_factor,
            squares,
            side,
            secret: grouped(&secret.base32()),
        },
    )
}

#[derive(Deserialize)]
struct Shown {
    required: Option<String>,
}

async fn show(
    person: SignedIn,
    State(cx): State<Context>,
    Query(query): Query<Shown>,
) -> app::Result<Response> {
    if !Credentials::by_id(&cx, person.account.id).await?.has_app() {
        if is_unproven(&cx, &person) {
            return Ok(to_confirm("/account/second-factor"));
        }
        return enrol_page(&cx, &person, query.required.is_some(), &[]).await;
    }
    let row = cx.db.one(COUNT_CODES, params![person.account.id]).await?;
    let left: i64 = row.get("codes")?;
    let heading = person.t("Your second factor is on", "Su segundo factor está activado");
    let mut page = FormPage::new(person.language, heading)
        .intro(
            &person
                .t(
                    "{} of your recovery codes are left.",
                    "Le quedan {} códigos de recuperación.",
                )
                .replace("{}", &left.to_string()),
        )
        .link(
            person.t("Make new recovery codes", "Crear códigos de recuperación nuevos"),
            "/account/second-factor/recovery-codes",
        )
        .link(person.t("Passkeys", "Llaves de acceso"), "/account/passkeys")
        .link(
            person.t("Turn the second factor off", "Desactivar el segundo factor"),
            "/account/second-factor/remove",
        );
    page.menu = Some(person.menu("/account/second-factor")?);
    page.respond()
}

/// Beside a passkey, an app is added by whoever proved that it is them.
fn is_unproven(cx: &Context, person: &SignedIn) -> bool {
    person.account.has_second_factor && !person.session.is_proven(cx.clock().now())
}

/// Shows another secret: the first may have been seen by others.
async fn restart(person: SignedIn, State(cx): State<Context>, _: Posted) -> app::Result<Response> {
    cx.key_value().delete(&waiting(&person)).await?;
    Ok(see_other("/account/second-factor"))
}

async fn enrol(person: SignedIn, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    if is_unproven(&cx, &person) || Credentials::by_id(&cx, person.account.id).await?.has_app() {
        return Ok(see_other("/account/second-factor"));
    }
    let (keys, account) = (accounts::keys(&cx).await?, person.account.id);
    accounts::count(&cx, &keys, &SECOND_FACTOR, &account.to_string()).await?;
    let secret = shown_secret(&cx, &keys, &person).await?;
    let Some(step) = secret.verify(sent.text("code"), cx.clock().now(), None)? else {
        let message = person.t(
            "This code does not fit. Is the clock of your phone right?",
            "Este código no coincide. ¿Está bien la hora de su teléfono?",
        );
        return enrol_page(&cx, &person, false, &wrong("code", message)).await;
    };
    let sealed = keys.seal(cx.random(), &totp::place(account), secret.as_bytes())?;
    let mut tx = cx.db.begin_untenanted().await?;
    if tx
        .optional(ENROL, params![account, sealed, step])
        .await?
        .is_none()
    {
        return Ok(see_other("/account/second-factor"));
    }
    let codes = renew_codes(&cx, &mut tx, &keys, account).await?;
    let ended = accounts::end_sessions(&mut tx, account, Some(person.session.id)).await?;
    let token = accounts::rotate_session(&cx, &mut tx, &person.token, person.session.clone()).await?;
    tx.audit_account(
        account,
        own_change(account, "account.add_second_factor", None, None),
    )
    .await?;
    tx.commit().await?;
    accounts::drop_tokens(&cx, &ended).await?;
    cx.key_value().delete(&waiting(&person)).await?;
    accounts::forget(&cx, &keys, &SECOND_FACTOR, &account.to_string()).await?;
    let person = SignedIn {
        token: token.clone(),
        ..person
    };
    let mut response = codes_page(&person, codes)?;
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.set(&cx.settings, &token)?);
    Ok(response)
}

pub(crate) async fn renew_codes(
    cx: &Context,
    tx: &mut Tx,
    keys: &Keys,
    account: Uuid,
) -> Result<Vec<String>> {
    let codes = recovery::generate(cx.random());
    tx.execute(DROP_CODES, params![account]).await?;
    for code in &codes {
        let digest = recovery::digest(keys, account, code)?
            .ok_or_else(|| Error::internal("a recovery code that cannot be read"))?;
        tx.execute(KEEP_CODE, params![account, digest]).await?;
    }
    Ok(codes)
}

/// Recovery codes are for a factor: they go with the last one.
pub(crate) async fn drop_codes_without_factor(tx: &mut Tx, account: Uuid) -> Result<()> {
    tx.execute(DROP_CODES_WITHOUT_FACTOR, params![account]).await
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    page: Page,
    menu: Option<Menu>,
    codes: Vec<String>,
}

pub(crate) fn codes_page(person: &SignedIn, codes: Vec<String>) -> app::Result<Response> {
    let title = person.t("Keep your recovery codes", "Guarde sus códigos de recuperación");
    html(
        StatusCode::OK,
        &CodesPage {
            page: Page::new(person.language, title),
            menu: Some(person.menu("/account/second-factor")?),
            codes,
        },
    )
}

/// The form that asks for password and code before something is taken away.
fn proof_page(person: &SignedIn, heading: &str, intro: &str, errors: &[FieldError]) -> app::Result<Response> {
    let mut form = Form::default();
    for field in [
        field(
            "password",
            person.t("Your password", "Su contraseña"),
            "password",
            "current-password",
        ),
        field("code", person.t("Code", "Código"), "text", "one-time-code"),
    ] {
        form.push(field, &|_| String::new(), errors);
    }
    let mut page =
        FormPage::new(person.language, heading)
            .intro(intro)
            .form(form, heading, person.token.form_token()?);
    page.menu = Some(person.menu("/account/second-factor")?);
    page.respond()
}

/// Password and code, checked in this transaction; what is wrong with them otherwise.
async fn prove(
    cx: &Context,
    keys: &Keys,
    person: &SignedIn,
    sent: &app::Fields,
) -> app::Result<std::result::Result<Tx, Vec<FieldError>>> {
    let who = person.account.id.to_string();
    accounts::count(cx, keys, &SIGN_IN_ACCOUNT, &person.account.email).await?;
    accounts::count(cx, keys, &SECOND_FACTOR, &who).await?;
    let account = Credentials::by_id(cx, person.account.id).await?;
    if !account.has_password(cx, sent.text("password")).await? {
        let message = person.t("The password is wrong.", "La contraseña no es correcta.");
        return Ok(Err(wrong("password", message)));
    }
    let mut tx = cx.db.begin_untenanted().await?;
    if account
        .take_code(&mut tx, keys, sent.text("code"))
        .await?
        .is_none()
    {
        let message = person.t(
            "This code is wrong, or was used before.",
            "Este código no es correcto o ya se usó.",
        );
        return Ok(Err(wrong("code", message)));
    }
    accounts::forget(cx, keys, &SIGN_IN_ACCOUNT, &person.account.email).await?;
    accounts::forget(cx, keys, &SECOND_FACTOR, &who).await?;
    Ok(Ok(tx))
}

fn codes_words(person: &SignedIn) -> (&'static str, &'static str) {
    (
        app::page::pick(
            person.language,
            "Make new recovery codes",
            "Crear códigos de recuperación nuevos",
        ),
        app::page::pick(
            person.language,
            "The ones you have now stop working.",
            "Los que tiene ahora dejan de funcionar.",
        ),
    )
}

/// Where there are passkeys alone, no code can be asked for: whoever proved lately that it is them makes new ones.
async fn codes_form(person: SignedIn, State(cx): State<Context>) -> app::Result<Response> {
    if !person.account.has_second_factor {
        return Ok(see_other("/account/second-factor"));
    }
    let (heading, intro) = codes_words(&person);
    if Credentials::by_id(&cx, person.account.id).await?.has_app() {
        return proof_page(&person, heading, intro, &[]);
    }
    if is_unproven(&cx, &person) {
        return Ok(to_confirm("/account/second-factor/recovery-codes"));
    }
    let mut page = FormPage::new(person.language, heading).intro(intro).form(
        Form::default(),
        heading,
        person.token.form_token()?,
    );
    page.menu = Some(person.menu("/account/second-factor")?);
    page.respond()
}

async fn new_codes(
    person: SignedIn,
    State(cx): State<Context>,
    Posted(sent): Posted,
) -> app::Result<Response> {
    if !person.account.has_second_factor {
        return Ok(see_other("/account/second-factor"));
    }
    let (keys, account) = (accounts::keys(&cx).await?, person.account.id);
    let has_app = Credentials::by_id(&cx, account).await?.has_app();
    if !has_app && is_unproven(&cx, &person) {
        return Ok(to_confirm("/account/second-factor/recovery-codes"));
    }
    let mut tx = if has_app {
        match prove(&cx, &keys, &person, &sent).await? {
            Ok(tx) => tx,
            Err(errors) => {
                let (heading, intro) = codes_words(&person);
                return proof_page(&person, heading, intro, &errors);
            }
        }
    } else {
        cx.db.begin_untenanted().await?
    };
    let codes = renew_codes(&cx, &mut tx, &keys, account).await?;
    tx.audit_account(
        account,
        own_change(account, "account.renew_recovery_codes", None, None),
    )
    .await?;
    tx.commit().await?;
    codes_page(&person, codes)
}

fn remove_words(person: &SignedIn, account: &Credentials) -> (&'static str, &'static str) {
    let t = |english, spanish| app::page::pick(person.language, english, spanish);
    let what_follows = if account.has_passkey {
        t(
            "Your passkeys and recovery codes go on working.",
            "Sus llaves de acceso y códigos de recuperación siguen funcionando.",
        )
    } else {
        t(
            "You cannot work for an organization until you set it up again.",
            "No podrá trabajar en una organización hasta que lo configure de nuevo.",
        )
    };
    (
        t("Turn the second factor off", "Desactivar el segundo factor"),
        what_follows,
    )
}

async fn remove_form(person: SignedIn, State(cx): State<Context>) -> app::Result<Response> {
    let known = Credentials::by_id(&cx, person.account.id).await?;
    if !known.has_app() {
        return Ok(see_other("/account/second-factor"));
    }
    let (heading, intro) = remove_words(&person, &known);
    proof_page(&person, heading, intro, &[])
}

async fn remove(person: SignedIn, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    let known = Credentials::by_id(&cx, person.account.id).await?;
    if !known.has_app() {
        return Ok(see_other("/account/second-factor"));
    }
    let (keys, account) = (accounts::keys(&cx).await?, person.account.id);
    let mut tx = match prove(&cx, &keys, &person, &sent).await? {
        Ok(tx) => tx,
        Err(errors) => {
            let (heading, intro) = remove_words(&person, &known);
            return proof_page(&person, heading, intro, &errors);
        }
    };
    tx.execute(REMOVE, params![account]).await?;
    drop_codes_without_factor(&mut tx, account).await?;
    let ended = accounts::end_sessions(&mut tx, account, Some(person.session.id)).await?;
    let token = accounts::rotate_session(&cx, &mut tx, &person.token, person.session.clone()).await?;
    tx.audit_account(
        account,
        own_change(account, "account.remove_second_factor", None, None),
    )
    .await?;
    tx.commit().await?;
    accounts::drop_tokens(&cx, &ended).await?;
    let mut response = see_other("/account");
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.set(&cx.settings, &token)?);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_has_its_marks_and_its_quiet_zone() {
        let (squares, side) = qr_code("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!((29..=120).contains(&side), "{side}");
        assert!(
            squares.starts_with("M4,4h1v1h-1z"),
            "the finder pattern begins in the corner"
        );
        assert!(!squares.contains("M3,") && !squares.contains(",3h"));
    }

    #[test]
    fn secrets_are_read_in_fours() {
        assert_eq!(grouped("GEZDGNBVGY"), "GEZD GNBV GY");
    }
}
