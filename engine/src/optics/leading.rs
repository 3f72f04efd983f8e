//! The leading eigenpairs of a large positive matrix, by block Lanczos.
//!
//! From a fixed block X the basis V of X, GX, G²X, … is built with full reorthogonalisation
//! (Golub and Underwood 1977), so that G V = V H + Q R Eᴴ with the last coupling block R. Pairs of
//! the small H give Ritz pairs (θ, Vy), whose residual |G Vy − θ Vy| = |R·(last block of y)| is
//! known exactly. Products are cut into fixed pieces, each done by one thread: the result does
//! not depend on how many there are.

use std::cmp::Ordering;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use num_complex::Complex64;
use rayon::prelude::*;

use super::OpticsError;
use super::tcc::{Entry, eigen};

/// Vectors in a block: enough to find clusters at once and to fill a core's registers. Fewer reach
/// higher powers of the matrix with the same basis.
const BLOCK: usize = 16;

/// A pair has converged when its residual is below this share of its Ritz value: the image of any
/// mask is then that of exact pairs to this share of the weight of the last kernel.
const RESIDUAL: f64 = 3e-4;

/// What is left of a column, made orthogonal, below this share of the longest there was, is
/// rounding.
const NOTHING_NEW: f64 = 1e-13;

/// Rows or columns done by one thread at a time.
const PIECE: usize = 96;

/// The basis so far and its Ritz pairs.
pub(super) struct Krylov<T> {
    /// V, one basis vector a column, and the next block Q behind them.
    basis: Mat<T>,
    /// Columns of V.
    size: usize,
    /// H, by columns: each holds Vᴴ G v down to the coupling with the next block.
    projection: Vec<Vec<T>>,
    /// Trace of H.
    held: f64,
    /// Length of the longest column of G V.
    longest: f64,
    /// Ritz values, ascending.
    pub values: Vec<f64>,
    /// Eigenvectors of H.
    vectors: Mat<T>,
    /// Residual of each pair.
    residuals: Vec<f64>,
    /// State of the numbers that stand in for directions that are used up.
    seed: u64,
}

impl<T: Entry> Krylov<T> {
    /// A fresh basis for a matrix of `side` rows.
    pub(super) fn new(side: usize) -> Self {
        let mut fresh = Self {
            basis: Mat::zeros(side, 0),
            size: 0,
            projection: Vec::new(),
            held: 0.0,
            longest: 0.0,
            values: Vec::new(),
            vectors: Mat::zeros(0, 0),
            residuals: Vec::new(),
            seed: 1,
        };
        let start = Mat::from_fn(side, BLOCK.min(side), |_, _| fresh.number());
        fresh.append(start);
        fresh
    }

    /// Vectors in the basis.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether a Ritz pair can be taken for an eigenpair.
    pub(super) fn has_converged(&self, index: usize) -> bool {
        self.residuals[index] <= RESIDUAL * self.values[index]
    }

    /// Grows the basis to `wanted` vectors at least, and until its Ritz values can add up to
    /// `energy`, and finds its Ritz pairs.
    pub(super) fn grow(
        &mut self,
        wanted: usize,
        energy: f64,
        matrix: &Mat<T>,
    ) -> Result<(), OpticsError> {
        while self.size < self.basis.nrows() && (self.size < wanted || self.held < energy) {
            let block = self.basis.ncols() - self.size;
            let next = self.basis.as_ref().subcols(self.size, block);
            let mut image = times(matrix.as_ref(), next);
            for column in 0..block {
                self.longest = self.longest.max(norm(image.col_as_slice(column)));
            }
            self.size += block;
            let mut inner = self.remove_basis(&mut image);
            let second = self.remove_basis(&mut image);
            inner += second;
            let coupling = self.append(image);
            for column in 0..block {
                let above = (0..self.size).map(|row| inner[(row, column)]);
                self.held += inner[(self.size - block + column, column)].complex().re;
                let below = (0..coupling.nrows()).map(|row| coupling[(row, column)]);
                self.projection.push(above.chain(below).collect());
            }
        }
        self.ritz()
    }

    /// image −= V (Vᴴ image); gives back Vᴴ image.
    fn remove_basis(&self, image: &mut Mat<T>) -> Mat<T> {
        let basis = self.basis.as_ref();
        let inner = adjoint_times(basis, image.as_ref());
        *image -= times(basis, inner.as_ref());
        inner
    }

