//! `/voting/manage`: how the organisation's tools are used. The figures are counted every five minutes (see `jobs::count`).

use app::{
    Context, Menu, OpenApiRouter, Page, Permission, Staff,
    page::{grouped, html},
    time_zone::{local_time, time_zone},
};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response, routing::get};
use jiff::{Timestamp, ToSpan};
use ports::{Error, Result};
use store::{Sql, params, sql};

use super::{Link, has_data_access, links, tool_name};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/voting/manage", get(home))
}

// An hour has one row of a tool: a year of one organisation is some ten thousand rows, read by the primary key.
const COUNTS: Sql = sql!(
    "select tool, sum(started)::bigint as started, sum(finished)::bigint as finished,
            coalesce(sum(started) filter (where hour >= $2), 0)::bigint as started_today,
            coalesce(sum(finished) filter (where hour >= $2), 0)::bigint as finished_today,
            coalesce(sum(started) filter (where hour >= $3), 0)::bigint as started_week,
            coalesce(sum(finished) filter (where hour >= $3), 0)::bigint as finished_week
       from voting.hourly_count where tenant_id = $1 group by tool"
);
const COUNTED_AT: Sql = sql!("select counted_at from voting.count_run");
/// The tools that are always listed, and the admin's list of what they brought.
const TOOLS: &[(&str, &str)] = &[
    ("register", "/admin/voting/registration/"),
    ("verify", "/admin/voting/lookup/"),
    ("remind", "/admin/voting/reminder-request/"),
];

/// Began and finished.
#[derive(Default)]
struct Pair {
    started: String,
    finished: String,
}

struct Figures {
    tool: &'static str,
    list: Option<&'static str>,
    today: Pair,
    week: Pair,
    ever: Pair,
}

#[derive(Template)]
#[template(path = "manage_home.html")]
struct HomePage {
    page: Page,
    menu: Option<Menu>,
    links: Vec<Link>,
    organization: String,
    figures: Vec<Figures>,
    counted_at: Option<String>,
    has_data: bool,
    may_manage: bool,
}

/// When today and the week of seven days that ends with it began for people of a zone.
fn beginnings(now: Timestamp, zone: &str) -> Result<(Timestamp, Timestamp)> {
    let today = now
        .to_zoned(time_zone(zone))
        .start_of_day()
        .map_err(Error::internal)?;
    let week = today.checked_sub(6.days()).map_err(Error::internal)?;
    Ok((today.timestamp(), week.timestamp()))
}

async fn home(staff: Staff, State(cx): State<Context>) -> app::Result<Response> {
    staff.require(Permission::View)?;
    let zone = &staff.account.time_zone;
    let (today, week) = beginnings(cx.clock().now(), zone)?;
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let rows = tx.rows(COUNTS, params![staff.tenant.id.0, today, week]).await?;
    let counted_at = tx.optional(COUNTED_AT, params![]).await?;
    drop(tx);
    let has_data = has_data_access(&staff)?;
    let find = |tool: &str| {
        rows.iter()
            .find(|row| row.get::<&str>("tool").is_ok_and(|t| t == tool))
    };
    let figures = TOOLS
        .iter()
        .map(|(tool, list)| {
            let row = find(tool);
            let count = |column: &str| match row {
                Some(row) => row.get(column).map(grouped),
                None => Ok("0".to_owned()),
            };
            let pair = |started: &str, finished: &str| -> Result<Pair> {
                Ok(Pair {
                    started: count(started)?,
                    finished: count(finished)?,
                })
            };
            Ok(Figures {
                tool: tool_name(staff.language, tool),
                list: has_data.then_some(*list),
                today: pair("started_today", "finished_today")?,
                week: pair("started_week", "finished_week")?,
                ever: pair("started", "finished")?,
            })
        })
        .collect::<Result<_>>()?;
    let counted_at = counted_at
        .map(|row| Ok::<_, Error>(local_time(row.get("counted_at")?, zone)))
        .transpose()?;
    let title = staff.t("Voting: your organization", "Votar: su organización");
    html(
        StatusCode::OK,
        &HomePage {
            page: Page::new(staff.language, title),
            menu: Some(staff.menu("/voting/manage")?),
            links: links(&staff, "/voting/manage")?,
            organization: staff.tenant.name.clone(),
            figures,
            counted_at,
            has_data,
            may_manage: staff.role.may(Permission::ManageMembers),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_people_are() {
        let now: Timestamp = "2026-11-04T02:00:00Z".parse().unwrap();
        let (today, week) = beginnings(now, "America/Los_Angeles").unwrap();
        assert_eq!(today.to_string(), "2026-11-03T08:00:00Z");
        // Over the change of the clocks.
        assert_eq!(week.to_string(), "2026-10-28T07:00:00Z");
        assert_eq!(
            beginnings(now, "UTC").unwrap().0.to_string(),
            "2026-11-04T00:00:00Z"
        );
    }
}
