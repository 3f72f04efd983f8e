//! Gram matrices of a large class, which is mostly zeros: a source point reaches only the bins
//! under its own shifted pupil.
//!
//! Rows of source points close together reach nearly the same bins. They are gathered into
//! clusters, whose products are dense.

use std::collections::BTreeMap;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatRef, Par, Spec};
use num_complex::Complex64;
use rayon::prelude::*;

use super::leading::times;
use super::tcc::Entry;

/// Side of the squares of σ whose source points make a cluster.
const CLUSTER: f64 = 0.15;

/// Cluster products held at one time.
const BATCH: usize = 8;

/// Rows of A with the columns that any of them reaches.
pub(super) struct Cluster<T> {
    rows: Vec<usize>,
    /// Ascending.
    columns: Vec<usize>,
    values: Mat<T>,
}

impl<T: Entry> Cluster<T> {
    /// All rows of A in clusters, by the places (σ) of their source points.
    pub(super) fn all(a: &Mat<T>, places: &[[f64; 2]]) -> Vec<Self> {
        let mut groups: BTreeMap<[i64; 2], Vec<usize>> = BTreeMap::new();
        for (row, [x, y]) in places.iter().enumerate() {
            let key = [(y / CLUSTER).floor() as i64, (x / CLUSTER).floor() as i64];
            groups.entry(key).or_default().push(row);
        }
        groups.into_values().collect::<Vec<_>>().into_par_iter().map(|g| Self::of(a, g)).collect()
    }

    fn of(a: &Mat<T>, rows: Vec<usize>) -> Self {
        let reached = |column: &usize| {
            let column = a.col_as_slice(*column);
            rows.iter().any(|&row| column[row].complex() != Complex64::ZERO)
        };
        let columns: Vec<usize> = (0..a.ncols()).filter(reached).collect();
        let values = Mat::from_fn(rows.len(), columns.len(), |r, c| a[(rows[r], columns[c])]);
        Self { rows, columns, values }
    }

    /// The columns of `values` at these of A's columns, which must be among the cluster's.
    fn at(&self, wanted: &[usize]) -> Mat<T> {
        let mut places = Vec::with_capacity(wanted.len());
        let mut place = 0;
        for column in wanted {
            while self.columns[place] != *column {
                place += 1;
            }
            places.push(place);
        }
        Mat::from_fn(self.rows.len(), places.len(), |row, c| self.values[(row, places[c])])
    }
}

/// The conjugate of AᴴA, `side` bins a side.
pub(super) fn bin_side<T: Entry>(clusters: &[Cluster<T>], side: usize) -> Mat<T> {
    let mut gram = Mat::<T>::zeros(side, side);
    for batch in clusters.chunks(BATCH) {
        let products: Vec<Mat<T>> = batch.par_iter().map(|c| square(c.values.as_ref())).collect();
        for (cluster, product) in batch.iter().zip(&products) {
            for (j, &column) in cluster.columns.iter().enumerate() {
                let into = gram.col_as_slice_mut(column);
                let from = &product.col_as_slice(j)[j..];
                for (&row, value) in cluster.columns[j..].iter().zip(from) {
                    into[row] += *value;
                }
            }
        }
    }
    mirror(&mut gram);
    gram
}

/// The lower triangle of the conjugate of aᴴa.
fn square<T: Entry>(a: MatRef<T>) -> Mat<T> {
    let mut product = Mat::<T>::zeros(a.ncols(), a.ncols());
    triangular::matmul(
        product.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        a.transpose(),
        BlockStructure::Rectangular,
        a.conjugate(),
        BlockStructure::Rectangular,
        T::of(Complex64::ONE),
        Par::Seq,
    );
    product
}

/// A Aᴴ, `side` rows of A a side.
pub(super) fn source_side<T: Entry>(clusters: &[Cluster<T>], side: usize) -> Mat<T> {
    let mut gram = Mat::<T>::zeros(side, side);
    for (index, one) in clusters.iter().enumerate() {
        let products: Vec<Mat<T>> =
            clusters[..=index].par_iter().map(|other| cross(one, other)).collect();
        for (other, product) in clusters.iter().zip(&products) {
            for (j, &column) in other.rows.iter().enumerate() {
                for (&row, &value) in one.rows.iter().zip(product.col_as_slice(j)) {
                    // The lower triangle takes its own or the mirror image.
                    if row >= column {
                        gram[(row, column)] = value;
                    } else {
                        gram[(column, row)] = T::of(value.complex().conj());
                    }
                }
            }
        }
    }
    mirror(&mut gram);
    gram
}

