//! What computes the iterations of runs.

use std::sync::Arc;

use lithoscope_engine::device::{Compute, DeviceError, WgpuDevice};
use lithoscope_engine::opc::OpcRun;

use super::{Engine, Stop};
use crate::headless::{self, Backend, Developer, Taken};
use crate::worker::Event;
use crate::worker::drawing::{Drawing, WindowDevice};

impl Engine {
    /// Takes a device for the run there is and those to come; the processor where it cannot be had,
    /// with the reason in the log.
    pub(super) fn take_backend(&mut self, backend: Backend) -> Result<(), Stop> {
        self.stage("Checking the device")?;
        let (taken, draws) = self.taken(backend);
        for note in taken.notes {
            self.tell(Event::Log(note));
        }
        self.device = taken.device;
        self.draws = draws;
        if let Some(mut run) = self.bench.as_mut().and_then(|bench| bench.run.take()) {
            run.use_processor();
            self.hand_over(&mut run);
            if let Some(bench) = &mut self.bench {
                bench.run = Some(run);
            }
        }
        let drawing = self.drawing();
        if let Some(bench) = &mut self.bench {
            bench.drawing = drawing;
        }
        self.shown.make_anew();
        self.tell_device();
        Ok(())
    }

    /// A device, and whether it is the window's own.
    fn taken(&self, backend: Backend) -> (Taken, Option<Arc<WgpuDevice>>) {
        let wanted = matches!(backend, Backend::Wgpu | Backend::Auto);
        let Some(window) = self.window.as_ref().filter(|_| wanted) else {
            return (headless::take(backend), None);
        };
        let WindowDevice { adapter, device, queue } = window.clone();
        let shared = Arc::new(WgpuDevice::shared(&adapter, device, queue));
        let taken = headless::take_from(&headless::devices().sharing(Arc::clone(&shared)), backend);
        let own = |device: &Arc<dyn Compute>| {
            std::ptr::addr_eq(Arc::as_ptr(device), Arc::as_ptr(&shared))
        };
        let draws = taken.device.as_ref().is_some_and(own).then_some(shared);
        (taken, draws)
    }

    /// What makes pictures on the window's device, where that computes.
    pub(super) fn drawing(&self) -> Option<Drawing> {
        self.draws.clone().map(Drawing::new)
    }

    /// Says it when the window's device has failed at a picture, and does without it from then on.
    pub(super) fn watch_drawing(&mut self) {
        let Some(bench) = &mut self.bench else { return };
        let failure = bench.drawing.as_ref().and_then(Drawing::failure).map(ToString::to_string);
        if let Some(failure) = failure {
            bench.drawing = None;
            self.tell(Event::Log(format!("Drawing from the processor: {failure}")));
        }
    }

    /// Hands a run's iterations to the device, if there is one that can do them.
    pub(super) fn hand_over(&self, run: &mut OpcRun) {
        let Some(device) = &self.device else { return };
        if let Err(error) = run.use_device(Arc::clone(device)) {
            self.tell(Event::Log(format!("Computing on the processor: {error}")));
        }
    }

    /// Says it when the device of the run has failed, and does without it from then on.
    pub(super) fn watch_device(&mut self) {
        let run = self.bench.as_ref().and_then(|bench| bench.run.as_ref());
        let Some(failure) = run.and_then(OpcRun::device_failure).map(ToString::to_string) else {
            return;
        };
        if self.device.take().is_some() {
            self.tell(Event::Log(format!("Computing on the processor: {failure}")));
            self.tell_device();
        }
    }

    /// Says it when the device has failed at a resist, and does without it where it is lost or
    /// computes wrongly; what is too large for it is the processor's this once.
    pub(super) fn watch_developer(&mut self, developer: &Developer) {
        let Some(failure) = developer.failure() else { return };
        self.tell(Event::Log(format!("Resist developed on the processor: {failure}")));
        let is_gone = matches!(failure, DeviceError::Lost { .. } | DeviceError::SelfCheck { .. });
        if is_gone && self.device.take().is_some() {
            self.tell_device();
        }
    }

    fn tell_device(&self) {
        self.tell(Event::Device(self.device.as_ref().map(|device| headless::title(&**device))));
    }
}
