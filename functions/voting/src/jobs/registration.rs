//! Mails about a finished form: that it is ready, that it still waits, that it has a new link.

use app::{Context, Outcome, Work};
use domain::{
    person::{Language, StateCode},
    voting::{
        codes::{EventType, FileType},
        state_information::StateInformation,
    },
};
use jiff::Timestamp;
use ports::{Mail, Result};
use store::{Sql, Tx, params, sql};
use uuid::Uuid;

use super::{FileLink, RegistrationNotify, RegistrationReminder};
use crate::{
    actions, election, flags,
    mail::{self, Letter, Sender},
};

const FIND: Sql = sql!(
    "select r.action_id, r.first_name, r.email, r.state, r.file_id, f.token, f.purged_at, a.language,
            t.name as tenant, t.is_first_party
       from voting.registration r
       join voting.action a on a.id = r.action_id
       join voting.stored_file f on f.id = $2 and f.action_id = a.id
       join platform.tenant t on t.id = r.tenant_id
      where r.id = $1"
);
const SENT: Sql = sql!(
    "update voting.registration set status = 'SentPDF' where id = $1 and file_id = $2 and status = 'Pending'"
);
const FIND_FILE: Sql = sql!(
    "select f.kind, f.email, f.token, f.purged_at, coalesce(a.language, 'en') as language, coalesce(r.first_name, '') as first_name,
            t.name as tenant, t.is_first_party
       from voting.stored_file f
       join platform.tenant t on t.id = f.tenant_id
       left join voting.action a on a.id = f.action_id
       left join voting.registration r on r.action_id = a.id
      where f.id = $1"
);

/// What the mails about a form need.
struct Form {
    action: Uuid,
    /// The newest file of the registration: an older one was replaced by completing again.
    is_newest: bool,
    purged: bool,
    first_name: String,
    email: Option<String>,
    language: Language,
    tenant: String,
    is_first_party: bool,
    link: String,
    state: StateInformation,
}

async fn find(cx: &Context, tx: &mut Tx, registration: Uuid, file: Uuid) -> Result<Option<Form>> {
    let Some(row) = tx.optional(FIND, params![registration, file]).await? else {
        return Ok(None);
    };
    let code: Option<String> = row.get("state")?;
    let Some(state) = code.and_then(|code| StateCode::parse(&code).ok()) else {
        return Ok(None);
    };
    let token: String = row.get("token")?;
    Ok(Some(Form {
        action: row.get("action_id")?,
        is_newest: row.get::<Option<Uuid>>("file_id")? == Some(file),
        purged: row.get::<Option<Timestamp>>("purged_at")?.is_some(),
        first_name: row.get::<Option<String>>("first_name")?.unwrap_or_default(),
        email: row.get("email")?,
        language: Language::or_default(&row.get::<String>("language")?),
        tenant: row.get("tenant")?,
        is_first_party: row.get("is_first_party")?,
        link: download_link(cx, file, &token),
        state: StateInformation {
            state,
            texts: election::texts(tx, state).await?,
        },
    }))
}

/// The link that a mail carries: it works as long as its token.
pub(super) fn download_link(cx: &Context, file: Uuid, token: &str) -> String {
    cx.settings
        .link(&format!("/voting/download/{file}?token={token}"))
}

type Compose = fn(&Letter<'_>, &str, &str, &[String], &str, Option<&str>) -> Result<Mail>;

fn compose(cx: &Context, form: &Form, id: String, write: Compose) -> Result<Option<Mail>> {
    let Some(to) = form.email.as_deref() else {
        return Ok(None);
    };
    let letter = Letter {
        id,
        to,
        first_name: &form.first_name,
        language: form.language,
        sender: Sender {
            tenant: &form.tenant,
            is_first_party: form.is_first_party,
        },
        settings: &cx.settings,
    };
    let deadline = form.state.registration_deadline_sentence(form.language);
    let mail_to: Vec<String> = form
        .state
        .mail_to_lines()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let warnings = form.state.text("warnings_registration").unwrap_or_default();
    let verify = form.state.text("external_tool_verify_status");
    write(&letter, &form.link, &deadline, &mail_to, warnings, verify).map(Some)
}

/// Mails the link to a finished form, then notes that it was sent.
pub(crate) async fn registration_notify(cx: Context, work: Work<RegistrationNotify>) -> Result<Outcome> {
    let RegistrationNotify { registration, file } = work.args;
    let mut tx = cx.db.begin(work.tenant).await?;
    let Some(form) = find(&cx, &mut tx, registration, file).await? else {
        return Ok(Outcome::Dead("no_such_registration".to_owned()));
    };
    drop(tx); // no connection is held while the mail provider is talked to
    if let Some(mail) = compose(
        &cx,
        &form,
        format!("registration-ready/{file}"),
        mail::registration_ready,
    )? {
        cx.send_once(&mail).await?;
    }
    let mut tx = cx.db.begin(work.tenant).await?;
    if tx.first_time(work.id).await? {
        tx.execute(SENT, params![registration, file]).await?;
        actions::track(&mut tx, work.tenant, form.action, EventType::FinishPrint).await?;
    }
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// Reminds a voter whose form was never downloaded.
pub(crate) async fn registration_reminder(cx: Context, work: Work<RegistrationReminder>) -> Result<Outcome> {
    let RegistrationReminder { registration, file } = work.args;
    if !flags::is_on(&cx.db, flags::DRIP_DOWNLOAD_REMINDER).await? {
        return Ok(Outcome::Done);
    }
    let mut tx = cx.db.begin(work.tenant).await?;
    let Some(form) = find(&cx, &mut tx, registration, file).await? else {
        return Ok(Outcome::Dead("no_such_registration".to_owned()));
    };
    let events = actions::events(&mut tx, form.action).await?;
    drop(tx);
    if events.contains(&EventType::Download) || form.purged || !form.is_newest {
        return Ok(Outcome::Done);
    }
    if let Some(mail) = compose(
        &cx,
        &form,
        format!("registration-reminder/{file}"),
        mail::registration_reminder,
    )? {
        cx.send_once(&mail).await?;
    }
    Ok(Outcome::Done)
}

/// Mails the link of a file again, to the address it was made for.
pub(crate) async fn file_link(cx: Context, work: Work<FileLink>) -> Result<Outcome> {
    let file = work.args.file;
    let mut tx = cx.db.begin(work.tenant).await?;
    let Some(row) = tx.optional(FIND_FILE, params![file]).await? else {
        return Ok(Outcome::Dead("no_such_file".to_owned()));
    };
    drop(tx);
    let purged = row.get::<Option<Timestamp>>("purged_at")?.is_some();
    if let (Some(to), false) = (row.get::<Option<String>>("email")?, purged) {
        let (first_name, tenant): (String, String) = (row.get("first_name")?, row.get("tenant")?);
        let letter = Letter {
            id: format!("file-link/{}", work.id),
            to: &to,
            first_name: &first_name,
            language: Language::or_default(&row.get::<String>("language")?),
            sender: Sender {
                tenant: &tenant,
                is_first_party: row.get("is_first_party")?,
            },
            settings: &cx.settings,
        };
        let link = download_link(&cx, file, &row.get::<String>("token")?);
        let mail = match row.get::<&str>("kind")? {
            kind if kind == FileType::Report.as_str() => mail::report_ready(&letter, &link, &tenant)?,
            _ => mail::new_download_link(&letter, &link)?,
        };
        cx.send_once(&mail).await?;
    }
    Ok(Outcome::Done)
}
