//! `/platform/api-keys`: the organisation's keys for programs. A key is shown once; we keep its hash.

use app::{
    Context, Form, FormField, KeyKind, Menu, OpenApiRouter, Page, PathId, Permission, Posted, Staff,
    page::{html, pick},
    see_other,
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::person::Line;
use identity::api_key;
use jiff::Timestamp;
use ports::{Error, FieldError, Result};
use serde_json::json;
use store::{
    Sql,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::accounts::{field, local_time, translated};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/platform/api-keys", get(list).post(create))
        .route("/platform/api-keys/{id}/revoke", post(revoke))
}

/// What a key may be for: the services that take keys.
const SCOPES: &[&str] = &["voting", "expungement"];
/// What the form calls all of them.
const ALL: &str = "all";
/// Keys that work at the same time.
const MOST_KEYS: i64 = 100;

const LIST: Sql = sql!(
    "select id, description, kind, hint, scopes, daily_quota, created_at, last_used_at, deactivated_at
       from platform.api_key where tenant_id = $1 order by deactivated_at is not null, created_at desc limit 500"
);
const COUNT: Sql =
    sql!("select count(*) as keys from platform.api_key where tenant_id = $1 and deactivated_at is null");
const INSERT: Sql = sql!(
    "insert into platform.api_key (id, tenant_id, secret_hash, hint, description, kind, scopes, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);
const REVOKE: Sql = sql!(
    "update platform.api_key set deactivated_at = $3
      where tenant_id = $1 and id = $2 and deactivated_at is null returning kind, description"
);

struct Listed {
    id: Uuid,
    description: String,
    kind: &'static str,
    hint: String,
    scopes: String,
    daily_quota: i32,
    created: String,
    last_used: Option<String>,
    revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "api_keys.html")]
struct KeysPage {
    page: Page,
    menu: Option<Menu>,
    form: Form,
    form_token: String,
    keys: Vec<Listed>,
    /// The id and the key, right after it was made.
    made: Option<(Uuid, String)>,
}

async fn page(
    cx: &Context,
    staff: &Staff,
    typed: &(dyn Fn(&str) -> String + Sync),
    errors: &[FieldError],
    made: Option<(Uuid, String)>,
) -> Result<KeysPage> {
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let rows = tx.rows(LIST, params![staff.tenant.id.0]).await?;
    let time = |at: Timestamp| local_time(at, &staff.account.time_zone);
    let keys = rows
        .iter()
        .map(|row| {
            let kind =
                KeyKind::parse(row.get("kind")?).ok_or_else(|| Error::internal("an unknown kind of key"))?;
            Ok(Listed {
                id: row.get("id")?,
                description: row.get("description")?,
                kind: match kind {
                    KeyKind::Live => pick(staff.language, "Live", "Real"),
                    KeyKind::Test => pick(staff.language, "Test", "Prueba"),
                },
                hint: row.get("hint")?,
                scopes: row.get::<Vec<String>>("scopes")?.join(", "),
                daily_quota: row.get("daily_quota")?,
                created: time(row.get("created_at")?),
                last_used: row.get::<Option<Timestamp>>("last_used_at")?.map(time),
                revoked: row.get::<Option<Timestamp>>("deactivated_at")?.map(time),
            })
        })
        .collect::<Result<_>>()?;
    let mut form = Form::default();
    let kinds = FormField {
        options: vec![
            ("live".to_owned(), staff.t("Live", "Real").to_owned()),
            (
                "test".to_owned(),
                staff
                    .t(
                        "Test: answers, and keeps nothing",
                        "Prueba: responde, y no guarda nada",
                    )
                    .to_owned(),
            ),
        ],
        ..field("kind", staff.t("Kind", "Tipo"), "select", "off")
    };
    let description = FormField {
        hint: staff
            .t(
                "Which program uses it, so that you know it again",
                "Qué programa la usa, para reconocerla después",
            )
            .to_owned(),
        ..field(
            "description",
            staff.t("Description", "Descripción"),
            "text",
            "off",
        )
    };
    let services = SCOPES
        .iter()
        .map(|scope| ((*scope).to_owned(), service_name(staff, scope).to_owned()));
    let services = FormField {
        options: services
            .chain([(ALL.to_owned(), staff.t("All of them", "Todos").to_owned())])
            .collect(),
        ..field("service", staff.t("Service", "Servicio"), "select", "off")
    };
    for field in [description, kinds, services] {
        form.push(field, typed, errors);
    }
    let title = staff.t("API keys", "Claves de API");
    Ok(KeysPage {
        page: Page::new(staff.language, title),
        menu: Some(staff.menu("/platform/api-keys")?),
        form,
        form_token: staff.token.form_token()?,
        keys,
        made,
    })
}

fn service_name(staff: &Staff, scope: &str) -> &'static str {
    match scope {
        "expungement" => staff.t(
            "Expungement: records by the thousand",
            "Expungement: historiales por millares",
        ),
        _ => staff.t("Voting: forms on your site", "Votación: formularios en su sitio"),
    }
}

