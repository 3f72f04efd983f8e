//! OASIS files built here byte by byte: what the standard's less common records mean, and that
//! nothing illegal or damaged gets through or does harm.
#![allow(clippy::unwrap_used, clippy::panic)]

mod oasis_bytes;
mod random;

use std::path::Path;

use lithoscope_engine::geometry::{Point, Rect};
use lithoscope_engine::layout::oasis::{Element, Figure, Name, Value, elements};
use lithoscope_engine::layout::{
    Bounds, CellId, Faults, Geometry, Layer, Layout, LayoutError, ReadOptions, Region, Repetition,
    read_bytes, read_with,
};
use oasis_bytes::{Bytes, block, cell, deflated, end, file, rectangle, s, start, text, u, us};
use random::Random;

fn read(bytes: &[u8]) -> Result<Layout, LayoutError> {
    read_bytes(Path::new("a.oas"), bytes)
}

fn refusal(records: &[Bytes]) -> String {
    read(&file(records)).unwrap_err().to_string()
}

/// Everything in a file, as the debug text of its elements.
fn listing(bytes: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    elements(Path::new("a.oas"), bytes, &mut |element| {
        let text = match element {
            Element::Cell { name, .. } => format!("{name:?}"),
            other => format!("{other:?}"),
        };
        lines.push(text);
        Ok(())
    })
    .unwrap();
    lines
}

/// The first shape of the first cell.
fn only(layout: &Layout) -> Geometry<'_> {
    let shapes = layout.cells()[0].shapes(Layer::new(1, 2)).unwrap();
    shapes.iter().next().unwrap().geometry
}

/// Lower left corners of all shapes of the first cell, sorted.
fn corners(layout: &Layout) -> Vec<(i32, i32)> {
    let everywhere = Bounds { min: [-1e12; 2], max: [1e12; 2] };
    let found = layout.shapes_in(CellId(0), Region::new(everywhere, None));
    let boxes = found.map(|f| Bounds::of(f.shape.geometry.bounding_box()).mapped(&f.map()));
    let mut corners: Vec<_> = boxes.map(|b| (b.min[0] as i32, b.min[1] as i32)).collect();
    corners.sort_unstable();
    corners
}

#[test]
fn every_repetition_type_puts_copies_where_the_standard_says() {
    // An east displacement of 7 is 0x70 (octangular), (3, -4) is two numbers.
    let (east, skew) = (7 << 4, [3 << 2 | 1, 4 << 1 | 1]);
    let cases: [(Bytes, Vec<(i32, i32)>); 11] = [
        (us(&[1, 0, 0, 5, 6]), vec![(0, 0), (0, 6), (5, 0), (5, 6)]),
        (us(&[2, 1, 5]), vec![(0, 0), (5, 0), (10, 0)]),
        (us(&[3, 1, 5]), vec![(0, 0), (0, 5), (0, 10)]),
        (us(&[4, 1, 5, 7]), vec![(0, 0), (5, 0), (12, 0)]),
        (us(&[5, 1, 10, 5, 7]), vec![(0, 0), (50, 0), (120, 0)]),
        (us(&[6, 1, 5, 7]), vec![(0, 0), (0, 5), (0, 12)]),
        (us(&[7, 1, 10, 5, 7]), vec![(0, 0), (0, 50), (0, 120)]),
        (us(&[8, 0, 0, east, skew[0], skew[1]]), vec![(0, 0), (3, -4), (7, 0), (10, -4)]),
        (us(&[9, 1, skew[0], skew[1]]), vec![(0, 0), (3, -4), (6, -8)]),
        (us(&[10, 1, east, skew[0], skew[1]]), vec![(0, 0), (7, 0), (10, -4)]),
        (us(&[11, 1, 2, east, skew[0], skew[1]]), vec![(0, 0), (14, 0), (20, -8)]),
    ];
    for (repetition, wanted) in cases {
        let layout = read(&file(&[cell("A"), rectangle(0, 0, &repetition)])).unwrap();
        assert_eq!(corners(&layout), wanted, "type {}", repetition[0]);
        // Type 0 repeats the repetition.
        let again = [cell("A"), rectangle(0, 0, &repetition), rectangle(1000, 0, &[0])];
        let twice = corners(&read(&file(&again)).unwrap());
        assert_eq!(twice.len(), 2 * wanted.len());
        assert!(wanted.iter().all(|&(x, y)| twice.contains(&(x + 1000, y))));
    }
}

