//! The calibration tab: fit a resist to what was printed, and see it happen.

mod outcome;
mod setup;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{ColorImage, TextureHandle, Ui, vec2};
use lithoscope_engine::resist::calibrate::CalibrationStep;

use super::action::Action;
use super::panels::column;
use super::run_view::RunView;
use crate::worker::{CalibrationJob, CalibrationNews, CalibrationOrder, CalibrationResult};

/// Width of the left column, points.
const SETUP: f32 = 290.0;
/// Space between columns, points.
const GAP: f32 = 14.0;

/// What the tab shows and what runs behind it.
pub struct CalibrateView {
    /// Name of the resist to start from.
    start: &'static str,
    /// Names of the parameters that are fitted.
    free: Vec<String>,
    steps: usize,
    /// Folder of measured pairs, once one was chosen.
    folder: Option<PathBuf>,
    /// Pixel of its images, nm.
    pixel_nm: f64,
    job: Option<CalibrationJob>,
    running: bool,
    history: Vec<CalibrationStep>,
    /// Names of what the steps' values are of.
    fitted: Vec<String>,
    before: Option<Arc<ColorImage>>,
    result: Option<Arc<CalibrationResult>>,
    problem: Option<String>,
    show_before: bool,
    texture: Option<(bool, TextureHandle)>,
}

impl Default for CalibrateView {
    fn default() -> Self {
        Self {
            start: "torchresist-iccad13",
            free: ["dose", "diffusion_nm"].map(str::to_owned).to_vec(),
            steps: 200,
            folder: None,
            pixel_nm: 1.0,
            job: None,
            running: false,
            history: Vec::new(),
            fitted: Vec::new(),
            before: None,
            result: None,
            problem: None,
            show_before: false,
            texture: None,
        }
    }
}

impl CalibrateView {
    /// Takes a folder of measured pairs.
    pub fn take_folder(&mut self, folder: PathBuf) {
        self.folder = Some(folder);
    }

    /// Starts a calibration in place of any before.
    pub fn start(&mut self, order: CalibrationOrder, ctx: &egui::Context) {
        self.history.clear();
        self.fitted.clone_from(&order.free);
        (self.before, self.result, self.problem, self.texture) = (None, None, None, None);
        let waker = ctx.clone();
        match CalibrationJob::start(order, move || waker.request_repaint()) {
            Ok(job) => {
                self.job = Some(job);
                self.running = true;
            }
            Err(e) => self.problem = Some(format!("its thread could not be started: {e}")),
        }
    }

    /// Takes what the job told since the last frame.
    pub fn begin_frame(&mut self) {
        let Some(job) = &self.job else { return };
        let mut ended = false;
        for news in job.drain() {
            match news {
                CalibrationNews::Before(image) => self.before = Some(image),
                CalibrationNews::Step(step) => self.history.push(step),
                CalibrationNews::Done(result) => {
                    self.result = Some(Arc::from(result));
                    self.texture = None;
                    ended = true;
                }
                CalibrationNews::Failed(why) => {
                    self.problem = Some(why);
                    ended = true;
                }
            }
        }
        if ended {
            self.job = None;
            self.running = false;
        }
    }

    /// The finished calibration.
    pub fn result(&self) -> Option<&Arc<CalibrationResult>> {
        self.result.as_ref()
    }

    /// Gives the calibration up.
    fn stop(&mut self) {
        self.job = None;
        self.running = false;
    }
}

/// Shows the tab.
pub fn show(ui: &mut Ui, view: &mut CalibrateView, run: &RunView, actions: &mut Vec<Action>) {
    let room = ui.available_size();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        column(ui, vec2(SETUP, room.y), |ui| setup::show(ui, view, run, actions));
        let rest = (room.x - SETUP - 3.0 * GAP).max(200.0);
        column(ui, vec2(0.42 * rest, room.y), |ui| outcome::progress(ui, view));
        column(ui, vec2(0.34 * rest, room.y), |ui| outcome::scores(ui, view, actions));
        column(ui, vec2(0.24 * rest, room.y), |ui| outcome::overlay(ui, view));
    });
}
