//! `/account/sign-in`: password, then the second factor of whoever has one (`/account/sign-in/code`): a one-time code or a passkey.
//! Or a passkey at once (`/account/sign-in/passkey`), which is both.
//!
//! Whether an account exists shows in nothing: the answer is the same, and so is the time, for a password is hashed in any
//! case. Attempts are counted per account and per address before anything is looked up; past the limit even the right
//! password waits. The owner gets in by a reset, which clears the count.

use app::{
    ClientAddress, Context, Cookie, Fields, Form, Locale, OpenApiRouter, Posted, SignedIn, Visitor,
    page::pick, see_other, sessions,
};
use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::person::Language;
use identity::{
    Session, Stage, Token,
    limit::{PASSKEY_OPTIONS, SECOND_FACTOR, SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS},
    local_path,
    password::{self, Cost},
};
use ports::Result;
use serde::Deserialize;

use crate::{
    accounts::{self, Credentials, FormPage, Shown, field, wrong},
    openid,
    passkey::{self, PasskeyForm},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/account/sign-in", get(form).post(sign_in))
        .route("/account/sign-in/code", get(code_form).post(code))
        .route("/account/sign-in/passkey", post(by_passkey))
        .route("/account/sign-in/passkey/options", post(passkey_options))
}

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

/// Where to go after: a page of our own, else the account's.
pub(crate) fn destination(next: Option<&str>) -> &str {
    next.and_then(local_path).unwrap_or("/account")
}

async fn form_page(
    cx: &Context,
    language: Language,
    next: &str,
    sent: &Fields,
    errors: &[app::FieldError],
    visitor: &Visitor,
) -> app::Result<FormPage> {
    let t = |english, spanish| pick(language, english, spanish);
    let mut form = Form::default();
    let typed = |name: &str| sent.text(name).to_owned();
    for field in [
        field("email", t("E-mail", "Correo electrónico"), "email", "username"),
        field(
            "password",
            t("Password", "Contraseña"),
            "password",
            "current-password",
        ),
    ] {
        form.push(field, &typed, errors);
    }
    form.push_others(errors);
    let mut page = FormPage::new(language, t("Sign in", "Iniciar sesión"))
        .form(form, t("Sign in", "Iniciar sesión"), visitor.form_token()?)
        .link(
            t("Forgot your password?", "¿Olvidó su contraseña?"),
            "/account/password-reset",
        );
    page.hidden.push(("next", next.to_owned()));
    page.passkey = PasskeyForm::get(
        cx,
        language,
        "/account/sign-in/passkey",
        t("Sign in with a passkey", "Entrar con una llave de acceso"),
        vec![("form_token", visitor.form_token()?), ("next", next.to_owned())],
    );
    page.ways = openid::ways(cx, language, next).await;
    Ok(page)
}

async fn form(
    State(cx): State<Context>,
    Locale(language): Locale,
    Query(query): Query<Next>,
    headers: HeaderMap,
    visitor: Visitor,
) -> app::Result<Response> {
    let next = destination(query.next.as_deref());
    if SignedIn::find(&cx, &headers, None).await?.is_some() {
        return Ok(see_other(next));
    }
    let page = form_page(&cx, language, next, &Fields::default(), &[], &visitor).await?;
    Ok(visitor.remember(&cx, page.respond()?)?)
}

async fn sign_in(
    State(cx): State<Context>,
    Locale(language): Locale,
    address: ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let keys = accounts::keys(&cx).await?;
    let (email, typed) = (sent.text("email").trim(), sent.text("password"));
    let next = destination(Some(sent.text("next")));
    accounts::count(&cx, &keys, &SIGN_IN_ADDRESS, &address.network()).await?;
    accounts::count(&cx, &keys, &SIGN_IN_ACCOUNT, email).await?;
    let account = match Credentials::by_email(&cx, email).await? {
        Some(account) => account.has_password(&cx, typed).await?.then_some(account),
        None => {
            password::verify(typed, None, Cost::PRESENT)?;
            None
        }
    };
    let Some(account) = account else {
        tracing::info!(metric = "SignInRefused", "a sign-in was refused");
        let message = pick(
            language,
            "The e-mail address or the password is wrong.",
            "El correo o la contraseña no son correctos.",
        );
        let errors = wrong("email", message);
        return form_page(&cx, language, next, &sent, &errors, &visitor)
            .await?
            .respond();
    };
    accounts::forget(&cx, &keys, &SIGN_IN_ACCOUNT, email).await?;
    enter(&cx, &headers, &account, Shown::Password, next).await
}

/// Begins the session of somebody whose password or passkey was right, and leads on: to the second factor, or to where they
/// wanted.
pub(crate) async fn enter(
    cx: &Context,
    headers: &HeaderMap,
    account: &Credentials,
    shown: Shown,
    next: &str,
) -> app::Result<Response> {
    let (token, stage) = accounts::begin_session(cx, headers, account, shown).await?;
    let mut response = match stage {
        Stage::Complete => see_other(next),
        Stage::Password => {
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("next", next)
                .finish();
            see_other(&format!("/account/sign-in/code?{query}"))
        }
    };
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.set(&cx.settings, &token)?);
    Ok(response)
}

