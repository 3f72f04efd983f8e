//! Images and edge gradients.

use lithoscope_kernels::device::{Adapters, BackendKind, Compute, Imaging, ImagingSetup, MaskEdge};
use lithoscope_kernels::fields::FieldPlan;
use lithoscope_kernels::spectrum::{HalfSpectrum, SpectrumPlan};
use ndarray::{Array2, Array3};
use num_complex::Complex32;

use super::twins::compare;
use super::{HALF, PERIOD, WIDTH, devices, edges, kernels, masks};

/// Points a side of the exact grid.
const GRID: usize = 24;
/// Largest error of an intensity, of clear field.
const INTENSITY: f64 = 2e-6;
/// Largest error of a gradient, of the largest in its mask.
const GRADIENT: f64 = 1e-4;

struct Found {
    /// `[clip, set, N, N]`
    images: Vec<f32>,
    /// By clip.
    gradients: Vec<Vec<f32>>,
}

/// ∂L/∂I that every test takes back: as smooth as a loss of images is.
fn slope(image: usize, pixel: usize) -> f32 {
    let (y, x) = (pixel / GRID, pixel % GRID);
    let turn = |times: usize| (times % GRID) as f32 / GRID as f32 * std::f32::consts::TAU;
    (turn(x + 2 * y) + image as f32).sin() + 0.5 * (turn(3 * x) - turn(y)).cos() + 0.2
}

fn run(device: &dyn Compute, setup: &ImagingSetup<'_>, masks: &[Vec<MaskEdge>]) -> Found {
    let mut plan = Imaging::new(device, setup).unwrap();
    let borrowed: Vec<&[MaskEdge]> = masks.iter().map(Vec::as_slice).collect();
    plan.set_edges(device, &borrowed).unwrap();
    let pixels = setup.grid * setup.grid;
    let count = setup.clips * setup.sets.len();
    let slopes: Vec<f32> = (0..count * pixels).map(|i| slope(i / pixels, i % pixels)).collect();
    device.write(plan.gradients(), 0, bytemuck::cast_slice(&slopes)).unwrap();
    let mut steps = plan.forward_steps();
    steps.extend(plan.adjoint_steps());
    device.run(&device.record(&steps).unwrap()).unwrap();
    let mut images = vec![0.0_f32; count * pixels];
    let mut read = vec![0.0_f32; plan.edge_gradients().bytes() as usize / 4];
    device
        .read(&mut [
            (plan.images(), bytemuck::cast_slice_mut(&mut images)),
            (plan.edge_gradients(), bytemuck::cast_slice_mut(&mut read)),
        ])
        .unwrap();
    let gradients = (0..setup.clips).map(|clip| {
        let mut sorted = Vec::new();
        plan.sorted(clip, &read, &mut sorted);
        sorted
    });
    Found { gradients: gradients.collect(), images }
}

/// Bright masks on dark ground through one set of kernels.
fn plain(
    (spectra, weights): &(Array3<Complex32>, Vec<f32>),
    grid: usize,
    clips: usize,
) -> ImagingSetup<'_> {
    ImagingSetup {
        period: PERIOD,
        half: HALF,
        grid,
        pixel: None,
        sets: vec![(spectra.view(), weights.as_slice())],
        change: Complex32::new(1.0, 0.0),
        background: Complex32::default(),
        clips,
    }
}

