//! Issuers whose tokens open the APIs in the place of an API key (RFC 6750, RFC 9068), as an installation configures them.

use ports::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{jwt::Claims, oidc::is_safe_address};

/// The secret with the issuers, a JSON list; `[]`: none.
pub const SECRET: &str = "token-issuers";
const MOST: usize = 50;

/// An issuer, and what its tokens may do at most.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenIssuer {
    pub issuer: String,
    /// Of tokens for us. An ID token of the same issuer is for somebody else.
    pub audience: String,
    /// Where the keys are. Absent: the discovery document of the issuer says it.
    pub jwks_uri: Option<String>,
    /// The organisation of all its tokens, by slug; or
    pub tenant: Option<String>,
    /// the claim that holds the slug.
    pub tenant_claim: Option<String>,
    /// Holds what a token may do: words with blanks between, or a list.
    #[serde(default = "scope")]
    pub scope_claim: String,
    /// The services that its tokens may use, of those in their scope.
    pub scopes: Vec<String>,
}

fn scope() -> String {
    "scope".to_owned()
}

/// Reads the secret.
///
/// # Errors
/// `Internal`, saying what is wrong with which issuer.
pub fn token_issuers(secret: &str) -> Result<Vec<TokenIssuer>> {
    let wrong = |what: &str| Error::internal(format!("the secret {SECRET}: {what}"));
    let all: Vec<TokenIssuer> = serde_json::from_str(secret)
        .map_err(|error| wrong(&format!("line {}, column {}", error.line(), error.column())))?;
    for (index, issuer) in all.iter().enumerate() {
        let faults = [
            (index >= MOST, "too many"),
            (!is_safe_address(&issuer.issuer), "issuer"),
            (issuer.audience.is_empty(), "audience"),
            (
                issuer.jwks_uri.as_ref().is_some_and(|uri| !is_safe_address(uri)),
                "jwks_uri",
            ),
            (
                issuer.tenant.is_some() == issuer.tenant_claim.is_some(),
                "tenant or tenant_claim, one of them",
            ),
        ];
        if let Some((_, what)) = faults.iter().find(|(is_wrong, _)| *is_wrong) {
            return Err(wrong(&format!("issuer {}: {what}", index + 1)));
        }
    }
    Ok(all)
}

impl TokenIssuer {
    /// The slug of the organisation that a token works for.
    #[must_use]
    pub fn slug<'a>(&'a self, claims: &'a Claims) -> Option<&'a str> {
        match &self.tenant_claim {
            Some(claim) => claims.text(claim),
            None => self.tenant.as_deref(),
        }
    }

    /// May a token use this service? The issuer must be let, and the token say so.
    #[must_use]
    pub fn admits(&self, claims: &Claims, service: &str) -> bool {
        let says = match claims.all.get(&self.scope_claim) {
            Some(Value::String(words)) => words.split(' ').any(|word| word == service),
            Some(Value::Array(list)) => list.iter().any(|word| word.as_str() == Some(service)),
            _ => false,
        };
        says && self.scopes.iter().any(|scope| scope == service)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jwt::Algorithm;

    fn issuer() -> Value {
        json!({"issuer": "https://id.example", "audience": "api", "tenant_claim": "org", "scopes": ["voting"]})
    }

    fn claims(all: &Value) -> Claims {
        Claims {
            all: all.as_object().cloned().unwrap(),
            algorithm: Algorithm::Es256,
        }
    }

    #[test]
    fn a_configuration_says_what_is_wrong_with_it() {
        assert!(token_issuers("[]").unwrap().is_empty());
        for (name, value) in [
            ("issuer", json!("http://id.example")),
            ("audience", json!("")),
            ("jwks_uri", json!("ftp://x")),
            ("tenant", json!("demo")),
            ("tenant_claim", Value::Null),
            ("scopes", Value::Null),
            ("scope", json!(1)),
        ] {
            let mut changed = issuer();
            changed[name] = value;
            assert!(token_issuers(&json!([changed]).to_string()).is_err(), "{name}");
        }
    }

    #[test]
    fn a_token_may_what_both_it_and_its_issuer_say() {
        let issuer = token_issuers(&json!([issuer()]).to_string()).unwrap().remove(0);
        let of = |scope: Value| claims(&json!({"org": "demo", "scope": scope}));
        assert_eq!(issuer.slug(&of(json!(""))), Some("demo"));
        assert!(issuer.admits(&of(json!("openid voting")), "voting"));
        assert!(issuer.admits(&of(json!(["voting"])), "voting"));
        for (scope, service) in [
            (json!("expungement"), "expungement"),
            (json!("voting"), "expungement"),
            (json!("votingx"), "voting"),
            (json!(null), "voting"),
            (json!("voting"), ""),
        ] {
            assert!(!issuer.admits(&of(scope), service));
        }
    }
}
