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
