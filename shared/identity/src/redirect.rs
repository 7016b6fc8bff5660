//! Where `next=` may lead: to a page of our own, and nowhere else.

/// The longest that is followed; what is longer is no page of ours.
const MOST: usize = 512;

/// The path, if it is one of this site: it starts with one slash, and holds nothing that any browser reads as another host
/// (`//host`, `/\host`, control characters that are dropped before reading).
#[must_use]
pub fn local_path(next: &str) -> Option<&str> {
    let is_local = next.len() <= MOST
        && next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // Signing out is asked for by a form, never by a link; and a loop through the sign-in page helps nobody.
    let is_sensible = !["/account/sign-out", "/account/sign-in"]
        .iter()
        .any(|page| next.starts_with(page));
    (is_local && is_sensible).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_our_own() {
        for ours in [
            "/",
            "/account",
            "/platform/members?page=2#top",
            "/voting//x",
            "/a?b=https://c.example",
        ] {
            assert_eq!(local_path(ours), Some(ours));
        }
        for foreign in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " //evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/ü",
            "/account/sign-out",
            "/account/sign-in?next=/",
            "/a\r\nset-cookie: x=y",
        ] {
            assert_eq!(local_path(foreign), None, "{foreign:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(MOST))), None);
    }
}
