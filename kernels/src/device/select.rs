//! Which devices there are, whether they compute rightly, and which one to take.

use std::path::PathBuf;
use std::sync::Arc;

use ndarray::Array3;
use num_complex::Complex32;

use super::error::Error64;
use super::{
    Adapters, BackendKind, Compute, CudaDevice, DeviceError, DeviceInfo, DeviceKind, Imaging,
    ImagingSetup, MaskEdge, Reference, WgpuDevice, arrival, coverage, download,
};
use crate::eikonal;
use crate::raster::{self, RasterGrid};
use crate::spectrum::Edge;

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendChoice {
    /// The processor.
    Cpu,
    /// The best device that wgpu drives.
    Wgpu,
    /// The first device of CUDA.
    Cuda,
    /// The fastest that computes rightly; the processor where there is only a software driver.
    Auto,
}

impl BackendChoice {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Wgpu, Self::Cuda, Self::Auto];

    /// The word for it on the command line and in recipes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
            Self::Auto => "auto",
        }
    }
}

/// A device that was taken, or the processor, and why.
#[derive(Clone, Debug)]
pub struct Selected {
    /// The device; `None` is the processor.
    pub device: Option<Arc<dyn Compute>>,
    /// What was passed over, and why.
    pub passed_over: Vec<DeviceError>,
}

/// The devices of this machine.
#[derive(Debug)]
pub struct Devices {
    adapters: Adapters,
    /// In the order of [`Devices::open`].
    infos: Vec<DeviceInfo>,
    /// Why there are none of CUDA.
    missing_cuda: Option<DeviceError>,
    /// Where CUDA keeps compiled kernels.
    cache: Option<PathBuf>,
    /// A device of wgpu that is open already.
    shared: Option<Arc<WgpuDevice>>,
}

