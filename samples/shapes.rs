//! The shapes of the sample layouts: each sample as the bytes of its GDSII file.
//!
//! Shared by the generator (`make_samples.rs`) and by the test that the committed files are what it
//! makes. All coordinates are nm. The fields are made for 193 nm at NA 0.80: all samples but
//! `cell_block` fit a 2048 nm field with at least 250 nm to spare on every side.

use gds21::{
    GdsArrayRef, GdsBoundary, GdsBox, GdsDateTime, GdsDateTimes, GdsElement, GdsLibrary, GdsPath,
    GdsPoint, GdsStrans, GdsStruct, GdsStructRef, GdsUnits, Unsupported,
};

/// Layer of the single-layer samples.
const TARGET: i16 = 1;
/// Layers of `cell_block`.
const POLY: i16 = 10;
const CONTACT: i16 = 11;
const METAL: i16 = 12;
const STRAP: i16 = 13;

/// File name and contents of every sample.
///
/// # Errors
/// What `gds21` says where a layout cannot be encoded.
pub fn all() -> Result<Vec<(&'static str, Vec<u8>)>, String> {
    let samples = [
        ("lines_through_pitch.gds", lines_through_pitch()),
        ("isolated_line.gds", isolated_line()),
        ("contact_array.gds", contact_array()),
        ("elbow_and_t.gds", elbow_and_t()),
        ("dense_metal_tile.gds", dense_metal_tile()),
        ("cell_block.gds", cell_block()),
    ];
    samples.into_iter().map(|(name, cells)| Ok((name, encode(cells)?))).collect()
}

/// Nine lines 70 nm wide whose pitch opens from 140 to 260 nm.
fn lines_through_pitch() -> Vec<GdsStruct> {
    let pitches = [140, 140, 140, 150, 170, 190, 220, 260];
    let mut x = 0;
    let mut lines = vec![rect(TARGET, x, 0, 70, 1400)];
    for pitch in pitches {
        x += pitch;
        lines.push(rect(TARGET, x, 0, 70, 1400));
    }
    vec![cell("LINES_THROUGH_PITCH", lines)]
}

/// An isolated line, two line ends 100 nm apart, and a short bar.
fn isolated_line() -> Vec<GdsStruct> {
    let shapes = vec![
        rect(TARGET, 0, 0, 80, 1200),
        rect(TARGET, 600, 0, 80, 550),
        rect(TARGET, 600, 650, 80, 550),
        rect(TARGET, 1200, 450, 80, 300),
    ];
    vec![cell("ISOLATED_LINE", shapes)]
}

/// Contacts of 80 nm: a dense array, a looser one, a row, and one alone.
fn contact_array() -> Vec<GdsStruct> {
    let placements = vec![
        array("CONTACT", [0, 0], [5, 5], [160, 160], 0.0),
        array("CONTACT", [920, 0], [3, 3], [240, 240], 0.0),
        array("CONTACT", [0, 1000], [3, 1], [200, 200], 0.0),
        place("CONTACT", [1160, 1120], false, 0.0),
    ];
    vec![cell("CONTACT_ARRAY", placements), cell("CONTACT", vec![rect(TARGET, 0, 0, 80, 80)])]
}

/// Two nested elbows drawn as paths, a T on its side, a T on its foot, a jog, and a line end.
fn elbow_and_t() -> Vec<GdsStruct> {
    let shapes = vec![
        path(TARGET, 80, 2, &[(40, 40), (40, 640), (640, 640)]),
        path(TARGET, 80, 2, &[(200, 40), (200, 480), (640, 480)]),
        polygon(
            TARGET,
            &[
                (840, 0),
                (920, 0),
                (920, 300),
                (1300, 300),
                (1300, 380),
                (920, 380),
                (920, 680),
                (840, 680),
            ],
        ),
        polygon(
            TARGET,
            &[
                (0, 820),
                (900, 820),
                (900, 900),
                (480, 900),
                (480, 1300),
                (400, 1300),
                (400, 900),
                (0, 900),
            ],
        ),
        polygon(
            TARGET,
            &[
                (620, 1020),
                (1000, 1020),
                (1000, 1200),
                (1300, 1200),
                (1300, 1280),
                (920, 1280),
                (920, 1100),
                (620, 1100),
            ],
        ),
        rect(TARGET, 1040, 820, 260, 80),
    ];
    vec![cell("ELBOW_AND_T", shapes)]
}

