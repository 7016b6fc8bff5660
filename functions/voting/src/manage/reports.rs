//! `/voting/manage/reports`: tables of the organisation's voters as CSV, made by a job and mailed as a link that expires.
//!
//! The columns stand in `jobs::report`. Whoever leaves the organisation cannot use the links of theirs any more.

use app::{
    Context, Fields, Form, FormField, Menu, OpenApiRouter, Page, PathId, Permission, Posted, Staff,
    page::{html, pick},
    see_other,
    time_zone::{local_time, time_zone},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::person::Language;
use identity::Limit;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use ports::{Error, FieldError, Result};
use serde::Deserialize;
use serde_json::json;
use store::{
    Row, Sql,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use super::{Link, field, has_data_access, links, tool_name, translated};
use crate::{jobs::VotingReport, storage};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/voting/manage/reports", get(list).post(ask))
        .route("/voting/manage/reports/{id}/link", post(mail_link))
}

const PATH: &str = "/voting/manage/reports";
/// What a report may be of.
const KINDS: &[&str] = &["register", "verify", "remind"];
/// Reports of one organisation that are made at the same time.
const MOST_PENDING: i64 = 5;
/// A report that is not made by then never will be: its job was given up.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(24);
/// Reports that an organisation asks for.
const ASKED: Limit = Limit::new("voting-reports", 30, SignedDuration::from_hours(1));

const LIST: Sql = sql!(
    "select r.id, r.kind, r.since, r.before, r.author_id, r.status, r.failure, r.row_count, r.created_at,
            platform.actor_name(r.author_id) as author, f.expires_at, f.first_download_at, f.purged_at
       from voting.report r left join voting.stored_file f on f.id = r.file_id
      where r.tenant_id = $1 order by r.created_at desc, r.id limit 50"
);
const PENDING: Sql = sql!(
    "select count(*) as pending from voting.report where tenant_id = $1 and status = 'pending' and created_at > $2"
);
const INSERT: Sql = sql!(
    "insert into voting.report (id, tenant_id, kind, since, before, author_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing returning id"
);
const OWN: Sql = sql!(
    "select file_id from voting.report where tenant_id = $1 and id = $2 and author_id = $3 and status = 'ready'"
);

struct Listed {
    id: Uuid,
    kind: &'static str,
    period: String,
    author: String,
    asked: String,
    status: String,
    /// Offers to mail the link again.
    may_mail: bool,
}

#[derive(Template)]
#[template(path = "manage_reports.html")]
struct ReportsPage {
    page: Page,
    menu: Option<Menu>,
    links: Vec<Link>,
    form: Form,
    form_token: String,
    /// The id of the report that this form asks for: sent twice, it asks once.
    once: Uuid,
    may_ask: bool,
    notice: Option<&'static str>,
    reports: Vec<Listed>,
}

/// The free plan has no reports: there is no such page.
fn admit(staff: &Staff, permission: Permission) -> Result<()> {
    if !has_data_access(staff)? {
        return Err(Error::not_found());
    }
    staff.require(permission)
}

fn failure_text(language: Language, code: Option<&str>) -> &'static str {
    match code {
        Some("too_many_rows") => pick(
            language,
            "Not made: it has more than two million rows. Ask for a shorter time.",
            "No se hizo: tiene más de dos millones de filas. Pida un período más corto.",
        ),
        Some("author_left") => pick(
            language,
            "Not made: who asked for it left the organization.",
            "No se hizo: quien lo pidió dejó la organización.",
        ),
        Some("disabled") => pick(
            language,
            "Not made: the organization was disabled then.",
            "No se hizo: la organización estaba desactivada.",
        ),
        Some("plan") => pick(
            language,
            "Not made: the plan has no reports.",
            "No se hizo: el plan no incluye informes.",
        ),
        _ => pick(
            language,
            "Not made: something went wrong. Ask again.",
            "No se hizo: algo salió mal. Pídalo de nuevo.",
        ),
    }
}

