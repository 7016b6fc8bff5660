//! Cursors: where a page ends, as its address tells the next one.
//!
//! A cursor holds the values that the list is sorted by, of the row at the page's edge. It is no secret and needs no seal:
//! its values travel as parameters of a statement that has the reader's own conditions, so a forged one shows nothing else
//! than another place of the same list.

use data_encoding::BASE64URL_NOPAD;

use crate::{
    model::{Model, Ordering, Row},
    params::Params,
    sql::{self, Position},
    value::Value,
};

pub(crate) fn cursor(model: &'static Model, ordering: Ordering, row: &Row) -> String {
    let values: Vec<String> = sql::ordered_by(model, ordering)
        .iter()
        .map(|column| row.get(column.name).plain())
        .collect();
    BASE64URL_NOPAD.encode(serde_json::json!(values).to_string().as_bytes())
}

/// The place that an address asks for; what is not a cursor of this list is its beginning.
pub(crate) fn position(model: &'static Model, ordering: Ordering, params: &Params) -> Option<Position> {
    let (text, is_before) = match (params.get("after"), params.get("before")) {
        (Some(after), _) => (after, false),
        (None, Some(before)) => (before, true),
        (None, None) => return None,
    };
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let texts: Vec<String> = serde_json::from_slice(&bytes).ok()?;
    let columns = sql::ordered_by(model, ordering);
    if texts.len() != columns.len() {
        return None;
    }
    let values: Option<Vec<Value>> = texts
        .iter()
        .zip(&columns)
        .map(|(text, column)| Value::from_plain(text, &column.kind))
        .collect();
    Some(Position {
        values: values?,
        is_before,
    })
}
