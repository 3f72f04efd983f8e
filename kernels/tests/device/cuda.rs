//! What is CUDA's own: opening, kernels kept on disk, and a device that is lost.

use lithoscope_kernels::device::{
    BackendKind, Compute, CudaDevice, DeviceError, Imaging, ImagingSetup,
};
use num_complex::Complex32;

use super::{HALF, PERIOD, cuda_devices, edges, kernels};

/// A small plan with one mask, run once; returns its images.
fn images(device: &dyn Compute) -> Result<Vec<f32>, DeviceError> {
    let (spectra, weights) = kernels(3, 0.3);
    let setup = ImagingSetup {
        period: PERIOD,
        half: HALF,
        grid: 24,
        pixel: None,
        sets: vec![(spectra.view(), weights.as_slice())],
        change: Complex32::new(1.0, 0.0),
        background: Complex32::default(),
        clips: 1,
    };
    let mut plan = Imaging::new(device, &setup)?;
    plan.set_edges(device, &[&edges(&[[100.0, 80.0, 160.0, 300.0]])])?;
    device.run(&device.record(&plan.forward_steps())?)?;
    let mut images = vec![0.0_f32; 24 * 24];
    device.read(&mut [(plan.images(), bytemuck::cast_slice_mut(&mut images))])?;
    Ok(images)
}

#[test]
fn opening_what_is_not_there_says_what_is_missing() {
    for device in cuda_devices(None) {
        assert_eq!(device.info().backend, BackendKind::Cuda);
        assert!(device.info().memory > Some(0) && device.info().largest_group >= 256);
    }
    let error = CudaDevice::open(1000, None).err().unwrap();
    let DeviceError::Missing { backend: "cuda", reason } = &error else { panic!("{error}") };
    match CudaDevice::count() {
        Ok(count) => {
            assert_eq!(CudaDevice::infos().unwrap().len(), count);
            assert_eq!(*reason, format!("there is none at place 1000 of {count}"));
        }
        Err(absent) => {
            assert_eq!(error, absent);
            assert_eq!(CudaDevice::infos().unwrap_err(), absent);
            assert!(!reason.is_empty() && !reason.contains("panic"), "{reason}");
        }
    }
}

#[test]
fn kernels_compiled_once_are_found_on_disk() {
    let folder = std::env::temp_dir().join(format!("lithoscope-cuda-{}", std::process::id()));
    let files = || {
        let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap());
        let mut files: Vec<_> =
            files.map(|file| (file.path(), file.metadata().unwrap().modified().unwrap())).collect();
        files.sort();
        files
    };
    let Some(device) = cuda_devices(Some(folder.clone())).into_iter().next() else { return };
    let first = images(&device).unwrap();
    let kept = files();
    assert_eq!(kept.len(), 5, "one file a kernel");
    let again = CudaDevice::open(0, Some(folder.clone())).unwrap();
    assert_eq!(images(&again).unwrap(), first);
    assert_eq!(files(), kept, "nothing was compiled anew");
    // A damaged file is replaced.
    std::fs::write(&kept[0].0, b"nothing of use").unwrap();
    let again = CudaDevice::open(0, Some(folder.clone())).unwrap();
    assert_eq!(images(&again).unwrap(), first);
    assert!(std::fs::read(&kept[0].0).unwrap().len() > 1000);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_device_given_up_stays_lost_and_hurts_no_other() {
    for device in cuda_devices(None) {
        let buffer = device.allocate("numbers", 64).unwrap();
        device.destroy();
        let lost = |result: Result<(), DeviceError>| {
            let error = result.unwrap_err();
            assert!(matches!(&error, DeviceError::Lost { .. }), "{error}");
        };
        lost(device.wait());
        lost(device.write(&buffer, 0, &[0; 4]));
        lost(device.read(&mut [(&buffer, &mut [0; 4])]));
        lost(device.allocate("more", 64).map(|_| ()));
        lost(device.record(&[]).map(|_| ()));
        lost(images(&device).map(|_| ()));
    }
    for device in cuda_devices(None) {
        let too_much = device.info().largest_buffer + 4;
        let error = device.allocate("everything", too_much).unwrap_err();
        assert!(matches!(error, DeviceError::Memory { what: "everything", .. }), "{error}");
        assert!(images(&device).unwrap().iter().any(|value| *value > 0.0));
    }
}
