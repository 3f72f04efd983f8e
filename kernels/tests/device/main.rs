//! Every device against the kernels' twins and against the processor's own plans.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod correction;
mod cuda;
mod imaging;
mod pictures;
mod raster;
mod resist;
mod select;
mod texts;
mod twins;
mod twisted;

use std::path::PathBuf;
use std::sync::Arc;

use lithoscope_kernels::device::{
    Adapters, Compute, CudaDevice, Follower, MaskEdge, MovingEdge, MovingMask, Reference,
};
use lithoscope_kernels::spectrum::Edge;
use ndarray::Array3;
use num_complex::Complex32;

/// Whether a machine without a device must fail these tests in place of skipping them.
const REQUIRED: &str = "LITHOSCOPE_REQUIRE_GPU";
/// The same for devices of CUDA.
const CUDA_REQUIRED: &str = "LITHOSCOPE_REQUIRE_CUDA";

/// The twins, CUDA's texts on the processor, and every device of this machine.
fn devices() -> Vec<Arc<dyn Compute>> {
    let mut found: Vec<Arc<dyn Compute>> = vec![Arc::new(Reference::new())];
    found.extend(emulated_devices());
    let emulated = found.len();
    let adapters = Adapters::find();
    for index in 0..adapters.infos().len() {
        found.push(Arc::new(adapters.open(index).unwrap()));
    }
    found.extend(cuda_devices(None).into_iter().map(|device| Arc::new(device) as Arc<dyn Compute>));
    if found.len() == emulated {
        assert!(std::env::var_os(REQUIRED).is_none(), "no device, and {REQUIRED} is set");
        println!("skipped: no device on this machine");
    }
    found
}

/// CUDA's texts on the processor, threads in order and in reverse.
fn emulated_devices() -> Vec<Arc<dyn Compute>> {
    let found = lithoscope_emulated::devices();
    if found.is_empty() {
        assert!(std::env::var_os(REQUIRED).is_none(), "no C++ compiler, and {REQUIRED} is set");
        println!("skipped: no C++ compiler on this machine to run CUDA's texts on the processor");
    }
    found
}

/// Every device of CUDA, with its folder of compiled kernels.
fn cuda_devices(cache: Option<PathBuf>) -> Vec<CudaDevice> {
    let open = |place| CudaDevice::open(place, cache.clone());
    match CudaDevice::count().and_then(|count| (0..count).map(open).collect()) {
        Ok(devices) => devices,
        Err(error) => {
            assert!(
                std::env::var_os(CUDA_REQUIRED).is_none(),
                "{error}, and {CUDA_REQUIRED} is set"
            );
            println!("skipped: {error}");
            Vec::new()
        }
    }
}

const HALF: usize = 5;
const WIDTH: usize = 2 * HALF + 1;
const PERIOD: f64 = 400.0;

/// Kernels that pass a clear field with intensity 1, and that differ by `seed`.
fn kernels(count: usize, seed: f32) -> (Array3<Complex32>, Vec<f32>) {
    let mut spectra = Array3::from_shape_fn((count, WIDTH, WIDTH), |(k, n, m)| {
        let t = seed + (k * 31 + n * 7 + m * 3) as f32;
        Complex32::new(t.sin(), (1.7 * t).cos()) / (1.0 + k as f32)
    });
    let weights: Vec<f32> = (0..count).map(|k| 1.0 / (k + 1) as f32).collect();
    let clear: f32 = (0..count).map(|k| weights[k] * spectra[[k, HALF, HALF]].norm_sqr()).sum();
    spectra.mapv_inplace(|h| h / clear.sqrt());
    (spectra, weights)
}

/// Edges that stay where they are, as a mask that moves with no offset.
fn still(edges: &[MaskEdge]) -> Arc<MovingMask> {
    let fixed = |base: f64| Follower { base, offset: None };
    let edge = |e: &MaskEdge| MovingEdge {
        at: fixed(e.edge.at),
        from: fixed(e.edge.from),
        to: fixed(e.edge.to),
        is_horizontal: e.is_horizontal,
    };
    Arc::new(MovingMask { edges: edges.iter().map(edge).collect(), offsets: 0 })
}

/// All edges of rectangles [x0, y0, x1, y1].
fn edges(rectangles: &[[f64; 4]]) -> Vec<MaskEdge> {
    let sides = |&[x0, y0, x1, y1]: &[f64; 4]| {
        [
            (Edge { at: x1, from: y0, to: y1 }, false),
            (Edge { at: y1, from: x1, to: x0 }, true),
            (Edge { at: x0, from: y1, to: y0 }, false),
            (Edge { at: y0, from: x0, to: x1 }, true),
        ]
    };
    let sides = rectangles.iter().flat_map(sides);
    sides.map(|(edge, is_horizontal)| MaskEdge { edge, is_horizontal }).collect()
}

/// Masks that are hard on a device: usual, slivers and 1 nm edges, on the border and beyond it, the
/// whole field, nothing.
fn masks() -> Vec<Vec<MaskEdge>> {
    let many: Vec<[f64; 4]> = (0..90)
        .map(|i| {
            let (x, y) = (f64::from(i % 10) * 37.0 + 5.0, f64::from(i / 10) * 41.0 + 3.0);
            [x, y, x + 11.0 + f64::from(i % 7), y + 17.0]
        })
        .collect();
    vec![
        edges(&[[100.0, 80.0, 160.0, 300.0], [220.0, 50.0, 280.0, 330.0]]),
        edges(&[[10.0, 10.0, 11.0, 390.0], [50.0, 50.0, 51.0, 51.0], [60.25, 70.5, 61.0, 71.125]]),
        edges(&[[0.0, 0.0, 400.0, 1.0], [-40.0, 100.0, 30.0, 140.0], [380.0, 380.0, 420.0, 420.0]]),
        edges(&[[0.0, 0.0, 400.0, 400.0]]),
        edges(&many),
        Vec::new(),
    ]
}
