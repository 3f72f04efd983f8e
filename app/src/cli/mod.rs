//! The command line: arguments to plain calls of the engine, and one line for every failure.

mod args;
mod bench;
mod calibrate;
mod convert;
mod correct;
mod devices;
mod examples;
mod info;
mod process_window;
mod recipes;
mod sample;
mod simulate;
mod table;
mod values;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::headless::INTERRUPTED;
use crate::window::{self, WindowOptions};
use args::{Arguments, Command};

/// How a command that did not fail came to its end.
enum Ending {
    /// It did all it was asked for.
    Done,
    /// A person stopped it, and it kept what it had.
    Interrupted,
}

/// Reads the arguments and does what they say. Exit codes: 0 done, 1 failed, 2 wrong usage, 130
/// ended by Ctrl-C.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr();
    match run(arguments) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            tell(&format!("error: {}", in_one_line(&error)));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    if let Some(threads) = arguments.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(threads))
            .build_global()
            .with_context(|| format!("cannot start {threads} threads"))?;
    }
    match arguments.command {
        Some(Command::Simulate(simulate)) => simulate::run(&simulate),
        Some(Command::ProcessWindow(window)) => process_window::run(&window),
        Some(Command::Calibrate(calibrate)) => calibrate::run(&calibrate),
        Some(Command::Opc(opc)) => return correct::run(&opc),
        Some(Command::Bench(bench)) => bench::run(&bench, arguments.threads),
        Some(Command::Recipes(recipes)) => recipes::run(&recipes),
        Some(Command::Devices(devices)) => devices::run(&devices),
        Some(Command::Convert(convert)) => convert::run(&convert),
        Some(Command::Info(info)) => info::run(&info),
        None if arguments.file.is_none() && !window::display_available() => {
            sample::run(&arguments.process)
        }
        None => window::run(WindowOptions {
            file: arguments.file,
            recipe: arguments.process.recipe,
            kernels_dir: arguments.process.kernels,
        }),
    }?;
    Ok(Ending::Done)
}

/// A line on standard error; where that is closed there is nowhere left to say so.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Log lines on standard error: warnings, or what `RUST_LOG` asks for.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("error,lithoscope=warn,lithoscope_engine=warn"));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).finish();
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// An error and its causes on one line, leaving out causes that the line already tells.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let text = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            line = text;
        } else if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
    }
    line
}

/// Prints to standard output; a reader that has gone away (`| head`) is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once_and_on_one_line() {
        let inner = std::io::Error::other("no space\nleft");
        let error = anyhow::Error::new(inner).context("cannot write m.gds");
        assert_eq!(in_one_line(&error), "cannot write m.gds: no space left");
        let told = anyhow::anyhow!("x.gds").context("cannot read x.gds");
        assert_eq!(in_one_line(&told), "cannot read x.gds");
    }
}
