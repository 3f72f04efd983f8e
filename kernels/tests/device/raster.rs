//! Coverage: any polygons against the processor's `f64` sums.

use lithoscope_kernels::device::{BackendKind, Compute, DeviceError, Raster};
use lithoscope_kernels::raster::{RasterGrid, coverage};
use ndarray::Array2;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::devices;
use super::twisted::Twisted;

type Ring = Vec<[f64; 2]>;

/// Largest error of a pixel's coverage.
const TOLERANCE: f64 = 1e-5;

fn processor(rings: &[Ring], grid: &RasterGrid) -> Array2<f32> {
    coverage(rings.iter().map(Vec::as_slice), grid).unwrap()
}

fn device_image(device: &dyn Compute, rings: &[Ring], grid: &RasterGrid) -> Array2<f32> {
    Raster::new(device, rings.iter().map(Vec::as_slice), grid).unwrap().read(device).unwrap()
}

/// The largest error; infinite where one alone is no number.
fn apart(found: &Array2<f32>, wanted: &Array2<f32>) -> f64 {
    assert_eq!(found.dim(), wanted.dim());
    let error = |(a, b): (&f32, &f32)| f64::from((a - b).abs());
    let errors = found.iter().zip(wanted).map(error);
    errors.fold(0.0, |most, e| if e.is_nan() { f64::INFINITY } else { most.max(e) })
}

fn check(device: &dyn Compute, rings: &[Ring], grid: &RasterGrid) {
    let (found, wanted) = (device_image(device, rings, grid), processor(rings, grid));
    let error = apart(&found, &wanted);
    assert!(error <= TOLERANCE, "{device:?}: off by {error:.2e} on {grid:?} for {rings:?}");
    // No haze beside shapes: where no outline is near, sums of whole 2⁻²⁴ parts cancel. (The twins
    // add up in floating point. What lies left of the grid is moved to its first column.)
    for ((row, column), found) in found.indexed_iter().filter(|((_, column), _)| *column > 0) {
        let centre = [column, row].map(|i| i as f64 + 0.5);
        let near = || rings.iter().any(|ring| is_near(ring, centre, grid));
        assert!(
            (found - found.round()).abs() < 1e-8 || near(),
            "{device:?}: {found} at ({row}, {column}), where no outline is, for {rings:?}"
        );
    }
}

/// Whether an outline passes within two pixels of a place, in pixels.
fn is_near(ring: &Ring, [x, y]: [f64; 2], grid: &RasterGrid) -> bool {
    let place = |v: &[f64; 2]| [0, 1].map(|i| (v[i] - grid.origin[i]) / grid.pixel);
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| (place(a), place(b))).any(|(a, b)| {
        let (along, from) = ([b[0] - a[0], b[1] - a[1]], [x - a[0], y - a[1]]);
        let length = along[0].hypot(along[1]).max(f64::MIN_POSITIVE);
        let unit = along.map(|v| v / length);
        let t = (from[0] * unit[0] + from[1] * unit[1]).clamp(0.0, length);
        (from[0] - t * unit[0]).hypot(from[1] - t * unit[1]) < 2.0
    })
}

fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Ring {
    vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
}

fn circle(x: f64, y: f64, radius: f64, corners: usize, turn: f64) -> Ring {
    let corner = |i: usize| {
        let t = turn * std::f64::consts::TAU * i as f64 / corners as f64;
        [x + radius * t.cos(), y + radius * t.sin()]
    };
    (0..corners).map(corner).collect()
}

const GRID: RasterGrid = RasterGrid { origin: [-7.0, 3.0], pixel: 1.0, nx: 200, ny: 150 };

/// Shapes that are hard on a rasteriser.
fn hard() -> Vec<(Vec<Ring>, RasterGrid)> {
    let mut far = rectangle(-5e6, -5e6, 5e6, 5e6);
    far.insert(1, [3.0, -5e6 + 0.3]);
    let comb: Vec<Ring> = (0..60)
        .map(|i| {
            let x = f64::from(i) * 3.1 - 20.0;
            rectangle(x, -50.0, x + 0.03 * f64::from(i + 1), 500.0)
        })
        .collect();
    let dust: Vec<Ring> = (0..4000)
        .map(|i| {
            let (x, y) = (f64::from(i % 80) * 2.37, f64::from(i / 80) * 2.9);
            vec![[x, y], [x + 1.3, y + 0.2], [x + 0.4, y + 1.7]]
        })
        .collect();
    let holed = vec![circle(90.0, 70.0, 60.0, 360, 1.0), circle(90.0, 70.0, 33.3, 17, -1.0)];
    let fine = RasterGrid { pixel: 1.0 / 3.0, nx: 500, ny: 333, ..GRID };
    let coarse = RasterGrid { pixel: 37.5, nx: 70, ny: 65, origin: [-900.0, -800.0] };
    vec![
        (vec![], GRID),
        (vec![vec![], vec![[1.0, 2.0]], vec![[1.0, 2.0], [5.0, 9.0]]], GRID),
        (vec![rectangle(0.0, 5.0, 100.0, 64.0)], GRID),
        (vec![rectangle(57.0, 67.0, 57.0 + 1e-7, 131.0)], GRID),
        (vec![rectangle(56.999_999_99, 66.999_999_99, 57.0, 67.0)], GRID),
        (vec![rectangle(10.0, 10.0, 11.0, 11.0), rectangle(11.0, 11.0, 12.0, 12.0)], GRID),
        (vec![rectangle(-1e3, -1e3, 1e3, 1e3)], GRID),
        (vec![far], GRID),
        (vec![vec![[-300.0, 20.0], [900.0, 20.25], [900.0, 20.75]]], GRID),
        (vec![vec![[20.0, -4e5], [20.5, 4e5], [19.75, 4e5]]], GRID),
        (vec![vec![[-40.0, -40.0], [400.0, 350.0], [-40.0, 350.0]]], GRID),
        (holed.clone(), GRID),
        (holed.clone(), fine),
        (holed, coarse),
        (comb, GRID),
        (dust, fine),
        (
            vec![rectangle(0.0, 0.0, 64.0, 64.0)],
            RasterGrid { origin: [0.0; 2], pixel: 1.0, nx: 64, ny: 64 },
        ),
        (
            vec![rectangle(0.2, 0.3, 0.7, 0.9)],
            RasterGrid { origin: [0.0; 2], pixel: 1.0, nx: 1, ny: 1 },
        ),
        (vec![rectangle(0.0, 0.0, 1.0, 1.0)], RasterGrid { nx: 0, ..GRID }),
    ]
}

