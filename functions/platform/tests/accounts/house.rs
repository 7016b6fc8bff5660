//! A house to test in: a database, the local twins, a browser with its cookies.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use app::{ClientAddress, Function, HttpService, Trigger};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use identity::{
    Keys, Role, password,
    password::Cost,
    totp::{self, TotpSecret},
};
use local::{Home, Twins, database_settings};
use ports::{Clock, Queue, Random, SystemRandom};
use store::{Envelope, Job, Sql, TenantId, params, sql};
use testkit::TestDb;
use tower::ServiceExt;
use uuid::Uuid;

const TENANT: Sql = sql!("insert into platform.tenant (id, name, created_at) values ($1, $2, now())");
const SLUG: Sql = sql!("insert into platform.tenant_slug (slug, tenant_id) values ($1, $2)");
const ACCOUNT: Sql = sql!(
    "insert into platform.account (id, email, name, password_hash, totp_secret, created_at) values ($1, $2, $3, $4, $5, now())"
);
const MEMBER: Sql = sql!(
    "insert into platform.membership (tenant_id, account_id, role, created_at) values ($1, $2, $3, now())"
);
const MAILS: Sql = sql!("select subject, text, links from local.outbox where recipient = $1 order by number");

pub(crate) const PASSWORD: &str = "drizzle over the quay";

pub(crate) struct House {
    pub(crate) twins: Twins,
    services: BTreeMap<&'static str, HttpService>,
    _home: tempfile::TempDir,
    _db: TestDb,
}

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) totp: Option<TotpSecret>,
}

pub(crate) struct Mail {
    pub(crate) subject: String,
    pub(crate) links: Vec<String>,
}

impl House {
    pub(crate) async fn new() -> Self {
        let (db, folder) = (TestDb::create().await, tempfile::tempdir().unwrap());
        let settings = database_settings(&db.url()).unwrap();
        let mut twins = Twins::open(
            Home::open(folder.path()).unwrap(),
            settings,
            "http://127.0.0.1:4000",
        )
        .await
        .unwrap();
        // As in a Lambda: whoever asks for a second one while holding the first waits in vain.
        twins.settings.connections = 1;
        twins.offer_providers().await.unwrap();
        twins.secrets.generate([Keys::SECRET]).unwrap();
        let services = platform::FUNCTIONS
            .iter()
            .filter(|function| matches!(function.trigger, Trigger::Http { .. }))
            .map(|function| {
                (
                    function.name,
                    app::router(function, twins.context(function).unwrap()),
                )
            })
            .collect();
        Self {
            twins,
            services,
            _home: folder,
            _db: db,
        }
    }

    pub(crate) async fn tenant(&self, slug: &str) -> TenantId {
        let id = Uuid::new_v4();
        self.twins
            .owner
            .rows(TENANT, params![id, format!("Organisation {slug}")])
            .await
            .unwrap();
        self.twins.owner.rows(SLUG, params![slug, id]).await.unwrap();
        TenantId(id)
    }

    /// An account with the password [`PASSWORD`].
    pub(crate) async fn person(&self, email: &str, has_second_factor: bool) -> Person {
        let id = SystemRandom.uuid();
        let keys = Keys::new(
            ports::Secrets::get(&*self.twins.secrets, Keys::SECRET)
                .await
                .unwrap(),
        );
        let totp = has_second_factor.then(|| TotpSecret::new(&SystemRandom));
        let sealed = totp.as_ref().map(|secret| {
            keys.seal(&SystemRandom, &totp::place(id), secret.as_bytes())
                .unwrap()
        });
        let hash = password::hash(PASSWORD, Cost::PRESENT, &SystemRandom).unwrap();
        let name = email.split('@').next().unwrap_or_default();
        self.twins
            .owner
            .rows(ACCOUNT, params![id, email, name, hash, sealed])
            .await
            .unwrap();
        Person {
            id,
            email: email.to_owned(),
            totp,
        }
    }

    pub(crate) async fn member(&self, tenant: TenantId, email: &str, role: Role) -> Person {
        let person = self.person(email, true).await;
        self.join(tenant, &person, role).await;
        person
    }

    pub(crate) async fn join(&self, tenant: TenantId, person: &Person, role: Role) {
        self.twins
            .owner
            .rows(MEMBER, params![tenant.0, person.id, role.as_str()])
            .await
            .unwrap();
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.twins.clock.advance(seconds).unwrap();
    }

    /// The code that the person's app shows, of a step that was not used before.
    pub(crate) fn code(&self, person: &Person) -> String {
        self.advance(30);
        let secret = person.totp.as_ref().unwrap();
        secret.code(self.twins.clock.now()).unwrap()
    }

