//! How a model is declared: one `static`, from which every page of it follows.
//!
//! The words are Django's (`list_display`, `list_filter`, `search_fields`, `date_hierarchy`, `fieldsets`, inlines, actions), so
//! that whoever kept one of the peers' admins finds things where they were.

use app::{Context, Permission, SignedIn, Tenant};
use domain::person::Language;
use ports::{BoxFuture, Result};
use store::Tx;

use crate::value::Value;

/// A text in both languages of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    pub english: &'static str,
    pub spanish: &'static str,
}

/// `words("State", "Estado")`
pub const fn words(english: &'static str, spanish: &'static str) -> Words {
    Words { english, spanish }
}

impl Words {
    pub fn of(self, language: Language) -> &'static str {
        app::page::pick(language, self.english, self.spanish)
    }
}

/// A table as people work with it.
pub struct Model {
    /// The service it belongs to: the second part of its address.
    pub service: &'static str,
    /// The third part of its address: `reminder-request`.
    pub name: &'static str,
    /// With its schema: `voting.reminder_request`. In every SQL text of a declaration it is called `t`.
    pub table: &'static str,
    pub label: Words,
    pub plural: Words,
    /// What it is for, for the page of the service and for a list that is empty.
    pub about: Words,
    pub scope: Scope,
    /// The columns that name a row, in the order in which they stand in its address.
    pub key: &'static [&'static str],
    pub columns: &'static [Column],
    /// What stands for the object where it is spoken of. SQL over `t`; a text.
    pub title: &'static str,
    pub list_display: &'static [&'static str],
    pub list_filter: &'static [Filter],
    /// Columns in which each word that was typed is looked for at the beginning, without regard to case and accents. Where the table
    /// is large, each has an index on `(tenant_id, column collate platform.folded)`.
    pub search_fields: &'static [&'static str],
    /// A time to walk through by year, month and day; never null, and with an index.
    pub date_hierarchy: Option<&'static str>,
    /// How the list begins; every column that can be sorted by is marked [`Column::sortable`].
    pub ordering: Ordering,
    /// Groups of a row's page; without any, all columns in their order.
    pub fieldsets: &'static [Fieldset],
    pub inlines: &'static [Inline],
    /// Tables whose rows go with a deleted row, or hold it back: what the question before deleting names.
    pub dependents: &'static [Dependent],
    pub actions: &'static [Action],
    /// Rows that are not shown at all: SQL over `t` that is true for those that are.
    pub only: Option<&'static str>,
    /// Organisations for which the model is not there at all, such as those of a plan without access to data.
    pub is_for: fn(&Tenant) -> bool,
    pub view: Permission,
    /// `None`: nobody adds one here.
    pub add: Option<Permission>,
    /// `None`: it is only read.
    pub change: Option<Permission>,
    /// Where rows are added (`…/new`) and changed (`…/{id}`) that are more than a row of their table: the pages here lead there.
    /// Such a model has neither `add` nor `change`.
    pub elsewhere: Option<&'static str>,
    pub delete: Option<Permission>,
    /// Rights over one row, beyond those over all: asked before each change and deletion.
    pub may_change: fn(&SignedIn, &Row) -> bool,
    /// Checks what single columns cannot, with every value and before anything is saved: the columns, and why not.
    pub check: Option<Check>,
    /// The `object_kind` under which the audit log knows it.
    pub audit_kind: &'static str,
    /// The column that says whose log a change belongs to, where operators change an organisation's rows.
    pub audit_tenant: Option<&'static str>,
    /// A column that is set to the present with every change, such as `modified_at`.
    pub touched: Option<&'static str>,
}

/// See [`Model::check`]. An empty name is no column's alone.
pub type Check = for<'a> fn(&'a mut Tx, &'a Row) -> BoxFuture<'a, Result<Vec<(&'static str, Words)>>>;
/// See [`Action::run`].
pub type Run = for<'a> fn(&'a mut Deed<'_>) -> BoxFuture<'a, Result<bool>>;

/// Whose rows they are, and so who works with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An organisation's, by the column `tenant_id`: its own staff, by role.
    Tenant,
    /// The installation's: its operators. Where rows belong to organisations, those of all of them.
    Operator,
}

impl Model {
    /// What most models are; a declaration ends with `..Model::READ_ONLY`.
    pub const READ_ONLY: Self = Self {
        service: "",
        name: "",
        table: "",
        label: words("", ""),
        plural: words("", ""),
        about: words("", ""),
        scope: Scope::Tenant,
        key: &["id"],
        columns: &[],
        title: "t.id::text",
        list_display: &[],
        list_filter: &[],
        search_fields: &[],
        date_hierarchy: None,
        ordering: Ordering::descending("created_at"),
        fieldsets: &[],
        inlines: &[],
        dependents: &[],
        actions: &[],
        only: None,
        is_for: |_| true,
        view: Permission::View,
        add: None,
        change: None,
        elsewhere: None,
        delete: None,
        may_change: |_, _| true,
        check: None,
        audit_kind: "",
        audit_tenant: None,
        touched: None,
    };

