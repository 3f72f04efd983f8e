//! The driver's library, and what devices it tells of.

#![expect(unsafe_code, reason = "the driver is a C library found at run time")]

use cudarc::driver::sys::CUdevice_attribute_enum as Attribute;
use cudarc::driver::{DriverError, result, sys};

use super::super::{BackendKind, DeviceInfo, DeviceKind};

/// The newest function of the driver that is used: the bindings panic where one is missing.
const NEWEST: &[u8] = b"cuGraphInstantiateWithFlags\0";

/// What the driver says of an error.
pub fn words(error: DriverError) -> String {
    let word = |text: Result<&std::ffi::CStr, DriverError>| {
        text.map_or_else(|_| "unknown".to_owned(), |text| text.to_string_lossy().into_owned())
    };
    format!("{} ({})", word(error.error_string()), word(error.error_name()))
}

/// The number of devices.
///
/// # Errors
/// What is missing, in words.
pub fn count() -> Result<usize, String> {
    // SAFETY: loading Nvidia's library runs nothing but its own start.
    if !unsafe { sys::is_culib_present() } {
        return Err("the Nvidia driver's library (libcuda) was not found".to_owned());
    }
    // SAFETY: the symbol is only looked up.
    if unsafe { sys::culib().get::<*const ()>(NEWEST) }.is_err() {
        return Err("the Nvidia driver is older than CUDA 11.4; install a newer one".to_owned());
    }
    result::init().map_err(words)?;
    let count = result::device::get_count().map_err(words)?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// What a device is, and its compute capability (90 for 9.0). There must be one at that place.
pub fn info(place: usize) -> Result<(DeviceInfo, u32), DriverError> {
    let device = result::device::get(place as i32)?;
    let mut version = 0;
    // SAFETY: the call writes one number.
    unsafe { sys::cuDriverGetVersion(&raw mut version) }.result()?;
    // SAFETY: the handle is of a device that the driver has just named.
    let memory = unsafe { result::device::total_mem(device) }? as u64;
    let number = |attribute| {
        // SAFETY: as above.
        let value = unsafe { result::device::get_attribute(device, attribute) }?;
        Ok::<_, DriverError>(u32::try_from(value).unwrap_or(0))
    };
    let major = number(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?;
    let minor = number(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?;
    let shares = number(Attribute::CU_DEVICE_ATTRIBUTE_INTEGRATED)? == 1;
    let info = DeviceInfo {
        name: result::device::get_name(device)?,
        backend: BackendKind::Cuda,
        kind: if shares { DeviceKind::Integrated } else { DeviceKind::Discrete },
        driver: format!(
            "CUDA {}.{}, compute capability {major}.{minor}",
            version / 1000,
            version % 1000 / 10
        ),
        largest_buffer: memory,
        memory: Some(memory),
        shared_memory: number(Attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK)?,
        largest_group: number(Attribute::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK)?,
    };
    Ok((info, 10 * major + minor))
}
