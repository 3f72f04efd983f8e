//! `lithoscope devices`: what can compute here, its limits, and whether it computes rightly.

use std::fmt::Write as _;
use std::time::Instant;

use lithoscope_engine::device::{BackendChoice, DeviceInfo, DeviceKind, self_check};
use serde::Serialize;

use super::args::DevicesArguments;
use crate::headless;

/// One device.
#[derive(Serialize)]
struct Row {
    name: String,
    backend: &'static str,
    kind: &'static str,
    driver: String,
    /// Most bytes in one buffer.
    largest_buffer: u64,
    /// Bytes of memory, where the driver tells.
    memory: Option<u64>,
    /// Bytes that the threads of a group share.
    shared_memory: u32,
    /// Most threads in a group.
    largest_group: u32,
    /// Whether it computes what the processor does.
    is_sound: bool,
    /// What is wrong, where something is.
    fault: Option<String>,
    /// Time of the check, compiling included.
    check_seconds: f64,
}

/// All devices.
#[derive(Serialize)]
struct Report {
    devices: Vec<Row>,
    /// Why CUDA drives none, where that is so.
    missing_cuda: Option<String>,
    /// What `--backend auto` takes.
    auto: String,
}

pub fn run(arguments: &DevicesArguments) -> anyhow::Result<()> {
    let there = headless::devices();
    let rows = there.infos().iter().enumerate().map(|(place, info)| {
        let begun = Instant::now();
        let checked = there.open(place).and_then(|device| self_check(&*device));
        row(info, checked.err().map(|fault| fault.to_string()), begun.elapsed().as_secs_f64())
    });
    let report = Report {
        devices: rows.collect(),
        missing_cuda: there.missing_cuda().map(ToString::to_string),
        auto: there
            .select(BackendChoice::Auto)
            .device
            .map_or_else(|| "processor".to_owned(), |device| headless::title(&*device)),
    };
    if arguments.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&report)?));
    }
    super::print(&text(&report))
}

fn row(info: &DeviceInfo, fault: Option<String>, check_seconds: f64) -> Row {
    Row {
        name: info.name.clone(),
        backend: info.backend.word(),
        kind: match info.kind {
            DeviceKind::Discrete => "graphics card",
            DeviceKind::Integrated => "integrated graphics",
            DeviceKind::Processor => "software driver on the processor",
            DeviceKind::Other => "other",
        },
        driver: info.driver.clone(),
        largest_buffer: info.largest_buffer,
        memory: info.memory,
        shared_memory: info.shared_memory,
        largest_group: info.largest_group,
        is_sound: fault.is_none(),
        fault,
        check_seconds,
    }
}

fn text(report: &Report) -> String {
    let mut text = format!("cpu   the processor, {} threads\n", rayon::current_num_threads());
    for row in &report.devices {
        let mib = |bytes: u64| bytes / (1 << 20);
        let memory = row.memory.map_or_else(String::new, |m| format!("{} MiB of memory, ", mib(m)));
        let verdict = row.fault.as_deref().unwrap_or("computes as the processor does");
        let _ = writeln!(
            text,
            "{:<5} {}: {}\n      {}\n      {memory}{} MiB in one buffer, {} KiB shared by a group, {} threads in a group\n      {verdict} (checked in {:.2} s)",
            row.backend,
            row.name,
            row.kind,
            row.driver,
            mib(row.largest_buffer),
            row.shared_memory / 1024,
            row.largest_group,
            row.check_seconds,
        );
    }
    if let Some(reason) = &report.missing_cuda {
        let _ = writeln!(text, "{reason}");
    }
    let _ = writeln!(text, "--backend auto takes: {}", report.auto);
    text
}

#[cfg(test)]
mod tests {
    use lithoscope_engine::device::BackendKind;

    use super::*;

    #[test]
    fn a_faulty_device_is_listed_with_its_fault() {
        let info = DeviceInfo {
            name: "Card".to_owned(),
            backend: BackendKind::Wgpu,
            kind: DeviceKind::Discrete,
            driver: "Vulkan".to_owned(),
            largest_buffer: 128 << 20,
            memory: Some(8 << 30),
            shared_memory: 32 << 10,
            largest_group: 1024,
        };
        let rows = vec![row(&info, None, 0.1), row(&info, Some("off by 1".to_owned()), 0.2)];
        let report = Report { devices: rows, missing_cuda: None, auto: "processor".to_owned() };
        let text = text(&report);
        assert!(text.contains("8192 MiB of memory, 128 MiB in one buffer, 32 KiB"), "{text}");
        assert!(text.contains("computes as the processor does (checked in 0.10 s)"), "{text}");
        assert!(text.contains("off by 1 (checked in 0.20 s)"), "{text}");
    }
}
