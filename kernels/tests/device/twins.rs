//! Every kernel against its twin: the same words in, the same numbers out.

use lithoscope_kernels::device::{Buffer, Compute, Step};

/// Largest error of a number, of the largest in its buffer.
fn tolerance(step: &Step) -> f64 {
    match step.kernel.name {
        // Where two corners print alike but for rounding, either's slope may count.
        "pixel_loss" if step.values.contains(&("PAIR", 0)) => 5e-4,
        // Intensities pass through a sigmoid of steepness 150, which grows their rounding.
        "probe_terms" => 2e-5,
        _ => 2e-6,
    }
}

fn words(device: &dyn Compute, buffer: &Buffer) -> Vec<u32> {
    let mut words = vec![0; buffer.bytes() as usize / 4];
    device.read(&mut [(buffer, bytemuck::cast_slice_mut(&mut words))]).unwrap();
    words
}

/// Largest difference of two buffers of numbers, of the largest in the second; infinite where one
/// alone is no number, or not finite.
fn apart(found: &[u32], wanted: &[u32]) -> f64 {
    let real = |word: &u32| f64::from(f32::from_bits(*word));
    let most = wanted.iter().map(real).fold(0.0, |most: f64, v| most.max(v.abs()));
    let pairs = found.iter().zip(wanted);
    let error = |(a, b): (&u32, &u32)| match (real(a) - real(b)).abs() {
        _ if a == b => 0.0,
        error if error.is_finite() => error / most.max(f64::MIN_POSITIVE),
        _ => f64::INFINITY,
    };
    pairs.map(error).fold(0.0, f64::max)
}

/// Runs the steps of a plan one by one on a device, each on what the twins have made of the ones
/// before, and compares what it writes. `counts` names kernels that write whole numbers.
pub fn compare(
    device: &dyn Compute,
    steps: &[Step],
    twins: &dyn Compute,
    twin_steps: &[Step],
    counts: &[&str],
) {
    assert_eq!(steps.len(), twin_steps.len());
    for (step, twin) in steps.iter().zip(twin_steps) {
        assert_eq!((step.kernel.name, &step.values), (twin.kernel.name, &twin.values));
        for (buffer, from) in step.buffers.iter().zip(&twin.buffers) {
            let bytes = words(twins, from);
            device.write(buffer, 0, bytemuck::cast_slice(&bytes[..])).unwrap();
        }
        for (device, step) in [(device, step), (twins, twin)] {
            device.run(&device.record(std::slice::from_ref(step)).unwrap()).unwrap();
        }
        let written = step.kernel.writes.iter().zip(step.buffers.iter().zip(&twin.buffers));
        for (_, (buffer, from)) in written.filter(|(writes, _)| **writes) {
            let (mut found, wanted) = (words(device, buffer), words(twins, from));
            found.truncate(wanted.len());
            let name = step.kernel.name;
            let tolerance = tolerance(step);
            if counts.contains(&name) {
                assert_eq!(found, wanted, "{name} on {device:?}");
                continue;
            }
            let error = apart(&found, &wanted);
            assert!(error <= tolerance, "{name} on {device:?} is off by {error:.2e}");
            // The comparison itself: one number off, and one that is none.
            let Some(at) = wanted.iter().position(|w| f32::from_bits(*w).abs() > 0.0) else {
                continue;
            };
            let mut off = wanted.clone();
            off[at] = f32::NAN.to_bits();
            assert!(apart(&off, &wanted) > tolerance);
            let most = wanted.iter().map(|w| f32::from_bits(*w).abs()).fold(0.0, f32::max);
            if most < f32::MIN_POSITIVE {
                // Whole numbers beside others: any difference is seen.
                off[at] = wanted[at] + 1;
                assert!(apart(&off, &wanted) > tolerance);
                continue;
            }
            off[at] = (f32::from_bits(wanted[at]) + 5.0 * tolerance as f32 * most).to_bits();
            assert!(apart(&off, &wanted) > tolerance);
        }
    }
}