impl Devices {
    /// Looks for devices: those of CUDA, then those of wgpu. Kernels compiled for CUDA are kept in
    /// `cache`, if there is one.
    pub fn find(cache: Option<PathBuf>) -> Self {
        let adapters = Adapters::find();
        let (mut infos, missing_cuda) = match CudaDevice::infos() {
            Ok(infos) => (infos, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        infos.extend(adapters.infos());
        Self { adapters, infos, missing_cuda, cache, shared: None }
    }

    /// Takes the window's own device in place of opening its adapter again.
    #[must_use]
    pub fn sharing(mut self, device: Arc<WgpuDevice>) -> Self {
        self.shared = Some(device);
        self
    }

    /// What each of them is.
    pub fn infos(&self) -> &[DeviceInfo] {
        &self.infos
    }

    /// Why CUDA drives none, where that is so.
    pub fn missing_cuda(&self) -> Option<&DeviceError> {
        self.missing_cuda.as_ref()
    }

    /// Opens one, by its place in [`Devices::infos`].
    ///
    /// # Errors
    /// No such device, or a driver that refuses.
    pub fn open(&self, index: usize) -> Result<Arc<dyn Compute>, DeviceError> {
        let cuda = self.infos.iter().filter(|info| info.backend == BackendKind::Cuda).count();
        if index < cuda {
            return Ok(Arc::new(CudaDevice::open(index, self.cache.clone())?));
        }
        let wanted = self.infos.get(index).map(|info| (&info.name, &info.driver));
        match &self.shared {
            Some(shared) if wanted == Some((&shared.info().name, &shared.info().driver)) => {
                Ok(Arc::clone(shared) as Arc<dyn Compute>)
            }
            _ => Ok(Arc::new(self.adapters.open(index - cuda)?)),
        }
    }

    /// Takes a device: the best of its kind that passes [`self_check`], else the processor.
    pub fn select(&self, choice: BackendChoice) -> Selected {
        let mut selected = Selected { device: None, passed_over: Vec::new() };
        let wanted = |info: &DeviceInfo| match choice {
            BackendChoice::Cpu => false,
            BackendChoice::Wgpu => info.backend == BackendKind::Wgpu,
            BackendChoice::Cuda => info.backend == BackendKind::Cuda,
            // A driver that runs on the processor is slower than the processor's own path.
            BackendChoice::Auto => info.kind != DeviceKind::Processor,
        };
        let mut places: Vec<usize> =
            (0..self.infos.len()).filter(|i| wanted(&self.infos[*i])).collect();
        places.sort_by_key(|i| rank(&self.infos[*i]));
        for place in places {
            let opened = self.open(place);
            match opened.and_then(|device| self_check(&*device).map(|()| device)) {
                Ok(device) => {
                    selected.device = Some(device);
                    return selected;
                }
                Err(error) => selected.passed_over.push(error),
            }
        }
        if selected.passed_over.is_empty() {
            let missing = |backend: BackendKind, reason: &str| DeviceError::Missing {
                backend: backend.word(),
                reason: reason.to_owned(),
            };
            let none = "no Vulkan, Metal or Direct3D 12 driver was found";
            selected.passed_over.extend(match choice {
                BackendChoice::Cpu | BackendChoice::Auto => None,
                BackendChoice::Wgpu => Some(missing(BackendKind::Wgpu, none)),
                BackendChoice::Cuda => self
                    .missing_cuda
                    .clone()
                    .or_else(|| Some(missing(BackendKind::Cuda, "there is no such device"))),
            });
        }
        selected
    }
}

/// Fast ones first.
fn rank(info: &DeviceInfo) -> u8 {
    match info.kind {
        _ if info.backend == BackendKind::Cuda => 0,
        DeviceKind::Discrete => 1,
        DeviceKind::Integrated => 2,
        DeviceKind::Other => 3,
        DeviceKind::Processor => 4,
    }
}

/// Compares a device with the processor on a small raster and a small image with its gradient.
/// Takes well under 2 s, most of it the device's compiler.
///
/// # Errors
/// [`DeviceError::SelfCheck`] names what is off and by how much; else what failed.
pub fn self_check(device: &dyn Compute) -> Result<(), DeviceError> {
    judge(device, "the coverage of pixels", raster_error(device)?, 1e-5)?;
    let twins = Reference::new();
    let (found, wanted) = (image(device)?, image(&twins)?);
    judge(device, "an image", apart(&found[0], &wanted[0]), 2e-6)?;
    judge(device, "the gradient of edges", apart(&found[1], &wanted[1]), 1e-4)
}

/// Compares a small front of development with the processor's. Its kernel takes the compilers of
/// devices seconds, so that it is not a part of [`self_check`] but made before a front is asked for.
///
/// # Errors
/// As [`self_check`].
pub fn front_check(device: &dyn Compute) -> Result<(), DeviceError> {
    let rate = Array3::from_shape_fn((9, 12, 14), |(z, y, x)| {
        let light = (0.4 * x as f32).sin() * (0.3 * y as f32).cos();
        0.2 + 6.0 * light * light + 0.1 * z as f32
    });
    let spacing = [3.0, 2.0, 2.0];
    let found = arrival(device, rate.view(), spacing, eikonal::Start::Top, &mut || true)?;
    let wanted = eikonal::arrival(rate.view(), spacing, eikonal::Start::Top, &mut || true);
    let times = |arrival: Option<eikonal::Arrival>| {
        arrival.map_or_else(Vec::new, |arrival| arrival.times.iter().copied().collect())
    };
    let (found, wanted) = (times(found), times(wanted));
    let error = if found.len() == wanted.len() { apart(&found, &wanted) } else { f64::INFINITY };
    judge(device, "the front of development", error, 1e-3)
}

fn judge(
    device: &dyn Compute,
    what: &'static str,
    error: f64,
    tolerance: f64,
) -> Result<(), DeviceError> {
    if error <= tolerance {
        return Ok(());
    }
    Err(DeviceError::SelfCheck {
        device: device.info().name.clone(),
        what,
        error: Error64(error),
        tolerance: Error64(tolerance),
    })
}

fn raster_error(device: &dyn Compute) -> Result<f64, DeviceError> {
    let grid = RasterGrid { origin: [0.0; 2], pixel: 1.0, nx: 150, ny: 100 };
    let star: Vec<[f64; 2]> = (0..14)
        .map(|i| {
            let t = f64::from(i) * std::f64::consts::TAU / 14.0;
            let radius = if i % 2 == 0 { 47.3 } else { 20.1 };
            [70.2 + radius * t.cos(), 50.6 + radius * t.sin()]
        })
        .collect();
    let block = [[120.25, 3.5], [140.0, 3.5], [140.0, 99.0], [120.25, 99.0]];
    let rings = [star.as_slice(), &block];
    let bad = |error: raster::RasterError| DeviceError::Input {
        what: "rasteriser",
        reason: error.to_string(),
    };
    let found = coverage(device, rings, &grid)?;
    let wanted = raster::coverage(rings, &grid).map_err(bad)?;
    let error = found.iter().zip(&wanted).map(|(a, b)| f64::from((a - b).abs()));
    Ok(error.fold(0.0, worse))
}

/// An image on its exact grid, and the gradient of a smooth loss of it.
fn image(device: &dyn Compute) -> Result<[Vec<f32>; 2], DeviceError> {
    const HALF: usize = 4;
    const GRID: usize = 18;
    let width = 2 * HALF + 1;
    let spectra = Array3::from_shape_fn((5, width, width), |(k, n, m)| {
        let t = (k * 31 + n * 7 + m * 3) as f32;
        Complex32::new(t.sin(), (1.7 * t).cos()) * 0.4
    });
    let setup = ImagingSetup {
        period: 300.0,
        half: HALF,
        grid: GRID,
        pixel: Some(1.0),
        sets: vec![(spectra.view(), &[1.0, 0.5, 0.3, 0.2, 0.1])],
        change: Complex32::new(1.0, 0.0),
        background: Complex32::default(),
        clips: 1,
    };
    let side = |at: f64, from: f64, to: f64, is_horizontal: bool| MaskEdge {
        edge: Edge { at, from, to },
        is_horizontal,
    };
    let edges = [
        side(170.0, 60.0, 240.0, false),
        side(240.0, 170.0, 90.0, true),
        side(90.0, 240.0, 60.0, false),
        side(60.0, 90.0, 170.0, true),
    ];
    let mut plan = Imaging::new(device, &setup)?;
    plan.set_edges(device, &[&edges])?;
    let slope = |i: usize| {
        let turn = |i: usize| i as f32 / GRID as f32 * std::f32::consts::TAU;
        (turn(i % GRID) + 2.0 * turn(i / GRID)).sin() + 0.3
    };
    let slopes: Vec<f32> = (0..GRID * GRID).map(slope).collect();
    device.write(plan.gradients(), 0, bytemuck::cast_slice(&slopes))?;
    let steps = [plan.forward_steps(), plan.adjoint_steps()].concat();
    device.run(&device.record(&steps)?)?;
    let mut found = vec![0.0; GRID * GRID];
    download(device, plan.images(), &mut found)?;
    let mut read = vec![0.0; plan.edge_gradients().bytes() as usize / 4];
    download(device, plan.edge_gradients(), &mut read)?;
    let mut gradient = Vec::new();
    plan.sorted(0, &read, &mut gradient);
    Ok([found, gradient])
}

/// Largest difference, of the largest number in the second; NaN where one is no number.
fn apart(found: &[f32], wanted: &[f32]) -> f64 {
    let most = wanted.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
    let error = found.iter().zip(wanted).map(|(a, b)| f64::from((a - b).abs()));
    error.fold(0.0, worse) / f64::from(most)
}

/// The larger error; NaN stays.
fn worse(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}
