//! The layer properties of a real process, checked against counts in the plain text.
#![allow(clippy::unwrap_used, clippy::panic)]

use lithoscope_engine::layout::lyp::{self, Node};
use lithoscope_engine::layout::{self, Layer};
use lithoscope_tests::shared;

/// The texts of all elements of a name, by plain search.
fn texts<'a>(file: &'a str, tag: &str) -> Vec<&'a str> {
    let (open, close, empty) = (format!("<{tag}>"), format!("</{tag}>"), format!("<{tag}/>"));
    let lines = file.lines().map(str::trim);
    let text = |line: &'a str| match line.strip_prefix(open.as_str()) {
        Some(rest) => rest.strip_suffix(close.as_str()),
        None => (line == empty).then_some(""),
    };
    lines.filter_map(text).collect()
}

#[test]
fn the_layers_of_a_real_process_are_read_as_the_text_has_them() {
    let Some(path) = shared("clips/sky130.lyp") else { return };
    let file = std::fs::read_to_string(&path).unwrap();
    let document = lyp::open(&path).unwrap();
    assert_eq!(document.views.len(), 1);
    let view = &document.views[0];
    let count = |tag: &str| file.matches(&format!("<{tag}>")).count();
    assert_eq!(view.nodes.len(), count("properties"));
    assert!(view.nodes.len() > 100 && view.nodes.iter().all(|n| n.members.is_empty()));
    assert_eq!(view.stipples.len(), count("custom-dither-pattern"));
    assert_eq!(view.line_styles.len(), count("custom-line-pattern"));
    let rows: usize = view.stipples.iter().map(|p| p.lines.len()).sum();
    assert_eq!(rows, count("line"));

    let color =
        |c: Option<[u8; 3]>| c.map_or(String::new(), |[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}"));
    let field = |tag: &str, of: &dyn Fn(&Node) -> String| {
        let ours: Vec<String> = view.nodes.iter().map(of).collect();
        assert_eq!(ours, texts(&file, tag), "{tag}");
    };
    field("source", &|n| n.source.as_str().to_owned());
    field("frame-color", &|n| color(n.frame_color));
    field("fill-color", &|n| color(n.fill_color));
    field("dither-pattern", &|n| n.dither_pattern.clone());
    field("visible", &|n| n.visible.to_string());
    field("width", &|n| n.width.map_or(String::new(), |w| w.to_string()));
    let names: Vec<_> = view.nodes.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names, texts(&file, "name")[..names.len()]);
}

#[test]
fn a_real_file_survives_writing() {
    let Some(path) = shared("clips/sky130.lyp") else { return };
    let document = lyp::open(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.lyp");
    lyp::write(&copy, &document).unwrap();
    assert_eq!(lyp::open(&copy).unwrap(), document);
}

#[test]
fn layers_of_a_real_block_find_their_nodes() {
    let (Some(path), Some(block)) =
        (shared("clips/sky130.lyp"), shared("clips/sky130_hd_block_50um.gds"))
    else {
        return;
    };
    let document = lyp::open(&path).unwrap();
    let view = &document.views[0];
    let leaf = view.leaf_of(Layer::new(64, 20), None).unwrap();
    assert_eq!(leaf.node().name, "nwelldrawing_m 64/20");
    let layout = layout::open(&block).unwrap();
    let layers = layout.layers(layout.top_cells()[0]);
    let found = layers.keys().filter(|&&layer| {
        let leaf = view.leaf_of(layer, None);
        // The source is the layer itself: this file has no wildcards.
        leaf.is_some_and(|l| l.node().source.as_str() == format!("{layer}@1"))
    });
    let (found, all) = (found.count(), layers.len());
    assert!(found > 20, "{found} of {all} layers have a node");
}
