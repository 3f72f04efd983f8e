//! From figures and repetitions as a file has them to those of the layout database.

use super::{Figure, Repetition};
use crate::geometry::{Point, Rect};
use crate::layout::path::outline;
use crate::layout::{self, Array, Ends, ShapeId, Shapes};

/// A shape that was added: its id, the box around it, and the memory it takes in bytes.
pub(super) struct Drawn {
    pub id: ShapeId,
    pub area: Rect,
    pub memory: usize,
}

/// Adds a figure to the shapes of a layer; `ring` is scratch space. Nothing is drawn of a figure
/// without points.
pub(super) fn drawn(
    shapes: &mut Shapes,
    at: [i64; 2],
    figure: Figure,
    ring: &mut Vec<Point>,
) -> Result<Option<Drawn>, String> {
    let full = |full: layout::Full| full.to_string();
    let (id, area, memory) = match figure {
        Figure::Rectangle { width, height } => {
            let (low, high) = (point(at, [0, 0])?, point(at, [width, height])?);
            let area = Rect { min: low, max: high };
            (shapes.push_rect(area).map_err(full)?, area, size_of::<Rect>())
        }
        Figure::Polygon([]) | Figure::Trapezoid([]) | Figure::Path { points: [], .. } => {
            return Ok(None);
        }
        Figure::Polygon(points) | Figure::Trapezoid(points) => {
            place(points, at, ring)?;
            (shapes.push_polygon(ring).map_err(full)?, around(ring), memory_of(ring))
        }
        Figure::Path { points, half_width, begin, end } => {
            place(points, at, ring)?;
            let (width, spine) = (width_of(half_width)?, ring);
            let ends = Ends::Extended(extension(begin)?, extension(end)?);
            let area = around(&inside(outline(spine, width, ends).polygon.outer)?);
            (shapes.push_path(spine, width, ends).map_err(full)?, area, 24 + memory_of(spine))
        }
        Figure::Circle { radius } => {
            let disc = outline(&[point(at, [0, 0])?], width_of(radius)?, Ends::Round);
            let ring = inside(disc.polygon.outer)?;
            (shapes.push_polygon(&ring).map_err(full)?, around(&ring), memory_of(&ring))
        }
    };
    Ok(Some(Drawn { id, area, memory }))
}

fn place(points: &[[i64; 2]], at: [i64; 2], ring: &mut Vec<Point>) -> Result<(), String> {
    ring.clear();
    ring.reserve(points.len());
    for &p in points {
        ring.push(point(at, p)?);
    }
    Ok(())
}

fn around(ring: &[Point]) -> Rect {
    Rect::around(ring.iter().copied()).unwrap_or_default()
}

fn memory_of(ring: &[Point]) -> usize {
    size_of::<u32>() + size_of_val(ring)
}

fn extension(length: i64) -> Result<i32, String> {
    i32::try_from(length).map_err(|_| format!("a path extension of {length} does not fit"))
}

fn width_of(half: i64) -> Result<u32, String> {
    u32::try_from(2 * half).map_err(|_| format!("a half width or radius of {half} does not fit"))
}

/// An outline none of whose corners had to stop at the end of the coordinate range.
fn inside(ring: Vec<Point>) -> Result<Vec<Point>, String> {
    let at_end = |v: i32| v == i32::MAX || v == i32::MIN;
    if ring.iter().any(|p| at_end(p.x) || at_end(p.y)) {
        return Err("an outline that leaves the coordinate range ±2147483647".into());
    }
    Ok(ring)
}

/// The sum of two positions as a point of a layout.
pub(super) fn point(a: [i64; 2], b: [i64; 2]) -> Result<Point, String> {
    let axis = |k: usize| {
        let sum = a[k].saturating_add(b[k]);
        i32::try_from(sum).map_err(|_| {
            format!("a coordinate of {sum} database units does not fit; the range is ±2147483647")
        })
    };
    Ok(Point::new(axis(0)?, axis(1)?))
}

/// A repetition as the layout keeps it, where every copy of a box stays in the coordinate range.
pub(super) fn kept(repetition: &Repetition, area: Rect) -> Result<layout::Repetition, String> {
    let low = [area.min.x, area.min.y].map(i64::from);
    let high = [area.max.x, area.max.y].map(i64::from);
    match repetition {
        Repetition::Grid { columns, rows, column_step, row_step } => {
            let array = array(*columns, *rows, *column_step, *row_step)?;
            let (i, j) = (array.columns - 1, array.rows - 1);
            for offset in [array.offset(i, 0), array.offset(0, j), array.offset(i, j)] {
                point(low, offset)?;
                point(high, offset)?;
            }
            Ok(layout::Repetition::Grid(array.distinct()))
        }
        Repetition::List { offsets, low: first, high: last } => {
            point(low, *first)?;
            point(high, *last)?;
            Ok(layout::Repetition::List(offsets.clone()))
        }
    }
}

fn array(
    columns: u64,
    rows: u64,
    column_step: [i64; 2],
    row_step: [i64; 2],
) -> Result<Array, String> {
    let number = |count: u64| {
        u32::try_from(count).map_err(|_| format!("an array of {count} columns or rows"))
    };
    let (columns, rows) = (number(columns)?, number(rows)?);
    let span = |step: [i64; 2], count: u32| step.map(|v| v * i64::from(count));
    let column_span = span(column_step, columns);
    Ok(Array { columns, rows, column_span, row_span: span(row_step, rows) })
}
