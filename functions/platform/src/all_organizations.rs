//! `/platform/all-organizations`: the operators' list of all organisations: to find, make and change one, each change with its history.

use app::{
    Context, Fields, Form, FormField, Menu, OpenApiRouter, Operator, Page, PathId, Posted, TenantId,
    page::html, see_other,
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
    person::{Email, Flag, Line, Name, Phone, Slug, Text, WebUrl},
    voting::{
        codes::{SmsOption, SubscriberPlan},
        subscriber::SmsSettings,
    },
};
use jiff::Timestamp;
use ports::{Error, FieldError, Kind, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use store::{
    Sql, Tx,
    audit::{Actor, Change},
    params, sql,
};
use uuid::Uuid;

use crate::{
    accounts::{field, local_time, translated},
    history,
    lead::{ein, plan_name},
};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .route("/platform/all-organizations", get(list))
        .route("/platform/all-organizations/new", get(new_form).post(make))
        .route("/platform/all-organizations/{id}", get(show).post(save))
}

const PATH: &str = "/platform/all-organizations";
/// Organisations of a page.
const PAGE: usize = 50;
/// Short names of one organisation.
const MOST_SLUGS: usize = 20;

// A name's part is looked for in some thousands of organisations at most.
const LIST: Sql = sql!(
    "select t.id, t.name, t.plan, t.status, t.is_first_party, t.created_at,
            coalesce((select string_agg(s.slug, ', ' order by s.slug) from platform.tenant_slug s where s.tenant_id = t.id), '')
                as slugs
       from platform.tenant t
      where ($1 = '' or position(lower($1) in lower(t.name)) > 0
             or exists (select from platform.tenant_slug s where s.tenant_id = t.id and s.slug = lower($1)))
        and ($2::uuid is null or (t.created_at, t.id) < (select b.created_at, b.id from platform.tenant b where b.id = $2))
      order by t.created_at desc, t.id desc limit $3"
);
const INSERT: Sql = sql!(
    "insert into platform.tenant (id, name, plan, is_first_party, created_at) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing returning id"
);
const SLUG: Sql = sql!(
    "insert into platform.tenant_slug (slug, tenant_id) values ($1, $2) on conflict (slug) do nothing returning slug"
);
const OPEN: Sql = sql!("select voting.open_subscriber($1, $2, $3, $4)");

/// A new organisation.
pub(crate) struct New {
    pub(crate) name: String,
    pub(crate) website: String,
    pub(crate) slug: String,
    pub(crate) plan: SubscriberPlan,
    pub(crate) sms: SmsSettings,
    pub(crate) is_first_party: bool,
}

pub(crate) fn slug_taken(operator: &Operator, field: &'static str) -> FieldError {
    let message = operator.t(
        "Another organization has this short name.",
        "Otra organización tiene este nombre corto.",
    );
    FieldError::new(field, "taken", message)
}

/// Makes an organisation in this transaction, which must be its own. `false` where the slug is another's; nothing may be kept of
/// the transaction then.
pub(crate) async fn create(tx: &mut Tx, TenantId(id): TenantId, new: &New, by: Actor) -> Result<bool> {
    let now = tx.now();
    let made = tx
        .optional(
            INSERT,
            params![id, new.name, new.plan.as_str(), new.is_first_party, now],
        )
        .await?;
    if made.is_none() {
        return Err(Error::new(
            Kind::Conflict,
            "exists",
            "There is this organization already.",
        ));
    }
    if tx.optional(SLUG, params![new.slug, id]).await?.is_none() {
        return Ok(false);
    }
    let sms = new.sms;
    tx.execute(
        OPEN,
        params![new.website, sms.enabled, sms.checkbox, sms.checkbox_default],
    )
    .await?;
    tx.audit(Change {
        actor: by,
        action: "organization.create",
        object_kind: "organization",
        object_id: id.to_string(),
        before: None,
        after: Some(json!({
            "organization": new.name, "slugs": new.slug, "plan": new.plan.as_str(), "website": new.website,
            "is_first_party": new.is_first_party,
        })),
    })
    .await?;
    Ok(true)
}

struct Listed {
    id: Uuid,
    name: String,
    slugs: String,
    plan: &'static str,
    is_disabled: bool,
    is_first_party: bool,
    since: String,
}

#[derive(Template)]
#[template(path = "all_organizations.html")]
struct ListPage {
    page: Page,
    menu: Option<Menu>,
    query: String,
    organizations: Vec<Listed>,
    /// The query of the next page.
    older: Option<String>,
}

#[derive(Deserialize)]
struct Wanted {
    q: Option<String>,
    after: Option<Uuid>,
}

