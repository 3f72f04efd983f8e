//! Resist on every device of this machine against the processor.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::sync::Arc;

use lithoscope_engine::device::{Adapters, Compute, DeviceError, Reference};
use lithoscope_engine::resist::volume::{
    Aerial, Developed, VolumeGrid, VolumeResist, develop, develop_on,
};
use lithoscope_engine::resist::{DepthTable, ResistError, ResistModel};
use ndarray::Array2;

/// Largest difference of a depth, nm.
const DEPTH_NM: f64 = 0.05;

fn devices() -> Vec<Arc<dyn Compute>> {
    let mut found: Vec<Arc<dyn Compute>> = vec![Arc::new(Reference::new())];
    let adapters = Adapters::find();
    for index in 0..adapters.infos().len() {
        found.push(Arc::new(adapters.open(index).unwrap()));
    }
    if found.len() == 1 {
        println!("skipped: no device on this machine; only the twins are tested");
    }
    found
}

fn image() -> Array2<f32> {
    Array2::from_shape_fn((21, 38), |(y, x)| {
        let wave = |i: usize, period: f32| (std::f32::consts::TAU * i as f32 / period).sin();
        0.3 + 0.22 * wave(x, 19.0) * (1.0 + 0.3 * wave(y, 16.0)) + 0.002 * (x + y) as f32
    })
}

fn volumes() -> Vec<(String, VolumeResist)> {
    let named = ResistModel::preset_names().filter_map(|name| match ResistModel::preset(name) {
        Some(ResistModel::Volume(volume)) => Some((name.to_owned(), *volume)),
        _ => None,
    });
    named.collect()
}

/// By how much heights and what they are read off differ, nm: infinite for what is no number.
fn apart(found: &Developed, wanted: &Developed, t: f64) -> f64 {
    let (found, wanted) = (found.height_nm(t), wanted.height_nm(t));
    let error = |(a, b): (&f32, &f32)| f64::from((a - b).abs());
    let errors = found.iter().zip(&wanted).map(error);
    errors.fold(0.0, |most, e| if e.is_nan() { f64::INFINITY } else { most.max(e) })
}

#[test]
fn films_are_developed_on_every_device_as_on_the_processor() {
    let (image, grid) = (image(), VolumeGrid { pixel_nm: 4.0, dz_nm: 4.0 });
    assert!(volumes().len() >= 2);
    for (name, resist) in volumes() {
        let aerial = Aerial::Image(image.view());
        let wanted = develop(&resist, &aerial, grid, &mut |_| true).unwrap();
        for device in devices() {
            let (mut found, failure) =
                develop_on(Some(&*device), &resist, &aerial, grid, &mut |_| true).unwrap();
            assert_eq!(failure, None);
            assert_eq!(found.standing_wave, wanted.standing_wave);
            for (what, found, wanted) in [
                ("latent", &found.latent, &wanted.latent),
                ("inhibitor", &found.inhibitor, &wanted.inhibitor),
            ] {
                let error = found.iter().zip(wanted).map(|(a, b)| (a - b).abs());
                let error = error.fold(0.0, f32::max);
                assert!(error < 2e-5, "{what} of {name} on {device:?}: {error}");
            }
            let mut most = 0.0_f64;
            for share in [0.25, 0.5, 1.0] {
                most = most.max(apart(&found, &wanted, share * resist.develop_s));
            }
            println!("{name} on {device:?}: {most:.1e} nm apart, rounds {:?}", found.rounds);
            assert!(most < DEPTH_NM, "{name} on {device:?}: {most} nm");
            let heights = wanted.height_nm(resist.develop_s);
            let least = heights.iter().copied().fold(f32::INFINITY, f32::min);
            let mean = heights.mean().unwrap();
            assert!(mean - least > 1.0, "{name}: nothing is dissolved");
            found.arrival_s.mapv_inplace(|t| t * 0.9);
            assert!(apart(&found, &wanted, resist.develop_s) > DEPTH_NM);
        }
    }
}

#[test]
fn depth_tables_are_applied_on_every_device_as_on_the_processor() {
    let Some(ResistModel::Vertical(resist)) = ResistModel::preset("torchresist-iccad13") else {
        panic!("torchresist-iccad13 is a vertical resist");
    };
    let (table, mut image) = (DepthTable::new(&resist).unwrap(), image());
    image[[3, 4]] = f32::NAN;
    let mut wanted = Array2::zeros(image.dim());
    table.apply(image.view(), wanted.view_mut()).unwrap();
    for device in devices() {
        let mut found = Array2::zeros(image.dim());
        let failure = table.apply_on(Some(&*device), image.view(), found.view_mut()).unwrap();
        assert_eq!(failure, None);
        let error = |found: &Array2<f32>| {
            let errors = found.iter().zip(&wanted).map(|(a, b)| f64::from((a - b).abs()));
            errors.fold(0.0, |most, e| if e.is_nan() { f64::INFINITY } else { most.max(e) })
        };
        assert!(error(&found) < 1e-3, "{device:?}: {} nm", error(&found));
        found[[0, 0]] += 0.06;
        assert!(error(&found) > DEPTH_NM);
        let mut small = Array2::zeros((2, 2));
        assert!(table.apply_on(Some(&*device), image.view(), small.view_mut()).is_err());
    }
}

#[test]
fn a_device_that_is_lost_is_done_without_and_cancelling_is_no_failure() {
    let (image, grid) = (image(), VolumeGrid { pixel_nm: 4.0, dz_nm: 6.0 });
    let (_, resist) = volumes().swap_remove(0);
    let aerial = Aerial::Image(image.view());
    let twins = Reference::new();
    let stopped = develop_on(Some(&twins), &resist, &aerial, grid, &mut |_| false);
    assert!(matches!(stopped, Err(ResistError::Cancelled)));
    let adapters = Adapters::find();
    if adapters.infos().is_empty() {
        println!("skipped: no device on this machine that could be lost");
        return;
    }
    let device = adapters.open(0).unwrap();
    device.destroy();
    let wanted = develop(&resist, &aerial, grid, &mut |_| true).unwrap();
    let (found, failure) =
        develop_on(Some(&device), &resist, &aerial, grid, &mut |_| true).unwrap();
    assert_eq!(found, wanted);
    assert!(matches!(failure, Some(DeviceError::Lost { .. })), "{failure:?}");
}
