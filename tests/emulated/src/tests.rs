//! What the emulation must see.

use super::*;

/// Turns the words of a group round in shared memory, with a barrier between or without.
fn turned(barrier: &'static [&'static str]) -> Kernel {
    Kernel {
        name: "turned",
        wgsl: &[],
        cuda: barrier,
        threads: 64,
        writes: &[true],
        twin: |_, buffers| buffers[0].reverse(),
    }
}

const TURNED: &[&str] = &[
    "extern \"C\" __global__ void turned(unsigned* words) {\n\
     __shared__ unsigned held[64];\n\
     held[threadIdx.x] = words[threadIdx.x];\n",
    "__syncthreads();\n",
    "words[threadIdx.x] = held[63u - threadIdx.x];\n}\n",
];
const NO_BARRIER: &[&str] = &[TURNED[0], TURNED[2]];
const HALF_BARRIER: &[&str] =
    &[TURNED[0], "if (threadIdx.x < 32u) ", TURNED[1], "words[0] = held[0];\n}\n"];
const BESIDE: &[&str] =
    &["extern \"C\" __global__ void turned(unsigned* words) {\nwords[64u] = words[0];\n}\n"];

/// What a kernel makes of 0, 1, … 63; what it said where it failed.
fn made(device: &Emulated, texts: &'static [&'static str]) -> Result<Vec<u32>, String> {
    let words: Vec<u32> = (0..64).collect();
    let buffer = device.allocate("words", 256).unwrap();
    device.write(&buffer, 0, bytemuck::cast_slice(&words)).unwrap();
    let kernel = Box::leak(Box::new(turned(texts)));
    let step =
        Step { kernel, values: Vec::new(), buffers: vec![buffer.clone()], groups: [1, 1, 1] };
    let program = device.record(&[step]).unwrap();
    let run = std::panic::AssertUnwindSafe(|| device.run(&program).unwrap());
    if let Err(said) = std::panic::catch_unwind(run) {
        return Err(said.downcast_ref::<String>().unwrap().clone());
    }
    let mut words = vec![0_u32; 64];
    device.read(&mut [(&buffer, bytemuck::cast_slice_mut(&mut words))]).unwrap();
    Ok(words)
}

#[test]
fn missing_barriers_and_writes_beside_memory_are_seen() {
    let Some(compiler) = compiler() else { return };
    let device = |is_reversed| Emulated::new(compiler.clone(), is_reversed);
    let wanted: Vec<u32> = (0..64).rev().collect();
    for is_reversed in [false, true] {
        assert_eq!(made(&device(is_reversed), TURNED).unwrap(), wanted);
        // Half of the threads read what was not written yet.
        assert_ne!(made(&device(is_reversed), NO_BARRIER).unwrap(), wanted);
        let said = made(&device(is_reversed), HALF_BARRIER).unwrap_err();
        assert!(said.contains("wait at a barrier"), "{said}");
        let said = made(&device(is_reversed), BESIDE).unwrap_err();
        assert!(said.contains("writes beside its memory"), "{said}");
    }
}
