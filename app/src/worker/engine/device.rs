//! What computes the iterations of runs.

use std::sync::Arc;

use lithoscope_engine::opc::OpcRun;

use super::{Engine, Stop};
use crate::headless::{self, Backend};
use crate::worker::Event;

impl Engine {
    /// Takes a device for the run there is and those to come; the processor where it cannot be had,
    /// with the reason in the log.
    pub(super) fn take_backend(&mut self, backend: Backend) -> Result<(), Stop> {
        self.stage("Checking the device")?;
        let taken = headless::take(backend);
        for note in taken.notes {
            self.tell(Event::Log(note));
        }
        self.device = taken.device;
        if let Some(mut run) = self.bench.as_mut().and_then(|bench| bench.run.take()) {
            run.use_processor();
            self.hand_over(&mut run);
            if let Some(bench) = &mut self.bench {
                bench.run = Some(run);
            }
        }
        self.tell_device();
        Ok(())
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

    fn tell_device(&self) {
        self.tell(Event::Device(self.device.as_ref().map(|device| headless::title(&**device))));
    }
}
