//! `/voting/manage/settings`: what the organisation says of itself, and how it asks for consent to text messages; each change with
//! who made it.

use app::{
    Context, Fields, Form, FormField, Menu, OpenApiRouter, Page, Permission, Posted, Staff, input,
    page::{html, pick},
    see_other,
    time_zone::local_time,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    person::{Language, Line, Text, WebUrl},
    voting::{codes::SmsOption, subscriber::SmsSettings},
};
use jiff::Timestamp;
use ports::{Error, FieldError, Kind, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use store::{
    Row, Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};

use super::{Link, field, has_data_access, links, translated};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/voting/manage/settings", get(show).post(save))
}

const PATH: &str = "/voting/manage/settings";

input! {
    /// What the form sends.
    pub struct SettingsIn {
        pub organization: Line,
        pub url: Option<WebUrl>,
        pub privacy_policy: Option<WebUrl>,
        pub terms_of_service: Option<WebUrl>,
        pub sms_mode: app::Choice<SmsOption>,
        pub sms_disclaimer: Option<Text>,
    }
}

/// Most characters of what voters read about text messages: it stands beside a box.
const LONGEST_DISCLAIMER: usize = 500;

const ENSURE: Sql = sql!("insert into voting.subscriber (tenant_id) values ($1) on conflict do nothing");
const FIND: Sql = sql!(
    "select t.name, s.url, s.privacy_policy, s.terms_of_service, s.sms_enabled, s.sms_checkbox, s.sms_checkbox_default,
            s.sms_disclaimer
       from voting.subscriber s join platform.tenant t on t.id = s.tenant_id
      where s.tenant_id = $1 for update of s"
);
const UPDATE: Sql = sql!(
    "update voting.subscriber set url = $2, privacy_policy = $3, terms_of_service = $4, sms_enabled = $5, sms_checkbox = $6,
            sms_checkbox_default = $7, sms_disclaimer = $8
      where tenant_id = $1"
);
const RENAME: Sql = sql!("select platform.rename_organization($1)");
const CHANGES: Sql = sql!(
    "select e.at, e.actor_kind, platform.actor_name(e.actor_id) as actor, e.before, e.after
       from platform.audit_entry e
      where e.chain_id = $1 and e.object_kind = 'subscriber' and e.object_id = $2
      order by e.position desc limit 50"
);

/// The settings by the names of their fields: what is shown, compared and audited.
type Settings = Map<String, Value>;

fn mode(sms: SmsSettings) -> SmsOption {
    let same = |option: &&SmsOption| SmsSettings::from(**option) == sms;
    match SmsOption::ALL.iter().find(same) {
        Some(option) => *option,
        None if !sms.enabled => SmsOption::None,
        None => SmsOption::AutoOptIn,
    }
}

fn read(row: &Row) -> Result<Settings> {
    let sms = SmsSettings {
        enabled: row.get("sms_enabled")?,
        checkbox: row.get("sms_checkbox")?,
        checkbox_default: row.get("sms_checkbox_default")?,
    };
    let text = |column: &str| row.get::<&str>(column).map(|text| json!(text));
    Ok([
        ("organization", text("name")?),
        ("url", text("url")?),
        ("privacy_policy", text("privacy_policy")?),
        ("terms_of_service", text("terms_of_service")?),
        ("sms_mode", json!(mode(sms).as_str())),
        ("sms_disclaimer", text("sms_disclaimer")?),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect())
}

fn sent(input: &SettingsIn) -> Settings {
    let address = |url: &Option<WebUrl>| json!(url.as_ref().map_or("", WebUrl::as_str));
    [
        ("organization", json!(input.organization.as_str())),
        ("url", address(&input.url)),
        ("privacy_policy", address(&input.privacy_policy)),
        ("terms_of_service", address(&input.terms_of_service)),
        ("sms_mode", json!(input.sms_mode.0.as_str())),
        (
            "sms_disclaimer",
            json!(input.sms_disclaimer.as_ref().map_or("", Text::as_str)),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// What the form was filled from: whoever sends it back later has not seen what was saved in between.
fn fingerprint(settings: &Settings) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(json!(settings).to_string()))
}

fn mode_name(language: Language, option: SmsOption) -> &'static str {
    match option {
        SmsOption::None => pick(language, "No text messages", "Sin mensajes de texto"),
        SmsOption::AutoOptIn => pick(
            language,
            "Giving a phone number is the consent",
            "Dar un número de teléfono es el consentimiento",
        ),
        SmsOption::BoxUnchecked => pick(
            language,
            "A box to tick, empty at first",
            "Una casilla para marcar, vacía al principio",
        ),
        SmsOption::BoxChecked => pick(
            language,
            "A box to tick, ticked at first",
            "Una casilla para marcar, marcada al principio",
        ),
    }
}

fn label(language: Language, name: &str) -> &'static str {
    match name {
        "organization" => pick(language, "Name of the organization", "Nombre de la organización"),
        "url" => pick(language, "Website", "Sitio web"),
        "privacy_policy" => pick(language, "Privacy policy", "Política de privacidad"),
        "terms_of_service" => pick(language, "Terms of service", "Términos de servicio"),
        "sms_mode" => pick(language, "Text messages", "Mensajes de texto"),
        "sms_disclaimer" => pick(
            language,
            "What voters read about text messages",
            "Lo que leen los votantes sobre los mensajes",
        ),
        _ => "",
    }
}

