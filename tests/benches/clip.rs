//! What one 2 µm clip costs: spectrum, imaging, exact scoring, a whole iteration, a raster.
//!
//! On contest clip 1 with the contest's two sets of 24 kernels; skipped without the reference data.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::imaging::{Focus, Grid, Imager, Process};
use lithoscope_engine::layout::{self, Clip};
use lithoscope_engine::opc::{OpcRun, Recipe, load_process};
use lithoscope_engine::verify::{PixelTarget, Scorer, contest_gauges};
use lithoscope_kernels::raster::{RasterGrid, coverage};
use lithoscope_kernels::spectrum::{Edge, SpectrumPlan};
use ndarray::Array2;

struct Case {
    clip: Clip,
    recipe: Recipe,
    process: Process,
    /// A corrected mask, so that edges are as many as in a run.
    mask: Vec<Polygon>,
}

fn case() -> Option<Case> {
    let folder = lithoscope_tests::shared("iccad13")?;
    let clip = layout::open(&folder.join("M1_test1.glp")).unwrap().default_clip(2048).unwrap();
    let recipe = Recipe::named("iccad13-no-sraf").unwrap();
    let process = load_process(&recipe, clip.window, Some(&folder), None).unwrap();
    let mut run = OpcRun::new(&clip, &recipe, &process).unwrap();
    for _ in 0..20 {
        run.step().unwrap();
    }
    let mask = run.mask(20).unwrap();
    Some(Case { clip, recipe, process, mask })
}

fn vertical_edges(mask: &[Polygon]) -> Vec<Edge> {
    let rings = mask.iter().flat_map(Polygon::rings);
    let edges =
        rings.flat_map(|ring| (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()])));
    edges
        .filter(|(a, b)| a.x == b.x)
        .map(|(a, b)| Edge { at: f64::from(a.x), from: f64::from(a.y), to: f64::from(b.y) })
        .collect()
}

fn imaging(criterion: &mut Criterion) {
    let Some(case) = case() else { return };
    let edges = vertical_edges(&case.mask);
    let half = case.process.focus.half;
    let mut spectrum = SpectrumPlan::new(2048.0, half, Some(1.0));
    criterion.bench_function(&format!("spectrum of {} edges", edges.len()), |b| {
        b.iter(|| {
            spectrum.clear();
            spectrum.add_vertical(black_box(&edges).iter().copied());
        });
    });

    let mut imager = Imager::new(&case.process, case.clip.window).unwrap();
    criterion.bench_function("fields of two kernel sets", |b| {
        b.iter(|| imager.set_mask(black_box(&case.mask)));
    });

    let grid = Grid::over(imager.field(), 1.0);
    let mut sampler = imager.sampler(&grid);
    let mut images = [0, 1, 2].map(|_| Array2::<f32>::zeros((grid.ny, grid.nx)));
    let outer = case.process.outer_dose.powi(2);
    criterion.bench_function("mask to three corners at 1 nm, 2048 x 2048", |b| {
        b.iter(|| {
            imager.set_mask(black_box(&case.mask));
            let [nominal, outer_image, inner_image] = &mut images;
            imager.sample(Focus::Nominal, &mut sampler, nominal.view_mut());
            imager.sample(Focus::Defocus, &mut sampler, inner_image.view_mut());
            outer_image.zip_mut_with(nominal, |o, n| *o = outer * n);
        });
    });
}

fn scoring(criterion: &mut Criterion) {
    let Some(case) = case() else { return };
    let mut imager = Imager::new(&case.process, case.clip.window).unwrap();
    let rule = case.recipe.scoring.target_rule;
    let target = PixelTarget::new(&case.clip.polygons, imager.field(), rule).unwrap();
    let gauges = contest_gauges(&target, 15);
    let mut scorer = Scorer::new(&imager, &target, &gauges);
    criterion.bench_function("exact L2, PV band, EPE and shots", |b| {
        b.iter(|| scorer.score(&mut imager, black_box(&case.mask)));
    });
}

fn iteration(criterion: &mut Criterion) {
    let Some(case) = case() else { return };
    let mut recipe = case.recipe.clone();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = 2000;
    let mut run = OpcRun::new(&case.clip, &recipe, &case.process).unwrap();
    criterion.bench_function("whole iteration: gradient, move, rules, exact score", |b| {
        b.iter(|| {
            if run.is_finished() {
                run.rewind(0);
            }
            run.step().unwrap();
        });
    });
    criterion
        .bench_function("gradient by term, three evaluations", |b| b.iter(|| run.gradients(0)));
}

fn raster(criterion: &mut Criterion) {
    let Some(case) = case() else { return };
    let rings: Vec<Vec<[f64; 2]>> = case
        .mask
        .iter()
        .flat_map(Polygon::rings)
        .map(|ring| ring.iter().map(|p| [f64::from(p.x), f64::from(p.y)]).collect())
        .collect();
    let grid = RasterGrid { origin: [0.0, 0.0], pixel: 1.0, nx: 2048, ny: 2048 };
    criterion.bench_function("raster of the mask, 2048 x 2048", |b| {
        b.iter(|| coverage(black_box(&rings).iter().map(Vec::as_slice), &grid).unwrap());
    });
}

criterion_group!(benches, imaging, scoring, iteration, raster);
criterion_main!(benches);
