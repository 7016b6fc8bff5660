//! Sessions, searches and the sealed store without the house around them; and a court's site that misbehaves.

use std::{sync::Arc, time::Duration};

use app::Outcome;
use axum::http::{HeaderMap, header};
use domain::expungement::Alias;
use jiff::SignedDuration;
use ports::{Kind, SystemRandom};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    found::{self, Status},
    order::Order,
    session::{Credentials, LISTED, Session},
    site::{Site, SiteError},
    trouble::Trouble,
};
use crate::{
    jobs::court_crawl,
    test_context::{Memory, TestClock},
};

fn credentials() -> Credentials {
    Credentials {
        username: "clerk".to_owned(),
        password: "open sesame".to_owned(),
    }
}

fn alias() -> Alias {
    Alias {
        first_name: "John".to_owned(),
        last_name: "Doe".to_owned(),
        ..Alias::default()
    }
}

/// Begins a session and returns the headers that a browser sends from then on.
async fn begin(cx: &app::Context) -> HeaderMap {
    let set = Session::begin(cx, &credentials()).await.unwrap();
    let cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(set.to_str().unwrap().contains("; Secure"));
    HeaderMap::from_iter([(header::COOKIE, format!("a=b; {cookie}").parse().unwrap())])
}

#[tokio::test]
async fn a_session_is_opened_by_its_cookie_only() {
    let (memory, clock) = (Arc::<Memory>::default(), TestClock::new());
    let cx = memory.context(&clock, "http://127.0.0.1:1");
    let headers = begin(&cx).await;
    let session = Session::of(&cx, &headers).await.unwrap();
    assert_eq!(session.credentials.password, "open sesame");
    assert_eq!(format!("{:?}", session.credentials), "Credentials(…)");
    // The store holds neither the token nor what it opens, and a record moved to another session's place opens nothing.
    let token = headers[header::COOKIE]
        .to_str()
        .unwrap()
        .rsplit('=')
        .next()
        .unwrap()
        .to_owned();
    for (key, entry) in memory.entries.lock().unwrap().iter() {
        let text = format!("{key} {}", entry.value);
        assert!(!text.contains(&token) && !text.contains("sesame") && !text.contains("clerk"));
    }
    let other = begin(&cx).await;
    let other_name = Session::of(&cx, &other).await.unwrap().name;
    {
        let mut entries = memory.entries.lock().unwrap();
        let mine = entries[&format!("court-session#{}", session.name)].clone();
        entries.insert(format!("court-session#{other_name}"), mine);
    }
    assert_eq!(
        Session::of(&cx, &other).await.err().unwrap().kind(),
        Kind::Unauthenticated
    );
    clock.advance(SignedDuration::from_secs(3601));
    assert_eq!(
        Session::of(&cx, &headers).await.err().unwrap().kind(),
        Kind::Unauthenticated
    );
}

#[tokio::test]
async fn large_things_go_to_a_file_and_nothing_is_readable() {
    let (memory, clock) = (Arc::<Memory>::default(), TestClock::new());
    let cx = memory.context(&clock, "http://127.0.0.1:1");
    let session = Session::of(&cx, &begin(&cx).await).await.unwrap();
    let vault = session.vault(&cx);
    let mut random = vec![0; 600 * 1024];
    ports::Random::fill(&SystemRandom, &mut random);
    let plain = "a name that repeats ".repeat(50_000);
    vault.put("large", &random).await.unwrap();
    vault.put("plain", plain.as_bytes()).await.unwrap();
    assert_eq!(
        memory.files.lock().unwrap().len(),
        1,
        "what compresses well stays in the store"
    );
    assert_eq!(vault.get("large").await.unwrap().as_deref(), Some(&random[..]));
    assert_eq!(
        vault.get("plain").await.unwrap().as_deref(),
        Some(plain.as_bytes())
    );
    assert_eq!(vault.get("none").await.unwrap(), None);
    for bytes in memory.files.lock().unwrap().values() {
        assert!(!bytes.windows(16).any(|part| part == &random[..16]));
    }
    let stranger = Session::of(&cx, &begin(&cx).await).await.unwrap();
    let mut theirs = stranger.vault(&cx);
    theirs.session.clone_from(&session.name);
    assert_eq!(
        theirs.get("large").await.unwrap(),
        None,
        "opened by another session's key"
    );
    vault.delete("large").await.unwrap();
    assert!(memory.files.lock().unwrap().is_empty());
    assert_eq!(vault.get("large").await.unwrap(), None);
    assert!(vault.put("huge", &vec![0; 25 << 20]).await.is_err());
}