#[test]
fn every_compact_trapezoid_covers_its_area() {
    let (w, h) = (100i64, 30i64);
    for kind in 0..26u64 {
        // Types 0 to 7 lie, 8 to 15 stand.
        let (w, h) = if (8..16).contains(&kind) { (h, w) } else { (w, h) };
        let short = w.min(h);
        let twice = match kind {
            0..=3 | 8..=11 => 2 * w * h - short * short,
            4 | 5 | 12 | 13 => 2 * w * h - 2 * short * short,
            6 | 7 | 14 | 15 => 2 * w * h - 2 * short * short,
            16..=19 => w * w,
            20 | 21 => 2 * h * h,
            22 | 23 => 2 * w * w,
            24 => 2 * w * h,
            _ => 2 * w * w,
        };
        let sizes = us(&[kind, w as u64, h as u64]);
        let record = [vec![26, 0xfb, 1, 2], sizes, s(5), s(6)].concat();
        let layout = read(&file(&[cell("A"), record])).unwrap();
        let shape = only(&layout);
        assert_eq!(shape.area2(), i128::from(twice), "type {kind}");
        let (width, height) = match kind {
            16..=19 | 25 => (w, w),
            20 | 21 => (2 * h, h),
            22 | 23 => (w, 2 * w),
            _ => (w, h),
        };
        let wanted = Rect::new(5, 6, 5 + width as i32, 6 + height as i32);
        assert_eq!(shape.bounding_box(), wanted, "type {kind}");
    }
}

#[test]
fn every_point_list_type_spells_the_same_square() {
    let lists = [
        [us(&[0, 2]), s(8), s(8)].concat(),
        [us(&[1, 2]), s(8), s(8)].concat(),
        us(&[2, 3, 8 << 2, 8 << 2 | 1, 8 << 2 | 2]),
        us(&[3, 3, 8 << 3, 8 << 3 | 1, 8 << 3 | 2]),
        us(&[4, 3, 8 << 4, 1, 8 << 1, 8 << 4 | 2 << 1]),
        // Displacements of displacements: east 8, then (-8, +8), then (-8, -8).
        us(&[5, 3, 8 << 4, 8 << 4 | 5 << 1, 8 << 4 | 6 << 1]),
    ];
    for list in lists {
        let record = [vec![21, 0x3b, 1, 2], list.clone(), s(-3), s(4)].concat();
        let layout = read(&file(&[cell("A"), record])).unwrap();
        let shape = only(&layout);
        assert_eq!(shape.area2(), 128, "type {}", list[0]);
        assert_eq!(shape.bounding_box(), Rect::new(-3, 4, 5, 12), "type {}", list[0]);
    }
}

#[test]
fn compressed_records_are_those_outside_of_blocks() {
    // Long enough for several windows of the inflater, records across their ends included.
    let name = [vec![3], text("A")].concat();
    let many: Bytes = (0..30_000).flat_map(|i| rectangle(i * 7, -i, &[])).collect();
    let plain = file(&[name.clone(), vec![13, 0], many.clone()]);
    let packed = file(&[block(&name), block(&[vec![13, 0], many].concat())]);
    assert!(packed.len() < plain.len() / 2);
    assert_eq!(listing(&plain), listing(&packed));
}

