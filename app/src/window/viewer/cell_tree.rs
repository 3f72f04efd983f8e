//! The list of cells: a tree that unfolds, or what a search finds.

use std::collections::{BTreeSet, HashMap};

use lithoscope_engine::layout::{CellId, Layout};

use crate::worker::Survey;

/// Rows at most: a tree of shared cells can unfold without end.
const MOST_ROWS: usize = 100_000;

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// The cell.
    pub cell: CellId,
    /// Cells above it, the top one first; none where the list is what a search found.
    pub above: Vec<CellId>,
    /// How often the cell above places it; 0 for a top cell.
    pub count: u64,
    /// Whether its children are listed; `None` where it has none.
    pub expanded: Option<bool>,
}

/// The list of cells.
#[derive(Default)]
pub struct CellTree {
    /// Text that names must hold.
    pub search: String,
    /// Paths that are unfolded.
    expanded: BTreeSet<Vec<CellId>>,
    rows: Vec<TreeRow>,
    made_for: Option<String>,
    levels: HashMap<CellId, usize>,
}

impl CellTree {
    /// The tree of a layout, its first level unfolded.
    pub fn new(survey: &Survey, root: CellId) -> Self {
        let few = survey.cells.get(root.0).is_some_and(|c| c.children.len() <= 500);
        let expanded = if few { BTreeSet::from([vec![root]]) } else { BTreeSet::new() };
        Self { expanded, levels: depths(survey), ..Self::default() }
    }

    /// The tree of a layout that was read again: what was unfolded and searched for stays, by name.
    pub fn renewed(&self, survey: &Survey, before: &Layout, now: &Layout, root: CellId) -> Self {
        let renamed = |path: &Vec<CellId>| -> Option<Vec<CellId>> {
            path.iter().map(|id| now.cell_named(&before.cell(*id)?.name)).collect()
        };
        let expanded = self.expanded.iter().filter_map(renamed);
        let mut tree = Self::new(survey, root);
        tree.expanded.extend(expanded);
        tree.search.clone_from(&self.search);
        tree
    }

    /// Rows to show.
    pub fn rows(&mut self, layout: &Layout, survey: &Survey) -> &[TreeRow] {
        if self.made_for.as_ref() != Some(&self.search) {
            self.rows = if self.search.trim().is_empty() {
                self.unfolded(survey)
            } else {
                found(layout, survey, &self.search)
            };
            self.made_for = Some(self.search.clone());
        }
        &self.rows
    }

    /// Unfolds or folds a row.
    pub fn toggle(&mut self, row: &TreeRow) {
        let mut path = row.above.clone();
        path.push(row.cell);
        if !self.expanded.remove(&path) {
            self.expanded.insert(path);
        }
        self.made_for = None;
    }

    /// Levels of cells below one.
    pub fn levels(&self, cell: CellId) -> usize {
        self.levels.get(&cell).copied().unwrap_or(0)
    }

    fn unfolded(&self, survey: &Survey) -> Vec<TreeRow> {
        let mut rows = Vec::new();
        let mut open: Vec<(CellId, Vec<CellId>, u64)> =
            survey.tops.iter().rev().map(|c| (*c, Vec::new(), 0)).collect();
        while let Some((cell, above, count)) = open.pop() {
            if rows.len() >= MOST_ROWS {
                break;
            }
            let children = survey.cells.get(cell.0).map_or(&[][..], |c| &c.children);
            let mut path = above.clone();
            path.push(cell);
            let expanded = self.expanded.contains(&path);
            if expanded {
                open.extend(children.iter().rev().map(|(c, n)| (*c, path.clone(), *n)));
            }
            let expanded = (!children.is_empty()).then_some(expanded);
            rows.push(TreeRow { cell, above, count, expanded });
        }
        rows
    }
}

