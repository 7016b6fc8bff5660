//! Text for the standard fonts: cleaning what people type, WinAnsi codes, widths, and breaking lines.
//!
//! The standard fonts speak WinAnsi (ISO 32000-1, annex D.2; Windows code page 1252), which has every letter of Spanish,
//! French, Portuguese and German. What lies outside is brought to its base letter where it has one ("Ł" → "L"), and to
//! `?` where it has none, so that a reader of the paper sees that something is missing.

use crate::widths;

/// The longest value that is put into a field, in characters (voting spec 5.2.2).
pub const MAX_VALUE_CHARS: usize = 1024;

/// A font that every viewer has, with WinAnsi encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Font {
    Helvetica,
    HelveticaBold,
    Times,
    TimesBold,
    Courier,
    CourierBold,
}

impl Font {
    /// All of them, in the order of their resource names `/W0` … `/W5`.
    pub const ALL: [Font; 6] = [
        Font::Helvetica,
        Font::HelveticaBold,
        Font::Times,
        Font::TimesBold,
        Font::Courier,
        Font::CourierBold,
    ];

    /// The `/BaseFont` name.
    #[must_use]
    pub fn base_name(self) -> &'static str {
        match self {
            Font::Helvetica => "Helvetica",
            Font::HelveticaBold => "Helvetica-Bold",
            Font::Times => "Times-Roman",
            Font::TimesBold => "Times-Bold",
            Font::Courier => "Courier",
            Font::CourierBold => "Courier-Bold",
        }
    }

    pub(crate) fn resource_name(self) -> &'static str {
        match self {
            Font::Helvetica => "W0",
            Font::HelveticaBold => "W1",
            Font::Times => "W2",
            Font::TimesBold => "W3",
            Font::Courier => "W4",
            Font::CourierBold => "W5",
        }
    }

    /// The standard font nearest to a font by its name: `ArialMT` → Helvetica, `TimesNewRomanPS-BoldMT` → Times bold.
    #[must_use]
    pub fn nearest(name: &str) -> Font {
        let name = name.to_ascii_lowercase();
        let bold = name.contains("bold") || matches!(name.as_str(), "hebo" | "tibo" | "cobo");
        let family = if name.contains("times")
            || name.starts_with("ti")
            || name.contains("serif") && !name.contains("sans")
        {
            (Font::Times, Font::TimesBold)
        } else if name.contains("cour") || name.contains("mono") || name == "cobo" {
            (Font::Courier, Font::CourierBold)
        } else {
            (Font::Helvetica, Font::HelveticaBold)
        };
        if bold { family.1 } else { family.0 }
    }

    fn advance(self, code: u8) -> u32 {
        let table = match self {
            Font::Helvetica => &widths::HELVETICA,
            Font::HelveticaBold => &widths::HELVETICA_BOLD,
            Font::Times => &widths::TIMES_ROMAN,
            Font::TimesBold => &widths::TIMES_BOLD,
            Font::Courier | Font::CourierBold => return 600,
        };
        code.checked_sub(32)
            .and_then(|index| table.get(usize::from(index)))
            .map_or(0, |&width| u32::from(width))
    }

    /// The width of WinAnsi text in points at `size` points.
    #[must_use]
    pub fn width(self, text: &[u8], size: f32) -> f32 {
        let units: u32 = text.iter().map(|&code| self.advance(code)).sum();
        units as f32 * size / 1000.0
    }

    /// Height of a capital letter over the base line, as a part of the font size.
    pub(crate) fn cap_height(self) -> f32 {
        match self {
            Font::Helvetica | Font::HelveticaBold => 0.718,
            Font::Times | Font::TimesBold => 0.67,
            Font::Courier | Font::CourierBold => 0.57,
        }
    }

    /// How far letters such as "g" reach below the base line, as a part of the font size.
    pub(crate) fn descent(self) -> f32 {
        0.21
    }
}

