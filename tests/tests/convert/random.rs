//! Random layouts: everything the formats hold, in any mixture.

use lithoscope_engine::geometry::{Point, Rect};
use lithoscope_engine::layout::{
    Array, Cell, CellId, Ends, Instance, Layer, Layout, Properties, Property, PropertyName,
    PropertyValue, Repetition, Text, Transform,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Figure {
    Rect(Point, Point),
    Polygon(Vec<Point>),
    Path(Vec<Point>, u32, Ends),
}

type Shape = (usize, Figure, Option<Repetition>, Properties);

/// Few different numbers, so that equal things in rows come up, and now and then large ones.
fn coordinate() -> impl Strategy<Value = i32> {
    prop_oneof![
        6 => (-12i32..12).prop_map(|v| v * 10),
        2 => -500i32..500,
        1 => -1_000_000_000i32..1_000_000_000,
    ]
}

fn point() -> impl Strategy<Value = Point> {
    (coordinate(), coordinate()).prop_map(|(x, y)| Point::new(x, y))
}

fn near() -> impl Strategy<Value = Point> {
    (-40i32..40, -40i32..40).prop_map(|(x, y)| Point::new(x, y))
}

fn ends() -> impl Strategy<Value = Ends> {
    prop_oneof![
        Just(Ends::Flush),
        Just(Ends::Round),
        Just(Ends::Square),
        (-5i32..9, -5i32..9).prop_map(|(a, b)| Ends::Extended(a, b)),
    ]
}

fn figure() -> impl Strategy<Value = Figure> {
    prop_oneof![
        4 => (point(), 0i32..4, 1i32..4).prop_map(|(p, w, h)| {
            Figure::Rect(p, Point::new(p.x + 10 * w, p.y + 10 * h))
        }),
        2 => proptest::collection::vec(near(), 3..7).prop_map(Figure::Polygon),
        1 => proptest::collection::vec(point(), 3..6).prop_map(Figure::Polygon),
        2 => (proptest::collection::vec(near(), 1..5), 0u32..12, ends())
            .prop_map(|(points, width, ends)| Figure::Path(points, width, ends)),
    ]
}

/// Copies of one repetition lie apart: readers take those in one place as one.
fn repetition() -> impl Strategy<Value = Option<Repetition>> {
    let span = || [8i64..300, -300i64..300];
    let grid = (1u32..5, 1u32..5, span(), span()).prop_map(|(columns, rows, a, b)| {
        Repetition::Grid(Array { columns, rows, column_span: a, row_span: b })
    });
    let list = proptest::collection::vec([-300i64..300, -300i64..300], 0..6).prop_map(|mut l| {
        l.sort_unstable();
        l.dedup();
        l.retain(|o| *o != [0, 0]);
        l.insert(0, [0, 0]);
        Repetition::List(l.into())
    });
    prop_oneof![6 => Just(None), 1 => grid.prop_map(Some), 1 => list.prop_map(Some)]
}

fn property() -> impl Strategy<Value = Property> {
    let text = || "[a-z ]{0,6}".prop_map(|t| PropertyValue::Bytes(t.as_bytes().into()));
    let value = prop_oneof![
        any::<u64>().prop_map(PropertyValue::Unsigned),
        (-1000i64..0).prop_map(PropertyValue::Signed),
        prop_oneof![Just(0.5), Just(-3.0), Just(1e-7), -10.0f64..10.0]
            .prop_map(PropertyValue::Real),
        text(),
    ];
    let named = ("[A-C]{1,2}", proptest::collection::vec(value, 0..17)).prop_map(|(n, values)| {
        Property { name: PropertyName::Text(n.as_str().into()), values, standard: false }
    });
    let numbered = (1u32..60000, text()).prop_map(|(n, value)| Property {
        name: PropertyName::Number(n),
        values: vec![value],
        standard: false,
    });
    prop_oneof![named, numbered]
}

fn properties() -> impl Strategy<Value = Properties> {
    let some = proptest::collection::vec(property(), 1..3).prop_map(|p| Some(p.into()));
    prop_oneof![6 => Just(None), 1 => some]
}

fn transform() -> impl Strategy<Value = Transform> {
    let angle =
        prop_oneof![Just(0.0), Just(90.0), Just(180.0), Just(270.0), Just(45.0), 0.0f64..360.0];
    let magnification = prop_oneof![4 => Just(1.0), 1 => Just(0.5), 1 => 0.1f64..10.0];
    (any::<bool>(), magnification, angle, point()).prop_map(
        |(mirror_x, magnification, angle_deg, origin)| Transform {
            mirror_x,
            magnification,
            angle_deg,
            origin,
        },
    )
}

fn instance(below: usize) -> impl Strategy<Value = Instance> {
    (0..below, transform(), repetition(), properties()).prop_map(
        |(cell, transform, repetition, properties)| Instance {
            cell: CellId(cell),
            transform,
            repetition,
            properties,
        },
    )
}

fn text() -> impl Strategy<Value = Text> {
    ("[A-Z ]{1,3}", point(), repetition(), properties()).prop_map(
        |(string, at, repetition, properties)| Text {
            layer: LAYERS[0],
            string: string.as_str().into(),
            at,
            style: None,
            repetition,
            properties,
        },
    )
}

const LAYERS: [Layer; 3] = [Layer::new(1, 0), Layer::new(1, 20), Layer::new(65535, 40000)];

type Contents = (Vec<Shape>, Vec<Text>, Vec<Instance>);

fn contents(below: usize) -> impl Strategy<Value = Contents> {
    let shape = (0..LAYERS.len(), figure(), repetition(), properties());
    let shapes = proptest::collection::vec(shape, 0..40);
    let texts = proptest::collection::vec(text(), 0..4);
    let instances = if below == 0 { 0..1 } else { 0..12 };
    (shapes, texts, proptest::collection::vec(instance(below.max(1)), instances))
}

fn cell(name: &str, (shapes, texts, instances): Contents) -> Cell {
    let mut cell = Cell::new(name);
    (cell.texts, cell.instances) = (texts, instances);
    for (layer, figure, repetition, properties) in shapes {
        let shapes = cell.on(LAYERS[layer]);
        let id = match figure {
            Figure::Rect(a, b) => shapes.push_rect(Rect::new(a.x, a.y, b.x, b.y)),
            Figure::Polygon(ring) => shapes.push_polygon(&ring),
            Figure::Path(spine, width, ends) => shapes.push_path(&spine, width, ends),
        };
        let id = id.unwrap();
        if let Some(repetition) = repetition {
            shapes.repeat(id, repetition);
        }
        if properties.is_some() {
            shapes.note(id, properties);
        }
    }
    cell
}

/// A layout of three cells. Only the first has no instances.
pub fn layout() -> impl Strategy<Value = Layout> {
    let unit = prop_oneof![Just(1.0), Just(0.5), Just(5.0), Just(0.1), Just(2.54)];
    (unit, contents(0), contents(1), contents(2)).prop_map(|(unit_nm, a, b, c)| {
        let mut a = a;
        a.2.clear();
        Layout::new("random", unit_nm, vec![cell("A", a), cell("B_1", b), cell("TOP", c)])
    })
}
