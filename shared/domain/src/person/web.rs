//! Names in addresses of the web.

use super::Invalid;
use super::newtype::checked_text;

/// A short name in a URL: 1 to 50 of `a-z`, `0-9`, `-` and `_`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// Most characters a slug may have.
    pub const MAX: usize = 50;

    /// # Errors
    /// `slug` for an empty or longer text, or one with other characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if (1..=Self::MAX).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(
                "slug",
                "Use 1 to 50 small letters, digits, hyphens or underscores.",
            ))
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
checked_text!(Slug, shown);

/// An absolute `http` or `https` address of at most 2,000 bytes: with a host, without a user name, spaces, quotes or
/// other characters that RFC 3986 wants percent-encoded in ASCII. Letters of other scripts are allowed, as browsers do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebUrl(String);

impl WebUrl {
    /// Most bytes an address may have.
    pub const MAX: usize = 2_000;

    /// # Errors
    /// `too_long`, or `url`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const NOT_AN_ADDRESS: Invalid = Invalid::new(
            "url",
            "Enter a full web address that starts with https:// or http://.",
        );
        let text = text.trim();
        if text.len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        let encoded_elsewhere = |c: char| c.is_control() || c.is_whitespace() || "\"<>\\^`{|}".contains(c);
        let parts = Parts::of(text).ok_or(NOT_AN_ADDRESS)?;
        let web = parts.scheme.eq_ignore_ascii_case("https") || parts.scheme.eq_ignore_ascii_case("http");
        if !web
            || parts.user_info.is_some()
            || !parts.host_is_plausible()
            || text.chars().any(encoded_elsewhere)
        {
            return Err(NOT_AN_ADDRESS);
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without its port: `vote.example.org`.
    #[must_use]
    pub fn host(&self) -> &str {
        Parts::of(&self.0).map_or("", |parts| parts.host)
    }
}
checked_text!(WebUrl, shown);

/// What is kept of the page a tool was embedded in: `scheme://host[:port]/path`, since query, fragment and user name may name
/// the visitor. A text without a host is kept as it is (spec 2.0.2).
#[must_use]
pub fn trim_embed_url(text: &str) -> String {
    let Some(Parts {
        scheme,
        host,
        port,
        path,
        ..
    }) = Parts::of(text.trim())
    else {
        return text.to_owned();
    };
    let colon = if port.is_empty() { "" } else { ":" };
    format!("{scheme}://{host}{colon}{port}{path}")
        .trim_end()
        .to_owned()
}

/// An absolute URL cut at RFC 3986's delimiters; only where it has a scheme and a host.
struct Parts<'a> {
    scheme: &'a str,
    user_info: Option<&'a str>,
    host: &'a str,
    port: &'a str,
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let path = &after[..after.find(['?', '#']).unwrap_or(after.len())];
        let (user_info, host_port) = match authority.rsplit_once('@') {
            Some((user_info, host_port)) => (Some(user_info), host_port),
            None => (None, authority),
        };
        let (host, port) = match host_port.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (host_port, ""),
        };
        (scheme_ok && !host.is_empty()).then_some(Self {
            scheme,
            user_info,
            host,
            port,
            path,
        })
    }

    fn host_is_plausible(&self) -> bool {
        let port_ok = self.port.is_empty() || self.port.parse::<u16>().is_ok();
        let literal = self
            .host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        };
        port_ok
            && match literal {
                Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
                None => self
                    .host
                    .strip_suffix('.')
                    .unwrap_or(self.host)
                    .split('.')
                    .all(label),
            }
    }
}
