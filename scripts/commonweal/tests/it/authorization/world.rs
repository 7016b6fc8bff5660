//! The house with two organisations, and people of every kind who ask it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use app::Role;
use identity::{
    Keys, Sessions, Stage, Token, api_key,
    password::{self, Cost},
    totp::{self, TotpSecret},
};
use jiff::{SignedDuration, Timestamp};
use local::LocalKeyValue;
use ports::{Entry, KeyValue, Random, Secret, SystemClock, SystemRandom, Undeclared};
use serde_json::{Value, json};
use store::{Database, Sql, params, sql};
use testkit::TestDb;
use uuid::Uuid;

use super::{
    expectation::{Condition, Expectation},
    generated_rows::GENERATED_ROWS,
};
use crate::host::Host;

const PASSWORD: &str = "kettle and brass bell";
const NEW_PASSWORD: &str = "harbour in thin rain";

pub(super) struct World {
    host: Host,
    owner: Database,
    keys: Keys,
    key_value: LocalKeyValue,
    password_hash: String,
    /// That which people work in, and another.
    pub(super) tenants: [Uuid; 2],
    header_problems: Mutex<Vec<String>>,
    _db: TestDb,
}

pub(super) struct Person {
    pub(super) id: Uuid,
    totp: TotpSecret,
    token: Token,
}

pub(super) enum Caller<'a> {
    Nobody,
    Person(&'a Person),
    /// Without the hidden field that proves that the form is ours.
    WithoutToken(&'a Person),
    /// With it, and sent by another site.
    CrossSite(&'a Person),
    Key(&'a str),
}

/// What a request is about: values by name.
pub(super) struct Filled(BTreeMap<String, String>);

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: String,
    body: String,
}

impl Answer {
    /// What went wrong, as a page or a problem document says it.
    pub(super) fn said(&self) -> String {
        let text = match self.body.find("<main") {
            Some(at) => &self.body[at..],
            None => &self.body,
        };
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(900)
            .collect()
    }

    fn hidden(&self, name: &str) -> Option<String> {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&mark)? + mark.len();
        Some(self.body[at..].split('"').next()?.to_owned())
    }
}

/// An audit entry, as far as it is declared.
pub(super) struct Left {
    /// `membership.remove<`
    pub(super) shown: String,
    pub(super) actor_kind: String,
    pub(super) actor: Option<Uuid>,
    pub(super) object: String,
    pub(super) text: String,
}

/// Counts and digests of all tables, but of what works in the background: the outbox, its jobs, counters, and mails that leave.
const FINGERPRINT: &str = "
    create function proof.fingerprint() returns table (name text, content text) language plpgsql as $$
    declare found record;
    begin
        for found in select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      where c.relkind in ('r', 'p') and n.nspname !~ '^pg_'
                        and n.nspname not in ('information_schema', 'local', 'proof')
                        and n.nspname || '.' || c.relname not in ('platform.outbox', 'platform.job_done', 'voting.hourly_count')
        loop
            name := found.nspname || '.' || found.relname;
            -- Whoever writes a row leaves the number of their transaction in it. Two tables are written in the background, too:
            -- of those the values count.
            execute format(case when found.relname in ('api_key', 'account_mail')
                then 'select count(*) || '':'' || coalesce(sum(hashtextextended(
                                 (to_jsonb(t) - ''last_used_at'' - ''sent_at'')::text, 0)), 0) from %I.%I t'
                else 'select count(*) || '':'' || coalesce(sum(xmin::text::bigint), 0) from %I.%I' end,
                           found.nspname, found.relname) into content;
            return next;
        end loop;
    end $$";
const READ: Sql = sql!("select name, content from proof.fingerprint()");
const TENANTS: Sql = sql!(
    "select slug, tenant_id from platform.tenant_slug where slug in ('demo', 'riverside') order by slug"
);
const ACCOUNT: Sql = sql!(
    "insert into platform.account (id, email, name, password_hash, totp_secret, last_tenant_id, created_at)
     values ($1, 'canary-' || $1::text || '@proof.example', 'Canary Person', $2, $3, $4, $5)"
);
const OPERATOR: Sql = sql!("update platform.account set is_operator = true where id = $1");
const MEMBER: Sql =
    sql!("insert into platform.membership (tenant_id, account_id, role, created_at) values ($1, $2, $3, $4)");
const SESSION: Sql = sql!(
    "insert into platform.session (id, account_id, token_digest, device, created_at, is_complete)
     values ($1, $2, $3, 'walk', $4, $5)"
);
const KEY: Sql = sql!(
    "insert into platform.api_key (id, tenant_id, secret_hash, description, kind, scopes, deactivated_at, created_at)
     values ($1, $2, $3, 'walk', 'live', $4, $5, $6)"
);
const ENTRIES: Sql = sql!(
    "select action, object_id, actor_kind, actor_id, before, after from platform.audit_entry order by at, chain_id, position"
);

