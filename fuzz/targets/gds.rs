#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| lithoscope_fuzz::read_and_walk("fuzzed.gds", bytes));
