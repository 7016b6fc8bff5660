//! `/account/password-reset`: a link by mail, then a new password. The way in for whoever forgot theirs, and for the owner of an
//! account that somebody else is guessing at.

use app::{
    ClientAddress, Context, Form, Locale, OpenApiRouter, PathId, Posted, Visitor,
    page::{html, pick},
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use domain::person::{Email, Language};
use identity::limit::{MAIL_ACCOUNT, MAIL_ADDRESS, SIGN_IN_ACCOUNT};
use ports::Kind;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    account_mail::{self, Followed, MailKind, To},
    accounts::{self, Credentials, FormPage, Shown, field, new_password_fields, own_change},
    sign_in,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/account/password-reset", get(form).post(ask))
        .route("/account/password-reset/{id}", get(new_form).post(new_password))
}

fn ask_page(
    language: Language,
    typed: &str,
    errors: &[app::FieldError],
    visitor: &Visitor,
) -> app::Result<Response> {
    let t = |english, spanish| pick(language, english, spanish);
    let mut form = Form::default();
    form.push(
        field("email", t("E-mail", "Correo electrónico"), "email", "username"),
        &|_| typed.to_owned(),
        errors,
    );
    FormPage::new(
        language,
        t("Choose a new password", "Elegir una contraseña nueva"),
    )
    .intro(t(
        "We send a link to the address of your account.",
        "Enviamos un enlace a la dirección de su cuenta.",
    ))
    .form(
        form,
        t("Send the link", "Enviar el enlace"),
        visitor.form_token()?,
    )
    .respond()
}

async fn form(
    State(cx): State<Context>,
    Locale(language): Locale,
    visitor: Visitor,
) -> app::Result<Response> {
    let page = ask_page(language, "", &[], &visitor)?;
    Ok(visitor.remember(&cx, page)?)
}

async fn ask(
    State(cx): State<Context>,
    Locale(language): Locale,
    address: ClientAddress,
    visitor: Visitor,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let typed = sent.text("email");
    let email = match Email::parse(typed) {
        Ok(email) => email,
        Err(invalid) => {
            let error = app::FieldError::new("email", invalid.code, invalid.message);
            return ask_page(
                language,
                typed,
                &accounts::translated(language, &[error]),
                &visitor,
            );
        }
    };
    let keys = accounts::keys(&cx).await?;
    accounts::count(&cx, &keys, &MAIL_ADDRESS, &address.network()).await?;
    match accounts::count(&cx, &keys, &MAIL_ACCOUNT, email.as_str()).await {
        Ok(()) => {
            let mut tx = cx.db.begin_untenanted().await?;
            let to = To {
                email: email.as_str(),
                language,
                ..To::default()
            };
            account_mail::ask(&mut tx, MailKind::PasswordReset, &to).await?;
            tx.commit().await?;
        }
        // An inbox is not flooded; whoever asked too often learns no more than the first time.
        Err(error) if matches!(error.kind(), Kind::TooMany(_)) => {
            tracing::info!(
                metric = "PasswordResetSuppressed",
                "too many links were asked for"
            );
        }
        Err(error) => return Err(error.into()),
    }
    FormPage::new(language, pick(language, "Look at your inbox", "Mire su correo"))
        .intro(pick(
            language,
            "If there is an account with this address, a link is on its way. It works once, within an hour.",
            "Si hay una cuenta con esta dirección, un enlace está en camino. Funciona una vez, durante una hora.",
        ))
        .respond()
}

#[derive(Deserialize)]
pub(crate) struct LinkToken {
    pub(crate) token: Option<String>,
}

/// The page of a link that does not work.
pub(crate) fn dead_link(language: Language, again: Option<(&str, &str)>) -> app::Result<Response> {
    let heading = pick(
        language,
        "This link does not work any more",
        "Este enlace ya no funciona",
    );
    let mut page = FormPage::new(language, heading).intro(pick(
        language,
        "It was used before, is too old, or was not copied whole.",
        "Ya se usó, es demasiado antiguo o no se copió completo.",
    ));
    if let Some((label, path)) = again {
        page = page.link(label, path);
    }
    html(StatusCode::GONE, &page)
}

fn expired(language: Language) -> app::Result<Response> {
    let again = pick(language, "Ask for a new link", "Pedir un enlace nuevo");
    dead_link(language, Some((again, "/account/password-reset")))
}

async fn follow(cx: &Context, id: Uuid, token: &str) -> app::Result<Option<(Followed, Credentials)>> {
    let keys = accounts::keys(cx).await?;
    let followed = account_mail::follow(cx, &keys, MailKind::PasswordReset, id, token).await?;
    let Some((followed, account)) = followed.and_then(|followed| {
        let account = followed.account?;
        Some((followed, account))
    }) else {
        return Ok(None);
    };
    match Credentials::by_id(cx, account).await {
        Ok(account) => Ok(Some((followed, account))),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn new_page(
    language: Language,
    token: &str,
    errors: &[app::FieldError],
    visitor: &Visitor,
) -> app::Result<Response> {
    let heading = pick(language, "Choose a new password", "Elegir una contraseña nueva");
    let mut form = Form::default();
    for field in new_password_fields(language) {
        form.push(field, &|_| String::new(), errors);
    }
    let button = pick(language, "Save the password", "Guardar la contraseña");
    let mut page = FormPage::new(language, heading).form(form, button, visitor.form_token()?);
    page.hidden.push(("token", token.to_owned()));
    page.respond()
}

async fn new_form(
    State(cx): State<Context>,
    Locale(language): Locale,
    PathId(id): PathId,
    Query(query): Query<LinkToken>,
    visitor: Visitor,
) -> app::Result<Response> {
    let token = query.token.unwrap_or_default();
    if follow(&cx, id, &token).await?.is_none() {
        return expired(language);
    }
    Ok(visitor.remember(&cx, new_page(language, &token, &[], &visitor)?)?)
}

async fn new_password(
    State(cx): State<Context>,
    Locale(language): Locale,
    PathId(id): PathId,
    headers: HeaderMap,
    visitor: Visitor,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let token = sent.text("token");
    let Some((followed, account)) = follow(&cx, id, token).await? else {
        return expired(language);
    };
    let password = sent.text("password");
    let errors = accounts::check_password(
        language,
        password,
        sent.text("password_again"),
        &[&account.email, &account.name],
    );
    if !errors.is_empty() {
        return new_page(language, token, &errors, &visitor);
    }
    let mut tx = cx.db.begin_untenanted().await?;
    if !account_mail::use_up(&mut tx, followed.id).await? {
        return expired(language);
    }
    accounts::set_password(&cx, &mut tx, account.id, password).await?;
    let ended = accounts::end_sessions(&mut tx, account.id, None).await?;
    let notice = To {
        email: &account.email,
        language: account.language,
        account: Some(account.id),
        ..To::default()
    };
    account_mail::ask(&mut tx, MailKind::PasswordChanged, &notice).await?;
    let change = own_change(account.id, "account.reset_password", None, None);
    tx.audit_account(account.id, change).await?;
    tx.commit().await?;
    accounts::drop_tokens(&cx, &ended).await?;
    // Whoever guessed before must not keep the owner out now.
    let keys = accounts::keys(&cx).await?;
    accounts::forget(&cx, &keys, &SIGN_IN_ACCOUNT, &account.email).await?;
    sign_in::enter(&cx, &headers, &account, Shown::Password, "/account").await
}