async fn list(
    operator: Operator,
    State(cx): State<Context>,
    Query(wanted): Query<Wanted>,
) -> app::Result<Response> {
    let clean = |c: &char| !c.is_control();
    let asked: String = wanted
        .q
        .unwrap_or_default()
        .trim()
        .chars()
        .filter(clean)
        .take(100)
        .collect();
    let limit = i64::try_from(PAGE + 1).map_err(Error::internal)?;
    let rows = cx.db.rows(LIST, params![asked, wanted.after, limit]).await?;
    let organizations = rows
        .iter()
        .take(PAGE)
        .map(|row| {
            let plan =
                SubscriberPlan::parse(row.get("plan")?).map_err(|_| Error::internal("an unknown plan"))?;
            Ok(Listed {
                id: row.get("id")?,
                name: row.get("name")?,
                slugs: row.get("slugs")?,
                plan: plan_name(operator.language, plan),
                is_disabled: row.get::<&str>("status")? != "active",
                is_first_party: row.get("is_first_party")?,
                since: local_time(row.get("created_at")?, &operator.account.time_zone),
            })
        })
        .collect::<Result<_>>()?;
    let older = match rows.len() > PAGE {
        true => {
            let last: Uuid = rows[PAGE - 1].get("id")?;
            let mut query = form_urlencoded::Serializer::new(String::new());
            query
                .append_pair("q", &asked)
                .append_pair("after", &last.to_string());
            Some(query.finish())
        }
        false => None,
    };
    let title = operator.t("All organizations", "Todas las organizaciones");
    html(
        StatusCode::OK,
        &ListPage {
            page: Page::new(operator.language, title),
            menu: Some(operator.menu(PATH)?),
            query: asked,
            organizations,
            older,
        },
    )
}

/// What the form shows, compares and audits, by its fields.
type Facts = Map<String, Value>;

const FIND: Sql = sql!(
    "select t.name, t.plan, t.status, t.is_first_party, t.created_at, coalesce(voting.website(), '') as website,
            coalesce((select string_agg(s.slug, ' ' order by s.slug) from platform.tenant_slug s where s.tenant_id = t.id), '')
                as slugs,
            coalesce(c.first_name, '') as first_name, coalesce(c.last_name, '') as last_name, coalesce(c.email, '') as email,
            coalesce(c.phone, '') as phone, coalesce(c.ein, '') as ein, coalesce(c.internal_notes, '') as internal_notes
       from platform.tenant t left join platform.subscription c on c.tenant_id = t.id
      where t.id = $1"
);
const HOLD: Sql = sql!("select id from platform.tenant where id = $1 for update");
const UPDATE: Sql =
    sql!("update platform.tenant set name = $2, plan = $3, status = $4, is_first_party = $5 where id = $1");
const WEBSITE: Sql = sql!("select voting.set_website($1)");
const DROP_SLUGS: Sql = sql!("delete from platform.tenant_slug where tenant_id = $1 and not slug = any($2)");
const OWN_SLUG: Sql = sql!("select slug from platform.tenant_slug where tenant_id = $1 and slug = $2");
const OTHERS: Sql = sql!("select id from platform.tenant where status = 'active' and id <> $1 limit 1");
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

fn text_of(facts: &Facts, name: &str) -> String {
    match facts.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(true)) => "true".to_owned(),
        _ => String::new(),
    }
}

fn fingerprint(facts: &Facts) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(json!(facts).to_string()))
}

struct Past {
    at: String,
    actor: String,
    action: String,
    /// Field, before, after.
    fields: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "all_organizations_edit.html")]
struct EditPage {
    page: Page,
    heading: String,
    menu: Option<Menu>,
    form_token: String,
    seen: String,
    form: Form,
    button: &'static str,
    saved: bool,
    /// Where an organisation is that there is already.
    changes: Option<Vec<Past>>,
    slug: String,
}

