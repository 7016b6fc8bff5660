//! What a filled field looks like: the `/AP /N` streams (ISO 32000-1, 12.5.5 and 12.7.3.3) that viewers and printers show.
//!
//! Text is set in the standard font nearest to the one the field asks for, so that every letter of WinAnsi prints whatever
//! subset the form embeds. A value that would not fit at the asked size is set smaller, down to [`SMALLEST`]: on paper a
//! small address is better than half of one.

use std::io::Write;

use lopdf::content::Content;
use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat, dictionary};

use crate::document::Document;
use crate::form::Field;
use crate::save::write_string;
use crate::text::{Font, wrap};

/// The smallest size, in points, to which text is shrunk to fit.
pub(crate) const SMALLEST: f32 = 4.0;
/// The size where a form leaves it open and the box has room.
const LARGEST_AUTO: f32 = 12.0;
/// Room between the edge of a box and its text.
const PADDING: f32 = 2.0;
const LINE_HEIGHT: f32 = 1.15;
/// From the foot of a "g" to the accent of an "Á", as a part of the font size.
const FULL_HEIGHT: f32 = 1.1;

/// A `/DA` string taken apart: font, size (0 = choose) and colour operators.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) font: Font,
    pub(crate) size: f32,
    pub(crate) color: String,
}

impl Style {
    pub(crate) fn parse(appearance: Option<&str>) -> Style {
        let mut style = Style {
            font: Font::Helvetica,
            size: 0.0,
            color: "0 g".into(),
        };
        let mut operands: Vec<&str> = Vec::new();
        for token in appearance.unwrap_or_default().split_ascii_whitespace().take(64) {
            match token {
                "Tf" => {
                    if let [.., font, size] = operands[..] {
                        style.font = Font::nearest(font.trim_start_matches('/'));
                        style.size = size
                            .parse()
                            .ok()
                            .filter(|size: &f32| (0.0..=200.0).contains(size))
                            .unwrap_or(0.0);
                    }
                    operands.clear();
                }
                "g" | "rg" | "k" => {
                    let wanted = match token {
                        "g" => 1,
                        "rg" => 3,
                        _ => 4,
                    };
                    let numbers = operands
                        .get(operands.len().saturating_sub(wanted)..)
                        .unwrap_or_default();
                    if numbers.len() == wanted
                        && numbers
                            .iter()
                            .all(|number| number.parse::<f32>().is_ok_and(f32::is_finite))
                    {
                        style.color = format!("{} {token}", numbers.join(" "));
                    }
                    operands.clear();
                }
                operand => operands.push(operand),
            }
        }
        style
    }
}

/// The frame of a widget: its size as read (after `/MK /R`), and what is drawn behind the value.
struct Frame {
    width: f32,
    height: f32,
    matrix: Option<[f32; 6]>,
    backdrop: Vec<u8>,
}

fn frame(document: &Document, widget: ObjectId, rect: [f32; 4]) -> Frame {
    let (width, height) = ((rect[2] - rect[0]).max(1.0), (rect[3] - rect[1]).max(1.0));
    let empty = Dictionary::new();
    let dict = document.dict(widget).unwrap_or(&empty);
    let looks = document.get_dict(dict, b"MK").unwrap_or(&empty);
    let turn = document
        .get(looks, b"R")
        .and_then(|turn| turn.as_i64().ok())
        .unwrap_or(0)
        .rem_euclid(360);
    let (matrix, width, height) = match turn {
        90 => (Some([0.0, 1.0, -1.0, 0.0, width, 0.0]), height, width),
        180 => (Some([-1.0, 0.0, 0.0, -1.0, width, height]), width, height),
        270 => (Some([0.0, -1.0, 1.0, 0.0, 0.0, height]), height, width),
        _ => (None, width, height),
    };
    let mut backdrop = Vec::new();
    let color = |key: &[u8]| -> Option<Vec<f32>> {
        document
            .get_array(looks, key)?
            .iter()
            .map(|part| document.resolve(part)?.as_float().ok())
            .collect()
    };
    if let Some(paint) = color(b"BG").and_then(|color| color_operator(&color, false)) {
        let _ = writeln!(backdrop, "{paint} 0 0 {width} {height} re f");
    }
    let line = document
        .get_dict(dict, b"BS")
        .and_then(|style| document.get(style, b"W"))
        .and_then(|width| width.as_float().ok())
        .unwrap_or(1.0)
        .clamp(0.0, 10.0);
    if line > 0.0
        && let Some(paint) = color(b"BC").and_then(|color| color_operator(&color, true))
    {
        let half = line / 2.0;
        let _ = writeln!(
            backdrop,
            "{paint} {line} w {half} {half} {} {} re S",
            width - line,
            height - line
        );
    }
    Frame {
        width,
        height,
        matrix,
        backdrop,
    }
}

