//! Resampling, and what prints at 1 nm.

use super::super::kernel::{Constants, Kernel};
use super::{real, word};

/// Side of the tile of a product that a group of threads makes.
pub const TILE: u32 = 64;

/// C = op(A)·op(B) for a batch, `[ROWS, COLUMNS]` with `INNER` terms a sum; `TURN_A`: A is stored
/// `[INNER, ROWS]`, `TURN_B`: B is stored `[COLUMNS, INNER]`. `STRIDE_…`: numbers from one matrix of
/// the batch to the next, 0 for one matrix for all; `EACH_…`: how many members in a row of the batch
/// share a matrix. Bindings: A, B, C.
///
/// Cost: each number of A is read once a tile of columns and of B once a tile of rows, 2·INNER
/// operations a number of C.
pub static PRODUCT: Kernel = Kernel {
    name: "product",
    wgsl: &[include_str!("product.wgsl")],
    cuda: &[include_str!("product.cu")],
    threads: 256,
    writes: &[false, false, true],
    twin: product,
};

fn product(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [a, b, c] = buffers else { return };
    let [rows, columns, inner] = ["ROWS", "COLUMNS", "INNER"].map(|name| values.get(name));
    let [by_a, by_b, by_c] = ["STRIDE_A", "STRIDE_B", "STRIDE_C"].map(|name| values.get(name));
    let (each_a, each_b) = (values.get("EACH_A"), values.get("EACH_B"));
    let (turn_a, turn_b) = (values.get("TURN_A") == 1, values.get("TURN_B") == 1);
    for batch in 0..values.get("BATCH") {
        for row in 0..rows {
            for column in 0..columns {
                let term = |j: usize| {
                    let at_a = if turn_a { j * rows + row } else { row * inner + j };
                    let at_b = if turn_b { column * inner + j } else { j * columns + column };
                    real(a[batch / each_a * by_a + at_a]) * real(b[batch / each_b * by_b + at_b])
                };
                c[batch * by_c + row * columns + column] = word((0..inner).map(term).sum());
            }
        }
    }
}

/// Which pixels of the fine grid print at the levels of one image: bits `[clip, corner, NY, words]`,
/// 32 to a word from the left. Bindings: half-way product `[clip, set, NY, N]`, weights of columns
/// `[N, NX]` with `STRIDE` numbers from one clip to the next, levels by corner, bits. Compiled with the image `SET` and the corners `FIRST` and
/// `LEVELS` − 1 after it.
///
/// Cost: 2·N operations a pixel, one bit a pixel and level written.
pub static PRINT_BITS: Kernel = Kernel {
    name: "print_bits",
    wgsl: &[include_str!("print_bits.wgsl")],
    cuda: &[include_str!("print_bits.cu")],
    threads: 256,
    writes: &[false, false, false, true],
    twin: print_bits,
};

fn print_bits(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [half_way, columns, levels, bits] = buffers else { return };
    let [ny, nx, n] = ["NY", "NX", "N"].map(|name| values.get(name));
    let (first, words) = (values.get("FIRST"), nx.div_ceil(32));
    for clip in 0..values.get("CLIPS") {
        let base = clip * values.get("STRIDE");
        for y in 0..ny {
            let row = ((clip * values.get("SETS") + values.get("SET")) * ny + y) * n;
            for x in 0..nx {
                let term = |j: usize| real(half_way[row + j]) * real(columns[base + j * nx + x]);
                let value: f64 = (0..n).map(term).sum();
                for corner in first..first + values.get("LEVELS") {
                    let plane = clip * values.get("CORNERS") + corner;
                    let word = &mut bits[(plane * ny + y) * words + x / 32];
                    let prints = u32::from(value >= real(levels[corner]));
                    *word = *word & !(1 << (x % 32)) | prints << (x % 32);
                }
            }
        }
    }
}

/// Pixels in which the nominal print differs from the target, and pixels that print at some process
/// corner but not at all: sums by group `[clip, group]`. Bindings: bits, target bits, counts.
///
/// Cost: one bit a pixel and corner.
pub static COUNT_METRICS: Kernel = Kernel {
    name: "count_metrics",
    wgsl: &[include_str!("count_metrics.wgsl")],
    cuda: &[include_str!("count_metrics.cu")],
    threads: 256,
    writes: &[false, false, true],
    twin: count_metrics,
};

fn count_metrics(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [bits, wanted, counts] = buffers else { return };
    let [words, corners, groups] = ["WORDS", "CORNERS", "GROUPS"].map(|name| values.get(name));
    counts.fill(0);
    for clip in 0..values.get("CLIPS") {
        for w in 0..words {
            let at = 2 * (clip * groups + w / COUNT_METRICS.threads as usize % groups);
            let word = |corner: usize| bits[(clip * corners + corner) * words + w];
            counts[at] += (word(0) ^ wanted[clip * words + w]).count_ones();
            let others = 1..corners;
            let anywhere = others.clone().map(word).fold(0, |a, b| a | b);
            let everywhere = others.map(word).fold(u32::MAX, |a, b| a & b);
            counts[at + 1] += (anywhere & !everywhere).count_ones();
        }
    }
}

/// EPE violations at the nominal corner by clip: (inner, outer). Bindings: bits, gauges (row and
/// column that should print, row and column that should not), ranges of gauges (first, count by
/// clip), counts.
///
/// Cost: two bits a gauge.
pub static COUNT_EPE: Kernel = Kernel {
    name: "count_epe",
    wgsl: &[include_str!("count_epe.wgsl")],
    cuda: &[include_str!("count_epe.cu")],
    threads: 64,
    writes: &[false, false, false, true],
    twin: count_epe,
};

fn count_epe(values: &Constants<'_>, buffers: &mut [Vec<u32>]) {
    let [bits, gauges, ranges, counts] = buffers else { return };
    let [ny, nx, corners] = ["NY", "NX", "CORNERS"].map(|name| values.get(name));
    for (clip, range) in ranges.chunks_exact(2).take(values.get("CLIPS")).enumerate() {
        let printed = |y: u32, x: u32| {
            let (y, x) = (y as usize, x as usize);
            let row = (clip * corners * ny + y) * nx.div_ceil(32);
            y < ny && x < nx && bits[row + x / 32] >> (x % 32) & 1 == 1
        };
        let own = range[0] as usize..(range[0] + range[1]) as usize;
        let own = gauges.chunks_exact(4).take(own.end).skip(own.start);
        counts[2 * clip] = own.clone().filter(|g| !printed(g[0], g[1])).count() as u32;
        counts[2 * clip + 1] = own.filter(|g| printed(g[2], g[3])).count() as u32;
    }
}
