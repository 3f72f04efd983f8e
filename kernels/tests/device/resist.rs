//! Depth, exposure, bake and the front of development.

use lithoscope_kernels::depth::{self, LinearTable};
use lithoscope_kernels::device::{
    BakeSetup, Compute, Deprotection, DepthImage, ExposedLayer, Reaction, Reference, Volume,
    VolumeSetup, arrival,
};
use lithoscope_kernels::diffuse::{Wall, diffuse};
use lithoscope_kernels::eikonal::{self, Arrival, Start};
use ndarray::{Array2, Array3, ArrayView2};

use super::devices;
use super::twins::compare;

/// Largest error of a depth, nm.
const DEPTH_NM: f64 = 0.05;

/// The largest error; infinite where one alone is no number.
fn worst(errors: impl IntoIterator<Item = f64>) -> f64 {
    errors.into_iter().fold(0.0, |most, e| if e.is_nan() { f64::INFINITY } else { most.max(e) })
}

fn image(rows: usize, columns: usize, shift: f32) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(y, x)| {
        let wave = |i: usize, period: f32| (std::f32::consts::TAU * i as f32 / period).sin();
        0.45 + 0.3 * wave(x, 23.0) + 0.2 * wave(y + 3, 31.0) + shift
    })
}

const SHAPE: [usize; 3] = [11, 18, 21];

fn layers(count: usize) -> Vec<ExposedLayer> {
    let layer = |k: usize| ExposedLayer {
        dose: 1.6 + 0.5 * (0.9 * k as f32).cos(),
        share: (k % 4) as f32 / 4.0,
        upper: 0,
        lower: 1,
    };
    (0..count).map(layer).collect()
}

fn amplified(turns: usize) -> Deprotection {
    let reaction = |time: f32| Reaction { kept: (-0.02 * time).exp(), strength: 0.4 * time };
    Deprotection { quencher: 0.05, order: 1.5, half: reaction(0.5), whole: reaction(1.0), turns }
}

/// Rates by inhibitor concentration, nm/s.
fn rates() -> Vec<f32> {
    (0..=512).map(|i| 0.1 + 40.0 * (1.0 - i as f32 / 512.0).powi(4)).collect()
}

fn setup<'a>(
    planes: Vec<ArrayView2<'a, f32>>,
    rates: &'a [f32],
    bake: BakeSetup,
) -> VolumeSetup<'a> {
    VolumeSetup {
        shape: SHAPE,
        spacing: [2.0, 4.0, 4.0],
        planes,
        layers: layers(SHAPE[0]),
        absorption: [0.004, 0.001],
        bake,
        rates,
    }
}

#[test]
fn every_kernel_of_a_resist_gives_its_twins_numbers() {
    let images = [image(SHAPE[1], SHAPE[2], 0.0), image(SHAPE[1], SHAPE[2], 0.1)];
    let rates = rates();
    let table = LinearTable::new(|i| i as f32 * 0.02, 3e-4, 70.0);
    for device in devices() {
        for (sides, deprotection, absorption) in [
            (Wall::Mirror, None, [0.004, 0.001]),
            (Wall::Periodic, Some(amplified(3)), [0.0, 0.002]),
        ] {
            let bake = BakeSetup { sigma: [3.0, 0.6, 9.5], sides, deprotection };
            let planes = images.iter().map(|image| image.view()).collect();
            let setup = VolumeSetup { absorption, ..setup(planes, &rates, bake) };
            let twins = Reference::new();
            let own = Volume::new(&*device, &setup).unwrap();
            let twin = Volume::new(&twins, &setup).unwrap();
            let whole = ["clear_words", "copy_words", "front_plan"];
            compare(&*device, &own.steps(), &twins, &twin.steps(), &whole);

            let own = DepthImage::new(&*device, &table, 700).unwrap();
            let twin = DepthImage::new(&twins, &table, 700).unwrap();
            let pixels: Vec<f32> = (0..700).map(|i| i as f32 * 2e-3 - 0.1).collect();
            twins.write(twin.intensity(), 0, bytemuck::cast_slice(&pixels)).unwrap();
            compare(&*device, &own.steps(), &twins, &twin.steps(), &[]);
        }
    }
}

