//! `/voting/manage/embed`: how to put the tools on one's own site, as a link or in a frame.
//!
//! A page that is asked for with `?embed=true` may stand in a frame of any site (`Function::embeddable`): it knows nothing of
//! who is looking, and sets no cookie.

use app::{Context, Menu, OpenApiRouter, Page, Permission, Staff, page::html};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response, routing::get};
use domain::person::Language;

use super::{Link, links};

pub(crate) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().route("/voting/manage/embed", get(embed))
}

/// Path, name in English and Spanish, height of the frame in pixels: of the form on a phone, where it is highest.
const TOOLS: &[(&str, &str, &str, u16)] = &[
    (
        "/voting/register",
        "Register to vote",
        "Inscríbase para votar",
        1_900,
    ),
    (
        "/voting/verify",
        "Check your registration",
        "Compruebe su inscripción",
        1_800,
    ),
    (
        "/voting/reminder",
        "Get election reminders",
        "Reciba recordatorios",
        1_800,
    ),
];

struct Tool {
    name: &'static str,
    id: &'static str,
    link: String,
    spanish_link: String,
    snippet: String,
    preview: String,
}

#[derive(Template)]
#[template(path = "manage_embed.html")]
struct EmbedPage {
    page: Page,
    menu: Option<Menu>,
    links: Vec<Link>,
    slug: String,
    tools: Vec<Tool>,
}

/// A slug holds letters, digits, `-` and `_` only, so that nothing here needs to be escaped.
fn tool(
    public_url: &str,
    slug: &str,
    language: Language,
    of: (&'static str, &'static str, &'static str, u16),
) -> Tool {
    let (path, english, spanish, height) = of;
    let (name, own, other) = match language {
        Language::En => (english, "", "&lang=es"),
        Language::Es => (spanish, "&lang=es", "&lang=en"),
    };
    let embedded = format!("{path}?subscriber={slug}&embed=true{own}");
    Tool {
        name,
        id: path.rsplit('/').next().unwrap_or_default(),
        link: format!("{public_url}{path}?subscriber={slug}"),
        spanish_link: format!(
            "{public_url}{path}?subscriber={slug}{}",
            if own.is_empty() { other } else { own }
        ),
        snippet: format!(
            "<iframe src=\"{public_url}{}\" title=\"{name}\" loading=\"lazy\" style=\"width: 100%; height: {height}px; border: 0\"></iframe>",
            embedded.replace('&', "&amp;")
        ),
        preview: embedded,
    }
}

async fn embed(staff: Staff, State(cx): State<Context>) -> app::Result<Response> {
    staff.require(Permission::View)?;
    let slug = &staff.tenant.slug;
    let tools = TOOLS
        .iter()
        .map(|of| tool(&cx.settings.public_url, slug, staff.language, *of))
        .collect();
    let title = staff.t("The tools on your site", "Las herramientas en su sitio");
    html(
        StatusCode::OK,
        &EmbedPage {
            page: Page::new(staff.language, title),
            menu: Some(staff.menu("/voting/manage")?),
            links: links(&staff, "/voting/manage/embed")?,
            slug: slug.clone(),
            tools,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_whole_html() {
        let tool = tool("https://vote.example", "river-side", Language::En, TOOLS[0]);
        assert_eq!(
            tool.snippet,
            "<iframe src=\"https://vote.example/voting/register?subscriber=river-side&amp;embed=true\" title=\"Register to vote\" \
             loading=\"lazy\" style=\"width: 100%; height: 1900px; border: 0\"></iframe>"
        );
        assert_eq!(
            tool.link,
            "https://vote.example/voting/register?subscriber=river-side"
        );
        assert_eq!(
            tool.spanish_link,
            "https://vote.example/voting/register?subscriber=river-side&lang=es"
        );
    }
}
