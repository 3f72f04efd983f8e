//! The texts of every kernel in both languages: the same entry, bindings, constants and structures.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Name, then type and name of each field.
type Structure = (String, Vec<(String, String)>);

/// Whether the kernel may write it, type, name.
type Pointer = (bool, String, String);

/// What both languages must agree on, in CUDA's words.
#[derive(Debug, Default, PartialEq)]
struct Text {
    /// Entry point, and its pointers in order.
    entry: Option<(String, Vec<Pointer>)>,
    /// Names written in capitals: what the kernel is compiled with.
    constants: BTreeSet<String>,
    /// Structures in order.
    structures: Vec<Structure>,
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A text without comments and strings.
fn bare(text: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap().replace("\"C\"", "");
    text.lines().map(|text| line(text) + "\n").collect()
}

fn constants(text: &str) -> BTreeSet<String> {
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c| !is_name(c));
    let own = words.filter(|w| w.starts_with(|c: char| c.is_ascii_uppercase()));
    own.filter(|w| w.chars().all(capital)).map(str::to_owned).collect()
}

/// CUDA's word for a type of WGSL.
fn type_word(wgsl: &str) -> String {
    match wgsl {
        "f32" => "float",
        "i32" | "atomic<i32>" => "int",
        "atomic<u32>" => "unsigned",
        "u32" => "unsigned",
        "vec2<f32>" => "float2",
        "vec2<u32>" => "uint2",
        "vec4<u32>" => "uint4",
        own => own,
    }
    .to_owned()
}

fn structures(text: &str, field: fn(&str) -> (String, String)) -> Vec<Structure> {
    let bodies = text.split("\nstruct ").skip(1).map(|rest| {
        let (name, rest) = rest.split_once('{').unwrap();
        let body = rest.split_once('}').unwrap().0;
        (name, body)
    });
    let fields = |body: &str| {
        let lines = body.lines().map(|line| line.trim().trim_end_matches([',', ';']));
        lines.filter(|line| !line.is_empty()).map(field).collect()
    };
    bodies.map(|(name, body)| (name.trim().to_owned(), fields(body))).collect()
}

fn wgsl(text: &str) -> Text {
    let text = format!("\n{}", bare(text));
    let mut bindings = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("@group(0)")) {
        assert!(line.contains(&format!("@binding({})", bindings.len())), "{line}");
        let (access, rest) = line.split_once("var<storage, ").unwrap().1.split_once("> ").unwrap();
        let (name, of) = rest.split_once(": array<").unwrap();
        let of = of.strip_suffix(">;").unwrap();
        bindings.push((access == "read_write", type_word(of), name.to_owned()));
    }
    let entry = text.split_once("@compute @workgroup_size(THREADS)\nfn ").map(|(_, rest)| {
        let name = rest.split_once('(').unwrap().0;
        (name.to_owned(), bindings)
    });
    let field = |line: &str| {
        let (name, of) = line.split_once(": ").unwrap();
        (type_word(of), name.to_owned())
    };
    Text { entry, constants: constants(&text), structures: structures(&text, field) }
}

fn cuda(text: &str) -> Text {
    let text = format!("\n{}", bare(text));
    let head = "extern  __global__ void __launch_bounds__(THREADS) ";
    let entry = text.split_once(head).map(|(_, rest)| {
        let (name, rest) = rest.split_once('(').unwrap();
        let pointers = rest.split_once(')').unwrap().0.split(',').map(|pointer| {
            let (of, name) = pointer.trim().split_once("* __restrict__ ").unwrap();
            let read = of.strip_prefix("const ");
            (read.is_none(), read.unwrap_or(of).to_owned(), name.to_owned())
        });
        (name.to_owned(), pointers.collect())
    });
    let field = |line: &str| {
        let (of, name) = line.split_once(' ').unwrap();
        (of.to_owned(), name.to_owned())
    };
    Text { entry, constants: constants(&text), structures: structures(&text, field) }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/device/inner")
}

#[test]
fn every_text_says_the_same_in_both_languages() {
    let mut entries = 0;
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wgsl") {
            continue;
        }
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let first = wgsl(&fs::read_to_string(&path).unwrap());
        let second = fs::read_to_string(path.with_extension("cu"));
        let second = cuda(&second.unwrap_or_else(|error| panic!("{stem}.cu: {error}")));
        assert_eq!(first, second, "{stem}");
        if let Some((name, bindings)) = first.entry {
            assert_eq!(name, stem);
            assert!(bindings.iter().any(|(writes, ..)| *writes), "{stem} writes nothing");
            entries += 1;
        }
    }
    assert!(entries >= 16, "{entries} kernels");
}

#[test]
fn texts_that_differ_are_told_apart() {
    let read = |name: &str| fs::read_to_string(folder().join(name)).unwrap();
    let wanted = wgsl(&read("pixel_loss.wgsl"));
    assert_eq!(wanted.structures.len(), 1);
    assert!(wanted.constants.contains("PIXELS"));
    let text = read("pixel_loss.cu");
    assert_eq!(cuda(&text), wanted);
    for (from, to) in [
        (" pixel_loss(", " pixels("),
        ("const float* __restrict__ wanted", "float* __restrict__ wanted"),
        ("const float* __restrict__ wanted,", ""),
        ("float2* __restrict__ sums", "float* __restrict__ sums"),
        ("float dose2;", "unsigned dose2;"),
        ("blockIdx.y * GROUPS", "blockIdx.y * GROUPS_WIDE"),
    ] {
        assert!(text.contains(from), "{from}");
        assert_ne!(cuda(&text.replace(from, to)), wanted, "{to}");
    }
}
