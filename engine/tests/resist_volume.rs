//! The resist in three dimensions against closed forms, the vertical model and slow twins.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use lithoscope_engine::resist::film::{FilmPolarisation, FilmStack, Substrate};
use lithoscope_engine::resist::volume::{
    Aerial, Amplified, Bake, BakeKind, Developed, Feature, Progress, Sides, Stage, VolumeGrid,
    VolumeResist, develop,
};
use lithoscope_engine::resist::{
    Dill, LayerRule, RateModel, ResistError, Surface, Tone, VerticalResist,
};
use ndarray::{Array2, Array3};

/// A film without reflection, diffusion or bleaching, developed for a minute.
fn plain() -> VolumeResist {
    VolumeResist {
        wavelength_nm: 193.0,
        dose: 30.0,
        develop_s: 60.0,
        tone: Tone::Positive,
        polarisation: FilmPolarisation::S,
        sides: Sides::Mirror,
        dill: Dill { a_per_um: 0.0, b_per_um: 1.5, c_per_dose: 0.05 },
        rate: RateModel::Mack { r_max: 40.0, r_min: 0.05, m_th: 0.3, n: 5.0 },
        bake: Bake::default(),
        stack: FilmStack::matched(1.7, extinction(1.5), 100.0),
    }
}

/// k of a film that absorbs `per_um` at 193 nm.
fn extinction(per_um: f64) -> f64 {
    per_um * 0.193 / (4.0 * std::f64::consts::PI)
}

const GRID: VolumeGrid = VolumeGrid { pixel_nm: 4.0, dz_nm: 2.0 };

fn run(resist: &VolumeResist, image: &Array2<f32>, grid: VolumeGrid) -> Developed {
    develop(resist, &Aerial::Image(image.view()), grid, &mut |_| true).unwrap()
}

/// A film of `layers` × `ny` × `nx` voxels with given arrival times, developed for 1 s.
fn planted(shape: (usize, usize, usize), arrival: impl Fn([f64; 3]) -> f64) -> Developed {
    let at = |(z, y, x): (usize, usize, usize)| {
        [2.0 * (z as f64 + 0.5), 4.0 * (y as f64 + 0.5), 4.0 * (x as f64 + 0.5)]
    };
    let arrival_s = Array3::from_shape_fn(shape, |i| arrival(at(i)) as f32);
    Developed {
        grid: GRID,
        thickness_nm: 2.0 * shape.0 as f64,
        develop_s: 1.0,
        standing_wave: vec![1.0; shape.0],
        latent: Array3::ones(shape),
        inhibitor: Array3::ones(shape),
        arrival_s,
        rounds: [0; 2],
    }
}

/// Volume inside a closed surface: Σ a·(b × c)/6.
fn volume(surface: &Surface) -> f64 {
    let corner = |i: u32| surface.positions[i as usize].map(f64::from);
    let six: f64 = surface
        .triangles
        .iter()
        .map(|t| {
            let [a, b, c] = t.map(corner);
            a[0] * (b[1] * c[2] - b[2] * c[1])
                + a[1] * (b[2] * c[0] - b[0] * c[2])
                + a[2] * (b[0] * c[1] - b[1] * c[0])
        })
        .sum();
    six / 6.0
}

/// Every edge is walked as often one way as the other: no hole, one side out.
fn is_watertight(surface: &Surface) -> bool {
    let mut walks: HashMap<(u32, u32), i32> = HashMap::new();
    for [a, b, c] in &surface.triangles {
        for (from, to) in [(a, b), (b, c), (c, a)] {
            *walks.entry((*from.min(to), *from.max(to))).or_default() +=
                if from < to { 1 } else { -1 };
        }
    }
    walks.values().all(|sum| *sum == 0)
}

