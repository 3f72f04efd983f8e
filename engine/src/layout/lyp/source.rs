//! What a node draws: KLayout's source expressions.

use std::fmt;

use crate::layout::Layer;

/// A source: layer number and datatype or a name, and the layout it is taken from.
///
/// Read are `NUMBER/DATATYPE`, `NUMBER` (datatype 0), `NAME`, `NAME NUMBER/DATATYPE`, `%INDEX`,
/// each followed by `@LAYOUT` or not; `*` stands for any number, datatype or layout, and names with
/// other than word characters stand in quotes. Transformations, hierarchy levels and property
/// selectors (`(r90)`, `#1..3`, `[A==1]`) are kept in the text but not interpreted. No text is
/// refused: what does not fit the syntax is taken as a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    text: String,
    name: Option<String>,
    number: Option<u32>,
    datatype: Option<u32>,
    index: Option<u32>,
    layout: Option<u32>,
}

impl Default for Source {
    /// Everything in every layout: `*/*@*`.
    fn default() -> Self {
        Self::parse("*/*@*")
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Source {
    /// The source of one layer of the first layout, like `17/0@1`.
    pub fn of(layer: Layer) -> Self {
        Self::parse(&format!("{layer}@1"))
    }

    /// Reads a source expression; see [`Source`] for the syntax.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let mut source = Self {
            text: text.to_owned(),
            name: None,
            number: None,
            datatype: None,
            index: None,
            layout: Some(1),
        };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            rest = match first {
                // Transformation, levels or properties: none of them says which layer it is.
                '(' | '#' | '[' | '!' => break,
                '@' => source.take_layout(rest[1..].trim_start()),
                '%' => source.take_index(&rest[1..]),
                '\'' | '"' => source.take_quoted(first, &rest[1..]),
                _ => source.take_word(rest),
            }
            .trim_start();
        }
        source
    }

    fn take_layout<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some(rest) = rest.strip_prefix('*') {
            self.layout = None;
            return rest;
        }
        let (digits, rest) = digits(rest);
        if let Ok(layout) = digits.parse() {
            // KLayout takes layout 0 for all of them.
            self.layout = Some(layout).filter(|&n| n > 0);
        }
        rest
    }

    fn take_index<'a>(&mut self, rest: &'a str) -> &'a str {
        let (digits, rest) = digits(rest);
        self.index = digits.parse().ok();
        rest
    }

    fn take_quoted<'a>(&mut self, quote: char, rest: &'a str) -> &'a str {
        let (name, rest) = rest.split_once(quote).unwrap_or((rest, ""));
        self.name = Some(name.to_owned());
        rest
    }

    fn take_word<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some((number, datatype, rest)) = numbers(rest) {
            (self.number, self.datatype) = (number, datatype);
            return rest;
        }
        let end = rest.find(|c: char| c.is_whitespace() || "@(#['\"".contains(c));
        let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.name = Some(word.to_owned());
        rest
    }

    /// The expression as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Name of the layer, where the source gives one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Layer number; `None` where any number or only a name is meant.
    pub fn number(&self) -> Option<u32> {
        self.number
    }

    /// Datatype; `None` where any datatype or only a name is meant.
    pub fn datatype(&self) -> Option<u32> {
        self.datatype
    }

    /// The layout it is taken from, counted from 1; `None` for any.
    pub fn layout(&self) -> Option<u32> {
        self.layout
    }
}

/// Whether sources, from the innermost to the outermost group, select a layer of the first layout.
/// What an inner one leaves open the next outer one decides; numbers go before names.
pub(super) fn draws<'a>(
    sources: impl Iterator<Item = &'a Source> + Clone,
    layer: Layer,
    name: Option<&str>,
) -> bool {
    if sources.clone().find_map(|s| s.layout).is_some_and(|layout| layout != 1) {
        return false;
    }
    let number = sources.clone().find_map(|s| s.number);
    let datatype = sources.clone().find_map(|s| s.datatype);
    if number.is_some() || datatype.is_some() {
        return number.is_none_or(|n| i64::from(n) == i64::from(layer.number))
            && datatype.is_none_or(|d| i64::from(d) == i64::from(layer.datatype));
    }
    // An index counts the layers of the file that the view was made for, which is not known here.
    if sources.clone().any(|s| s.index.is_some()) {
        return false;
    }
    sources.clone().find_map(|s| s.name()).is_none_or(|wanted| name == Some(wanted))
}

