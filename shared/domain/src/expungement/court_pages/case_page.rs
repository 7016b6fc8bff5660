use jiff::civil::Date;

use super::tree::{NodeId, Page, Tag};
use super::{PageError, ResultRow, parse_date};
use crate::expungement::case::{Case, Charge, Disposition, EditStatus};
use crate::expungement::money::parse_cents;
use crate::expungement::policy::{Deviation, Policy};

/// What a case's own page says. Its name, dates and status come from the list of results.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CasePage {
    /// Empty where the page has none.
    pub district_attorney_number: String,
    /// State identification number; empty where the page has none.
    pub sid: String,
    pub charges: Vec<PageCharge>,
    /// One for each charge at most: the last that the page has.
    pub dispositions: Vec<PageDisposition>,
    /// As printed; `0` where the page has no finances.
    pub balance_due: String,
    pub balance_due_in_cents: i64,
    pub mentions_restitution: bool,
    /// When probation was revoked last.
    pub probation_revoked: Option<Date>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageCharge {
    /// 1, 2, … as the page numbers them; also 999.
    pub number: u32,
    pub name: String,
    pub statute: String,
    pub level: String,
    pub date: Date,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageDisposition {
    /// Of the charge.
    pub number: u32,
    pub charge: String,
    pub date: Date,
    pub ruling: String,
    /// Under "Amended Disposition".
    pub amended: bool,
}

/// The district attorney's number stands among the first labels of the page, the later ones are dates.
const LABELS_BEFORE_EVENTS: usize = 10;

impl CasePage {
    /// Reads a case page.
    ///
    /// # Errors
    /// [`PageError::TooLarge`]; [`PageError::Unreadable`] for a numbered charge without name, date and the cells between.
    pub fn read(html: &str, policy: Policy) -> Result<Self, PageError> {
        let as_peer;
        let html = if policy.allows(Deviation::CharacterReferences) {
            html
        } else {
            as_peer = unterminated_references_as_text(html);
            &as_peer
        };
        let page = Page::parse(html)?;
        let sections = Sections::of(&page);
        let (dispositions, probation_revoked) =
            events(&page, sections.rows(&page, "Events & Orders of the Court"));
        let balance_due = balance(&page, &sections).unwrap_or_else(|| "0".to_owned());
        Ok(Self {
            district_attorney_number: district_attorney_number(&page).unwrap_or_default(),
            sid: sid(&page, &sections).unwrap_or_default(),
            charges: charges(&page, sections.rows(&page, "Charge Information"))?,
            dispositions,
            balance_due_in_cents: parse_cents(&balance_due, policy).unwrap_or(0),
            balance_due,
            mentions_restitution: page.whole_text().to_lowercase().contains("restitution"),
            probation_revoked,
        })
    }

    /// Joins what the list of results and the case's page say.
    #[must_use]
    pub fn into_case(self, found: ResultRow) -> Case {
        let charges = self.charges.iter().map(|charge| Charge {
            ambiguous_charge_id: format!("{}-{}", found.case_number, charge.number),
            name: charge.name.clone(),
            statute: charge.statute.clone(),
            level: charge.level.clone(),
            date: charge.date,
            disposition: self
                .dispositions
                .iter()
                .find(|one| one.number == charge.number)
                .map(|one| Disposition {
                    date: one.date,
                    ruling: one.ruling.clone(),
                    amended: one.amended,
                }),
            probation_revoked: self.probation_revoked,
            edit_status: EditStatus::Unchanged,
            chosen_type: None,
        });
        // Only these two counties' pages tell restitution apart.
        let restitution =
            self.mentions_restitution && matches!(found.location.as_str(), "Multnomah" | "Washington");
        Case {
            charges: charges.collect(),
            case_number: found.case_number,
            name: found.name,
            birth_year: found.birth_year,
            citation_number: found.citation_number,
            district_attorney_number: self.district_attorney_number,
            sid: self.sid,
            location: found.location,
            date: found.date,
            violation_type: found.violation_type,
            current_status: found.current_status,
            case_detail_link: found.case_detail_link,
            restitution,
            balance_due_in_cents: self.balance_due_in_cents,
            edit_status: EditStatus::Unchanged,
        }
    }
}

/// The peer's parser leaves `&nbsp` without its semicolon as text.
fn unterminated_references_as_text(html: &str) -> String {
    let mut pieces = html.split("&nbsp");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(if piece.starts_with(';') {
            "&nbsp"
        } else {
            "&amp;nbsp"
        });
        text.push_str(piece);
    }
    text
}

/// The titled tables of the page.
struct Sections {
    /// Title, and the caption that holds it.
    found: Vec<(String, NodeId)>,
}

impl Sections {
    fn of(page: &Page) -> Self {
        let titles = page
            .ids()
            .filter(|&id| page.tag(id) == Tag::Div && page.class(id) == Some("ssCaseDetailSectionTitle"));
        let found = titles.filter_map(|id| {
            let caption = page
                .ancestors(id)
                .find(|&ancestor| page.tag(ancestor) == Tag::Caption)?;
            Some((page.trimmed_text(id), caption))
        });
        Self {
            found: found.collect(),
        }
    }

    fn caption(&self, title: &str) -> Option<NodeId> {
        self.found
            .iter()
            .find(|(found, _)| found == title)
            .map(|(_, caption)| *caption)
    }

    /// What follows the caption in its table. On a page with a broken tag the caption may have slipped into a cell.
    fn after(&self, page: &Page, title: &str) -> std::ops::Range<NodeId> {
        let Some(caption) = self.caption(title) else {
            return 0..0;
        };
        let table = page.ancestors(caption).find(|&id| page.tag(id) == Tag::Table);
        page.end(caption)..table.map_or(0, |table| page.end(table))
    }