#[test]
fn clear_film_without_reflection_holds_dills_exposure() {
    let grid = VolumeGrid { pixel_nm: 4.0, dz_nm: 1.0 };
    let image = Array2::from_shape_fn((2, 9), |(_, x)| 0.125 * x as f32);
    for dill in [
        Dill { a_per_um: 0.0, b_per_um: 1.5, c_per_dose: 0.05 },
        Dill { a_per_um: 3.0, b_per_um: 0.5, c_per_dose: 0.05 },
        Dill { a_per_um: -0.4, b_per_um: 0.9, c_per_dose: 0.2 },
    ] {
        let stack = FilmStack::matched(1.7, extinction(dill.a_per_um + dill.b_per_um), 100.0);
        let left = run(&VolumeResist { dill, stack, ..plain() }, &image, grid).latent;
        let worst = |dill: &Dill| {
            let errors = left.indexed_iter().map(|((z, _, x), m)| {
                let exact = dill.inhibitor(0.125 * x as f64, 30.0, z as f64 + 0.5);
                (f64::from(*m) - exact).abs()
            });
            errors.fold(0.0, f64::max)
        };
        println!("worst difference in m: {:.1e}", worst(&dill));
        assert!(worst(&dill) < 2e-6, "{}", worst(&dill));
        let other = Dill { b_per_um: dill.b_per_um + 0.05, ..dill };
        assert!(worst(&other) > 1e-4, "a little more absorption must be seen");
    }
}

#[test]
fn standing_wave_bleaches_as_marched_in_time() {
    // The slow twin: ∂M/∂t = −C·w·I·M and ∂I/∂z = −(A·M + B)·I stepped in time, f64.
    let mut resist = plain();
    resist.dill = Dill { a_per_um: 4.0, b_per_um: 0.5, c_per_dose: 0.05 };
    resist.stack.substrate = Substrate { name: String::new(), n: 0.883, k: 2.778 };
    let grid = VolumeGrid { pixel_nm: 4.0, dz_nm: 0.5 };
    let image = Array2::from_elem((1, 1), 0.8f32);
    let found = run(&resist, &image, grid);
    let (dz, layers) = (found.grid.dz_nm, found.standing_wave.len());
    let alpha = (resist.dill.a_per_um + resist.dill.b_per_um) / 1000.0;
    let shape: Vec<f64> = (0..layers)
        .map(|k| found.standing_wave[k] * (alpha * (k as f64 + 0.5) * dz).exp())
        .collect();
    let contrast =
        shape.iter().copied().fold(0.0, f64::max) / shape.iter().copied().fold(f64::MAX, f64::min);
    assert!(contrast > 4.0, "there must be a standing wave: {contrast}");
    let falls = |m: &[f64]| -> Vec<f64> {
        let mut light = 0.8;
        (0..layers)
            .map(|k| {
                let half =
                    (-(resist.dill.a_per_um * m[k] + resist.dill.b_per_um) * dz / 2000.0).exp();
                let middle = light * half;
                light = middle * half;
                -resist.dill.c_per_dose * shape[k] * middle * m[k]
            })
            .collect()
    };
    let (mut m, steps) = (vec![1.0; layers], 600);
    let h = resist.dose / f64::from(steps);
    for _ in 0..steps {
        let k1 = falls(&m);
        let half: Vec<f64> = m.iter().zip(&k1).map(|(m, k)| m + 0.5 * h * k).collect();
        let k2 = falls(&half);
        m.iter_mut().zip(&k2).for_each(|(m, k)| *m += h * k);
    }
    let worst =
        (0..layers).map(|k| (f64::from(found.latent[[k, 0, 0]]) - m[k]).abs()).fold(0.0, f64::max);
    println!("worst difference in m: {worst:.1e}");
    assert!(worst < 2e-5, "{worst}");
}