#[tokio::test]
async fn one_crawl_serves_all_who_ask_for_the_same() {
    let (memory, clock) = (Arc::<Memory>::default(), TestClock::new());
    let cx = memory.context(&clock, "http://127.0.0.1:1");
    let session = Session::of(&cx, &begin(&cx).await).await.unwrap();
    let (first, _) = found::search(&cx, &session, &[alias()], None).await.unwrap();
    let spaced = Alias {
        first_name: " John ".to_owned(),
        ..alias()
    };
    let (again, _) = found::search(&cx, &session, &[spaced], None).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(memory.sent.lock().unwrap().len(), 1);
    let message = memory.sent.lock().unwrap()[0].body.clone();
    for personal in ["John", "Doe", "clerk", "sesame", &session.name] {
        assert!(!message.contains(personal), "{personal} travels in the message");
    }
    // A crawl that never ended is begun anew, and not without limit.
    clock.advance(SignedDuration::from_mins(16));
    let (anew, _) = found::search(&cx, &session, &[alias()], None).await.unwrap();
    assert_ne!(first, anew);
    for number in 0..58 {
        let other = Alias {
            last_name: format!("Doe{number}"),
            ..alias()
        };
        found::search(&cx, &session, &[other], None).await.unwrap();
    }
    let error = found::search(&cx, &session, &[Alias::default()], None)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "too_many_searches");
    found::forget(&cx, &session).await.unwrap();
    let entries = memory.entries.lock().unwrap();
    let left: Vec<_> = entries
        .keys()
        .filter(|key| !key.starts_with("court-searches-count#") && !key.starts_with("court-aliases#"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_list_of_a_hundred_clients_leaves_its_sender_free_to_search() {
    let (memory, clock) = (Arc::<Memory>::default(), TestClock::new());
    let cx = memory.context(&clock, "http://127.0.0.1:1");
    let session = Session::of(&cx, &begin(&cx).await).await.unwrap();
    let client = |number: i64| Alias {
        last_name: format!("Client{number}"),
        ..alias()
    };
    let mut last = None;
    for number in 0..100 {
        let in_turn = usize::try_from(number).unwrap();
        let (id, _) = found::search_within(&cx, &session, &[client(number)], None, &LISTED, in_turn)
            .await
            .unwrap();
        last = Some(id);
    }
    let last = last.unwrap();
    // The last waits for those before it: its order must not lapse with a quarter of an hour.
    let delay = memory.sent.lock().unwrap()[99].delay;
    assert_eq!(delay, Duration::from_secs(99));
    clock.advance(SignedDuration::from_mins(30));
    assert!(Order::take(&cx, last).await.unwrap().is_some());
    let (typed, _) = found::search(&cx, &session, &[alias()], None).await.unwrap();
    assert_eq!(memory.sent.lock().unwrap()[100].delay, Duration::ZERO);
    // A list has its limit, too, which is not that of who searches.
    for number in 100..LISTED.most {
        let (cx, session, client) = (&cx, &session, client(number));
        found::search_within(cx, session, &[client], None, &LISTED, 0)
            .await
            .unwrap();
    }
    let error = found::search_within(&cx, &session, &[client(LISTED.most)], None, &LISTED, 0)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "too_many_searches");
    found::forget(&cx, &session).await.unwrap();
    for search in [typed, last] {
        assert!(
            found::by_id(&cx, &session, search).await.is_err(),
            "it was not forgotten"
        );
        assert!(Order::take(&cx, search).await.unwrap().is_none());
    }
}

/// What the queue delivers.
fn delivered(memory: &Memory) -> store::Envelope {
    let body = memory.sent.lock().unwrap().last().unwrap().body.clone();
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn a_crawl_runs_once_however_often_its_message_comes() {
    let (memory, clock) = (Arc::<Memory>::default(), TestClock::new());
    // Nobody listens there.
    let cx = memory.context(&clock, "http://127.0.0.1:1");
    let session = Session::of(&cx, &begin(&cx).await).await.unwrap();
    let (id, _) = found::search(&cx, &session, &[alias()], None).await.unwrap();
    assert!(Order::take(&cx, id).await.unwrap().is_some());
    let envelope = delivered(&memory);
    assert_eq!(
        court_crawl(cx.clone(), envelope.clone()).await.unwrap(),
        Outcome::Done
    );
    let ended = found::by_id(&cx, &session, id).await.unwrap();
    assert_eq!(ended.status, Status::Failed);
    let told = found::of(&cx, &session, id, &ended).await.unwrap();
    assert!(told.errors == [Trouble::Silent], "{:?}", told.errors);
    assert!(
        Order::take(&cx, id).await.unwrap().is_none(),
        "the order outlived its crawl"
    );
    let before = memory.entries.lock().unwrap().clone();
    assert_eq!(
        court_crawl(cx.clone(), envelope.clone()).await.unwrap(),
        Outcome::Done
    );
    assert_eq!(
        *memory.entries.lock().unwrap(),
        before,
        "a second delivery did something"
    );
    // After a log-out a late message keeps nothing.
    let (_, _) = found::search(&cx, &session, &[alias()], None).await.unwrap();
    let late = delivered(&memory);
    found::forget(&cx, &session).await.unwrap();
    assert_eq!(court_crawl(cx, late).await.unwrap(), Outcome::Done);
    assert!(
        !memory
            .entries
            .lock()
            .unwrap()
            .keys()
            .any(|key| key.starts_with("court-found#"))
    );
}

#[tokio::test]
async fn a_message_of_another_kind_is_refused() {
    let (memory, clock) = (Arc::<Memory>::default(), TestClock::new());
    let cx = memory.context(&clock, "http://127.0.0.1:1");
    let mut envelope = store::Envelope::untenanted(
        uuid::Uuid::nil(),
        &crate::jobs::CourtCrawl {
            search: uuid::Uuid::nil(),
        },
    )
    .unwrap();
    assert_eq!(
        court_crawl(cx.clone(), envelope.clone()).await.unwrap(),
        Outcome::Done
    );
    envelope.args = serde_json::json!({"search": "../.."});
    assert_eq!(
        court_crawl(cx.clone(), envelope.clone())
            .await
            .unwrap_err()
            .code(),
        "other_arguments"
    );
    envelope.job = "other".to_owned();
    assert_eq!(court_crawl(cx, envelope).await.unwrap_err().code(), "other_job");
}

/// A server that answers each connection with these bytes, then holds it open.
async fn server(answer: &'static str, more: &'static [u8], times: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/site", listener.local_addr().unwrap());
    let own = base.clone();
    #[expect(clippy::disallowed_methods, reason = "the other side of a test")]
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 8192];
            let _ = socket.read(&mut request).await;
            let head = answer.replace("BASE", &own);
            let _ = socket.write_all(head.as_bytes()).await;
            for _ in 0..times {
                if socket.write_all(more).await.is_err() {
                    break;
                }
            }
            if times == 0 {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
        }
    });
    base
}

