//! What a process window costs: a mask through focus, its pictures, CDs over focus and dose.
//!
//! On our own optics (`contest-like`) and a mask of our own, on a field of 2048 nm at 21 focuses.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use lithoscope_engine::geometry::{Polygon, Rect};
use lithoscope_engine::imaging::{CutLine, FocusStack, Grid, MaskTone, SpectrumForm};
use lithoscope_engine::optics::{OpticalModel, SocsKernels};
use lithoscope_engine::verify::{
    CdGauge, CornerSpec, ProcessWindow, focus_exposure, meef, pv_band_of,
};
use ndarray::Array2;

const PERIOD: i32 = 2048;
const PLANES: i32 = 21;
const LEVEL: f64 = 0.225;

/// Lines of 80 nm with line ends, and jogs, as a metal clip has them.
fn mask() -> Vec<Polygon> {
    (0..10)
        .flat_map(|i| {
            let x = 300 + 150 * i;
            [
                Polygon::rect(Rect::new(x, 300 + 20 * (i % 3), x + 80, 980)),
                Polygon::rect(Rect::new(x, 1060, x + 80, 1740 - 20 * (i % 4))),
            ]
        })
        .collect()
}

fn gauges() -> Vec<CdGauge> {
    let gauge = |i: i32| {
        let x = f64::from(340 + 150 * i);
        let cut = CutLine::new([x - 75.0, 700.0], [x + 75.0, 700.0]);
        CdGauge::new(format!("line {i}"), cut, 90.0)
    };
    (0..10).map(gauge).collect()
}

fn kernels(model: &OpticalModel) -> Vec<(f64, Arc<SocsKernels>)> {
    let focuses = (0..PLANES).map(|i| f64::from(10 * i - 100));
    // One set a focus of either sign: the model is symmetric, but nothing relies on it.
    focuses.map(|z| (z, Arc::new(model.kernels(f64::from(PERIOD), z).unwrap()))).collect()
}

/// Kernels of a 2048 nm field from the model, nothing cached: every preset, and one with coma, which
/// has no symmetry left.
fn optics(criterion: &mut Criterion) {
    let field = f64::from(PERIOD);
    for name in OpticalModel::preset_names() {
        let model = OpticalModel::preset(name).unwrap();
        criterion.bench_function(&format!("kernels of {name}"), |b| {
            b.iter(|| model.kernels(field, black_box(0.0)).unwrap());
        });
    }
    let mut coma = OpticalModel::preset("immersion-annular").unwrap();
    coma.lens.zernike_waves.insert(7, 0.03);
    criterion.bench_function("kernels of immersion-annular with coma", |b| {
        b.iter(|| coma.kernels(field, black_box(0.0)).unwrap());
    });
}

fn process(criterion: &mut Criterion) {
    let model = OpticalModel::preset("contest-like").unwrap();
    let planes = kernels(&model);
    let window = Rect::new(0, 0, PERIOD, PERIOD);
    let tone = MaskTone::default();
    let mut stack = FocusStack::new(planes, SpectrumForm::Continuous, tone, window).unwrap();
    let mask = mask();

    criterion.bench_function("a mask at 21 focuses, exact grid", |b| {
        b.iter(|| stack.set_mask(black_box(&mask)));
    });

    for pixel in [2.0, 1.0] {
        let grid = Grid::over(window, pixel);
        let mut sampler = stack.sampler(&grid).unwrap();
        let mut image = Array2::<f32>::zeros((grid.ny, grid.nx));
        criterion.bench_function(&format!("a mask at 21 focuses, images at {pixel} nm"), |b| {
            b.iter(|| {
                stack.set_mask(black_box(&mask));
                for plane in 0..PLANES as usize {
                    stack.sample(plane, &mut sampler, image.view_mut()).unwrap();
                    black_box(&image);
                }
            });
        });
    }

    let gauges = gauges();
    let doses: Vec<f64> = (0..21).map(|i| 0.8 + 0.02 * f64::from(i)).collect();
    criterion.bench_function("CDs of 10 gauges at 21 focuses and 21 doses", |b| {
        b.iter(|| focus_exposure(&stack, black_box(&gauges), &doses, LEVEL).unwrap());
    });
    let matrix = focus_exposure(&stack, &gauges, &doses, LEVEL).unwrap();
    criterion.bench_function("process window of a gauge", |b| {
        b.iter(|| ProcessWindow::of(black_box(&matrix), &[0]).unwrap());
    });
    let corner = |dose, plane| CornerSpec { dose, plane };
    let corners = [corner(1.0, 10), corner(1.05, 10), corner(0.95, 5), corner(0.95, 15)];
    let grid = Grid::over(window, 1.0);
    criterion.bench_function("PV band of four corners at 1 nm", |b| {
        b.iter(|| pv_band_of(&stack, black_box(&corners), LEVEL, &grid).unwrap());
    });
    criterion.bench_function("MEEF of 10 gauges by the linearised image", |b| {
        b.iter(|| meef(&mut stack, &mask, black_box(&gauges), 10, (1.0, LEVEL)).unwrap());
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = optics, process
}
criterion_main!(benches);
