//! Sets of pixels, sixteen to a word.

use ndarray::Array2;

use super::CELL;

/// Printed pixels, one bit each: cell `[y / 4, x / 4]`, bit `4·(y mod 4) + x mod 4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    /// Pixels along y and x.
    pub(super) shape: (usize, usize),
    pub(super) cells: Array2<u16>,
}

impl Bits {
    /// No pixel set.
    pub fn zeros(ny: usize, nx: usize) -> Self {
        Self { shape: (ny, nx), cells: Array2::zeros((ny.div_ceil(CELL), nx.div_ceil(CELL))) }
    }

    /// The pixels for which `inside(y, x)` holds.
    pub fn from_fn(ny: usize, nx: usize, inside: impl Fn(usize, usize) -> bool) -> Self {
        let mut bits = Self::zeros(ny, nx);
        for y in 0..ny {
            for x in 0..nx {
                if inside(y, x) {
                    bits.cells[[y / CELL, x / CELL]] |= bit(y, x);
                }
            }
        }
        bits
    }

    /// The pixels whose bits are set in `words`: rows of ⌈nx/32⌉ words each, the lowest bit leftmost.
    /// Missing words hold no pixel.
    pub fn from_words(ny: usize, nx: usize, words: &[u32]) -> Self {
        let mut bits = Self::zeros(ny, nx);
        let row_words = nx.div_ceil(32).max(1);
        for (y, row) in words.chunks(row_words).take(ny).enumerate() {
            for (cx, cell) in bits.cells.row_mut(y / CELL).iter_mut().enumerate() {
                let x = cx * CELL;
                let four = row.get(x / 32).map_or(0, |word| word >> (x % 32) & 0xf);
                // What a word holds beyond the row is not looked at.
                let kept = if nx - x < CELL { four & ((1 << (nx - x)) - 1) } else { four };
                *cell |= (kept as u16) << (CELL * (y % CELL));
            }
        }
        bits
    }

    /// (ny, nx) in pixels.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Whether a pixel is set; `false` outside.
    pub fn get(&self, y: usize, x: usize) -> bool {
        y < self.shape.0 && x < self.shape.1 && self.cells[[y / CELL, x / CELL]] & bit(y, x) != 0
    }

    /// Number of pixels in which two sets of one shape differ.
    pub fn differing(&self, other: &Self) -> u64 {
        debug_assert_eq!(self.shape, other.shape);
        match (self.cells.as_slice(), other.cells.as_slice()) {
            (Some(a), Some(b)) => pulp::Arch::new().dispatch(Differing { a, b }),
            _ => 0,
        }
    }

    /// Calls `run(y, x0, x1)` for every run x0 ≤ x < x1 of set pixels, rows upwards and each from
    /// the left.
    pub fn for_each_run(&self, mut run: impl FnMut(usize, usize, usize)) {
        let mut runs: [Vec<[usize; 2]>; CELL] = Default::default();
        for (cy, cells) in self.cells.outer_iter().enumerate() {
            let Some(cells) = cells.as_slice() else { continue };
            row_runs(cells, &mut runs);
            for (r, runs) in runs.iter_mut().enumerate() {
                for [x0, x1] in runs.drain(..) {
                    run(cy * CELL + r, x0, x1);
                }
            }
        }
    }

    /// Adds the pixels of another set of the same shape.
    pub fn unite(&mut self, other: &Self) {
        debug_assert_eq!(self.shape, other.shape);
        self.cells.iter_mut().zip(&other.cells).for_each(|(a, b)| *a |= b);
    }

    /// Keeps the pixels that another set of the same shape holds too.
    pub fn intersect(&mut self, other: &Self) {
        debug_assert_eq!(self.shape, other.shape);
        self.cells.iter_mut().zip(&other.cells).for_each(|(a, b)| *a &= b);
    }

