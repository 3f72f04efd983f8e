//! Between mask edges and the bins of spectra.

use std::f64::consts::PI;

use bytemuck::{Pod, Zeroable};
use num_complex::Complex64;

use super::super::kernel::{Constants, Kernel};
use super::{complex, real, set_complex, word};

/// An axis-parallel edge as kernels take it; the first words are phases, see
/// [`crate::device::turns`]. Laid out as `Edge` in `turn.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct EdgeWords {
    /// Where the edge lies across its direction.
    pub at: u32,
    /// Its middle.
    pub middle: u32,
    /// Half of its length, with the sign of its direction.
    pub half_length: u32,
    /// Which clip of the batch it belongs to.
    pub place: u32,
    /// Where it lies across its direction, in periods.
    pub at_share: f32,
    /// Its length with the sign of its direction, in periods.
    pub length_share: f32,
    /// 1 where it is parallel to x.
    pub is_horizontal: u32,
    /// Nothing.
    pub unused: u32,
}

/// Words of an edge.
const EDGE: usize = 8;

/// An edge at offset 0, and what its coordinates follow. Laid out as `Moving` in
/// `move_edges.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct MovingWords {
    /// At offset 0.
    pub still: EdgeWords,
    /// What its place across follows: 0 nothing, 1 + 2i offset i, 2 + 2i the reverse of it.
    pub at_by: u32,
    /// What its start follows.
    pub from_by: u32,
    /// What its end follows.
    pub to_by: u32,
}

/// Words of a moving edge.
const MOVING: usize = EDGE + 3;

/// Edges where their offsets take them. Bindings: moving edges, offsets (nm), settings (turns of 2⁻³²
/// a nm, periods a nm), edges.
///
/// Cost an edge: 76 bytes and its offsets, some 20 operations.
pub static MOVE_EDGES: Kernel = Kernel {
    name: "move_edges",
    wgsl: &[include_str!("turn.wgsl"), include_str!("move_edges.wgsl")],
    cuda: &[include_str!("pair.cu"), include_str!("turn.cu"), include_str!("move_edges.cu")],
    threads: 64,
    writes: &[false, false, false, true],
    twin: move_edges,
};

fn move_edges(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [moving, offsets, settings, edges] = buffers else { return };
    let gone = |by: u32| match by {
        0 => 0.0,
        by if by % 2 == 1 => real(offsets[(by as usize - 1) / 2]),
        by => -real(offsets[(by as usize - 1) / 2]),
    };
    let turned = |from: u32, nm: f64| {
        from.wrapping_add((nm * real(settings[0])).round_ties_even() as i64 as u32)
    };
    let all = moving.chunks_exact(MOVING).zip(edges.chunks_exact_mut(EDGE));
    for (own, edge) in all.take(values.get("EDGES")) {
        let (at, from, to) = (gone(own[EDGE]), gone(own[EDGE + 1]), gone(own[EDGE + 2]));
        edge.copy_from_slice(&own[..EDGE]);
        edge[0] = turned(own[0], at);
        edge[1] = turned(own[1], 0.5 * (from + to));
        edge[2] = turned(own[2], 0.5 * (to - from));
        edge[4] = word(real(own[4]) + at * real(settings[1]));
        edge[5] = word(real(own[5]) + (to - from) * real(settings[1]));
    }
}

/// Phases e^{−2πim·at/P} and integrals along the edge for bins 0…K of every edge:
/// `[edge, (phase, integral), K+1]` complex. Bindings: edges, form factors (K+1, then 1/P), tables.
///
/// Cost an edge: 16·(K+1) bytes written, some 60·(K+1) operations.
pub static EDGE_TABLES: Kernel = Kernel {
    name: "edge_tables",
    wgsl: &[include_str!("turn.wgsl"), include_str!("edge_tables.wgsl")],
    cuda: &[include_str!("pair.cu"), include_str!("turn.cu"), include_str!("edge_tables.cu")],
    threads: 64,
    writes: &[false, false, true],
    twin: edge_tables,
};

fn phase(turns: u32, bin: i64) -> Complex64 {
    Complex64::from_polar(1.0, -2.0 * PI * bin as f64 * f64::from(turns) / 4_294_967_296.0)
}