#[test]
fn names_may_follow_their_use_and_meet_the_same_cell_spelled_out() {
    let by_number = [vec![17, 0xf0], u(0), s(5), s(6)].concat();
    let spelled = [vec![17, 0xb0], text("LEAF"), s(7), s(8)].concat();
    let leaf = [cell("LEAF"), rectangle(0, 0, &[])].concat();
    let names = [vec![3], text("LEAF"), vec![3], text("TOP")].concat();
    let layout = read(&file(&[vec![13, 1], by_number, spelled, leaf, names])).unwrap();
    assert_eq!(layout.cells().len(), 2);
    let (top, leaf) = (layout.cell_named("TOP").unwrap(), layout.cell_named("LEAF").unwrap());
    let origins: Vec<_> =
        layout.cells()[top.0].instances.iter().map(|i| i.transform.origin).collect();
    assert_eq!(origins, [Point::new(5, 6), Point::new(7, 8)]);
    assert!(layout.cells()[top.0].instances.iter().all(|i| i.cell == leaf));
    assert_eq!(layout.layers(top)[&Layer::new(1, 2)], 2);
}

#[test]
fn placements_keep_arrays_turns_and_magnification() {
    let record = [
        vec![18, 0xbf],
        text("LEAF"),
        us(&[4, 1, 2]),
        [vec![7], 22.5f64.to_le_bytes().to_vec()].concat(),
        s(100),
        s(-200),
        us(&[1, 1, 0, 30, 40]),
    ];
    let layout = read(&file(&[cell("TOP"), record.concat()])).unwrap();
    let instance = &layout.cells()[0].instances[0];
    let t = instance.transform;
    assert_eq!((t.mirror_x, t.magnification, t.angle_deg), (true, 0.5, 22.5));
    assert_eq!(t.origin, Point::new(100, -200));
    let Some(Repetition::Grid(array)) = &instance.repetition else { panic!("{instance:?}") };
    assert_eq!((array.columns, array.rows), (3, 2));
    assert_eq!(array.offset(2, 1), [60, 40]);
}

#[test]
fn positions_are_relative_on_request_and_absolute_again_in_the_next_cell() {
    let records = [
        cell("A"),
        vec![16],
        rectangle(5, 5, &[]),
        rectangle(5, -1, &[]),
        vec![15],
        rectangle(3, 3, &[]),
        vec![16],
        cell("B"),
        rectangle(9, 9, &[]),
        rectangle(4, 4, &[]),
    ];
    let layout = read(&file(&records)).unwrap();
    assert_eq!(corners(&layout), [(3, 3), (5, 5), (10, 4)]);
    let shapes = layout.cells()[1].shapes(Layer::new(1, 2)).unwrap();
    let boxes: Vec<_> = shapes.iter().map(|s| s.geometry.bounding_box()).collect();
    assert_eq!(boxes[1], Rect::new(4, 4, 14, 24));
}

#[test]
fn properties_come_with_their_names_and_values() {
    let property = [vec![28, 0x36], u(0), us(&[8, 300]), vec![9], s(-5), us(&[13, 0])].concat();
    let tables = [vec![7], text("P"), vec![9], text("hello")].concat();
    let bytes = file(&[cell("A"), rectangle(0, 0, &[]), property, vec![29], tables]);
    let mut found = Vec::new();
    let library = elements(Path::new("a.oas"), &bytes, &mut |element| {
        if let Element::Property { name, values, standard } = element {
            found.push(((*name).clone(), values.to_vec(), *standard));
        }
        Ok(())
    })
    .unwrap();
    let values = vec![Value::Unsigned(300), Value::Signed(-5), Value::TextNumber(0)];
    assert_eq!(found, vec![(Name::Number(0), values.clone(), false); 2]);
    assert_eq!(library.names.property(&Name::Number(0)), Some("P"));
    let texts: Vec<_> = values.iter().map(|v| library.names.value(v).unwrap()).collect();
    assert_eq!(texts, ["300", "-5", "hello"]);
}

