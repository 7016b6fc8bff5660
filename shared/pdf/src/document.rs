//! A PDF in memory: opened under [`Limits`], read through safe look-ups, changed by copy on write.
//!
//! The objects as read are shared behind an `Arc`; a change is kept beside them. So a clone costs next to nothing, and a
//! warm function fills a fresh clone of the same parsed form for each request. After [`Document::prepare`] the shared part
//! also holds its own serialised bytes, and [`Document::save_fast`] only appends what changed (ISO 32000-1, 7.5.6).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lopdf::{Dictionary, Object, ObjectId, Stream, dictionary};

use crate::error::PdfError;
use crate::form::Form;
use crate::text::Font;

/// What a file may cost. The defaults suit official forms with a wide margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file, in bytes.
    pub file_bytes: usize,
    /// Number of objects.
    pub objects: usize,
    /// Nesting of arrays and dictionaries, of the page tree, and of fields within fields.
    pub depth: usize,
    /// Number of pages.
    pub pages: usize,
    /// Number of form fields with different names, and of boxes on the pages that belong to them.
    pub fields: usize,
    /// Size to which all object and cross-reference streams together may unpack, in bytes.
    pub unpacked_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 20 << 20,
            objects: 200_000,
            depth: 64,
            pages: 1_000,
            fields: 5_000,
            unpacked_bytes: 16 << 20,
        }
    }
}

/// Object numbers above this are refused, so that new ones can always be given out.
const MAX_OBJECT_NUMBER: u32 = 8_388_607;

/// References to references: how many steps are followed.
const MAX_HOPS: usize = 16;

pub(crate) type Objects = BTreeMap<ObjectId, Object>;

/// The part that clones share.
#[derive(Debug, Default)]
pub(crate) struct Base {
    pub(crate) objects: Objects,
    /// The objects as a complete file, and where its cross-reference stream begins.
    pub(crate) file: Option<(Vec<u8>, usize)>,
}

