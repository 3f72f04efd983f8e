//! What lists and labels need to know of a layout, made once on the engine thread: a window that
//! draws sixty times a second has no time to count.

use std::collections::{BTreeMap, BTreeSet};

use lithoscope_engine::geometry::{BoxTree, Rect};
use lithoscope_engine::layout::{Bounds, Cell, CellId, Layer, Layout, Region, Repetition};
use rayon::prelude::*;

/// Cells and layers of a layout.
#[derive(Debug, Default)]
pub struct Survey {
    /// Top cells, by name.
    pub tops: Vec<CellId>,
    /// By [`CellId`].
    pub cells: Vec<CellFacts>,
    /// Shapes and texts stored on each layer of the file, by layer.
    pub layers: BTreeMap<Layer, u64>,
}

/// What lists show of a cell.
#[derive(Debug, Default)]
pub struct CellFacts {
    /// Cells placed in it, by name, and how often; saturating.
    pub children: Vec<(CellId, u64)>,
    /// Where its texts are, the first copy of each.
    pub texts: Option<BoxTree>,
}

impl Survey {
    /// Surveys a layout and makes the indexes that queries of it need.
    pub fn of(layout: &Layout) -> Self {
        let cells = layout.cells();
        let facts = (0..cells.len()).into_par_iter().map(|i| facts(layout, CellId(i))).collect();
        let name = |id: &CellId| cells[id.0].name.as_str();
        let mut tops = layout.top_cells().to_vec();
        tops.sort_by_key(name);
        let mut layers: BTreeMap<Layer, u64> =
            layout.all_layers().into_iter().map(|l| (l, 0)).collect();
        for cell in cells {
            let shapes = cell.layers().map(|(layer, shapes)| (layer, shapes.stored() as u64));
            for (layer, count) in shapes.chain(cell.texts.iter().map(|t| (t.layer, 1))) {
                *layers.entry(layer).or_default() += count;
            }
        }
        Self { tops, cells: facts, layers }
    }

    /// Cells at and below one.
    pub fn below(&self, root: CellId) -> BTreeSet<CellId> {
        let mut found = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(cell) = open.pop() {
            for (child, _) in self.cells.get(cell.0).map_or(&[][..], |c| &c.children) {
                if found.insert(*child) {
                    open.push(*child);
                }
            }
        }
        found
    }
}

fn facts(layout: &Layout, id: CellId) -> CellFacts {
    let Some(cell) = layout.cell(id) else { return CellFacts::default() };
    for (_, shapes) in cell.layers() {
        shapes.prepare();
    }
    if let Some(bounds) = layout.bounds(id, None) {
        // The first step down makes the index of the instances.
        let corner = Bounds { min: bounds.min, max: bounds.min };
        let region = Region { depth: 1, ..Region::new(corner, None) };
        layout.placements_in(id, region).nth(1);
    }
    let texts = cell.texts.iter().map(|t| Rect { min: t.at, max: t.at }).collect::<Vec<_>>();
    CellFacts {
        children: children(layout, cell),
        texts: (!texts.is_empty()).then(|| BoxTree::new(&texts)),
    }
}

fn children(layout: &Layout, cell: &Cell) -> Vec<(CellId, u64)> {
    let mut counts: BTreeMap<CellId, u64> = BTreeMap::new();
    for instance in &cell.instances {
        let copies = instance.repetition.as_ref().map_or(1, Repetition::count);
        let count = counts.entry(instance.cell).or_default();
        *count = count.saturating_add(copies);
    }
    let mut children: Vec<_> = counts.into_iter().collect();
    children.sort_by_key(|(id, _)| layout.cell(*id).map_or("", |c| c.name.as_str()));
    children
}

#[cfg(test)]
mod tests {
    use super::*;
    use lithoscope_engine::layout::{Array, Instance, Transform};

    #[test]
    fn children_are_counted_with_their_copies_and_sorted_by_name() {
        let mut top = Cell::new("top");
        let place = |cell, repetition| Instance {
            cell: CellId(cell),
            transform: Transform::default(),
            repetition,
            properties: None,
        };
        let grid = Array { columns: 3, rows: 2, column_span: [30, 0], row_span: [0, 20] };
        top.instances.push(place(2, None));
        top.instances.push(place(1, None));
        top.instances.push(place(2, Some(Repetition::Grid(grid))));
        let cells = vec![top, Cell::new("z"), Cell::new("a")];
        let survey = Survey::of(&Layout::new("t", 1.0, cells));
        assert_eq!(survey.tops, [CellId(0)]);
        assert_eq!(survey.cells[0].children, [(CellId(2), 7), (CellId(1), 1)]);
        assert_eq!(survey.below(CellId(0)).len(), 3);
        assert_eq!(survey.below(CellId(1)).len(), 1);
    }
}
