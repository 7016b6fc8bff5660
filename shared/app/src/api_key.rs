//! A tenant's API key: `Authorization: Bearer <key>`, or HTTP Basic with the key's id as user and the key as password. A token of an
//! issuer that the installation trusts (see [`identity::token_issuer`]) does as well as a key of ours.
//!
//! A key works for the services of its scopes, so often a minute and so often a day. Keys from before keys had a form of their
//! own are a bare secret, and go on working by HTTP Basic.

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use identity::{
    Limit,
    api_key::{self, KeyKind},
    jwt::{self, Claims, Expected, Refused},
    limit,
    token_issuer::{self, TokenIssuer, token_issuers},
};
use jiff::{SignedDuration, Timestamp};
use ports::{Error, Kind, Result};
use sha2::{Digest, Sha256};
use store::{Sql, TenantId, params, sql};
use uuid::Uuid;

use crate::{Context, Problem, Tenant, issuer};

/// Proof that the caller holds a key of this tenant.
#[derive(Debug, Clone, Copy)]
pub struct ApiKey {
    /// Of a token: one that follows from its issuer and subject.
    pub id: Uuid,
    pub tenant: TenantId,
    /// What a test key asks for is checked and answered, and must not be kept.
    pub kind: KeyKind,
}

const FIND: Sql = sql!(
    "select tenant_id, secret_hash, kind, scopes, daily_quota, last_used_at, tenant_status from platform.api_key_by_id($1)"
);
const NOTE_USE: Sql = sql!("select platform.note_api_key_use($1, $2)");
const TENANT: Sql = sql!(
    "select t.name, t.plan, t.is_first_party, coalesce(platform.first_slug(t.id), '') as slug
       from platform.tenant t where t.id = $1 and t.status = 'active'"
);
/// Use is noted at most this often: not every call is a write.
const NOTE_AFTER: SignedDuration = SignedDuration::from_hours(1);

impl ApiKey {
    /// The tenant that the key belongs to.
    ///
    /// # Errors
    /// `NotFound` where it is disabled.
    pub async fn tenant(&self, cx: &Context) -> Result<Tenant> {
        let row = cx.db.one(TENANT, params![self.tenant.0]).await?;
        Ok(Tenant {
            id: self.tenant,
            slug: row.get("slug")?,
            name: row.get("name")?,
            plan: row.get("plan")?,
            is_first_party: row.get("is_first_party")?,
        })
    }
}

