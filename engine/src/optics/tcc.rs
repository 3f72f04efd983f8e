//! From source and pupil to SOCS kernels.
//!
//! The transmission cross-coefficients TCC(f₁, f₂) = Σ_s w_s P(s + f₁) P̄(s + f₂) (Hopkins 1953) are
//! AᴴA up to conjugation, with A\[s, f\] = √w_s P(s + f). Source point s adds the intensity
//! |(A M̂)_s|², so the rows of Vᴴ in A = U Σ Vᴴ are the coherent kernels and Σ² their weights. They
//! come from the smaller of AAᴴ (source points) and AᴴA (bins), one parity class at a time: all of
//! them where that is a small matrix, the leading ones by [`super::leading`] where it is large. A
//! source point has a row for every component of the field that does not interfere with the rest.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::traits::ComplexField;
use faer::{Mat, Par, Spec};
use num_complex::Complex64;
use rayon::prelude::*;

use super::OpticsError;
use super::class::Class;
use super::pupil::Pupil;
use super::source::SourcePoint;
use super::symmetry::Symmetry;

/// Eigenvalues closer than this, relatively, belong together: a symmetric source has pairs, and
/// keeping half of one would favour a direction.
const PAIR: f64 = 1e-6;

/// The same for pairs that are known in part, to the square of their residuals.
const ROUGH_PAIR: f64 = 1e-4;

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
pub(super) trait Entry: ComplexField<Real = f64> + Copy + Send + Sync {
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
    let mut classes: Vec<Class<T>> = problem
        .symmetry
        .classes
        .par_iter()
        .map(|parity| Class::new(problem, parity, energy))
        .collect::<Result<_, _>>()?;
    let trace: f64 = classes.iter().map(|class| class.trace).sum();
    let (ranked, count) = settle(&mut classes, energy * trace)?;
    let (kept, left) = ranked.split_at(count);
    let next = left.first().map_or(0.0, |next| next.0.max(0.0));
    let mut intensity_bound = next;
    let mut kernels: Vec<Option<Kernel>> = kept.iter().map(|_| None).collect();
    for (c, class) in classes.iter().enumerate() {
        let places: Vec<usize> = (0..count).filter(|&place| kept[place].1 == c).collect();
        let own: Vec<usize> = places.iter().map(|&place| kept[place].2).collect();
        let vectors = class.vectors(&own);
        intensity_bound = intensity_bound.max(class.bound(&own, &vectors, next));
        let found: Vec<Kernel> = (0..own.len())
            .into_par_iter()
            .map(|index| {
                let weight = kept[places[index]].0;
                Kernel { weight, bins: class.kernel(weight, vectors.col_as_slice(index)) }
            })
            .collect();
        for (place, kernel) in places.into_iter().zip(found) {
            kernels[place] = Some(kernel);
        }
    }
    let kernels = kernels.into_iter().flatten().collect();
    let sum: f64 = kept.iter().map(|(weight, ..)| weight).sum();
    Ok(Decomposition { kernels, energy_kept: (sum / trace).min(1.0), intensity_bound })
}

/// An eigenvalue, its class, and its index there.
type Ranked = (f64, usize, usize);

/// Every known eigenvalue, largest first.
fn ranking<T: Entry>(classes: &[Class<T>]) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = classes
        .iter()
        .enumerate()
        .flat_map(|(c, class)| class.values().iter().enumerate().map(move |(k, &w)| (w, c, k)))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(b.2.cmp(&a.2)));
    ranked
}

/// Works on classes known in part until all pairs that reach `wanted`, and the first beyond, are
/// certain; gives the ranking and how many of it to keep.
fn settle<T: Entry>(
    classes: &mut [Class<T>],
    wanted: f64,
) -> Result<(Vec<Ranked>, usize), OpticsError> {
    loop {
        let ranked = ranking(classes);
        let whole = classes.iter().all(Class::is_whole);
        let count = kept_count(&ranked, wanted, if whole { PAIR } else { ROUGH_PAIR });
        let needed = &ranked[..ranked.len().min(count + 1)];
        let mut open = vec![None; classes.len()];
        for (c, class) in classes.iter().enumerate().filter(|(_, class)| !class.is_whole()) {
            let own = || needed.iter().filter(|pair| pair.1 == c);
            // All of its pairs needed: there may be more where they came from.
            let more = count == ranked.len()
                || own().count() >= class.values().len()
                || own().any(|pair| !class.has_converged(pair.2));
            open[c] = more.then(|| own().count());
        }
        if open.iter().all(Option::is_none) {
            return Ok((ranked, count));
        }
        let growing = classes.par_iter_mut().zip(open);
        growing
            .filter_map(|(class, needed)| Some((class, needed?)))
            .map(|(class, needed)| class.grow(needed))
            .collect::<Result<(), _>>()?;
    }
}

/// How many of the ranked eigenvalues reach `wanted`, whole pairs only.
fn kept_count(ranked: &[Ranked], wanted: f64, pair: f64) -> usize {
    let floor = ranked.first().map_or(0.0, |largest| largest.0 * ROUNDING);
    let (mut sum, mut last) = (0.0, f64::INFINITY);
    for (count, &(weight, ..)) in ranked.iter().enumerate() {
        if weight <= floor || (sum >= wanted && weight < last * (1.0 - pair)) {
            return count;
        }
        sum += weight;
        last = weight;
    }
    ranked.len()
}

/// Eigenvalues, ascending, and eigenvectors of a Hermitian matrix; one thread, so that the result
/// does not depend on how many there are.
pub(super) fn eigen<T: Entry>(matrix: &Mat<T>) -> Result<(Vec<f64>, Mat<T>), OpticsError> {
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
