//! Makes a report: the organisation's voters of one tool as CSV in a private file, and mails its link to who asked.
//!
//! Rows are read a page at a time, each page in a transaction of its own, and written a part at a time: a report of a million
//! rows needs no more memory than one of a thousand. Voters whose data the organisation's plan did not show it when they came in
//! are left out (spec 2.0.3).

mod table;

use std::borrow::Cow;

use app::{Context, Outcome, Work};
use bytes::Bytes;
use domain::{
    person::Language,
    spreadsheet_text,
    voting::{
        codes::FileType,
        schedule::{REPORT_EXPIRATION_HOURS, file_expires},
    },
};
use jiff::{Timestamp, tz::TimeZone};
use ports::{Area, Error, FileKey, PutFile, Result, Upload};
use serde_json::json;
use store::{
    Sql, TenantId,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

pub use table::statements;
use table::{Span, table};

use super::{VotingReport, registration::download_link};
use crate::mail::{self, Letter, Sender};

/// Rows of one statement.
const PAGE: i64 = 2_000;
/// Bytes of a part: S3 takes no smaller ones than 5 MiB but for the last.
const PART: usize = 8 << 20;
/// Rows of a report: what a function can write in its time, several times over.
const MOST_ROWS: i64 = 2_000_000;

const FIND: Sql = sql!(
    "select r.kind, r.since, r.before, r.status, r.author_id, r.created_at, t.name, t.plan, t.status as tenant_status,
            coalesce(platform.first_slug(t.id), '') as slug
       from voting.report r join platform.tenant t on t.id = r.tenant_id
      where r.id = $1"
);
const AUTHOR: Sql = sql!("select email, name, language from platform.member($1)");
const FILE: Sql = sql!("select id, token from voting.stored_file where id = $1 and purged_at is null");
const HOLD: Sql = sql!("select id from voting.report where id = $1 and status = 'pending' for update");
const INSERT_FILE: Sql = sql!(
    "insert into voting.stored_file (id, tenant_id, kind, file_key, name, email, token, expires_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);
const READY: Sql = sql!(
    "update voting.report set status = 'ready', row_count = $2, file_id = $3, finished_at = $4 where id = $1"
);
const FAILED: Sql = sql!(
    "update voting.report set status = 'failed', failure = $2, finished_at = $3 where id = $1 and status = 'pending'"
);

/// A cell that no spreadsheet takes for a formula. Numbers with a sign, as phone numbers are, stay as they are: as a formula they
/// are themselves.
fn harmless(cell: &str) -> Cow<'_, str> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match cell.strip_prefix(['+', '-']).is_some_and(is_number) {
        true => cell.into(),
        false => spreadsheet_text(cell),
    }
}

/// What a report is of.
struct Order {
    kind: String,
    span: Span,
    slug: String,
    asked: Timestamp,
}

impl Order {
    /// `202611031205_riverside_register_export.csv`, by UTC.
    fn file_name(&self) -> String {
        let at = self
            .asked
            .to_zoned(TimeZone::UTC)
            .strftime("%Y%m%d%H%M")
            .to_string();
        format!("{at}_{}_{}_export.csv", self.slug, self.kind)
    }
}

fn file_key(report: Uuid) -> Result<FileKey> {
    FileKey::new(format!("voting/reports/{}.csv", report.simple()))
}

/// Makes the report unless it was made before, then mails its link. The mail goes out once.
pub(crate) async fn report(cx: Context, work: Work<VotingReport>) -> Result<Outcome> {
    let (tenant, id) = (work.tenant, work.args.report);
    let mut tx = cx.db.begin(tenant).await?;
    let Some(row) = tx.optional(FIND, params![id]).await? else {
        return Ok(Outcome::Dead("no_such_report".to_owned()));
    };
    let author: Uuid = row.get("author_id")?;
    let person = tx.optional(AUTHOR, params![author]).await?;
    drop(tx);
    let status: &str = row.get("status")?;
    if status == "failed" {
        return Ok(Outcome::Done);
    }
    if row.get::<&str>("tenant_status")? != "active" {
        return failed(&cx, tenant, id, "disabled").await;
    }
    if row.get::<&str>("plan")? == "free" {
        return failed(&cx, tenant, id, "plan").await;
    }
    let Some(person) = person else {
        return failed(&cx, tenant, id, "author_left").await;
    };
    let email: String = person.get("email")?;
    if status == "pending" {
        let order = Order {
            kind: row.get("kind")?,
            span: Span {
                since: row
                    .get::<Option<Timestamp>>("since")?
                    .unwrap_or(Timestamp::UNIX_EPOCH),
                before: row.get("before")?,
            },
            slug: row.get("slug")?,
            asked: row.get("created_at")?,
        };
        let Some(rows) = write(&cx, tenant, id, &order).await? else {
            return failed(&cx, tenant, id, "too_many_rows").await;
        };
        ready(&cx, tenant, id, &order, &email, rows).await?;
    }
    let mut tx = cx.db.begin(tenant).await?;
    let file = tx.optional(FILE, params![id]).await?;
    drop(tx);
    // Purged, where a message comes back after sixty days.
    let Some(file) = file else {
        return Ok(Outcome::Done);
    };
    let organization: String = row.get("name")?;
    let letter = Letter {
        id: format!("report/{id}"),
        to: &email,
        first_name: person.get("name")?,
        language: Language::or_default(person.get("language")?),
        sender: Sender {
            tenant: "",
            is_first_party: true,
        },
        settings: &cx.settings,
    };
    let link = download_link(&cx, id, file.get("token")?);
    cx.send_once(&mail::report_ready(&letter, &link, &organization)?)
        .await?;
    Ok(Outcome::Done)
}

