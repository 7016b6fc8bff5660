//! Counts how often voters began and finished what they came for, for the overview of each organisation's staff.
//!
//! The newest hours are counted anew with every run, and older ones a stretch at a time, from the newest to the oldest and again
//! from the newest. Nothing is added to an earlier figure, so no row can be missed because it was committed late, and none is
//! counted that was deleted since.

use std::time::{Duration, Instant};

use app::Context;
use jiff::{SignedDuration, Timestamp};
use ports::{Error, Result};
use store::{Sql, params, sql};

/// Hours that are counted with every run: far longer than any transaction lasts.
const NEWEST: SignedDuration = SignedDuration::from_hours(3);
/// Older hours that one statement counts: of ten million rows a day it reads a quarter.
const STRETCH: SignedDuration = SignedDuration::from_hours(6);
/// What a run spends on older hours. The next goes on.
const SWEEP: Duration = Duration::from_secs(15);
const MOST_STRETCHES: usize = 400;

const COUNT: Sql = sql!("select voting.count_hours($1, $2)");
const FIRST: Sql = sql!("select voting.counting_begins() as first");
const RUN: Sql = sql!("select swept_to from voting.count_run");
const NOTE: Sql = sql!(
    "insert into voting.count_run (counted_at, swept_to) values ($1, $2)
     on conflict (singleton) do update set counted_at = excluded.counted_at, swept_to = excluded.swept_to"
);

fn hour(at: Timestamp) -> Result<Timestamp> {
    Timestamp::from_second(at.as_second().div_euclid(3_600) * 3_600).map_err(Error::internal)
}

pub(crate) async fn count(cx: Context) -> Result<()> {
    let now = cx.clock().now();
    let (newest, ends) = (hour(now - NEWEST)?, hour(now)? + SignedDuration::from_hours(1));
    cx.db.rows(COUNT, params![newest, ends]).await?;
    let Some(first) = cx
        .db
        .one(FIRST, params![])
        .await?
        .get::<Option<Timestamp>>("first")?
    else {
        cx.db.rows(NOTE, params![now, newest]).await?;
        return Ok(());
    };
    let run = cx.db.optional(RUN, params![]).await?;
    let mut swept: Timestamp = run.map_or(Ok(newest), |row| row.get("swept_to"))?;
    let began = Instant::now();
    let mut stretches = 0_usize;
    while stretches < MOST_STRETCHES && began.elapsed() < SWEEP {
        if swept <= first || swept > newest {
            swept = newest;
            if newest <= first || stretches > 0 {
                break;
            }
        }
        let from = swept - STRETCH;
        cx.db.rows(COUNT, params![from, swept]).await?;
        swept = from;
        stretches += 1;
    }
    cx.db.rows(NOTE, params![now, swept]).await?;
    tracing::info!(stretches, "the use of the tools was counted");
    Ok(())
}
