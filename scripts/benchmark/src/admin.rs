//! A list of the admin over a million rows, beside the bare SQL of its page.
//!
//! The page is the whole answer to a signed-in reader: who asks, the filters' choices, the date hierarchy, the rows, their
//! number, the HTML. The bare SQL is one statement that fetches the same rows, sent by the driver on a connection of its own, both
//! over TLS to the same server; prepared, but for the search, whose plan must know the word. Sessions lie in memory here; DynamoDB keeps them when deployed.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use app::{
    Context, Settings,
    axum::{body::Body, http::Request},
};
use http_body_util::BodyExt;
use identity::{Sessions, Stage};
use jiff::Timestamp;
use ports::{Address, BoxFuture, Entry, Error, KeyValue, Ports, Result, SystemClock, SystemRandom};
use store::{Database, Sql, params, sql};
use testkit::TestDb;
use tokio_postgres::{
    Client, Config, Statement,
    config::SslMode,
    types::{ToSql, Type},
};
use tower::ServiceExt;
use uuid::Uuid;

use crate::{median, milliseconds};

const ROLE: &str = "commonweal_voting";
/// Rows of the organisation that is looked at; another has a tenth as many.
const ROWS: usize = 1_000_000;
/// Pages read of each kind, after a tenth as many to warm up.
const READS: usize = 400;
/// What a page may cost, in bare statements.
const ALLOWED: f64 = 3.0;

type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// One key, one session.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<String, Entry>>);

impl KeyValue for Memory {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Entry>>> {
        let found = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned();
        Box::pin(async { Ok(found) })
    }
    fn put<'a>(&'a self, key: &'a str, entry: Entry) -> BoxFuture<'a, Result<()>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.to_owned(), entry);
        Box::pin(async { Ok(()) })
    }
    fn put_if_absent<'a>(&'a self, _: &'a str, _: Entry) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Err(Error::internal("not asked here")) })
    }
    fn delete<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(Error::internal("not asked here")) })
    }
    fn add<'a>(&'a self, _: &'a str, _: i64, _: Timestamp) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async { Err(Error::internal("not asked here")) })
    }
}

const TENANT: Sql = sql!(
    "insert into platform.tenant (id, name, plan, created_at) values ($1, 'Measured', 'premium', now())"
);
const ACCOUNT: Sql = sql!(
    "insert into platform.account (id, email, name, password_hash, totp_secret, created_at)
     values ($1, 'reader@example.org', 'Reader', 'none', '\\x01', now())"
);
const MEMBER: Sql = sql!(
    "insert into platform.membership (tenant_id, account_id, role, created_at) values ($1, $2, 'viewer', now())"
);
const SESSION: Sql = sql!(
    "insert into platform.session (id, account_id, token_digest, device, created_at) values ($1, $2, $3, 'bench', now())"
);

/// What a developer would write by hand for the page's rows.
const FIRST: &str = "select t.id, t.created_at, t.first_name, t.last_name, t.email, t.status, t.state,
        (select s.name from voting.state s where s.code = t.state) as state_name
   from voting.registration t
  where t.tenant_id = $1 and exists (select from voting.action a where a.id = t.action_id and a.visible_to_subscriber)
  order by t.created_at desc, t.id desc limit 51";
const DEEP: &str = "select t.id, t.created_at, t.first_name, t.last_name, t.email, t.status, t.state,
        (select s.name from voting.state s where s.code = t.state) as state_name
   from voting.registration t
  where t.tenant_id = $1 and exists (select from voting.action a where a.id = t.action_id and a.visible_to_subscriber)
    and (t.created_at, t.id) < ($2, $3)
  order by t.created_at desc, t.id desc limit 51";
