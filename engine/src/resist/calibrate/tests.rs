//! Calibration against planted resists and the gradients against the obvious sums.

use ndarray::Array2;

use super::histogram::{Histogram, Seen, node_loss};
use super::pairs::{Part, Split};
use super::*;
use crate::imaging::Grid;
use crate::resist::{LayerRule, Parameter, ResistModel, VerticalResist};

fn resist() -> VerticalResist {
    let Some(ResistModel::Vertical(resist)) = ResistModel::preset("torchresist-iccad13") else {
        panic!("preset")
    };
    VerticalResist { layers: 25, layer_rule: LayerRule::Continuous, ..resist }
}

/// A band-limited picture of lines and ends, 0…1, another for each seed.
fn picture(seed: u32, side: usize, pixel_nm: f64) -> Array2<f32> {
    let wave = |i: u32, c: usize| f64::from((seed * 37 + i * 29 + c as u32 * 53) % 97) / 97.0;
    Array2::from_shape_fn((side, side), |(y, x)| {
        let (x, y) = (x as f64 * pixel_nm, y as f64 * pixel_nm);
        let field: f64 = (0..7)
            .map(|i| {
                // Wavelengths from 80 nm on.
                let (kx, ky) = (0.078 * (wave(i, 0) - 0.5) * 2.0, 0.078 * (wave(i, 1) - 0.5) * 2.0);
                (kx * x + ky * y + 6.3 * wave(i, 2)).cos()
            })
            .sum();
        (0.3 + 0.11 * field).clamp(0.0, 1.2) as f32
    })
}

fn pairs_of(truth: &VerticalResist, count: u32, side: usize) -> Vec<Pair> {
    let model = ResistModel::Vertical(*truth);
    (0..count)
        .map(|seed| {
            let intensity = picture(seed, side, 4.0);
            let printed = model.printed(intensity.view(), 4.0).unwrap();
            Pair::new(intensity, printed.mapv(|p| f32::from(u8::from(p))), 4.0).unwrap()
        })
        .collect()
}

fn run(calibration: &mut Calibration) -> Vec<CalibrationStep> {
    let mut steps = Vec::new();
    while !calibration.is_finished() {
        steps.push(calibration.step().unwrap());
    }
    steps
}

#[test]
fn calibration_recovers_a_planted_diffusion_and_level_from_synthetic_pairs() {
    let truth = VerticalResist { diffusion_nm: 14.0, ..resist() };
    let start = VerticalResist { diffusion_nm: 7.0, dose: 0.8 * truth.dose, ..truth };
    let pairs = pairs_of(&truth, 5, 200);
    let options = CalibrationOptions::default();
    let mut calibration =
        Calibration::new(start, &["diffusion_nm", "dose"], pairs, options).unwrap();
    let steps = run(&mut calibration);
    let report = calibration.report().unwrap();
    let ResistModel::Vertical(found) = calibration.result() else { panic!("vertical") };
    println!("first {:?}\nlast {:?}\n{report:#?}", steps[0], steps.last().unwrap());
    for score in [report.calibrated.train, report.calibrated.validation] {
        assert!(score.pixel_difference <= 5e-4, "{score:?}");
    }
    assert!((found.diffusion_nm - 14.0).abs() < 0.3, "{}", found.diffusion_nm);
    // A threshold of either kind cannot follow diffusion; the variable one can a little.
    let [fixed, variable] = [&report.threshold, &report.variable_threshold];
    assert!(
        fixed.validation.pixel_difference > 10.0 * report.calibrated.validation.pixel_difference
    );
    assert!(variable.train.pixel_difference <= fixed.train.pixel_difference);
    assert!(report.calibrated.validation.pixel_difference < variable.validation.pixel_difference);
}

#[test]
fn calibration_recovers_a_planted_level_through_any_parameter_that_moves_it() {
    let truth = resist();
    let pairs = pairs_of(&truth, 1, 160);
    for name in ["threshold_nm", "m_th", "develop_s", "r_max"] {
        let mut start = truth;
        let parameter: Parameter = name.parse().unwrap();
        start.set(parameter, 0.8 * truth.get(parameter).unwrap()).unwrap();
        let options = CalibrationOptions { steps: 120, ..CalibrationOptions::default() };
        let mut calibration = Calibration::new(start, &[name], pairs.clone(), options).unwrap();
        run(&mut calibration);
        let difference = calibration.state().best_difference;
        assert!(difference <= 5e-4, "{name}: {difference}");
    }
}

