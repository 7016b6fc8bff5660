//! The picture: a row per charge, time from left to right.
//!
//! Colour is never alone: each thing has its own shape, the legend names the shapes, and every row ends with its verdict in
//! words. Words stand in lines of their own and are cut to the width they have, so no text runs into another. Shapes keep a
//! contrast of 3:1 and words 4.5:1 against white (WCAG 2.2, 1.4.11 and 1.4.3).

use std::fmt::{self, Write as _};

use jiff::civil::Date;

use super::{EventKind, Outcome, Row, Timeline};
use crate::expungement::badge::Tone;
use crate::expungement::phrase::{Phrase, phrase};
use crate::expungement::when::display_day;

/// At most so many charges are drawn: those still to come first. The text equivalent has them all.
pub(super) const MAX_ROWS: usize = 60;

/// Years before and after today that are drawn; what lies outside stands at the edge. Keeps one typing error from pressing
/// everything else into a line.
const PAST: i16 = 60;
const FUTURE: i16 = 20;

/// For which screen a picture is drawn: both have the same things, the narrow one in more lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    /// For paper and screens from 760 pixels.
    Wide,
    /// For phones.
    Narrow,
}

// Units of the drawing; at 100 % they are CSS pixels.
impl Width {
    const fn total(self) -> f64 {
        match self {
            Self::Wide => 720.0,
            Self::Narrow => 350.0,
        }
    }

    const fn right(self) -> f64 {
        self.total() - LEFT
    }

    /// Time ends here; to the right stands what has no day.
    const fn plot_end(self) -> f64 {
        self.right() - 24.0
    }

    /// Height of a charge.
    const fn row(self) -> f64 {
        match self {
            Self::Wide => 48.0,
            Self::Narrow => 66.0,
        }
    }

    /// Goes before the ids of the drawing, as one page may hold both.
    const fn id(self) -> &'static str {
        match self {
            Self::Wide => "timeline",
            Self::Narrow => "timeline-narrow",
        }
    }
}

const LEFT: f64 = 8.0;
const TOP: f64 = 48.0;
const LEGEND_LINE: f64 = 22.0;

/// Wider than nearly every letter of the fonts used, as a part of the font size.
const LETTER: f64 = 0.6;

const INK: &str = "#1b1b1b";
const GREY: &str = "#565c65";
const BLUE: &str = "#005ea2";
const GREEN: &str = "#216e1f";
const RED: &str = "#b50909";
const PURPLE: &str = "#54278f";

static TITLE: Phrase = phrase("Timeline of the record", "Línea de tiempo del historial");
static TODAY: Phrase = phrase("Today: {}", "Hoy: {}");
static WAITING: Phrase = phrase("Waiting period", "Plazo de espera");
static ELIGIBLE: Phrase = phrase("Eligible from here on", "Elegible desde aquí");
static PERHAPS: Phrase = phrase("Eligible from here on, if …", "Elegible desde aquí, si …");
static NEVER: Phrase = phrase("Never eligible", "Nunca elegible");
static UNDECIDED: Phrase = phrase("Not decided", "Sin decidir");
static LEFT_OUT: Phrase = phrase(
    "{} more charges are in the table only.",
    "Otros {} cargos están solo en la tabla.",
);