fn color_operator(parts: &[f32], stroke: bool) -> Option<String> {
    let numbers: Vec<String> = parts
        .iter()
        .map(|part| part.clamp(0.0, 1.0).to_string())
        .collect();
    let operator = match (parts.len(), stroke) {
        (1, false) => "g",
        (1, true) => "G",
        (3, false) => "rg",
        (3, true) => "RG",
        (4, false) => "k",
        (4, true) => "K",
        _ => return None,
    };
    Some(format!("{} {operator}", numbers.join(" ")))
}

/// Writes `text` as a string operand.
pub(crate) fn show(out: &mut Vec<u8>, text: &[u8]) {
    write_string(out, text, &StringFormat::Literal);
    out.extend_from_slice(b" Tj\n");
}

/// Draws the value of a text or choice field into one of its boxes.
pub(crate) fn draw_text(
    document: &mut Document,
    field: &Field,
    style: &Style,
    widget: ObjectId,
    rect: [f32; 4],
    text: &[u8],
) {
    let frame = frame(document, widget, rect);
    let mut out = frame.backdrop.clone();
    if !text.is_empty() {
        let _ = writeln!(
            out,
            "/Tx BMC\nq\n0.5 0 {} {} re W n\nBT\n{}",
            (frame.width - 1.0).max(0.0),
            frame.height,
            style.color
        );
        if let Some(cells) = field.max_length.filter(|_| field.comb) {
            comb(&mut out, style, &frame, text, cells);
        } else if field.multiline {
            lines(&mut out, style, &frame, text, field.quadding);
        } else {
            line(&mut out, style, &frame, text, field.quadding);
        }
        out.extend_from_slice(b"ET\nQ\nEMC\n");
    } else {
        out.extend_from_slice(b"/Tx BMC EMC\n");
    }
    let font = document.font(style.font);
    let resources = dictionary! { "Font" => dictionary! { style.font.resource_name() => font } };
    let stream = form_stream(&frame, resources, out);
    let look = document.add(stream);
    if let Some(dict) = document.dict_mut(widget) {
        dict.set("AP", dictionary! { "N" => look });
        dict.remove(b"AS");
    }
}

fn form_stream(frame: &Frame, resources: Dictionary, content: Vec<u8>) -> Stream {
    let mut dict = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Form",
        "BBox" => numbers(&[0.0, 0.0, frame.width, frame.height]),
        "Resources" => resources,
    };
    if let Some(matrix) = frame.matrix {
        dict.set("Matrix", numbers(&matrix));
    }
    Stream::new(dict, content)
}

pub(crate) fn numbers(values: &[f32]) -> Object {
    Object::Array(values.iter().map(|&value| Object::Real(value)).collect())
}

fn baseline(font: Font, size: f32, height: f32) -> f32 {
    ((height - font.cap_height() * size) / 2.0).max(font.descent() * size + 0.5)
}

fn aligned(quadding: i64, room: f32, used: f32) -> f32 {
    match quadding {
        1 => PADDING + ((room - used) / 2.0).max(0.0),
        2 => PADDING + (room - used).max(0.0),
        _ => PADDING,
    }
}

fn line(out: &mut Vec<u8>, style: &Style, frame: &Frame, text: &[u8], quadding: i64) {
    let text: Vec<u8> = text
        .iter()
        .map(|&code| if code == b'\n' { b' ' } else { code })
        .collect();
    let room = (frame.width - 2.0 * PADDING).max(1.0);
    let tallest = (frame.height - 1.0) / FULL_HEIGHT;
    let wanted = if style.size > 0.0 {
        style.size
    } else {
        LARGEST_AUTO.min(tallest)
    };
    let size = fit(style.font, &text, wanted.min(tallest.max(SMALLEST)), room);
    let x = aligned(quadding, room, style.font.width(&text, size));
    let _ = writeln!(
        out,
        "/{} {size} Tf\n{x} {} Td",
        style.font.resource_name(),
        baseline(style.font, size, frame.height)
    );
    show(out, &text);
}

/// The largest size up to `wanted` at which `text` is no wider than `room`, but not under [`SMALLEST`].
pub(crate) fn fit(font: Font, text: &[u8], wanted: f32, room: f32) -> f32 {
    let used = font.width(text, wanted);
    if used <= room {
        return wanted;
    }
    // Downward to a tenth of a point: readable numbers in the file, and never a rounding over the edge.
    let size = (wanted * room / used * 10.0).floor() / 10.0;
    size.max(SMALLEST.min(wanted))
}

