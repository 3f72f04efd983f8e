//! From an aerial image to the times at which the developer arrives.

use lithoscope_kernels::eikonal::{self, Start};
use ndarray::{Array2, Array3, ArrayView2, Axis};
use rayon::prelude::*;

use super::{MAX_VOXELS, VolumeGrid, VolumeResist, bake, expose, level, level_above};
use crate::resist::{RateModel, ResistError, Tone};

/// Light on the resist, clear field = 1, pixels of the grid's size.
#[derive(Clone, Debug)]
pub enum Aerial<'a> {
    /// One image for all depths, `[y, x]`.
    Image(ArrayView2<'a, f32>),
    /// Images of equal shape at rising depths below the top of the film, nm; between them the
    /// intensity runs straight, beyond them it stays.
    Focus(Vec<(f64, ArrayView2<'a, f32>)>),
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Exposure.
    Expose,
    /// Post-exposure bake.
    Bake,
    /// Development.
    Develop,
}

/// How far the work has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Share of that which is done, 0…1; for development, whose length is not known before, 0.
    pub share: f64,
}

/// A developed film.
#[derive(Clone, Debug, PartialEq)]
pub struct Developed {
    /// Voxels, layers filling the film.
    pub grid: VolumeGrid,
    /// Film thickness, nm.
    pub thickness_nm: f64,
    /// Development time, s: what [`Developed`] is read at where no time is given.
    pub develop_s: f64,
    /// Relative intensity at the middle of each layer, unbleached.
    pub standing_wave: Vec<f64>,
    /// Photoactive compound (or acid generator) that exposure left, `[z, y, x]`, z down.
    pub latent: Array3<f32>,
    /// Relative inhibitor concentration after the bake, `[z, y, x]`.
    pub inhibitor: Array3<f32>,
    /// When the developer arrives at the middle of each voxel, s, `[z, y, x]`.
    pub arrival_s: Array3<f32>,
    /// Rounds of sweeps at first and at second order.
    pub rounds: [usize; 2],
}

/// Images at rising depths, nm: at least one.
pub(super) type Planes<'a> = [(f64, ArrayView2<'a, f32>)];

impl<'a> Aerial<'a> {
    /// The images with their depths.
    fn planes(&self) -> Vec<(f64, ArrayView2<'a, f32>)> {
        match self {
            Self::Image(image) => vec![(0.0, *image)],
            Self::Focus(images) => images.clone(),
        }
    }
}

/// Checks that images go together; their shape.
fn shape_of(planes: &Planes) -> Result<(usize, usize), ResistError> {
    let bad = |what: &str| Err(ResistError::Mismatch(what.into()));
    let Some((_, first)) = planes.first() else { return bad("no aerial image is given") };
    if first.is_empty() {
        return bad("the aerial image is empty");
    }
    if planes.iter().any(|(_, image)| image.dim() != first.dim()) {
        return bad("images through focus must have one shape");
    }
    let rise = planes.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if !rise || planes.iter().any(|(depth, _)| !depth.is_finite()) {
        return bad("depths of images must be finite and rise");
    }
    if planes.iter().any(|(_, image)| image.iter().any(|value| !value.is_finite())) {
        return bad("the aerial image holds values that are no numbers");
    }
    Ok(first.dim())
}

/// Develops a film under an aerial image whose pixels are `grid.pixel_nm` wide.
///
/// `proceed` is told how far the work has come and says whether to go on.
///
/// # Errors
/// A parameter out of its range, images that do not go together, a block of too many voxels
/// ([`MAX_VOXELS`]), or [`ResistError::Cancelled`] if `proceed` said no.
pub fn develop(
    resist: &VolumeResist,
    aerial: &Aerial,
    grid: VolumeGrid,
    proceed: &mut dyn FnMut(Progress) -> bool,
) -> Result<Developed, ResistError> {
    Film::new(resist, aerial, grid)?.develop(proceed)
}

/// A film that can be developed.
pub(super) struct Film<'r, 'a> {
    pub resist: &'r VolumeResist,
    pub planes: Vec<(f64, ArrayView2<'a, f32>)>,
    /// Layers filling the film.
    pub grid: VolumeGrid,
    /// Voxels along z, y, x.
    pub shape: [usize; 3],
    /// Relative intensity at the middle of each layer, unbleached.
    pub standing_wave: Vec<f64>,
}

impl<'r, 'a> Film<'r, 'a> {
    /// Checks what is given.
    pub fn new(
        resist: &'r VolumeResist,
        aerial: &Aerial<'a>,
        grid: VolumeGrid,
    ) -> Result<Self, ResistError> {
        resist.validate()?;
        let (grid, layers) = grid.fitted(resist.thickness_nm())?;
        bake::check(&resist.bake, grid)?;
        let planes = aerial.planes();
        let (ny, nx) = shape_of(&planes)?;
        let shape = [layers, ny, nx];
        check_size(shape)?;
        let standing_wave = expose::standing_wave(resist, grid.dz_nm, layers)?;
        Ok(Self { resist, planes, grid, shape, standing_wave })
    }

