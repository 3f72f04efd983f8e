use std::path::Path;

use super::write::encode;
use super::*;

const SMALL: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>
<layer-properties-tabs>
 <!-- a comment -->
 <layer-properties>
  <properties>
   <expanded>true</expanded>
   <frame-color/>
   <fill-color>#12AB56</fill-color>
   <frame-brightness>-16</frame-brightness>
   <dither-pattern>C0</dither-pattern>
   <line-style>I2</line-style>
   <valid>false</valid>
   <visible>0</visible>
   <transparent>true</transparent>
   <width/>
   <marked>true</marked>
   <xfill>1</xfill>
   <animation>2</animation>
   <name>wells &amp; <![CDATA[<n>]]> &#x41;</name>
   <source>*/*@*</source>
   <group-members>
    <width>3</width>
    <name/>
    <source> MET 17/0@1 </source>
    <unknown a='b'><deep>1</deep></unknown>
   </group-members>
   <group-members><source>18/0@1 (r90) #1..2</source></group-members>
  </properties>
  <name>first</name>
  <custom-dither-pattern>
   <pattern><line>*.</line><line>.*</line></pattern>
   <order>2</order>
   <name>check</name>
  </custom-dither-pattern>
  <custom-line-style><pattern>**.</pattern><order>1</order><name/></custom-line-style>
 </layer-properties>
 <layer-properties/>
</layer-properties-tabs>
";

fn parse(text: impl AsRef<[u8]>) -> Result<LayerProperties, LayoutError> {
    read(Path::new("a.lyp"), text.as_ref())
}

fn refusal(text: impl AsRef<[u8]>) -> (u64, String) {
    match parse(text) {
        Err(LayoutError::Lyp { offset, problem, .. }) => (offset, problem),
        other => panic!("{other:?}"),
    }
}

fn one(nodes: &str) -> String {
    format!("<layer-properties><properties>{nodes}</properties></layer-properties>")
}

fn assert_survives_writing(document: &LayerProperties) {
    assert_eq!(&parse(encode(document)).unwrap(), document);
}

#[test]
fn every_field_is_read_as_klayout_writes_it() {
    let document = parse(SMALL).unwrap();
    assert_eq!(document.views.len(), 2);
    assert_eq!(document.views[1], View::default());
    let view = &document.views[0];
    assert_eq!(view.name, "first");
    let members = vec![
        Node { width: Some(3), source: Source::parse("MET 17/0@1"), ..Node::default() },
        Node { source: Source::parse("18/0@1 (r90) #1..2"), ..Node::default() },
    ];
    let group = Node {
        name: "wells & <n> A".into(),
        fill_color: Some([0x12, 0xab, 0x56]),
        frame_brightness: -16,
        dither_pattern: "C0".into(),
        line_style: "I2".into(),
        valid: false,
        visible: false,
        transparent: true,
        marked: true,
        xfill: true,
        animation: 2,
        expanded: true,
        members,
        ..Node::default()
    };
    assert_eq!(view.nodes, [group]);
    let pattern = |name: &str, order, lines: &[&str]| CustomPattern {
        name: name.into(),
        order,
        lines: lines.iter().map(|&l| l.into()).collect(),
    };
    assert_eq!(view.stipples, [pattern("check", 2, &["*.", ".*"])]);
    assert_eq!(view.line_styles, [pattern("", 1, &["**."])]);
}

#[test]
fn what_was_read_survives_writing() {
    let document = parse(SMALL).unwrap();
    assert_survives_writing(&document);
    assert_survives_writing(&LayerProperties { views: vec![document.views[0].clone()] });
    assert!(encode(&document).contains("<name>wells &amp; &lt;n&gt; A</name>"));
}

#[test]
fn odd_texts_survive_writing() {
    let node = Node {
        name: "  tab\t line\n return\r & <x> \"'é𝄞 ]]> ".into(),
        source: Source::parse("'a <b>' 1/0@1"),
        ..Node::default()
    };
    let pattern = |lines: &[&str]| CustomPattern {
        lines: lines.iter().map(|&l| l.into()).collect(),
        ..CustomPattern::default()
    };
    let patterns = vec![pattern(&[]), pattern(&[""]), pattern(&["*"]), pattern(&["*.", ""])];
    let view = View {
        nodes: vec![node],
        stipples: patterns.clone(),
        line_styles: patterns,
        ..View::default()
    };
    assert_survives_writing(&LayerProperties { views: vec![view] });
}

#[test]
fn colours_are_read_in_every_form_klayout_takes() {
    let color = |text: &str| {
        let document = parse(one(&format!("<fill-color>{text}</fill-color>")))?;
        Ok::<_, LayoutError>(document.views[0].nodes[0].fill_color)
    };
    for text in ["#80A8ff", "80a8ff", "#ff80a8ff", " #80a8ff "] {
        assert_eq!(color(text).unwrap(), Some([0x80, 0xa8, 0xff]), "{text}");
    }
    assert_eq!(color("#abc").unwrap(), Some([0xaa, 0xbb, 0xcc]));
    assert_eq!(color("").unwrap(), None);
    for text in ["#12345", "red", "#+12345", "#é1234", "#123456789"] {
        assert!(color(text).is_err(), "{text}");
    }
}

#[test]
fn an_error_names_the_offset_of_its_element() {
    let text = one("<name>x</name> <width>wide</width>");
    let at = text.find("<width>").unwrap() as u64;
    assert_eq!(refusal(&text), (at, "width is 'wide'; expected a whole number".into()));
    let marked = format!("\u{feff}{text}");
    assert_eq!(refusal(&marked).0, at + 3);
    let shown = parse(&text).unwrap_err().to_string();
    assert_eq!(shown, format!("a.lyp: byte {at}: width is 'wide'; expected a whole number"));
}

#[test]
fn files_that_are_not_layer_properties_are_refused_with_a_reason() {
    let cases: [(&[u8], u64, &str); 12] = [
        (b"", 0, "expected <layer-properties>"),
        (b"hello", 5, "outside of the root"),
        (b"<html/>", 0, "the root is <html>"),
        (b"<layer-properties>", 18, "ends within an element"),
        (b"<layer-properties/><a/>", 23, "outside of the root"),
        (b"<layer-properties/> x", 21, "outside of the root"),
        (b"<layer-properties></x>", 18, "expected `</layer-properties>`"),
        (b"<layer-properties>\xff", 18, "not UTF-8"),
        (b"<layer-properties>\x01", 18, "U+0001"),
        (b"<layer-properties><name>&x;</name></layer-properties>", 18, "&x; which"),
        (b"<layer-properties><name>&#1;</name></layer-properties>", 18, "&#1; which"),
        (b"<layer-properties><name><b/></name></layer-properties>", 24, "<b> where text"),
    ];
    for (text, at, reason) in cases {
        let (offset, problem) = refusal(text);
        let text = String::from_utf8_lossy(text);
        assert!(problem.contains(reason), "{text}: {problem}");
        assert_eq!(offset, at, "{text}: {problem}");
    }
    assert!(refusal(one("<visible>yes</visible>")).1.contains("expected true or false"));
}

#[test]
fn nesting_and_numbers_of_items_are_bounded() {
    let nested = |levels: usize| {
        let inner = levels - 1;
        one(&("<group-members>".repeat(inner) + &"</group-members>".repeat(inner)))
    };
    let document = parse(nested(MOST_NESTING)).unwrap();
    assert_survives_writing(&document);
    assert!(refusal(nested(MOST_NESTING + 1)).1.contains("64 groups"));
    assert!(refusal(one(&"<x>".repeat(1000))).1.contains("elements within one another"));
    let many = format!("<layer-properties>{}", "<properties/>".repeat(MOST_ITEMS + 1));
    assert!(refusal(many).1.contains("more than 100000"));
}

#[test]
fn a_document_that_no_file_can_hold_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lyp");
    let mut document = LayerProperties::for_layers([(Layer::new(1, 0), None)]);
    write(&path, &document).unwrap();
    document.views[0].nodes[0].name = "a\u{1}".into();
    let problem = write(&path, &document).unwrap_err().to_string();
    assert!(problem.contains("U+0001"), "{problem}");
    // The file of before is still there, and nothing beside it.
    assert_eq!(open(&path).unwrap().views[0].nodes[0].name, "");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_missing_file_is_named() {
    let problem = open(Path::new("/no/such.lyp")).unwrap_err().to_string();
    assert!(problem.starts_with("cannot access /no/such.lyp"), "{problem}");
}

#[test]
fn a_layout_without_properties_gets_a_node_for_every_layer() {
    let layers = [(Layer::new(17, 0), Some("MET\u{2}1")), (Layer::new(3, 5), None)];
    let document = LayerProperties::for_layers(layers);
    assert_survives_writing(&document);
    let view = &document.views[0];
    assert_eq!(view.nodes[0].name, "MET1 17/0");
    for (index, (layer, name)) in layers.into_iter().enumerate() {
        let leaf = view.leaf_of(layer, name).unwrap();
        assert_eq!(leaf.path, [index]);
        assert_eq!(leaf.look(layer), default_look(layer));
    }
    assert!(view.leaf_of(Layer::new(4, 0), None).is_none());
}

#[test]
fn no_beginning_of_a_file_does_harm() {
    let end = SMALL.trim_end().len();
    for length in 0..end {
        assert!(parse(&SMALL.as_bytes()[..length]).is_err(), "{length}");
    }
    assert!(parse(&SMALL.as_bytes()[..end]).is_ok());
}

#[test]
fn no_mutation_of_a_file_does_harm() {
    // A linear congruential generator (Knuth's MMIX constants): the same files at every run.
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    let mut read_well = 0;
    for _ in 0..2000 {
        let mut bytes = SMALL.as_bytes().to_vec();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(8) {
                0 => bytes[at] = random(256) as u8,
                // Mostly values, so that many files can still be read.
                1..=4 => bytes[at] = b"0179-#*.@/ aI&;<>"[random(17)],
                5 => drop(bytes.splice(at..at, *b"<>&;")),
                6 => drop(bytes.drain(at..(at + random(40)).min(bytes.len()))),
                _ => {
                    let copy = bytes[at..(at + random(60)).min(bytes.len())].to_vec();
                    let to = random(bytes.len());
                    drop(bytes.splice(to..to, copy));
                }
            }
        }
        if let Ok(document) = parse(&bytes) {
            read_well += 1;
            assert_survives_writing(&document);
            for view in &document.views {
                view.leaf_of(Layer::new(17, 0), Some("MET"));
                for node in &view.nodes {
                    view.stipple(&node.dither_pattern);
                }
            }
        }
    }
    assert!(read_well > 50, "only {read_well} mutations could still be read");
}
