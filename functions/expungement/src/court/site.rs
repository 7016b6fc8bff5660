//! The conversation with the court's site: log in, ask for the search form, search, fetch each case's page.
//!
//! The site is an old ASP.NET application: sessions in cookies, hidden fields that must come back. Everything from there is
//! bounded: time, size, redirects (which never leave the site), cookies. It is asked politely: one log-in a crawl, a few pages at
//! a time, few retries with a growing pause.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    expungement::{
        Alias,
        court_pages::{
            MAX_PAGE_BYTES, PageError, ResultRow, SearchForm, all_locations, read_results, read_search_form,
        },
    },
    person::Language,
};
use ports::{Error, Kind, Random, Result};
use reqwest::{Method, StatusCode, Url, header};

use super::{session::Credentials, trouble::Trouble};

const CONNECT: Duration = Duration::from_secs(5);
/// One page; and the search itself, which is slow.
const PAGE: Duration = Duration::from_secs(15);
const SEARCH: Duration = Duration::from_secs(30);
/// Tries of a page, the first included, and the pause before the second; it doubles, and varies by half.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(400);
const MAX_REDIRECTS: usize = 4;
const MAX_COOKIES: usize = 30;
const MAX_COOKIE: usize = 4096;
/// Some of its pages are withheld from clients that do not look like a browser.
const USER_AGENT: &str = "Mozilla/5.0 (compatible; commonweal)";

static CLIENT: LazyLock<std::result::Result<reqwest::Client, String>> = LazyLock::new(|| {
    // One crypto provider for the whole process; a second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| error.to_string())
});

/// Why the site did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteError {
    /// It does not take the user's credentials.
    Refused,
    /// It is in maintenance.
    Offline,
    /// It cannot be reached, or answers with errors. What happened, in our words.
    Failed(&'static str),
    /// A page that cannot be used, or too many results.
    Page(PageError),
}

impl SiteError {
    /// As the API tells it: 401, 404 or 503.
    pub fn into_error(self) -> Error {
        match self {
            Self::Refused => {
                let text = Trouble::Refused.text(Language::En);
                Error::new(Kind::Unauthenticated, "court_login_refused", text.clone())
                    .with_member("message", text)
            }
            Self::Offline => {
                let text = Trouble::Offline.text(Language::En);
                Error::new(Kind::NotFound, OFFLINE, text.clone()).with_member("message", text)
            }
            Self::Failed(what) => Error::unavailable("court_site_unavailable", what)
                .with_detail("The court's site does not answer. Please try again in a few minutes."),
            Self::Page(error) => Error::unavailable("court_site_unavailable", error.to_string())
                .with_detail("The court's site answered with a page that cannot be read."),
        }
    }
}

impl From<PageError> for SiteError {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

/// The code of the error for the site's maintenance.
pub(crate) const OFFLINE: &str = "court_site_offline";
/// By what the site's own pages are told apart.
const SIGNED_IN: &str = "Case Records";
const MAINTENANCE: &str = "Oregon eCourt is temporarily unavailable due to maintenance";

/// A conversation: its address and its cookies.
pub struct Site<'r> {
    base: Url,
    client: &'static reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
    random: &'r dyn Random,
}

/// A conversation after the log-in.
pub struct SignedIn<'r> {
    site: Site<'r>,
    /// The ids of all courts.
    all_locations: String,
}

impl<'r> Site<'r> {
    /// `base` is where the site's pages are.
    ///
    /// # Errors
    /// `Internal` where the setting is no address.
    pub fn new(base: &str, random: &'r dyn Random) -> Result<Self> {
        let base = Url::parse(&format!("{}/", base.trim_end_matches('/')))
            .map_err(|_| Error::internal("OECI_URL is not an address"))?;
        let client = CLIENT
            .as_ref()
            .map_err(|_| Error::internal("the HTTP client did not start"))?;
        Ok(Self {
            base,
            client,
            cookies: Mutex::default(),
            random,
        })
    }