fn form(operator: &Operator, is_new: bool, typed: &dyn Fn(&str) -> String, errors: &[FieldError]) -> Form {
    let language = operator.language;
    let optional = |field: FormField| FormField {
        required: false,
        ..field
    };
    let hinted = |field: FormField, hint: &str| FormField {
        hint: hint.to_owned(),
        ..field
    };
    let t = |english, spanish| operator.t(english, spanish);
    let mut fields = vec![
        field("organization", t("Name", "Nombre"), "text", "off"),
        hinted(
            field("slugs", t("Short names", "Nombres cortos"), "text", "off"),
            t(
                "In links; several with blanks between them. A link with a name that you remove leads to the first organization.",
                "En los enlaces; varios separados por espacios. Un enlace con un nombre que quite lleva a la primera organización.",
            ),
        ),
        optional(field("website", t("Website", "Sitio web"), "url", "off")),
        hinted(
            FormField {
                options: SubscriberPlan::ALL
                    .iter()
                    .map(|plan| (plan.as_str().to_owned(), plan_name(language, *plan).to_owned()))
                    .collect(),
                ..field("plan", "Plan", "select", "off")
            },
            t(
                "On the free plan there are no voters to see, no reports and no text messages",
                "En el plan gratuito no se ven votantes, ni hay informes ni mensajes de texto",
            ),
        ),
        optional(hinted(
            field(
                "is_first_party",
                t("The house's own", "De la casa"),
                "checkbox",
                "off",
            ),
            t(
                "Its mails are written in the house's name",
                "Sus correos se escriben en nombre de la casa",
            ),
        )),
    ];
    if !is_new {
        fields.push(hinted(
            FormField {
                options: vec![
                    ("active".to_owned(), t("Active", "Activa").to_owned()),
                    ("disabled".to_owned(), t("Disabled", "Desactivada").to_owned()),
                ],
                ..field("status", t("State", "Estado"), "select", "off")
            },
            t(
                "Disabled: its staff pages and API keys stop working, and its links lead to the first organization",
                "Desactivada: sus páginas y claves de API dejan de funcionar, y sus enlaces llevan a la primera organización",
            ),
        ));
        fields.extend([
            optional(field(
                "first_name",
                t("Contact: first name", "Contacto: nombre"),
                "text",
                "off",
            )),
            optional(field(
                "last_name",
                t("Contact: last name", "Contacto: apellido"),
                "text",
                "off",
            )),
            optional(field(
                "email",
                t("Contact: e-mail", "Contacto: correo electrónico"),
                "email",
                "off",
            )),
            optional(field(
                "phone",
                t("Contact: phone", "Contacto: teléfono"),
                "tel",
                "off",
            )),
            optional(field("ein", "EIN", "text", "off")),
            optional(field(
                "internal_notes",
                t("Notes of operators", "Notas de los operadores"),
                "textarea",
                "off",
            )),
        ]);
    }
    let errors = translated(language, errors);
    let mut form = Form::default();
    for field in fields {
        form.push(field, typed, &errors);
    }
    form.push_others(&errors);
    form
}

/// Reads and checks what was sent; of a new organisation only what its form has.
fn read(operator: &Operator, sent: &Fields, is_new: bool) -> Result<Facts> {
    let mut fields = Fields::new(sent.values().clone());
    let mut facts = Facts::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value);
        }
    };
    put(
        "organization",
        fields.take::<Line>("organization").map(|v| json!(v.as_str())),
    );
    let website = fields.take::<Option<WebUrl>>("website");
    put(
        "website",
        website.map(|v| json!(v.as_ref().map_or("", WebUrl::as_str))),
    );
    put(
        "plan",
        fields
            .take::<app::Choice<SubscriberPlan>>("plan")
            .map(|v| json!(v.0.as_str())),
    );
    let first_party = fields.take::<Option<Flag>>("is_first_party");
    put(
        "is_first_party",
        first_party.map(|v| json!(v.is_some_and(|flag| flag.0))),
    );
    let mut slugs: Vec<String> = Vec::new();
    let mut wrong = None;
    for word in sent
        .text("slugs")
        .split([' ', ',', '\t'])
        .filter(|word| !word.is_empty())
        .take(MOST_SLUGS + 1)
    {
        match Slug::parse(word) {
            Ok(slug) => slugs.push(slug.as_str().to_owned()),
            Err(invalid) => wrong = Some(FieldError::new("slugs", invalid.code, invalid.message)),
        }
    }
    slugs.sort();
    slugs.dedup();
    if slugs.is_empty() && wrong.is_none() {
        wrong = Some(FieldError::required("slugs"));
    }
    if slugs.len() > MOST_SLUGS || (is_new && slugs.len() > 1) {
        let message = match is_new {
            true => operator.t(
                "Give one; more can be added later.",
                "Dé uno; después se pueden añadir más.",
            ),
            false => operator.t("Give at most twenty.", "Dé veinte como máximo."),
        };
        wrong = Some(FieldError::new("slugs", "too_many", message));
    }
    put("slugs", Some(json!(slugs.join(" "))));
    if !is_new {
        let optional = |v: Option<String>| json!(v.unwrap_or_default());
        let name = |v: Option<Name>| optional(v.map(|v| v.as_str().to_owned()));
        put("first_name", fields.take::<Option<Name>>("first_name").map(name));
        put("last_name", fields.take::<Option<Name>>("last_name").map(name));
        let email = fields.take::<Option<Email>>("email");
        put("email", email.map(|v| optional(v.map(|v| v.as_str().to_owned()))));
        let phone = fields.take::<Option<Phone>>("phone");
        put("phone", phone.map(|v| optional(v.map(|v| v.as_str().to_owned()))));
        let notes = fields.take::<Option<Text>>("internal_notes");
        put(
            "internal_notes",
            notes.map(|v| optional(v.map(|v| v.as_str().to_owned()))),
        );
        match (sent.text("ein").trim(), ein(sent.text("ein"))) {
            ("", _) => put("ein", Some(json!(""))),
            (_, Some(number)) => put("ein", Some(json!(number))),
            (_, None) => {
                let message = operator.t(
                    "Enter nine digits, such as 12-3456789.",
                    "Escriba nueve dígitos, como 12-3456789.",
                );
                fields.problems.0.push(FieldError::new("ein", "ein", message));
            }
        }
        match sent.text("status") {
            status @ ("active" | "disabled") => put("status", Some(json!(status))),
            _ => fields.problems.0.push(FieldError::new(
                "status",
                "invalid_choice",
                operator.t("Choose one of the two.", "Elija una de las dos."),
            )),
        }
    }
    fields.problems.0.extend(wrong);
    fields.problems.check()?;
    Ok(facts)
}

