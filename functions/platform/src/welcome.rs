//! `platform-welcome`: after an organisation was let in, its contact gets a mail with where to find what.

use app::{
    Context, Outcome, Work,
    letter::{Block, Letter},
};
use domain::person::Language;
use ports::Result;
use serde::{Deserialize, Serialize};
use store::{Job, Sql, params, sql};

use crate::accounts::HOUSE;

/// Welcome the organisation that the message belongs to.
#[derive(Debug, Serialize, Deserialize)]
pub struct PlatformWelcome {}

impl Job for PlatformWelcome {
    const QUEUE: &'static str = "platform-welcome";
}

const FIND: Sql = sql!(
    "select t.name, s.first_name, s.email, s.language
       from platform.subscription s join platform.tenant t on t.id = s.tenant_id
      where s.tenant_id = $1 and t.status = 'active'"
);

pub(crate) async fn welcome(cx: Context, work: Work<PlatformWelcome>) -> Result<Outcome> {
    let tenant = work.tenant;
    let mut tx = cx.db.begin(tenant).await?;
    let row = tx.optional(FIND, params![tenant.0]).await?;
    drop(tx); // no connection is held while the mail provider is talked to
    // Disabled meanwhile: there is nothing to welcome to.
    let Some(row) = row else {
        return Ok(Outcome::Done);
    };
    let (name, email): (String, String) = (row.get("name")?, row.get("email")?);
    let letter = Letter {
        id: format!("welcome/{tenant}"),
        to: &email,
        first_name: row.get("first_name")?,
        language: Language::or_default(row.get("language")?),
        sender: HOUSE,
        settings: &cx.settings,
    };
    let link = |path: &str| cx.settings.link(path);
    let opening = match letter.language {
        Language::En => format!(
            "{name} is set up on Commonweal. Accept the invitation that we mailed first; then this is where things are:"
        ),
        Language::Es => format!(
            "{name} ya está en Commonweal. Acepte primero la invitación que le enviamos; después, aquí está todo:"
        ),
    };
    let blocks = [
        Block::Paragraph(opening),
        letter.action(
            "Put the tools on your site",
            "Poner las herramientas en su sitio",
            &link("/voting/manage/embed"),
        ),
        letter.action("Settings", "Configuración", &link("/voting/manage/settings")),
        letter.action(
            "Figures and reports",
            "Cifras e informes",
            &link("/voting/manage"),
        ),
        letter.action(
            "Invite colleagues",
            "Invitar a colegas",
            &link("/platform/invitations"),
        ),
    ];
    let subject: String = format!("{} {name}", letter.t("Welcome,", "Bienvenidos,"))
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    let closing = letter.t(
        "You get this e-mail because you asked for your organization to join Commonweal.",
        "Recibe este correo porque pidió que su organización se uniera a Commonweal.",
    );
    cx.send_once(&letter.mail(&subject, &blocks, closing)?).await?;
    Ok(Outcome::Done)
}
