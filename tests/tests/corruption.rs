//! Valid files, damaged ten thousand times with a fixed seed: whatever the bytes, the readers
//! refuse or read, soon, in little memory, and what was read can be walked.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::layout::{Layout, LayoutError, Region, lyp, read_bytes};
use lithoscope_tests::files::{
    gds_cell, gds_library, gds_longs, gds_path, gds_record, gds_shorts, gds_text, oasis_block,
    oasis_file, oasis_text, oasis_unsigned,
};
use lithoscope_tests::{Random, glp, glp_of, sample, shared};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MUTATIONS: u64 = 10_000;

/// What a reader may take besides four times the file.
const SPARE_BYTES: usize = 64 << 20;

/// A reader that is busy for longer hangs; the slowest takes a small part of it.
const DEADLINE: Duration = Duration::from_secs(20);

/// Two layers of a view, one in a group, and a stipple.
const LOOKS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<layer-properties>
 <properties>
  <frame-color>#ff80a8</frame-color><fill-color>#ff80a8</fill-color>
  <dither-pattern>C0</dither-pattern><width>2</width><visible>true</visible>
  <name>metal &amp; via</name><source>17/0@1</source>
 </properties>
 <properties>
  <source>*/*@*</source><expanded>true</expanded>
  <group-members><fill-color>#c080ff</fill-color><source>NAME 10-12/0@1</source></group-members>
 </properties>
 <custom-dither-pattern>
  <pattern><line>*.</line><line>.*</line></pattern><order>1</order><name>checks</name>
 </custom-dither-pattern>
</layer-properties>
"#;

/// A valid file: its name, which tells the format, and its bytes.
#[derive(Clone)]
struct Seed {
    name: String,
    bytes: Vec<u8>,
}

fn seed(name: &str, bytes: impl Into<Vec<u8>>) -> Seed {
    Seed { name: name.into(), bytes: bytes.into() }
}

/// Every kind of GDSII element that is read.
fn gds_elements() -> Vec<u8> {
    let element = |kind: u8, records: &[Vec<u8>]| {
        [gds_record(kind, 0, &[]), records.concat(), gds_record(0x11, 0, &[])].concat()
    };
    let on = |second: u8| [gds_shorts(0x0d, &[7]), gds_shorts(second, &[1])].concat();
    let square = gds_longs(0x10, &[0, 0, 100, 0, 100, 100, 0, 100, 0, 0]);
    let leaf = [
        element(0x08, &[on(0x0e), square.clone()]),
        element(0x2d, &[on(0x2e), square]),
        gds_path(&[[0, 0], [500, 0], [900, 400]], 41, 1, [0, 0]),
        gds_path(&[[0, 0], [0, 300], [0, 100]], 20, 4, [-5, 30]),
        element(0x0c, &[on(0x16), gds_longs(0x10, &[5, 5]), gds_text(0x19, "label")]),
    ];
    let turned =
        [gds_record(0x1a, 1, &[0x80, 0]), gds_record(0x1c, 5, &[0x42, 0x5a, 0, 0, 0, 0, 0, 0])];
    let placed =
        element(0x0a, &[gds_text(0x12, "LEAF"), turned.concat(), gds_longs(0x10, &[9, 9])]);
    let corners = gds_longs(0x10, &[0, 0, 3000, 0, 0, 2000]);
    let array = element(0x0b, &[gds_text(0x12, "LEAF"), gds_shorts(0x13, &[3, 2]), corners]);
    gds_library(&[gds_cell("LEAF", &leaf), gds_cell("TOP", &[placed, array])])
}

/// OASIS records of most kinds: names, cells, shapes, repetitions, placements, properties.
fn oasis_records() -> Vec<Vec<u8>> {
    let u = |values: &[u64]| values.iter().flat_map(|&v| oasis_unsigned(v)).collect::<Vec<u8>>();
    vec![
        // A CELLNAME, a TEXTSTRING and a PROPNAME, numbered by themselves.
        [vec![3], oasis_text("LEAF")].concat(),
        [vec![5], oasis_text("label")].concat(),
        [vec![7], oasis_text("NET")].concat(),
        [vec![13], u(&[0])].concat(),
        // A rectangle, a square in a 3 × 2 grid, a polygon, a path, trapezoids, a circle, a text.
        [vec![20, 0x7b], u(&[1, 0, 100, 200, 0, 0])].concat(),
        [vec![20, 0xdf], u(&[1, 0, 50, 600, 0, 1, 1, 0, 80, 90])].concat(),
        [vec![21, 0x3b], u(&[2, 0, 1, 4, 40, 40, 40, 41, 0, 0])].concat(),
        [vec![22, 0xfb], u(&[3, 0, 10, 15, 8, 9, 0, 2, 200, 202, 0, 40])].concat(),
        [vec![23, 0x7b], u(&[4, 0, 100, 60, 20, 11, 0, 0])].concat(),
        [vec![26, 0xfb], u(&[4, 0, 3, 100, 30, 0, 0])].concat(),
        [vec![27, 0x3b], u(&[5, 0, 40, 100, 100])].concat(),
        [vec![19, 0x7b], u(&[0, 6, 0, 10, 10])].concat(),
        // A property of it with one value.
        [vec![28, 0x16], u(&[0, 8, 7])].concat(),
        // The top cell: one placement, an array, and one turned and magnified.
        [vec![14], oasis_text("TOP")].concat(),
        [vec![17, 0xf0], u(&[0, 10, 20])].concat(),
        [vec![17, 0x38], u(&[4000, 0, 1, 2, 1, 500, 700])].concat(),
        [vec![18, 0x36], u(&[0, 2, 0, 45, 100, 200])].concat(),
    ]
}

fn own_seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for name in ["contact_array", "elbow_and_t", "isolated_line", "dense_metal_tile", "cell_block"]
    {
        let name = format!("{name}.gds");
        seeds.push(seed(&name, std::fs::read(sample(&name)).unwrap()));
    }
    let records = oasis_records();
    seeds.push(seed("elements.gds", gds_elements()));
    seeds.push(seed("records.oas", oasis_file(&records)));
    seeds.push(seed("block.oas", oasis_file(&[oasis_block(&records.concat()).unwrap()])));
    let halves = records.split_at(records.len() / 2);
    let blocks = [halves.0, halves.1].map(|half| oasis_block(&half.concat()).unwrap());
    seeds.push(seed("blocks.oas", oasis_file(&blocks)));
    seeds.push(seed("looks.lyp", LOOKS));
    seeds.push(seed("rectangles.glp", glp(&[[0, 0, 100, 600], [200, 0, 100, 600]])));
    seeds.push(seed(
        "polygons.glp",
        glp_of("   PGON N M1  0 0 300 0 300 300 100 300 100 500 0 500\n"),
    ));
    seeds
}

/// The small files of the reference data.
fn shared_seeds() -> Vec<Seed> {
    let folders = ["gds", "oasis"].into_iter().filter_map(shared);
    let entries = folders.flat_map(|f| std::fs::read_dir(f).unwrap().map(|e| e.unwrap().path()));
    let wanted = |p: &Path| p.extension().is_some_and(|e| e == "gds" || e == "oas");
    let mut paths: Vec<_> = entries.filter(|p| wanted(p)).collect();
    paths.sort();
    let name = |p: &Path| p.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|p| seed(&name(p), std::fs::read(p).unwrap())).collect()
}

/// Damages a file in one to four places.
fn mutated(seeds: &[Seed], random: &mut Random) -> Seed {
    let Seed { name, mut bytes } = seeds[random.below(seeds.len())].clone();
    for _ in 0..random.one_of(&[1, 1, 1, 2, 4]) {
        let at = random.below(bytes.len());
        match random.below(12) {
            _ if bytes.is_empty() => bytes.push(random.number() as u8),
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.number() as u8,
            2 => bytes[at] = random.one_of(&[0, 1, 0x7f, 0x80, 0xff]),
            3 => bytes.insert(at, random.number() as u8),
            4 => drop(bytes.drain(at..(at + 1 + random.below(8)).min(bytes.len()))),
            5 => bytes.truncate(at),
            6 => splice(&mut bytes, &seeds[random.below(seeds.len())].bytes, random),
            7 => lengthen(&mut bytes, at, random),
            8 => repeat(&mut bytes, random),
            _ => bytes[at] = bytes[at].wrapping_add(random.one_of(&[1, 2, 0xff])),
        }
    }
    Seed { name, bytes }
}

/// Ends a file as another one ends.
fn splice(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    bytes.truncate(random.below(bytes.len()));
    bytes.extend_from_slice(&other[random.below(other.len())..]);
}

/// Makes a length or a number near `at` a large one, as GDSII or as OASIS writes it.
fn lengthen(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let large = random.one_of(&[0x7fff, 0xffff, 0x00ff_ffff, 0x7fff_ffff, u64::MAX >> 1, u64::MAX]);
    let shift = random.below(8);
    let value = if random.below(2) == 0 {
        oasis_unsigned(large >> shift)
    } else {
        (large as u32 >> shift).to_be_bytes().to_vec()
    };
    let end = (at + random.below(value.len() + 1)).min(bytes.len());
    bytes.splice(at..end, value);
}

/// Repeats a part of the file.
fn repeat(bytes: &mut Vec<u8>, random: &mut Random) {
    let (a, b) = (random.below(bytes.len()), random.below(bytes.len()));
    let part = bytes[a.min(b)..a.max(b)].to_vec();
    let at = random.below(bytes.len());
    bytes.splice(at..at, part);
}

/// Looks at everything a person would see first.
fn walk(layout: &Layout) {
    for cell in layout.top_cells().iter().copied().take(4) {
        for layer in layout.layers(cell).into_keys().take(8) {
            let Some(covered) = layout.bounding_box_nm(cell, Some(layer)) else { continue };
            let (x, y) = (covered.min.x, covered.min.y);
            let window = Rect::new(x, y, x.saturating_add(200), y.saturating_add(200));
            // That nothing can be cut there is an answer too.
            drop(layout.clip(cell, layer, Some(window)));
            let Some(all) = layout.bounds(cell, Some(layer)) else { continue };
            let corners = layout.shapes_in(cell, Region::new(all, layer)).take(500);
            assert!(corners.map(|found| found.ring().len()).all(|n| n > 0));
        }
    }
}

/// What became of one file.
struct Outcome {
    /// Whether it could be read; `None` where something panicked.
    read: Option<Result<(), LayoutError>>,
    /// Largest memory in use while reading, above what was in use before.
    peak: usize,
    time: Duration,
}

fn read_one(file: &Seed) -> Outcome {
    let start = Instant::now();
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let mut peak = 0;
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let path = Path::new(&file.name);
        if path.extension().is_some_and(|suffix| suffix == "lyp") {
            let read = lyp::read(path, &file.bytes);
            peak = MEMORY.peak_usage().saturating_sub(before);
            return read.map(drop);
        }
        let layout = read_bytes(path, &file.bytes);
        peak = MEMORY.peak_usage().saturating_sub(before);
        layout.map(|layout| walk(&layout))
    }));
    Outcome { read: attempt.ok(), peak, time: start.elapsed() }
}

/// Reads `MUTATIONS` mutations of some seeds on another thread, and watches it.
fn all_are_refused_or_read(seeds: Vec<Seed>) {
    let mutation = move |number: u64| mutated(&seeds, &mut Random::new(number));
    let (sender, outcomes) = mpsc::channel();
    let damaged = mutation.clone();
    let reader = std::thread::spawn(move || {
        for number in 0..MUTATIONS {
            let file = damaged(number);
            if sender.send((read_one(&file), file.bytes.len())).is_err() {
                return;
            }
        }
    });
    let (mut read, mut faults) = (0, Vec::new());
    let (mut slowest, mut largest) = ((Duration::ZERO, 0), 0);
    for number in 0..MUTATIONS {
        let fault = |what: &str| {
            let file = mutation(number);
            format!("mutation {number} of {} ({} bytes) {what}", file.name, file.bytes.len())
        };
        let Ok((outcome, size)) = outcomes.recv_timeout(DEADLINE) else {
            panic!("{}", fault("hangs"));
        };
        read += u64::from(matches!(outcome.read, Some(Ok(()))));
        slowest = slowest.max((outcome.time, number));
        largest = largest.max(outcome.peak);
        if outcome.read.is_none() {
            faults.push(fault("panics"));
        }
        if outcome.peak > 4 * size + SPARE_BYTES {
            faults.push(fault(&format!("takes {} MB", outcome.peak >> 20)));
        }
    }
    reader.join().unwrap();
    let (time, number) = slowest;
    let name = mutation(number).name;
    eprintln!("{read} of {MUTATIONS} read, in {largest} bytes; {number}, {name}, took {time:?}");
    assert!(largest > 0, "no memory was counted");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // Damage so heavy that nothing is read any more, or so light that all is, would test little.
    assert!((MUTATIONS / 20..MUTATIONS / 2).contains(&read), "{read} could be read");
}

/// One test, so that nothing else takes memory meanwhile.
#[test]
fn ten_thousand_damaged_files_are_refused_or_read_in_little_memory() {
    for seed in own_seeds() {
        if let Some(Err(error)) = read_one(&seed).read {
            panic!("a seed must be valid: {error}");
        }
    }
    all_are_refused_or_read(own_seeds());
    let shared = shared_seeds();
    if !shared.is_empty() {
        all_are_refused_or_read(shared);
    }
}