/// Cleans a value: control characters go (line breaks stay, tabs become spaces), and the rest is cut at
/// [`MAX_VALUE_CHARS`].
#[must_use]
pub fn clean(value: &str) -> String {
    let mut out = String::with_capacity(value.len().min(MAX_VALUE_CHARS * 4));
    let mut chars = value.chars().peekable();
    let mut count = 0;
    while let Some(c) = chars.next() {
        let c = match c {
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    continue;
                }
                '\n'
            }
            '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            '\n' => '\n',
            '\t' => ' ',
            c if c.is_control() || is_invisible(c) => continue,
            c => c,
        };
        if count == MAX_VALUE_CHARS {
            break;
        }
        out.push(c);
        count += 1;
    }
    out
}

/// Zero-width, direction and variation marks, private use and non-characters: nothing that paper could show.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xE000..=0xF8FF | 0xFE00..=0xFE0F | 0xFEFF
        | 0xFFF0..=0xFFFB | 0xFFFE..=0xFFFF | 0xE0000..=0x10FFFF)
}

/// The WinAnsi codes of `text`. Characters without one become their base letter or `?`; a combining accent joins the
/// letter before it where WinAnsi has the pair, and is dropped where it has not.
#[must_use]
pub fn win_ansi(text: &str) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    for c in text.chars() {
        if ('\u{300}'..='\u{36F}').contains(&c) {
            if let Some(last) = out.last_mut()
                && let Some(joined) = join_accent(*last, c)
            {
                *last = joined;
            }
            continue;
        }
        match code(c) {
            Some(code) => out.push(code),
            None => match plain(c) {
                "" => out.push(b'?'),
                letters => out.extend_from_slice(letters.as_bytes()),
            },
        }
    }
    out
}

fn code(c: char) -> Option<u8> {
    Some(match u32::from(c) {
        0x0A | 0x20..=0x7E | 0xA0..=0xFF => u32::from(c) as u8,
        0x20AC => 0x80,
        0x201A => 0x82,
        0x0192 => 0x83,
        0x201E => 0x84,
        0x2026 => 0x85,
        0x2020 => 0x86,
        0x2021 => 0x87,
        0x02C6 => 0x88,
        0x2030 => 0x89,
        0x0160 => 0x8A,
        0x2039 => 0x8B,
        0x0152 => 0x8C,
        0x017D => 0x8E,
        0x2018 => 0x91,
        0x2019 => 0x92,
        0x201C => 0x93,
        0x201D => 0x94,
        0x2022 => 0x95,
        0x2013 => 0x96,
        0x2014 => 0x97,
        0x02DC => 0x98,
        0x2122 => 0x99,
        0x0161 => 0x9A,
        0x203A => 0x9B,
        0x0153 => 0x9C,
        0x017E => 0x9E,
        0x0178 => 0x9F,
        _ => return None,
    })
}

fn join_accent(base: u8, accent: char) -> Option<u8> {
    let row: &[(u8, char)] = match accent {
        '\u{300}' => &[
            (b'A', 'À'),
            (b'E', 'È'),
            (b'I', 'Ì'),
            (b'O', 'Ò'),
            (b'U', 'Ù'),
            (b'a', 'à'),
            (b'e', 'è'),
            (b'i', 'ì'),
            (b'o', 'ò'),
            (b'u', 'ù'),
        ],
        '\u{301}' => &[
            (b'A', 'Á'),
            (b'E', 'É'),
            (b'I', 'Í'),
            (b'O', 'Ó'),
            (b'U', 'Ú'),
            (b'Y', 'Ý'),
            (b'a', 'á'),
            (b'e', 'é'),
            (b'i', 'í'),
            (b'o', 'ó'),
            (b'u', 'ú'),
            (b'y', 'ý'),
        ],
        '\u{302}' => &[
            (b'A', 'Â'),
            (b'E', 'Ê'),
            (b'I', 'Î'),
            (b'O', 'Ô'),
            (b'U', 'Û'),
            (b'a', 'â'),
            (b'e', 'ê'),
            (b'i', 'î'),
            (b'o', 'ô'),
            (b'u', 'û'),
        ],
        '\u{303}' => &[
            (b'A', 'Ã'),
            (b'N', 'Ñ'),
            (b'O', 'Õ'),
            (b'a', 'ã'),
            (b'n', 'ñ'),
            (b'o', 'õ'),
        ],
        '\u{308}' => &[
            (b'A', 'Ä'),
            (b'E', 'Ë'),
            (b'I', 'Ï'),
            (b'O', 'Ö'),
            (b'U', 'Ü'),
            (b'a', 'ä'),
            (b'e', 'ë'),
            (b'i', 'ï'),
            (b'o', 'ö'),
            (b'u', 'ü'),
            (b'y', 'ÿ'),
        ],
        '\u{30A}' => &[(b'A', 'Å'), (b'a', 'å')],
        '\u{30C}' => &[(b'S', 'Š'), (b'Z', 'Ž'), (b's', 'š'), (b'z', 'ž')],
        '\u{327}' => &[(b'C', 'Ç'), (b'c', 'ç')],
        _ => return None,
    };
    row.iter()
        .find(|(letter, _)| *letter == base)
        .and_then(|&(_, joined)| code(joined))
}