    /// Makes a block, orthogonal to the basis, orthonormal and puts it behind the basis. Gives
    /// back the block's coordinates on its new vectors.
    fn append(&mut self, mut block: Mat<T>) -> Mat<T> {
        let room = self.basis.nrows() - self.basis.ncols();
        let count = block.ncols().min(room);
        let mut coordinates = Mat::<T>::zeros(count, block.ncols());
        let old = self.basis.ncols();
        let mut grown = Mat::<T>::zeros(self.basis.nrows(), old + count);
        grown.as_mut().subcols_mut(0, old).copy_from(&self.basis);
        for column in 0..block.ncols() {
            // Twice is enough (Kahan; Parlett 1980).
            for _ in 0..2 {
                for row in 0..column.min(count) {
                    let known = grown.col_as_slice(old + row);
                    let share = dot(known, block.col_as_slice(column));
                    subtract(block.col_as_slice_mut(column), share, known);
                    coordinates[(row, column)] += share;
                }
            }
            if column >= count {
                continue;
            }
            let length = norm(block.col_as_slice(column));
            let new = if length > NOTHING_NEW * self.longest && length > f64::MIN_POSITIVE {
                coordinates[(column, column)] = T::of(Complex64::new(length, 0.0));
                scaled(block.col_as_slice(column), length)
            } else {
                self.fresh_direction(&grown, old + column)
            };
            grown.col_as_slice_mut(old + column).copy_from_slice(&new);
        }
        self.basis = grown;
        coordinates
    }

    /// A unit vector orthogonal to the first `count` columns.
    fn fresh_direction(&mut self, known: &Mat<T>, count: usize) -> Vec<T> {
        let mut vector: Vec<T> = (0..known.nrows()).map(|_| self.number()).collect();
        for _ in 0..3 {
            for column in 0..count {
                let share = dot(known.col_as_slice(column), &vector);
                subtract(&mut vector, share, known.col_as_slice(column));
            }
            vector = scaled(&vector, norm(&vector).max(f64::MIN_POSITIVE));
        }
        vector
    }

    /// The next of a fixed sequence of numbers in −½…½ (Knuth's linear congruential generator).
    fn number(&mut self) -> T {
        self.seed = self.seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        T::of(Complex64::new((self.seed >> 11) as f64 / 2f64.powi(53) - 0.5, 0.0))
    }

    /// Eigenpairs of H and their residuals.
    fn ritz(&mut self) -> Result<(), OpticsError> {
        let size = self.size;
        let at = |row: usize, column: usize| self.projection[column].get(row).copied();
        // The upper triangle has every entry; the lower is its mirror image.
        let small = Mat::from_fn(size, size, |row, column| {
            let (up, down) = (row.min(column), row.max(column));
            let value = at(up, down).map_or(Complex64::ZERO, Entry::complex);
            T::of(match row.cmp(&column) {
                Ordering::Equal => Complex64::new(value.re, 0.0),
                Ordering::Less => value,
                Ordering::Greater => value.conj(),
            })
        });
        (self.values, self.vectors) = eigen(&small)?;
        let last = self.basis.ncols() - size;
        let block = self.projection.len().min(BLOCK);
        self.residuals = (0..size)
            .map(|pair| {
                let vector = self.vectors.col_as_slice(pair);
                let leaving = |row: usize| -> Complex64 {
                    let columns = size - block..size;
                    columns
                        .filter_map(|column| {
                            let coupling = at(size + row, column)?;
                            Some(coupling.complex() * vector[column].complex())
                        })
                        .sum()
                };
                (0..last).map(|row| leaving(row).norm_sqr()).sum::<f64>().sqrt()
            })
            .collect();
        Ok(())
    }

    /// Ritz vectors, one a column.
    pub(super) fn vectors(&self, wanted: &[usize]) -> Mat<T> {
        let shares =
            Mat::from_fn(self.size, wanted.len(), |row, index| self.vectors[(row, wanted[index])]);
        times(self.basis.as_ref().subcols(0, self.size), shares.as_ref())
    }
}

/// ⟨a, b⟩, conjugate in a.
fn dot<T: Entry>(a: &[T], b: &[T]) -> T {
    T::of(a.iter().zip(b).map(|(a, b)| a.complex().conj() * b.complex()).sum())
}

fn norm<T: Entry>(a: &[T]) -> f64 {
    a.iter().map(|value| value.complex().norm_sqr()).sum::<f64>().sqrt()
}

/// a −= share·b.
fn subtract<T: Entry>(a: &mut [T], share: T, b: &[T]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = T::of(a.complex() - share.complex() * b.complex());
    }
}

fn scaled<T: Entry>(a: &[T], length: f64) -> Vec<T> {
    a.iter().map(|value| T::of(value.complex() / length)).collect()
}

/// a·b, in pieces of rows of a.
pub(super) fn times<T: Entry>(a: MatRef<T>, b: MatRef<T>) -> Mat<T> {
    let pieces = in_pieces(a.nrows(), |start, count| {
        product(count, b.ncols(), |into| {
            let one = T::of(Complex64::ONE);
            matmul(into, Accum::Replace, a.subrows(start, count), b, one, Par::Seq);
        })
    });
    stacked(a.nrows(), b.ncols(), &pieces)
}

