//! Old files go: forms and uploads are deleted sixty days after they were made. Rows stay, so that a link can say so.

use app::Context;
use jiff::SignedDuration;
use ports::{Area, FileKey, Result};
use store::{Sql, TenantId, params, sql};
use uuid::Uuid;

/// How long a file is kept.
pub(crate) const KEEP_DAYS: i64 = 60;
const PAGE: i32 = 200;
/// Pages of one run: bounded, the next run goes on.
const PAGES: usize = 100;

const FIND_FILES: Sql = sql!("select id, tenant_id, file_key from voting.files_to_purge($1, $2)");
const PURGE_FILE: Sql =
    sql!("update voting.stored_file set purged_at = $2, token = '', file_key = '' where id = $1");
const FIND_UPLOADS: Sql = sql!(
    "select id, file_key from voting.secure_upload where created_at < $1 and purged_at is null order by created_at limit $2"
);
const PURGE_UPLOAD: Sql = sql!("update voting.secure_upload set purged_at = $2, file_key = '' where id = $1");

pub(crate) async fn purge(cx: Context) -> Result<()> {
    let now = cx.clock().now();
    let before = now - SignedDuration::from_hours(24 * KEEP_DAYS);
    let mut purged = 0_u64;
    for _ in 0..PAGES {
        let files = cx.db.rows(FIND_FILES, params![before, PAGE]).await?;
        let uploads = cx.db.rows(FIND_UPLOADS, params![before, i64::from(PAGE)]).await?;
        if files.is_empty() && uploads.is_empty() {
            break;
        }
        // The object first: a crash in between deletes it again, which is fine; the other order would lose track of it.
        for row in files {
            let (id, tenant): (Uuid, Uuid) = (row.get("id")?, row.get("tenant_id")?);
            cx.files()
                .delete(Area::Private, &FileKey::new(row.get::<String>("file_key")?)?)
                .await?;
            let mut tx = cx.db.begin(TenantId(tenant)).await?;
            tx.execute(PURGE_FILE, params![id, now]).await?;
            tx.commit().await?;
            purged += 1;
        }
        for row in uploads {
            cx.files()
                .delete(Area::Private, &FileKey::new(row.get::<String>("file_key")?)?)
                .await?;
            cx.db
                .rows(PURGE_UPLOAD, params![row.get::<Uuid>("id")?, now])
                .await?;
            purged += 1;
        }
    }
    tracing::info!(purged, "old files were purged");
    Ok(())
}
