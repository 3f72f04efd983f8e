//! What is drawn, and the walk through it that shapes and density share.

use std::ops::ControlFlow;
use std::sync::Arc;

use lithoscope_engine::layout::{Affine, Bounds, CellId, Layer, Layout, Placement, Region};

use super::outline::{Area, Outline, Outlines};

/// A layer, or the frames of cells that are not opened.
pub type LayerKey = Option<Layer>;

/// A cell of a layout down to some depth.
#[derive(Debug)]
pub struct Source {
    /// The layout.
    pub layout: Arc<Layout>,
    /// The cell that is drawn.
    pub root: CellId,
    /// Levels of hierarchy to go down.
    pub depth: usize,
    outlines: Outlines,
}

/// A shape where it is drawn, in database units of the root.
pub enum Placed<'a> {
    /// An upright rectangle.
    Box(Bounds),
    /// Anything else, and the map from its coordinates.
    Area(&'a Area, Affine),
}

impl Source {
    /// A cell of a layout down to some depth.
    pub fn new(layout: Arc<Layout>, root: CellId, depth: usize) -> Self {
        Self { layout, root, depth, outlines: Outlines::default() }
    }

    /// Whether this is what is asked for.
    pub fn is(&self, layout: &Arc<Layout>, root: CellId, depth: usize) -> bool {
        Arc::ptr_eq(&self.layout, layout) && self.root == root && self.depth == depth
    }

    /// Whether cells below the depth can be seen as frames.
    pub fn has_closed_cells(&self) -> bool {
        self.depth < self.layout.cells().len()
    }

    /// Calls `each` with every shape of a layer that touches a window; returns the number of
    /// placements looked at.
    pub fn visit(
        &self,
        layer: LayerKey,
        window: Bounds,
        mut each: impl FnMut(Placed<'_>) -> ControlFlow<()>,
    ) -> usize {
        let depth = self.depth.saturating_add(usize::from(layer.is_none()));
        let region = Region { depth, ..Region::new(window, layer) };
        let mut visited = 0;
        for placement in self.layout.placements_in(self.root, region) {
            visited += 1;
            let flow = match layer {
                Some(layer) => self.visit_shapes(layer, &placement, &mut each),
                None => self.visit_closed(&placement, &mut each),
            };
            if flow.is_break() {
                break;
            }
        }
        visited
    }

    fn visit_shapes(
        &self,
        layer: Layer,
        placement: &Placement,
        each: &mut impl FnMut(Placed<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let shapes = self.layout.cell(placement.cell).and_then(|c| c.shapes(layer));
        let Some(shapes) = shapes else { return ControlFlow::Continue(()) };
        let upright = is_upright(&placement.map);
        for (shape, offset) in shapes.near(placement.window.outward(), 0) {
            let offset = offset.map(|v| v as f64);
            match self.outlines.of(placement.cell, layer, &shape) {
                Outline::Box(rect) => {
                    let area = Bounds::of(rect).moved(offset);
                    visit_box(area, &placement.map, upright, each)?;
                }
                Outline::Area(area) => {
                    let shift = placement.map.apply_direction(offset);
                    each(Placed::Area(&area, placement.map.moved(shift)))?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn visit_closed(
        &self,
        placement: &Placement,
        each: &mut impl FnMut(Placed<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if placement.depth <= self.depth {
            return ControlFlow::Continue(());
        }
        match self.layout.bounds(placement.cell, None) {
            Some(area) => visit_box(area, &placement.map, is_upright(&placement.map), each),
            None => ControlFlow::Continue(()),
        }
    }
}

fn visit_box(
    area: Bounds,
    map: &Affine,
    upright: bool,
    each: &mut impl FnMut(Placed<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if upright {
        return each(Placed::Box(area.mapped(map)));
    }
    let ([x0, y0], [x1, y1]) = (area.min, area.max);
    each(Placed::Area(&Area::quad([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), *map))
}

/// Whether a map leaves upright rectangles upright.
fn is_upright(map: &Affine) -> bool {
    let [[xx, xy, _], [yx, yy, _]] = map.rows();
    (xy == 0.0 && yx == 0.0) || (xx == 0.0 && yy == 0.0)
}

/// Whether a map turns left into right.
pub fn mirrors(map: &Affine) -> bool {
    let [[xx, xy, _], [yx, yy, _]] = map.rows();
    xx * yy - xy * yx < 0.0
}