/// The processor's own plans, one clip and focus at a time.
fn processor(setup: &ImagingSetup<'_>, masks: &[Vec<MaskEdge>]) -> Found {
    let (mut images, mut gradients) = (Vec::new(), Vec::new());
    for (clip, mask) in masks.iter().enumerate() {
        let mut plan = SpectrumPlan::new(setup.period, setup.half, setup.pixel);
        plan.clear();
        plan.add_vertical(mask.iter().filter(|e| !e.is_horizontal).map(|e| e.edge));
        let mut bins = vec![Complex32::default(); WIDTH * WIDTH];
        plan.write(&mut bins);
        for bin in &mut bins {
            *bin *= setup.change;
        }
        bins[2 * HALF * (HALF + 1)] += setup.background;
        let mut total = vec![Complex32::default(); WIDTH * WIDTH];
        for (set, (spectra, weights)) in setup.sets.iter().enumerate() {
            let mut fields = FieldPlan::new(*spectra, weights, setup.grid);
            fields.forward(&bins);
            images.extend(fields.intensity().iter());
            let image = clip * setup.sets.len() + set;
            let slopes = Array2::from_shape_fn((setup.grid, setup.grid), |(y, x)| {
                slope(image, y * setup.grid + x)
            });
            for (total, part) in total.iter_mut().zip(fields.adjoint(slopes.view())) {
                *total += part * setup.change;
            }
        }
        let mut adjoint = HalfSpectrum::default();
        adjoint.load(&total, setup.half);
        let gradient = |e: &MaskEdge| {
            if e.is_horizontal {
                plan.horizontal_gradient(&adjoint, e.edge) as f32
            } else {
                plan.vertical_gradient(&adjoint, e.edge) as f32
            }
        };
        gradients.push(mask.iter().map(gradient).collect());
    }
    Found { images, gradients }
}

/// Whether all agree; NaN agrees with nothing.
fn agree(found: &Found, wanted: &Found) -> Result<(), String> {
    let pairs = found.images.iter().zip(&wanted.images);
    let worst = pairs.map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
    let sound = found.images.iter().all(|i| i.is_finite());
    if !(sound && worst <= INTENSITY && found.images.len() == wanted.images.len()) {
        return Err(format!("intensity off by {worst:.2e}"));
    }
    for (clip, (found, wanted)) in found.gradients.iter().zip(&wanted.gradients).enumerate() {
        let most = wanted.iter().fold(0.0_f64, |most, g| most.max(f64::from(g.abs())));
        let close = |(a, b): (&f32, &f32)| f64::from((a - b).abs()) <= GRADIENT * most;
        if found.len() != wanted.len() || !found.iter().zip(wanted).all(close) {
            return Err(format!("gradients of mask {clip} differ: {found:?} {wanted:?}"));
        }
    }
    Ok(())
}

#[test]
fn images_and_gradients_are_the_processors_on_every_device() {
    let (focus, defocus) = (kernels(8, 0.3), kernels(5, 1.9));
    let masks = masks();
    let amplitudes = [
        (Complex32::new(1.0, 0.0), Complex32::new(0.0, 0.0)),
        (Complex32::new(1.25, 0.3), Complex32::new(-0.245, 0.1)),
    ];
    let mut compared = 0;
    for device in devices() {
        for pixel in [None, Some(1.0)] {
            for (change, background) in amplitudes {
                let setup = ImagingSetup {
                    period: PERIOD,
                    half: HALF,
                    grid: GRID,
                    pixel,
                    sets: vec![
                        (focus.0.view(), focus.1.as_slice()),
                        (defocus.0.view(), defocus.1.as_slice()),
                    ],
                    change,
                    background,
                    clips: masks.len(),
                };
                let wanted = processor(&setup, &masks);
                let found = run(&*device, &setup, &masks);
                agree(&found, &wanted).unwrap_or_else(|e| panic!("{device:?}: {e}"));
                compared += found.images.len();
                // What a comparison is worth: a small change and a NaN must fail it.
                let mut off =
                    Found { images: found.images.clone(), gradients: found.gradients.clone() };
                off.images[77] += 1e-5;
                assert!(agree(&off, &wanted).is_err());
                off.images[77] = f32::NAN;
                assert!(agree(&off, &wanted).is_err());
                let mut off = Found { images: found.images, gradients: found.gradients };
                let most = wanted.gradients[0].iter().fold(0.0_f32, |most, g| most.max(g.abs()));
                off.gradients[0][3] += 3e-4 * most;
                assert!(agree(&off, &wanted).is_err());
            }
        }
    }
    assert!(compared > 0);
}

