//! GDSII streams put together by hand: everything in them arrives, as KLayout has it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod records;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lithoscope_engine::geometry::{Point, Rect};
use lithoscope_engine::layout::{
    Cell, CellId, Ends, Geometry, Keep, Layer, Layout, LayoutError, Properties, PropertyName,
    PropertyValue, ReadOptions, Repetition, Shapes, TextStyle, Transform, read_bytes, read_with,
};
use records::{bits, cell, element, library, longs, property, reals, record, shorts, text};

const LAYER: Layer = Layer::new(1, 0);
const SQUARE: [i32; 10] = [0, 0, 10, 0, 10, 10, 0, 10, 0, 0];

fn on_layer() -> Vec<u8> {
    [shorts(0x0d, &[1]), shorts(0x0e, &[0])].concat()
}

fn boundary(more: &[Vec<u8>]) -> Vec<u8> {
    element(0x08, &[on_layer(), longs(0x10, &SQUARE), more.concat()])
}

fn label(before: &[Vec<u8>], string: &[u8], after: &[Vec<u8>]) -> Vec<u8> {
    let layer = [shorts(0x0d, &[7]), shorts(0x16, &[3])].concat();
    let (before, after) = (before.concat(), after.concat());
    element(0x0c, &[layer, before, longs(0x10, &[5, -6]), text(0x19, string), after])
}

fn array(columns_rows: [i16; 2], points: &[i32]) -> Vec<u8> {
    element(0x0b, &[text(0x12, b"A"), shorts(0x13, &columns_rows), longs(0x10, points)])
}

fn read(bytes: &[u8]) -> Layout {
    read_bytes(Path::new("hand.gds"), bytes).unwrap()
}

fn top(elements: &[Vec<u8>]) -> Cell {
    read(&library(&[cell(b"TOP", elements)])).cells()[0].clone()
}

fn noted(properties: &Properties) -> Vec<(u32, String)> {
    let all = properties.iter().flat_map(|p| p.iter());
    all.map(|p| match (&p.name, &p.values[..]) {
        (PropertyName::Number(n), [PropertyValue::Bytes(b)]) => {
            (*n, String::from_utf8_lossy(b).into_owned())
        }
        other => panic!("{other:?}"),
    })
    .collect()
}

#[test]
fn texts_keep_their_string_place_and_style() {
    let style = [
        bits(0x17, 0x15),
        longs(0x0f, &[40]),
        bits(0x1a, 0x8000),
        reals(0x1b, &[2.5]),
        reals(0x1c, &[90.0]),
    ];
    let cell = top(&[label(&[], b"plain", &[]), label(&style, b"caf\xe9", &[])]);
    let [plain, styled] = &cell.texts[..] else { panic!("{:?}", cell.texts) };
    assert_eq!((plain.layer, &*plain.string), (Layer::new(7, 3), "plain"));
    assert_eq!((plain.at, &plain.style), (Point::new(5, -6), &None));
    assert_eq!(&*styled.string, "caf\u{e9}");
    let transform =
        Transform { mirror_x: true, magnification: 2.5, angle_deg: 90.0, origin: Point::default() };
    let style = TextStyle { presentation: 0x15, transform, width: 40 };
    assert_eq!(styled.style.as_deref(), Some(&style));
    let stated = top(&[label(&[bits(0x17, 0)], b"top left", &[])]);
    assert_eq!(stated.texts[0].style.as_deref(), Some(&TextStyle::default()));
}

#[test]
fn equal_strings_and_properties_are_held_once() {
    let note = [property(1, b"net")];
    let cell = top(&[label(&[], b"VDD", &note), boundary(&note), label(&[], b"VDD", &note)]);
    let [a, b] = &cell.texts[..] else { panic!() };
    assert!(Arc::ptr_eq(&a.string, &b.string));
    let (Some(a), Some(b)) = (&a.properties, &b.properties) else { panic!() };
    assert!(Arc::ptr_eq(a, b));
}

