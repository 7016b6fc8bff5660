//! A table with every kind of column, its declaration, and people who work with it.

use std::collections::BTreeMap;

use admin::{
    Action, Column, Deed, Dependent, Fate, Filter, Inline, Kind, Model, NamedFilter, OnAdd, Reference, Words,
    words,
};
use app::{Access, Context, Function, HttpService, OpenApiRouter, Permission, Role};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt;
use identity::{Sessions, Stage};
use local::{Home, Twins, database_settings};
use ports::{BoxFuture, Result, SystemRandom};
use serde_json::Value as Json;
use store::{Sql, TenantId, params, sql};
use testkit::TestDb;
use tower::ServiceExt;
use uuid::Uuid;

const TABLES: &str = "
    create table platform.shade (id uuid primary key, tenant_id uuid not null, name text not null);
    create table platform.specimen (
        id uuid primary key, tenant_id uuid not null references platform.tenant (id), name text not null, note text not null default '',
        legs integer not null, weight numeric, is_alive boolean not null, is_rare boolean, found_on date, seen_at timestamptz,
        size text not null, shade uuid references platform.shade (id), facts jsonb not null, tags text[] not null,
        secret text not null default 'hidden-from-all', email text, created_at timestamptz not null, changed_at timestamptz);
    create table platform.part (
        id uuid primary key, tenant_id uuid not null, specimen uuid not null references platform.specimen (id) on delete cascade,
        name text not null);
    create table platform.loan (id uuid primary key, specimen uuid not null references platform.specimen (id));
    alter table platform.specimen enable row level security;
    create policy specimen_own on platform.specimen using (tenant_id = platform.current_tenant());
    grant select, insert, update, delete on platform.shade, platform.specimen, platform.part, platform.loan to commonweal_platform;
    create index specimen_list on platform.specimen (tenant_id, created_at, id);
";

const SIZES: &[(&str, Words)] = &[("s", words("Small", "Pequeño")), ("l", words("Large", "Grande"))];

static SHADE: Reference = Reference {
    table: "platform.shade",
    key: "id",
    key_kind: Kind::Uuid,
    label: "r.name",
    search: "r.name",
    has_tenant: true,
    path: "",
};

static LEGGY: NamedFilter = NamedFilter {
    name: "leggy",
    label: words("Legs", "Patas"),
    choices: &[
        ("many", words("Many", "Muchas"), "t.legs > 4"),
        ("few", words("Few", "Pocas"), "t.legs <= 4"),
    ],
    default: None,
};

static PART: Model = Model {
    service: "platform",
    name: "part",
    table: "platform.part",
    label: words("Part", "Parte"),
    plural: words("Parts", "Partes"),
    columns: &[
        Column::uuid("id", "Id", "Id").sortable(),
        Column::text("name", "Name", "Nombre"),
        Column::uuid("specimen", "Specimen", "Espécimen"),
    ],
    title: "t.name",
    list_display: &["name"],
    ordering: admin::Ordering::ascending("id"),
    audit_kind: "part",
    ..Model::READ_ONLY
};

fn grow<'a>(deed: &'a mut Deed<'_>) -> BoxFuture<'a, Result<bool>> {
    const GROW: Sql =
        sql!("update platform.specimen set legs = legs + 1 where id = $1 and legs < 100 returning id");
    Box::pin(async move {
        let admin::Value::Uuid(id) = deed.row.get("id") else {
            return Ok(false);
        };
        Ok(deed.tx.optional(GROW, params![*id]).await?.is_some())
    })
}

