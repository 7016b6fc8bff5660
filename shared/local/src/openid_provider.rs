//! A stand-in for a provider of OpenID Connect, spoken to by real HTTP: discovery, keys, a page to choose a person on, tokens,
//! userinfo, sign-out. It signs with ES256 and a key that it makes at its start.
//!
//! Three people sign in ([`PEOPLE`]): an editor of one organisation, an administrator of another, and somebody whom nobody knows. For
//! programs it gives access tokens by their client's credentials. What a caller must be ready for is asked for by POST to `control`:
//! another key, other groups, and [`Fault`]s of the next token.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use ports::{Clock, Error, Random, Result, SystemRandom};
use ring::{
    rand::SystemRandom as RingRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::host::Host;

/// Where it is, below the host's address.
pub(crate) const PATH: &str = "/_local/openid";
const CLIENT: &str = "commonweal";
/// Nothing is protected by it: it is there so that the client's authentication is spoken, too.
const CLIENT_SECRET: &str = "the-demonstration-s-secret";
/// Of the access tokens for programs.
const AUDIENCE: &str = "commonweal-api";
/// Seconds that a code and a token live.
const CODE_LIFE: i64 = 60;
const TOKEN_LIFE: i64 = 300;

/// Somebody who can sign in.
pub struct DemoPerson {
    pub subject: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    groups: &'static [&'static str],
    /// Ways in which they proved who they are (RFC 8176).
    methods: &'static [&'static str],
    /// What they are here.
    pub is: &'static str,
}

pub const PEOPLE: [DemoPerson; 3] = [
    DemoPerson {
        subject: "p-1001",
        name: "Elena Editor",
        email: "elena@city.example",
        groups: &["demo-editors"],
        methods: &["pwd", "otp"],
        is: "editor of demo",
    },
    DemoPerson {
        subject: "p-1002",
        name: "Amir Admin",
        email: "amir@city.example",
        groups: &["riverside-admins"],
        methods: &["pwd", "mfa"],
        is: "administrator of riverside",
    },
    DemoPerson {
        subject: "p-1003",
        name: "Nadia Newcomer",
        email: "nadia@city.example",
        groups: &[],
        methods: &["pwd"],
        is: "of no organization, without a second factor",
    },
];

/// The provider as the secret `openid-providers` lists it.
pub(crate) fn configuration(base: &str) -> Value {
    let grant = |slug: &str, role: &str, group: &str| json!({"slug": slug, "role": role, "when": {"claim": "groups", "contains": group}});
    json!([{
        "id": "city", "name": "City of Riverside (demonstration)", "issuer": format!("{base}{PATH}"),
        "client_id": CLIENT, "client_secret": CLIENT_SECRET, "just_in_time": true, "trust_mfa": true,
        "scopes": ["openid", "email", "profile", "groups"],
        "organizations": [grant("demo", "editor", "demo-editors"), grant("riverside", "admin", "riverside-admins")],
    }])
}

/// And as the secret `token-issuers` does.
pub(crate) fn token_configuration(base: &str) -> Value {
    json!([{
        "issuer": format!("{base}{PATH}"), "audience": AUDIENCE, "tenant_claim": "organization",
        "scopes": ["voting", "expungement"],
    }])
}

/// What is wrong with the next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    AlgorithmNone,
    /// HMAC under the published key.
    PublicKeyAsSecret,
    StrangersKey,
    WrongNonce,
    WrongAudience,
    WrongIssuer,
    WrongParty,
    WrongAccessToken,
    Expired,
    /// A minute and a half ago: past what clocks may differ.
    JustExpired,
    /// Half a minute ago: within it.
    WithinSkew,
    FromTheFuture,
    OtherUserinfo,
}

struct SigningKey {
    id: String,
    pair: EcdsaKeyPair,
}

impl SigningKey {
    fn new() -> Result<Self> {
        let failed = |_| Error::internal("a signing key could not be made");
        let random = RingRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(|_| Error::internal("a signing key could not be made"))?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random)
            .map_err(failed)?;
        Ok(Self {
            id: SystemRandom.uuid().to_string(),
            pair,
        })
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let half =
            |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": half(1..33), "y": half(33..65)})
    }
}

