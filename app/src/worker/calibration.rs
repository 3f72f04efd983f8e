//! A calibration on a thread of its own, so that the engine's thread stays free for the canvas.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use egui::{Color32, ColorImage};
use lithoscope_engine::resist::calibrate::{
    Calibration, CalibrationOptions, CalibrationReport, CalibrationStep, Pair,
};
use lithoscope_engine::resist::volume::{Aerial, VolumeGrid, VolumeResist, develop};
use lithoscope_engine::resist::{ResistModel, VerticalResist};
use ndarray::Array2;

use crate::headless::read_pairs;

/// News that may wait; a full box holds the calibration up.
const CAPACITY: usize = 4096;
/// How often a paused calibration looks whether to go on.
const NAP: Duration = Duration::from_millis(20);
/// The window is woken at most this often.
const WAKE: Duration = Duration::from_millis(33);
/// Longest side of the overlay, pixels.
const OVERLAY: usize = 512;
/// Finest pixel of a made truth, nm.
const COARSE_NM: f64 = 4.0;
/// Height of the voxels of a made truth, nm.
const DZ_NM: f64 = 2.0;

/// Where pairs of aerial and printed images come from.
#[derive(Clone, Debug)]
pub enum PairSource {
    /// A folder of files, and the size of their pixels, nm.
    Folder(PathBuf, f64),
    /// The shown image, printed by a resist in three dimensions.
    Shown {
        /// Intensity, clear field = 1.
        intensity: Arc<Array2<f32>>,
        /// Its pixel, nm.
        pixel_nm: f64,
        /// What prints it.
        truth: Box<VolumeResist>,
    },
}

/// What is to be calibrated.
#[derive(Clone, Debug)]
pub struct CalibrationOrder {
    /// The pairs.
    pub source: PairSource,
    /// The resist to start from.
    pub start: VerticalResist,
    /// Names of the parameters to fit.
    pub free: Vec<String>,
    /// Steps.
    pub steps: usize,
}

/// What a calibration tells.
#[derive(Debug)]
pub enum CalibrationNews {
    /// Pairs are there: what the start prints of the first, against what was printed.
    Before(Arc<ColorImage>),
    /// A step was made.
    Step(CalibrationStep),
    /// It is done.
    Done(Box<CalibrationResult>),
    /// It cannot go on; why.
    Failed(String),
}

/// A finished calibration.
#[derive(Clone, Debug)]
pub struct CalibrationResult {
    /// The fitted resist.
    pub model: ResistModel,
    /// How well it prints, beside the best thresholds.
    pub report: CalibrationReport,
    /// What it prints of the first pair, against what was printed.
    pub after: Arc<ColorImage>,
}

/// Told to the thread.
const GO: u8 = 0;
const PAUSE: u8 = 1;
const STOP: u8 = 2;

/// A running calibration; dropping it ends it.
pub struct CalibrationJob {
    control: Arc<AtomicU8>,
    news: Receiver<CalibrationNews>,
    thread: Option<JoinHandle<()>>,
}

impl CalibrationJob {
    /// Starts one; `wake` is called when there are news.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(
        order: CalibrationOrder,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, news) = sync_channel(CAPACITY);
        let control = Arc::new(AtomicU8::new(GO));
        let told = Arc::clone(&control);
        let thread =
            std::thread::Builder::new().name("calibration".to_owned()).spawn(move || {
                let teller = Teller { news: sender, wake: &wake };
                if let Err(why) = run(&order, &told, &teller) {
                    teller.tell(CalibrationNews::Failed(why));
                }
                wake();
            })?;
        Ok(Self { control, news, thread: Some(thread) })
    }

    /// Holds it up or lets it go on.
    pub fn pause(&self, paused: bool) {
        self.control.store(if paused { PAUSE } else { GO }, Ordering::Release);
    }

    /// Whether it is held up.
    pub fn is_paused(&self) -> bool {
        self.control.load(Ordering::Acquire) == PAUSE
    }

    /// What it told since the last call.
    pub fn drain(&self) -> impl Iterator<Item = CalibrationNews> + '_ {
        self.news.try_iter()
    }
}

impl Drop for CalibrationJob {
    fn drop(&mut self) {
        self.control.store(STOP, Ordering::Release);
        // Room for whatever it is telling, so that it comes to look at the flag.
        while self.thread.as_ref().is_some_and(|t| !t.is_finished()) {
            self.news.try_iter().for_each(drop);
            std::thread::sleep(Duration::from_millis(1));
        }
        if let Some(thread) = self.thread.take() {
            // A panic there was told by the runtime; there is nothing left to save.
            let _ended = thread.join();
        }
    }
}

