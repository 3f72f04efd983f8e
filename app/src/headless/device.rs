//! Which device a person's words take, and what is said about it.

use std::sync::Arc;

use lithoscope_engine::device::{BackendChoice, Compute, Devices};
use serde::Serialize;

use super::prepare::cache_dir;

/// What computes the iterations of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// The processor.
    #[default]
    Cpu,
    /// The best device that Vulkan, Metal or Direct3D 12 drive.
    Wgpu,
    /// The first Nvidia device, through its own driver.
    Cuda,
    /// The fastest of these that computes rightly.
    Auto,
}

impl From<Backend> for BackendChoice {
    fn from(backend: Backend) -> Self {
        match backend {
            Backend::Cpu => Self::Cpu,
            Backend::Wgpu => Self::Wgpu,
            Backend::Cuda => Self::Cuda,
            Backend::Auto => Self::Auto,
        }
    }
}

/// A device that was taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// The device; the processor where there is none.
    pub device: Option<Arc<dyn Compute>>,
    /// Lines a person should read: what was passed over and why, and what computes now.
    pub notes: Vec<String>,
}

/// The devices of this machine; kernels compiled for CUDA are kept where lens kernels are.
pub fn devices() -> Devices {
    Devices::find(cache_dir().map(|folder| folder.join("cuda")))
}

/// Takes what a person asked for; where it cannot be had, the processor, with the reason.
pub fn take(backend: Backend) -> Taken {
    // Looking for devices takes a while.
    if backend == Backend::Cpu {
        return Taken::default();
    }
    take_from(&devices(), backend)
}

/// The same out of some devices.
pub fn take_from(devices: &Devices, backend: Backend) -> Taken {
    if backend == Backend::Cpu {
        return Taken::default();
    }
    let selected = devices.select(backend.into());
    let mut notes: Vec<String> =
        selected.passed_over.iter().map(|reason| format!("passed over: {reason}")).collect();
    notes.push(match &selected.device {
        Some(device) => format!("computing on {}", title(&**device)),
        None => "computing on the processor".to_owned(),
    });
    Taken { device: selected.device, notes }
}

/// A device's name and backend.
pub fn title(device: &dyn Compute) -> String {
    let info = device.info();
    format!("{} ({})", info.name, info.backend.word())
}