    /// Develops on the processor.
    pub fn develop(
        &self,
        proceed: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Developed, ResistError> {
        let Self { resist, planes, grid, standing_wave, .. } = self;
        let mut go_on = |stage, share| proceed(Progress { stage, share });
        ask(go_on(Stage::Expose, 0.0))?;
        let latent = expose::expose(resist, planes, standing_wave, grid.dz_nm);

        ask(go_on(Stage::Bake, 0.0))?;
        let inhibitor = bake::bake(&resist.bake, *grid, resist.sides, &latent, &mut |share| {
            go_on(Stage::Bake, share)
        })
        .ok_or(ResistError::Cancelled)?;

        let rate = rates(&inhibitor, &resist.rate, resist.tone);
        let spacing = [grid.dz_nm, grid.pixel_nm, grid.pixel_nm];
        let front =
            eikonal::arrival(rate.view(), spacing, Start::Top, &mut || go_on(Stage::Develop, 0.0))
                .ok_or(ResistError::Cancelled)?;
        Ok(Developed {
            grid: *grid,
            thickness_nm: resist.thickness_nm(),
            develop_s: resist.develop_s,
            standing_wave: standing_wave.clone(),
            latent,
            inhibitor,
            arrival_s: front.times,
            rounds: front.rounds,
        })
    }
}

/// Whether to go on.
pub(super) fn ask(go_on: bool) -> Result<(), ResistError> {
    if go_on { Ok(()) } else { Err(ResistError::Cancelled) }
}

/// Checks that a block of this shape can be worked on.
fn check_size(shape: [usize; 3]) -> Result<(), ResistError> {
    let voxels = shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n));
    let advice = "take larger voxels or a smaller block";
    let within = |what, needed: Option<usize>, limit: usize| {
        let needed = needed.unwrap_or(usize::MAX);
        if needed <= limit {
            Ok(())
        } else {
            Err(ResistError::TooLarge { what, needed, limit, advice })
        }
    };
    within("a block of voxels", voxels, MAX_VOXELS)?;
    // A tall narrow block pads its diagonals.
    within("the front of a block", eikonal::memory(shape), 16 * MAX_VOXELS)
}

/// Cells of the table of rates over m: linear between, within 1e-8 of r_max.
const RATE_CELLS: usize = 1 << 14;

/// Dissolution rates at equally spaced inhibitor concentrations from 0 to 1, nm/s.
pub(super) fn rate_table(law: &RateModel, tone: Tone) -> Vec<f32> {
    let node = |i: usize| law.rate_nm_s(tone.inhibitor(i as f64 / RATE_CELLS as f64)) as f32;
    (0..=RATE_CELLS).map(node).collect()
}

/// Dissolution rates, nm/s.
fn rates(inhibitor: &Array3<f32>, law: &RateModel, tone: Tone) -> Array3<f32> {
    let table = rate_table(law, tone);
    let mut rates = Array3::zeros(inhibitor.raw_dim());
    let planes = rates.axis_iter_mut(Axis(0)).into_par_iter().zip(inhibitor.axis_iter(Axis(0)));
    planes.for_each(|(mut rates, inhibitor)| {
        for (rate, m) in rates.iter_mut().zip(inhibitor) {
            let at = m.clamp(0.0, 1.0) * RATE_CELLS as f32;
            let cell = (at as usize).min(RATE_CELLS - 1);
            *rate = table[cell] + (at - cell as f32) * (table[cell + 1] - table[cell]);
        }
    });
    rates
}

impl Developed {
    /// Voxels that stand at time `t`, `[z, y, x]`.
    pub fn remaining(&self, t: f64) -> Array3<bool> {
        let t = t as f32;
        self.arrival_s.mapv(|arrival| arrival > t)
    }

    /// Height of the topmost resist above the substrate at time `t`, nm, `[y, x]`; 0 where it is
    /// gone.
    pub fn height_nm(&self, t: f64) -> Array2<f32> {
        let t = t as f32;
        let (_, ny, nx) = self.arrival_s.dim();
        Array2::from_shape_fn((ny, nx), |(y, x)| {
            (self.thickness_nm - self.open_depth(y, x, t)) as f32
        })
    }

    /// Depth of the topmost resist of a column at time `t`.
    fn open_depth(&self, y: usize, x: usize, t: f32) -> f64 {
        let dz = self.grid.dz_nm;
        let (mut depth, mut before) = (0.0, level_above(self.arrival_s[[0, y, x]], t));
        for (k, &arrival) in self.arrival_s.slice(ndarray::s![.., y, x]).iter().enumerate() {
            let here = level(arrival, t);
            let at = (k as f64 + 0.5) * dz;
            if here > 0.0 {
                return depth + (at - depth) * f64::from(before / (before - here));
            }
            (depth, before) = (at, here);
        }
        self.thickness_nm
    }

    /// By how much the tallest resist that is left at the development time is lower than the film,
    /// nm; the whole thickness if nothing is left.
    pub fn resist_loss_nm(&self) -> f64 {
        let tallest = self.height_nm(self.develop_s).iter().copied().fold(0.0f32, f32::max);
        self.thickness_nm - f64::from(tallest)
    }
}