async fn sign_in(base: &str) -> SiteError {
    let site = Site::new(base, &SystemRandom).unwrap();
    site.sign_in(&credentials()).await.err().unwrap()
}

#[tokio::test]
async fn a_site_that_misbehaves_is_left() {
    static MEGABYTE: [u8; 1 << 20] = [b'x'; 1 << 20];
    let endless = server("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", &MEGABYTE, 12).await;
    assert!(matches!(sign_in(&endless).await, SiteError::Page(_)));
    let loops = server(
        "HTTP/1.1 302 Found\r\nlocation: BASE/login.aspx\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"",
        1,
    )
    .await;
    assert_eq!(sign_in(&loops).await, SiteError::Failed("too many redirects"));
    let elsewhere = server(
        "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"",
        1,
    )
    .await;
    assert_eq!(
        sign_in(&elsewhere).await,
        SiteError::Failed("a link that leads out of the court's site")
    );
    let error = server(
        "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"",
        1,
    )
    .await;
    assert_eq!(sign_in(&error).await, SiteError::Failed("answered with an error"));
    let maintenance = server(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\nOregon eCourt is temporarily unavailable due to maintenance",
        b"",
        1,
    )
    .await;
    assert_eq!(sign_in(&maintenance).await, SiteError::Offline);
    let refuses = server(
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nLogin",
        b"",
        1,
    )
    .await;
    assert_eq!(sign_in(&refuses).await, SiteError::Refused);
    assert_eq!(
        sign_in("http://127.0.0.1:1").await,
        SiteError::Failed("could not be reached")
    );
}

#[tokio::test(start_paused = true)]
async fn a_site_that_says_nothing_is_given_up() {
    // Time runs only where all wait: the fifteen seconds pass at once.
    let silent = server("", b"", 0).await;
    assert_eq!(sign_in(&silent).await, SiteError::Failed("timed out"));
}
