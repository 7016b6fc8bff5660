//! Sign-in by a provider of OpenID Connect: what an installation configures, and every rule that needs no network.
//!
//! The flow is the authorization code with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9700). The secret `openid-providers`
//! lists the providers; each claim that gives a role is named there, so that who gets in, and as what, is the installation's own
//! decision and never the provider's alone.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64URL_NOPAD;
use ports::{Error, Result};
use ring::digest::{SHA256, SHA512, digest};
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use crate::{
    Role,
    jwt::{Algorithm, Claims, Refused},
};

/// The secret with the providers, a JSON list; `[]`: none.
pub const PROVIDERS: &str = "openid-providers";
/// Providers, and organisations of one.
const MOST: usize = 50;
/// What an event of a log-out token is called (Back-Channel Logout 1.0 §2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Values of `amr` (RFC 8176 §2) that are a second factor.
const SECOND_FACTORS: [&str; 4] = ["mfa", "otp", "hwk", "swk"];

/// One provider, as the installation configures it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Part of paths: lower-case letters, digits and dashes.
    pub id: String,
    /// On the button "Sign in with …".
    pub name: String,
    pub issuer: String,
    pub client_id: String,
    /// Absent: a public client.
    pub client_secret: Option<String>,
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// `false` says that every address of this provider is verified, whether or not its tokens say so.
    #[serde(default = "yes")]
    pub email_verified_required: bool,
    /// Mail domains whose addresses this provider alone gives out. Only for these is an account that exists taken for the
    /// person's own.
    #[serde(default)]
    pub owns_email_domains: Vec<String>,
    #[serde(default)]
    pub organizations: Vec<Grant>,
    /// Makes an account for whoever has none.
    #[serde(default)]
    pub just_in_time: bool,
    /// A second factor at the provider counts as ours.
    #[serde(default)]
    pub trust_mfa: bool,
}

/// A role that a claim gives.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Of the organisation.
    pub slug: String,
    /// Owners are made by hand only: an organisation keeps one whatever its provider says.
    pub role: Role,
    /// Absent: everybody of this provider.
    pub when: Option<When>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The claim's name, or a path with dots, as `realm_access.roles`.
    pub claim: String,
    /// The claim is this.
    pub equals: Option<Value>,
    /// The claim is a list with this in it.
    pub contains: Option<Value>,
}

fn default_scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(str::to_owned).to_vec()
}

const fn yes() -> bool {
    true
}

/// May a token or a key be fetched from here? Over TLS, or from this machine.
#[must_use]
pub fn is_safe_address(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() || authority.contains('@') || url.contains(['\\', ' ']) {
        return false;
    }
    scheme == "https" || (scheme == "http" && matches!(host, "127.0.0.1" | "localhost" | "::1"))
}

