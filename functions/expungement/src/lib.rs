//! Expungement: reads Oregon court records, says which charges can be expunged and when, fills the court's forms.
//!
//! [`FUNCTIONS`] is the table of contents. The law is in `domain::expungement`; here are the court site's client
//! (`court`), the API, the paperwork (`papers`) and the pages (`pages`). What search, demonstration, paperwork and pages
//! have in common — a request, the cases, the analysed record — is in [`analysis`].

pub mod admin;
pub mod analysis;
mod case_detail;
pub mod court;
mod demo;
mod docs;
pub mod jobs;
pub mod login;
pub mod logout;
mod pages;
pub mod papers;
mod rules;
pub mod search;
#[cfg(test)]
mod test_context;

use app::{Access, Function, Need, TOKEN_ISSUERS};
use jobs::CourtCrawl;
use papers::{bulk::BulkChunk, kept::PaperworkMake};
use store::Job;

/// What reading a session and what it found takes.
const IN_SESSION: &[Need] = &[Need::KeyValue, Need::Files, Need::Secret(court::KEY)];
/// The same, for those who may send a crawl on its way.
const SEARCHING: &[Need] = &[
    Need::KeyValue,
    Need::Files,
    Need::Secret(court::KEY),
    Need::Queue(CourtCrawl::QUEUE),
];
/// The same, for those who make packets of what a search found; large ones by a job.
const PACKING: &[Need] = &[
    Need::KeyValue,
    Need::Files,
    Need::Secret(court::KEY),
    Need::Queue(CourtCrawl::QUEUE),
    Need::Queue(PaperworkMake::QUEUE),
    Need::Database,
];
/// The same, for those who talk to the court's site.
const AT_THE_COURT: &[Need] = &[
    Need::KeyValue,
    Need::Files,
    Need::Secret(court::KEY),
    Need::Internet(court::URL),
];

/// The paperwork page: a search, and the official forms.
const FILING: &[Need] = &[
    Need::Database,
    Need::KeyValue,
    Need::Files,
    Need::Secret(court::KEY),
    Need::Queue(CourtCrawl::QUEUE),
];

// ---- pages
pub const HOME: Function = Function::http(
    "expungement-home",
    &["/expungement"],
    Access::Anyone,
    pages::home::routes,
);
pub const DEMO_PAGE: Function = Function::http(
    "expungement-demo-page",
    &["/expungement/demo"],
    Access::Anyone,
    pages::demo::routes,
);
pub const SEARCH_PAGE: Function = Function::http(
    "expungement-search-page",
    &["/expungement/search"],
    Access::Anyone,
    pages::search::routes,
)
.needs(SEARCHING)
.timeout(29);
pub const RECORD_PAGE: Function = Function::http(
    "expungement-record-page",
    &["/expungement/record"],
    Access::Anyone,
    pages::record::routes,
)
.needs(SEARCHING)
.timeout(29);
pub const PAPERWORK_PAGE: Function = Function::http(
    "expungement-paperwork-page",
    &["/expungement/paperwork"],
    Access::Anyone,
    pages::paperwork::routes,
)
.needs(FILING)
.memory(1024)
.timeout(29);
pub const LOGIN_PAGE: Function = Function::http(
    "expungement-login-page",
    &["/expungement/login", "/expungement/logout"],
    Access::Anyone,
    pages::login::routes,
)
.needs(AT_THE_COURT)
.timeout(29);
pub const RULES_PAGE: Function = Function::http(
    "expungement-rules-page",
    &["/expungement/rules"],
    Access::Anyone,
    pages::rules::routes,
);

// ---- documents
pub const DOCS: Function = Function::http(
    "expungement-docs",
    &["/expungement/docs", "/expungement/openapi.json"],
    Access::Anyone,
    docs::routes,
);

// ---- the API: what anyone may try
pub const DEMO: Function = Function::http(
    "expungement-demo",
    &["/expungement/api/demo"],
    Access::Anyone,
    demo::routes,
);
pub const RULES: Function = Function::http(
    "expungement-rules",
    &["/expungement/api/rules"],
    Access::Anyone,
    rules::routes,
);

// ---- paperwork
pub const PDF: Function = Function::http(
    "expungement-pdf",
    &["/expungement/api/pdf"],
    Access::Anyone,
    papers::summary_pdf::routes,
)
.needs(SEARCHING)
.memory(512)
.timeout(29);
pub const PACKET: Function = Function::http(
    "expungement-packet",
    &["/expungement/api/expungement-packet"],
    Access::Anyone,
    papers::expungement_packet::routes,
)
.needs(PACKING)
.memory(1024)
.timeout(29);
pub const WAIVER_PACKET: Function = Function::http(
    "expungement-waiver-packet",
    &["/expungement/api/waiver-packet"],
    Access::Anyone,
    papers::waiver_packet::routes,
)
.needs(PACKING)
.memory(1024)
.timeout(29);
pub const OUTLOOK: Function = Function::http(
    "expungement-outlook",
    &["/expungement/api/outlook", "/expungement/api/outlook.ics"],
    Access::Anyone,
    papers::outlook::routes,
)
.needs(SEARCHING)
.timeout(29);

