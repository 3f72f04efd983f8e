//! Fields on square cells: smoothing, sampling, signed distance, curvature.

/// A Gaussian over `[ny, nx]` cells, its own adjoint: what lies outside counts as 0.
#[derive(Clone, Debug)]
pub(super) struct Gaussian {
    /// Weights of the middle and of cells further away.
    taps: Vec<f32>,
    along_x: Vec<f32>,
}

impl Gaussian {
    /// A Gaussian of standard deviation `sigma` cells, cut at three of them.
    pub fn new(sigma: f64) -> Self {
        let reach = (3.0 * sigma).ceil() as usize;
        let weight = |d: usize| {
            if sigma > 0.0 { (-0.5 * (d as f64 / sigma).powi(2)).exp() } else { f64::from(d == 0) }
        };
        let sum = weight(0) + 2.0 * (1..=reach).map(weight).sum::<f64>();
        let taps = (0..=reach).map(|d| (weight(d) / sum) as f32).collect();
        Self { taps, along_x: Vec::new() }
    }

    /// Smooths `[ny, nx]` row-major values in place.
    pub fn smooth(&mut self, values: &mut [f32], nx: usize) {
        if self.taps.len() < 2 || nx == 0 {
            return;
        }
        self.along_x.clear();
        self.along_x.resize(values.len(), 0.0);
        for (from, to) in values.chunks_exact(nx).zip(self.along_x.chunks_exact_mut(nx)) {
            for (d, &tap) in self.taps.iter().enumerate().take(nx) {
                add(tap, &from[d..], &mut to[..nx - d]);
                if d > 0 {
                    add(tap, &from[..nx - d], &mut to[d..]);
                }
            }
        }
        values.fill(0.0);
        let ny = values.len() / nx;
        for (d, &tap) in self.taps.iter().enumerate().take(ny) {
            let shift = d * nx;
            let rest = values.len() - shift;
            add(tap, &self.along_x[shift..], &mut values[..rest]);
            if d > 0 {
                add(tap, &self.along_x[..rest], &mut values[shift..]);
            }
        }
    }
}

fn add(weight: f32, from: &[f32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += weight * from;
    }
}

/// The field between cell centres (x, y), in cells, by bilinear interpolation; as at the rim
/// beyond it.
pub(super) fn sample(field: &[f32], nx: usize, ny: usize, x: f64, y: f64) -> f32 {
    let split = |v: f64, n: usize| {
        let v = v.clamp(0.0, n.saturating_sub(1) as f64);
        let low = v.floor() as usize;
        (low, (low + 1).min(n.saturating_sub(1)), (v - v.floor()) as f32)
    };
    let ((x0, x1, fx), (y0, y1, fy)) = (split(x, nx), split(y, ny));
    let at = |x: usize, y: usize| field.get(y * nx + x).copied().unwrap_or(0.0);
    let low = at(x0, y0) + fx * (at(x1, y0) - at(x0, y0));
    let high = at(x0, y1) + fx * (at(x1, y1) - at(x0, y1));
    low + fy * (high - low)
}

/// The signed distance from the field's outline, nm, positive where the field is: cells beside the
/// outline by the crossings with their neighbours, the others by sweeps that solve |∇d| = 1 (Zhao,
/// "A fast sweeping method for Eikonal equations", 2005).
pub(super) fn distance(field: &[f32], nx: usize, ny: usize, cell: f32) -> Vec<f32> {
    let far = (nx + ny) as f32 * cell;
    let at = |x: usize, y: usize| y * nx + x;
    let mut out = vec![far; field.len()];
    for y in 0..ny {
        for x in 0..nx {
            out[at(x, y)] = beside(field, nx, ny, x, y, cell).unwrap_or(far);
        }
    }
    let fixed: Vec<bool> = out.iter().map(|d| *d < far).collect();
    for sweep in 0..8 {
        let (right, up) = (sweep & 1 == 0, sweep & 2 == 0);
        for j in 0..ny {
            let y = if up { j } else { ny - 1 - j };
            for i in 0..nx {
                let x = if right { i } else { nx - 1 - i };
                if fixed[at(x, y)] {
                    continue;
                }
                let get = |x: Option<usize>, y: Option<usize>| match (x, y) {
                    (Some(x), Some(y)) if x < nx && y < ny => out[at(x, y)],
                    _ => far,
                };
                let a = get(x.checked_sub(1), Some(y)).min(get(Some(x + 1), Some(y)));
                let b = get(Some(x), y.checked_sub(1)).min(get(Some(x), Some(y + 1)));
                let (low, high) = (a.min(b), a.max(b));
                let new = if high - low >= cell {
                    low + cell
                } else {
                    0.5 * (a + b + (2.0 * cell * cell - (a - b) * (a - b)).sqrt())
                };
                out[at(x, y)] = out[at(x, y)].min(new);
            }
        }
    }
    for (d, f) in out.iter_mut().zip(field) {
        *d = d.copysign(*f);
    }
    out
}