#[test]
fn a_resumed_calibration_goes_on_bit_for_bit() {
    let truth = VerticalResist { diffusion_nm: 10.0, ..resist() };
    let start = VerticalResist { diffusion_nm: 6.0, ..truth };
    let free = ["diffusion_nm", "threshold_nm", "n", "m_th"];
    let options = CalibrationOptions { steps: 12, ..CalibrationOptions::default() };
    let pairs = pairs_of(&truth, 2, 96);
    let plan = || Calibration::new(start, &free, pairs.clone(), options.clone()).unwrap();
    let mut whole = plan();
    let steps = run(&mut whole);
    let mut first = plan();
    for _ in 0..5 {
        first.step().unwrap();
    }
    let saved = toml::to_string(first.state()).unwrap();
    let state: CalibrationState = toml::from_str(&saved).unwrap();
    let mut second = Calibration::resume(state, pairs.clone()).unwrap();
    assert_eq!(run(&mut second), steps[5..]);
    assert_eq!(second.state(), whole.state());
    // On another number of threads too.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(pool.install(|| run(&mut plan())), steps);
    // A state that was cut short is refused.
    let mut broken = first.state().clone();
    broken.free.pop();
    assert!(Calibration::resume(broken, pairs.clone()).is_err());
}

/// The obvious twin: the loss pixel by pixel, no histogram.
fn by_pixel(
    pairs: &[Pair],
    seen: &[Seen],
    resist: &VerticalResist,
    steepness: f64,
) -> (f64, [f64; 15]) {
    let split = Split::of(pairs.len());
    let (mut loss, mut gradient, mut pixels) = (0.0, [0.0; 15], 0.0);
    for (k, (pair, seen)) in pairs.iter().zip(seen).enumerate() {
        for ((y, x), &i) in seen.image.indexed_iter() {
            if split.part(k, y, x) != Part::Train {
                continue;
            }
            let (i, printed) = (f64::from(i), pair.printed()[[y, x]]);
            let kind = usize::from(printed > 0.5);
            let here = node_loss(resist, steepness, i);
            loss += here.loss[kind];
            for (total, part) in gradient.iter_mut().zip(&here.margin_gradient) {
                *total += here.in_margin[kind] * part;
            }
            let rise = node_loss(resist, steepness, i + 1e-6).loss[kind] - here.loss[kind];
            if let Some(drift) = &seen.in_diffusion {
                gradient[Parameter::DiffusionNm as usize] += rise / 1e-6 * f64::from(drift[[y, x]]);
            }
            pixels += 1.0;
        }
    }
    (loss / pixels, gradient.map(|g| g / pixels))
}