/// A code that was given out, until it is redeemed.
struct Granted {
    person: usize,
    redirect_uri: String,
    nonce: Option<String>,
    challenge: String,
    at: Timestamp,
}

struct Memory {
    key: SigningKey,
    codes: HashMap<String, Granted>,
    /// Who an access token is of.
    access: HashMap<String, usize>,
    groups: HashMap<usize, Vec<String>>,
    fault: Option<Fault>,
}

/// What it remembers.
pub(crate) struct OpenIdProvider(Mutex<Memory>);

impl OpenIdProvider {
    /// # Errors
    /// None in practice.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Mutex::new(Memory {
            key: SigningKey::new()?,
            codes: HashMap::new(),
            access: HashMap::new(),
            groups: HashMap::new(),
            fault: None,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn routes(host: &Arc<Host>) -> Router {
    let at = |page: &str| format!("{PATH}/{page}");
    Router::new()
        .route(&at(".well-known/openid-configuration"), get(discovery))
        .route(&at("keys"), get(keys))
        .route(&at("authorize"), get(choose).post(chosen))
        .route(&at("token"), post(token))
        .route(&at("userinfo"), get(userinfo))
        .route(&at("sign-out"), get(sign_out))
        .route(&at("control"), post(control))
        .route(&at("logout-token"), post(logout_token))
        .with_state(Arc::clone(host))
}

type HostState = State<Arc<Host>>;
type Fields = HashMap<String, String>;

fn issuer(host: &Host) -> String {
    format!("{}{PATH}", host.twins.base)
}

async fn discovery(State(host): HostState) -> Json<Value> {
    let issuer = issuer(&host);
    let at = |page: &str| format!("{issuer}/{page}");
    Json(json!({
        "issuer": issuer, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
        "jwks_uri": at("keys"), "userinfo_endpoint": at("userinfo"), "end_session_endpoint": at("sign-out"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"], "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"], "backchannel_logout_supported": true,
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(host): HostState) -> Response {
    let jwk = host.openid.lock().key.jwk();
    (
        [(header::CACHE_CONTROL, "max-age=3600")],
        Json(json!({ "keys": [jwk] })),
    )
        .into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}\
         button{{font:inherit;display:block;width:100%;text-align:left;padding:.8rem 1rem;margin:.6rem 0;cursor:pointer}}</style>\
         </head><body><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}

/// What is wrong with a request for a code; such a one is never sent on.
fn fault_of(asked: &Fields, callback: &str) -> Option<&'static str> {
    let is = |name: &str, value: &str| asked.get(name).is_some_and(|sent| sent == value);
    [
        (is("response_type", "code"), "response_type"),
        (is("client_id", CLIENT), "client_id"),
        (is("redirect_uri", callback), "redirect_uri"),
        (is("code_challenge_method", "S256"), "code_challenge_method"),
        (
            asked.get("code_challenge").is_some_and(|text| text.len() == 43),
            "code_challenge",
        ),
        (
            asked
                .get("scope")
                .is_some_and(|scope| scope.split(' ').any(|one| one == "openid")),
            "scope",
        ),
    ]
    .into_iter()
    .find_map(|(is_right, what)| (!is_right).then_some(what))
}

fn callback(host: &Host) -> String {
    format!("{}/account/openid/city/callback", host.twins.base)
}

async fn choose(State(host): HostState, Query(asked): Query<Fields>) -> Response {
    if let Some(what) = fault_of(&asked, &callback(&host)) {
        return (
            StatusCode::BAD_REQUEST,
            page("Wrong request", &format!("<p>{what}</p>")),
        )
            .into_response();
    }
    let hidden: String = asked
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                escaped(name),
                escaped(value)
            )
        })
        .collect();
    let people: String = PEOPLE
        .iter()
        .map(|person| {
            format!(
                "<button name=\"person\" value=\"{}\"><strong>{}</strong><br>{}</button>",
                person.subject, person.name, person.is
            )
        })
        .collect();
    let body = format!(
        "<p>A stand-in for a provider, on this machine only. Who are you?</p><form method=\"post\" action=\"{PATH}/authorize\">{hidden}{people}\
         <button name=\"person\" value=\"\">Nobody: cancel</button></form>"
    );
    page("Sign in to the City of Riverside", &body).into_response()
}

