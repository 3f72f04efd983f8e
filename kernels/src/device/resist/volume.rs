//! A film in three dimensions on a device: exposed, baked and developed.

use ndarray::{Array3, ArrayView2};

use super::bake::{BakePart, BakeSetup};
use super::front::{Front, FrontStart};
use super::table::Table;
use super::{ExposedLayer, flat, room, value, voxels};
use crate::device::inner::EXPOSE;
use crate::device::kernel::Step;
use crate::device::{Buffer, Compute, DeviceError, Program, download, upload};

/// What a film is made of and done to. Lengths are in one unit of choice, as are times.
#[derive(Clone, Debug)]
pub struct VolumeSetup<'a> {
    /// Voxels along z, y, x.
    pub shape: [usize; 3],
    /// Their size along z, y, x.
    pub spacing: [f64; 3],
    /// Images, each `[y, x]`.
    pub planes: Vec<ArrayView2<'a, f32>>,
    /// Layers from the top down.
    pub layers: Vec<ExposedLayer>,
    /// Bleachable and other absorption by length: Dill's A and B.
    pub absorption: [f32; 2],
    /// The bake.
    pub bake: BakeSetup,
    /// Dissolution rates at equally spaced inhibitor concentrations from 0 to 1, at least two.
    pub rates: &'a [f32],
}

/// A film on a device. Images go in as it is made; what is left of the photoactive compound, the
/// inhibitor and arrival times stay on the device until they are read.
pub struct Volume {
    shape: [usize; 3],
    planes: usize,
    latent: Buffer,
    inhibitor: Buffer,
    exposure: Step,
    exposed: Program,
    bake: BakePart,
    rating: Step,
    rated: Program,
    front: Front,
}

fn bad(reason: String) -> DeviceError {
    DeviceError::Input { what: "resist volume", reason }
}

fn check(setup: &VolumeSetup<'_>) -> Result<usize, DeviceError> {
    let all = voxels("resist volume", setup.shape)?;
    let [nz, ny, nx] = setup.shape;
    if setup.planes.is_empty() || setup.planes.iter().any(|plane| plane.dim() != (ny, nx)) {
        return Err(bad(format!("images must be there and of {ny} x {nx} pixels")));
    }
    voxels("images of a resist volume", [setup.planes.len(), ny, nx])?;
    if setup.layers.len() != nz {
        return Err(bad(format!("{} layers are given for {nz}", setup.layers.len())));
    }
    let count = setup.planes.len() as u32;
    if setup.layers.iter().any(|layer| layer.upper >= count || layer.lower >= count) {
        return Err(bad(format!("a layer lies between images that are not among the {count}")));
    }
    if setup.rates.len() < 2 {
        return Err(bad("rates are needed at two concentrations at least".to_owned()));
    }
    Ok(all)
}

impl Volume {
    /// Takes a film to a device.
    ///
    /// # Errors
    /// Parts that do not fit each other, or too little memory.
    pub fn new(device: &dyn Compute, setup: &VolumeSetup<'_>) -> Result<Self, DeviceError> {
        let all = check(setup)?;
        let [nz, ny, nx] = setup.shape;
        let pixels = ny * nx;
        let images = room(device, "images", setup.planes.len() * pixels)?;
        for (place, plane) in setup.planes.iter().enumerate() {
            let plane: Vec<f32> = plane.iter().copied().collect();
            device.write(&images, 4 * (place * pixels) as u64, bytemuck::cast_slice(&plane))?;
        }
        let layers = upload(device, "layers", &setup.layers)?;
        let [a, b] = setup.absorption;
        let settings = upload(device, "exposure settings", &[a, b, setup.spacing[0] as f32])?;
        let latent = room(device, "photoactive compound", all)?;
        let inhibitor = room(device, "inhibitor", all)?;
        let times = room(device, "arrival times", all)?;
        let rates = room(device, "rates", all)?;
        let sides = room(device, "sides of the front", all)?;
        let exposure = flat(
            &EXPOSE,
            pixels,
            vec![value("PIXELS", pixels), value("LAYERS", nz)],
            &[&images, &layers, &settings, &latent],
        );
        let cells: Vec<[f32; 2]> =
            setup.rates.windows(2).map(|pair| [pair[0], pair[1] - pair[0]]).collect();
        let table = Table::new(device, &cells, cells.len() as f32, f32::INFINITY)?;
        let rating = table.step(&inhibitor, &rates, all);
        let ends = [&latent, &inhibitor];
        let bake = BakePart::new(device, &setup.bake, setup.shape, ends, [&times, &rates, &sides])?;
        let held = [rates, times, sides];
        Ok(Self {
            front: Front::new(device, setup.shape, setup.spacing, FrontStart::Top, held)?,
            shape: setup.shape,
            planes: setup.planes.len(),
            exposed: device.record(std::slice::from_ref(&exposure))?,
            rated: device.record(std::slice::from_ref(&rating))?,
            exposure,
            rating,
            bake,
            latent,
            inhibitor,
        })
    }

    /// What exposure left of the photoactive compound, `[z, y, x]` f32.
    pub fn latent(&self) -> &Buffer {
        &self.latent
    }

    /// Relative inhibitor concentration after the bake, `[z, y, x]` f32.
    pub fn inhibitor(&self) -> &Buffer {
        &self.inhibitor
    }

    /// Arrival times of the developer, `[z, y, x]` f32.
    pub fn times(&self) -> &Buffer {
        self.front.times()
    }

    /// Every step once, in the order in which they run.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = vec![self.exposure.clone()];
        steps.extend(self.bake.steps().concat());
        steps.push(self.rating.clone());
        steps.extend(self.front.steps().concat());
        steps
    }

    /// Bytes that must move in exposure, bake and development (with its rates).
    pub fn least_bytes(&self) -> [u64; 3] {
        let [nz, ny, nx] = self.shape;
        let images = (self.planes * ny * nx) as u64;
        let all = (nz * ny * nx) as u64;
        [4 * (images + all), self.bake.least_bytes(), 8 * all + self.front.least_bytes()]
    }

    /// Exposes; does not wait.
    ///
    /// # Errors
    /// A device that fails.
    pub fn expose(&self, device: &dyn Compute) -> Result<(), DeviceError> {
        device.run(&self.exposed)
    }

    /// Bakes what was exposed. `go_on` is asked between turns with the share that is done; `false`
    /// if it said no.
    ///
    /// # Errors
    /// A device that fails.
    pub fn bake(
        &self,
        device: &dyn Compute,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<bool, DeviceError> {
        self.bake.run(device, go_on)
    }

    /// Develops what was baked: [`Front::run`].
    ///
    /// # Errors
    /// A device that fails.
    pub fn develop(
        &self,
        device: &dyn Compute,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<([usize; 2], bool)>, DeviceError> {
        device.run(&self.rated)?;
        self.front.run(device, go_on)
    }

    /// One of its buffers as an array `[z, y, x]`.
    ///
    /// # Errors
    /// A buffer of another size, or a device that fails.
    pub fn read(&self, device: &dyn Compute, buffer: &Buffer) -> Result<Array3<f32>, DeviceError> {
        let mut out = Array3::zeros(self.shape);
        if let Some(out) = out.as_slice_mut() {
            download(device, buffer, out)?;
        }
        Ok(out)
    }
}
