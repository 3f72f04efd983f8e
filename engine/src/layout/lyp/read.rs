//! Reading layer properties.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::{
    CustomPattern, LARGEST_FILE, LayerProperties, MOST_ITEMS, MOST_NESTING, Node, Rgb, Source, View,
};
use crate::layout::LayoutError;

/// Most elements within one another, of any name: the deepest group and what holds it.
const DEEPEST: usize = MOST_NESTING + 8;

/// Reads layer properties from the bytes of a file; `path` names it in messages.
///
/// # Errors
/// [`LayoutError::Lyp`] names the byte offset and what was expected: text that is not UTF-8 or not
/// XML, a root other than KLayout's, a value that cannot be read, more than [`MOST_NESTING`] groups
/// within one another or more than [`MOST_ITEMS`] items. [`LayoutError::TooLarge`].
pub fn read(path: &Path, bytes: &[u8]) -> Result<LayerProperties, LayoutError> {
    let mut cursor = Cursor::new(path, bytes)?;
    let Some(root) = cursor.element()? else {
        return Err(cursor.fault("no element; expected <layer-properties>".into()));
    };
    let views = match root.as_str() {
        "layer-properties" => vec![view(&mut cursor)?],
        "layer-properties-tabs" => tabs(&mut cursor)?,
        other => {
            return Err(cursor.fault(format!(
                "the root is <{other}>; expected <layer-properties> or <layer-properties-tabs>"
            )));
        }
    };
    cursor.finish()?;
    Ok(LayerProperties { views })
}

fn tabs(c: &mut Cursor) -> Result<Vec<View>, LayoutError> {
    let mut views = Vec::new();
    while let Some(tag) = c.child()? {
        match tag.as_str() {
            "layer-properties" => views.push(view(c)?),
            _ => c.skip()?,
        }
    }
    if views.is_empty() {
        views.push(View::default());
    }
    Ok(views)
}

fn view(c: &mut Cursor) -> Result<View, LayoutError> {
    c.count()?;
    let mut view = View::default();
    while let Some(tag) = c.child()? {
        match tag.as_str() {
            "properties" => view.nodes.push(node(c, 1)?),
            "name" => view.name = c.text()?,
            "custom-dither-pattern" => view.stipples.push(pattern(c)?),
            // Some process kits hold line styles under the second name, which KLayout passes over.
            "custom-line-style" | "custom-line-pattern" => view.line_styles.push(pattern(c)?),
            _ => c.skip()?,
        }
    }
    Ok(view)
}

fn node(c: &mut Cursor, level: usize) -> Result<Node, LayoutError> {
    c.count()?;
    if level > MOST_NESTING {
        return Err(c.fault(format!("more than {MOST_NESTING} groups within one another")));
    }
    let mut node = Node::default();
    while let Some(tag) = c.child()? {
        match tag.as_str() {
            "expanded" => node.expanded = c.flag(&tag)?,
            "frame-color" => node.frame_color = c.color(&tag)?,
            "fill-color" => node.fill_color = c.color(&tag)?,
            "frame-brightness" => node.frame_brightness = c.number(&tag)?.unwrap_or(0),
            "fill-brightness" => node.fill_brightness = c.number(&tag)?.unwrap_or(0),
            "dither-pattern" => node.dither_pattern = c.word()?,
            "line-style" => node.line_style = c.word()?,
            "valid" => node.valid = c.flag(&tag)?,
            "visible" => node.visible = c.flag(&tag)?,
            "transparent" => node.transparent = c.flag(&tag)?,
            // KLayout holds an automatic width as −1.
            "width" => node.width = c.number(&tag)?.and_then(|w| u32::try_from(w).ok()),
            "marked" => node.marked = c.flag(&tag)?,
            "xfill" => node.xfill = c.flag(&tag)?,
            "animation" => node.animation = c.number(&tag)?.unwrap_or(0),
            "name" => node.name = c.text()?,
            "source" => node.source = Source::parse(&c.text()?),
            "group-members" => node.members.push(self::node(c, level + 1)?),
            _ => c.skip()?,
        }
    }
    // A file of chains of groups would otherwise take four times the memory.
    node.members.shrink_to_fit();
    Ok(node)
}