fn listed(staff: &Staff, now: Timestamp, row: &Row) -> Result<Listed> {
    let zone = &staff.account.time_zone;
    let day = |at: Timestamp| at.to_zoned(time_zone(zone)).date().to_string();
    let since: Option<Timestamp> = row.get("since")?;
    // The last moment of the period, not the first after it.
    let last = day(row.get::<Timestamp>("before")? - SignedDuration::from_micros(1));
    let created: Timestamp = row.get("created_at")?;
    let expires: Option<Timestamp> = row.get("expires_at")?;
    let is_purged = row.get::<Option<Timestamp>>("purged_at")?.is_some();
    let failed = row.get::<Option<&str>>("failure")?;
    let status = row.get::<&str>("status")?;
    let is_ready = status == "ready" && !is_purged;
    let status = match status {
        "ready" if is_purged => staff
            .t("Deleted after sixty days", "Borrado después de sesenta días")
            .to_owned(),
        "ready" => {
            let rows = row.get::<Option<i64>>("row_count")?.unwrap_or_default();
            let rows = match rows {
                1 => staff.t("1 row", "1 fila").to_owned(),
                _ => format!("{rows} {}", staff.t("rows", "filas")),
            };
            let link = match expires.filter(|ends| *ends > now) {
                Some(ends) => format!(
                    "{} {}",
                    staff.t("link until", "enlace hasta"),
                    local_time(ends, zone)
                ),
                None => staff.t("link expired", "enlace caducado").to_owned(),
            };
            let fetched = match row.get::<Option<Timestamp>>("first_download_at")? {
                Some(at) => format!(
                    "; {} {}",
                    staff.t("downloaded", "descargado"),
                    local_time(at, zone)
                ),
                None => String::new(),
            };
            format!("{}: {rows}; {link}{fetched}", staff.t("Ready", "Listo"))
        }
        "pending" if now.duration_since(created) < GIVEN_UP => {
            staff.t("Being made", "En preparación").to_owned()
        }
        _ => failure_text(staff.language, failed).to_owned(),
    };
    let author: Option<String> = row.get("author")?;
    Ok(Listed {
        id: row.get("id")?,
        kind: tool_name(staff.language, row.get("kind")?),
        period: match since {
            Some(since) => format!("{} – {last}", day(since)),
            None => format!("{} {last}", staff.t("until", "hasta")),
        },
        author: author.unwrap_or_else(|| staff.t("Somebody who left", "Alguien que se fue").to_owned()),
        asked: local_time(created, zone),
        status,
        may_mail: is_ready && row.get::<Uuid>("author_id")? == staff.account.id,
    })
}

fn form(staff: &Staff, typed: &dyn Fn(&str) -> String, errors: Vec<FieldError>) -> Form {
    let kinds = FormField {
        required: true,
        options: KINDS
            .iter()
            .map(|kind| ((*kind).to_owned(), tool_name(staff.language, kind).to_owned()))
            .collect(),
        ..field("kind", staff.t("Report of", "Informe de"), "select", "")
    };
    let errors = translated(staff.language, errors);
    let mut form = Form::default();
    for field in [
        kinds,
        field(
            "from",
            staff.t("First day", "Primer día"),
            "day",
            staff.t("Empty: from the beginning", "Vacío: desde el principio"),
        ),
        field(
            "to",
            staff.t("Last day", "Último día"),
            "day",
            staff.t("Empty: until now", "Vacío: hasta ahora"),
        ),
    ] {
        form.push(field, typed, &errors);
    }
    form.push_others(&errors);
    form
}

async fn page(
    cx: &Context,
    staff: &Staff,
    typed: &(dyn Fn(&str) -> String + Sync),
    errors: Vec<FieldError>,
    notice: Option<&'static str>,
) -> Result<ReportsPage> {
    let now = cx.clock().now();
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let rows = tx.rows(LIST, params![staff.tenant.id.0]).await?;
    drop(tx);
    let form = form(staff, typed, errors);
    let mut page = Page::new(staff.language, staff.t("Reports", "Informes"));
    if !form.errors.is_empty() {
        page.title = format!("Error: {}", page.title);
    }
    Ok(ReportsPage {
        page,
        menu: Some(staff.menu("/voting/manage")?),
        links: links(staff, PATH)?,
        form,
        form_token: staff.token.form_token()?,
        once: cx.random().uuid(),
        may_ask: staff.role.may(Permission::Edit),
        notice,
        reports: rows
            .iter()
            .map(|row| listed(staff, now, row))
            .collect::<Result<_>>()?,
    })
}

#[derive(Deserialize)]
struct Done {
    done: Option<String>,
}

async fn list(staff: Staff, State(cx): State<Context>, Query(query): Query<Done>) -> app::Result<Response> {
    admit(&staff, Permission::View)?;
    let notice = match query.done.as_deref() {
        Some("asked") => Some(staff.t(
            "The report is being made. We mail you a link when it is ready.",
            "El informe se está haciendo. Le enviamos un enlace cuando esté listo.",
        )),
        Some("mailed") => Some(staff.t("We are mailing you the link.", "Le enviamos el enlace.")),
        _ => None,
    };
    html(
        StatusCode::OK,
        &page(&cx, &staff, &|_| String::new(), Vec::new(), notice).await?,
    )
}