/// A library with a note on everything that can have one.
fn noted_library() -> Vec<u8> {
    let placed =
        |name: &[u8], note: Vec<u8>| element(0x0a, &[text(0x12, name), longs(0x10, &[0, 0]), note]);
    let elements = [
        property(9, b"of the cell"),
        boundary(&[property(1, b"a"), property(-1, b"b"), property(1, b"a again")]),
        boundary(&[]),
        boundary(&[shorts(0x2b, &[4])]),
        boundary(&[text(0x2c, b"no number")]),
        label(&[], b"T", &[property(2, b"of the text")]),
        placed(b"A", property(3, b"of the instance")),
    ];
    let mut cells = vec![cell(b"A", &[]), property(8, b"of the library")];
    cells.push(cell(b"TOP", &elements));
    library(&cells)
}

#[test]
fn properties_are_kept_wherever_they_stand() {
    let layout = read(&noted_library());
    assert_eq!(noted(&layout.properties), [(8, "of the library".into())]);
    let top = &layout.cells()[1];
    assert_eq!(noted(&top.properties), [(9, "of the cell".into())]);
    assert_eq!(noted(&top.texts[0].properties), [(2, "of the text".into())]);
    assert_eq!(noted(&top.instances[0].properties), [(3, "of the instance".into())]);
    let shapes: Vec<_> = top.shapes(LAYER).unwrap().iter().map(|s| noted(s.properties)).collect();
    let first = vec![(1, "a".into()), (65535, "b".into()), (1, "a again".into())];
    assert_eq!(shapes, [first, vec![], vec![], vec![(0, "no number".into())]]);
}

#[test]
fn properties_are_passed_over_on_request() {
    let options = ReadOptions { properties: Keep::Nothing, ..ReadOptions::default() };
    let opened = read_with(Path::new("hand.gds"), &noted_library(), &options).unwrap();
    let top = &opened.layout.cells()[1];
    assert!(opened.layout.properties.is_none() && top.properties.is_none());
    assert!(top.texts[0].properties.is_none() && top.instances[0].properties.is_none());
    assert!(top.shapes(LAYER).unwrap().iter().all(|s| s.properties.is_none()));
}

#[test]
fn every_path_type_ends_as_in_klayout() {
    let path = |more: &[Vec<u8>]| {
        let width = longs(0x0f, &[10]);
        element(0x09, &[on_layer(), more.concat(), width, longs(0x10, &[0, 0, 100, 0])])
    };
    let kind = |k: i16| shorts(0x21, &[k]);
    let (begin, end) = (longs(0x30, &[3]), longs(0x31, &[-4]));
    let cases = [
        (path(&[]), Ends::Flush),
        (path(&[kind(0)]), Ends::Flush),
        (path(&[kind(1)]), Ends::Round),
        (path(&[kind(2)]), Ends::Square),
        (path(&[kind(3)]), Ends::Flush),
        (path(&[kind(99)]), Ends::Flush),
        (path(&[kind(4)]), Ends::Extended(0, 0)),
        (path(&[kind(4), begin.clone()]), Ends::Extended(3, 0)),
        (path(&[kind(4), begin.clone(), end.clone()]), Ends::Extended(3, -4)),
        (path(&[begin.clone(), end.clone()]), Ends::Extended(3, -4)),
        (path(&[kind(2), end]), Ends::Extended(5, -4)),
    ];
    for (element, wanted) in cases {
        let cell = top(&[element]);
        let shape = cell.shapes(LAYER).unwrap().iter().next().unwrap();
        let Geometry::Path { spine, width, ends } = shape.geometry else { panic!("{shape:?}") };
        assert_eq!((spine.len(), width, ends), (2, 10, wanted));
    }
}

#[test]
fn negative_widths_count_by_their_size_and_odd_ones_end_as_in_klayout() {
    let path = |width: i32, kind: i16| {
        let points = longs(0x10, &[0, 0, 100, 0]);
        let cell = top(&[element(
            0x09,
            &[on_layer(), shorts(0x21, &[kind]), longs(0x0f, &[width]), points],
        )]);
        cell.shapes(LAYER).unwrap().iter().next().unwrap().geometry.bounding_box()
    };
    assert_eq!(path(-10, 0), Rect::new(0, -5, 100, 5));
    assert_eq!(path(11, 0), Rect::new(0, -6, 100, 6));
    assert_eq!(path(11, 2), Rect::new(-5, -6, 105, 6));
    assert_eq!(path(11, 1), Rect::new(-5, -6, 105, 6));
}

