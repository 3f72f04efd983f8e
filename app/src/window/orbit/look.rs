//! How the film is shown: colours, heights, cut.

use super::block::Block;

/// What colours the film.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colouring {
    /// Its height over the substrate, viridis.
    #[default]
    Height,
    /// One colour.
    Resist,
}

/// The axis that a cut is across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Across {
    /// The cut is a plane of one x.
    X,
    /// The cut is a plane of one y.
    Y,
}

impl Across {
    /// Index of its coordinate.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Its name on screen.
    pub fn name(self) -> &'static str {
        ["x", "y"][self.index()]
    }
}

/// Which part of the film a cut leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kept {
    /// Where the coordinate is below the cut.
    #[default]
    Below,
    /// Where it is above.
    Above,
}

/// How the film is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrbitLook {
    /// What colours it.
    pub colouring: Colouring,
    /// By how much heights are drawn out, 1 to 20.
    pub vertical: f64,
    /// The axis it is cut across; `None` shows it whole.
    pub cut: Option<Across>,
    /// Where it is cut, nm: the x of a cut across x, the y of one across y.
    pub cut_nm: [f64; 2],
    /// What the cut leaves.
    pub kept: Kept,
}

impl Default for OrbitLook {
    fn default() -> Self {
        Self {
            colouring: Colouring::Height,
            vertical: 1.0,
            cut: None,
            cut_nm: [f64::NAN; 2],
            kept: Kept::Below,
        }
    }
}

impl OrbitLook {
    /// Puts values into their ranges; a cut that is nowhere goes through the middle.
    pub fn settle(&mut self, block: &Block) {
        self.vertical =
            if self.vertical.is_finite() { self.vertical.clamp(1.0, 20.0) } else { 1.0 };
        for k in 0..2 {
            let (low, high) = (block.low[k], block.high[k]);
            self.cut_nm[k] = if self.cut_nm[k].is_finite() {
                self.cut_nm[k].clamp(low, high)
            } else {
                f64::midpoint(low, high)
            };
        }
    }

    /// The cut as the shaders have it: what has `dot([x, y], [0..2]) <= [2]` is kept, and [3] is 1;
    /// all zero without one.
    pub fn plane(&self) -> [f32; 4] {
        let Some(across) = self.cut else { return [0.0; 4] };
        let sign = if self.kept == Kept::Below { 1.0 } else { -1.0 };
        let mut plane = [0.0, 0.0, sign * self.cut_nm[across.index()] as f32, 1.0];
        plane[across.index()] = sign;
        plane
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_begins_in_the_middle_and_stays_within_the_block() {
        let block = Block { low: [0.0, -20.0], high: [100.0, 60.0], thickness: 10.0 };
        let mut look = OrbitLook { vertical: f64::NAN, ..OrbitLook::default() };
        look.settle(&block);
        assert_eq!((look.cut_nm, look.vertical), ([50.0, 20.0], 1.0));
        look.cut_nm = [1e9, -1e9];
        look.settle(&block);
        assert_eq!(look.cut_nm, [100.0, -20.0]);
        assert_eq!(look.plane(), [0.0; 4]);
        look.cut = Some(Across::Y);
        look.kept = Kept::Above;
        assert_eq!(look.plane(), [0.0, -1.0, 20.0, 1.0]);
    }
}
