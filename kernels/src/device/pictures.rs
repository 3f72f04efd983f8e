//! Images of a mask as a window shows them: intensities on any grid, and their colours in memory
//! that a window on the same device draws from.

use super::correction::{Sampling, resample, step};
use super::inner::{BAND_MAP, COLOUR_MAP};
use super::{
    Buffer, Compute, DeviceError, GridWeights, Imaging, ImagingSetup, MaskEdge, Program, download,
    room, upload,
};

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

/// A picture's colours, on the device they were made on.
#[derive(Clone, Debug)]
pub struct Shades {
    /// The intensity through the map of colours: words R, G, B, A from the lowest byte up, top row
    /// first.
    pub aerial: Buffer,
    /// The PV band as white of the alpha that is the share of the pixel, premultiplied.
    pub band: Buffer,
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

    /// Colours of the images made last: `range` is the intensity at the top of the map, `levels`
    /// those that print just so at the outer and the inner corner. Does not wait for the device.
    ///
    /// # Errors
    /// Too little memory, or a device that fails.
    pub fn shades(
        &self,
        device: &dyn Compute,
        range: f32,
        levels: [f32; 2],
    ) -> Result<Shades, DeviceError> {
        let [ny, nx] = self.sampling.shape;
        let row = nx.next_multiple_of(ROW_PIXELS);
        let bytes = (4 * ny * row) as u64;
        // Memory of its own: what was made before may still be on the screen.
        let shades = Shades {
            aerial: device.allocate("aerial shades", bytes)?,
            band: device.allocate("band shades", bytes)?,
            shape: [ny, nx],
            row,
        };
        let settings = [255.0 / range, levels[0], levels[1]];
        device.write(&self.settings, 0, bytemuck::cast_slice(&settings))?;
        device.run(&device.record(&self.shading_steps(&shades))?)?;
        Ok(shades)
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

    /// From intensities to colours.
    pub fn shading_steps(&self, shades: &Shades) -> Vec<super::Step> {
        let [ny, nx] = self.sampling.shape;
        let value = |name, number: usize| (name, number as u32);
        let sizes = vec![value("NX", nx), value("NY", ny), value("ROW", shades.row)];
        let groups = |threads: u32| [(ny * nx).div_ceil(threads as usize), 1, 1];
        let mut with_inner = sizes.clone();
        with_inner.push(value("INNER", self.inner));
        vec![
            step(
                &COLOUR_MAP,
                sizes,
                &[&self.images, &self.colours, &self.settings, &shades.aerial],
                groups(COLOUR_MAP.threads),
            ),
            step(
                &BAND_MAP,
                with_inner,
                &[&self.images, &self.settings, &shades.band],
                groups(BAND_MAP.threads),
            ),
        ]
    }
}