/// What is asked for.
struct Asked {
    kind: &'static str,
    since: Option<Timestamp>,
    before: Timestamp,
}

/// Reads the form; days are days of the person's time zone.
fn read(staff: &Staff, fields: &Fields, now: Timestamp) -> Result<Asked, Vec<FieldError>> {
    let mut errors = Vec::new();
    let kind = KINDS.iter().find(|kind| **kind == fields.text("kind"));
    if kind.is_none() {
        errors.push(FieldError::new(
            "kind",
            "kind",
            staff.t("Choose what the report is of.", "Elija de qué es el informe."),
        ));
    }
    let mut day = |name: &'static str| {
        let text = fields.text(name).trim();
        if text.is_empty() {
            return None;
        }
        let day = text
            .parse::<Date>()
            .ok()
            .filter(|day| (2000..=2200).contains(&day.year()));
        if day.is_none() {
            let message = staff.t(
                "Enter a date such as 2026-11-03.",
                "Escriba una fecha como 2026-11-03.",
            );
            errors.push(FieldError::new(name, "day", message));
        }
        day
    };
    let (from, to) = (day("from"), day("to"));
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        let message = staff.t(
            "The last day is before the first.",
            "El último día es anterior al primero.",
        );
        errors.push(FieldError::new("to", "order", message));
    }
    let begins = |day: Date| {
        day.to_zoned(time_zone(&staff.account.time_zone))
            .ok()
            .map(|at| at.timestamp())
    };
    let before = to
        .and_then(|day| day.checked_add(1.day()).ok())
        .and_then(begins)
        .map_or(now, |end| end.min(now));
    match (kind, errors.is_empty()) {
        (Some(kind), true) => Ok(Asked {
            kind,
            since: from.and_then(begins),
            before,
        }),
        _ => Err(errors),
    }
}

async fn ask(staff: Staff, State(cx): State<Context>, Posted(fields): Posted) -> app::Result<Response> {
    admit(&staff, Permission::Edit)?;
    let now = cx.clock().now();
    let typed = |name: &str| fields.text(name).to_owned();
    let asked = match read(&staff, &fields, now) {
        Ok(asked) => asked,
        Err(errors) => {
            let page = page(&cx, &staff, &typed, errors, None).await?;
            return html(StatusCode::BAD_REQUEST, &page);
        }
    };
    let tenant = staff.tenant.id;
    let once = Uuid::try_parse(fields.text("once")).unwrap_or_else(|_| cx.random().uuid());
    let mut tx = cx.db.begin(tenant).await?;
    let pending: i64 = tx
        .one(PENDING, params![tenant.0, now - GIVEN_UP])
        .await?
        .get("pending")?;
    if pending >= MOST_PENDING {
        drop(tx);
        let message = staff.t(
            "Five reports are being made already. Wait until one is ready.",
            "Ya se están haciendo cinco informes. Espere a que uno esté listo.",
        );
        let errors = vec![FieldError::new("kind", "pending", message)];
        return html(
            StatusCode::CONFLICT,
            &page(&cx, &staff, &typed, errors, None).await?,
        );
    }
    let Asked { kind, since, before } = asked;
    let author = staff.account.id;
    let inserted = tx
        .optional(INSERT, params![once, tenant.0, kind, since, before, author, now])
        .await?;
    // A double click: the first one asked for it.
    if inserted.is_some() {
        ASKED
            .take(cx.key_value(), cx.clock(), &tenant.0.simple().to_string())
            .await?;
        tx.enqueue(&VotingReport { report: once }).await?;
        tx.audit(Change {
            actor: Actor::Account(author),
            action: "report.create",
            object_kind: "report",
            object_id: once.to_string(),
            before: None,
            after: Some(json!({"kind": kind, "since": since, "before": before})),
        })
        .await?;
        tx.commit().await?;
    }
    Ok(see_other(&format!("{PATH}?done=asked")))
}

/// Mails the link of a report of one's own again.
async fn mail_link(
    staff: Staff,
    State(cx): State<Context>,
    PathId(id): PathId,
    _: Posted,
) -> app::Result<Response> {
    admit(&staff, Permission::Edit)?;
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let row = tx
        .one(OWN, params![staff.tenant.id.0, id, staff.account.id])
        .await?;
    let file = row.get::<Option<Uuid>>("file_id")?.ok_or_else(Error::not_found)?;
    drop(tx);
    storage::reset(&cx, file).await?;
    Ok(see_other(&format!("{PATH}?done=mailed")))
}
