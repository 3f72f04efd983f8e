//! Pictures made on the window's own device, which the canvas draws from its memory.

use std::sync::{Arc, LazyLock};

use eframe::wgpu;
use egui::{Color32, ColorImage};
use lithoscope_engine::device::{DeviceError, Shades, WgpuDevice};
use lithoscope_engine::geometry::Polygon;
use lithoscope_engine::imaging::{DevicePictures, Grid, Imager};
use lithoscope_engine::resist::DepthTable;
use ndarray::Array2;

use super::picture::{depth_colours, light_colours};

/// The graphics device of a window.
#[derive(Clone, Debug)]
pub struct WindowDevice {
    /// What it is a device of.
    pub adapter: wgpu::Adapter,
    /// The device.
    pub device: wgpu::Device,
    /// Its work, in order.
    pub queue: wgpu::Queue,
}

/// An image in colours, ready to be drawn.
#[derive(Clone, Debug)]
pub enum Colours {
    /// Made on the processor, top row first.
    Image(Arc<ColorImage>),
    /// In memory of the window's device.
    Memory(ColourMemory),
}

/// Colours in memory of the window's device: R, G, B, A a byte each, premultiplied, top row first.
#[derive(Clone, Debug)]
pub struct ColourMemory {
    /// The memory.
    pub buffer: wgpu::Buffer,
    /// Width and height, pixels.
    pub size: [u32; 2],
    /// Bytes from one row to the next.
    pub row_bytes: u32,
}

/// Plans of one imager's pictures on the window's device, one for each grid that was asked for.
pub struct Drawing {
    device: Arc<WgpuDevice>,
    plans: Vec<DevicePictures>,
    failure: Option<DeviceError>,
}

/// Grids that plans are kept for: that of drafts and that of full pictures.
const PLANS: usize = 2;

impl Drawing {
    /// Nothing planned yet.
    pub fn new(device: Arc<WgpuDevice>) -> Self {
        Self { device, plans: Vec::new(), failure: None }
    }

    /// Why the device makes no more pictures.
    pub fn failure(&self) -> Option<&DeviceError> {
        self.failure.as_ref()
    }

    /// Intensities at best focus and at the inner corner's; `None` where the device cannot make
    /// them.
    pub fn images(
        &mut self,
        imager: &Imager,
        grid: &Grid,
        mask: &[Polygon],
    ) -> Option<[Array2<f32>; 2]> {
        if self.failure.is_some() || !mask.iter().all(Polygon::is_manhattan) {
            return None;
        }
        let made = self.plan(imager, grid).and_then(|plan| plan.image(imager, mask));
        self.kept(made)
    }

    /// Colours of the images made last: the aerial image and the PV band.
    pub fn colours(&mut self, grid: &Grid, range: f32, levels: [f32; 2]) -> Option<[Colours; 2]> {
        let plan = self.plans.iter().find(|plan| plan.grid() == grid)?;
        let made = plan.shades(range, levels);
        let [aerial, band] = self.kept(made)?;
        Some([self.memory(&aerial)?, self.memory(&band)?])
    }

    /// Colours of the developed depth at best focus, by its table.
    pub fn depth(&mut self, grid: &Grid, table: &DepthTable) -> Option<Colours> {
        let plan = self.plans.iter().find(|plan| plan.grid() == grid)?;
        let made = plan.depth_shades(table.table(), &DEPTH);
        let shades = self.kept(made)?;
        self.memory(&shades)
    }

    fn memory(&self, shades: &Shades) -> Option<Colours> {
        let buffer = self.device.memory(&shades.words)?;
        let [ny, nx] = shades.shape;
        let size = [nx as u32, ny as u32];
        Some(Colours::Memory(ColourMemory { buffer, size, row_bytes: 4 * shades.row as u32 }))
    }

    fn plan(&mut self, imager: &Imager, grid: &Grid) -> Result<&mut DevicePictures, DeviceError> {
        // The plan used last stands last.
        if let Some(at) = self.plans.iter().position(|plan| plan.grid() == grid) {
            let plan = self.plans.remove(at);
            self.plans.push(plan);
        } else {
            if self.plans.len() == PLANS {
                self.plans.remove(0);
            }
            let device = Arc::clone(&self.device);
            self.plans.push(DevicePictures::new(device, imager, grid, &LIGHT)?);
        }
        let last = self.plans.len() - 1;
        Ok(&mut self.plans[last])
    }

    fn kept<T>(&mut self, made: Result<T, DeviceError>) -> Option<T> {
        made.map_err(|error| self.failure = Some(error)).ok()
    }
}

/// The colours of light as words.
static LIGHT: LazyLock<[u32; 256]> = LazyLock::new(|| words(light_colours()));
/// Those of depth.
static DEPTH: LazyLock<[u32; 256]> = LazyLock::new(|| words(depth_colours()));

fn words(colours: &[Color32; 256]) -> [u32; 256] {
    colours.map(|colour| u32::from_le_bytes(colour.to_array()))
}