#[test]
fn uniform_film_and_slow_image_develop_as_the_vertical_model() {
    // Intensity along x over a micrometre: lateral development is small beside the vertical one.
    let resist = VolumeResist { develop_s: 8.0, ..plain() };
    let vertical = VerticalResist {
        dose: resist.dose,
        develop_s: resist.develop_s,
        thickness_nm: 100.0,
        threshold_nm: 50.0,
        diffusion_nm: 0.0,
        tone: Tone::Positive,
        layers: 1000,
        layer_rule: LayerRule::default(),
        dill: resist.dill,
        rate: resist.rate,
    };
    let flat = |level: f32| {
        let image = Array2::from_elem((2, 2), level);
        let depth = 100.0 - run(&resist, &image, GRID).height_nm(8.0)[[0, 0]];
        (f64::from(depth), vertical.depth_nm(f64::from(level)))
    };
    for level in [0.0, 0.3, 0.5, 0.6, 0.7, 1.0] {
        let (found, exact) = flat(level);
        println!("intensity {level}: {found:.4} against {exact:.4} nm");
        assert!((found - exact).abs() < 0.1, "intensity {level}: {found} against {exact} nm");
    }
    let image = Array2::from_shape_fn((3, 500), |(_, x)| 0.45 + 0.0004 * x as f32);
    let height = run(&resist, &image, GRID).height_nm(8.0);
    for x in (40..460).step_by(20) {
        let exact = 100.0 - vertical.depth_nm(f64::from(image[[1, x]]));
        let found = f64::from(height[[1, x]]);
        assert!((found - exact).abs() < 0.5, "column {x}: {found} against {exact} nm");
    }
    // Negative control: a standing wave must be seen.
    let mut bare = resist.clone();
    bare.stack.substrate.k = 2.0;
    let reflecting = run(&bare, &image, GRID).height_nm(8.0);
    assert!((reflecting[[1, 250]] - height[[1, 250]]).abs() > 2.0);
}

#[test]
fn negative_resist_keeps_what_light_has_reached() {
    let resist = VolumeResist { tone: Tone::Negative, ..plain() };
    let image = Array2::from_shape_fn((4, 40), |(_, x)| if x < 20 { 0.0 } else { 1.5 });
    let height = run(&resist, &image, GRID).height_nm(60.0);
    assert!(height[[2, 5]] < 1.0 && height[[2, 35]] > 90.0, "{height}");
}

#[test]
fn bake_smooths_the_standing_wave_by_its_own_factor() {
    // cos(2πz/p) fades by e^{−2π²σ²/p²} far from the walls.
    let mut resist = plain();
    resist.dill.b_per_um = 0.0;
    resist.stack.substrate.n = 1.3;
    resist.stack.resist.thickness_nm = 600.0;
    let image = Array2::from_elem((1, 1), 0.3f32);
    let swing = |developed: &Developed| {
        let middle = developed.inhibitor.iter().skip(130).take(60).copied();
        middle.clone().fold(0.0, f32::max) - middle.fold(1.0, f32::min)
    };
    let before = f64::from(swing(&run(&resist, &image, GRID)));
    resist.bake.diffusion_nm = 12.0;
    let after = f64::from(swing(&run(&resist, &image, GRID)));
    let period = 193.0 / (2.0 * 1.7);
    let factor = (-2.0 * (std::f64::consts::PI * 12.0 / period).powi(2)).exp();
    // Exposure is not quite a sine: its second harmonic is lost first.
    assert!((after / before - factor).abs() < 0.02 * factor, "{} against {factor}", after / before);
}

fn amplified() -> Amplified {
    Amplified {
        amplification_per_s: 0.4,
        order: 1.6,
        loss_per_s: 0.01,
        quencher: 0.1,
        bake_s: 60.0,
        steps: 40,
    }
}

