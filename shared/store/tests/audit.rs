//! What the audit log promises: with the change or not at all, whole under concurrency, and no edit stays unseen.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here ends the test")]

use std::sync::Arc;

use ports::Undeclared;
use serde_json::json;
use store::{
    Database, Sql, TenantId,
    audit::{Actor, Change, Verified, verify},
    params, sql,
};
use testkit::TestDb;
use uuid::Uuid;

const TENANT: Sql = sql!("insert into platform.tenant (id, name, created_at) values ($1, 'x', now())");
const COUNT: Sql = sql!("select count(*) as entries from platform.audit_entry");

fn change(number: usize) -> Change {
    Change {
        actor: Actor::Account(Uuid::from_u128(9)),
        action: "thing.change",
        object_kind: "thing",
        object_id: number.to_string(),
        before: Some(json!({"email": "maya@example.org", "size": number})),
        after: None,
    }
}

async fn tenant(owner: &Database) -> TenantId {
    let id = Uuid::new_v4();
    owner.rows(TENANT, params![id]).await.unwrap();
    TenantId(id)
}

async fn write(database: &Database, tenant: TenantId, count: usize) {
    for number in 0..count {
        let mut tx = database.begin(tenant).await.unwrap();
        tx.audit(change(number)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn open(db: &TestDb) -> (Database, Database) {
    (
        db.open(None, Arc::new(Undeclared)),
        db.open(Some("commonweal_platform"), Arc::new(Undeclared)),
    )
}

#[tokio::test]
async fn an_entry_is_there_with_its_change_or_not_at_all() {
    let db = TestDb::create().await;
    let (owner, platform) = open(&db);
    let tenant = tenant(&owner).await;
    write(&platform, tenant, 2).await;
    let mut tx = platform.begin(tenant).await.unwrap();
    tx.audit(change(3)).await.unwrap();
    drop(tx);
    assert_eq!(verify(&owner, tenant.0).await.unwrap(), Verified::Whole(2));
    write(&platform, tenant, 1).await;
    assert_eq!(verify(&owner, tenant.0).await.unwrap(), Verified::Whole(3));
    assert_eq!(verify(&owner, Uuid::new_v4()).await.unwrap(), Verified::Whole(0));
}

#[tokio::test]
async fn many_at_once_make_one_chain() {
    let db = TestDb::create().await;
    let (owner, platform) = open(&db);
    let tenant = tenant(&owner).await;
    let writer = || write(&platform, tenant, 5);
    tokio::join!(writer(), writer(), writer(), writer());
    assert_eq!(verify(&owner, tenant.0).await.unwrap(), Verified::Whole(20));
}

#[tokio::test]
async fn no_tampering_stays_unseen() {
    let db = TestDb::create().await;
    let (owner, platform) = open(&db);
    for (edit, broken_at) in [
        (
            "update platform.audit_entry set object_id = '8' where position = 2",
            2,
        ),
        (
            "update platform.audit_entry set before = replace(before, '1', '7') where position = 2",
            2,
        ),
        ("update platform.audit_entry set after = '' where position = 4", 4),
        (
            "update platform.audit_entry set at = at + interval '1 microsecond' where position = 1",
            1,
        ),
        (
            "update platform.audit_entry set actor_id = gen_random_uuid() where position = 3",
            3,
        ),
        (
            "update platform.audit_entry set actor_kind = 'system', actor_id = null where position = 3",
            3,
        ),
        (
            "update platform.audit_entry set hash = sha256(hash) where position = 4",
            4,
        ),
        ("delete from platform.audit_entry where position = 2", 2),
        ("delete from platform.audit_entry where position = 4", 4),
        ("delete from platform.audit_entry", 1),
        (
            "update platform.audit_entry set position = position + 10 where position = 3;
             update platform.audit_entry set position = 3 where position = 4;
             update platform.audit_entry set position = 4 where position = 13",
            3,
        ),
    ] {
        owner
            .batch(
                "set session_replication_role = replica; truncate platform.audit_entry, platform.audit_chain",
            )
            .await
            .unwrap();
        let tenant = tenant(&owner).await;
        write(&platform, tenant, 4).await;
        assert_eq!(verify(&owner, tenant.0).await.unwrap(), Verified::Whole(4));
        owner
            .batch(&format!("set session_replication_role = replica; {edit}"))
            .await
            .unwrap();
        assert_eq!(
            verify(&owner, tenant.0).await.unwrap(),
            Verified::BrokenAt(broken_at),
            "{edit}"
        );
    }
}

#[tokio::test]
async fn nobody_changes_what_is_written() {
    let db = TestDb::create().await;
    let (owner, platform) = open(&db);
    let tenant = tenant(&owner).await;
    write(&platform, tenant, 1).await;
    for statement in [
        "update platform.audit_entry set action = 'x'",
        "delete from platform.audit_entry",
        "truncate platform.audit_entry",
    ] {
        assert!(owner.batch(statement).await.is_err(), "the owner: {statement}");
        assert!(
            platform.batch(statement).await.is_err(),
            "the platform: {statement}"
        );
    }
}

#[tokio::test]
async fn another_tenants_history_does_not_exist() {
    let db = TestDb::create().await;
    let (owner, platform) = open(&db);
    let (ours, theirs) = (tenant(&owner).await, tenant(&owner).await);
    write(&platform, theirs, 3).await;
    let mut tx = platform.begin(ours).await.unwrap();
    let seen: i64 = tx.one(COUNT, params![]).await.unwrap().get("entries").unwrap();
    assert_eq!(seen, 0);
    let mut tx = platform.begin_untenanted().await.unwrap();
    assert!(
        tx.audit(change(1)).await.is_err(),
        "an entry without its organisation"
    );
}

#[tokio::test]
async fn the_log_knows_no_addresses() {
    const TEXTS: Sql = sql!("select before from platform.audit_entry");
    let db = TestDb::create().await;
    let (owner, platform) = open(&db);
    write(&platform, tenant(&owner).await, 1).await;
    let text: String = owner.one(TEXTS, params![]).await.unwrap().get("before").unwrap();
    assert!(
        text.contains("m…@example.org") && !text.contains("maya"),
        "{text}"
    );
}
