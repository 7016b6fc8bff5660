//! `/account/password`: a new password for somebody who knows the present one. Every other session ends.

use app::{Context, Cookie, FieldError, Form, OpenApiRouter, Posted, SignedIn, see_other};
use axum::{extract::State, http::header, response::Response, routing::get};
use identity::limit::SIGN_IN_ACCOUNT;

use crate::{
    account_mail::MailKind,
    accounts::{self, Credentials, FormPage, field, new_password_fields, own_change, wrong},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/account/password", get(form).post(save))
}

fn page(person: &SignedIn, errors: &[FieldError]) -> app::Result<Response> {
    let present = field(
        "present",
        person.t("Present password", "Contraseña actual"),
        "password",
        "current-password",
    );
    let mut form = Form::default();
    for field in [present].into_iter().chain(new_password_fields(person.language)) {
        form.push(field, &|_| String::new(), errors);
    }
    let heading = person.t("Change password", "Cambiar la contraseña");
    let mut page = FormPage::new(person.language, heading).form(form, heading, person.token.form_token()?);
    page.menu = Some(person.menu("/account/password")?);
    page.respond()
}

async fn form(person: SignedIn) -> app::Result<Response> {
    page(&person, &[])
}

async fn save(person: SignedIn, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    let keys = accounts::keys(&cx).await?;
    accounts::count(&cx, &keys, &SIGN_IN_ACCOUNT, &person.account.email).await?;
    let account = Credentials::by_id(&cx, person.account.id).await?;
    if !account.has_password(&cx, sent.text("present")).await? {
        let message = person.t("The password is wrong.", "La contraseña no es correcta.");
        return page(&person, &wrong("present", message));
    }
    accounts::forget(&cx, &keys, &SIGN_IN_ACCOUNT, &person.account.email).await?;
    let password = sent.text("password");
    let organization = person
        .organization
        .as_ref()
        .map(|(tenant, _)| tenant.name.as_str())
        .unwrap_or_default();
    let errors = accounts::check_password(
        person.language,
        password,
        sent.text("password_again"),
        &[&account.email, &account.name, organization],
    );
    if !errors.is_empty() {
        return page(&person, &errors);
    }
    let mut tx = cx.db.begin_untenanted().await?;
    accounts::set_password(&cx, &mut tx, account.id, password).await?;
    let token = accounts::rotate_session(&cx, &mut tx, &person.token, person.session.clone()).await?;
    let ended = accounts::tell_and_end_others(&mut tx, &person, MailKind::PasswordChanged).await?;
    let change = own_change(account.id, "account.change_password", None, None);
    tx.audit_account(account.id, change).await?;
    tx.commit().await?;
    accounts::drop_tokens(&cx, &ended).await?;
    let mut response = see_other("/account");
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.set(&cx.settings, &token)?);
    Ok(response)
}
