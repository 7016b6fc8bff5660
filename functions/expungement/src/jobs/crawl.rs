//! A crawl: log in for the user, search each alias, fetch and read every case's page, keep it sealed for the session.
//!
//! It may run twice, late, or after the session ended: the order is deleted when it is done, and nothing is kept for a session
//! that is no more. What fails for a reason that another try would meet again is the search's answer, not a retry.

use std::{collections::BTreeMap, time::Duration};

use app::{Context, Outcome, arguments};
use domain::expungement::{
    Policy,
    court_pages::{CasePage, ResultRow},
};
use futures_util::{StreamExt, future::join_all, stream};
use jiff::Timestamp;
use ports::Result;
use store::Envelope;
use uuid::Uuid;

use super::CourtCrawl;
use crate::court::{
    URL,
    found::{Found, Search, Status, cases_name, page_name},
    order::Order,
    session,
    site::{SignedIn, Site, SiteError, case_id},
    trouble::Trouble,
    vault::Vault,
};

/// Case pages fetched at a time.
const AT_ONCE: usize = 8;
/// Case pages of one search, over all its aliases.
const MAX_PAGES: usize = 600;
/// The longest that a crawl may take; its function's time-out is longer by what keeping takes.
const LONGEST: Duration = Duration::from_secs(240);

pub(crate) async fn court_crawl(cx: Context, envelope: Envelope) -> Result<Outcome> {
    let CourtCrawl { search: id } = arguments(envelope)?;
    let (Some(order), Some(mut search)) = (Order::take(&cx, id).await?, Search::load(&cx, id).await?) else {
        // Done before, or nobody waits for it any more.
        return Ok(Outcome::Done);
    };
    if search.status.has_ended() || !session::lives(&cx, &order.session).await? {
        Order::done(&cx, id).await?;
        return Ok(Outcome::Done);
    }
    search.status = Status::Running;
    search.save(&cx, id, order.ends).await?;
    let crawled = tokio::time::timeout(LONGEST, crawl(&cx, id, &order, &mut search))
        .await
        .unwrap_or(Err(SiteError::Failed("took too long")));
    let found = match crawled {
        Ok(found) => Some(found),
        Err(SiteError::Refused) => {
            search.status = Status::Refused;
            None
        }
        Err(SiteError::Offline) => {
            search.status = Status::Offline;
            None
        }
        Err(error) => Some(Crawled::failed(vec![Trouble::from(&error)])),
    };
    // Logged out meanwhile: nothing is kept.
    if !session::lives(&cx, &order.session).await? {
        Order::done(&cx, id).await?;
        return Ok(Outcome::Done);
    }
    if let Some(crawled) = found {
        search.status = if crawled.found.errors.is_empty() {
            Status::Done
        } else {
            Status::Failed
        };
        keep(&cx, id, &order, crawled).await?;
    }
    search.save(&cx, id, order.ends).await?;
    Order::done(&cx, id).await?;
    tracing::info!(
        status = ?search.status,
        aliases = order.aliases.len(),
        found = search.found,
        fetched = search.fetched,
        seconds = cx.clock().now().duration_since(search.begun).as_secs(),
        "a crawl ended"
    );
    Ok(Outcome::Done)
}

/// What a crawl brings home.
#[derive(Default)]
struct Crawled {
    found: Found,
    /// The site's number of a case, and its page.
    pages: Vec<(String, String)>,
}

impl Crawled {
    fn failed(errors: Vec<Trouble>) -> Self {
        Self {
            found: Found {
                errors,
                ..Found::default()
            },
            pages: Vec::new(),
        }
    }
}

