//! Running the program as a person would.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// What a finished run of the program left.
#[derive(Debug)]
pub struct Run {
    /// Exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs the program in the current folder, without a display.
///
/// # Errors
/// The program was not built or cannot be started.
pub fn lithoscope(arguments: &[impl AsRef<OsStr>]) -> io::Result<Run> {
    lithoscope_in(Path::new("."), arguments)
}

/// Runs the program in a folder, without a display and with the tests' own kernel cache.
///
/// # Errors
/// The program was not built or cannot be started.
pub fn lithoscope_in(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> io::Result<Run> {
    Ok(ended(command_in(folder, arguments)?.output()?))
}

/// Starts the program in a folder as [`lithoscope_in`] does and goes on at once; [`ended`] reads
/// what it left.
///
/// # Errors
/// The program was not built or cannot be started.
pub fn start_in(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> io::Result<Child> {
    command_in(folder, arguments)?.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// What a program left that was waited for.
pub fn ended(output: Output) -> Run {
    Run {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn command_in(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> io::Result<Command> {
    let program = program()?;
    let cache = program.with_file_name("tmp").join("lithoscope-test-cache");
    let mut command = Command::new(&program);
    command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", cache)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("RUST_LOG");
    Ok(command)
}

/// The program beside the tests: `target/<profile>/lithoscope`.
fn program() -> io::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let missing = || {
        let text = "the program lithoscope is not built beside the tests; run `cargo test --workspace`, or `cargo build` first";
        io::Error::new(io::ErrorKind::NotFound, text)
    };
    // Tests lie in target/<profile>/deps.
    let profile = test.parent().and_then(Path::parent).ok_or_else(missing)?;
    let program = profile.join(format!("lithoscope{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() { Ok(program) } else { Err(missing()) }
}
