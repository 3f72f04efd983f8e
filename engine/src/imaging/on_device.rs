//! What devices are told of a lens.

use std::sync::Arc;

use lithoscope_kernels::device::{Compute, DeviceError, ImagingSetup};
use num_complex::Complex32;

use super::Imager;
use crate::optics::SocsKernels;

/// The optics of an imager as devices take them, for masks of several clips at once; `sets` are its
/// process's.
///
/// # Errors
/// No kernels, or scattered light, which devices do not know.
pub(crate) fn optics<'a>(
    device: &dyn Compute,
    imager: &Imager,
    sets: &'a [Arc<SocsKernels>],
    clips: usize,
) -> Result<ImagingSetup<'a>, DeviceError> {
    let Some(first) = sets.first() else {
        let reason = "a process without kernels".to_owned();
        return Err(DeviceError::Input { what: "imaging", reason });
    };
    if sets.iter().any(|set| set.flare > 0.0) {
        return Err(DeviceError::Unsupported {
            device: device.info().name.clone(),
            what: "scattered light".to_owned(),
            reason: "only the processor images it".to_owned(),
        });
    }
    let process = imager.process();
    let tone = &process.tone;
    Ok(ImagingSetup {
        period: first.period_nm,
        half: first.half,
        grid: imager.exact_of(0).nrows(),
        pixel: process.form.pixel_nm(),
        sets: sets.iter().map(|s| (s.spectra.view(), s.weights.as_slice())).collect(),
        change: tone.feature.amplitude() - tone.background.amplitude(),
        background: tone.background.amplitude() + Complex32::default(),
        clips,
    })
}
