//! Extractors: what a handler takes as arguments instead of a raw request.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{Method, header, request::Parts},
};
use domain::person::{Language, SmallUuid};
use ports::{Error, Kind, Result};
use sha2::{Digest, Sha256};
use store::{IdempotencyKey, Sql, TenantId, params, sql};
use uuid::Uuid;

use crate::{Context, Input, Problem, input};

/// The value of one query parameter, decoded.
pub(crate) fn query_value(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The tenant that a public request belongs to, by `?subscriber=<slug>`. A missing or unknown slug and one of a disabled
/// tenant fall to the oldest tenant: a voter is never turned away for a typo in an embed snippet.
#[derive(Debug, Clone)]
pub struct Tenant {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    pub plan: String,
    pub is_first_party: bool,
}

// One statement for both: the asked-for tenant sorts first, else the oldest that is active.
const RESOLVE: Sql = sql!(
    "select t.id, t.name, t.plan, t.is_first_party, (s.slug is not null) as found,
            coalesce(s.slug, (select min(d.slug) from platform.tenant_slug d where d.tenant_id = t.id), '') as slug
       from platform.tenant t
       left join platform.tenant_slug s on s.tenant_id = t.id and s.slug = $1
      where t.status = 'active'
      order by (s.slug is null), t.created_at, t.id
      limit 1"
);

impl Tenant {
    /// # Errors
    /// `Internal` where there is no active tenant at all.
    pub async fn resolve(cx: &Context, slug: Option<&str>) -> Result<Self> {
        let row = cx
            .db
            .optional(RESOLVE, params![slug.unwrap_or_default()])
            .await?
            .ok_or_else(|| Error::internal("there is no active tenant"))?;
        if let Some(slug) = slug
            && !row.get::<bool>("found")?
        {
            // The slug itself may be anything that somebody typed: it is counted, not logged.
            tracing::info!(
                metric = "UnknownSubscriber",
                length = slug.len(),
                "an unknown subscriber fell to the default"
            );
        }
        Ok(Self {
            id: TenantId(row.get("id")?),
            slug: row.get("slug")?,
            name: row.get("name")?,
            plan: row.get("plan")?,
            is_first_party: row.get("is_first_party")?,
        })
    }
}

impl FromRequestParts<Context> for Tenant {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Problem> {
        let slug = query_value(parts.uri.query(), "subscriber");
        Ok(Self::resolve(cx, slug.as_deref()).await?)
    }
}

/// A body that was read into `T`, and the idempotency key it came with.
pub struct Valid<T> {
    pub input: T,
    pub idempotency: Idempotency,
}

/// The `Idempotency-Key` of this request, if it has one.
#[derive(Debug, Clone, Default)]
pub struct Idempotency(pub Option<IdempotencyKey>);

impl Idempotency {
    /// # Errors
    /// `Invalid` where the header is not 1–255 printable ASCII characters.
    fn of(
        method: &Method,
        parts: &axum::http::HeaderMap,
        path: &str,
        query: &str,
        body: &[u8],
    ) -> Result<Self> {
        let Some(value) = parts.get("idempotency-key") else {
            return Ok(Self(None));
        };
        let key = value
            .to_str()
            .ok()
            .filter(|key| (1..=255).contains(&key.len()))
            .ok_or_else(|| {
                Error::field(
                    "Idempotency-Key",
                    "invalid",
                    "Send 1 to 255 printable ASCII characters.",
                )
            })?;
        let mut hash = Sha256::new();
        hash.update(query.as_bytes());
        hash.update([0]);
        hash.update(body);
        Ok(Self(Some(IdempotencyKey {
            scope: format!("{method} {path}#{key}").chars().take(512).collect(),
            body_hash: hash.finalize().to_vec(),
        })))
    }
}

impl<T: Input> FromRequest<Context> for Valid<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &Context) -> Result<Self, Problem> {
        let method = request.method().clone();
        let headers = request.headers().clone();
        let uri = request.uri().clone();
        let (fields, body) = input::read(request).await?;
        let idempotency = Idempotency::of(
            &method,
            &headers,
            uri.path(),
            uri.query().unwrap_or_default(),
            &body,
        )?;
        Ok(Self {
            input: fields.into_input()?,
            idempotency,
        })
    }
}

impl FromRequest<Context> for crate::Fields {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &Context) -> Result<Self, Problem> {
        Ok(input::read(request).await?.0)
    }
}

/// An id in the path. What is not a UUID names nothing: 404, as for an unknown one.
#[derive(Debug, Clone, Copy)]
pub struct PathId(pub Uuid);

impl FromRequestParts<Context> for PathId {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, cx)
            .await
            .map_err(|_| Error::not_found())?;
        Ok(Self(SmallUuid::parse_any(&text).map_err(|_| Error::not_found())?))
    }
}

/// The language to speak: `?lang=`, else `Accept-Language`, else English.
#[derive(Debug, Clone, Copy)]
pub struct Locale(pub Language);

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(language_of(parts.uri.query(), &parts.headers)))
    }
}

pub(crate) fn language_of(query: Option<&str>, headers: &axum::http::HeaderMap) -> Language {
    if let Some(language) = query_value(query, "lang").and_then(|tag| Language::parse(&tag).ok()) {
        return language;
    }
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Language::negotiate(accepted)
}

/// Whether the page stands in a frame of another site: `?embed=true`. Such a page is shown without our header and footer.
#[derive(Debug, Clone, Copy)]
pub struct Embedded(pub bool);

impl Embedded {
    /// What a query says of it.
    pub fn of(query: Option<&str>) -> Self {
        Self(query_value(query, "embed").as_deref() == Some("true"))
    }

    /// What the next page of a frame is asked with, after another part of its query.
    pub fn query(self) -> &'static str {
        if self.0 { "&embed=true" } else { "" }
    }
}

impl<S: Sync> FromRequestParts<S> for Embedded {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::of(parts.uri.query()))
    }
}

/// Whether the client is a person's browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    Html,
    Json,
}

impl Accepts {
    pub(crate) fn of(headers: &axum::http::HeaderMap) -> Self {
        let accept = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if accept.contains("text/html") {
            Self::Html
        } else {
            Self::Json
        }
    }
}

/// `HEAD` is answered as `GET`, anything else that a route does not know is this.
pub(crate) fn method_not_allowed(method: &Method) -> Error {
    // The peers' clients know this sentence; the method is one of the few that HTTP names, or shortened.
    let method: String = method.as_str().chars().take(20).collect();
    Error::new(
        Kind::MethodNotAllowed,
        "method_not_allowed",
        format!("Method \"{method}\" not allowed."),
    )
}
