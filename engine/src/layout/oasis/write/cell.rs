//! One cell as its records.

use rayon::prelude::*;

use super::block::pack;
use super::bytes::{Vector, minus, unsigned};
use super::collect::{Collected, Collector};
use super::points;
use super::properties::Tables;
use super::records::{Place, Records, Stroke};
use super::trapezoid::{Trapezoid, recognised};
use crate::geometry::{Point, Rect, ring_area2};
use crate::layout::write::Tally;
use crate::layout::{Cell, CellId, Ends, Faults, Geometry, Layer, Layout, Shapes, Transform};

/// Bytes of records that are compressed at a time.
const BLOCK: usize = 1 << 20;

/// A shape, wherever it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Figure {
    Rectangle(Vector),
    Trapezoid(Vector, Trapezoid),
    /// Its corners as a point list.
    Polygon(Vec<u8>),
    /// Its points as a point list.
    Path(Stroke, Vec<u8>),
}

/// An instance, wherever it is: cell, mirroring, bits of angle and magnification.
type Placed = (usize, bool, u64, u64);

/// The bytes of a cell, and what they do not hold of it; `numbers` are the cells' in the file.
pub(super) fn encode(
    layout: &Layout,
    id: CellId,
    numbers: &[u64],
    tables: &Tables,
) -> (Vec<u8>, Tally) {
    let mut tally = Tally::new(Faults::Skip);
    let mut out = vec![13];
    let Some(cell) = layout.cell(id) else { return (Vec::new(), tally) };
    unsigned(&mut out, numbers[id.0]);
    let mut records = Records::default();
    records.properties(&tables.coded(&cell.properties));
    out.append(&mut records.out);
    let mut records = Records::relative();
    let mut next = |records: &mut Records| {
        if records.out.len() > BLOCK {
            pack(&mut out, &records.out);
            records.out.clear();
        }
    };
    for (&(cell, mirror_x, angle, magnification), at, repetition, properties) in
        instances(cell, tables).groups()
    {
        let angle_deg = f64::from_bits(angle);
        let magnification = f64::from_bits(magnification);
        let transform = Transform { mirror_x, magnification, angle_deg, origin: Point::default() };
        records.placement(numbers[cell], &transform, &Place { at, repetition });
        records.properties(properties);
        next(&mut records);
    }
    for (&(layer, string), at, repetition, properties) in texts(cell, tables, &mut tally).groups() {
        records.text(layer, string, &Place { at, repetition });
        records.properties(properties);
        next(&mut records);
    }
    let layers: Vec<(Layer, &Shapes)> = cell.layers().collect();
    let collect = |&(layer, shapes): &(Layer, &Shapes)| (layer, figures(shapes, tables));
    let layers: Vec<_> = layers.par_iter().map(collect).collect();
    for (layer, (figures, lost)) in layers {
        tally.join(lost);
        for (figure, at, repetition, properties) in figures.groups() {
            let place = Place { at, repetition };
            match figure {
                Figure::Rectangle(size) => records.rectangle(layer, *size, &place),
                Figure::Trapezoid(size, what) => records.trapezoid(layer, *what, *size, &place),
                Figure::Polygon(points) => records.polygon(layer, points, &place),
                Figure::Path(stroke, points) => records.path(layer, *stroke, points, &place),
            }
            records.properties(properties);
            next(&mut records);
        }
    }
    if records.out.len() > 1 {
        pack(&mut out, &records.out);
    }
    (out, tally)
}

fn instances(cell: &Cell, tables: &Tables) -> Collected<Placed> {
    let mut all = Collector::new(tables);
    for instance in &cell.instances {
        let t = &instance.transform;
        let angle = t.angle_deg.rem_euclid(360.0);
        let kind = (instance.cell.0, t.mirror_x, angle.to_bits(), t.magnification.to_bits());
        let at = vector(t.origin);
        all.add(kind, at, instance.repetition.as_ref(), &instance.properties);
    }
    all.collected()
}

fn texts(cell: &Cell, tables: &Tables, tally: &mut Tally) -> Collected<(Layer, u64)> {
    let mut all = Collector::new(tables);
    for text in &cell.texts {
        tally.lose("styles of texts (OASIS has none)", u64::from(text.style.is_some()));
        let kind = (text.layer, tables.texts.number(text.string.as_bytes()));
        all.add(kind, vector(text.at), text.repetition.as_ref(), &text.properties);
    }
    all.collected()
}

fn figures(shapes: &Shapes, tables: &Tables) -> (Collected<Figure>, Tally) {
    let mut all = Collector::new(tables);
    let mut tally = Tally::new(Faults::Skip);
    for shape in shapes.iter() {
        let drawn = match shape.geometry {
            Geometry::Rect(r) => Some((Figure::Rectangle([r.width(), r.height()]), vector(r.min))),
            Geometry::Polygon(ring) => polygon(ring),
            Geometry::Path { spine, width, ends } => {
                if let Some(stroke) = stroke(width, ends) {
                    path(spine, stroke)
                } else {
                    let what = "paths of odd width or with round ends (written as polygons)";
                    tally.lose(what, 1);
                    polygon(&shape.geometry.ring().0)
                }
            }
        };
        match drawn {
            Some((figure, at)) => all.add(figure, at, shape.repetition, shape.properties),
            None => tally.lose("polygons of fewer than 3 corners (left out)", 1),
        }
    }
    (all.collected(), tally)
}

fn vector(p: Point) -> Vector {
    [i64::from(p.x), i64::from(p.y)]
}

/// A polygon and its place. Its points begin at the lowest, then leftmost, so that equal polygons
/// are told as such wherever they begin.
fn polygon(ring: &[Point]) -> Option<(Figure, Vector)> {
    let area = Rect::around(ring.iter().copied())?;
    let first = (0..ring.len()).min_by_key(|&i| (ring[i].y, ring[i].x))?;
    let (before, after) = ring.split_at(first);
    let from_low = |origin: Vector| -> Vec<Vector> {
        after.iter().chain(before).map(|&p| minus(vector(p), origin)).collect()
    };
    let size = [area.width(), area.height()];
    let low = vector(area.min);
    match ring.len() {
        0..=2 => return None,
        // Of a polygon without area nothing says which way round it is.
        3 | 4 if ring_area2(ring) != 0 => {
            if let Some(trapezoid) = recognised(&from_low(low), size) {
                return Some((Figure::Trapezoid(size, trapezoid), low));
            }
        }
        _ => {}
    }
    let at = vector(ring[first]);
    Some((Figure::Polygon(points::ring(&from_low(at))), at))
}

/// Width and ends as OASIS has them: half a width, and lengths beyond the ends.
fn stroke(width: u32, ends: Ends) -> Option<Stroke> {
    let half_width = i64::from(width / 2);
    let [begin, end] = match ends {
        Ends::Flush => [0, 0],
        Ends::Square => [half_width; 2],
        Ends::Extended(begin, end) => [i64::from(begin), i64::from(end)],
        Ends::Round => return None,
    };
    width.is_multiple_of(2).then_some(Stroke { half_width, begin, end })
}

fn path(spine: &[Point], stroke: Stroke) -> Option<(Figure, Vector)> {
    let at = vector(*spine.first()?);
    let points: Vec<Vector> = spine.iter().map(|&p| minus(vector(p), at)).collect();
    Some((Figure::Path(stroke, points::spine(&points)), at))
}