/// Base letters for what WinAnsi lacks: Central European, Turkish, Vietnamese, Romanian, Hawaiian, and typographic marks.
fn plain(c: char) -> &'static str {
    match c {
        'Ā' | 'Ă' | 'Ą' | 'Ǎ' | 'Ạ' | 'Ả' | 'Ấ' | 'Ầ' | 'Ẩ' | 'Ẫ' | 'Ậ' | 'Ắ' | 'Ằ' | 'Ẳ' | 'Ẵ' | 'Ặ' => {
            "A"
        }
        'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ' | 'ầ' | 'ẩ' | 'ẫ' | 'ậ' | 'ắ' | 'ằ' | 'ẳ' | 'ẵ' | 'ặ' => {
            "a"
        }
        'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ď' | 'Đ' => "D",
        'ď' | 'đ' => "d",
        'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' | 'Ẹ' | 'Ẻ' | 'Ẽ' | 'Ế' | 'Ề' | 'Ể' | 'Ễ' | 'Ệ' => {
            "E"
        }
        'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ẻ' | 'ẽ' | 'ế' | 'ề' | 'ể' | 'ễ' | 'ệ' => {
            "e"
        }
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ĥ' | 'Ħ' => "H",
        'ĥ' | 'ħ' => "h",
        'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' | 'Ǐ' | 'Ị' | 'Ỉ' => "I",
        'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' | 'ị' | 'ỉ' => "i",
        'Ĵ' => "J",
        'ĵ' => "j",
        'Ķ' => "K",
        'ķ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'Ń' | 'Ņ' | 'Ň' => "N",
        'ń' | 'ņ' | 'ň' => "n",
        'Ō' | 'Ŏ' | 'Ő' | 'Ơ' | 'Ọ' | 'Ỏ' | 'Ố' | 'Ồ' | 'Ổ' | 'Ỗ' | 'Ộ' | 'Ớ' | 'Ờ' | 'Ở' | 'Ỡ' | 'Ợ' => {
            "O"
        }
        'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ' | 'ỏ' | 'ố' | 'ồ' | 'ổ' | 'ỗ' | 'ộ' | 'ớ' | 'ờ' | 'ở' | 'ỡ' | 'ợ' => {
            "o"
        }
        'Ŕ' | 'Ř' => "R",
        'ŕ' | 'ř' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Ș' => "S",
        'ś' | 'ŝ' | 'ş' | 'ș' => "s",
        'Ţ' | 'Ť' | 'Ț' => "T",
        'ţ' | 'ť' | 'ț' => "t",
        'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' | 'Ư' | 'Ụ' | 'Ủ' | 'Ứ' | 'Ừ' | 'Ử' | 'Ữ' | 'Ự' => {
            "U"
        }
        'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ' | 'ủ' | 'ứ' | 'ừ' | 'ử' | 'ữ' | 'ự' => {
            "u"
        }
        'Ŵ' => "W",
        'ŵ' => "w",
        'Ŷ' | 'Ỳ' | 'Ỵ' | 'Ỷ' | 'Ỹ' => "Y",
        'ŷ' | 'ỳ' | 'ỵ' | 'ỷ' | 'ỹ' => "y",
        'Ź' | 'Ż' => "Z",
        'ź' | 'ż' => "z",
        'ʻ' | 'ʼ' | '′' | 'ʹ' | '‛' => "'",
        '″' => "\"",
        '‐' | '‑' | '‒' | '−' => "-",
        '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{3000}' => " ",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        '№' => "No.",
        _ => "",
    }
}