impl World {
    pub(super) async fn open() -> Self {
        let db = TestDb::create().await;
        let host = Host::start(&db.url()).await;
        let owner = db.open(None, Arc::new(Undeclared));
        owner.batch(GENERATED_ROWS).await.unwrap();
        owner.batch(FINGERPRINT).await.unwrap();
        let secrets = std::fs::read_to_string(host.home().join("secrets.env")).unwrap();
        let key = secrets
            .lines()
            .find_map(|line| line.strip_prefix(Keys::SECRET)?.strip_prefix('='))
            .unwrap();
        let tenants: Vec<Uuid> = owner
            .rows(TENANTS, params![])
            .await
            .unwrap()
            .iter()
            .map(|row| row.get("tenant_id").unwrap())
            .collect();
        Self {
            key_value: LocalKeyValue::new(db.open(None, Arc::new(Undeclared)), Arc::new(SystemClock)),
            keys: Keys::new(Secret::new(key)),
            password_hash: password::hash(PASSWORD, Cost::PRESENT, &SystemRandom).unwrap(),
            tenants: [tenants[0], tenants[1]],
            host,
            owner,
            header_problems: Mutex::default(),
            _db: db,
        }
    }

    /// Somebody with an account of their own and a session.
    pub(super) async fn person(&self, works_as: Option<(Uuid, Role)>, condition: Condition) -> Person {
        let (id, session, now) = (SystemRandom.uuid(), SystemRandom.uuid(), Timestamp::now());
        let secret = TotpSecret::new(&SystemRandom);
        let sealed = self
            .keys
            .seal(&SystemRandom, &totp::place(id), secret.as_bytes())
            .unwrap();
        let tenant = works_as.map(|(tenant, _)| tenant);
        let has_factor = condition != Condition::WithoutSecondFactor;
        let kept = has_factor.then(|| sealed.clone());
        self.owner
            .rows(ACCOUNT, params![id, self.password_hash, kept, tenant, now])
            .await
            .unwrap();
        if let Some((tenant, role)) = works_as {
            self.owner
                .rows(MEMBER, params![tenant, id, role.as_str(), now])
                .await
                .unwrap();
        }
        let stage = match condition {
            Condition::HalfSignedIn => Stage::Password,
            _ => Stage::Complete,
        };
        let sessions = Sessions {
            key_value: &self.key_value,
            clock: &SystemClock,
            random: &SystemRandom,
        };
        let (token, _) = sessions.begin(session, id, tenant, stage).await.unwrap();
        let is_complete = stage == Stage::Complete;
        self.owner
            .rows(SESSION, params![session, id, token.digest(), now, is_complete])
            .await
            .unwrap();
        if !has_factor {
            // The page has shown the secret, which waits for a first code.
            let entry = Entry {
                value: json!(data_encoding::BASE64.encode(&sealed)),
                expires: now + SignedDuration::from_mins(30),
            };
            self.key_value
                .put(&format!("second-factor-enrolment#{session}"), entry)
                .await
                .unwrap();
        }
        Person {
            id,
            totp: secret,
            token,
        }
    }

    /// Somebody who runs the installation, and belongs to no organisation.
    pub(super) async fn operator(&self) -> Person {
        let person = self.person(None, Condition::Whole).await;
        self.owner.rows(OPERATOR, params![person.id]).await.unwrap();
        person
    }

    /// A key of the first organisation for both services that take keys.
    pub(super) async fn key(&self) -> String {
        self.key_with(&["voting", "expungement"], None).await
    }

    async fn key_with(&self, scopes: &[&str], ended: Option<Timestamp>) -> String {
        let id = SystemRandom.uuid();
        let key = api_key::generate(&SystemRandom, app::KeyKind::Live, id);
        let values = params![
            id,
            self.tenants[0],
            api_key::hash(&key),
            scopes,
            ended,
            Timestamp::now()
        ];
        self.owner.rows(KEY, values).await.unwrap();
        key
    }

    /// Keys with which nothing can be done, each with the status of the refusal.
    pub(super) async fn keys_that_do_not_fit(&self) -> Vec<(&'static str, String, u16)> {
        let (id, _) = api_key::parse(&self.key().await).unwrap();
        let another = api_key::generate(&SystemRandom, app::KeyKind::Live, id);
        let revoked = self
            .key_with(&["voting", "expungement"], Some(Timestamp::now()))
            .await;
        vec![
            (
                "a key of another scope",
                self.key_with(&["elsewhere"], None).await,
                403,
            ),
            ("a key that was revoked", revoked, 401),
            ("a key with another secret", another, 401),
        ]
    }