async fn chosen(State(host): HostState, Form(asked): Form<Fields>) -> Response {
    let callback = callback(&host);
    if let Some(what) = fault_of(&asked, &callback) {
        return (StatusCode::BAD_REQUEST, what).into_response();
    }
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let mut answer = form_urlencoded::Serializer::new(format!("{callback}?"));
    answer
        .append_pair("state", &text("state"))
        .append_pair("iss", &issuer(&host));
    let person = PEOPLE.iter().position(|person| person.subject == text("person"));
    match person {
        None => {
            answer.append_pair("error", "access_denied");
        }
        Some(person) => {
            let code = random_word();
            answer.append_pair("code", &code);
            let granted = Granted {
                person,
                redirect_uri: callback.clone(),
                nonce: asked.get("nonce").cloned(),
                challenge: text("code_challenge"),
                at: host.twins.clock.now(),
            };
            host.openid.lock().codes.insert(code, granted);
        }
    }
    Redirect::to(&answer.finish().replace("?&", "?")).into_response()
}

fn random_word() -> String {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn refused(code: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": code }))).into_response()
}

fn is_client(headers: &HeaderMap) -> bool {
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}")));
    headers
        .get(header::AUTHORIZATION)
        .is_some_and(|sent| sent.as_bytes() == expected.as_bytes())
}