#[test]
fn depths_of_images_are_the_processors_on_every_device() {
    let table = LinearTable::new(|i| 250.0 * (1.0 - (-1e-3 * i as f32).exp()), 5e-4, 200.0);
    let mut hard = image(37, 53, 0.0);
    let odd = [f32::NAN, -f32::NAN, -1.0, -0.0, 1e-40, f32::INFINITY, f32::NEG_INFINITY, 1e30];
    hard.iter_mut().step_by(11).zip(odd.iter().cycle()).for_each(|(pixel, odd)| *pixel = *odd);
    let images =
        [image(1, 1, 0.0), image(300, 257, 0.2), hard, Array2::zeros((0, 7)), image(9, 1, -0.4)];
    let error = |found: &Array2<f32>, wanted: &Array2<f32>| {
        worst(found.iter().zip(wanted).map(|(a, b)| f64::from((a - b).abs())))
    };
    for device in devices() {
        let mut most = 0.0_f64;
        for image in &images {
            let mut wanted = Array2::zeros(image.dim());
            depth::apply(&table, image.view(), wanted.view_mut());
            let mut found = Array2::zeros(image.dim());
            let plan = DepthImage::new(&*device, &table, image.len()).unwrap();
            plan.apply(&*device, image.view(), found.view_mut()).unwrap();
            most = most.max(error(&found, &wanted));
            // However the arrays lie in memory.
            let mut turned = Array2::zeros((image.ncols(), image.nrows()));
            plan.apply(&*device, image.view(), turned.view_mut().reversed_axes()).unwrap();
            assert_eq!(turned.t(), found);
            plan.apply(&*device, image.t(), turned.view_mut()).unwrap();
            assert_eq!(turned.t(), found);
            if let Some(pixel) = found.first().copied() {
                for change in [2.0 * DEPTH_NM as f32, f32::NAN] {
                    found.fill(pixel + change);
                    assert!(error(&found, &wanted) > DEPTH_NM);
                }
            }
            let mut small = Array2::zeros((1, image.len() + 1));
            let refused = plan.apply(&*device, image.view(), small.view_mut()).unwrap_err();
            assert!(refused.to_string().contains("depth of an image"), "{refused}");
        }
        println!("depth on {device:?}: off by at most {most:.1e} nm");
        assert!(most < 1e-3, "{device:?}: {most} nm");
    }
}

#[test]
fn diffusion_is_the_processors_for_any_reach() {
    let images = [image(SHAPE[1], SHAPE[2], 0.0), image(SHAPE[1], SHAPE[2], 0.1)];
    let rates = rates();
    // Kernels far wider than the block, narrow ones, none along some axes.
    let cases = [
        [0.0; 3],
        [0.3, 0.0, 0.0],
        [0.0, 2.0, 0.79],
        [1.5, 2.5, 0.9],
        [40.0, 0.5, 70.0],
        [0.0, 0.0, 300.0],
    ];
    for device in devices() {
        for sides in [Wall::Mirror, Wall::Periodic] {
            for sigma in cases {
                let planes = images.iter().map(|image| image.view()).collect();
                let bake = BakeSetup { sigma, sides, deprotection: None };
                let volume = Volume::new(&*device, &setup(planes, &rates, bake)).unwrap();
                volume.expose(&*device).unwrap();
                assert!(volume.bake(&*device, &mut |_| true).unwrap());
                let mut wanted = volume.read(&*device, volume.latent()).unwrap();
                let before = wanted.clone();
                diffuse(&mut wanted.view_mut(), sigma, sides);
                let mut found = volume.read(&*device, volume.inhibitor()).unwrap();
                let error = |found: &Array3<f32>| {
                    worst(found.iter().zip(&wanted).map(|(a, b)| f64::from((a - b).abs())))
                };
                assert!(error(&found) < 5e-6, "{device:?} {sigma:?}: {}", error(&found));
                assert!(sigma == [0.0; 3] || error(&before) > 1e-5);
                for change in [2e-5, f32::NAN] {
                    found[[5, 6, 7]] += change;
                    assert!(error(&found) > 5e-6);
                }
            }
        }
    }
}

