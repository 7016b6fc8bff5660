//! Background work. One job is one queue message; it carries an id and nothing else.

mod crawl;

use serde::{Deserialize, Serialize};
use store::Job;
use uuid::Uuid;

pub(crate) use crawl::court_crawl;

/// Ask the court's site for a search's cases.
#[derive(Debug, Serialize, Deserialize)]
pub struct CourtCrawl {
    pub search: Uuid,
}

impl Job for CourtCrawl {
    const QUEUE: &'static str = "expungement-court-crawl";
}
