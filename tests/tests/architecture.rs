//! The house's walls: what a package may depend on, and which room of the engine may enter which.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lithoscope_tests::workspace;

/// Packages that draw, open windows or talk to a desktop.
const WINDOW: [&str; 12] = [
    "accesskit",
    "eframe",
    "egui",
    "egui-wgpu",
    "egui-winit",
    "egui_extras",
    "egui_plot",
    "epaint",
    "glutin",
    "rfd",
    "wayland-client",
    "winit",
];

/// The packages of `Cargo.lock` that each package names.
fn lock() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(workspace().join("Cargo.lock")).unwrap();
    let lock: toml::Table = toml::from_str(&text).unwrap();
    let mut graph: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let needs = package.get("dependencies").and_then(toml::Value::as_array);
        // "name", "name version" or "name version (source)"; versions of one name are united.
        let names = needs.into_iter().flatten().filter_map(toml::Value::as_str);
        let names = names.filter_map(|n| n.split(' ').next()).map(str::to_owned);
        graph.entry(package["name"].as_str().unwrap().to_owned()).or_default().extend(names);
    }
    graph
}

/// Everything a package needs, directly or not.
fn reach(graph: &BTreeMap<String, Vec<String>>, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for next in graph.get(&name).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

fn window_packages(of: &BTreeSet<String>) -> Vec<&str> {
    WINDOW.iter().copied().filter(|name| of.contains(*name)).collect()
}

#[test]
fn engine_and_kernels_know_no_window() {
    let graph = lock();
    for package in ["lithoscope-engine", "lithoscope-kernels"] {
        let needs = reach(&graph, package);
        assert!(needs.contains("rayon"), "{package} is not in Cargo.lock as expected");
        assert_eq!(window_packages(&needs), [""; 0], "{package}");
    }
}

#[test]
fn the_program_is_seen_to_need_a_window() {
    // Negative control of the search above.
    let needs = window_packages(&reach(&lock(), "lithoscope")).len();
    assert!(needs >= 5, "{needs}");
}

#[test]
fn dependencies_run_from_app_to_engine_to_kernels() {
    let graph = lock();
    let (engine, kernels) =
        (reach(&graph, "lithoscope-engine"), reach(&graph, "lithoscope-kernels"));
    assert!(engine.contains("lithoscope-kernels"));
    for package in ["lithoscope", "lithoscope-tests"] {
        assert!(!engine.contains(package) && !kernels.contains(package), "{package}");
    }
    assert!(!kernels.contains("lithoscope-engine"));
}

/// What a room of the engine may enter; `kernels` is the package.
fn allowed(room: &str) -> Option<&'static [&'static str]> {
    Some(match room {
        "geometry" | "optics" => &[],
        "layout" | "mask" => &["geometry"],
        "imaging" => &["geometry", "optics", "kernels"],
        "resist" => &["imaging", "kernels"],
        "verify" => &["geometry", "imaging", "mask", "resist"],
        "opc" => {
            &["geometry", "layout", "optics", "imaging", "mask", "resist", "verify", "kernels"]
        }
        _ => return None,
    })
}

/// Rust files below a folder, sorted, without those that hold only tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && !name.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

/// The program's part of a source: without comments, and without its tests at the end.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    lines.map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The rooms that a source enters: what follows `crate::`, or as many `super::` as lead there from
/// a module `depth` levels below the crate, alone or first in braces; and the package `kernels`.
fn entered(code: &str, depth: usize) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let up = "super::".repeat(depth);
    for prefix in ["crate::", up.as_str()] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            match rest.strip_prefix('{') {
                Some(list) => rooms.extend(heads(list)),
                None => rooms.extend(head(rest)),
            }
        }
    }
    if code.contains("lithoscope_kernels") {
        rooms.insert("kernels".to_owned());
    }
    rooms.retain(|room| room == "kernels" || allowed(room).is_some());
    rooms
}

/// The identifier a text starts with.
fn head(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// The first identifier of each entry of a use list, up to its closing brace.
fn heads(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut starts = vec![0];
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts.push(at + 1),
            _ => {}
        }
    }
    starts.into_iter().filter_map(|at| head(list[at..].trim_start())).collect()
}

#[test]
fn rooms_of_the_engine_enter_only_the_rooms_they_may() {
    let root = workspace().join("engine/src");
    let mut rooms = 0;
    for room in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        if !room.is_dir() {
            continue;
        }
        let name = room.file_name().unwrap().to_string_lossy().into_owned();
        let may = allowed(&name).unwrap_or_else(|| panic!("no rule for the room {name}"));
        for file in sources(&room) {
            let inside = file.strip_prefix(&root).unwrap();
            let is_mod = inside.file_name().unwrap() == "mod.rs";
            let depth = inside.components().count() - usize::from(is_mod);
            let text = std::fs::read_to_string(&file).unwrap();
            for other in entered(&code(&text), depth) {
                let fine = other == name || may.contains(&other.as_str());
                assert!(fine, "{} enters {other}; {name} may enter {may:?}", inside.display());
            }
        }
        rooms += 1;
    }
    assert!(rooms >= 7, "only {rooms} rooms were found");
}

#[test]
fn a_forbidden_entry_is_seen_in_every_form() {
    // Negative control of the scan above.
    for text in [
        "use crate::opc::Recipe;",
        "use crate::{geometry::{Point, Rect}, opc};",
        "fn f() -> crate::opc::Recipe {}",
        "use super::super::opc::Recipe;",
    ] {
        assert!(entered(&code(text), 2).contains("opc"), "{text}");
    }
    assert!(entered("use lithoscope_kernels::spectrum::Edge;", 2).contains("kernels"));
    let unseen = "// crate::opc\nuse super::opc;\n#[cfg(test)]\nmod tests { use crate::opc; }";
    assert!(entered(&code(unseen), 2).is_empty());
}
