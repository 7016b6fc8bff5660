use unicode_normalization::UnicodeNormalization as _;

/// Writes a text in ASCII, for forms and providers that know nothing else: accents go (`Hagåtña` → `Hagatna`), typographic
/// quotes and dashes become plain ones, a few letters become two. What has no ASCII counterpart is dropped. Line ends stay.
#[must_use]
pub fn fold_to_ascii(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let spaced = text
        .chars()
        .flat_map(|c| is_fraction(c).then_some(' ').into_iter().chain([c]));
    for c in spaced.nfkd() {
        match c {
            '\0'..='\u{7f}' => folded.push(c),
            '‘' | '’' | 'ʻ' | 'ʼ' | '′' => folded.push('\''),
            '“' | '”' | '″' => folded.push('"'),
            '‐'..='―' | '−' => folded.push('-'),
            '\u{2044}' => folded.push('/'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'Æ' => folded.push_str("AE"),
            'œ' => folded.push_str("oe"),
            'Œ' => folded.push_str("OE"),
            'þ' => folded.push_str("th"),
            'Þ' => folded.push_str("Th"),
            'ø' => folded.push('o'),
            'Ø' => folded.push('O'),
            'ł' => folded.push('l'),
            'Ł' => folded.push('L'),
            'đ' | 'ð' => folded.push('d'),
            'Đ' | 'Ð' => folded.push('D'),
            'ı' => folded.push('i'),
            _ => {}
        }
    }
    folded
}

/// `½` and its like, which follow a whole number without a space: `7½ Main St` must not become number 71.
fn is_fraction(c: char) -> bool {
    matches!(c, '¼'..='¾' | '⅐'..='⅞')
}

/// A text as part of a file name or URL: ASCII, small letters, words joined by single hyphens; other signs dropped.
#[must_use]
pub fn slugify(text: &str) -> String {
    let plain = fold_to_ascii(text).to_ascii_lowercase();
    let kept: String = plain
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || c.is_whitespace() || matches!(c, '-' | '_'))
        .collect();
    kept.split(|c: char| c == '-' || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_go_and_letters_stay() {
        for (text, ascii) in [
            ("Hagåtña", "Hagatna"),
            ("Nguyễn Đức", "Nguyen Duc"),
            ("Łódź", "Lodz"),
            ("Hawaiʻi", "Hawai'i"),
            ("Weiß", "Weiss"),
            ("7½ Main", "7 1/2 Main"),
            ("7½ Main", "7 1/2 Main"),
            ("李 Li", " Li"),
        ] {
            assert_eq!(fold_to_ascii(text), ascii);
        }
        assert_eq!(
            slugify("MA  O'Néil--Smith registrationform"),
            "ma-oneil-smith-registrationform"
        );
        assert_eq!(slugify("../../etc"), "etc");
    }
}
