//! Region queries against everything expanded by hand.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::geometry::{Point, Rect};

const LAYERS: [Layer; 2] = [Layer::new(1, 0), Layer::new(2, 5)];

/// Every shape at or below a cell with all its copies, as rings in the cell's coordinates: the slow
/// way, that looks at everything.
fn expanded(layout: &Layout, cell: usize, map: &Affine, all: &mut Vec<(Layer, Vec<[f64; 2]>)>) {
    let offsets = |repetition: Option<&Repetition>| match repetition {
        Some(repetition) => repetition.offsets().collect::<Vec<_>>(),
        None => vec![[0, 0]],
    };
    let cell = &layout.cells()[cell];
    for (layer, shapes) in cell.layers() {
        for shape in shapes.iter() {
            for offset in offsets(shape.repetition) {
                let shift = map.apply_direction(offset.map(|v| v as f64));
                let map = map.moved(shift);
                let ring = shape.geometry.ring().0;
                all.push((layer, ring.iter().map(|&p| map.apply_point(p)).collect()));
            }
        }
    }
    for instance in &cell.instances {
        for offset in offsets(instance.repetition.as_ref()) {
            let placed = Affine::of(&instance.transform).moved(offset.map(|v| v as f64));
            expanded(layout, instance.cell.0, &map.after(&placed), all);
        }
    }
}

fn sorted(mut rings: Vec<Vec<[f64; 2]>>) -> Vec<Vec<[i64; 2]>> {
    let whole = |ring: Vec<[f64; 2]>| -> Vec<[i64; 2]> {
        ring.into_iter().map(|p| p.map(|v| (v * 1e3).round() as i64)).collect()
    };
    let mut rings: Vec<_> = rings.drain(..).map(whole).collect();
    rings.sort_unstable();
    rings
}

fn length(b: &Bounds) -> f64 {
    (b.max[0] - b.min[0]).max(b.max[1] - b.min[1])
}

prop_compose! {
    fn repetition()(
        kind in 0..4,
        (columns, rows) in (1..3u32, 1..3u32),
        (a, b) in ((-90..90i64, -90..90i64), (-90..90i64, -90..90i64)),
        list in prop::collection::vec((-300..300i64, -300..300i64), 1..9),
    ) -> Option<Repetition> {
        match kind {
            0 => None,
            1 => Some(Repetition::Grid(Array {
                columns: columns * 3,
                rows: rows * 2,
                // Steps that are not zero: elements on top of one another count once.
                column_span: [3 * i64::from(columns) * (a.0 | 1), a.1],
                row_span: [b.0, 2 * i64::from(rows) * (b.1 | 1) * 7],
            })),
            _ => {
                let rest = list.into_iter().map(|(x, y)| [x, y]);
                let all: Arc<_> = std::iter::once([0, 0]).chain(rest).collect();
                Some(Repetition::List(all))
            }
        }
    }
}

prop_compose! {
    fn leaf()(
        shapes in prop::collection::vec(
            (0..2usize, 0..3, (-200..200i32, -200..200i32), (1..60i32, 1..60i32), repetition()), 1..8,
        ),
    ) -> Cell {
        let mut cell = Cell::new("leaf");
        for (layer, kind, (x, y), (w, h), repetition) in shapes {
            let shapes = cell.on(LAYERS[layer]);
            let corner = |dx, dy| Point::new(x + dx, y + dy);
            let id = match kind {
                0 => shapes.push_rect(Rect::new(x, y, x + w, y + h)),
                1 => shapes.push_polygon(&[corner(0, 0), corner(w, 0), corner(0, h)]),
                _ => shapes.push_path(&[corner(0, 0), corner(2 * w, 0)], 2 * h as u32, Ends::Flush),
            }.unwrap();
            if let Some(repetition) = repetition {
                shapes.repeat(id, repetition);
            }
        }
        cell
    }
}

prop_compose! {
    fn instance(cell: usize)(
        (x, y) in (-500..500i32, -500..500i32),
        mirror_x in any::<bool>(),
        magnification in prop_oneof![Just(1.0), Just(0.5), Just(3.0)],
        angle_deg in prop_oneof![Just(0.0), Just(90.0), Just(180.0), Just(270.0), Just(33.0)],
        repetition in repetition(),
    ) -> Instance {
        let transform = Transform { mirror_x, magnification, angle_deg, origin: Point::new(x, y) };
        Instance { cell: CellId(cell), transform, repetition, properties: None }
    }
}

