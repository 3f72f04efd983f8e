//! Mirror symmetries shared by a source and its pupil, which split the TCC into smaller blocks.
//!
//! Where the source looks the same under a group of sign changes (x, y) → (±x, ±y), and the pupil
//! does too, the TCC has no terms between kernels of different parity. Each parity class is then
//! decomposed alone, on one representative of every set of mirror images: the four mirror classes
//! cost a sixteenth of the whole. A component of the electric field that only changes its sign
//! under a mirror splits in the same way, since its products do not.

/// A group of sign changes and its parity classes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symmetry {
    /// The signs of (x, y) that each element applies; the first is the identity.
    pub elements: &'static [[i32; 2]],
    /// For each parity class, the sign that each element gives a kernel of that class.
    pub classes: &'static [&'static [f64]],
}

/// Both axes are mirrors.
pub(super) const MIRRORS: Symmetry = Symmetry {
    elements: &[[1, 1], [-1, 1], [1, -1], [-1, -1]],
    classes: &[
        &[1.0, 1.0, 1.0, 1.0],
        &[1.0, -1.0, 1.0, -1.0],
        &[1.0, 1.0, -1.0, -1.0],
        &[1.0, -1.0, -1.0, 1.0],
    ],
};

/// x → −x alone is a mirror.
const MIRROR_X: Symmetry = Symmetry { elements: &[[1, 1], [-1, 1]], classes: PAIR };

/// y → −y alone is a mirror.
const MIRROR_Y: Symmetry = Symmetry { elements: &[[1, 1], [1, -1]], classes: PAIR };

/// All looks the same turned by 180°.
pub(super) const INVERSION: Symmetry = Symmetry { elements: &[[1, 1], [-1, -1]], classes: PAIR };

/// Nothing looks the same.
pub(super) const NONE: Symmetry = Symmetry { elements: &[[1, 1]], classes: &[&[1.0]] };

/// The even and the odd class of a single mirror or turn.
const PAIR: &[&[f64]] = &[&[1.0, 1.0], &[1.0, -1.0]];

/// A normalised, real combination of a bin's mirror images: one coordinate of a parity class.
pub(super) type Orbit = Vec<([i32; 2], f64)>;

impl Symmetry {
    /// The largest group whose every element leaves things as they are, by the test `holds`.
    pub(super) fn of(holds: impl Fn([i32; 2]) -> bool) -> Self {
        match (holds([-1, 1]), holds([1, -1])) {
            (true, true) => MIRRORS,
            (true, false) => MIRROR_X,
            (false, true) => MIRROR_Y,
            (false, false) if holds([-1, -1]) => INVERSION,
            (false, false) => NONE,
        }
    }

    /// Whether this sign change is one of the group's.
    pub(super) fn has(&self, signs: [i32; 2]) -> bool {
        self.elements.contains(&signs)
    }

    /// Number of elements.
    pub(super) fn order(&self) -> usize {
        self.elements.len()
    }

    /// Whether this place stands for its mirror images: the last of them in order of (y, x).
    pub(super) fn is_first(&self, [x, y]: [i32; 2]) -> bool {
        self.elements.iter().all(|[sx, sy]| (sy * y, sx * x) <= (y, x))
    }

    /// A bin's images under a parity class; `None` where they cancel.
    pub(super) fn orbit(&self, class: &[f64], [m, n]: [i32; 2]) -> Option<Orbit> {
        let mut images: Orbit = Vec::with_capacity(self.order());
        for ([sx, sy], sign) in self.elements.iter().zip(class) {
            let image = [sx * m, sy * n];
            match images.iter_mut().find(|(bin, _)| *bin == image) {
                Some((_, coefficient)) => *coefficient += sign,
                None => images.push((image, *sign)),
            }
        }
        let norm = images.iter().map(|(_, c)| c * c).sum::<f64>().sqrt();
        for (_, coefficient) in &mut images {
            *coefficient /= norm;
        }
        (norm > 0.0).then_some(images)
    }
}