    /// The rows after the caption; those of tables within are theirs.
    fn rows(&self, page: &Page, title: &str) -> Vec<NodeId> {
        let mut rows = Vec::new();
        let range = self.after(page, title);
        let mut id = range.start;
        while id < range.end {
            match page.tag(id) {
                Tag::Tr => rows.push(id),
                Tag::Table => {}
                _ => {
                    id += 1;
                    continue;
                }
            }
            id = page.end(id);
        }
        rows
    }
}

fn district_attorney_number(page: &Page) -> Option<String> {
    let labels = page
        .ids()
        .filter(|&id| page.tag(id) == Tag::Th && page.class(id) == Some("ssTableHeaderLabel"))
        .take(LABELS_BEFORE_EVENTS);
    let label = labels
        .into_iter()
        .find(|&id| page.trimmed_text(id) == "District Attorney Number:")?;
    let cell = page.children_tagged(page.parent(label)?, Tag::Td).next()?;
    Some(page.trimmed_text(cell))
}

/// The number follows the element that says `SID`.
fn sid(page: &Page, sections: &Sections) -> Option<String> {
    let rows = sections.rows(page, "Party Information");
    let mut texts = rows
        .iter()
        .flat_map(|&row| page.inside(row))
        .filter(|&id| page.tag(id) == Tag::Text);
    let label = texts.find(|&id| page.own_text(id).contains("SID"))?;
    let number = page.own_text(page.end(page.parent(label)?)).trim();
    let plain = !number.is_empty()
        && number
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    plain.then(|| number.to_owned())
}

/// Number, name, (nothing), statute, level, date. Statute or level may be blank where the cells are all there.
fn charges(page: &Page, rows: Vec<NodeId>) -> Result<Vec<PageCharge>, PageError> {
    let mut charges = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let cells: Vec<String> = page
            .children_tagged(row, Tag::Td)
            .map(|cell| page.trimmed_text(cell))
            .collect();
        let filled: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
        let Some(number) = filled.first().and_then(|first| leading_number(first)) else {
            continue;
        };
        let fields = match (filled.as_slice(), cells.as_slice()) {
            ([_, name, statute, level, date, ..], _) => Some((*name, *statute, *level, *date)),
            (_, [_, name, _, statute, level, date]) => Some((name, statute, level, date)),
            _ => None,
        };
        let unreadable = PageError::Unreadable {
            part: "Charge Information",
            row: index + 1,
        };
        let (name, statute, level, date) = fields.ok_or_else(|| unreadable.clone())?;
        charges.push(PageCharge {
            number,
            name: name.clone(),
            statute: statute.clone(),
            level: level.clone(),
            date: parse_date(date).ok_or(unreadable)?,
        });
    }
    Ok(charges)
}

fn leading_number(text: &str) -> Option<u32> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..digits)?.parse().ok()
}

/// Dispositions come before the heading "Other Events and Hearings", everything else after it.
fn events(page: &Page, rows: Vec<NodeId>) -> (Vec<PageDisposition>, Option<Date>) {
    let mut dispositions: Vec<PageDisposition> = Vec::new();
    let mut probation_revoked = None;
    let mut other_events = false;
    for row in rows {
        // A heading is short; long rows are not squeezed for nothing.
        let is_heading = page.texts(row).map(str::len).sum::<usize>() < 100
            && page.squeezed_text(row) == "othereventsandhearings";
        if is_heading {
            other_events = true;
            continue;
        }
        let Some(date) = page.children_tagged(row, Tag::Th).next() else {
            continue;
        };
        let Some(date) = parse_date(&page.trimmed_text(date)) else {
            continue;
        };
        let Some(event) = page.children_tagged(row, Tag::Td).last() else {
            continue;
        };
        if !other_events {
            rulings(page, event, date, &mut dispositions);
        } else if super::mentions_revocation(&page.trimmed_text(event)) {
            probation_revoked = Some(date);
        }
    }
    (dispositions, probation_revoked)
}

/// Reads an event `<div><b>Disposition</b> … <div>body</div>…</div>`. A later ruling on a charge replaces the earlier.
fn rulings(page: &Page, event: NodeId, date: Date, dispositions: &mut Vec<PageDisposition>) {
    let Some(wrapper) = page.children_tagged(event, Tag::Div).next() else {
        return;
    };
    let Some(heading) = page.children_tagged(wrapper, Tag::B).next() else {
        return;
    };
    let amended = match page.squeezed_text(heading).as_str() {
        "disposition" => false,
        "amendeddisposition" => true,
        _ => return,
    };
    let Some(body) = page.children_tagged(wrapper, Tag::Div).next() else {
        return;
    };
    let mut leaves = page.texts(body).filter(|text| !text.trim().is_empty()).peekable();
    while let Some(leaf) = leaves.next() {
        let mut parts = leaf.split(".\u{a0}");
        let (Some(number), Some(charge), None) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let (Ok(number), Some(ruling)) = (number.trim().parse(), leaves.peek()) else {
            continue;
        };
        dispositions.retain(|one| one.number != number);
        dispositions.push(PageDisposition {
            number,
            charge: charge.trim().to_owned(),
            date,
            ruling: ruling.trim().to_owned(),
            amended,
        });
    }
}

/// The first bold text of the finances is the balance.
fn balance(page: &Page, sections: &Sections) -> Option<String> {
    let bold = sections
        .after(page, "Financial Information")
        .find(|&id| page.tag(id) == Tag::B)?;
    Some(page.trimmed_text(bold))
}
