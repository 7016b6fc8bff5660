//! A page of the court's site as we may show it: its words and tables. Nothing that runs, loads, links or submits.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Elements that are kept, without attributes but for the spans of cells.
const KEPT: &[&str] = &[
    "b", "br", "caption", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "nobr", "ol", "p", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
];
/// Elements whose content goes too.
const DROPPED: &[&str] = &[
    "applet", "embed", "iframe", "math", "noscript", "object", "script", "select", "style", "svg",
    "template", "textarea", "title", "xmp",
];
const VOID: &[&str] = &["br", "hr"];
/// Elements open at once.
const MAX_DEPTH: usize = 256;

/// The safe part of a page's body, to stand in a page of ours. Every link becomes `#`.
pub(crate) fn sanitise(html: &str) -> String {
    let mut writer = Writer {
        out: String::with_capacity(html.len() / 2),
        open: Vec::new(),
        dropping: None,
        starting: None,
        attribute: None,
    };
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        writer.take(&event);
        None
    });
    emitter.naively_switch_states(true);
    // The callback yields nothing, so this is one step: the whole page.
    let _ = Tokenizer::new_with_emitter(html, emitter).next();
    while let Some(name) = writer.open.pop() {
        writer.out.push_str(&format!("</{name}>"));
    }
    writer.out
}

struct Writer {
    out: String,
    open: Vec<&'static str>,
    /// The dropped element we are in, and how many of its name are open.
    dropping: Option<(&'static str, usize)>,
    /// The kept element whose start tag is being read.
    starting: Option<(&'static str, String)>,
    attribute: Option<&'static str>,
}

fn listed(list: &[&'static str], name: &[u8]) -> Option<&'static str> {
    list.iter().copied().find(|one| one.as_bytes() == name)
}

impl Writer {
    fn take(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.start(name),
            CallbackEvent::AttributeName { name } => {
                self.attribute = listed(&["colspan", "rowspan"], name);
            }
            CallbackEvent::AttributeValue { value } => {
                if let (Some(attribute), Some((_, attributes))) = (self.attribute.take(), &mut self.starting)
                    && let Some(number) = std::str::from_utf8(value)
                        .ok()
                        .and_then(|text| text.parse::<u8>().ok())
                {
                    attributes.push_str(&format!(" {attribute}=\"{number}\""));
                }
            }
            CallbackEvent::CloseStartTag { .. } => {
                if let Some((name, attributes)) = self.starting.take() {
                    self.out.push_str(&format!("<{name}{attributes}>"));
                    if !VOID.contains(&name) {
                        self.open.push(name);
                    }
                }
            }
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } if self.dropping.is_none() => {
                for c in String::from_utf8_lossy(value).chars() {
                    match c {
                        '<' => self.out.push_str("&lt;"),
                        '>' => self.out.push_str("&gt;"),
                        '&' => self.out.push_str("&amp;"),
                        '"' => self.out.push_str("&quot;"),
                        c => self.out.push(c),
                    }
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, name: &[u8]) {
        self.attribute = None;
        if let Some((dropped, depth)) = &mut self.dropping {
            if dropped.as_bytes() == name {
                *depth += 1;
            }
            return;
        }
        if let Some(dropped) = listed(DROPPED, name) {
            self.dropping = Some((dropped, 1));
        } else if name == b"a" {
            self.starting = (self.open.len() < MAX_DEPTH).then(|| ("a", " href=\"#\"".to_owned()));
        } else if let Some(kept) = listed(KEPT, name)
            && (self.open.len() < MAX_DEPTH || VOID.contains(&kept))
        {
            self.starting = Some((kept, String::new()));
        }
    }

    fn end(&mut self, name: &[u8]) {
        self.starting = None;
        if let Some((dropped, depth)) = &mut self.dropping {
            if dropped.as_bytes() == name {
                *depth -= 1;
                if *depth == 0 {
                    self.dropping = None;
                }
            }
            return;
        }
        if let Some(place) = self.open.iter().rposition(|open| open.as_bytes() == name) {
            for closed in self.open.drain(place..).rev() {
                self.out.push_str(&format!("</{closed}>"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sanitise;

    #[test]
    fn words_and_tables_stay() {
        let html = r#"<html><head><title>T</title><style>x{}</style></head><body onload="evil()">
            <table class="x" width="100%"><tr><td colspan="2" style="background:url(//x)">A &amp; B <a href="CaseDetail.aspx?CaseID=1">link</a></td></tr></table>"#;
        let clean = sanitise(html);
        assert!(
            clean.trim().starts_with(
                r##"<table><tr><td colspan="2">A &amp; B <a href="#">link</a></td></tr></table>"##
            ),
            "{clean}"
        );
    }

    #[test]
    fn nothing_that_runs_loads_or_submits_is_left() {
        for hostile in [
            "<script>alert(1)</script>",
            "<ScRiPt src=//x></sCrIpT>",
            "<img src=x onerror=alert(1)>",
            "<svg><script>alert(1)</script></svg>",
            "<a href=javascript:alert(1) onclick=alert(1)>x</a>",
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<form action=//x><input name=p><button>Go</button></form>",
            "<style>@import '//x'</style>",
            "<meta http-equiv=refresh content='0;url=//x'><base href=//x><link rel=stylesheet href=//x>",
            "<td style='x:expression(alert(1))' background=//x>",
            "<div title='<script>'>&lt;script&gt;alert(1)&lt;/script&gt;</div>",
            "<textarea></textarea><script>alert(1)</script>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<!--><img src=x onerror=alert(1)>-->",
            "<table><tr><td><script",
        ] {
            let clean = sanitise(hostile).to_lowercase();
            for bad in [
                "<script",
                "<img",
                "<svg",
                "<iframe",
                "<form",
                "<input",
                "<style",
                "<meta",
                "<base",
                "<link",
                "javascript:",
                "onerror=",
                "onclick=",
                "style=",
                "//x",
                "<button",
            ] {
                assert!(!clean.contains(bad), "{hostile} became {clean}");
            }
        }
    }

    #[test]
    fn what_is_open_is_closed_and_depth_is_bounded() {
        let clean = sanitise(&"<div>".repeat(10_000));
        assert_eq!(clean.matches("<div>").count(), clean.matches("</div>").count());
        assert!(clean.matches("<div>").count() <= 256);
        assert_eq!(sanitise("</td></div>x"), "x");
    }
}