pub(crate) static MODEL: Model = Model {
    service: "platform",
    name: "specimen",
    table: "platform.specimen",
    label: words("Specimen", "Espécimen"),
    plural: words("Specimens", "Especímenes"),
    about: words("What was found.", "Lo que se encontró."),
    columns: &[
        Column::uuid("id", "Id", "Id").on_add(OnAdd::Id),
        Column::text("name", "Name", "Nombre").max(40),
        Column::text_area("note", "Note", "Nota").blank(),
        Column::integer("legs", "Legs", "Patas").range(0, 1_000),
        Column::decimal("weight", "Weight", "Peso").nullable(),
        Column::boolean("is_alive", "Alive", "Vivo"),
        Column::boolean("is_rare", "Rare", "Raro").nullable(),
        Column::date("found_on", "Found", "Encontrado").nullable(),
        Column::timestamp("seen_at", "Seen", "Visto").nullable(),
        Column::choice("size", "Size", "Tamaño", SIZES),
        Column::reference("shade", "Shade", "Tono", &SHADE).nullable(),
        Column::json("facts", "Facts", "Hechos").initial("{}"),
        Column::texts("tags", "Tags", "Etiquetas"),
        Column::text("email", "E-mail", "Correo").nullable().personal(),
        Column::timestamp("created_at", "Added", "Añadido")
            .on_add(OnAdd::Now)
            .sortable(),
        Column::timestamp("changed_at", "Changed", "Cambiado").read_only(),
        Column::integer("parts", "Parts", "Partes")
            .computed("select count(*) from platform.part p where p.specimen = t.id"),
    ],
    title: "t.name",
    list_display: &["name", "legs", "size", "shade", "created_at"],
    list_filter: &[
        Filter::Column("size"),
        Filter::Column("is_alive"),
        Filter::Column("shade"),
        Filter::Present("email"),
        Filter::Date("created_at"),
        Filter::Named(&LEGGY),
    ],
    search_fields: &["name", "email"],
    date_hierarchy: Some("created_at"),
    inlines: &[Inline {
        model: &PART,
        column: "specimen",
    }],
    dependents: &[
        Dependent {
            table: "platform.part",
            column: "specimen",
            label: words("Parts", "Partes"),
            fate: Fate::Goes,
        },
        Dependent {
            table: "platform.loan",
            column: "specimen",
            label: words("Loans", "Préstamos"),
            fate: Fate::HoldsBack,
        },
    ],
    actions: &[Action {
        name: "grow",
        label: words("Grow a leg", "Crecer una pata"),
        question: words("Each gets one leg more.", "Cada uno recibe una pata más."),
        permission: Permission::Edit,
        run: grow,
        audit: "specimen.grow",
    }],
    is_for: |tenant| tenant.plan != "free",
    add: Some(Permission::Edit),
    change: Some(Permission::Edit),
    delete: Some(Permission::ManageMembers),
    may_change: |_, row| row.text("name") != "untouchable",
    audit_kind: "specimen",
    touched: Some("changed_at"),
    ..Model::READ_ONLY
};

fn routes() -> OpenApiRouter<Context> {
    admin::routes(&MODEL)
}

const FUNCTION: Function = admin::function(
    "platform-admin-specimen",
    &["/admin/platform/specimen"],
    Access::Staff,
    routes,
);

pub(crate) const LIST: &str = "/admin/platform/specimen";

pub(crate) struct House {
    pub(crate) twins: Twins,
    service: HttpService,
    _home: tempfile::TempDir,
    _db: TestDb,
}

const TENANT: Sql =
    sql!("insert into platform.tenant (id, name, plan, created_at) values ($1, $2, $3, now())");
const ACCOUNT: Sql = sql!(
    "insert into platform.account (id, email, name, password_hash, totp_secret, created_at, time_zone)
     values ($1, $2, $2, 'none', $3, now(), 'America/New_York')"
);
const MEMBER: Sql = sql!(
    "insert into platform.membership (tenant_id, account_id, role, created_at) values ($1, $2, $3, now())"
);
const SESSION: Sql = sql!(
    "insert into platform.session (id, account_id, token_digest, device, created_at) values ($1, $2, $3, 'a test', now())"
);

impl House {
    pub(crate) async fn new() -> Self {
        let (db, folder) = (TestDb::create().await, tempfile::tempdir().unwrap());
        let settings = database_settings(&db.url()).unwrap();
        let home = Home::open(folder.path()).unwrap();
        let twins = Twins::open(home, settings, "http://127.0.0.1:4000")
            .await
            .unwrap();
        twins.owner.batch(TABLES).await.unwrap();
        let service = app::router(&FUNCTION, twins.context(&FUNCTION).unwrap());
        Self {
            twins,
            service,
            _home: folder,
            _db: db,
        }
    }

    pub(crate) async fn tenant(&self, plan: &str) -> TenantId {
        let id = Uuid::new_v4();
        let row = params![id, format!("Museum {id}"), plan];
        self.twins.owner.rows(TENANT, row).await.unwrap();
        TenantId(id)
    }

