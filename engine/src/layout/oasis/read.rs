//! From elements to the layout database.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::{Element, Figure, Name, Names, Repetition, elements};
use crate::geometry::{Point, Rect};
use crate::layout::path::outline;
use crate::layout::{
    self, Array, Cell, CellId, Ends, Instance, Layer, Layout, LayoutError, Opened, Progress,
    ReadOptions, ShapeId, Shapes, Transform, hierarchy, stem, tidy_unit_nm,
};

/// A cell that KLayout writes to remember libraries and parameters in; nothing in it is layout.
const CONTEXT_CELL: &str = "$$$CONTEXT_INFO$$$";

/// Reads a whole OASIS file.
///
/// Repetitions stay as they are. Cells that are placed but not defined become empty cells.
pub(in crate::layout) fn read(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Opened, LayoutError> {
    options.report(path, Progress { done: 0, total: Some(bytes.len() as u64) })?;
    let mut cells = Cells::default();
    let library = elements(path, bytes, &mut |element| cells.take(element))?;
    let unit_nm = tidy_unit_nm(1000.0 / library.units_per_um);
    let cells = cells.named(&library.names).map_err(|(offset, problem)| LayoutError::Oasis {
        path: path.to_path_buf(),
        offset,
        problem,
    })?;
    match hierarchy::find_cycle(&cells) {
        Some(cells) => Err(LayoutError::CellCycle { path: path.to_path_buf(), cells }),
        None => {
            let layout = Layout::new(stem(path), unit_nm, cells);
            Ok(Opened { layout, losses: Vec::new() })
        }
    }
}

/// Cells by name or number, in order of their first mention: a number's name may follow later.
#[derive(Default)]
struct Cells {
    list: Vec<Slot>,
    by_name: HashMap<Name, CellId>,
    current: usize,
}

struct Slot {
    name: Name,
    /// Offset of its `CELL` record.
    defined: Option<u64>,
    cell: Cell,
}

impl Cells {
    fn take(&mut self, element: &Element) -> Result<(), String> {
        match *element {
            Element::Cell { name, offset } => self.define(name, offset),
            Element::Placement { cell, at, mirror_x, magnification, angle_deg, repetition } => {
                let cell = self.id(cell);
                let turn =
                    Transform { mirror_x, magnification, angle_deg, origin: Point::new(0, 0) };
                self.place(cell, at, turn, repetition)
            }
            Element::Shape { layer, datatype, at, figure, repetition } => {
                self.draw(Layer::new(layer, datatype), at, figure, repetition)
            }
            _ => Ok(()),
        }
    }

    fn id(&mut self, name: &Name) -> CellId {
        if let Some(&id) = self.by_name.get(name) {
            return id;
        }
        let id = CellId(self.list.len());
        self.list.push(Slot { name: name.clone(), defined: None, cell: Cell::default() });
        self.by_name.insert(name.clone(), id);
        id
    }

    fn define(&mut self, name: &Name, offset: u64) -> Result<(), String> {
        self.current = self.id(name).0;
        let slot = &mut self.list[self.current];
        if let Some(first) = slot.defined.replace(offset) {
            let name = match name {
                Name::Text(text) => format!("'{text}'"),
                Name::Number(number) => format!("number {number}"),
            };
            return Err(format!("cell {name} is defined again; it was defined at byte {first}"));
        }
        Ok(())
    }

    fn place(
        &mut self,
        cell: CellId,
        at: [i64; 2],
        transform: Transform,
        repetition: Option<&Repetition>,
    ) -> Result<(), String> {
        let transform = Transform { origin: point(at, [0, 0])?, ..transform };
        let repetition = repetition.map(|r| kept(r, at)).transpose()?;
        let instance = Instance { cell, transform, repetition, properties: None };
        self.list[self.current].cell.instances.push(instance);
        Ok(())
    }

    fn draw(
        &mut self,
        layer: Layer,
        at: [i64; 2],
        figure: Figure,
        repetition: Option<&Repetition>,
    ) -> Result<(), String> {
        let shapes = self.list[self.current].cell.on(layer);
        let (shape, area) = drawn(shapes, at, figure)?;
        if let Some(repetition) = repetition {
            let low = [area.min.x, area.min.y].map(i64::from);
            let high = [area.max.x, area.max.y].map(i64::from);
            kept(repetition, low)?;
            shapes.repeat(shape, kept(repetition, high)?);
        }
        Ok(())
    }

    /// The cells with their names. One that was met both by number and by name is one cell.
    fn named(self, names: &Names) -> Result<Vec<Cell>, (u64, String)> {
        let mut cells: Vec<(Cell, Option<u64>)> = Vec::with_capacity(self.list.len());
        let mut by_name: HashMap<String, CellId> = HashMap::with_capacity(self.list.len());
        let mut new_ids = Vec::with_capacity(self.list.len());
        for Slot { name, defined, mut cell } in self.list {
            let name = names.cell(&name).unwrap_or_default();
            let next = CellId(cells.len());
            let id = *by_name.entry(name.to_owned()).or_insert(next);
            new_ids.push(id);
            if name == CONTEXT_CELL {
                cell = Cell::default();
            }
            name.clone_into(&mut cell.name);
            match (cells.get_mut(id.0), defined) {
                (None, _) => cells.push((cell, defined)),
                (Some((_, Some(first))), Some(again)) => {
                    let (first, again) = (again.min(*first), again.max(*first));
                    let problem = format!(
                        "record CELL: cell '{name}' is defined again; it was defined at byte {first}"
                    );
                    return Err((again, problem));
                }
                (Some(known), Some(_)) => *known = (cell, defined),
                (Some(_), None) => {}
            }
        }
        let mut cells: Vec<Cell> = cells.into_iter().map(|(cell, _)| cell).collect();
        for instance in cells.iter_mut().flat_map(|cell| &mut cell.instances) {
            instance.cell = new_ids[instance.cell.0];
        }
        Ok(cells)
    }
}

/// A repetition as the layout keeps it, where every copy of `from` stays in the coordinate range.
fn kept(repetition: &Repetition, from: [i64; 2]) -> Result<layout::Repetition, String> {
    match repetition {
        Repetition::Grid { columns, rows, column_step, row_step } => {
            let array = array(*columns, *rows, *column_step, *row_step)?;
            let last = array.offset(array.columns - 1, array.rows - 1);
            point(from, array.offset(array.columns - 1, 0))?;
            point(from, array.offset(0, array.rows - 1))?;
            point(from, last)?;
            Ok(layout::Repetition::Grid(array.distinct()))
        }
        Repetition::List(offsets) => {
            for &offset in offsets {
                point(from, offset)?;
            }
            let mut offsets = offsets.clone();
            offsets.dedup();
            Ok(layout::Repetition::List(Arc::from(offsets)))
        }
    }
}

/// The sum of two positions as a point of a layout.
fn point(a: [i64; 2], b: [i64; 2]) -> Result<Point, String> {
    let axis = |k: usize| {
        let sum = a[k].saturating_add(b[k]);
        i32::try_from(sum).map_err(|_| {
            format!("a coordinate of {sum} database units does not fit; the range is ±2147483647")
        })
    };
    Ok(Point::new(axis(0)?, axis(1)?))
}

/// Adds a figure to the shapes of a layer; gives its id and the box around it.
fn drawn(shapes: &mut Shapes, at: [i64; 2], figure: Figure) -> Result<(ShapeId, Rect), String> {
    let ring =
        |points: &[[i64; 2]]| points.iter().map(|&p| point(at, p)).collect::<Result<Vec<_>, _>>();
    let full = |full: layout::Full| full.to_string();
    let around = |ring: &[Point]| Rect::around(ring.iter().copied()).unwrap_or_default();
    match figure {
        Figure::Rectangle { width, height } => {
            let (low, high) = (point(at, [0, 0])?, point(at, [width, height])?);
            let rect = Rect { min: low, max: high };
            Ok((shapes.push_rect(rect).map_err(full)?, rect))
        }
        Figure::Polygon(points) | Figure::Trapezoid(points) => {
            let ring = ring(points)?;
            Ok((shapes.push_polygon(&ring).map_err(full)?, around(&ring)))
        }
        Figure::Path { points, half_width, begin, end } => {
            let (spine, width) = (ring(points)?, width_of(half_width)?);
            let ends = Ends::Extended(extension(begin)?, extension(end)?);
            let area = around(&inside(outline(&spine, width, ends).polygon.outer)?);
            Ok((shapes.push_path(&spine, width, ends).map_err(full)?, area))
        }
        Figure::Circle { radius } => {
            let disc = outline(&ring(&[[0, 0]])?, width_of(radius)?, Ends::Round);
            let ring = inside(disc.polygon.outer)?;
            Ok((shapes.push_polygon(&ring).map_err(full)?, around(&ring)))
        }
    }
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
