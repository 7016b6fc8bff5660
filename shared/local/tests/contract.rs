//! The twins keep the promises of the ports: the same suite that the adapters on AWS pass.

#![expect(clippy::unwrap_used, reason = "what fails here ends the test")]

use std::{sync::Arc, time::Duration};

use local::{
    Home, LocalFiles, LocalKeyValue, LocalMailer, LocalQueue, LocalSecrets, Twins, database_settings,
    file_routes, prepare,
};
use ports::{
    Area, Clock, FileKey, Files, Mailer, Outgoing, PutFile, Queue, SystemClock, SystemRandom, Undeclared,
};
use store::{Database, DatabaseSettings, params, sql};
use testkit::contract::{
    LinkChecks, StandingClock, files_contract, http_get, key_value_contract, mailer_contract, queue_contract,
    sample_mail, secrets_contract, unique,
};

/// The server that `scripts/test` started, or the one that `scripts/postgres start --test` starts now.
#[expect(clippy::disallowed_methods, reason = "a test's own setting")]
fn server() -> DatabaseSettings {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
        let output = std::process::Command::new(script)
            .args(["start", "--test"])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    });
    database_settings(&url).unwrap()
}

fn home() -> Home {
    Home::open(std::env::temp_dir().join(unique("commonweal-local"))).unwrap()
}

async fn database() -> Database {
    let database = Database::new(
        server(),
        Arc::new(Undeclared),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )
    .unwrap();
    prepare(&database).await.unwrap();
    database
}

#[tokio::test]
async fn files() {
    let home = home();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let files = Arc::new(LocalFiles::open(&home, base, Arc::new(SystemClock)).unwrap());
    let mut server = tokio::task::JoinSet::new();
    server.spawn(axum::serve(listener, file_routes(files.clone())).into_future());
    files_contract(&*files, &|url| Box::pin(http_get(url)), LinkChecks::Enforced).await;
    home.clear().unwrap();
}

/// S3 says so when the upload is finished; who works on this machine hears it, too.
#[tokio::test]
async fn no_part_follows_a_short_one() {
    let home = home();
    let files = LocalFiles::open(&home, "http://127.0.0.1:1", Arc::new(SystemClock)).unwrap();
    let key = FileKey::new("short").unwrap();
    let mut upload = files
        .begin(Area::Private, &key, PutFile::default())
        .await
        .unwrap();
    upload.part("short".into()).await.unwrap();
    assert!(upload.part("next".into()).await.is_err());
    drop(upload);
    home.clear().unwrap();
}

#[tokio::test]
async fn queue() {
    let database = database().await;
    let queue = LocalQueue::new(database, Arc::new(SystemClock));
    queue_contract(&queue, &unique("work")).await;
}

#[tokio::test]
async fn five_deliveries_then_dead_then_redriven() {
    let database = database().await;
    let clock = Arc::new(StandingClock::at(SystemClock.now()));
    let queue = LocalQueue::new(database, clock.clone());
    let name = unique("poison");
    let message = Outgoing {
        queue: name.clone(),
        body: "x".into(),
        delay: Duration::ZERO,
    };
    queue.send(&[message]).await.unwrap().remove(0).unwrap();
    let minute = Duration::from_secs(60);
    for attempt in 1..=5 {
        let taken = queue.receive(&name, 10, Duration::ZERO, minute).await.unwrap();
        assert_eq!(taken[0].attempt, attempt);
        clock.advance(minute);
    }
    assert!(
        queue
            .receive(&name, 10, Duration::ZERO, minute)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        queue.depth(&name).await.unwrap(),
        ports::QueueDepth { waiting: 0, dead: 1 }
    );
    assert_eq!(queue.dead(&name).await.unwrap()[0].reason, "delivered too often");
    assert_eq!(queue.redrive(&name).await.unwrap(), 1);
    let again = queue.receive(&name, 10, Duration::ZERO, minute).await.unwrap();
    assert_eq!((again[0].attempt, again[0].body.as_str()), (1, "x"));
    queue.delete(&name, &again[0].receipt).await.unwrap();
}

#[tokio::test]
async fn key_value() {
    let database = database().await;
    let now = jiff::Timestamp::from_second(SystemClock.now().as_second()).unwrap();
    let clock = Arc::new(StandingClock::at(now));
    key_value_contract(&LocalKeyValue::new(database, clock.clone()), &clock).await;
}

#[tokio::test]
async fn secrets() {
    let home = home();
    let secrets = LocalSecrets::open(&home);
    std::fs::write(home.path("secrets.env"), "# ours\ntoken-key=s3cret=x\n").unwrap();
    secrets.generate(["token-key", "voter-file/api-key"]).unwrap();
    let missing = format!("{}: no/such-secret", home.path("secrets.env").display());
    secrets_contract(&secrets, "token-key", "s3cret=x", &missing).await;
    let text = std::fs::read_to_string(home.path("secrets.env")).unwrap();
    assert!(
        text.starts_with("# ours\n") && text.contains("\nvoter-file/api-key="),
        "{text}"
    );
}

#[tokio::test]
async fn mailer() {
    let database = database().await;
    let mailer = LocalMailer::new(database.clone(), Arc::new(SystemClock));
    mailer_contract(&mailer, "forms@example.org").await;

    let mail = sample_mail("forms@example.org");
    mailer.send(&mail).await.unwrap();
    mailer.send(&mail).await.unwrap();
    let rows = database
        .rows(
            sql!("select o.recipient, a.name, a.bytes from local.outbox o join local.attachment a on a.outbox_id = o.id where o.id = $1"),
            params![mail.id],
        )
        .await
        .unwrap();
    assert_eq!(
        rows.len(),
        1,
        "a mail is kept once for its id, with its attachment"
    );
    assert_eq!(rows[0].get::<String>("recipient").unwrap(), mail.to.email);
    assert_eq!(
        rows[0].get::<Vec<u8>>("bytes").unwrap(),
        mail.attachments[0].bytes
    );
}

/// A function gets what it declared, and an error that names the rest.
#[tokio::test]
async fn needs_are_kept() {
    use app::{Function, Need};
    const MODEST: Function =
        Function::schedule("voting-modest", "rate(1 minute)", |_| Box::pin(async { Ok(()) }))
            .needs(&[Need::Queue("voting-file-link"), Need::Secret("token-key")]);
    let twins = Twins::open(home(), server(), "http://127.0.0.1:1").await.unwrap();
    twins.secrets.generate(["token-key", "other"]).unwrap();
    let cx = twins.context(&MODEST).unwrap();
    let said = |error: ports::Error| error.cause().unwrap_or_default();
    assert!(cx.secrets().get("token-key").await.is_ok());
    assert!(said(cx.secrets().get("other").await.unwrap_err()).contains("the secret other"));
    assert!(said(cx.mailer().send(&sample_mail("a@b.example")).await.unwrap_err()).contains("Mail"));
    let message = |queue: &str| Outgoing {
        queue: queue.into(),
        body: "x".into(),
        delay: Duration::ZERO,
    };
    let refused = cx
        .ports
        .queue
        .send(&[message("voting-registration-notify")])
        .await
        .unwrap_err();
    assert!(said(refused).contains("the queue voting-registration-notify"));
    assert!(
        cx.db.warm().await.is_err(),
        "an undeclared database is not reached"
    );
}
