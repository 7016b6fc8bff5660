//! The pages of an organisation's staff: figures, the tools in frames, settings with their history, reports.

use std::sync::Arc;

use ports::Undeclared;
use serde_json::{Value, json};
use store::{Database, Sql, params, sql};
use testkit::TestDb;

use crate::{
    accounts::{Browser, Page, demo, sign_in},
    host::{Host, basics, whole},
};

async fn person<'a>(host: &'a Host, role: &str, tenant: &str) -> (Browser<'a>, String) {
    let demo = demo(host);
    let people = demo["people"].as_array().unwrap();
    let person = people
        .iter()
        .find(|person| person["role"] == role && person["tenant"] == tenant)
        .unwrap();
    (
        sign_in(host, person).await,
        person["email"].as_str().unwrap().to_owned(),
    )
}

/// Submits the page's form with the hidden fields that it came with.
async fn send(browser: &mut Browser<'_>, path: &str, hidden: &[&str], fields: &[(&str, &str)]) -> Page {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let kept: Vec<(String, String)> = hidden
        .iter()
        .map(|name| ((*name).to_owned(), page.hidden(name)))
        .collect();
    let all: Vec<(&str, &str)> = kept
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(fields.iter().copied())
        .collect();
    browser.submit(path, &all).await
}

const HOME: &str = "/voting/manage";
const SETTINGS: &str = "/voting/manage/settings";
const REPORTS: &str = "/voting/manage/reports";

async fn register(host: &Host, tenant: &str, body: Value) {
    let path = format!("/voting/v1/registration/register?subscriber={tenant}");
    let (status, answer) = host.post(&path, body).await;
    assert_eq!(status, 200, "{answer}");
}

