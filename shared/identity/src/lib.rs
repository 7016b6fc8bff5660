//! Who somebody is and what they may do: passwords, one-time codes, recovery codes, sessions, limits, roles, API keys.
//!
//! Nothing here knows of HTTP or SQL. What is pure is a function; what lives short goes through the key-value port, so that
//! tests move its clock. Rules follow NIST SP 800-63B (revision 4), OWASP ASVS 5.0 (V6, V7) and RFC 6238.
//!
//! One secret, `account-key`, stands behind all of it (see [`Keys`]): links in mails are signed with it, one-time-password
//! secrets lie encrypted under it, and recovery codes and limits are kept only as digests that nobody makes without it.

pub mod api_key;
pub mod jwt;
mod keys;
pub mod limit;
#[cfg(test)]
mod memory;
pub mod oidc;
pub mod password;
pub mod recovery;
mod redirect;
mod role;
mod session;
mod token;
pub mod token_issuer;
pub mod totp;
pub mod webauthn;

pub use keys::{Keys, Purpose};
pub use limit::Limit;
pub use redirect::local_path;
pub use role::{Permission, Role};
pub use session::{
    ABSOLUTE_LIFE, IDLE_LIFE, PENDING_LIFE, PROOF_LIFE, ProviderSession, Session, Sessions, Stage,
};
pub use token::Token;
