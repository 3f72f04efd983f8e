//! What reading an OASIS file keeps, on request leaves out, and saves from a damaged one.
#![allow(clippy::unwrap_used, clippy::panic)]

mod oasis_bytes;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lithoscope_engine::geometry::Point;
use lithoscope_engine::layout::{
    Faults, Keep, Layer, Layout, LayoutError, Opened, Progress, Property, PropertyName,
    PropertyValue, ReadOptions, Repetition, read_with,
};
use oasis_bytes::{Bytes, block, cell, deflated, end, file, rectangle, s, start, text, u, us};

fn read_as(bytes: &[u8], options: &ReadOptions) -> Result<Opened, LayoutError> {
    read_with(Path::new("a.oas"), bytes, options)
}

fn read(bytes: &[u8]) -> Layout {
    read_as(bytes, &ReadOptions::default()).unwrap().layout
}

fn refusal(bytes: &[u8]) -> String {
    read_as(bytes, &ReadOptions::default()).unwrap_err().to_string()
}

fn saved(bytes: &[u8]) -> Opened {
    read_as(bytes, &ReadOptions { faults: Faults::Skip, ..ReadOptions::default() }).unwrap()
}

/// A text on 3/4 at (5, 6), followed by `more`.
fn label(string: &str, more: &[u8]) -> Bytes {
    let repetition = if more.is_empty() { 0 } else { 4 };
    [vec![19, 0x5b | repetition], text(string), us(&[3, 4]), s(5), s(6), more.to_vec()].concat()
}

/// A property with its name and one string spelled out.
fn property(name: &str, value: &str) -> Bytes {
    [vec![28, 0x14], text(name), vec![10], text(value)].concat()
}

fn bytes(value: &str) -> PropertyValue {
    PropertyValue::Bytes(value.as_bytes().into())
}

fn spelled(name: &str, value: &str) -> Property {
    let name = PropertyName::Text(name.into());
    Property { name, values: vec![bytes(value)], standard: false }
}

#[test]
fn texts_keep_layer_string_place_and_copies() {
    let by_number = [vec![19, 0x7b], us(&[0, 3, 4]), s(7), s(8)].concat();
    let records =
        [cell("A"), label("VDD", &us(&[2, 1, 50])), by_number, vec![5], text("caf\u{e9}")];
    let layout = read(&file(&records));
    let texts = &layout.cells()[0].texts;
    let strings: Vec<&str> = texts.iter().map(|t| &*t.string).collect();
    assert_eq!(strings, ["VDD", "caf\u{e9}"]);
    assert_eq!((texts[0].layer, texts[0].at), (Layer::new(3, 4), Point::new(5, 6)));
    let copies: Vec<_> = texts[0].repetition.as_ref().unwrap().offsets().collect();
    assert_eq!(copies, [[0, 0], [50, 0], [100, 0]]);
    assert_eq!((texts[1].at, texts[1].repetition.is_none()), (Point::new(7, 8), true));
}