async fn count(host: &Host) {
    let (status, body) = host.post("/_local/run/voting-count", json!({})).await;
    assert!(status < 300, "{status} {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_counts_what_ones_own_voters_did() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let (mut viewer, _) = person(&host, "viewer", "riverside").await;
    for n in 0..3 {
        register(&host, "riverside", whole(&format!("whole{n}@example.org"))).await;
    }
    let begun = format!(
        "/voting/v1/registration/register?incomplete=true&subscriber={}",
        "riverside"
    );
    assert_eq!(host.post(&begun, basics("begun@example.org")).await.0, 200);
    register(&host, "demo", whole("other@example.org")).await;
    host.mail("whole2@example.org", "/voting/download/").await;
    host.advance(1).await;
    count(&host).await;
    let page = viewer.get(HOME).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.body.matches("<strong>3</strong> of 4").count(),
        3,
        "today, this week, ever: {}",
        page.body
    );

    // What was committed late, far back, or deleted since is counted right by the next sweep.
    const LATE: Sql = sql!(
        "insert into voting.action (id, tenant_id, tool, visible_to_subscriber, created_at, finished_at)
         select gen_random_uuid(), tenant_id, 'register', true, now() - interval '40 days', now() - interval '39 days'
           from platform.tenant_slug where slug = 'riverside'"
    );
    owner.rows(LATE, params![]).await.unwrap();
    count(&host).await;
    count(&host).await;
    let page = viewer.get(HOME).await;
    assert!(page.body.contains("<strong>4</strong> of 5"), "{}", page.body);
    const FORGET: Sql = sql!("delete from voting.action where created_at < now() - interval '30 days'");
    owner.rows(FORGET, params![]).await.unwrap();
    count(&host).await;
    count(&host).await;
    let page = viewer.get(HOME).await;
    assert_eq!(
        page.body.matches("<strong>3</strong> of 4").count(),
        3,
        "{}",
        page.body
    );
    let spanish = viewer.get(&format!("{HOME}?lang=es")).await;
    assert!(spanish.body.contains("Últimos 7 días"));
    assert_eq!(
        Browser::new(&host).get(HOME).await.status,
        303,
        "nobody without a session"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_may_stand_in_a_frame_and_nothing_else_may() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let policy = async |path: &str| {
        let request = host.http.get(host.url(path)).header("accept", "text/html");
        let answer = request.send().await.unwrap();
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        (policy, answer.text().await.unwrap())
    };
    for path in ["/voting/register", "/voting/verify", "/voting/reminder"] {
        let (free, body) = policy(&format!("{path}?subscriber=riverside&embed=true")).await;
        assert!(free.ends_with("frame-ancestors *"), "{free}");
        assert!(!body.contains("usa-footer") && body.contains("Offered by Riverside Voters"));
        assert!(
            body.contains("embed=true"),
            "the other language stays in the frame"
        );
        let (whole, body) = policy(&format!("{path}?subscriber=riverside&embed=yes")).await;
        assert!(whole.ends_with("frame-ancestors 'none'"));
        assert!(body.contains("usa-footer"));
    }
    for path in ["/", "/voting", "/account/sign-in", "/voting/download/x/expired"] {
        let (policy, _) = policy(&format!("{path}?embed=true")).await;
        assert!(policy.ends_with("frame-ancestors 'none'"), "{path}: {policy}");
    }
    let (mut viewer, _) = person(&host, "viewer", "riverside").await;
    let page = viewer.get("/voting/manage/embed").await;
    assert!(
        page.body.contains("&lt;iframe src=") || page.body.contains("&#60;iframe src="),
        "{}",
        page.body
    );
    assert!(page.body.contains("/voting/reminder?subscriber=riverside"));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_once_by_who_may_and_stand_in_the_history() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let (mut browser, _) = person(&host, "owner", "riverside").await;
    let (mut editor, _) = person(&host, "editor", "riverside").await;
    let (mut viewer, _) = person(&host, "viewer", "riverside").await;
    let good = [
        ("organization", "Riverside & Friends"),
        ("url", "https://riverside.example/vote"),
        ("privacy_policy", ""),
        ("terms_of_service", "https://riverside.example/terms"),
        ("sms_mode", "box_checked"),
        ("sms_disclaimer", "Reply STOP to end."),
    ];
    let with = |name: &'static str, value: &'static str| {
        let mut fields = good;
        fields.iter_mut().find(|field| field.0 == name).unwrap().1 = value;
        fields
    };
    for (name, value) in [
        ("url", "javascript:alert(1)"),
        ("privacy_policy", "riverside"),
        ("organization", " "),
        ("sms_mode", "shout"),
    ] {
        let page = send(&mut browser, SETTINGS, &["seen"], &with(name, value)).await;
        assert_eq!(page.status, 400, "{name}");
        assert!(
            page.body.contains(&format!("href=\"#{name}\"")),
            "{name}: {}",
            page.body
        );
    }
    let long = "x".repeat(501);
    let mut fields = good;
    fields[5].1 = &long;
    assert_eq!(send(&mut browser, SETTINGS, &["seen"], &fields).await.status, 400);

    let seen = browser.get(SETTINGS).await.hidden("seen");
    let saved = send(&mut browser, SETTINGS, &["seen"], &good).await;
    assert_eq!(
        saved.location, "/voting/manage/settings?saved=true",
        "{}",
        saved.body
    );
    // Sent twice it is saved once; what somebody else changed in between is not lost.
    let again: Vec<_> = good.into_iter().chain([("seen", seen.as_str())]).collect();
    assert_eq!(browser.submit(SETTINGS, &again).await.status, 303);
    let stale: Vec<_> = with("organization", "Third Name")
        .into_iter()
        .chain([("seen", seen.as_str())])
        .collect();
    let refused = editor.submit(SETTINGS, &stale).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("Third Name") && refused.body.contains("Somebody else saved"));
    assert!(
        !refused.body.contains("What changed"),
        "an editor does not see the history"
    );

    let shown = browser.get(SETTINGS).await.body;
    assert!(
        shown.contains("<del>Riverside Voters</del> → <ins>Riverside &#38; Friends</ins>")
            || shown.contains("<del>Riverside Voters</del> → <ins>Riverside &amp; Friends</ins>"),
        "{shown}"
    );
    assert!(shown.contains("<ins>A box to tick, ticked at first</ins>"));
    let subscriber = host.get("/voting/v1/subscriber/id/riverside").await;
    assert_eq!(subscriber["name"], "Riverside & Friends");
    assert_eq!(
        (&subscriber["sms_checkbox_default"], &subscriber["privacy_policy"]),
        (&json!(true), &json!(""))
    );
    assert_eq!(
        host.get("/voting/v1/subscriber/id/demo").await["name"],
        "Commonweal demonstration",
        "another organisation stays as it was"
    );
    const ENTRIES: Sql = sql!("select count(*) from platform.audit_entry where action = 'subscriber.change'");
    let entries: i64 = owner.one(ENTRIES, params![]).await.unwrap().get("count").unwrap();
    assert_eq!(entries, 1);
    assert_eq!(viewer.get(SETTINGS).await.status, 403);
    assert_eq!(
        viewer.submit("/voting/manage/reports", &good).await.status,
        403,
        "a viewer asks for no report"
    );
}

