//! The form of a row: its fields as they are shown, what was typed into them, and what is wrong with it.

use app::Fields;
use ports::Result;
use sha2::{Digest, Sha256};
use store::{TenantId, Tx};

use crate::{
    model::{Column, Fieldset, Kind, Model, Row, Words, words},
    reader::Reader,
    sql,
    value::Value,
};

/// Rows of a referred table up to which they all stand in a list; of more, the right one is looked for.
const MOST_OPTIONS: i64 = 100;
/// Rows that such a search shows.
const MOST_FOUND: i64 = 20;

/// The columns that a change may touch.
pub(crate) fn changed(model: &'static Model) -> Vec<&'static Column> {
    model
        .columns
        .iter()
        .filter(|column| !column.is_read_only && !column.is_fixed && column.expression.is_none())
        .collect()
}

/// The columns that a new row is given by hand.
pub(crate) fn typed_on_add(model: &'static Model) -> Vec<&'static Column> {
    model
        .columns
        .iter()
        .filter(|column| !column.is_read_only && column.expression.is_none())
        .collect()
}

/// All columns that a new row is given.
pub(crate) fn added(model: &'static Model) -> Vec<&'static Column> {
    let by_itself = model.columns.iter().filter(|column| column.on_add.is_some());
    typed_on_add(model).into_iter().chain(by_itself).collect()
}

/// One field as it is shown.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: String,
    /// How it is typed in: `text`, `textarea`, `integer`, `decimal`, `checkbox`, `select`, `date`, `timestamp`, `json`, `texts`,
    /// `find`; or `shown`: only read.
    pub(crate) input: &'static str,
    pub(crate) value: String,
    /// What is shown instead of the value, such as what a reference is called.
    pub(crate) said: String,
    /// Where a reference leads.
    pub(crate) href: String,
    pub(crate) error: Option<&'static str>,
    pub(crate) is_optional: bool,
    pub(crate) options: Vec<(String, String)>,
    /// What was typed to look for a row.
    pub(crate) sought: String,
    pub(crate) max_length: usize,
}

impl Field {
    pub(crate) fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.name));
        }
        ids.join(" ")
    }
}

/// A group of fields.
pub(crate) struct Group {
    pub(crate) label: &'static str,
    pub(crate) is_collapsed: bool,
    pub(crate) fields: Vec<Field>,
}

