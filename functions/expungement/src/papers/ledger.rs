//! What the admin shows of paperwork: that it was asked for, how much, and what became of it. No name, no record and no token is
//! written down. Lines are forgotten after 90 days, as new ones come.

use app::Context;
use jiff::{SignedDuration, Timestamp, civil::Date};
use ports::Result;
use store::{Sql, TenantId, params, sql};
use uuid::Uuid;

use super::kept::{Status, Wanted};

const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

const BULK_BEGUN: Sql = sql!(
    "insert into expungement.bulk_job (id, tenant_id, records, chunks, with_summaries, judged_for, language, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing"
);
const BULK_FINISHED: Sql = sql!(
    "update expungement.bulk_job set finished_at = $3 where tenant_id = $1 and id = $2 and finished_at is null"
);
const FORGET_BULK: Sql = sql!("delete from expungement.bulk_job where tenant_id = $1 and created_at < $2");
const PACKET: Sql = sql!(
    "insert into expungement.packet (id, kind, state, created_at, finished_at) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing"
);
const PACKET_ENDED: Sql =
    sql!("update expungement.packet set state = $2, finished_at = $3 where id = $1 and state = 'queued'");
const FORGET_PACKETS: Sql = sql!("delete from expungement.packet where created_at < $1");

/// An upload of an organisation's.
pub(super) struct Upload<'a> {
    pub(super) id: Uuid,
    pub(super) tenant: TenantId,
    pub(super) records: usize,
    pub(super) chunks: usize,
    pub(super) with_summaries: bool,
    pub(super) judged_for: Date,
    pub(super) language: &'a str,
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn forgotten(now: Timestamp) -> Timestamp {
    now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN)
}

/// Writes down that an upload was taken.
///
/// # Errors
/// What the database answers.
pub(super) async fn begun(cx: &Context, upload: &Upload<'_>) -> Result<()> {
    let mut tx = cx.db.begin(upload.tenant).await?;
    let now = tx.now();
    tx.execute(
        BULK_BEGUN,
        params![
            upload.id,
            upload.tenant.0,
            number(upload.records),
            number(upload.chunks),
            upload.with_summaries,
            upload.judged_for,
            upload.language,
            now
        ],
    )
    .await?;
    tx.execute(FORGET_BULK, params![upload.tenant.0, forgotten(now)])
        .await?;
    tx.commit().await
}

/// Writes down that an upload's results are there; again is no change.
///
/// # Errors
/// What the database answers.
pub(super) async fn finished(cx: &Context, tenant: TenantId, id: Uuid) -> Result<()> {
    let mut tx = cx.db.begin(tenant).await?;
    let now = tx.now();
    tx.execute(BULK_FINISHED, params![tenant.0, id, now]).await?;
    tx.commit().await
}

/// Writes down that a packet is kept, or ordered. Somebody waits for the packet and nobody for this: where it cannot be written, the
/// log says so.
pub(super) async fn packet(cx: &Context, id: Uuid, wanted: Wanted, status: Status) {
    let kind = match wanted {
        Wanted::Motions => "motions",
        Wanted::Waivers => "waivers",
    };
    let written = async {
        let mut tx = cx.db.begin_untenanted().await?;
        let now = tx.now();
        let ended = (status != Status::Queued).then_some(now);
        tx.execute(PACKET, params![id, kind, state(status), now, ended])
            .await?;
        tx.execute(FORGET_PACKETS, params![forgotten(now)]).await?;
        tx.commit().await
    };
    tell(written.await);
}

/// The same of what became of an ordered packet.
pub(super) async fn packet_ended(cx: &Context, id: Uuid, status: Status) {
    let written = async {
        let mut tx = cx.db.begin_untenanted().await?;
        let now = tx.now();
        tx.execute(PACKET_ENDED, params![id, state(status), now]).await?;
        tx.commit().await
    };
    tell(written.await);
}

fn state(status: Status) -> &'static str {
    match status {
        Status::Queued => "queued",
        Status::Ready => "ready",
        Status::Failed => "failed",
    }
}

fn tell(written: Result<()>) {
    if let Err(error) = written {
        tracing::warn!(code = error.code(), "where a packet stands was not written down");
    }
}
