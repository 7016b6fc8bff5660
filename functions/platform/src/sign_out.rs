//! `/account/sign-out`: ends the session, on our side and in the browser. Only a form does: a link could be planted anywhere.

use app::{Context, Cookie, Form, OpenApiRouter, Posted, SignedIn, see_other};
use axum::{extract::State, http::header, response::Response, routing::get};

use crate::accounts::{self, FormPage, own_change};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/account/sign-out", get(ask).post(sign_out))
}

async fn ask(person: SignedIn) -> app::Result<Response> {
    let heading = person.t("Sign out?", "¿Cerrar la sesión?");
    let mut page = FormPage::new(person.language, heading).form(
        Form::default(),
        person.t("Sign out", "Cerrar la sesión"),
        person.token.form_token()?,
    );
    page.menu = Some(person.menu("/account/sign-out")?);
    page.respond()
}

async fn sign_out(person: SignedIn, State(cx): State<Context>, _: Posted) -> app::Result<Response> {
    accounts::end_session(&cx, person.account.id, person.session.id).await?;
    let mut tx = cx.db.begin_untenanted().await?;
    let change = own_change(person.account.id, "account.sign_out", None, None);
    tx.audit_account(person.account.id, change).await?;
    tx.commit().await?;
    // Who signed in at a provider is still signed in there, on a computer that others may use.
    let next = match &person.session.provider {
        Some(provider) => format!("/account/openid/{}/sign-out", provider.id),
        None => "/account/sign-in".to_owned(),
    };
    let mut response = see_other(&next);
    response
        .headers_mut()
        .append(header::SET_COOKIE, Cookie::Session.clear(&cx.settings)?);
    Ok(response)
}
