//! The hierarchy, the clip and the writer, against slower or hand-made answers.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::path::{Ends, outline};
use super::*;
use crate::geometry::{Point, Polygon, Rect, clip_to, merge};

const LAYER: Layer = Layer::new(17, 0);

fn place(cell: usize, x: i32, y: i32) -> Instance {
    let transform =
        Transform { mirror_x: false, magnification: 1.0, angle_deg: 0.0, origin: Point::new(x, y) };
    Instance { cell: CellId(cell), transform, repetition: None, properties: None }
}

fn cell(name: &str, boxes: &[Rect], instances: Vec<Instance>) -> Cell {
    let mut cell = Cell::new(name);
    cell.instances = instances;
    for &rect in boxes {
        cell.on(LAYER).push_rect(rect).unwrap();
    }
    cell
}

fn layout(unit_nm: f64, cells: Vec<Cell>) -> Layout {
    Layout::new("test", unit_nm, cells)
}

fn area(polygons: &[Polygon]) -> i128 {
    polygons.iter().map(Polygon::area2).sum::<i128>() / 2
}

fn read_back(polygons: &[Polygon]) -> (Vec<Polygon>, usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("written.gds");
    let layer = Layer::new(40000, 3);
    write_gds(&path, "TOP", &[(layer, polygons)]).unwrap();
    let layout = open(&path).unwrap();
    assert_eq!((layout.unit_nm, layout.name.as_str()), (1.0, "written"));
    let clip = layout.clip(layout.top_cells()[0], layer, None).unwrap();
    assert_eq!(clip.rounding_nm, 0.0);
    (clip.polygons, layout.cells()[0].shapes(layer).unwrap().stored())
}

fn with_hole(outer: Vec<Point>, hole: Rect) -> Polygon {
    Polygon { outer, holes: vec![hole.corners().into_iter().rev().collect()] }
}

#[test]
fn written_polygons_with_holes_read_back_as_the_same_region() {
    let frame =
        with_hole(Rect::new(0, 0, 300, 300).corners().to_vec(), Rect::new(100, 100, 200, 200));
    let (region, pieces) = read_back(std::slice::from_ref(&frame));
    assert_eq!(region, merge(&[frame]));
    assert_eq!(pieces, 2);
}

#[test]
fn written_holes_one_unit_wide_are_cut_open_too() {
    let mut sheet = Polygon::rect(Rect::new(0, 0, 60, 60));
    for i in 0..6 {
        let x = 2 + 9 * i;
        sheet.holes.push(vec![Point::new(x + 1, 7), Point::new(x, 8), Point::new(x + 1, 8)]);
        sheet.holes.push(Rect::new(x, x, x + 1, x + 1).corners().into_iter().rev().collect());
    }
    let (region, _) = read_back(std::slice::from_ref(&sheet));
    assert_eq!(region, merge(&[sheet]));
}

#[test]
fn written_polygons_beyond_a_record_are_cut_and_stay_exact() {
    let teeth = 5000;
    let mut comb: Vec<_> = (0..teeth)
        .flat_map(|i| [(2 * i, 0), (2 * i, 40), (2 * i + 1, 40), (2 * i + 1, 0)])
        .map(|(x, y)| Point::new(x, y))
        .collect();
    comb.extend([Point::new(2 * teeth, 0), Point::new(2 * teeth, -50), Point::new(0, -50)]);
    let comb = Polygon::simple(comb);
    let (region, pieces) = read_back(std::slice::from_ref(&comb));
    assert!(pieces > 2);
    assert_eq!(region, merge(&[comb]));
}

