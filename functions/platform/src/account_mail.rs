//! `platform-account-mail`: mails with a link, and notices of what was changed.
//!
//! Whoever asks for a mail leaves a row in `platform.account_mail`, whether or not there is such an account, and queues its id:
//! asking takes the same time and says the same. The link's token is a signature of that id, made here and checked when it
//! is followed; it is stored nowhere.

use app::{Context, Outcome, arguments, letter::Letter};
use domain::person::Language;
use identity::{Keys, Purpose};
use jiff::{SignedDuration, Timestamp};
use ports::{Error, Mail, Result};
use serde::{Deserialize, Serialize};
use store::{Envelope, Job, Row, Sql, Tx, params, sql};
use uuid::Uuid;

use crate::accounts::{self, HOUSE};

/// Mail what this row asks for.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccountMail {
    pub mail: Uuid,
}

impl Job for AccountMail {
    const QUEUE: &'static str = "platform-account-mail";
}

/// What is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailKind {
    PasswordReset,
    PasswordChanged,
    /// To the new address: follow this link to use it.
    EmailChange,
    /// To the old address: it was changed.
    EmailChanged,
    Invitation,
    PasskeyAdded,
    PasskeyRemoved,
    /// A provider signs in to the account from now on.
    ProviderConnected,
    ProviderDisconnected,
}

impl MailKind {
    const ALL: [Self; 9] = [
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::EmailChange,
        Self::EmailChanged,
        Self::Invitation,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::ProviderConnected,
        Self::ProviderDisconnected,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::EmailChange => "email_change",
            Self::EmailChanged => "email_changed",
            Self::Invitation => "invitation",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::ProviderConnected => "provider_connected",
            Self::ProviderDisconnected => "provider_disconnected",
        }
    }

    /// How long its link lives; of a notice, how long it is worth sending.
    const fn life(self) -> SignedDuration {
        match self {
            Self::PasswordReset | Self::EmailChange => SignedDuration::from_hours(1),
            Self::PasswordChanged
            | Self::EmailChanged
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::ProviderConnected
            | Self::ProviderDisconnected => SignedDuration::from_hours(24),
            Self::Invitation => SignedDuration::from_hours(7 * 24),
        }
    }

    /// What its link is signed for, and the page that takes it.
    const fn link(self) -> Option<(Purpose, &'static str)> {
        match self {
            Self::PasswordReset => Some((Purpose::PasswordReset, "/account/password-reset")),
            Self::EmailChange => Some((Purpose::EmailChange, "/account/email")),
            Self::Invitation => Some((Purpose::Invitation, "/account/invitation")),
            Self::PasswordChanged
            | Self::EmailChanged
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::ProviderConnected
            | Self::ProviderDisconnected => None,
        }
    }
}

/// To whom, about what.
#[derive(Default)]
pub(crate) struct To<'a> {
    pub(crate) email: &'a str,
    pub(crate) language: Language,
    pub(crate) account: Option<Uuid>,
    pub(crate) invitation: Option<Uuid>,
}

const INSERT: Sql = sql!(
    "insert into platform.account_mail
        (id, kind, email, language, account_id, invitation_id, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)"
);

/// Asks for a mail with this transaction; its id.
pub(crate) async fn ask(tx: &mut Tx, kind: MailKind, to: &To<'_>) -> Result<Uuid> {
    let (mail, now) = (tx.random_id(), tx.now());
    tx.execute(
        INSERT,
        params![
            mail,
            kind.as_str(),
            to.email,
            to.language.as_str(),
            to.account,
            to.invitation,
            now,
            now + kind.life()
        ],
    )
    .await?;
    tx.enqueue(&AccountMail { mail }).await?;
    Ok(mail)
}

/// The path of a mail's link.
fn link(keys: &Keys, kind: MailKind, id: Uuid) -> Result<Option<String>> {
    let Some((purpose, page)) = kind.link() else {
        return Ok(None);
    };
    let token = keys.sign(purpose, &[id.as_bytes()])?;
    Ok(Some(format!("{page}/{id}?token={token}")))
}