#[test]
fn hard_shapes_have_the_processors_coverage_on_every_device() {
    for device in devices() {
        for (rings, grid) in hard() {
            check(&*device, &rings, &grid);
        }
    }
}

#[test]
fn a_comparison_of_coverage_sees_a_small_change_and_what_is_no_number() {
    let (rings, grid) = &hard()[12];
    let wanted = processor(rings, grid);
    for change in [3e-5, f32::NAN] {
        let mut off = wanted.clone();
        off[[100, 120]] += change;
        assert!(apart(&off, &wanted) > TOLERANCE);
    }
}

#[test]
fn random_triangles_have_the_processors_coverage_on_every_device() {
    let place = prop_oneof![
        -30.0..230.0f64,
        (-30..230i32).prop_map(f64::from),
        (-480..3600i32).prop_map(|v| f64::from(v) / 16.0),
    ];
    let vertex = [place.clone(), place];
    let ring = prop::collection::vec(vertex, 3..8);
    let rings = prop::collection::vec(ring, 1..6);
    for device in devices() {
        // The twins are slow, and obvious.
        let cases = if device.info().backend == BackendKind::Cpu { 8 } else { 60 };
        let mut runner = TestRunner::new(Config { cases, ..Config::default() });
        runner
            .run(&rings, |rings| {
                check(&*device, &rings, &GRID);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn bands_make_the_same_pixels_to_the_last_bit_each_time() {
    let (rings, grid) = hard().swap_remove(12);
    for device in devices() {
        let whole = device_image(&*device, &rings, &grid);
        assert_eq!(whole, device_image(&*device, &rings, &grid));
        let borrowed = || rings.iter().map(Vec::as_slice);
        let raster = Raster::with_band(&*device, borrowed(), &grid, 130).unwrap();
        assert_eq!(raster.band_rows(), 128);
        assert_eq!(raster.read(&*device).unwrap(), whole);
        assert!(raster.least_bytes() > 4 * (grid.nx * grid.ny) as u64);
    }
}

#[test]
fn more_segments_than_one_memory_holds_are_taken_in_parts() {
    // Some 2000 upright edges a row of tiles, and a few that cross several rows.
    let shape = |i: usize| {
        let (x, y) = (f64::from(i as u32 % 49) * 1.3, f64::from(i as u32 / 49) * 3.1);
        rectangle(x, y, x + 0.9, y + if i % 97 == 5 { 200.0 } else { 2.7 })
    };
    let rings: Vec<Ring> = (0..49 * 180).map(shape).collect();
    let grid = RasterGrid { nx: 64, ny: 570, ..GRID };
    let borrowed = || rings.iter().map(Vec::as_slice);
    let twins = Twisted::new();
    let whole = Raster::new(&twins, borrowed(), &grid).unwrap();
    let wanted = whole.read(&twins).unwrap();
    assert_eq!(whole.band_rows(), 576);
    let bytes = 32 * whole.segments() as u64;
    let with = |largest_buffer: u64| {
        let mut device = Twisted::new();
        device.info.largest_buffer = largest_buffer;
        device
    };
    for largest in [bytes - 32, bytes / 2, bytes / 4, 110_000] {
        let device = with(largest);
        let raster = Raster::new(&device, borrowed(), &grid).unwrap();
        assert!(raster.band_rows() < whole.band_rows());
        assert_eq!(raster.segments(), whole.segments());
        assert_eq!(raster.read(&device).unwrap(), wanted, "{largest} of {bytes} bytes");
    }
    // Not even a row of tiles.
    let error = Raster::new(&with(40_000), borrowed(), &grid).err().unwrap();
    assert!(matches!(error, DeviceError::Memory { .. }), "{error}");
}

#[test]
fn what_cannot_be_rasterised_is_refused_by_name() {
    let device = &*devices()[0];
    let refused = |rings: &[Ring], grid: &RasterGrid| {
        let rings = rings.iter().map(Vec::as_slice);
        Raster::new(device, rings, grid).err().unwrap().to_string()
    };
    let square = [rectangle(0.0, 0.0, 1.0, 1.0)];
    assert!(refused(&square, &RasterGrid { pixel: 0.0, ..GRID }).contains("positive pixel"));
    assert!(refused(&square, &RasterGrid { nx: 1 << 22, ..GRID }).contains("too many"));
    let lost = [vec![[0.0, 0.0], [1.0, f64::NAN], [1.0, 1.0]]];
    assert!(refused(&lost, &GRID).contains("vertex (1, NaN)"));
}
