//! A judged record as its page shows it: texts, anchors and the questions still open. Nothing is decided here.

use std::collections::BTreeSet;

use app::page::pick;
use domain::{
    expungement::{
        EditStatus, Record, Response,
        badge::{Badge, Tone, is_minor_traffic, label_of},
        disposition::DispositionStatus,
        paperwork,
        record::{JudgedCase, JudgedCharge},
        timeline::{Timeline, Width},
        when::display_day,
    },
    person::Language,
};

use super::{
    questions::{BadAnswer, QuestionView, question_view},
    state::State,
};
use crate::court::site;

/// Charges shown with all their details; an answer of API Gateway has six million bytes at most, and each takes some 2,000.
const MAX_SHOWN: usize = 1_000;

pub(crate) struct RecordView {
    pub(crate) banners: Vec<Vec<Piece>>,
    pub(crate) counts: Vec<Count>,
    pub(crate) groups: Vec<GroupView>,
    pub(crate) fines: Vec<FineView>,
    pub(crate) fines_total: String,
    pub(crate) total_charges: usize,
    pub(crate) total_cases: usize,
    pub(crate) timeline: String,
    pub(crate) timeline_narrow: String,
    pub(crate) timeline_rows: Vec<TimelineRow>,
    pub(crate) cases: Vec<CaseView>,
    /// Cases that do not fit on the page.
    pub(crate) cases_left_out: usize,
    pub(crate) open_questions: usize,
    pub(crate) minor_traffic: usize,
    pub(crate) restitution: Vec<String>,
    /// There is something to file: a motion, or a waiver of what is owed.
    pub(crate) paperwork: bool,
}

/// A part of a banner: the number of a case is a link to it.
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) anchor: Option<String>,
}

/// How many charges have one short label.
pub(crate) struct Count {
    pub(crate) tone: &'static str,
    pub(crate) label: &'static str,
    pub(crate) charges: usize,
}

pub(crate) struct GroupView {
    pub(crate) label: String,
    pub(crate) sections: Vec<(String, Vec<(String, String)>)>,
}

pub(crate) struct FineView {
    pub(crate) county: String,
    /// Case number, its anchor, the amount.
    pub(crate) cases: Vec<(String, String, String)>,
    pub(crate) total: String,
}

pub(crate) struct TimelineRow {
    pub(crate) anchor: String,
    pub(crate) case_number: String,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) events: Vec<String>,
    pub(crate) waits: Vec<String>,
    pub(crate) outcomes: Vec<String>,
}

pub(crate) struct CaseView {
    pub(crate) number: String,
    pub(crate) anchor: String,
    pub(crate) county: String,
    pub(crate) name: String,
    pub(crate) birth_year: String,
    pub(crate) filed: String,
    pub(crate) case_type: String,
    pub(crate) status: String,
    pub(crate) is_closed: bool,
    pub(crate) balance: String,
    pub(crate) owes: bool,
    pub(crate) citation: String,
    pub(crate) district_attorney: String,
    /// The site's number of the case, where its page was fetched in this session.
    pub(crate) court_page: Option<String>,
    pub(crate) restitution: bool,
    pub(crate) is_deleted: bool,
    /// `Changed`, `Added`, `Removed`, or empty.
    pub(crate) edited: &'static str,
    pub(crate) charges: Vec<ChargeView>,
}

pub(crate) struct ChargeView {
    pub(crate) id: String,
    pub(crate) anchor: String,
    pub(crate) name: String,
    pub(crate) statute: String,
    pub(crate) level: String,
    pub(crate) charged: String,
    pub(crate) disposition: String,
    pub(crate) disposition_date: String,
    pub(crate) revoked: String,
    pub(crate) tone: &'static str,
    pub(crate) badge: &'static str,
    pub(crate) label: String,
    /// What it may be, and why that may be set aside or not.
    pub(crate) types: Vec<(&'static str, &'static str)>,
    pub(crate) time_reasons: Vec<String>,
    pub(crate) explanation: &'static str,
    pub(crate) question: Option<QuestionView>,
    /// The visitor's answer decided it.
    pub(crate) answered: bool,
    pub(crate) is_deleted: bool,
    pub(crate) edited: &'static str,
}

