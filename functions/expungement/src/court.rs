//! The court's site and what a user may see of it: the conversation with it ([`site`]), sessions, and the sealed store of what
//! was found.
//!
//! Who can read what, at rest:
//!
//! | what | where | key |
//! |---|---|---|
//! | the user's credentials | key-value store, until the session ends | session token and [`KEY`] |
//! | what searches found, case pages | key-value store, or a file where it is large, until the session ends | session token and [`KEY`] |
//! | the order of a large packet: the request and the cases | a file, until the packet is made, a day at most | [`KEY`] and the order's id |
//! | a crawl's order: credentials, aliases, the key to store with | key-value store, until the crawl is done, an hour at most | [`KEY`] and the search's id |
//!
//! The token is only ever in the user's cookie; we keep its hash, which names the records and travels in queue messages. So
//! neither the store alone nor the store together with our secret gives anything away, except for a crawl under way, for which the worker
//! has to log in, and a packet that is being made.

pub mod found;
pub(crate) mod order;
mod sanitise;
pub(crate) mod seal;
pub mod session;
pub mod site;
#[cfg(test)]
mod tests;
pub mod trouble;
pub(crate) mod vault;

pub(crate) use sanitise::sanitise;

/// The secret that, together with a session's token, opens what is kept for it.
pub const KEY: &str = "expungement/session-key";
/// The address of the court's site.
pub const URL: &str = "OECI_URL";

/// A name for a user of the court's site, to count by: it does not tell who that is.
///
/// # Errors
/// What the secrets answer.
pub(crate) async fn name_of_user(cx: &app::Context, username: &str) -> ports::Result<String> {
    let secret = cx.secrets().get(KEY).await?;
    let key = seal::Key::derive(&secret, b"", "user names")?;
    Ok(key.name(username.trim().to_lowercase().as_bytes()))
}