fn lines(out: &mut Vec<u8>, style: &Style, frame: &Frame, text: &[u8], quadding: i64) {
    let room = (frame.width - 2.0 * PADDING).max(1.0);
    let height = (frame.height - 2.0 * PADDING).max(1.0);
    let mut size = if style.size > 0.0 {
        style.size
    } else {
        LARGEST_AUTO
    };
    let mut broken = wrap(text, style.font, size, room);
    while broken.len() as f32 * size * LINE_HEIGHT > height && size > SMALLEST {
        size = (size - 0.5).max(SMALLEST);
        broken = wrap(text, style.font, size, room);
    }
    let leading = size * LINE_HEIGHT;
    let top = frame.height - PADDING - size * 0.9;
    let _ = writeln!(out, "/{} {size} Tf", style.font.resource_name());
    let (mut at_x, mut at_y) = (0.0, 0.0);
    for (index, line) in broken.iter().enumerate() {
        let (x, y) = (
            aligned(quadding, room, style.font.width(line, size)),
            top - index as f32 * leading,
        );
        let _ = writeln!(out, "{} {} Td", x - at_x, y - at_y);
        show(out, line);
        (at_x, at_y) = (x, y);
    }
}

fn comb(out: &mut Vec<u8>, style: &Style, frame: &Frame, text: &[u8], cells: usize) {
    let cell = frame.width / cells as f32;
    let tallest = (frame.height - 1.0) / FULL_HEIGHT;
    let wanted = if style.size > 0.0 {
        style.size
    } else {
        LARGEST_AUTO
    };
    let size = wanted.min(tallest).min(cell * 1.3).max(SMALLEST);
    let y = baseline(style.font, size, frame.height);
    let _ = writeln!(out, "/{} {size} Tf", style.font.resource_name());
    let (mut at_x, mut at_y) = (0.0, 0.0);
    for (index, &code) in text.iter().take(cells).enumerate() {
        let x = index as f32 * cell + (cell - style.font.width(&[code], size)) / 2.0;
        let _ = writeln!(out, "{} {} Td", x - at_x, y - at_y);
        show(out, &[code]);
        (at_x, at_y) = (x, y);
    }
}

/// Gives a check box or radio button without any drawn state the two it needs: empty, and crossed under `state`.
pub(crate) fn draw_states(document: &mut Document, widget: ObjectId, rect: [f32; 4], state: &[u8]) {
    let frame = frame(document, widget, rect);
    let mut on = frame.backdrop.clone();
    on.extend_from_slice(&cross(0.0, 0.0, frame.width, frame.height));
    let off = form_stream(&frame, Dictionary::new(), frame.backdrop.clone());
    let on = form_stream(&frame, Dictionary::new(), on);
    let (off, on) = (document.add(off), document.add(on));
    let mut states = Dictionary::new();
    states.set("Off", off);
    states.set(state.to_vec(), on);
    if let Some(dict) = document.dict_mut(widget) {
        dict.set("AP", dictionary! { "N" => states });
    }
}

/// Bytes of a drawn state, packed or not: a frame and a mark have a few hundred.
const MAX_STATE: usize = 64 << 10;

/// Draws the mark of a ticked box as strokes where the form draws it as a letter of an embedded font: not every viewer and
/// printer shows those, and a box that looks empty is a box that was not ticked. What else the form draws, such as a frame, stays.
pub(crate) fn draw_mark(document: &mut Document, widget: ObjectId, state: &[u8]) {
    let Some((states, look)) = marked_by_letter(document, widget, state) else {
        return;
    };
    let look = document.add(look);
    let mut states = states;
    states.set(state.to_vec(), look);
    if let Some(dict) = document.dict_mut(widget) {
        dict.set("AP", dictionary! { "N" => states });
    }
}

