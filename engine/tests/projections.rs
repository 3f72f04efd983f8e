//! Edges cut where what faces them has a corner: targets made by hand, boundaries exact.

#![allow(clippy::unwrap_used)]

use lithoscope_engine::geometry::{Point, Polygon, Rect};
use lithoscope_engine::mask::{Axis, Fragment, FragmentRules, FragmentedTarget};

/// Boundaries along the edge of a target that runs at a place, in order.
fn boundaries(polygons: &[Polygon], rules: &FragmentRules, axis: Axis, base: i32) -> Vec<i32> {
    let target = FragmentedTarget::new(polygons, rules).unwrap();
    let on = target.fragments().iter().filter(|f| f.axis == axis && f.base == base);
    let mut found: Vec<i32> = on.flat_map(|f| [f.from, f.to]).collect();
    found.sort_unstable();
    found.dedup();
    found
}

const ADAPTIVE: FragmentRules = FragmentRules {
    corner_nm: 40.0,
    run_nm: 200.0,
    whole_below_nm: 100.0,
    projection_nm: 100.0,
    least_nm: 20.0,
};

fn rect(x0: i32, y0: i32, x1: i32, y1: i32) -> Polygon {
    Polygon::rect(Rect::new(x0, y0, x1, y1))
}

#[test]
fn the_edge_that_a_line_end_faces_is_cut_at_its_corners() {
    let shapes = [rect(0, 0, 400, 80), rect(170, 140, 240, 400)];
    let top = |rules: &FragmentRules| boundaries(&shapes, rules, Axis::Horizontal, 80);
    assert_eq!(top(&ADAPTIVE), [0, 40, 170, 240, 360, 400]);
    // The bottom sees nothing, and nothing is seen beyond the reach or without one.
    let plain = [0, 40, 200, 360, 400];
    assert_eq!(boundaries(&shapes, &ADAPTIVE, Axis::Horizontal, 0), plain);
    assert_eq!(top(&FragmentRules { projection_nm: 60.0, ..ADAPTIVE }).len(), 6);
    assert_eq!(top(&FragmentRules { projection_nm: 59.0, ..ADAPTIVE }), plain);
    assert_eq!(top(&FragmentRules { projection_nm: 0.0, ..ADAPTIVE }), plain);
}

#[test]
fn stretches_between_projections_are_cut_into_runs() {
    let shapes = [rect(0, 0, 1000, 80), rect(170, 140, 240, 400)];
    let rules = FragmentRules { run_nm: 60.0, ..ADAPTIVE };
    // 130 nm from the corner fragment on make two pieces, the 70 nm before the end one, and the
    // 720 nm after it twelve.
    let found = boundaries(&shapes, &rules, Axis::Horizontal, 80);
    assert_eq!(found[..6], [0, 40, 105, 170, 240, 300]);
    assert_eq!(found.len(), 4 + 12 + 2);
    assert_eq!(found[found.len() - 3..], [900, 960, 1000]);
}

#[test]
fn a_long_neighbour_that_ends_is_a_projection_and_so_is_a_step_of_it() {
    let step = Polygon::simple(
        [(0, 140), (300, 140), (300, 170), (520, 170), (520, 250), (0, 250)]
            .map(|(x, y)| Point::new(x, y))
            .to_vec(),
    );
    let shapes = [rect(-200, 0, 800, 80), step];
    let found = boundaries(&shapes, &ADAPTIVE, Axis::Horizontal, 80);
    assert_eq!(found, [-200, -160, 0, 150, 300, 520, 760, 800]);
    // The lower side of the step sees the corners of nothing inside its span.
    assert_eq!(boundaries(&shapes, &ADAPTIVE, Axis::Horizontal, 140), [0, 40, 260, 300]);
}

#[test]
fn what_a_nearer_shape_hides_is_not_projected() {
    let shapes = [rect(0, 0, 600, 80), rect(100, 110, 500, 130), rect(250, 160, 330, 400)];
    let found = boundaries(&shapes, &ADAPTIVE, Axis::Horizontal, 80);
    assert_eq!(found, [0, 40, 100, 300, 500, 560, 600], "the line end at 250 to 330 is hidden");
    // The side in between sees it.
    let between = boundaries(&shapes, &ADAPTIVE, Axis::Horizontal, 130);
    assert!(between.contains(&250) && between.contains(&330), "{between:?}");
}

#[test]
fn a_notch_sees_its_other_side() {
    let u = Polygon::simple(
        [(0, 0), (300, 0), (300, 400), (200, 400), (200, 80), (120, 80), (120, 250), (0, 250)]
            .map(|(x, y)| Point::new(x, y))
            .to_vec(),
    );
    let found = boundaries(std::slice::from_ref(&u), &ADAPTIVE, Axis::Vertical, 200);
    assert_eq!(found, [80, 120, 250, 360, 400]);
}

#[test]
fn boundaries_that_leave_too_little_between_them_are_not_made() {
    // The line end begins 10 nm beyond the corner fragment and is 15 nm wide.
    let shapes = [rect(0, 0, 400, 80), rect(50, 140, 65, 400)];
    let top = |least_nm: f64| {
        boundaries(&shapes, &FragmentRules { least_nm, ..ADAPTIVE }, Axis::Horizontal, 80)
    };
    assert_eq!(top(0.0), [0, 40, 50, 65, 360, 400]);
    assert_eq!(top(12.0), [0, 40, 65, 360, 400]);
    assert_eq!(top(30.0), [0, 40, 200, 360, 400]);
    // Corner fragments are no shorter than that either.
    assert_eq!(top(41.0), [0, 41, 200, 359, 400]);
    assert_eq!(top(70.0), [0, 70, 330, 400]);
    // What is left between two corner fragments is shared where it is too little.
    let short = [rect(0, 0, 110, 300)];
    let rules = FragmentRules { least_nm: 35.0, ..ADAPTIVE };
    assert_eq!(boundaries(&short, &rules, Axis::Horizontal, 0), [0, 55, 110]);
    let rules = FragmentRules { least_nm: 30.0, ..ADAPTIVE };
    assert_eq!(boundaries(&short, &rules, Axis::Horizontal, 0), [0, 40, 70, 110]);
    // Runs are no shorter than that: 320 nm make five pieces of 64 nm, or four of 80.
    let rules = FragmentRules { run_nm: 60.0, least_nm: 70.0, corner_nm: 90.0, ..ADAPTIVE };
    let long = [rect(0, 0, 500, 80)];
    assert_eq!(boundaries(&long, &rules, Axis::Horizontal, 0), [0, 90, 170, 250, 330, 410, 500]);
}

#[test]
fn cut_rings_still_join_and_cover_their_edges() {
    let shapes = [rect(0, 0, 400, 80), rect(170, 140, 240, 400), rect(300, 120, 420, 200)];
    let target = FragmentedTarget::new(&shapes, &ADAPTIVE).unwrap();
    let whole: i64 = target.fragments().iter().map(Fragment::length).sum();
    assert_eq!(whole, 2 * (480 + 330 + 200));
    assert!(target.fragments().iter().all(|f| f.length() >= 20));
    let mask = target.polygons(&vec![0; target.fragments().len()]);
    assert_eq!(mask, shapes);
}