impl ChargeView {
    /// The name and id of an input of this charge's question: `answer`, `decided` or `revoked`.
    pub(crate) fn field(&self, part: &str) -> String {
        anchor(part, &self.id)
    }
}

/// An `id` attribute for a case or charge: what is not a letter, digit or hyphen is written as its number, so that two
/// different ids never share one.
pub(crate) fn anchor(kind: &str, id: &str) -> String {
    let mut anchor = format!("{kind}-");
    for c in id.chars() {
        if c.is_ascii_alphanumeric() || c == '-' {
            anchor.push(c);
        } else {
            anchor += &format!("_{:x}_", u32::from(c));
        }
    }
    anchor
}

/// Cents as people write dollars: `$1,516.80`, `-$5.00`.
pub(crate) fn money(cents: i64) -> String {
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    let dollars = (cents / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in dollars.chars().enumerate() {
        if index > 0 && (dollars.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{:02}", cents % 100)
}

const fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Now => "now",
        Tone::Later => "later",
        Tone::Never => "never",
        Tone::Undecided => "undecided",
    }
}

pub(crate) fn status_name(status: DispositionStatus, language: Language) -> &'static str {
    match status {
        DispositionStatus::Convicted => pick(language, "Convicted", "Condenado"),
        DispositionStatus::Dismissed => pick(language, "Dismissed", "Desestimado"),
        DispositionStatus::NoComplaint => pick(language, "No complaint filed", "Sin denuncia"),
        DispositionStatus::Diverted => pick(language, "Diverted", "Desviado a un programa"),
        DispositionStatus::Unknown => pick(
            language,
            "Not decided or not on record",
            "Sin decidir o sin datos",
        ),
        DispositionStatus::Unrecognized => pick(language, "Not recognized", "No se reconoce"),
    }
}

fn edited_name(status: EditStatus, language: Language) -> &'static str {
    match status {
        EditStatus::Unchanged => "",
        EditStatus::Update => pick(language, "Changed by you", "Cambiado por usted"),
        EditStatus::Add => pick(language, "Added by you", "Añadido por usted"),
        EditStatus::Delete => pick(language, "Removed by you", "Quitado por usted"),
    }
}

