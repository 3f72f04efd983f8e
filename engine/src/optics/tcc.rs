//! From source and pupil to SOCS kernels.
//!
//! The transmission cross-coefficients TCC(f₁, f₂) = Σ_s w_s P(s + f₁) P̄(s + f₂) (Hopkins 1953) are
//! AᴴA up to conjugation, with A\[s, f\] = √w_s P(s + f). Source point s adds the intensity
//! |(A M̂)_s|², so the rows of Vᴴ in A = U Σ Vᴴ are the coherent kernels and Σ² their weights. They
//! come from the smaller of AAᴴ (source points) and AᴴA (bins), one parity class at a time.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, Mat, Par, Spec};
use num_complex::Complex64;
use rayon::prelude::*;

use super::OpticsError;
use super::polarisation::Row;
use super::pupil::Pupil;
use super::source::SourcePoint;
use super::symmetry::{Orbit, Symmetry};

/// Eigenvalues closer than this, relatively, belong together: a symmetric source has pairs, and
/// keeping half of one would favour a direction.
const PAIR: f64 = 1e-6;

/// Eigenvalues below this share of the largest are rounding.
const ROUNDING: f64 = 1e-13;

/// What is to be decomposed.
pub(super) struct Problem<'a> {
    /// The source, one point of each set of mirror images.
    pub points: &'a [SourcePoint],
    /// The symmetry of those sets, and of the pupil.
    pub symmetry: Symmetry,
    /// The lens.
    pub pupil: &'a Pupil,
    /// Largest bin.
    pub half: usize,
    /// Period of the field, nm.
    pub period_nm: f64,
}

/// One coherent kernel in double precision.
pub(super) struct Kernel {
    /// Weight: an eigenvalue of the TCC.
    pub weight: f64,
    /// Its bins ((m, n), value); unit norm.
    pub bins: Vec<([i32; 2], Complex64)>,
}

/// The kernels kept, heaviest first, and the share of the TCC's trace in them.
pub(super) struct Decomposition {
    /// Kept kernels.
    pub kernels: Vec<Kernel>,
    /// Σ kept weights / trace.
    pub energy_kept: f64,
    /// Most that the kernels left out add to the intensity of a mask with |M| ≤ 1.
    pub intensity_bound: f64,
}

/// An entry of A: real in focus, where the pupil is, and complex out of it.
trait Entry: ComplexField<Real = f64> + Copy + Send + Sync {
    fn of(value: Complex64) -> Self;
    fn complex(self) -> Complex64;
}

impl Entry for f64 {
    fn of(value: Complex64) -> Self {
        value.re
    }
    fn complex(self) -> Complex64 {
        self.into()
    }
}

impl Entry for Complex64 {
    fn of(value: Complex64) -> Self {
        value
    }
    fn complex(self) -> Complex64 {
        self
    }
}

/// The kernels that hold at least `energy` of the trace (all that are not rounding, for 1).
pub(super) fn decompose(problem: &Problem, energy: f64) -> Result<Decomposition, OpticsError> {
    if problem.pupil.is_real() {
        decompose_as::<f64>(problem, energy)
    } else {
        decompose_as::<Complex64>(problem, energy)
    }
}

fn decompose_as<T: Entry>(problem: &Problem, energy: f64) -> Result<Decomposition, OpticsError> {
    let classes: Vec<Class<T>> = problem
        .symmetry
        .classes
        .par_iter()
        .map(|parity| Class::new(problem, parity))
        .collect::<Result<_, _>>()?;
    let trace: f64 = classes.iter().map(|class| class.trace).sum();
    let mut ranked: Vec<(f64, usize, usize)> = classes
        .iter()
        .enumerate()
        .flat_map(|(c, class)| class.eigenvalues.iter().enumerate().map(move |(k, &w)| (w, c, k)))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(b.2.cmp(&a.2)));
    let count = kept_count(&ranked, energy * trace);
    let intensity_bound = ranked.get(count).map_or(0.0, |next| next.0.max(0.0));
    ranked.truncate(count);
    let kept: f64 = ranked.iter().map(|(weight, ..)| weight).sum();
    let kernels = ranked
        .par_iter()
        .map(|&(weight, c, k)| Kernel { weight, bins: classes[c].kernel(weight, k) })
        .collect();
    Ok(Decomposition { kernels, energy_kept: (kept / trace).min(1.0), intensity_bound })
}