#[test]
fn the_histograms_gradient_is_the_sum_over_pixels() {
    let truth = VerticalResist { diffusion_nm: 14.0, ..resist() };
    let pairs = pairs_of(&truth, 2, 96);
    let moved = VerticalResist { diffusion_nm: 9.0, dose: 1.1 * truth.dose, ..truth };
    let seen = |sigma_nm: f64| -> Vec<Seen> {
        pairs
            .iter()
            .map(|pair| {
                let blur = lithoscope_kernels::blur::Blur::new(pair.intensity().view()).unwrap();
                let blurred = blur.blurred(sigma_nm / 4.0);
                Seen { image: blurred.image, in_diffusion: Some(blurred.in_sigma / 4.0) }
            })
            .collect()
    };
    let binned = |sigma_nm: f64, cells: usize, resist: &VerticalResist| {
        let split = Split::of(pairs.len());
        let histogram = Histogram::of(&pairs, &seen(sigma_nm), split, Part::Train, (cells, 1.2));
        histogram.loss(resist, 20.0)
    };
    let (slow_loss, slow) = by_pixel(&pairs, &seen(9.0), &moved, 20.0);
    let (loss, fast) = binned(9.0, 4096, &moved);
    assert!((loss - slow_loss).abs() < 1e-4 * slow_loss, "{loss} against {slow_loss}");
    for parameter in moved.parameters() {
        let (fast, slow) = (fast[parameter as usize], slow[parameter as usize]);
        assert!((fast - slow).abs() < 2e-3 * slow.abs() + 1e-7, "{parameter:?}: {fast} {slow}");
    }
    // And it is the derivative of the histogram's own loss, through chemistry and through diffusion.
    let (_, exact) = binned(9.0, 512, &moved);
    let h = 0.05;
    let finite = (binned(9.0 + h, 512, &moved).0 - binned(9.0 - h, 512, &moved).0) / (2.0 * h);
    let diffusion = exact[Parameter::DiffusionNm as usize];
    assert!((diffusion - finite).abs() < 0.02 * finite.abs(), "{diffusion} against {finite}");
    for parameter in moved.parameters().filter(|p| *p != Parameter::DiffusionNm) {
        let value = moved.get(parameter).unwrap();
        let h = 1e-6 * value.abs().max(0.1);
        let at = |v: f64| {
            let mut other = moved;
            other.set(parameter, v).unwrap();
            binned(9.0, 512, &other).0
        };
        let finite = (at(value + h) - at(value - h)) / (2.0 * h);
        let exact = exact[parameter as usize];
        let scale = finite.abs() + 1e-4 / value.abs().max(0.1);
        assert!((exact - finite).abs() < 1e-4 * scale, "{parameter:?}: {exact} against {finite}");
    }
}

#[test]
fn the_fitted_thresholds_are_the_planted_ones() {
    let planted = crate::resist::VariableThreshold { base: 0.12, gain: 0.25, radius_nm: 60.0 };
    let pairs: Vec<Pair> = (0..5)
        .map(|seed| {
            let intensity = picture(seed, 128, 4.0);
            let model = ResistModel::VariableThreshold(planted);
            let printed = model.printed(intensity.view(), 4.0).unwrap();
            Pair::new(intensity, printed.mapv(|p| f32::from(u8::from(p))), 4.0).unwrap()
        })
        .collect();
    let found = fit_variable_threshold(&pairs, &[30.0, 60.0, 120.0]).unwrap();
    assert_eq!(found.radius_nm, 60.0);
    assert!((found.gain - 0.25).abs() < 0.01 && (found.base - 0.12).abs() < 0.01, "{found:?}");
    assert!(fit_variable_threshold(&pairs, &[]).is_err());

    let level = resist().equivalent_level().unwrap();
    let found = fit_threshold(&pairs_of(&resist(), 3, 128)).level;
    assert!((found - level).abs() < 5e-4, "{found} against {level}");
}

/// Lines of pitch 128 nm whose contrast falls with focus.
fn lines(focus_nm: f64) -> EdgeImage {
    let grid = Grid { origin_nm: [-256.0, -32.0], pixel_nm: 2.0, nx: 256, ny: 32 };
    let contrast = 0.30 * (1.0 - (focus_nm / 150.0).powi(2));
    let intensity = Array2::from_shape_fn((32, 256), |(y, x)| {
        let [x, _] = grid.centre(x as f64, y as f64);
        let phase = std::f64::consts::TAU * x / 128.0;
        (0.33 + contrast * phase.cos() + 0.03 * (2.0 * phase).cos()) as f32
    });
    EdgeImage { focus_nm, intensity, grid }
}

