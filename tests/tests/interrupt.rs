//! Ctrl-C while the program corrects a clip: the run is kept and can be gone on with.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use lithoscope_engine::opc::{Recipe, SavedRun};
use lithoscope_tests::{Run, ended, lithoscope_in, sample, start_in};

/// Far more iterations than are made before the signal comes.
const STEPS: usize = 5_000;

/// Whether a process has taken SIGINT (signal 2) over, as the kernel says.
fn takes_ctrl_c(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & 0b10 != 0
}

fn press_ctrl_c(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Starts a long run in a folder and waits until it iterates.
fn start(folder: &Path) -> Child {
    let mut recipe = Recipe::named("contest-like").unwrap();
    recipe.optimiser.stages.truncate(1);
    recipe.optimiser.stages[0].steps = STEPS;
    std::fs::write(folder.join("long.toml"), toml::to_string(&recipe).unwrap()).unwrap();
    let clip = std::fs::canonicalize(sample("elbow_and_t.gds")).unwrap();
    let mut child = start_in(
        folder,
        &[
            "opc",
            clip.to_str().unwrap(),
            "--recipe",
            "long.toml",
            "-q",
            "-o",
            "mask.gds",
            "--csv",
            "steps.csv",
            "--save",
            "part.run",
        ],
    )
    .unwrap();
    let begun = Instant::now();
    while !takes_ctrl_c(child.id()) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it iterated");
        assert!(begun.elapsed() < Duration::from_mins(2), "it never iterated");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn wait(child: Child) -> Run {
    ended(child.wait_with_output().unwrap())
}

#[test]
fn ctrl_c_stops_saves_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let child = start(folder.path());
    press_ctrl_c(&child);
    let run = wait(child);
    assert_eq!(run.code, Some(130), "{}", run.err);
    let saved = SavedRun::load(&folder.path().join("part.run")).unwrap();
    assert!((1..STEPS).contains(&saved.iterations()), "{} iterations", saved.iterations());
    let told = format!("stopped after iteration {} and saved", saved.iterations() - 1);
    assert!(run.err.contains(&told) && run.err.contains("--resume part.run"), "{}", run.err);
    assert!(folder.path().join("mask.gds").exists());
    let again = ["opc", "--resume", "part.run", "-q", "-o", "on.gds", "--stop-after", "2"];
    let on = lithoscope_in(folder.path(), &[&again[..], &["--csv", "on.csv"]].concat()).unwrap();
    assert_eq!(on.code, Some(0), "{}", on.err);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let (before, after) = (read("steps.csv"), read("on.csv"));
    assert!(after.starts_with(&before), "the history before the stop must stay");
    assert_eq!(after.lines().count(), before.lines().count() + 2);
}

#[test]
fn without_save_ctrl_c_ends_the_program_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    let clip = std::fs::canonicalize(sample("elbow_and_t.gds")).unwrap();
    let arguments = ["opc", clip.to_str().unwrap(), "-q", "-o", "mask.gds"];
    let child = start_in(folder.path(), &arguments).unwrap();
    assert!(!takes_ctrl_c(child.id()));
    press_ctrl_c(&child);
    let run = wait(child);
    assert_eq!(run.code, None, "ended by the signal: {}", run.err);
    assert!(!folder.path().join("mask.gds").exists());
}
