//! CDs over focus and dose, process windows, MEEF and PV bands against their closed forms.
#![allow(clippy::unwrap_used)]

mod lens;

use std::f64::consts::PI;

use lens::{disc, lines, process, stack, window};
use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::{CutLine, FocusStack, Grid, Imager, MaskTone};
use lithoscope_engine::verify::{
    CdGauge, CornerSpec, FocusExposure, PixelTarget, Prints, ProcessWindow, Scorer, TargetRule,
    VerifyError, focus_exposure, meef, meef_by_bias, pv_band_of,
};

const PERIOD: i32 = 1200;
/// Only the orders −1, 0 and 1 of this pitch pass.
const PITCH: i32 = 240;
const CUTOFF: f64 = 6.5;
const COHERENT: [[i32; 2]; 1] = [[0, 0]];

fn line_gauge(centre: f64, reach: f64, target_nm: f64) -> CdGauge {
    let cut = CutLine::new([centre - reach, 100.0], [centre + reach, 100.0]);
    CdGauge::new("line", cut, target_nm)
}

/// Three-beam lines of 120 nm.
fn three_beams(z: &[f64]) -> FocusStack {
    let mut stack = stack(PERIOD, CUTOFF, &COHERENT, z, MaskTone::default());
    stack.set_mask(&lines(PERIOD, 0, PITCH, PITCH / 2));
    stack
}

/// Half the phase angle a three-beam line at focus prints over: cos θ = (√level − ½)·π/2.
fn angle(level: f64) -> f64 {
    ((level.sqrt() - 0.5) * PI / 2.0).acos()
}

#[test]
fn three_beam_lines_print_their_closed_form_width_at_every_dose() {
    let gauge = line_gauge(480.0, 120.0, 120.0);
    let space = CdGauge { prints: Prints::Dark, ..line_gauge(360.0, 120.0, 120.0) };
    let doses: Vec<f64> = (0..21).map(|i| 0.6 + 0.05 * f64::from(i)).collect();
    let matrix = focus_exposure(&three_beams(&[0.0]), &[gauge, space], &doses, 0.3).unwrap();
    for (i, dose) in doses.iter().enumerate() {
        let wanted = f64::from(PITCH) * angle(0.3 / dose) / PI;
        let [bright, dark] = [0, 1].map(|g| matrix.cds_nm[g][0][i].unwrap());
        assert!((bright - wanted).abs() < 2e-3, "{bright} against {wanted}");
        assert!((bright + dark - f64::from(PITCH)).abs() < 2e-3);
    }
}

#[test]
fn a_three_beam_bossung_is_flat_where_the_side_orders_cancel() {
    // I = a₀² + 4a₁²cos² + 4a₀a₁cos·cos φ(z) does not depend on focus where cos = 0: there I = ¼
    // and the line is half a pitch wide, printed at the dose level/¼.
    let z = [-120.0, -60.0, 0.0, 60.0, 120.0];
    let doses: Vec<f64> = (0..15).map(|i| 0.8 + 0.05 * f64::from(i)).collect();
    let gauge = line_gauge(240.0, 120.0, 120.0);
    let matrix = focus_exposure(&three_beams(&z), &[gauge], &doses, 0.3).unwrap();
    let isofocal = matrix.isofocal(0).unwrap();
    assert!((isofocal.dose - 1.2).abs() < 1e-3, "{isofocal:?}");
    assert!((isofocal.cd_nm - 120.0).abs() < 0.02, "{isofocal:?}");
    let bossung = matrix.bossung(0);
    assert_eq!(bossung.len(), doses.len());
    let span = |i: usize| {
        let cds = bossung[i].points.iter().map(|p| p.1.unwrap());
        cds.clone().fold(0.0, f64::max) - cds.fold(f64::INFINITY, f64::min)
    };
    assert!(span(8) < 2e-3 && (bossung[8].dose - 1.2).abs() < 1e-9);
    assert!(span(0) > 1.0 && span(14) > 1.0);
}

#[test]
fn nothing_printed_an_open_feature_or_a_far_one_has_no_cd() {
    // Off focus the light between the lines never vanishes.
    let stack = three_beams(&[75.0]);
    let doses = [0.1, 1.0, 100.0];
    let near = line_gauge(240.0, 120.0, 120.0);
    // Its ends lie on the line itself.
    let short = line_gauge(240.0, 50.0, 120.0);
    // Nearest to a line of 10 nm in the middle of a space is a line 60 nm away.
    let between = line_gauge(360.0, 240.0, 10.0);
    let matrix = focus_exposure(&stack, &[near, short, between], &doses, 0.25).unwrap();
    let cds = |g: usize| matrix.cds_nm[g][0].clone();
    // 0.25/0.1 is above the brightest place, 0.25/100 below the darkest: lines have merged.
    assert!(cds(0)[0].is_none() && cds(0)[2].is_none());
    assert!((cds(0)[1].unwrap() - 120.0).abs() < 2e-3);
    assert!(cds(1).iter().chain(&cds(2)).all(Option::is_none));
}

