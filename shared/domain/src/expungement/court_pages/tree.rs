//! A page as a flat tree: nodes in document order, each knowing where its subtree ends.
//!
//! The tokenizer is HTML-conformant; of the tree rules only those are kept that these pages need: table cells and rows close
//! each other, and no end tag reaches out of its table.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::{MAX_PAGE_BYTES, PageError};

/// Elements inside more than this many others are kept, but hold nothing.
const MAX_DEPTH: usize = 256;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tag {
    A,
    B,
    Br,
    Caption,
    Div,
    Input,
    Option,
    Script,
    Table,
    Td,
    Th,
    Tr,
    Text,
    Other,
}

impl Tag {
    fn named(name: &[u8]) -> Self {
        match name {
            b"a" => Self::A,
            b"b" => Self::B,
            b"br" => Self::Br,
            b"caption" => Self::Caption,
            b"div" => Self::Div,
            b"input" => Self::Input,
            b"option" => Self::Option,
            b"script" | b"style" | b"title" => Self::Script,
            b"table" => Self::Table,
            b"td" => Self::Td,
            b"th" => Self::Th,
            b"tr" => Self::Tr,
            _ => Self::Other,
        }
    }

    fn is_cell(self) -> bool {
        matches!(self, Self::Td | Self::Th)
    }
}

/// Elements without content.
fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"br" | b"col" | b"hr" | b"img" | b"input" | b"link" | b"meta" | b"base" | b"wbr"
    )
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Attribute {
    Class,
    Href,
    Name,
    Value,
}

#[derive(Clone, Debug)]
struct Node {
    tag: Tag,
    /// Distinguishes elements whose [`Tag`] is `Other`: a hash of the name, so that end tags find their start.
    name_hash: u32,
    parent: u32,
    /// One past the last node inside.
    end: u32,
    /// Of a text node: where in `Page::text` it stands.
    text: (u32, u32),
}

/// A parsed page. Nodes are named by their index.
#[derive(Default)]
pub(super) struct Page {
    nodes: Vec<Node>,
    text: String,
    attributes: Vec<(u32, Attribute, String)>,
}

pub(super) type NodeId = usize;

impl Page {
    pub(super) fn parse(html: &str) -> Result<Self, PageError> {
        if html.len() > MAX_PAGE_BYTES {
            return Err(PageError::TooLarge);
        }
        let mut builder = Builder {
            page: Self {
                nodes: Vec::with_capacity(html.len() / 32),
                text: String::with_capacity(html.len() / 4),
                attributes: Vec::new(),
            },
            open: Vec::with_capacity(32),
            starting: None,
            attribute: None,
        };
        let mut emitter =
            CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
                builder.take(&event);
                None
            });
        emitter.naively_switch_states(true);
        // The callback yields nothing, so this is one step: the whole page.
        let _ = Tokenizer::new_with_emitter(html, emitter).next();
        builder.close_to(0);
        Ok(builder.page)
    }

    pub(super) fn ids(&self) -> std::ops::Range<NodeId> {
        0..self.nodes.len()
    }

    pub(super) fn tag(&self, id: NodeId) -> Tag {
        self.nodes.get(id).map_or(Tag::Other, |node| node.tag)
    }

    /// Everything inside an element, in document order.
    pub(super) fn inside(&self, id: NodeId) -> std::ops::Range<NodeId> {
        id + 1..self.end(id)
    }

    pub(super) fn end(&self, id: NodeId) -> NodeId {
        self.nodes.get(id).map_or(id + 1, |node| node.end as usize)
    }

    pub(super) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.nodes
            .get(id)
            .map(|node| node.parent as usize)
            .filter(|&parent| parent < id)
    }

    pub(super) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(id), |&id| self.parent(id))
    }

    pub(super) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let range = self.inside(id);
        std::iter::successors(Some(range.start), |&child| Some(self.end(child)))
            .take_while(move |&child| child < range.end)
    }

    pub(super) fn children_tagged(&self, id: NodeId, tag: Tag) -> impl Iterator<Item = NodeId> {
        self.children(id).filter(move |&child| self.tag(child) == tag)
    }

    /// The text of a text node; empty for an element.
    pub(super) fn own_text(&self, id: NodeId) -> &str {
        self.nodes
            .get(id)
            .and_then(|node| self.text.get(node.text.0 as usize..node.text.1 as usize))
            .unwrap_or_default()
    }

    /// The text nodes inside an element, scripts left out.
    pub(super) fn texts(&self, id: NodeId) -> impl Iterator<Item = &str> {
        self.inside(id)
            .filter(|&child| self.tag(child) == Tag::Text)
            .map(|child| self.own_text(child))
    }

    /// All text inside, as one; blanks and no-break spaces at both ends are cut.
    pub(super) fn trimmed_text(&self, id: NodeId) -> String {
        let whole: String = self.texts(id).collect();
        whole.trim().to_owned()
    }

    /// All text inside in lower case and without any blanks.
    pub(super) fn squeezed_text(&self, id: NodeId) -> String {
        self.texts(id)
            .flat_map(str::chars)
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect()
    }

    /// All text of the page.
    pub(super) fn whole_text(&self) -> &str {
        &self.text
    }

    fn attribute(&self, id: NodeId, attribute: Attribute) -> Option<&str> {
        let start = self
            .attributes
            .partition_point(|(node, _, _)| (*node as usize) < id);
        self.attributes[start..]
            .iter()
            .take_while(|(node, _, _)| *node as usize == id)
            .find(|(_, found, _)| *found == attribute)
            .map(|(_, _, value)| value.as_str())
    }

    pub(super) fn class(&self, id: NodeId) -> Option<&str> {
        self.attribute(id, Attribute::Class)
    }

    pub(super) fn href(&self, id: NodeId) -> Option<&str> {
        self.attribute(id, Attribute::Href)
    }

    pub(super) fn name(&self, id: NodeId) -> Option<&str> {
        self.attribute(id, Attribute::Name)
    }

    pub(super) fn value(&self, id: NodeId) -> Option<&str> {
        self.attribute(id, Attribute::Value)
    }
}