fn form(
    staff: &Staff,
    current: &Settings,
    typed: &dyn Fn(&str) -> String,
    errors: Vec<FieldError>,
) -> Result<Form> {
    let language = staff.language;
    let address = staff.t(
        "A full address, such as https://example.org",
        "Una dirección completa, como https://example.org",
    );
    let label = |name| label(language, name);
    let is_set = |option: SmsOption| current.get("sms_mode").and_then(Value::as_str) == Some(option.as_str());
    let messages = match has_data_access(staff)? {
        true => "",
        false => staff.t(
            "Your plan has no text messages: this counts once it has.",
            "Su plan no incluye mensajes de texto: esto cuenta cuando los incluya.",
        ),
    };
    let fields = [
        FormField {
            required: true,
            ..field(
                "organization",
                label("organization"),
                "text",
                staff.t(
                    "Voters read it on forms and in e-mails",
                    "Los votantes lo leen en formularios y correos",
                ),
            )
        },
        field("url", label("url"), "url", address),
        field("privacy_policy", label("privacy_policy"), "url", address),
        field("terms_of_service", label("terms_of_service"), "url", address),
        FormField {
            required: true,
            options: SmsOption::ALL
                .iter()
                // No longer given, and kept where it is set.
                .filter(|option| **option != SmsOption::AutoOptIn || is_set(SmsOption::AutoOptIn))
                .map(|option| {
                    (
                        option.as_str().to_owned(),
                        mode_name(language, *option).to_owned(),
                    )
                })
                .collect(),
            ..field("sms_mode", label("sms_mode"), "select", messages)
        },
        field(
            "sms_disclaimer",
            label("sms_disclaimer"),
            "textarea",
            staff.t(
                "Empty: our sentence, which names your organization, STOP and HELP",
                "Vacío: nuestra frase, que nombra su organización, STOP y HELP",
            ),
        ),
    ];
    let errors = translated(language, errors);
    let mut form = Form::default();
    for field in fields {
        form.push(field, typed, &errors);
    }
    form.push_others(&errors);
    Ok(form)
}

