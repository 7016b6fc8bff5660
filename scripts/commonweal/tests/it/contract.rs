//! What stands beside the code is what the code says: OpenAPI documents, the states of a new database.

use std::{process::Command, sync::Arc};

use app::{Access, Trigger};
use domain::person::StateCode;
use ports::Undeclared;
use store::{Sql, params, sql};
use testkit::TestDb;

use crate::{
    host::{Host, basics},
    services,
};

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

/// An API that takes a key refuses everybody without one, whatever else the request holds.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_is_done() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let mut refused = 0;
    for function in services::functions() {
        let Trigger::Http {
            access: Access::ApiKey,
            routes,
            ..
        } = function.trigger
        else {
            continue;
        };
        for (path, item) in routes().split_for_parts().1.paths.paths {
            let url = host.url(&path.replace(['{', '}'], ""));
            for (method, operation) in [
                ("GET", item.get),
                ("POST", item.post),
                ("PUT", item.put),
                ("PATCH", item.patch),
                ("DELETE", item.delete),
            ] {
                if operation.is_none() {
                    continue;
                }
                for authorization in [
                    "",
                    "Basic",
                    "Basic bm9ib2R5Om5vdGhpbmc=",
                    "Bearer nothing",
                    "Basic %%%",
                ] {
                    let request = host
                        .http
                        .request(method.parse().unwrap(), &url)
                        .header("authorization", authorization);
                    let answer = request.json(&basics("key@example.org")).send().await.unwrap();
                    assert_eq!(
                        answer.status().as_u16(),
                        401,
                        "{method} {path} with '{authorization}'"
                    );
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 0, "no function takes a key");
}