#[test]
fn exposure_without_bleaching_follows_beers_law_and_images_are_mixed() {
    let images = [image(SHAPE[1], SHAPE[2], 0.0), image(SHAPE[1], SHAPE[2], 0.1)];
    let rates = rates();
    let bake = BakeSetup { sigma: [0.0; 3], sides: Wall::Mirror, deprotection: None };
    for device in devices() {
        let planes = images.iter().map(|image| image.view()).collect();
        let setup = VolumeSetup { absorption: [0.0, 0.003], ..setup(planes, &rates, bake) };
        let volume = Volume::new(&*device, &setup).unwrap();
        volume.expose(&*device).unwrap();
        let left = volume.read(&*device, volume.latent()).unwrap();
        let error = left.indexed_iter().map(|((z, y, x), left)| {
            let layer = setup.layers[z];
            let [upper, lower] = [0, 1].map(|i: usize| f64::from(images[i][[y, x]]));
            let mixed = upper + f64::from(layer.share) * (lower - upper);
            let depth = 2.0 * (z as f64 + 0.5);
            let u = f64::from(layer.dose) * mixed.max(0.0) * (-0.003 * depth).exp();
            (f64::from(*left) - (-u).exp()).abs()
        });
        let error = worst(error);
        assert!(error < 1e-6, "{device:?}: {error}");
    }
}

/// A volume to send a front through.
struct Case {
    name: &'static str,
    rate: Array3<f32>,
    spacing: [f64; 3],
    known: Option<Array3<f32>>,
}

fn from_top(name: &'static str, rate: Array3<f32>) -> Case {
    Case { name, rate, spacing: [2.0, 4.0, 4.0], known: None }
}

fn smooth(shape: (usize, usize, usize)) -> Array3<f32> {
    Array3::from_shape_fn(shape, |(z, y, x)| {
        let wave = (0.31 * x as f32).sin() + (0.23 * y as f32 + 0.4).cos() + (0.2 * z as f32).sin();
        5.0 * (0.7 * wave).exp()
    })
}

/// Contacts over a standing wave, with the walls they have in films.
fn contacts(shape: (usize, usize, usize)) -> Array3<f32> {
    Array3::from_shape_fn(shape, |(z, y, x)| {
        let wave = |i: usize| 0.5 + 0.5 * (std::f32::consts::TAU * i as f32 / 25.0).sin();
        let depth = 1.0 + 0.6 * (0.31 * z as f32).cos();
        0.1 + 100.0 * (1.0 - (-1.5 * wave(x) * wave(y) * depth).exp()).powi(5)
    })
}

/// Fronts that are hard on a device.
fn cases() -> Vec<Case> {
    let stepped = |(z, y, x): (usize, usize, usize)| {
        if x < 9 && (z + y) % 23 < 14 { 10.0 } else { 0.01 }
    };
    let step = |shape: (usize, usize, usize)| {
        let even = smooth(shape);
        Array3::from_shape_fn(shape, |(z, y, x)| even[[z, y, x]] * stepped((z, y, x)))
    };
    let point = |shape: (usize, usize, usize), at: (usize, usize, usize)| {
        let mut known = Array3::from_elem(shape, f32::NAN);
        known[at] = 0.0;
        Some(known)
    };
    let odd = {
        let mut rate = smooth((9, 10, 11));
        let bad = [0.0, -3.0, f32::NAN, 1e-30];
        rate.iter_mut().skip(100).step_by(37).zip(bad).for_each(|(rate, bad)| *rate = bad);
        rate
    };
    vec![
        from_top("uniform", Array3::from_elem((37, 21, 9), 3.0)),
        from_top("smooth", smooth((19, 23, 37))),
        from_top("whole blocks", smooth((16, 24, 8))),
        from_top("contacts", contacts((30, 41, 58))),
        from_top("a step of 1000", step((25, 30, 19))),
        // Along an even wall the front steps by nothing but rounding.
        from_top("even walls", Array3::from_shape_fn((25, 30, 19), stepped)),
        from_top(
            "an even block",
            Array3::from_shape_fn((20, 24, 26), |(_, y, x)| {
                if (7..15).contains(&y) && (5..17).contains(&x) { 12.0 } else { 0.05 }
            }),
        ),
        from_top("one layer", smooth((1, 30, 33))),
        from_top("one row", smooth((30, 1, 33))),
        from_top("one column", smooth((30, 33, 1))),
        from_top("one voxel", smooth((1, 1, 1))),
        from_top("a line", smooth((1, 1, 50))),
        from_top("rates out of range", odd),
        Case {
            name: "a point",
            rate: smooth((17, 22, 27)),
            spacing: [3.0, 2.0, 2.5],
            known: point((17, 22, 27), (4, 15, 9)),
        },
        Case {
            name: "a point where rates step",
            rate: step((20, 26, 18)),
            spacing: [2.0; 3],
            known: point((20, 26, 18), (19, 0, 17)),
        },
        Case {
            name: "nowhere",
            rate: smooth((5, 6, 7)),
            spacing: [2.0; 3],
            known: Some(Array3::from_elem((5, 6, 7), f32::NAN)),
        },
    ]
}

