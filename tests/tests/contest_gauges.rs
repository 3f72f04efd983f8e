//! The contest clips: gauges, target pixels, shots and mask rules against the reference figures.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use lithoscope_engine::geometry::{Point, Polygon, Rect, merge};
use lithoscope_engine::mask::{
    AssistLimits, FragmentRules, FragmentedTarget, RuleKeeper, RuleLimits,
};
use lithoscope_engine::verify::{
    PixelTarget, TargetRule, contest_gauges, least_distances, shots, violations,
};
use lithoscope_tests::shared;

const CANVAS: i32 = 2048;

/// The polygons of a contest clip, bounding box centred on the canvas. Read here without the
/// program's reader, so that a fault there does not hide.
fn contest_polygons(path: &Path) -> Vec<Polygon> {
    let text = std::fs::read_to_string(path).unwrap();
    let rings: Vec<Vec<Point>> = text.lines().filter_map(ring_of_line).collect();
    let all = Rect::around(rings.iter().flatten().copied()).unwrap();
    let shift = |size: i64, min: i32| (CANVAS - size as i32) / 2 - min;
    let (dx, dy) = (shift(all.width(), all.min.x), shift(all.height(), all.min.y));
    merge(&rings.into_iter().map(|r| Polygon::simple(r).translated(dx, dy)).collect::<Vec<_>>())
}

fn ring_of_line(line: &str) -> Option<Vec<Point>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let numbers: Vec<i32> = words.iter().skip(3).filter_map(|w| w.parse().ok()).collect();
    match *words.first()? {
        "RECT" => {
            let [x, y, w, h] = numbers[..] else { panic!("a rectangle has four numbers: {line}") };
            Some(Rect::new(x, y, x + w, y + h).corners().to_vec())
        }
        "PGON" => Some(numbers.chunks_exact(2).map(|p| Point::new(p[0], p[1])).collect()),
        _ => None,
    }
}

/// Name, polygons and reference figures of every contest clip that is there.
fn clips() -> Vec<(String, Vec<Polygon>, serde_json::Value)> {
    let Some(golden) = shared("iccad13/golden/target_as_mask.json") else { return Vec::new() };
    let golden: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    (1..=10)
        .map(|i| {
            let name = format!("M1_test{i}");
            let path = shared(&format!("iccad13/{name}.glp")).unwrap();
            (name.clone(), contest_polygons(&path), golden[&name].clone())
        })
        .collect()
}

fn pixel_target(polygons: &[Polygon]) -> PixelTarget {
    let canvas = Rect::new(0, 0, CANVAS, CANVAS);
    PixelTarget::new(polygons, canvas, TargetRule::Inclusive).unwrap()
}

#[test]
fn contest_targets_have_the_reference_pixels_gauges_and_shots() {
    for (name, polygons, golden) in clips() {
        let target = pixel_target(&polygons);
        let canvas = target.window();
        assert_eq!(target.count(canvas), golden["target_pixels"].as_u64().unwrap(), "{name}");
        let gauges = contest_gauges(&target, 15).len() as u64;
        assert_eq!(gauges, golden["epe_sites"].as_u64().unwrap(), "{name}");
        assert_eq!(u64::from(shots(&polygons)), golden["shots"].as_u64().unwrap(), "{name}");
    }
}

#[test]
fn every_contest_gauge_probes_target_inside_and_lies_on_an_edge() {
    for (name, polygons, _) in clips() {
        let target = pixel_target(&polygons);
        let pixels = target.pixels();
        for gauge in contest_gauges(&target, 15) {
            let at = |d: f64| {
                let x = gauge.x_nm + d * gauge.normal[0];
                let y = gauge.y_nm + d * gauge.normal[1];
                pixels[[y.floor() as usize, x.floor() as usize]]
            };
            assert!(at(-0.5), "{name}: {gauge:?}");
            assert!(!at(0.5), "{name}: {gauge:?}");
        }
    }
}

#[test]
fn random_offsets_on_contest_clips_become_masks_that_keep_the_rules() {
    let rules = FragmentRules {
        corner_nm: 40.0,
        run_nm: 60.0,
        whole_below_nm: 100.0,
        projection_nm: 0.0,
        least_nm: 0.0,
    };
    let limits = RuleLimits {
        min_width_nm: 40.0,
        min_space_nm: 40.0,
        min_notch_nm: 40.0,
        line_end_nm: 100.0,
        min_end_space_nm: 0.0,
        min_area_nm2: 0.0,
        min_corner_nm: 1.0,
        max_offset_nm: 60.0,
        assists: AssistLimits {
            min_width_nm: 40.0,
            min_space_nm: 40.0,
            min_to_main_nm: 40.0,
            max_offset_nm: 60.0,
        },
    };
    let mut state = 1u64;
    for (name, polygons, _) in clips() {
        let drawn = least_distances(&polygons, 200);
        let width = drawn.width_nm.unwrap_or(200).min(40) as i32;
        let space = drawn.space_nm.unwrap_or(200).min(40) as i32;
        let target = FragmentedTarget::new(&polygons, &rules).unwrap();
        let keeper = RuleKeeper::new(&target, &limits);
        for round in 0..100 {
            let offsets: Vec<f32> = target
                .fragments()
                .iter()
                .map(|_| {
                    state =
                        state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (state >> 40) as f32 / (1u64 << 24) as f32 * 120.0 - 60.0
                })
                .collect();
            let mask = target.polygons(&keeper.project_rounded(&offsets));
            let broken = violations(&mask, width, space);
            assert!(broken.is_empty(), "{name}, round {round}: {broken:?}");
            assert_eq!(mask.len(), polygons.len(), "{name}, round {round}");
            // Disjoint and simple: merging changes neither number nor area.
            let merged = merge(&mask);
            let area = |m: &[Polygon]| m.iter().map(Polygon::area2).sum::<i128>();
            assert_eq!(merged.len(), mask.len(), "{name}, round {round}");
            assert_eq!(area(&merged), area(&mask), "{name}, round {round}");
        }
        eprintln!(
            "{name}: {} fragments, {} pairs, {:?}",
            target.fragments().len(),
            keeper.pair_count(),
            drawn
        );
    }
}