#[test]
fn properties_reach_what_they_stand_behind() {
    let gds = [vec![28, 0x25], text("S_GDS_PROPERTY"), us(&[8, 7, 10]), text("net")].concat();
    let by_number = [vec![28, 0x16], u(0), us(&[13, 0])].concat();
    let place = [vec![17, 0xb0], text("B"), s(0), s(0)].concat();
    let of_the_file = [vec![28, 0x15], text("S_TOP_CELL"), vec![12], text("A")].concat();
    let records = [
        of_the_file,
        property("made by", "hand"),
        vec![3],
        text("A"),
        property("P", "beside the name"),
        vec![7],
        text("tabled"),
        vec![9],
        vec![2, 0xff, 0x00],
        vec![13, 0],
        property("P", "in the cell"),
        rectangle(0, 0, &[]),
        gds,
        rectangle(1, 0, &[]),
        label("T", &[]),
        property("P", "of the text"),
        vec![15],
        place,
        by_number,
        // The last property once more.
        vec![29],
    ];
    let bytes_of_file = file(&records);
    let layout = read(&bytes_of_file);
    let of = |p: &Option<Arc<[Property]>>| p.as_deref().unwrap_or_default().to_vec();
    assert_eq!(of(&layout.properties), [spelled("made by", "hand")]);
    let cell = &layout.cells()[0];
    assert_eq!(
        of(&cell.properties),
        [spelled("P", "beside the name"), spelled("P", "in the cell")]
    );
    let shapes: Vec<_> = cell.shapes(Layer::new(1, 2)).unwrap().iter().collect();
    let number =
        Property { name: PropertyName::Number(7), values: vec![bytes("net")], standard: false };
    assert_eq!(of(shapes[0].properties), [number]);
    assert_eq!(*shapes[1].properties, None);
    assert_eq!(of(&cell.texts[0].properties), [spelled("P", "of the text")]);
    let tabled = Property {
        name: PropertyName::Text("tabled".into()),
        values: vec![PropertyValue::Bytes([0xff, 0x00][..].into())],
        standard: false,
    };
    assert_eq!(of(&cell.instances[0].properties), [tabled.clone(), tabled]);

    let without = ReadOptions { properties: Keep::Nothing, ..ReadOptions::default() };
    let layout = read_as(&bytes_of_file, &without).unwrap().layout;
    let cell = &layout.cells()[0];
    assert!(layout.properties.is_none() && cell.properties.is_none());
    assert!(cell.shapes(Layer::new(1, 2)).unwrap().iter().all(|s| s.properties.is_none()));
    assert!(cell.texts[0].properties.is_none() && cell.instances[0].properties.is_none());
}

#[test]
fn layers_get_the_names_of_shapes_before_those_of_texts() {
    let named = |id: u8, name: &str, layer: &[u64]| [vec![id], text(name), us(layer)].concat();
    let records = [
        named(12, "of texts", &[3, 1, 3, 0]),
        named(11, "of shapes", &[3, 1, 3, 0]),
        named(12, "labels", &[3, 2, 4, 5, 5]),
        named(11, "many", &[4, 6, 8, 3, 0]),
        named(11, "all", &[0, 0]),
    ];
    let names = read(&file(&records)).layer_names;
    let names: Vec<_> = names.iter().map(|(layer, name)| (*layer, name.as_str())).collect();
    assert_eq!(names, [(Layer::new(1, 0), "of shapes"), (Layer::new(2, 5), "labels")]);
}

#[test]
fn only_layers_asked_for_are_kept() {
    let records = [cell("A"), rectangle(0, 0, &[]), property("P", "1"), label("T", &[])];
    let only = |layer| {
        let layers = Some(BTreeSet::from([layer]));
        read_as(&file(&records), &ReadOptions { layers, ..ReadOptions::default() }).unwrap().layout
    };
    let shapes = only(Layer::new(1, 2));
    assert_eq!(shapes.all_layers(), [Layer::new(1, 2)]);
    let texts = only(Layer::new(3, 4));
    assert_eq!(texts.all_layers(), [Layer::new(3, 4)]);
    // The property of the rectangle is not the text's.
    assert!(texts.cells()[0].texts[0].properties.is_none());
}