impl Timeline<'_> {
    /// The picture as an SVG element of its own, for a page or a file. Holds no script, style or reference to elsewhere.
    #[must_use]
    pub fn to_svg(&self, width: Width) -> String {
        let mut out = String::with_capacity(4096 + self.rows.len().min(MAX_ROWS) * 1024);
        // Writing to a String cannot fail.
        let _ = self.draw(width, &mut out);
        out
    }

    fn draw(&self, width: Width, out: &mut String) -> fmt::Result {
        let language = self.language;
        let rows = self.drawn();
        let scale = Scale::of(self.today, &rows, width);
        let bottom = TOP + width.row() * rows.len() as f64;
        let mut legend = String::new();
        let height = self.legend(width, &mut legend, bottom + 14.0, rows.len())?;
        let (total, id) = (width.total(), width.id());
        write!(
            out,
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" width="{total}" height="{height}" role="img" aria-labelledby="{id}-title {id}-description" font-family="Source Sans Pro Web, Source Sans Pro, Helvetica, Arial, sans-serif" font-size="13" fill="{INK}">"##
        )?;
        write!(
            out,
            r#"<title id="{id}-title">{}</title><desc id="{id}-description">{}</desc>"#,
            Escaped(TITLE.in_language(language)),
            Escaped(&self.description())
        )?;
        write!(out, r##"<rect width="{total}" height="{height}" fill="#fff"/>"##)?;

        for (year, x) in scale.ticks() {
            write!(
                out,
                r##"<path d="M{x:.1} {TOP}V{bottom}" stroke="#dfe1e2"/><text x="{x:.1}" y="40" font-size="12" text-anchor="middle" fill="{GREY}">{year}</text>"##
            )?;
        }
        let today = scale.x(self.today);
        let text = TODAY.filled(language, &[&display_day(self.today, language)]);
        let half = width_of(&text, 13.0) / 2.0;
        write!(
            out,
            r#"<path d="M{today:.1} {TOP}V{bottom}" stroke="{INK}" stroke-width="1.5" stroke-dasharray="4 3"/><text x="{:.1}" y="15" text-anchor="middle" font-weight="700">{}</text>"#,
            today.clamp(LEFT + half, width.right() - half),
            Escaped(&text)
        )?;
        for (index, row) in rows.iter().enumerate() {
            let y = TOP + width.row() * index as f64;
            write!(out, r##"<path d="M0 {y}H{total}" stroke="#a9aeb1"/>"##)?;
            draw_row(out, row, &scale, width, y)?;
        }
        out.push_str(&legend);
        out.push_str("</svg>");
        Ok(())
    }

    /// The charges to draw, in the record's order; where they are too many, those whose day is still to come go first.
    fn drawn(&self) -> Vec<&Row<'_>> {
        let mut kept: Vec<usize> = (0..self.rows.len()).collect();
        if kept.len() > MAX_ROWS {
            kept.sort_by_key(|&index| match self.rows[index].tone {
                Tone::Later => 0,
                Tone::Now => 1,
                Tone::Undecided => 2,
                Tone::Never => 3,
            });
            kept.truncate(MAX_ROWS);
            kept.sort_unstable();
        }
        kept.into_iter().map(|index| &self.rows[index]).collect()
    }

    /// Writes the legend from `top` on and gives the height of the whole drawing.
    fn legend(&self, width: Width, out: &mut String, top: f64, drawn: usize) -> Result<f64, fmt::Error> {
        let language = self.language;
        let entries: [(Shape, &Phrase); 9] = [
            (Shape::Event(EventKind::Charged), EventKind::Charged.name()),
            (Shape::Event(EventKind::Convicted), EventKind::Convicted.name()),
            (Shape::Event(EventKind::Dismissed), EventKind::Dismissed.name()),
            (
                Shape::Event(EventKind::ProbationRevoked),
                EventKind::ProbationRevoked.name(),
            ),
            (Shape::Wait, &WAITING),
            (Shape::Eligible, &ELIGIBLE),
            (Shape::Perhaps, &PERHAPS),
            (Shape::Never, &NEVER),
            (Shape::Undecided, &UNDECIDED),
        ];
        let total = width.total();
        write!(
            out,
            r##"<path d="M0 {:.1}H{total}" stroke="#a9aeb1"/>"##,
            top - 14.0
        )?;
        let (mut x, mut y) = (LEFT, top + 6.0);
        let right = width.right();
        for (shape, name) in entries {
            let name = name.in_language(language);
            let room = 36.0 + width_of(name, 12.0) + 14.0;
            if x + room > right && x > LEFT {
                (x, y) = (LEFT, y + LEGEND_LINE);
            }
            match shape {
                Shape::Wait => wait_bar(out, x, x + 26.0, y)?,
                Shape::Eligible => eligible_line(out, x + 8.0, x + 28.0, y, GREEN)?,
                Shape::Perhaps => perhaps_line(out, x + 8.0, x + 28.0, y)?,
                _ => {}
            }
            mark(out, shape, x + 9.0, y)?;
            write!(
                out,
                r#"<text x="{:.1}" y="{:.1}" font-size="12">{}</text>"#,
                x + 36.0,
                y + 4.0,
                Escaped(name)
            )?;
            x += room;
        }
        let left_out = self.rows.len() - drawn;
        if left_out > 0 {
            y += LEGEND_LINE;
            write!(
                out,
                r#"<text x="{LEFT}" y="{:.1}" font-size="12">{}</text>"#,
                y + 4.0,
                Escaped(&LEFT_OUT.filled(language, &[&left_out]))
            )?;
        }
        Ok(y + 16.0)
    }
}