/// A link that somebody followed, and whose token is right.
pub(crate) struct Followed {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) account: Option<Uuid>,
    pub(crate) invitation: Option<Uuid>,
}

const FOLLOW: Sql = sql!(
    "select email, account_id, invitation_id from platform.account_mail
      where id = $1 and kind = $2 and used_at is null and expires_at > $3"
);
const USE: Sql = sql!(
    "update platform.account_mail set used_at = $2 where id = $1 and used_at is null and expires_at > $2 returning id"
);

/// Follows a link. `None` where it is wrong, too old or was used.
pub(crate) async fn follow(
    cx: &Context,
    keys: &Keys,
    kind: MailKind,
    id: Uuid,
    token: &str,
) -> Result<Option<Followed>> {
    let Some((purpose, _)) = kind.link() else {
        return Ok(None);
    };
    if !keys.is_signed(purpose, &[id.as_bytes()], token)? {
        return Ok(None);
    }
    let now = cx.clock().now();
    let row = cx.db.optional(FOLLOW, params![id, kind.as_str(), now]).await?;
    row.map(|row| {
        Ok(Followed {
            id,
            email: row.get("email")?,
            account: row.get("account_id")?,
            invitation: row.get("invitation_id")?,
        })
    })
    .transpose()
}

/// Uses a link up. `false` where another request did.
pub(crate) async fn use_up(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let now = tx.now();
    Ok(tx.optional(USE, params![id, now]).await?.is_some())
}

const FIND: Sql = sql!(
    "select m.kind, m.email, m.language, m.expires_at, m.invitation_id, m.sent_at is not null as is_sent,
            a.id as account_id, a.name, a.language as account_language,
            exists (select from platform.account o where lower(o.email) = lower(m.email)) as is_known
       from platform.account_mail m
       left join platform.account a
         on a.status = 'active'
        and (a.id = m.account_id or (m.account_id is null and lower(a.email) = lower(m.email)))
      where m.id = $1"
);
const SENT: Sql = sql!(
    "update platform.account_mail set sent_at = $2, account_id = coalesce(account_id, $3) where id = $1"
);
const FORGET: Sql = sql!("delete from platform.account_mail where id = $1");
/// Addresses, and where somebody was signed in, are not kept longer than they may be of use.
const SWEEP: Sql = sql!("delete from platform.account_mail where created_at < $1");
const SWEEP_SESSIONS: Sql = sql!("delete from platform.session where created_at < $1");
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

const ORGANIZATION: Sql =
    sql!("select t.name from platform.invitation_by_id($1) i join platform.tenant t on t.id = i.tenant_id");

pub(crate) async fn send(cx: Context, envelope: Envelope) -> Result<Outcome> {
    let AccountMail { mail: id } = arguments(envelope)?;
    let now = cx.clock().now();
    cx.db.rows(SWEEP, params![now - KEPT]).await?;
    cx.db.rows(SWEEP_SESSIONS, params![now - KEPT]).await?;
    let Some(row) = cx.db.optional(FIND, params![id]).await? else {
        return Ok(Outcome::Done);
    };
    let kind: &str = row.get("kind")?;
    let kind = MailKind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind)
        .ok_or_else(|| Error::internal("an unknown kind of mail"))?;
    if row.get::<bool>("is_sent")? || row.get::<Timestamp>("expires_at")? <= now {
        return Ok(Outcome::Done);
    }
    let account: Option<Uuid> = row.get("account_id")?;
    let is_for_nobody = match kind {
        // Somebody asked about an address that has no account here. It gets no mail, and is forgotten.
        MailKind::PasswordReset => account.is_none(),
        // The new address has an account already: its owner did not ask.
        MailKind::EmailChange => account.is_none() || row.get::<bool>("is_known")?,
        MailKind::PasswordChanged
        | MailKind::EmailChanged
        | MailKind::Invitation
        | MailKind::PasskeyAdded
        | MailKind::PasskeyRemoved
        | MailKind::ProviderConnected
        | MailKind::ProviderDisconnected => false,
    };
    if is_for_nobody {
        cx.db.rows(FORGET, params![id]).await?;
        return Ok(Outcome::Done);
    }
    let keys = accounts::keys(&cx).await?;
    let mail = compose(&cx, &keys, kind, id, &row).await?;
    cx.send_once(&mail).await?;
    // Of an invitation the account is whoever accepts it.
    let account = account.filter(|_| kind != MailKind::Invitation);
    cx.db.rows(SENT, params![id, now, account]).await?;
    Ok(Outcome::Done)
}