async fn list(staff: Staff, State(cx): State<Context>) -> app::Result<Response> {
    staff.require(Permission::ManageKeys)?;
    html(
        StatusCode::OK,
        &page(&cx, &staff, &|_| String::new(), &[], None).await?,
    )
}

async fn create(staff: Staff, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    staff.require(Permission::ManageKeys)?;
    let mut errors = Vec::new();
    let description = Line::parse(sent.text("description"))
        .map_err(|invalid| errors.push(FieldError::new("description", invalid.code, invalid.message)))
        .ok();
    let kind = KeyKind::parse(sent.text("kind"));
    if kind.is_none() {
        let message = staff.t("Choose a kind.", "Elija un tipo.").to_owned();
        errors.push(FieldError::new("kind", "kind", message));
    }
    let scopes: Vec<&str> = SCOPES
        .iter()
        .copied()
        .filter(|scope| [*scope, ALL].contains(&sent.text("service")))
        .collect();
    if scopes.is_empty() {
        let message = staff.t("Choose a service.", "Elija un servicio.").to_owned();
        errors.push(FieldError::new("service", "service", message));
    }
    let tenant = staff.tenant.id;
    if let (Some(description), Some(kind), false) = (&description, kind, scopes.is_empty()) {
        let mut tx = cx.db.begin(tenant).await?;
        if tx.one(COUNT, params![tenant.0]).await?.get::<i64>("keys")? < MOST_KEYS {
            let (id, now) = (tx.random_id(), tx.now());
            let key = api_key::generate(cx.random(), kind, id);
            tx.execute(
                INSERT,
                params![
                    id,
                    tenant.0,
                    api_key::hash(&key),
                    api_key::hint(&key),
                    description.as_str(),
                    kind.as_str(),
                    scopes,
                    staff.account.id,
                    now
                ],
            )
            .await?;
            tx.audit(Change {
                actor: Actor::Account(staff.account.id),
                action: "api_key.create",
                object_kind: "api_key",
                object_id: id.to_string(),
                before: None,
                after: Some(json!({
                    "kind": kind.as_str(), "description": description.as_str(), "scopes": scopes,
                })),
            })
            .await?;
            tx.commit().await?;
            let page = page(&cx, &staff, &|_| String::new(), &[], Some((id, key))).await?;
            return html(StatusCode::OK, &page);
        }
        let message = staff.t(
            "This organization has as many keys as it may. Revoke one first.",
            "Esta organización tiene todas las claves que puede tener. Revoque una primero.",
        );
        errors.push(FieldError::new("description", "too_many", message.to_owned()));
    }
    let errors = translated(staff.language, &errors);
    let typed = |name: &str| sent.text(name).to_owned();
    html(
        StatusCode::BAD_REQUEST,
        &page(&cx, &staff, &typed, &errors, None).await?,
    )
}

async fn revoke(
    staff: Staff,
    State(cx): State<Context>,
    PathId(id): PathId,
    _: Posted,
) -> app::Result<Response> {
    staff.require(Permission::ManageKeys)?;
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let now = tx.now();
    let row = tx.one(REVOKE, params![staff.tenant.id.0, id, now]).await?;
    let before = json!({
        "kind": row.get::<String>("kind")?, "description": row.get::<String>("description")?,
    });
    tx.audit(Change {
        actor: Actor::Account(staff.account.id),
        action: "api_key.revoke",
        object_kind: "api_key",
        object_id: id.to_string(),
        before: Some(before),
        after: None,
    })
    .await?;
    tx.commit().await?;
    Ok(see_other("/platform/api-keys"))
}
