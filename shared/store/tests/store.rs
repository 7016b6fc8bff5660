//! What the store promises, on a real server: one tenant never sees another's rows, nothing is half done, TLS is verified.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here ends the test")]

use std::{
    future::Future,
    sync::{Arc, Mutex},
    task::{Context, Waker},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use ports::{
    BoxFuture, Clock, Delivery, Error, Kind, Outgoing, Queue, QueueDepth, Random, Result, SystemRandom,
    Undeclared,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Claim, Database, DatabaseSettings, IdempotencyKey, Job, Sql, TenantId, params, relay, sql};
use testkit::TestDb;

const VOTING: &str = "commonweal_voting";
const PLATFORM: &str = "commonweal_platform";

/// A queue that remembers what it was sent, or is down.
#[derive(Default)]
struct Sent {
    messages: Mutex<Vec<Outgoing>>,
    down: Mutex<bool>,
}

impl Sent {
    fn count(&self) -> usize {
        self.messages.lock().unwrap().len()
    }
}

impl Queue for Sent {
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> BoxFuture<'a, Result<Vec<Result<()>>>> {
        Box::pin(async move {
            if *self.down.lock().unwrap() {
                return Err(Error::unavailable("down", "the queue is down"));
            }
            // Slow enough that two relays at once would meet.
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.messages.lock().unwrap().extend_from_slice(messages);
            Ok(messages.iter().map(|_| Ok(())).collect())
        })
    }
    fn receive<'a>(
        &'a self,
        _: &'a str,
        _: usize,
        _: Duration,
        _: Duration,
    ) -> BoxFuture<'a, Result<Vec<Delivery>>> {
        Box::pin(async { panic!("the store only sends") })
    }
    fn delete<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { panic!("the store only sends") })
    }
    fn retry<'a>(&'a self, _: &'a str, _: &'a str, _: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { panic!("the store only sends") })
    }
    fn bury<'a>(&'a self, _: &'a str, _: &'a Delivery, _: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { panic!("the store only sends") })
    }
    fn depth<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<QueueDepth>> {
        Box::pin(async { panic!("the store only sends") })
    }
}

/// A clock that stands until it is moved.
struct Hand(Mutex<Timestamp>);

impl Hand {
    fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_secs(seconds);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct House {
    db: TestDb,
    queue: Arc<Sent>,
    clock: Arc<Hand>,
}

impl House {
    async fn new() -> Self {
        let clock = Arc::new(Hand(Mutex::new(Timestamp::from_second(1_800_000_000).unwrap())));
        Self {
            db: TestDb::create().await,
            queue: Arc::default(),
            clock,
        }
    }

    /// One connection, as in a Lambda.
    fn open(&self, role: &str) -> Database {
        let settings = DatabaseSettings {
            connections: 1,
            ..self.db.settings(Some(role))
        };
        Database::new(
            settings,
            self.queue.clone(),
            self.clock.clone(),
            Arc::new(SystemRandom),
        )
        .unwrap()
    }

