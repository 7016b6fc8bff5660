//! `/account/email`: another address, once its owner has followed a link there.

use app::{Context, Form, Locale, OpenApiRouter, PathId, Posted, SignedIn, Visitor, page::pick};
use axum::{
    extract::{Query, State},
    response::Response,
    routing::get,
};
use domain::person::{Email, Language};
use identity::limit::{MAIL_ACCOUNT, SIGN_IN_ACCOUNT};
use ports::{FieldError, Kind};
use serde_json::json;
use store::{Sql, params, sql};
use uuid::Uuid;

use crate::{
    account_mail::{self, Followed, MailKind, To},
    accounts::{self, Credentials, FormPage, field, own_change, translated, wrong},
    password_reset::{LinkToken, dead_link},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/account/email", get(form).post(ask))
        .route("/account/email/{id}", get(confirm_form).post(confirm))
}

fn page(person: &SignedIn, typed: &str, errors: &[FieldError]) -> app::Result<Response> {
    let mut form = Form::default();
    for field in [
        field("email", person.t("New e-mail", "Correo nuevo"), "email", "email"),
        field(
            "password",
            person.t("Your password", "Su contraseña"),
            "password",
            "current-password",
        ),
    ] {
        form.push(field, &|_| typed.to_owned(), errors);
    }
    let mut page = FormPage::new(person.language, person.t("Change e-mail", "Cambiar el correo"))
        .intro(&format!("{}: {}", person.t("Now", "Ahora"), person.account.email))
        .form(
            form,
            person.t(
                "Send a link to the new address",
                "Enviar un enlace a la dirección nueva",
            ),
            person.token.form_token()?,
        );
    page.menu = Some(person.menu("/account/email")?);
    page.respond()
}

async fn form(person: SignedIn) -> app::Result<Response> {
    page(&person, "", &[])
}

async fn ask(person: SignedIn, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    let typed = sent.text("email");
    let email = match Email::parse(typed) {
        Ok(email) => email,
        Err(invalid) => {
            let error = FieldError::new("email", invalid.code, invalid.message);
            return page(&person, typed, &translated(person.language, &[error]));
        }
    };
    let keys = accounts::keys(&cx).await?;
    accounts::count(&cx, &keys, &SIGN_IN_ACCOUNT, &person.account.email).await?;
    let account = Credentials::by_id(&cx, person.account.id).await?;
    if !account.has_password(&cx, sent.text("password")).await? {
        let message = person.t("The password is wrong.", "La contraseña no es correcta.");
        return page(&person, typed, &wrong("password", message));
    }
    accounts::forget(&cx, &keys, &SIGN_IN_ACCOUNT, &person.account.email).await?;
    accounts::count(&cx, &keys, &MAIL_ACCOUNT, &account.id.to_string()).await?;
    let mut tx = cx.db.begin_untenanted().await?;
    let to = To {
        email: email.as_str(),
        language: person.language,
        account: Some(account.id),
        ..To::default()
    };
    account_mail::ask(&mut tx, MailKind::EmailChange, &to).await?;
    tx.commit().await?;
    let mut page = FormPage::new(person.language, person.t("Look at your inbox", "Mire su correo")).intro(
        person.t(
            "If the new address is not in use here, a link is on its way to it. It works once, within an hour.",
            "Si la dirección nueva no está en uso aquí, un enlace está en camino. Funciona una vez, durante una hora.",
        ),
    );
    page.menu = Some(person.menu("/account/email")?);
    page.respond()
}

async fn follow(cx: &Context, id: Uuid, token: &str) -> app::Result<Option<(Followed, Uuid)>> {
    let keys = accounts::keys(cx).await?;
    let followed = account_mail::follow(cx, &keys, MailKind::EmailChange, id, token).await?;
    Ok(followed.and_then(|followed| {
        let account = followed.account?;
        Some((followed, account))
    }))
}

fn expired(language: Language) -> app::Result<Response> {
    let again = pick(language, "Ask for a new link", "Pedir un enlace nuevo");
    dead_link(language, Some((again, "/account/email")))
}

/// A link only leads to a button: mail programs look at links ahead of people.
async fn confirm_form(
    State(cx): State<Context>,
    Locale(language): Locale,
    PathId(id): PathId,
    Query(query): Query<LinkToken>,
    visitor: Visitor,
) -> app::Result<Response> {
    let token = query.token.unwrap_or_default();
    let Some((followed, _)) = follow(&cx, id, &token).await? else {
        return expired(language);
    };
    let t = |english, spanish| pick(language, english, spanish);
    let mut page = FormPage::new(language, t("Use this address?", "¿Usar esta dirección?"))
        .intro(&followed.email)
        .form(
            Form::default(),
            t("Use this address", "Usar esta dirección"),
            visitor.form_token()?,
        );
    page.hidden.push(("token", token));
    Ok(visitor.remember(&cx, page.respond()?)?)
}

const CHANGE: Sql = sql!(
    "update platform.account set email = $2
      where id = $1 and not exists (select from platform.account o where lower(o.email) = lower($2) and o.id <> $1)
     returning id"
);

async fn confirm(
    State(cx): State<Context>,
    Locale(language): Locale,
    PathId(id): PathId,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let Some((followed, account)) = follow(&cx, id, sent.text("token")).await? else {
        return expired(language);
    };
    let old = match Credentials::by_id(&cx, account).await {
        Ok(old) => old,
        Err(error) if error.kind() == Kind::NotFound => return expired(language),
        Err(error) => return Err(error.into()),
    };
    let mut tx = cx.db.begin_untenanted().await?;
    let is_free = account_mail::use_up(&mut tx, followed.id).await?
        && tx
            .optional(CHANGE, params![account, followed.email])
            .await?
            .is_some();
    if !is_free {
        return expired(language);
    }
    let notice = To {
        email: &old.email,
        language: old.language,
        account: Some(account),
        ..To::default()
    };
    account_mail::ask(&mut tx, MailKind::EmailChanged, &notice).await?;
    let change = own_change(
        account,
        "account.change_email",
        Some(json!({"email": old.email})),
        Some(json!({"email": followed.email})),
    );
    tx.audit_account(account, change).await?;
    tx.commit().await?;
    let t = |english, spanish| pick(language, english, spanish);
    FormPage::new(
        language,
        t("Your address was changed", "Su dirección ha cambiado"),
    )
    .intro(t(
        "From now on you sign in with it.",
        "Desde ahora inicia sesión con ella.",
    ))
    .link(t("Your account", "Su cuenta"), "/account")
    .respond()
}