/// An open PDF. See the [crate documentation](crate) for what can be done with it.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) base: Arc<Base>,
    pub(crate) changed: Objects,
    pub(crate) next_number: u32,
    pub(crate) root: ObjectId,
    pub(crate) info: Option<ObjectId>,
    pub(crate) pages: Arc<Vec<ObjectId>>,
    pub(crate) form: Arc<Form>,
    /// Pages whose own content is already shielded by `q … Q`.
    pub(crate) shielded: BTreeSet<ObjectId>,
    fonts: BTreeMap<Font, ObjectId>,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// [`PdfError::TooMuch`] past a limit, [`PdfError::Encrypted`] where a password is needed, and
    /// [`PdfError::Damaged`] for what is no PDF or has no pages.
    pub fn open(bytes: &[u8], limits: &Limits) -> Result<Document, PdfError> {
        if bytes.len() > limits.file_bytes {
            return Err(PdfError::TooMuch {
                what: "bytes",
                limit: limits.file_bytes,
            });
        }
        if !bytes.windows(5).take(1024).any(|window| window == b"%PDF-") {
            return Err(PdfError::Damaged("it does not begin with %PDF-".into()));
        }
        let packed = packed_streams(bytes).max(1);
        let options = lopdf::LoadOptions {
            max_decompressed_size: Some((limits.unpacked_bytes / packed).max(64 << 10)),
            ..lopdf::LoadOptions::default()
        };
        // The parser is written not to panic; should it, one bad file must not end the process.
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            lopdf::Document::load_mem_with_options(bytes, options)
        }))
        .map_err(|_| PdfError::Damaged("the parser gave up".into()))?
        .map_err(|error| match error {
            lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => {
                PdfError::TooMuch {
                    what: "unpacked bytes",
                    limit: limits.unpacked_bytes,
                }
            }
            lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => PdfError::Encrypted,
            other => PdfError::Damaged(other.to_string()),
        })?;
        if parsed.is_encrypted() {
            return Err(PdfError::Encrypted);
        }
        let root = parsed
            .trailer
            .get(b"Root")
            .and_then(Object::as_reference)
            .map_err(|_| PdfError::Damaged("it has no document catalog".into()))?;
        let info = parsed.trailer.get(b"Info").and_then(Object::as_reference).ok();
        let unlocked = parsed.was_encrypted();
        Document::from_objects(parsed.objects, root, info, limits).map_err(|error| match error {
            // The empty password opened the file, but not its objects.
            PdfError::Damaged(_) if unlocked => PdfError::Encrypted,
            other => other,
        })
    }

    pub(crate) fn from_objects(
        objects: Objects,
        root: ObjectId,
        info: Option<ObjectId>,
        limits: &Limits,
    ) -> Result<Document, PdfError> {
        if objects.len() > limits.objects {
            return Err(PdfError::TooMuch {
                what: "objects",
                limit: limits.objects,
            });
        }
        if objects.values().any(|object| deeper_than(object, limits.depth)) {
            return Err(PdfError::TooMuch {
                what: "levels of nesting",
                limit: limits.depth,
            });
        }
        let highest = objects.keys().next_back().map_or(0, |id| id.0);
        if highest > MAX_OBJECT_NUMBER {
            return Err(PdfError::TooMuch {
                what: "object numbers",
                limit: MAX_OBJECT_NUMBER as usize,
            });
        }
        let mut document = Document {
            base: Arc::new(Base { objects, file: None }),
            changed: Objects::new(),
            next_number: highest + 1,
            root,
            info,
            pages: Arc::default(),
            form: Arc::default(),
            shielded: BTreeSet::new(),
            fonts: BTreeMap::new(),
        };
        document.pages = Arc::new(document.find_pages(limits)?);
        document.form = Arc::new(Form::read(&document, limits)?);
        Ok(document)
    }

    /// The number of pages, at least 1.
    #[must_use]
    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// The size of a page in points (1/72 inch): its media box, before any rotation by the viewer.
    ///
    /// # Errors
    /// [`PdfError::NoSuchPage`].
    pub fn page_size(&self, page: usize) -> Result<(f32, f32), PdfError> {
        let [left, bottom, right, top] = self.media_box(self.page_id(page)?);
        Ok((right - left, top - bottom))
    }

    pub(crate) fn media_box(&self, page: ObjectId) -> [f32; 4] {
        self.inherited(page, b"MediaBox")
            .and_then(|object| self.rectangle(object))
            .unwrap_or([0.0, 0.0, 612.0, 792.0])
    }

    pub(crate) fn page_id(&self, page: usize) -> Result<ObjectId, PdfError> {
        page.checked_sub(1)
            .and_then(|index| self.pages.get(index))
            .copied()
            .ok_or(PdfError::NoSuchPage {
                page,
                pages: self.pages.len(),
            })
    }

    // Look-ups. None of them fails on a broken file: what is not there, or of another type, is absent.

    pub(crate) fn object(&self, id: ObjectId) -> Option<&Object> {
        self.changed.get(&id).or_else(|| self.base.objects.get(&id))
    }

    pub(crate) fn resolve<'a>(&'a self, mut object: &'a Object) -> Option<&'a Object> {
        for _ in 0..MAX_HOPS {
            match object {
                Object::Reference(id) => object = self.object(*id)?,
                Object::Null => return None,
                found => return Some(found),
            }
        }
        None
    }

    pub(crate) fn dict(&self, id: ObjectId) -> Option<&Dictionary> {
        as_dict(self.resolve(self.object(id)?)?)
    }

    pub(crate) fn get<'a>(&'a self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
        self.resolve(dict.get(key).ok()?)
    }

    pub(crate) fn get_dict<'a>(&'a self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
        as_dict(self.get(dict, key)?)
    }

    pub(crate) fn get_array<'a>(&'a self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a [Object]> {
        self.get(dict, key)?.as_array().ok().map(Vec::as_slice)
    }

    pub(crate) fn rectangle(&self, object: &Object) -> Option<[f32; 4]> {
        let numbers = self.resolve(object)?.as_array().ok()?;
        let mut out = [0.0_f32; 4];
        for (slot, number) in out.iter_mut().zip(numbers) {
            *slot = self
                .resolve(number)?
                .as_float()
                .ok()
                .filter(|value| value.is_finite())?
                .clamp(-20_000.0, 20_000.0);
        }
        (numbers.len() >= 4).then(|| {
            [
                out[0].min(out[2]),
                out[1].min(out[3]),
                out[0].max(out[2]),
                out[1].max(out[3]),
            ]
        })
    }

    /// An attribute of a page that it may have from a node above it.
    pub(crate) fn inherited(&self, page: ObjectId, key: &[u8]) -> Option<&Object> {
        let mut node = self.dict(page)?;
        for _ in 0..64 {
            if let Some(found) = self.get(node, key) {
                return Some(found);
            }
            node = self.get_dict(node, b"Parent")?;
        }
        None
    }

    pub(crate) fn catalog(&self) -> Option<&Dictionary> {
        self.dict(self.root)
    }

    fn find_pages(&self, limits: &Limits) -> Result<Vec<ObjectId>, PdfError> {
        let tree = self
            .catalog()
            .and_then(|catalog| catalog.get(b"Pages").and_then(Object::as_reference).ok())
            .ok_or_else(|| PdfError::Damaged("it has no page tree".into()))?;
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut stack = vec![(tree, 0)];
        while let Some((id, depth)) = stack.pop() {
            if depth > limits.depth {
                return Err(PdfError::TooMuch {
                    what: "levels in the page tree",
                    limit: limits.depth,
                });
            }
            let Some(node) = self.dict(id).filter(|_| seen.insert(id)) else {
                continue;
            };
            match self.get_array(node, b"Kids") {
                Some(kids) if !node.has_type(b"Page") => {
                    stack.extend(
                        kids.iter()
                            .rev()
                            .filter_map(|kid| kid.as_reference().ok())
                            .map(|kid| (kid, depth + 1)),
                    );
                }
                _ if pages.len() == limits.pages => {
                    return Err(PdfError::TooMuch {
                        what: "pages",
                        limit: limits.pages,
                    });
                }
                _ => pages.push(id),
            }
        }
        if pages.is_empty() {
            return Err(PdfError::Damaged("it has no pages".into()));
        }
        Ok(pages)
    }

    // Changes.

    pub(crate) fn add(&mut self, object: impl Into<Object>) -> ObjectId {
        let id = (self.next_number, 0);
        self.next_number += 1;
        self.changed.insert(id, object.into());
        id
    }

    /// The dictionary of an object for changing it, copied from the shared part at the first touch.
    pub(crate) fn dict_mut(&mut self, id: ObjectId) -> Option<&mut Dictionary> {
        if !self.changed.contains_key(&id) {
            self.changed.insert(id, self.base.objects.get(&id)?.clone());
        }
        match self.changed.get_mut(&id)? {
            Object::Dictionary(dict) => Some(dict),
            Object::Stream(stream) => Some(&mut stream.dict),
            _ => None,
        }
    }

    /// The id of a standard font with WinAnsi encoding; one object per document.
    pub(crate) fn font(&mut self, font: Font) -> ObjectId {
        if let Some(&id) = self.fonts.get(&font) {
            return id;
        }
        let id = self.add(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type1",
            "BaseFont" => font.base_name(),
            "Encoding" => "WinAnsiEncoding",
        });
        self.fonts.insert(font, id);
        id
    }

    /// Draws on top of a page. `operators` may name fonts as `/W0`… and the given XObjects by their names.
    pub(crate) fn draw(
        &mut self,
        page: ObjectId,
        operators: &[u8],
        fonts: &[Font],
        xobjects: &[(String, ObjectId)],
    ) {
        let Some(dict) = self.dict(page) else { return };
        let mut resources = self
            .inherited(page, b"Resources")
            .and_then(as_dict)
            .cloned()
            .unwrap_or_default();
        let mut contents = match dict.get(b"Contents") {
            Ok(Object::Reference(id)) => match self.object(*id) {
                Some(Object::Array(parts)) => parts.clone(),
                Some(_) => vec![Object::Reference(*id)],
                None => Vec::new(),
            },
            Ok(Object::Array(parts)) => parts.clone(),
            _ => Vec::new(),
        };
        let font_ids: Vec<_> = fonts
            .iter()
            .map(|&font| (font.resource_name(), self.font(font)))
            .collect();
        let mut extend = |category: &str, entries: &mut dyn Iterator<Item = (&str, ObjectId)>| {
            let mut known = self
                .get_dict(&resources, category.as_bytes())
                .cloned()
                .unwrap_or_default();
            for (name, id) in entries {
                known.set(name, id);
            }
            resources.set(category, known);
        };
        if !font_ids.is_empty() {
            extend("Font", &mut font_ids.iter().copied());
        }
        if !xobjects.is_empty() {
            extend(
                "XObject",
                &mut xobjects.iter().map(|(name, id)| (name.as_str(), *id)),
            );
        }
        let mut ours = Vec::with_capacity(operators.len() + 8);
        if self.shielded.insert(page) {
            let shield = self.add(Stream::new(Dictionary::new(), b"q\n".to_vec()));
            contents.insert(0, shield.into());
            ours.extend_from_slice(b"\nQ\n");
        }
        ours.extend_from_slice(operators);
        contents.push(self.add(Stream::new(Dictionary::new(), ours)).into());
        if let Some(dict) = self.dict_mut(page) {
            dict.set("Contents", contents);
            dict.set("Resources", resources);
        }
    }
}