/// Cells whose name holds every word, top cells first, then by name.
fn found(layout: &Layout, survey: &Survey, search: &str) -> Vec<TreeRow> {
    let words: Vec<String> = search.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let tops: BTreeSet<CellId> = survey.tops.iter().copied().collect();
    let mut cells: Vec<(bool, String, CellId)> = layout
        .cells()
        .iter()
        .enumerate()
        .map(|(i, c)| (c.name.to_lowercase(), CellId(i)))
        .filter(|(name, _)| words.iter().all(|w| name.contains(w.as_str())))
        .map(|(name, id)| (!tops.contains(&id), name, id))
        .collect();
    cells.sort();
    let row = |cell| TreeRow { cell, above: Vec::new(), count: 0, expanded: None };
    cells.into_iter().map(|(_, _, id)| row(id)).collect()
}

/// Levels below every cell, children before parents, without recursion.
fn depths(survey: &Survey) -> HashMap<CellId, usize> {
    let mut depths: HashMap<CellId, usize> = HashMap::new();
    let mut open: Vec<(CellId, usize)> = survey.tops.iter().map(|c| (*c, 0)).collect();
    while let Some((cell, next)) = open.pop() {
        let children = survey.cells.get(cell.0).map_or(&[][..], |c| &c.children);
        if let Some((child, _)) = children.get(next) {
            open.push((cell, next + 1));
            if !depths.contains_key(child) {
                open.push((*child, 0));
            }
        } else {
            let below = children.iter().filter_map(|(c, _)| depths.get(c)).max();
            depths.insert(cell, below.map_or(0, |d| d + 1));
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use super::*;
    use lithoscope_engine::layout::{Cell, Instance, Transform};

    /// `top` places `b` (twice) and `a`; `b` places `a`; `other` stands alone.
    fn layout() -> (Layout, Survey) {
        let place = |cell| Instance {
            cell: CellId(cell),
            transform: Transform::default(),
            repetition: None,
            properties: None,
        };
        let mut top = Cell::new("top");
        top.instances = vec![place(2), place(1), place(2)];
        let mut b = Cell::new("b");
        b.instances = vec![place(1)];
        let layout = Layout::new("t", 1.0, vec![top, Cell::new("a"), b, Cell::new("other")]);
        let survey = Survey::of(&layout);
        (layout, survey)
    }

    #[test]
    fn top_cells_come_first_and_children_unfold_under_their_parent() {
        let (layout, survey) = layout();
        let mut tree = CellTree::new(&survey, survey.tops[1]);
        let ids =
            |rows: &[TreeRow]| rows.iter().map(|r| (r.cell.0, r.above.len())).collect::<Vec<_>>();
        assert_eq!(ids(tree.rows(&layout, &survey)), [(3, 0), (0, 0), (1, 1), (2, 1)]);
        let b = tree.rows(&layout, &survey)[3].clone();
        assert_eq!((b.count, b.expanded), (2, Some(false)));
        tree.toggle(&b);
        assert_eq!(ids(tree.rows(&layout, &survey)), [(3, 0), (0, 0), (1, 1), (2, 1), (1, 2)]);
        tree.toggle(&b);
        assert_eq!(tree.rows(&layout, &survey).len(), 4);
    }

    #[test]
    fn search_finds_words_in_any_case_and_lists_top_cells_first() {
        let (layout, survey) = layout();
        let mut tree = CellTree::new(&survey, survey.tops[0]);
        tree.search = "O T".to_owned();
        let rows = tree.rows(&layout, &survey);
        assert_eq!(rows.iter().map(|r| r.cell.0).collect::<Vec<_>>(), [3, 0]);
        tree.search = "nothing".to_owned();
        assert!(tree.rows(&layout, &survey).is_empty());
    }

    #[test]
    fn levels_are_counted_along_the_longest_way_down() {
        let (_, survey) = layout();
        let tree = CellTree::new(&survey, CellId(0));
        let levels = |cell| tree.levels(CellId(cell));
        assert_eq!([levels(0), levels(2), levels(1), levels(3)], [2, 1, 0, 0]);
    }
}
