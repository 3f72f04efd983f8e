//! The loss of pixels and probes, and its slope in intensity.

use super::super::kernel::{Constants, Kernel};
use super::{real, word};

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Sums over the pixels of a group and ∂L/∂I of every pixel of the loss grid, as
/// [`crate::corner_loss`] and, with `PAIR`, [`crate::loss`] define them. Bindings: images
/// `[clip, set, pixel]`, target coverage `[clip, pixel]`, settings, corners, shapes by clip (pixels and
/// columns of its own grid, which lies in the corner of the plan's), gradients, sums `[clip, group]`
/// (image term, PV-band term). Gradients outside a clip's own grid are left as they are.
///
/// Cost: 4·(2·sets + 1) bytes a pixel, some 30 operations a corner and pixel.
pub static PIXEL_LOSS: Kernel = Kernel {
    name: "pixel_loss",
    wgsl: &[include_str!("sigmoid.wgsl"), include_str!("pixel_loss.wgsl")],
    cuda: &[include_str!("pair.cu"), include_str!("sigmoid.cu"), include_str!("pixel_loss.cu")],
    threads: 256,
    writes: &[false, false, false, false, false, true, true],
    twin: pixel_loss,
};

fn pixel_loss(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [images, wanted, settings, corners, shapes, gradients, sums] = buffers else { return };
    let (pixels, sets) = (values.get("PIXELS"), values.get("SETS"));
    let (groups, threads) = (values.get("GROUPS"), PIXEL_LOSS.threads as usize);
    let pair = values.get("PAIR") == 1;
    let [steep, threshold, q, band, image_share, band_share, area] =
        [0, 1, 2, 3, 4, 5, 6].map(|i| real(settings[i]));
    let linear = 1.0 - q;
    for (clip, shape) in shapes.chunks_exact(2).take(values.get("CLIPS")).enumerate() {
        let [count, columns] = [shape[0], shape[1]].map(|v| v as usize);
        for group in 0..groups {
            let mut total = [0.0; 2];
            for own in group * threads..((group + 1) * threads).min(count) {
                let pixel = own / columns * values.get("NX") + own % columns;
                let image = |set: usize| (clip * sets + set) * pixels + pixel;
                let t = real(wanted[clip * pixels + pixel]);
                let mut slopes = vec![0.0; sets];
                let z = sigmoid(steep * (real(images[image(0)]) - threshold));
                let error = z - t;
                total[0] += q * error * error + linear * error.abs();
                let sign = f64::from(u8::from(error > 0.0)) - f64::from(u8::from(error < 0.0));
                slopes[0] = image_share * (2.0 * q * error + linear * sign) * steep * z * (1.0 - z);
                let mut ends: Option<[(f64, f64, usize); 2]> = None;
                for corner in corners.chunks_exact(4).take(values.get("CORNERS")) {
                    let (set, dose2, weight) =
                        (corner[0] as usize, real(corner[1]), real(corner[2]));
                    let z = sigmoid(steep * (dose2 * real(images[image(set)]) - threshold));
                    let slope = steep * dose2 * z * (1.0 - z);
                    let error = z - t;
                    total[1] += q * weight * error * error;
                    slopes[set] += band_share * 2.0 * q * weight * error * slope;
                    let own = (z, slope, set);
                    ends = Some(ends.map_or([own; 2], |[least, most]| {
                        let less = pair || z < least.0;
                        let more = !pair && z > most.0;
                        [if less { own } else { least }, if more { own } else { most }]
                    }));
                }
                if let Some([least, most]) = ends {
                    total[1] += linear * band * (most.0 - least.0);
                    slopes[most.2] += band_share * linear * band * most.1;
                    slopes[least.2] -= band_share * linear * band * least.1;
                }
                for (set, slope) in slopes.iter().enumerate() {
                    gradients[image(set)] = word(slope * area);
                }
            }
            let at = 2 * (clip * groups + group);
            (sums[at], sums[at + 1]) = (word(total[0]), word(total[1]));
        }
    }
}

/// The intensity at each probe, what it adds to the loss and the slope of that in the intensity.
/// Bindings: exact images `[image, N, N]`, probes (image, side, squared dose, is a guard), weights
/// of rows and of columns `[probe, N]`, settings, slopes, terms.
///
/// Cost a probe: 2·N² operations; the image stays in the cache.
pub static PROBE_TERMS: Kernel = Kernel {
    name: "probe_terms",
    wgsl: &[include_str!("sigmoid.wgsl"), include_str!("probe_terms.wgsl")],
    cuda: &[include_str!("sigmoid.cu"), include_str!("probe_terms.cu")],
    threads: 64,
    writes: &[false, false, false, false, false, true, true],
    twin: probe_terms,
};

fn probe_terms(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [images, probes, rows, columns, settings, slopes, terms] = buffers else { return };
    let n = values.get("N");
    let set = |i: usize| real(settings[i]);
    for (p, probe) in probes.chunks_exact(4).take(values.get("PROBES")).enumerate() {
        let mut value = 0.0;
        for y in 0..n {
            for x in 0..n {
                value += real(rows[p * n + y])
                    * real(columns[p * n + x])
                    * real(images[(probe[0] as usize * n + y) * n + x]);
            }
        }
        let (side, dose2) = (real(probe[1]), real(probe[2]));
        let wrong = side * (set(0) - dose2 * value);
        let (term, slope) = if probe[3] == 1 {
            let x = set(4) * (wrong + set(5));
            let grown = if x > 20.0 { x } else { x.exp().ln_1p() };
            (set(6) * grown, set(6) * set(4) * sigmoid(x))
        } else {
            let z = sigmoid(set(1) * (wrong + set(2)));
            (set(3) * z, set(3) * set(1) * z * (1.0 - z))
        };
        terms[p] = word(term);
        slopes[p] = word(-side * dose2 * slope);
    }
}

/// Adds the probes' slopes to ∂L/∂I on the exact grid. Bindings: slopes, weights of rows and of
/// columns, ranges of probes (first, count by image), settings, gradients `[image, N, N]`.
///
/// Cost: 3·N² operations a probe.
pub static PROBE_ADJOINT: Kernel = Kernel {
    name: "probe_adjoint",
    wgsl: &[include_str!("probe_adjoint.wgsl")],
    cuda: &[include_str!("probe_adjoint.cu")],
    threads: 64,
    writes: &[false, false, false, false, false, true],
    twin: probe_adjoint,
};

fn probe_adjoint(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [slopes, rows, columns, ranges, settings, gradients] = buffers else { return };
    let n = values.get("N");
    for (image, range) in ranges.chunks_exact(2).take(values.get("IMAGES")).enumerate() {
        for y in 0..n {
            for x in 0..n {
                let own = range[0] as usize..(range[0] + range[1]) as usize;
                let term =
                    |p: usize| real(slopes[p]) * real(rows[p * n + y]) * real(columns[p * n + x]);
                let at = (image * n + y) * n + x;
                let sum: f64 = own.map(term).sum();
                gradients[at] = word(real(gradients[at]) + real(settings[7]) * sum);
            }
        }
    }
}
