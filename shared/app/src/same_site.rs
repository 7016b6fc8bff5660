//! Forms come from our own pages.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use ports::{Error, Kind};

use crate::{Context, Problem};

/// Takes form posts of our own pages and refuses those that another site makes a visitor's browser send. Belongs to every
/// handler of a form, also where there is no session to ride on: nobody shall file in a visitor's name.
#[derive(Debug, Clone, Copy)]
pub struct SameSite;

impl FromRequestParts<Context> for SameSite {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, cx: &Context) -> Result<Self, Problem> {
        if is_cross_site(&parts.headers, &cx.settings.public_url) {
            return Err(Error::new(
                Kind::Forbidden,
                "cross_site",
                "This form may only be sent from our own pages.",
            )
            .into());
        }
        Ok(Self)
    }
}

/// `Sec-Fetch-Site` decides where it is sent. `Origin` decides for older browsers, unless it is `null`: that is what our own
/// `Referrer-Policy: no-referrer` makes a browser send with every form (Fetch standard, "append a request `Origin` header").
fn is_cross_site(headers: &HeaderMap, public_url: &str) -> bool {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return site == "cross-site";
    }
    let host = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().to_owned()
    };
    match header(header::ORIGIN.as_str()) {
        None | Some("null") => false,
        Some(origin) => {
            let own = header(header::HOST.as_str()).unwrap_or_default();
            host(origin) != host(public_url) && host(origin) != own
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn refused(pairs: &[(&'static str, &str)]) -> bool {
        is_cross_site(&headers(pairs), "https://vote.example")
    }

    #[test]
    fn a_browser_may_send_our_own_form_although_it_hides_the_origin() {
        assert!(!refused(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!refused(&[("origin", "null")]));
        assert!(!refused(&[("origin", "https://vote.example")]));
        assert!(!refused(&[
            ("origin", "http://localhost:4000"),
            ("host", "localhost:4000")
        ]));
        assert!(!refused(&[]));
    }

    #[test]
    fn other_sites_may_not_send_it() {
        assert!(refused(&[("origin", "null"), ("sec-fetch-site", "cross-site")]));
        assert!(refused(&[
            ("origin", "https://vote.example"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(refused(&[
            ("origin", "https://evil.example"),
            ("host", "vote.example")
        ]));
        assert!(refused(&[("origin", "https://vote.example.evil.example")]));
    }
}