#[test]
fn boxes_are_the_rectangle_around_their_points_and_nodes_nothing() {
    let boxed = |points: &[i32]| {
        element(0x2d, &[shorts(0x0d, &[1]), shorts(0x2e, &[0]), longs(0x10, points)])
    };
    let node = element(0x15, &[shorts(0x0d, &[1]), shorts(0x2a, &[0]), longs(0x10, &SQUARE)]);
    let cell = top(&[boxed(&[5, 0, 10, 5, 5, 10, 0, 5, 5, 0]), node, boxed(&[3, 4]), boxed(&[])]);
    let shapes: Vec<_> = cell.shapes(LAYER).unwrap().iter().map(|s| s.geometry).collect();
    let rects = [Rect::new(0, 0, 10, 10), Rect::new(3, 4, 3, 4)];
    assert_eq!(shapes, rects.map(Geometry::Rect));
}

#[test]
fn polygons_and_paths_without_enough_points_are_passed_over() {
    let shape = |kind: u8, points: &[i32]| element(kind, &[on_layer(), longs(0x10, points)]);
    let few = [
        shape(0x08, &[]),
        shape(0x08, &[0, 0, 9, 9]),
        shape(0x08, &[0, 0, 9, 9, 0, 0]),
        shape(0x09, &[]),
    ];
    assert_eq!(top(&few).layers().count(), 0);
}

#[test]
fn elements_without_endel_between_whole_ones_are_taken_as_ended() {
    let open = [record(0x08, 0, &[]), on_layer(), longs(0x10, &SQUARE)].concat();
    let cell = top(&[open.clone(), boundary(&[]), open]);
    assert_eq!(cell.shapes(LAYER).unwrap().stored(), 3);
}

#[test]
fn names_end_at_their_first_zero_and_may_have_odd_lengths() {
    let named = |name: &[u8]| {
        let head = [shorts(0x05, &[0; 12]), record(0x06, 6, name)].concat();
        read(&library(&[[head, record(0x07, 0, &[])].concat()])).cells()[0].name.clone()
    };
    assert_eq!(named(b"ABC"), "ABC");
    assert_eq!(named(b"ABC\0"), "ABC");
    assert_eq!(named(b"A\0BC"), "A");
}

#[test]
fn names_of_different_bytes_stay_different() {
    let cells = [cell(b"caf\xe9", &[]), cell("caf\u{e9}".as_bytes(), &[boundary(&[])])];
    let layout = read(&library(&cells));
    let names: Vec<_> = layout.cells().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["caf\u{e9}$", "caf\u{e9}"]);
    assert_eq!(layout.cells()[1].layers().count(), 1);
}

#[test]
fn klayouts_context_cell_is_left_out_and_a_missing_unit_is_a_nanometre() {
    let whole = library(&[cell(b"$$$CONTEXT_INFO$$$", &[]), cell(b"TOP", &[boundary(&[])])]);
    let units = whole.windows(4).position(|w| w == [0, 20, 3, 5]).unwrap();
    let layout = read(&[&whole[..units], &whole[units + 20..]].concat());
    assert_eq!(layout.cells().iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["TOP"]);
    assert_eq!(layout.unit_nm, 1.0);
}

fn places(columns_rows: [i16; 2], points: &[i32]) -> Vec<[i64; 2]> {
    let layout = read(&library(&[cell(b"A", &[]), cell(b"TOP", &[array(columns_rows, points)])]));
    let instance = &layout.cells()[1].instances[0];
    assert_eq!(instance.cell, CellId(0));
    instance.repetition.as_ref().unwrap().offsets().collect()
}

#[test]
fn skewed_and_uneven_arrays_put_each_element_on_its_nearest_unit() {
    let skewed = places([2, 2], &[5, 5, 45, 15, -1, 65]);
    assert_eq!(skewed, [[0, 0], [-3, 30], [20, 5], [17, 35]]);
    assert_eq!(places([3, 1], &[0, 0, 100, 0, 0, 9]), [[0, 0], [33, 0], [67, 0]]);
    assert_eq!(places([2, 1], &[0, 0, -61, 3, 0, 9]), [[0, 0], [-31, 2]]);
    let halves = places([2, 2], &[0, 0, 1, 100, 1, 200]);
    assert_eq!(halves, [[0, 0], [1, 100], [1, 50], [1, 150]]);
}

