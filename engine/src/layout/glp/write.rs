//! Writing GLP: one cell, flat, in the form of the contest's clips.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use crate::geometry::{Point, Polygon, Rect};
use crate::layout::affine::Bounds;
use crate::layout::gds::hole_free;
use crate::layout::save::Fault;
use crate::layout::write::Tally;
use crate::layout::{CellId, Geometry, Layer, Layout, Region, WriteOptions};

/// Most shapes a flat text may hold.
const MOST_SHAPES: u64 = 200_000_000;

/// Writes the cell, or the window of it, that the options name.
pub(in crate::layout) fn write(
    out: &mut dyn Write,
    layout: &Layout,
    options: &WriteOptions,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let id = match options.cell {
        Some(id) => id,
        None => chosen(layout)?,
    };
    let Some(cell) = layout.cell(id) else {
        return Err(Fault::Unwritable(format!("there is no cell number {}", id.0)));
    };
    let counts = layout.layers(id);
    if counts.values().fold(0, |sum: u64, n| sum.saturating_add(*n)) > MOST_SHAPES {
        let problem = format!("more than {MOST_SHAPES} shapes when flat; write OASIS or GDSII");
        return Err(Fault::Unwritable(problem));
    }
    let names = names(layout, counts.keys().copied(), tally);
    count_losses(layout, id, tally);
    let name = word(&cell.name);
    let unit_nm = if options.window_nm.is_some() { 1.0 } else { layout.unit_nm };
    write!(
        out,
        "BEGIN     /* written by Lithoscope */\nEQUIV  1  {}  MICRON  +X,+Y\nCNAME {name}\nLEVEL {}\n\nCELL {name} PRIME\n",
        tidy(1000.0 / unit_nm),
        names.values().next().map_or("NONE", String::as_str)
    )?;
    for (&layer, layer_name) in &names {
        let mut shapes = Shapes { out, layer: layer_name, tally };
        match options.window_nm {
            Some(window) => shapes.window(layout, id, layer, window)?,
            None => shapes.all(layout, id, layer)?,
        }
    }
    out.write_all(b"ENDMSG\n")?;
    Ok(())
}

/// The first top cell with a shape.
fn chosen(layout: &Layout) -> Result<CellId, Fault> {
    let solid = |id: &&CellId| layout.bounds(**id, None).is_some();
    let first = layout.top_cells().iter().find(solid).or(layout.top_cells().first());
    first.copied().ok_or_else(|| Fault::Unwritable("the layout has no cell".into()))
}

fn count_losses(layout: &Layout, root: CellId, tally: &mut Tally) {
    let reached = layout.multiplicities(root);
    tally.lose("cells placed below the one written (flattened)", reached.len() as u64 - 1);
    let others = layout.cells().len() - reached.len();
    tally.lose("cells that are not below the one written (left out)", others as u64);
    let cells = reached.iter().filter_map(|(id, _)| layout.cell(*id));
    let (mut texts, mut properties) = (0, u64::from(layout.properties.is_some()));
    for cell in cells {
        texts += cell.texts.len() as u64;
        properties += u64::from(cell.properties.is_some());
        properties += cell.instances.iter().filter(|i| i.properties.is_some()).count() as u64;
        let noted = |shapes: &crate::layout::Shapes| {
            shapes.iter().filter(|s| s.properties.is_some()).count() as u64
        };
        properties += cell.layers().map(|(_, shapes)| noted(shapes)).sum::<u64>();
    }
    tally.lose("texts (GLP has none)", texts);
    tally.lose("things with properties (GLP has none)", properties);
}

/// A name for every layer: its own where it is one word that no other layer has, else its numbers.
fn names(
    layout: &Layout,
    layers: impl Iterator<Item = Layer>,
    tally: &mut Tally,
) -> BTreeMap<Layer, String> {
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for (index, layer) in (1u32..).zip(layers) {
        let own = layout.layer_names.get(&layer).map(|name| word(name));
        let name = match own {
            Some(name) if taken.insert(name.clone()) => name,
            _ => format!("L{}D{}", layer.number, layer.datatype),
        };
        let kept = layout.layer_names.get(&layer) == Some(&name);
        tally.lose("names of layers (given others)", u64::from(!kept && own_name(layout, layer)));
        let renumbered = layer != Layer::new(index, 0);
        tally.lose("numbers of layers (GLP has names only)", u64::from(renumbered));
        taken.insert(name.clone());
        names.insert(layer, name);
    }
    names
}

fn own_name(layout: &Layout, layer: Layer) -> bool {
    layout.layer_names.contains_key(&layer)
}

/// A name as one word.
fn word(name: &str) -> String {
    let legal = |c: char| if c.is_whitespace() || c.is_control() { '_' } else { c };
    let word: String = name.chars().map(legal).collect();
    if word.is_empty() { "CELL".into() } else { word }
}

