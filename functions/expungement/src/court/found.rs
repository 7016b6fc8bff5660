//! What the court's site gave for a session: searches under way and done, their cases and case pages.
//!
//! A search has an id. Its state (how far it is, counts only) lies open in the key-value store; what it found is sealed. The
//! aliases' hash, keyed by the session's own key, leads from the same aliases to the search done before, so that an edit or an
//! answer asks the court's site for nothing.

use std::time::Duration;

use app::{Context, send_after};
use axum::http::HeaderMap;
use domain::{
    expungement::{Alias, Case},
    person::Language,
};
use jiff::{Timestamp, civil::Date};
use ports::{Entry, Error, Kind, MAX_DELAY, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    order::Order,
    session::{Allowance, LISTED, Session, TYPED},
    site::SiteError,
    trouble::Trouble,
};
use crate::jobs::CourtCrawl;

/// How far a search is. Holds nothing of what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub status: Status,
    /// Cases found so far, and case pages fetched.
    pub found: u32,
    pub fetched: u32,
    /// Whose search it is: the session's name.
    pub(crate) session: String,
    pub(crate) begun: Timestamp,
    /// When its order lapses: a crawl that has not ended by then never will.
    pub(crate) lapses: Timestamp,
    /// The day that the answer is for, where one was asked for.
    pub(crate) today: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Queued,
    Running,
    Done,
    /// Something went wrong on the way; the found says what.
    Failed,
    /// The court's site does not take the credentials.
    Refused,
    /// The court's site is in maintenance.
    Offline,
}

impl Status {
    #[must_use]
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// What a search found; sealed at rest.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Found {
    pub cases: Vec<Case>,
    /// Why there are no cases, one reason for each alias that failed.
    pub errors: Vec<Trouble>,
    /// The site's numbers of the case pages that are kept.
    pub(crate) pages: Vec<String>,
}

fn place(search: Uuid) -> String {
    format!("court-search#{search}")
}

/// What a vault keeps of a search.
pub(crate) fn cases_name(search: Uuid) -> String {
    format!("cases-{}", search.simple())
}

impl Session {
    /// A case page in the vault. Its name does not tell the case: the site's numbers are public.
    pub(crate) fn page_name(&self, case_id: &str) -> String {
        page_name(&self.key, case_id)
    }
}

pub(crate) fn page_name(key: &super::seal::Key, case_id: &str) -> String {
    format!("page-{}", key.name(case_id.as_bytes()))
}

impl Search {
    /// Whether nothing will come of it any more.
    pub(crate) fn is_lost(&self, now: Timestamp) -> bool {
        !self.status.has_ended() && now > self.lapses
    }

    /// The state of a search, whoever asks.
    ///
    /// # Errors
    /// What the store answers.
    pub(crate) async fn load(cx: &Context, search: Uuid) -> Result<Option<Self>> {
        let entry = cx.key_value().get(&place(search)).await?;
        entry
            .map(|entry| serde_json::from_value(entry.value).map_err(Error::internal))
            .transpose()
    }

    pub(crate) async fn save(&self, cx: &Context, search: Uuid, ends: Timestamp) -> Result<()> {
        let entry = Entry {
            value: serde_json::to_value(self).map_err(Error::internal)?,
            expires: ends,
        };
        cx.key_value().put(&place(search), entry).await
    }
}

/// Where the search for these aliases is, in this session.
fn alias_place(session: &Session, aliases: &[Alias]) -> Result<String> {
    let trimmed: Vec<Alias> = aliases.iter().map(Alias::trimmed).collect();
    let text = serde_json::to_vec(&trimmed).map_err(Error::internal)?;
    Ok(format!(
        "court-aliases#{}#{}",
        session.name,
        session.key.name(&text)
    ))
}

fn number_place(session: &Session, allowance: &Allowance, number: i64) -> String {
    format!("{}#{}#{number}", allowance.name, session.name)
}

/// The search for these aliases: the one that this session did before, or a new one that is now queued. One that failed is
/// not kept: whoever asks again gets a new one.
///
/// # Errors
/// `TooMany` after [`TYPED`]'s new ones; what the stores and the queue answer.
pub async fn search(
    cx: &Context,
    session: &Session,
    aliases: &[Alias],
    today: Option<Date>,
) -> Result<(Uuid, Search)> {
    search_within(cx, session, aliases, today, &TYPED, 0).await
}

