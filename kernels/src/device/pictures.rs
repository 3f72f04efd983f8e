//! Images of a mask as a window shows them: intensities on any grid, and their colours in memory
//! that a window on the same device draws from.

use super::correction::{Sampling, resample, step};
use super::inner::{BAND_MAP, COLOUR_MAP};
use super::kernel::Value;
use super::resist::Table;
use super::{
    Buffer, Compute, DeviceError, GridWeights, Imaging, ImagingSetup, MaskEdge, Program, download,
    room, upload,
};
use crate::depth::LinearTable;

/// Rows of shades begin at multiples of so many pixels: what copies into textures ask for.
const ROW_PIXELS: usize = 64;

/// What pictures are made of.
#[derive(Clone, Debug)]
pub struct PictureSetup<'a> {
    /// Optics; for one clip.
    pub imaging: ImagingSetup<'a>,
    /// Weights from the exact grid to the picture's.
    pub grid: GridWeights<'a>,
    /// Which image the inner corner of the PV band is taken of.
    pub inner: usize,
    /// Colours of the intensities from 0 on: R, G, B, A from the lowest byte up, premultiplied.
    pub colours: &'a [u32; 256],
}

/// Makes pictures of one size on one device.
pub struct Pictures {
    imaging: Imaging,
    sampling: Sampling,
    inner: usize,
    half_way: Buffer,
    images: Buffer,
    colours: Buffer,
    settings: Buffer,
    program: Option<Program>,
}

/// A picture in colours, on the device they were made on.
#[derive(Clone, Debug)]
pub struct Shades {
    /// Words R, G, B, A from the lowest byte up, premultiplied, top row first.
    pub words: Buffer,
    /// Pixels: `[ny, nx]`.
    pub shape: [usize; 2],
    /// Words from one row to the next: a multiple of 64.
    pub row: usize,
}

impl Pictures {
    /// A plan on a device.
    ///
    /// # Errors
    /// Weights that do not fit the optics' grid, no such inner image, or too little memory.
    pub fn new(device: &dyn Compute, setup: &PictureSetup<'_>) -> Result<Self, DeviceError> {
        let imaging = Imaging::new(device, &setup.imaging)?;
        let (n, sets) = (imaging.grid, imaging.sets);
        let names = ["picture rows", "picture columns"];
        let sampling = Sampling::new(device, names, &[setup.grid], n, 1)?;
        let [ny, nx] = sampling.shape;
        if ny == 0
            || nx == 0
            || setup.inner >= sets
            || imaging.clips != 1
            || ny.saturating_mul(nx) >= 1 << 28
        {
            let reason = format!("{ny} x {nx} pixels do not fit the optics");
            return Err(DeviceError::Input { what: "pictures", reason });
        }
        Ok(Self {
            sampling,
            inner: setup.inner,
            half_way: room(device, "half-way pictures", sets * n * ny)?,
            images: room(device, "pictures", sets * ny * nx)?,
            colours: upload(device, "colours", setup.colours)?,
            settings: room(device, "picture settings", 3)?,
            program: None,
            imaging,
        })
    }

    /// Intensities of the mask with these edges, `[image, ny, nx]`, into `out`.
    ///
    /// # Errors
    /// Too many edges, or a device that fails.
    pub fn image(
        &mut self,
        device: &dyn Compute,
        edges: &[MaskEdge],
        out: &mut Vec<f32>,
    ) -> Result<(), DeviceError> {
        if self.imaging.set_edges(device, &[edges])? {
            self.program = None;
        }
        let program = match self.program.take() {
            Some(program) => program,
            None => device.record(&self.imaging_steps())?,
        };
        device.run(&program)?;
        self.program = Some(program);
        out.clear();
        let [ny, nx] = self.sampling.shape;
        out.resize(self.imaging.sets * ny * nx, 0.0);
        download(device, &self.images, out)
    }