const SEARCH: &str = "select t.id, t.created_at, t.first_name, t.last_name, t.email, t.status, t.state,
        (select s.name from voting.state s where s.code = t.state) as state_name
   from voting.registration t
  where t.tenant_id = $1 and exists (select from voting.action a where a.id = t.action_id and a.visible_to_subscriber)
    and (t.email collate platform.folded >= $2 and t.email collate platform.folded < $3
      or t.last_name collate platform.folded >= $2 and t.last_name collate platform.folded < $3
      or t.first_name collate platform.folded >= $2 and t.first_name collate platform.folded < $3)
  order by t.created_at desc, t.id desc limit 51";

/// Two organisations and their registrations, four minutes apart.
fn rows(tenant: Uuid, count: usize) -> String {
    format!(
        "set statement_timeout = 0;
         create temporary table made as
            select gen_random_uuid() as id, gen_random_uuid() as action, n,
                   timestamptz '2026-11-03 17:00Z' - n * interval '4 minutes' as at
              from generate_series(1, {count}) n;
         insert into voting.action (id, tenant_id, tool, visible_to_subscriber, created_at)
            select action, '{tenant}', 'register', n % 50 <> 0, at from made;
         insert into voting.registration (id, tenant_id, action_id, created_at, modified_at, status, first_name, last_name, email, state)
            select id, '{tenant}', action, at, at, (array['Incomplete', 'Pending', 'SentPDF', 'ReferOVR'])[n % 4 + 1],
                   'First' || n % 997, 'Last' || n % 7919, 'voter' || n || '@example.org', (array['OR', 'MA', 'TX', 'CA'])[n % 4 + 1]
              from made;
         drop table made; analyze voting.action, voting.registration"
    )
}

async fn bare(db: &TestDb, ca: &str) -> Client {
    let settings = db.settings(None);
    let mut config = Config::new();
    config
        .host(&settings.host)
        .port(settings.port)
        .dbname(&settings.name)
        .user(ROLE)
        .ssl_mode(SslMode::Require);
    let authority = std::fs::read(ca).expect("DATABASE_CA can be read");
    let tls = store::trust(&authority).expect("DATABASE_CA holds a certificate");
    let (client, connection) = config.connect(tls).await.expect("the test server answers");
    #[expect(clippy::disallowed_methods, reason = "the driver's own task")]
    tokio::spawn(connection);
    client
}