#[test]
fn progress_reaches_the_end_and_can_break_off() {
    let many: Bytes = (0..400_000).flat_map(|i| rectangle(i, -i, &[])).collect();
    let bytes = file(&[cell("A"), many]);
    let last = AtomicUsize::new(0);
    let told = |progress: Progress| {
        let before = last.swap(progress.done as usize, Ordering::Relaxed);
        assert!(before as u64 <= progress.done && progress.total == Some(bytes.len() as u64));
        ControlFlow::Continue(())
    };
    let options = ReadOptions { progress: Some(&told), ..ReadOptions::default() };
    assert!(read_as(&bytes, &options).is_ok());
    assert_eq!(last.load(Ordering::Relaxed), bytes.len());
    let stop = |progress: Progress| {
        if progress.done > 1 << 21 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ReadOptions { progress: Some(&stop), ..ReadOptions::default() };
    assert!(matches!(read_as(&bytes, &options), Err(LayoutError::Cancelled { .. })));
}

#[test]
fn a_list_of_places_used_again_is_shared() {
    let list = [vec![10, 1], us(&[7 << 4, 9 << 4])].concat();
    let layout =
        read(&file(&[cell("A"), rectangle(0, 0, &list), rectangle(5, 5, &[0]), label("T", &[0])]));
    let top = &layout.cells()[0];
    let lists: Vec<_> =
        top.shapes(Layer::new(1, 2)).unwrap().iter().map(|s| s.repetition).collect();
    let of = |r: Option<&Repetition>| match r {
        Some(Repetition::List(offsets)) => offsets.clone(),
        other => panic!("{other:?}"),
    };
    let first = of(lists[0]);
    assert!(Arc::ptr_eq(&first, &of(lists[1])));
    assert!(Arc::ptr_eq(&first, &of(top.texts[0].repetition.as_ref())));
    // A copy of any use of it may leave the coordinate range.
    let far = rectangle(i64::from(i32::MAX) - 20, 0, &[0]);
    let text = refusal(&file(&[cell("A"), rectangle(0, 0, &list), far]));
    assert!(text.contains("coordinate of 2147483653"), "{text}");
}

#[test]
fn files_of_a_few_bytes_that_stand_for_gigabytes_are_refused() {
    // Two bytes a rectangle, a thousand inflated for one.
    let rectangles = [rectangle(0, 0, &[]), [20, 0].repeat(3 << 20)].concat();
    let text = refusal(&file(&[cell("A"), block(&rectangles)]));
    assert!(text.contains("record RECTANGLE") && text.contains("128 for each byte"), "{text}");
    // A polygon of many points, again and again.
    let steps = [8 << 2, 8 << 2 | 1, 8 << 2 | 2, 8 << 2 | 1].repeat(1 << 15);
    let list = [us(&[2, steps.len() as u64]), steps].concat();
    let polygon = [vec![21, 0x3b, 1, 2], list, s(0), s(0)].concat();
    let text = refusal(&file(&[cell("A"), polygon, [21, 0].repeat(10_000)]));
    assert!(text.contains("record POLYGON") && text.contains("128 for each byte"), "{text}");
    // Padding without end.
    let text = refusal(&file(&[block(&vec![0; 96 << 20])]));
    assert!(text.contains("inflate to more than"), "{text}");
    // A repetition longer than the file can hold.
    let claimed = vec![0; 4 << 20];
    let list = [us(&[4, 3 << 20]), claimed].concat();
    let text = refusal(&file(&[cell("A"), block(&rectangle(0, 0, &list))]));
    assert!(text.contains("record RECTANGLE") && text.contains("128 for each byte"), "{text}");
    // What compresses well and stays small is legal.
    let few = [rectangle(0, 0, &[]), [20, 0].repeat(1 << 18)].concat();
    assert!(deflated(&few).len() < few.len() / 400);
    let layout = read(&file(&[cell("A"), block(&few)]));
    assert_eq!(layout.cells()[0].shapes(Layer::new(1, 2)).unwrap().stored(), (1 << 18) + 1);
}

/// `START` of a file whose `END` has the table offsets.
fn open_start() -> Bytes {
    let mut bytes = start(&us(&[0, 1000]));
    bytes.truncate(bytes.len() - 13);
    bytes.push(1);
    bytes
}

/// `END` with the offsets of tables of cell and property names that are strict.
fn end_with(cell_names: usize, property_names: usize) -> Bytes {
    let tables = us(&[1, cell_names as u64, 0, 0, 1, property_names as u64, 0, 0, 0, 0, 0, 0]);
    let padding = 256 - tables.len() - 4;
    [vec![2], tables, u(padding as u64), vec![0; padding], vec![0]].concat()
}

/// Cells, then a table of their names with the offset of each moved by `shift`, then `END`.
fn with_offsets(cells: &[(&str, Bytes)], shift: i64) -> Bytes {
    let mut bytes = open_start();
    let mut offsets = Vec::new();
    for (number, (_, records)) in cells.iter().enumerate() {
        offsets.push((bytes.len() as i64 + shift) as u64);
        bytes.extend([vec![13, number as u8], records.clone()].concat());
    }
    let property_names = bytes.len();
    bytes.extend([vec![7], text("S_CELL_OFFSET")].concat());
    let cell_names = bytes.len();
    for ((name, _), offset) in cells.iter().zip(offsets) {
        let property = [vec![28, 0x17, 0, 8], u(offset)].concat();
        bytes.extend([vec![3], text(name), property].concat());
    }
    bytes.extend(end_with(cell_names, property_names));
    bytes
}

/// Cells that place one another, with labels, properties and compressed parts.
fn some_cells() -> Vec<(&'static str, Bytes)> {
    let place = |number: u64, x: i64| [vec![17, 0xf0], u(number), s(x), s(2)].concat();
    let marks = |tag: &str| {
        [rectangle(1, 2, &[]), property("net", tag), label(tag, &[]), property("of", tag)].concat()
    };
    vec![
        ("LEAF", [marks("a"), block(&rectangle(3, 4, &us(&[2, 1, 50])))].concat()),
        ("MID", [place(0, 5), marks("b"), place(0, 9)].concat()),
        ("TOP", [block(&[place(1, 0), place(0, 70)].concat()), property("last", "one")].concat()),
    ]
}

/// A layout as text, and how often progress was told of while reading it.
fn listing(bytes: &[u8]) -> (String, usize) {
    let told = AtomicUsize::new(0);
    let count = |_: Progress| {
        told.fetch_add(1, Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    let options = ReadOptions { progress: Some(&count), ..ReadOptions::default() };
    let layout = read_as(bytes, &options).unwrap().layout;
    (format!("{layout:?}"), told.into_inner())
}

#[test]
fn cells_read_at_the_same_time_are_those_read_one_after_the_other() {
    let cells = some_cells();
    let (parallel, parts) = listing(&with_offsets(&cells, 0));
    assert!(parallel.contains("\"LEAF\"") && parallel.contains("last"), "{parallel}");
    // Each part tells when it is done: the head, three cells; then the start.
    assert_eq!(parts, 5);
    for shift in [-1, 1, 2, 5, -30] {
        let (serial, _) = listing(&with_offsets(&cells, shift));
        assert_eq!(serial, parallel, "offsets moved by {shift}");
    }
    let zero = with_offsets(&cells, 0);
    let plain: Vec<_> = cells.iter().flat_map(|(n, c)| [cell(n), c.clone()]).collect();
    // Another order of names gives other cell numbers, so the listing differs; the layout does not.
    let spelled = read(&file(&[
        plain.concat(),
        [vec![3], text("LEAF")].concat(),
        [vec![3], text("MID")].concat(),
    ]));
    let numbered = read(&zero);
    let (a, b) = (spelled.cell_named("TOP").unwrap(), numbered.cell_named("TOP").unwrap());
    assert_eq!(spelled.layers(a), numbered.layers(b));
    assert_eq!(spelled.bounds(a, None), numbered.bounds(b, None));
}

#[test]
fn one_bad_cell_is_passed_over_and_the_loss_listed() {
    let mut cells = some_cells();
    // A record that does not exist, in the open: the next cell is found by its offset.
    cells[1].1 = [rectangle(8, 8, &[]), vec![99], rectangle(9, 9, &[])].concat();
    let bytes = with_offsets(&cells, 0);
    assert!(refusal(&bytes).contains("record-ID 99"));
    let opened = saved(&bytes);
    let layout = opened.layout;
    let names: Vec<_> = layout.cells().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["LEAF", "MID", "TOP"]);
    assert_eq!(layout.cells()[1].shapes(Layer::new(1, 2)).unwrap().stored(), 1);
    assert_eq!(layout.cells()[2].instances.len(), 2);
    let losses: Vec<_> = opened.losses.iter().map(ToString::to_string).collect();
    assert_eq!(losses.len(), 1, "{losses:?}");
    assert!(losses[0].starts_with("cell 'MID': byte "), "{losses:?}");
    assert!(losses[0].contains("everything up to byte "), "{losses:?}");

    // Damage inside a block: what follows the block is in step again, but of the same cell.
    let mut packed = block(&[rectangle(0, 0, &[]), vec![99], rectangle(1, 1, &[])].concat());
    packed.extend(rectangle(2, 2, &[]));
    let records = [cell("A"), packed, cell("B"), rectangle(5, 5, &[]), vec![5], text("T")];
    let opened = saved(&file(&records));
    assert_eq!(opened.losses.len(), 1, "{:?}", opened.losses);
    let stored = |i: usize| opened.layout.cells()[i].shapes(Layer::new(1, 2)).unwrap().stored();
    assert_eq!((stored(0), stored(1)), (1, 1));

    assert!(opened.losses[0].problem.ends_with("the rest of the cell is lost"));

    // Nothing tells where the next cell is, but where END is.
    let bytes = file(&[cell("A"), rectangle(0, 0, &[]), vec![99], cell("B")]);
    let opened = saved(&bytes);
    assert_eq!((opened.layout.cells().len(), opened.losses.len()), (1, 1));
    let wanted = format!("everything up to byte {} is lost", bytes.len() - 256);
    assert!(opened.losses[0].problem.ends_with(&wanted), "{:?}", opened.losses);
}

#[test]
fn what_names_and_modal_variables_leave_open_is_filled_in_and_listed() {
    let problems = |records: &[Bytes]| {
        let opened = saved(&file(records));
        let problems: Vec<_> = opened.losses.iter().map(|loss| loss.problem.clone()).collect();
        (opened.layout, problems)
    };
    // As KLayout takes them: texttype 0, no repetition.
    let bare = [vec![19, 0x5d], text("T"), vec![3], s(5), s(6), vec![0]].concat();
    let (layout, listed) = problems(&[cell("A"), bare]);
    assert_eq!(layout.cells()[0].texts[0].layer, Layer::new(3, 0));
    assert!(layout.cells()[0].texts[0].repetition.is_none());
    assert!(listed[0].contains("before it is set; it is taken for 0 or nothing"), "{listed:?}");

    let by_number = [vec![19, 0x7b], us(&[9, 3, 4]), s(7), s(8)].concat();
    let (layout, listed) = problems(&[cell("A"), by_number, vec![13, 4], rectangle(0, 0, &[])]);
    assert_eq!(&*layout.cells()[0].texts[0].string, "");
    assert_eq!(layout.cells()[1].name, "CELL $4");
    assert!(listed[0].contains("refers to number 9, which no TEXTSTRING"), "{listed:?}");
    assert!(listed[1].contains("refers to number 4, which no CELLNAME"), "{listed:?}");

    let (layout, listed) = problems(&[cell("A"), cell("A"), rectangle(0, 0, &[]), cell("B")]);
    assert_eq!(layout.cells().len(), 2);
    assert!(layout.cells()[0].layers().next().is_none());
    assert!(listed[0].contains("defined again") && listed.len() == 1, "{listed:?}");

    let circle = |name: &str, of: &str| [cell(name), vec![17, 0x80], text(of)].concat();
    let (layout, listed) = problems(&[circle("A", "B"), circle("B", "A")]);
    assert!(listed[0].contains("in a circle: A > B > A"), "{listed:?}");
    assert_eq!(layout.top_cells().len(), 1);

    let whole = file(&[cell("A"), rectangle(0, 0, &[])]);
    for length in 40..whole.len() {
        assert!(!saved(&whole[..length]).losses.is_empty(), "{length} bytes");
    }
}

#[test]
fn names_outside_of_a_strict_table_are_refused() {
    let head = open_start();
    let name = |n: &str| [vec![3], text(n)].concat();
    let whole =
        |records: &[Bytes], at: usize| [head.clone(), records.concat(), end_with(at, 0)].concat();
    let table = [name("A"), property("P", "1"), vec![0, 0], name("B")].concat();
    let cells = || vec![13, 0, 13, 1];
    let first = head.len();
    assert!(read_as(&whole(&[table.clone(), cells()], first), &ReadOptions::default()).is_ok());
    let packed = whole(&[cells(), block(&table)], first + 4);
    assert!(read_as(&packed, &ReadOptions::default()).is_ok());
    let stray = whole(&[table.clone(), cells(), name("C")], first);
    assert!(refusal(&stray).contains("record CELLNAME: outside of the CELLNAME table"));
    assert_eq!(saved(&stray).losses.len(), 1);
    let early = whole(&[name("Z"), vec![5], text("T"), table, cells()], first + 6);
    let text = refusal(&early);
    assert!(text.contains(&format!("byte {first}: record CELLNAME: outside")), "{text}");
}

#[test]
fn endings_are_those_of_the_file() {
    // The helpers' END is legal: nothing is lost where nothing is wrong.
    let opened = saved(&[start(&us(&[0, 1000])), end(0)].concat());
    assert!(opened.losses.is_empty() && opened.layout.cells().is_empty());
}