prop_compose! {
    fn hierarchy()(
        top in prop::collection::vec(instance(1), 1..4),
        middle in prop::collection::vec(instance(2), 1..4),
        (mut own, leaf) in (leaf(), leaf()),
    ) -> Layout {
        own.instances = middle;
        let mut root = Cell::new("top");
        root.instances = top;
        Layout::new("test", 1.0, vec![root, own, leaf])
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_region_holds_what_touches_it_of_everything_expanded(
        layout in hierarchy(),
        (x, y, w, h) in (-2000.0..2000.0, -2000.0..2000.0, 1.0..1500.0, 1.0..1500.0),
        least in prop_oneof![Just(0.0), 5.0..200.0],
        layer in prop_oneof![Just(None), Just(Some(LAYERS[0])), Just(Some(LAYERS[1]))],
    ) {
        let window = Bounds { min: [x, y], max: [x + w, y + h] };
        let mut all = Vec::new();
        expanded(&layout, 0, &Affine::IDENTITY, &mut all);
        let bounds = |ring: &Vec<[f64; 2]>| Bounds::around(ring.iter().copied()).unwrap();
        let region = Region { min_size: least, ..Region::new(window, layer) };
        let found: Vec<_> = layout.shapes_in(CellId(0), region).map(|f| f.ring()).collect();
        // Neighbours may be given beside what was asked for, where cells are turned; but of what has
        // a corner in the window and is long enough in any direction nothing may be missing.
        let wanted = all.iter().filter(|(l, _)| layer.is_none_or(|layer| layer == *l));
        let sure = wanted.clone().filter(|(_, ring)| {
            length(&bounds(ring)) >= 1.5 * least
                && ring.iter().any(|&p| Bounds { min: p, max: p }.touches(&window))
        });
        let (found, wanted, sure) = (
            sorted(found),
            sorted(wanted.map(|(_, r)| r.clone()).collect()),
            sorted(sure.map(|(_, r)| r.clone()).collect()),
        );
        let mut rest = wanted.clone();
        for ring in &found {
            let at = rest.binary_search(ring);
            prop_assert!(at.is_ok(), "{ring:?} is not there, or too often");
            rest.remove(at.unwrap_or(0));
        }
        for ring in &sure {
            prop_assert!(found.binary_search(ring).is_ok(), "{ring:?} is missing");
        }
    }

    #[test]
    fn everything_is_found_once_and_counted_and_boxed(layout in hierarchy()) {
        let mut all = Vec::new();
        expanded(&layout, 0, &Affine::IDENTITY, &mut all);
        let everywhere = Bounds { min: [-1e9; 2], max: [1e9; 2] };
        let found = layout.shapes_in(CellId(0), Region::new(everywhere, None));
        let found: Vec<_> = found.map(|f| f.ring()).collect();
        prop_assert_eq!(found.len(), all.len());
        for layer in LAYERS {
            let rings = all.iter().filter(|(l, _)| *l == layer).map(|(_, ring)| ring);
            let count = layout.layers(CellId(0)).get(&layer).copied().unwrap_or(0);
            prop_assert_eq!(count, rings.clone().count() as u64);
            let area = Bounds::around(rings.flatten().copied());
            let held = layout.bounds(CellId(0), Some(layer));
            prop_assert_eq!(held.is_some(), area.is_some());
            if let (Some(held), Some(area)) = (held, area) {
                prop_assert!(held.grown(1e-6).union(&area) == held.grown(1e-6), "{:?} does not hold {:?}", held, area);
            }
        }
        prop_assert_eq!(sorted(found), sorted(all.into_iter().map(|(_, r)| r).collect()));
    }
}

#[test]
fn depth_ends_the_walk_and_the_path_leads_to_the_shape() {
    let place = |cell, x| Instance {
        cell: CellId(cell),
        transform: Transform { origin: Point::new(x, 0), ..Transform::default() },
        repetition: None,
        properties: None,
    };
    let with = |name: &str, instances: Vec<Instance>| {
        let mut cell = Cell::new(name);
        cell.on(LAYERS[0]).push_rect(Rect::new(0, 0, 10, 10)).unwrap();
        cell.instances = instances;
        cell
    };
    let array = Array { columns: 4, rows: 1, column_span: [400, 0], row_span: [0, 0] };
    let arrayed = Instance { repetition: Some(Repetition::Grid(array)), ..place(2, 20) };
    let cells = vec![
        with("top", vec![place(1, 1000), place(1, 5000)]),
        with("middle", vec![arrayed]),
        with("leaf", vec![]),
    ];
    let layout = Layout::new("test", 1.0, cells);
    let everywhere = Region::new(Bounds { min: [-1e6; 2], max: [1e6; 2] }, LAYERS[0]);
    let at_depth = |depth| layout.shapes_in(CellId(0), Region { depth, ..everywhere }).count();
    assert_eq!([0, 1, 2, 3].map(at_depth), [1, 3, 11, 11]);
    let window = Bounds { min: [5225.0, 1.0], max: [5226.0, 2.0] };
    let mut walk = layout.shapes_in(CellId(0), Region::new(window, None));
    let found = walk.next().unwrap();
    assert_eq!((found.placement.cell, found.placement.depth), (CellId(2), 2));
    assert_eq!(found.ring()[0], [5220.0, 0.0]);
    let steps: Vec<_> = walk.path().collect();
    assert_eq!(steps[0], Step { parent: CellId(0), instance: 1, offset: [0, 0] });
    assert_eq!(steps[1], Step { parent: CellId(1), instance: 0, offset: [200, 0] });
    assert_eq!(walk.count(), 0);
}

#[test]
fn a_large_array_of_shapes_costs_what_the_window_shows() {
    let mut cell = Cell::new("top");
    let shapes = cell.on(LAYERS[0]);
    let id = shapes.push_rect(Rect::new(0, 0, 10, 10)).unwrap();
    let span = 20i64 * 100_000;
    let array =
        Array { columns: 100_000, rows: 100_000, column_span: [span, 0], row_span: [0, span] };
    shapes.repeat(id, Repetition::Grid(array));
    let layout = Layout::new("test", 1.0, vec![cell]);
    assert_eq!(layout.layers(CellId(0))[&LAYERS[0]], 10_000_000_000);
    let window = Bounds { min: [1_000_000.0; 2], max: [1_000_050.0; 2] };
    assert_eq!(layout.shapes_in(CellId(0), Region::new(window, LAYERS[0])).count(), 9);
}