impl RecordView {
    pub(crate) fn of(record: &Record, state: &State, bad: &[BadAnswer]) -> Self {
        let language = record.options.language;
        let response = Response::of(record);
        let summary = response.summary();
        let numbers: BTreeSet<&str> = record
            .every_case()
            .map(|case| case.case.case_number.as_str())
            .collect();

        let mut counts: Vec<Count> = Vec::new();
        let kept = |case: &JudgedCase, charge: &JudgedCharge| !case.is_deleted() && !charge.is_deleted();
        let charges = || {
            let every = record
                .every_case()
                .flat_map(|case| case.charges.iter().map(move |charge| (case, charge)));
            every.filter(|(case, charge)| kept(case, charge))
        };
        for (case, charge) in charges() {
            let badge = Badge::of(&charge.verdict, case.case.balance_due_in_cents);
            let label = badge.text.in_language(language);
            match counts.iter_mut().find(|count| count.label == label) {
                Some(count) => count.charges += 1,
                None => counts.push(Count {
                    tone: tone_class(badge.tone),
                    label,
                    charges: 1,
                }),
            }
        }

        let cases: Vec<CaseView> = record
            .every_case()
            .filter_map(|case| case_view(record, case, state, bad))
            .collect();
        let mut room = MAX_SHOWN;
        let fits = |case: &&CaseView| {
            room = room.saturating_sub(case.charges.len().max(1));
            room > 0
        };
        let shown = cases.iter().take_while(fits).count();
        let timeline = Timeline::of(record);
        Self {
            banners: response
                .banners()
                .iter()
                .map(|banner| pieces(banner, &numbers))
                .collect(),
            counts,
            groups: summary
                .groups
                .iter()
                .map(|group| GroupView {
                    label: group.label.to_string(),
                    sections: group
                        .cases
                        .iter()
                        .map(|section| {
                            let lines = section
                                .charges
                                .iter()
                                .map(|line| (anchor("charge", line.ambiguous_charge_id()), line.to_string()));
                            let case = section.case();
                            let balance = case.balance_due_in_cents;
                            let owed = group.if_paid.then(|| {
                                format!("{} {} – {}", case.location, case.case_number, money(balance))
                            });
                            (owed.unwrap_or_default(), lines.collect())
                        })
                        .collect(),
                })
                .collect(),
            fines: summary
                .county_fines
                .iter()
                .filter(|fines| !fines.cases.is_empty())
                .map(|fines| FineView {
                    county: fines.county.to_owned(),
                    cases: fines
                        .cases
                        .iter()
                        .map(|(number, cents)| ((*number).to_owned(), anchor("case", number), money(*cents)))
                        .collect(),
                    total: money(fines.total()),
                })
                .collect(),
            fines_total: money(summary.total_fines_due),
            total_charges: summary.total_charges,
            total_cases: summary.total_cases,
            timeline: timeline.to_svg(Width::Wide),
            timeline_narrow: timeline.to_svg(Width::Narrow),
            timeline_rows: timeline
                .rows
                .iter()
                .map(|row| TimelineRow {
                    anchor: anchor("charge", row.ambiguous_charge_id),
                    case_number: row.case_number.to_owned(),
                    name: row.name.to_owned(),
                    label: row.label.to_string(),
                    events: row.event_lines().collect(),
                    waits: row.wait_lines().collect(),
                    outcomes: row.outcome_lines().collect(),
                })
                .collect(),
            open_questions: charges().filter(|(_, charge)| charge.question.is_some()).count(),
            minor_traffic: charges().filter(|(_, charge)| is_minor_traffic(charge)).count(),
            restitution: record
                .every_case()
                .filter(|case| case.case.restitution && !case.is_deleted())
                .map(|case| case.case.case_number.clone())
                .collect(),
            paperwork: !paperwork::motions(record).is_empty() || summary.total_fines_due > 0,
            cases_left_out: cases.len() - shown,
            cases: cases.into_iter().take(shown).collect(),
        }
    }
}

/// Cuts a banner at `[case number]`, where there is such a case.
fn pieces(banner: &str, numbers: &BTreeSet<&str>) -> Vec<Piece> {
    let plain = |text: &str| Piece {
        text: text.to_owned(),
        anchor: None,
    };
    let mut pieces = Vec::new();
    let mut rest = banner;
    while let Some(start) = rest.find('[') {
        let Some(length) = rest[start..].find(']') else {
            break;
        };
        let number = &rest[start + 1..start + length];
        if numbers.contains(number) {
            pieces.push(plain(&rest[..start]));
            pieces.push(Piece {
                text: number.to_owned(),
                anchor: Some(anchor("case", number)),
            });
        } else {
            pieces.push(plain(&rest[..=start + length]));
        }
        rest = &rest[start + length + 1..];
    }
    pieces.push(plain(rest));
    pieces
}

/// `None` for a case that the view without traffic leaves nothing of.
fn case_view(record: &Record, judged: &JudgedCase, state: &State, bad: &[BadAnswer]) -> Option<CaseView> {
    let language = record.options.language;
    let case = judged.case;
    let charges: Vec<ChargeView> = judged
        .charges
        .iter()
        .filter(|charge| !(state.hide_traffic && is_minor_traffic(charge)))
        .map(|charge| charge_view(record, judged, charge, state, bad))
        .collect();
    if charges.is_empty() && !judged.charges.is_empty() {
        return None;
    }
    Some(CaseView {
        number: case.case_number.clone(),
        anchor: anchor("case", &case.case_number),
        county: case.location.clone(),
        name: case.name.clone(),
        birth_year: case.birth_year.map(|year| year.to_string()).unwrap_or_default(),
        filed: display_day(case.date, language).to_string(),
        case_type: case.violation_type.clone(),
        status: case.current_status.clone(),
        is_closed: case.is_closed(),
        balance: money(case.balance_due_in_cents),
        owes: case.balance_due_in_cents != 0,
        citation: case.citation_number.clone(),
        district_attorney: case.district_attorney_number.clone(),
        court_page: site::case_id(&case.case_detail_link)
            .filter(|_| !state.demo)
            .map(str::to_owned),
        restitution: case.restitution,
        is_deleted: judged.is_deleted(),
        edited: edited_name(case.edit_status, language),
        charges,
    })
}