/// The file that a mailed link leads to.
async fn fetched(host: &Host, link: &str) -> (u16, String) {
    let path = &link[link.find("/voting/download/").unwrap()..];
    let answer = host.http.get(host.url(path)).send().await.unwrap();
    if answer.status() != 302 {
        return (answer.status().as_u16(), String::new());
    }
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let file = host
        .http
        .get(location)
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    (file.status().as_u16(), file.text().await.unwrap())
}

async fn report_link(host: &Host, to: &str) -> String {
    let mail = host.mail(to, "/voting/download/").await;
    mail["links"][0].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_asked_once_mailed_and_read_by_who_may() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let (mut editor, email) = person(&host, "editor", "riverside").await;
    let mut formula = whole("formula@example.org");
    formula["first_name"] = json!("=HYPERLINK(\"x\")");
    formula["phone"] = json!("617-555-0142");
    register(&host, "riverside", formula).await;
    register(&host, "demo", whole("other.tenant@example.org")).await;

    for (fields, name) in [
        ([("kind", "everything"), ("from", ""), ("to", "")], "kind"),
        ([("kind", "register"), ("from", "2026-13-01"), ("to", "")], "from"),
        (
            [("kind", "register"), ("from", "2026-02-02"), ("to", "2026-02-01")],
            "to",
        ),
        ([("kind", "register"), ("from", ""), ("to", "tomorrow")], "to"),
    ] {
        let page = send(&mut editor, REPORTS, &["once"], &fields).await;
        assert_eq!(page.status, 400);
        assert!(page.body.contains(&format!("href=\"#{name}\"")), "{}", page.body);
    }
    host.advance(5).await;
    let once = editor.get(REPORTS).await.hidden("once");
    let fields = [
        ("kind", "register"),
        ("from", ""),
        ("to", ""),
        ("once", once.as_str()),
    ];
    for _ in 0..2 {
        let asked = editor.submit(REPORTS, &fields).await;
        assert_eq!(
            asked.location, "/voting/manage/reports?done=asked",
            "{}",
            asked.body
        );
    }
    let link = report_link(&host, &email).await;
    let (status, csv) = fetched(&host, &link).await;
    assert_eq!(status, 200);
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert!(lines[0].starts_with("id,action_id,created_at,updated_at,subscriber,status,title,first_name"));
    assert_eq!(lines.len(), 3, "a header, a voter, an end: {csv}");
    assert!(
        lines[1].contains("\"'=HYPERLINK(\"\"x\"\")\"") && lines[1].contains(",+16175550142,"),
        "{csv}"
    );
    assert!(!csv.contains("other.tenant"));
    assert_eq!(
        host.mails_to(&email).await,
        1,
        "asked twice, made and mailed once"
    );
    let list = editor.get(REPORTS).await.body;
    assert!(
        list.contains("Ready: 1 row;") && list.contains("downloaded"),
        "{list}"
    );

    // A period before the first voter is an empty table.
    let fields = [("kind", "register"), ("from", "2020-01-01"), ("to", "2020-12-31")];
    assert_eq!(send(&mut editor, REPORTS, &["once"], &fields).await.status, 303);
    host.advance(1).await;
    let list = editor.get(REPORTS).await.body;
    assert!(
        list.contains("2020-01-01 – 2020-12-31") && list.contains("Ready: 0 rows"),
        "{list}"
    );

    // The free plan has none of this; who left the organisation cannot use their link any more.
    let set = async |sql: Sql| owner.rows(sql, params![]).await.unwrap();
    set(sql!(
        "update platform.tenant set plan = 'free' where name = 'Riverside Voters'"
    ))
    .await;
    assert_eq!(editor.get(REPORTS).await.status, 404);
    assert!(!editor.get(HOME).await.body.contains(REPORTS));
    set(sql!(
        "update platform.tenant set plan = 'nonprofit' where name = 'Riverside Voters'"
    ))
    .await;
    set(sql!("delete from platform.membership where role = 'editor'")).await;
    assert_eq!(fetched(&host, &link).await.0, 404);

    // Ids travel, people do not; each report stands in the history.
    const TRAIL: Sql = sql!(
        "select (select count(*) from platform.audit_entry where action = 'report.create') as asked,
                (select count(*) from platform.audit_entry where action = 'report.finish') as made"
    );
    let row = owner.one(TRAIL, params![]).await.unwrap();
    assert_eq!(
        (row.get::<i64>("asked").unwrap(), row.get::<i64>("made").unwrap()),
        (2, 2)
    );
    let printed = host.printed.lock().unwrap().clone();
    let log: String = printed.lines().filter(|line| line.starts_with('{')).collect();
    for secret in ["formula@example.org", "HYPERLINK", email.as_str()] {
        assert!(!log.contains(secret), "{secret} was logged");
    }
}