async fn failed(cx: &Context, tenant: TenantId, id: Uuid, why: &'static str) -> Result<Outcome> {
    let mut tx = cx.db.begin(tenant).await?;
    let now = tx.now();
    tx.execute(FAILED, params![id, why, now]).await?;
    tx.commit().await?;
    tracing::info!(why, "a report was not made");
    Ok(Outcome::Done)
}

/// Writes the file; the number of its rows, or `None` where there are too many.
async fn write(cx: &Context, tenant: TenantId, id: Uuid, order: &Order) -> Result<Option<i64>> {
    let table = table(&order.kind)?;
    let meta = PutFile {
        content_type: "text/csv; charset=utf-8".to_owned(),
        download_name: Some(order.file_name()),
    };
    let mut upload = cx.files().begin(Area::Private, &file_key(id)?, meta).await?;
    let mut csv = writer();
    csv.write_record(table.names()).map_err(Error::internal)?;
    let (mut after, mut count) = ((order.span.since, Uuid::nil()), 0_i64);
    loop {
        let mut tx = cx.db.begin(tenant).await?;
        let rows = tx
            .query(&table.page(tenant, &order.slug, order.span, after, PAGE))
            .await?;
        drop(tx); // no connection is held while the file is written
        for row in &rows {
            let cells: Vec<Option<&str>> = row.get("cells")?;
            for cell in cells {
                csv.write_field(harmless(cell.unwrap_or_default()).as_bytes())
                    .map_err(Error::internal)?;
            }
            csv.write_record(None::<&[u8]>).map_err(Error::internal)?;
        }
        count += i64::try_from(rows.len()).map_err(Error::internal)?;
        if count > MOST_ROWS {
            return Ok(None);
        }
        let Some(last) = rows.last().filter(|_| i64::try_from(rows.len()) == Ok(PAGE)) else {
            break;
        };
        after = (last.get("created_at")?, last.get("id")?);
        csv.flush().map_err(Error::internal)?;
        if csv.get_ref().len() >= PART {
            csv = send(csv, &mut *upload).await?;
        }
    }
    send(csv, &mut *upload).await?;
    upload.finish().await?;
    Ok(Some(count))
}

type Csv = csv::Writer<Vec<u8>>;

/// Lines end as RFC 4180 has them.
fn writer() -> Csv {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::with_capacity(PART + (1 << 20)))
}

/// Sends what was written as a part; a writer for what follows.
async fn send(csv: Csv, upload: &mut dyn Upload) -> Result<Csv> {
    let bytes = csv
        .into_inner()
        .map_err(|error| Error::internal(error.into_error()))?;
    upload.part(Bytes::from(bytes)).await?;
    Ok(writer())
}

/// The file is there: notes it with its link, unless another delivery did.
async fn ready(
    cx: &Context,
    tenant: TenantId,
    id: Uuid,
    order: &Order,
    email: &str,
    rows: i64,
) -> Result<()> {
    let mut tx = cx.db.begin(tenant).await?;
    if tx.optional(HOLD, params![id]).await?.is_none() {
        return Ok(());
    }
    let (now, token) = (tx.now(), tx.random_id().simple().to_string());
    let (key, kind) = (file_key(id)?, FileType::Report);
    tx.execute(
        INSERT_FILE,
        params![
            id,
            tenant.0,
            kind.as_str(),
            key.as_str(),
            order.file_name(),
            email,
            token,
            file_expires(now, REPORT_EXPIRATION_HOURS),
            now
        ],
    )
    .await?;
    tx.execute(READY, params![id, rows, id, now]).await?;
    tx.audit(Change {
        actor: Actor::System,
        action: "report.finish",
        object_kind: "report",
        object_id: id.to_string(),
        before: None,
        after: Some(json!({"kind": order.kind, "rows": rows})),
    })
    .await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "＝1",
            "+",
            "-",
        ] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for plain in ["", "Maya", "+16175550142", "-7", "a=b", "12 Main St", "'x"] {
            assert_eq!(harmless(plain), plain);
        }
    }

    #[test]
    fn a_name_tells_when_and_what() {
        let order = Order {
            kind: "register".to_owned(),
            span: Span {
                since: Timestamp::UNIX_EPOCH,
                before: Timestamp::UNIX_EPOCH,
            },
            slug: "river-side".to_owned(),
            asked: "2026-11-03T12:05:59Z".parse().unwrap(),
        };
        assert_eq!(order.file_name(), "202611031205_river-side_register_export.csv");
    }
}
