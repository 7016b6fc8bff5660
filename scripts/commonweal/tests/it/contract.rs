//! What stands beside the code is what the code says: OpenAPI documents, the states of a new database.

use std::{process::Command, sync::Arc};

use domain::person::StateCode;
use ports::Undeclared;
use store::{Sql, params, sql};
use testkit::TestDb;

#[test]
fn openapi_documents_are_current() {
    let check = Command::new(env!("CARGO_BIN_EXE_commonweal"))
        .args(["openapi", "--check"])
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}

/// Without demonstration data, as after a first deployment.
#[tokio::test]
async fn a_new_database_has_every_state_and_a_tenant_for_everyone() {
    const STATES: Sql = sql!("select code, name, territory from voting.state order by code");
    const OLDEST: Sql = sql!(
        "select s.slug from platform.tenant t join platform.tenant_slug s on s.tenant_id = t.id
           join voting.subscriber v on v.tenant_id = t.id where t.status = 'active' order by t.created_at limit 1"
    );
    let db = TestDb::create().await;
    let database = db.open(Some("commonweal_voting"), Arc::new(Undeclared));
    let rows = database.rows(STATES, params![]).await.unwrap();
    let stored: Vec<(String, String, bool)> = rows
        .iter()
        .map(|row| {
            (
                row.get("code").unwrap(),
                row.get("name").unwrap(),
                row.get("territory").unwrap(),
            )
        })
        .collect();
    let mut known: Vec<_> = StateCode::ALL
        .iter()
        .map(|state| {
            (
                state.as_str().to_owned(),
                state.name().to_owned(),
                state.is_territory(),
            )
        })
        .collect();
    known.sort();
    assert_eq!(stored, known);
    assert_eq!(
        database
            .one(OLDEST, params![])
            .await
            .unwrap()
            .get::<String>("slug")
            .unwrap(),
        "default"
    );
}
