//! Depth, exposure and bake of a resist. Volumes are `[z, y, x]`, z down.

use bytemuck::{Pod, Zeroable};

use super::super::kernel::{Constants, Kernel};
use super::{real, word};

/// A table's value of every number, as [`crate::depth::LinearTable::at`] reads it. Bindings: cells
/// (value at the lower node, rise to the upper one), settings (cells a unit, largest value), numbers,
/// values.
///
/// Cost: 8 bytes and six operations a number; the table stays in the cache.
pub static LINEAR_TABLE: Kernel = Kernel {
    name: "linear_table",
    wgsl: &[include_str!("linear_table.wgsl")],
    cuda: &[include_str!("linear_table.cu")],
    threads: 256,
    writes: &[false, false, false, true],
    twin: linear_table,
};

fn linear_table(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [cells, settings, from, to] = buffers else { return };
    let last = values.get("CELLS");
    for i in 0..values.get("WORDS") {
        let x = real(from[i]);
        let place = if x > 0.0 { (x * real(settings[0])).min(last as f64) } else { 0.0 };
        let cell = (place as usize).min(last - 1);
        let value = real(cells[2 * cell]) + (place - cell as f64) * real(cells[2 * cell + 1]);
        to[i] = word(value.min(real(settings[1])));
    }
}

/// A layer of a film. Laid out as in `layer.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct Layer {
    /// Exposure C·dose·w(z) that clear field leaves in the middle of it, were nothing absorbed.
    pub dose: f32,
    /// Share of the lower image.
    pub share: f32,
    /// Place of the image above it.
    pub upper: u32,
    /// Place of the image below it.
    pub lower: u32,
}

/// What exposure leaves of the photoactive compound: Dill's equations down each column by Heun's
/// rule, exact where nothing bleaches. Bindings: images `[plane, pixel]`, layers, settings
/// (bleachable absorption A, other absorption B, height of a layer), what is left `[z, pixel]`.
///
/// Cost: 12 bytes and four exponentials a voxel; a plane is read once a layer and mostly from the
/// cache.
pub static EXPOSE: Kernel = Kernel {
    name: "expose",
    wgsl: &[include_str!("layer.wgsl"), include_str!("expose.wgsl")],
    cuda: &[include_str!("layer.cu"), include_str!("expose.cu")],
    threads: 64,
    writes: &[false, false, false, true],
    twin: expose,
};

fn expose(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [images, layers, settings, left] = buffers else { return };
    let pixels = values.get("PIXELS");
    let [a, b, dz] = [0, 1, 2].map(|i| real(settings[i]));
    let fall = |u: f64| a * if u < 1e-9 { 1.0 } else { -(-u).exp_m1() / u } + b;
    for pixel in 0..pixels {
        let (mut through, mut before) = (0.0, 0.0);
        for (k, layer) in layers.chunks_exact(4).take(values.get("LAYERS")).enumerate() {
            let image = |plane: u32| real(images[plane as usize * pixels + pixel]);
            let (upper, lower) = (image(layer[2]), image(layer[3]));
            let full = real(layer[0]) * (upper + real(layer[1]) * (lower - upper)).max(0.0);
            let u = if a == 0.0 {
                full * (-b * (k as f64 + 0.5) * dz).exp()
            } else {
                let step = if k == 0 { 0.5 * dz } else { dz };
                if k == 0 {
                    before = fall(full);
                }
                let ahead = fall(full * (through - step * before).exp());
                through -= 0.5 * step * (before + ahead);
                full * through.exp()
            };
            before = fall(u);
            left[k * pixels + pixel] = word((-u).exp());
        }
    }
}

/// Diffusion along one axis of `COUNT` voxels that lie `STRIDE` apart, by weights at 0…`REACH`
/// voxels; beyond the ends lies the mirror image or, with `PERIODIC`, the other end. Bindings:
/// weights, volume before, volume after.
///
/// Cost: 8 bytes a voxel, 2·REACH more from the cache and as many operations.
pub static DIFFUSE: Kernel = Kernel {
    name: "diffuse",
    wgsl: &[include_str!("diffuse.wgsl")],
    cuda: &[include_str!("diffuse.cu")],
    threads: 256,
    writes: &[false, false, true],
    twin: diffuse,
};

fn diffuse(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [taps, from, to] = buffers else { return };
    let [stride, count, reach] = ["STRIDE", "COUNT", "REACH"].map(|name| values.get(name));
    let inside = |i: i64| {
        let n = count as i64;
        let folded = i.rem_euclid(2 * n);
        let at = if values.get("PERIODIC") == 1 { i % n } else { folded.min(2 * n - 1 - folded) };
        at.rem_euclid(n) as usize
    };
    for i in 0..values.get("WORDS") {
        let place = i / stride % count;
        let at = |k: i64| real(from[i - place * stride + inside(place as i64 + k) * stride]);
        let pair = |k: usize| real(taps[k]) * (at(-(k as i64)) + at(k as i64));
        to[i] = word((1..=reach).map(pair).sum::<f64>() + real(taps[0]) * at(0));
    }
}

/// The acid that exposure releases, less the quencher, and the inhibitor before the bake. Bindings:
/// acid generator left, settings (quencher), acid, inhibitor.
///
/// Cost: 12 bytes a voxel.
pub static RELEASE_ACID: Kernel = Kernel {
    name: "release_acid",
    wgsl: &[include_str!("release_acid.wgsl")],
    cuda: &[include_str!("release_acid.cu")],
    threads: 256,
    writes: &[false, false, true, true],
    twin: release_acid,
};

fn release_acid(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [left, settings, acid, inhibitor] = buffers else { return };
    for i in 0..values.get("WORDS") {
        acid[i] = word((1.0 - real(left[i]) - real(settings[0])).max(0.0));
        inhibitor[i] = word(1.0);
    }
}

/// The reaction of a bake over some time: m·e^{−strength·hⁿ}, h·kept. Bindings: settings (order n,
/// kept, strength), acid h, inhibitor m.
///
/// Cost: 16 bytes, a power and an exponential a voxel.
pub static DEPROTECT: Kernel = Kernel {
    name: "deprotect",
    wgsl: &[include_str!("deprotect.wgsl")],
    cuda: &[include_str!("deprotect.cu")],
    threads: 256,
    writes: &[false, true, true],
    twin: deprotect,
};

fn deprotect(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [settings, acid, inhibitor] = buffers else { return };
    let [order, kept, strength] = [0, 1, 2].map(|i| real(settings[i]));
    for i in 0..values.get("WORDS") {
        let h = real(acid[i]);
        inhibitor[i] = word(real(inhibitor[i]) * (-strength * h.powf(order)).exp());
        acid[i] = word(h * kept);
    }
}
