//! Pictures for a window: intensities and their colours.

use std::collections::BTreeSet;

use lithoscope_kernels::depth::LinearTable;
use lithoscope_kernels::device::{
    Compute, GridWeights, ImagingSetup, PictureSetup, Pictures, Reference, Shades,
};
use lithoscope_kernels::resample::weights;
use ndarray::Array2;
use num_complex::Complex32;

use super::{HALF, PERIOD, devices, edges, kernels, twins};

const N: usize = 32;
const SHAPE: [usize; 2] = [50, 70];

fn plan(device: &dyn Compute) -> Pictures {
    let sets = [kernels(4, 0.3), kernels(3, 0.8)];
    let along = |count: usize| -> Array2<f32> {
        let at: Vec<f64> = (0..count).map(|i| 60.0 + 4.0 * i as f64).collect();
        weights(PERIOD, N, 2 * HALF, &at).t().as_standard_layout().into_owned()
    };
    let (rows, columns) = (along(SHAPE[0]), along(SHAPE[1]));
    let colours = std::array::from_fn(|i| 0xff00_0000 | (i as u32 * 0x0001_0203));
    let setup = PictureSetup {
        imaging: ImagingSetup {
            period: PERIOD,
            half: HALF,
            grid: N,
            pixel: Some(1.0),
            sets: sets.iter().map(|(s, w)| (s.view(), w.as_slice())).collect(),
            change: Complex32::new(1.0, 0.0),
            background: Complex32::default(),
            clips: 1,
        },
        grid: GridWeights { rows: rows.view(), columns: columns.view() },
        inner: 1,
        colours: &colours,
    };
    Pictures::new(device, &setup).unwrap()
}

const RANGE: f32 = 1.1;
const LEVELS: [f32; 2] = [0.4, 0.5];

fn made(device: &dyn Compute, plan: &mut Pictures) -> (Vec<f32>, [Shades; 2]) {
    let mut images = Vec::new();
    plan.image(
        device,
        &edges(&[[90.0, 80.0, 200.0, 180.0], [230.0, 60.0, 290.0, 260.0]]),
        &mut images,
    )
    .unwrap();
    let shades = plan.shades(device, RANGE, LEVELS).unwrap();
    (images, shades)
}

fn pixels(device: &dyn Compute, shades: &Shades) -> Array2<u32> {
    let mut words = vec![0_u32; shades.shape[0] * shades.row];
    device.read(&mut [(&shades.words, bytemuck::cast_slice_mut(&mut words))]).unwrap();
    let all = Array2::from_shape_vec([shades.shape[0], shades.row], words).unwrap();
    all.slice(ndarray::s![.., ..shades.shape[1]]).to_owned()
}

#[test]
fn kernels_of_pictures_do_what_their_twins_do() {
    let twin = Reference::new();
    let mut wanted = plan(&twin);
    let (_, twin_shades) = made(&twin, &mut wanted);
    for device in devices() {
        let mut plan = plan(&*device);
        let (_, shades) = made(&*device, &mut plan);
        twins::compare(&*device, &plan.imaging_steps(), &twin, &wanted.imaging_steps(), &[]);
        let steps = (plan.shading_steps(&shades), wanted.shading_steps(&twin_shades));
        twins::compare(&*device, &steps.0[..1], &twin, &steps.1[..1], &["colour_map"]);
        // The same intensities in both: the last comparison's. A step of alpha is rounding.
        device.run(&device.record(&steps.0[1..]).unwrap()).unwrap();
        twin.run(&twin.record(&steps.1[1..]).unwrap()).unwrap();
        let (found, wanted) = (pixels(&*device, &shades[1]), pixels(&twin, &twin_shades[1]));
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!((found & 0xff).abs_diff(wanted & 0xff) <= 1, "{found:x} for {wanted:x}");
            assert_eq!(found % 0x0101_0101, 0);
        }
        let clear = wanted.iter().filter(|w| **w == 0).count();
        assert!(clear > 100 && clear < wanted.len() - 100, "{clear} pixels are clear");
    }
}

#[test]
fn pictures_show_their_intensities_top_row_first() {
    for device in devices() {
        let mut plan = plan(&*device);
        let (images, shades) = made(&*device, &mut plan);
        for shades in &shades {
            assert_eq!((shades.shape, shades.row), (SHAPE, 128));
        }
        let aerial = pixels(&*device, &shades[0]);
        let mut bright = 0;
        for ((row, x), shade) in aerial.indexed_iter() {
            let place = images[(SHAPE[0] - 1 - row) * SHAPE[1] + x] * (255.0 / RANGE);
            assert_eq!(*shade, 0xff00_0000 | (place.clamp(0.0, 255.0) as u32 * 0x0001_0203));
            bright += usize::from(place > 60.0);
        }
        assert!(bright > 100 && bright < 3000, "{bright}");
        // Depth by a table, through another map.
        let table = LinearTable::new(|i| 90.0 * (i as f32 / 900.0).min(1.0), 5e-4, 90.0);
        let colours = std::array::from_fn(|i| 0xff00_0000 | i as u32);
        let depth = pixels(&*device, &plan.depth_shades(&*device, &table, &colours).unwrap());
        let mut levels = BTreeSet::new();
        for ((row, x), shade) in depth.indexed_iter() {
            let nm = table.at(images[(SHAPE[0] - 1 - row) * SHAPE[1] + x]);
            let place = (nm * (255.0 / 90.0)).clamp(0.0, 255.0) as u32;
            // Tables round apart by less than a colour.
            assert!((shade & 0xff).abs_diff(place) <= 1 && shade >> 24 == 0xff, "{shade:x}");
            levels.insert(place);
        }
        assert!(levels.len() > 50, "{}", levels.len());
        // What was drawn before stays as it was.
        let mut dark = Vec::new();
        plan.image(&*device, &[], &mut dark).unwrap();
        assert!(dark.iter().all(|v| v.abs() < 1e-6));
        plan.shades(&*device, RANGE, LEVELS).unwrap();
        assert_eq!(pixels(&*device, &shades[0]), aerial);
    }
}

#[test]
fn pictures_that_do_not_fit_the_optics_are_refused() {
    let twin = Reference::new();
    let (spectra, weights_of) = kernels(2, 0.1);
    let thin = Array2::zeros((N - 1, 3));
    let setup = PictureSetup {
        imaging: ImagingSetup {
            period: PERIOD,
            half: HALF,
            grid: N,
            pixel: None,
            sets: vec![(spectra.view(), weights_of.as_slice())],
            change: Complex32::new(1.0, 0.0),
            background: Complex32::default(),
            clips: 1,
        },
        grid: GridWeights { rows: thin.view(), columns: thin.view() },
        inner: 0,
        colours: &[0; 256],
    };
    let error = Pictures::new(&twin, &setup).err().unwrap().to_string();
    assert!(error.contains("do not fit"), "{error}");
}
