//! A block of the resist in three dimensions, to be looked at from all sides.

use std::sync::Arc;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::imaging::{Grid, Imager};
use lithoscope_engine::resist::volume::{Aerial, Progress, Stage, VolumeGrid, VolumeResist};
use lithoscope_engine::resist::{ResistError, ResistModel, Surface};

use crate::headless::Developer;
use crate::worker::engine::Stop;
use crate::worker::lens::Lens;
use crate::worker::{Conditions, stages};

/// Longest side of a block, nm.
const LARGEST_NM: i32 = 1200;
/// Pixels along the longest side.
const PIXELS: f64 = 256.0;
/// Finest pixel, nm.
const FINEST_NM: f64 = 2.0;
/// Height of a voxel, nm.
const DZ_NM: f64 = 2.0;

/// What became of a question for a block.
#[derive(Clone, Debug)]
pub enum BlockOutcome {
    /// It was developed.
    Done(Block),
    /// The shown resist is not three-dimensional.
    NoVolume,
    /// It was cancelled.
    GivenUp,
    /// It cannot be developed; why.
    Failed(String),
}

/// A developed block.
#[derive(Clone, Debug)]
pub struct Block {
    /// What stands.
    pub surface: Arc<Surface>,
    /// Where it is, clip nm.
    pub place: Rect,
    /// Its size x, y, z, nm.
    pub extent_nm: [f64; 3],
    /// What is lost from the top of the tallest resist, nm.
    pub loss_nm: f64,
    /// Voxels along x, y, z.
    pub voxels: [usize; 3],
}

/// The block about the middle of a view: at most 1.2 µm a side, within the clip's window.
pub fn place(view: Rect, window: Rect) -> Rect {
    let span = |low: i32, high: i32, least: i32, most: i32| {
        let (low, high) = (low.max(least), high.min(most));
        let (low, high) = if low < high { (low, high) } else { (least, most) };
        let size = (i64::from(high) - i64::from(low)).min(i64::from(LARGEST_NM)) as i32;
        let middle = i64::midpoint(i64::from(low), i64::from(high)) as i32;
        (middle - size / 2, middle - size / 2 + size)
    };
    let (x0, x1) = span(view.min.x, view.max.x, window.min.x, window.max.x);
    let (y0, y1) = span(view.min.y, view.max.y, window.min.y, window.max.y);
    Rect::new(x0, y0, x1, y1)
}

/// Develops the resist in a place. `go_on` is told the share done and answers whether to go on.
///
/// # Errors
/// The resist is out of range, or the work was given up.
pub fn make(
    imager: &Imager,
    lens: &Lens,
    conditions: &Conditions,
    place: Rect,
    developer: &mut Developer,
    mut go_on: impl FnMut(f64) -> bool,
) -> Result<BlockOutcome, Stop> {
    let Some(ResistModel::Volume(resist)) = conditions.resist.model() else {
        return Ok(BlockOutcome::NoVolume);
    };
    let what = || "Could not develop the block".to_owned();
    let longest = place.width().max(place.height()) as f64;
    let pixel_nm = (longest / PIXELS).max(FINEST_NM);
    let image = lens
        .light(imager, conditions.defocus_nm)
        .intensity(&Grid::over(place, pixel_nm))
        .map_err(|e| stages::failure(what(), &e))?;
    let exposed = VolumeResist { dose: resist.dose * conditions.dose, ..resist.as_ref().clone() };
    let grid = VolumeGrid { pixel_nm, dz_nm: DZ_NM };
    let mut proceed = |progress: Progress| go_on(share(progress));
    let developed = match developer.film(&exposed, &Aerial::Image(image.view()), grid, &mut proceed)
    {
        Ok(developed) => developed,
        Err(ResistError::Cancelled) => return Err(Stop::Cancelled),
        Err(e) => return Err(stages::failure(what(), &e).into()),
    };
    let (layers, rows, columns) = developed.arrival_s.dim();
    let extent_nm = [columns as f64 * pixel_nm, rows as f64 * pixel_nm, developed.thickness_nm];
    Ok(BlockOutcome::Done(Block {
        surface: Arc::new(developed.surface(developed.develop_s)),
        place,
        extent_nm,
        loss_nm: developed.resist_loss_nm(),
        voxels: [columns, rows, layers],
    }))
}

/// Share of the whole that is done: exposure is quick, development about half.
fn share(progress: Progress) -> f64 {
    match progress.stage {
        Stage::Expose => 0.1 * progress.share,
        Stage::Bake => 0.1 + 0.4 * progress.share,
        Stage::Develop => 0.5 + 0.5 * progress.share,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_lies_about_the_middle_of_what_is_seen() {
        let window = Rect::new(0, 0, 5000, 5000);
        assert_eq!(
            place(Rect::new(1000, 1000, 1400, 1300), window),
            Rect::new(1000, 1000, 1400, 1300)
        );
        assert_eq!(place(Rect::new(-9999, 0, 9999, 600), window), Rect::new(1900, 0, 3100, 600));
        assert_eq!(
            place(Rect::new(9000, 9000, 9500, 9500), window),
            Rect::new(1900, 1900, 3100, 3100)
        );
    }
}