/// Breaks WinAnsi text into lines no wider than `width` points: at line breaks, then at spaces, and inside a word only
/// where the word alone is too wide.
#[must_use]
pub fn wrap(text: &[u8], font: Font, size: f32, width: f32) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for paragraph in text.split(|&code| code == b'\n') {
        let mut line: Vec<u8> = Vec::new();
        let mut used = 0.0;
        for word in paragraph
            .split(|&code| code == b' ')
            .filter(|word| !word.is_empty())
        {
            let mut word = word;
            let space = if line.is_empty() {
                0.0
            } else {
                font.width(b" ", size)
            };
            let advance = font.width(word, size);
            if used + space + advance <= width {
                if !line.is_empty() {
                    line.push(b' ');
                }
                line.extend_from_slice(word);
                used += space + advance;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            loop {
                let fits = prefix_that_fits(word, font, size, width);
                if fits == word.len() {
                    break;
                }
                lines.push(word[..fits].to_vec());
                word = &word[fits..];
            }
            line.extend_from_slice(word);
            used = font.width(word, size);
        }
        lines.push(line);
    }
    lines
}

/// How many codes of `word` fit, at least one.
fn prefix_that_fits(word: &[u8], font: Font, size: f32, width: f32) -> usize {
    let mut used = 0.0;
    for (index, &code) in word.iter().enumerate() {
        used += font.width(&[code], size);
        if used > width {
            return index.max(1);
        }
    }
    word.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font_metrics() {
        assert_eq!(
            Font::Helvetica.width(b"Hello", 1000.0),
            722.0 + 556.0 + 222.0 + 222.0 + 556.0
        );
        assert_eq!(Font::TimesBold.width(b"A", 1000.0), 722.0);
        assert_eq!(Font::Courier.width(b"any", 10.0), 18.0);
        assert_eq!(Font::Helvetica.width(&win_ansi("ñ"), 1000.0), 556.0);
    }

    #[test]
    fn spanish_prints_and_the_rest_is_brought_near() {
        assert_eq!(win_ansi("¿Núñez Agüero?"), b"\xBFN\xFA\xF1ez Ag\xFCero?");
        assert_eq!(
            win_ansi("Łódź – “Hagåtña”"),
            b"L\xF3dz \x96 \x93Hag\xE5t\xF1a\x94"
        );
        assert_eq!(win_ansi("n\u{303}o\u{301}q\u{301}"), b"\xF1\xF3q");
        assert_eq!(win_ansi("李🎉"), b"??");
    }

    #[test]
    fn cleaning_drops_control_characters_and_cuts() {
        assert_eq!(clean("a\u{0}b\u{7}\r\nc\td\u{200B}\u{202E}e"), "ab\nc de");
        assert_eq!(clean(&"é".repeat(5000)).chars().count(), MAX_VALUE_CHARS);
    }

    #[test]
    fn wrapping_keeps_every_letter_and_no_line_is_too_wide() {
        let text = b"The quick brown fox jumps over a_very_long_word_without_any_space_in_it and\n\nrests";
        let lines = wrap(text, Font::Helvetica, 10.0, 60.0);
        assert!(lines.iter().all(|line| Font::Helvetica.width(line, 10.0) <= 60.0));
        let letters = |bytes: &[u8]| {
            bytes
                .iter()
                .filter(|b| !b" \n".contains(b))
                .copied()
                .collect::<Vec<_>>()
        };
        assert_eq!(letters(&lines.concat()), letters(text));
        assert!(
            lines.contains(&Vec::new()),
            "an empty paragraph stays an empty line"
        );
        assert_eq!(
            wrap(b"abc", Font::Helvetica, 10.0, 0.0).len(),
            3,
            "one letter a line at worst"
        );
    }

    #[test]
    fn fonts_map_to_their_family() {
        assert_eq!(Font::nearest("ArialMT"), Font::Helvetica);
        assert_eq!(Font::nearest("TimesNewRomanPS-BoldMT"), Font::TimesBold);
        assert_eq!(Font::nearest("CourierStd"), Font::Courier);
        assert_eq!(Font::nearest("HeBo"), Font::HelveticaBold);
        assert_eq!(Font::nearest("TiRo"), Font::Times);
    }
}