/// a bᴴ of two clusters, over the columns they share.
fn cross<T: Entry>(a: &Cluster<T>, b: &Cluster<T>) -> Mat<T> {
    let shared: Vec<usize> =
        a.columns.iter().copied().filter(|c| b.columns.binary_search(c).is_ok()).collect();
    let (left, right) = (a.at(&shared), b.at(&shared));
    let mut product = Mat::<T>::zeros(a.rows.len(), b.rows.len());
    let one = T::of(Complex64::ONE);
    matmul(product.as_mut(), Accum::Replace, left.as_ref(), right.adjoint(), one, Par::Seq);
    product
}

/// Fills the upper triangle from the lower.
fn mirror<T: Entry>(matrix: &mut Mat<T>) {
    for column in 0..matrix.ncols() {
        for row in 0..column {
            matrix[(row, column)] = T::of(matrix[(column, row)].complex().conj());
        }
    }
}

/// A matrix less Σ weight·v vᴴ over the columns v of `vectors`.
pub(super) fn deflated<T: Entry>(matrix: &Mat<T>, vectors: &Mat<T>, weights: &[f64]) -> Mat<T> {
    let (rows, count) = (matrix.nrows(), vectors.ncols());
    let scaled =
        Mat::from_fn(rows, count, |row, k| T::of(vectors[(row, k)].complex() * weights[k]));
    let conjugate = Mat::from_fn(count, rows, |k, row| T::of(vectors[(row, k)].complex().conj()));
    let mut rest = matrix.clone();
    rest -= times(scaled.as_ref(), conjugate.as_ref());
    rest
}

/// Whether every eigenvalue of a Hermitian matrix is below `bound`: whether bound − matrix has a
/// Cholesky factor. (How the threads share the work changes its last digits, never the answer of
/// a matrix that is not within rounding of the bound.)
pub(super) fn is_below<T: Entry>(matrix: &Mat<T>, bound: f64) -> bool {
    let side = matrix.nrows();
    let mut shifted = Mat::from_fn(side, side, |row, column| {
        let shift = if row == column { bound } else { 0.0 };
        T::of(shift - matrix[(row, column)].complex())
    });
    let scratch = cholesky_in_place_scratch::<T>(side, Par::rayon(0), Spec::default());
    let Ok(mut buffer) = MemBuffer::try_new(scratch) else { return false };
    let stack = MemStack::new(&mut buffer);
    let none = faer::linalg::cholesky::llt::factor::LltRegularization::default();
    cholesky_in_place(shifted.as_mut(), none, Par::rayon(0), stack, Spec::default()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row reaches a stretch of columns about its place.
    fn banded() -> (Mat<Complex64>, Vec<[f64; 2]>) {
        let places: Vec<[f64; 2]> = (0..70)
            .map(|row| [f64::from(row * 37 % 70) / 70.0, f64::from(row % 3) * 0.2])
            .collect();
        let a = Mat::from_fn(70, 50, |row, column| {
            let apart = column as f64 / 50.0 - places[row][0];
            if apart.abs() > 0.2 {
                return Complex64::ZERO;
            }
            Complex64::cis((row * 13 + column * 7) as f64) * (1.0 + apart)
        });
        (a, places)
    }

    fn farthest(a: &Mat<Complex64>, b: &Mat<Complex64>) -> f64 {
        assert_eq!((a.nrows(), a.ncols()), (b.nrows(), b.ncols()));
        let places = (0..a.nrows()).flat_map(|row| (0..a.ncols()).map(move |column| (row, column)));
        places.map(|at| (a[at] - b[at]).norm()).fold(0.0, f64::max)
    }

    #[test]
    fn gram_matrices_by_clusters_are_the_plain_products() {
        let (a, places) = banded();
        let clusters = Cluster::all(&a, &places);
        assert!(clusters.len() > 5);
        let bins = a.transpose() * a.conjugate();
        assert!(farthest(&bin_side(&clusters, 50), &bins) <= 1e-12);
        let sources = &a * a.adjoint();
        assert!(farthest(&source_side(&clusters, 70), &sources) <= 1e-12);
    }

    #[test]
    fn a_bound_holds_just_above_the_largest_eigenvalue() {
        let (a, _) = banded();
        let matrix = &a * a.adjoint();
        let (values, vectors) = super::super::tcc::eigen(&matrix).unwrap();
        let two = vectors.as_ref().subcols(68, 2).to_owned();
        assert!(is_below(&matrix, values[69] * 1.001) && !is_below(&matrix, values[69] * 0.999));
        let rest = deflated(&matrix, &two, &values[68..]);
        assert!(is_below(&rest, values[67] * 1.001) && !is_below(&rest, values[67] * 0.999));
    }
}
