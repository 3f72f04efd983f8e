#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use lithoscope_engine::layout::lyp;

fuzz_target!(|bytes: &[u8]| drop(lyp::read(Path::new("fuzzed.lyp"), bytes)));