fn edge_tables(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [edges, form, tables] = buffers else { return };
    let bins = values.get("HALF") + 1;
    for (e, edge) in edges.chunks_exact(EDGE).take(values.get("EDGES")).enumerate() {
        for bin in 0..bins {
            set_complex(tables, 2 * e * bins + bin, phase(edge[0], bin as i64));
            let along = if bin == 0 {
                Complex64::from(real(edge[5]))
            } else {
                let half = phase(edge[2], bin as i64).conj().im;
                phase(edge[1], bin as i64) * (half * real(form[bin]) / (PI * bin as f64))
            };
            set_complex(tables, (2 * e + 1) * bins + bin, along);
        }
    }
}

/// The bins of the mask, `[clip, 2K+1 (m), 2K+1 (n)]`: sums over the edges parallel to y, times the
/// difference of amplitudes, with the background in bin 0. Bindings: edges, tables, form factors,
/// ranges (first edge, those parallel to y, all, 0 by clip), tone (change, background; complex),
/// spectrum.
///
/// Cost: 16·(K+1) bytes read an edge, 16·(K+1)(2K+1) operations an edge.
pub static MASK_SPECTRUM: Kernel = Kernel {
    name: "mask_spectrum",
    wgsl: &[include_str!("turn.wgsl"), include_str!("mask_spectrum.wgsl")],
    cuda: &[include_str!("pair.cu"), include_str!("turn.cu"), include_str!("mask_spectrum.cu")],
    threads: 64,
    writes: &[false, false, false, false, false, true],
    twin: mask_spectrum,
};

fn mask_spectrum(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [edges, tables, form, ranges, tone, spectrum] = buffers else { return };
    let half = values.get("HALF") as i64;
    let (bins, width) = (half as usize + 1, 2 * half as usize + 1);
    let (change, background) = (complex(tone, 0), complex(tone, 1));
    for (clip, range) in ranges.chunks_exact(4).take(values.get("CLIPS")).enumerate() {
        for m in -half..=half {
            for n in -half..=half {
                let mut sum = Complex64::default();
                for e in range[0] as usize..(range[0] + range[1]) as usize {
                    let signed = |table: usize, bin: i64| {
                        let value = complex(tables, table * bins + bin.unsigned_abs() as usize);
                        if bin < 0 { value.conj() } else { value }
                    };
                    let across = if m == 0 {
                        Complex64::from(real(edges[EDGE * e + 4]))
                    } else {
                        let size = real(form[m.unsigned_abs() as usize]) / (2.0 * PI * m as f64);
                        signed(2 * e, m) * Complex64::new(0.0, size)
                    };
                    sum += across * signed(2 * e + 1, n);
                }
                let zero = m == 0 && n == 0;
                let value = change * sum + if zero { background } else { Complex64::default() };
                let at = (clip * width + (m + half) as usize) * width + (n + half) as usize;
                set_complex(spectrum, at, value);
            }
        }
    }
}

/// What moving each edge outward by a unit of length adds to the loss, from the adjoint spectrum
/// `[clip, n, m]`: the line integral of ∂L/∂M. Bindings: edges, tables, form factors, adjoint,
/// gradients. Groups along x and y, `ROW` of them a row.
///
/// Cost an edge: 16·(K+1) bytes, 14·(2K+1)² operations; the adjoint stays in the cache.
pub static EDGE_GRADIENTS: Kernel = Kernel {
    name: "edge_gradients",
    wgsl: &[include_str!("turn.wgsl"), include_str!("edge_gradients.wgsl")],
    cuda: &[include_str!("pair.cu"), include_str!("turn.cu"), include_str!("edge_gradients.cu")],
    threads: 64,
    writes: &[false, false, false, false, true],
    twin: edge_gradients,
};

fn edge_gradients(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [edges, tables, form, adjoint, gradients] = buffers else { return };
    let half = values.get("HALF") as i64;
    let (bins, width) = (half as usize + 1, 2 * half as usize + 1);
    for (e, edge) in edges.chunks_exact(EDGE).take(values.get("EDGES")).enumerate() {
        let signed = |table: usize, bin: i64| {
            let value = complex(tables, table * bins + bin.unsigned_abs() as usize);
            if bin < 0 { value.conj() } else { value }
        };
        let mut sum = 0.0;
        for n in -half..=half {
            for m in -half..=half {
                let at =
                    (edge[3] as usize * width + (n + half) as usize) * width + (m + half) as usize;
                let (across, along) = if edge[6] == 1 { (n, m) } else { (m, n) };
                let by = real(form[across.unsigned_abs() as usize]);
                sum += (complex(adjoint, at) * signed(2 * e, across) * signed(2 * e + 1, along)).re
                    * by;
            }
        }
        let direction = if real(edge[5]) < 0.0 { -1.0 } else { 1.0 };
        gradients[e] = word(direction * sum * real(form[bins]));
    }
}
