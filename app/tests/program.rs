//! The program starts. (Also what makes `cargo test --workspace` build it beside the whole-program
//! tests.)

use std::process::Command;

#[test]
fn the_program_tells_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_lithoscope")).arg("--version").output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
    let expected = format!("lithoscope {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(text.ok(), Some(expected));
}
