//! The two cookies of the house: of a session, and of a visitor who has none yet.
//!
//! Both carry 256 random bits and nothing else. Where the site is served over HTTPS their names begin with `__Host-` (RFC 6265bis
//! §4.1.3.2): browsers then take them from this very host only, over TLS only, so that no neighbour plants one.

use axum::http::{HeaderMap, HeaderValue, header};
use identity::Token;
use ports::{Error, Result};

use crate::Settings;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// Somebody who signs in or has signed in.
    Session,
    /// Anybody who was shown a form before: its token is bound to this.
    Visitor,
}

impl Cookie {
    fn name(self, settings: &Settings) -> &'static str {
        match (self, is_secure(settings)) {
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "session",
            (Self::Visitor, true) => "__Host-visitor",
            (Self::Visitor, false) => "visitor",
        }
    }

    /// The token that the browser sent.
    pub fn read(self, settings: &Settings, headers: &HeaderMap) -> Option<Token> {
        let name = self.name(settings);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(known, _)| *known == name)
            .and_then(|(_, value)| Token::parse(value))
    }

    /// `Set-Cookie` with this token. It ends with the browser's session; ours has its own end.
    ///
    /// # Errors
    /// None in practice.
    pub fn set(self, settings: &Settings, token: &Token) -> Result<HeaderValue> {
        self.write(settings, token.expose(), "")
    }

    /// `Set-Cookie` that removes it.
    ///
    /// # Errors
    /// None in practice.
    pub fn clear(self, settings: &Settings) -> Result<HeaderValue> {
        self.write(settings, "", "; Max-Age=0")
    }

    fn write(self, settings: &Settings, value: &str, more: &str) -> Result<HeaderValue> {
        let name = self.name(settings);
        let secure = if is_secure(settings) { "; Secure" } else { "" };
        HeaderValue::from_str(&format!(
            "{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}"
        ))
        .map_err(Error::internal)
    }
}

/// Plain HTTP is for one's own machine.
fn is_secure(settings: &Settings) -> bool {
    !settings.public_url.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ports::{Address, SystemRandom};

    use super::*;

    fn settings(public_url: &str) -> Settings {
        Settings {
            environment: "test".to_owned(),
            public_url: public_url.to_owned(),
            mail_from: Address {
                name: None,
                email: "a@b.example".to_owned(),
            },
            variables: BTreeMap::new(),
        }
    }

    #[test]
    fn a_cookie_is_for_this_host_and_no_script() {
        let token = Token::new(&SystemRandom);
        let set = Cookie::Session
            .set(&settings("https://vote.example"), &token)
            .unwrap();
        let expected = format!(
            "__Host-session={}; Path=/; HttpOnly; SameSite=Lax; Secure",
            token.expose()
        );
        assert_eq!(set.to_str().unwrap(), expected);
        let local = Cookie::Session
            .set(&settings("http://127.0.0.1:4000"), &token)
            .unwrap();
        assert!(local.to_str().unwrap().starts_with("session="));
    }

    #[test]
    fn it_is_found_among_others() {
        let (settings, token) = (settings("https://vote.example"), Token::new(&SystemRandom));
        let read = |text: String| {
            let headers = HeaderMap::from_iter([(header::COOKIE, text.parse().unwrap())]);
            Cookie::Session
                .read(&settings, &headers)
                .map(|token| token.expose().to_owned())
        };
        let value = token.expose();
        assert_eq!(
            read(format!("a=b;__Host-session={value}; c=d")).as_deref(),
            Some(value)
        );
        assert_eq!(read(format!("session={value}; __Host-visitor={value}")), None);
        assert_eq!(read(format!("x__Host-session={value}")), None);
        assert_eq!(read("__Host-session=short".to_owned()), None);
    }
}