/// The same for one of a list, within this allowance; `in_turn` were searched for before it.
///
/// # Errors
/// As [`search`].
pub(crate) async fn search_within(
    cx: &Context,
    session: &Session,
    aliases: &[Alias],
    today: Option<Date>,
    allowance: &Allowance,
    in_turn: usize,
) -> Result<(Uuid, Search)> {
    let aliases_at = alias_place(session, aliases)?;
    if let Some(known) = known(cx, &aliases_at).await? {
        return Ok(known);
    }
    let count = format!("{}-count#{}", allowance.name, session.name);
    let number = cx.key_value().add(&count, 1, session.ends).await?;
    if number > allowance.most {
        let after = session.ends.duration_since(cx.clock().now());
        let after = Duration::try_from(after).unwrap_or_default();
        let text = "This session has searched too often. Please log in again later.";
        return Err(Error::new(Kind::TooMany(after), "too_many_searches", text));
    }
    let id = cx.random().uuid();
    let now = cx.clock().now();
    let search = Search {
        status: Status::Queued,
        found: 0,
        fetched: 0,
        session: session.name.clone(),
        begun: now,
        lapses: (now + allowance.life).min(session.ends),
        today,
    };
    search.save(cx, id, session.ends).await?;
    let pointer = |id: Uuid| Entry {
        value: json!(id),
        expires: session.ends,
    };
    cx.key_value()
        .put(&number_place(session, allowance, number), pointer(id))
        .await?;
    Order::place(cx, session, id, aliases, search.lapses).await?;
    // Two tabs at once: one of them queues its search, the other waits for the same.
    if !cx.key_value().put_if_absent(&aliases_at, pointer(id)).await? {
        if let Some(known) = known(cx, &aliases_at).await? {
            Order::done(cx, id).await?;
            return Ok(known);
        }
        cx.key_value().put(&aliases_at, pointer(id)).await?;
    }
    let earlier = u32::try_from(in_turn).unwrap_or(u32::MAX);
    let delay = allowance.apart.saturating_mul(earlier).min(MAX_DELAY);
    if let Err(error) = send_after(cx, &CourtCrawl { search: id }, delay).await {
        // Nothing will happen: who asks again must not wait for it.
        cx.key_value().delete(&aliases_at).await?;
        Order::done(cx, id).await?;
        return Err(error);
    }
    Ok((id, search))
}

/// The search that a pointer leads to, unless it failed or was lost.
async fn known(cx: &Context, pointer: &str) -> Result<Option<(Uuid, Search)>> {
    let Some(entry) = cx.key_value().get(pointer).await? else {
        return Ok(None);
    };
    let id: Uuid = serde_json::from_value(entry.value).map_err(Error::internal)?;
    let Some(search) = Search::load(cx, id).await? else {
        return Ok(None);
    };
    let failed = search.status.has_ended() && search.status != Status::Done;
    let lost = search.is_lost(cx.clock().now());
    Ok((!lost && !failed).then_some((id, search)))
}

/// A search of this session by its id.
///
/// # Errors
/// `NotFound` where there is none, or it is another session's: the two are not told apart.
pub async fn by_id(cx: &Context, session: &Session, id: Uuid) -> Result<Search> {
    let search = Search::load(cx, id).await?;
    search
        .filter(|search| search.session == session.name)
        .ok_or_else(Error::not_found)
}

