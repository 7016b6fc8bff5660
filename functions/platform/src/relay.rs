//! Every minute: sends what the outbox still holds, because a process ended between its commit and its sending, or because it
//! was queued for later than a queue can keep it. Then forgets who asked to join long ago.

use app::Context;
use ports::Result;

use crate::leads;

pub(crate) async fn relay(cx: Context) -> Result<()> {
    let relayed = store::relay(&cx.db).await?;
    tracing::info!(sent = relayed.sent, "outbox relay");
    leads::forget(&cx).await
}