async fn token(State(host): HostState, headers: HeaderMap, Form(sent): Form<Fields>) -> Response {
    if !is_client(&headers) {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "error": "invalid_client" })),
        )
            .into_response();
    }
    let text = |name: &str| sent.get(name).map_or("", String::as_str);
    let now = host.twins.clock.now();
    let issuer = issuer(&host);
    let mut state = host.openid.lock();
    if text("grant_type") == "client_credentials" {
        let claims = json!({
            "iss": issuer, "sub": "a-program", "aud": AUDIENCE, "organization": text("organization"),
            "scope": text("scope"), "jti": random_word(),
        });
        let token = match state.issue(claims, "at+jwt", now) {
            Ok(token) => token,
            Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        };
        return Json(json!({"token_type": "Bearer", "expires_in": TOKEN_LIFE, "access_token": token}))
            .into_response();
    }
    // A code works once, whatever else is wrong.
    let granted = match state.codes.remove(text("code")) {
        Some(granted) if text("grant_type") == "authorization_code" => granted,
        _ => return refused("invalid_grant"),
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier")));
    if granted.challenge != challenge
        || granted.redirect_uri != text("redirect_uri")
        || now.duration_since(granted.at).as_secs() > CODE_LIFE
    {
        return refused("invalid_grant");
    }
    let access = random_word();
    state.access.insert(access.clone(), granted.person);
    let Some(person) = PEOPLE.get(granted.person) else {
        return refused("invalid_grant");
    };
    let mut claims = json!({
        "iss": issuer, "aud": CLIENT, "sub": person.subject, "sid": format!("sid-{}", person.subject), "amr": person.methods,
        "email": person.email, "email_verified": true, "auth_time": now.as_second(),
    });
    if let Some(nonce) = granted.nonce {
        claims["nonce"] = json!(nonce);
    }
    let hash = Sha256::digest(&access);
    claims["at_hash"] = json!(URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default()));
    match state.issue(claims, "JWT", now) {
        Ok(token) => Json(json!({
            "token_type": "Bearer", "expires_in": TOKEN_LIFE, "access_token": access, "id_token": token,
        }))
        .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

impl Memory {
    /// Signs, with what is to be wrong this time.
    fn issue(&mut self, mut claims: Value, typ: &str, now: Timestamp) -> Result<String> {
        let now = now.as_second();
        claims["iat"] = json!(now);
        claims["exp"] = json!(now + TOKEN_LIFE);
        let mut algorithm = "ES256";
        let mut stranger = None;
        let fault = match self.fault {
            // It is userinfo that goes wrong.
            Some(Fault::OtherUserinfo) => None,
            _ => self.fault.take(),
        };
        match fault {
            Some(Fault::AlgorithmNone) => algorithm = "none",
            Some(Fault::PublicKeyAsSecret) => algorithm = "HS256",
            Some(Fault::StrangersKey) => stranger = Some(SigningKey::new()?),
            Some(Fault::WrongNonce) => claims["nonce"] = json!("another"),
            Some(Fault::WrongAudience) => claims["aud"] = json!("another-client"),
            Some(Fault::WrongIssuer) => claims["iss"] = json!("https://id.evil.example"),
            Some(Fault::WrongParty) => claims["azp"] = json!("another-client"),
            Some(Fault::WrongAccessToken) => claims["at_hash"] = json!("77QmUPtjPfzWtF2AnpK9RQ"),
            Some(Fault::Expired) => claims["exp"] = json!(now - 3_600),
            Some(Fault::JustExpired) => claims["exp"] = json!(now - 90),
            Some(Fault::WithinSkew) => claims["exp"] = json!(now - 30),
            Some(Fault::FromTheFuture) => claims["iat"] = json!(now + 600),
            Some(Fault::OtherUserinfo) | None => {}
        }
        let header = json!({"alg": algorithm, "typ": typ, "kid": self.key.id});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = match algorithm {
            "none" => Vec::new(),
            "HS256" => {
                let key = self.key.pair.public_key().as_ref();
                let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?;
                mac.update(signed.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            _ => stranger
                .as_ref()
                .unwrap_or(&self.key)
                .pair
                .sign(&RingRandom::new(), signed.as_bytes())
                .map_err(|_| Error::internal("a token could not be signed"))?
                .as_ref()
                .to_vec(),
        };
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

async fn userinfo(State(host): HostState, headers: HeaderMap) -> Response {
    let sent = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "));
    let mut state = host.openid.lock();
    let Some(index) = sent.and_then(|token| state.access.get(token).copied()) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let Some(person) = PEOPLE.get(index) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let groups = state
        .groups
        .get(&index)
        .cloned()
        .unwrap_or_else(|| person.groups.iter().map(|&group| group.to_owned()).collect());
    let subject = match state.fault {
        Some(Fault::OtherUserinfo) => {
            state.fault = None;
            "p-9999"
        }
        _ => person.subject,
    };
    Json(json!({"sub": subject, "name": person.name, "groups": groups, "locale": "en-US", "zoneinfo": "America/Los_Angeles"}))
        .into_response()
}

async fn sign_out(Query(asked): Query<Fields>) -> Response {
    let back = asked
        .get("post_logout_redirect_uri")
        .map(|to| format!("<p><a href=\"{}\">Back</a></p>", escaped(to)))
        .unwrap_or_default();
    page(
        "You are signed out of the City of Riverside",
        &format!("<p>This stand-in keeps no session.</p>{back}"),
    )
    .into_response()
}

/// What tests set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    #[serde(default)]
    rotate: bool,
    fault: Option<Fault>,
    /// By subject.
    #[serde(default)]
    groups: Map<String, Value>,
}

async fn control(State(host): HostState, Json(wanted): Json<Control>) -> Response {
    let mut state = host.openid.lock();
    if wanted.rotate {
        match SigningKey::new() {
            Ok(key) => state.key = key,
            Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
    state.fault = wanted.fault;
    for (subject, groups) in wanted.groups {
        let index = PEOPLE.iter().position(|person| person.subject == subject);
        let groups = serde_json::from_value(groups);
        let (Some(index), Ok(groups)) = (index, groups) else {
            return refused("groups");
        };
        state.groups.insert(index, groups);
    }
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
struct LogoutOf {
    subject: Option<String>,
    session: Option<String>,
}

/// The token that a real provider would send to the back-channel itself.
async fn logout_token(State(host): HostState, Json(of): Json<LogoutOf>) -> Response {
    let now = host.twins.clock.now();
    let mut claims = json!({
        "iss": issuer(&host), "aud": CLIENT, "jti": random_word(),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    for (name, value) in [("sub", of.subject), ("sid", of.session)] {
        if let Some(value) = value {
            claims[name] = json!(value);
        }
    }
    match host.openid.lock().issue(claims, "logout+jwt", now) {
        Ok(token) => Json(json!({ "logout_token": token })).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