#[test]
fn path_ends_follow_their_schemes() {
    let spine = [us(&[4, 1, 50 << 4]), s(0), s(0)].concat();
    let path = |scheme: &[u8]| [vec![22, 0xfb, 1, 2, 10], scheme.to_vec(), spine.clone()].concat();
    let ends = |record: &Bytes| {
        let mut ends = Vec::new();
        elements(
            Path::new("a.oas"),
            &file(&[cell("A"), path(&[0b1001]), record.clone()]),
            &mut |e| {
                if let Element::Shape { figure: Figure::Path { begin, end, .. }, .. } = e {
                    ends.push((*begin, *end));
                }
                Ok(())
            },
        )
        .unwrap();
        ends[1]
    };
    assert_eq!(ends(&path(&[0b0000])), (10, 0));
    assert_eq!(ends(&path(&[0b0001])), (10, 0));
    assert_eq!(ends(&path(&[0b0110])), (0, 10));
    assert_eq!(ends(&path(&[&[0b1111][..], &s(-3), &s(200)].concat())), (-3, 200));
    let shape = read(&file(&[cell("A"), path(&[0b1001])])).unwrap();
    let drawn = shape.bounding_box_nm(CellId(0), None);
    assert_eq!(drawn, Some(Rect::new(-10, -10, 50, 10)));
}

#[test]
fn units_of_any_real_kind_are_read() {
    let quarter = [vec![7], 4000f64.to_le_bytes().to_vec()].concat();
    let single = [vec![6], 2000f32.to_le_bytes().to_vec()].concat();
    let kinds = [(us(&[0, 1000]), 1.0), (us(&[4, 3000, 2]), 2.0 / 3.0), (us(&[2, 2]), 2000.0)];
    for (unit, unit_nm) in kinds.into_iter().chain([(quarter, 0.25), (single, 0.5)]) {
        let layout = read(&[start(&unit), end(0)].concat()).unwrap();
        assert!((layout.unit_nm - unit_nm).abs() < 1e-8, "{} {unit_nm}", layout.unit_nm);
    }
    for unit in
        [us(&[0, 0]), us(&[1, 5]), us(&[2, 0]), us(&[8, 1]), [vec![7], vec![0xff; 8]].concat()]
    {
        let text = read(&[start(&unit), end(0)].concat()).unwrap_err().to_string();
        assert!(text.contains("byte 13: record START"), "{text}");
    }
}

#[test]
fn signatures_are_verified() {
    let covered = |scheme| [start(&us(&[0, 1000])), rectangle_cell(), end(scheme)].concat();
    let crc = |bytes: &[u8]| {
        // Bit by bit, as ISO 3309 defines it.
        !bytes.iter().fold(u32::MAX, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |c, _| {
                c >> 1 ^ if c & 1 == 1 { 0xedb8_8320 } else { 0 }
            })
        })
    };
    let sum = |bytes: &[u8]| bytes.iter().map(|&b| u32::from(b)).sum::<u32>();
    let (first, second) = (covered(1), covered(2));
    let (crc, sum) = (crc(&first), sum(&second));
    for (bytes, signature, name) in [(first, crc, "CRC32"), (second, sum, "checksum")] {
        assert!(read(&[&bytes[..], &signature.to_le_bytes()].concat()).is_ok(), "{name}");
        let wrong = [&bytes[..], &(signature ^ 1).to_le_bytes()].concat();
        let text = read(&wrong).unwrap_err().to_string();
        assert!(text.contains("record END") && text.contains(name), "{text}");
    }
}

fn rectangle_cell() -> Bytes {
    [cell("A"), rectangle(0, 0, &[])].concat()
}