/// Ten horizontal tracks, 64 to 80 nm wide and 76 nm apart, in segments of random length, some
/// joined to the track above by an upright bar. Rectangles overlap where a bar meets a segment.
fn dense_metal_tile() -> Vec<GdsStruct> {
    const SPACE: i32 = 76;
    const LENGTH: i32 = 1440;
    let widths = [72, 64, 80, 72, 72, 64, 80, 72, 64, 80];
    let mut random = Random(0x1170_05c0);
    let mut shapes = Vec::new();
    let mut below: Vec<(i32, i32)> = Vec::new();
    let (mut y, mut below_y) = (0, 0);
    for width in widths {
        let segments = segments(&mut random, LENGTH);
        for &(start, end) in &segments {
            shapes.push(rect(TARGET, start, y, end - start, width));
        }
        for (start, end) in overlaps(&below, &segments) {
            if end - start >= 200 && random.below(3) == 0 {
                let x = start + 40 + random.below((end - start - 152) / 8 + 1) * 8;
                shapes.push(rect(TARGET, x, below_y, 72, y + width - below_y));
            }
        }
        below = segments;
        below_y = y;
        y += width + SPACE;
    }
    vec![cell("DENSE_METAL_TILE", shapes)]
}

/// Pieces of one track: 160 to 616 nm long, 80 to 160 nm apart, on an 8 nm grid.
fn segments(random: &mut Random, length: i32) -> Vec<(i32, i32)> {
    let mut pieces = Vec::new();
    let mut x = random.below(3) * 40;
    while length - x >= 160 {
        let end = (x + 160 + random.below(58) * 8).min(length);
        pieces.push((x, end));
        x = end + 80 + random.below(11) * 8;
    }
    pieces
}

/// Stretches where a segment of each list lies above the other.
fn overlaps(below: &[(i32, i32)], above: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let pairs = below.iter().flat_map(|b| above.iter().map(move |a| (b, a)));
    pairs.map(|(b, a)| (b.0.max(a.0), b.1.min(a.1))).filter(|(start, end)| start < end).collect()
}

/// Four rows of cells, 6000 by 5760 nm: every other row mirrored, contacts on the rails and straps
/// above them as arrays.
fn cell_block() -> Vec<GdsStruct> {
    const ROW: i32 = 1440;
    let kinds = [("INV", 480), ("NAND2", 720), ("FILL", 240)];
    let mut random = Random(0x6ce1_1b10);
    let mut placements = Vec::new();
    for row in 0..4 {
        let mut x = 0;
        while x < 6000 {
            let fitting: Vec<_> = kinds.iter().filter(|(_, width)| x + width <= 6000).collect();
            let (name, width) = *fitting[random.below(fitting.len() as i32) as usize];
            // A mirrored cell hangs from its origin, so that rows share their rails.
            let mirrored = row % 2 == 1;
            placements.push(place(
                name,
                [x, if mirrored { (row + 1) * ROW } else { row * ROW }],
                mirrored,
                0.0,
            ));
            x += width;
        }
    }
    placements.push(array("RAIL_CONTACT", [120, 0], [25, 5], [240, ROW], 0.0));
    placements.push(array("STRAP", [264, 120], [10, 4], [576, ROW], 0.0));
    // Turned by a right angle, the strap lies across the top.
    placements.push(place("STRAP", [3600, 6000], false, 90.0));
    vec![
        cell("CELL_BLOCK", placements),
        inverter(),
        nand2(),
        cell("FILL", rails(240)),
        cell("RAIL_CONTACT", vec![square(CONTACT, -32, -32, 64)]),
        cell("STRAP", vec![path(STRAP, 72, 0, &[(0, 0), (0, 1200)])]),
    ]
}

/// The two rails of a cell.
fn rails(width: i32) -> Vec<GdsElement> {
    vec![rect(METAL, 0, -60, width, 120), rect(METAL, 0, 1380, width, 120)]
}

fn inverter() -> GdsStruct {
    let mut shapes = rails(480);
    shapes.extend([
        rect(METAL, 60, 400, 72, 640),
        rect(METAL, 204, 60, 72, 240),
        rect(METAL, 204, 1140, 72, 240),
        rect(METAL, 348, 240, 72, 960),
        path(POLY, 60, 0, &[(240, 180), (240, 1260)]),
        polygon(POLY, &[(60, 690), (210, 690), (210, 750), (60, 750)]),
        square(CONTACT, 64, 688, 64),
        square(CONTACT, 208, 160, 64),
        square(CONTACT, 208, 1216, 64),
        square(CONTACT, 352, 300, 64),
        square(CONTACT, 352, 1076, 64),
    ]);
    cell("INV", shapes)
}