    /// What a good request is about, made for this tenant and person.
    pub(super) async fn fill(&self, expected: &Expectation, person: Option<&Person>, tenant: Uuid) -> Filled {
        let fresh = SystemRandom.uuid();
        let mut values = BTreeMap::new();
        let actor = person.map_or(Uuid::nil(), |person| person.id);
        if let Some(sql) = expected.row {
            let row = self
                .owner
                .one(sql, params![tenant, fresh, actor, Timestamp::now()])
                .await
                .unwrap_or_else(|error| panic!("the row of {}: {error:?}", expected.route));
            for name in names(expected) {
                if let Ok(value) = row.get::<String>(&name) {
                    values.insert(name, value);
                }
            }
        }
        if let (Some(purpose), Some(id)) = (expected.link, values.get("id")) {
            let id = Uuid::try_parse(id).unwrap();
            values.insert(
                "token".to_owned(),
                self.keys.sign(purpose, &[id.as_bytes()]).unwrap(),
            );
        }
        values.insert("password".to_owned(), PASSWORD.to_owned());
        values.insert("new".to_owned(), NEW_PASSWORD.to_owned());
        let code = person.map(|person| person.totp.code(Timestamp::now()).unwrap());
        values.insert(
            "one_time_code".to_owned(),
            code.unwrap_or_else(|| "000000".to_owned()),
        );
        let missing: Vec<String> = names(expected)
            .into_iter()
            .filter(|name| !values.contains_key(name))
            .collect();
        if expected.elsewhere.is_some() || expected.answers == 404 {
            values.extend(missing.into_iter().map(|name| (name, fresh.to_string())));
        } else if let (Some(person), [_, ..]) = (person, missing.as_slice()) {
            let path = Filled(values.clone()).put_into(expected.path(), ['{', '}'], true);
            let page = self.get(&path, person).await;
            for name in missing {
                let value = page
                    .hidden(&name)
                    .unwrap_or_else(|| panic!("{}: no column and no hidden field {name}", expected.route));
                values.insert(name, value);
            }
        }
        Filled(values)
    }

    /// The same about something that does not exist.
    pub(super) fn unknown(&self, expected: &Expectation) -> Filled {
        let id = SystemRandom.uuid();
        let mut values: BTreeMap<_, _> = names(expected)
            .into_iter()
            .map(|name| (name, id.to_string()))
            .collect();
        values.insert("new".to_owned(), NEW_PASSWORD.to_owned());
        Filled(values)
    }

    async fn get(&self, path: &str, person: &Person) -> Answer {
        let request = self
            .host
            .http
            .get(self.host.url(path))
            .header("accept", "text/html")
            .header("cookie", format!("session={}", person.token.expose()));
        self.send(request).await
    }

    /// What every answer carries, whatever it is.
    fn look_at_headers(&self, response: &reqwest::Response) {
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        let is_page = header("content-type") == "text/html; charset=utf-8";
        let is_html = header("content-type").contains("html");
        let policy = header("content-security-policy");
        let checks = [
            (
                "x-content-type-options",
                header("x-content-type-options") == "nosniff",
            ),
            (
                "strict-transport-security",
                header("strict-transport-security") == "max-age=63072000; includeSubDomains",
            ),
            ("referrer-policy", header("referrer-policy") == "no-referrer"),
            ("x-request-id", !header("x-request-id").is_empty()),
            ("cache-control", !header("cache-control").is_empty()),
            ("content-type", is_page == is_html),
            (
                "content-security-policy",
                is_html
                    == (policy.starts_with("default-src 'none'; style-src 'self'")
                        && policy.contains("script-src 'self';")
                        && policy.contains("base-uri 'none'")
                        && policy.ends_with("frame-ancestors 'none'")),
            ),
            (
                "access-control-allow-credentials",
                header("access-control-allow-credentials").is_empty(),
            ),
        ];
        let wrong = checks.iter().filter(|(_, is_right)| !is_right);
        let path = response.url().path();
        self.header_problems
            .lock()
            .unwrap()
            .extend(wrong.map(|(name, _)| format!("{path}: {name} is {:?}", header(name))));
    }

    pub(super) fn header_problems(&self) -> Vec<String> {
        self.header_problems.lock().unwrap().clone()
    }

    /// Lines of the log that say that a request was answered with this status.
    pub(super) fn logged(&self, status: u16) -> usize {
        let printed = self.host.printed.lock().unwrap();
        let lines = printed
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter(|line| {
                line["message"] == "request" && line["status"] == status && line["code"].is_string()
            })
            .count()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        self.look_at_headers(&response);
        let location = response.headers().get("location");
        Answer {
            status: response.status().as_u16(),
            location: location
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            body: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned(),
        }
    }

