//! From elements to the layout database.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use super::{Element, Figure, Name, Names, Repetition, elements};
use crate::geometry::{Point, Polygon};
use crate::layout::path::{Ends, Outline, outline};
use crate::layout::{
    Array, Cell, CellId, Instance, Layer, Layout, LayoutError, Transform, hierarchy, tidy_unit_nm,
};

/// Copies that repetitions may make of shapes and irregular ones of instances, in a whole file.
/// The layout holds every copy of a shape, so a few bytes could otherwise fill any memory.
const MOST_COPIES: u64 = 8 << 20;

/// A cell that KLayout writes to remember libraries and parameters in; nothing in it is layout.
const CONTEXT_CELL: &str = "$$$CONTEXT_INFO$$$";

/// Reads a whole OASIS file.
///
/// Regular arrays of cells stay arrays. Repeated shapes and irregularly repeated instances become
/// as many of them, at most [`MOST_COPIES`] in a file, checked before any is made; copies that a
/// step of zero puts on one another count once, as in KLayout. Cells that are
/// placed but not defined become empty cells. Texts, properties and extensions are not kept.
pub(in crate::layout) fn read(
    path: &Path,
    name: String,
    bytes: &[u8],
) -> Result<Layout, LayoutError> {
    let mut cells = Cells::default();
    let library = elements(path, bytes, &mut |element| cells.take(element))?;
    let unit_nm = tidy_unit_nm(1000.0 / library.units_per_um);
    let cells = cells.named(&library.names).map_err(|(offset, problem)| LayoutError::Oasis {
        path: path.to_path_buf(),
        offset,
        problem,
    })?;
    let layout = Layout { name, unit_nm, cells, contest: false };
    match hierarchy::find_cycle(&layout) {
        Some(cells) => Err(LayoutError::CellCycle { path: path.to_path_buf(), cells }),
        None => Ok(layout),
    }
}

/// Cells by name or number, in order of their first mention: a number's name may follow later.
#[derive(Default)]
struct Cells {
    list: Vec<Slot>,
    by_name: HashMap<Name, CellId>,
    current: usize,
    copies: u64,
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
                let layer = Layer::new(layer_number(layer)?, layer_number(datatype)?);
                self.draw(layer, at, figure, repetition)
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

    /// Counts copies about to be made.
    fn spend(&mut self, copies: u64) -> Result<(), String> {
        self.copies = self.copies.saturating_add(copies);
        if self.copies > MOST_COPIES {
            return Err(format!("repetitions make more than {MOST_COPIES} copies in the file"));
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
        let placed = |offset: [i64; 2], array| {
            let origin = point(at, offset)?;
            Ok::<_, String>(Instance { cell, transform: Transform { origin, ..transform }, array })
        };
        match repetition {
            None => self.list[self.current].cell.instances.push(placed([0, 0], None)?),
            Some(Repetition::Grid { columns, rows, column_step, row_step }) => {
                let array = array(*columns, *rows, *column_step, *row_step)?;
                self.list[self.current].cell.instances.push(placed([0, 0], Some(array))?);
            }
            Some(Repetition::List(offsets)) => {
                self.spend(offsets.len() as u64)?;
                for &offset in offsets {
                    self.list[self.current].cell.instances.push(placed(offset, None)?);
                }
            }
        }
        Ok(())
    }

    fn draw(
        &mut self,
        layer: Layer,
        at: [i64; 2],
        figure: Figure,
        repetition: Option<&Repetition>,
    ) -> Result<(), String> {
        let drawn = drawn(at, figure)?;
        let Some(repetition) = repetition.map(distinct) else {
            self.list[self.current].cell.add(layer, drawn);
            return Ok(());
        };
        self.spend(repetition.count())?;
        let cell = &mut self.list[self.current].cell;
        cell.rounding = cell.rounding.max(drawn.rounding);
        let shapes = cell.shapes.entry(layer).or_default();
        for offset in repetition.offsets() {
            shapes.push(moved(&drawn.polygon, offset)?);
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

/// A repetition without the copies that a step of zero puts on others.
fn distinct(repetition: &Repetition) -> Cow<'_, Repetition> {
    match repetition {
        Repetition::Grid { columns, rows, column_step, row_step } => {
            let number = |count: u64, step: [i64; 2]| if step == [0, 0] { 1 } else { count };
            Cow::Owned(Repetition::Grid {
                columns: number(*columns, *column_step),
                rows: number(*rows, *row_step),
                column_step: *column_step,
                row_step: *row_step,
            })
        }
        Repetition::List(offsets) => {
            if offsets.windows(2).all(|pair| pair[0] != pair[1]) {
                return Cow::Borrowed(repetition);
            }
            let mut distinct = offsets.clone();
            distinct.dedup();
            Cow::Owned(Repetition::List(distinct))
        }
    }
}

fn layer_number(number: u32) -> Result<u16, String> {
    u16::try_from(number)
        .map_err(|_| format!("layer or datatype {number}; layouts hold at most 65535"))
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

fn moved(polygon: &Polygon, offset: [i64; 2]) -> Result<Polygon, String> {
    let corners = polygon.outer.iter();
    let outer = corners.map(|p| point([i64::from(p.x), i64::from(p.y)], offset));
    Ok(Polygon { outer: outer.collect::<Result<_, _>>()?, holes: Vec::new() })
}

/// A figure as the polygon it covers.
fn drawn(at: [i64; 2], figure: Figure) -> Result<Outline, String> {
    let ring =
        |points: &[[i64; 2]]| points.iter().map(|&p| point(at, p)).collect::<Result<Vec<_>, _>>();
    let polygon = match figure {
        Figure::Rectangle { width: w, height: h } => {
            Polygon { outer: ring(&[[0, 0], [w, 0], [w, h], [0, h]])?, holes: Vec::new() }
        }
        Figure::Polygon(points) | Figure::Trapezoid(points) => Polygon::simple(ring(points)?),
        Figure::Path { points, half_width, begin, end } => {
            let ends = Ends::Extended(extension(begin)?, extension(end)?);
            return inside(outline(&ring(points)?, width_of(half_width)?, ends));
        }
        Figure::Circle { radius } => {
            return inside(outline(&ring(&[[0, 0]])?, width_of(radius)?, Ends::Round));
        }
    };
    Ok(Outline::exact(polygon))
}

fn extension(length: i64) -> Result<i32, String> {
    i32::try_from(length).map_err(|_| format!("a path extension of {length} does not fit"))
}

fn width_of(half: i64) -> Result<u32, String> {
    u32::try_from(2 * half).map_err(|_| format!("a half width or radius of {half} does not fit"))
}

/// An outline none of whose corners had to stop at the end of the coordinate range.
fn inside(outline: Outline) -> Result<Outline, String> {
    let at_end = |v: i32| v == i32::MAX || v == i32::MIN;
    if outline.polygon.outer.iter().any(|p| at_end(p.x) || at_end(p.y)) {
        return Err("an outline that leaves the coordinate range ±2147483647".into());
    }
    Ok(outline)
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