    async fn tenant(&self) -> TenantId {
        const INSERT: Sql =
            sql!("insert into platform.tenant (id, name, created_at) values ($1, 'A tenant', now())");
        let id = SystemRandom.uuid();
        self.open(PLATFORM).rows(INSERT, params![id]).await.unwrap();
        TenantId(id)
    }
}

const ACTION: Sql = sql!(
    "insert into voting.action (id, tenant_id, tool, visible_to_subscriber, created_at)
     values ($1, $2, 'register', true, now())"
);
const COUNT: Sql = sql!("select count(*) as n from voting.action");
const CHANGE: Sql = sql!("update voting.action set finished_at = now() where id = $1 returning id");

async fn visible(db: &Database, tenant: TenantId) -> i64 {
    db.begin(tenant)
        .await
        .unwrap()
        .one(COUNT, params![])
        .await
        .unwrap()
        .get("n")
        .unwrap()
}

#[tokio::test]
async fn another_tenants_rows_are_neither_seen_nor_changed_nor_made() {
    let house = House::new().await;
    let (mine, theirs) = (house.tenant().await, house.tenant().await);
    let db = house.open(VOTING);
    let id = SystemRandom.uuid();
    let mut tx = db.begin(mine).await.unwrap();
    tx.execute(ACTION, params![id, mine.0]).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(visible(&db, mine).await, 1);
    assert_eq!(visible(&db, theirs).await, 0);
    let mut tx = db.begin(theirs).await.unwrap();
    assert!(tx.optional(CHANGE, params![id]).await.unwrap().is_none());
    assert!(
        tx.execute(ACTION, params![SystemRandom.uuid(), mine.0])
            .await
            .is_err(),
        "a row in another's name"
    );
    drop(tx);
    let mut tx = db.begin_untenanted().await.unwrap();
    assert_eq!(
        tx.one(COUNT, params![]).await.unwrap().get::<i64>("n").unwrap(),
        0,
        "without a tenant there is nothing"
    );
}

#[tokio::test]
async fn a_begin_that_nobody_waits_for_leaves_no_tenant_behind() {
    const TENANT: Sql = sql!("select platform.current_tenant() as tenant");
    let house = House::new().await;
    let tenant = house.tenant().await;
    let db = house.open(VOTING);
    db.warm().await.unwrap();
    {
        // The statement is on its way when the caller goes, as with a client that hangs up.
        let mut begin = Box::pin(db.begin(tenant));
        assert!(
            begin
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }
    let row = db.one(TENANT, params![]).await.unwrap();
    assert_eq!(row.get::<Option<uuid::Uuid>>("tenant").unwrap(), None);
}

#[derive(Serialize, Deserialize)]
struct Ring {
    n: u32,
}

impl Job for Ring {
    const QUEUE: &'static str = "test-ring";
}

#[tokio::test]
async fn work_leaves_with_the_commit_or_not_at_all() {
    let house = House::new().await;
    let (db, platform) = (house.open(VOTING), house.open(PLATFORM));
    let mut tx = db.begin_untenanted().await.unwrap();
    tx.enqueue(&Ring { n: 1 }).await.unwrap();
    drop(tx);
    house.clock.advance(3_600);
    relay(&platform).await.unwrap();
    assert_eq!(house.queue.count(), 0, "rolled back");

    let mut tx = db.begin_untenanted().await.unwrap();
    tx.enqueue(&Ring { n: 2 }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.queue.count(), 1, "sent right after the commit");
    house.clock.advance(3_600);
    relay(&platform).await.unwrap();
    assert_eq!(house.queue.count(), 1, "and not again");
}

#[tokio::test]
async fn what_a_queue_that_was_down_did_not_take_is_relayed_once() {
    let house = House::new().await;
    let db = house.open(VOTING);
    *house.queue.down.lock().unwrap() = true;
    for n in 0..50 {
        let mut tx = db.begin_untenanted().await.unwrap();
        tx.enqueue(&Ring { n }).await.unwrap();
        tx.commit().await.unwrap();
    }
    *house.queue.down.lock().unwrap() = false;
    house.clock.advance(31);
    // Two relays at once share the work.
    let (one, other) = (house.open(PLATFORM), house.open(PLATFORM));
    let (a, b) = tokio::join!(relay(&one), relay(&other));
    assert_eq!(a.unwrap().sent + b.unwrap().sent, 50);
    assert_eq!(house.queue.count(), 50);
}

#[tokio::test]
async fn what_is_due_later_than_a_queue_can_keep_waits_in_the_outbox() {
    let house = House::new().await;
    let (db, platform) = (house.open(VOTING), house.open(PLATFORM));
    let mut tx = db.begin_untenanted().await.unwrap();
    tx.enqueue_after(&Ring { n: 1 }, SignedDuration::from_secs(900))
        .await
        .unwrap();
    tx.enqueue_after(&Ring { n: 2 }, SignedDuration::from_secs(86_400))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        house.queue.messages.lock().unwrap()[0].delay,
        Duration::from_secs(900),
        "the queue's own delay"
    );
    house.clock.advance(84_000);
    relay(&platform).await.unwrap();
    assert_eq!(house.queue.count(), 1);
    house.clock.advance(1_800);
    relay(&platform).await.unwrap();
    let messages = house.queue.messages.lock().unwrap();
    assert_eq!((messages.len(), messages[1].delay), (2, Duration::from_secs(600)));
}

fn key(body: &[u8]) -> IdempotencyKey {
    IdempotencyKey {
        scope: "POST /x#1".to_owned(),
        body_hash: body.to_vec(),
    }
}

#[tokio::test]
async fn a_repeated_key_gets_the_first_answer_and_another_body_is_refused() {
    let house = House::new().await;
    let (db, platform) = (house.open(VOTING), house.open(PLATFORM));
    let mut tx = db.begin_untenanted().await.unwrap();
    assert_eq!(tx.claim(&key(b"a")).await.unwrap(), Claim::New);
    drop(tx); // a crash before the commit: the key is free again
    let mut tx = db.begin_untenanted().await.unwrap();
    assert_eq!(tx.claim(&key(b"a")).await.unwrap(), Claim::New);
    tx.remember(&key(b"a"), &json!({"id": 7})).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.begin_untenanted().await.unwrap();
    assert_eq!(tx.claim(&key(b"a")).await.unwrap(), Claim::Done(json!({"id": 7})));
    assert_eq!(
        tx.claim(&key(b"b")).await.unwrap_err().kind(),
        Kind::Unprocessable
    );
    drop(tx);

    // After two days it is forgotten, and swept.
    const LEFT: Sql = sql!("select count(*) as n from platform.idempotency");
    house.clock.advance(49 * 3_600);
    relay(&platform).await.unwrap();
    assert_eq!(
        platform
            .one(LEFT, params![])
            .await
            .unwrap()
            .get::<i64>("n")
            .unwrap(),
        0
    );
    assert_eq!(
        db.begin_untenanted()
            .await
            .unwrap()
            .claim(&key(b"b"))
            .await
            .unwrap(),
        Claim::New
    );
}

#[tokio::test]
async fn two_requests_with_one_key_have_one_effect() {
    let house = House::new().await;
    let (first, second) = (house.open(VOTING), house.open(VOTING));
    let mut tx = first.begin_untenanted().await.unwrap();
    assert_eq!(tx.claim(&key(b"a")).await.unwrap(), Claim::New);
    let late = async {
        let mut tx = second.begin_untenanted().await.unwrap();
        tx.claim(&key(b"a")).await
    };
    let early = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        tx.remember(&key(b"a"), &json!(1)).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (late, ()) = tokio::join!(late, early);
    assert_eq!(
        late.unwrap(),
        Claim::Done(json!(1)),
        "the second waits for the first"
    );
}

#[tokio::test]
async fn a_lost_connection_is_replaced_once_and_a_missing_server_is_unavailable() {
    const KILL: Sql = sql!(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    );
    const ONE: Sql = sql!("select 1 as one");
    let house = House::new().await;
    let (db, owner) = (house.open(VOTING), house.db.open(None, Arc::new(Undeclared)));
    for _ in 0..3 {
        db.rows(ONE, params![]).await.unwrap();
        owner.rows(KILL, params![]).await.unwrap();
        db.rows(ONE, params![]).await.unwrap();
        owner.rows(KILL, params![]).await.unwrap();
        db.begin_untenanted()
            .await
            .unwrap()
            .rows(ONE, params![])
            .await
            .unwrap();
    }
    let nowhere = DatabaseSettings {
        port: 1,
        ..house.db.settings(None)
    };
    let db = Database::new(
        nowhere,
        Arc::new(Undeclared),
        house.clock.clone(),
        Arc::new(SystemRandom),
    )
    .unwrap();
    let error = db.rows(ONE, params![]).await.err().unwrap();
    assert!(matches!(error.kind(), Kind::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn errors_name_no_values() {
    const WRONG: Sql = sql!("select $1::text::uuid as id");
    let house = House::new().await;
    let db = house.open(VOTING);
    let error = db.rows(WRONG, params!["Maya Ejemplo"]).await.err().unwrap();
    assert!(
        !format!("{error:?} {:?}", error.cause()).contains("Maya"),
        "{error:?}"
    );
    let error = db.rows(WRONG, params!["a\0b"]).await.err().unwrap();
    assert_eq!(
        error.kind(),
        Kind::Invalid,
        "NUL is the client's fault: {error:?}"
    );
}

/// Needs the test server's authority: `scripts/test` names it in DATABASE_CA.
#[tokio::test]
async fn tls_trusts_the_authority_that_was_given_and_the_servers_own_name_only() {
    const SSL: Sql = sql!("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    #[expect(clippy::disallowed_methods, reason = "a test's own setting")]
    let Ok(path) = std::env::var("DATABASE_CA") else {
        println!("skipped: DATABASE_CA is not set");
        return;
    };
    let house = House::new().await;
    let ca = std::fs::read(path).unwrap();
    // The same server behind a name that its certificate has, and one that it has not.
    let target = house.db.settings(None).port;
    let own = forward("127.0.0.1", target).await;
    let foreign = forward("127.0.0.2", target).await;
    let open = |ca: &[u8], host: &str, port: u16| {
        let settings = DatabaseSettings {
            ca: Some(ca.into()),
            host: host.to_owned(),
            port,
            ..house.db.settings(None)
        };
        Database::new(
            settings,
            Arc::new(Undeclared),
            house.clock.clone(),
            Arc::new(SystemRandom),
        )
    };
    let row = open(&ca, "127.0.0.1", own)
        .unwrap()
        .one(SSL, params![])
        .await
        .unwrap();
    assert!(row.get::<bool>("ssl").unwrap());
    for (authority, host, port) in [
        (ca.as_slice(), "127.0.0.2", foreign),
        (
            include_bytes!("another-authority.pem").as_slice(),
            "127.0.0.1",
            own,
        ),
    ] {
        let refused = open(authority, host, port)
            .unwrap()
            .one(SSL, params![])
            .await
            .err()
            .unwrap();
        assert!(refused.cause().unwrap().contains("TLS"), "{refused:?}");
    }
    assert!(open(b"no certificate", "127.0.0.1", own).is_err());
}

/// Passes connections on to the server, and returns the port where it listens.
#[expect(clippy::disallowed_methods, reason = "ends with the test")]
async fn forward(host: &str, target: u16) -> u16 {
    let listener = tokio::net::TcpListener::bind((host, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = tokio::net::TcpStream::connect(("127.0.0.1", target))
                .await
                .unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    port
}