impl Case {
    fn start(&self) -> Start<'_> {
        self.known.as_ref().map_or(Start::Top, |known| Start::Known(known.view()))
    }

    fn on(&self, device: &dyn Compute) -> Arrival {
        let found = arrival(device, self.rate.view(), self.spacing, self.start(), &mut || true);
        found.unwrap().unwrap()
    }

    fn on_processor(&self) -> Arrival {
        eikonal::arrival(self.rate.view(), self.spacing, self.start(), &mut || true).unwrap()
    }

    /// By how far two fronts are apart, nm: the difference of their times by the rate there.
    fn apart(&self, found: &Array3<f32>, wanted: &Array3<f32>) -> f64 {
        assert_eq!(found.dim(), wanted.dim());
        let pairs = found.iter().zip(wanted).zip(&self.rate);
        worst(pairs.map(|((a, b), rate)| {
            let rate = if *rate > 1e-9 { f64::from(*rate).min(1e9) } else { 1e-9 };
            if a == b { 0.0 } else { (f64::from(*a) - f64::from(*b)).abs() * rate }
        }))
    }
}

#[test]
fn fronts_arrive_as_on_the_processor_on_every_device() {
    for device in devices() {
        for case in cases() {
            let (mut found, wanted) = (case.on(&*device), case.on_processor());
            let error = case.apart(&found.times, &wanted.times);
            println!(
                "{} on {device:?}: {error:.1e} nm apart, rounds {:?} (processor {:?})",
                case.name, found.rounds, wanted.rounds
            );
            assert!(found.at_rest, "{} on {device:?}: {:?}", case.name, found.rounds);
            assert!(error < DEPTH_NM, "{} on {device:?}: {error} nm", case.name);
            // The comparison itself.
            let place = found.times.len() / 2;
            let rate = case.rate.iter().nth(place).copied().unwrap();
            let time = found.times.iter_mut().nth(place).unwrap();
            let right = *time;
            *time = f32::NAN;
            assert!(case.apart(&found.times, &wanted.times) > DEPTH_NM);
            let off = right + 2.5 * DEPTH_NM as f32 / rate;
            if off.is_finite() && off > right {
                found.times.iter_mut().nth(place).into_iter().for_each(|time| *time = off);
                assert!(case.apart(&found.times, &wanted.times) > DEPTH_NM);
            }
        }
    }
}

#[test]
fn an_even_rate_is_passed_at_depth_over_rate_and_a_point_is_left_in_circles() {
    for device in devices() {
        let even = &cases()[0];
        let times = even.on(&*device).times;
        let errors = times.indexed_iter().map(|((z, _, _), t)| {
            let exact = 2.0 * (z as f64 + 0.5) / 3.0;
            (f64::from(*t) - exact).abs() * 3.0
        });
        let error = worst(errors);
        assert!(error < 1e-3, "{device:?}: {error} nm");
        // Started in a ball about a point, the front is a sphere to second order.
        let (n, source, rate) = (24, [0.4, 0.55, 0.5], 2.0);
        let away = |(z, y, x): (usize, usize, usize)| {
            let at = [z, y, x].map(|i| (i as f64 + 0.5) / n as f64);
            at.iter().zip(source).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
        };
        let known = Array3::from_shape_fn((n, n, n), |at| {
            if away(at) < 0.2 { (away(at) / rate) as f32 } else { f32::NAN }
        });
        let rates = Array3::from_elem((n, n, n), rate as f32);
        let spacing = [1.0 / n as f64; 3];
        let start = Start::Known(known.view());
        let found = arrival(&*device, rates.view(), spacing, start, &mut || true);
        let times = found.unwrap().unwrap().times;
        let errors = times.indexed_iter().map(|(at, t)| (f64::from(*t) * rate - away(at)).abs());
        let error = worst(errors);
        // A quarter of a voxel: the ball about the source is five voxels wide.
        assert!(error < 0.25 / n as f64, "{device:?}: {error} of the side");
        let kept = known.iter().zip(&times).filter(|(known, _)| !known.is_nan());
        assert!(kept.clone().count() > 100 && kept.clone().all(|(known, time)| known == time));
    }
}

