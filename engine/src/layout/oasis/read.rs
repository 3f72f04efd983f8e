//! Reading an OASIS file into the layout database.

use std::path::Path;

use super::budget::Budget;
use super::course::{Halt, Watch};
use super::directory::Directory;
use super::parts::{Content, Job, parallel, serial};
use super::resolve::resolved;
use crate::layout::{
    Cell, Faults, Layout, LayoutError, Loss, Opened, Progress, ReadOptions, hierarchy, stem,
    tidy_unit_nm,
};

/// Circles of cells that are broken up in one file; with more of them it is refused.
const MOST_CYCLES: usize = 100;

/// Reads a whole OASIS file.
///
/// Repetitions stay as they are. Cells that are placed but not defined become empty cells. Standard
/// properties that tell of the file rather than of the layout (bounding boxes, offsets, longest
/// names) are left out, and `S_GDS_PROPERTY` becomes the GDSII property that it stands for.
///
/// With [`Faults::Skip`] reading goes on behind what is damaged: at the end of the `CBLOCK`, else at
/// the next cell or table whose offset the file tells. A modal variable that is used before it is
/// set counts as zero or empty, and names that are not defined are made up or left empty.
pub(in crate::layout) fn read(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Opened, LayoutError> {
    options.report(path, Progress { done: 0, total: Some(bytes.len() as u64) })?;
    let budgets = [Budget::of(bytes), Budget::of(bytes)];
    let watches = [(); 2].map(|()| Watch::new(path, bytes, Some(options)));
    let directory = &Directory::of(bytes);
    let jobs =
        [0, 1].map(|i| Job { bytes, options, directory, budget: &budgets[i], watch: &watches[i] });
    let content = match parallel(&jobs[0]).transpose() {
        Some(content) => content,
        None => serial(&jobs[1]),
    };
    let fault = |offset, problem| LayoutError::Oasis { path: path.to_path_buf(), offset, problem };
    let content = content.map_err(|halt| match halt {
        Halt::Cancelled(error) => error,
        Halt::Fault(offset, problem) => fault(offset, problem),
        Halt::Astray => fault(0, "the parts of the file do not fit together".into()),
    })?;
    opened(path, options, content)
}

fn opened(path: &Path, options: &ReadOptions, content: Content) -> Result<Opened, LayoutError> {
    let unit_nm = tidy_unit_nm(1000.0 / content.units_per_um);
    let lenient = options.faults == Faults::Skip;
    let mut found = resolved(content, lenient).map_err(|(offset, problem)| LayoutError::Oasis {
        path: path.to_path_buf(),
        offset,
        problem,
    })?;
    let mut broken = 0;
    while let Some(cycle) = hierarchy::find_cycle(&found.cells) {
        if !lenient || broken == MOST_CYCLES {
            return Err(LayoutError::CellCycle { path: path.to_path_buf(), cells: cycle });
        }
        broken += 1;
        found.losses.extend(without_cycle(&mut found.cells, &cycle));
    }
    let mut layout = Layout::new(stem(path), unit_nm, found.cells);
    layout.layer_names = found.layer_names;
    layout.properties = found.properties;
    Ok(Opened { layout, losses: found.losses })
}

/// Takes out the placements that close a circle of cells.
fn without_cycle(cells: &mut [Cell], cycle: &[String]) -> Option<Loss> {
    let [.., last, first] = cycle else { return None };
    let child = cells.iter().position(|cell| cell.name == *first)?;
    let parent = cells.iter_mut().find(|cell| cell.name == *last)?;
    parent.instances.retain(|instance| instance.cell.0 != child);
    let problem = format!(
        "cells place one another in a circle: {}; the placements of '{first}' are lost",
        cycle.join(" > ")
    );
    Some(Loss { cell: Some(last.clone()), offset: 0, problem })
}
