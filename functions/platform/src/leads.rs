//! `/platform/leads`: operators read who asks to join, and let them in or not.
//!
//! Letting in makes the organisation with its slug and plan, invites its first person as an owner, and writes a welcome. Both
//! decisions are made once: whoever comes second, by a double click or beside a colleague, is told what was decided. A lead is
//! about a person: it is forgotten some months later.

use app::{
    Context, Fields, Form, FormField, Menu, OpenApiRouter, Operator, Page, PathId, Posted, Role, TenantId,
    page::html, see_other,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    person::{Email, Language, Line, Slug, Text, WebUrl},
    voting::{
        codes::{SmsOption, SubscriberPlan},
        subscriber::SmsSettings,
    },
};
use jiff::{SignedDuration, Timestamp};
use ports::{Error, FieldError, Kind, Result};
use serde::Deserialize;
use serde_json::json;
use store::{
    Row, Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::{
    accounts::{field, local_time, translated},
    all_organizations::{self, New},
    invitations,
    lead::{plan_name, sms_options},
    welcome::PlatformWelcome,
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/platform/leads", get(list))
        .route("/platform/leads/{id}", get(show))
        .route("/platform/leads/{id}/activate", post(activate))
        .route("/platform/leads/{id}/reject", post(reject))
}

/// Leads of a page.
const PAGE: usize = 50;
/// How long a lead is kept after it was decided. What an organisation that was let in needs of it was copied then.
const KEPT_DECIDED: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How long it waits for a decision.
const KEPT_WAITING: SignedDuration = SignedDuration::from_hours(24 * 180);

const LIST: Sql = sql!(
    "select l.id, l.organization, l.plan, l.status, l.created_at
       from platform.lead l
      where ($1 = '' or l.status = $1)
        and ($2::uuid is null or (l.created_at, l.id) < (select b.created_at, b.id from platform.lead b where b.id = $2))
      order by l.created_at desc, l.id desc limit $3"
);
const FIND: Sql = sql!(
    "select l.*, a.name as decider from platform.lead l left join platform.account a on a.id = l.decided_by where l.id = $1"
);
const HOLD: Sql = sql!("select l.* from platform.lead l where l.id = $1 for update");
const REJECT: Sql = sql!(
    "update platform.lead set status = 'rejected', reject_reason = $2, decided_by = $3, decided_at = $4 where id = $1"
);
const ACTIVATE: Sql = sql!(
    "update platform.lead set status = 'active', organization_id = $2, decided_by = $3, decided_at = $4 where id = $1"
);

const FORGET: Sql = sql!(
    "delete from platform.lead l where l.id in (
         (select d.id from platform.lead d where d.decided_at < $1 limit 500)
          union all
         (select w.id from platform.lead w where w.status = 'pending' and w.created_at < $2 limit 500))"
);

/// Deletes the leads whose time is over, so many at a time.
pub(crate) async fn forget(cx: &Context) -> Result<()> {
    let now = cx.clock().now();
    cx.db
        .rows(FORGET, params![now - KEPT_DECIDED, now - KEPT_WAITING])
        .await
        .map(drop)
}

struct Listed {
    id: Uuid,
    organization: String,
    plan: &'static str,
    status: &'static str,
    asked: String,
}

#[derive(Template)]
#[template(path = "leads.html")]
struct LeadsPage {
    page: Page,
    menu: Option<Menu>,
    leads: Vec<Listed>,
    /// Code, name, whether it is the present one.
    statuses: Vec<(&'static str, &'static str, bool)>,
    status: String,
    older: Option<Uuid>,
}

fn status_name<'a>(operator: &Operator, status: &'a str) -> &'a str {
    match status {
        "pending" => operator.t("Waiting", "En espera"),
        "active" => operator.t("Let in", "Admitida"),
        "rejected" => operator.t("Refused", "Rechazada"),
        "" => operator.t("All", "Todas"),
        other => other,
    }
}

fn plan_of(row: &Row) -> Result<SubscriberPlan> {
    SubscriberPlan::parse(row.get("plan")?).map_err(|_| Error::internal("an unknown plan"))
}

#[derive(Deserialize)]
struct Wanted {
    status: Option<String>,
    after: Option<Uuid>,
}