#[test]
fn fronts_and_films_have_the_same_bits_each_time() {
    let images = [image(SHAPE[1], SHAPE[2], 0.0), image(SHAPE[1], SHAPE[2], 0.1)];
    let rates = rates();
    for device in devices() {
        let case = &cases()[4];
        assert_eq!(case.on(&*device), case.on(&*device));
        let run = || {
            let planes = images.iter().map(|image| image.view()).collect();
            let bake = BakeSetup {
                sigma: [1.0, 0.0, 2.0],
                sides: Wall::Mirror,
                deprotection: Some(amplified(4)),
            };
            let volume = Volume::new(&*device, &setup(planes, &rates, bake)).unwrap();
            let mut asked = Vec::new();
            volume.expose(&*device).unwrap();
            volume
                .bake(&*device, &mut |share| {
                    asked.push(share);
                    true
                })
                .unwrap();
            assert_eq!(asked, [0.0, 0.25, 0.5, 0.75]);
            volume.develop(&*device, &mut || true).unwrap().unwrap();
            volume.read(&*device, volume.times()).unwrap()
        };
        let times = run();
        assert_eq!(times, run());
        assert!(times.iter().all(|time| *time > 0.0 && *time < 1e9));
    }
}

#[test]
fn work_stops_when_told_to_and_what_does_not_fit_is_refused_by_name() {
    let images = [image(SHAPE[1], SHAPE[2], 0.0), image(SHAPE[1], SHAPE[2], 0.1)];
    let rates = rates();
    for device in devices() {
        let case = &cases()[1];
        let stopped = arrival(&*device, case.rate.view(), case.spacing, Start::Top, &mut || false);
        assert_eq!(stopped.unwrap(), None);
        let mut left = 1;
        let later = arrival(&*device, case.rate.view(), case.spacing, Start::Top, &mut || {
            left -= 1;
            left >= 0
        });
        assert_eq!(later.unwrap(), None);
        let empty = Array3::<f32>::zeros((0, 3, 3));
        let none = arrival(&*device, empty.view(), [1.0; 3], Start::Top, &mut || true);
        assert_eq!(none.unwrap(), None);
        for spacing in [[0.0, 1.0, 1.0], [1.0, f64::NAN, 1.0], [1.0, 1.0, -2.0]] {
            let refused = arrival(&*device, case.rate.view(), spacing, Start::Top, &mut || true);
            assert!(refused.unwrap_err().to_string().contains("positive size"));
        }
        let other = Array3::<f32>::zeros((3, 3, 3));
        let known = Start::Known(other.view());
        let refused = arrival(&*device, case.rate.view(), [1.0; 3], known, &mut || true);
        assert!(refused.unwrap_err().to_string().contains("known times of"));

        let bake =
            BakeSetup { sigma: [1.0; 3], sides: Wall::Mirror, deprotection: Some(amplified(4)) };
        let sound = || setup(images.iter().map(|image| image.view()).collect(), &rates, bake);
        let volume = Volume::new(&*device, &sound()).unwrap();
        volume.expose(&*device).unwrap();
        assert!(!volume.bake(&*device, &mut |share| share < 0.4).unwrap());
        let refused =
            |setup: VolumeSetup<'_>| Volume::new(&*device, &setup).err().unwrap().to_string();
        let mut lost = sound();
        lost.layers[3].lower = 2;
        assert!(refused(lost).contains("not among the 2"));
        assert!(refused(VolumeSetup { planes: Vec::new(), ..sound() }).contains("images must"));
        assert!(refused(VolumeSetup { layers: layers(3), ..sound() }).contains("3 layers"));
        assert!(refused(VolumeSetup { rates: &rates[..1], ..sound() }).contains("two"));
        let huge = VolumeSetup { shape: [1 << 20, 1 << 20, 1 << 20], ..sound() };
        assert!(refused(huge).contains("2^30"));
        let none = VolumeSetup { shape: [0, 4, 4], layers: Vec::new(), ..sound() };
        assert!(refused(none).contains("without voxels"));
    }
}
