//! Resist: the depth of an image through its table, and developing a block in three dimensions, each
//! against copying as much.

#![allow(missing_docs, clippy::unwrap_used)]

use std::f64::consts::TAU;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lithoscope_engine::resist::film::{FilmPolarisation, FilmStack, Substrate};
use lithoscope_engine::resist::volume::{
    Aerial, Bake, BakeKind, Sides, VolumeGrid, VolumeResist, develop,
};
use lithoscope_engine::resist::{DepthTable, Dill, RateModel, ResistModel, Tone};
use lithoscope_kernels::diffuse::{Wall, diffuse};
use lithoscope_kernels::eikonal::{Start, arrival};
use ndarray::{Array2, Array3};

/// Resist on bare silicon at 193 nm: standing waves as deep as they come.
fn resist() -> VolumeResist {
    let silicon = Substrate { name: "silicon".into(), n: 0.883, k: 2.778 };
    VolumeResist {
        wavelength_nm: 193.0,
        dose: 30.0,
        develop_s: 30.0,
        tone: Tone::Positive,
        polarisation: FilmPolarisation::Unpolarised,
        sides: Sides::Mirror,
        dill: Dill { a_per_um: 0.5, b_per_um: 1.5, c_per_dose: 0.05 },
        rate: RateModel::Mack { r_max: 100.0, r_min: 0.1, m_th: 0.3, n: 5.0 },
        bake: Bake { diffusion_nm: 10.0, kind: BakeKind::Fickian },
        stack: FilmStack { substrate: silicon, ..FilmStack::matched(1.7, 0.0, 100.0) },
    }
}

/// Contacts of 200 nm pitch over a micrometre, 250 × 250 pixels of 4 nm.
fn image() -> Array2<f32> {
    Array2::from_shape_fn((250, 250), |(y, x)| {
        let wave = |i: usize| 0.5 + 0.5 * (TAU * 4.0 * i as f64 / 200.0).sin();
        (0.05 + 0.9 * wave(x) * wave(y)) as f32
    })
}

fn block(criterion: &mut Criterion) {
    let (resist, image) = (resist(), image());
    let grid = VolumeGrid { pixel_nm: 4.0, dz_nm: 2.0 };
    let run = || develop(&resist, &Aerial::Image(image.view()), grid, &mut |_| true).unwrap();
    let developed = run();
    let mut copy = Array3::<f32>::zeros(developed.arrival_s.raw_dim());
    criterion.bench_function("copy of 250 x 250 x 50 voxels", |b| {
        b.iter(|| copy.assign(black_box(&developed.latent)));
    });
    criterion.bench_function("3-D resist, 250 x 250 x 50 voxels", |b| b.iter(run));
    let mut volume = developed.latent.clone();
    criterion.bench_function("diffusion of 10 nm, 250 x 250 x 50 voxels", |b| {
        b.iter(|| diffuse(&mut volume.view_mut(), [5.0, 2.5, 2.5], Wall::Mirror));
    });
    let rate = developed.inhibitor.mapv(|m| resist.rate.rate_nm_s(f64::from(m)) as f32);
    criterion.bench_function("front through 250 x 250 x 50 voxels", |b| {
        b.iter(|| arrival(rate.view(), [2.0, 4.0, 4.0], Start::Top, &mut || true).unwrap());
    });
    criterion.bench_function("surface of 250 x 250 x 50 voxels", |b| {
        b.iter(|| developed.surface(developed.develop_s));
    });
}

/// The published parameters on a 2 µm image at 1 nm.
fn depth(criterion: &mut Criterion) {
    let Some(ResistModel::Vertical(resist)) = ResistModel::preset("torchresist-iccad13") else {
        return;
    };
    let table = DepthTable::new(&resist).unwrap();
    let image = Array2::from_shape_fn((2048, 2048), |(y, x)| {
        (0.3 + 0.3 * (x as f64 / 31.0).sin() * (y as f64 / 47.0).cos()) as f32
    });
    let mut depth = Array2::<f32>::zeros(image.raw_dim());
    criterion.bench_function("copy of 2048 x 2048 numbers", |b| {
        b.iter(|| depth.assign(black_box(&image)));
    });
    criterion.bench_function("vertical depth of 2048 x 2048 numbers", |b| {
        b.iter(|| table.apply(black_box(image.view()), depth.view_mut()).unwrap());
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = depth, block
}
criterion_main!(benches);
