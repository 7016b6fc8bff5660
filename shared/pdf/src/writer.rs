//! Writing a document of our own: text that flows over letter pages, tables, lines and boxes, and form fields.
//!
//! ```
//! use pdf::{Align, Column, FieldOptions, Heading, Limits, Metadata, Rect, Writer};
//!
//! let mut paper = Writer::new(Metadata { title: "Voter registration application", language: "en-US" });
//! paper.footer("Page {n} of {m}");
//! paper.heading(Heading::Title, "Your voter registration application");
//! paper.paragraph("Print it, sign it, and mail it to your election office.");
//! paper.bullets(&["Sign in box 9.", "Put a stamp on it."]);
//! paper.table(
//!     &[Column { title: "Office", width: 3.0, align: Align::Left }, Column { title: "Due", width: 1.0, align: Align::Right }],
//!     &[vec!["County clerk".into(), "Oct 5".into()]],
//! );
//! paper.page_break();
//! paper.text_at(72.0, 700.0, pdf::Font::HelveticaBold, 10.0, "Last name");
//! paper.text_field("last_name", Rect { x: 72.0, y: 670.0, width: 200.0, height: 20.0 }, FieldOptions::default());
//! paper.checkbox("us_citizen", Rect { x: 72.0, y: 640.0, width: 12.0, height: 12.0 }, "I am a citizen of the United States");
//! let document = paper.finish()?;
//! assert_eq!((document.page_count(), document.fields().len()), (2, 2));
//! assert!(pdf::Document::open(&document.save(), &Limits::default()).is_ok());
//! # Ok::<(), pdf::PdfError>(())
//! ```

use std::io::Write as _;

use lopdf::{Dictionary, Object, ObjectId, Stream, dictionary};

use crate::appearance::{cross, numbers, show};
use crate::document::{Document, Limits, Objects};
use crate::error::PdfError;
use crate::image::Rect;
use crate::text::{Font, win_ansi, wrap};

/// Letter paper, in points.
const PAGE: (f32, f32) = (612.0, 792.0);
const MARGIN: f32 = 54.0;
/// Flowing text ends here; the footer stands below.
const BOTTOM: f32 = 60.0;
const BODY: f32 = 10.5;
const LEADING: f32 = 1.35;

/// What viewers show as the document's title, and the language screen readers speak (BCP 47, "en-US").
#[derive(Clone, Copy, Debug)]
pub struct Metadata<'a> {
    pub title: &'a str,
    pub language: &'a str,
}

/// The rank of a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    Title,
    Section,
    Minor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Center,
    Right,
}

/// A column of a table. Widths are shares of the line.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    pub title: &'a str,
    pub width: f32,
    pub align: Align,
}

/// How a text field behaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct FieldOptions<'a> {
    /// What screen readers speak and viewers show on hovering.
    pub tooltip: &'a str,
    pub multiline: bool,
    /// In characters.
    pub max_length: Option<usize>,
    /// One cell per character of `max_length`.
    pub comb: bool,
    /// In points; 0 lets the text choose.
    pub size: f32,
}

/// Builds a document from top to bottom; see the module's example. Flowing parts break pages by themselves; the `_at`
/// parts, lines, boxes and fields go to the current page at points from its bottom left.
#[derive(Debug)]
pub struct Writer {
    title: String,
    language: String,
    pages: Vec<Page>,
    /// Base of the next flowing line on the current page.
    y: f32,
    footer: Option<String>,
}

#[derive(Debug, Default)]
struct Page {
    operators: Vec<u8>,
    fields: Vec<NewField>,
}

#[derive(Debug)]
struct NewField {
    name: String,
    rect: Rect,
    tooltip: String,
    kind: NewKind,
}

#[derive(Debug)]
enum NewKind {
    Check,
    Text {
        flags: i64,
        max_length: Option<usize>,
        size: f32,
    },
}