/// A change of the past.
struct Past {
    at: String,
    actor: String,
    /// Field, before, after.
    fields: Vec<(&'static str, String, String)>,
}

#[derive(Template)]
#[template(path = "manage_settings.html")]
struct SettingsPage {
    page: Page,
    menu: Option<Menu>,
    links: Vec<Link>,
    form: Form,
    form_token: String,
    seen: String,
    saved: bool,
    changes: Option<Vec<Past>>,
}

fn past(staff: &Staff, row: &Row) -> Result<Past> {
    let read = |column: &str| -> Result<Settings> {
        let text: Option<&str> = row.get(column)?;
        Ok(text
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default())
    };
    let (before, after) = (read("before")?, read("after")?);
    let shown = |name: &str, settings: &Settings| {
        let text = settings.get(name).and_then(Value::as_str).unwrap_or_default();
        match (name, text) {
            (_, "") => "–".to_owned(),
            ("sms_mode", code) => SmsOption::parse(code)
                .map_or(code, |option| mode_name(staff.language, option))
                .to_owned(),
            _ => text.to_owned(),
        }
    };
    let actor: Option<String> = row.get("actor")?;
    let somebody = match row.get::<&str>("actor_kind")? {
        "system" => staff.t("The operator", "El operador"),
        _ => staff.t("Somebody who left", "Alguien que se fue"),
    };
    Ok(Past {
        at: local_time(row.get::<Timestamp>("at")?, &staff.account.time_zone),
        actor: actor.unwrap_or_else(|| somebody.to_owned()),
        fields: after
            .keys()
            .map(|name| {
                (
                    label(staff.language, name),
                    shown(name, &before),
                    shown(name, &after),
                )
            })
            .collect(),
    })
}

async fn current(tx: &mut Tx, staff: &Staff) -> Result<Settings> {
    let tenant = staff.tenant.id.0;
    tx.execute(ENSURE, params![tenant]).await?;
    read(&tx.one(FIND, params![tenant]).await?)
}

async fn page(
    tx: &mut Tx,
    staff: &Staff,
    settings: &Settings,
    typed: &(dyn Fn(&str) -> String + Sync),
    errors: Vec<FieldError>,
    saved: bool,
) -> Result<SettingsPage> {
    let tenant = staff.tenant.id.0;
    let changes = match staff.role.may(Permission::ViewHistory) {
        false => None,
        true => {
            let rows = tx.rows(CHANGES, params![tenant, tenant.to_string()]).await?;
            Some(rows.iter().map(|row| past(staff, row)).collect::<Result<_>>()?)
        }
    };
    let form = form(staff, settings, typed, errors)?;
    let mut page = Page::new(
        staff.language,
        staff.t("Voting settings", "Configuración de votar"),
    );
    if !form.errors.is_empty() {
        page.title = format!("Error: {}", page.title);
    }
    Ok(SettingsPage {
        page,
        menu: Some(staff.menu("/voting/manage")?),
        links: links(staff, PATH)?,
        form,
        form_token: staff.token.form_token()?,
        seen: fingerprint(settings),
        saved,
        changes,
    })
}

#[derive(Deserialize)]
struct Saved {
    saved: Option<String>,
}

async fn show(staff: Staff, State(cx): State<Context>, Query(query): Query<Saved>) -> app::Result<Response> {
    staff.require(Permission::Edit)?;
    let mut tx = cx.db.begin(staff.tenant.id).await?;
    let settings = current(&mut tx, &staff).await?;
    let typed = |name: &str| {
        settings
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let page = page(
        &mut tx,
        &staff,
        &settings,
        &typed,
        Vec::new(),
        query.saved.is_some(),
    )
    .await?;
    tx.commit().await?;
    html(StatusCode::OK, &page)
}

async fn save(staff: Staff, State(cx): State<Context>, Posted(fields): Posted) -> app::Result<Response> {
    staff.require(Permission::Edit)?;
    let tenant = staff.tenant.id;
    let mut tx = cx.db.begin(tenant).await?;
    let before = current(&mut tx, &staff).await?;
    match checked(&staff, &fields) {
        Ok(input) => {
            let after = sent(&input);
            if after == before {
                return Ok(see_other(&format!("{PATH}?saved=true")));
            }
            if fields.text("seen") == fingerprint(&before) {
                write(&mut tx, &staff, &input, before, after).await?;
                tx.commit().await?;
                return Ok(see_other(&format!("{PATH}?saved=true")));
            }
            let message = staff.t(
                "Somebody else saved these settings while you worked on them. Your changes are below: compare them with the history, and save again.",
                "Otra persona guardó esta configuración mientras usted trabajaba en ella. Sus cambios están abajo: compárelos con el historial y guarde de nuevo.",
            );
            let errors = vec![FieldError::new("seen", "changed", message.to_owned())];
            refused(&mut tx, &staff, &before, &fields, errors, StatusCode::CONFLICT).await
        }
        Err(error) if error.kind() == Kind::Invalid => {
            let errors = error.fields().to_vec();
            refused(&mut tx, &staff, &before, &fields, errors, StatusCode::BAD_REQUEST).await
        }
        Err(error) => Err(error.into()),
    }
}

fn checked(staff: &Staff, fields: &Fields) -> Result<SettingsIn> {
    let input: SettingsIn = Fields::new(fields.values().clone()).into_input()?;
    let length = input
        .sms_disclaimer
        .as_ref()
        .map_or(0, |text| text.as_str().chars().count());
    if length > LONGEST_DISCLAIMER {
        let message = staff.t("Use at most 500 characters.", "Use 500 caracteres como máximo.");
        return Err(Error::field("sms_disclaimer", "too_long_here", message));
    }
    Ok(input)
}

async fn refused(
    tx: &mut Tx,
    staff: &Staff,
    before: &Settings,
    fields: &Fields,
    errors: Vec<FieldError>,
    status: StatusCode,
) -> app::Result<Response> {
    let typed = |name: &str| fields.text(name).to_owned();
    html(status, &page(tx, staff, before, &typed, errors, false).await?)
}

/// Writes what changed, and who changed it.
async fn write(
    tx: &mut Tx,
    staff: &Staff,
    input: &SettingsIn,
    before: Settings,
    after: Settings,
) -> Result<()> {
    let tenant = staff.tenant.id.0;
    let text = |name: &str| after.get(name).and_then(Value::as_str).unwrap_or_default();
    let sms = SmsSettings::from(input.sms_mode.0);
    tx.execute(
        UPDATE,
        params![
            tenant,
            text("url"),
            text("privacy_policy"),
            text("terms_of_service"),
            sms.enabled,
            sms.checkbox,
            sms.checkbox_default,
            text("sms_disclaimer")
        ],
    )
    .await?;
    if before.get("organization") != after.get("organization") {
        tx.execute(RENAME, params![text("organization")]).await?;
    }
    let changed = |one: &Settings, other: &Settings| -> Settings {
        one.iter()
            .filter(|(name, value)| other.get(*name) != Some(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    tx.audit(Change {
        actor: Actor::Account(staff.account.id),
        action: "subscriber.change",
        object_kind: "subscriber",
        object_id: tenant.to_string(),
        before: Some(Value::Object(changed(&before, &after))),
        after: Some(Value::Object(changed(&after, &before))),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_of_text_messages_is_read_back_as_it_was_set() {
        for option in SmsOption::ALL {
            assert_eq!(mode(SmsSettings::from(*option)), *option);
        }
        let odd = SmsSettings {
            enabled: false,
            checkbox: true,
            checkbox_default: true,
        };
        assert_eq!(mode(odd), SmsOption::None);
    }
}