/// Sends news and wakes the window.
struct Teller<'a> {
    news: SyncSender<CalibrationNews>,
    wake: &'a dyn Fn(),
}

impl Teller<'_> {
    fn tell(&self, news: CalibrationNews) {
        // The window may be gone; then nobody wants to know.
        let _gone = self.news.send(news);
    }
}

fn run(order: &CalibrationOrder, control: &AtomicU8, teller: &Teller<'_>) -> Result<(), String> {
    let stopped = || control.load(Ordering::Acquire) == STOP;
    let Some(pairs) = pairs(&order.source, &|| !stopped())? else { return Ok(()) };
    let Some(first) = pairs.first().cloned() else { return Err("there are no pairs".to_owned()) };
    let start = ResistModel::Vertical(order.start);
    teller.tell(CalibrationNews::Before(Arc::new(overlay(&first, &start)?)));
    (teller.wake)();
    let free: Vec<&str> = order.free.iter().map(String::as_str).collect();
    let options = CalibrationOptions { steps: order.steps, ..CalibrationOptions::default() };
    let mut calibration =
        Calibration::new(order.start, &free, pairs, options).map_err(|e| e.to_string())?;
    let mut woken = Instant::now();
    while !calibration.is_finished() {
        match control.load(Ordering::Acquire) {
            STOP => return Ok(()),
            PAUSE => std::thread::sleep(NAP),
            _ => {
                let step = calibration.step().map_err(|e| e.to_string())?;
                teller.tell(CalibrationNews::Step(step));
                if woken.elapsed() > WAKE {
                    woken = Instant::now();
                    (teller.wake)();
                }
            }
        }
    }
    let report = calibration.report().map_err(|e| e.to_string())?;
    let model = calibration.result();
    let after = Arc::new(overlay(&first, &model)?);
    teller.tell(CalibrationNews::Done(Box::new(CalibrationResult { model, report, after })));
    Ok(())
}

/// The pairs of a source; `None` where `go_on` said no.
fn pairs(source: &PairSource, go_on: &dyn Fn() -> bool) -> Result<Option<Vec<Pair>>, String> {
    match source {
        PairSource::Folder(folder, pixel_nm) => {
            read_pairs(folder, *pixel_nm).map(Some).map_err(|e| format!("{e:#}"))
        }
        PairSource::Shown { intensity, pixel_nm, truth } => {
            let (image, pixel_nm) = coarser(intensity, *pixel_nm);
            let grid = VolumeGrid { pixel_nm, dz_nm: DZ_NM };
            let aerial = Aerial::Image(image.view());
            let developed = match develop(truth, &aerial, grid, &mut |_| go_on()) {
                Ok(developed) => developed,
                Err(_) if !go_on() => return Ok(None),
                Err(e) => return Err(e.to_string()),
            };
            let half = developed.thickness_nm as f32 / 2.0;
            // Open where less than half of the film is left: that is what prints.
            let printed =
                developed.height_nm(developed.develop_s).mapv(|h| f32::from(u8::from(h < half)));
            let image = image.mapv_into(|i| i.max(0.0));
            let pair = Pair::new(image, printed, pixel_nm).map_err(|e| e.to_string())?;
            Ok(Some(vec![pair]))
        }
    }
}

/// The image on pixels of 4 nm or more, each the mean of those it holds, and their size.
fn coarser(image: &Array2<f32>, pixel_nm: f64) -> (Array2<f32>, f64) {
    let step = (COARSE_NM / pixel_nm).ceil().max(1.0) as usize;
    let (ny, nx) = image.dim();
    let shape = ((ny / step).max(1), (nx / step).max(1));
    let mean = |(y, x): (usize, usize)| {
        let rows = y * step..((y + 1) * step).min(ny);
        let columns = x * step..((x + 1) * step).min(nx);
        image.slice(ndarray::s![rows, columns]).mean().unwrap_or_default()
    };
    (Array2::from_shape_fn(shape, mean), pixel_nm * step as f64)
}