async fn new_form(operator: Operator, State(cx): State<Context>) -> app::Result<Response> {
    let once = cx.random().uuid().to_string();
    let typed = |name: &str| match name {
        "plan" => "nonprofit".to_owned(),
        _ => String::new(),
    };
    new_page(&operator, &typed, &[], once)
}

fn new_page(
    operator: &Operator,
    typed: &dyn Fn(&str) -> String,
    errors: &[FieldError],
    once: String,
) -> app::Result<Response> {
    let heading = operator.t("New organization", "Nueva organización");
    let mut page = Page::new(operator.language, heading);
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    if !errors.is_empty() {
        page.title = format!("Error: {}", page.title);
    }
    html(
        status,
        &EditPage {
            page,
            heading: heading.to_owned(),
            menu: Some(operator.menu(PATH)?),
            form_token: operator.token.form_token()?,
            seen: once,
            form: form(operator, true, typed, errors),
            button: operator.t("Make the organization", "Crear la organización"),
            saved: false,
            changes: None,
            slug: String::new(),
        },
    )
}

async fn make(operator: Operator, State(cx): State<Context>, Posted(sent): Posted) -> app::Result<Response> {
    let once = Uuid::try_parse(sent.text("seen")).unwrap_or_else(|_| cx.random().uuid());
    let typed = |name: &str| sent.text(name).to_owned();
    let facts = match read(&operator, &sent, true) {
        Ok(facts) => facts,
        Err(error) if error.kind() == Kind::Invalid => {
            return new_page(&operator, &typed, error.fields(), once.to_string());
        }
        Err(error) => return Err(error.into()),
    };
    let new = New {
        name: text_of(&facts, "organization"),
        website: text_of(&facts, "website"),
        slug: text_of(&facts, "slugs"),
        plan: SubscriberPlan::parse(&text_of(&facts, "plan"))
            .map_err(|_| Error::internal("an unknown plan"))?,
        sms: SmsSettings::from(SmsOption::BoxUnchecked),
        is_first_party: facts.get("is_first_party") == Some(&json!(true)),
    };
    let there = see_other(&format!("{PATH}/{once}?saved=true"));
    let mut tx = cx.db.begin(TenantId(once)).await?;
    // A double click: the first one made it.
    if tx.optional(HOLD, params![once]).await?.is_some() {
        return Ok(there);
    }
    if !create(&mut tx, TenantId(once), &new, Actor::Account(operator.account.id)).await? {
        drop(tx);
        return new_page(
            &operator,
            &typed,
            &[slug_taken(&operator, "slugs")],
            once.to_string(),
        );
    }
    tx.commit().await?;
    Ok(there)
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
        menu: Some(operator.menu(PATH)?),
        form_token: operator.token.form_token()?,
        seen: fingerprint(facts),
        form: form(operator, false, typed, errors),
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
struct Saved {
    saved: Option<String>,
}

async fn show(
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

async fn save(
    operator: Operator,
    State(cx): State<Context>,
    PathId(id): PathId,
    Posted(sent): Posted,
) -> app::Result<Response> {
    let mut tx = cx.db.begin(TenantId(id)).await?;
    tx.one(HOLD, params![id]).await?;
    let before = facts(&mut tx, id).await?;
    let typed = |name: &str| sent.text(name).to_owned();
    let after = match read(&operator, &sent, false) {
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
    for slug in slugs {
        if tx.optional(SLUG, params![slug, id]).await?.is_none()
            && tx.optional(OWN_SLUG, params![id, slug]).await?.is_none()
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