fn draw_row(out: &mut String, row: &Row, scale: &Scale, width: Width, top: f64) -> fmt::Result {
    let (right, plot_end) = (width.right(), width.plot_end());
    let room = right - LEFT;
    let name = format!("{} {}", row.case_number, row.name);
    let colour = match row.tone {
        Tone::Now => GREEN,
        Tone::Later => BLUE,
        Tone::Never => RED,
        Tone::Undecided => PURPLE,
    };
    // A narrow picture has a line for each of name and verdict, a wide one has them beside each other.
    let name_y = top + 16.0;
    let (name_room, verdict, verdict_y, y) = match width {
        Width::Wide => {
            let verdict = cut(&row.label, room * 0.5, 13.0);
            let rest = room - width_of(&verdict, 13.0) - 16.0;
            (rest, verdict, name_y, top + 33.0)
        }
        Width::Narrow => (room, cut(&row.label, room, 13.0), top + 33.0, top + 51.0),
    };
    let (verdict_x, anchor) = match width {
        Width::Wide => (right, "end"),
        Width::Narrow => (LEFT, "start"),
    };
    write!(
        out,
        r##"<text x="{LEFT}" y="{name_y}" stroke="#fff" stroke-width="4" paint-order="stroke">{}</text><text x="{verdict_x}" y="{verdict_y}" text-anchor="{anchor}" font-weight="700" fill="{colour}" stroke="#fff" stroke-width="4" paint-order="stroke">{}</text>"##,
        Escaped(&cut(&name, name_room, 13.0)),
        Escaped(&verdict)
    )?;
    for wait in &row.waits {
        wait_bar(out, scale.x(wait.from), scale.x(wait.until), y)?;
    }
    let certain = matches!(row.tone, Tone::Now | Tone::Later) && row.outcomes.len() == 1;
    for outcome in &row.outcomes {
        match outcome {
            Outcome::EligibleOn(date) => {
                let x = scale.x(*date);
                if certain {
                    eligible_line(out, x, plot_end, y, colour)?;
                    mark_in(out, Shape::Eligible, x, y, colour)?;
                } else {
                    perhaps_line(out, x, plot_end, y)?;
                    mark(out, Shape::Perhaps, x, y)?;
                }
            }
            Outcome::Never => mark(out, Shape::Never, right - 8.0, y)?,
            Outcome::AfterConviction(_) | Outcome::Undecided => mark(out, Shape::Undecided, right - 8.0, y)?,
        }
    }
    for event in &row.events {
        mark(out, Shape::Event(event.kind), scale.x(event.date), y)?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Event(EventKind),
    Wait,
    Eligible,
    Perhaps,
    Never,
    Undecided,
}

fn mark(out: &mut String, shape: Shape, x: f64, y: f64) -> fmt::Result {
    mark_in(out, shape, x, y, GREEN)
}

/// Draws a shape around (x, y). Different shapes on one day stay apart: ring outside, square inside, diamond behind both.
fn mark_in(out: &mut String, shape: Shape, x: f64, y: f64, colour: &str) -> fmt::Result {
    match shape {
        Shape::Event(EventKind::Charged) => write!(
            out,
            r##"<circle cx="{x:.1}" cy="{y}" r="6.5" fill="none" stroke="{GREY}" stroke-width="2"/>"##
        ),
        Shape::Event(EventKind::Convicted) => write!(
            out,
            r##"<rect x="{:.1}" y="{}" width="8" height="8" fill="{INK}" stroke="#fff"/>"##,
            x - 4.0,
            y - 4.0
        ),
        Shape::Event(EventKind::Dismissed) => write!(
            out,
            r##"<path d="M{:.1} {}h10l-5 9z" fill="{GREY}" stroke="#fff"/>"##,
            x - 5.0,
            y - 4.0
        ),
        Shape::Event(EventKind::ProbationRevoked) => write!(
            out,
            r#"<path d="M{:.1} {}l10 10m0 -10l-10 10" stroke="{RED}" stroke-width="2.5" fill="none"/>"#,
            x - 5.0,
            y - 5.0
        ),
        Shape::Wait => Ok(()),
        Shape::Eligible => write!(
            out,
            r##"<path d="M{x:.1} {}l9 9l-9 9l-9 -9z" fill="{colour}" stroke="#fff"/>"##,
            y - 9.0
        ),
        Shape::Perhaps => write!(
            out,
            r##"<path d="M{x:.1} {}l8 8l-8 8l-8 -8z" fill="#fff" stroke="{PURPLE}" stroke-width="2"/>"##,
            y - 8.0
        ),
        Shape::Never => write!(
            out,
            r##"<circle cx="{x:.1}" cy="{y}" r="7" fill="#fff" stroke="{RED}" stroke-width="2"/><path d="M{:.1} {}l10 10" stroke="{RED}" stroke-width="2"/>"##,
            x - 5.0,
            y - 5.0
        ),
        Shape::Undecided => write!(
            out,
            r##"<circle cx="{x:.1}" cy="{y}" r="7.5" fill="{PURPLE}"/><text x="{x:.1}" y="{}" font-size="12" font-weight="700" text-anchor="middle" fill="#fff">?</text>"##,
            y + 4.0
        ),
    }
}

fn wait_bar(out: &mut String, from: f64, until: f64, y: f64) -> fmt::Result {
    write!(
        out,
        r##"<rect x="{from:.1}" y="{}" width="{:.1}" height="10" fill="#d9e8f6" stroke="{BLUE}"/>"##,
        y - 5.0,
        (until - from).max(1.0)
    )
}

fn eligible_line(out: &mut String, from: f64, to: f64, y: f64, colour: &str) -> fmt::Result {
    write!(
        out,
        r#"<path d="M{from:.1} {y}H{to:.1}" stroke="{colour}" stroke-width="4"/>"#
    )
}

fn perhaps_line(out: &mut String, from: f64, to: f64, y: f64) -> fmt::Result {
    write!(
        out,
        r#"<path d="M{from:.1} {y}H{to:.1}" stroke="{PURPLE}" stroke-width="2" stroke-dasharray="2 4"/>"#
    )
}

/// From days to places.
struct Scale {
    plot_end: f64,
    first: f64,
    days: f64,
}

impl Scale {
    /// Holds today and everything that is drawn, within the bounds.
    fn of(today: Date, rows: &[&Row], width: Width) -> Self {
        let bound = |years: i16| {
            let year = today.year().saturating_add(years).clamp(1, 9999);
            day_number(Date::new(year, 1, 1).unwrap_or(today))
        };
        let (earliest, latest) = (bound(-PAST), bound(FUTURE));
        let dates = rows.iter().flat_map(|row| {
            let events = row.events.iter().map(|event| event.date);
            let waits = row.waits.iter().flat_map(|wait| [wait.from, wait.until]);
            let outcomes = row.outcomes.iter().filter_map(|outcome| match outcome {
                Outcome::EligibleOn(date) => Some(*date),
                _ => None,
            });
            events.chain(waits).chain(outcomes)
        });
        let today = day_number(today);
        let (mut first, mut last) = (today, today);
        for day in dates.map(day_number) {
            first = first.min(day.max(earliest));
            last = last.max(day.min(latest));
        }
        // Half a year of air on both sides keeps the marks off the edge.
        Self {
            plot_end: width.plot_end(),
            first: first - 183.0,
            days: (last - first) + 366.0,
        }
    }

    fn x(&self, date: Date) -> f64 {
        let part = (day_number(date) - self.first) / self.days;
        LEFT + part.clamp(0.0, 1.0) * (self.plot_end - LEFT)
    }

    /// Years to mark, with their places: not closer than their numbers are wide.
    fn ticks(&self) -> Vec<(i16, f64)> {
        let years = self.days / 365.25;
        let step = [1_i16, 2, 5, 10, 20, 50]
            .into_iter()
            .find(|step| f64::from(*step) / years * (self.plot_end - LEFT) >= 48.0)
            .unwrap_or(100);
        let last = self.first + self.days;
        (1..=9999_i16)
            .filter(|year| year % step == 0)
            .filter_map(|year| Date::new(year, 1, 1).ok())
            .filter(|date| (self.first..=last).contains(&day_number(*date)))
            .map(|date| (date.year(), self.x(date)))
            .collect()
    }
}

/// Days since a fixed day.
fn day_number(date: Date) -> f64 {
    f64::from(
        Date::constant(1970, 1, 1)
            .until(date)
            .map_or(0, |span| span.get_days()),
    )
}

/// How wide a text can be, at most.
fn width_of(text: &str, font_size: f64) -> f64 {
    text.chars()
        .map(|c| if c.is_ascii() { LETTER } else { 1.0 })
        .sum::<f64>()
        * font_size
}

/// The text, cut with an ellipsis where it would be wider than `room`.
fn cut(text: &str, room: f64, font_size: f64) -> String {
    if width_of(text, font_size) <= room {
        return text.to_owned();
    }
    let mut left = room - font_size;
    let mut kept: String = text
        .chars()
        .take_while(|c| {
            left -= if c.is_ascii() { LETTER } else { 1.0 } * font_size;
            left >= 0.0
        })
        .collect();
    kept.truncate(kept.trim_end().len());
    kept + "…"
}

/// A text for XML: what would be markup is written as references, what XML 1.0 forbids is left out.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\u{fffe}' | '\u{ffff}' => {}
                // Controls, and marks that would turn the direction of what follows.
                c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {}
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