#[expect(clippy::disallowed_methods, reason = "a setting of the command")]
pub(crate) async fn run() -> bool {
    let ca = std::env::var("DATABASE_CA").expect("DATABASE_CA names the authority of the test server");
    let db = TestDb::create().await;
    let owner = db.open(None, Arc::new(ports::Undeclared));
    let (tenant, other) = (Uuid::new_v4(), Uuid::new_v4());
    for (id, count) in [(tenant, ROWS), (other, ROWS / 10)] {
        owner.rows(TENANT, params![id]).await.expect("a tenant");
        let began = Instant::now();
        owner.batch(&rows(id, count)).await.expect("rows are made");
        println!(
            "{count} registrations made in {:.0} s",
            began.elapsed().as_secs_f64()
        );
    }
    for table in ["voting.action", "voting.registration"] {
        owner
            .batch(&format!("vacuum {table}"))
            .await
            .expect("the tables are swept");
    }

    // Somebody who is signed in.
    let (account, session) = (Uuid::new_v4(), Uuid::new_v4());
    owner.rows(ACCOUNT, params![account]).await.expect("an account");
    owner
        .rows(MEMBER, params![tenant, account])
        .await
        .expect("a membership");
    let memory = Arc::new(Memory::default());
    let sessions = Sessions {
        key_value: &*memory,
        clock: &SystemClock,
        random: &SystemRandom,
    };
    let (token, _) = sessions
        .begin(session, account, Some(tenant), Stage::Complete)
        .await
        .expect("a session");
    owner
        .rows(SESSION, params![session, account, token.digest()])
        .await
        .expect("its row");

    let mut ports = Ports::undeclared();
    ports.key_value = memory.clone();
    let mut settings = db.settings(Some(ROLE));
    settings.ca = Some(std::fs::read(&ca).expect("DATABASE_CA can be read").into());
    let database = Database::new(
        settings,
        ports.queue.clone(),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )
    .expect("the settings are complete");
    let cx = Context::new(
        database,
        ports,
        Settings {
            environment: "local".to_owned(),
            public_url: "http://127.0.0.1:4000".to_owned(),
            mail_from: Address {
                name: None,
                email: "no-reply@commonweal.example".to_owned(),
            },
            variables: BTreeMap::new(),
        },
    );
    let service = app::router(&voting::ADMIN_REGISTRATION, cx);
    let client = bare(&db, &ca).await;
    client
        .batch_execute(&format!("select set_config('app.tenant', '{tenant}', false)"))
        .await
        .expect("the tenant is set");

    let middle: Timestamp = "2019-06-01T12:00:00Z".parse().expect("a time");
    let edge = Uuid::nil();
    // As the link of the page before has it.
    let cursor = data_encoding::BASE64URL_NOPAD.encode(format!("[\"{middle}\",\"{edge}\"]").as_bytes());
    let kinds: [(&str, String, &str, Vec<Parameter<'_>>); 3] = [
        (
            "the first page",
            String::new(),
            FIRST,
            vec![(&tenant, Type::UUID)],
        ),
        (
            "a page far down",
            format!("?after={cursor}&_about={ROWS}"),
            DEEP,
            vec![
                (&tenant, Type::UUID),
                (&middle, Type::TIMESTAMPTZ),
                (&edge, Type::UUID),
            ],
        ),
        (
            "a search",
            "?q=voter4217".to_owned(),
            SEARCH,
            vec![
                (&tenant, Type::UUID),
                (&"voter4217", Type::TEXT),
                (&"voter4217\u{FFFF}", Type::TEXT),
            ],
        ),
    ];
    let cookie = format!("session={}", token.expose());
    let mut kept = true;
    for (what, query, text, parameters) in kinds {
        let prepared = match text == SEARCH {
            true => None,
            false => Some(client.prepare(text).await.expect("the statement fits")),
        };
        let path = format!("/admin/voting/registration{query}");
        let (mut pages, mut statements) = (Vec::new(), Vec::new());
        for round in 0..READS + READS / 10 {
            let (page, found) = page(&service, &path, &cookie).await;
            let (single, expected) = single(&client, text, prepared.as_ref(), &parameters).await;
            assert_eq!(
                found,
                expected.min(50),
                "{what}: the page shows what the statement finds"
            );
            if round >= READS / 10 {
                pages.push(page);
                statements.push(single);
            }
        }
        let (page, single) = (milliseconds(median(pages)), milliseconds(median(statements)));
        kept &= page <= ALLOWED * single;
        println!(
            "{what:<16} {page:7.2} ms, its rows by bare SQL {single:6.2} ms: {:.2} x (to be <= {ALLOWED})",
            page / single
        );
    }
    kept
}

/// How long the whole answer takes, and how many rows it shows.
async fn page(service: &app::HttpService, path: &str, cookie: &str) -> (std::time::Duration, usize) {
    let request = Request::get(path)
        .header("cookie", cookie)
        .header("accept", "text/html")
        .body(Body::empty())
        .expect("a request");
    let began = Instant::now();
    let response = service.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    let took = began.elapsed();
    let text = std::str::from_utf8(&bytes).expect("text");
    assert_eq!(status, 200, "{text}");
    (took, text.matches("name=\"select-").count())
}

async fn single(
    client: &Client,
    text: &str,
    prepared: Option<&Statement>,
    parameters: &[Parameter<'_>],
) -> (std::time::Duration, usize) {
    let values: Vec<_> = parameters.iter().map(|(value, _)| *value).collect();
    let began = Instant::now();
    let rows = match prepared {
        Some(statement) => client.query(statement, &values).await,
        None => client.query_typed(text, parameters).await,
    }
    .expect("rows");
    (began.elapsed(), rows.len())
}