async fn compose(cx: &Context, keys: &Keys, kind: MailKind, id: Uuid, row: &Row) -> Result<Mail> {
    let language = row
        .get::<Option<&str>>("account_language")?
        .map_or(row.get::<&str>("language")?, |own| own);
    let name: Option<String> = row.get("name")?;
    let email: String = row.get("email")?;
    let letter = Letter {
        id: format!("account-mail/{id}"),
        to: &email,
        first_name: name.as_deref().unwrap_or_default(),
        language: Language::or_default(language),
        sender: HOUSE,
        settings: &cx.settings,
    };
    // A notice leads to where its reader can act.
    let page = match kind {
        MailKind::PasskeyAdded | MailKind::PasskeyRemoved => "/account/passkeys",
        MailKind::ProviderConnected | MailKind::ProviderDisconnected => "/account/openid",
        _ => "/account/password-reset",
    };
    let url = cx
        .settings
        .link(&link(keys, kind, id)?.unwrap_or_else(|| page.to_owned()));
    let (subject, blocks) = match kind {
        MailKind::PasswordReset => (
            letter.t("Choose a new password", "Elija una contraseña nueva").to_owned(),
            vec![
                letter.paragraph(
                    "Somebody, hopefully you, asked to choose a new password for your account. The link works once, within \
                     an hour.",
                    "Alguien, esperamos que usted, pidió elegir una contraseña nueva para su cuenta. El enlace funciona una \
                     vez, durante una hora.",
                ),
                letter.action("Choose a new password", "Elegir una contraseña nueva", &url),
                letter.paragraph(
                    "If it was not you, nothing needs to be done: your password is as it was.",
                    "Si no fue usted, no tiene que hacer nada: su contraseña sigue igual.",
                ),
            ],
        ),
        MailKind::PasswordChanged => (
            letter.t("Your password was changed", "Su contraseña ha cambiado").to_owned(),
            vec![
                letter.paragraph(
                    "The password of your account was just changed, and every other session was ended.",
                    "La contraseña de su cuenta acaba de cambiar y se cerraron todas las demás sesiones.",
                ),
                letter.paragraph(
                    "If it was not you, choose a new one now:",
                    "Si no fue usted, elija otra ahora mismo:",
                ),
                letter.action("Choose a new password", "Elegir una contraseña nueva", &url),
            ],
        ),
        MailKind::PasskeyAdded => (
            letter.t("A passkey was added", "Se añadió una llave de acceso").to_owned(),
            vec![
                letter.paragraph(
                    "A passkey was just added to your account. Whoever holds it signs in without your password.",
                    "Se acaba de añadir una llave de acceso a su cuenta. Quien la tenga inicia sesión sin su contraseña.",
                ),
                letter.paragraph(
                    "If it was not you, remove it now, then change your password:",
                    "Si no fue usted, quítela ahora mismo y después cambie su contraseña:",
                ),
                letter.action("See your passkeys", "Ver sus llaves de acceso", &url),
            ],
        ),
        MailKind::PasskeyRemoved => (
            letter.t("A passkey was removed", "Se quitó una llave de acceso").to_owned(),
            vec![
                letter.paragraph(
                    "A passkey was just removed from your account. It does not open it any more.",
                    "Se acaba de quitar una llave de acceso de su cuenta. Ya no la abre.",
                ),
                letter.paragraph(
                    "If it was not you, look at what is left, and change your password:",
                    "Si no fue usted, mire las que quedan y cambie su contraseña:",
                ),
                letter.action("See your passkeys", "Ver sus llaves de acceso", &url),
            ],
        ),
        MailKind::ProviderConnected => (
            letter.t("A provider was connected", "Se conectó un proveedor").to_owned(),
            vec![
                letter.paragraph(
                    "A provider was just connected to your account. Whoever signs in there as the person it named gets in without \
                     your password.",
                    "Se acaba de conectar un proveedor a su cuenta. Quien inicie sesión allí como la persona que nombró entra sin \
                     su contraseña.",
                ),
                letter.paragraph(
                    "If it was not you, disconnect it now, then change your password:",
                    "Si no fue usted, desconéctelo ahora mismo y después cambie su contraseña:",
                ),
                letter.action("See your providers", "Ver sus proveedores", &url),
            ],
        ),
        MailKind::ProviderDisconnected => (
            letter.t("A provider was disconnected", "Se desconectó un proveedor").to_owned(),
            vec![
                letter.paragraph(
                    "A provider was just disconnected from your account. It does not open it any more, and the roles that it gave \
                     are gone.",
                    "Se acaba de desconectar un proveedor de su cuenta. Ya no la abre, y las funciones que dio se han quitado.",
                ),
                letter.paragraph(
                    "If it was not you, look at what is left, and change your password:",
                    "Si no fue usted, mire los que quedan y cambie su contraseña:",
                ),
                letter.action("See your providers", "Ver sus proveedores", &url),
            ],
        ),
        MailKind::EmailChange => (
            letter.t("Confirm your e-mail address", "Confirme su correo electrónico").to_owned(),
            vec![
                letter.paragraph(
                    "You asked to use this address for your account. The link works once, within an hour.",
                    "Usted pidió usar esta dirección para su cuenta. El enlace funciona una vez, durante una hora.",
                ),
                letter.action("Use this address", "Usar esta dirección", &url),
            ],
        ),
        MailKind::EmailChanged => (
            letter.t("Your e-mail address was changed", "Su correo electrónico ha cambiado").to_owned(),
            vec![letter.paragraph(
                "Your account now uses another e-mail address, and no longer this one. If it was not you, write to us by \
                 answering this mail.",
                "Su cuenta usa ahora otro correo electrónico, y ya no este. Si no fue usted, escríbanos respondiendo a este \
                 mensaje.",
            )],
        ),
        MailKind::Invitation => {
            let invitation: Option<Uuid> = row.get("invitation_id")?;
            let found = cx.db.one(ORGANIZATION, params![invitation]).await?;
            let organization: String = found.get("name")?;
            let text = letter
                .t(
                    "You are invited to work with {} on Commonweal. The link works once, within seven days.",
                    "Le invitan a trabajar con {} en Commonweal. El enlace funciona una vez, durante siete días.",
                )
                .replace("{}", &organization);
            (
                format!(
                    "{} {organization}",
                    letter.t("You are invited to", "Le invitan a")
                ),
                vec![
                    app::letter::Block::Paragraph(text),
                    letter.action("Accept the invitation", "Aceptar la invitación", &url),
                ],
            )
        }
    };
    // An organisation's name is typed by people: a subject is one line.
    let subject: String = subject.chars().filter(|c| !c.is_control()).collect();
    let closing = letter.t(
        "You get this e-mail because of an account at Commonweal, or an invitation to one.",
        "Recibe este correo por una cuenta en Commonweal, o por una invitación a tenerla.",
    );
    letter.mail(&subject, &blocks, closing)
}
