//! The OASIS reference cases: every golden text reproduced from our reader, every illegal file
//! refused for the rule that it breaks.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lithoscope_engine::layout::oasis::{
    Element, Figure, Library, Name, Repetition, Value, elements,
};
use lithoscope_engine::layout::{self, LayoutError};
use lithoscope_tests::shared;

/// Illegal files: what their message must say.
const ILLEGAL: [(&str, &str); 8] = [
    ("t2.3", "a CELLNAME without a number after one with"),
    ("t2.5", "record CELL: refers to number 2, which no CELLNAME record defines"),
    ("t3.3", "a TEXTSTRING without a number after one with"),
    ("t3.4", "record TEXT: refers to number 2, which no TEXTSTRING record defines"),
    ("t3.6", "record TEXT: uses the modal variable repetition before it is set"),
    ("t3.7", "record TEXT: uses the modal variable textlayer before it is set"),
    ("t3.8", "record TEXT: uses the modal variable texttype before it is set"),
    ("t3.11", "record TEXT: uses the modal variable text-string before it is set"),
];

/// All `.oas` files of the reference cases with the stem of their name.
fn cases() -> Vec<(String, PathBuf)> {
    let Some(folder) = shared("oasis") else { return Vec::new() };
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let oasis = paths.filter(|p| p.extension().is_some_and(|e| e == "oas"));
    let mut cases: Vec<_> =
        oasis.map(|p| (p.file_stem().unwrap().to_string_lossy().into_owned(), p)).collect();
    cases.sort();
    cases
}

#[test]
fn legal_files_give_their_golden_text() {
    let cases = cases();
    let mut compared = 0;
    for (stem, path) in &cases {
        if ILLEGAL.iter().any(|(illegal, _)| illegal == stem) {
            continue;
        }
        let golden = std::fs::read_to_string(path.with_file_name(format!("{stem}_au.txt")));
        let Ok(golden) = golden else { continue };
        let dump = dump(path).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(dump, parsed(&golden), "{stem}");
        layout::open(path).unwrap_or_else(|e| panic!("{e}"));
        compared += 1;
    }
    assert!(cases.is_empty() || compared >= 30, "only {compared} golden texts were compared");
}

#[test]
fn illegal_files_are_refused_for_the_rule_they_break() {
    for (stem, path) in cases() {
        let Some((_, reason)) = ILLEGAL.iter().find(|(illegal, _)| *illegal == stem) else {
            continue;
        };
        match layout::open(&path) {
            Err(LayoutError::Oasis { offset, problem, .. }) => {
                assert!(problem.contains(reason), "{stem}: {problem}");
                // Behind the head, before the END record.
                let size = std::fs::metadata(&path).unwrap().len();
                assert!((34..size - 256).contains(&offset), "{stem}: byte {offset}");
            }
            other => panic!("{stem}: {other:?}"),
        }
    }
}

/// A golden text: the database unit in µm, and the sorted lines of every cell. A line with
/// properties (`boxp $props …` after `set props { {{NAME} {value} …} }`) ends in `| NAME value …`.
#[derive(Debug, PartialEq)]
struct Dump {
    unit_um: String,
    cells: BTreeMap<String, Vec<String>>,
}

fn parsed(golden: &str) -> Dump {
    let mut dump = Dump { unit_um: String::new(), cells: BTreeMap::new() };
    let (mut cell, mut properties) = (String::new(), String::new());
    let mut lines = golden.lines();
    while let Some(line) = lines.next() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "begin_lib" => rest.clone_into(&mut dump.unit_um),
            "begin_cell" => {
                rest.clone_into(&mut cell);
                dump.cells.insert(cell.clone(), Vec::new());
            }
            "end_cell" | "end_lib" | "" => {}
            "set" => {
                let inside = lines.by_ref().take_while(|l| *l != "}");
                let values: Vec<_> = inside.map(|l| l.replace(['{', '}'], "")).collect();
                properties = values.iter().flat_map(|v| [" | ", v.trim()]).collect();
            }
            _ => {
                let line = match rest.strip_prefix("$props ") {
                    Some(rest) => format!("{} {rest}{properties}", word.trim_end_matches('p')),
                    None => line.to_owned(),
                };
                dump.cells.get_mut(&cell).unwrap().push(line);
            }
        }
    }
    dump.cells.values_mut().for_each(|lines| lines.sort());
    dump
}

/// A line whose names may be numbers until the whole file has been read.
struct Line {
    /// What comes before the name, and after it.
    text: [String; 2],
    cell: Option<Name>,
    string: Option<Name>,
    properties: Vec<(Name, Vec<Value>)>,
}

/// Reads a file into the form of a golden text.
fn dump(path: &Path) -> Result<Dump, LayoutError> {
    let bytes = std::fs::read(path).unwrap();
    let mut cells: Vec<(Name, Vec<Line>)> = Vec::new();
    // How many lines the last element made: a property after it belongs to all of them.
    let mut last = 0;
    let library = elements(path, &bytes, &mut |element| {
        match element {
            Element::Cell { name, .. } => cells.push(((*name).clone(), Vec::new())),
            Element::Property { name, values, .. } => {
                let lines = cells.last_mut().map_or(&mut [][..], |(_, lines)| lines);
                let first = lines.len().saturating_sub(last);
                for line in &mut lines[first..] {
                    line.properties.push(((*name).clone(), values.to_vec()));
                }
                return Ok(());
            }
            _ => {}
        }
        let lines = lines_of(element);
        last = lines.len();
        if let Some((_, all)) = cells.last_mut() {
            all.extend(lines);
        }
        Ok(())
    })?;
    let mut dump = Dump { unit_um: unit_um(&library), cells: BTreeMap::new() };
    for (name, lines) in cells {
        let name = format!("{{{}}}", library.names.cell(&name).unwrap());
        let mut lines: Vec<_> = lines.iter().map(|line| resolved(&library, line)).collect();
        lines.sort();
        dump.cells.insert(name, lines);
    }
    Ok(dump)
}