/// aᴴ·b, in pieces of columns of a.
pub(super) fn adjoint_times<T: Entry>(a: MatRef<T>, b: MatRef<T>) -> Mat<T> {
    let pieces = in_pieces(a.ncols(), |start, count| {
        product(count, b.ncols(), |into| {
            let one = T::of(Complex64::ONE);
            let part = a.subcols(start, count);
            matmul(into, Accum::Replace, part.adjoint(), b, one, Par::Seq);
        })
    });
    stacked(a.ncols(), b.ncols(), &pieces)
}

/// A matrix made by `fill`.
fn product<T: Entry>(rows: usize, columns: usize, fill: impl FnOnce(faer::MatMut<T>)) -> Mat<T> {
    let mut out = Mat::zeros(rows, columns);
    fill(out.as_mut());
    out
}

/// What `work` makes of each piece (start, count), in order.
fn in_pieces<R: Send>(all: usize, work: impl Fn(usize, usize) -> R + Sync) -> Vec<R> {
    let starts: Vec<usize> = (0..all).step_by(PIECE).collect();
    starts.into_par_iter().map(|start| work(start, PIECE.min(all - start))).collect()
}

/// Pieces of rows put below each other.
fn stacked<T: Entry>(rows: usize, columns: usize, pieces: &[Mat<T>]) -> Mat<T> {
    let mut out = Mat::zeros(rows, columns);
    for (index, piece) in pieces.iter().enumerate() {
        out.as_mut().subrows_mut(index * PIECE, piece.nrows()).copy_from(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// U diag(λ) Uᴴ with λ falling, pairs of them equal; U from reflections.
    fn falling(side: usize) -> Mat<Complex64> {
        let mut matrix = Mat::from_fn(side, side, |row, column| {
            let value = 100.0 * 0.85_f64.powi((row / 2) as i32);
            Complex64::new(if row == column { value } else { 0.0 }, 0.0)
        });
        for k in 1..4 {
            let turn = |i: usize| Complex64::cis((i * i * k) as f64) / (side as f64).sqrt();
            // (1 − 2vvᴴ) M (1 − 2vvᴴ).
            let v: Vec<Complex64> = (0..side).map(turn).collect();
            let right: Vec<Complex64> =
                (0..side).map(|r| (0..side).map(|c| matrix[(r, c)] * v[c]).sum()).collect();
            let inner: Complex64 = v.iter().zip(&right).map(|(v, r)| v.conj() * r).sum();
            for (r, c) in (0..side).flat_map(|r| (0..side).map(move |c| (r, c))) {
                matrix[(r, c)] += 4.0 * inner * v[r] * v[c].conj()
                    - 2.0 * (right[r] * v[c].conj() + v[r] * right[c].conj());
            }
        }
        matrix
    }

    #[test]
    fn the_leading_pairs_are_those_of_the_whole_decomposition() {
        let matrix = falling(300);
        let (whole, _) = eigen(&matrix).unwrap();
        let mut krylov = Krylov::new(300);
        krylov.grow(128, 0.0, &matrix).unwrap();
        let size = krylov.size();
        assert!(size >= 128 && krylov.values.len() == size);
        let converged: Vec<usize> =
            (0..size).rev().take_while(|&pair| krylov.has_converged(pair)).collect();
        assert!(converged.len() >= 40, "{}", converged.len());
        for (rank, &pair) in converged.iter().enumerate() {
            let exact = whole[299 - rank];
            assert!((krylov.values[pair] - exact).abs() <= 1e-5 * exact, "{rank}");
            let found = krylov.vectors(&[pair]);
            let vector = found.col_as_slice(0);
            let image = times(matrix.as_ref(), found.as_ref());
            let residual: f64 = (0..300)
                .map(|row| (image[(row, 0)] - vector[row] * exact).norm_sqr())
                .sum::<f64>()
                .sqrt();
            assert!(residual <= 2.0 * RESIDUAL * exact, "{rank}: {residual}");
            assert!((norm(vector) - 1.0).abs() <= 1e-10);
        }
        // Not all can have converged, or residuals would tell nothing.
        assert!((0..size).any(|pair| !krylov.has_converged(pair)));
    }

    #[test]
    fn a_matrix_of_low_rank_does_not_run_out_of_directions() {
        let matrix =
            Mat::from_fn(
                100,
                100,
                |row, column| {
                    if row == column && row < 3 { 1.0 + row as f64 } else { 0.0 }
                },
            );
        let mut krylov = Krylov::<f64>::new(100);
        krylov.grow(100, 0.0, &matrix).unwrap();
        let largest = &krylov.values[97..];
        for (value, exact) in largest.iter().zip([1.0, 2.0, 3.0]) {
            assert!((value - exact).abs() <= 1e-12, "{largest:?}");
        }
        assert!(krylov.values[..97].iter().all(|value| value.abs() <= 1e-12));
    }
}
