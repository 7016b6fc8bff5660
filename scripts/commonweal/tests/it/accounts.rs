//! A demonstration person signs in with password and code, invites a colleague, makes a key and calls the API with it — with
//! nothing but HTTP, as a browser without scripts does it.

use std::{collections::BTreeMap, process::Command, sync::Arc};

use identity::totp::TotpSecret;
use jiff::Timestamp;
use ports::Undeclared;
use serde_json::{Value, json};
use store::{Database, Sql, params, sql};
use testkit::TestDb;

use crate::host::Host;

/// A browser: its cookies.
pub(crate) struct Browser<'a> {
    pub(crate) host: &'a Host,
    pub(crate) cookies: BTreeMap<String, String>,
}

pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Page {
    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self
            .body
            .find(&mark)
            .unwrap_or_else(|| panic!("no {name} on {}", self.body));
        self.body[at + mark.len()..].split('"').next().unwrap().to_owned()
    }
}

impl<'a> Browser<'a> {
    pub(crate) fn new(host: &'a Host) -> Self {
        Self {
            host,
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header("accept", "text/html")
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Page {
            status: response.status().as_u16(),
            location: response
                .headers()
                .get("location")
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            body: response.text().await.unwrap(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(self.host.http.get(self.host.url(path))).await
    }

    pub(crate) async fn submit(&mut self, page: &str, fields: &[(&str, &str)]) -> Page {
        let form_token = self.get(page).await.hidden("form_token");
        self.post(page, &form_token, fields).await
    }

    /// Sends a form whose page was fetched before.
    pub(crate) async fn post(&mut self, page: &str, form_token: &str, fields: &[(&str, &str)]) -> Page {
        let body = serde_json::Map::from_iter(
            fields
                .iter()
                .chain([("form_token", form_token)].iter())
                .map(|(name, value)| ((*name).to_owned(), json!(value))),
        );
        let path = page.split('?').next().unwrap();
        let request = self
            .host
            .http
            .post(self.host.url(path))
            .header("sec-fetch-site", "same-origin");
        // A form's fields are read alike in JSON.
        self.send(request.json(&Value::Object(body))).await
    }
}

pub(crate) fn demo(host: &Host) -> Value {
    serde_json::from_str(&std::fs::read_to_string(host.home().join("demo.json")).unwrap()).unwrap()
}

pub(crate) async fn sign_in<'a>(host: &'a Host, person: &Value) -> Browser<'a> {
    let mut browser = Browser::new(host);
    let text = |name: &str| person[name].as_str().unwrap();
    let fields = [("email", text("email")), ("password", text("password"))];
    let answer = browser.submit("/account/sign-in", &fields).await;
    assert_eq!(
        answer.location, "/account/sign-in/code?next=%2Faccount",
        "{}",
        answer.body
    );
    let secret = TotpSecret::from_base32(text("totp_secret")).unwrap();
    let code = secret.code(Timestamp::now()).unwrap();
    let answer = browser.submit("/account/sign-in/code", &[("code", &code)]).await;
    assert_eq!(answer.location, "/account", "{}", answer.body);
    browser
}

fn request() -> Value {
    json!({
        "title": "Mx", "first_name": "Maya", "last_name": "Ejemplo", "address1": "12 Main St", "city": "Boston", "state": "MA",
        "zipcode": "02108", "date_of_birth": "1990-04-01", "email": "maya@example.org", "phone": "617-555-0142",
        "sms_opt_in": true,
    })
}

const API: &str = "/voting/v1/registration/external/request";

async fn call(host: &Host, authorization: &str) -> u16 {
    let request = host.http.post(host.url(API)).json(&request());
    request
        .header("authorization", authorization)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

async fn registrations(owner: &Database) -> i64 {
    const COUNT: Sql = sql!("select count(*) from voting.registration");
    owner.one(COUNT, params![]).await.unwrap().get("count").unwrap()
}

async fn made_key(browser: &mut Browser<'_>, kind: &str) -> String {
    let fields = [("description", "our site"), ("kind", kind), ("service", "voting")];
    let page = browser.submit("/platform/api-keys", &fields).await;
    let at = page
        .body
        .find(&format!("cw_{kind}_"))
        .unwrap_or_else(|| panic!("{}", page.body));
    page.body[at..].split('<').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_sign_in_to_a_call_with_a_key_of_ones_own() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let demo = demo(&host);
    let people = demo["people"].as_array().unwrap();
    assert_eq!(people.len(), 8, "each role of each organisation");
    let olivia = people
        .iter()
        .find(|person| person["role"] == "owner" && person["tenant"] == "riverside")
        .unwrap();
    let mut browser = sign_in(&host, olivia).await;
    let members = browser.get("/platform/members").await;
    assert!(members.body.contains("viewer@riverside.example") && !members.body.contains("demo.example"));

    // A colleague: the link arrives in the outbox.
    let fields = [("email", "new.colleague@riverside.example"), ("role", "editor")];
    assert_eq!(browser.submit("/platform/invitations", &fields).await.status, 303);
    let mail = host
        .mail("new.colleague@riverside.example", "/account/invitation/")
        .await;
    let link = mail["links"][0].as_str().unwrap();
    let link = &link[link.find("/account/invitation/").unwrap()..];
    let mut colleague = Browser::new(&host);
    let token = colleague.get(link).await.hidden("token");
    let password = "kettle and brass bell";
    let fields = [
        ("token", token.as_str()),
        ("name", "New Colleague"),
        ("time_zone", "UTC"),
        ("password", password),
        ("password_again", password),
    ];
    let joined = colleague.submit(link, &fields).await;
    assert_eq!(
        joined.location, "/account/second-factor?required=true",
        "{}",
        joined.body
    );
    assert_eq!(colleague.get("/account").await.status, 200);

    // A key of one's own, as bearer and by Basic; a test key keeps nothing; what is wrong is refused.
    let key = made_key(&mut browser, "live").await;
    let before = registrations(&owner).await;
    assert_eq!(call(&host, &format!("Bearer {key}")).await, 200);
    assert_eq!(registrations(&owner).await, before + 1);
    let (id, _) = identity::api_key::parse(&key).unwrap();
    let basic = |user: &str, password: &str| {
        let text = data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes());
        format!("Basic {text}")
    };
    assert_eq!(call(&host, &basic(&id.to_string(), &key)).await, 200);
    let known = demo["api_keys"][0]["key"].as_str().unwrap();
    let (user, secret) = known.split_once(':').unwrap();
    assert_eq!(call(&host, &basic(user, secret)).await, 200);
    // A key of before keys had a form of their own: a bare secret.
    const OLD: Sql = sql!(
        "insert into platform.api_key (id, tenant_id, secret_hash, created_at)
         select $1, tenant_id, sha256('an old bare secret'), now() from platform.tenant_slug where slug = 'demo'"
    );
    let old = uuid::Uuid::new_v4();
    owner.rows(OLD, params![old]).await.unwrap();
    assert_eq!(
        call(&host, &basic(&old.to_string(), "an old bare secret")).await,
        200
    );
    assert_eq!(call(&host, "Bearer an old bare secret").await, 401);
    // Whose is it?
    let check = async |authorization: String| {
        let request = host.http.get(host.url("/voting/v1/apikey/check/"));
        let answer = request
            .header("authorization", authorization)
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap())
    };
    let (status, body) = check(format!("Bearer {key}")).await;
    assert_eq!(
        (status, body),
        (200, json!({"ok": true, "subscriber": "riverside"}))
    );
    for (authorization, detail) in [
        (
            "Digest x".to_owned(),
            "Authentication credentials were not provided.",
        ),
        (
            "Basic =".to_owned(),
            "Authentication credentials were not provided.",
        ),
        (
            basic(&uuid::Uuid::new_v4().to_string(), secret),
            "No such API key",
        ),
        (basic(user, "wrong"), "Incorrect API key secret"),
    ] {
        let (status, body) = check(authorization).await;
        assert_eq!((status, &body["detail"]), (401, &json!(detail)));
    }
    let before = registrations(&owner).await;
    let test_key = made_key(&mut browser, "test").await;
    assert_eq!(call(&host, &format!("Bearer {test_key}")).await, 200);
    assert_eq!(registrations(&owner).await, before);
    for wrong in [
        format!("Bearer {}", &key[..key.len() - 1]),
        format!("Bearer {user}"),
        basic(user, &key),
        basic(&id.to_string(), secret),
        String::new(),
    ] {
        assert_eq!(call(&host, &wrong).await, 401, "{wrong}");
    }