    /// Somebody of this role, signed in.
    pub(crate) async fn browser(&self, tenant: TenantId, role: Role) -> Browser<'_> {
        self.signed_in(tenant, role, true).await
    }

    pub(crate) async fn signed_in(&self, tenant: TenantId, role: Role, second_factor: bool) -> Browser<'_> {
        let (account, session) = (Uuid::new_v4(), Uuid::new_v4());
        let secret = second_factor.then(|| vec![1_u8]);
        let email = format!("{account}@museum.example");
        let owner = &self.twins.owner;
        owner
            .rows(ACCOUNT, params![account, email, secret])
            .await
            .unwrap();
        owner
            .rows(MEMBER, params![tenant.0, account, role.as_str()])
            .await
            .unwrap();
        let cx = self.twins.context(&FUNCTION).unwrap();
        let sessions = Sessions {
            key_value: cx.key_value(),
            clock: cx.clock(),
            random: &SystemRandom,
        };
        let (token, _) = sessions
            .begin(session, account, Some(tenant.0), Stage::Complete)
            .await
            .unwrap();
        owner
            .rows(SESSION, params![session, account, token.digest()])
            .await
            .unwrap();
        Browser {
            house: self,
            cookie: format!("session={}; __Host-session={}", token.expose(), token.expose()),
            form_token: token.form_token().unwrap(),
        }
    }

    /// A specimen, straight into the table: its id.
    pub(crate) async fn specimen(&self, tenant: TenantId, name: &str, seconds_ago: i64) -> Uuid {
        const INSERT: Sql = sql!(
            "insert into platform.specimen (id, tenant_id, name, legs, is_alive, size, facts, tags, created_at)
             values ($1, $2, $3, 4, true, 's', '{}', '{}', '2026-11-03 17:00:00Z'::timestamptz - $4 * interval '1 second')"
        );
        let id = Uuid::new_v4();
        let row = params![id, tenant.0, name, seconds_ago as f64];
        self.twins.owner.rows(INSERT, row).await.unwrap();
        id
    }

    pub(crate) async fn execute(&self, text: &str) {
        self.twins.owner.batch(text).await.unwrap();
    }

    /// A row as JSON, if it is there.
    pub(crate) async fn row(&self, id: Uuid) -> Option<Json> {
        const ROW: Sql = sql!("select to_jsonb(t) as row from platform.specimen t where id = $1");
        let row = self.twins.owner.optional(ROW, params![id]).await.unwrap()?;
        Some(row.get("row").unwrap())
    }

    /// The audit entries of an object: action, before, after.
    pub(crate) async fn entries(&self, object: &str) -> Vec<(String, Json, Json)> {
        const ENTRIES: Sql = sql!(
            "select action, before, after from platform.audit_entry where object_kind = 'specimen' and object_id = $1
              order by position"
        );
        let json = |text: Option<&str>| text.map_or(Json::Null, |text| serde_json::from_str(text).unwrap());
        let rows = self.twins.owner.rows(ENTRIES, params![object]).await.unwrap();
        rows.iter()
            .map(|row| {
                (
                    row.get("action").unwrap(),
                    json(row.get("before").unwrap()),
                    json(row.get("after").unwrap()),
                )
            })
            .collect()
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
    pub(crate) headers: BTreeMap<String, String>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.location, self.body);
        self
    }

    #[track_caller]
    pub(crate) fn has(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "no {text:?} in {}", self.body);
        self
    }

    #[track_caller]
    pub(crate) fn lacks(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} in {}", self.body);
        self
    }

    /// The links of the list's rows, in their order: the names that they show.
    pub(crate) fn names(&self) -> Vec<String> {
        self.body
            .split("data-label=\"Name\"")
            .skip(1)
            .map(|rest| {
                let link = rest.split("</a>").next().unwrap();
                link.rsplit('>').next().unwrap().to_owned()
            })
            .collect()
    }

    /// Where a link of this relation leads.
    pub(crate) fn rel(&self, rel: &str) -> Option<String> {
        let mark = format!("rel=\"{rel}\" href=\"");
        let at = self.body.find(&mark)? + mark.len();
        let href = self.body[at..].split('"').next()?;
        Some(format!("{LIST}{}", unescaped(href)))
    }

    /// The address of the first row.
    pub(crate) fn first_row(&self) -> String {
        let at = self.body.find("name=\"select-").expect("a row") + "name=\"select-".len();
        self.body[at..].split('"').next().unwrap().to_owned()
    }

    pub(crate) fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&mark).unwrap_or_else(|| panic!("no {name}")) + mark.len();
        unescaped(self.body[at..].split('"').next().unwrap())
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}

pub(crate) struct Browser<'a> {
    house: &'a House,
    cookie: String,
    pub(crate) form_token: String,
}

impl Browser<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form with the token of this browser's session.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("form_token", &self.form_token);
        body.extend_pairs(fields);
        self.post_raw(path, body.finish()).await
    }

    pub(crate) async fn post_raw(&self, path: &str, body: String) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn send(&self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        headers.insert(header::COOKIE, self.cookie.parse().unwrap());
        headers.insert(header::ACCEPT, "text/html".parse().unwrap());
        let response = self.house.service.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let headers: BTreeMap<String, String> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer {
            status,
            location: headers.get("location").cloned().unwrap_or_default(),
            body: String::from_utf8(bytes.to_vec()).unwrap(),
            headers,
        }
    }
}