async fn list(
    operator: Operator,
    State(cx): State<Context>,
    Query(query): Query<Wanted>,
) -> app::Result<Response> {
    const STATUSES: [&str; 4] = ["pending", "active", "rejected", ""];
    let asked = query.status.unwrap_or_else(|| "pending".to_owned());
    let status = STATUSES
        .into_iter()
        .find(|known| *known == asked)
        .unwrap_or("pending");
    let limit = i64::try_from(PAGE + 1).map_err(Error::internal)?;
    let rows = cx.db.rows(LIST, params![status, query.after, limit]).await?;
    let leads = rows
        .iter()
        .take(PAGE)
        .map(|row| {
            let status = match row.get("status")? {
                "active" => "active",
                "rejected" => "rejected",
                _ => "pending",
            };
            Ok(Listed {
                id: row.get("id")?,
                organization: row.get("organization")?,
                plan: plan_name(operator.language, plan_of(row)?),
                status: status_name(&operator, status),
                asked: local_time(row.get("created_at")?, &operator.account.time_zone),
            })
        })
        .collect::<Result<_>>()?;
    let older = match rows.len() > PAGE {
        true => Some(rows[PAGE - 1].get("id")?),
        false => None,
    };
    let title = operator.t("Who asks to join", "Quién pide unirse");
    html(
        StatusCode::OK,
        &LeadsPage {
            page: Page::new(operator.language, title).with_query(&format!("status={status}")),
            menu: Some(operator.menu("/platform/leads")?),
            leads,
            statuses: STATUSES
                .map(|code| (code, status_name(&operator, code), code == status))
                .into(),
            status: status.to_owned(),
            older,
        },
    )
}

#[derive(Template)]
#[template(path = "lead.html")]
struct LeadPage {
    page: Page,
    heading: String,
    menu: Option<Menu>,
    form_token: String,
    id: Uuid,
    is_pending: bool,
    /// What was decided, by whom and when.
    decided: Option<String>,
    reason: Option<String>,
    organization: Option<Uuid>,
    /// Somebody else decided before this was sent.
    was_late: bool,
    facts: Vec<(&'static str, String)>,
    form: Form,
    reject: Form,
}

/// A slug made of a name: what is no letter or digit becomes a hyphen.
pub(crate) fn proposed_slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            '\'' | '’' => {}
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(40);
    slug.trim_matches('-').to_owned()
}

fn activate_form(operator: &Operator, typed: &dyn Fn(&str) -> String, errors: &[FieldError]) -> Form {
    let mut form = Form::default();
    for field in [
        field(
            "organization",
            operator.t("Name of the organization", "Nombre de la organización"),
            "text",
            "off",
        ),
        field("website", operator.t("Website", "Sitio web"), "url", "off"),
        FormField {
            hint: operator
                .t(
                    "Stands in links: small letters, digits, hyphens",
                    "Está en los enlaces: minúsculas, cifras, guiones",
                )
                .to_owned(),
            ..field("slug", operator.t("Short name", "Nombre corto"), "text", "off")
        },
        FormField {
            options: SubscriberPlan::ALL
                .iter()
                .map(|plan| {
                    (
                        plan.as_str().to_owned(),
                        plan_name(operator.language, *plan).to_owned(),
                    )
                })
                .collect(),
            ..field("plan", "Plan", "select", "off")
        },
        FormField {
            options: sms_options(operator.language),
            ..field(
                "sms_mode",
                operator.t("Text messages", "Mensajes de texto"),
                "select",
                "off",
            )
        },
        FormField {
            hint: operator
                .t(
                    "We mail an invitation to join as an owner",
                    "Enviamos una invitación para unirse como propietario",
                )
                .to_owned(),
            ..field(
                "initial_user",
                operator.t("E-mail of the first person", "Correo de la primera persona"),
                "email",
                "off",
            )
        },
    ] {
        form.push(field, typed, errors);
    }
    form.push_others(errors);
    form
}

fn reject_form(operator: &Operator, typed: &dyn Fn(&str) -> String, errors: &[FieldError]) -> Form {
    let mut form = Form::default();
    let reason = FormField {
        hint: operator
            .t("For colleagues: it is not mailed", "Para colegas: no se envía")
            .to_owned(),
        ..field("reason", operator.t("Why not", "Por qué no"), "textarea", "off")
    };
    form.push(reason, typed, errors);
    form
}

