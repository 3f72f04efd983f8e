//! Writing layer properties, as KLayout lays them out.

use std::path::Path;

use quick_xml::escape::partial_escape;

use super::{CustomPattern, LayerProperties, Node, Rgb, View, read};
use crate::layout::LayoutError;
use crate::layout::save::save;

/// Writes a layer properties file, under a temporary name that is then renamed. What is written
/// reads back as the same document.
///
/// # Errors
/// The path cannot be written; the document holds what a file cannot (control characters) or what
/// would not be read again (see [`read`](super::read())).
pub fn write(path: &Path, properties: &LayerProperties) -> Result<(), LayoutError> {
    let text = encode(properties);
    read(path, text.as_bytes()).map_err(|e| LayoutError::Unwritable {
        path: path.to_path_buf(),
        problem: match e {
            LayoutError::Lyp { problem, .. } => problem,
            other => other.to_string(),
        },
    })?;
    save(path, text.as_bytes())
}

pub(super) fn encode(properties: &LayerProperties) -> String {
    let mut out = Out { text: String::new(), depth: 0 };
    out.text.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    if let [only] = properties.views.as_slice() {
        out.view(only);
    } else {
        out.within("layer-properties-tabs", |out| {
            properties.views.iter().for_each(|view| out.view(view));
        });
    }
    out.text
}

struct Out {
    text: String,
    depth: usize,
}

impl Out {
    fn line(&mut self, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', self.depth));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn within(&mut self, tag: &str, inner: impl FnOnce(&mut Self)) {
        self.line(&format!("<{tag}>"));
        self.depth += 1;
        inner(self);
        self.depth -= 1;
        self.line(&format!("</{tag}>"));
    }

    fn leaf(&mut self, tag: &str, text: &str) {
        if text.is_empty() {
            self.line(&format!("<{tag}/>"));
        } else {
            // Readers turn a bare carriage return into a line feed.
            let text = partial_escape(text).replace('\r', "&#13;");
            self.line(&format!("<{tag}>{text}</{tag}>"));
        }
    }

    fn view(&mut self, view: &View) {
        self.within("layer-properties", |out| {
            view.nodes.iter().for_each(|node| out.node("properties", node));
            out.leaf("name", &view.name);
            for stipple in &view.stipples {
                out.pattern("custom-dither-pattern", stipple, false);
            }
            for style in &view.line_styles {
                out.pattern("custom-line-style", style, true);
            }
        });
    }

    fn node(&mut self, tag: &str, node: &Node) {
        self.within(tag, |out| {
            out.leaf("expanded", &node.expanded.to_string());
            out.leaf("frame-color", &color(node.frame_color));
            out.leaf("fill-color", &color(node.fill_color));
            out.leaf("frame-brightness", &node.frame_brightness.to_string());
            out.leaf("fill-brightness", &node.fill_brightness.to_string());
            out.leaf("dither-pattern", &node.dither_pattern);
            out.leaf("line-style", &node.line_style);
            out.leaf("valid", &node.valid.to_string());
            out.leaf("visible", &node.visible.to_string());
            out.leaf("transparent", &node.transparent.to_string());
            out.leaf("width", &node.width.map(|w| w.to_string()).unwrap_or_default());
            out.leaf("marked", &node.marked.to_string());
            out.leaf("xfill", &node.xfill.to_string());
            out.leaf("animation", &node.animation.to_string());
            out.leaf("name", &node.name);
            out.leaf("source", node.source.as_str());
            node.members.iter().for_each(|member| out.node("group-members", member));
        });
    }

    /// A custom pattern; `bare`: a single row stands as text, as KLayout wants line styles.
    fn pattern(&mut self, tag: &str, pattern: &CustomPattern, bare: bool) {
        self.within(tag, |out| {
            match pattern.lines.as_slice() {
                [] => out.leaf("pattern", ""),
                [row] if bare && !row.is_empty() => out.leaf("pattern", row),
                rows => out.within("pattern", |out| {
                    for row in rows {
                        out.leaf("line", row);
                    }
                }),
            }
            out.leaf("order", &pattern.order.to_string());
            out.leaf("name", &pattern.name);
        });
    }
}

fn color(color: Option<Rgb>) -> String {
    color.map(|[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}")).unwrap_or_default()
}