    /// Works the queue of mails off.
    pub(crate) async fn deliver(&self) {
        let function: &Function = &platform::ACCOUNT_MAIL;
        let Trigger::Queue { work } = function.trigger else {
            panic!("it is a queue's function")
        };
        let queue = platform::AccountMail::QUEUE;
        let cx = self.twins.context(function).unwrap();
        loop {
            let batch = self
                .twins
                .queue
                .receive(queue, 10, Duration::ZERO, Duration::from_secs(60))
                .await
                .unwrap();
            if batch.is_empty() {
                return;
            }
            for message in batch {
                let envelope: Envelope = serde_json::from_str(&message.body).unwrap();
                let outcome = work(cx.clone(), envelope).await.unwrap();
                assert_eq!(outcome, app::Outcome::Done);
                self.twins.queue.delete(queue, &message.receipt).await.unwrap();
            }
        }
    }

    pub(crate) async fn mails_to(&self, email: &str) -> Vec<Mail> {
        self.deliver().await;
        let rows = self.twins.owner.rows(MAILS, params![email]).await.unwrap();
        rows.iter()
            .map(|row| Mail {
                subject: row.get("subject").unwrap(),
                links: row.get("links").unwrap(),
            })
            .collect()
    }

    /// The path of the link in the last mail to this address.
    pub(crate) async fn link_to(&self, email: &str) -> String {
        let mails = self.mails_to(email).await;
        let link = mails.last().expect("a mail").links[0].clone();
        link.strip_prefix("http://127.0.0.1:4000").unwrap().to_owned()
    }

    /// How many rows a statement counts.
    pub(crate) async fn count(&self, sql: Sql) -> i64 {
        let row = self.twins.owner.one(sql, params![]).await.unwrap();
        row.get("count").unwrap()
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
    pub(crate) cookies: Vec<String>,
    pub(crate) cache_control: String,
}

impl Answer {
    /// The value of the page's hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self
            .body
            .find(&mark)
            .unwrap_or_else(|| panic!("no field {name} on {self:?}"));
        let rest = &self.body[at + mark.len()..];
        rest[..rest.find('"').unwrap()]
            .replace("&#38;", "&")
            .replace("&amp;", "&")
    }

    #[track_caller]
    pub(crate) fn leads_to(&self, path: &str) {
        assert_eq!(
            (self.status, self.location.as_str()),
            (StatusCode::SEE_OTHER, path),
            "{self:?}"
        );
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// A browser: cookies, and nothing else that it remembers.
pub(crate) struct Browser<'a> {
    house: &'a House,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) address: IpAddr,
    /// What it would like to get.
    pub(crate) accept: &'static str,
    /// Sent with every form.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(house: &'a House) -> Self {
        Self {
            house,
            cookies: BTreeMap::new(),
            address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
            accept: "text/html",
            headers: vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// Sends a form as it is.
    pub(crate) async fn post_raw(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(Method::POST, path, Some(body)).await
    }

    /// Loads the page of a form, and sends it with the page's token.
    pub(crate) async fn fill(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form_token = self.get(page).await.hidden("form_token");
        let mut all = vec![("form_token", form_token.as_str())];
        all.extend_from_slice(fields);
        self.post_raw(path, &all).await
    }

    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.fill(path, path, fields).await
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<String>) -> Answer {
        let plain = path.split(['?', '#']).next().unwrap_or_default();
        let function = platform::FUNCTIONS
            .iter()
            .filter_map(|function| match function.trigger {
                Trigger::Http { paths, .. } => paths
                    .iter()
                    .filter(|own| {
                        plain == **own
                            || plain
                                .strip_prefix(**own)
                                .is_some_and(|rest| rest.starts_with('/'))
                    })
                    .map(|own| (own.len(), function.name))
                    .max(),
                _ => None,
            })
            .max()
            .unwrap_or_else(|| panic!("nothing serves {plain}"))
            .1;
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, self.accept)
            .header(header::COOKIE, cookies.join("; "))
            .extension(ClientAddress(self.address));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            for (name, value) in &self.headers {
                request = request.header(*name, *value);
            }
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let response = self.house.services[function]
            .clone()
            .oneshot(request)
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let cookies: Vec<String> = parts
            .headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        for cookie in &cookies {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap_or_default();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            location: parts
                .headers
                .get(header::LOCATION)
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            body: String::from_utf8_lossy(&body).into_owned(),
            cookies,
            cache_control: parts
                .headers
                .get(header::CACHE_CONTROL)
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
        }
    }

    /// Password only.
    pub(crate) async fn password(&mut self, email: &str, password: &str) -> Answer {
        self.submit("/account/sign-in", &[("email", email), ("password", password)])
            .await
    }

    /// All the way in.
    pub(crate) async fn sign_in(&mut self, person: &Person) {
        let answer = self.password(&person.email, PASSWORD).await;
        if person.totp.is_some() {
            answer.leads_to("/account/sign-in/code?next=%2Faccount");
            let code = self.house.code(person);
            let answer = self.submit("/account/sign-in/code", &[("code", &code)]).await;
            answer.leads_to("/account");
        } else {
            answer.leads_to("/account");
        }
    }

    pub(crate) async fn is_signed_in(&mut self) -> bool {
        self.get("/account").await.status == StatusCode::OK
    }
}
