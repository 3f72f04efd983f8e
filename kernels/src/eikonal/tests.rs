use super::*;
use ndarray::Array3;

fn go() -> impl FnMut() -> bool {
    || true
}

/// Centre of a voxel of a cube of side 1 with `n` voxels a side.
fn centre([z, y, x]: [usize; 3], n: usize) -> [f64; 3] {
    [z, y, x].map(|i| (i as f64 + 0.5) / n as f64)
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// Largest and mean error of the front from a point against `exact`, started in a ball of 0.2.
fn point_source_error(
    n: usize,
    source: [f64; 3],
    rate: impl Fn([f64; 3]) -> f64,
    exact: impl Fn([f64; 3]) -> f64,
) -> [f64; 2] {
    let at = |(z, y, x)| centre([z, y, x], n);
    let rates = Array3::from_shape_fn((n, n, n), |i| rate(at(i)) as f32);
    let known = Array3::from_shape_fn((n, n, n), |i| {
        if distance(at(i), source) < 0.2 { exact(at(i)) as f32 } else { f32::NAN }
    });
    let spacing = [1.0 / n as f64; 3];
    let found = arrival(rates.view(), spacing, Start::Known(known.view()), &mut go()).unwrap();
    assert!(found.at_rest, "{:?}", found.rounds);
    let errors: Vec<f64> =
        found.times.indexed_iter().map(|(i, t)| (f64::from(*t) - exact(at(i))).abs()).collect();
    [errors.iter().copied().fold(0.0, f64::max), errors.iter().sum::<f64>() / errors.len() as f64]
}

/// Observed order between grids of n and 2n: log₂ of the ratio of mean errors.
fn observed_order(name: &str, error: impl Fn(usize) -> [f64; 2]) -> f64 {
    let errors = [24, 48, 96].map(error);
    let orders = [0, 1].map(|i| (errors[i][1] / errors[i + 1][1]).log2());
    println!("{name}: largest and mean errors {errors:?}, orders of the mean {orders:?}");
    orders[0].min(orders[1])
}

#[test]
fn front_from_a_point_has_second_order() {
    let source = [0.4, 0.55, 0.5];
    let order = observed_order("point", |n| {
        point_source_error(n, source, |_| 2.0, |at| distance(at, source) / 2.0)
    });
    assert!(order >= 1.8, "{order}");
}

#[test]
fn front_where_speed_grows_with_depth_is_a_circle_of_second_order() {
    // Speed v = v₀ + g z: T = arcosh(1 + g² d² / (2 v v_source)) / g.
    let source = [0.4, 0.55, 0.5];
    let speed = |at: [f64; 3]| 1.0 + 2.0 * at[0];
    let exact = |at: [f64; 3]| {
        let d = distance(at, source);
        (1.0 + 4.0 * d * d / (2.0 * speed(at) * speed(source))).acosh() / 2.0
    };
    let order = observed_order("linear speed", |n| point_source_error(n, source, speed, exact));
    assert!(order >= 1.8, "{order}");
}

#[test]
fn planar_front_arrives_at_depth_over_rate() {
    let rate = Array3::from_elem((37, 21, 9), 3.0f32);
    let found = arrival(rate.view(), [2.0, 4.0, 4.0], Start::Top, &mut go()).unwrap();
    for ((z, _, _), t) in found.times.indexed_iter() {
        let exact = 2.0 * (z as f32 + 0.5) / 3.0;
        assert!((t - exact).abs() < 2e-6 * exact.max(1.0), "{t} against {exact}");
    }
}

#[test]
fn layered_film_takes_the_integral_of_one_over_rate() {
    // 1/r = 1 + 0.6 sin(2πz/0.5): a standing wave.
    let w = std::f64::consts::TAU / 0.5;
    let slow = |z: f64| 1.0 + 0.6 * (w * z).sin();
    let exact = |z: f64| z + 0.6 * (1.0 - (w * z).cos()) / w;
    let order = observed_order("layers", |n| {
        let depth = |z: usize| (z as f64 + 0.5) / n as f64;
        let rate = Array3::from_shape_fn((n, 5, 4), |(z, _, _)| (1.0 / slow(depth(z))) as f32);
        let spacing = [1.0 / n as f64, 0.1, 0.1];
        let times = arrival(rate.view(), spacing, Start::Top, &mut go()).unwrap().times;
        let errors = (0..n).map(|z| (f64::from(times[[z, 2, 2]]) - exact(depth(z))).abs());
        let errors: Vec<f64> = errors.collect();
        [errors.iter().copied().fold(0.0, f64::max), errors.iter().sum::<f64>() / n as f64]
    });
    assert!(order >= 1.8, "{order}");
}

#[test]
fn front_undercuts_a_slow_wall_along_the_head_wave() {
    // Fast for x < 0.5, slow beyond: T = z s₁ + d √(s₂² − s₁²) behind the wall.
    let (n, slow) = (80usize, 8.0f64);
    let h = 1.0 / n as f64;
    let rate = Array3::from_shape_fn(
        (n, 6, n),
        |(_, _, x)| {
            if x < n / 2 { 1.0 } else { (1.0 / slow) as f32 }
        },
    );
    let times = arrival(rate.view(), [h; 3], Start::Top, &mut go()).unwrap().times;
    for (z, x) in [(60, 42), (70, 44), (78, 43)] {
        let (depth, inside) = ((z as f64 + 0.5) * h, (x as f64 + 0.5) * h - 0.5);
        let exact = depth + inside * (slow * slow - 1.0).sqrt();
        let found = f64::from(times[[z, 3, x]]);
        assert!((found - exact).abs() < 0.03 * exact, "{found} against {exact}");
        assert!(found < 0.5 * depth * slow, "straight down is no way");
    }
}

/// The obvious twin: the same differences, voxel by voxel in f64, lexicographic sweeps; first
/// differences, then second-order ones with sides and orders read off the first-order times.
fn slow_twin(rate: &Array3<f32>, h: f64) -> Array3<f64> {
    let mut t = Array3::from_elem(rate.raw_dim(), 1e17);
    for _ in 0..8 {
        slow_sweeps(&mut t, None, rate, h);
    }
    let first = t.clone();
    for _ in 0..8 {
        slow_sweeps(&mut t, Some(&first), rate, h);
    }
    t
}

fn slow_sweeps(t: &mut Array3<f64>, first: Option<&Array3<f64>>, rate: &Array3<f32>, h: f64) {
    let shape = [0, 1, 2].map(|k| rate.shape()[k] as isize);
    for sweep in 0..8 {
        for i in 0..rate.len() as isize {
            let mut at = [i / (shape[1] * shape[2]), i / shape[2] % shape[1], i % shape[2]];
            for k in 0..3 {
                if sweep >> k & 1 == 1 {
                    at[k] = shape[k] - 1 - at[k];
                }
            }
            let index = at.map(|i| i as usize);
            let new = slow_update(t, first, at, 1.0 / f64::from(rate[index]), h);
            t[index] = if first.is_some() { new } else { t[index].min(new) };
        }
    }
}

fn slow_update(
    t: &Array3<f64>,
    first: Option<&Array3<f64>>,
    at: [isize; 3],
    s: f64,
    h: f64,
) -> f64 {
    let get = |times: &Array3<f64>, axis: usize, step: isize| {
        let mut at = at;
        at[axis] += step;
        if axis == 0 && at[0] < 0 {
            return 0.0;
        }
        times.get(at.map(|i| i as usize)).copied().unwrap_or(1e17)
    };
    let plan = first.unwrap_or(t);
    let mut axes = [0, 1, 2].map(|axis| {
        let side = if get(plan, axis, -1) <= get(plan, axis, 1) { -1 } else { 1 };
        let near = get(t, axis, side);
        let from_plane = axis == 0 && side == -1;
        if from_plane && at[0] == 0 {
            return (0.0, 4.0 / (h * h));
        }
        if first.is_some() && get(plan, axis, side) >= get(plan, axis, 0) {
            return (1e17, 1.0 / (h * h));
        }
        let step = get(plan, axis, side) - get(plan, axis, 2 * side);
        if first.is_none() || step < -1e-4 * h * s || step > 2.0 * h * s {
            return (near, 1.0 / (h * h));
        }
        let step = near - get(t, axis, 2 * side);
        if from_plane && at[0] == 1 {
            return (near + 0.8 * step, 25.0 / 9.0 / (h * h));
        }
        (near + step / 3.0, 2.25 / (h * h))
    });
    axes.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Σ w (T − a)₊² grows with T: halve until it is s².
    let excess =
        |time: f64| axes.iter().map(|(a, w)| w * (time - a).max(0.0).powi(2)).sum::<f64>() - s * s;
    let (mut low, mut high) = (axes[0].0, axes[0].0 + s / axes[0].1.sqrt());
    for _ in 0..45 {
        let middle = f64::midpoint(low, high);
        if excess(middle) > 0.0 { high = middle } else { low = middle }
    }
    high
}

#[test]
fn tiles_and_vectors_equal_the_voxel_by_voxel_sweep() {
    // Smooth rates of contrast 20, more than one tile a side, sides not multiples of anything.
    let shape = (19, 23, 37);
    let rate = Array3::from_shape_fn(shape, |(z, y, x)| {
        let wave = (0.31 * x as f32).sin() + (0.23 * y as f32 + 0.4).cos() + (0.2 * z as f32).sin();
        (0.5 * wave).exp()
    });
    let slow = slow_twin(&rate, 2.0);
    let compare = |times: &Array3<f32>| {
        times
            .iter()
            .zip(&slow)
            .map(|(fast, slow)| (f64::from(*fast) - slow).abs() / slow)
            .fold(0.0, f64::max)
    };
    let mut fast = arrival(rate.view(), [2.0; 3], Start::Top, &mut go()).unwrap().times;
    let worst = compare(&fast);
    println!("worst relative difference {worst:.2e}");
    assert!(worst < 1e-3, "{worst}");
    fast[[10, 20, 30]] *= 1.01;
    assert!(compare(&fast) > 1e-3, "the comparison must see a change");
}

#[test]
fn fronts_of_contacts_come_to_rest_where_they_meet() {
    // Symmetric holes above a standing wave: ridges of equal arrival everywhere.
    let rate = Array3::from_shape_fn((40, 90, 110), |(z, y, x)| {
        let wave = |i: usize| 0.5 + 0.5 * (std::f32::consts::TAU * i as f32 / 50.0).sin();
        let depth = 1.0 + 0.6 * (0.11 * z as f32).cos();
        0.1 + 100.0 * (1.0 - (-1.5 * wave(x) * wave(y) * depth).exp()).powi(5)
    });
    let found = arrival(rate.view(), [2.0, 4.0, 4.0], Start::Top, &mut go()).unwrap();
    println!("rounds {:?}", found.rounds);
    assert!(found.at_rest && found.rounds.iter().all(|rounds| *rounds <= 8), "{:?}", found.rounds);
}

#[test]
fn arrival_does_not_depend_on_the_number_of_threads() {
    let rate = Array3::from_shape_fn((30, 70, 90), |(z, y, x)| {
        (((z * 7 + y * 3) as f32 * 0.1).sin() * 2.0 + (x as f32 * 0.2).cos()).exp()
    });
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| arrival(rate.view(), [2.0, 4.0, 4.0], Start::Top, &mut go()).unwrap())
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn a_front_stops_when_told_to_and_an_empty_volume_has_none() {
    let rate = Array3::from_elem((3, 3, 3), 1.0f32);
    assert!(arrival(rate.view(), [1.0; 3], Start::Top, &mut || false).is_none());
    let empty = Array3::<f32>::zeros((0, 3, 3));
    assert!(arrival(empty.view(), [1.0; 3], Start::Top, &mut go()).is_none());
    assert!(memory([usize::MAX, 2, 2]).is_none());
}
