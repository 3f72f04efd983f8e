//! The resist's stages: the depth table, exposure, bake and development of a film.

use std::time::Instant;

use lithoscope_engine::device::{Compute, DeviceError};
use lithoscope_engine::resist::volume::{Aerial, Stage, VolumeGrid, develop_on};
use lithoscope_engine::resist::{DepthTable, ResistError, ResistModel};
use ndarray::Array2;

use super::stages::{Bench, Times, shortest};

/// The film that is developed, and the one whose depth is a table.
const FILMS: [&str; 2] = ["film-on-barc", "torchresist-iccad13"];
/// Voxels of the film, nm.
const VOXELS: VolumeGrid = VolumeGrid { pixel_nm: 4.0, dz_nm: 4.0 };
/// What the parts of a film's development are called.
const STAGES: [&str; 3] = ["resist exposure", "resist bake", "resist development"];

/// Why a row could not be made.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Resist(#[from] ResistError),
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// Rows of holes, clear field = 1.
fn holes(side: usize) -> Array2<f32> {
    let wave = |i: usize| 0.5 + 0.5 * (std::f32::consts::TAU * i as f32 / 30.0).sin();
    Array2::from_shape_fn((side, side), |(y, x)| 0.02 + 0.6 * wave(x) * wave(y))
}

impl Bench<'_> {
    /// The depth of an image, and a film in three dimensions from light to arrival times: what is
    /// handed in counts as exposure, what is read back as development.
    pub fn resists(&mut self) {
        let side = self.options.pixels.min(4096);
        self.depths(&holes(side));
        self.films(&holes((side / 16).clamp(64, 256)));
    }

    fn depths(&mut self, image: &Array2<f32>) {
        let input = format!("{}²", image.ncols());
        let Some(ResistModel::Vertical(resist)) = ResistModel::preset(FILMS[1]) else { return };
        let mut processor = None;
        for place in 0..=self.devices.len() {
            let device = place.checked_sub(1).map(|device| &*self.devices[device]);
            let mut depth = Array2::zeros(image.dim());
            let timed = DepthTable::new(&resist).and_then(|table| {
                let mut run = || table.apply_on(device, image.view(), depth.view_mut());
                if let Some(failure) = run()? {
                    return Ok(Err(failure));
                }
                shortest(|| run().map(|_| ())).map(Ok)
            });
            match timed.map_err(Failure::from).and_then(|timed| Ok(timed?)) {
                Ok(seconds) => {
                    let bytes = Some(8 * image.len() as u64);
                    let times = Times { seconds, bytes, processor, ..Times::default() };
                    self.row("depth table", &input, place, times);
                    processor = processor.or(Some(seconds));
                }
                Err(error) => self.left_out.push(format!("depth table of {input}: {error}")),
            }
        }
    }

    fn films(&mut self, image: &Array2<f32>) {
        let mut processor = [None; 3];
        for place in 0..=self.devices.len() {
            let device = place.checked_sub(1).map(|device| &*self.devices[device]);
            match film(device, image) {
                Ok((seconds, [nz, ny, nx])) => {
                    let input = format!("{nx} x {ny} x {nz} voxels");
                    let voxels = (nz * ny * nx) as u64;
                    // An image in and what is left out; three axes in and out; inhibitor, rates, times
                    // and sides of both orders in and out.
                    let bytes = [4 * ((ny * nx) as u64 + voxels), 24 * voxels, 56 * voxels];
                    for (k, seconds) in seconds.into_iter().enumerate() {
                        let times = Times {
                            seconds,
                            bytes: Some(bytes[k]),
                            processor: processor[k],
                            ..Times::default()
                        };
                        self.row(STAGES[k], &input, place, times);
                        processor[k] = processor[k].or(Some(seconds));
                    }
                }
                Err(error) => self.left_out.push(format!("film: {error}")),
            }
        }
    }
}

/// Shortest times of exposure, bake and development of a film, s, and its voxels along z, y, x.
fn film(
    device: Option<&dyn Compute>,
    image: &Array2<f32>,
) -> Result<([f64; 3], [usize; 3]), Failure> {
    let model = ResistModel::named(FILMS[0])?;
    let ResistModel::Volume(resist) = model else {
        return Err(ResistError::Mismatch(format!("{} is no film", FILMS[0])).into());
    };
    let aerial = Aerial::Image(image.view());
    let mut shape = [0; 3];
    let mut run = || {
        let mut marks = [None; 3];
        let (developed, failure) = develop_on(device, &resist, &aerial, VOXELS, &mut |progress| {
            let stage = match progress.stage {
                Stage::Expose => 0,
                Stage::Bake => 1,
                Stage::Develop => 2,
            };
            marks[stage].get_or_insert_with(Instant::now);
            true
        })?;
        let end = Instant::now();
        shape = developed.arrival_s.dim().into();
        if let Some(failure) = failure {
            return Err(Failure::from(failure));
        }
        let [expose, bake, develop] = marks.map(|mark| mark.unwrap_or(end));
        let spans = [bake - expose, develop - bake, end - develop];
        Ok(spans.map(|span| span.as_secs_f64()))
    };
    // The first time a device compiles its kernels.
    let mut best = run()?.map(|_| f64::INFINITY);
    shortest(|| {
        let spans = run()?;
        best.iter_mut().zip(spans).for_each(|(best, span)| *best = best.min(span));
        Ok::<(), Failure>(())
    })?;
    Ok((best, shape))
}