/// The distance of a cell beside the outline: to the line through its crossings along x and y.
fn beside(field: &[f32], nx: usize, ny: usize, x: usize, y: usize, cell: f32) -> Option<f32> {
    let here = field[y * nx + x];
    let crossing = |near: Option<usize>| {
        let there = *field.get(near?)?;
        ((here > 0.0) != (there > 0.0)).then(|| cell * here.abs() / (here - there).abs())
    };
    let left = crossing((x > 0).then(|| y * nx + x - 1));
    let right = crossing((x + 1 < nx).then(|| y * nx + x + 1));
    let low = crossing((y > 0).then(|| (y - 1) * nx + x));
    let high = crossing((y + 1 < ny).then(|| (y + 1) * nx + x));
    let least = |a: Option<f32>, b: Option<f32>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    match (least(left, right), least(low, high)) {
        (Some(a), Some(b)) if a > 0.0 && b > 0.0 => Some(a * b / a.hypot(b)),
        (Some(_), Some(_)) => Some(0.0),
        (a, b) => a.or(b),
    }
}

/// Curvature of the level lines at a cell times |∇φ|, by central differences: negative where the
/// set φ > 0 bulges. `None` at the rim.
pub(super) fn bend(
    field: &[f32],
    nx: usize,
    ny: usize,
    x: usize,
    y: usize,
    cell: f32,
) -> Option<f32> {
    if x == 0 || y == 0 || x + 1 >= nx || y + 1 >= ny {
        return None;
    }
    let f = |dx: usize, dy: usize| field[(y + dy - 1) * nx + x + dx - 1];
    let (fx, fy) = ((f(2, 1) - f(0, 1)) / (2.0 * cell), (f(1, 2) - f(1, 0)) / (2.0 * cell));
    let area = cell * cell;
    let fxx = (f(2, 1) - 2.0 * f(1, 1) + f(0, 1)) / area;
    let fyy = (f(1, 2) - 2.0 * f(1, 1) + f(1, 0)) / area;
    let fxy = (f(2, 2) - f(0, 2) - f(2, 0) + f(0, 0)) / (4.0 * area);
    let square = fx * fx + fy * fy;
    (square > 1e-6).then(|| (fxx * fy * fy - 2.0 * fx * fy * fxy + fyy * fx * fx) / square)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disc(nx: usize, ny: usize, radius: f32) -> Vec<f32> {
        (0..nx * ny)
            .map(|i| {
                let (x, y) = ((i % nx) as f32 - 20.3, (i / nx) as f32 - 17.8);
                radius - 8.0 * x.hypot(y)
            })
            .collect()
    }

    #[test]
    fn distances_from_a_disc_are_its_own() {
        let (nx, ny) = (44, 38);
        let true_distance = disc(nx, ny, 90.0);
        // Any field of the same outline will do.
        let bent: Vec<f32> = true_distance.iter().map(|d| d * 3.0).collect();
        let found = distance(&bent, nx, ny, 8.0);
        for (a, b) in found.iter().zip(&true_distance) {
            // First order sweeps on 8 nm cells.
            assert!((a - b).abs() < 6.0, "{a} against {b}");
        }
        let bend = bend(&true_distance, nx, ny, 31, 17, 8.0).unwrap();
        assert!((bend + 1.0 / 85.7).abs() < 1e-3, "{bend}");
    }

    #[test]
    fn the_gaussian_is_its_own_adjoint_and_keeps_the_sum() {
        let (nx, ny) = (31, 23);
        let any = |k: usize| -> Vec<f32> { (0..nx * ny).map(|i| ((i * k) % 89) as f32).collect() };
        let (a, b) = (any(31), any(57));
        let mut gaussian = Gaussian::new(2.0);
        let (mut ka, mut kb) = (a.clone(), b.clone());
        gaussian.smooth(&mut ka, nx);
        gaussian.smooth(&mut kb, nx);
        let dot =
            |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum() };
        let (left, right) = (dot(&ka, &b), dot(&a, &kb));
        assert!((left - right).abs() < 1e-5 * left, "{left} against {right}");
        let mut point = vec![0.0; nx * ny];
        point[11 * nx + 15] = 1.0;
        gaussian.smooth(&mut point, nx);
        assert!((point.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(point[11 * nx + 15] < 0.05);
    }
}