/// What a model prints of a pair against what was printed, top row first: grey where both, red
/// where the model alone, blue where the measurement alone.
fn overlay(pair: &Pair, model: &ResistModel) -> Result<ColorImage, String> {
    let ours =
        model.printed(pair.intensity().view(), pair.pixel_nm()).map_err(|e| e.to_string())?;
    let (ny, nx) = ours.dim();
    let step = nx.max(ny).div_ceil(OVERLAY).max(1);
    let (rows, columns) = (ny.div_ceil(step), nx.div_ceil(step));
    let pixels = (0..rows).rev().flat_map(|row| {
        let (ours, pair) = (&ours, pair);
        (0..columns).map(move |column| {
            let at = [row * step, column * step];
            match (ours[at], pair.printed()[at] >= 0.5) {
                (true, true) => Color32::from_rgb(0x6b, 0x74, 0x80),
                (true, false) => Color32::from_rgb(0xff, 0x5d, 0x5d),
                (false, true) => Color32::from_rgb(0x5a, 0xa9, 0xff),
                (false, false) => Color32::from_rgb(0x16, 0x1a, 0x20),
            }
        })
    });
    Ok(ColorImage::new([columns, rows], pixels.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Array2<f32> {
        Array2::from_shape_fn((96, 128), |(y, x)| {
            let wave = |v: usize, period: f32| (v as f32 / period * std::f32::consts::TAU).sin();
            0.25 + 0.12 * wave(x, 24.0) + 0.08 * wave(y, 31.0)
        })
    }

    fn vertical(name: &str) -> VerticalResist {
        match ResistModel::preset(name) {
            Some(ResistModel::Vertical(resist)) => resist,
            _ => panic!("{name} is vertical"),
        }
    }

    fn all_news(job: &CalibrationJob) -> Vec<CalibrationNews> {
        let mut all = Vec::new();
        let began = Instant::now();
        while began.elapsed() < Duration::from_mins(2) {
            all.extend(job.drain());
            if matches!(all.last(), Some(CalibrationNews::Done(_) | CalibrationNews::Failed(_))) {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        all
    }

    #[test]
    fn a_planted_dose_is_found_and_every_step_told() {
        let folder = tempfile::tempdir().unwrap();
        let start = vertical("torchresist-iccad13");
        let truth = ResistModel::Vertical(VerticalResist { dose: 1.15 * start.dose, ..start });
        let printed = truth.printed(image().view(), 4.0).unwrap();
        ndarray_npy::write_npy(folder.path().join("a.aerial.npy"), &image()).unwrap();
        ndarray_npy::write_npy(folder.path().join("a.printed.npy"), &printed).unwrap();
        let order = CalibrationOrder {
            source: PairSource::Folder(folder.path().to_path_buf(), 4.0),
            start,
            free: vec!["dose".to_owned()],
            steps: 120,
        };
        let job = CalibrationJob::start(order, || {}).unwrap();
        let news = all_news(&job);
        let steps = news.iter().filter(|n| matches!(n, CalibrationNews::Step(_))).count();
        assert_eq!(steps, 120);
        assert!(matches!(news.first(), Some(CalibrationNews::Before(_))));
        let Some(CalibrationNews::Done(result)) = news.last() else { panic!("{news:?}") };
        assert!(result.report.calibrated.validation.pixel_difference < 0.002);
    }

    #[test]
    fn a_coarser_image_holds_the_same_light() {
        let (coarse, pixel_nm) = coarser(&image(), 1.0);
        assert_eq!((coarse.dim(), pixel_nm), ((24, 32), 4.0));
        assert!((coarse.mean().unwrap() - image().mean().unwrap()).abs() < 1e-5);
        assert_eq!(coarser(&image(), 8.0), (image(), 8.0));
    }

    #[test]
    fn a_folder_without_pairs_is_said_and_a_dropped_job_ends() {
        let folder = tempfile::tempdir().unwrap();
        let order = |source| CalibrationOrder {
            source,
            start: vertical("torchresist-iccad13"),
            free: vec!["dose".to_owned()],
            steps: 100_000,
        };
        let source = PairSource::Folder(folder.path().to_path_buf(), 4.0);
        let job = CalibrationJob::start(order(source), || {}).unwrap();
        let news = all_news(&job);
        assert!(
            matches!(news.last(), Some(CalibrationNews::Failed(why)) if why.contains("no pairs"))
        );
        let Some(ResistModel::Volume(truth)) = ResistModel::preset("film-on-barc") else {
            panic!("film-on-barc is in three dimensions")
        };
        let source = PairSource::Shown { intensity: Arc::new(image()), pixel_nm: 4.0, truth };
        let job = CalibrationJob::start(order(source), || {}).unwrap();
        job.pause(true);
        assert!(job.is_paused());
        drop(job);
    }
}
