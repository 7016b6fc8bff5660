//! Extractors of pages for people with an account, and of the forms on them.
//!
//! ```ignore
//! async fn save(staff: Staff, State(cx): State<Context>, form: Posted) -> app::Result<Response> {
//!     staff.require(Permission::Edit)?;
//!     …
//! }
//! ```
//!
//! [`SignedIn`] is anybody who signed in; [`Staff`] works for an organisation, and has a second factor; an [`Operator`] runs the
//! installation, and has one too. Whoever is not that is sent where it can be mended: to sign in, to set up the second factor,
//! to choose an organisation. Rights are read from the
//! database with every request, so that what is taken away is gone at once.

use std::{net::IpAddr, ops::Deref};

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::person::Language;
use identity::{Permission, Role, Session, Sessions, Stage, Token, local_path};
use ports::{Error, Kind, Result};
use store::{Sql, TenantId, params, sql};
use uuid::Uuid;

use crate::{
    Accepts, Context, Fields, Problem, SameSite, Tenant, cookie::Cookie, input, page::pick,
    request::query_value,
};

/// The person behind a session.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub language: Language,
    /// An IANA name.
    pub time_zone: String,
    pub has_second_factor: bool,
    /// Runs the installation (see [`Operator`]).
    pub is_operator: bool,
}

/// Somebody who signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub account: Account,
    pub session: Session,
    pub token: Token,
    /// The organisation that is worked in, and as what.
    pub organization: Option<(Tenant, Role)>,
    /// To speak: `?lang=`, else the account's own.
    pub language: Language,
}

const SIGNED_IN: Sql = sql!(
    "select account_id, email, name, language, time_zone, has_second_factor, is_operator, tenant_id, tenant_name, tenant_slug, plan,
            is_first_party, role
       from platform.signed_in($1, $2)"
);

impl SignedIn {
    /// The person of this request, if its session lives.
    ///
    /// # Errors
    /// What the database and the key-value store answer.
    pub async fn find(cx: &Context, headers: &HeaderMap, query: Option<&str>) -> Result<Option<Self>> {
        let Some(token) = Cookie::Session.read(&cx.settings, headers) else {
            return Ok(None);
        };
        let Some(session) = sessions(cx).find(&token).await? else {
            return Ok(None);
        };
        if session.stage != Stage::Complete {
            return Ok(None);
        }
        let row = cx
            .db
            .optional(SIGNED_IN, params![session.id, session.tenant])
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        if row.get::<Uuid>("account_id")? != session.account {
            return Err(Error::internal("a session of two accounts"));
        }
        let organization = match (
            row.get::<Option<Uuid>>("tenant_id")?,
            row.get::<Option<&str>>("role")?,
        ) {
            (Some(id), Some(role)) => {
                let tenant = Tenant {
                    id: TenantId(id),
                    slug: row.get::<Option<String>>("tenant_slug")?.unwrap_or_default(),
                    name: row.get("tenant_name")?,
                    plan: row.get("plan")?,
                    is_first_party: row.get("is_first_party")?,
                };
                let role = Role::parse(role).ok_or_else(|| Error::internal("an unknown role"))?;
                Some((tenant, role))
            }
            _ => None,
        };
        let own = Language::or_default(row.get("language")?);
        Ok(Some(Self {
            account: Account {
                id: session.account,
                name: row.get("name")?,
                email: row.get("email")?,
                language: own,
                time_zone: row.get("time_zone")?,
                has_second_factor: row.get("has_second_factor")?,
                is_operator: row.get("is_operator")?,
            },
            session,
            token,
            organization,
            language: query_value(query, "lang")
                .and_then(|tag| Language::parse(&tag).ok())
                .unwrap_or(own),
        }))
    }

    /// What every page for people with an account carries; `path` is the page's own.
    ///
    /// # Errors
    /// None in practice.
    pub fn menu(&self, path: &'static str) -> Result<Menu> {
        Ok(Menu {
            name: self.account.name.clone(),
            organization: self
                .organization
                .as_ref()
                .map(|(tenant, _)| tenant.name.clone())
                .unwrap_or_default(),
            form_token: self.token.form_token()?,
            links: links(
                self.language,
                self.organization.as_ref().map(|(_, role)| *role),
                self.account.is_operator,
                path,
            ),
        })
    }

    /// One's own, or one that the provider of this sign-in asked for and is trusted in.
    pub fn has_second_factor(&self) -> bool {
        self.account.has_second_factor || self.session.has_second_factor()
    }

    pub fn t<'a>(&self, english: &'a str, spanish: &'a str) -> &'a str {
        pick(self.language, english, spanish)
    }
}