    /// `/admin/voting/registration`
    pub fn path(&self) -> String {
        format!("/admin/{}/{}", self.service, self.name)
    }

    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The values of one row by column.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub values: Vec<(&'static str, Value)>,
    /// What the references of the row are called, by column.
    pub labels: Vec<(&'static str, String)>,
    pub title: String,
}

impl Row {
    pub fn get(&self, name: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        self.values
            .iter()
            .find(|(column, _)| *column == name)
            .map_or(NULL, |(_, value)| value)
    }

    /// A text column's value; empty for any other.
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Value::Text(text) => text,
            _ => "",
        }
    }

    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        self.labels
            .iter()
            .find(|(column, _)| *column == name)
            .map(|(_, label)| label.as_str())
    }
}

/// One column: what it is called, holds and allows.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub label: Words,
    pub hint: Words,
    pub kind: Kind,
    /// SQL over `t`, for one that is computed; it is only read then.
    pub expression: Option<&'static str>,
    pub is_nullable: bool,
    /// A text that may be empty.
    pub is_blank: bool,
    pub is_read_only: bool,
    /// What the engine writes into it when a row is added.
    pub on_add: Option<OnAdd>,
    /// Set when a row is added, and then never changed.
    pub is_fixed: bool,
    /// About a person: the audit log keeps only its outline.
    pub is_personal: bool,
    pub is_sortable: bool,
    /// Characters of a text.
    pub max_length: usize,
    /// Of a whole number.
    pub range: (i64, i64),
    /// What an add page begins with, as it is typed.
    pub initial: &'static str,
    /// Checks a text: why it cannot be.
    pub check: Option<fn(&str) -> Option<Words>>,
}

/// What a column holds, and so how it is shown, typed in and checked.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One line.
    Text,
    /// Several lines.
    TextArea,
    Integer,
    /// A number with a fraction; travels as its text.
    Decimal,
    Boolean,
    Date,
    /// Shown and typed in the reader's time zone.
    Timestamp,
    Uuid,
    /// One of these codes.
    Choice(&'static [(&'static str, Words)]),
    Json,
    /// `text[]`: one a line.
    Texts,
    /// A row of another table.
    Reference(&'static Reference),
}

/// The table that a foreign key leads to.
#[derive(Debug)]
pub struct Reference {
    pub table: &'static str,
    pub key: &'static str,
    /// `Uuid` or `Text`.
    pub key_kind: Kind,
    /// SQL over `r`: how a row is called, and what is searched when one is looked for.
    pub label: &'static str,
    /// SQL over `r` by which what was typed is looked for, at the beginning.
    pub search: &'static str,
    /// Has it a `tenant_id`, so that only rows of one's own organisation may be chosen?
    pub has_tenant: bool,
    /// Where its own page is, without the id; empty: nowhere.
    pub path: &'static str,
}

impl Column {
    const fn new(name: &'static str, label: Words, kind: Kind) -> Self {
        Self {
            name,
            label,
            hint: words("", ""),
            kind,
            expression: None,
            is_nullable: false,
            is_blank: false,
            is_read_only: false,
            on_add: None,
            is_fixed: false,
            is_personal: false,
            is_sortable: false,
            max_length: 256,
            range: (i32::MIN as i64, i32::MAX as i64),
            initial: "",
            check: None,
        }
    }

    pub const fn text(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        Self::new(name, words(english, spanish), Kind::Text)
    }
    pub const fn text_area(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        let mut column = Self::new(name, words(english, spanish), Kind::TextArea);
        column.max_length = 10_000;
        column
    }
    pub const fn integer(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        Self::new(name, words(english, spanish), Kind::Integer)
    }
    pub const fn decimal(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        Self::new(name, words(english, spanish), Kind::Decimal)
    }
    pub const fn boolean(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        Self::new(name, words(english, spanish), Kind::Boolean)
    }
    pub const fn date(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        Self::new(name, words(english, spanish), Kind::Date)
    }
    pub const fn timestamp(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        Self::new(name, words(english, spanish), Kind::Timestamp)
    }
    pub const fn uuid(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        Self::new(name, words(english, spanish), Kind::Uuid)
    }
    pub const fn choice(
        name: &'static str,
        english: &'static str,
        spanish: &'static str,
        choices: &'static [(&'static str, Words)],
    ) -> Self {
        Self::new(name, words(english, spanish), Kind::Choice(choices))
    }
    pub const fn json(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        let mut column = Self::new(name, words(english, spanish), Kind::Json);
        column.max_length = 20_000;
        column
    }
    pub const fn texts(name: &'static str, english: &'static str, spanish: &'static str) -> Self {
        let mut column = Self::new(name, words(english, spanish), Kind::Texts);
        column.max_length = 10_000;
        column
    }
    pub const fn reference(
        name: &'static str,
        english: &'static str,
        spanish: &'static str,
        to: &'static Reference,
    ) -> Self {
        Self::new(name, words(english, spanish), Kind::Reference(to))
    }

    #[must_use]
    pub const fn hint(mut self, english: &'static str, spanish: &'static str) -> Self {
        self.hint = words(english, spanish);
        self
    }
    /// Computed by SQL over `t`.
    #[must_use]
    pub const fn computed(mut self, expression: &'static str) -> Self {
        self.expression = Some(expression);
        self.is_read_only = true;
        self
    }
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.is_nullable = true;
        self
    }
    #[must_use]
    pub const fn blank(mut self) -> Self {
        self.is_blank = true;
        self
    }
    /// Written by the engine when a row is added, and only read from then on.
    #[must_use]
    pub const fn on_add(mut self, what: OnAdd) -> Self {
        self.on_add = Some(what);
        self.is_read_only = true;
        self
    }
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.is_fixed = true;
        self
    }
    #[must_use]
    pub const fn personal(mut self) -> Self {
        self.is_personal = true;
        self
    }
    /// The list may be sorted by it. Only of a column that is never null, and with an index where the table is large.
    #[must_use]
    pub const fn sortable(mut self) -> Self {
        self.is_sortable = true;
        self
    }
    #[must_use]
    pub const fn max(mut self, characters: usize) -> Self {
        self.max_length = characters;
        self
    }
    #[must_use]
    pub const fn range(mut self, least: i64, most: i64) -> Self {
        self.range = (least, most);
        self
    }
    #[must_use]
    pub const fn initial(mut self, typed: &'static str) -> Self {
        self.initial = typed;
        self
    }
    #[must_use]
    pub const fn check(mut self, check: fn(&str) -> Option<Words>) -> Self {
        self.check = Some(check);
        self
    }

    /// May an empty field be sent for it?
    pub(crate) fn is_optional(&self) -> bool {
        self.is_nullable || self.is_blank || matches!(self.kind, Kind::Boolean | Kind::Texts)
    }
}