/// Which of the two forms came back, and what is wrong with it.
enum Came<'a> {
    New,
    Late,
    Activate(&'a Fields, Vec<FieldError>),
    Reject(&'a Fields, Vec<FieldError>),
}

async fn lead_page(cx: &Context, operator: &Operator, id: Uuid, came: Came<'_>) -> app::Result<Response> {
    let row = cx.db.one(FIND, params![id]).await?;
    let text = |column: &str| row.get::<Option<String>>(column).map(Option::unwrap_or_default);
    let (status, organization) = (text("status")?, text("organization")?);
    let plan = plan_of(&row)?;
    let zone = &operator.account.time_zone;
    let known = [
        ("organization", organization.clone()),
        ("website", text("website")?),
        ("slug", proposed_slug(&organization)),
        ("plan", plan.as_str().to_owned()),
        ("sms_mode", text("sms_mode")?),
        ("initial_user", text("email")?),
    ];
    let proposed = |name: &str| {
        let found = known.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let nothing = |_: &str| String::new();
    let errors = |errors: &[FieldError]| translated(operator.language, errors);
    let (form, reject) = match &came {
        Came::New | Came::Late => (
            activate_form(operator, &proposed, &[]),
            reject_form(operator, &nothing, &[]),
        ),
        Came::Activate(sent, wrong) => (
            activate_form(operator, &|name| sent.text(name).to_owned(), &errors(wrong)),
            reject_form(operator, &nothing, &[]),
        ),
        Came::Reject(sent, wrong) => (
            activate_form(operator, &proposed, &[]),
            reject_form(operator, &|name| sent.text(name).to_owned(), &errors(wrong)),
        ),
    };
    let decided = match row.get::<Option<Timestamp>>("decided_at")? {
        None => None,
        Some(at) => Some(format!(
            "{}: {}, {}",
            status_name(operator, &status),
            text("decider")?,
            local_time(at, zone)
        )),
    };
    let http_status = match (&came, form.errors.is_empty() && reject.errors.is_empty()) {
        (Came::Late, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::OK,
        (_, false) => StatusCode::BAD_REQUEST,
    };
    let mut page = Page::new(operator.language, organization.clone());
    if http_status == StatusCode::BAD_REQUEST {
        page.title = format!("Error: {}", page.title);
    }
    let facts = vec![
        (operator.t("Website", "Sitio web"), text("website")?),
        (
            operator.t("Contact", "Contacto"),
            format!("{} {}", text("first_name")?, text("last_name")?),
        ),
        (operator.t("E-mail", "Correo electrónico"), text("email")?),
        (operator.t("Phone", "Teléfono"), text("phone")?),
        ("Plan", plan_name(operator.language, plan).to_owned()),
        ("EIN", text("ein")?),
        (
            operator.t("Asked", "Pedido"),
            local_time(row.get("created_at")?, zone),
        ),
    ];
    html(
        http_status,
        &LeadPage {
            page,
            heading: organization,
            menu: Some(operator.menu("/platform/leads")?),
            form_token: operator.token.form_token()?,
            id,
            is_pending: status == "pending",
            decided,
            reason: row.get("reject_reason")?,
            organization: row.get("organization_id")?,
            was_late: matches!(came, Came::Late),
            facts: facts.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            form,
            reject,
        },
    )
}

async fn show(operator: Operator, State(cx): State<Context>, PathId(id): PathId) -> app::Result<Response> {
    lead_page(&cx, &operator, id, Came::New).await
}

/// What an operator decided of a lead's organisation.
struct Decided {
    new: New,
    email: Email,
}

fn read(sent: &Fields) -> Result<Decided> {
    let mut fields = Fields::new(sent.values().clone());
    let organization = fields.take::<Line>("organization");
    let website = fields.take::<WebUrl>("website");
    let slug = fields.take::<Slug>("slug");
    let plan = fields.take::<app::Choice<SubscriberPlan>>("plan");
    let sms = fields.take::<app::Choice<SmsOption>>("sms_mode");
    let email = fields.take::<Email>("initial_user");
    fields.problems.check()?;
    match (organization, website, slug, plan, sms, email) {
        (Some(name), Some(website), Some(slug), Some(plan), Some(sms), Some(email)) => Ok(Decided {
            new: New {
                name: name.as_str().to_owned(),
                website: website.as_str().to_owned(),
                slug: slug.as_str().to_owned(),
                plan: plan.0,
                sms: SmsSettings::from(sms.0),
                is_first_party: false,
            },
            email,
        }),
        _ => Err(Error::internal("a form noted no problem and gave no value")),
    }
}

async fn activate(
    operator: Operator,
    State(cx): State<Context>,
    PathId(id): PathId,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let decided = match read(&sent) {
        Ok(decided) => decided,
        Err(error) if error.kind() == Kind::Invalid => {
            let errors = error.fields().to_vec();
            return lead_page(&cx, &operator, id, Came::Activate(&sent, errors)).await;
        }
        Err(error) => return Err(error.into()),
    };
    let tenant = TenantId(cx.random().uuid());
    let mut tx = cx.db.begin(tenant).await?;
    let row = tx.one(HOLD, params![id]).await?;
    if row.get::<&str>("status")? != "pending" {
        drop(tx);
        return lead_page(&cx, &operator, id, Came::Late).await;
    }
    let by = Actor::Account(operator.account.id);
    if !all_organizations::create(&mut tx, tenant, &decided.new, by).await? {
        drop(tx);
        let errors = vec![all_organizations::slug_taken(&operator, "slug")];
        return lead_page(&cx, &operator, id, Came::Activate(&sent, errors)).await;
    }
    let language = Language::or_default(row.get("language")?);
    keep_contact(&mut tx, tenant, id, &row).await?;
    invitations::invite(&mut tx, tenant, &decided.email, Role::Owner, language, by).await?;
    tx.enqueue(&PlatformWelcome {}).await?;
    let now = tx.now();
    tx.execute(ACTIVATE, params![id, tenant.0, operator.account.id, now])
        .await?;
    tx.commit().await?;
    Ok(see_other(&format!("/platform/leads/{id}")))
}

const CONTACT: Sql = sql!(
    "insert into platform.subscription (tenant_id, lead_id, first_name, last_name, email, phone, ein, language)
     values ($1, $2, $3, $4, $5, coalesce($6, ''), coalesce($7, ''), $8)"
);

async fn keep_contact(tx: &mut Tx, tenant: TenantId, lead: Uuid, row: &Row) -> Result<()> {
    let text = |column: &str| row.get::<&str>(column);
    tx.execute(
        CONTACT,
        params![
            tenant.0,
            lead,
            text("first_name")?,
            text("last_name")?,
            text("email")?,
            row.get::<Option<&str>>("phone")?,
            row.get::<Option<&str>>("ein")?,
            text("language")?
        ],
    )
    .await
}

async fn reject(
    operator: Operator,
    State(cx): State<Context>,
    PathId(id): PathId,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let reason = match Text::parse(sent.text("reason")) {
        Ok(reason) if !reason.as_str().trim().is_empty() => reason,
        Ok(_) => {
            let errors = vec![FieldError::required("reason")];
            return lead_page(&cx, &operator, id, Came::Reject(&sent, errors)).await;
        }
        Err(invalid) => {
            let errors = vec![FieldError::new("reason", invalid.code, invalid.message)];
            return lead_page(&cx, &operator, id, Came::Reject(&sent, errors)).await;
        }
    };
    let account = operator.account.id;
    let mut tx = cx.db.begin_untenanted().await?;
    let row = tx.one(HOLD, params![id]).await?;
    if row.get::<&str>("status")? != "pending" {
        drop(tx);
        return lead_page(&cx, &operator, id, Came::Late).await;
    }
    let now = tx.now();
    tx.execute(REJECT, params![id, reason.as_str(), account, now])
        .await?;
    // It never became an organisation, so that it stands in the history of who decided.
    tx.audit_account(
        account,
        Change {
            actor: Actor::Account(account),
            action: "lead.reject",
            object_kind: "lead",
            object_id: id.to_string(),
            before: None,
            after: Some(json!({"organization": row.get::<&str>("organization")?, "reason": reason.as_str()})),
        },
    )
    .await?;
    tx.commit().await?;
    Ok(see_other(&format!("/platform/leads/{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_of_a_name() {
        for (name, slug) in [
            ("Riverside Voters, Inc.", "riverside-voters-inc"),
            ("Women’s March", "womens-march"),
            ("  ¡Sí!  ", "s"),
            ("投票", ""),
        ] {
            assert_eq!(proposed_slug(name), slug);
        }
        assert!(Slug::parse(&proposed_slug(&"long name ".repeat(20))).is_ok());
    }
}