#[test]
fn illegal_records_are_named_with_their_place() {
    let polygon = |list: &[u64]| [vec![21, 0x3b, 1, 2], us(list), s(0), s(0)].concat();
    let inner = rectangle(0, 0, &[]);
    let packed = deflated(&inner);
    let sized =
        |claimed: u64| [vec![34], us(&[0, claimed, packed.len() as u64]), packed.clone()].concat();
    let cases: Vec<(Vec<Bytes>, &str)> = vec![
        (vec![rectangle(0, 0, &[])], "byte 34: record RECTANGLE: outside of any cell"),
        (vec![cell("A"), vec![20, 0]], "byte 37: record RECTANGLE: uses the modal variable layer"),
        (vec![cell("A"), vec![20, 3, 1, 1]], "modal variable geometry-w"),
        (vec![cell("A"), rectangle(0, 0, &[0])], "modal variable repetition"),
        (vec![cell("A"), vec![17, 0]], "record PLACEMENT: uses the modal variable placement-cell"),
        (vec![cell("A"), vec![29]], "last-property-name"),
        (vec![rectangle_cell(), cell("B"), vec![20, 0]], "modal variable layer"),
        (vec![cell("A"), rectangle(0, 0, &[12])], "repetition type 12"),
        (vec![cell("A"), polygon(&[6, 2, 4, 4])], "point-list type 6"),
        (vec![cell("A"), polygon(&[0, 3, 4, 4, 4])], "even number"),
        (vec![cell("A"), polygon(&[4, 1, 4])], "expected at least 2"),
        (vec![cell("A"), polygon(&[4, 1 << 40, 4])], "claims 1099511627776 points"),
        (vec![cell("A"), vec![26, 0xe3, 1, 2, 26, 5, 5]], "compact trapezoid type 26"),
        (vec![cell("A"), vec![26, 0xe3, 1, 2, 0, 5, 6]], "5 × 6 box"),
        (vec![cell("A"), [vec![23, 0x63, 1, 2, 9, 9], s(8), s(-8)].concat()], "that cross"),
        (vec![cell("A"), vec![20, 0xe3, 1, 2, 5, 5]], "square with a height"),
        (vec![vec![99]], "byte 34: record: record-ID 99"),
        (vec![vec![13, 7]], "byte 34: record CELL: refers to number 7"),
        (vec![rectangle_cell(), rectangle_cell()], "cell 'A' is defined again"),
        (vec![cell("A"), vec![13, 0, 3], text("A")], "record CELL: cell 'A' is defined again"),
        (vec![[vec![4], text("A"), vec![0, 3], text("B")].concat()], "do not mix"),
        (vec![[vec![4], text("A"), vec![0, 4], text("B"), vec![0]].concat()], "was 'A' before"),
        (vec![cell("A"), block(&block(&inner))], "a CBLOCK inside a CBLOCK"),
        (vec![cell("A"), block(&end(0))], "record END (byte 0 of the inflated CBLOCK)"),
        (
            vec![cell("A"), block(&inner[..4]), inner[4..].to_vec()],
            "runs past the end of its CBLOCK",
        ),
        (vec![cell("A"), sized(inner.len() as u64 + 1)], "but holds"),
        (vec![cell("A"), sized(inner.len() as u64 - 1)], "but holds more"),
        (vec![cell("A"), vec![34, 1, 1, 1, 1]], "compression type 1"),
        (vec![cell("A"), vec![34, 0, 9, 3, 0xff, 0xff, 0xff]], "damaged"),
        (vec![cell("A"), rectangle(1 << 31, 0, &[])], "coordinate of 2147483648"),
        (vec![cell("A"), rectangle(0, 0, &us(&[2, u64::MAX, u64::MAX / 2]))], "a coordinate of"),
        (vec![cell("A"), vec![18, 0x84, 1, b'B', 0, 0]], "magnification 0"),
        (vec![cell("A"), vec![17, 0x80, 1, b'A']], "circle: A > A"),
        (vec![vec![1]], "a second START"),
        (vec![end(0)], "256 bytes follow"),
    ];
    for (records, wanted) in cases {
        let text = refusal(&records);
        assert!(text.starts_with("a.oas: ") && text.contains(wanted), "{text}: {wanted}");
    }
    let whole = file(&[rectangle_cell()]);
    for length in 13..whole.len() {
        let error = read(&whole[..length]).unwrap_err();
        assert!(matches!(error, LayoutError::Oasis { offset, .. } if offset <= length as u64));
    }
}