impl Writer {
    /// One empty page.
    #[must_use]
    pub fn new(metadata: Metadata<'_>) -> Writer {
        Writer {
            title: metadata.title.to_owned(),
            language: metadata.language.to_owned(),
            pages: vec![Page::default()],
            y: PAGE.1 - MARGIN,
            footer: None,
        }
    }

    /// A line at the foot of every page; `{n}` is the page's number and `{m}` the number of pages.
    pub fn footer(&mut self, text: &str) {
        self.footer = Some(text.to_owned());
    }

    /// Width of the flowing text, in points.
    #[must_use]
    pub fn line_width(&self) -> f32 {
        PAGE.0 - 2.0 * MARGIN
    }

    /// How far down the flow has come: points from the bottom of the current page.
    #[must_use]
    pub fn position(&self) -> f32 {
        self.y
    }

    pub fn page_break(&mut self) {
        self.pages.push(Page::default());
        self.y = PAGE.1 - MARGIN;
    }

    /// Goes on at the next page if less than `height` points are left.
    pub fn keep(&mut self, height: f32) {
        if self.y - height < BOTTOM && self.y < PAGE.1 - MARGIN {
            self.page_break();
        }
    }

    /// Empty room, in points.
    pub fn space(&mut self, height: f32) {
        self.y -= height;
    }

    /// A heading, kept together with the first lines that follow.
    pub fn heading(&mut self, rank: Heading, text: &str) {
        let (size, before) = match rank {
            Heading::Title => (18.0, 0.0),
            Heading::Section => (13.0, 10.0),
            Heading::Minor => (BODY, 6.0),
        };
        self.keep(before + size * LEADING + 3.0 * BODY * LEADING);
        self.y -= before;
        self.flow(text, Font::HelveticaBold, size, 0.0);
        self.y -= 3.0;
    }

    /// Text wrapped to the line, with line breaks kept.
    pub fn paragraph(&mut self, text: &str) {
        self.flow(text, Font::Helvetica, BODY, 0.0);
        self.y -= 5.0;
    }

    /// As [`Writer::paragraph`], in a font and size of choice.
    pub fn paragraph_in(&mut self, font: Font, size: f32, text: &str) {
        self.flow(text, font, size, 0.0);
        self.y -= size * 0.5;
    }

    /// A list with bullets.
    pub fn bullets(&mut self, items: &[&str]) {
        for item in items {
            self.keep(BODY * LEADING);
            let (page, y) = (self.pages.len(), self.y - BODY);
            self.text_at(MARGIN + 6.0, y, Font::Helvetica, BODY, "•");
            debug_assert_eq!(page, self.pages.len());
            self.flow(item, Font::Helvetica, BODY, 18.0);
            self.y -= 2.0;
        }
        self.y -= 3.0;
    }

    /// A thin line across the page.
    pub fn rule(&mut self) {
        self.keep(8.0);
        self.y -= 4.0;
        self.line(MARGIN, self.y, PAGE.0 - MARGIN, self.y, 0.5);
        self.y -= 4.0;
    }

