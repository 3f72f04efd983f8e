//! Taking a device, and losing one.

use lithoscope_kernels::device::{
    Adapters, BackendChoice, BackendKind, Compute, DeviceError, DeviceKind, Devices, MemoryCopy,
    Reference, front_check, self_check,
};

use super::devices as every;
use super::twisted::Twisted;

#[test]
fn every_device_passes_its_self_check() {
    for device in every() {
        self_check(&*device).unwrap_or_else(|error| panic!("{device:?}: {error}"));
        front_check(&*device).unwrap_or_else(|error| panic!("{device:?}: {error}"));
    }
}

#[test]
fn a_device_that_computes_something_else_fails_its_checks() {
    let changes: [fn(f32) -> f32; 2] = [|number| 1.01 * number, |_| f32::NAN];
    for change in changes {
        let mut device = Twisted::new();
        device.change = change;
        for error in [self_check(&device).unwrap_err(), front_check(&device).unwrap_err()] {
            assert!(matches!(error, DeviceError::SelfCheck { .. }), "{error}");
        }
    }
}

#[test]
fn a_choice_takes_what_it_names_or_the_processor_with_a_reason() {
    let there = Devices::find(None);
    let select = |choice| there.select(choice);
    assert!(select(BackendChoice::Cpu).device.is_none());
    for (choice, backend) in
        [(BackendChoice::Wgpu, BackendKind::Wgpu), (BackendChoice::Cuda, BackendKind::Cuda)]
    {
        let taken = select(choice);
        let any = there.infos().iter().any(|info| info.backend == backend);
        assert_eq!(taken.device.is_some(), any);
        match &taken.device {
            Some(device) => assert_eq!(device.info().backend, backend),
            None => assert!(!taken.passed_over.is_empty()),
        }
    }
    let cuda = there.infos().iter().filter(|info| info.backend == BackendKind::Cuda).count();
    assert_eq!(there.missing_cuda().is_some(), cuda == 0);
    assert!(there.open(there.infos().len()).is_err());
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

#[test]
fn a_copy_copies_every_word() {
    for device in every() {
        let words: Vec<u32> = (0..100_003).map(|i: u32| i.wrapping_mul(2_654_435_761)).collect();
        let copy = MemoryCopy::new(&*device, words.len()).unwrap();
        assert_eq!(copy.bytes(), 8 * words.len() as u64);
        device.write(copy.buffers()[0], 0, bytemuck::cast_slice(&words)).unwrap();
        copy.run(&*device).unwrap();
        let mut back = vec![0_u32; words.len()];
        let to = bytemuck::cast_slice_mut(&mut back);
        device.read(&mut [(copy.buffers()[1], to)]).unwrap();
        assert_eq!(back, words);
    }
}