#[test]
fn doses_and_gauges_out_of_range_are_refused_with_typed_errors() {
    let stack = three_beams(&[0.0, 30.0]);
    let gauge = line_gauge(240.0, 120.0, 120.0);
    let measure = |gauge: &CdGauge, doses: &[f64], level: f64| {
        focus_exposure(&stack, std::slice::from_ref(gauge), doses, level).err()
    };
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let of_dose = measure(&gauge, &[1.0, bad], 0.25);
        assert!(matches!(of_dose, Some(VerifyError::Parameter { name: "dose", .. })), "{bad}");
        let of_level = measure(&gauge, &[1.0], bad);
        assert!(matches!(of_level, Some(VerifyError::Parameter { name: "level", .. })));
        let target = CdGauge { target_nm: bad, ..gauge.clone() };
        let of_target = measure(&target, &[1.0], 0.25);
        assert!(matches!(of_target, Some(VerifyError::Parameter { name: "target_nm", .. })));
    }
    assert!(matches!(measure(&gauge, &[], 0.25), Some(VerifyError::Matrix(_))));
    assert!(matches!(measure(&gauge, &[1.0, 1.0], 0.25), Some(VerifyError::Matrix(_))));
    assert!(focus_exposure(&stack, &[], &[1.0], 0.25).is_err());
    let far = CdGauge { cut: CutLine::new([0.0, 0.0], [9e9, 0.0]), ..gauge.clone() };
    assert!(matches!(measure(&far, &[1.0], 0.25), Some(VerifyError::Imaging(_))));
    assert!(measure(&gauge, &[1.1, 0.9], 0.25).is_none());
}

#[test]
fn focus_planes_and_doses_come_out_in_rising_order_whatever_the_threads() {
    let gauge = line_gauge(240.0, 120.0, 120.0);
    let run = |z: &[f64], doses: &[f64], threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            focus_exposure(&three_beams(z), std::slice::from_ref(&gauge), doses, 0.3).unwrap()
        })
    };
    let mixed = run(&[50.0, -10.0, 0.0], &[1.1, 0.9, 1.0], 3);
    assert_eq!(mixed, run(&[-10.0, 0.0, 50.0], &[0.9, 1.0, 1.1], 1));
    assert_eq!((mixed.focuses_nm, mixed.doses), (vec![-10.0, 0.0, 50.0], vec![0.9, 1.0, 1.1]));
}

/// A matrix of CD = target·(1 + s(E − E₀) − b(z − z₀)²).
fn parabolic(models: &[[f64; 4]]) -> FocusExposure {
    let focuses_nm: Vec<f64> = (0..21).map(|i| -100.0 + 10.0 * f64::from(i)).collect();
    let doses: Vec<f64> = (0..21).map(|i| 0.6 + 0.04 * f64::from(i)).collect();
    let cds_nm = models
        .iter()
        .map(|[s, b, dose, focus]| {
            let cd = |z: f64, e: f64| 100.0 * (1.0 + s * (e - dose) - b * (z - focus).powi(2));
            let row = |z: &f64| doses.iter().map(|e| Some(cd(*z, *e))).collect();
            focuses_nm.iter().map(row).collect()
        })
        .collect();
    let gauges = models.iter().map(|_| line_gauge(0.0, 100.0, 100.0)).collect();
    FocusExposure { gauges, level: 0.3, focuses_nm, doses, cds_nm }
}

const SLOPE: f64 = 1.5;
const BEND: f64 = 1.8e-5;
const TOLERANCE: f64 = 0.1;