/// The box's states, and the one asked for with strokes instead of letters; `None` where it has no letters.
fn marked_by_letter(document: &Document, widget: ObjectId, state: &[u8]) -> Option<(Dictionary, Stream)> {
    let looks = document.get_dict(document.dict(widget)?, b"AP")?;
    let states = document.get_dict(looks, b"N")?;
    let stream = document.get(states, state)?.as_stream().ok()?;
    let bytes = if stream.dict.has(b"Filter") {
        stream.decompressed_content_with_limit(MAX_STATE).ok()?
    } else {
        stream.content.clone()
    };
    if bytes.len() > MAX_STATE {
        return None;
    }
    let mut content = Content::decode(&bytes).ok()?;
    let before = content.operations.len();
    let mut in_text = false;
    content.operations.retain(|operation| {
        let keep = !in_text && operation.operator != "BT";
        in_text = (in_text || operation.operator == "BT") && operation.operator != "ET";
        keep
    });
    if content.operations.len() == before {
        return None;
    }
    let mut drawn = content.encode().ok()?;
    let [left, bottom, right, top] = stream
        .dict
        .get(b"BBox")
        .ok()
        .and_then(|place| document.rectangle(place))?;
    drawn.push(b'\n');
    drawn.extend_from_slice(&cross(left, bottom, right - left, top - bottom));
    let mut dict = stream.dict.clone();
    for key in [b"Filter".as_slice(), b"DecodeParms", b"Length"] {
        dict.remove(key);
    }
    Some((states.clone(), Stream::new(dict, drawn)))
}

/// An X inside a box, drawn with two strokes.
pub(crate) fn cross(x: f32, y: f32, width: f32, height: f32) -> Vec<u8> {
    let inset = width.min(height) * 0.2;
    let (left, bottom, right, top) = (x + inset, y + inset, x + width - inset, y + height - inset);
    let pen = (width.min(height) * 0.1).clamp(0.6, 2.0);
    format!("q 0 G {pen} w 1 J {left} {bottom} m {right} {top} l {left} {top} m {right} {bottom} l S Q\n")
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_appearances_are_taken_apart() {
        let style = Style::parse(Some("/Helv  0 Tf 0 g"));
        assert_eq!(
            (style.font, style.size, style.color.as_str()),
            (Font::Helvetica, 0.0, "0 g")
        );
        let style = Style::parse(Some("0 0 0.5 rg /TiBo 9.5 Tf"));
        assert_eq!(
            (style.font, style.size, style.color.as_str()),
            (Font::TimesBold, 9.5, "0 0 0.5 rg")
        );
        let style = Style::parse(Some("rg Tf ) Tj /X NaN Tf inf g"));
        assert_eq!(
            (style.font, style.size, style.color.as_str()),
            (Font::Helvetica, 0.0, "0 g")
        );
    }

    #[test]
    fn long_text_shrinks_until_it_fits_or_is_smallest() {
        let text = b"1600 Pennsylvania Avenue Northwest";
        let size = fit(Font::Helvetica, text, 12.0, 100.0);
        assert!((SMALLEST..12.0).contains(&size));
        assert!(Font::Helvetica.width(text, size) <= 100.0);
        assert_eq!(fit(Font::Helvetica, text, 12.0, 5.0), SMALLEST);
        assert_eq!(fit(Font::Helvetica, b"x", 12.0, 100.0), 12.0);
    }

    #[test]
    fn a_mark_that_is_a_letter_is_drawn_with_strokes_and_the_frame_stays() {
        use crate::{FillOptions, Metadata, Rect, Value, Writer};
        let mut paper = Writer::new(Metadata {
            title: "t",
            language: "en",
        });
        let place = Rect {
            x: 72.0,
            y: 72.0,
            width: 10.0,
            height: 11.0,
        };
        paper.checkbox("box", place, "box");
        let mut document = paper.finish().unwrap();
        let widget = document.fields()[0].widgets[0].id;
        let drawn = b"q 0 0 10 11 re S BT /TT12 1 Tf (!) Tj ET Q".to_vec();
        let lettered = document.add(Stream::new(
            dictionary! { "BBox" => numbers(&[0.0, 0.0, 10.0, 11.0]) },
            drawn,
        ));
        let empty = document.add(Stream::new(Dictionary::new(), Vec::new()));
        let looks = dictionary! { "N" => dictionary! { "On" => lettered, "Off" => empty } };
        if let Some(dict) = document.dict_mut(widget) {
            dict.set("AP", looks);
        }
        let states = document.clone();
        document
            .fill([("box", Value::Check(true))], FillOptions::default())
            .unwrap();
        let look = |document: &Document, state: &[u8]| {
            let looks = document.get_dict(document.dict(widget).unwrap(), b"AP").unwrap();
            let states = document.get_dict(looks, b"N").unwrap();
            let stream = document.get(states, state).unwrap().as_stream().unwrap();
            String::from_utf8(stream.content.clone()).unwrap()
        };
        let on = look(&document, b"On");
        assert!(
            on.contains("re") && on.contains(" l S Q") && !on.contains("BT") && !on.contains("Tj"),
            "{on}"
        );
        assert_eq!(look(&document, b"Off"), "");
        assert!(look(&states, b"On").contains("Tj"), "a clone keeps its own");
    }
}