/// Waits until a search has ended, or the time is over; how it stands then.
///
/// # Errors
/// As [`by_id`].
pub async fn wait(cx: &Context, session: &Session, id: Uuid, longest: Duration) -> Result<Search> {
    let deadline = tokio::time::Instant::now() + longest;
    let mut pause = Duration::from_millis(100);
    loop {
        let search = by_id(cx, session, id).await?;
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        if search.status.has_ended() || left.is_zero() {
            return Ok(search);
        }
        tokio::time::sleep(pause.min(left)).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// What a search that ended found.
///
/// # Errors
/// 401 where the court's site refused the credentials, 404 where it is in maintenance or the found is gone.
pub async fn of(cx: &Context, session: &Session, id: Uuid, search: &Search) -> Result<Found> {
    match search.status {
        Status::Refused => return Err(SiteError::Refused.into_error()),
        Status::Offline => return Err(SiteError::Offline.into_error()),
        _ => {}
    }
    let bytes = session
        .vault(cx)
        .get(&cases_name(id))
        .await?
        .ok_or_else(Error::not_found)?;
    serde_json::from_slice(&bytes).map_err(Error::internal)
}

/// The cases of these aliases for whoever needs them at once (paperwork, pages): from a search done before, else a new one is
/// begun and waited for. `None` where it takes longer than `longest`.
///
/// # Errors
/// As [`search`] and [`of`].
pub async fn cases(
    cx: &Context,
    session: &Session,
    aliases: &[Alias],
    longest: Duration,
) -> Result<Option<Found>> {
    let (id, _) = search(cx, session, aliases, None).await?;
    let search = wait(cx, session, id, longest).await?;
    if !search.status.has_ended() {
        return Ok(None);
    }
    of(cx, session, id, &search).await.map(Some)
}

/// How long a request for paperwork or a page waits for a search: with what it does afterwards it stays below API Gateway's 30 s.
const WAIT: Duration = Duration::from_secs(20);

/// The cases for a request that must have them now: paperwork, a page. Mostly they are there, from the search that came before.
///
/// # Errors
/// `Unauthenticated` without a session; `Invalid` for aliases that the court's site does not take; `Conflict` with its reason
/// where the search failed; `Unavailable` where it takes longer, to be asked again; as [`of`] otherwise.
pub async fn at_once(cx: &Context, headers: &HeaderMap, aliases: &[Alias]) -> Result<Vec<Case>> {
    let session = Session::of(cx, headers).await?;
    crate::search::searchable(aliases)?;
    match cases(cx, &session, aliases, WAIT).await? {
        Some(found) if found.errors.is_empty() => Ok(found.cases),
        Some(found) => {
            let text = Trouble::texts(&found.errors, Language::En);
            Err(Error::new(Kind::Conflict, "search_failed", text.clone()).with_member("message", text))
        }
        None => Err(Error::new(
            Kind::Unavailable(Duration::from_secs(5)),
            "search_under_way",
            "The court's site is still being searched. Please try again in a moment.",
        )),
    }
}

/// The court's page of a case, as it came.
///
/// # Errors
/// `NotFound` where this session did not fetch it.
pub async fn page(cx: &Context, session: &Session, case_id: &str) -> Result<String> {
    let bytes = session.vault(cx).get(&session.page_name(case_id)).await?;
    let bytes = bytes.ok_or_else(Error::not_found)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Ends a session and deletes everything that was kept for it.
///
/// # Errors
/// What the stores answer. The session is ended first: what a failure leaves behind cannot be opened any more.
pub async fn forget(cx: &Context, session: &Session) -> Result<()> {
    session.end(cx).await?;
    let vault = session.vault(cx);
    let every = [TYPED, LISTED];
    let numbers = every
        .iter()
        .flat_map(|allowance| (1..=allowance.most).map(move |number| (allowance, number)));
    let mut ended = None;
    for (allowance, number) in numbers {
        // Numbers are given one after the other.
        if ended == Some(allowance.name) {
            continue;
        }
        let pointer = number_place(session, allowance, number);
        let Some(entry) = cx.key_value().get(&pointer).await? else {
            ended = Some(allowance.name);
            continue;
        };
        let id: Uuid = serde_json::from_value(entry.value).map_err(Error::internal)?;
        Order::done(cx, id).await?;
        let name = cases_name(id);
        if let Some(bytes) = vault.get(&name).await? {
            let found: Found = serde_json::from_slice(&bytes).map_err(Error::internal)?;
            for page in &found.pages {
                vault.delete(&session.page_name(page)).await?;
            }
        }
        vault.delete(&name).await?;
        cx.key_value().delete(&place(id)).await?;
        cx.key_value().delete(&pointer).await?;
    }
    Ok(())
}