#[test]
fn every_imaging_kernel_is_its_twin() {
    let (focus, defocus) = (kernels(8, 0.3), kernels(5, 1.9));
    let masks = masks();
    let devices = devices();
    let twins = &*devices[0];
    for device in &devices[1..] {
        let steps = |device: &dyn Compute| {
            let setup = ImagingSetup {
                period: PERIOD,
                half: HALF,
                grid: GRID,
                pixel: Some(1.0),
                sets: vec![
                    (focus.0.view(), focus.1.as_slice()),
                    (defocus.0.view(), defocus.1.as_slice()),
                ],
                change: Complex32::new(1.25, 0.3),
                background: Complex32::new(-0.245, 0.1),
                clips: masks.len(),
            };
            let mut plan = Imaging::new(device, &setup).unwrap();
            let borrowed: Vec<&[MaskEdge]> = masks.iter().map(Vec::as_slice).collect();
            plan.set_edges(device, &borrowed).unwrap();
            let count = plan.gradients().bytes() as usize / 4;
            let slopes: Vec<f32> =
                (0..count).map(|i| slope(i / (GRID * GRID), i % (GRID * GRID))).collect();
            device.write(plan.gradients(), 0, bytemuck::cast_slice(&slopes)).unwrap();
            [plan.forward_steps(), plan.adjoint_steps()].concat()
        };
        compare(&**device, &steps(&**device), twins, &steps(twins), &[]);
    }
}

#[test]
fn a_device_gives_the_same_bits_each_time() {
    let focus = kernels(8, 0.3);
    let masks = masks();
    let setup = plain(&focus, GRID, masks.len());
    for device in devices() {
        let (once, again) = (run(&*device, &setup, &masks), run(&*device, &setup, &masks));
        assert_eq!(once.images, again.images);
        assert_eq!(once.gradients, again.gradients);
    }
}

#[test]
fn edges_for_more_than_a_row_of_groups_are_all_imaged() {
    let focus = kernels(2, 0.1);
    let setup = plain(&focus, GRID, 1);
    // Edges without length are those of nothing.
    let nothing = edges(&[[50.0, 60.0, 50.0, 60.0]])[0];
    let mut mask = vec![nothing; 720_000];
    mask.extend(edges(&[[100.0, 80.0, 160.0, 300.0]]));
    let wanted = processor(&setup, std::slice::from_ref(&mask)).images;
    for device in devices().iter().filter(|device| device.info().backend != BackendKind::Cpu) {
        let mut plan = Imaging::new(&**device, &setup).unwrap();
        plan.set_edges(&**device, &[&mask]).unwrap();
        let steps = plan.forward_steps();
        assert!(steps[0].groups[1] > 1, "{:?}", steps[0].groups);
        device.run(&device.record(&steps).unwrap()).unwrap();
        let mut images = vec![0.0_f32; GRID * GRID];
        device.read(&mut [(plan.images(), bytemuck::cast_slice_mut(&mut images))]).unwrap();
        let found = Found { images, gradients: Vec::new() };
        let wanted = Found { images: wanted.clone(), gradients: Vec::new() };
        agree(&found, &wanted).unwrap_or_else(|error| panic!("{device:?}: {error}"));
    }
}

#[test]
fn more_groups_than_a_device_starts_are_refused_by_the_kernels_name() {
    let focus = kernels(2, 0.1);
    let setup = plain(&focus, GRID, 1);
    let adapters = Adapters::find();
    for index in 0..adapters.infos().len() {
        let device = adapters.open(index).unwrap();
        let mut steps = Imaging::new(&device, &setup).unwrap().forward_steps();
        device.record(&steps).unwrap();
        steps[0].groups[1] = u32::MAX;
        let error = device.record(&steps).err().unwrap().to_string();
        assert!(error.contains("edge_tables") && error.contains("groups"), "{error}");
    }
}

#[test]
fn plans_that_do_not_fit_are_refused_with_what_is_wrong() {
    let focus = kernels(3, 0.3);
    let device = &devices()[0];
    let setup = |grid: usize, clips: usize| plain(&focus, grid, clips);
    for (grid, clips) in [(20, 1), (25, 1), (2048, 1), (24, 0)] {
        let error = Imaging::new(&**device, &setup(grid, clips)).err().unwrap().to_string();
        assert!(error.contains(&format!("a grid of {grid} points")), "{error}");
    }
    let mut plan = Imaging::new(&**device, &setup(24, 2)).unwrap();
    let error = plan.set_edges(&**device, &[&[]]).unwrap_err().to_string();
    assert!(error.contains("1 clips for a plan of 2"), "{error}");
}
