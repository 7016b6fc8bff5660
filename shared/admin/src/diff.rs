//! What changed between two texts, word by word.

/// A run of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Kept(String),
    Removed(String),
    Added(String),
}

/// Words of each text up to which they are compared one by one; longer ones are shown whole, before and after.
const MOST: usize = 3_000;

/// The longest common run of words is kept (the usual table of common subsequences, after equal ends are set aside).
pub(crate) fn words(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (split(before), split(after));
    let same_start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[same_start..], &new[same_start..]);
    let same_end = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old_middle, end) = old_rest.split_at(old_rest.len() - same_end);
    let new_middle = &new_rest[..new_rest.len() - same_end];
    let mut pieces = Vec::new();
    push(&mut pieces, Piece::Kept(old[..same_start].concat()));
    if old_middle.len() > MOST || new_middle.len() > MOST {
        push(&mut pieces, Piece::Removed(old_middle.concat()));
        push(&mut pieces, Piece::Added(new_middle.concat()));
    } else {
        middle(&mut pieces, old_middle, new_middle);
    }
    push(&mut pieces, Piece::Kept(end.concat()));
    pieces
}

fn middle(pieces: &mut Vec<Piece>, old: &[&str], new: &[&str]) {
    // common[i][j]: how many words the rests from i and from j have in common.
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            push(pieces, Piece::Kept(old[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || (i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            push(pieces, Piece::Removed(old[i].to_owned()));
            i += 1;
        } else {
            push(pieces, Piece::Added(new[j].to_owned()));
            j += 1;
        }
    }
}

/// Adds to the last piece where it is of the same kind.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (_, Piece::Kept(text) | Piece::Removed(text) | Piece::Added(text)) if text.is_empty() => {}
        (Some(Piece::Kept(last)), Piece::Kept(text))
        | (Some(Piece::Removed(last)), Piece::Removed(text))
        | (Some(Piece::Added(last)), Piece::Added(text)) => last.push_str(&text),
        (_, piece) => pieces.push(piece),
    }
}

/// Words, and the white space between them.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut was_space = None;
    for (at, c) in text.char_indices() {
        let is_space = c.is_whitespace();
        if was_space.is_some_and(|was| was != is_space) {
            parts.push(&text[begin..at]);
            begin = at;
        }
        was_space = Some(is_space);
    }
    if begin < text.len() {
        parts.push(&text[begin..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(before: &str, after: &str) -> String {
        words(before, after)
            .into_iter()
            .map(|piece| match piece {
                Piece::Kept(text) => text,
                Piece::Removed(text) => format!("[-{text}-]"),
                Piece::Added(text) => format!("[+{text}+]"),
            })
            .collect()
    }

    #[test]
    fn what_stayed_is_told_from_what_changed() {
        assert_eq!(marked("a b c", "a b c"), "a b c");
        assert_eq!(marked("the old rule", "the new rule"), "the [-old-][+new+] rule");
        assert_eq!(marked("", "all new"), "[+all new+]");
        assert_eq!(marked("all gone", ""), "[-all gone-]");
        assert_eq!(marked("a b c d", "a c d e"), "a [-b -]c d[+ e+]");
        assert_eq!(marked("Day", "Day. Ask."), "[-Day-][+Day. Ask.+]");
    }

    #[test]
    fn before_and_after_can_be_read_off_it() {
        let old = "one two three four five six ".repeat(300);
        let new = old.replace("three", "3").replace("six", "half a dozen");
        for (before, after) in [(old.as_str(), new.as_str()), ("x y", "y x")] {
            let (mut was, mut is) = (String::new(), String::new());
            for piece in words(before, after) {
                match piece {
                    Piece::Kept(text) => {
                        was.push_str(&text);
                        is.push_str(&text);
                    }
                    Piece::Removed(text) => was.push_str(&text),
                    Piece::Added(text) => is.push_str(&text),
                }
            }
            assert_eq!((was.as_str(), is.as_str()), (before, after));
        }
    }
}
