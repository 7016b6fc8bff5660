//! `/platform/all-organizations/{id}`: an organisation as operators see it, and its change.

use app::{Context, Operator, Page, PathId, Posted, TenantId, page::html, see_other};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ports::{FieldError, Kind, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{
    Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use super::{EditPage, Facts, HOLD, LIST, PATH, Past, SLUG, form, slug_taken, text_of};
use crate::{accounts::local_time, history};

const FIND: Sql = sql!(
    "select t.name, t.plan, t.status, t.is_first_party, t.created_at, coalesce(voting.website(), '') as website,
            coalesce((select string_agg(s.slug, ' ' order by s.position, s.slug) from platform.tenant_slug s where s.tenant_id = t.id), '')
                as slugs,
            coalesce(c.first_name, '') as first_name, coalesce(c.last_name, '') as last_name, coalesce(c.email, '') as email,
            coalesce(c.phone, '') as phone, coalesce(c.ein, '') as ein, coalesce(c.internal_notes, '') as internal_notes
       from platform.tenant t left join platform.subscription c on c.tenant_id = t.id
      where t.id = $1"
);
const UPDATE: Sql =
    sql!("update platform.tenant set name = $2, plan = $3, status = $4, is_first_party = $5 where id = $1");
const WEBSITE: Sql = sql!("select voting.set_website($1)");
const DROP_SLUGS: Sql = sql!("delete from platform.tenant_slug where tenant_id = $1 and not slug = any($2)");
// It stays active until this transaction ends. One that is being changed now does not count: two operators may be about to
// disable the last two.
const OTHERS: Sql =
    sql!("select id from platform.tenant where status = 'active' and id <> $1 limit 1 for share skip locked");
const CONTACT: Sql = sql!(
    "insert into platform.subscription as s (tenant_id, first_name, last_name, email, phone, ein, internal_notes)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (tenant_id) do update set first_name = excluded.first_name, last_name = excluded.last_name,
         email = excluded.email, phone = excluded.phone, ein = excluded.ein, internal_notes = excluded.internal_notes"
);
const CHANGES: Sql = sql!(
    "select e.at, e.actor_kind, a.name as actor, e.action, e.before, e.after
       from platform.audit_entry e
       left join platform.account a on e.actor_kind = 'account' and a.id = e.actor_id
      where e.chain_id = $1 and e.object_kind = any($2) and e.object_id = $3
      order by e.position desc limit 50"
);
const TEXTS: &[&str] = &["website", "slugs", "plan", "status", "ein", "internal_notes"];
/// Of a person: masked in the history.
const CONTACTS: &[&str] = &["first_name", "last_name", "email", "phone"];

async fn facts(tx: &mut Tx, id: Uuid) -> Result<Facts> {
    let row = tx.one(FIND, params![id]).await?;
    let mut facts = Facts::new();
    facts.insert("organization".to_owned(), json!(row.get::<&str>("name")?));
    for name in TEXTS.iter().chain(CONTACTS) {
        facts.insert((*name).to_owned(), json!(row.get::<&str>(name)?));
    }
    facts.insert(
        "is_first_party".to_owned(),
        json!(row.get::<bool>("is_first_party")?),
    );
    Ok(facts)
}

fn fingerprint(facts: &Facts) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(json!(facts).to_string()))
}

async fn changes(tx: &mut Tx, operator: &Operator, id: Uuid) -> Result<Vec<Past>> {
    let kinds = vec!["organization", "subscriber"];
    let rows = tx.rows(CHANGES, params![id, kinds, id.to_string()]).await?;
    rows.iter()
        .map(|row| {
            let actor: Option<String> = row.get("actor")?;
            let somebody = match row.get::<&str>("actor_kind")? {
                "system" => operator.t("The operator", "El operador"),
                _ => operator.t("Somebody who left", "Alguien que se fue"),
            };
            Ok(Past {
                at: local_time(row.get::<Timestamp>("at")?, &operator.account.time_zone),
                actor: actor.unwrap_or_else(|| somebody.to_owned()),
                action: history::action_name(operator.language, row.get("action")?),
                fields: history::fields(row.get("before")?, row.get("after")?),
            })
        })
        .collect()
}

async fn edit_page(
    tx: &mut Tx,
    operator: &Operator,
    id: Uuid,
    facts: &Facts,
    typed: &(dyn Fn(&str) -> String + Sync),
    errors: &[FieldError],
    saved: bool,
) -> Result<EditPage> {
    let changes = changes(tx, operator, id).await?;
    let mut page = Page::new(operator.language, text_of(facts, "organization"));
    if !errors.is_empty() {
        page.title = format!("Error: {}", page.title);
    }
    Ok(EditPage {
        page,
        heading: text_of(facts, "organization"),
        menu: Some(operator.menu(LIST)?),
        form_token: operator.token.form_token()?,
        seen: fingerprint(facts),
        form: form::form(operator, false, typed, errors),
        button: operator.t("Save", "Guardar"),
        saved,
        changes: Some(changes),
        slug: text_of(facts, "slugs")
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned(),
    })
}