fn charge_view(
    record: &Record,
    case: &JudgedCase,
    judged: &JudgedCharge,
    state: &State,
    bad: &[BadAnswer],
) -> ChargeView {
    let language = record.options.language;
    let charge = judged.charge;
    let id = &charge.ambiguous_charge_id;
    let badge = Badge::of(&judged.verdict, case.case.balance_due_in_cents);
    let edit = state
        .edits
        .get(&case.case.case_number)
        .and_then(|edit| edit.charges.get(id));
    let mut time_reasons: Vec<String> = Vec::new();
    for time in &judged.times {
        let reason = time.reason.text(language);
        if !time_reasons.contains(&reason) {
            time_reasons.push(reason);
        }
    }
    let status = judged.disposition.status;
    let is_deleted = judged.is_deleted() || case.is_deleted();
    ChargeView {
        id: id.clone(),
        anchor: anchor("charge", id),
        name: charge.name.clone(),
        statute: charge.statute.clone(),
        level: charge.level.clone(),
        charged: display_day(charge.date, language).to_string(),
        disposition: status_name(status, language).to_owned(),
        disposition_date: if status.is_convicted() || status.is_dismissed() {
            judged.disposition.date.display(language).to_string()
        } else {
            String::new()
        },
        revoked: charge
            .probation_revoked
            .map(|date| display_day(date, language).to_string())
            .unwrap_or_default(),
        tone: tone_class(badge.tone),
        badge: badge.text.in_language(language),
        label: label_of(&judged.verdict, case.case.balance_due_in_cents, language).into_owned(),
        types: judged
            .distinct_types()
            .map(|reading| {
                (
                    reading.charge_type.facts().name.in_language(language),
                    reading.eligibility.reason.in_language(language),
                )
            })
            .collect(),
        time_reasons,
        explanation: judged.charge_type().facts().explanation.in_language(language),
        question: judged
            .question
            .filter(|_| !is_deleted)
            .and_then(|question| question_view(record, question, id, state, bad)),
        answered: edit.is_some_and(|edit| edit.edit_status.is_none()),
        is_deleted: judged.is_deleted(),
        edited: edited_name(charge.edit_status, language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        for (cents, text) in [
            (0, "$0.00"),
            (151_680, "$1,516.80"),
            (123_456_789, "$1,234,567.89"),
            (-500, "-$5.00"),
            (i64::MIN, "-$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(money(cents), text);
        }
    }

    #[test]
    fn anchors_are_safe_and_do_not_collide() {
        assert_eq!(anchor("case", "19CR-1"), "case-19CR-1");
        assert_eq!(anchor("case", "a b\"<"), "case-a_20_b_22__3c_");
        assert_ne!(anchor("case", "a b"), anchor("case", "a_20_b"));
    }

    #[test]
    fn only_numbers_of_the_record_become_links() {
        let numbers = BTreeSet::from(["A1"]);
        let texts: Vec<(String, bool)> = pieces("Open: [A1], [x] and [", &numbers)
            .into_iter()
            .map(|piece| (piece.text, piece.anchor.is_some()))
            .collect();
        let expected = [
            ("Open: ", false),
            ("A1", true),
            (", [x]", false),
            (" and [", false),
        ];
        assert_eq!(texts, expected.map(|(text, link)| (text.to_owned(), link)));
    }
}
