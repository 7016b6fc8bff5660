//! A tenant's API key, sent as HTTP Basic: the key's id as user, its secret as password.

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ports::{Error, Random, Result};
use sha2::{Digest, Sha256};
use store::{Sql, TenantId, params, sql};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{Context, Problem, Tenant};

/// Proof that the caller holds a key of this tenant.
#[derive(Debug, Clone, Copy)]
pub struct ApiKey {
    pub id: Uuid,
    pub tenant: TenantId,
}

const FIND: Sql = sql!("select tenant_id, secret_hash from platform.api_key_by_id($1)");
const TENANT: Sql = sql!(
    "select t.name, t.plan, t.is_first_party,
            coalesce((select min(s.slug) from platform.tenant_slug s where s.tenant_id = t.id), '') as slug
       from platform.tenant t where t.id = $1 and t.status = 'active'"
);

impl ApiKey {
    /// A new secret: 256 random bits. It is shown once; [`ApiKey::hash`] of it is stored.
    pub fn new_secret(random: &dyn Random) -> String {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What is stored of a secret.
    pub fn hash(secret: &str) -> Vec<u8> {
        Sha256::digest(secret).to_vec()
    }

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

impl FromRequestParts<Context> for ApiKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Problem> {
        let missing = || Error::unauthenticated("Authentication credentials were not provided.");
        let header = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(missing)?;
        let encoded = header
            .strip_prefix("Basic ")
            .or_else(|| header.strip_prefix("basic "))
            .ok_or_else(missing)?;
        let decoded = STANDARD.decode(encoded.trim()).map_err(|_| missing())?;
        let text = String::from_utf8(decoded).map_err(|_| missing())?;
        let (id, secret) = text.split_once(':').ok_or_else(missing)?;
        let unknown = || Error::unauthenticated("No such API key");
        let id = Uuid::try_parse(id).map_err(|_| unknown())?;
        let row = cx.db.optional(FIND, params![id]).await?.ok_or_else(unknown)?;
        let stored: Vec<u8> = row.get("secret_hash")?;
        if !bool::from(Self::hash(secret).ct_eq(&stored)) {
            return Err(Error::unauthenticated("Incorrect API key secret").into());
        }
        Ok(Self {
            id,
            tenant: TenantId(row.get("tenant_id")?),
        })
    }
}