#[test]
fn equal_layouts_are_written_as_equal_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let polygons = [Polygon::rect(Rect::new(0, 0, 9, 9))];
    let write = |name: &str| {
        let path = folder.path().join(name);
        write_gds(&path, "TOP", &[(LAYER, &polygons)]).unwrap();
        std::fs::read(path).unwrap()
    };
    assert_eq!(write("a.gds"), write("b.gds"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing temporary is left");
}

#[test]
fn unwritable_path_and_empty_cell_name_are_errors() {
    let path = Path::new("/nonexistent-folder/mask.gds");
    let error = write_gds(path, "TOP", &[]).unwrap_err();
    assert!(matches!(error, LayoutError::Io { .. }), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let error = write_gds(&folder.path().join("mask.gds"), "", &[]).unwrap_err();
    assert!(matches!(error, LayoutError::Unwritable { .. }), "{error}");
}

#[test]
fn instances_are_mirrored_then_magnified_then_turned_then_moved() {
    let mut instance = place(1, 1000, 2000);
    instance.transform.mirror_x = true;
    instance.transform.magnification = 2.0;
    instance.transform.angle_deg = 90.0;
    let layout = layout(
        1.0,
        vec![cell("TOP", &[], vec![instance]), cell("A", &[Rect::new(10, 20, 40, 30)], vec![])],
    );
    // (x, y) → (x, −y) → (2x, −2y) → (2y, 2x) → (1000 + 2y, 2000 + 2x)
    let clip = layout.clip(CellId(0), LAYER, None).unwrap();
    assert_eq!(clip.polygons, [Polygon::rect(Rect::new(1040, 2020, 1060, 2080))]);
    assert_eq!(layout.bounding_box_nm(CellId(0), None), Some(clip.window));
}

#[test]
fn rounding_to_whole_nm_is_done_once_and_reported() {
    let layout = layout(0.1, vec![cell("TOP", &[Rect::new(3, 10, 96, 104)], vec![])]);
    let clip = layout.clip(CellId(0), LAYER, None).unwrap();
    assert_eq!(clip.polygons, [Polygon::rect(Rect::new(0, 1, 10, 10))]);
    assert!((clip.rounding_nm - 0.4).abs() < 1e-9, "{}", clip.rounding_nm);
}

#[test]
fn deepest_chain_of_cells_needs_no_stack() {
    let depth = 100_000;
    let mut cells: Vec<_> =
        (0..depth).map(|i| cell(&i.to_string(), &[], vec![place(i + 1, 1, 0)])).collect();
    cells.push(cell("leaf", &[Rect::new(0, 0, 10, 10)], vec![]));
    let layout = layout(1.0, cells);
    let wanted = Rect::new(depth as i32, 0, depth as i32 + 10, 10);
    assert_eq!(layout.top_cells(), [CellId(0)]);
    assert_eq!(layout.layers(CellId(0)), BTreeMap::from([(LAYER, 1)]));
    assert_eq!(layout.clip(CellId(0), LAYER, None).unwrap().window, wanted);
}

/// Cells that each place the next `copies` times in an array of arrays.
fn tower(levels: usize, array: Array) -> Layout {
    let mut cells: Vec<_> = (0..levels)
        .map(|i| {
            let instance =
                Instance { repetition: Some(Repetition::Grid(array)), ..place(i + 1, 0, 0) };
            cell(&i.to_string(), &[], vec![instance])
        })
        .collect();
    cells.push(cell("leaf", &[Rect::new(0, 0, 10, 10)], vec![]));
    layout(1.0, cells)
}

#[test]
fn window_of_the_largest_array_looks_at_the_window_only() {
    let pitch = 20;
    let span = 32767 * pitch;
    let array = Array { columns: 32767, rows: 32767, column_span: [span, 0], row_span: [0, span] };
    let layout = tower(1, array);
    assert_eq!(layout.layers(CellId(0))[&LAYER], 32767 * 32767);
    let window = Rect::new(100_000, 200_000, 100_100, 200_100);
    let clip = layout.clip(CellId(0), LAYER, Some(window)).unwrap();
    assert_eq!(clip.polygons.len(), 25);
    assert_eq!(layout.default_clip(100).unwrap().window.width(), 100);
    let error = layout.clip(CellId(0), LAYER, None).unwrap_err();
    assert!(matches!(error, LayoutError::TooManyShapes { .. }), "{error}");
}

#[test]
fn counts_saturate_and_coordinates_beyond_range_are_errors() {
    let array =
        Array { columns: 32767, rows: 32767, column_span: [1 << 31, 0], row_span: [0, 1 << 31] };
    let layout = tower(8, array);
    assert_eq!(layout.layers(CellId(0))[&LAYER], u64::MAX);
    assert!(layout.bounding_box_nm(CellId(0), None).is_some());
    let mut far = tower(1, Array { columns: 1, rows: 1, ..array });
    far.cells_mut()[0].instances[0].transform.magnification = 1e9;
    let error = far.clip(CellId(0), LAYER, None).unwrap_err();
    assert!(matches!(error, LayoutError::CoordinateRange { .. }), "{error}");
}

#[test]
fn cells_in_a_circle_do_not_hang_a_layout_made_by_hand() {
    let layout = layout(
        1.0,
        vec![
            cell("A", &[Rect::new(0, 0, 5, 5)], vec![place(1, 1, 1)]),
            cell("B", &[Rect::new(0, 0, 5, 5)], vec![place(0, 1, 1), place(7, 0, 0)]),
        ],
    );
    assert!(layout.top_cells().is_empty());
    assert_eq!(layout.layers(CellId(0))[&LAYER], 2);
    assert!(layout.clip(CellId(0), LAYER, None).unwrap().polygons.len() <= 3);
}

#[test]
fn wrong_cell_layer_and_window_say_what_there_is() {
    let layout = layout(1.0, vec![cell("TOP", &[Rect::new(0, 0, 50, 50)], vec![])]);
    let message = |cell, layer, window| layout.clip(cell, layer, window).unwrap_err().to_string();
    assert!(message(CellId(3), LAYER, None).contains("1 cells"));
    assert!(message(CellId(0), Layer::new(9, 0), None).contains("17/0"));
    assert!(message(CellId(0), LAYER, Some(Rect::new(5, 5, 5, 9))).contains("no area"));
    let far = Some(Rect::new(100, 100, 200, 200));
    assert!(message(CellId(0), LAYER, far).contains("(0, 0)…(50, 50)"));
    let empty = Layout::default().default_clip(2048).unwrap_err();
    assert!(matches!(empty, LayoutError::NoShapes { .. }), "{empty}");
}

#[test]
fn default_clip_finds_the_densest_part() {
    let mut boxes: Vec<_> = (0..40).map(|i| Rect::new(i * 5000, 0, i * 5000 + 900, 900)).collect();
    let crowd = |i: i32| {
        Rect::new(
            150_000 + i % 5 * 40,
            70_000 + i / 5 * 40,
            150_020 + i % 5 * 40,
            70_020 + i / 5 * 40,
        )
    };
    boxes.extend((0..25).map(crowd));
    let layout = layout(1.0, vec![cell("TOP", &boxes, vec![])]);
    let clip = layout.default_clip(2000).unwrap();
    assert_eq!(clip.polygons.len(), 25, "{:?}", clip.window);
    assert!(clip.window.width() <= 2000 && clip.window.height() <= 2000);
    assert_eq!(layout.densest_clip(CellId(0), LAYER, 2000).unwrap(), clip);
    let whole = layout.densest_clip(CellId(0), LAYER, 1_000_000).unwrap();
    assert_eq!(whole.polygons.len(), boxes.len());
}

fn ring(points: &[(i32, i32)]) -> Vec<Point> {
    points.iter().map(|&(x, y)| Point::new(x, y)).collect()
}

fn drawn(points: &[(i32, i32)], width: u32, ends: Ends) -> Vec<Polygon> {
    merge(&[outline(&ring(points), width, ends).polygon])
}

#[test]
fn paths_end_as_their_type_says() {
    let path = [(0, 0), (100, 0)];
    let rect = |x0, x1| vec![Polygon::rect(Rect::new(x0, -10, x1, 10))];
    assert_eq!(drawn(&path, 20, Ends::Flush), rect(0, 100));
    assert_eq!(drawn(&path, 20, Ends::Square), rect(-10, 110));
    assert_eq!(drawn(&path, 20, Ends::Extended(-5, 30)), rect(5, 130));
    let round = area(&drawn(&[(0, 0), (10_000, 0)], 2000, Ends::Round)) as f64;
    let exact = 2e7 + std::f64::consts::PI * 1e6;
    assert!((round / exact - 1.0).abs() < 1e-3, "{round} against {exact}");
}

#[test]
fn paths_without_length_are_drawn_where_their_ends_reach() {
    let dot = [(7, 7), (7, 7)];
    assert!(drawn(&dot, 20, Ends::Flush).is_empty());
    assert_eq!(drawn(&dot, 20, Ends::Square), [Polygon::rect(Rect::new(-3, -3, 17, 17))]);
    assert_eq!(area(&drawn(&dot, 2000, Ends::Round)) / 10_000, 315);
}

#[test]
fn bends_are_mitred_up_to_a_right_angle_and_cut_off_beyond() {
    let corner = drawn(&[(0, 0), (100, 0), (100, 100)], 20, Ends::Flush);
    let wanted = ring(&[(0, -10), (110, -10), (110, 100), (90, 100), (90, 10), (0, 10)]);
    assert_eq!(corner, merge(&[Polygon::simple(wanted)]));
    let acute = outline(&ring(&[(0, 0), (100, 0), (0, 50)]), 20, Ends::Flush).polygon;
    let wanted = [(0, -10), (110, -10), (113, 4), (4, 59), (-4, 41), (58, 10), (0, 10)];
    assert_eq!(merge(&[acute]), merge(&[Polygon::simple(ring(&wanted))]));
    let there_and_back = drawn(&[(0, 0), (100, 0), (50, 0)], 20, Ends::Flush);
    assert_eq!(there_and_back, [Polygon::rect(Rect::new(0, -10, 110, 10))]);
}

#[test]
fn sides_of_a_sharp_bend_meet_inside_up_to_half_the_width_beyond_the_parts() {
    let met = outline(&ring(&[(452, 128), (222, -143), (315, -105)]), 50, Ends::Flush).polygon;
    let wanted =
        [(208, -176), (324, -128), (306, -82), (307, -81), (471, 112), (433, 144), (187, -146)];
    assert_eq!(merge(&[met]), merge(&[Polygon::simple(ring(&wanted))]));
    let apart = outline(&ring(&[(400, 0), (0, 0), (30, 20)]), 50, Ends::Flush).polygon;
    assert!(apart.outer.contains(&Point::new(0, 0)), "{apart:?}");
}

#[test]
fn round_ends_of_odd_width_are_as_in_klayout() {
    let round = outline(&ring(&[(292, -346), (239, -346)]), 61, Ends::Round).polygon;
    assert_eq!(round.bounding_box(), Some(Rect::new(209, -377, 322, -315)));
    for corner in [(209, -349), (212, -361), (236, -377), (295, -377), (319, -331), (225, -319)] {
        assert!(round.outer.contains(&Point::new(corner.0, corner.1)), "{corner:?}");
    }
}

#[test]
fn odd_width_reports_half_a_unit_of_rounding() {
    let odd = outline(&ring(&[(0, 0), (100, 0)]), 21, Ends::Flush);
    assert_eq!(odd.polygon.bounding_box(), Some(Rect::new(0, -11, 100, 11)));
    assert_eq!(odd.rounding, 0.5);
    let huge = outline(&ring(&[(i32::MIN, 0), (i32::MAX, 1)]), u32::MAX, Ends::Square);
    assert!(huge.polygon.outer.len() >= 3);
}

/// The same layout with every array written out element by element.
fn expanded(layout: &Layout) -> Layout {
    let mut all = layout.clone();
    for cell in all.cells_mut() {
        let instances = std::mem::take(&mut cell.instances);
        for instance in instances {
            let Some(Repetition::Grid(array)) = instance.repetition else {
                cell.instances.push(instance);
                continue;
            };
            for (column, row) in
                (0..array.columns).flat_map(|i| (0..array.rows).map(move |j| (i, j)))
            {
                let [dx, dy] = array.offset(column, row);
                let mut one = Instance { repetition: None, ..instance.clone() };
                one.transform.origin.x += dx as i32;
                one.transform.origin.y += dy as i32;
                cell.instances.push(one);
            }
        }
    }
    all
}

#[test]
fn shapes_that_cross_too_often_are_an_error_before_they_fill_the_memory() {
    let step = |length: i64| Array {
        columns: 4000,
        rows: 1,
        column_span: [4000 * length, 0],
        row_span: [0, 0],
    };
    let mut layout = tower(1, step(20));
    layout.cells_mut()[1] = cell("leaf", &[Rect::new(0, 0, 10, 80_000)], vec![]);
    assert_eq!(layout.clip(CellId(0), LAYER, None).unwrap().polygons.len(), 4000);
    let mut turned = layout.cells()[0].instances[0].clone();
    turned.transform = Transform { angle_deg: 90.0, ..turned.transform };
    turned.transform.origin.x = 80_000;
    turned.repetition = Some(Repetition::Grid(Array { column_span: [0, 80_000], ..step(20) }));
    layout.cells_mut()[0].instances.push(turned);
    let error = layout.clip(CellId(0), LAYER, None).unwrap_err();
    assert!(matches!(error, LayoutError::TooManyCrossings { .. }), "{error}");
    let part = layout.clip(CellId(0), LAYER, Some(Rect::new(0, 0, 1000, 1000))).unwrap();
    assert_eq!(part.polygons.len(), 1);
}

#[test]
fn arrays_closer_than_a_unit_cover_what_all_their_elements_cover() {
    let array = Array { columns: 40, rows: 300, column_span: [9, -4], row_span: [3, 21] };
    let compact = tower(1, array);
    let clip = |l: &Layout| l.clip(CellId(0), LAYER, None).unwrap();
    assert_eq!(clip(&compact), clip(&expanded(&compact)));
}

prop_compose! {
    fn instance(cell: usize)(
        (x, y) in (-300..300i32, -300..300i32),
        mirror_x in any::<bool>(),
        magnification in prop_oneof![Just(1.0), Just(0.5), Just(3.0)],
        angle_deg in prop_oneof![Just(0.0), Just(90.0), Just(180.0), Just(270.0), Just(33.0)],
        (columns, rows) in (1..7u32, 1..7u32),
        (a, b) in ((-400..400i64, -400..400i64), (-400..400i64, -400..400i64)),
        degenerate in 0..5,
    ) -> Instance {
        let transform = Transform { mirror_x, magnification, angle_deg, origin: Point::new(x, y) };
        let column_span = if degenerate == 0 { [0, 0] } else { [a.0, a.1] };
        let row_span = match degenerate {
            1 => [2 * a.0, 2 * a.1],
            2 => [0, b.1],
            _ => [b.0, b.1],
        };
        let repetition = Some(Repetition::Grid(Array { columns, rows, column_span, row_span }));
        Instance { cell: CellId(cell), transform, repetition, properties: None }
    }
}

proptest! {
    #[test]
    fn window_through_arrays_equals_the_window_of_everything_expanded(
        (outer, inner) in (instance(1), instance(2)),
        (x, y, w, h) in (-900..900i32, -900..900i32, 1..500i32, 1..500i32),
    ) {
        let leaf = [Rect::new(0, 0, 30, 12), Rect::new(0, 0, 8, 40)];
        let compact = layout(
            1.0,
            vec![cell("TOP", &[], vec![outer]), cell("B", &[], vec![inner]), cell("C", &leaf, vec![])],
        );
        let slow = expanded(&compact);
        let everything = compact.clip(CellId(0), LAYER, None).unwrap();
        prop_assert_eq!(&slow.clip(CellId(0), LAYER, None).unwrap(), &everything);
        let window = Rect::new(x, y, x + w, y + h);
        let cut = |l: &Layout| l.clip(CellId(0), LAYER, Some(window)).map(|c| c.polygons);
        match cut(&compact) {
            Ok(polygons) => prop_assert_eq!(polygons, cut(&slow).unwrap()),
            Err(_) => prop_assert!(clip_to(&everything.polygons, window).is_empty()),
        }
    }
}