    /// Number of pixels set.
    pub fn count(&self) -> u64 {
        self.cells.iter().map(|c| u64::from(c.count_ones())).sum()
    }
}

/// The runs of the four pixel rows of one row of cells.
fn row_runs(cells: &[u16], runs: &mut [Vec<[usize; 2]>; CELL]) {
    /// Cells looked at together.
    const GROUP: usize = 4;
    let mut open: [Option<usize>; CELL] = [None; CELL];
    for (group, cells) in cells.chunks(GROUP).enumerate() {
        // Most of a picture is dark or bright for long stretches.
        let (any, all) = cells.iter().fold((0, u16::MAX), |(any, all), c| (any | c, all & c));
        let idle = (any == 0 && open.iter().all(Option::is_none))
            || (all == u16::MAX && open.iter().all(Option::is_some));
        if idle {
            continue;
        }
        for r in 0..CELL {
            let nibble = |(i, c): (usize, &u16)| u32::from(c >> (CELL * r) & 0xf) << (CELL * i);
            let bits = cells.iter().enumerate().map(nibble).sum();
            let (x, width) = (group * GROUP * CELL, cells.len() * CELL);
            follow(bits, x, width, &mut open[r], &mut runs[r]);
        }
    }
    let end = cells.len() * CELL;
    for (r, open) in open.into_iter().enumerate() {
        runs[r].extend(open.map(|from| [from, end]));
    }
}

/// Goes along `width` pixels from x: closes and opens runs where bits change.
fn follow(bits: u32, x: usize, width: usize, open: &mut Option<usize>, runs: &mut Vec<[usize; 2]>) {
    let mut at = 0;
    while at < width {
        let rest = bits >> at;
        let same = if open.is_none() { rest.trailing_zeros() } else { rest.trailing_ones() };
        at += (same as usize).min(width - at);
        if at < width {
            match open.take() {
                None => *open = Some(x + at),
                Some(from) => runs.push([from, x + at]),
            }
        }
    }
}

/// Number of bits in which two runs of cells differ.
struct Differing<'a> {
    a: &'a [u16],
    b: &'a [u16],
}

impl pulp::WithSimd for Differing<'_> {
    type Output = u64;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> u64 {
        // Four cells at once: one count of 64 bits.
        let wide = |c: &[u16; 4]| c.iter().fold(0u64, |word, cell| word << 16 | u64::from(*cell));
        let ((a, a_rest), (b, b_rest)) = (self.a.as_chunks(), self.b.as_chunks());
        let whole = a.iter().zip(b).map(|(a, b)| (wide(a) ^ wide(b)).count_ones());
        let rest = a_rest.iter().zip(b_rest).map(|(a, b)| (a ^ b).count_ones());
        whole.map(u64::from).sum::<u64>() + rest.map(u64::from).sum::<u64>()
    }
}

/// The bit of a pixel in its cell.
pub(super) fn bit(y: usize, x: usize) -> u16 {
    1 << (CELL * (y % CELL) + x % CELL)
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn runs_cover_the_set_pixels_and_no_others() {
        for (ny, nx) in [(40, 64), (13, 37), (4, 4), (1, 1)] {
            for seed in 1..6usize {
                let inside = |y: usize, x: usize| {
                    !(y * 7919 + x / seed * 104_729 + seed * 31).is_multiple_of(seed + 2)
                };
                let bits = Bits::from_fn(ny, nx, inside);
                let (mut found, mut last) = (vec![vec![false; nx]; ny], (0, 0));
                bits.for_each_run(|y, x0, x1| {
                    assert!(x0 < x1 && (y, x0) >= last, "{y} {x0} {x1} after {last:?}");
                    last = (y, x1 + 1);
                    found[y][x0..x1].fill(true);
                });
                for (y, row) in found.iter().enumerate() {
                    for (x, set) in row.iter().enumerate() {
                        assert_eq!(*set, inside(y, x), "({y}, {x})");
                    }
                }
            }
        }
    }
}