/// Keeps it for the session; and where that ended while this went on, takes it back.
async fn keep(cx: &Context, id: Uuid, order: &Order, crawled: Crawled) -> Result<()> {
    let vault = order.vault(cx)?;
    let Crawled { mut found, pages } = crawled;
    for some in pages.chunks(AT_ONCE) {
        let kept = join_all(some.iter().map(|(number, page)| keep_page(&vault, number, page))).await;
        found.pages.extend(kept.into_iter().flatten());
    }
    let bytes = serde_json::to_vec(&found).map_err(ports::Error::internal)?;
    vault.put(&cases_name(id), &bytes).await?;
    if !session::lives(cx, &order.session).await? {
        vault.delete(&cases_name(id)).await?;
        for number in &found.pages {
            vault.delete(&page_name(&vault.key, number)).await?;
        }
    }
    Ok(())
}

/// Only a nicety: the record is whole without the page.
async fn keep_page(vault: &Vault<'_>, number: &str, page: &str) -> Option<String> {
    match vault.put(&page_name(&vault.key, number), page.as_bytes()).await {
        Ok(()) => Some(number.to_owned()),
        Err(error) => {
            tracing::warn!(
                code = error.code(),
                cause = error.cause(),
                "a case page was not kept"
            );
            None
        }
    }
}

/// A crawl's found; `Err` where there is no use in the other aliases either.
async fn crawl(
    cx: &Context,
    id: Uuid,
    order: &Order,
    search: &mut Search,
) -> std::result::Result<Crawled, SiteError> {
    let base = cx
        .settings
        .variable(URL)
        .map_err(|_| SiteError::Failed("the site's address is not set"))?;
    let site = Site::new(base, cx.random()).map_err(|_| SiteError::Failed("the site's address is wrong"))?;
    let site = site.sign_in(&order.credentials).await?;
    // By link: several aliases may lead to one case.
    let mut rows: BTreeMap<String, ResultRow> = BTreeMap::new();
    let mut errors = Vec::new();
    for alias in &order.aliases {
        match site.find(alias).await {
            Ok(found) => rows.extend(found.into_iter().map(|row| (row.case_detail_link.clone(), row))),
            Err(error @ (SiteError::Refused | SiteError::Offline)) => return Err(error),
            Err(error) => errors.push(Trouble::from(&error)),
        }
        search.found = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        note(cx, id, search, order.ends).await;
    }
    if rows.len() > MAX_PAGES {
        errors.push(Trouble::TooMany {
            found: rows.len(),
            most: MAX_PAGES,
        });
    }
    // If one alias fails the whole record is empty: half a record would give wrong answers.
    if !errors.is_empty() {
        return Ok(Crawled::failed(errors));
    }
    fetch_all(cx, id, order, search, &site, rows.into_values().collect()).await
}

async fn fetch_all(
    cx: &Context,
    id: Uuid,
    order: &Order,
    search: &mut Search,
    site: &SignedIn<'_>,
    rows: Vec<ResultRow>,
) -> std::result::Result<Crawled, SiteError> {
    let mut crawled = Crawled::default();
    let mut fetched = stream::iter(rows.into_iter().map(|row| async move {
        let page = site.case_page(&row.case_detail_link).await?;
        let case = CasePage::read(&page, Policy::RIGHT)?;
        Ok::<_, SiteError>((page, case.into_case(row)))
    }))
    .buffer_unordered(AT_ONCE);
    while let Some(one) = fetched.next().await {
        let (page, case) = match one {
            Ok(one) => one,
            Err(SiteError::Failed(_)) => return Ok(Crawled::failed(vec![Trouble::CaseMissing])),
            Err(error) => return Err(error),
        };
        if let Some(number) = case_id(&case.case_detail_link) {
            crawled.pages.push((number.to_owned(), page));
        }
        crawled.found.cases.push(case);
        search.fetched += 1;
        if search.fetched.is_multiple_of(10) {
            note(cx, id, search, order.ends).await;
        }
    }
    // Pages arrive in any order.
    crawled
        .found
        .cases
        .sort_by(|a, b| a.case_number.cmp(&b.case_number));
    Ok(crawled)
}

/// How far it is, for whoever waits. A note that is lost does no harm.
async fn note(cx: &Context, id: Uuid, search: &Search, ends: Timestamp) {
    if let Err(error) = search.save(cx, id, ends).await {
        tracing::debug!(code = error.code(), "progress was not noted");
    }
}
