//! Coherent fields of every kernel, their intensity, and the adjoint: batched small transforms.

use std::f64::consts::PI;

use num_complex::Complex64;

use super::super::kernel::{Constants, Kernel};
use super::{complex, real, set_complex, word};

/// Threads of a group of transforms.
pub const THREADS: u32 = 128;

/// The direct sum Σ_j a_j e^{±2πijk/N}.
fn direct(line: &[Complex64], forward: bool) -> Vec<Complex64> {
    let n = line.len();
    let sign = if forward { -1.0 } else { 1.0 };
    let root = |k: usize| Complex64::from_polar(1.0, sign * 2.0 * PI * (k % n) as f64 / n as f64);
    let roots: Vec<Complex64> = (0..n).map(root).collect();
    let sum = |k: usize| line.iter().enumerate().map(|(j, a)| a * roots[j * k % n]).sum();
    (0..n).map(sum).collect()
}

/// Sizes that all transforms are compiled with.
struct Sizes {
    half: usize,
    width: usize,
    n: usize,
    kernels: usize,
    clips: usize,
    sets: usize,
}

impl Sizes {
    fn of(values: &Constants<'_>) -> Self {
        let half = values.get("HALF");
        Self {
            half,
            width: 2 * half + 1,
            n: values.get("N"),
            kernels: values.get("KERNELS"),
            clips: values.get("CLIPS"),
            sets: values.get("SETS"),
        }
    }

    /// Where bin `i` − K lies among N.
    fn wrapped(&self, i: usize) -> usize {
        (i + self.n - self.half) % self.n
    }
}

/// Kernel times mask, transformed along y: `[clip, k, 2K+1 (m), N (y)]`. Bindings: kernels
/// `[k, m, n]`, spectrum `[clip, m, n]`, roots of unity, columns.
///
/// Cost: 8·k(2K+1)N bytes written, 5·N·log₂N operations a line.
pub static FIELD_COLUMNS: Kernel = Kernel {
    name: "field_columns",
    wgsl: &[include_str!("transform.wgsl"), include_str!("field_columns.wgsl")],
    cuda: &[
        include_str!("pair.cu"),
        include_str!("transform.cu"),
        include_str!("field_columns.cu"),
    ],
    threads: THREADS,
    writes: &[false, false, false, true],
    twin: field_columns,
};

fn field_columns(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [kernels, spectrum, _, columns] = buffers else { return };
    let s = Sizes::of(values);
    for clip in 0..s.clips {
        for line in 0..s.kernels * s.width {
            let mut values = vec![Complex64::default(); s.n];
            for n in 0..s.width {
                let mask = complex(spectrum, (clip * s.width + line % s.width) * s.width + n);
                values[s.wrapped(n)] = complex(kernels, line * s.width + n) * mask;
            }
            for (y, value) in direct(&values, false).into_iter().enumerate() {
                set_complex(columns, (clip * s.kernels * s.width + line) * s.n + y, value);
            }
        }
    }
}

/// Fields `[clip, k, N (y), N (x)]` from columns. Bindings: columns, roots of unity, fields.
///
/// Cost: 8·kN² bytes written, 5·N·log₂N operations a line.
pub static FIELD_ROWS: Kernel = Kernel {
    name: "field_rows",
    wgsl: &[include_str!("transform.wgsl"), include_str!("field_rows.wgsl")],
    cuda: &[include_str!("pair.cu"), include_str!("transform.cu"), include_str!("field_rows.cu")],
    threads: THREADS,
    writes: &[false, false, true],
    twin: field_rows,
};

fn field_rows(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [columns, _, fields] = buffers else { return };
    let s = Sizes::of(values);
    for plane in 0..s.clips * s.kernels {
        for y in 0..s.n {
            let mut values = vec![Complex64::default(); s.n];
            for m in 0..s.width {
                values[s.wrapped(m)] = complex(columns, (plane * s.width + m) * s.n + y);
            }
            for (x, value) in direct(&values, false).into_iter().enumerate() {
                set_complex(fields, (plane * s.n + y) * s.n + x, value);
            }
        }
    }
}

/// Intensity of every focus, `[clip, set, N, N]`: Σ over a set's kernels of weight·|E|², in order.
/// Bindings: fields, weights, sets (first kernel, count), images.
///
/// Cost: 8·kN² bytes read, 4·kN² operations.
pub static INTENSITY: Kernel = Kernel {
    name: "intensity",
    wgsl: &[include_str!("intensity.wgsl")],
    cuda: &[include_str!("intensity.cu")],
    threads: 64,
    writes: &[false, false, false, true],
    twin: intensity,
};