/// What was typed into a form, or stands in it to begin with.
pub(crate) enum Typed<'a> {
    /// The row as it is.
    Row,
    /// A new row, with values of the address.
    New(&'a (dyn Fn(&str) -> Option<String> + Sync)),
    Sent(&'a Fields),
}

/// Which columns are open in a form.
pub(crate) struct Open {
    pub(crate) columns: Vec<&'static Column>,
}

impl Open {
    pub(crate) fn has(&self, column: &Column) -> bool {
        self.columns.iter().any(|open| open.name == column.name)
    }
}

/// What is wrong, by column; an empty name: with none of them alone.
pub(crate) type Wrong = Vec<(&'static str, Words)>;

/// Reads what was sent for the open columns, and checks references against the database.
pub(crate) async fn read(
    sent: &Fields,
    open: &Open,
    tenant: Option<TenantId>,
    tx: &mut Tx,
    zone: &str,
) -> Result<(Vec<(&'static Column, Value)>, Wrong)> {
    let (mut values, mut wrong) = (Vec::new(), Vec::new());
    for column in &open.columns {
        match Value::parse(sent.text(column.name), column, zone) {
            Ok(value) => {
                if let Kind::Reference(to) = column.kind
                    && value != Value::Null
                    && tx.query(&sql::label(to, tenant, &value)).await?.is_empty()
                {
                    wrong.push((
                        column.name,
                        words("Choose one of the list.", "Elija uno de la lista."),
                    ));
                }
                values.push((*column, value));
            }
            Err(problem) => wrong.push((column.name, problem)),
        }
    }
    Ok((values, wrong))
}

/// The groups of a model's row as a form.
pub(crate) async fn groups(
    model: &'static Model,
    reader: &Reader,
    tx: &mut Tx,
    row: &Row,
    open: &Open,
    typed: Typed<'_>,
    wrong: &Wrong,
) -> Result<Vec<Group>> {
    let all: Vec<&'static str> = model.columns.iter().map(|column| column.name).collect();
    let one = [(words("", ""), all.as_slice(), false)];
    let sets: Vec<(Words, &[&'static str], bool)> = match model.fieldsets {
        [] => one.to_vec(),
        sets => sets
            .iter()
            .map(
                |Fieldset {
                     label,
                     columns,
                     is_collapsed,
                 }| (*label, *columns, *is_collapsed),
            )
            .collect(),
    };
    let is_new = matches!(typed, Typed::New(_)) || row.values.is_empty();
    let mut groups = Vec::new();
    for (label, columns, is_collapsed) in sets {
        let mut fields = Vec::new();
        for column in columns.iter().filter_map(|name| model.column(name)) {
            if open.has(column) {
                fields.push(open_field(column, reader, tx, row, &typed, wrong).await?);
            } else if !is_new {
                fields.push(shown_field(column, reader, row));
            }
        }
        if !fields.is_empty() {
            groups.push(Group {
                label: label.of(reader.person.language),
                // What is wrong must be seen.
                is_collapsed: is_collapsed && fields.iter().all(|field| field.error.is_none()),
                fields,
            });
        }
    }
    Ok(groups)
}

fn shown_field(column: &'static Column, reader: &Reader, row: &Row) -> Field {
    let language = reader.person.language;
    let value = row.get(column.name);
    let said = match row.label(column.name) {
        Some(label) => label.to_owned(),
        None => match value.show(&column.kind, language, &reader.person.account.time_zone) {
            nothing if nothing.is_empty() => "–".to_owned(),
            text => text,
        },
    };
    Field {
        name: column.name,
        label: column.label.of(language),
        hint: String::new(),
        input: match column.kind {
            Kind::Json | Kind::TextArea => "shown-lines",
            _ => "shown",
        },
        value: String::new(),
        said,
        href: href(column, value),
        error: None,
        is_optional: true,
        options: Vec::new(),
        sought: String::new(),
        max_length: 0,
    }
}

fn href(column: &Column, value: &Value) -> String {
    match column.kind {
        Kind::Reference(to) if !to.path.is_empty() && *value != Value::Null => {
            format!(
                "{}/{}/change",
                to.path,
                crate::value::address([value].into_iter())
            )
        }
        _ => String::new(),
    }
}

async fn open_field(
    column: &'static Column,
    reader: &Reader,
    tx: &mut Tx,
    row: &Row,
    typed: &Typed<'_>,
    wrong: &Wrong,
) -> Result<Field> {
    let language = reader.person.language;
    let zone = &reader.person.account.time_zone;
    let value = match typed {
        Typed::Row => row.get(column.name).typed(zone),
        Typed::New(given) => given(column.name).unwrap_or_else(|| column.initial.to_owned()),
        Typed::Sent(sent) => sent.text(column.name).to_owned(),
    };
    let mut field = Field {
        name: column.name,
        label: column.label.of(language),
        hint: column.hint.of(language).to_owned(),
        input: input(&column.kind),
        value,
        said: String::new(),
        href: String::new(),
        error: wrong
            .iter()
            .find(|(name, _)| *name == column.name)
            .map(|(_, problem)| problem.of(language)),
        is_optional: column.is_optional(),
        options: Vec::new(),
        sought: String::new(),
        max_length: column.max_length,
    };
    let own_hint = match column.kind {
        Kind::Timestamp => format!(
            "{} ({zone})",
            reader.t("For example 2026-11-03 17:00", "Por ejemplo 2026-11-03 17:00")
        ),
        Kind::Date => reader
            .t("For example 2026-11-03", "Por ejemplo 2026-11-03")
            .to_owned(),
        Kind::Texts => reader.t("One on each line", "Uno en cada línea").to_owned(),
        Kind::Json => "JSON".to_owned(),
        _ => String::new(),
    };
    if field.hint.is_empty() {
        field.hint = own_hint;
    } else if !own_hint.is_empty() {
        field.hint = format!("{}. {own_hint}", field.hint);
    }
    match column.kind {
        Kind::Choice(choices) => {
            field.options = choices
                .iter()
                .map(|(code, label)| ((*code).to_owned(), label.of(language).to_owned()))
                .collect();
        }
        Kind::Boolean if column.is_nullable => {
            field.input = "select";
            field.options = [true, false]
                .map(|truth| {
                    let label = crate::value::yes_or_no(truth).of(language);
                    (truth.to_string(), label.to_owned())
                })
                .to_vec();
        }
        Kind::Reference(_) => reference(column, reader, tx, typed, &mut field).await?,
        _ => {}
    }
    Ok(field)
}

/// A list of all rows where they are few; else what was looked for, and what was found.
async fn reference(
    column: &'static Column,
    reader: &Reader,
    tx: &mut Tx,
    typed: &Typed<'_>,
    field: &mut Field,
) -> Result<()> {
    let Kind::Reference(to) = column.kind else {
        return Ok(());
    };
    let tenant = reader.tenant_id();
    let rows = tx.query(&sql::lookup(to, tenant, "", MOST_OPTIONS + 1)).await?;
    let options = |rows: &[store::Row]| {
        rows.iter()
            .map(|row| {
                Ok((
                    row.get("key")?,
                    row.get::<Option<String>>("label")?.unwrap_or_default(),
                ))
            })
            .collect::<Result<Vec<(String, String)>>>()
    };
    if i64::try_from(rows.len()).is_ok_and(|count| count <= MOST_OPTIONS) {
        field.input = "select";
        field.options = options(&rows)?;
        return Ok(());
    }
    field.input = "find";
    if let Typed::Sent(sent) = typed {
        field.sought = sent.text(&format!("{}__q", column.name)).to_owned();
    }
    if !field.sought.is_empty() {
        let found = tx
            .query(&sql::lookup(to, tenant, &field.sought, MOST_FOUND))
            .await?;
        field.options = options(&found)?;
    }
    // What is chosen stays among the choices.
    if let Some(value) =
        Value::from_plain(field.value.trim(), &column.kind).filter(|_| !field.value.is_empty())
        && !field.options.iter().any(|(key, _)| *key == field.value)
        && let Some(row) = tx.query(&sql::label(to, tenant, &value)).await?.first()
    {
        let label = row.get::<Option<String>>("label")?.unwrap_or_default();
        field.options.insert(0, (field.value.clone(), label));
    }
    Ok(())
}

fn input(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Uuid => "text",
        Kind::TextArea => "textarea",
        Kind::Integer => "integer",
        Kind::Decimal => "decimal",
        Kind::Boolean => "checkbox",
        Kind::Date => "date",
        Kind::Timestamp => "timestamp",
        Kind::Choice(_) => "select",
        Kind::Json => "json",
        Kind::Texts => "texts",
        Kind::Reference(_) => "find",
    }
}

/// What a form was filled from: changed in between, it is somebody else's change. Only of the columns that the form can change,
/// so that what the system itself notes on a row is no conflict.
pub(crate) fn version(row: &Row, open: &Open) -> String {
    let mut hash = Sha256::new();
    for column in &open.columns {
        let text = row.get(column.name).json().to_string();
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()[..12])
}

/// Values as the audit log keeps them: personal ones as an outline.
pub(crate) fn logged<'a>(
    model: &Model,
    values: impl Iterator<Item = (&'a str, &'a Value)>,
) -> serde_json::Value {
    let mut fields = serde_json::Map::new();
    for (name, value) in values {
        let Some(column) = model.columns.iter().find(|column| column.name == name) else {
            continue;
        };
        let json = value.json();
        let (name, json) = match (column.is_personal, store::audit::is_personal(name)) {
            (true, false) => (name.to_owned(), store::audit::outline(&json)),
            // The log would mask what is no person's, such as the name of a state.
            (false, true) => (format!("{} {name}", model.name), json),
            _ => (name.to_owned(), json),
        };
        fields.insert(name, json);
    }
    serde_json::Value::Object(fields)
}