fn nand2() -> GdsStruct {
    let mut shapes = rails(720);
    shapes.extend([
        rect(METAL, 60, 400, 72, 640),
        rect(METAL, 588, 400, 72, 640),
        rect(METAL, 204, 60, 72, 240),
        rect(METAL, 204, 1140, 72, 240),
        rect(METAL, 492, 1140, 72, 240),
        polygon(METAL, &[(348, 240), (564, 240), (564, 312), (420, 312), (420, 1200), (348, 1200)]),
        path(POLY, 60, 0, &[(240, 180), (240, 1260)]),
        path(POLY, 60, 0, &[(456, 180), (456, 1260)]),
        square(CONTACT, 64, 688, 64),
        square(CONTACT, 592, 688, 64),
        square(CONTACT, 208, 160, 64),
        square(CONTACT, 208, 1216, 64),
        square(CONTACT, 496, 1216, 64),
        square(CONTACT, 352, 1076, 64),
        square(CONTACT, 496, 244, 64),
    ]);
    cell("NAND2", shapes)
}

/// Numbers that look random and are the same everywhere: a 32-bit xorshift (Marsaglia 2003).
struct Random(u32);

impl Random {
    /// A number from 0 to `limit - 1`.
    fn below(&mut self, limit: i32) -> i32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 % limit.max(1) as u32) as i32
    }
}

fn polygon(layer: i16, corners: &[(i32, i32)]) -> GdsElement {
    let mut xy = GdsPoint::vec(corners);
    xy.extend(xy.first().cloned());
    GdsElement::GdsBoundary(GdsBoundary { layer, xy, ..GdsBoundary::default() })
}

fn rect(layer: i16, x: i32, y: i32, width: i32, height: i32) -> GdsElement {
    polygon(layer, &[(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
}

/// A square as a box element.
fn square(layer: i16, x: i32, y: i32, side: i32) -> GdsElement {
    let corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)];
    let xy = corners.map(|(x, y)| GdsPoint::new(x, y));
    GdsElement::GdsBox(GdsBox { layer, xy, ..GdsBox::default() })
}

fn path(layer: i16, width: i32, path_type: i16, points: &[(i32, i32)]) -> GdsElement {
    GdsElement::GdsPath(GdsPath {
        layer,
        xy: GdsPoint::vec(points),
        width: Some(width),
        path_type: Some(path_type),
        ..GdsPath::default()
    })
}

fn turned(mirrored: bool, angle: f64) -> Option<GdsStrans> {
    let turn = GdsStrans { reflected: mirrored, angle: Some(angle), ..GdsStrans::default() };
    (mirrored || angle != 0.0).then_some(turn)
}

fn place(name: &str, [x, y]: [i32; 2], mirrored: bool, angle: f64) -> GdsElement {
    GdsElement::GdsStructRef(GdsStructRef {
        name: name.into(),
        xy: GdsPoint::new(x, y),
        strans: turned(mirrored, angle),
        ..GdsStructRef::default()
    })
}

fn array(
    name: &str,
    [x, y]: [i32; 2],
    counts: [i16; 2],
    steps: [i32; 2],
    angle: f64,
) -> GdsElement {
    let [columns, rows] = counts;
    let right = GdsPoint::new(x + i32::from(columns) * steps[0], y);
    let up = GdsPoint::new(x, y + i32::from(rows) * steps[1]);
    GdsElement::GdsArrayRef(GdsArrayRef {
        name: name.into(),
        xy: [GdsPoint::new(x, y), right, up],
        cols: columns,
        rows,
        strans: turned(false, angle),
        ..GdsArrayRef::default()
    })
}

fn cell(name: &str, elems: Vec<GdsElement>) -> GdsStruct {
    GdsStruct { name: name.into(), dates: dates(), elems }
}

/// A fixed date: the files depend on the shapes alone.
fn dates() -> GdsDateTimes {
    let day = GdsDateTime { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    GdsDateTimes { modified: day.clone(), accessed: day }
}

fn encode(structs: Vec<GdsStruct>) -> Result<Vec<u8>, String> {
    let library = GdsLibrary {
        name: "LITHOSCOPE_SAMPLES".into(),
        version: 600,
        dates: dates(),
        units: GdsUnits::new(1e-3, 1e-9),
        structs,
        libdirsize: Unsupported,
        srfname: Unsupported,
        libsecur: Unsupported,
        reflibs: Unsupported,
        fonts: Unsupported,
        attrtable: Unsupported,
        generations: Unsupported,
        format_type: Unsupported,
    };
    let mut bytes = Vec::new();
    library.write(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}