    /// The good request about this, sent by this caller.
    pub(super) async fn ask(&self, expected: &Expectation, caller: &Caller<'_>, about: &Filled) -> Answer {
        let path = about.put_into(expected.path(), ['{', '}'], true);
        let query = about.put_into(expected.query, ['<', '>'], true);
        let method: reqwest::Method = expected.method().parse().unwrap();
        let url = self.host.url(&match query.as_str() {
            "" => path,
            query => format!("{path}?{query}"),
        });
        let accept = if expected.is_api() {
            "application/json"
        } else {
            "text/html"
        };
        let mut request = self.host.http.request(method, url).header("accept", accept);
        let visitor = Token::new(&SystemRandom);
        let mut form_token = String::new();
        match caller {
            Caller::Nobody if expected.is_api() => {}
            Caller::Nobody => {
                form_token = visitor.form_token().unwrap();
                request = request.header("cookie", format!("visitor={}", visitor.expose()));
            }
            Caller::Key(key) => request = request.bearer_auth(key),
            Caller::Person(person) | Caller::WithoutToken(person) | Caller::CrossSite(person) => {
                if !matches!(caller, Caller::WithoutToken(_)) {
                    form_token = person.token.form_token().unwrap();
                }
                request = request.header("cookie", format!("session={}", person.token.expose()));
            }
        }
        if !expected.is_safe() {
            let site = match caller {
                Caller::CrossSite(_) => "cross-site",
                _ => "same-origin",
            };
            request = request.header("sec-fetch-site", site);
            request = if expected.body.starts_with('{') || expected.is_api() {
                let body = match expected.body {
                    "" => "{}".to_owned(),
                    body => about.put_into(body, ['<', '>'], false),
                };
                let body: Value = serde_json::from_str(&body).unwrap();
                request.json(&body)
            } else {
                let fields = about.put_into(expected.body, ['<', '>'], true);
                let form = format!("{fields}&form_token={form_token}").replace(' ', "+");
                request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form)
            };
        }
        self.send(request).await
    }

    /// All tables, each with a digest of its rows.
    pub(super) async fn fingerprint(&self) -> BTreeMap<String, String> {
        let rows = self.owner.rows(READ, params![]).await.unwrap();
        assert!(rows.len() > 15, "a fingerprint of {} tables", rows.len());
        rows.iter()
            .map(|row| (row.get("name").unwrap(), row.get("content").unwrap()))
            .collect()
    }

    /// The tables that are not as they were.
    pub(super) async fn changes(&self, before: &BTreeMap<String, String>) -> Vec<String> {
        let now = self.fingerprint().await;
        now.into_iter()
            .filter(|(name, content)| before.get(name) != Some(content))
            .map(|(name, _)| name)
            .collect()
    }

    /// The whole history, oldest first.
    pub(super) async fn entries(&self) -> Vec<Left> {
        let rows = self.owner.rows(ENTRIES, params![]).await.unwrap();
        rows.iter()
            .map(|row| {
                let part = |name| row.get::<Option<String>>(name).unwrap();
                let (before, after) = (part("before"), part("after"));
                let mark = |part: &Option<String>, mark: &'static str| if part.is_some() { mark } else { "" };
                Left {
                    shown: format!(
                        "{}{}{}",
                        row.get::<&str>("action").unwrap(),
                        mark(&before, "<"),
                        mark(&after, ">")
                    ),
                    actor_kind: row.get("actor_kind").unwrap(),
                    actor: row.get("actor_id").unwrap(),
                    object: row.get("object_id").unwrap(),
                    text: format!("{} {}", before.unwrap_or_default(), after.unwrap_or_default()),
                }
            })
            .collect()
    }
}

impl Filled {
    /// The text with its marked names replaced.
    fn put_into(&self, text: &str, [open, close]: [char; 2], is_encoded: bool) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(open) {
            let (name, after) = after
                .split_once(close)
                .unwrap_or_else(|| panic!("{text}: an open name"));
            out.push_str(before);
            let value = self.0.get(name).map_or("", String::as_str);
            match is_encoded {
                true => out.push_str(
                    &value
                        .replace('%', "%25")
                        .replace('+', "%2B")
                        .replace('&', "%26")
                        .replace('=', "%3D"),
                ),
                false => out.push_str(value),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// The names that path, query and body leave to be filled.
fn names(expected: &Expectation) -> Vec<String> {
    let marked = |text: &str, open, close| -> Vec<String> {
        text.split(open)
            .skip(1)
            .filter_map(|rest: &str| Some(rest.split_once(close)?.0.to_owned()))
            .collect()
    };
    let mut names = marked(expected.path(), '{', '}');
    names.extend(marked(expected.query, '<', '>'));
    names.extend(marked(expected.body, '<', '>'));
    names
}