/// Rows that together are far larger than what the process may grow by.
const MANY: i64 = 100_000;

async fn many_voters(owner: &Database) {
    owner
        .batch(&format!(
            "with t as (select tenant_id from platform.tenant_slug where slug = 'riverside'),
                  a as (insert into voting.action (id, tenant_id, tool, visible_to_subscriber, created_at)
                        select gen_random_uuid(), t.tenant_id, 'register', n % 10 <> 0, now() - n * interval '1 second'
                          from t, generate_series(1, {MANY}) n returning id, tenant_id, created_at)
             insert into voting.registration (id, tenant_id, action_id, created_at, modified_at, status, first_name, last_name,
                 address1, city, state, zipcode, email, referring_tool, utm_content)
             select gen_random_uuid(), tenant_id, id, created_at, created_at, 'Pending', 'Maya', 'Ejemplo', '12 Main St', 'Boston',
                    'MA', '02108', 'maya@example.org', repeat('x', 300), repeat('y', 300) from a"
        ))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_hundred_thousand_voters_needs_little_memory() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    owner.batch("set statement_timeout = 0").await.unwrap();
    many_voters(&owner).await;
    let (mut editor, email) = person(&host, "editor", "riverside").await;
    editor.get(REPORTS).await;
    let before = host.peak_memory();
    let asked = send(
        &mut editor,
        REPORTS,
        &["once"],
        &[("kind", "register"), ("from", ""), ("to", "")],
    )
    .await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let began = std::time::Instant::now();
    let link = loop {
        if let Some(mail) = host
            .outbox()
            .await
            .into_iter()
            .find(|mail| mail["to"].as_str().is_some_and(|to| to.contains(&email)))
        {
            break mail["links"][0].as_str().unwrap().to_owned();
        }
        assert!(began.elapsed().as_secs() < 120, "no report in two minutes");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    let grown = host.peak_memory().saturating_sub(before);
    let (status, csv) = fetched(&host, &link).await;
    assert_eq!(status, 200);
    assert_eq!(
        csv.matches("\r\n").count(),
        90_001,
        "every visible voter once, and the header"
    );
    assert!(csv.len() > 70 << 20, "{} bytes", csv.len());
    println!(
        "{} MB written in {:?}; the process grew by {} MB",
        csv.len() >> 20,
        began.elapsed(),
        grown >> 20
    );
    assert!(grown < 48 << 20, "the process grew by {grown} bytes");
}