#[test]
fn a_cd_table_gives_back_the_resist_that_made_it() {
    let truth = VerticalResist { diffusion_nm: 12.0, ..resist() };
    let foci = [-60.0, 0.0, 60.0];
    let images: Vec<EdgeImage> = foci.into_iter().map(lines).collect();
    let cut = ([-64.0, 0.0], [64.0, 0.0]);
    let doses = [0.85, 1.0, 1.15];
    let rows: Vec<CdRow> = foci
        .iter()
        .flat_map(|&focus_nm| doses.map(|dose| CdRow { dose, focus_nm, cd_nm: 1.0, weight: 1.0 }))
        .collect();
    let mut measured = Measurement::of_table(&rows, &images, cut, Prints::Bright).unwrap();
    let plan = |start: VerticalResist, measured: &[Measurement]| {
        let free = ["diffusion_nm", "dose"];
        EdgeCalibration::new(start, &free, images.clone(), measured.to_vec()).unwrap()
    };
    let widths = plan(truth, &measured).summary().widths_nm;
    for (measured, width) in measured.iter_mut().zip(widths) {
        measured.cd_nm = width.unwrap();
    }
    // The image blurred by σ is known in closed form: each wave falls by e^{−σ²k²/2}. Its printed
    // width at dose 1 and focus 0 is where it is the equivalent level.
    let falls = |order: f64| (-0.5 * (12.0 * order * std::f64::consts::TAU / 128.0).powi(2)).exp();
    let level = truth.equivalent_level().unwrap();
    let centre = measured.iter().find(|m| m.image == 1 && m.dose == 1.0).unwrap().cd_nm;
    let phase = std::f64::consts::PI * centre / 128.0;
    let at_edge = 0.33 + 0.30 * falls(1.0) * phase.cos() + 0.03 * falls(2.0) * (2.0 * phase).cos();
    assert!((at_edge - level).abs() < 1e-4, "{at_edge} against {level}");

    let start = VerticalResist { diffusion_nm: 6.0, dose: 1.2 * truth.dose, ..truth };
    let mut calibration = plan(start, &measured);
    let first = calibration.summary();
    while !calibration.is_finished() {
        calibration.step().unwrap();
    }
    let (last, ResistModel::Vertical(found)) = (calibration.summary(), calibration.result()) else {
        panic!("vertical")
    };
    println!("rms {} nm to {} nm, {found:?}", first.rms_nm, last.rms_nm);
    assert!(first.rms_nm > 1.0 && last.rms_nm < 1e-3 && last.missing == 0, "{last:?}");
    assert!(
        (found.diffusion_nm - 12.0).abs() < 0.01 && (found.dose / truth.dose - 1.0).abs() < 1e-4
    );
    assert!(Measurement::of_table(&rows, &images[..1], cut, Prints::Bright).is_err());
}

#[test]
fn gauges_of_lines_and_spaces_move_with_the_level_as_their_slopes_say() {
    let images = vec![lines(0.0)];
    let row = |x: f64, prints: Prints| GaugeRow {
        x,
        y: -10.0,
        tangent: 90.0,
        target_nm: 64.0,
        measured_nm: 60.0,
        weight: 1.0,
        prints,
    };
    let gauges = [row(3.0, Prints::Bright), row(66.0, Prints::Dark), row(-128.0, Prints::Bright)];
    let measured = Measurement::of_gauges(&gauges, 0);
    let start = VerticalResist { diffusion_nm: 8.0, ..resist() };
    let widths = |start: VerticalResist| {
        let plan =
            EdgeCalibration::new(start, &["dose"], images.clone(), measured.clone()).unwrap();
        plan.summary().widths_nm.into_iter().map(Option::unwrap).collect::<Vec<_>>()
    };
    let now = widths(start);
    // Bright lines and the dark spaces between them share the pitch.
    assert!((now[0] + now[1] - 128.0).abs() < 0.01 && (now[0] - now[2]).abs() < 0.01, "{now:?}");
    // Weighted least squares through one parameter settle where the weighted residuals balance.
    let mut plan =
        EdgeCalibration::new(start, &["dose"], images.clone(), measured.clone()).unwrap();
    let before = plan.summary().rms_nm;
    while !plan.is_finished() {
        plan.step().unwrap();
    }
    let ResistModel::Vertical(found) = plan.result() else { panic!("vertical") };
    let squares = |dose: f64| -> f64 {
        let model = widths(VerticalResist { dose, ..found });
        model.iter().map(|w| (w - 60.0) * (w - 60.0)).sum()
    };
    let least = squares(found.dose);
    assert!(plan.summary().rms_nm < before);
    for factor in [0.99, 1.01] {
        assert!(squares(factor * found.dose) > least, "{factor}");
    }
}
