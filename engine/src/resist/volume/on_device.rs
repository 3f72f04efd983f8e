//! Films on a device, with the same inputs as the processor's.

use lithoscope_kernels::device::{Compute, DeviceError, Volume, VolumeSetup, front_check};

use super::develop::{Film, ask};
use super::{Aerial, Developed, Progress, Stage, VolumeGrid, VolumeResist, bake, expose};
use crate::resist::ResistError;

/// Why a device did not develop a film.
enum Stop {
    /// What went wrong on it.
    Device(DeviceError),
    /// The caller asked for it.
    Cancelled,
}

impl From<DeviceError> for Stop {
    fn from(error: DeviceError) -> Self {
        Self::Device(error)
    }
}

/// Develops a film as [`super::develop`] does, on a device where there is one; depths agree within
/// 0.05 nm. A device that fails is done without: the processor begins anew, and the reason is
/// returned beside the film.
///
/// # Errors
/// As [`super::develop`].
pub fn develop_on(
    device: Option<&dyn Compute>,
    resist: &VolumeResist,
    aerial: &Aerial,
    grid: VolumeGrid,
    proceed: &mut dyn FnMut(Progress) -> bool,
) -> Result<(Developed, Option<DeviceError>), ResistError> {
    let film = Film::new(resist, aerial, grid)?;
    let Some(device) = device else { return Ok((film.develop(proceed)?, None)) };
    match on_device(&film, device, proceed) {
        Ok(developed) => Ok((developed, None)),
        Err(Stop::Cancelled) => Err(ResistError::Cancelled),
        Err(Stop::Device(error)) => Ok((film.develop(proceed)?, Some(error))),
    }
}

fn on_device(
    film: &Film<'_, '_>,
    device: &dyn Compute,
    proceed: &mut dyn FnMut(Progress) -> bool,
) -> Result<Developed, Stop> {
    let Film { resist, planes, grid, shape, standing_wave } = film;
    let mut go_on = |stage, share| proceed(Progress { stage, share });
    let going = |goes: bool| ask(goes).map_err(|_| Stop::Cancelled);
    going(go_on(Stage::Expose, 0.0))?;
    let (layers, absorption) = expose::layers(resist, planes, standing_wave, grid.dz_nm);
    let rates = super::develop::rate_table(&resist.rate, resist.tone);
    let setup = VolumeSetup {
        shape: *shape,
        spacing: [grid.dz_nm, grid.pixel_nm, grid.pixel_nm],
        planes: planes.iter().map(|(_, image)| *image).collect(),
        layers,
        absorption,
        bake: bake::setup(&resist.bake, *grid, resist.sides),
        rates: &rates,
    };
    front_check(device)?;
    let volume = Volume::new(device, &setup)?;
    volume.expose(device)?;
    // What is asked is asked as the work stands.
    device.wait()?;
    going(go_on(Stage::Bake, 0.0))?;
    going(volume.bake(device, &mut |share| go_on(Stage::Bake, share))?)?;
    device.wait()?;
    let front = volume.develop(device, &mut || go_on(Stage::Develop, 0.0))?;
    let (rounds, _) = front.ok_or(Stop::Cancelled)?;
    Ok(Developed {
        grid: *grid,
        thickness_nm: resist.thickness_nm(),
        develop_s: resist.develop_s,
        standing_wave: standing_wave.clone(),
        latent: volume.read(device, volume.latent())?,
        inhibitor: volume.read(device, volume.inhibitor())?,
        arrival_s: volume.read(device, volume.times())?,
        rounds,
    })
}