/// What the engine knows of a row that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnAdd {
    /// A random UUID.
    Id,
    /// The present.
    Now,
    /// Whoever adds it: an account's id.
    Person,
}

/// Several lists of columns as one: `&join::<12>(&[VOTER, SOURCE])`.
///
/// # Panics
/// While it is compiled, where they are not `N` together.
pub const fn join<const N: usize>(parts: &[&[Column]]) -> [Column; N] {
    let mut all = [Column::text("", "", ""); N];
    let (mut filled, mut part) = (0, 0);
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            all[filled] = parts[part][index];
            filled += 1;
            index += 1;
        }
        part += 1;
    }
    assert!(filled == N, "these lists have another number of columns");
    all
}

/// A way to narrow the list, on its side.
#[derive(Clone, Copy, Debug)]
pub enum Filter {
    /// By each choice of a column, by yes and no, or by each row of a short table that it refers to.
    Column(&'static str),
    /// By whether a column has a value.
    Present(&'static str),
    /// By today, the past seven days, this month, this year.
    Date(&'static str),
    /// By conditions of its own.
    Named(&'static NamedFilter),
}

/// A filter whose choices are SQL over `t`.
#[derive(Debug)]
pub struct NamedFilter {
    pub name: &'static str,
    pub label: Words,
    /// Code, name, condition.
    pub choices: &'static [(&'static str, Words, &'static str)],
    /// The code that holds where nothing is chosen: then "all" is a choice like another.
    pub default: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordering {
    pub column: &'static str,
    pub is_descending: bool,
}

impl Ordering {
    pub const fn ascending(column: &'static str) -> Self {
        Self {
            column,
            is_descending: false,
        }
    }
    pub const fn descending(column: &'static str) -> Self {
        Self {
            column,
            is_descending: true,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Fieldset {
    /// Empty: without a heading.
    pub label: Words,
    pub columns: &'static [&'static str],
    /// Folded until it is asked for.
    pub is_collapsed: bool,
}

/// Rows of another model that belong to a row, on its page. They are changed there where that model allows it.
#[derive(Clone, Copy)]
pub struct Inline {
    pub model: &'static Model,
    /// The child's column that holds this model's key.
    pub column: &'static str,
}

/// Rows of another table that refer to a row.
#[derive(Clone, Copy, Debug)]
pub struct Dependent {
    pub table: &'static str,
    /// Their column that holds this model's key (the first part of it).
    pub column: &'static str,
    pub label: Words,
    pub fate: Fate,
}

/// What becomes of a row when the one that it refers to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is deleted too.
    Goes,
    /// It stays and refers to nothing.
    LosesIt,
    /// It keeps the other from being deleted.
    HoldsBack,
}

/// Something to do with chosen rows: from the list with several, from a row's page with one.
#[derive(Clone, Copy)]
pub struct Action {
    pub name: &'static str,
    pub label: Words,
    /// Asked before it is done; empty: it is done at once.
    pub question: Words,
    pub permission: Permission,
    /// Does it for one row, in a transaction that sees it; says whether it changed anything. The engine writes the audit entry.
    pub run: Run,
    /// The `action` of the audit entry.
    pub audit: &'static str,
}

/// What an action works with.
pub struct Deed<'a> {
    pub cx: &'a Context,
    pub tx: &'a mut Tx,
    pub person: &'a SignedIn,
    pub row: &'a Row,
    /// Done after the commit, such as forgetting tokens that the key-value store keeps.
    pub afterwards: &'a mut Vec<BoxFuture<'static, Result<()>>>,
}
