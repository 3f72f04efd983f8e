//! Depths of the vertical resist against those of the public `TorchResist` simulator.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use lithoscope_engine::resist::{DepthTable, LayerRule, ResistModel, VerticalResist};
use lithoscope_tests::shared;
use ndarray::{Array2, Axis};
use serde_json::Value;

/// Largest difference of a depth by the peer's own layer rule, nm: its sums are in single precision.
const SAME_RULE_NM: f64 = 1e-3;

/// Largest difference of the integral over continuous layers, nm. The peer reads each layer's
/// exposure at its top (half a layer too bright) but 1/74 of the film deeper for each 1/75 it
/// develops (up to a layer too dark at the bottom); with 1 nm layers the two come to this.
const CONTINUOUS_NM: f64 = 0.2;

fn vertical(name: &str) -> VerticalResist {
    let Some(ResistModel::Vertical(resist)) = ResistModel::preset(name) else { panic!("{name}") };
    resist
}

fn read(path: &Path) -> Array2<f32> {
    ndarray_npy::read_npy(path).unwrap()
}

/// Largest of the differences; NaN if there is one.
fn worst(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let differences = pairs.map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |worst: f64, d| if worst.is_nan() || d <= worst { worst } else { d })
}

#[test]
fn depth_tables_of_both_published_sets_agree() {
    let Some(folder) = shared("torchresist") else { return };
    let sets = [
        ("torchresist-iccad13", "depth_of_intensity.npy"),
        ("torchresist-fuilt", "depth_of_intensity_fuilt.npy"),
    ];
    for (name, file) in sets {
        let golden = read(&folder.join(file));
        let compare = |resist: &VerticalResist| {
            let rows = (golden.index_axis(Axis(0), 0), golden.index_axis(Axis(0), 1));
            let pairs = rows.0.iter().zip(rows.1);
            worst(pairs.map(|(i, depth)| (resist.depth_nm(f64::from(*i)), f64::from(*depth))))
        };
        let stepped = vertical(name);
        let continuous = VerticalResist { layer_rule: LayerRule::Continuous, ..stepped };
        let fine = VerticalResist { layers: 2000, ..continuous };
        let [stepped_nm, continuous_nm, fine_nm] = [stepped, continuous, fine].map(|r| compare(&r));
        println!(
            "{name}: worst difference {stepped_nm:.1e} nm by the peer's rule, {continuous_nm:.4} nm \
             by the integral, {fine_nm:.4} nm by 2000 layers of it"
        );
        assert!(stepped_nm <= SAME_RULE_NM, "{name}: {stepped_nm}");
        assert!(continuous_nm <= CONTINUOUS_NM, "{name}: {continuous_nm}");
        // The difference is the layer rule's, not the integral's.
        assert!((fine_nm - continuous_nm).abs() < 2e-3, "{name}: {fine_nm}");
        // Negative control: a thousandth of the dose is seen.
        let other = VerticalResist { dose: stepped.dose * 1.001, ..stepped };
        assert!(compare(&other) > SAME_RULE_NM, "{name}");
    }
}

#[test]
fn depth_images_of_a_contest_clip_agree_at_both_samplings() {
    let Some(folder) = shared("torchresist/peer") else { return };
    let text = std::fs::read_to_string(folder.join("values.json")).unwrap();
    let values: Value = serde_json::from_str(&text).unwrap();
    let resist = vertical("torchresist-iccad13");
    let table = DepthTable::new(&resist).unwrap();
    let level = resist.equivalent_level().unwrap();
    for sampling in ["every7", "every8"] {
        let intensity = read(&folder.join(format!("M1_test1_{sampling}_intensity.npy")));
        let golden = read(&folder.join(format!("M1_test1_{sampling}_depth.npy")));
        let mut depth = Array2::zeros(intensity.dim());
        table.apply(intensity.view(), depth.view_mut()).unwrap();
        let pairs = depth.iter().zip(&golden).map(|(a, b)| (f64::from(*a), f64::from(*b)));
        let worst = worst(pairs);
        println!("{sampling}: worst {worst:.1e} nm, table bound {:.1e} nm", table.error_bound_nm());
        assert!(worst <= SAME_RULE_NM + table.error_bound_nm(), "{sampling}: {worst}");

        let stated = &values[sampling];
        let deeper = depth.iter().filter(|d| f64::from(**d) > resist.threshold_nm).count();
        let brighter = intensity.iter().filter(|i| f64::from(**i) > level).count();
        assert_eq!(deeper as u64, stated["pixels_deeper_than_threshold"].as_u64().unwrap());
        assert_eq!(brighter as u64, stated["pixels_brighter_than_equivalent"].as_u64().unwrap());
        let sum: f64 = depth.iter().map(|d| f64::from(*d)).sum();
        assert!((sum / stated["depth_sum"].as_f64().unwrap() - 1.0).abs() < 1e-5, "{sampling}");
        let printed = ResistModel::Vertical(resist).printed(intensity.view(), 8.0).unwrap();
        assert_eq!(printed.iter().filter(|p| **p).count(), deeper);
    }
    let stated = values["equivalent_constant_intensity_threshold"].as_f64().unwrap();
    println!("equivalent level {level:.8}, stated {stated:.8}");
    // The stated one was read off the peer's depths, 1e-4 nm at 200 nm a unit of intensity.
    assert!((level - stated).abs() < 5e-6, "{level} against {stated}");
}

#[test]
fn depth_of_the_contests_own_image_agrees() {
    let Some(golden) = shared("torchresist/M1_test1_depth_every8.npy") else { return };
    let Some(image) = shared("iccad13/golden/M1_test1_focus_every8.npy") else { return };
    let (golden, image) = (read(&golden), read(&image));
    let table = DepthTable::new(&vertical("torchresist-iccad13")).unwrap();
    let mut depth = Array2::zeros(image.dim());
    table.apply(image.view(), depth.view_mut()).unwrap();
    let pairs = depth.iter().zip(&golden).map(|(a, b)| (f64::from(*a), f64::from(*b)));
    let worst = worst(pairs);
    println!("worst {worst:.1e} nm");
    assert!(worst <= SAME_RULE_NM + table.error_bound_nm(), "{worst}");
}