#[test]
fn a_parabolic_bossung_has_the_rectangles_of_its_closed_form() {
    // Over ±F the doses allowed are (bF² − τ)/s … τ/s about the nominal one.
    let matrix = parabolic(&[[SLOPE, BEND, 1.0, 0.0]]);
    let found = ProcessWindow::of(&matrix, &[0]).unwrap();
    let latitude = |depth: f64| {
        let square = BEND * (depth / 2.0).powi(2);
        (2.0 * TOLERANCE - square) / (SLOPE + square / 2.0)
    };
    for &(depth, found) in &found.latitude_curve {
        assert!((found - latitude(depth)).abs() < 1e-9, "{depth}: {found}");
    }
    assert!((found.latitude_curve.last().unwrap().0 - 200.0).abs() < 1e-9);
    assert!((found.exposure_latitude_at(77.0).unwrap() - latitude(77.0)).abs() < 1e-4);
    let depth = found.depth_of_focus_at(0.1).unwrap();
    assert!((latitude(depth) - 0.1).abs() < 1e-4, "{depth}");
    let best = found.rectangle.unwrap();
    let sizes = (0..=200).map(|d| f64::from(d) * latitude(f64::from(d)));
    let size = best.depth_of_focus_nm * best.exposure_latitude;
    assert!((size - sizes.fold(0.0, f64::max)).abs() < 1e-3 * size);
    let square = BEND * (best.depth_of_focus_nm / 2.0).powi(2);
    assert!(best.focus_nm.abs() < 1e-9);
    assert!((best.dose - 1.0 - square / (2.0 * SLOPE)).abs() < 1e-9);
    // The window goes on beyond the last plane.
    assert!(found.reaches_the_end);
}

#[test]
fn a_parabolic_bossung_has_the_ellipses_of_its_closed_form() {
    // With t = τ/s and q = bF²/s the half height is t while q ≤ t/2, then 2q(√(2t/q) − 1).
    let matrix = parabolic(&[[SLOPE, BEND, 1.0, 0.0]]);
    let found = ProcessWindow::of(&matrix, &[0]).unwrap();
    for &(depth, latitude) in found.ellipse_curve.iter().skip(1) {
        let (t, q) = (TOLERANCE / SLOPE, BEND * (depth / 2.0).powi(2) / SLOPE);
        let half = if q <= t / 2.0 { t } else { 2.0 * q * ((2.0 * t / q).sqrt() - 1.0) };
        let centre = 1.0 + t - half;
        // Touching points lie between the 128 angles it is held against the window at.
        let wanted = 2.0 * half / centre;
        assert!((latitude - wanted).abs() < 1e-3 * wanted, "{depth}: {latitude} for {wanted}");
    }
    // An ellipse holds less at its ends, so it reaches further than the rectangle of its height.
    let ellipse = found.ellipse.unwrap();
    let rectangle = found.exposure_latitude_at(ellipse.depth_of_focus_nm).unwrap();
    assert!(ellipse.exposure_latitude > rectangle);
}

#[test]
fn an_overlapping_window_is_the_intersection_of_its_gauges() {
    let models = [[SLOPE, BEND, 1.0, -20.0], [1.2, 3e-5, 1.03, 15.0]];
    let matrix = parabolic(&models);
    let both = ProcessWindow::of(&matrix, &[0, 1]).unwrap();
    assert_eq!(both.gauges.len(), 2);
    assert!(!both.edges.is_empty());
    for edge in &both.edges {
        let limits = models.map(|[s, b, dose, focus]| {
            let shift = dose + b * (edge.focus_nm - focus).powi(2) / s;
            [shift - TOLERANCE / s, shift + TOLERANCE / s]
        });
        let low = limits[0][0].max(limits[1][0]);
        let high = limits[0][1].min(limits[1][1]);
        assert!((edge.low_dose - low).abs() < 1e-6, "{edge:?}: {low}");
        assert!((edge.high_dose - high).abs() < 1e-6, "{edge:?}: {high}");
    }
    // It is no larger than either, and smaller than one of them.
    let alone = [0, 1].map(|g| ProcessWindow::of(&matrix, &[g]).unwrap().rectangle.unwrap());
    let size =
        |w: lithoscope_engine::verify::WindowShape| w.depth_of_focus_nm * w.exposure_latitude;
    let common = size(both.rectangle.unwrap());
    assert!(alone.iter().all(|w| common <= size(*w)) && common < 0.95 * size(alone[0]));
}

#[test]
fn gauges_without_a_common_dose_have_no_window() {
    let matrix = parabolic(&[[SLOPE, BEND, 0.9, 0.0], [SLOPE, BEND, 1.1, 0.0]]);
    let none = ProcessWindow::of(&matrix, &[0, 1]).unwrap();
    assert!(none.edges.is_empty() && none.latitude_curve.is_empty());
    assert!(none.rectangle.is_none() && none.ellipse.is_none());
    assert!(none.depth_of_focus_at(0.05).is_none() && none.exposure_latitude_at(10.0).is_none());
    assert!(matches!(ProcessWindow::of(&matrix, &[2]), Err(VerifyError::Matrix(_))));
    assert!(matches!(ProcessWindow::of(&matrix, &[]), Err(VerifyError::Matrix(_))));
    let torn = FocusExposure { cds_nm: matrix.cds_nm[..1].to_vec(), ..matrix };
    assert!(matches!(ProcessWindow::of(&torn, &[0]), Err(VerifyError::Matrix(_))));
}

