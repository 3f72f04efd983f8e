//! Bad input: every failure is one clear line that names the file or the value, and exit code 1.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use lithoscope_tests::{glp, glp_of, lithoscope_in, sample, shared};

/// A folder with a good clip in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put("good.glp", glp(&[[0, 0, 100, 600]]));
        folder
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs a line that must fail; its one line must hold every part of `says`.
    fn refuses(&self, line: &str, says: &[&str]) {
        let words: Vec<_> = line.split_whitespace().collect();
        let run = lithoscope_in(self.0.path(), &words).unwrap();
        assert_eq!(run.code, Some(1), "{line}: {} {}", run.out, run.err);
        assert_eq!(run.err.lines().count(), 1, "{line}: {}", run.err);
        assert!(run.err.starts_with("error: "), "{line}: {}", run.err);
        for part in says {
            assert!(run.err.contains(part), "{line}: '{}' does not say '{part}'", run.err.trim());
        }
        assert!(!self.0.path().join("m.gds").exists(), "{line} left a mask");
    }
}

#[test]
fn broken_layout_files_are_named_with_what_was_expected() {
    let folder = Folder::new();
    let good = std::fs::read(sample("dense_metal_tile.gds")).unwrap();
    let noise: Vec<u8> =
        (0u32..4096).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    // A record that claims 65535 bytes where the file ends after a few.
    let mut claim = good[..6].to_vec();
    claim.extend([0xff, 0xff, 0x10, 0x03, 0, 0, 0, 1]);
    folder.put("empty.gds", b"");
    folder.put("truncated.gds", &good[..good.len() / 2]);
    folder.put("noise.gds", noise);
    folder.put("claim.gds", claim);
    folder.put("cut.glp", "BEGIN\nCELL U PRIME\n   RECT N M1 0 0 100\n");
    folder.put("words.glp", glp_of("   RECT N M1 zero 0 100 100\n"));
    for name in
        ["empty.gds", "truncated.gds", "noise.gds", "claim.gds", "cut.glp", "words.glp", "none.gds"]
    {
        folder.refuses(&format!("opc {name} -o m.gds"), &[name]);
        folder.refuses(&format!("simulate {name}"), &[name]);
    }
    folder.refuses("opc truncated.gds -o m.gds", &["byte"]);
    folder.refuses("opc words.glp -o m.gds", &["line 7"]);
}

#[test]
fn every_truncation_of_a_layout_fails_cleanly_or_reads() {
    let good = std::fs::read(sample("dense_metal_tile.gds")).unwrap();
    let path = Path::new("cut.gds");
    for end in (0..good.len()).step_by(1 + good.len() / 500) {
        if let Err(error) = lithoscope_engine::layout::read_bytes(path, &good[..end]) {
            assert!(error.to_string().contains("cut.gds"), "{error}");
        }
    }
}

#[test]
fn parts_that_are_not_in_the_layout_are_named() {
    let folder = Folder::new();
    folder.put("none.glp", glp_of(""));
    folder.refuses("opc good.glp -o m.gds --layer 99/7", &["good.glp", "99/7"]);
    folder.refuses("opc good.glp -o m.gds --cell NAND", &["good.glp", "NAND", "U"]);
    folder.refuses("opc good.glp -o m.gds --window 5000,5000,6000,6000", &["good.glp", "5000"]);
    folder.refuses("opc none.glp -o m.gds", &["none.glp", "shape"]);
    folder.refuses("simulate none.glp", &["none.glp", "shape"]);
}

#[test]
fn shapes_that_edges_cannot_move_are_refused_with_the_place() {
    let folder = Folder::new();
    folder.put("slanted.glp", glp_of("   PGON N M1  0 0 300 0 300 300 100 500\n"));
    folder.refuses("opc slanted.glp -o m.gds", &["slanted.glp", "slanted edge", "nm"]);
    // Two squares that meet in one point only.
    folder.put("touching.glp", glp(&[[0, 0, 200, 200], [200, 200, 200, 200]]));
    let words = ["opc", "touching.glp", "-o", "m.gds"];
    let run = lithoscope_in(folder.0.path(), &words).unwrap();
    // Whether the corner joins the squares or parts them, the answer is a mask or a clear refusal.
    assert!(run.code == Some(0) || run.err.contains("touches itself"), "{}", run.err);
}

#[test]
fn recipe_values_out_of_range_are_named_with_their_range() {
    let folder = Folder::new();
    for (path, value, range) in [
        ("fragments.run_nm", "0", "5 to 1000 nm"),
        ("fragments.corner_nm", "-40", "5 to 500 nm"),
        ("resist.threshold", "0", "0.01 to 0.99"),
        ("resist.threshold", "nan", "0.01 to 0.99"),
        ("optimiser.stages.0.steps", "0", "1 to 5000"),
        ("optimiser.stages.1.step_nm.0", "-1", "0.01 to 20 nm"),
        ("rules.min_width_nm", "1e9", "1 to 500 nm"),
    ] {
        let line = format!("opc good.glp -o m.gds --set {path}={value}");
        folder.refuses(&line, &[path, range]);
    }
    folder.refuses("opc good.glp -o m.gds --set fragments.length=5", &["length", "run_nm"]);
    folder.refuses("opc good.glp -o m.gds --set optimiser.stages.0.steps=-3", &["-3"]);
}

