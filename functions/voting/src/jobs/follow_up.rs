//! What follows an action: a nudge when it was left unfinished, an end when it was finished, a word on what comes next.

use app::{Context, Outcome, Work};
use domain::{
    person::{Language, StateCode},
    voting::{action::stops_unfinished_nudge, codes::EventType, state_information::StateInformation},
};
use ports::Result;
use store::{Sql, Tx, params, sql};
use uuid::Uuid;

use super::{ActionFinish, ActionUnfinished, ExternalUpsell};
use crate::{
    actions, election, flags,
    mail::{self, Letter, Sender},
};

const FIND: Sql = sql!(
    "select a.tool, a.language, r.id as registration, r.file_id is not null as completed,
            coalesce(r.first_name, l.first_name, m.first_name, '') as first_name,
            coalesce(r.email, l.email, m.email) as email,
            coalesce(r.state, l.state, m.state) as state,
            t.name as tenant, t.is_first_party
       from voting.action a
       join platform.tenant t on t.id = a.tenant_id
       left join voting.registration r on r.action_id = a.id
       left join voting.lookup l on l.action_id = a.id
       left join voting.reminder_request m on m.action_id = a.id
      where a.id = $1"
);
const FINISH: Sql = sql!("update voting.action set finished_at = $2 where id = $1 and finished_at is null");

struct Voter {
    tool: String,
    registration: Option<Uuid>,
    /// Its form was made, whether or not the mail about it has left yet.
    completed: bool,
    first_name: String,
    email: Option<String>,
    language: Language,
    tenant: String,
    is_first_party: bool,
    state: Option<StateInformation>,
}

impl Voter {
    fn letter<'a>(&'a self, cx: &'a Context, id: String) -> Option<Letter<'a>> {
        Some(Letter {
            id,
            to: self.email.as_deref()?,
            first_name: &self.first_name,
            language: self.language,
            sender: Sender {
                tenant: &self.tenant,
                is_first_party: self.is_first_party,
            },
            settings: &cx.settings,
        })
    }
}

async fn find(tx: &mut Tx, action: Uuid) -> Result<Option<Voter>> {
    let Some(row) = tx.optional(FIND, params![action]).await? else {
        return Ok(None);
    };
    let state = match row
        .get::<Option<String>>("state")?
        .and_then(|code| StateCode::parse(&code).ok())
    {
        Some(state) => Some(StateInformation {
            state,
            texts: election::texts(tx, state).await?,
        }),
        None => None,
    };
    Ok(Some(Voter {
        tool: row.get("tool")?,
        registration: row.get("registration")?,
        completed: row.get("completed")?,
        first_name: row.get("first_name")?,
        email: row.get("email")?,
        language: Language::or_default(&row.get::<String>("language")?),
        tenant: row.get("tenant")?,
        is_first_party: row.get("is_first_party")?,
        state,
    }))
}

fn gone() -> Result<Outcome> {
    Ok(Outcome::Dead("no_such_action".to_owned()))
}

/// A quarter of an hour after the start: a voter who has not finished gets a link to go on.
pub(crate) async fn action_unfinished(cx: Context, work: Work<ActionUnfinished>) -> Result<Outcome> {
    let action = work.args.action;
    if !flags::is_on(&cx.db, flags::DRIP_UNFINISHED).await? {
        return Ok(Outcome::Done);
    }
    let mut tx = cx.db.begin(work.tenant).await?;
    let Some(voter) = find(&mut tx, action).await? else {
        return gone();
    };
    let events = actions::events(&mut tx, action).await?;
    drop(tx);
    // Partners of the Action API show the next step themselves.
    let stop = voter.completed
        || events
            .iter()
            .any(|&event| stops_unfinished_nudge(event) || event == EventType::StartActionApi);
    if let (false, Some(registration), Some(letter)) = (
        stop,
        voter.registration,
        voter.letter(&cx, format!("unfinished/{action}")),
    ) {
        let resume = cx.settings.link(&format!(
            "/voting/register/{registration}?lang={}",
            voter.language.as_str()
        ));
        cx.send_once(&mail::unfinished(&letter, &resume)?).await?;
    }
    Ok(Outcome::Done)
}

/// Ends an action: stamps it, and confirms a reminder sign-up, which has no other mail.
pub(crate) async fn action_finish(cx: Context, work: Work<ActionFinish>) -> Result<Outcome> {
    let action = work.args.action;
    let mut tx = cx.db.begin(work.tenant).await?;
    let Some(voter) = find(&mut tx, action).await? else {
        return gone();
    };
    let now = tx.now();
    tx.execute(FINISH, params![action, now]).await?;
    tx.commit().await?;
    if voter.tool == "remind"
        && let Some(letter) = voter.letter(&cx, format!("reminder-signed-up/{action}"))
    {
        cx.send_once(&mail::reminder_signed_up(&letter)?).await?;
    }
    Ok(Outcome::Done)
}

/// A voter went to the state's own site: what comes next.
pub(crate) async fn external_upsell(cx: Context, work: Work<ExternalUpsell>) -> Result<Outcome> {
    let action = work.args.action;
    let mut tx = cx.db.begin(work.tenant).await?;
    let Some(voter) = find(&mut tx, action).await? else {
        return gone();
    };
    drop(tx);
    let text = |slug: &str| voter.state.as_ref().and_then(|state| state.text(slug));
    let Some(letter) = voter.letter(&cx, format!("external-upsell/{action}")) else {
        return Ok(Outcome::Done);
    };
    let mail = match voter.tool.as_str() {
        "register" if flags::is_on(&cx.db, flags::DRIP_REGISTER_EXTERNAL).await? => mail::registered_online(
            &letter,
            text("vbm_absentee_ballot_rules"),
            text("external_tool_vbm_application"),
            text("early_voting_starts"),
        )?,
        "verify" if flags::is_on(&cx.db, flags::DRIP_VERIFY_EXTERNAL).await? => {
            let register = cx
                .settings
                .link(&format!("/voting/register?lang={}", voter.language.as_str()));
            mail::verified_follow_up(&letter, &register, text("external_tool_vbm_application"))?
        }
        _ => return Ok(Outcome::Done),
    };
    cx.send_once(&mail).await?;
    Ok(Outcome::Done)
}