fn unit_um(library: &Library) -> String {
    ((1e9 / library.units_per_um).round() / 1e9).to_string()
}

fn resolved(library: &Library, line: &Line) -> String {
    let names = &library.names;
    let [before, after] = &line.text;
    let cell = line.cell.as_ref().map(|cell| format!("{{{}}}", names.cell(cell).unwrap()));
    let string = line.string.as_ref().map(|text| format!("{{{}}}", names.text(text).unwrap()));
    let mut parts = vec![before.clone(), cell.unwrap_or_default()];
    parts.extend([after.clone(), string.unwrap_or_default()]);
    for (name, values) in &line.properties {
        parts.push(format!(" | {}", names.property(name).unwrap()));
        parts.extend(values.iter().map(|v| format!(" {}", names.value(v).unwrap())));
    }
    parts.concat()
}

fn copies(repetition: Option<&Repetition>) -> Vec<[i64; 2]> {
    repetition.map_or_else(|| vec![[0, 0]], |r| r.offsets().collect())
}

fn lines_of(element: &Element) -> Vec<Line> {
    let line = |before: String, after: String| Line {
        text: [before, after],
        cell: None,
        string: None,
        properties: Vec::new(),
    };
    match *element {
        Element::Shape { layer, datatype, at, figure, repetition } => copies(repetition)
            .into_iter()
            .map(|offset| line(drawn(layer, datatype, sum(at, offset), figure), String::new()))
            .collect(),
        Element::Text { string, layer, texttype, at, repetition } => copies(repetition)
            .into_iter()
            .map(|offset| {
                let text = format!("text {layer} {texttype} 0 0 {} ", point(sum(at, offset)));
                Line { string: Some(string.clone()), ..line(text, String::new()) }
            })
            .collect(),
        Element::Placement { cell, at, mirror_x, magnification, angle_deg, repetition } => {
            let mirror = u8::from(mirror_x);
            let turn = format!(" {} {mirror} {magnification}", angle_deg.rem_euclid(360.0));
            let placed = |word: &str, after: String| Line {
                cell: Some(cell.clone()),
                ..line(format!("{word} "), after)
            };
            if let Some(&Repetition::Grid { columns, rows, column_step, row_step }) = repetition {
                // The corners are one step past the last column and row; of one alone, none past.
                let past = |count: u64, step: [i64; 2]| {
                    point(if count == 1 { at } else { sum(at, step.map(|v| v * count as i64)) })
                };
                let corners = format!("{} {}", past(columns, column_step), past(rows, row_step));
                return vec![placed(
                    "aref",
                    format!("{turn} {columns} {rows} {} {corners}", point(at)),
                )];
            }
            let offsets = copies(repetition).into_iter();
            offsets.map(|o| placed("sref", format!("{turn} {}", point(sum(at, o))))).collect()
        }
        _ => Vec::new(),
    }
}

fn drawn(layer: u32, datatype: u32, at: [i64; 2], figure: Figure) -> String {
    match figure {
        Figure::Rectangle { width, height } => {
            let (low, high) = (point(at), point(sum(at, [width, height])));
            format!("box {layer} {datatype} {low} {high}")
        }
        Figure::Polygon(ring) | Figure::Trapezoid(ring) => {
            format!("boundary {layer} {datatype} {}", boundary(ring, at))
        }
        Figure::Path { points, half_width, begin, end } => {
            let spine: Vec<_> = points.iter().map(|&p| point(sum(at, p))).collect();
            let width = 2 * half_width;
            format!("path {layer} {datatype} {width} {begin} {end} {}", spine.join(" "))
        }
        Figure::Circle { radius } => {
            let width = 2 * radius;
            format!("path {layer} {datatype} {width} {radius} {radius} {}", point(at))
        }
    }
}

/// A ring as the golden texts have it: clockwise from its lowest, then leftmost, point, closed.
fn boundary(ring: &[[i64; 2]], at: [i64; 2]) -> String {
    let mut ring: Vec<[i64; 2]> = ring.iter().map(|&p| sum(p, at)).collect();
    ring.dedup();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let next = |i: usize| ring[(i + 1) % ring.len()];
    let area2: i64 =
        (0..ring.len()).map(|i| ring[i][0] * next(i)[1] - ring[i][1] * next(i)[0]).sum();
    if area2 > 0 {
        ring.reverse();
    }
    let first = (0..ring.len()).min_by_key(|&i| (ring[i][1], ring[i][0])).unwrap();
    ring.rotate_left(first);
    ring.push(ring[0]);
    ring.into_iter().map(point).collect::<Vec<_>>().join(" ")
}

fn sum(a: [i64; 2], b: [i64; 2]) -> [i64; 2] {
    [a[0] + b[0], a[1] + b[1]]
}

fn point([x, y]: [i64; 2]) -> String {
    format!("{{{x} {y}}}")
}