/// Reads the secret.
///
/// # Errors
/// `Internal`, saying what is wrong with which provider, and never with what value.
pub fn providers(secret: &str) -> Result<Vec<Provider>> {
    let all: Vec<Provider> = serde_json::from_str(secret).map_err(|error| {
        // The message of the parser may quote what it read.
        Error::internal(format!(
            "the secret {PROVIDERS} is not a list of providers: line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    let mut ids = BTreeSet::new();
    for (index, provider) in all.iter().enumerate() {
        if let Some(what) = provider
            .fault()
            .or((!ids.insert(&provider.id)).then_some("id, twice"))
        {
            return Err(Error::internal(format!(
                "the secret {PROVIDERS}, provider {}: {what}",
                index + 1
            )));
        }
    }
    if all.len() > MOST {
        return Err(Error::internal(format!("the secret {PROVIDERS}: too many")));
    }
    Ok(all)
}

impl Provider {
    fn fault(&self) -> Option<&'static str> {
        let id = self
            .id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let whens = || self.organizations.iter().filter_map(|grant| grant.when.as_ref());
        [
            (!id || !(1..=32).contains(&self.id.len()), "id"),
            (!(1..=64).contains(&self.name.len()), "name"),
            (!is_safe_address(&self.issuer), "issuer"),
            (self.client_id.is_empty(), "client_id"),
            (!self.scopes.iter().any(|scope| scope == "openid"), "scopes"),
            (self.organizations.len() > MOST, "organizations"),
            (
                self.organizations.iter().any(|grant| grant.role == Role::Owner),
                "role: owner",
            ),
            (
                whens().any(|when| when.equals.is_some() == when.contains.is_some()),
                "when: equals or contains, one of them",
            ),
        ]
        .into_iter()
        .find_map(|(is_wrong, what)| is_wrong.then_some(what))
    }

    /// The role in each organisation that these claims give: the highest of those that apply.
    #[must_use]
    pub fn roles(&self, claims: &Map<String, Value>) -> BTreeMap<&str, Role> {
        let mut roles = BTreeMap::new();
        for grant in &self.organizations {
            if grant.when.as_ref().is_none_or(|when| when.applies(claims)) {
                let role = roles.entry(grant.slug.as_str()).or_insert(grant.role);
                *role = grant.role.max(*role);
            }
        }
        roles
    }

    /// Is a claim missing that the configuration asks for? Then it may be found at the provider's userinfo.
    #[must_use]
    pub fn wants_more(&self, claims: &Map<String, Value>) -> bool {
        let asked = self.organizations.iter().filter_map(|grant| grant.when.as_ref());
        !claims.contains_key("email") || asked.into_iter().any(|when| find(claims, &when.claim).is_none())
    }

    /// Did the provider ask for a second factor, and is it believed in that?
    #[must_use]
    pub fn proves_second_factor(&self, claims: &Map<String, Value>) -> bool {
        let methods = claims.get("amr").and_then(Value::as_array);
        self.trust_mfa
            && methods
                .into_iter()
                .flatten()
                .any(|method| method.as_str().is_some_and(|name| SECOND_FACTORS.contains(&name)))
    }

    /// The address, if it is the person's own by the provider's word.
    #[must_use]
    pub fn verified_email<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a str> {
        // Some providers write the word.
        let is_said = matches!(claims.get("email_verified"), Some(Value::Bool(true)))
            || claims.get("email_verified").and_then(Value::as_str) == Some("true");
        let is_denied = claims.get("email_verified").is_some() && !is_said;
        let is_verified = is_said || (!self.email_verified_required && !is_denied);
        claims.get("email")?.as_str().filter(|_| is_verified)
    }

    /// Does this provider alone give out the addresses of this one's domain?
    #[must_use]
    pub fn owns(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.owns_email_domains
            .iter()
            .any(|owned| !owned.is_empty() && owned.eq_ignore_ascii_case(domain))
    }
}

/// The claim of this name, else the one at this path.
fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    rest.split('.')
        .try_fold(claims.get(first)?, |value, part| value.get(part))
}

impl When {
    fn applies(&self, claims: &Map<String, Value>) -> bool {
        let Some(value) = find(claims, &self.claim) else {
            return false;
        };
        match (&self.equals, &self.contains) {
            (Some(wanted), _) => value == wanted,
            (_, Some(wanted)) => value.as_array().is_some_and(|list| list.contains(wanted)),
            _ => false,
        }
    }
}

/// Where a provider's endpoints are (OpenID Connect Discovery 1.0 §3).
#[derive(Debug, Clone, Deserialize)]
pub struct Discovery {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub userinfo_endpoint: Option<String>,
    pub end_session_endpoint: Option<String>,
    /// It names itself in every answer (RFC 9207 §3): one that does not is another's.
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub names_itself: bool,
}

impl Discovery {
    /// The document's address, below the issuer.
    #[must_use]
    pub fn address(issuer: &str) -> String {
        format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        )
    }

    /// `None` where it is of another issuer, or names an address that is not safe: one provider must not be mixed up with
    /// another (RFC 9207 §1).
    #[must_use]
    pub fn read(document: Value, issuer: &str) -> Option<Self> {
        let read: Self = serde_json::from_value(document).ok()?;
        let all = [
            Some(&read.authorization_endpoint),
            Some(&read.token_endpoint),
            Some(&read.jwks_uri),
            read.userinfo_endpoint.as_ref(),
            read.end_session_endpoint.as_ref(),
        ];
        let is_safe = all.into_iter().flatten().all(|url| is_safe_address(url));
        (read.issuer == issuer && is_safe).then_some(read)
    }
}

/// What is sent with the code's request, for a secret that only we have (RFC 7636 §4.2, S256).
#[must_use]
pub fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, verifier.as_bytes()).as_ref())
}

/// What an ID token must be beside [`crate::jwt::verify`] (OpenID Connect Core §3.1.3.7).
///
/// # Errors
/// The first thing that is wrong.
pub fn check_id_token(
    claims: &Claims,
    client_id: &str,
    nonce: &str,
    access_token: Option<&str>,
) -> Result<(), Refused> {
    claims.subject()?;
    let said = claims.text("nonce").unwrap_or_default();
    if !bool::from(said.as_bytes().ct_eq(nonce.as_bytes())) {
        return Err(Refused::Nonce);
    }
    let audiences = claims
        .all
        .get("aud")
        .and_then(Value::as_array)
        .map_or(1, Vec::len);
    match claims.all.get("azp") {
        Some(party) if party.as_str() != Some(client_id) => return Err(Refused::AuthorizedParty),
        None if audiences > 1 => return Err(Refused::AuthorizedParty),
        _ => {}
    }
    match (claims.all.get("at_hash"), access_token) {
        (None, _) => Ok(()),
        (Some(hash), Some(token)) => {
            let whole = match claims.algorithm {
                Algorithm::EdDsa => digest(&SHA512, token.as_bytes()),
                _ => digest(&SHA256, token.as_bytes()),
            };
            let half = whole.as_ref().get(..whole.as_ref().len() / 2).unwrap_or_default();
            match hash.as_str() == Some(BASE64URL_NOPAD.encode(half).as_str()) {
                true => Ok(()),
                false => Err(Refused::AccessTokenHash),
            }
        }
        (Some(_), None) => Err(Refused::AccessTokenHash),
    }
}

/// Whose sessions a provider ends (OpenID Connect Back-Channel Logout 1.0 §2.6).
#[derive(Debug, PartialEq, Eq)]
pub struct Logout<'a> {
    pub subject: Option<&'a str>,
    pub session: Option<&'a str>,
}

impl<'a> Logout<'a> {
    /// # Errors
    /// `Claim` where the token is no log-out token.
    pub fn of(claims: &'a Claims) -> Result<Self, Refused> {
        let events = claims.all.get("events").and_then(Value::as_object);
        if !events.is_some_and(|events| events.get(LOGOUT_EVENT).is_some_and(Value::is_object)) {
            return Err(Refused::Claim("events"));
        }
        // An ID token must not pass for one.
        if claims.all.contains_key("nonce") {
            return Err(Refused::Claim("nonce"));
        }
        let logout = Self {
            subject: claims.text("sub"),
            session: claims.text("sid"),
        };
        match (logout.subject, logout.session) {
            (None, None) => Err(Refused::Claim("sub")),
            _ => Ok(logout),
        }
    }
}

#[cfg(test)]
mod tests;