    /// A table whose cells wrap. The heading row comes again on each page; a row is not broken over pages unless it is
    /// taller than one.
    pub fn table(&mut self, columns: &[Column<'_>], rows: &[Vec<String>]) {
        const PAD: f32 = 3.0;
        const SIZE: f32 = 9.0;
        let total: f32 = columns.iter().map(|column| column.width.max(0.01)).sum();
        let widths: Vec<f32> = columns
            .iter()
            .map(|column| column.width.max(0.01) / total * self.line_width())
            .collect();
        let titles: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
        let row = |writer: &mut Writer, cells: &[String], font: Font, broke: &mut dyn FnMut(&mut Writer)| {
            let lines: Vec<Vec<Vec<u8>>> = widths
                .iter()
                .enumerate()
                .map(|(index, width)| {
                    let text = cells.get(index).map_or("", String::as_str);
                    wrap(
                        &win_ansi(&crate::text::clean(text)),
                        font,
                        SIZE,
                        (width - 2.0 * PAD).max(1.0),
                    )
                })
                .collect();
            let tallest = lines.iter().map(Vec::len).max().unwrap_or(1);
            let step = SIZE * 1.25;
            let mut done = 0;
            while done < tallest {
                let whole = (tallest - done) as f32 * step + 2.0 * PAD;
                let page_room = PAGE.1 - MARGIN - BOTTOM - 3.0 * step;
                if writer.y - whole.min(page_room) < BOTTOM {
                    writer.page_break();
                    broke(writer);
                }
                let fits = (((writer.y - BOTTOM - 2.0 * PAD) / step) as usize).clamp(1, tallest - done);
                let height = fits as f32 * step + 2.0 * PAD;
                let mut x = MARGIN;
                for ((width, column), lines) in widths.iter().zip(columns).zip(&lines) {
                    for (index, line) in lines.iter().skip(done).take(fits).enumerate() {
                        let used = font.width(line, SIZE);
                        let offset = match column.align {
                            Align::Left => PAD,
                            Align::Center => (width - used) / 2.0,
                            Align::Right => width - used - PAD,
                        };
                        let y = writer.y - PAD - SIZE - index as f32 * step;
                        writer.codes_at(x + offset, y, font, SIZE, line);
                    }
                    x += width;
                }
                writer.y -= height;
                writer.line(MARGIN, writer.y, PAGE.0 - MARGIN, writer.y, 0.4);
                done += fits;
            }
        };
        let head = |writer: &mut Writer| row(writer, &titles, Font::HelveticaBold, &mut |_| {});
        self.keep(60.0);
        head(self);
        for cells in rows {
            row(self, cells, Font::Helvetica, &mut |writer| head(writer));
        }
        self.y -= 8.0;
    }

    /// One line of text with its base line at `(x, y)`.
    pub fn text_at(&mut self, x: f32, y: f32, font: Font, size: f32, text: &str) {
        let codes = win_ansi(&crate::text::clean(text).replace('\n', " "));
        self.codes_at(x, y, font, size, &codes);
    }

    /// A straight line.
    pub fn line(&mut self, x0: f32, y0: f32, x1: f32, y1: f32, thickness: f32) {
        let _ = writeln!(
            self.page().operators,
            "q {thickness} w {x0} {y0} m {x1} {y1} l S Q"
        );
    }

    /// The outline of a box.
    pub fn rect(&mut self, place: Rect, thickness: f32) {
        let Rect { x, y, width, height } = place;
        let _ = writeln!(
            self.page().operators,
            "q {thickness} w {x} {y} {width} {height} re S Q"
        );
    }

    /// A text field under a line.
    pub fn text_field(&mut self, name: &str, place: Rect, options: FieldOptions<'_>) {
        const MULTILINE: i64 = 1 << 12;
        const COMB: i64 = 1 << 24;
        let comb = options.comb && options.max_length.is_some() && !options.multiline;
        let flags = if options.multiline { MULTILINE } else { 0 } | if comb { COMB } else { 0 };
        let kind = NewKind::Text {
            flags,
            max_length: options.max_length,
            size: options.size,
        };
        self.add_field(name, place, options.tooltip, kind);
    }

    /// A check box with its outline; its on-state is `On`.
    pub fn checkbox(&mut self, name: &str, place: Rect, tooltip: &str) {
        self.rect(place, 0.7);
        self.add_field(name, place, tooltip, NewKind::Check);
    }

    fn add_field(&mut self, name: &str, rect: Rect, tooltip: &str, kind: NewKind) {
        let tooltip = if tooltip.is_empty() { name } else { tooltip }.to_owned();
        self.page().fields.push(NewField {
            name: name.to_owned(),
            rect,
            tooltip,
            kind,
        });
    }

    fn page(&mut self) -> &mut Page {
        if self.pages.is_empty() {
            self.pages.push(Page::default());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    fn codes_at(&mut self, x: f32, y: f32, font: Font, size: f32, codes: &[u8]) {
        if codes.is_empty() {
            return;
        }
        let out = &mut self.page().operators;
        let _ = write!(out, "BT /{} {size} Tf {x} {y} Td ", font.resource_name());
        show(out, codes);
        out.extend_from_slice(b"ET\n");
    }

    fn flow(&mut self, text: &str, font: Font, size: f32, indent: f32) {
        // Paragraphs may be longer than a form's value, so only control characters go here.
        let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        for line in wrap(&win_ansi(&text), font, size, self.line_width() - indent) {
            self.keep(size * LEADING);
            self.codes_at(MARGIN + indent, self.y - size, font, size, &line);
            self.y -= size * LEADING;
        }
    }

    /// The document. Fields of one name on several places are one field.
    ///
    /// # Errors
    /// [`PdfError::TooMuch`] past the default [`Limits`].
    pub fn finish(mut self) -> Result<Document, PdfError> {
        if let Some(footer) = self.footer.take() {
            let count = self.pages.len();
            for (index, page) in self.pages.iter_mut().enumerate() {
                let text = footer
                    .replace("{n}", &(index + 1).to_string())
                    .replace("{m}", &count.to_string());
                let codes = win_ansi(&text);
                let x = (PAGE.0 - Font::Helvetica.width(&codes, 8.5)) / 2.0;
                let _ = write!(
                    page.operators,
                    "BT /{} 8.5 Tf {x} 36 Td ",
                    Font::Helvetica.resource_name()
                );
                show(&mut page.operators, &codes);
                page.operators.extend_from_slice(b"ET\n");
            }
        }
        let mut build = Build::default();
        let (catalog, tree, info, form) =
            (build.reserve(), build.reserve(), build.reserve(), build.reserve());
        let mut fonts = Dictionary::new();
        for font in Font::ALL {
            let id = build.add(dictionary! {
                "Type" => "Font",
                "Subtype" => "Type1",
                "BaseFont" => font.base_name(),
                "Encoding" => "WinAnsiEncoding",
            });
            fonts.set(font.resource_name(), id);
        }
        let helvetica = fonts
            .get(Font::Helvetica.resource_name().as_bytes())
            .cloned()
            .unwrap_or(Object::Null);
        let resources = build.add(dictionary! { "Font" => fonts });
        let mut pages: Vec<Object> = Vec::new();
        let mut fields: Vec<Object> = Vec::new();
        for page in self.pages {
            let content = build.add(Stream::new(Dictionary::new(), page.operators));
            let id = build.reserve();
            let annotations: Vec<Object> = page
                .fields
                .into_iter()
                .map(|field| build.field(&field, id).into())
                .collect();
            fields.extend(annotations.iter().cloned());
            let mut dict = dictionary! {
                "Type" => "Page",
                "Parent" => tree,
                "MediaBox" => numbers(&[0.0, 0.0, PAGE.0, PAGE.1]),
                "Resources" => resources,
                "Contents" => content,
            };
            if !annotations.is_empty() {
                dict.set("Annots", annotations);
                dict.set("Tabs", "S");
            }
            build.objects.insert(id, dict.into());
            pages.push(id.into());
        }
        build.objects.insert(
            tree,
            dictionary! { "Type" => "Pages", "Count" => pages.len() as i64, "Kids" => pages }.into(),
        );
        build.objects.insert(
            info,
            dictionary! { "Title" => lopdf::text_string(&self.title) }.into(),
        );
        let mut root = dictionary! {
            "Type" => "Catalog",
            "Pages" => tree,
            "Lang" => Object::string_literal(self.language),
            "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true },
        };
        if !fields.is_empty() {
            let defaults = dictionary! {
                "Fields" => fields,
                "DA" => Object::string_literal("/Helv 0 Tf 0 g"),
                "DR" => dictionary! { "Font" => dictionary! { "Helv" => helvetica } },
            };
            build.objects.insert(form, defaults.into());
            root.set("AcroForm", form);
        }
        build.objects.insert(catalog, root.into());
        Document::from_objects(build.objects, catalog, Some(info), &Limits::default())
    }
}

#[derive(Default)]
struct Build {
    objects: Objects,
    last: u32,
}

impl Build {
    fn reserve(&mut self) -> ObjectId {
        self.last += 1;
        (self.last, 0)
    }

    fn add(&mut self, object: impl Into<Object>) -> ObjectId {
        let id = self.reserve();
        self.objects.insert(id, object.into());
        id
    }

    fn field(&mut self, field: &NewField, page: ObjectId) -> ObjectId {
        const PRINT: i64 = 4;
        let Rect { x, y, width, height } = field.rect;
        let mut dict = dictionary! {
            "Type" => "Annot",
            "Subtype" => "Widget",
            "T" => lopdf::text_string(&field.name),
            "TU" => lopdf::text_string(&field.tooltip),
            "F" => PRINT,
            "P" => page,
            "Rect" => numbers(&[x, y, x + width, y + height]),
        };
        let mut look = |content: Vec<u8>| {
            let form = dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => numbers(&[0.0, 0.0, width, height]) };
            self.add(Stream::new(form, content))
        };
        match field.kind {
            NewKind::Check => {
                let (on, off) = (look(cross(0.0, 0.0, width, height)), look(Vec::new()));
                dict.set("FT", "Btn");
                dict.set("V", "Off");
                dict.set("AS", "Off");
                dict.set(
                    "AP",
                    dictionary! { "N" => dictionary! { "On" => on, "Off" => off } },
                );
            }
            NewKind::Text {
                flags,
                max_length,
                size,
            } => {
                dict.set("FT", "Tx");
                dict.set("Ff", flags);
                dict.set("DA", Object::string_literal(format!("/Helv {size} Tf 0 g")));
                if let Some(length) = max_length {
                    dict.set("MaxLen", length as i64);
                }
            }
        }
        self.add(dict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FillOptions, Flatten, Value};

    fn paper() -> Writer {
        Writer::new(Metadata {
            title: "Prueba ñ",
            language: "es",
        })
    }

    #[test]
    fn long_tables_go_on_over_pages_and_footers_count_them() {
        let mut writer = paper();
        writer.footer("{n} / {m}");
        let rows: Vec<_> = (0..120)
            .map(|row| vec![format!("row {row}"), "words ".repeat(row % 40)])
            .collect();
        let column = |title, align| Column {
            title,
            width: 1.0,
            align,
        };
        writer.table(
            &[column("Left", Align::Left), column("Right", Align::Right)],
            &rows,
        );
        let huge = "tall ".repeat(5_000);
        writer.table(&[column("One", Align::Center)], &[vec![huge]]);
        let pages = writer.pages.len();
        assert!(pages > 3);
        let drawn: Vec<String> = writer
            .pages
            .iter()
            .map(|page| String::from_utf8_lossy(&page.operators).into_owned())
            .collect();
        assert_eq!(
            drawn
                .iter()
                .map(|page| page.matches("(row ").count())
                .sum::<usize>(),
            120,
            "no row is lost"
        );
        assert!(drawn[1].contains("(Left)"), "the heading row comes again");
        for page in &drawn {
            for y in page
                .lines()
                .filter_map(|line| line.split(" Td").next()?.rsplit(' ').next()?.parse::<f32>().ok())
            {
                assert!(y > 30.0 && y < PAGE.1, "text at {y} is off the page");
            }
        }
        let document = writer.finish().unwrap();
        assert_eq!(document.page_count(), pages);
    }

    #[test]
    fn own_fields_fill_and_flatten() {
        let place = |y| Rect {
            x: 72.0,
            y,
            width: 200.0,
            height: 18.0,
        };
        let mut writer = paper();
        writer.text_field(
            "name",
            place(700.0),
            FieldOptions {
                max_length: Some(4),
                comb: true,
                ..FieldOptions::default()
            },
        );
        writer.text_field(
            "notes",
            place(600.0),
            FieldOptions {
                multiline: true,
                ..FieldOptions::default()
            },
        );
        writer.checkbox(
            "citizen",
            Rect {
                x: 72.0,
                y: 500.0,
                width: 12.0,
                height: 12.0,
            },
            "Citizen",
        );
        let mut document = writer.finish().unwrap();
        let values = [
            ("name", Value::Text("Zúñiga")),
            ("notes", Value::Text("a\nb")),
            ("citizen", Value::Check(true)),
        ];
        document.fill(values, FillOptions::default()).unwrap();
        let again = Document::open(&document.save(), &Limits::default()).unwrap();
        let read: Vec<_> = again
            .fields()
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()))
            .collect();
        assert_eq!(read, [("name", "Zúñi"), ("notes", "a\nb"), ("citizen", "On")]);
        document.flatten(Flatten::All).unwrap();
        assert!(
            Document::open(&document.save(), &Limits::default())
                .unwrap()
                .fields()
                .is_empty()
        );
    }

    #[test]
    fn merging_keeps_pages_in_order_and_renames_clashes() {
        let one = || {
            let mut writer = paper();
            writer.text_field(
                "name",
                Rect {
                    x: 72.0,
                    y: 700.0,
                    width: 100.0,
                    height: 18.0,
                },
                FieldOptions::default(),
            );
            writer.page_break();
            writer.finish().unwrap()
        };
        let merged = Document::merge(&[one(), one(), one()]).unwrap();
        assert_eq!(merged.page_count(), 6);
        let again = Document::open(&merged.save(), &Limits::default()).unwrap();
        assert_eq!(
            again
                .fields()
                .iter()
                .map(|field| field.name.as_str())
                .collect::<Vec<_>>(),
            ["name", "name (2)", "name (3)"]
        );
        assert_eq!(
            again
                .fields()
                .iter()
                .filter_map(|field| field.widgets[0].page)
                .collect::<Vec<_>>(),
            [1, 3, 5]
        );
        assert_eq!(
            merged.save(),
            Document::merge(&[one(), one(), one()]).unwrap().save()
        );
        assert!(Document::merge(&[]).is_err());
        let numbered = Document::merge_numbered(&[one(), one()]).unwrap();
        let names: Vec<_> = numbered.fields().iter().map(|field| field.name.clone()).collect();
        assert_eq!(names, ["name_0", "name_1"]);
    }

    #[test]
    fn merged_clones_share_what_none_changed_and_keep_their_own_values() {
        let mut form = paper();
        form.paragraph(&"All that is printed on the form. ".repeat(60));
        let place = Rect {
            x: 72.0,
            y: 100.0,
            width: 200.0,
            height: 18.0,
        };
        form.text_field("name", place, FieldOptions::default());
        let mut form = form.finish().unwrap();
        form.prepare();
        let filled = |name: &str| {
            let mut copy = form.clone();
            copy.fill([("name", Value::Text(name))], FillOptions::default())
                .unwrap();
            copy
        };
        let names: Vec<String> = (0..20).map(|number| format!("Person {number}")).collect();
        let copies: Vec<Document> = names.iter().map(|name| filled(name)).collect();
        let merged = Document::merge_numbered(&copies).unwrap();
        let bytes = merged.save();
        let again = Document::open(&bytes, &Limits::default()).unwrap();
        let values: Vec<&str> = again.fields().iter().map(|field| field.value.as_str()).collect();
        assert_eq!(values, names);
        assert_eq!(again.page_count(), 20);
        let streams = |document: &Document| {
            document
                .reachable()
                .into_iter()
                .filter(|&id| matches!(document.object(id), Some(Object::Stream(_))))
                .count()
        };
        assert_eq!(
            streams(&again),
            1 + 20,
            "one printed page, and one look for each value"
        );
    }
}