/// The session that waits for its code.
async fn pending(cx: &Context, headers: &HeaderMap) -> Result<Option<(Token, Session)>> {
    let Some(token) = Cookie::Session.read(&cx.settings, headers) else {
        return Ok(None);
    };
    let session = sessions(cx).find(&token).await?;
    Ok(session
        .filter(|session| session.stage == Stage::Password)
        .map(|session| (token, session)))
}

fn code_page(
    cx: &Context,
    language: Language,
    account: &Credentials,
    next: &str,
    errors: &[app::FieldError],
    token: &Token,
) -> app::Result<Response> {
    let t = |english, spanish| pick(language, english, spanish);
    let mut form = Form::default();
    let mut code = field("code", t("Code", "Código"), "text", "one-time-code");
    code.hint = accounts::code_hint(language, account).to_owned();
    form.push(code, &|_| String::new(), errors);
    form.push_others(errors);
    let mut page = FormPage::new(language, t("Enter your code", "Escriba su código"))
        .form(form, t("Continue", "Continuar"), token.form_token()?)
        .link(
            t("Sign in as somebody else", "Iniciar sesión como otra persona"),
            "/account/sign-in",
        );
    page.hidden.push(("next", next.to_owned()));
    if account.has_passkey {
        page.passkey = PasskeyForm::get(
            cx,
            language,
            "/account/sign-in/passkey",
            t("Use a passkey", "Usar una llave de acceso"),
            vec![("form_token", token.form_token()?), ("next", next.to_owned())],
        );
    }
    page.respond()
}

async fn code_form(
    State(cx): State<Context>,
    Locale(language): Locale,
    Query(query): Query<Next>,
    headers: HeaderMap,
) -> app::Result<Response> {
    match pending(&cx, &headers).await? {
        Some((token, session)) => {
            let account = Credentials::by_id(&cx, session.account).await?;
            let next = destination(query.next.as_deref());
            code_page(&cx, language, &account, next, &[], &token)
        }
        None => Ok(see_other("/account/sign-in")),
    }
}

async fn code(
    State(cx): State<Context>,
    Locale(language): Locale,
    headers: HeaderMap,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let Some((token, session)) = pending(&cx, &headers).await? else {
        return Ok(see_other("/account/sign-in"));
    };
    let next = destination(Some(sent.text("next")));
    let (keys, who) = (accounts::keys(&cx).await?, session.account.to_string());
    accounts::count(&cx, &keys, &SECOND_FACTOR, &who).await?;
    let account = Credentials::by_id(&cx, session.account).await?;
    let mut tx = cx.db.begin_untenanted().await?;
    let Some(with) = account.take_code(&mut tx, &keys, sent.text("code")).await? else {
        tracing::info!(metric = "SecondFactorRefused", "a one-time code was refused");
        let message = pick(
            language,
            "This code is wrong, or was used before. Wait for the next one.",
            "Este código no es correcto o ya se usó. Espere el siguiente.",
        );
        return code_page(&cx, language, &account, next, &wrong("code", message), &token);
    };
    let completed = accounts::complete_session(&cx, &mut tx, &headers, &token, session, with).await?;
    tx.commit().await?;
    let Some(token) = completed else {
        return Ok(see_other("/account/sign-in"));
    };
    accounts::forget(&cx, &keys, &SECOND_FACTOR, &who).await?;
    let mut response = see_other(next);
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.set(&cx.settings, &token)?);
    Ok(response)
}

/// What `navigator.credentials.get()` is asked with: of whoever is known already, their own passkeys; else any of this site.
async fn passkey_options(
    State(cx): State<Context>,
    address: ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
    _: Posted,
) -> app::Result<Response> {
    let keys = accounts::keys(&cx).await?;
    accounts::count(&cx, &keys, &PASSKEY_OPTIONS, &address.network()).await?;
    let account = match pending(&cx, &headers).await? {
        Some((_, session)) => Some(session.account),
        None => SignedIn::find(&cx, &headers, None)
            .await?
            .map(|person| person.account.id),
    };
    let options = passkey::proof_options(&cx, visitor.token(), account).await?;
    Ok(Json(options).into_response())
}

/// Counted as passwords are: by address, and by what is being tried.
async fn by_passkey(
    State(cx): State<Context>,
    Locale(language): Locale,
    address: ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let (keys, next) = (accounts::keys(&cx).await?, destination(Some(sent.text("next"))));
    let tried = passkey::limit_subject(&sent);
    accounts::count(&cx, &keys, &SIGN_IN_ADDRESS, &address.network()).await?;
    accounts::count(&cx, &keys, &SIGN_IN_ACCOUNT, &tried).await?;
    if let Some(account) = passkey::take_proof(&cx, visitor.token(), &sent).await? {
        accounts::forget(&cx, &keys, &SIGN_IN_ACCOUNT, &tried).await?;
        let account = Credentials::by_id(&cx, account).await?;
        return enter(&cx, &headers, &account, Shown::Passkey, next).await;
    }
    let errors = wrong("passkey", accounts::passkey_refused(language));
    match pending(&cx, &headers).await? {
        Some((token, session)) => {
            let account = Credentials::by_id(&cx, session.account).await?;
            code_page(&cx, language, &account, next, &errors, &token)
        }
        None => form_page(&cx, language, next, &Fields::default(), &errors, &visitor)
            .await?
            .respond(),
    }
}
