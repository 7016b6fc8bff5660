//! Sign-in by a provider, and tokens of an issuer, against the local provider's real HTTP: what works, and every way in which a provider's
//! answer may be wrong, stolen or planted.

use std::sync::Arc;

use identity::totp::TotpSecret;
use jiff::Timestamp;
use ports::Undeclared;
use serde_json::{Value, json};
use store::{Database, Sql, params, sql};
use testkit::TestDb;

use crate::{
    accounts::{self, Browser, Page, demo},
    host::Host,
};

const ELENA: &str = "p-1001";
const AMIR: &str = "p-1002";
const NADIA: &str = "p-1003";

/// Asks to sign in; the address at the provider, with its query.
async fn begin(browser: &mut Browser<'_>, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 303, "{}", page.body);
    assert!(
        page.location
            .starts_with(&browser.host.url("/_local/openid/authorize?")),
        "{}",
        page.location
    );
    page.location
}

/// Somebody says at the provider who they are; the path that they are sent back to.
async fn choose(host: &Host, address: &str, subject: &str) -> String {
    let page = host.http.get(address).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Elena Editor"));
    let (action, query) = address.split_once('?').unwrap();
    let answer = host
        .http
        .post(action)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("{query}&person={subject}"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 303);
    let location = answer.headers()["location"].to_str().unwrap();
    let path = location.strip_prefix(&host.url("")).unwrap();
    assert!(path.starts_with("/account/openid/city/callback?"), "{path}");
    path.to_owned()
}

async fn through(browser: &mut Browser<'_>, path: &str, subject: &str) -> Page {
    let address = begin(browser, path).await;
    let back = choose(browser.host, &address, subject).await;
    browser.get(&back).await
}

async fn enter(browser: &mut Browser<'_>, subject: &str) -> Page {
    through(browser, "/account/openid/city?next=/platform/members", subject).await
}

async fn control(host: &Host, what: Value) {
    let answer = host
        .http
        .post(host.url("/_local/openid/control"))
        .json(&what)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 204, "{what}");
}

/// Organisation, role, and whether a provider gave it.
async fn roles(owner: &Database, email: &str) -> Vec<(String, String, bool)> {
    const ROLES: Sql = sql!(
        "select s.slug, m.role, m.issuer is not null as given from platform.membership m
           join platform.account a on a.id = m.account_id join platform.tenant_slug s on s.tenant_id = m.tenant_id
          where a.email = $1 order by s.slug"
    );
    let rows = owner.rows(ROLES, params![email]).await.unwrap();
    rows.iter()
        .map(|row| {
            (
                row.get("slug").unwrap(),
                row.get("role").unwrap(),
                row.get("given").unwrap(),
            )
        })
        .collect()
}

fn role(slug: &str, role: &str, given: bool) -> (String, String, bool) {
    (slug.to_owned(), role.to_owned(), given)
}

async fn count(owner: &Database, sql: Sql) -> i64 {
    owner.one(sql, params![]).await.unwrap().get("count").unwrap()
}