/// The sessions of this process.
pub fn sessions(cx: &Context) -> Sessions<'_> {
    Sessions {
        key_value: cx.key_value(),
        clock: cx.clock(),
        random: cx.random(),
    }
}

impl FromRequestParts<Context> for SignedIn {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Response> {
        match Self::find(cx, &parts.headers, parts.uri.query()).await {
            Ok(Some(person)) => Ok(person),
            Ok(None) => Err(to_sign_in(parts)),
            Err(error) => Err(Problem(error).into_response()),
        }
    }
}

/// Somebody who works for an organisation, with a second factor.
#[derive(Debug, Clone)]
pub struct Staff {
    pub person: SignedIn,
    pub tenant: Tenant,
    pub role: Role,
}

impl Staff {
    /// # Errors
    /// `Forbidden` where the role does not allow it.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.role.may(permission) {
            return Ok(());
        }
        Err(forbidden(self.t(
            "Your role in this organization does not allow this. Ask an owner or administrator.",
            "Su función en esta organización no lo permite. Pregunte a un propietario o administrador.",
        )))
    }
}

/// The page is there, but not for this role.
#[track_caller]
pub fn forbidden(why: &str) -> Error {
    Error::new(Kind::Forbidden, "forbidden", why.to_owned())
}

impl Deref for Staff {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.person
    }
}

impl FromRequestParts<Context> for Staff {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Response> {
        let person = SignedIn::from_request_parts(parts, cx).await?;
        if !person.has_second_factor() {
            return Err(see_other("/account/second-factor?required=true"));
        }
        match person.organization.clone() {
            Some((tenant, role)) => Ok(Self { person, tenant, role }),
            None => Err(see_other("/platform/organizations")),
        }
    }
}

/// Somebody who runs the installation, with a second factor: all organisations, what the states say, feature flags. A right of the
/// person, not of a member; the operation `platform-operator` gives and takes it.
#[derive(Debug, Clone)]
pub struct Operator(pub SignedIn);

impl Deref for Operator {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl FromRequestParts<Context> for Operator {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Response> {
        let person = SignedIn::from_request_parts(parts, cx).await?;
        if !person.has_second_factor() {
            return Err(see_other("/account/second-factor?required=true"));
        }
        if !person.account.is_operator {
            let why = person.t(
                "Only operators of this installation may do this.",
                "Solo los operadores de esta instalación pueden hacer esto.",
            );
            return Err(Problem(forbidden(why)).into_response());
        }
        Ok(Self(person))
    }
}

/// To the sign-in page, and from there back to where a page was asked for.
fn to_sign_in(parts: &Parts) -> Response {
    if Accepts::of(&parts.headers) == Accepts::Json {
        return Problem(Error::unauthenticated("Sign in first.")).into_response();
    }
    let next = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(language) = query_value(parts.uri.query(), "lang").and_then(|tag| Language::parse(&tag).ok())
    {
        query.append_pair("lang", language.as_str());
    }
    if parts.method == Method::GET
        && let Some(next) = local_path(next)
    {
        query.append_pair("next", next);
    }
    match query.finish().as_str() {
        "" => see_other("/account/sign-in"),
        query => see_other(&format!("/account/sign-in?{query}")),
    }
}

/// "Look there", after a form or instead of a page.
pub fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(error) => Problem(Error::internal(error)).into_response(),
    }
}

/// What a form holds against requests of other sites, for somebody who may have signed in or not.
pub struct Visitor {
    token: Token,
    is_new: bool,
}

impl Visitor {
    fn known(cx: &Context, headers: &HeaderMap) -> Option<Token> {
        Cookie::Session
            .read(&cx.settings, headers)
            .or_else(|| Cookie::Visitor.read(&cx.settings, headers))
    }

    /// What this browser is known by: its session's token, or the visitor's.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// For the form's field `form_token`.
    ///
    /// # Errors
    /// None in practice.
    pub fn form_token(&self) -> Result<String> {
        self.token.form_token()
    }

    /// By which a later request of this browser is known again.
    #[must_use]
    pub fn digest(&self) -> String {
        self.token.digest()
    }

    /// Sets the cookie that the form's token is bound to, where the browser has none.
    ///
    /// # Errors
    /// None in practice.
    pub fn remember(&self, cx: &Context, mut response: Response) -> Result<Response> {
        if self.is_new {
            response.headers_mut().append(
                header::SET_COOKIE,
                Cookie::Visitor.set(&cx.settings, &self.token)?,
            );
        }
        Ok(response)
    }
}

impl FromRequestParts<Context> for Visitor {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Problem> {
        let known = Self::known(cx, &parts.headers);
        Ok(Self {
            is_new: known.is_none(),
            token: known.unwrap_or_else(|| Token::new(cx.random())),
        })
    }
}

