//! What is expected of a route: who may use it, and what happens when they do.

use app::Role;
use identity::Purpose;
use store::Sql;

/// Whom a route admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Anyone,
    /// Whoever knows an id or token of ours; others get [`Expectation::unknown`].
    Bearer,
    /// A key of a tenant whose scopes name the service.
    ApiKey,
    /// Anybody with an account.
    SignedIn,
    /// Staff of an organisation in at least this role.
    Member(Role),
    /// The same by the admin, which shows what there is to somebody without an organisation, too.
    Insider(Role),
    /// Who runs the installation.
    Operator,
}

impl Who {
    /// Somebody who signed in.
    pub(crate) fn has_account(self) -> bool {
        matches!(
            self,
            Self::SignedIn | Self::Member(_) | Self::Insider(_) | Self::Operator
        )
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Expectation {
    /// `POST /platform/members/{id}/role`
    pub(crate) route: &'static str,
    pub(crate) who: Who,
    /// Makes or finds what the request is about. `$1`: the tenant, `$2`: a fresh id, `$3`: the account that asks, `$4`: now. Its
    /// columns, all text, fill `{name}` of the path and `<name>` of query and body. Run with another tenant and
    /// another account it makes what must answer 404.
    pub(crate) row: Option<Sql>,
    pub(crate) query: &'static str,
    /// A good body: a form, or JSON where it begins with `{`. Beside the row's columns, `<password>`, `<new>` and `<one_time_code>` are the person's own,
    /// `<token>` is the signature of [`Self::link`], and any other `<name>` a hidden field of the page at the same path.
    pub(crate) body: &'static str,
    /// The status of the good request of the right person.
    pub(crate) answers: u16,
    /// The status of the same request about something unknown, or of somebody else's.
    pub(crate) unknown: u16,
    /// The audit entries of the good request: `action`, then `<` where it has a before and `>` where it has an after.
    pub(crate) leaves: &'static [&'static str],
    /// The row is a mailed link, signed for this.
    pub(crate) link: Option<Purpose>,
    pub(crate) person: Condition,
    /// The test of the good request, if it takes more than a row; it stands in a file that names the route's path.
    pub(crate) elsewhere: Option<&'static str>,
}

/// In which condition somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Whole,
    WithoutSecondFactor,
    /// The password was right, the code is still asked for.
    HalfSignedIn,
}

const fn of(route: &'static str, who: Who, answers: u16) -> Expectation {
    Expectation {
        route,
        who,
        row: None,
        query: "",
        body: "",
        answers,
        unknown: 404,
        leaves: &[],
        link: None,
        person: Condition::Whole,
        elsewhere: None,
    }
}

/// A page: shown, or a form that leads on to another page.
pub(crate) const fn page(route: &'static str, who: Who) -> Expectation {
    let answers = if route.as_bytes()[0] == b'G' { 200 } else { 303 };
    of(route, who, answers)
}

/// An operation of an API.
pub(crate) const fn api(route: &'static str, who: Who) -> Expectation {
    of(route, who, 200)
}

impl Expectation {
    pub(crate) const fn row(mut self, row: Sql) -> Self {
        self.row = Some(row);
        self
    }
    pub(crate) const fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }
    pub(crate) const fn sends(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }
    pub(crate) const fn answers(mut self, status: u16) -> Self {
        self.answers = status;
        self
    }
    pub(crate) const fn unknown(mut self, status: u16) -> Self {
        self.unknown = status;
        self
    }
    pub(crate) const fn leaves(mut self, entries: &'static [&'static str]) -> Self {
        self.leaves = entries;
        self
    }
    pub(crate) const fn link(mut self, purpose: Purpose) -> Self {
        self.link = Some(purpose);
        self
    }
    pub(crate) const fn person(mut self, condition: Condition) -> Self {
        self.person = condition;
        self
    }
    pub(crate) const fn elsewhere(mut self, test: &'static str) -> Self {
        self.elsewhere = Some(test);
        self
    }

    pub(crate) fn method(&self) -> &'static str {
        self.route.split(' ').next().unwrap_or_default()
    }
    pub(crate) fn path(&self) -> &'static str {
        self.route.split(' ').nth(1).unwrap_or_default()
    }
    pub(crate) fn is_api(&self) -> bool {
        self.path().contains("/v1/") || self.path().contains("/api/")
    }
    pub(crate) fn is_safe(&self) -> bool {
        self.method() == "GET"
    }
}
