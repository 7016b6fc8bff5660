//! `/account/openid`: sign-in by a provider of OpenID Connect (Google, Entra, Okta, Keycloak, login.gov, a city's own).
//!
//! [`start`] sends the browser to the provider, [`callback`] takes the code back: state, nonce and PKCE bind the two to one browser and
//! one use. Whose account that is, and what the claims make of them, is in [`identity`]; connecting and disconnecting in
//! [`connections`]; leaving in [`leaving`]. What is configured, and who decides what, is told in the README.

mod connections;
pub(crate) mod identity;
mod leaving;

use ::identity::{
    Keys, ProviderSession, Purpose, Token,
    jwt::{Claims, Expected},
    limit::SIGN_IN_ADDRESS,
    oidc::{self, Discovery, Provider},
};
use app::{
    ClientAddress, Context, Locale, OpenApiRouter, SignedIn, Visitor, issuer, outbound, page::pick, see_other,
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{get, post},
};
use domain::person::Language;
use jiff::SignedDuration;
use ports::{Entry, Error, Result, Secret};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    accounts::{self, FormPage, Shown},
    sign_in::{destination, enter},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/account/openid", get(connections::list))
        .route("/account/openid/{provider}", get(start))
        .route("/account/openid/{provider}/callback", get(callback))
        .route(
            "/account/openid/{provider}/connect",
            get(connections::confirm).post(connections::connect),
        )
        .route(
            "/account/openid/{provider}/disconnect",
            post(connections::disconnect),
        )
        .route("/account/openid/{provider}/sign-out", get(leaving::page))
        .route(
            "/account/openid/{provider}/backchannel-logout",
            post(leaving::backchannel),
        )
}

/// How long somebody may take at the provider.
const STATE_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// The providers of this installation.
async fn providers(cx: &Context) -> Result<Vec<Provider>> {
    oidc::providers(cx.secrets().get(oidc::PROVIDERS).await?.expose())
}

/// # Errors
/// `NotFound` where none has this id.
async fn provider(cx: &Context, id: &str) -> Result<Provider> {
    let all = providers(cx).await?;
    all.into_iter()
        .find(|provider| provider.id == id)
        .ok_or_else(Error::not_found)
}

/// The buttons of the sign-in page. A fault of the configuration is logged, and leaves the password.
pub(crate) async fn ways(cx: &Context, language: Language, next: &str) -> Vec<(String, String)> {
    let all = match providers(cx).await {
        Ok(all) => all,
        Err(error) => {
            tracing::error!(cause = error.cause(), "no provider can be offered");
            return Vec::new();
        }
    };
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", next)
        .finish();
    all.iter()
        .map(|provider| {
            let label = pick(language, "Sign in with {}", "Iniciar sesión con {}");
            let path = format!("/account/openid/{}?{query}", provider.id);
            (label.replace("{}", &provider.name), path)
        })
        .collect()
}

fn callback_address(cx: &Context, provider: &Provider) -> String {
    cx.settings
        .link(&format!("/account/openid/{}/callback", provider.id))
}

/// What is remembered of a sign-in on its way. Nothing of it is secret: nonce and verifier follow from the state and the browser's
/// own token, under our key.
#[derive(Serialize, Deserialize)]
struct Begun {
    provider: String,
    /// The digest of the browser's token.
    visitor: String,
    next: String,
    /// Where somebody connects the provider to their account: the session that began it.
    connects: Option<Uuid>,
}

struct Proofs {
    nonce: String,
    verifier: String,
}

impl Proofs {
    fn of(keys: &Keys, state: &Token, visitor: &str) -> Result<Self> {
        let parts: [&[u8]; 2] = [state.expose().as_bytes(), visitor.as_bytes()];
        Ok(Self {
            nonce: keys.sign(Purpose::OpenIdNonce, &parts)?,
            verifier: keys.sign(Purpose::OpenIdVerifier, &parts)?,
        })
    }
}

fn place(state: &Token) -> String {
    format!("openid-state#{}", state.digest())
}

#[derive(Deserialize)]
struct Start {
    next: Option<String>,
    connect: Option<String>,
}