fn pattern(c: &mut Cursor) -> Result<CustomPattern, LayoutError> {
    c.count()?;
    let mut pattern = CustomPattern::default();
    while let Some(tag) = c.child()? {
        match tag.as_str() {
            "pattern" => pattern.lines = lines(c)?,
            "order" => pattern.order = c.number(&tag)?.unwrap_or(0),
            "name" => pattern.name = c.text()?,
            _ => c.skip()?,
        }
    }
    Ok(pattern)
}

/// The rows of a pattern: `<line>` elements, or for line styles the bare text.
fn lines(c: &mut Cursor) -> Result<Vec<String>, LayoutError> {
    let mut lines = Vec::new();
    let mut text = String::new();
    loop {
        match c.event()? {
            Event::Start(tag) if tag.name().as_ref() == b"line" => {
                c.count()?;
                lines.push(c.word()?);
            }
            Event::Start(_) => c.skip()?,
            Event::End(_) => break,
            other => c.append(&mut text, other)?,
        }
    }
    if lines.is_empty() && !text.trim().is_empty() {
        lines.push(text.trim().to_owned());
    }
    Ok(lines)
}

/// Whether XML 1.0 can hold a character at all, escaped or not.
pub(super) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// The place in the file, with the limits that hold for all of it.
struct Cursor<'a> {
    path: &'a Path,
    xml: Reader<&'a [u8]>,
    /// Bytes before those that the XML reader sees.
    skipped: u64,
    /// Offset of the start tag that came last.
    tag_at: u64,
    depth: usize,
    items: usize,
}