    // So often a day, and only where it may.
    let set = async |sql: Sql| owner.rows(sql, params![id]).await.unwrap();
    set(sql!("update platform.api_key set daily_quota = 4 where id = $1")).await;
    assert_eq!(call(&host, &format!("Bearer {key}")).await, 200);
    assert_eq!(
        call(&host, &format!("Bearer {key}")).await,
        429,
        "the quota of the day"
    );
    host.advance(86_400).await;
    assert_eq!(call(&host, &format!("Bearer {key}")).await, 200);
    set(sql!(
        "update platform.api_key set scopes = '{vaccines}' where id = $1"
    ))
    .await;
    assert_eq!(call(&host, &format!("Bearer {key}")).await, 403);
    set(sql!(
        "update platform.api_key set deactivated_at = now() where id = $1"
    ))
    .await;
    assert_eq!(call(&host, &format!("Bearer {key}")).await, 401);
    const USED: Sql = sql!("select last_used_at is not null as used from platform.api_key where id = $1");
    assert!(
        owner
            .one(USED, params![id])
            .await
            .unwrap()
            .get::<bool>("used")
            .unwrap()
    );

    // The history is whole, and an edit is found.
    let verify = |slug: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_commonweal"))
            .args(["audit", "verify"])
            .args(slug)
            .env("COMMONWEAL_HOME", host.home())
            .env("DATABASE_URL", db.url())
            .output()
            .unwrap()
    };
    assert!(verify(&[]).status.success());
    assert!(verify(&["riverside"]).status.success());
    owner
        .batch(
            "set session_replication_role = replica;
             update platform.audit_entry set action = 'thing.else' where action = 'invitation.create'",
        )
        .await
        .unwrap();
    for slug in [&[][..], &["riverside"][..]] {
        let found = verify(slug);
        assert!(!found.status.success());
        assert!(String::from_utf8_lossy(&found.stderr).contains("at entry"));
    }
    assert!(verify(&["demo"]).status.success(), "the others are whole");

    // Nothing of all that stands in the log.
    let printed = host.printed.lock().unwrap().clone();
    let log: String = printed.lines().filter(|line| line.starts_with('{')).collect();
    for secret in [key.as_str(), password, "new.colleague", token.as_str(), "kettle"] {
        assert!(!log.contains(secret), "{secret} was logged");
    }
}
