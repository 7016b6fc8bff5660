//! The people of the demonstration: one of each role in each organisation, with passwords and authenticator secrets made at random.

use identity::{
    Keys, Role,
    password::{self, Cost},
    totp::{self, TotpSecret},
};
use local::Twins;
use ports::{Clock, Random, Result, Secrets, SystemRandom};
use serde_json::{Value, json};
use store::{
    Sql,
    audit::{Actor, Change},
    params, sql,
};

use crate::demo::tenant;

const IS_MADE: Sql = sql!("select exists (select from platform.account where email = any($1)) as made");
const ACCOUNT: Sql = sql!(
    "insert into platform.account (id, email, name, password_hash, totp_secret, last_tenant_id, created_at, is_operator)
     values ($1, $2, $3, $4, $5, $6, $7, $8)"
);
const MEMBER: Sql =
    sql!("insert into platform.membership (tenant_id, account_id, role, created_at) values ($1, $2, $3, $4)");

const fn name(role: Role) -> &'static str {
    match role {
        Role::Owner => "Olivia Owner",
        Role::Admin => "Adam Admin",
        Role::Editor => "Edith Editor",
        Role::Viewer => "Victor Viewer",
    }
}

fn email(role: Role, slug: &str) -> String {
    format!("{}@{slug}.example", role.as_str())
}

/// The organisation whose owner also runs the installation.
const OPERATORS: &str = "demo";

/// Makes them where they are not made yet, and returns those it made with what they sign in with.
pub(crate) async fn make(twins: &Twins, slugs: impl Iterator<Item = &'static str>) -> Result<Vec<Value>> {
    let slugs: Vec<&str> = slugs.collect();
    let addresses: Vec<String> = slugs
        .iter()
        .flat_map(|slug| Role::ALL.map(|role| email(role, slug)))
        .collect();
    let row = twins.owner.one(IS_MADE, params![addresses]).await?;
    if row.get::<bool>("made")? {
        return Ok(Vec::new());
    }
    twins.secrets.generate([Keys::SECRET])?;
    let keys = Keys::new(twins.secrets.get(Keys::SECRET).await?);
    let mut people = Vec::new();
    let mut tenants = Vec::new();
    for slug in &slugs {
        tenants.push((*slug, tenant(twins, slug).await?));
    }
    let mut tx = twins.owner.begin_untenanted().await?;
    let now = twins.clock.now();
    for (slug, tenant) in tenants {
        for role in Role::ALL.into_iter().rev() {
            let (id, email) = (SystemRandom.uuid(), email(role, slug));
            let is_operator = role == Role::Owner && slug == OPERATORS;
            let secret = TotpSecret::new(&SystemRandom);
            // A secret of the same form does as a password: 160 random bits that can be typed.
            let password = TotpSecret::new(&SystemRandom).base32().to_lowercase();
            let sealed = keys.seal(&SystemRandom, &totp::place(id), secret.as_bytes())?;
            let hash = password::hash(&password, Cost::PRESENT, &SystemRandom)?;
            tx.execute(
                ACCOUNT,
                params![id, email, name(role), hash, sealed, tenant.0, now, is_operator],
            )
            .await?;
            tx.execute(MEMBER, params![tenant.0, id, role.as_str(), now])
                .await?;
            let change = Change {
                actor: Actor::System,
                action: "membership.create",
                object_kind: "membership",
                object_id: id.to_string(),
                before: None,
                after: Some(json!({"email": email, "role": role.as_str()})),
            };
            tx.audit_of(tenant, change).await?;
            people.push(json!({
                "email": email, "password": password, "totp_secret": secret.base32(), "role": role.as_str(), "tenant": slug,
                "is_operator": is_operator,
            }));
        }
    }
    tx.commit().await?;
    Ok(people)
}