pub(crate) fn as_dict(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Dictionary(dict) => Some(dict),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

fn deeper_than(object: &Object, levels: usize) -> bool {
    let Some(levels) = levels.checked_sub(1) else {
        return true;
    };
    match object {
        Object::Array(items) => items.iter().any(|item| deeper_than(item, levels)),
        Object::Dictionary(dict) => dict.iter().any(|(_, item)| deeper_than(item, levels)),
        Object::Stream(stream) => stream.dict.iter().any(|(_, item)| deeper_than(item, levels)),
        _ => false,
    }
}

/// How many streams the parser may unpack while loading: those whose dictionary names an object or cross-reference
/// stream, or may do so in disguise (`/#4fbjStm`). Each gets its share of the limit.
fn packed_streams(bytes: &[u8]) -> usize {
    const LONGEST_DICTIONARY: usize = 2048;
    const MOST_LOOKED_AT: usize = 20_000;
    let mut looked_at = 0;
    let mut count = 0;
    let mut from = 0;
    while let Some(found) = find(&bytes[from..], b"stream") {
        let at = from + found;
        from = at + b"stream".len();
        if bytes[..at].ends_with(b"end") {
            continue;
        }
        looked_at += 1;
        if looked_at > MOST_LOOKED_AT {
            count += 1;
            continue;
        }
        let window = &bytes[at.saturating_sub(LONGEST_DICTIONARY)..at];
        let dictionary = match window.windows(4).rposition(|four| four == b" obj") {
            Some(start) => &window[start..],
            None => {
                count += usize::from(at > LONGEST_DICTIONARY);
                continue;
            }
        };
        if [b"ObjStm".as_slice(), b"XRef", b"#"]
            .iter()
            .any(|name| find(dictionary, name).is_some())
        {
            count += 1;
        }
    }
    count
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let (&first, _) = needle.split_first()?;
    let mut from = 0;
    while let Some(step) = haystack.get(from..)?.iter().position(|&byte| byte == first) {
        if haystack[from + step..].starts_with(needle) {
            return Some(from + step);
        }
        from += step + 1;
    }
    None
}

/// A text string of the file (PDFDocEncoding, UTF-16 or UTF-8, ISO 32000-1, 7.9.2.2). Names are read as UTF-8.
pub(crate) fn text_of(object: &Object) -> Option<String> {
    match object {
        Object::String(bytes, _) => Some(
            lopdf::decode_text_string(object)
                .unwrap_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect()),
        ),
        Object::Name(name) => Some(name_text(name)),
        _ => None,
    }
}

pub(crate) fn name_text(name: &[u8]) -> String {
    std::str::from_utf8(name).map_or_else(
        |_| name.iter().map(|&byte| char::from(byte)).collect(),
        str::to_owned,
    )
}
