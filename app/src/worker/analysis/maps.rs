//! Maps of the loss: where it asks for light, and how it pulls at every fragment.

use std::sync::Arc;

use egui::{Color32, ColorImage};
use lithoscope_engine::imaging::Grid;
use lithoscope_engine::opc::{FragmentGradient, OpcRun, SeedMap};
use ndarray::Array2;

use crate::worker::picture::{flipped, signed_colour};

/// How much of its colour a cell keeps in which no SRAF may lie.
const BARRED: f32 = 0.22;

/// Which maps are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WantedMaps {
    /// The seed map.
    pub seeds: bool,
    /// The gradient of every fragment.
    pub gradients: bool,
}

/// Maps of one iteration.
#[derive(Clone, Debug)]
pub struct Maps {
    /// The iteration.
    pub iteration: usize,
    /// The seed map, where it was wanted.
    pub seeds: Option<SeedPicture>,
    /// Gradient of every fragment, nm² a nm, where it was wanted.
    pub gradients: Option<Vec<FragmentGradient>>,
}

/// The seed map, ready to paint.
#[derive(Clone, Debug)]
pub struct SeedPicture {
    /// Its cells.
    pub grid: Grid,
    /// Loss that opening a nm² takes away, nm², `[ny, nx]`.
    pub gain: Array2<f32>,
    /// Cells in which no new SRAF may lie.
    pub barred: Array2<bool>,
    /// Gain at the ends of the colour map.
    pub range: f32,
    /// The map in colours, top row first; fainter where no SRAF may lie.
    pub image: Arc<ColorImage>,
}

/// Makes the maps that are wanted of an iteration; `None` if there is no such iteration.
pub fn make(run: &mut OpcRun, iteration: usize, wanted: WantedMaps) -> Option<Maps> {
    run.history().get(iteration)?;
    let seeds = wanted.seeds.then(|| run.seed_map(iteration)).flatten().map(coloured);
    let gradients = wanted.gradients.then(|| run.gradients(iteration)).flatten();
    Some(Maps { iteration, seeds, gradients })
}

/// The ends of the colours are the largest gain where an SRAF may lie: what lies on the target's
/// edges is far larger, and says nothing about SRAFs.
fn coloured(map: SeedMap) -> SeedPicture {
    let free = map.gain.iter().zip(&map.barred).filter(|(g, barred)| g.is_finite() && !**barred);
    let range = free.map(|(g, _)| g.abs()).fold(0.0_f32, f32::max).max(1e-6);
    let image = flipped(map.gain.dim(), |y, x| -> Color32 {
        let colour = signed_colour(map.gain[(y, x)] / range);
        if map.barred[(y, x)] { colour.gamma_multiply(BARRED) } else { colour }
    });
    SeedPicture {
        grid: map.grid,
        gain: map.gain,
        barred: map.barred,
        range,
        image: Arc::new(image),
    }
}
