//! Calibration on what the three-dimensional resist prints: a vertical resist with diffusion against
//! the best constant and the best variable threshold for the same pixels.
#![allow(clippy::unwrap_used, clippy::panic)]

use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::{FocusStack, Grid, MaskTone, SpectrumForm};
use lithoscope_engine::optics::OpticalModel;
use lithoscope_engine::resist::calibrate::{Calibration, CalibrationOptions, Pair};
use lithoscope_engine::resist::volume::{Aerial, VolumeGrid, VolumeResist, develop};
use lithoscope_engine::resist::{ResistModel, Tone, VerticalResist};
use ndarray::Array2;

const PIXEL_NM: f64 = 4.0;
const SIDE_NM: i32 = 720;

/// Dense lines, a line end against a bar, contacts and an isolated line: what a level that is one
/// everywhere cannot print alike.
fn masks() -> Vec<Vec<Rect>> {
    let line = |x: i32, w: i32| Rect::new(x, 60, x + w, 660);
    vec![
        (0..4).map(|i| line(60 + 170 * i, 85)).collect(),
        vec![Rect::new(310, 0, 410, 330), Rect::new(80, 440, 640, 540)],
        (0..9)
            .map(|i| (90 + 220 * (i % 3), 90 + 220 * (i / 3)))
            .map(|(x, y)| Rect::new(x, y, x + 150, y + 150))
            .collect(),
        vec![line(300, 110)],
        vec![line(90, 95), line(330, 120), line(590, 90)],
    ]
}

/// Aerial images of the masks, and the share of the film that the three-dimensional resist opens.
fn pairs() -> Vec<Pair> {
    let model = OpticalModel::preset("contest-like").unwrap();
    let window = Rect::new(0, 0, SIDE_NM, SIDE_NM);
    let kernels = std::sync::Arc::new(model.kernels(1536.0, 0.0).unwrap());
    let planes = vec![(0.0, kernels)];
    let mut stack =
        FocusStack::new(planes, SpectrumForm::Continuous, MaskTone::default(), window).unwrap();
    let Some(ResistModel::Volume(resist)) = ResistModel::preset("film-on-barc") else {
        panic!("film-on-barc is in three dimensions")
    };
    // Bright enough for the contacts to open.
    let resist = VolumeResist { dose: 1.25 * resist.dose, ..*resist };
    let voxels = VolumeGrid { pixel_nm: PIXEL_NM, dz_nm: 5.0 };
    let grid = Grid::over(window, PIXEL_NM);
    masks()
        .iter()
        .map(|mask| {
            let polygons: Vec<Polygon> = mask.iter().map(|r| Polygon::rect(*r)).collect();
            stack.set_mask(&polygons);
            let image = stack.intensity(0, &grid).unwrap().mapv(|i| i.max(0.0));
            let developed =
                develop(&resist, &Aerial::Image(image.view()), voxels, &mut |_| true).unwrap();
            let open = developed.thickness_nm as f32 / 2.0;
            let heights = developed.height_nm(developed.develop_s);
            let printed: Array2<f32> = heights.mapv(|h| f32::from(u8::from(h < open)));
            Pair::new(image, printed, PIXEL_NM).unwrap()
        })
        .collect()
}

#[test]
fn on_prints_of_the_three_dimensional_resist_diffusion_beats_both_thresholds() {
    let pairs = pairs();
    for (pair, mask) in pairs.iter().zip(masks()) {
        let open = pair.printed().sum() * (PIXEL_NM * PIXEL_NM) as f32;
        let drawn: f32 = mask.iter().map(|r| (r.width() * r.height()) as f32).sum();
        // The wafer prints something like the mask, so that there is something to be wrong about.
        assert!((0.3..3.0).contains(&(open / drawn)), "{open} of {drawn} nm²");
    }
    let Some(ResistModel::Vertical(start)) = ResistModel::preset("generic-car") else {
        panic!("generic-car is vertical")
    };
    let start = VerticalResist { tone: Tone::Positive, ..start };
    let options = CalibrationOptions { steps: 150, ..CalibrationOptions::default() };
    let free = ["dose", "diffusion_nm", "m_th"];
    let mut run = Calibration::new(start, &free, pairs, options).unwrap();
    while !run.is_finished() {
        run.step().unwrap();
    }
    let report = run.report().unwrap();
    println!("model               pixels wrong %  EPE mean nm  EPE max nm   (validation)");
    for (name, score) in [
        ("calibrated", &report.calibrated),
        ("variable threshold", &report.variable_threshold),
        ("constant threshold", &report.threshold),
    ] {
        let v = &score.validation;
        println!(
            "{name:18}  {:14.3}  {:11.2}  {:10.2}",
            100.0 * v.pixel_difference,
            v.epe_mean_nm,
            v.epe_max_nm
        );
    }
    let wrong = |score: &lithoscope_engine::resist::calibrate::ModelScore| {
        (score.train.pixel_difference, score.validation.pixel_difference)
    };
    let (ours, variable, constant) =
        (wrong(&report.calibrated), wrong(&report.variable_threshold), wrong(&report.threshold));
    // The published order: calibrated below variable below constant threshold.
    assert!(ours.0 < variable.0 && ours.1 < variable.1, "{ours:?} against {variable:?}");
    assert!(variable.0 <= constant.0, "{variable:?} against {constant:?}");
    assert!(ours.1 < 0.6 * constant.1, "{ours:?} against {constant:?}");
}
