//! The ten contest clips, corrected: averages under the bounds the project promises.
#![allow(clippy::unwrap_used)]

use lithoscope_engine::layout;
use lithoscope_engine::opc::{OpcRun, Recipe, load_process};
use lithoscope_engine::verify::{Metrics, least_distances};
use lithoscope_tests::shared;

/// Promised averages: L2 nm², PV band nm², EPE violations, shots.
const BOUNDS: [f64; 4] = [28_000.0, 56_000.0, 4.0, 75.0];

fn figures(m: &Metrics) -> [f64; 4] {
    [m.l2_nm2 as f64, m.pvb_nm2 as f64, f64::from(m.epe_violations), f64::from(m.shots)]
}

#[test]
fn ten_contest_clips_are_corrected_within_the_promised_averages() {
    let Some(folder) = shared("iccad13") else { return };
    let recipe = Recipe::named("iccad13-no-sraf").unwrap();
    let mut sums = [0.0; 4];
    for i in 1..=10 {
        let name = format!("M1_test{i}");
        let clip = layout::open(&folder.join(format!("{name}.glp"))).unwrap();
        let clip = clip.default_clip(2048).unwrap();
        let process = load_process(&recipe, clip.window, Some(&folder), None).unwrap();
        let mut run = OpcRun::new(&clip, &recipe, &process).unwrap();
        while run.step().unwrap().is_some() {}
        let best = &run.history()[run.best()];
        println!("{name}: iteration {} {:?}", best.index, best.metrics);
        for (sum, figure) in sums.iter_mut().zip(figures(&best.metrics)) {
            *sum += figure;
        }
        let least = least_distances(&run.mask(run.best()).unwrap(), 100);
        println!("{name}: {least:?}");
    }
    let averages = sums.map(|sum| sum / 10.0);
    println!("averages: {averages:?}, bounds {BOUNDS:?}");
    for (average, bound) in averages.iter().zip(BOUNDS) {
        assert!(*average <= bound, "averages {averages:?}, bounds {BOUNDS:?}");
    }
}