#[test]
fn array_counts_have_no_sign_and_elements_on_one_another_are_one() {
    assert_eq!(places([-2, 1], &[0, 0, 65534, 0, 0, 9]).len(), 65534);
    assert_eq!(places([0, 2], &[0, 0, 100, 0, 0, 8]), [[0, 0], [0, 4]]);
    assert_eq!(places([2, 3], &[0, 0, 0, 0, 0, 30]).len(), 3);
    assert_eq!(places([2, 2], &[5, 5, 5, 5, 5, 5]), [[0, 0]]);
    let far = places([2, 1], &[i32::MIN, 0, i32::MAX, 0, i32::MIN, 0]);
    assert_eq!(far[1], [1 << 31, 0]);
}

#[test]
fn superfluous_points_of_placements_mean_nothing() {
    let twice = element(0x0a, &[text(0x12, b"A"), longs(0x10, &[1, 2, 3, 4])]);
    let cell = top(&[twice, array([2, 1], &[0, 0, 8, 0, 0, 8, 7, 7])]);
    assert_eq!(cell.instances[0].transform.origin, Point::new(1, 2));
    assert!(matches!(cell.instances[1].repetition, Some(Repetition::Grid(a)) if a.columns == 2));
}

/// Cells of shapes, texts and instances, enough for several threads and several mebibytes.
fn large() -> Vec<u8> {
    let shapes = |layer: i16| {
        let head = [shorts(0x0d, &[layer]), shorts(0x0e, &[0])].concat();
        element(0x08, &[head, longs(0x10, &SQUARE), property(layer, b"note")])
    };
    let shapes: Vec<Vec<u8>> = (0..200).map(|i| shapes(i % 7)).collect();
    let cells: Vec<_> = (0..300)
        .map(|i| {
            let child = format!("C{}", i + 1);
            let placed = element(0x0a, &[text(0x12, child.as_bytes()), longs(0x10, &[i, i])]);
            let more = [label(&[], child.as_bytes(), &[]), placed];
            cell(format!("C{i}").as_bytes(), &[shapes.concat(), more.concat()])
        })
        .collect();
    library(&cells)
}

#[test]
fn reading_in_parallel_gives_what_reading_in_one_thread_gives() {
    let bytes = large();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| format!("{:?}", read(&bytes).cells()))
    };
    let alone = with(1);
    assert!(alone.len() > 1 << 20);
    assert_eq!(with(5), alone);
}

#[test]
fn unwanted_layers_are_left_out_with_their_texts() {
    let layers = Some(BTreeSet::from([Layer::new(2, 0), Layer::new(5, 0)]));
    let options = ReadOptions { layers, ..ReadOptions::default() };
    let bytes = large();
    let some = read_with(Path::new("hand.gds"), &bytes, &options).unwrap().layout;
    let all = read(&bytes);
    assert_eq!(some.all_layers(), [Layer::new(2, 0), Layer::new(5, 0)]);
    for (some, all) in some.cells().iter().zip(all.cells()) {
        assert!(some.texts.is_empty());
        assert_eq!(some.instances, all.instances);
        for layer in [2, 5].map(|n| Layer::new(n, 0)) {
            let count = |cell: &Cell| cell.shapes(layer).map(Shapes::count);
            assert_eq!(count(some), count(all));
        }
    }
}

#[test]
fn progress_is_told_every_mebibyte_and_can_break_off() {
    let bytes = large();
    let told = AtomicU64::new(0);
    let tell = |progress: lithoscope_engine::layout::Progress| {
        assert_eq!(progress.total, Some(bytes.len() as u64));
        assert!(progress.done <= bytes.len() as u64);
        told.fetch_add(1, Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    let options = ReadOptions { progress: Some(&tell), ..ReadOptions::default() };
    read_with(Path::new("hand.gds"), &bytes, &options).unwrap();
    assert!(told.load(Ordering::Relaxed) >= bytes.len() as u64 >> 20);
    let stop = |p: lithoscope_engine::layout::Progress| {
        if p.done > 1 << 20 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ReadOptions { progress: Some(&stop), ..ReadOptions::default() };
    let error = read_with(Path::new("hand.gds"), &bytes, &options).unwrap_err();
    assert!(matches!(error, LayoutError::Cancelled { .. }), "{error}");
}