/// Sends the browser to the provider. A link, not a form: forms may lead to no other site, and nothing is changed here.
async fn start(
    State(cx): State<Context>,
    Path(id): Path<String>,
    Query(query): Query<Start>,
    address: ClientAddress,
    headers: HeaderMap,
    visitor: Visitor,
) -> app::Result<Response> {
    let provider = provider(&cx, &id).await?;
    let person = SignedIn::find(&cx, &headers, None).await?;
    let connects = match (&query.connect, &person) {
        (None, None) => None,
        (Some(_), Some(person)) => Some(person.session.id),
        (None, Some(_)) => return Ok(see_other(destination(query.next.as_deref()))),
        (Some(_), None) => {
            let next = format!("/account/openid/{id}?connect=true");
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("next", &next)
                .finish();
            return Ok(see_other(&format!("/account/sign-in?{query}")));
        }
    };
    let keys = accounts::keys(&cx).await?;
    accounts::count(&cx, &keys, &SIGN_IN_ADDRESS, &address.network()).await?;
    let endpoints = issuer::discover(&cx, &provider.issuer).await?;
    let state = Token::new(cx.random());
    let begun = Begun {
        provider: provider.id.clone(),
        visitor: visitor.digest(),
        next: destination(query.next.as_deref()).to_owned(),
        connects,
    };
    let entry = Entry {
        value: serde_json::to_value(&begun).map_err(Error::internal)?,
        expires: cx.clock().now() + STATE_LIFE,
    };
    cx.key_value().put(&place(&state), entry).await?;
    let proofs = Proofs::of(&keys, &state, &begun.visitor)?;
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", &callback_address(&cx, &provider))
        .append_pair("scope", &provider.scopes.join(" "))
        .append_pair("state", state.expose())
        .append_pair("nonce", &proofs.nonce)
        .append_pair("code_challenge", &oidc::challenge(&proofs.verifier))
        .append_pair("code_challenge_method", "S256")
        .finish();
    let address = with_query(&endpoints.authorization_endpoint, &query);
    Ok(visitor.remember(&cx, see_other(&address))?)
}

fn with_query(address: &str, query: &str) -> String {
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{query}")
}

/// Takes what was begun with this state in this browser; of two at once, one gets it.
async fn take(cx: &Context, provider: &str, state: &str, visitor: &str) -> Result<Option<(Token, Begun)>> {
    let Some(state) = Token::parse(state) else {
        return Ok(None);
    };
    let Some(entry) = cx.key_value().get(&place(&state)).await? else {
        return Ok(None);
    };
    let begun: Begun =
        serde_json::from_value(entry.value).map_err(|_| Error::internal("a state of another shape"))?;
    if begun.provider != provider || begun.visitor != visitor {
        return Ok(None);
    }
    let used = Entry {
        value: json!(true),
        expires: entry.expires,
    };
    let key = format!("openid-used#{}", state.digest());
    let is_first = cx.key_value().put_if_absent(&key, used).await?;
    cx.key_value().delete(&place(&state)).await?;
    Ok(is_first.then_some((state, begun)))
}

/// The answer where the provider's word does not do, or there is none: what happened stands in the log, what to do on the page.
fn failed(language: Language, provider: &Provider, what: &str) -> app::Result<Response> {
    let heading = pick(
        language,
        "Signing in with {} did not work",
        "No se pudo iniciar sesión con {}",
    )
    .replace("{}", &provider.name);
    let mut response = FormPage::new(language, &heading)
        .intro(what)
        .link(
            pick(language, "Try again", "Intentarlo de nuevo"),
            &format!("/account/openid/{}", provider.id),
        )
        .link(
            pick(
                language,
                "Other ways to sign in",
                "Otras formas de iniciar sesión",
            ),
            "/account/sign-in",
        )
        .respond()?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}

/// The token's fault, or the provider's.
fn refused(language: Language, provider: &Provider, code: &'static str) -> app::Result<Response> {
    tracing::warn!(
        metric = "OpenIdRefused",
        provider = provider.id,
        code,
        "a sign-in by a provider was refused"
    );
    let what = pick(
        language,
        "Its answer was not what we asked for. If this happens again, tell whoever runs this site.",
        "Su respuesta no fue la que pedimos. Si vuelve a ocurrir, avise a quien administra este sitio.",
    );
    failed(language, provider, what)
}

