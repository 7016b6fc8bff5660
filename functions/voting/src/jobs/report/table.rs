//! What stands in the reports: each column's name beside the SQL of its text.

use jiff::Timestamp;
use ports::{Error, Result};
use store::{Query, TenantId};
use uuid::Uuid;

/// One column of a report.
enum Column {
    /// The column of this name of the tool's table.
    Own(&'static str),
    /// Its name, and SQL of a text over `r` (the tool's row), `a` (its action) and what [`Table::beside`] joins.
    Sql(&'static str, &'static str),
    /// The organisation's slug.
    Subscriber,
}
use Column::{Own, Sql, Subscriber};

/// The report of a tool.
pub(super) struct Table {
    /// The tool's table.
    from: &'static str,
    /// What is joined to a row.
    beside: &'static str,
    columns: &'static [&'static [Column]],
}

/// Rows that were made from `since` until before `before`.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) since: Timestamp,
    pub(super) before: Timestamp,
}

// The order follows the tables of the peer (spec 4): the row itself, the person, the tool's own, what happened, where from.
const ROW: &[Column] = &[
    Own("id"),
    Own("action_id"),
    Sql(
        "created_at",
        r#"to_char(r.created_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#,
    ),
];
const ADDRESS: &[Column] = &[
    Own("address1"),
    Own("address2"),
    Own("city"),
    Own("state"),
    Own("zipcode"),
];
const CONSENT: &[Column] = &[Own("sms_opt_in"), Own("sms_opt_in_subscriber")];
const LANGUAGE: Column = Sql("language", "a.language");
const SOURCE: &[Column] = &[
    Own("embed_url"),
    Own("utm_campaign"),
    Own("utm_source"),
    Own("utm_medium"),
    Own("utm_term"),
    Own("utm_content"),
    Own("session_id"),
    Own("source"),
    Own("email_referrer"),
    Own("mobile_referrer"),
];

const REGISTRATIONS: Table = Table {
    from: "voting.registration",
    beside: "cross join lateral (
            select max(v.created_at) as latest,
                   coalesce(bool_or(v.event_type in ('Finish', 'FinishExternal', 'FinishExternalAPI', 'FinishExternalConfirmed',
                       'FinishLEO', 'FinishLEOFaxPending', 'FinishLEOFaxSent', 'FinishLEOFaxFailed', 'Download',
                       'FinishLobConfirm')), false) as finished,
                   coalesce(bool_or(v.event_type = 'FinishPrint'), false) as self_print,
                   coalesce(bool_or(v.event_type = 'FinishExternal'), false) as finish_external,
                   count(*) filter (where v.event_type = 'Download') as downloads
              from voting.event v where v.action_id = a.id) e",
    columns: &[
        ROW,
        &[
            Sql("updated_at", r#"to_char(greatest(r.modified_at, e.latest), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#),
            Subscriber,
            Own("status"),
            Own("title"),
            Own("first_name"),
            Own("middle_name"),
            Own("last_name"),
            Own("suffix"),
            Own("date_of_birth"),
            Own("email"),
            Own("phone"),
        ],
        ADDRESS,
        &[
            Own("previous_title"),
            Own("previous_first_name"),
            Own("previous_middle_name"),
            Own("previous_last_name"),
            Own("previous_suffix"),
            Own("previous_address1"),
            Own("previous_address2"),
            Own("previous_city"),
            Own("previous_state"),
            Own("previous_zipcode"),
            Own("mailing_address1"),
            Own("mailing_address2"),
            Own("mailing_city"),
            Own("mailing_state"),
            Own("mailing_zipcode"),
            Own("gender"),
            Own("race_ethnicity"),
            Own("party"),
            Own("us_citizen"),
        ],
        CONSENT,
        &[
            Own("referring_tool"),
            LANGUAGE,
            Sql("finished", "e.finished"),
            Sql("self_print", "e.self_print"),
            Sql("finish_external", "e.finish_external"),
            Sql("download_count", "case when e.self_print then e.downloads end"),
        ],
        SOURCE,
    ],
};
const LOOKUPS: Table = Table {
    from: "voting.lookup",
    beside: "",
    columns: &[
        ROW,
        &[
            Subscriber,
            Own("first_name"),
            Own("last_name"),
            Own("date_of_birth"),
            Own("age"),
            Own("email"),
            Own("phone"),
        ],
        ADDRESS,
        &[
            Own("registered"),
            Own("voter_status"),
            Own("too_many"),
            Sql(
                "last_updated",
                r#"to_char(r.last_updated, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#,
            ),
        ],
        CONSENT,
        &[LANGUAGE],
        SOURCE,
    ],
};
const REMINDERS: Table = Table {
    from: "voting.reminder_request",
    beside: "",
    columns: &[
        ROW,
        &[
            Subscriber,
            Own("first_name"),
            Own("last_name"),
            Own("date_of_birth"),
            Own("email"),
            Own("phone"),
        ],
        ADDRESS,
        CONSENT,
        &[LANGUAGE],
        SOURCE,
    ],
};

pub(super) fn table(kind: &str) -> Result<Table> {
    match kind {
        "register" => Ok(REGISTRATIONS),
        "verify" => Ok(LOOKUPS),
        "remind" => Ok(REMINDERS),
        _ => Err(Error::internal("a report of an unknown kind")),
    }
}

impl Table {
    fn columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().copied().flatten()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns().map(|column| match column {
            Own(name) | Sql(name, _) => *name,
            Subscriber => "subscriber",
        })
    }

    /// So many rows, in the order of their time and id, which go on after this one: `created_at`, `id`, and `cells`, the texts of
    /// the columns.
    pub(super) fn page(
        &self,
        tenant: TenantId,
        slug: &str,
        Span { since, before }: Span,
        (after, after_id): (Timestamp, Uuid),
        most: i64,
    ) -> Query {
        let mut query = Query::new("select r.created_at, r.id, array[");
        for (index, column) in self.columns().enumerate() {
            if index > 0 {
                query = query.sql(", ");
            }
            query = match column {
                Own(name) => query.sql("r.").sql(name),
                Sql(_, text) => query.sql("(").sql(text).sql(")"),
                Subscriber => query.bind(slug.to_owned()),
            }
            .sql("::text");
        }
        query
            .sql("] as cells from ")
            .sql(self.from)
            .sql(" r join voting.action a on a.id = r.action_id and a.visible_to_subscriber ")
            .sql(self.beside)
            .sql(" where r.tenant_id = ")
            .bind(tenant.0)
            .sql(" and r.created_at >= ")
            .bind(since)
            .sql(" and r.created_at < ")
            .bind(before)
            .sql(" and (r.created_at, r.id) > (")
            .bind(after)
            .sql(", ")
            .bind(after_id)
            .sql(") order by r.created_at, r.id limit ")
            .bind(most)
    }
}

/// Every statement that reads a report's rows.
#[must_use]
pub fn statements() -> Vec<String> {
    let start = Timestamp::UNIX_EPOCH;
    let span = Span {
        since: start,
        before: start,
    };
    [REGISTRATIONS, LOOKUPS, REMINDERS]
        .iter()
        .map(|table| {
            let page = table.page(TenantId(Uuid::nil()), "", span, (start, Uuid::nil()), 1);
            page.text().to_owned()
        })
        .collect()
}
