//! What a bench ran on.

use lithoscope_engine::device::Compute;
use serde::Serialize;

use crate::headless::{PROGRAM, title};

/// The machine and how it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Program and version.
    pub program: &'static str,
    /// Cores that the system offers this process.
    pub cores: usize,
    /// The processor's name; absent where the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// Operating system and processor family.
    pub system: String,
    /// Threads for a clip.
    pub threads: usize,
    /// Clips at a time.
    pub jobs: usize,
    /// Clips that the device corrected in lock-step.
    pub batch: usize,
    /// What computed the iterations: a device's name and backend, or the processor.
    pub device: String,
}

impl Machine {
    /// This machine.
    pub fn here(threads: usize, jobs: usize, device: Option<&dyn Compute>) -> Self {
        let facts = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self {
            program: PROGRAM,
            cores: cores(),
            processor: processor(&facts),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            threads,
            jobs,
            batch: 1,
            device: device.map_or_else(|| "processor".to_owned(), title),
        }
    }
}

/// Cores that the system offers this process; 1 where it does not tell.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The first `model name` of a `/proc/cpuinfo`.
fn processor(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    let name = line.split_once(':')?.1.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_where_the_system_tells() {
        let text = "processor\t: 0\nmodel name\t: Some  CPU @ 2 GHz\nmodel name\t: other\n";
        assert_eq!(processor(text).as_deref(), Some("Some CPU @ 2 GHz"));
        assert_eq!(processor("model name\t:\n"), None);
        assert_eq!(processor(""), None);
        assert!(cores() >= 1);
    }
}