#[test]
fn deprotection_follows_its_rate_equations() {
    // Without diffusion each voxel is an ODE: fourth-order Runge–Kutta in f64.
    let mut resist = plain();
    resist.bake = Bake { diffusion_nm: 0.0, kind: BakeKind::Amplified(amplified()) };
    let image = Array2::from_shape_fn((1, 8), |(_, x)| 0.1 * x as f32);
    let found = run(&resist, &image, VolumeGrid { pixel_nm: 4.0, dz_nm: 10.0 });
    let Amplified { amplification_per_s: k, order, loss_per_s, quencher, bake_s, .. } = amplified();
    let falls = |[h, m]: [f64; 2]| [-loss_per_s * h, -k * h.powf(order) * m];
    for (voxel, inhibitor) in found.inhibitor.indexed_iter() {
        let mut state = [(1.0 - f64::from(found.latent[voxel]) - quencher).max(0.0), 1.0];
        let step = bake_s / 1000.0;
        for _ in 0..1000 {
            let go = |d: [f64; 2], s: f64| [state[0] + s * d[0], state[1] + s * d[1]];
            let k1 = falls(state);
            let k2 = falls(go(k1, 0.5 * step));
            let k3 = falls(go(k2, 0.5 * step));
            let k4 = falls(go(k3, step));
            for i in 0..2 {
                state[i] += step / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        let error = (f64::from(*inhibitor) - state[1]).abs();
        assert!(error < 5e-6, "{inhibitor} against {}", state[1]);
    }
    assert!(found.inhibitor.iter().any(|m| (0.2..0.8).contains(m)), "something must react");
}

/// Reaction and diffusion along z by explicit steps on the voxels' own grid, f64: the slow twin.
fn stepped_bake(left: &[f64], length_nm: f64, dz: f64, steps: usize) -> Vec<f64> {
    let Amplified { amplification_per_s: k, order, loss_per_s, quencher, bake_s, .. } = amplified();
    let mut acid: Vec<f64> = left.iter().map(|m| (1.0 - m - quencher).max(0.0)).collect();
    let mut inhibitor = vec![1.0f64; left.len()];
    let (dt, n) = (bake_s / steps as f64, left.len());
    let spread = length_nm * length_nm / (2.0 * bake_s) * dt / (dz * dz);
    for _ in 0..steps {
        let before = acid.clone();
        for i in 0..n {
            let (a, b) = (before[i.saturating_sub(1)], before[(i + 1).min(n - 1)]);
            let middle = 0.5 * (before[i] + before[i] * (1.0 - loss_per_s * dt));
            acid[i] += spread * (a - 2.0 * before[i] + b) - loss_per_s * dt * before[i];
            inhibitor[i] *= (-k * middle.powf(order) * dt).exp();
        }
    }
    inhibitor
}

#[test]
fn acid_diffuses_while_it_reacts() {
    let mut resist = plain();
    resist.dill.b_per_um = 15.0;
    resist.bake = Bake { diffusion_nm: 12.0, kind: BakeKind::Amplified(amplified()) };
    let found =
        run(&resist, &Array2::from_elem((1, 1), 0.5), VolumeGrid { pixel_nm: 4.0, dz_nm: 1.0 });
    let left: Vec<f64> = found.latent.iter().map(|m| f64::from(*m)).collect();
    let worst = |length| {
        let slow = stepped_bake(&left, length, 1.0, 20000);
        found
            .inhibitor
            .iter()
            .zip(&slow)
            .map(|(m, s)| (f64::from(*m) - s).abs())
            .fold(0.0, f64::max)
    };
    println!("worst difference in m: {:.1e}", worst(12.0));
    assert!(worst(12.0) < 2e-3, "{}", worst(12.0));
    assert!(worst(0.0) > 5e-3, "diffusion must be seen: {}", worst(0.0));
}

#[test]
fn planted_wall_has_its_angle_widths_and_loss() {
    // Resist stands where x lies between walls that lean by 10 nm over 100, below 93 nm.
    let developed = planted((50, 5, 60), |[z, _, x]| {
        let height = 100.0 - z;
        let inside = (x - 60.0 - 0.1 * height).min(180.0 - 0.05 * height - x);
        // Near the outline the level is straight in space.
        (1.0 + inside / 40.0).min(1.0 + (93.0 - height) / 40.0).max(0.0)
    });
    let profile = developed.profile([0.0, 10.0], [240.0, 10.0]).unwrap();
    let edges = profile.edges_at(50.0);
    assert_eq!(edges.len(), 2, "{edges:?}");
    assert!((edges[0].at_nm - 65.0).abs() < 1e-3 && edges[0].rising, "{edges:?}");
    assert!((profile.cd_at(40.0, 120.0, Feature::Line).unwrap() - (178.0 - 64.0)).abs() < 1e-3);
    assert!(profile.cd_at(40.0, 120.0, Feature::Space).is_none());
    for (near, lean) in [(60.0, 0.1f64), (180.0, 0.05)] {
        let angle = profile.sidewall_angle_deg(near).unwrap();
        let exact = 90.0 - lean.atan().to_degrees();
        assert!((angle - exact).abs() < 0.01, "{angle} against {exact}");
    }
    assert!((profile.height_nm() - 93.0).abs() < 1e-3, "{}", profile.height_nm());
    assert!((developed.resist_loss_nm() - 7.0).abs() < 1e-3, "{}", developed.resist_loss_nm());
    let top = profile.outline.iter().flatten().map(|p| p[1]).fold(0.0, f64::max);
    assert!((top - 93.0).abs() < 1e-3, "{top}");
}

#[test]
fn overhanging_wall_is_steeper_than_upright() {
    let developed = planted((50, 3, 60), |[z, _, x]| (1.0 + (x - 100.0 - 0.2 * z) / 40.0).max(0.0));
    let profile = developed.profile([0.0, 6.0], [240.0, 6.0]).unwrap();
    let angle = profile.sidewall_angle_deg(110.0).unwrap();
    assert!((angle - 101.31).abs() < 0.05, "{angle}");
}

#[test]
fn surface_of_a_planted_dome_is_closed_and_holds_its_volume() {
    // A half ellipsoid on the substrate: 2/3·π·a·b·h.
    let developed = planted((50, 50, 60), |[z, y, x]| {
        let [u, v, w] = [(x - 120.0) / 90.0, (y - 100.0) / 70.0, (100.0 - z) / 80.0];
        2.0 - (u * u + v * v + w * w).sqrt()
    });
    let surface = developed.surface(1.0);
    assert!(is_watertight(&surface));
    let exact = 2.0 / 3.0 * std::f64::consts::PI * 90.0 * 70.0 * 80.0;
    let found = volume(&surface);
    assert!((found - exact).abs() < 0.01 * exact, "{found} against {exact}");
    let voxels = developed.remaining(1.0).iter().filter(|stands| **stands).count() as f64 * 32.0;
    assert!((found - voxels).abs() < 0.01 * voxels, "{found} against {voxels}");
    // Negative control: one triangle less is a hole.
    let mut torn = surface.clone();
    torn.triangles.pop();
    assert!(!is_watertight(&torn));
    for (position, normal) in surface.positions.iter().zip(&surface.normals) {
        let [x, y, z] = *position;
        if z > 5.0 {
            let out = [(x - 120.0) / 8100.0, (y - 100.0) / 4900.0, z / 6400.0];
            let length = out.iter().map(|o| o * o).sum::<f32>().sqrt();
            let along: f32 = out.iter().zip(normal).map(|(o, n)| o * n).sum();
            assert!(along > 0.97 * length, "normal {normal:?} at {position:?}");
        }
    }
}

#[test]
fn surface_of_lines_closes_at_the_walls_of_the_block() {
    let developed = planted((30, 20, 40), |[z, _, x]| {
        (1.0 + (12.0 - (x - 80.0).abs()) / 10.0).min(0.3 + z / 10.0).max(1e-3)
    });
    let surface = developed.surface(1.0);
    assert!(is_watertight(&surface));
    // 24 nm wide, 60 nm high less 7 nm at the top, 80 nm long.
    let exact = 24.0 * (60.0 - 7.0) * 80.0;
    let found = volume(&surface);
    assert!((found - exact).abs() < 0.02 * exact, "{found} against {exact}");
    let reach = |k: usize| surface.positions.iter().map(|p| p[k]).fold(0.0, f32::max);
    assert!(reach(1) == 80.0 && (reach(2) - 53.0).abs() < 0.5, "{} {}", reach(1), reach(2));
    assert!(developed.surface(1e6).triangles.is_empty(), "in the end all is gone");
    let whole = developed.surface(1e-6);
    let block = 60.0 * 80.0 * 160.0;
    assert!((volume(&whole) - block).abs() < 1e-3 * block, "{}", volume(&whole));
}

#[test]
fn film_does_not_depend_on_the_number_of_threads() {
    let mut resist = plain();
    resist.stack.substrate.k = 2.0;
    resist.dill.a_per_um = 1.0;
    resist.bake.diffusion_nm = 8.0;
    let image = Array2::from_shape_fn((30, 45), |(y, x)| {
        0.5 + 0.4 * (0.3 * x as f32).sin() * (0.2 * y as f32).cos()
    });
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&resist, &image, GRID))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn images_through_focus_are_mixed_by_depth() {
    let resist = plain();
    let [upper, lower] = [0.2f32, 0.6].map(|level| Array2::from_elem((2, 3), level));
    let planes = vec![(0.0, upper.view()), (100.0, lower.view())];
    let found = develop(&resist, &Aerial::Focus(planes), GRID, &mut |_| true).unwrap();
    for z in [0, 20, 49] {
        let depth = 2.0 * z as f64 + 1.0;
        let exact = resist.dill.inhibitor(0.2 + 0.4 * depth / 100.0, 30.0, depth);
        assert!((f64::from(found.latent[[z, 1, 1]]) - exact).abs() < 1e-5);
    }
}

#[test]
fn development_stops_where_it_is_told_to() {
    let image = Array2::from_elem((4, 4), 0.5f32);
    for stage in [Stage::Expose, Stage::Bake, Stage::Develop] {
        let mut asked = |progress: Progress| progress.stage != stage;
        let result = develop(&plain(), &Aerial::Image(image.view()), GRID, &mut asked);
        assert!(matches!(result, Err(ResistError::Cancelled)), "{stage:?}");
    }
}

#[test]
fn bad_parameters_are_named() {
    let image = Array2::from_elem((4, 4), 0.5f32);
    let message = |resist: &VolumeResist, grid| {
        let result = develop(resist, &Aerial::Image(image.view()), grid, &mut |_| true);
        result.unwrap_err().to_string()
    };
    let changed = |change: &dyn Fn(&mut VolumeResist)| {
        let mut resist = plain();
        change(&mut resist);
        message(&resist, GRID)
    };
    assert!(changed(&|r| r.dose = f64::NAN).contains("dose"));
    assert!(changed(&|r| r.develop_s = 0.0).contains("develop_s"));
    assert!(changed(&|r| r.wavelength_nm = -1.0).contains("wavelength_nm"));
    assert!(changed(&|r| r.stack.resist.thickness_nm = 0.0).contains("thickness_nm"));
    assert!(changed(&|r| r.dill.b_per_um = 1e9).contains("b_per_um"));
    assert!(changed(&|r| r.bake.diffusion_nm = -1.0).contains("diffusion_nm"));
    let kind = BakeKind::Amplified(Amplified { steps: 0, ..amplified() });
    assert!(changed(&|r| r.bake.kind = kind).contains("steps"));
    assert!(message(&plain(), VolumeGrid { pixel_nm: 0.0, dz_nm: 1.0 }).contains("pixel_nm"));
    assert!(message(&plain(), VolumeGrid { pixel_nm: 1.0, dz_nm: f64::NAN }).contains("dz_nm"));
    let wide = Array2::<f32>::zeros((4096, 4096));
    let error = develop(&plain(), &Aerial::Image(wide.view()), GRID, &mut |_| true).unwrap_err();
    assert!(error.to_string().contains("33554432"), "{error}");
    let none = Array2::<f32>::zeros((0, 4));
    let dark = develop(&plain(), &Aerial::Image(none.view()), GRID, &mut |_| true).unwrap_err();
    assert!(dark.to_string().contains("empty"), "{dark}");
    let broken = Array2::from_elem((2, 2), f32::NAN);
    let error = develop(&plain(), &Aerial::Image(broken.view()), GRID, &mut |_| true).unwrap_err();
    assert!(error.to_string().contains("no numbers"), "{error}");
}

#[test]
fn resist_survives_its_file() {
    let mut resist = plain();
    resist.bake = Bake { diffusion_nm: 5.0, kind: BakeKind::Amplified(amplified()) };
    let text = toml::to_string(&resist).unwrap();
    assert_eq!(toml::from_str::<VolumeResist>(&text).unwrap(), resist, "{text}");
    assert!(toml::from_str::<VolumeResist>(&format!("colour = 1\n{text}")).is_err());
}
