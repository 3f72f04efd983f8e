//! The program's entry point.

fn main() -> std::process::ExitCode {
    lithoscope::cli::main()
}