    /// Colours of the images made last: the intensity through the map of colours, with `range` at
    /// its top, and the PV band as white of the alpha that is the share of the pixel; `levels` are
    /// the intensities that print just so at the outer and the inner corner. Does not wait for the
    /// device.
    ///
    /// # Errors
    /// Too little memory, or a device that fails.
    pub fn shades(
        &self,
        device: &dyn Compute,
        range: f32,
        levels: [f32; 2],
    ) -> Result<[Shades; 2], DeviceError> {
        let shades =
            [self.unshaded(device, "aerial shades")?, self.unshaded(device, "band shades")?];
        let settings = [255.0 / range, levels[0], levels[1]];
        device.write(&self.settings, 0, bytemuck::cast_slice(&settings))?;
        device.run(&device.record(&self.shading_steps(&shades))?)?;
        Ok(shades)
    }

    /// Developed depth in the first of the images made last, by its table, through a map of colours
    /// with the table's largest depth at the top. Does not wait for the device.
    ///
    /// # Errors
    /// Too little memory, or a device that fails.
    pub fn depth_shades(
        &self,
        device: &dyn Compute,
        table: &LinearTable,
        colours: &[u32; 256],
    ) -> Result<Shades, DeviceError> {
        let shades = self.unshaded(device, "depth shades")?;
        let [ny, nx] = self.sampling.shape;
        let depth = room(device, "developed depth", ny * nx)?;
        let colours = upload(device, "colours of depth", colours)?;
        let settings = upload(device, "settings of depth", &[255.0 / table.most()])?;
        let table = Table::new(device, &table.cells(), table.per_step(), table.most())?;
        let steps = [
            table.step(&self.images, &depth, ny * nx),
            self.coloured([&depth, &colours, &settings], &shades),
        ];
        device.run(&device.record(&steps)?)?;
        Ok(shades)
    }

    /// Memory of its own for a picture: what was made before may still be on the screen.
    fn unshaded(&self, device: &dyn Compute, what: &'static str) -> Result<Shades, DeviceError> {
        let [ny, nx] = self.sampling.shape;
        let row = nx.next_multiple_of(ROW_PIXELS);
        let words = device.allocate(what, (4 * ny * row) as u64)?;
        Ok(Shades { words, shape: [ny, nx], row })
    }

    /// From edges to intensities.
    pub fn imaging_steps(&self) -> Vec<super::Step> {
        let mut steps = self.imaging.forward_steps();
        steps.extend(resample(
            self.imaging.images(),
            &self.sampling,
            [&self.half_way, &self.images],
            self.imaging.grid,
            [self.imaging.sets, 1],
        ));
        steps
    }

    /// From intensities to colours: aerial image, PV band.
    pub fn shading_steps(&self, [aerial, band]: &[Shades; 2]) -> Vec<super::Step> {
        let mut with_inner = sizes(band);
        with_inner.push(("INNER", self.inner as u32));
        vec![
            self.coloured([&self.images, &self.colours, &self.settings], aerial),
            step(
                &BAND_MAP,
                with_inner,
                &[&self.images, &self.settings, &band.words],
                self.groups(BAND_MAP.threads),
            ),
        ]
    }

    /// An image through a map of colours: image, colours, settings.
    fn coloured(&self, [image, colours, settings]: [&Buffer; 3], shades: &Shades) -> super::Step {
        let buffers = [image, colours, settings, &shades.words];
        step(&COLOUR_MAP, sizes(shades), &buffers, self.groups(COLOUR_MAP.threads))
    }

    fn groups(&self, threads: u32) -> [usize; 3] {
        let [ny, nx] = self.sampling.shape;
        [(ny * nx).div_ceil(threads as usize), 1, 1]
    }
}

fn sizes(shades: &Shades) -> Vec<Value> {
    let [ny, nx] = shades.shape;
    vec![("NX", nx as u32), ("NY", ny as u32), ("ROW", shades.row as u32)]
}
