//! Taking a device, and losing one.

use lithoscope_kernels::device::{
    Adapters, BackendChoice, BackendKind, Compute, DeviceError, DeviceKind, Reference, devices,
    select, self_check,
};

use super::devices as every;

#[test]
fn every_device_passes_its_self_check() {
    for device in every() {
        self_check(&*device).unwrap_or_else(|error| panic!("{device:?}: {error}"));
    }
}

#[test]
fn a_choice_takes_what_it_names_or_the_processor_with_a_reason() {
    assert!(select(BackendChoice::Cpu).device.is_none());
    let wgpu = select(BackendChoice::Wgpu);
    match &wgpu.device {
        Some(device) => assert_eq!(device.info().backend, BackendKind::Wgpu),
        None => assert!(!wgpu.passed_over.is_empty()),
    }
    assert_eq!(wgpu.device.is_some(), !devices().is_empty());
    // A software driver is never taken unasked.
    let auto = select(BackendChoice::Auto).device;
    assert!(auto.is_none_or(|device| device.info().kind != DeviceKind::Processor));
}

#[test]
fn a_lost_device_says_so_from_then_on() {
    let adapters = Adapters::find();
    for index in 0..adapters.infos().len() {
        let device = adapters.open(index).unwrap();
        let buffer = device.allocate("anything", 64).unwrap();
        device.destroy();
        let lost = |error: DeviceError| match error {
            DeviceError::Lost { device: name, .. } => assert_eq!(name, device.info().name),
            other => panic!("{other}"),
        };
        lost(device.write(&buffer, 0, &[0; 8]).unwrap_err());
        lost(device.read(&mut [(&buffer, &mut [0; 8])]).unwrap_err());
        lost(device.allocate("more", 64).unwrap_err());
        lost(device.wait().unwrap_err());
        lost(self_check(&device).unwrap_err());
    }
}

#[test]
fn memory_beyond_a_device_and_foreign_buffers_are_refused() {
    let foreign = Reference::new().allocate("elsewhere", 64).unwrap();
    for device in every() {
        let error = device.allocate("a very large raster", u64::MAX / 2).unwrap_err();
        assert!(error.to_string().contains("a very large raster"), "{error}");
        let buffer = device.allocate("small", 64).unwrap();
        for (offset, bytes) in [(64, 4), (2, 4), (0, 68), (u64::MAX - 3, 8)] {
            let error = device.write(&buffer, offset, &vec![0; bytes]).unwrap_err();
            assert!(matches!(error, DeviceError::Range { .. }), "{error}");
        }
        if device.info().backend != BackendKind::Cpu {
            let error = device.write(&foreign, 0, &[0; 8]).unwrap_err();
            assert_eq!(error, DeviceError::Foreign);
        }
        // Nothing of this has hurt it.
        let mut back = [1_u8; 64];
        device.read(&mut [(&buffer, &mut back)]).unwrap();
        assert_eq!(back, [0; 64]);
    }
}
