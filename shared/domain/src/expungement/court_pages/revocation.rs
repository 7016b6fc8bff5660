//! Finding "probation revoked" in a clerk's words, with one slip of the finger allowed.

const TERMS: [&str; 3] = ["probation revoked", "prob revoked", "revoke probation"];

/// Whether the text contains one of the terms, or a string one edit away from it: a character left out, a letter put in or
/// replaced, two neighbours swapped. Letter case does not matter.
#[must_use]
pub fn mentions_revocation(text: &str) -> bool {
    let text = text.to_lowercase();
    let text = text.as_bytes();
    // Every term holds "prob" and "revok"; two of their letters survive one edit anywhere.
    if !text.iter().any(|byte| matches!(byte, b'v' | b'k')) {
        return false;
    }
    (0..text.len()).any(|start| {
        TERMS
            .iter()
            .any(|term| begins_with_slip(&text[start..], term.as_bytes()))
    })
}

/// Whether `text` begins with `term` but for at most one edit. The edit may be taken to stand at the first difference.
fn begins_with_slip(text: &[u8], term: &[u8]) -> bool {
    let same = text.iter().zip(term).take_while(|(a, b)| a == b).count();
    let (text, term) = (&text[same..], &term[same..]);
    let Some((_, without_first)) = term.split_first() else {
        return true;
    };
    if text.starts_with(without_first) {
        return true; // left out
    }
    let Some((first, rest)) = text.split_first() else {
        return false;
    };
    if first.is_ascii_lowercase() && (rest.starts_with(without_first) || rest.starts_with(term)) {
        return true; // replaced, or put in
    }
    matches!((text, term), ([a, b, text @ ..], [c, d, term @ ..]) if a == d && b == c && text.starts_with(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_forgiven() {
        for text in [
            "PROB REVOKED;",
            "probaton revoked",
            "probatoin revoked",
            "order - revoke probaton",
            "probation revokedd",
            "Prob Rvoked",
        ] {
            assert!(mentions_revocation(text), "{text}");
        }
        for text in [
            "Probation  Revoked",
            "Prob. Revoked",
            "probation revocation",
            "revoke his probation",
            "",
            "rvked",
        ] {
            assert!(!mentions_revocation(text), "{text}");
        }
    }
}
