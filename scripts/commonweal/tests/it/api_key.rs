//! What looking up an API key costs: the same where its id is unknown as where its secret is wrong. Work is compared, not time.

use std::cell::Cell;

use app::{
    ApiKey, KeyKind,
    axum::{body::Body, extract::FromRequestParts, http::Request},
};
use jiff::Timestamp;
use local::{Home, Twins, database_settings};
use ports::{Kind, Random, SystemRandom};
use store::{Sql, params, sql};
use testkit::TestDb;

thread_local! {
    /// Statements that the driver has sent for the test of this thread, prepared ones: those that were asked twice before.
    static SENT: Cell<usize> = const { Cell::new(0) };
}

struct Counter;

impl log::Log for Counter {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("tokio_postgres")
    }
    fn log(&self, record: &log::Record<'_>) {
        let is_sent = self.enabled(record.metadata()) && record.args().to_string().starts_with("executing");
        SENT.set(SENT.get() + usize::from(is_sent));
    }
    fn flush(&self) {}
}

const TENANT: Sql =
    sql!("insert into platform.tenant (id, name, created_at) values ($1, 'of the key', now())");
const KEY: Sql = sql!(
    "insert into platform.api_key (id, tenant_id, secret_hash, description, kind, scopes, last_used_at, created_at)
     values ($1, $2, $3, 'of the test', 'live', '{voting}', $4, $4)"
);

#[tokio::test]
async fn an_unknown_key_costs_what_a_wrong_one_costs() {
    let (db, folder) = (TestDb::create().await, tempfile::tempdir().unwrap());
    let home = Home::open(folder.path()).unwrap();
    let twins = Twins::open(home, database_settings(&db.url()).unwrap(), "http://127.0.0.1:1")
        .await
        .unwrap();
    let (tenant, id) = (SystemRandom.uuid(), SystemRandom.uuid());
    let key = |id| identity::api_key::generate(&SystemRandom, KeyKind::Live, id);
    let right = key(id);
    let hash = identity::api_key::hash(&right);
    twins.owner.rows(TENANT, params![tenant]).await.unwrap();
    let values = params![id, tenant, hash, Timestamp::now()];
    twins.owner.rows(KEY, values).await.unwrap();
    let cx = twins.context(&voting::API_KEY_CHECK).unwrap();
    let look_up = async |key: &str| {
        let request =
            Request::get("/voting/v1/apikey/check").header("authorization", format!("Bearer {key}"));
        let mut parts = request.body(Body::empty()).unwrap().into_parts().0;
        let before = SENT.get();
        let found = ApiKey::from_request_parts(&mut parts, &cx).await;
        (SENT.get() - before, found.map_err(|problem| problem.0.kind()))
    };
    let (unknown, wrong) = (key(SystemRandom.uuid()), key(id));
    for _ in 0..3 {
        look_up(&right).await.1.unwrap();
    }
    log::set_logger(&Counter).unwrap();
    log::set_max_level(log::LevelFilter::Debug);
    let (unknown, wrong) = (look_up(&unknown).await, look_up(&wrong).await);
    assert_eq!(unknown.1.unwrap_err(), Kind::Unauthenticated);
    assert_eq!(wrong.1.unwrap_err(), Kind::Unauthenticated);
    assert_eq!((unknown.0, wrong.0), (1, 1), "one statement each");
}