#[derive(Deserialize)]
pub(super) struct Saved {
    saved: Option<String>,
}

pub(super) async fn show(
    operator: Operator,
    State(cx): State<Context>,
    PathId(id): PathId,
    Query(query): Query<Saved>,
) -> app::Result<Response> {
    let mut tx = cx.db.begin(TenantId(id)).await?;
    let facts = facts(&mut tx, id).await?;
    let typed = |name: &str| text_of(&facts, name);
    let page = edit_page(&mut tx, &operator, id, &facts, &typed, &[], query.saved.is_some()).await?;
    html(StatusCode::OK, &page)
}

pub(super) async fn save(
    operator: Operator,
    State(cx): State<Context>,
    PathId(id): PathId,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let mut tx = cx.db.begin(TenantId(id)).await?;
    tx.one(HOLD, params![id]).await?;
    let before = facts(&mut tx, id).await?;
    let typed = |name: &str| sent.text(name).to_owned();
    let after = match form::read(&operator, &sent, false) {
        Ok(after) => after,
        Err(error) if error.kind() == Kind::Invalid => {
            let page = edit_page(&mut tx, &operator, id, &before, &typed, error.fields(), false).await?;
            return html(StatusCode::BAD_REQUEST, &page);
        }
        Err(error) => return Err(error.into()),
    };
    let there = see_other(&format!("{PATH}/{id}?saved=true"));
    if after == before {
        return Ok(there);
    }
    if sent.text("seen") != fingerprint(&before) {
        let message = operator.t(
            "Somebody else saved this organization while you worked on it. Your changes are below: compare them with the history, and save again.",
            "Otra persona guardó esta organización mientras usted trabajaba en ella. Sus cambios están abajo: compárelos con el historial y guarde de nuevo.",
        );
        let errors = [FieldError::new("seen", "changed", message)];
        let page = edit_page(&mut tx, &operator, id, &before, &typed, &errors, false).await?;
        return html(StatusCode::CONFLICT, &page);
    }
    if let Some(wrong) = write(&mut tx, &operator, id, &after).await? {
        // What was written goes with this transaction.
        drop(tx);
        let mut tx = cx.db.begin(TenantId(id)).await?;
        let page = edit_page(&mut tx, &operator, id, &before, &typed, &[wrong], false).await?;
        return html(StatusCode::BAD_REQUEST, &page);
    }
    audit(&mut tx, &operator, id, &before, &after).await?;
    tx.commit().await?;
    Ok(there)
}

/// Writes the whole; what the rest of the installation forbids, as the field's error.
async fn write(tx: &mut Tx, operator: &Operator, id: Uuid, after: &Facts) -> Result<Option<FieldError>> {
    let text = |name: &str| text_of(after, name);
    if text("status") == "disabled" && tx.optional(OTHERS, params![id]).await?.is_none() {
        let message = operator.t(
            "This is the last active organization: voters without a link of their own come to it.",
            "Es la última organización activa: los votantes sin enlace propio llegan a ella.",
        );
        return Ok(Some(FieldError::new("status", "last", message)));
    }
    let is_first_party = after.get("is_first_party") == Some(&json!(true));
    tx.execute(
        UPDATE,
        params![
            id,
            text("organization"),
            text("plan"),
            text("status"),
            is_first_party
        ],
    )
    .await?;
    let slugs: Vec<String> = text("slugs").split(' ').map(str::to_owned).collect();
    tx.execute(DROP_SLUGS, params![id, slugs]).await?;
    for (slug, position) in slugs.iter().zip(0_i32..) {
        if tx
            .optional(SLUG, params![slug.as_str(), id, position])
            .await?
            .is_none()
        {
            return Ok(Some(slug_taken(operator, "slugs")));
        }
    }
    tx.execute(WEBSITE, params![text("website")]).await?;
    tx.execute(
        CONTACT,
        params![
            id,
            text("first_name"),
            text("last_name"),
            text("email"),
            text("phone"),
            text("ein"),
            text("internal_notes")
        ],
    )
    .await?;
    Ok(None)
}

async fn audit(tx: &mut Tx, operator: &Operator, id: Uuid, before: &Facts, after: &Facts) -> Result<()> {
    let changed = |one: &Facts, other: &Facts| -> Value {
        one.iter()
            .filter(|(name, value)| other.get(*name) != Some(value))
            .map(|(name, value)| match name.as_str() {
                // The organisation reads its history, and not what operators note about it.
                "internal_notes" => (name.clone(), json!("…")),
                _ => (name.clone(), value.clone()),
            })
            .collect::<Facts>()
            .into()
    };
    tx.audit(Change {
        actor: Actor::Account(operator.account.id),
        action: "organization.change",
        object_kind: "organization",
        object_id: id.to_string(),
        before: Some(changed(before, after)),
        after: Some(changed(after, before)),
    })
    .await
}
