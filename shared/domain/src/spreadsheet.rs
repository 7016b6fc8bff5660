//! Tables that people open in a spreadsheet.

use std::borrow::Cow;

/// A text as a cell: what a spreadsheet would take for the beginning of a formula, full-width signs too, gets an apostrophe before
/// it (OWASP, "CSV injection").
#[must_use]
pub fn spreadsheet_text(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A",
        ] {
            assert_eq!(spreadsheet_text(text), format!("'{text}"));
        }
        for text in ["", "a=b", "Maya", "'x", "12 Main St"] {
            assert_eq!(spreadsheet_text(text), text);
        }
    }
}