/// How many of the ranked eigenvalues reach `wanted`, whole pairs only.
fn kept_count(ranked: &[(f64, usize, usize)], wanted: f64) -> usize {
    let floor = ranked.first().map_or(0.0, |largest| largest.0 * ROUNDING);
    let (mut sum, mut last) = (0.0, f64::INFINITY);
    for (count, &(weight, ..)) in ranked.iter().enumerate() {
        if weight <= floor || (sum >= wanted && weight < last * (1.0 - PAIR)) {
            return count;
        }
        sum += weight;
        last = weight;
    }
    ranked.len()
}

/// One parity class: its part of A and that part's decomposition.
struct Class<T> {
    /// Coordinates: the columns of `a`.
    orbits: Vec<Orbit>,
    /// `[source point, orbit]`.
    a: Mat<T>,
    /// Σ |a|².
    trace: f64,
    /// Ascending.
    eigenvalues: Vec<f64>,
    /// Eigenvectors of the smaller Gram matrix, one a column.
    vectors: Mat<T>,
    /// Whether that matrix is a aᴴ (source side) or aᴴ a (bin side).
    by_source: bool,
}

impl<T: Entry> Class<T> {
    fn new(problem: &Problem, parity: &[f64]) -> Result<Self, OpticsError> {
        let (orbits, a) = amplitudes::<T>(problem, parity);
        let trace = (0..a.ncols()).flat_map(|column| a.col_as_slice(column)).map(power).sum();
        let by_source = a.nrows() <= a.ncols();
        let (left, right) = if by_source {
            (a.as_ref(), a.adjoint())
        } else {
            (a.transpose(), a.transpose().adjoint())
        };
        // On the bin side this is the conjugate of aᴴa, whose eigenvectors are the kernels.
        let mut gram = Mat::<T>::zeros(left.nrows(), left.nrows());
        matmul(gram.as_mut(), Accum::Replace, left, right, T::of(Complex64::ONE), Par::Seq);
        let (eigenvalues, vectors) = eigen(&gram)?;
        Ok(Self { orbits, a, trace, eigenvalues, vectors, by_source })
    }

    /// The kernel of the `index`-th eigenvalue, of unit norm.
    fn kernel(&self, weight: f64, index: usize) -> Vec<([i32; 2], Complex64)> {
        let vector = self.vectors.col_as_slice(index);
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
fn amplitudes<T: Entry>(problem: &Problem, parity: &[f64]) -> (Vec<Orbit>, Mat<T>) {
    let Problem { points, symmetry, pupil, half, period_nm } = problem;
    let beams = beams(points, pupil);
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
    let (orbits, columns): (Vec<Orbit>, Vec<Vec<T>>) = side
        .clone()
        .flat_map(|n| side.clone().map(move |m| [m, n]))
        .filter(|&bin| symmetry.is_first(bin))
        .filter_map(|bin| symmetry.orbit(parity, bin))
        .filter_map(|orbit| {
            let column: Vec<T> = beams.iter().map(|b| T::of(amplitude(b, &orbit))).collect();
            column.iter().any(|value| power(value) > 0.0).then_some((orbit, column))
        })
        .unzip();
    let a = Mat::from_fn(beams.len(), columns.len(), |s, f| columns[f][s]);
    (orbits, a)
}

/// One component of the field at a frequency.
fn component(pupil: &Pupil, row: &Row, [x, y]: [f64; 2]) -> Complex64 {
    let amplitude = pupil.at(x, y);
    if !pupil.polarisation.is_vector() || amplitude == Complex64::ZERO {
        return amplitude;
    }
    amplitude * row.iter().zip(pupil.turn(x, y)).map(|(r, t)| r * t).sum::<f64>()
}

/// Eigenvalues, ascending, and eigenvectors of a Hermitian matrix; one thread, so that the result
/// does not depend on how many there are.
fn eigen<T: Entry>(matrix: &Mat<T>) -> Result<(Vec<f64>, Mat<T>), OpticsError> {
    let side = matrix.nrows();
    if side == 0 {
        // No source point reaches any bin of this class: light on the axis has no odd kernels.
        return Ok((Vec::new(), Mat::zeros(0, 0)));
    }
    let mut values = Diag::<T>::zeros(side);
    let mut vectors = Mat::<T>::zeros(side, side);
    let scratch =
        self_adjoint_evd_scratch::<T>(side, ComputeEigenvectors::Yes, Par::Seq, Spec::default());
    let mut buffer = MemBuffer::try_new(scratch)
        .map_err(|_| OpticsError::Decomposition("not enough memory".into()))?;
    self_adjoint_evd(
        matrix.as_ref(),
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut buffer),
        Spec::default(),
    )
    .map_err(|_| OpticsError::Decomposition("the eigenvalues did not converge".into()))?;
    let values = (0..side).map(|k| values.column_vector()[k].complex().re).collect();
    Ok((values, vectors))
}
