use jiff::civil::Date;

use super::tree::{NodeId, Page, Tag};
use super::{MAX_CASES, PageError, parse_date};

/// One case in the list of results.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResultRow {
    pub case_number: String,
    pub citation_number: String,
    pub name: String,
    pub birth_year: Option<i16>,
    /// Filed.
    pub date: Date,
    /// The county.
    pub location: String,
    /// The site's "case type".
    pub violation_type: String,
    pub current_status: String,
    /// Absolute: the site's base and the row's link.
    pub case_detail_link: String,
}

/// Reads the list of results; no match is an empty list. `base` is the address that links are relative to, with its last slash.
///
/// # Errors
/// [`PageError::TooManyCases`] from [`MAX_CASES`] on; [`PageError::Unreadable`] for a row with a defendant but without
/// date, county, type or status.
pub fn read_results(html: &str, base: &str) -> Result<Vec<ResultRow>, PageError> {
    let page = Page::parse(html)?;
    let mut found = Vec::new();
    for (index, row) in result_rows(&page).enumerate() {
        let cells: Vec<NodeId> = page.children(row).filter(|&id| page.tag(id) == Tag::Td).collect();
        let texts = |cell: usize| -> Vec<String> {
            let texts = cells.get(cell).into_iter().flat_map(|&cell| page.texts(cell));
            texts
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
                .collect()
        };
        // Rows without a defendant are spacers, or say that nothing was found.
        let defendant = texts(2);
        let Some(name) = defendant.first() else { continue };
        let link = cells.first().and_then(|&cell| {
            let anchor = page.inside(cell).find(|&id| page.tag(id) == Tag::A)?;
            page.href(anchor)
        });
        let (filed, kind) = (texts(3), texts(4));
        let unreadable = || PageError::Unreadable {
            part: "the results",
            row: index + 1,
        };
        let ([date, location], [violation_type, current_status]) = (filed.as_slice(), kind.as_slice()) else {
            return Err(unreadable());
        };
        found.push(ResultRow {
            case_number: texts(0).concat(),
            citation_number: texts(1).into_iter().next().unwrap_or_default(),
            name: name.clone(),
            birth_year: defendant
                .get(1)
                .and_then(|birth| birth.rsplit('/').next()?.trim().parse().ok()),
            date: parse_date(date).ok_or_else(unreadable)?,
            location: location.clone(),
            violation_type: violation_type.clone(),
            current_status: current_status.clone(),
            case_detail_link: link.map(|link| format!("{base}{link}")).unwrap_or_default(),
        });
    }
    if found.len() >= MAX_CASES {
        return Err(PageError::TooManyCases { found: found.len() });
    }
    Ok(found)
}

/// The rows of the table whose last heading is `Charge(s)`, itself a table in the heading.
fn result_rows(page: &Page) -> impl Iterator<Item = NodeId> {
    let heading = page.ids().find(|&id| page.own_text(id).trim() == "Charge(s)");
    let tables = heading
        .into_iter()
        .flat_map(|id| page.ancestors(id).filter(|&id| page.tag(id) == Tag::Table));
    let table = tables.take(2).last();
    let rows = table.into_iter().flat_map(move |table| {
        page.inside(table).filter(move |&id| {
            page.tag(id) == Tag::Tr
                && page
                    .ancestors(id)
                    .find(|&ancestor| page.tag(ancestor) == Tag::Table)
                    == Some(table)
        })
    });
    rows.filter(move |&row| heading.is_some_and(|heading| row > heading))
}

/// What the search form wants back.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct SearchForm {
    pub view_state: String,
    pub view_state_generator: String,
    pub event_validation: String,
    pub node_id: String,
    pub event_target: String,
    pub event_argument: String,
}

/// Reads the hidden fields of the search form; a field the page lacks is empty.
///
/// # Errors
/// [`PageError::TooLarge`].
pub fn read_search_form(html: &str) -> Result<SearchForm, PageError> {
    let page = Page::parse(html)?;
    let mut form = SearchForm::default();
    for input in page.ids().filter(|&id| page.tag(id) == Tag::Input) {
        let field = match page.name(input) {
            Some("__VIEWSTATE") => &mut form.view_state,
            Some("__VIEWSTATEGENERATOR") => &mut form.view_state_generator,
            Some("__EVENTVALIDATION") => &mut form.event_validation,
            Some("NodeID") => &mut form.node_id,
            Some("__EVENTTARGET") => &mut form.event_target,
            Some("__EVENTARGUMENT") => &mut form.event_argument,
            _ => continue,
        };
        page.value(input).unwrap_or_default().clone_into(field);
    }
    Ok(form)
}

/// Reads the ids of all courts from the page after the login: the value of its first choice.
///
/// # Errors
/// [`PageError::TooLarge`].
pub fn all_locations(html: &str) -> Result<Option<String>, PageError> {
    let page = Page::parse(html)?;
    let first = page.ids().find(|&id| page.tag(id) == Tag::Option);
    Ok(first.and_then(|id| page.value(id)).map(str::to_owned))
}
