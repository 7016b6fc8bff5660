//! What a service is written against: functions, their context, requests that cannot be malformed, jobs, pages.
//!
//! A service is a table of [`Function`]s. Each names what starts it (a path, a queue, a schedule), what it needs of the world
//! and who may use it; the template, the local host and the tests are all checked against that table.

mod api_key;
mod context;
mod cookie;
pub mod docs;
mod field;
mod function;
mod http;
mod input;
pub mod issuer;
pub mod letter;
mod openapi_router;
pub mod outbound;
pub mod page;
mod problem;
mod request;
mod same_site;
mod signed_in;
pub mod time_zone;
mod work;

pub use api_key::ApiKey;
pub use context::{Context, Settings};
pub use cookie::Cookie;
pub use field::{Choice, Field, Problems, True};
pub use function::{Access, Function, Need, Trigger};
pub use http::{HttpService, RequestId, Route, openapi, router};
pub use input::{Fields, Input, MAX_BODY, read_bytes};
pub use openapi_router::OpenApiRouter;
pub use page::{Form, FormField, Page};
pub use problem::{Answer, Problem, Result};
pub use request::{Accepts, Embedded, Idempotency, Locale, PathId, Tenant, Valid};
pub use same_site::SameSite;
pub use signed_in::{
    Account, ClientAddress, Menu, MenuLink, Operator, Posted, SignedIn, Staff, Visitor, forbidden, see_other,
    sessions,
};
pub use work::{Outcome, Work, arguments, send, send_after};

pub use axum;
pub use identity::{Permission, Role, api_key::KeyKind, token_issuer::SECRET as TOKEN_ISSUERS};
pub use ports::{Error, FieldError, Kind};
pub use store::{self, Job, TenantId, params, sql};
pub use utoipa;
pub use utoipa_axum::routes;