/// Waits for a mail with this subject.
async fn is_told(owner: &Database, email: &str, subject: &str) {
    const TOLD: Sql = sql!("select 1 as one from local.outbox where recipient = $1 and subject = $2");
    let began = std::time::Instant::now();
    while owner
        .rows(TOLD, params![email, subject])
        .await
        .unwrap()
        .is_empty()
    {
        assert!(began.elapsed().as_secs() < 20, "{email} is not told: {subject}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

const IDENTITIES: Sql = sql!("select count(*) from platform.external_identity");
const ACCOUNTS: Sql = sql!("select count(*) from platform.account");

#[tokio::test(flavor = "multi_thread")]
async fn people_of_a_provider_sign_in_with_the_roles_of_their_claims() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let people = demo(&host)["openid"]["people"].clone();
    assert_eq!(people.as_array().unwrap().len(), 3);

    let mut browser = Browser::new(&host);
    let page = browser.get("/account/sign-in?next=/platform/members").await;
    let button = "href=\"/account/openid/city?next=%2Fplatform%2Fmembers\"";
    assert!(page.body.contains(button), "{}", page.body);

    // Her first two sign-ins at once make one account.
    let path = "/account/openid/city?next=/platform/members";
    let (mut one, mut other) = (Browser::new(&host), Browser::new(&host));
    let first = begin(&mut one, path).await;
    let first = choose(&host, &first, ELENA).await;
    let second = begin(&mut other, path).await;
    let second = choose(&host, &second, ELENA).await;
    let (first, second) = tokio::join!(one.get(&first), other.get(&second));
    for page in [first, second] {
        assert_eq!(
            page.location, "/platform/members",
            "{} {}",
            page.status, page.body
        );
    }
    assert_eq!(count(&owner, IDENTITIES).await, 1);

    // Elena is an editor, and her provider asked for a second factor.
    assert_eq!(enter(&mut browser, ELENA).await.location, "/platform/members");
    let members = browser.get("/platform/members").await;
    assert_eq!(members.status, 200);
    assert!(members.body.contains("elena@city.example"));
    assert_eq!(
        roles(&owner, "elena@city.example").await,
        [role("demo", "editor", true)]
    );
    let account = browser.get("/account").await;
    assert!(account.body.contains("Elena Editor") && account.body.contains("Account made"));
    assert!(account.body.contains("Sign-in by a provider connected"));
    // She leaves here, and is told how to leave there.
    let out = browser.submit("/account/sign-out", &[]).await;
    assert_eq!(out.location, "/account/openid/city/sign-out");
    let page = browser.get(&out.location).await;
    assert!(
        page.body
            .contains("/_local/openid/sign-out?client_id=commonweal&#38;post_logout_redirect_uri=")
            || page
                .body
                .contains("/_local/openid/sign-out?client_id=commonweal&amp;post_logout_redirect_uri="),
        "{}",
        page.body
    );
    assert_eq!(browser.get("/account").await.status, 303);

    // Nadia gets an account and nothing else; her provider asked for a password only.
    let mut browser = Browser::new(&host);
    assert_eq!(enter(&mut browser, NADIA).await.location, "/platform/members");
    assert_eq!(
        browser.get("/platform/members").await.location,
        "/account/second-factor?required=true"
    );
    assert!(roles(&owner, "nadia@city.example").await.is_empty());
    const NADIA_IS: Sql =
        sql!("select name, time_zone from platform.account where email = 'nadia@city.example'");
    let row = owner.one(NADIA_IS, params![]).await.unwrap();
    assert_eq!(row.get::<&str>("name").unwrap(), "Nadia Newcomer");
    assert_eq!(row.get::<&str>("time_zone").unwrap(), "America/Los_Angeles");

    // Claims change: what the provider gave goes, comes and changes with them.
    control(&host, json!({"groups": {ELENA: ["riverside-admins", "x"]}})).await;
    enter(&mut Browser::new(&host), ELENA).await;
    assert_eq!(
        roles(&owner, "elena@city.example").await,
        [role("riverside", "admin", true)]
    );
    control(
        &host,
        json!({"groups": {ELENA: ["riverside-admins", "demo-editors"]}}),
    )
    .await;
    enter(&mut Browser::new(&host), ELENA).await;
    assert_eq!(
        roles(&owner, "elena@city.example").await,
        [role("demo", "editor", true), role("riverside", "admin", true)]
    );
    const BY_PROVIDER: Sql = sql!(
        "select count(*) from platform.audit_entry where actor_kind = 'provider' and action like 'membership.%'"
    );
    assert_eq!(count(&owner, BY_PROVIDER).await, 4, "three given, one taken");
    // What is changed by hand, here by an owner on the members' page, stays.
    let olivia = demo(&host)["people"]
        .as_array()
        .unwrap()
        .iter()
        .find(|person| person["role"] == "owner" && person["tenant"] == "riverside")
        .cloned()
        .unwrap();
    let mut olivia = accounts::sign_in(&host, &olivia).await;
    const ELENA_ID: Sql = sql!("select id from platform.account where email = 'elena@city.example'");
    let id: uuid::Uuid = owner.one(ELENA_ID, params![]).await.unwrap().get("id").unwrap();
    let token = olivia.get("/platform/members").await.hidden("form_token");
    let request = host
        .http
        .post(host.url(&format!("/platform/members/{id}/role")))
        .header("sec-fetch-site", "same-origin")
        .json(&json!({"role": "viewer", "form_token": token}));
    assert_eq!(olivia.send(request).await.status, 303);
    control(&host, json!({"groups": {ELENA: []}})).await;
    enter(&mut Browser::new(&host), ELENA).await;
    assert_eq!(
        roles(&owner, "elena@city.example").await,
        [role("riverside", "viewer", false)]
    );
    assert_eq!(count(&owner, IDENTITIES).await, 2, "the same person each time");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_for_this_sign_in_lets_nobody_in() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let before = count(&owner, ACCOUNTS).await;

    let refused = async |browser: &mut Browser<'_>, path: &str, why: &str| {
        let page = browser.get(path).await;
        assert_eq!(page.status, 400, "{why}: {} {}", page.location, page.body);
        assert!(page.body.contains("did not work"), "{why}");
        assert!(!browser.cookies.contains_key("session"), "{why}");
    };

    // Each fault of a token, and the code of it in the log.
    for (fault, code) in [
        ("algorithm_none", "algorithm"),
        ("public_key_as_secret", "algorithm"),
        ("strangers_key", "signature"),
        ("wrong_nonce", "nonce"),
        ("wrong_audience", "audience"),
        ("wrong_issuer", "issuer"),
        ("wrong_party", "authorized_party"),
        ("wrong_access_token", "access_token_hash"),
        ("expired", "expired"),
        ("just_expired", "expired"),
        ("from_the_future", "not_yet"),
        ("other_userinfo", "userinfo_subject"),
    ] {
        control(&host, json!({ "fault": fault })).await;
        let mut browser = Browser::new(&host);
        let address = begin(&mut browser, "/account/openid/city").await;
        let back = choose(&host, &address, ELENA).await;
        let read = host.printed.lock().unwrap().len();
        refused(&mut browser, &back, fault).await;
        // What the process prints is read by a thread of its own.
        let mark = format!("\"code\":\"{code}\"");
        let began = std::time::Instant::now();
        while !host.printed.lock().unwrap()[read..].contains(&mark) {
            assert!(began.elapsed().as_secs() < 20, "{fault}: no {mark} in the log");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    assert_eq!(count(&owner, ACCOUNTS).await, before);

    // A state is of one browser, one provider's answer, ten minutes, and one use.
    let mut browser = Browser::new(&host);
    let address = begin(&mut browser, "/account/openid/city").await;
    let back = choose(&host, &address, ELENA).await;
    refused(&mut Browser::new(&host), &back, "no cookie").await;
    let mut other = Browser::new(&host);
    begin(&mut other, "/account/openid/city").await;
    refused(&mut other, &back, "another browser").await;
    let (path, query) = back.split_once('?').unwrap();
    let with = |name: &str, value: &str| {
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((known, _)) if known == name => format!("{name}={value}"),
                _ => pair.to_owned(),
            })
            .collect();
        format!("{path}?{}", pairs.join("&"))
    };
    for state in ["", "x", &"A".repeat(43)] {
        refused(&mut browser, &with("state", state), "another state").await;
    }
    refused(&mut browser, path, "no state at all").await;
    assert_eq!(
        browser.get(&back).await.location,
        "/account",
        "what was tried in between took nothing away"
    );
    // Used: again in the same browser, with and without the session.
    assert_eq!(browser.get(&back).await.status, 400);
    let mut browser = Browser::new(&host);
    let address = begin(&mut browser, "/account/openid/city").await;
    let first = choose(&host, &address, ELENA).await;
    let mut thief = Browser::new(&host);
    let address = begin(&mut thief, "/account/openid/city").await;
    let own = choose(&host, &address, NADIA).await;
    let value = |back: &str, name: &str| {
        let pairs = back.split_once('?').unwrap().1.split('&');
        let pair = pairs
            .map(|pair| pair.split_once('=').unwrap())
            .find(|pair| pair.0 == name);
        pair.unwrap().1.to_owned()
    };
    // A stolen code under one's own state: PKCE and the nonce are of the other browser.
    let planted = own.replace(&value(&own, "code"), &value(&first, "code"));
    refused(&mut thief, &planted, "another's code").await;
    refused(&mut browser, &first, "the code was used up by that").await;
    // Another issuer's answer in the place of this one's.
    let mut browser = Browser::new(&host);
    let address = begin(&mut browser, "/account/openid/city").await;
    let back = choose(&host, &address, ELENA).await;
    let mixed = back.replace(&value(&back, "iss"), "https%3A%2F%2Fid.evil.example");
    refused(&mut browser, &mixed, "issuer mix-up").await;
    let mut browser = Browser::new(&host);
    let address = begin(&mut browser, "/account/openid/city").await;
    let back = choose(&host, &address, ELENA).await;
    let unnamed = back.replace("&iss=", "&was=");
    assert_ne!(back, unnamed);
    refused(&mut browser, &unnamed, "no issuer, where it names itself").await;
    // Too late.
    let mut browser = Browser::new(&host);
    let address = begin(&mut browser, "/account/openid/city").await;
    let back = choose(&host, &address, ELENA).await;
    host.advance(601).await;
    refused(&mut browser, &back, "too late").await;
    // Cancelled.
    let mut browser = Browser::new(&host);
    let address = begin(&mut browser, "/account/openid/city").await;
    let back = choose(&host, &address, "").await;
    assert!(back.contains("error=access_denied"));
    refused(&mut browser, &back, "cancelled").await;

    // A little late is in time, and `next` leads nowhere else.
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let mut browser = Browser::new(&host);
        control(&host, json!({"fault": "within_skew"})).await;
        let path = format!("/account/openid/city?next={next}");
        assert_eq!(
            through(&mut browser, &path, ELENA).await.location,
            "/account",
            "{next}"
        );
    }
    assert_eq!(
        Browser::new(&host).get("/account/openid/nobody").await.status,
        404
    );

    // Keys turn: a new one is asked for at once, and then once a minute at most.
    control(&host, json!({"rotate": true})).await;
    assert_eq!(
        enter(&mut Browser::new(&host), ELENA).await.location,
        "/platform/members"
    );
    control(&host, json!({"rotate": true})).await;
    let mut browser = Browser::new(&host);
    let page = enter(&mut browser, ELENA).await;
    assert_eq!(page.status, 400, "within the minute");
    host.advance(61).await;
    assert_eq!(
        enter(&mut Browser::new(&host), ELENA).await.location,
        "/platform/members"
    );
    // Nothing of what was exchanged stands in the log.
    let printed = host.printed.lock().unwrap().clone();
    let log: String = printed.lines().filter(|line| line.starts_with('{')).collect();
    for secret in [
        "elena@city",
        "eyJ",
        &value(&first, "code"),
        &value(&first, "state"),
        "p-1001",
    ] {
        assert!(!log.contains(secret), "{secret} was logged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_connected_by_its_owner_and_ended_by_the_provider() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let person = |role: &str| {
        let people = demo(&host)["people"].as_array().unwrap().clone();
        let found = people
            .into_iter()
            .find(|person| person["role"] == role && person["tenant"] == "demo");
        found.unwrap()
    };
    let (mut viewer, mut admin) = (person("viewer"), person("admin"));
    const MOVE: Sql = sql!("update platform.account set email = $2 where email = $1 returning id");
    let mut ids = Vec::new();
    for (person, email) in [
        (&mut viewer, "nadia@city.example"),
        (&mut admin, "amir@city.example"),
    ] {
        let row = owner
            .one(MOVE, params![person["email"].as_str().unwrap(), email])
            .await
            .unwrap();
        ids.push(row.get::<uuid::Uuid>("id").unwrap());
        person["email"] = json!(email);
    }

    // An address is not enough.
    let mut browser = Browser::new(&host);
    let page = enter(&mut browser, NADIA).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("Sign in and connect") && !browser.cookies.contains_key("session"));
    assert_eq!(count(&owner, IDENTITIES).await, 0);

    // Its owner, signed in, connects the two; not by the link alone.
    let mut first = accounts::sign_in(&host, &viewer).await;
    let page = through(&mut first, "/account/openid/city?connect=true", NADIA).await;
    assert_eq!(page.location, "/account/openid/city/connect");
    assert_eq!(count(&owner, IDENTITIES).await, 0);
    // Another session of somebody else has no part in it.
    let mut stranger = accounts::sign_in(&host, &admin).await;
    assert_eq!(
        stranger.get("/account/openid/city/connect").await.location,
        "/account/openid"
    );
    assert_eq!(
        first.submit("/account/openid/city/connect", &[]).await.location,
        "/account/openid"
    );
    assert_eq!(count(&owner, IDENTITIES).await, 1);
    assert!(first.get("/account/openid").await.body.contains("Disconnect"));
    is_told(&owner, "nadia@city.example", "A provider was connected").await;
    // Nobody takes it from them.
    let page = through(&mut stranger, "/account/openid/city?connect=true", NADIA).await;
    assert_eq!(page.location, "/account/openid/city/connect");
    assert_eq!(
        stranger.submit("/account/openid/city/connect", &[]).await.status,
        409
    );

    let log_out = async |token: &str| {
        let request = host
            .http
            .post(host.url("/account/openid/city/backchannel-logout"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("logout_token={token}"));
        request.send().await.unwrap().status().as_u16()
    };
    let token = async |of: Value| {
        let (status, body) = host.post("/_local/openid/logout-token", of).await;
        assert_eq!(status, 200);
        body["logout_token"].as_str().unwrap().to_owned()
    };

    // From now on they sign in by it. The provider asked for a password only, so their own code is still to come.
    let secret = TotpSecret::from_base32(viewer["totp_secret"].as_str().unwrap()).unwrap();
    let code_after = |seconds: i64| {
        let at = Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        secret.code(at).unwrap()
    };
    host.advance(60).await;
    // Where the provider ends it before that, the code comes too late.
    let mut waiting = Browser::new(&host);
    enter(&mut waiting, NADIA).await;
    let to_code = "/account/sign-in/code";
    let form_token = waiting.get(to_code).await.hidden("form_token");
    let of_nadia = token(json!({"subject": NADIA})).await;
    assert_eq!(log_out(&of_nadia).await, 200);
    let code = code_after(60);
    let page = waiting.post(to_code, &form_token, &[("code", &code)]).await;
    assert_eq!(page.location, "/account/sign-in");
    assert_eq!(waiting.get("/account").await.status, 303);
    assert_eq!(
        first.get("/account").await.status,
        200,
        "it stands on the password"
    );
    host.advance(120).await;
    let mut browser = Browser::new(&host);
    let page = enter(&mut browser, NADIA).await;
    assert_eq!(page.location, "/account/sign-in/code?next=%2Fplatform%2Fmembers");
    assert_eq!(
        browser.get("/account").await.status,
        303,
        "half a sign-in opens nothing"
    );
    let page = browser
        .submit(
            "/account/sign-in/code",
            &[("code", &code_after(180)), ("next", "/platform/members")],
        )
        .await;
    assert_eq!(page.location, "/platform/members", "{}", page.body);
    assert_eq!(
        roles(&owner, "nadia@city.example").await,
        [role("demo", "viewer", false)]
    );

    // Where the provider alone gives out a domain's addresses, the address is enough.
    let file = host.home().join("secrets.env");
    let secrets = std::fs::read_to_string(&file).unwrap();
    let owning = secrets.replace(
        "\"trust_mfa\":true",
        "\"trust_mfa\":true,\"owns_email_domains\":[\"city.example\"]",
    );
    assert_ne!(secrets, owning);
    std::fs::write(&file, owning).unwrap();
    let mut amir = Browser::new(&host);
    assert_eq!(enter(&mut amir, AMIR).await.location, "/platform/members");
    assert_eq!(
        roles(&owner, "amir@city.example").await,
        [role("demo", "admin", false), role("riverside", "admin", true)]
    );
    // A configuration that cannot be read takes the buttons away, and nothing else.
    std::fs::write(
        &file,
        secrets.replace("openid-providers=[", "openid-providers=[["),
    )
    .unwrap();
    let page = Browser::new(&host).get("/account/sign-in").await;
    assert!(page.status == 200 && !page.body.contains("/account/openid/city"));
    std::fs::write(&file, &secrets).unwrap();

    // The provider ends Amir's session: by a token that is for us and says so.
    for wrong in ["", "x.y.z"] {
        assert_eq!(log_out(wrong).await, 400);
    }
    for fault in ["wrong_audience", "wrong_nonce", "strangers_key", "expired"] {
        control(&host, json!({ "fault": fault })).await;
        let wrong = token(json!({"subject": AMIR})).await;
        assert_eq!(log_out(&wrong).await, 400, "{fault}");
    }
    let of_nobody = token(json!({"session": "sid-of-nobody"})).await;
    assert_eq!(log_out(&of_nobody).await, 200);
    assert_eq!(amir.get("/account").await.status, 200);
    let right = token(json!({"subject": AMIR, "session": "sid-p-1002"})).await;
    assert_eq!(log_out(&right).await, 200);
    assert_eq!(amir.get("/account").await.status, 303);
    assert_eq!(browser.get("/account").await.status, 200, "others stay");
    // The same token, kept and sent again, ends nothing that began after it.
    host.advance(120).await;
    let mut amir = Browser::new(&host);
    enter(&mut amir, AMIR).await;
    assert_eq!(log_out(&right).await, 200);
    assert_eq!(amir.get("/account").await.status, 200);
    let by_subject = token(json!({"subject": AMIR})).await;
    assert_eq!(log_out(&by_subject).await, 200);
    assert_eq!(amir.get("/account").await.status, 303);

    // Disabled here is disabled, whatever the provider says; disconnected is not known.
    const DISABLE: Sql = sql!("update platform.account set status = 'disabled' where id = $1");
    owner.rows(DISABLE, params![ids[1]]).await.unwrap();
    let mut amir = Browser::new(&host);
    assert_eq!(enter(&mut amir, AMIR).await.status, 403);
    assert!(!amir.cookies.contains_key("session"));

    // Whoever finds her browser open a quarter of an hour later connects and disconnects nothing.
    control(&host, json!({"groups": {NADIA: ["riverside-admins"]}})).await;
    enter(&mut waiting, NADIA).await;
    let given = [role("demo", "viewer", false), role("riverside", "admin", true)];
    assert_eq!(roles(&owner, "nadia@city.example").await, given);
    host.advance(901).await;
    let disconnect = async |browser: &mut Browser<'_>| {
        let token = browser.get("/account/openid").await.hidden("form_token");
        let page = "/account/openid/city/disconnect";
        browser.post(page, &token, &[]).await.location
    };
    let to_confirm = "/account/passkeys/confirm?next=%2Faccount%2Fopenid";
    assert_eq!(disconnect(&mut browser).await, to_confirm);
    assert_eq!(roles(&owner, "nadia@city.example").await, given);
    through(&mut browser, "/account/openid/city?connect=true", NADIA).await;
    assert_eq!(
        browser.submit("/account/openid/city/connect", &[]).await.location,
        format!("{to_confirm}%2Fcity%2Fconnect")
    );
    // She proves that it is her. What the provider gave goes with it, and so do her other sessions.
    let proof = [
        ("password", viewer["password"].as_str().unwrap()),
        ("code", &code_after(1_201)),
        ("next", "/account/openid"),
    ];
    let page = browser.submit("/account/passkeys/confirm", &proof).await;
    assert_eq!(page.location, "/account/openid", "{}", page.body);
    assert_eq!(first.get("/account").await.status, 200);
    assert_eq!(disconnect(&mut browser).await, "/account/openid");
    assert_eq!(
        roles(&owner, "nadia@city.example").await,
        [role("demo", "viewer", false)]
    );
    assert_eq!(first.get("/account").await.status, 303);
    assert_eq!(browser.get("/account").await.status, 200);
    is_told(&owner, "nadia@city.example", "A provider was disconnected").await;
    assert_eq!(enter(&mut Browser::new(&host), NADIA).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_issuer_opens_the_api_as_a_key_does() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let token = async |organization: &str, scope: &str| {
        let request = host
            .http
            .post(host.url("/_local/openid/token"))
            .basic_auth("commonweal", Some("the-demonstration-s-secret"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!(
                "grant_type=client_credentials&organization={organization}&scope={scope}"
            ));
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    };
    let check = async |token: &str| {
        let request = host
            .http
            .get(host.url("/voting/v1/apikey/check/"))
            .header("authorization", format!("Bearer {token}"));
        let answer = request.send().await.unwrap();
        let challenge = answer.headers().get("www-authenticate");
        let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        (status, challenge, answer.json::<Value>().await.unwrap())
    };
    let good = token("riverside", "openid+voting").await;
    let (status, _, body) = check(&good).await;
    assert_eq!(
        (status, body),
        (200, json!({"ok": true, "subscriber": "riverside"}))
    );
    for scope in ["openid", "expungement", ""] {
        assert_eq!(check(&token("riverside", scope).await).await.0, 403, "{scope}");
    }
    for fault in [
        "algorithm_none",
        "public_key_as_secret",
        "strangers_key",
        "wrong_audience",
        "wrong_issuer",
        "expired",
        "from_the_future",
    ] {
        control(&host, json!({ "fault": fault })).await;
        let wrong = token("riverside", "voting").await;
        let (status, challenge, body) = check(&wrong).await;
        assert_eq!(status, 401, "{fault}");
        assert_eq!(challenge.as_deref(), Some("Bearer error=\"invalid_token\""));
        assert_eq!(body["code"], "invalid_token");
        assert_eq!(
            body["detail"], "The access token is expired, revoked or not valid here.",
            "why is not told"
        );
    }
    for wrong in [
        token("nobody", "voting").await,
        token("", "voting").await,
        format!("{good}x"),
        "eyJ.eyJ.x".to_owned(),
    ] {
        assert_eq!(check(&wrong).await.0, 401);
    }
    // It ends.
    host.advance(361).await;
    assert_eq!(check(&good).await.0, 401);
    // And it is counted as a key is: three hundred a minute.
    let many = token("demo", "voting").await;
    let mut last = 200;
    for _ in 0..320 {
        last = check(&many).await.0;
        if last != 200 {
            break;
        }
    }
    assert_eq!(last, 429);
    let printed = host.printed.lock().unwrap().clone();
    let log: String = printed.lines().filter(|line| line.starts_with('{')).collect();
    assert!(!log.contains("eyJ") && log.contains("a bearer token was refused"));
}