    /// Logs in.
    ///
    /// # Errors
    /// [`SiteError::Refused`], [`SiteError::Offline`], or that the site does not answer.
    pub async fn sign_in(self, credentials: &Credentials) -> std::result::Result<SignedIn<'r>, SiteError> {
        let form = [
            ("UserName", credentials.username.as_str()),
            ("Password", credentials.password.as_str()),
            ("ValidateUser", "1"),
            ("dbKeyAuth", "JusticePA"),
            ("SignOn", "Sign On"),
        ];
        // Not repeated: a second wrong try may lock the account.
        let page = self
            .fetch(Method::POST, self.address("login.aspx")?, Some(&form), PAGE)
            .await?;
        if page.contains(MAINTENANCE) {
            return Err(SiteError::Offline);
        }
        if !page.contains(SIGNED_IN) {
            return Err(SiteError::Refused);
        }
        Ok(SignedIn {
            all_locations: all_locations(&page)?.unwrap_or_default(),
            site: self,
        })
    }

    /// The address of a page of the site; anything that leads elsewhere is refused.
    fn address(&self, link: &str) -> std::result::Result<Url, SiteError> {
        let url = self
            .base
            .join(link)
            .map_err(|_| SiteError::Failed("a link that is no address"))?;
        let within = url.origin() == self.base.origin() && url.path().starts_with(self.base.path());
        if within {
            Ok(url)
        } else {
            Err(SiteError::Failed("a link that leads out of the court's site"))
        }
    }

    /// One request with its redirects, and its whole answer.
    async fn fetch(
        &self,
        method: Method,
        url: Url,
        form: Option<&[(&str, &str)]>,
        time: Duration,
    ) -> std::result::Result<String, SiteError> {
        tokio::time::timeout(time, self.follow(method, url, form))
            .await
            .map_err(|_| SiteError::Failed("timed out"))?
    }

    async fn follow(
        &self,
        mut method: Method,
        mut url: Url,
        mut form: Option<&[(&str, &str)]>,
    ) -> std::result::Result<String, SiteError> {
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self.client.request(method.clone(), url.clone());
            if let Some(cookies) = self.cookie_header() {
                request = request.header(header::COOKIE, cookies);
            }
            if let Some(form) = form {
                let body = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(form)
                    .finish();
                request = request
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(body);
            }
            let mut response = request
                .send()
                .await
                .map_err(|_| SiteError::Failed("could not be reached"))?;
            self.keep_cookies(response.headers());
            match response.status() {
                StatusCode::OK => return body(&mut response).await,
                // As browsers do: what follows a form is asked for by GET.
                status if status.is_redirection() => {
                    let location = response
                        .headers()
                        .get(header::LOCATION)
                        .and_then(|value| value.to_str().ok())
                        .ok_or(SiteError::Failed("a redirect to nowhere"))?;
                    let next = url
                        .join(location)
                        .map_err(|_| SiteError::Failed("a redirect to nowhere"))?;
                    url = self.address(next.as_str())?;
                    (method, form) = (Method::GET, None);
                }
                // Maintenance may come with any status.
                _ => {
                    let page = body(&mut response).await?;
                    return match page.contains(MAINTENANCE) {
                        true => Err(SiteError::Offline),
                        false => Err(SiteError::Failed("answered with an error")),
                    };
                }
            }
        }
        Err(SiteError::Failed("too many redirects"))
    }

    /// All cookies go to the whole site: it is one application. What the names say beyond that (paths, expiry) does not matter
    /// within a conversation of minutes.
    fn cookie_header(&self) -> Option<String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    fn keep_cookies(&self, headers: &header::HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for set in headers.get_all(header::SET_COOKIE) {
            let pair = set
                .to_str()
                .ok()
                .and_then(|text| text.split(';').next())
                .and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair
                && !name.trim().is_empty()
                && name.len() + value.len() <= MAX_COOKIE
                && (cookies.len() < MAX_COOKIES || cookies.contains_key(name.trim()))
            {
                cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }

    /// Tries again what may do better: pages are read by GET, so that nothing happens twice.
    async fn fetch_again(&self, url: &Url) -> std::result::Result<String, SiteError> {
        let mut pause = PAUSE;
        let mut tried = 1;
        loop {
            match self.fetch(Method::GET, url.clone(), None, PAGE).await {
                Ok(page) if !page.trim().is_empty() => return Ok(page),
                Err(SiteError::Offline) => return Err(SiteError::Offline),
                _ if tried >= TRIES => return Err(SiteError::Failed("a case page could not be fetched")),
                _ => {}
            }
            tokio::time::sleep(pause.mul_f64(0.5 + self.random.unit())).await;
            pause *= 2;
            tried += 1;
        }
    }
}

async fn body(response: &mut reqwest::Response) -> std::result::Result<String, SiteError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| SiteError::Failed("broke off its answer"))?
    {
        if bytes.len() + chunk.len() > MAX_PAGE_BYTES {
            return Err(SiteError::Page(PageError::TooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl SignedIn<'_> {
    /// The cases of one alias. Fewer than [`domain::expungement::court_pages::MAX_CASES`].
    ///
    /// # Errors
    /// Too many cases; a list that cannot be read; that the site does not answer.
    pub async fn find(&self, alias: &Alias) -> std::result::Result<Vec<ResultRow>, SiteError> {
        let search = self.site.address("Search.aspx?ID=100")?;
        let ask = [
            ("NodeID", self.all_locations.as_str()),
            ("NodeDesc", "All Locations"),
        ];
        let page = self
            .site
            .fetch(Method::POST, search.clone(), Some(&ask), PAGE)
            .await?;
        let form = read_search_form(&page)?;
        let fields = search_fields(&form, alias);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let page = self
            .site
            .fetch(Method::POST, search, Some(&fields), SEARCH)
            .await?;
        if page.contains(MAINTENANCE) {
            return Err(SiteError::Offline);
        }
        // An error page has no list, and neither has the log-in page of a session that ended meanwhile.
        if !page.contains("Charge(s)") {
            return Err(SiteError::Failed("answered the search with another page"));
        }
        Ok(read_results(&page, self.site.base.as_str())?)
    }

    /// A case's page, by the link of its row.
    ///
    /// # Errors
    /// That it could not be fetched.
    pub async fn case_page(&self, link: &str) -> std::result::Result<String, SiteError> {
        let url = self.site.address(link)?;
        let page = self.site.fetch_again(&url).await?;
        if page.contains(MAINTENANCE) {
            return Err(SiteError::Offline);
        }
        Ok(page)
    }
}

/// The site's number of a case: `CaseID` in its link. Letters and digits, at most 20.
pub fn case_id(link: &str) -> Option<&str> {
    let (_, query) = link.split_once('?')?;
    let id = query.split('&').find_map(|pair| pair.strip_prefix("CaseID="))?;
    let good = (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    good.then_some(id)
}

/// What the search form sends: its hidden fields as they came, the terms, and its settings.
fn search_fields(form: &SearchForm, alias: &Alias) -> Vec<(&'static str, String)> {
    let alias = alias.trimmed();
    let mut fields = vec![
        ("__EVENTTARGET", String::new()),
        ("__EVENTARGUMENT", String::new()),
        ("__VIEWSTATE", form.view_state.clone()),
        ("__VIEWSTATEGENERATOR", form.view_state_generator.clone()),
        ("__EVENTVALIDATION", form.event_validation.clone()),
        ("NodeID", form.node_id.clone()),
        ("LastName", alias.last_name.clone()),
        ("FirstName", alias.first_name.clone()),
        ("MiddleName", alias.middle_name.clone()),
        ("DateOfBirth", alias.birth_date.clone()),
    ];
    fields.extend(SETTINGS.iter().map(|(name, value)| (*name, (*value).to_owned())));
    fields.extend(EMPTY.iter().map(|name| (*name, String::new())));
    fields.extend(CHECKED.iter().map(|name| (*name, "on".to_owned())));
    // The site's own script writes the terms once more in this form.
    let echo = [
        ("SearchBy", "Defendant", "1"),
        ("ExactName", "on", "on"),
        ("PartySearchMode", "Name", "Name"),
        ("LastName", &alias.last_name, &alias.last_name),
        ("FirstName", &alias.first_name, &alias.first_name),
        ("MiddleName", &alias.middle_name, &alias.middle_name),
        ("DateOfBirth", &alias.birth_date, &alias.birth_date),
        ("AllStatusTypes", "All", "true"),
        ("SortBy", "Filed Date", "fileddate"),
    ];
    let echo = echo
        .iter()
        .filter(|(_, shown, _)| !shown.is_empty())
        .map(|(name, shown, value)| format!("{name}~~{shown}~~{value}"));
    fields.push(("SearchParams", echo.collect::<Vec<_>>().join("||")));
    fields
}

const SETTINGS: &[(&str, &str)] = &[
    ("SearchBy", "1"),
    ("ExactName", "on"),
    ("CaseSearchMode", "CaseNumber"),
    ("PartySearchMode", "Name"),
    ("AttorneySearchMode", "Name"),
    ("cboState", "AA"),
    ("CaseStatusType", "0"),
    ("SortBy", "fileddate"),
    ("SearchSubmit", "Search"),
    ("SearchType", "PARTY"),
    ("SearchMode", "NAME"),
    ("NameTypeKy", "ALIAS"),
    ("BaseConnKy", "DF"),
    ("StatusType", "true"),
    ("AllStatusTypes", "true"),
    ("RequireFirstName", "True"),
];

/// Terms that we do not search by.
const EMPTY: &[&str] = &[
    "CaseSearchValue",
    "CitationSearchValue",
    "CourtCaseSearchValue",
    "DriverLicense",
    "DateFiledOnAfter",
    "DateFiledOnBefore",
    "CaseCategories",
    "ShowInactive",
    "LocationNumber",
];

const CHECKED: &[&str] = &[
    "chkCriminal",
    "chkFamily",
    "chkCivil",
    "chkProbate",
    "chkDtRangeCriminal",
    "chkDtRangeFamily",
    "chkDtRangeCivil",
    "chkDtRangeProbate",
    "chkCriminalMagist",
    "chkFamilyMagist",
    "chkCivilMagist",
    "chkProbateMagist",
];

#[cfg(test)]
mod tests {
    use ports::SystemRandom;

    use super::*;

    #[test]
    fn no_link_leads_out_of_the_site() {
        let site = Site::new("https://court.example/Login", &SystemRandom).unwrap();
        assert_eq!(
            site.address("CaseDetail.aspx?CaseID=1").unwrap().as_str(),
            "https://court.example/Login/CaseDetail.aspx?CaseID=1"
        );
        for out in [
            "https://elsewhere.example/x",
            "//elsewhere.example/x",
            "http://court.example/Login/x",
            "https://court.example@elsewhere.example/Login/x",
            "../x",
            "/x",
            "file:///etc/passwd",
        ] {
            assert!(site.address(out).is_err(), "{out}");
        }
    }

    #[test]
    fn cookies_are_kept_and_bounded() {
        let site = Site::new("https://court.example", &SystemRandom).unwrap();
        let mut headers = header::HeaderMap::new();
        for cookie in ["a=1; Path=/; HttpOnly", "b=2", "a=3", "=x", "none"] {
            headers.append(header::SET_COOKIE, cookie.parse().unwrap());
        }
        for number in 0..100 {
            headers.append(header::SET_COOKIE, format!("c{number}=1").parse().unwrap());
        }
        site.keep_cookies(&headers);
        let sent = site.cookie_header().unwrap();
        assert!(sent.starts_with("a=3; b=2; "), "{sent}");
        assert_eq!(sent.matches('=').count(), MAX_COOKIES);
    }

    #[test]
    fn case_numbers_of_the_site_are_plain() {
        assert_eq!(case_id("https://x/CaseDetail.aspx?CaseID=123&y=1"), Some("123"));
        for bad in [
            "?404",
            "x",
            "?CaseID=",
            "?CaseID=../1",
            "?CaseID=123456789012345678901",
        ] {
            assert_eq!(case_id(bad), None, "{bad}");
        }
    }
}
