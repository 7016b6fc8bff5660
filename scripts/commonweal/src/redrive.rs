//! `commonweal redrive <queue>`: the dead letters of a local queue; with `--apply` they are sent again.

use local::Twins;
use ports::Result;

pub(crate) async fn redrive(twins: &Twins, queue: &str, apply: bool) -> Result<()> {
    let letters = twins.queue.dead(queue).await?;
    for letter in &letters {
        println!("{}  {}", letter.id, letter.reason);
    }
    if apply {
        let sent = twins.queue.redrive(queue).await?;
        println!("{sent} sent again");
    } else {
        println!("{} dead letters; --apply sends them again", letters.len());
    }
    Ok(())
}