#[test]
fn recipe_files_that_are_wrong_are_named_with_the_line() {
    let folder = Folder::new();
    let text = lithoscope_engine::opc::Recipe::built_in_text("contest-like").unwrap();
    folder.put("zero.toml", text.replace("run_nm = 60.0", "run_nm = 0.0"));
    folder.put("syntax.toml", text.replace("run_nm = 60.0", "run_nm = = 60.0"));
    folder.put("unknown.toml", text.replace("run_nm = 60.0", "run_nm = 60.0\nrun_um = 1"));
    folder.put("binary.toml", [0xff, 0xfe, 0x00]);
    folder.put("empty.toml", "");
    folder.refuses("opc good.glp -o m.gds --recipe zero.toml", &["zero.toml", "run_nm = 0"]);
    folder.refuses("opc good.glp -o m.gds --recipe syntax.toml", &["syntax.toml", "line "]);
    folder.refuses("opc good.glp -o m.gds --recipe unknown.toml", &["unknown.toml", "run_um"]);
    folder.refuses("opc good.glp -o m.gds --recipe binary.toml", &["binary.toml", "UTF-8"]);
    folder.refuses("opc good.glp -o m.gds --recipe empty.toml", &["empty.toml", "name"]);
    folder.refuses("opc good.glp -o m.gds --recipe none.toml", &["none.toml"]);
    folder.refuses("opc good.glp -o m.gds --recipe perfect", &["perfect", "contest-like"]);
}

#[test]
fn outputs_that_cannot_be_written_are_refused_before_the_run() {
    let folder = Folder::new();
    folder.put("file", "");
    for line in [
        "opc good.glp -o none/m.gds",
        "opc good.glp -o file/m.gds",
        "opc good.glp -o .",
        "opc good.glp -o m.gds --report none/r.json",
        "opc good.glp -o m.gds --csv m.gds",
        "opc good.glp -o good.glp",
        "simulate good.glp -o file",
    ] {
        // A layout that is not there shows that the outputs were looked at first.
        let name = line.split_whitespace().last().unwrap();
        folder.refuses(line, &[name]);
        if name != "good.glp" {
            folder.refuses(&line.replace("good.glp", "absent.glp"), &[name]);
        }
    }
}

#[test]
fn missing_and_broken_kernel_files_are_named() {
    let folder = Folder::new();
    let line = "opc good.glp -o m.gds --recipe iccad13-no-sraf";
    folder.refuses(line, &["--kernels DIR"]);
    folder.refuses(&format!("{line} --kernels none"), &["kernels_focus.npy"]);
    let Some(kernels) = shared("iccad13") else { return };
    let copy = folder.0.path().join("kernels");
    std::fs::create_dir(&copy).unwrap();
    for set in ["focus", "defocus"] {
        for kind in ["kernels", "scales"] {
            let name = format!("{kind}_{set}.npy");
            std::fs::copy(kernels.join(&name), copy.join(&name)).unwrap();
        }
    }
    let rewrite = |name: &str, bytes: &[u8]| {
        let path = copy.join(name);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let whole = std::fs::read(kernels.join("kernels_defocus.npy")).unwrap();
    rewrite("kernels_defocus.npy", &whole[..whole.len() / 2]);
    let line = format!("{line} --kernels kernels");
    folder.refuses(&line, &["kernels_defocus.npy"]);
    // A header that claims a set of 80 TB.
    let header =
        String::from_utf8_lossy(&whole[..128]).replace("(24, 35, 35)", "(8123456789, 35, 35)");
    let claim: Vec<u8> = whole[..10].iter().copied().chain(header.bytes().skip(10)).collect();
    rewrite("kernels_defocus.npy", &claim);
    folder.refuses(&line, &["kernels_defocus.npy"]);
    std::fs::remove_file(copy.join("scales_defocus.npy")).unwrap();
    rewrite("kernels_defocus.npy", &whole);
    folder.refuses(&line, &["scales_defocus.npy"]);
}

#[test]
fn a_clip_too_large_for_the_optics_says_so() {
    let folder = Folder::new();
    folder.put("wide.glp", glp(&[[0, 0, 100, 100], [40_000, 0, 100, 100]]));
    folder.refuses("opc wide.glp -o m.gds --layer 1 --cell U", &["wide.glp"]);
    folder.refuses("simulate good.glp --pixel 0.1", &["--pixel"]);
}