/// The decimal digits a text starts with, and what follows them.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// A number or `*` at the start of a text (`Some(None)` for `*`), and what follows.
fn number(text: &str) -> Option<(Option<u32>, &str)> {
    if let Some(rest) = text.strip_prefix('*') {
        return Some((None, rest));
    }
    let (digits, rest) = digits(text);
    Some((Some(digits.parse().ok()?), rest))
}

/// `NUMBER/DATATYPE`, `NUMBER` or either as `*`, where a text starts with that as a whole word.
fn numbers(text: &str) -> Option<(Option<u32>, Option<u32>, &str)> {
    let (first, rest) = number(text)?;
    let (second, rest) = match rest.trim_start().strip_prefix('/') {
        Some(rest) => number(rest.trim_start())?,
        None => (first.map(|_| 0), rest),
    };
    let ends = rest.chars().next().is_none_or(|c| c.is_whitespace() || "@(#[".contains(c));
    ends.then_some((first, second, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (Option<&'a str>, Option<u32>, Option<u32>, Option<u32>);

    fn parts(source: &Source) -> Parts<'_> {
        (source.name(), source.number(), source.datatype(), source.layout())
    }

    #[test]
    fn sources_mean_what_klayout_takes_them_for() {
        let first = Some(1);
        let cases: [(&str, Parts<'_>); 20] = [
            ("17/0@1", (None, Some(17), Some(0), first)),
            ("17/5", (None, Some(17), Some(5), first)),
            ("17", (None, Some(17), Some(0), first)),
            ("17 / 0 @ 2", (None, Some(17), Some(0), Some(2))),
            ("17/*", (None, Some(17), None, first)),
            ("*/0@2", (None, None, Some(0), Some(2))),
            ("*/*@*", (None, None, None, None)),
            ("*", (None, None, None, first)),
            ("", (None, None, None, first)),
            ("@2", (None, None, None, Some(2))),
            ("1/0@0", (None, Some(1), Some(0), None)),
            ("NAME", (Some("NAME"), None, None, first)),
            ("metal1.drawing@2", (Some("metal1.drawing"), None, None, Some(2))),
            ("NAME 17/0@1", (Some("NAME"), Some(17), Some(0), first)),
            ("'a b'@1", (Some("a b"), None, None, first)),
            ("\"q x\" 1/0@1", (Some("q x"), Some(1), Some(0), first)),
            ("1/0@1 (r90 *0.5 0,5)", (None, Some(1), Some(0), first)),
            ("1/0@* #1..3", (None, Some(1), Some(0), None)),
            ("1/0 ['A'=='B']", (None, Some(1), Some(0), first)),
            ("99999999999/0", (Some("99999999999/0"), None, None, first)),
        ];
        for (text, expected) in cases {
            let source = Source::parse(text);
            assert_eq!(parts(&source), expected, "{text}");
            assert_eq!(source.as_str(), text);
        }
    }

    #[test]
    fn the_source_of_a_layer_draws_that_layer_only() {
        let source = Source::of(Layer::new(17, 2));
        assert_eq!(source.as_str(), "17/2@1");
        let draws = |n, d| draws([&source].into_iter(), Layer::new(n, d), None);
        assert!(draws(17, 2) && !draws(17, 0) && !draws(2, 17));
    }

    #[test]
    fn names_count_only_where_no_number_is_given() {
        let layer = Layer::new(17, 0);
        let cases = [
            ("MET", Some("MET"), true),
            ("MET", Some("met"), false),
            ("MET", None, false),
            ("OTHER 17/0", Some("MET"), true),
            ("MET 18/0", Some("MET"), false),
            ("MET */0", None, true),
            ("%0", Some("MET"), false),
            ("17/0@2", None, false),
            ("17/0@*", None, true),
        ];
        for (text, name, expected) in cases {
            let source = Source::parse(text);
            assert_eq!(draws([&source].into_iter(), layer, name), expected, "{text}");
        }
    }

    #[test]
    fn what_a_member_leaves_open_its_group_decides() {
        let cases = [
            ("17/*", "*/0", true),
            ("18/*", "*/0", false),
            ("*/*@2", "17/0@*", false),
            ("5/0", "17/0", true),
            ("NAME", "*/*@*", false),
        ];
        for (group, member, expected) in cases {
            let chain = [Source::parse(member), Source::parse(group)];
            assert_eq!(draws(chain.iter(), Layer::new(17, 0), None), expected, "{group} {member}");
        }
    }
}
