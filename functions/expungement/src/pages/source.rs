//! Where the cases of a record come from: the invented people, or the court's site through the visitor's session.

use app::{Context, Error, Kind};
use axum::http::HeaderMap;
use domain::expungement::{Case, demo};
use jiff::civil::Date;

use super::state::State;
use crate::analysis::oregon_date;

/// Today, where the courts are.
pub(super) fn today(cx: &Context) -> Date {
    oregon_date(cx.clock().now())
}

/// Whether the visitor has a session with the court's site.
///
/// # Errors
/// What the key-value store answers.
pub(super) async fn has_session(_cx: &Context, _headers: &HeaderMap) -> Result<bool, Error> {
    Ok(false)
}

/// The cases that the aliases have.
///
/// # Errors
/// `Unauthenticated` without a session with the court's site.
pub(super) async fn found(cx: &Context, _headers: &HeaderMap, state: &State) -> Result<Vec<Case>, Error> {
    if state.demo {
        return Ok(demo::find(&state.aliases, today(cx)));
    }
    Err(Error::new(
        Kind::Unauthenticated,
        "no_session",
        "Please sign in to the court's site first.",
    ))
}
