//! `commonweal audit verify [<slug>]`: is the history as it was written? Of one organisation, or of all and every account.

use local::Twins;
use ports::{Error, Kind, Result};
use store::audit::{self, Verified};
use uuid::Uuid;

use crate::demo::tenant;

pub(crate) async fn verify(twins: &Twins, slug: Option<&str>) -> Result<()> {
    if let Some(slug) = slug {
        let chain = tenant(twins, slug).await?.0;
        let verified = audit::verify(&twins.owner, chain).await?;
        return match verified {
            Verified::Whole(entries) => {
                println!("the history of {slug} is whole: {entries} entries");
                Ok(())
            }
            Verified::BrokenAt(position) => Err(broken(&[(chain, position)])),
        };
    }
    let (mut chains, mut entries, mut found) = (0, 0, Vec::new());
    let mut after = Uuid::nil();
    loop {
        let page = audit::chains(&twins.owner, after).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = *last;
        for chain in page {
            chains += 1;
            match audit::verify(&twins.owner, chain).await? {
                Verified::Whole(count) => entries += count,
                Verified::BrokenAt(position) => found.push((chain, position)),
            }
        }
    }
    if !found.is_empty() {
        return Err(broken(&found));
    }
    println!("{chains} histories are whole: {entries} entries");
    Ok(())
}

fn broken(found: &[(Uuid, i64)]) -> Error {
    let list: Vec<String> = found
        .iter()
        .map(|(chain, position)| format!("{chain} at entry {position}"))
        .collect();
    Error::new(
        Kind::Conflict,
        "audit_broken",
        format!(
            "the history was changed after it was written: {}",
            list.join(", ")
        ),
    )
}