/// The fields of a form that came from our own page, in the same browser.
pub struct Posted(pub Fields);

impl FromRequest<Context> for Posted {
    type Rejection = Problem;
    async fn from_request(request: Request, cx: &Context) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        SameSite::from_request_parts(&mut parts, cx).await?;
        let token = Visitor::known(cx, &parts.headers);
        let (fields, _) = input::read(Request::from_parts(parts, body)).await?;
        let is_ours = match token {
            Some(token) => token.admits(fields.text("form_token"))?,
            None => false,
        };
        if is_ours {
            return Ok(Self(fields));
        }
        Err(Error::new(
            Kind::Forbidden,
            "form_token",
            "This form is too old, or your browser refuses cookies. Go back, load the page again and send it once more.",
        )
        .into())
    }
}

/// Where a request came from: the address that the edge saw. Counted by limits, never stored or logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Reads it from what API Gateway tells. Every proxy adds the address that it was called from to `X-Forwarded-For`: the last
    /// is the CDN's (which `source` is then), the one before it the client's. What stands before that anybody may have
    /// written.
    pub fn read(headers: &HeaderMap, source: Option<&str>) -> Option<Self> {
        let source: Option<IpAddr> = source.and_then(|text| text.parse().ok());
        let last: Vec<IpAddr> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|text| text.trim().parse().ok())
            .collect();
        let seen = last.iter().rev().find(|address| Some(**address) != source);
        seen.copied().or(source).map(Self)
    }

    /// What is counted together: an IPv4 address, or the /64 that an IPv6 customer has at least.
    pub fn network(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{:x}/64", address.to_bits() >> 64),
        }
    }
}

impl FromRequestParts<Context> for ClientAddress {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Context) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Self>().copied();
        // Without the gateway there is nobody to tell apart: all are counted as one.
        Ok(known.unwrap_or(Self(IpAddr::from([0, 0, 0, 0]))))
    }
}

/// The bar of pages for people with an account: who, where, and where to go from here.
#[derive(Debug, Clone)]
pub struct Menu {
    pub name: String,
    pub organization: String,
    pub form_token: String,
    pub links: Vec<MenuLink>,
}

#[derive(Debug, Clone)]
pub struct MenuLink {
    pub label: &'static str,
    pub href: &'static str,
    pub is_current: bool,
}

fn links(language: Language, role: Option<Role>, is_operator: bool, path: &str) -> Vec<MenuLink> {
    let may = |permission| role.is_some_and(|role| role.may(permission));
    let all = [
        ("/account", "Your account", "Su cuenta", true),
        ("/platform/organizations", "Organizations", "Organizaciones", true),
        ("/voting/manage", "Voting", "Votar", may(Permission::View)),
        ("/platform/members", "Members", "Miembros", may(Permission::View)),
        (
            "/platform/api-keys",
            "API keys",
            "Claves de API",
            may(Permission::ManageKeys),
        ),
        (
            "/admin",
            "Admin",
            "Administración",
            is_operator || may(Permission::View),
        ),
        (
            "/platform/history",
            "History",
            "Historial",
            may(Permission::ViewHistory),
        ),
        (
            "/admin/platform/organization",
            "All organizations",
            "Todas las organizaciones",
            is_operator,
        ),
        (
            "/platform/leads",
            "Who asks to join",
            "Quién pide unirse",
            is_operator,
        ),
    ];
    all.into_iter()
        .filter(|(.., is_shown)| *is_shown)
        .map(|(href, english, spanish, _)| MenuLink {
            label: pick(language, english, spanish),
            href,
            is_current: href == path,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_who_the_edge_saw() {
        let read = |forwarded: &str, source| {
            let headers =
                HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), forwarded.parse().unwrap())]);
            ClientAddress::read(&headers, source).map(ClientAddress::network)
        };
        let client = Some("203.0.113.7".to_owned());
        assert_eq!(read("203.0.113.7, 130.176.1.1", Some("130.176.1.1")), client);
        assert_eq!(
            read("9.9.9.9, 203.0.113.7, 130.176.1.1", Some("130.176.1.1")),
            client
        );
        assert_eq!(read("9.9.9.9,203.0.113.7", Some("130.176.1.1")), client);
        assert_eq!(read("203.0.113.7", Some("203.0.113.7")), client);
        assert_eq!(read("rubbish", Some("203.0.113.7")), client);
        assert_eq!(read("", None), None);
        let network = read("2001:db8:1:2:3::4", None);
        assert_eq!(network.as_deref(), Some("20010db800010002/64"));
        assert_eq!(network, read("2001:db8:1:2::9", None));
    }
}
