//! One parity class of the TCC.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use num_complex::Complex64;
use rayon::prelude::*;

use super::OpticsError;
use super::gram::{self, Cluster};
use super::leading::Krylov;
use super::polarisation::Row;
use super::pupil::Pupil;
use super::source::SourcePoint;
use super::symmetry::Orbit;
use super::tcc::{Entry, Problem, eigen};

/// Larger matrices are only decomposed as far as needed.
const LARGE: usize = 650;

/// Unless this share of the energy or more is wanted: then nearly all of it is needed.
const NEARLY_ALL: f64 = 0.9999;

/// Pairs looked for at first.
const FIRST: usize = 96;

/// Amplitudes of a class that are held at most (480 MiB).
const MAX_AMPLITUDES: usize = 30_000_000;

/// A bound is sought this little above the largest eigenvalue that is left out.
const MARGIN: f64 = 1.01;

/// And this often, each time half as high again.
const ATTEMPTS: i32 = 4;

/// One parity class: its part of A and that part's decomposition.
pub(super) struct Class<T> {
    /// Coordinates: the columns of `a`.
    orbits: Vec<Orbit>,
    /// `[source point and component, orbit]`.
    a: Mat<T>,
    /// Σ |a|².
    pub trace: f64,
    /// Of the smaller Gram matrix.
    pairs: Pairs<T>,
    /// Whether that matrix is a aᴴ (source side) or the conjugate of aᴴ a (bin side).
    by_source: bool,
}

/// Eigenvalues, ascending, and eigenvectors, one a column.
enum Pairs<T> {
    /// All of them.
    All { values: Vec<f64>, vectors: Mat<T> },
    /// The leading ones of this matrix.
    Leading { krylov: Krylov<T>, gram: Mat<T> },
}

impl<T: Entry> Class<T> {
    /// The class of this parity, its decomposition begun or, if that is little work, done.
    pub(super) fn new(problem: &Problem, parity: &[f64], energy: f64) -> Result<Self, OpticsError> {
        let beams = beams(problem.points, problem.pupil);
        let (orbits, a) = amplitudes::<T>(problem, &beams, parity)?;
        let trace: f64 = (0..a.ncols()).flat_map(|column| a.col_as_slice(column)).map(power).sum();
        let by_source = a.nrows() <= a.ncols();
        let side = a.nrows().min(a.ncols());
        let gram = if side > LARGE || problem.pupil.polarisation.is_vector() {
            let places: Vec<[f64; 2]> =
                beams.iter().map(|beam| beam.at.map(|at| at / problem.pupil.edge)).collect();
            let clusters = Cluster::all(&a, &places);
            if by_source {
                gram::source_side(&clusters, side)
            } else {
                gram::bin_side(&clusters, side)
            }
        } else {
            whole_gram(&a, by_source)
        };
        let pairs = if side > LARGE && energy < NEARLY_ALL {
            let mut krylov = Krylov::new(side);
            krylov.grow(FIRST, energy * trace, &gram)?;
            Pairs::Leading { krylov, gram }
        } else {
            let (values, vectors) = eigen(&gram)?;
            Pairs::All { values, vectors }
        };
        Ok(Self { orbits, a, trace, pairs, by_source })
    }

    /// The eigenvalues known so far, ascending.
    pub(super) fn values(&self) -> &[f64] {
        match &self.pairs {
            Pairs::All { values, .. } => values,
            Pairs::Leading { krylov, .. } => &krylov.values,
        }
    }

    /// Whether every eigenpair is known.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.pairs, Pairs::All { .. })
    }

    /// Whether an eigenpair is known.
    pub(super) fn has_converged(&self, index: usize) -> bool {
        match &self.pairs {
            Pairs::All { .. } => true,
            Pairs::Leading { krylov, .. } => krylov.has_converged(index),
        }
    }

    /// Works on until `needed` pairs may be known: twice as many in the basis and a quarter more
    /// than now; or all of them when that is half of all.
    pub(super) fn grow(&mut self, needed: usize) -> Result<(), OpticsError> {
        let Pairs::Leading { krylov, gram } = &mut self.pairs else { return Ok(()) };
        let wanted = (krylov.size() + krylov.size() / 4).max(2 * needed);
        if wanted > gram.nrows() / 2 {
            let (values, vectors) = eigen(gram)?;
            self.pairs = Pairs::All { values, vectors };
            return Ok(());
        }
        krylov.grow(wanted, 0.0, gram)
    }

    /// Eigenvectors, one a column.
    pub(super) fn vectors(&self, wanted: &[usize]) -> Mat<T> {
        match &self.pairs {
            Pairs::All { vectors, .. } => {
                Mat::from_fn(vectors.nrows(), wanted.len(), |row, k| vectors[(row, wanted[k])])
            }
            Pairs::Leading { krylov, .. } => krylov.vectors(wanted),
        }
    }

    /// A bound on the eigenvalues of what is left of this class without the pairs `kept` and their
    /// `vectors`, the largest of them being about `next`.
    ///
    /// μ is a bound when μ − (G − Σ θ v vᴴ) has a Cholesky factor, so that it is tried rather than
    /// believed; failing that, the sum of all eigenvalues left is one.
    pub(super) fn bound(&self, kept: &[usize], vectors: &Mat<T>, next: f64) -> f64 {
        let Pairs::Leading { krylov, gram } = &self.pairs else { return 0.0 };
        let weights: Vec<f64> = kept.iter().map(|&index| krylov.values[index]).collect();
        let rest = gram::deflated(gram, vectors, &weights);
        let left = (self.trace - weights.iter().sum::<f64>()).max(next);
        (0..ATTEMPTS)
            .map(|attempt| MARGIN * next * 1.5f64.powi(attempt))
            .find(|&bound| gram::is_below(&rest, bound))
            .map_or(left, |bound| bound.min(left))
    }

    /// The kernel of an eigenvalue and its eigenvector, of unit norm.
    pub(super) fn kernel(&self, weight: f64, vector: &[T]) -> Vec<([i32; 2], Complex64)> {
        let coordinate = |orbit: usize| {
            if !self.by_source {
                return vector[orbit].complex();
            }
            let pairs = vector.iter().zip(self.a.col_as_slice(orbit));
            let sum: Complex64 = pairs.map(|(u, a)| u.complex().conj() * a.complex()).sum();
            sum / weight.sqrt()
        };
        let mut bins = Vec::new();
        for (index, orbit) in self.orbits.iter().enumerate() {
            let value = coordinate(index);
            bins.extend(orbit.iter().map(|&(bin, coefficient)| (bin, value * coefficient)));
        }
        fix_phase(&mut bins);
        bins
    }
}