pub const PAPERWORK: Function = Function::http(
    "expungement-paperwork",
    &["/expungement/api/paperwork"],
    Access::Bearer,
    papers::kept::routes,
)
.needs(&[Need::KeyValue, Need::Files]);
pub const BULK: Function = Function::http(
    "expungement-bulk",
    &["/expungement/api/bulk"],
    Access::ApiKey,
    papers::bulk::routes,
)
.needs(&[
    Need::Database,
    Need::KeyValue,
    Need::Files,
    Need::Queue(BulkChunk::QUEUE),
    Need::Secret(TOKEN_ISSUERS),
    Need::ConfiguredProviders,
])
.memory(512)
.timeout(29);

pub const BULK_PEOPLE: Function = Function::http(
    "expungement-bulk-people",
    &["/expungement/api/bulk-people"],
    Access::Bearer,
    papers::people::routes,
)
.needs(SEARCHING)
.memory(512)
.timeout(29);

// ---- the API: for those who have an account at the court's site
pub const OECI_LOGIN: Function = Function::http(
    "expungement-oeci-login",
    &["/expungement/api/oeci_login"],
    Access::Anyone,
    login::routes,
)
.needs(AT_THE_COURT)
.timeout(29);
pub const LOGOUT: Function = Function::http(
    "expungement-logout",
    &["/expungement/api/logout"],
    Access::Bearer,
    logout::routes,
)
.needs(IN_SESSION);
pub const SEARCH: Function = Function::http(
    "expungement-search",
    &["/expungement/api/search"],
    Access::Bearer,
    search::routes,
)
.needs(SEARCHING)
.timeout(29);
pub const CASE_DETAIL: Function = Function::http(
    "expungement-case-detail",
    &["/expungement/api/case_detail_page"],
    Access::Bearer,
    case_detail::routes,
)
.needs(IN_SESSION);

// ---- tasks
pub const COURT_CRAWL: Function = Function::queue(CourtCrawl::QUEUE, |cx, envelope| {
    Box::pin(jobs::court_crawl(cx, envelope))
})
.needs(AT_THE_COURT)
.memory(512)
.timeout(300);
pub const PAPERWORK_MAKE: Function = Function::queue(PaperworkMake::QUEUE, |cx, envelope| {
    Box::pin(papers::kept::paperwork_make(cx, envelope))
})
.needs(&[
    Need::KeyValue,
    Need::Files,
    Need::Database,
    Need::Secret(court::KEY),
])
.memory(1024)
.timeout(120);

pub const BULK_CHUNK: Function = Function::queue(BulkChunk::QUEUE, |cx, envelope| {
    Box::pin(papers::bulk::bulk_chunk(cx, envelope))
})
.needs(&[Need::Database, Need::KeyValue, Need::Files])
.memory(1769)
.timeout(120);

// ---- the admin
pub use crate::admin::{ADMIN, ADMIN_BULK_JOB, ADMIN_PACKET};

/// Every function of the service.
pub const FUNCTIONS: &[Function] = &[
    // pages
    HOME,
    DEMO_PAGE,
    SEARCH_PAGE,
    RECORD_PAGE,
    PAPERWORK_PAGE,
    LOGIN_PAGE,
    RULES_PAGE,
    // documents
    DOCS,
    // the API: what anyone may try
    DEMO,
    RULES,
    // paperwork
    PDF,
    PACKET,
    WAIVER_PACKET,
    OUTLOOK,
    PAPERWORK,
    BULK,
    BULK_PEOPLE,
    // the API: for those who have an account at the court's site
    OECI_LOGIN,
    LOGOUT,
    SEARCH,
    CASE_DETAIL,
    // the admin
    ADMIN,
    ADMIN_BULK_JOB,
    ADMIN_PACKET,
    // tasks
    COURT_CRAWL,
    PAPERWORK_MAKE,
    BULK_CHUNK,
];

/// The OpenAPI document of the service.
pub fn openapi() -> utoipa::openapi::OpenApi {
    app::openapi(
        "Commonweal Expungement",
        "Which charges of an Oregon record can be set aside, when, and the forms for it.",
        FUNCTIONS,
    )
}