/// The id and the secret that a request carries.
fn credentials(authorization: &str) -> Result<(Uuid, String)> {
    let missing = || Error::unauthenticated("Authentication credentials were not provided.");
    let unknown = || Error::unauthenticated("No such API key");
    let (scheme, rest) = authorization.split_once(' ').ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        let key = rest.trim();
        let (id, _) = api_key::parse(key).ok_or_else(unknown)?;
        return Ok((id, key.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(missing());
    }
    let decoded = STANDARD.decode(rest.trim()).map_err(|_| missing())?;
    let text = String::from_utf8(decoded).map_err(|_| missing())?;
    let (user, password) = text.split_once(':').ok_or_else(missing)?;
    let id = Uuid::try_parse(user).map_err(|_| unknown())?;
    Ok((id, password.to_owned()))
}

#[track_caller]
fn not_for_this_service() -> Error {
    Error::new(
        Kind::Forbidden,
        "scope",
        "This API key may not be used for this service.",
    )
}

/// The token of an issuer that a request carries, if it is one.
fn token(authorization: &str) -> Option<&str> {
    let (scheme, rest) = authorization.split_once(' ')?;
    let token = rest.trim();
    (scheme.eq_ignore_ascii_case("bearer") && jwt::is_token(token)).then_some(token)
}

/// Why is in the log, once; the client learns that it is (RFC 6750 §3.1).
fn invalid_token(code: &'static str) -> Error {
    tracing::warn!(metric = "TokenRefused", code, "a bearer token was refused");
    Error::new(
        Kind::Unauthenticated,
        "invalid_token",
        "The access token is expired, revoked or not valid here.",
    )
}

const TENANT_OF_SLUG: Sql = sql!(
    "select t.id from platform.tenant_slug s join platform.tenant t on t.id = s.tenant_id
      where s.slug = $1 and t.status = 'active'"
);
/// Calls a day of one subject. A key of ours has its own number.
const TOKEN_QUOTA: Limit = Limit::new("token-day", 10_000, SignedDuration::from_hours(24));

impl ApiKey {
    async fn of_token(cx: &Context, token: &str, service: &str) -> Result<Self> {
        let issuers = token_issuers(cx.secrets().get(token_issuer::SECRET).await?.expose())?;
        // What it says of itself, to know whose keys to check it with.
        let said = jwt::unverified_issuer(token).ok_or_else(|| invalid_token("malformed"))?;
        let mut last = Refused::Issuer;
        for issuer in issuers.iter().filter(|issuer| issuer.issuer == said) {
            let keys = match &issuer.jwks_uri {
                Some(uri) => uri.clone(),
                None => issuer::discover(cx, &issuer.issuer).await?.jwks_uri,
            };
            let expected = Expected {
                issuer: &issuer.issuer,
                audience: &issuer.audience,
                types: &["jwt", "at+jwt"],
            };
            match issuer::verify(cx, &keys, token, &expected).await? {
                Ok(claims) => return Self::of_claims(cx, issuer, &claims, service).await,
                Err(refused) => last = refused,
            }
        }
        Err(invalid_token(last.code()))
    }

    async fn of_claims(cx: &Context, issuer: &TokenIssuer, claims: &Claims, service: &str) -> Result<Self> {
        let subject = claims
            .subject()
            .map_err(|refused| invalid_token(refused.code()))?;
        let slug = issuer.slug(claims).ok_or_else(|| invalid_token("tenant"))?;
        let row = cx.db.optional(TENANT_OF_SLUG, params![slug]).await?;
        let row = row.ok_or_else(|| invalid_token("tenant"))?;
        if !issuer.admits(claims, service) {
            return Err(not_for_this_service());
        }
        // Issuer and subject, each with its length: no two pairs look alike.
        let mut hash = Sha256::new();
        for part in [&issuer.issuer, subject] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        let id = uuid::Builder::from_custom_bytes(bytes).into_uuid();
        let counted = id.simple().to_string();
        limit::API_KEY_MINUTE
            .take(cx.key_value(), cx.clock(), &counted)
            .await?;
        TOKEN_QUOTA.take(cx.key_value(), cx.clock(), &counted).await?;
        Ok(Self {
            id,
            tenant: TenantId(row.get("id")?),
            kind: KeyKind::Live,
        })
    }
}

impl FromRequestParts<Context> for ApiKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Problem> {
        let header = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| Error::unauthenticated("Authentication credentials were not provided."))?;
        let service = parts.uri.path().split('/').nth(1).unwrap_or_default();
        if let Some(token) = token(header) {
            return Ok(Self::of_token(cx, token, service).await?);
        }
        let (id, secret) = credentials(header)?;
        let row = cx.db.optional(FIND, params![id]).await?;
        let stored = row.as_ref().map(|row| row.get("secret_hash")).transpose()?;
        let is_same = api_key::is_same(&secret, stored);
        let row = row.ok_or_else(|| Error::unauthenticated("No such API key"))?;
        if !is_same {
            return Err(Error::unauthenticated("Incorrect API key secret").into());
        }
        if row.get::<&str>("tenant_status")? != "active" {
            return Err(Error::new(
                Kind::Forbidden,
                "organization_disabled",
                "The organization of this API key is disabled. Ask who runs this service.",
            )
            .into());
        }
        let scopes: Vec<&str> = row.get("scopes")?;
        if !scopes.contains(&service) {
            return Err(not_for_this_service().into());
        }
        let quota = Limit::new(
            "api-key-day",
            row.get::<i32>("daily_quota")?.into(),
            SignedDuration::from_hours(24),
        );
        let subject = id.simple().to_string();
        limit::API_KEY_MINUTE
            .take(cx.key_value(), cx.clock(), &subject)
            .await?;
        quota.take(cx.key_value(), cx.clock(), &subject).await?;
        let now = cx.clock().now();
        if row
            .get::<Option<Timestamp>>("last_used_at")?
            .is_none_or(|used| now.duration_since(used) >= NOTE_AFTER)
        {
            cx.db.rows(NOTE_USE, params![id, now]).await?;
        }
        Ok(Self {
            id,
            tenant: TenantId(row.get("tenant_id")?),
            kind: KeyKind::parse(row.get("kind")?)
                .ok_or_else(|| Error::internal("an unknown kind of key"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;

    #[test]
    fn keys_come_in_three_ways() {
        let id = Uuid::from_u128(7);
        let key = api_key::generate(&SystemRandom, KeyKind::Live, id);
        let basic = |text: String| credentials(&format!("Basic {}", STANDARD.encode(text)));
        let found = |result: Result<(Uuid, String)>| result.unwrap();
        assert_eq!(found(credentials(&format!("Bearer {key}"))), (id, key.clone()));
        assert_eq!(found(credentials(&format!("bearer {key}"))), (id, key.clone()));
        assert_eq!(found(basic(format!("{id}:{key}"))), (id, key.clone()));
        assert_eq!(
            found(basic(format!("{id}:old:secret"))),
            (id, "old:secret".to_owned())
        );
    }

    #[test]
    fn what_is_no_key_is_refused_before_the_database() {
        for wrong in [
            "",
            "Basic",
            "Basic ",
            "Basic x",
            "Basic eA==",
            "Bearer x",
            "Digest x",
            "Bearer cw_live_x",
        ] {
            let error = credentials(wrong).unwrap_err();
            assert_eq!(error.kind(), Kind::Unauthenticated, "{wrong}");
        }
    }
}
