//! `lithoscope info`: what a layout file holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use lithoscope_engine::layout::{self, Bounds, Cell, Layer, Layout, Loss, ReadOptions};
use serde::Serialize;

use super::args::InfoArguments;
use super::convert::{faults, tell_losses};

pub fn run(arguments: &InfoArguments) -> anyhow::Result<()> {
    let path = &arguments.file;
    let options = ReadOptions { faults: faults(arguments.lenient), ..ReadOptions::default() };
    let opened = layout::open_with(path, &options)?;
    let bytes = path.metadata().with_context(|| format!("cannot access {}", path.display()))?.len();
    let info = Info::new(path, format(path)?, bytes, &opened.layout, &opened.losses);
    if arguments.json {
        return super::print(&format!("{}\n", serde_json::to_string_pretty(&info)?));
    }
    tell_losses(&opened.losses);
    super::print(&info.text())
}

/// The format of a file by its first bytes. It has been read, so it is one of those there are.
fn format(path: &Path) -> anyhow::Result<&'static str> {
    let mut head = Vec::new();
    let file = std::fs::File::open(path);
    file.and_then(|f| f.take(16).read_to_end(&mut head))
        .with_context(|| format!("cannot access {}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] if name.contains(".oas") => "OASIS, gzip",
        [0x1f, 0x8b, ..] if name.contains(".glp") => "GLP, gzip",
        [0x1f, 0x8b, ..] if name.contains(".gds") => "GDSII, gzip",
        [0x1f, 0x8b, ..] => "gzip",
        [b'%', ..] => "OASIS",
        [_, _, 0x00, 0x02, ..] => "GDSII",
        _ => "GLP",
    })
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Info {
    file: String,
    format: &'static str,
    bytes: u64,
    /// Size of a database unit, nm.
    unit_nm: f64,
    cells: usize,
    top_cells: Vec<TopCell>,
    /// Shapes, texts and instances as stored, what is repeated counted once.
    shapes_stored: u64,
    texts_stored: u64,
    instances_stored: u64,
    layers: Vec<LayerInfo>,
    lost: Vec<String>,
}

/// A cell that no other places.
#[derive(Debug, Serialize)]
struct TopCell {
    name: String,
    /// Shapes when all of it is flattened.
    shapes_flat: u64,
    /// Cells placed below it, copies counted, when all of it is flattened.
    instances_flat: u64,
    /// x0, y0, x1, y1 in µm; null where it holds no shape.
    box_um: Option<[f64; 4]>,
}

#[derive(Debug, Serialize)]
struct LayerInfo {
    layer: Layer,
    name: Option<String>,
    shapes_stored: u64,
    /// Over all top cells.
    shapes_flat: u64,
    texts_stored: u64,
}

impl Info {
    fn new(
        path: &Path,
        format: &'static str,
        bytes: u64,
        layout: &Layout,
        losses: &[Loss],
    ) -> Self {
        let cells = layout.cells();
        let sum = |count: fn(&Cell) -> usize| cells.iter().map(|c| count(c) as u64).sum();
        let stored = |cell: &Cell| cell.layers().map(|(_, shapes)| shapes.stored()).sum();
        Self {
            file: path.display().to_string(),
            format,
            bytes,
            unit_nm: layout.unit_nm,
            cells: cells.len(),
            top_cells: top_cells(layout),
            shapes_stored: sum(stored),
            texts_stored: sum(|cell| cell.texts.len()),
            instances_stored: sum(|cell| cell.instances.len()),
            layers: layers(layout),
            lost: losses.iter().map(ToString::to_string).collect(),
        }
    }

    /// The tables a person reads.
    fn text(&self) -> String {
        let mut text = format!(
            "{}\n{}, {} bytes, database unit {} nm\n{} cells, {} shapes, {} texts, {} instances as stored\n",
            self.file,
            self.format,
            self.bytes,
            self.unit_nm,
            self.cells,
            self.shapes_stored,
            self.texts_stored,
            self.instances_stored
        );
        for top in &self.top_cells {
            let _ = write!(
                text,
                "top cell {}: {} shapes and {} instances when flat",
                top.name, top.shapes_flat, top.instances_flat
            );
            let _ = match top.box_um {
                Some([x0, y0, x1, y1]) => writeln!(text, ", ({x0}, {y0})…({x1}, {y1}) µm"),
                None => writeln!(text),
            };
        }
        if !self.layers.is_empty() {
            let _ = writeln!(
                text,
                "{:>12}  {:>12}  {:>14}  {:>10}  name",
                "layer", "shapes", "flat", "texts"
            );
        }
        for layer in &self.layers {
            let _ = writeln!(
                text,
                "{:>12}  {:>12}  {:>14}  {:>10}  {}",
                layer.layer.to_string(),
                layer.shapes_stored,
                layer.shapes_flat,
                layer.texts_stored,
                layer.name.as_deref().unwrap_or("")
            );
        }
        text
    }
}

fn top_cells(layout: &Layout) -> Vec<TopCell> {
    let top = |&id: &layout::CellId| {
        let below = layout.multiplicities(id).into_iter().filter(|(cell, _)| *cell != id);
        let box_um = |b: Bounds| {
            [b.min[0], b.min[1], b.max[0], b.max[1]].map(|v| v * layout.unit_nm / 1000.0)
        };
        Some(TopCell {
            name: layout.cell(id)?.name.clone(),
            shapes_flat: total(layout.layers(id).into_values()),
            instances_flat: total(below.map(|(_, count)| count)),
            box_um: layout.bounds(id, None).map(box_um),
        })
    };
    layout.top_cells().iter().filter_map(top).collect()
}

fn layers(layout: &Layout) -> Vec<LayerInfo> {
    let mut flat: BTreeMap<Layer, u64> = BTreeMap::new();
    for &top in layout.top_cells() {
        for (layer, count) in layout.layers(top) {
            let sum = flat.entry(layer).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    let cells = layout.cells();
    let info = |layer: Layer| LayerInfo {
        layer,
        name: layout.layer_names.get(&layer).cloned(),
        shapes_stored: cells.iter().filter_map(|c| Some(c.shapes(layer)?.stored() as u64)).sum(),
        shapes_flat: flat.get(&layer).copied().unwrap_or(0),
        texts_stored: cells
            .iter()
            .map(|c| c.texts.iter().filter(|t| t.layer == layer).count() as u64)
            .sum(),
    };
    layout.all_layers().into_iter().map(info).collect()
}

fn total(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}