#[test]
fn a_window_of_imaged_lines_holds_its_cds_within_tolerance() {
    let z: Vec<f64> = (0..11).map(|i| -75.0 + 15.0 * f64::from(i)).collect();
    let doses: Vec<f64> = (0..21).map(|i| 0.6 + 0.07 * f64::from(i)).collect();
    let gauge = line_gauge(240.0, 120.0, 120.0);
    let stack = three_beams(&z);
    let matrix = focus_exposure(&stack, std::slice::from_ref(&gauge), &doses, 0.3).unwrap();
    let found = ProcessWindow::of(&matrix, &[0]).unwrap();
    for edge in &found.gauges[0].edges {
        let plane = z.iter().position(|z| *z == edge.focus_nm).unwrap();
        let line = stack.line(plane, &gauge.cut).unwrap();
        for (dose, target) in [(edge.low_dose, 108.0), (edge.high_dose, 132.0)] {
            let cd = gauge.cd(&line, 0.3 / dose).unwrap();
            // CDs are interpolated over doses 0.07 apart.
            assert!((cd - target).abs() < 0.05, "{edge:?}: {cd}");
        }
    }
    assert!(found.rectangle.unwrap().focus_nm.abs() < 2.0);
}

#[test]
fn meef_of_three_beam_lines_is_half_over_the_sine_of_their_edge() {
    // With a space a of pitch p: E = a/p + (2/π) sin(πa/p) cos θ; at a = p/2 an edge at θ moves by
    // da/(4 sin θ).
    let mut stack = three_beams(&[0.0]);
    let mask = lines(PERIOD, 0, PITCH, PITCH / 2);
    let bright = line_gauge(480.0, 120.0, 120.0);
    let dark = CdGauge { prints: Prints::Dark, ..line_gauge(360.0, 120.0, 120.0) };
    let gauges = [bright, dark];
    for (dose, level) in [(1.0, 0.25), (1.0, 0.5), (1.3, 0.25), (0.8, 0.4)] {
        let wanted = 0.5 / angle(level / dose).sin();
        let exact = meef(&mut stack, &mask, &gauges, 0, (dose, level)).unwrap();
        let biased = meef_by_bias(&mut stack, &mask, &gauges, 0, (dose, level), 0.5).unwrap();
        for (exact, biased) in exact.into_iter().zip(biased) {
            let (exact, biased) = (exact.unwrap(), biased.unwrap());
            assert!((exact - wanted).abs() < 2e-4, "{exact} against {wanted}");
            // A finite bias differs in second order, (πb/p)² ~ 4e-5, and by rounding of the image.
            assert!((biased - wanted).abs() < 1e-3, "{biased} against {wanted}");
        }
    }
}

#[test]
fn meef_by_bias_and_by_the_linearised_image_agree_for_tones_off_focus() {
    let mask = [
        Polygon::rect(Rect::new(300, 250, 420, 800)),
        Polygon::rect(Rect::new(520, 250, 640, 700)),
    ];
    let gauges = [line_gauge(360.0, 110.0, 120.0), line_gauge(580.0, 110.0, 120.0)].map(|mut g| {
        g.cut.from_nm[1] = 500.0;
        g.cut.to_nm[1] = 500.0;
        g
    });
    for dark_features in [false, true] {
        let tone = MaskTone::attenuated(0.06, dark_features);
        let prints = if dark_features { Prints::Dark } else { Prints::Bright };
        let gauges = gauges.clone().map(|g| CdGauge { prints, ..g });
        let mut stack = stack(PERIOD, CUTOFF, &disc(4), &[-20.0, 90.0], tone);
        stack.set_mask(&mask);
        let before = stack.exact(1).unwrap().to_owned();
        let exact = meef(&mut stack, &mask, &gauges, 1, (1.0, 0.3)).unwrap();
        let biased = meef_by_bias(&mut stack, &mask, &gauges, 1, (1.0, 0.3), 0.5).unwrap();
        for (exact, biased) in exact.iter().zip(&biased) {
            let (exact, biased) = (exact.unwrap(), biased.unwrap());
            assert!((exact - biased).abs() < 2e-3 * exact, "{exact} against {biased}");
            assert!((0.5..4.0).contains(&exact), "{exact}");
        }
        // The mask is the stack's own again.
        let after = stack.exact(1).unwrap();
        assert!(before.iter().zip(after).all(|(a, b)| (a - b).abs() < 1e-5));
        let other = meef(&mut stack, &mask, &gauges, 0, (1.0, 0.3)).unwrap();
        assert!((other[0].unwrap() - exact[0].unwrap()).abs() > 1e-3);
    }
}