struct Builder {
    page: Page,
    open: Vec<u32>,
    /// The element whose start tag is being read, and whether it takes content.
    starting: Option<(u32, bool)>,
    attribute: Option<Attribute>,
}

impl Builder {
    fn take(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.start(name),
            CallbackEvent::AttributeName { name } => {
                self.attribute = match *name {
                    b"class" => Some(Attribute::Class),
                    b"href" => Some(Attribute::Href),
                    b"name" => Some(Attribute::Name),
                    b"value" => Some(Attribute::Value),
                    _ => None,
                };
            }
            CallbackEvent::AttributeValue { value } => {
                if let (Some(attribute), Some((node, _))) = (self.attribute.take(), self.starting) {
                    let value = String::from_utf8_lossy(value).into_owned();
                    self.page.attributes.push((node, attribute, value));
                }
            }
            CallbackEvent::CloseStartTag { .. } => {
                if let Some((node, true)) = self.starting.take()
                    && self.open.len() < MAX_DEPTH
                {
                    self.open.push(node);
                }
            }
            CallbackEvent::EndTag { name } => {
                self.starting = None;
                self.end(name);
            }
            CallbackEvent::String { value } => self.string(value),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn push(&mut self, tag: Tag, name_hash: u32, text: (u32, u32)) -> u32 {
        let id = index(self.page.nodes.len());
        let parent = self.open.last().copied().unwrap_or(u32::MAX);
        self.page.nodes.push(Node {
            tag,
            name_hash,
            parent,
            end: id + 1,
            text,
        });
        id
    }

    fn start(&mut self, name: &[u8]) {
        let tag = Tag::named(name);
        if tag.is_cell() {
            self.close_in_table(Tag::is_cell);
        } else if tag == Tag::Tr {
            self.close_in_table(|tag| tag == Tag::Tr);
        }
        let id = self.push(tag, hash(name), (0, 0));
        self.starting = Some((id, !is_void(name)));
        self.attribute = None;
    }

    fn end(&mut self, name: &[u8]) {
        let (tag, hash) = (Tag::named(name), hash(name));
        for place in (0..self.open.len()).rev() {
            let node = &self.page.nodes[self.open[place] as usize];
            if node.tag == tag && node.name_hash == hash {
                self.close_to(place);
                return;
            }
            if node.tag == Tag::Table {
                return;
            }
        }
    }

    /// Closes the outermost open element of the innermost table for which `is` holds.
    fn close_in_table(&mut self, is: impl Fn(Tag) -> bool) {
        let table = self
            .open
            .iter()
            .rposition(|&node| self.page.nodes[node as usize].tag == Tag::Table);
        let start = table.map_or(0, |table| table + 1);
        let place = self.open[start..]
            .iter()
            .position(|&node| is(self.page.nodes[node as usize].tag));
        if let Some(place) = place {
            self.close_to(start + place);
        }
    }

    fn close_to(&mut self, depth: usize) {
        let end = index(self.page.nodes.len());
        for node in self.open.drain(depth..) {
            self.page.nodes[node as usize].end = end;
        }
    }

    fn string(&mut self, value: &[u8]) {
        let in_script = self
            .open
            .last()
            .is_some_and(|&node| self.page.nodes[node as usize].tag == Tag::Script);
        if in_script {
            return;
        }
        let start = index(self.page.text.len());
        self.page.text.push_str(&String::from_utf8_lossy(value));
        let end = index(self.page.text.len());
        self.push(Tag::Text, 0, (start, end));
    }
}

/// Pages are at most [`MAX_PAGE_BYTES`] long and a character reference grows no text beyond twice that.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// FNV-1a.
fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}
