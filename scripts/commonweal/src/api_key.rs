//! `commonweal api-key create <slug>`.

use app::ApiKey;
use local::Twins;
use ports::{Clock, Random, Result, SystemRandom};
use store::{Sql, params, sql};

use crate::demo::tenant;

const INSERT: Sql = sql!(
    "insert into platform.api_key (id, tenant_id, secret_hash, description, created_at)
     values ($1, $2, $3, 'made by command', $4)"
);

pub(crate) async fn create(twins: &Twins, slug: &str) -> Result<()> {
    let tenant = tenant(twins, slug).await?;
    let (id, secret, now) = (
        SystemRandom.uuid(),
        ApiKey::new_secret(&SystemRandom),
        twins.clock.now(),
    );
    twins
        .owner
        .rows(INSERT, params![id, tenant.0, ApiKey::hash(&secret), now])
        .await?;
    println!("user      {id}\npassword  {secret}\nThe password is not shown again.");
    Ok(())
}