impl<'a> Cursor<'a> {
    fn new(path: &'a Path, bytes: &'a [u8]) -> Result<Self, LayoutError> {
        let size = bytes.len() as u64;
        if size > LARGEST_FILE {
            let path = path.to_path_buf();
            return Err(LayoutError::TooLarge { path, bytes: size, limit: LARGEST_FILE });
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            fault(path, e.valid_up_to() as u64, "not UTF-8; save the file as UTF-8".into())
        })?;
        if let Some((at, c)) = text.char_indices().find(|&(_, c)| !is_xml_char(c)) {
            let problem = format!("the character U+{:04X}, which XML cannot hold", u32::from(c));
            return Err(fault(path, at as u64, problem));
        }
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut xml = Reader::from_str(body);
        xml.config_mut().expand_empty_elements = true;
        let skipped = (text.len() - body.len()) as u64;
        Ok(Self { path, xml, skipped, tag_at: skipped, depth: 0, items: 0 })
    }

    /// A complaint about the element that started last.
    fn fault(&self, problem: String) -> LayoutError {
        fault(self.path, self.tag_at, problem)
    }

    /// Counts a view, node, pattern or line.
    fn count(&mut self) -> Result<(), LayoutError> {
        self.items += 1;
        if self.items > MOST_ITEMS {
            return Err(self.fault(format!("more than {MOST_ITEMS} nodes and lines of patterns")));
        }
        Ok(())
    }

    /// The next event that says anything; an error at the end of the file within an element.
    fn event(&mut self) -> Result<Event<'a>, LayoutError> {
        loop {
            let at = self.skipped + self.xml.buffer_position();
            match self.xml.read_event() {
                Err(e) => {
                    let at = self.skipped + self.xml.error_position();
                    return Err(fault(self.path, at, e.to_string()));
                }
                Ok(Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_)) => {}
                Ok(Event::Eof) if self.depth > 0 => {
                    return Err(fault(self.path, at, "the file ends within an element".into()));
                }
                Ok(Event::Start(tag)) => {
                    (self.tag_at, self.depth) = (at, self.depth + 1);
                    if self.depth > DEEPEST {
                        let problem = format!("more than {DEEPEST} elements within one another");
                        return Err(self.fault(problem));
                    }
                    return Ok(Event::Start(tag));
                }
                Ok(Event::End(tag)) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Event::End(tag));
                }
                Ok(other) => return Ok(other),
            }
        }
    }

    /// The root's name; `None` where there is none.
    fn element(&mut self) -> Result<Option<String>, LayoutError> {
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    return Ok(Some(String::from_utf8_lossy(tag.name().as_ref()).into_owned()));
                }
                Event::Eof => return Ok(None),
                other => self.blank(other)?,
            }
        }
    }

    /// The name of the next child of the current element; `None` at its end.
    fn child(&mut self) -> Result<Option<String>, LayoutError> {
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    return Ok(Some(String::from_utf8_lossy(tag.name().as_ref()).into_owned()));
                }
                Event::End(_) => return Ok(None),
                // Text between elements says nothing in this format.
                _ => {}
            }
        }
    }

    /// Leaves out the current element with all it holds.
    fn skip(&mut self) -> Result<(), LayoutError> {
        let outer = self.depth.saturating_sub(1);
        while self.depth > outer {
            self.event()?;
        }
        Ok(())
    }

    /// Nothing but white space may follow the root.
    fn finish(&mut self) -> Result<(), LayoutError> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                other => self.blank(other)?,
            }
        }
    }

    fn blank(&self, event: Event<'_>) -> Result<(), LayoutError> {
        match event {
            Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => Ok(()),
            _ => {
                let at = self.skipped + self.xml.buffer_position();
                Err(fault(self.path, at, "text outside of the root element".into()))
            }
        }
    }

    /// The text of the current element, up to its end.
    fn text(&mut self) -> Result<String, LayoutError> {
        let mut text = String::new();
        loop {
            match self.event()? {
                Event::End(_) => return Ok(text),
                Event::Start(tag) => {
                    let tag = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                    return Err(self.fault(format!("<{tag}> where text was expected")));
                }
                other => self.append(&mut text, other)?,
            }
        }
    }

    fn append(&self, text: &mut String, event: Event<'_>) -> Result<(), LayoutError> {
        let piece = match &event {
            Event::Text(piece) => piece.xml10_content(),
            Event::CData(piece) => piece.xml10_content(),
            Event::GeneralRef(reference) => {
                text.push(self.resolved(reference)?);
                return Ok(());
            }
            _ => return Ok(()),
        };
        text.push_str(&piece.map_err(|e| self.fault(e.to_string()))?);
        Ok(())
    }

    fn resolved(&self, reference: &BytesRef<'_>) -> Result<char, LayoutError> {
        let named = match &**reference {
            b"amp" => Some('&'),
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"quot" => Some('"'),
            b"apos" => Some('\''),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        named.filter(|&c| is_xml_char(c)).ok_or_else(|| {
            let name = String::from_utf8_lossy(reference).into_owned();
            self.fault(format!("the text holds &{name}; which stands for no character"))
        })
    }

    /// The text of the current element without white space around it.
    fn word(&mut self) -> Result<String, LayoutError> {
        Ok(self.text()?.trim().to_owned())
    }

    fn flag(&mut self, tag: &str) -> Result<bool, LayoutError> {
        match self.word()?.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            other => Err(self.fault(format!("{tag} is '{other}'; expected true or false"))),
        }
    }

    /// A whole number; `None` where the element is empty.
    fn number(&mut self, tag: &str) -> Result<Option<i32>, LayoutError> {
        let word = self.word()?;
        if word.is_empty() {
            return Ok(None);
        }
        let bad = |_| self.fault(format!("{tag} is '{word}'; expected a whole number"));
        word.parse().map(Some).map_err(bad)
    }

    /// A colour; `None` where the element is empty.
    fn color(&mut self, tag: &str) -> Result<Option<Rgb>, LayoutError> {
        let word = self.word()?;
        if word.is_empty() {
            return Ok(None);
        }
        let bad = || self.fault(format!("{tag} is '{word}'; expected a colour like #80a8ff"));
        parse_color(&word).map(Some).ok_or_else(bad)
    }
}

fn fault(path: &Path, offset: u64, problem: String) -> LayoutError {
    LayoutError::Lyp { path: path.to_path_buf(), offset, problem }
}

/// `#rrggbb`, `#rgb`, or `#aarrggbb`, whose opacity KLayout passes over too; with or without `#`.
fn parse_color(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, r, g, b] = value.to_be_bytes();
    match digits.len() {
        3 => Some([(value >> 8) & 15, (value >> 4) & 15, value & 15].map(|v| v as u8 * 17)),
        6 | 8 => Some([r, g, b]),
        _ => None,
    }
}
