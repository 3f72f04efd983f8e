//! The sample layouts: what their generator makes, and what the reader sees in them.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::layout::{self, Clip, Layer};

#[path = "../../samples/shapes.rs"]
mod shapes;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)
}

fn clip(name: &str) -> Clip {
    layout::open(&sample(name)).unwrap().default_clip(2048).unwrap()
}

fn extent(clip: &Clip) -> Rect {
    let boxes = clip.polygons.iter().filter_map(Polygon::bounding_box);
    boxes.reduce(|a, b| a.union(&b)).unwrap()
}

#[test]
fn committed_samples_are_what_the_generator_makes() {
    for (name, bytes) in shapes::all().unwrap() {
        let committed = std::fs::read(sample(name)).unwrap();
        assert!(
            committed == bytes,
            "{name}: run `cargo run -p lithoscope-engine --example make_samples`"
        );
    }
}

#[test]
fn samples_fit_the_field_of_a_contest_clip_with_a_margin() {
    for (name, _) in shapes::all().unwrap() {
        let clip = clip(name);
        assert_eq!(clip.rounding_nm, 0.0, "{name}");
        assert!(clip.polygons.iter().all(Polygon::is_manhattan), "{name}");
        let extent = extent(&clip);
        if name != "cell_block.gds" {
            assert!(extent.width() <= 1500 && extent.height() <= 1500, "{name}: {extent:?}");
            assert_eq!(extent, clip.window, "{name}");
        }
    }
}

#[test]
fn sample_shape_counts_survive_hierarchy_and_merging() {
    let counts = [
        ("lines_through_pitch.gds", 9),
        ("isolated_line.gds", 4),
        ("contact_array.gds", 25 + 9 + 3 + 1),
        ("elbow_and_t.gds", 6),
    ];
    for (name, polygons) in counts {
        assert_eq!(clip(name).polygons.len(), polygons, "{name}");
    }
}

/// Distance kept clear: no two polygons closer than this, along an axis, where they face each other.
fn narrowest_gap(polygons: &[Polygon]) -> i32 {
    let pieces: Vec<(usize, Rect)> = polygons
        .iter()
        .enumerate()
        .flat_map(|(i, p)| layout_rectangles(p).into_iter().map(move |r| (i, r)))
        .collect();
    let mut gap = i32::MAX;
    for (i, a) in &pieces {
        for (j, b) in &pieces {
            let beside = a.min.y < b.max.y && b.min.y < a.max.y;
            let above = a.min.x < b.max.x && b.min.x < a.max.x;
            if i != j && beside && b.min.x >= a.max.x {
                gap = gap.min(b.min.x - a.max.x);
            }
            if i != j && above && b.min.y >= a.max.y {
                gap = gap.min(b.min.y - a.max.y);
            }
        }
    }
    gap
}

fn layout_rectangles(polygon: &Polygon) -> Vec<Rect> {
    lithoscope_engine::geometry::rectangles(std::slice::from_ref(polygon))
}

#[test]
fn single_layer_samples_keep_seventy_nm_between_polygons() {
    for (name, _) in shapes::all().unwrap() {
        if name != "cell_block.gds" {
            let gap = narrowest_gap(&clip(name).polygons);
            assert!(gap >= 70, "{name}: {gap} nm");
        }
    }
}

#[test]
fn cell_block_counts_shapes_through_mirrors_and_arrays() {
    let layout = layout::open(&sample("cell_block.gds")).unwrap();
    let tops = layout.top_cells();
    assert_eq!(tops.len(), 1);
    let layers = layout.layers(tops[0]);
    assert_eq!(layers.get(&Layer::new(13, 0)), Some(&41), "10 × 4 straps and one turned");
    let contacts = layers.get(&Layer::new(11, 0)).copied().unwrap();
    assert!(contacts > 125, "{contacts} contacts: 25 × 5 on the rails, the others in cells");
    // Rails of neighbouring rows lie on one another: five stripes across the whole block.
    let metal = layout.clip(tops[0], Layer::new(12, 0), None).unwrap();
    assert_eq!(metal.window, Rect::new(0, -60, 6000, 5820));
    let stripes = metal.polygons.iter().filter_map(Polygon::bounding_box);
    assert_eq!(stripes.filter(|b| b.width() == 6000).count(), 5);
}
