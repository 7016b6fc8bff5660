//! Demonstration data: two organisations with their people and keys, what the states say, flags on. Loaded once; what one needs
//! to use it is kept in `demo.json` of the state folder, and printed at each start.

use local::{OPENID_PEOPLE, Twins};
use ports::{Clock, Error, Random, Result, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Sql, TenantId, params, sql};
use uuid::Uuid;

use crate::{api_key, people, root, state_information};

/// Slug, name, plan, whether it is the house's own.
const TENANTS: &[(&str, &str, &str, bool)] = &[
    ("demo", "Commonweal demonstration", "premium", true),
    ("riverside", "Riverside Voters", "nonprofit", false),
];

const IS_LOADED: Sql = sql!("select exists (select from platform.tenant_slug where slug = 'demo') as loaded");
const TENANT: Sql = sql!(
    "insert into platform.tenant (id, name, plan, is_first_party, created_at) values ($1, $2, $3, $4, $5)"
);
const SLUG: Sql = sql!("insert into platform.tenant_slug (slug, tenant_id) values ($1, $2)");
const SUBSCRIBER: Sql = sql!(
    "insert into voting.subscriber (tenant_id, url, email, privacy_policy, terms_of_service)
     values ($1, $2, $3, $4, $5)"
);
const FLAG: Sql = sql!(
    "insert into platform.feature_flag (name, enabled, modified_at) values ($1, true, $2) on conflict do nothing"
);

pub(crate) async fn load(twins: &Twins) -> Result<()> {
    let mut demo = read(twins);
    if !is_loaded(twins).await? {
        demo = Demo {
            api_keys: organizations(twins).await?,
            people: Vec::new(),
            openid: Value::Null,
        };
        demo.write(twins)?;
    }
    let made = people::make(twins, TENANTS.iter().map(|(slug, ..)| *slug)).await?;
    if !made.is_empty() {
        demo.people = made;
        demo.write(twins)?;
    }
    let openid = openid(&twins.base);
    if demo.openid != openid {
        demo.openid = openid;
        demo.write(twins)?;
    }
    for key in &demo.api_keys {
        println!("demonstration key of {}: {}", key["tenant"], key["key"]);
    }
    for person in &demo.people {
        let text = |name: &str| person[name].as_str().unwrap_or_default();
        println!(
            "demonstration sign-in ({} of {}): {}, password {}, authenticator secret {}",
            text("role"),
            text("tenant"),
            text("email"),
            text("password"),
            text("totp_secret")
        );
    }
    for person in OPENID_PEOPLE {
        println!(
            "demonstration sign-in by OpenID Connect ({}): {}, at {}/account/sign-in",
            person.is, person.name, twins.base
        );
    }
    Ok(())
}

/// The local provider's people. They have no password: one chooses who to be.
fn openid(base: &str) -> Value {
    let people: Vec<Value> = OPENID_PEOPLE
        .iter()
        .map(|person| {
            json!({"subject": person.subject, "name": person.name, "email": person.email, "is": person.is})
        })
        .collect();
    json!({"provider": format!("{base}/account/openid/city"), "people": people})
}

/// What `demo.json` holds.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Demo {
    people: Vec<Value>,
    api_keys: Vec<Value>,
    openid: Value,
}

impl Demo {
    fn write(&self, twins: &Twins) -> Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(Error::internal)?;
        twins.home.write("demo.json", text.as_bytes())
    }
}

/// What an earlier start wrote; nothing where the file is gone, for passwords and keys are kept nowhere else.
fn read(twins: &Twins) -> Demo {
    std::fs::read_to_string(twins.home.path("demo.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

async fn is_loaded(twins: &Twins) -> Result<bool> {
    twins.owner.one(IS_LOADED, params![]).await?.get("loaded")
}

/// The organisations, each with a key, which are returned.
async fn organizations(twins: &Twins) -> Result<Vec<Value>> {
    // Fields and texts first: where this ends half-way, the tenants are still missing and the next start does it again.
    state_information::seed(twins, &root().join("functions/voting/data")).await?;
    let mut tx = twins.owner.begin_untenanted().await?;
    let mut keys: Vec<Value> = Vec::new();
    let now = twins.clock.now();
    for &(slug, name, plan, first_party) in TENANTS {
        let id = SystemRandom.uuid();
        tx.execute(TENANT, params![id, name, plan, first_party, now])
            .await?;
        tx.execute(SLUG, params![slug, id]).await?;
        let site = format!("https://{slug}.example");
        let (email, privacy, terms) = (
            format!("hello@{slug}.example"),
            format!("{site}/privacy"),
            format!("{site}/terms"),
        );
        tx.execute(SUBSCRIBER, params![id, site, email, privacy, terms])
            .await?;
        let (key_id, key) =
            api_key::insert(&mut tx, TenantId(id), "demonstration", api_key::SERVICES).await?;
        keys.push(json!({"tenant": slug, "key": format!("{key_id}:{key}"), "scopes": api_key::SERVICES}));
    }
    for flag in voting::flags::ALL {
        tx.execute(FLAG, params![*flag, now]).await?;
    }
    tx.commit().await?;
    Ok(keys)
}

const BY_SLUG: Sql = sql!("select tenant_id from platform.tenant_slug where slug = $1");

/// The tenant of a slug, for commands.
pub(crate) async fn tenant(twins: &Twins, slug: &str) -> Result<TenantId> {
    let row = twins.owner.optional(BY_SLUG, params![slug]).await?;
    let row =
        row.ok_or_else(|| Error::field("slug", "unknown", format!("there is no organisation {slug}")))?;
    Ok(TenantId(row.get::<Uuid>("tenant_id")?))
}
