//! What the fuzz targets share: a file is read, and what was read is walked.

use std::path::Path;

use lithoscope_engine::geometry::Rect;
use lithoscope_engine::layout::read_bytes;

/// Reads bytes as the file `name`; where that succeeds, looks at every cell's layers and boxes and
/// cuts a small clip.
pub fn read_and_walk(name: &str, bytes: &[u8]) {
    let Ok(layout) = read_bytes(Path::new(name), bytes) else { return };
    for &cell in layout.top_cells() {
        for layer in layout.layers(cell).into_keys() {
            let Some(covered) = layout.bounding_box_nm(cell, Some(layer)) else { continue };
            let [x, y] = [covered.min.x, covered.min.y];
            let corner = Rect::new(x, y, x.saturating_add(500), y.saturating_add(500));
            // A refusal is as good an answer as a clip.
            drop(layout.clip(cell, layer, Some(corner)));
        }
    }
}