#[derive(Deserialize)]
struct Answered {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// The provider's answer, brought by the browser.
async fn callback(
    State(cx): State<Context>,
    Locale(language): Locale,
    Path(id): Path<String>,
    Query(answered): Query<Answered>,
    headers: HeaderMap,
    visitor: Visitor,
) -> app::Result<Response> {
    let provider = provider(&cx, &id).await?;
    let visitor = visitor.digest();
    let state = answered.state.unwrap_or_default();
    let Some((state, begun)) = take(&cx, &id, &state, &visitor).await? else {
        let what = pick(
            language,
            "It took too long, was used before, or began in another browser.",
            "Tardó demasiado, ya se usó o empezó en otro navegador.",
        );
        return failed(language, &provider, what);
    };
    // The provider that was asked, or one that was mixed up with it (RFC 9207 §2.4)?
    let endpoints = issuer::discover(&cx, &provider.issuer).await?;
    let is_theirs = match answered.iss {
        Some(said) => said == provider.issuer,
        None => !endpoints.names_itself,
    };
    if !is_theirs {
        return refused(language, &provider, "issuer");
    }
    let Some(code) = answered
        .code
        .filter(|code| answered.error.is_none() && code.len() <= 2_048)
    else {
        tracing::info!(
            metric = "OpenIdDenied",
            provider = provider.id,
            "the provider let nobody in"
        );
        let what = pick(
            language,
            "You cancelled, or it did not let you in.",
            "Usted canceló, o el proveedor no le dejó entrar.",
        );
        return failed(language, &provider, what);
    };
    let keys = accounts::keys(&cx).await?;
    let proofs = Proofs::of(&keys, &state, &visitor)?;
    let claims = match redeem(&cx, &provider, &endpoints, &code, &proofs).await? {
        Ok(claims) => claims,
        Err(code) => return refused(language, &provider, code),
    };
    if let Some(session) = begun.connects {
        return connections::offer(&cx, &headers, &provider, session, &claims).await;
    }
    let account = match identity::find_or_make(&cx, &provider, &claims, language).await? {
        Ok(account) => account,
        Err(why) => return identity::nobody(language, &provider, why),
    };
    identity::apply_roles(&cx, &provider, account.id, &claims).await?;
    let at = ProviderSession {
        id: provider.id.clone(),
        session: claims
            .text("sid")
            .filter(|sid| sid.len() <= 255)
            .map(str::to_owned),
        has_second_factor: provider.proves_second_factor(&claims.all),
    };
    enter(&cx, &headers, &account, Shown::Provider(at), &begun.next).await
}

/// Exchanges the code, and checks what comes for it. Within: the code of what is wrong with it.
async fn redeem(
    cx: &Context,
    provider: &Provider,
    endpoints: &Discovery,
    code: &str,
    proofs: &Proofs,
) -> Result<Result<Claims, &'static str>> {
    let address = callback_address(cx, provider);
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", address.as_str()),
        ("code_verifier", proofs.verifier.as_str()),
    ];
    let secret = provider.client_secret.as_deref().map(Secret::new);
    let basic = secret
        .as_ref()
        .map(|secret| (provider.client_id.as_str(), secret));
    if basic.is_none() {
        fields.push(("client_id", provider.client_id.as_str()));
    }
    let (status, tokens) = outbound::post_form(&endpoints.token_endpoint, &fields, basic).await?;
    if status >= 500 {
        return Err(Error::unavailable(
            "provider_unavailable",
            format!("the token endpoint answered with {status}"),
        ));
    }
    let text = |name: &str| tokens.get(name).and_then(Value::as_str);
    let (200, Some(token)) = (status, text("id_token")) else {
        return Ok(Err("token_endpoint"));
    };
    let expected = Expected {
        issuer: &provider.issuer,
        audience: &provider.client_id,
        types: &["jwt"],
    };
    let mut claims = match issuer::verify(cx, &endpoints.jwks_uri, token, &expected).await? {
        Ok(claims) => claims,
        Err(refused) => return Ok(Err(refused.code())),
    };
    let access = text("access_token");
    if let Err(refused) = oidc::check_id_token(&claims, &provider.client_id, &proofs.nonce, access) {
        return Ok(Err(refused.code()));
    }
    if let (true, Some(userinfo), Some(access)) = (
        provider.wants_more(&claims.all),
        &endpoints.userinfo_endpoint,
        access,
    ) {
        let (more, _) = outbound::get_json(userinfo, Some(&Secret::new(access))).await?;
        // OpenID Connect Core §5.3.2: of the same subject, or not used.
        if more.get("sub").and_then(Value::as_str) != claims.text("sub") {
            return Ok(Err("userinfo_subject"));
        }
        // What was signed stays.
        for (name, value) in more.as_object().into_iter().flatten() {
            claims.all.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Ok(Ok(claims))
}