/// The smaller Gram matrix of a small class.
fn whole_gram<T: Entry>(a: &Mat<T>, by_source: bool) -> Mat<T> {
    let (left, right) = if by_source {
        (a.as_ref(), a.adjoint())
    } else {
        (a.transpose(), a.transpose().adjoint())
    };
    // On the bin side this is the conjugate of aᴴa, whose eigenvectors are the kernels.
    let mut gram = Mat::<T>::zeros(left.nrows(), left.nrows());
    matmul(gram.as_mut(), Accum::Replace, left, right, T::of(Complex64::ONE), Par::Seq);
    gram
}

/// |value|².
fn power<T: Entry>(value: &T) -> f64 {
    value.complex().norm_sqr()
}

/// Turns a kernel so that its largest bin is real and positive; of equals, the first in order of
/// (row, column).
fn fix_phase(bins: &mut [([i32; 2], Complex64)]) {
    bins.sort_unstable_by_key(|&([m, n], _)| (n, m));
    let largest = bins.iter().map(|(_, value)| value.norm()).fold(0.0, f64::max);
    let Some(first) = bins.iter().map(|bin| bin.1).find(|h| h.norm() >= largest * (1.0 - 1e-6))
    else {
        return;
    };
    if largest > 0.0 {
        let turn = first.conj() / first.norm();
        for (_, value) in bins {
            *value *= turn;
        }
    }
}

/// A row of A: one field component of one source point.
struct Beam {
    /// Frequency of the source point, 1/nm.
    at: [f64; 2],
    /// √ of its power.
    amplitude: f64,
    /// The component.
    row: Row,
}

/// Every field component of every source point.
fn beams(points: &[SourcePoint], pupil: &Pupil) -> Vec<Beam> {
    let of_point = |point: &SourcePoint| {
        let at = point.sigma.map(|sigma| sigma * pupil.edge);
        let amplitude = point.weight.sqrt();
        let rows = pupil.polarisation.rows(point.sigma);
        rows.into_iter().map(move |row| Beam { at, amplitude, row })
    };
    points.iter().flat_map(of_point).collect()
}

/// The columns of A in this parity class that any source point reaches, and their orbits.
fn amplitudes<T: Entry>(
    problem: &Problem,
    beams: &[Beam],
    parity: &[f64],
) -> Result<(Vec<Orbit>, Mat<T>), OpticsError> {
    let Problem { symmetry, pupil, half, period_nm, .. } = problem;
    let amplitude = |beam: &Beam, orbit: &Orbit| -> Complex64 {
        let [x, y] = beam.at;
        let sum: Complex64 = orbit
            .iter()
            .map(|&([m, n], c)| {
                let at = [x + f64::from(m) / period_nm, y + f64::from(n) / period_nm];
                component(pupil, &beam.row, at) * c
            })
            .sum();
        sum * beam.amplitude
    };
    let side = -(*half as i32)..=*half as i32;
    let orbits: Vec<Orbit> = side
        .clone()
        .flat_map(|n| side.clone().map(move |m| [m, n]))
        .filter(|&bin| symmetry.is_first(bin))
        .filter_map(|bin| symmetry.orbit(parity, bin))
        .collect();
    let (needed, limit) = (beams.len().saturating_mul(orbits.len()), MAX_AMPLITUDES);
    if needed > limit {
        let what = "amplitudes";
        return Err(OpticsError::TooLarge { period_nm: *period_nm, what, needed, limit });
    }
    let (orbits, columns): (Vec<Orbit>, Vec<Vec<T>>) = orbits
        .into_par_iter()
        .filter_map(|orbit| {
            let column: Vec<T> = beams.iter().map(|b| T::of(amplitude(b, &orbit))).collect();
            column.iter().any(|value| power(value) > 0.0).then_some((orbit, column))
        })
        .unzip();
    let a = Mat::from_fn(beams.len(), columns.len(), |s, f| columns[f][s]);
    Ok((orbits, a))
}

/// One component of the field at a frequency.
fn component(pupil: &Pupil, row: &Row, [x, y]: [f64; 2]) -> Complex64 {
    let amplitude = pupil.at(x, y);
    if !pupil.polarisation.is_vector() || amplitude == Complex64::ZERO {
        return amplitude;
    }
    amplitude * row.iter().zip(pupil.turn(x, y)).map(|(r, t)| r * t).sum::<f64>()
}