#[test]
fn meef_of_a_large_feature_tends_to_one() {
    let (period, width) = (2000, 900);
    let mask = [Polygon::rect(Rect::new(550, 0, 550 + width, period))];
    let gauge = line_gauge(1000.0, 600.0, f64::from(width));
    let mut stack = stack(period, 8.3, &disc(5), &[0.0], MaskTone::default());
    let found = meef(&mut stack, &mask, &[gauge], 0, (1.0, 0.3)).unwrap();
    assert!((found[0].unwrap() - 1.0).abs() < 0.02, "{found:?}");
}

#[test]
fn a_bias_that_leaves_nothing_is_refused() {
    let mut stack = three_beams(&[0.0]);
    let mask = lines(PERIOD, 0, PITCH, 120);
    let gauge = [line_gauge(240.0, 120.0, 120.0)];
    let mut by = |bias| meef_by_bias(&mut stack, &mask, &gauge, 0, (1.0, 0.25), bias);
    assert!(matches!(by(60.0), Err(VerifyError::Imaging(_))));
    for bad in [0.0, -1.0, f64::NAN] {
        assert!(matches!(by(bad), Err(VerifyError::Parameter { name: "bias_nm", .. })));
    }
    assert!(meef(&mut stack, &mask, &gauge, 0, (0.0, 0.25)).is_err());
    assert!(meef(&mut stack, &mask, &gauge, 7, (1.0, 0.25)).is_err());
}

#[test]
fn the_band_of_one_corner_is_empty_and_of_contest_corners_that_of_the_score() {
    let shapes = [
        Polygon::rect(Rect::new(300, 250, 420, 800)),
        Polygon::rect(Rect::new(520, 250, 640, 700)),
    ];
    let tone = MaskTone::default();
    let mut imager =
        Imager::new(&process(PERIOD, CUTOFF, &disc(4), 90.0, tone), window(PERIOD)).unwrap();
    let target = PixelTarget::new(&shapes, window(PERIOD), TargetRule::HalfOpen).unwrap();
    let score = Scorer::new(&imager, &target, &[]).score(&mut imager, &shapes);
    let mut stack = stack(PERIOD, CUTOFF, &disc(4), &[0.0, 90.0], tone);
    stack.set_mask(&shapes);
    let grid = Grid::over(window(PERIOD), 1.0);
    let corner = |dose: f64, plane: usize| CornerSpec { dose, plane };
    // The contest's doses scale the mask: intensity by their square.
    let corners = [corner(1.02 * 1.02, 0), corner(0.98 * 0.98, 1)];
    let band = pv_band_of(&stack, &corners, 0.25, &grid).unwrap();
    assert!(score.pvb_nm2 > 1000);
    assert_eq!(band.area_nm2, score.pvb_nm2 as f64);
    assert_eq!(band.pixels().iter().filter(|p| **p).count() as u64, score.pvb_nm2);
    let nominal = pv_band_of(&stack, &[corner(1.0, 0)], 0.25, &grid).unwrap();
    assert_eq!(nominal.area_nm2, 0.0);
    assert_eq!(nominal.anywhere.differing(&target_bits(&target)), score.l2_nm2);
    // More corners only widen the band.
    let more = [corners[0], corners[1], corner(1.1, 1), corner(1.0, 0)];
    assert!(pv_band_of(&stack, &more, 0.25, &grid).unwrap().area_nm2 > band.area_nm2);
    assert!(pv_band_of(&stack, &[], 0.25, &grid).is_err());
    assert!(pv_band_of(&stack, &[corner(0.0, 0)], 0.25, &grid).is_err());
    assert!(pv_band_of(&stack, &[corner(1.0, 2)], 0.25, &grid).is_err());
}

fn target_bits(target: &PixelTarget) -> lithoscope_engine::imaging::Bits {
    let pixels = target.pixels();
    lithoscope_engine::imaging::Bits::from_fn(pixels.nrows(), pixels.ncols(), |y, x| pixels[[y, x]])
}