fn corrupted(random: &mut Random, bytes: &[u8]) -> Bytes {
    let mut bad = bytes.to_vec();
    // The frame is tested elsewhere: here what is between its parts, where all the rest is.
    let (first, last) = (34, bytes.len() - 256);
    for _ in 0..=random.below(3) {
        let at = first + random.below(last - first);
        let value = [0, 0xff, 0x7f, 0x80, random.below(256) as u8][random.below(5)];
        match random.below(8) {
            0 => bad.truncate(at),
            1 => drop(bad.splice(at..at, [value])),
            2 => drop(bad.splice(at..=at, [])),
            3 => bad[at] ^= 1 << random.below(8),
            _ => bad[at] = value,
        }
        bad.resize(bytes.len().max(bad.len()), 0);
    }
    bad
}

#[test]
fn corrupted_files_give_a_layout_or_an_error_and_never_a_panic() {
    let shapes = [
        rectangle(3, 4, &us(&[1, 1, 2, 5, 6])),
        [vec![21, 0x3f, 1, 2], us(&[4, 3, 160, 33, 40, 50]), s(1), s(2), us(&[10, 1, 16, 18])]
            .concat(),
        [vec![22, 0xfb, 3, 4, 5, 0x0f], s(4), s(-2), us(&[2, 2, 40, 41]), s(0), s(9)].concat(),
        [vec![23, 0x7b, 1, 2, 50, 40], s(8), s(-8), s(0), s(0)].concat(),
        [vec![26, 0xfb, 1, 2, 4, 90, 30], s(0), s(0)].concat(),
        [vec![27, 0x3b, 1, 2, 90], s(0), s(0)].concat(),
        [vec![19, 0x5b], text("T"), us(&[1, 2]), s(3), s(4)].concat(),
        [vec![28, 0x24], text("P"), us(&[8, 3, 4, 1, 2])].concat(),
    ]
    .concat();
    let places = [
        [vec![17, 0xf9, 0], s(5), s(6), us(&[8, 1, 1, 33, 40, 52])].concat(),
        [vec![18, 0xf7, 0, 4, 1, 2, 0, 45], s(5), s(6)].concat(),
    ];
    let names = [vec![3], text("LEAF"), vec![3], text("TOP")].concat();
    let plain = [vec![13, 0], shapes.clone(), vec![13, 1], places.concat(), names.clone()];
    let packed = [names, vec![13, 0], block(&shapes), vec![13, 1], block(&places.concat())];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut read_whole, mut refused) = (0, 0);
    for good in [file(&plain), file(&packed)] {
        assert!(read(&good).is_ok());
        for _ in 0..3000 {
            let bad = corrupted(&mut random, &good);
            let strict = read(&bad);
            let lenient = ReadOptions { faults: Faults::Skip, ..ReadOptions::default() };
            let opened = read_with(Path::new("a.oas"), &bad, &lenient).unwrap();
            assert_eq!(opened.losses.is_empty(), strict.is_ok(), "{strict:?}: {:?}", opened.losses);
            match strict {
                Ok(layout) => {
                    read_whole += 1;
                    for &cell in layout.top_cells() {
                        assert!(layout.layers(cell).len() < 100);
                        layout.bounding_box_nm(cell, None);
                    }
                }
                Err(LayoutError::Oasis { offset, .. }) => {
                    refused += 1;
                    assert!(offset <= good.len() as u64 + 3);
                }
                Err(LayoutError::CellCycle { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(read_whole > 300 && refused > 300, "{read_whole} read, {refused} refused");
}