/// A number without what binary fractions add to it.
fn tidy(value: f64) -> f64 {
    let tidy = (value * 1e9).round() / 1e9;
    if (tidy - value).abs() <= 1e-12 * value { tidy } else { value }
}

struct Shapes<'o, 't, 'n> {
    out: &'o mut dyn Write,
    layer: &'n str,
    tally: &'t mut Tally,
}

impl Shapes<'_, '_, '_> {
    /// Every shape of a layer as it is drawn, database units.
    fn all(&mut self, layout: &Layout, root: CellId, layer: Layer) -> Result<(), Fault> {
        let Some(window) = layout.bounds(root, Some(layer)) else { return Ok(()) };
        let mut found = layout.shapes_in(root, Region::new(window.grown(1.0), layer));
        for shape in &mut found {
            let path = matches!(shape.shape.geometry, Geometry::Path { .. });
            self.tally.lose("paths (written as polygons)", u64::from(path));
            let ring = self.whole(&shape.ring())?;
            self.ring(&ring)?;
        }
        if found.gave_up() {
            let problem = "too many placed cells to be written flat; write OASIS or GDSII";
            return Err(Fault::Unwritable(problem.into()));
        }
        Ok(())
    }

    /// The merged region of a layer within a window, nm.
    fn window(
        &mut self,
        layout: &Layout,
        root: CellId,
        layer: Layer,
        window: Rect,
    ) -> Result<(), Fault> {
        let area = Bounds::of(window);
        let area = Bounds {
            min: area.min.map(|v| v / layout.unit_nm),
            max: area.max.map(|v| v / layout.unit_nm),
        };
        if layout.shapes_in(root, Region::new(area, layer)).next().is_none() {
            return Ok(());
        }
        let clip = layout.clip(root, layer, Some(window));
        let clip = clip.map_err(|e| Fault::Unwritable(e.to_string()))?;
        for polygon in &clip.polygons {
            self.polygon(polygon)?;
        }
        Ok(())
    }

    fn polygon(&mut self, polygon: &Polygon) -> Result<(), Fault> {
        if polygon.holes.is_empty() {
            return self.ring(&polygon.outer);
        }
        self.tally.lose("polygons with holes (cut into pieces)", 1);
        let pieces = hole_free(polygon)
            .ok_or_else(|| Fault::Unwritable("a polygon with holes could not be cut up".into()))?;
        pieces.iter().try_for_each(|ring| self.ring(ring))
    }

    /// Corners rounded to whole units.
    fn whole(&mut self, ring: &[[f64; 2]]) -> Result<Vec<Point>, Fault> {
        let mut off = false;
        let mut corner = |v: f64| {
            let whole = v.round();
            off |= (v - whole).abs() > 1e-6;
            let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&whole);
            fits.then_some(whole as i32).ok_or_else(|| {
                let problem = format!("a coordinate of {v:e}; the range is ±2147483647");
                Fault::Unwritable(problem)
            })
        };
        let ring: Result<Vec<Point>, Fault> =
            ring.iter().map(|&[x, y]| Ok(Point::new(corner(x)?, corner(y)?))).collect();
        self.tally.lose("shapes moved by rounding to whole units", u64::from(off));
        ring
    }

    fn ring(&mut self, ring: &[Point]) -> Result<(), Fault> {
        let around = Rect::around(ring.iter().copied()).unwrap_or_default();
        if ring.len() < 3 || around.is_empty() {
            self.tally.lose("shapes without area (left out)", 1);
            return Ok(());
        }
        let upright = is_rect(ring, around);
        let (low, width, height) = (around.min, around.width(), around.height());
        if upright && width.max(height) <= i64::from(i32::MAX) {
            let layer = self.layer;
            writeln!(self.out, "   RECT N {layer}  {} {} {width} {height}", low.x, low.y)?;
            return Ok(());
        }
        write!(self.out, "   PGON N {} ", self.layer)?;
        for p in ring {
            write!(self.out, " {} {}", p.x, p.y)?;
        }
        self.out.write_all(b"\n")?;
        Ok(())
    }
}

/// Whether four corners are those of the box around them, in turn.
fn is_rect(ring: &[Point], around: Rect) -> bool {
    let at_corner = |p: &Point| {
        (p.x == around.min.x || p.x == around.max.x) && (p.y == around.min.y || p.y == around.max.y)
    };
    let turns = |i: usize| (ring[i].x == ring[(i + 1) % 4].x) != (ring[i].y == ring[(i + 1) % 4].y);
    ring.len() == 4 && ring.iter().all(at_corner) && (0..4).all(turns)
}