fn intensity(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [fields, weights, sets, images] = buffers else { return };
    let s = Sizes::of(values);
    let pixels = s.n * s.n;
    for clip in 0..s.clips {
        for (set, own) in sets.chunks_exact(2).take(s.sets).enumerate() {
            for pixel in 0..pixels {
                let kernels = own[0] as usize..(own[0] + own[1]) as usize;
                let term = |k: usize| {
                    let field = complex(fields, (clip * s.kernels + k) * pixels + pixel);
                    real(weights[k]) * field.norm_sqr()
                };
                images[(clip * s.sets + set) * pixels + pixel] = word(kernels.map(term).sum());
            }
        }
    }
}

/// ∂L/∂I times the field, transformed along x, of which the bins are kept: columns
/// `[clip, k, m, y]`. Bindings: gradients `[clip, set, N, N]`, fields, set of each kernel, roots of
/// unity, columns.
///
/// Cost: 8·kN² bytes read, 8·k(2K+1)N written, 5·N·log₂N operations a line.
pub static ADJOINT_ROWS: Kernel = Kernel {
    name: "adjoint_rows",
    wgsl: &[include_str!("transform.wgsl"), include_str!("adjoint_rows.wgsl")],
    cuda: &[include_str!("pair.cu"), include_str!("transform.cu"), include_str!("adjoint_rows.cu")],
    threads: THREADS,
    writes: &[false, false, false, false, true],
    twin: adjoint_rows,
};

fn adjoint_rows(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [gradients, fields, set_of, _, columns] = buffers else { return };
    let s = Sizes::of(values);
    for clip in 0..s.clips {
        for k in 0..s.kernels {
            for y in 0..s.n {
                let value = |x: usize| {
                    let set = clip * s.sets + set_of[k] as usize;
                    let by = real(gradients[(set * s.n + y) * s.n + x]);
                    complex(fields, ((clip * s.kernels + k) * s.n + y) * s.n + x) * by
                };
                let line: Vec<Complex64> = (0..s.n).map(value).collect();
                let line = direct(&line, true);
                for m in 0..s.width {
                    let at = ((clip * s.kernels + k) * s.width + m) * s.n + y;
                    set_complex(columns, at, line[s.wrapped(m)]);
                }
            }
        }
    }
}

/// The adjoint of every kernel, `[clip, k, m, n]`: 2·weight·H·conj of the columns transformed along
/// y. Bindings: columns, kernels, weights, roots of unity, parts.
///
/// Cost: 8·k(2K+1)N bytes read, 5·N·log₂N operations a line.
pub static ADJOINT_COLUMNS: Kernel = Kernel {
    name: "adjoint_columns",
    wgsl: &[include_str!("transform.wgsl"), include_str!("adjoint_columns.wgsl")],
    cuda: &[
        include_str!("pair.cu"),
        include_str!("transform.cu"),
        include_str!("adjoint_columns.cu"),
    ],
    threads: THREADS,
    writes: &[false, false, false, false, true],
    twin: adjoint_columns,
};

fn adjoint_columns(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [columns, kernels, weights, _, parts] = buffers else { return };
    let s = Sizes::of(values);
    for clip in 0..s.clips {
        for line in 0..s.kernels * s.width {
            let own = clip * s.kernels * s.width + line;
            let values: Vec<_> = (0..s.n).map(|y| complex(columns, own * s.n + y)).collect();
            let values = direct(&values, true);
            for n in 0..s.width {
                let kernel = complex(kernels, line * s.width + n);
                let scale = 2.0 * real(weights[line / s.width]);
                let value = scale * kernel * values[s.wrapped(n)].conj();
                set_complex(parts, own * s.width + n, value);
            }
        }
    }
}

/// The adjoint spectrum `[clip, n, m]`: parts summed over kernels in order, times the difference
/// of amplitudes. Bindings: parts, tone, adjoint.
///
/// Cost: 8·k(2K+1)² bytes read.
pub static ADJOINT_SUM: Kernel = Kernel {
    name: "adjoint_sum",
    wgsl: &[include_str!("adjoint_sum.wgsl")],
    cuda: &[include_str!("pair.cu"), include_str!("adjoint_sum.cu")],
    threads: 64,
    writes: &[false, false, true],
    twin: adjoint_sum,
};

fn adjoint_sum(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [parts, tone, adjoint] = buffers else { return };
    let s = Sizes::of(values);
    let bins = s.width * s.width;
    for clip in 0..s.clips {
        for n in 0..s.width {
            for m in 0..s.width {
                let part =
                    |k: usize| complex(parts, (clip * s.kernels + k) * bins + m * s.width + n);
                let sum: Complex64 = (0..s.kernels).map(part).sum();
                set_complex(adjoint, clip * bins + n * s.width + m, sum * complex(tone, 0));
            }
        }
    }
}
